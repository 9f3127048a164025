//! Check digits, held to another implementation: python-stdnum, by a script that writes numbers and its own verdicts on them.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::policy::{redacting, without};

fn python() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python/bin/python");
    if own.exists() { own } else { "python3".into() }
}

/// The script's lines: a kind, a verdict and a number each; none where python-stdnum is not at hand.
fn lines() -> Option<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/content/oracle.py");
    let ran = Command::new(python()).arg(script).output();
    match ran {
        Ok(output) if output.status.success() => Some(String::from_utf8(output.stdout).unwrap()),
        failed => {
            let reason = failed.map_or_else(|error| error.to_string(), |output| String::from_utf8_lossy(&output.stderr).into_owned());
            assert!(std::env::var_os("CI").is_none(), "python-stdnum is missing (bash tests/setup.sh tests): {reason}");
            println!("python-stdnum is missing (bash tests/setup.sh tests), nothing was compared: {reason}");
            None
        }
    }
}

#[test]
fn numbers_are_those_of_python_stdnum() {
    let Some(lines) = lines() else { return };
    let policies = [("card", redacting(&[], &["std.credit_card"])), ("iban", redacting(&[], &["std.iban"]))];
    let mut counts = [[0_usize; 2]; 2];
    for line in lines.lines() {
        let mut fields = line.splitn(3, '\t');
        let (kind, valid, number) = (fields.next().unwrap(), fields.next().unwrap() == "1", fields.next().unwrap());
        let which = policies.iter().position(|(name, _)| *name == kind).unwrap();
        let rest = without(&policies[which].1, number);
        assert_eq!(rest.starts_with('[') && rest.ends_with(']'), valid, "{kind} {number}: {rest}");
        counts[which][usize::from(valid)] += 1;
    }
    assert!(counts.iter().flatten().all(|count| *count > 1_000), "{counts:?}");
}
