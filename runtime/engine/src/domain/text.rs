//! Predicates over plain strings that the standard library does not have.
//!
//! In: a pattern of the policy and a string of a call, both as they are: no folding of case, width, composition or script.
//! Out: whether the whole string matches.
//! Left out on purpose: an escape for `*`; a literal star is what `contains` and `matches` are for.
//! Source: clause 4 of the language (`like`) and its fine print.

/// Whether all of `text` matches `pattern`, in which `*` stands for any characters, none included.
///
/// # Limits
/// Linear in both: between the stars, the leftmost find of each piece is as good as any other, so nothing is tried twice.
#[must_use]
pub fn like(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let (pieces, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    let middle = text.strip_prefix(first).and_then(|text| text.strip_suffix(last));
    let Some(mut text) = middle else {
        return false;
    };
    for piece in pieces.split('*') {
        match text.split_once(piece) {
            Some((_, after)) => text = after,
            None => return false,
        }
    }
    true
}
