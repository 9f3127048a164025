//! Paths of modules and catalogs, by their spelling alone.
//!
//! In: the importing file's path and what the import says. Out: one spelling for one place. Left out: links, which only the system knows.
//! Source: `lang-spec/catalogs.md`, [names.modules].

/// What `file` means in the directory of the file at `importer`: `.` and `..` resolved, `/` between the parts.
#[must_use]
pub fn join(importer: &str, file: &str) -> String {
    let directory = if file.starts_with('/') { "" } else { importer.rsplit_once('/').map_or("", |(directory, _)| directory) };
    let absolute = file.starts_with('/') || importer.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in directory.split('/').chain(file.split('/')) {
        match (part, parts.last()) {
            ("" | ".", _) => {}
            ("..", Some(last)) if *last != ".." => {
                parts.pop();
            }
            ("..", None) if absolute => {}
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if absolute { format!("/{joined}") } else { joined }
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn one_place_has_one_spelling() {
        assert_eq!(join("", "./a/../policy.lever"), "policy.lever");
        assert_eq!(join("policies/a.lever", "org/b.lever"), "policies/org/b.lever");
        assert_eq!(join("policies/a.lever", "../b.lever"), "b.lever");
        assert_eq!(join("a.lever", "../../b.lever"), "../../b.lever");
        assert_eq!(join("../x/a.lever", "../b.lever"), "../b.lever");
        assert_eq!(join("/p/a.lever", "../../b.lever"), "/b.lever");
        assert_eq!(join("p/a.lever", "/etc//b.lever"), "/etc/b.lever");
    }
}
