//! Where a space stands between two atoms, and where a line may end.
//!
//! In: neighbouring atoms. Out: yes or no. Looks only: the grammar reads the same either way.

use crate::grammar::Rule;

use super::atoms::Atom;

/// Whether a space stands between two atoms of one line.
pub(super) fn space(left: &Atom<'_>, right: &Atom<'_>) -> bool {
    let tight = ends_tight(left) || begins_tight(right, left) || (left.rule == Rule::lbrace && right.rule == Rule::rbrace);
    !tight
}

fn ends_tight(atom: &Atom<'_>) -> bool {
    match atom.rule {
        Rule::lparen | Rule::lbracket | Rule::dot | Rule::range_sign => true,
        Rule::less_sign => atom.parent == Rule::list_type,
        Rule::lbrace => is_tight_brace(atom),
        _ => false,
    }
}

fn begins_tight(atom: &Atom<'_>, left: &Atom<'_>) -> bool {
    match atom.rule {
        Rule::comma | Rule::rparen | Rule::rbracket | Rule::dot | Rule::optional_mark | Rule::range_sign => true,
        Rule::colon => atom.parent != Rule::quantified,
        Rule::less_sign | Rule::greater_sign => atom.parent == Rule::list_type,
        Rule::lbracket => atom.parent == Rule::gap,
        Rule::rbrace => is_tight_brace(atom),
        Rule::lparen => match atom.parent {
            Rule::parameters | Rule::call | Rule::test_arguments | Rule::limit_sum | Rule::limit_distinct => true,
            Rule::arguments => left.rule != Rule::kw_with,
            _ => false,
        },
        _ => false,
    }
}

/// The braces of a record stand close, those of a statement do not.
fn is_tight_brace(atom: &Atom<'_>) -> bool {
    match atom.parent {
        Rule::value_record => true,
        Rule::record_type => !matches!(atom.grandparent, Rule::context_declaration | Rule::refine_declaration),
        _ => false,
    }
}

/// Whether a line may end between two atoms.
pub(super) fn may_break(left: &Atom<'_>, right: &Atom<'_>) -> bool {
    use Rule as R;
    left.rule == R::comma
        || match right.rule {
            R::kw_by => left.rule != R::kw_reset,
            R::string => matches!(right.parent, R::deny_permission | R::deny_permission_overriding | R::rule_head),
            rule => matches!(
                rule,
                R::kw_when
                    | R::kw_and
                    | R::kw_or
                    | R::kw_then
                    | R::kw_before
                    | R::kw_within
                    | R::kw_reset
                    | R::kw_for
                    | R::kw_except
                    | R::kw_without
                    | R::kw_per
                    | R::arrow
                    | R::thin_arrow
            ),
        }
}
