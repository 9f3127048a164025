//! One plain e-mail address.
//!
//! Source: `lang-spec/domain-types.md`, [domain.email]; the characters of a local part are those of RFC 5322's dot-atom, less `%` and `!`.

/// The address with its domain in lower case.
pub(crate) fn normal(text: &str) -> Option<String> {
    let (local, domain) = parts(text)?;
    Some(format!("{local}@{domain}"))
}

/// The local part and the normal domain of an address.
pub(crate) fn parts(text: &str) -> Option<(&str, String)> {
    let (local, domain) = text.split_once('@')?;
    let atoms = local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(in_atom));
    if !atoms {
        return None;
    }
    Some((local, normal_domain(domain)?))
}

/// The normal form of what stands behind an `@`.
pub(crate) fn normal_domain(domain: &str) -> Option<String> {
    let labels: Vec<&str> = domain.split('.').collect();
    let numeric = labels.last().is_some_and(|last| last.chars().all(|c| c.is_ascii_digit()));
    (!numeric && labels.iter().all(|label| is_label(label))).then(|| domain.to_ascii_lowercase())
}

fn in_atom(c: char) -> bool {
    c.is_ascii_alphanumeric() || "#$&'*+-/=?^_`{|}~".contains(c)
}

fn is_label(label: &str) -> bool {
    !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_plain_address() {
        assert_eq!(normal("Bob+tag@ACME.Example").as_deref(), Some("Bob+tag@acme.example"));
        for text in [
            "",
            "bob",
            "@a.example",
            "bob@",
            "a@b@c.example",
            "a@b.example.",
            "a..b@c.example",
            "a b@c.example",
            "<a@b.example>",
            "\"a\"@b.example",
            "a@[10.0.0.1]",
            "a@10.0.0.1",
            "a%b@c.example",
            "a!b@c.example",
            "a@b_c.example",
            "a@-b.example",
            "a@\u{430}.example",
            "a@b..example",
        ] {
            assert_eq!(normal(text), None, "{text}");
        }
    }
}
