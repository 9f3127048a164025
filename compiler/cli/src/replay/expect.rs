//! Comparing decisions with what the lines of a record expect.
//!
//! In: a decided line. Out: what is not as expected, in words; nothing where the line expects nothing.
//! Source: `lang-spec/traces.md`, [trace.expect].

use super::decision::verdict_word;
use super::judge::Decided;
use serde_json::Value;

/// How the expectations of a run came out.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Lines that expect something.
    pub(crate) compared: u64,
    /// Lines that do not get it.
    pub(crate) unmet: u64,
}

/// What of a line's expectations is not met: nothing where it has none.
pub(crate) fn compare(decided: &Decided<'_, '_>, tally: &mut Tally) -> Vec<String> {
    let expected = decided.call.expect;
    if expected.verdict.is_none() && expected.rule.is_none() && expected.code.is_none() {
        return Vec::new();
    }
    tally.compared += 1;
    let mut differences = Vec::new();
    let parts = [
        ("expect", expected.verdict, Some(verdict_word(decided.verdict))),
        ("expect_rule", expected.rule, decided.rule),
        ("expect_code", expected.code, Some(decided.code)),
    ];
    for (member, wanted, got) in parts {
        if let Some(wanted) = wanted
            && !admits(wanted, got)
        {
            differences.push(format!("`{member}` is {}, the decision has {}", wanted, shown(got)));
        }
    }
    tally.unmet += u64::from(!differences.is_empty());
    differences
}

/// Whether `wanted`, one text or a list of which any will do, has `got` in it; `null` stands for none.
fn admits(wanted: &str, got: Option<&str>) -> bool {
    let is = |value: &Value| match value {
        Value::Null => got.is_none(),
        Value::String(text) => got == Some(text),
        _ => false,
    };
    match serde_json::from_str::<Value>(wanted) {
        Ok(Value::Array(any)) => any.iter().any(is),
        Ok(one) => is(&one),
        Err(_) => false,
    }
}

fn shown(got: Option<&str>) -> String {
    got.map_or_else(|| "none".to_owned(), |text| format!("\"{text}\""))
}

#[cfg(test)]
mod tests {
    use super::admits as wanted;

    #[test]
    fn one_text_or_any_of_a_list() {
        assert!(wanted("\"deny\"", Some("deny")));
        assert!(!wanted("\"deny\"", Some("ask")));
        assert!(wanted("[\"a\", \"b\"]", Some("b")));
        assert!(!wanted("[]", Some("b")));
        assert!(wanted("null", None));
        assert!(!wanted("null", Some("b")));
        assert!(!wanted("7", Some("7")));
    }
}
