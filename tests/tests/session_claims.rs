//! Claims about sessions: what a certificate may say of assertions, and what the verifier must not take.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that breaks should break")]

use leverframe_runtime::frame::{About, Claim, Proof};
use leverframe_tests::certified::Certified;

const TWO_TOOLS: &str = "language 1\nlabel pii sensitive\nlabel other sensitive\ntool t.a()\ntool t.b()\neffect t.a returns other\n";

fn call(tool: &str, args: &str, more: &str) -> String {
    format!(r#"{{"session":"s","persona":"p","tool":"{tool}","args":{args}{more}}}"#)
}

fn of(text: &str, name: &str, proof: Proof) -> Certified {
    let mut certified = Certified::of_text(text).expect("it compiles");
    let about = About::Assertion(name.to_owned());
    certified.certificate.claims.retain(|claim| claim.about != about);
    certified.certificate.claims.push(Claim { about, proof });
    certified
}

fn taken(text: &str, name: &str, proof: Proof) {
    let report = of(text, name, proof).verify().expect("the claim is certified");
    let claim = report.claims.iter().find(|claim| claim.about == About::Assertion(name.to_owned())).expect("it is reported");
    assert!(claim.is_certified(), "{claim:?}");
}

fn refused(text: &str, name: &str, proof: Proof, why: &str) {
    let problems = of(text, name, proof).verify().expect_err("the claim is refused");
    assert!(problems.iter().any(|problem| problem.code == "LF0612" && problem.what.contains(why)), "{problems:?}");
}

#[test]
fn a_session_shows_what_can_be() {
    let text = format!("{TWO_TOOLS}persona p {{ allow t.a, t.b }}\nassert both can p {{ t.a then t.b }}\n");
    taken(&text, "both", Proof::Session(vec![call("t.a", "{}", ""), call("t.b", "{}", "")]));
    refused(&text, "both", Proof::Session(vec![call("t.b", "{}", ""), call("t.a", "{}", "")]), "does not come to");
    refused(&text, "both", Proof::Session(vec![call("t.a", "{}", "") + "\n" + &call("t.b", "{}", "")]), "several");
    refused(&text, "both", Proof::Session(vec![call("t.a", "{}", ""); 200]), "too long");
    refused(&text, "both", Proof::Unreachable(Vec::new()), "no proof that it can");
    let denied = format!("{TWO_TOOLS}persona p {{ allow t.b\n otherwise deny }}\nassert both can p {{ t.a then t.b }}\n");
    refused(&denied, "both", Proof::Session(vec![call("t.a", "{}", ""), call("t.b", "{}", "")]), "not admitted");
}

/// A rule notes more than what has happened: where it overflows, and where a value is lacking.
#[test]
fn a_session_shows_nothing_of_an_assertion_with_variables() {
    let head = "language 1\ntool t.a(x: string)\ntool t.b(x: string?)\n";
    let text = format!("{head}persona p {{ allow t.b\n otherwise deny }}\nassert both can p {{ t.a(x: ?v) then t.b(x: ?v) }}\n");
    refused(&text, "both", Proof::Session(vec![call("t.b", "{}", "")]), "may be noted");
}

#[test]
fn results_carry_only_labels_that_something_gives() {
    let text = format!("{TWO_TOOLS}persona p {{ allow t.a, t.b }}\nassert leak can p {{ any returns pii then t.b }}\n");
    let labelled = |label: &str| call("t.a", "{}", &format!(r#","result":{{"ok":true,"labels":["{label}"]}}"#));
    refused(&text, "leak", Proof::Session(vec![labelled("pii"), call("t.b", "{}", "")]), "that nothing gives");
    let scanned = format!("{text}persona q {{ allow t.a\n scan t.a results for std.email => label pii }}\n");
    refused(&scanned, "leak", Proof::Session(vec![labelled("pii"), call("t.b", "{}", "")]), "that nothing gives");
    // A scan of the persona's own results gives the label where it finds something in what the session shows, and nowhere else.
    let own = text.replace("persona p { allow t.a, t.b }", "persona p { allow t.a, t.b\n scan t.a results for std.email => label pii }");
    let shown = |labels: &str, content: &str| call("t.a", "{}", &format!(r#","result":{{"ok":true{labels},"content":"{content}"}}"#));
    let pii = r#","labels":["pii"]"#;
    refused(&own, "leak", Proof::Session(vec![labelled("pii"), call("t.b", "{}", "")]), "that nothing gives");
    refused(&own, "leak", Proof::Session(vec![shown(pii, "nothing"), call("t.b", "{}", "")]), "that nothing gives");
    for labels in [pii, ""] {
        taken(&own, "leak", Proof::Session(vec![shown(labels, "write to ann@acme.example"), call("t.b", "{}", "")]));
    }
    let text = text.replace("any returns pii", "any returns other");
    taken(&text, "leak", Proof::Session(vec![labelled("other"), call("t.b", "{}", "")]));
}

#[test]
fn a_product_shows_what_never_is() {
    let text = format!("{TWO_TOOLS}persona p {{ allow t.a, t.b }}\nforbid f {{ t.a then t.b }}\nassert no never {{ t.a then t.b }}\n");
    taken(&text, "no", Proof::Unreachable(vec![0]));
    refused(&text, "no", Proof::Unreachable(Vec::new()), "may come to it");
    refused(&text, "no", Proof::Unreachable(vec![0, 0]), "twice");
    refused(&text, "no", Proof::Unreachable(vec![1]), "no such rule");
    let observed = text.replace("t.b }\nassert", "t.b } => observe\nassert");
    refused(&observed, "no", Proof::Unreachable(vec![0]), "may come to it");
    let asks = text.replace("t.b }\nassert", "t.b } => ask by \"x\"\nassert");
    refused(&asks, "no", Proof::Unreachable(vec![0]), "may come to it");
    taken(&asks.replace("never { t.a then t.b }", "never { t.a then t.b } without approval"), "no", Proof::Unreachable(vec![0]));
}

#[test]
fn a_count_and_permissions_have_a_part_in_a_product() {
    let text =
        format!("{TWO_TOOLS}persona p {{ allow t.a\n otherwise deny }}\nlimit l: 3 t.a per session\nassert few never {{ 4 times t.a }}\n");
    taken(&text, "few", Proof::Unreachable(vec![0]));
    refused(&text.replace("4 times", "3 times"), "few", Proof::Unreachable(vec![0]), "may come to it");
    refused(&text.replace("per session", "per 1h"), "few", Proof::Unreachable(vec![0]), "with a window");
    let text = format!("{TWO_TOOLS}persona p {{ allow t.a\n otherwise deny }}\nassert none never {{ t.b }}\n");
    taken(&text, "none", Proof::Unreachable(Vec::new()));
}

/// Products that would take minutes and gigabytes are given up.
#[test]
fn a_product_is_bounded() {
    let arms: Vec<String> = (1..=30).map(|minutes| format!("(t.a then[within {minutes}m] t.b then t.b)")).collect();
    let text = format!("{TWO_TOOLS}persona p {{ allow t.a, t.b }}\nassert y never {{ {} }}\n", arms.join(" or "));
    refused(&text, "y", Proof::Unreachable(Vec::new()), "");
}

#[test]
fn a_frame_that_is_marked_as_proved_makes_every_claim() {
    let text = format!("{TWO_TOOLS}persona p {{ allow t.a, t.b }}\nforbid f {{ t.a then t.b }}\nassert no never {{ t.a then t.b }}\n");
    let mut certified = Certified::of_text(&text).expect("it compiles");
    certified.frame.unproven = false;
    certified.certificate.policy = leverframe_runtime::frame::digest(&certified.frame).expect("it can be written");
    certified.verify().expect("all claims are made");
    let finding = |claim: &Claim| matches!(claim.about, About::Finding(_));
    for index in (0..certified.certificate.claims.len()).filter(|index| !finding(&certified.certificate.claims[*index])) {
        let mut without = Certified::of_text(&text).expect("it compiles");
        without.frame.unproven = false;
        without.certificate.policy = certified.certificate.policy;
        without.certificate.claims.remove(index);
        let problems = without.verify().expect_err("a claim is missing");
        assert!(problems.iter().all(|problem| problem.code == "LF0612"), "{problems:?}");
    }
}
