//! A session that shows a finding, as a short story.
//!
//! In: the steps of a witness. Out: one line a step: its number, its session, what happens, how long after the first step, and what the runtime says.
//! Text from the policy is shown with everything that could move a cursor or hide text spelled out.

use std::collections::HashMap;

use leverframe_checker::WitnessStep;
use leverframe_checker::report::WitnessCall;
use serde_json::{Map, Value};

use super::elapsed::elapsed;
use crate::arguments::arguments;
use crate::output::{BOLD, DIM, GREEN, RED, YELLOW, printable, styled};

/// The story; no line break at its end.
pub(crate) fn story(steps: &[WitnessStep]) -> String {
    let begin = steps.first().map_or(0, time);
    let mut calls = HashMap::new();
    let lines = steps.iter().zip(1..).map(|(step, number)| {
        if let WitnessStep::Call(WitnessCall { id: Some(id), .. }) = step {
            calls.insert(id.as_str(), number);
        }
        let after = elapsed(u64::try_from(time(step).saturating_sub(begin)).unwrap_or_default());
        format!("  {number:>3} {}", line(step, &calls, &styled(DIM, &format!("at +{after}"))))
    });
    let heading = styled(DIM, "  a session that shows it:");
    std::iter::once(heading).chain(lines).collect::<Vec<_>>().join("\n")
}

fn time(step: &WitnessStep) -> i64 {
    match step {
        WitnessStep::Call(call) => call.at,
        WitnessStep::Result { at, .. } | WitnessStep::Event { at, .. } => *at,
    }
}

/// One step; `calls` says which step a call's id is of.
fn line(step: &WitnessStep, calls: &HashMap<&str, usize>, at: &str) -> String {
    match step {
        WitnessStep::Call(call) => self::call(call, at),
        WitnessStep::Result { result_of, result, .. } => {
            let call =
                calls.get(result_of.as_str()).map_or_else(|| format!("with id {}", printable(result_of)), |step| format!("of step {step}"));
            format!("{} {at}", styled(DIM, &format!("the call {call} {}", came_out(result))))
        }
        WitnessStep::Event { session, event, args, .. } => {
            format!("{} {} {}({}) {at}", printable(session), styled(DIM, "event"), printable(event), of(args))
        }
    }
}

fn call(call: &WitnessCall, at: &str) -> String {
    let style = match call.expect.as_str() {
        "allow" => GREEN,
        "ask" => YELLOW,
        _ => RED,
    };
    let answer = match call.approved {
        Some(true) => ", approved",
        Some(false) => ", refused",
        None => "",
    };
    let result = call.result.as_ref().map(|result| format!("; it {}", came_out(result))).unwrap_or_default();
    let context = if call.context.is_empty() { String::new() } else { format!(" with context ({})", of(&call.context)) };
    format!(
        "{} {} {}({}){context} {at} → {}{answer}{}",
        printable(&call.session),
        styled(DIM, &printable(&call.persona)),
        styled(BOLD, &printable(&call.tool)),
        of(&call.args),
        styled(style, &call.expect),
        styled(DIM, &result)
    )
}

/// A result in words.
fn came_out(result: &Value) -> String {
    let failed = result.get("ok") == Some(&Value::Bool(false));
    let labels: Vec<&str> = result.get("labels").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let labels = if labels.is_empty() { String::new() } else { format!(", carrying {}", printable(&labels.join(", "))) };
    let fields = match result.get("structured") {
        Some(structured) => format!(" with {}", arguments_or_value(structured)),
        None => String::new(),
    };
    format!("{}{labels}{fields}", if failed { "failed" } else { "came back" })
}

fn arguments_or_value(value: &Value) -> String {
    match value {
        Value::Object(fields) => format!("({})", of(fields)),
        other => arguments(&other.to_string()),
    }
}

fn of(args: &Map<String, Value>) -> String {
    arguments(&Value::Object(args.clone()).to_string())
}

#[cfg(test)]
mod tests {
    use leverframe_checker::WitnessStep;
    use leverframe_checker::report::WitnessCall;
    use serde_json::{Map, Value, json};

    use super::story;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    fn call(tool: &str, args: Value, at: i64, expect: &str) -> WitnessCall {
        WitnessCall {
            session: "w".to_owned(),
            persona: "clerk".to_owned(),
            tool: tool.to_owned(),
            args: object(args),
            id: None,
            at,
            principal: None,
            agent: None,
            tenant: None,
            context: Map::new(),
            approved: None,
            result: None,
            expect: expect.to_owned(),
        }
    }

    fn plain(steps: &[WitnessStep]) -> String {
        anstream::adapter::strip_str(&story(steps)).to_string()
    }

    #[test]
    fn a_session_reads_line_by_line() {
        let first =
            WitnessCall { result: Some(json!({"ok": true, "labels": ["pii"]})), ..call("crm.get", json!({"id": "c1"}), 1_000, "allow") };
        let asked = WitnessCall {
            id: Some("c7".to_owned()),
            approved: Some(true),
            context: object(json!({"region": "eu"})),
            ..call("pay.send", json!({"amount": 5}), 3_601_000, "ask")
        };
        let result = json!({"ok": false, "structured": {"status": "late"}});
        let steps = [
            WitnessStep::Call(first),
            WitnessStep::Call(asked),
            WitnessStep::Result { result_of: "c7".to_owned(), at: 3_601_001, result },
            WitnessStep::Call(call("mail.send", json!({"to": "a\u{1b}[2J"}), 3_601_002, "deny")),
        ];
        let lines = [
            "  a session that shows it:",
            "    1 w clerk crm.get(id: \"c1\") at +0s → allow; it came back, carrying pii",
            "    2 w clerk pay.send(amount: 5) with context (region: \"eu\") at +1h → ask, approved",
            "    3 the call of step 2 failed with (status: \"late\") at +1h 1ms",
            "    4 w clerk mail.send(to: \"a\\u{1b}[2J\") at +1h 2ms → deny",
        ];
        assert_eq!(plain(&steps), lines.join("\n"));
    }
}
