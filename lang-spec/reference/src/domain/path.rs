//! Absolute paths.
//!
//! Source: `lang-spec/domain-types.md`, [domain.path].

/// The path without `.`, `..`, doubled and trailing slashes.
pub(crate) fn normal(text: &str) -> Option<String> {
    let absolute = text.strip_prefix('/')?;
    if text.contains(['\0', '\\']) || has_encoded_byte(text) {
        return None;
    }
    let mut names: Vec<&str> = Vec::new();
    for name in absolute.split('/') {
        match name {
            "" | "." => {}
            ".." => {
                names.pop()?;
            }
            name => names.push(name),
        }
    }
    Some(format!("/{}", names.join("/")))
}

/// Whether a normal path is a normal root or lies below it.
pub(crate) fn under(path: &str, root: &str) -> bool {
    path == root || root == "/" || path.starts_with(&format!("{root}/"))
}

/// Whether a `%` with two hexadecimal digits stands in the text.
fn has_encoded_byte(text: &str) -> bool {
    text.split('%').skip(1).any(|after| after.len() >= 2 && after.bytes().take(2).all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_of_a_place() {
        for (text, wanted) in [("/a/./b/../c//d/", "/a/c/d"), ("/", "/"), ("//", "/"), ("/a/", "/a"), ("/a/..", "/"), ("/100%", "/100%")] {
            assert_eq!(normal(text).as_deref(), Some(wanted), "{text}");
        }
        for text in ["", "a", "./a", "/..", "/a/../..", "/a\\b", "/a\0", "/%2e%2e/a", "C:/x"] {
            assert_eq!(normal(text), None, "{text}");
        }
    }

    #[test]
    fn under_compares_whole_names() {
        assert!(under("/srv", "/srv") && under("/srv/a", "/srv") && under("/x", "/"));
        assert!(!under("/srvx", "/srv") && !under("/", "/srv"));
    }
}
