//! What an author may have meant by a name that does not exist.
//!
//! In: the name and those that exist. Out: the nearest one, if it is near. Invariant: the answer does not depend on the order of the candidates.

/// The candidate that is the fewest typing errors away from `name`, if those are at most a third of its letters.
///
/// # Limits
/// Compares every candidate: the product of both lengths each.
#[must_use]
pub fn suggest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = (name.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| candidate.len().abs_diff(name.len()) <= most * 4)
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= most)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Typing errors between two names; a wrong case is less than one.
fn distance(name: &str, candidate: &str) -> usize {
    if name.eq_ignore_ascii_case(candidate) {
        return 0;
    }
    strsim::damerau_levenshtein(name, candidate)
}

#[cfg(test)]
mod tests {
    use super::suggest;

    #[test]
    fn the_nearest_name_is_suggested_and_a_far_one_is_not() {
        assert_eq!(suggest("crm.get_custmer", ["crm.get_customer", "crm.get_orders"]), Some("crm.get_customer"));
        assert_eq!(suggest("PII", ["pii", "pie"]), Some("pii"));
        assert_eq!(suggest("pi", ["outsider"]), None);
        assert_eq!(suggest("ab", ["ad", "ac"]), Some("ac"));
    }
}
