//! Pairs of policies, and the word for each.
