//! Pairs of policies by hand: every word, every kind of change.

use super::{Direction, Word, diff};
use crate::difference::{Answer, Change, Difference};
use crate::report::WitnessStep;

const TOOLS: &str = "label secret sensitive
event user.seen()
tool t.a(n: int 0..=99)
tool t.b(s: string?)
tool t.c(who: string)
tool t.d()
effect t.d returns secret
";

/// A policy with these members of its one persona, and these rules.
fn policy(members: &str, rules: &str) -> String {
    format!("{TOOLS}persona p {{\n{members}\n}}\n{rules}\n")
}

fn free(rules: &str) -> String {
    policy("allow t.a, t.b, t.c, t.d\notherwise deny", rules)
}

fn permits(old: &str, new: &str) -> Difference {
    diff(&policy(old, ""), &policy(new, ""))
}

fn rules(old: &str, new: &str) -> Difference {
    diff(&free(old), &free(new))
}

/// The tools and verdicts of what changed, and how many calls it takes.
fn shown(difference: &Difference) -> Vec<(&str, Answer, Answer, usize)> {
    let all = difference.allowed.iter().chain(&difference.denied);
    let calls = |change: &Change| change.witness.iter().filter(|step| matches!(step, WitnessStep::Call(_))).count();
    all.map(|change| (change.tool.as_str(), change.old.verdict, change.new.verdict, calls(change))).collect()
}

fn is(difference: &Difference, word: Word) {
    assert_eq!(difference.word, word, "{difference:#?}");
}

#[test]
fn a_condition_that_is_widened_makes_it_looser() {
    let found = permits("allow t.a when n < 10\notherwise deny", "allow t.a when n < 20\notherwise deny");
    is(&found, Word::Looser);
    assert_eq!(shown(&found), [("t.a", Answer::Deny, Answer::Allow, 1)]);
}

#[test]
fn a_condition_in_other_words_is_no_difference() {
    is(&permits("allow t.a when n < 10\notherwise deny", "allow t.a when not (n >= 10)\notherwise deny"), Word::Equivalent);
    is(
        &permits("on t.a { n < 10 => allow, otherwise => deny }\notherwise deny", "allow t.a when n < 10\notherwise deny"),
        Word::Equivalent,
    );
}

#[test]
fn a_condition_that_is_moved_makes_it_incomparable() {
    let found = permits("allow t.a when n < 10\notherwise deny", "allow t.a when n > 5\notherwise deny");
    is(&found, Word::Incomparable);
    assert_eq!((found.allowed.len(), found.denied.len()), (1, 1));
}

#[test]
fn asking_stands_between_allowing_and_denying() {
    let found = permits("allow t.a\notherwise deny", "ask t.a\notherwise deny");
    is(&found, Word::Stricter);
    assert_eq!(shown(&found), [("t.a", Answer::Allow, Answer::Ask, 1)]);
    let found = permits("otherwise deny", "ask t.a\notherwise deny");
    is(&found, Word::Looser);
    assert_eq!(shown(&found), [("t.a", Answer::Deny, Answer::Ask, 1)]);
}

#[test]
fn who_is_asked_and_names_and_reasons_decide_nothing() {
    let found = permits("ask t.a by \"one\"\notherwise deny", "ask t.a by \"another\"\notherwise deny");
    is(&found, Word::Equivalent);
    is(&rules("forbid f \"x\" { t.a then t.b }", "forbid g \"y\" { t.a then t.b }"), Word::Equivalent);
}

#[test]
fn a_rule_that_is_added_makes_it_stricter() {
    let found = rules("", "forbid f { t.a then t.b }");
    is(&found, Word::Stricter);
    assert_eq!(shown(&found), [("t.b", Answer::Allow, Answer::Deny, 2)]);
    assert_eq!(found.denied[0].rule.as_deref(), Some("f"));
    assert_eq!(found.denied[0].new.rules, ["f"]);
}

#[test]
fn a_rule_that_asks_is_less_than_one_that_refuses() {
    let found = rules("forbid f { t.a then t.b }", "forbid f { t.a then t.b } => ask");
    is(&found, Word::Looser);
    assert_eq!(shown(&found), [("t.b", Answer::Deny, Answer::Ask, 2)]);
    is(&rules("forbid f { t.a then t.b } => ask", ""), Word::Looser);
    is(&rules("forbid f { t.a then t.b } => observe", ""), Word::Equivalent);
}

#[test]
fn a_rule_that_ends_the_session_is_more_than_one_that_refuses() {
    let found = rules("forbid f { t.a then t.b }", "forbid f { t.a then t.b } => end session");
    is(&found, Word::Stricter);
    assert_eq!(found.denied[0].new.code, "session_ended");
}

