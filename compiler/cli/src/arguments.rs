//! Arguments of calls and events as a story shows them.
//!
//! In: JSON. Out: text of a bounded length, with everything that could move a cursor or hide text spelled out.

use crate::limits::{SHOWN_ARGUMENTS_CHARS, SHOWN_VALUE_CHARS};
use crate::output::{printable, shortened};
use crate::trace::line;

/// Arguments, one deep, each value cut to what a line can hold.
pub(crate) fn arguments(args: &str) -> String {
    let Some(members) = line::shallow(args) else {
        return shortened(&printable(args), SHOWN_VALUE_CHARS);
    };
    let shown = |(name, value): &(String, String)| format!("{}: {}", printable(name), value_text(value));
    let text = members.iter().map(shown).collect::<Vec<_>>().join(", ");
    shortened(&text, SHOWN_ARGUMENTS_CHARS)
}

fn value_text(json: &str) -> String {
    match serde_json::from_str::<String>(json) {
        Ok(text) => format!("\"{}\"", shortened(&printable(&text), SHOWN_VALUE_CHARS)),
        Err(_) => shortened(&printable(json), SHOWN_VALUE_CHARS),
    }
}

#[cfg(test)]
mod tests {
    use super::arguments;

    #[test]
    fn arguments_read_like_a_call() {
        assert_eq!(arguments(r#"{"to":"a@b.example","n":[1, 2]}"#), "to: \"a@b.example\", n: [1, 2]");
        assert_eq!(arguments("{}"), "");
        assert_eq!(arguments("[1]"), "[1]");
        assert_eq!(arguments(r#"{"n":1,"n":2}"#), "n: 1, n: 2");
    }

    #[test]
    fn what_a_record_smuggles_is_spelled_out() {
        assert_eq!(arguments(r#"{"to":"a\u001b[2J"}"#), "to: \"a\\u{1b}[2J\"");
        assert!(arguments(&format!(r#"{{"body":"{}"}}"#, "x".repeat(500))).chars().count() < 80);
    }
}
