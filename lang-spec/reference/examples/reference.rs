//! `reference core POLICY` prints a policy's core; `reference replay POLICY RECORD` prints one decision a line.

use std::path::Path;
use std::process::ExitCode;

use leverframe_reference::{Decision, core_text, elaborate, run, types::quoted};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let told = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["core", policy] => elaborate(Path::new(policy)).map(|policy| core_text(&policy)).map_err(|refusal| refusal.to_string()),
        ["replay", policy, record] => match run(Path::new(policy), Path::new(record)) {
            Ok(decisions) => Ok(decisions.iter().map(line).collect()),
            Err(stop) => Err(stop.to_string()),
        },
        _ => Err("usage: reference core POLICY | reference replay POLICY RECORD".into()),
    };
    match told {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(what) => {
            eprintln!("{what}");
            ExitCode::from(2)
        }
    }
}

fn line(decision: &Decision) -> String {
    let list = |names: &[String]| names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(",");
    let rule = decision.rule.as_deref().map_or("null".to_owned(), quoted);
    format!(
        "{{\"line\":{},\"step\":{},\"tool\":{},\"verdict\":\"{}\",\"rule\":{rule},\"rules\":[{}],\"observed\":[{}],\"code\":\"{}\",\"who\":[{}],\"labels\":[{}],\"at\":{}}}\n",
        decision.line,
        decision.step,
        quoted(&decision.tool),
        decision.verdict.word(),
        list(&decision.rules),
        list(&decision.observed),
        decision.code.word(),
        list(&decision.who),
        list(&decision.labels),
        decision.at
    )
}