#[test]
fn a_window_makes_a_rule_weaker() {
    let found = rules("forbid f { t.a then[within 10m] t.b }", "forbid f { t.a then[within 5m] t.b }");
    is(&found, Word::Looser);
    assert_eq!(shown(&found), [("t.b", Answer::Deny, Answer::Allow, 2)]);
    is(&rules("require f { t.a before t.b within 10m }", "require f { t.a before t.b within 5m }"), Word::Stricter);
}

#[test]
fn an_exception_makes_a_rule_weaker() {
    let found = rules("forbid f { t.a then t.b }", "forbid f { t.a then[unless t.d] t.b }");
    is(&found, Word::Looser);
    assert_eq!(shown(&found), [("t.b", Answer::Deny, Answer::Allow, 3)]);
}

#[test]
fn a_rule_that_others_imply_may_go() {
    is(&rules("forbid f { t.a then t.b }\nforbid g { t.a then t.d then t.b }", "forbid f { t.a then t.b }"), Word::Equivalent);
    let all = "allow t.a, t.c, t.d\notherwise deny";
    is(&diff(&policy(all, "forbid f { t.a then t.b }"), &policy(all, "")), Word::Equivalent);
}

#[test]
fn rules_with_variables_are_compared() {
    let found = rules("", "forbid f { t.b(s: ?x) then t.c(who: ?x) }");
    is(&found, Word::Stricter);
    is(&rules("forbid f { t.b(s: ?x) then t.c(who: ?x) }", "forbid f { t.b(s: ?x) then t.c(who: ?x) }"), Word::Equivalent);
    let found = rules("forbid f { t.b(s: ?x) then t.c(who: ?x) }", "forbid f { t.b then t.c }");
    is(&found, Word::Unknown);
    assert!(!found.denied.is_empty() && found.allowed.is_empty(), "{found:#?}");
    assert!(found.unknown.iter().all(|doubt| doubt.direction == Direction::Allowed && doubt.reason.contains("64 values")), "{found:#?}");
}

#[test]
fn limits_are_compared_by_number_and_window() {
    for (number, steps) in [(2, 3), (30, 31), (1000, 1001)] {
        let found = rules(&format!("limit {} t.a per session", number + 5), &format!("limit {number} t.a per session"));
        is(&found, Word::Stricter);
        assert_eq!(shown(&found), [("t.a", Answer::Allow, Answer::Deny, steps)]);
    }
    is(&rules("limit 3 t.a per 1h", "limit 3 t.a per 2h"), Word::Stricter);
    is(&rules("limit 30 t.a per 1h", "limit 20 t.a per 1h"), Word::Stricter);
    is(&rules("limit 3 t.a per 1h", "limit 2 t.a per 10m"), Word::Incomparable);
    is(&rules("limit sum(n) of t.a to 500 per session", "limit sum(n) of t.a to 1_000 per session"), Word::Looser);
}

#[test]
fn labels_have_to_come_about() {
    let found = permits("allow t.d\nallow t.a\notherwise deny", "allow t.d\nallow t.a when not session has secret\notherwise deny");
    is(&found, Word::Stricter);
    assert_eq!(shown(&found), [("t.a", Answer::Allow, Answer::Deny, 2)]);
    // A host may label any result.
    let found = permits("allow t.b\notherwise deny", "allow t.b\nallow t.a when session has secret\notherwise deny");
    is(&found, Word::Looser);
    // But where no call is admitted there is no result.
    let found = permits("otherwise deny", "allow t.a when session has secret\notherwise deny");
    is(&found, Word::Equivalent);
}

#[test]
fn another_declared_label_is_not_known_where_it_is_read() {
    let one = policy("allow t.d\nallow t.a when not session has secret\notherwise deny", "");
    let other = one.replace("effect t.d returns secret\n", "");
    let found = diff(&one, &other);
    is(&found, Word::Unknown);
    assert!(found.unknown.iter().any(|doubt| doubt.about == "results of `t.d`"), "{found:#?}");
    let unread = |text: &str| text.replace(" when not session has secret", "");
    is(&diff(&unread(&one), &unread(&other)), Word::Equivalent);
}

#[test]
fn personas_come_and_go() {
    let one = free("");
    let two = format!("{one}persona q {{ allow t.a\n otherwise deny }}\n");
    let found = diff(&one, &two);
    is(&found, Word::Looser);
    assert_eq!((found.allowed[0].persona.as_str(), found.allowed[0].old.code), ("q", "unknown_persona"));
    let idle = format!("{one}persona q {{ otherwise deny }}\n");
    is(&diff(&one, &idle), Word::Equivalent);
}

