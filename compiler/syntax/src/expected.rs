//! What a rule of the grammar is called when an error speaks of it.
//!
//! In: the rules that pest tried where it stopped. Out: a list in an author's words.
//! Invariant: names of rules never reach an author.

use crate::grammar::Rule;

/// The most alternatives that one message lists.
const LISTED: usize = 6;

/// `a`, `a or b`, `a, b or c`; `None` where nothing worth saying was expected.
pub(crate) fn list(rules: &[Rule]) -> Option<String> {
    let mut names: Vec<(u8, String)> = rules.iter().filter_map(|rule| name(*rule)).collect();
    names.sort();
    names.dedup();
    if names.len() > LISTED {
        names.retain(|(rank, _)| *rank < 3);
    }
    names.truncate(LISTED);
    let names: Vec<String> = names.into_iter().map(|(_, name)| name).collect();
    let (last, others) = names.split_last()?;
    Some(if others.is_empty() { last.clone() } else { format!("{} or {last}", others.join(", ")) })
}

/// What it is called, and how early it stands in a list.
fn name(rule: Rule) -> Option<(u8, String)> {
    if rule == Rule::EOI {
        return Some((2, "the end of the statement".to_owned()));
    }
    if let Some(words) = construct(rule) {
        return Some((0, words.to_owned()));
    }
    if let Some(sign) = sign(rule) {
        return Some((2, format!("`{sign}`")));
    }
    if let Some(sign) = continuing_sign(rule) {
        return Some((3, format!("`{sign}`")));
    }
    let name = format!("{rule:?}");
    name.strip_prefix("kw_").map(|word| (1, format!("`{word}`")))
}

fn construct(rule: Rule) -> Option<&'static str> {
    use Rule as R;
    Some(match rule {
        R::label_kind => "`sensitive` or `untrusted`",
        R::name | R::any_name | R::word | R::rule_head | R::permission_name | R::quoted_name => "a name",
        R::field | R::field_name | R::argument | R::argument_field | R::value_field | R::measured_field => "a field's name",
        R::path => "a name",
        R::tools | R::glob | R::glob_tail | R::glob_start => "a tool, a group or a glob",
        R::event | R::target | R::event_mode | R::target_list => "an event",
        R::sequence | R::one | R::sequence_group | R::protocol_body | R::protocol_item | R::protocol_group => "a sequence",
        R::repeated | R::within_group => return None,
        R::requirement => "an event",
        R::condition | R::conjunction | R::negation | R::quantified | R::comparison => "a condition",
        R::sum | R::product | R::postfix | R::primary | R::value | R::argument_value | R::literal => "a value",
        R::variable => "a variable such as `?order`",
        R::comparison_tail | R::comparison_operator => "a comparison",
        R::presence => "`is present`",
        R::string | R::plain_string | R::raw_string => "a string",
        R::natural | R::integer | R::decimal => "a number",
        R::duration => "a duration such as `10m`",
        R::limit_sum => "`sum`",
        R::limit_distinct | R::limit_identical | R::limit_count => "a number",
        R::limit_period => "`per`",
        R::r#type | R::list_type | R::int_type | R::enumeration => "a type",
        R::verdict => "`allow`, `ask` or `deny`",
        R::expected_verdict => "`allow`, `ask` or `deny`",
        R::action => "`deny`, `ask`, `end session` or `observe`",
        R::scan_action => "`deny`, `redact` or `label`",
        R::scan_place => "`arguments` or `results`",
        R::key => "`session`, `principal`, `agent` or `tenant`",
        R::arm | R::otherwise_arm => "an arm",
        R::gap_clause => "`within`, `unless` or `next`",
        R::detector_part => "a detector",
        R::test_step | R::test_as | R::test_wait | R::test_call | R::test_event => "a step of the test",
        R::test_outcome => "`returns`, `fails` or `approved`",
        R::rule_reference => "the name of a rule",
        R::outcome | R::outcome_returns | R::outcome_succeeds | R::outcome_fails => "an outcome",
        R::effect_returns => "`returns`",
        R::effect_sends => "`sends`",
        R::effect_destroys => "`destroys`",
        R::assert_never => "`never`",
        R::assert_always => "`always`",
        R::assert_can => "`can`",
        R::then_step => "`then`",
        R::when_condition | R::event_condition => "`when`",
        R::by_whom | R::by_persona | R::expected_rule => "`by`",
        R::except => "`except`",
        R::extends => "`extends`",
        R::per_key | R::limit_key => "`per`",
        R::capacity => "`capacity`",
        R::reset_clause => "`reset by`",
        R::result_arguments => "`with`",
        R::for_personas => "`for`",
        R::without_approval => "`without approval`",
        R::end_session => "`end session`",
        R::carries => "`carries`",
        R::session_has => "`session has`",
        _ => return None,
    })
}

fn sign(rule: Rule) -> Option<&'static str> {
    use Rule as R;
    Some(match rule {
        R::lbrace | R::record_type => "{",
        R::rbrace => "}",
        R::lparen | R::parameters | R::arguments | R::test_arguments => "(",
        R::rparen => ")",
        R::lbracket | R::gap | R::list | R::value_list => "[",
        R::rbracket => "]",
        R::comma => ",",
        R::colon => ":",
        R::arrow | R::action_clause => "=>",
        R::thin_arrow => "->",
        R::assign => "=",
        R::range_sign => "..=",
        R::less_sign => "<",
        R::greater_sign => ">",
        R::equal_sign => "==",
        R::not_equal_sign => "!=",
        R::less_equal_sign => "<=",
        R::greater_equal_sign => ">=",
        _ => return None,
    })
}

fn continuing_sign(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::dot => ".",
        Rule::plus => "+",
        Rule::minus => "-",
        Rule::star => "*",
        Rule::bar => "|",
        Rule::each_mark => "[]",
        Rule::optional_mark => "?",
        _ => return None,
    })
}