#[test]
fn tools_come_and_go() {
    let one = free("forbid f { t.a then t.b }");
    let two = format!("tool t.new()\n{}", one.replace("allow t.a", "allow t.new, t.a"));
    let found = diff(&one, &two);
    is(&found, Word::Looser);
    assert_eq!((found.allowed.len(), found.allowed[0].old.code), (1, "unknown_tool"));
    is(&diff(&one, &format!("tool t.new()\n{one}")), Word::Equivalent);
}

#[test]
fn arguments_are_compared() {
    let one = free("");
    let found = diff(&one, &one.replace("0..=99", "0..=100"));
    is(&found, Word::Looser);
    assert_eq!(found.allowed[0].old.code, "malformed_arguments");
    is(&diff(&one, &one.replace("tool t.d()", "tool t.d(more: string?)")), Word::Looser);
    let found = diff(&one, &one.replace("t.c(who: string)", "t.c(who: int)"));
    assert!(matches!(found.word, Word::Incomparable | Word::Unknown), "{found:#?}");
    let closed = policy("allow t.a\notherwise deny", "");
    is(&diff(&closed, &closed.replace("t.c(who: string)", "t.c(who: int)")), Word::Equivalent);
}

#[test]
fn events_that_one_policy_alone_has_are_nothing_to_the_other() {
    let one = free("require f { user.seen before t.a }");
    let two = free("");
    is(&diff(&one, &two.replace("event user.seen()\n", "")), Word::Looser);
    // With the event the one allows what the other never does.
    let found = diff(&free("require g { t.d before t.a }").replace("event user.seen()\n", ""), &one);
    is(&found, Word::Incomparable);
}

#[test]
fn labels_that_nothing_declares_come_from_the_host() {
    let text = |rules: &str| free(rules).replace("effect t.d returns secret\n", "");
    let found = diff(&text("forbid f { t.c returns secret then t.b }"), &text(""));
    is(&found, Word::Looser);
}

#[test]
fn a_condition_that_may_fail_denies() {
    let one = free("").replace("n: int 0..=99", "n: int");
    let two = format!("{one}forbid f {{ t.a when (n + 1 > 10) then t.d }} => observe\n");
    let found = diff(&one, &two);
    is(&found, Word::Stricter);
    assert_eq!(found.denied[0].new.code, "condition_failed");
}

#[test]
fn a_key_that_is_needed_denies_calls_without() {
    let found = rules("", "limit 3 t.a per 1h per principal => observe");
    is(&found, Word::Stricter);
    assert_eq!(found.denied[0].new.code, "missing_key");
}

#[test]
fn context_that_is_needed_denies_calls_without() {
    let one = format!("context {{ region: \"eu\" | \"us\" }}\n{}", free(""));
    let two = one.replace("allow t.a, t.b", "allow t.a when (context.region == \"eu\" or context.region == \"us\")\nallow t.b");
    let found = diff(&one, &two);
    is(&found, Word::Stricter);
    assert_eq!(found.denied[0].new.code, "missing_context");
}

#[test]
fn scans_that_differ_are_not_searched() {
    let two = format!("{}detector key = matches r\"k[0-9]+\"\nscan t.c arguments for key => deny\n", free(""));
    let found = diff(&free(""), &two);
    is(&found, Word::Unknown);
    is(&diff(&two, &two), Word::Equivalent);
}

#[test]
fn refused_attempts_are_compared() {
    let found = rules("", "forbid f { 3 times denied t.a then t.b }");
    assert!(matches!(found.word, Word::Stricter | Word::Equivalent | Word::Unknown), "{found:#?}");
    let one = policy("allow t.b\nallow t.a when n < 5\notherwise deny", "");
    let two = policy("allow t.b\nallow t.a when n < 5\notherwise deny", "forbid f { denied t.a then t.b }");
    is(&diff(&one, &two), Word::Stricter);
}

#[test]
fn approvals_part_histories() {
    let require = "require f { approved t.d before t.a }";
    let one = policy("allow t.a, t.d\notherwise deny", require);
    let two = policy("allow t.a\nask t.d\notherwise deny", require);
    // One asks about `t.d`; only there an approval can come about, and `t.a` after it.
    let found = diff(&one, &two);
    assert_eq!(found.word, Word::Unknown, "{found:#?}");
    assert!(!found.denied.is_empty());
}

#[test]
fn what_is_said_of_a_session_is_what_the_new_policy_says() {
    let found = rules("forbid f { t.a then t.b }", "forbid f { t.a then t.d }");
    is(&found, Word::Incomparable);
    for (changes, last) in [(&found.allowed, "allow"), (&found.denied, "deny")] {
        let expects: Vec<&str> = changes[0]
            .witness
            .iter()
            .filter_map(|step| match step {
                WitnessStep::Call(call) => Some(call.expect.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(expects.last(), Some(&last), "{expects:?}");
    }
}
