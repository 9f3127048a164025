//! Random records over a policy that has rules of every kind of key.

use std::fmt::Write as _;

/// Rules over every kind of key, so that a wrong order of calls that share one shows.
pub(crate) const SHARED: &str = r#"language 1
label pii sensitive
event user.message(text: string)
tool crm.find(id: string)
tool mail.send(to: string)
tool pay.refund(amount: int)
effect crm.find returns pii
effect mail.send sends

persona support {
  allow crm.find, mail.send
  on pay.refund { amount <= 100 => allow, otherwise => ask by "a team lead" }
  limit 7 crm.find per session
  limit 9 mail.send per 10d per principal
  limit 11 pay.refund per 10d per tenant
  otherwise deny
}

forbid leak { any returns pii then mail.send then any returns pii then mail.send }
require told { user.message before pay.refund }
"#;

/// Numbers that are the same in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }
}

/// Members that a line may have or not have.
fn keys(random: &mut Random, sessions: u64) -> String {
    let session = random.below(sessions);
    let mut text = format!(r#""session":"s{session}""#);
    // Mostly the session's own, sometimes another's: components grow together while the record goes on.
    for (kind, spread, of) in [("principal", 3, sessions / 2 + 1), ("agent", 6, 4), ("tenant", 7, 3)] {
        if random.below(spread) == 0 {
            let who = if random.below(5) == 0 { random.below(of) } else { session % of };
            let _ = write!(text, r#","{kind}":"{kind}{who}""#);
        }
    }
    text
}

fn time(random: &mut Random, line: u64) -> String {
    match random.below(4) {
        0 => String::new(),
        1 if line < 3_600 => format!(r#","at":"2026-11-23T10:{:02}:{:02}Z""#, line / 60, line % 60),
        _ => format!(r#","at":{}"#, 1_795_428_000_000 + line * 1_000 + random.below(3_000)),
    }
}

/// A record with calls, results in their lines and in lines of their own, host events, and now and then a line in error.
pub(crate) fn record(seed: u64, lines: u64, errors: bool) -> String {
    let mut random = Random(seed);
    let sessions = 3 + random.below(60);
    let mut text = String::new();
    let mut waiting: Vec<u64> = Vec::new();
    for line in 0..lines {
        let (keys, at) = (keys(&mut random, sessions), time(&mut random, line));
        match random.below(12) {
            0 => text += &format!(r#"{{{keys},"event":"user.message","args":{{"text":"go"}}{at}}}"#),
            1 | 2 if !waiting.is_empty() => {
                let id = waiting.swap_remove(usize::try_from(random.below(waiting.len() as u64)).unwrap());
                let ok = random.below(3) > 0;
                text += &format!(r#"{{"result_of":"{id}","result":{{"ok":{ok},"content":"x"}}{at}}}"#);
            }
            3 if errors => {
                text += random.one(&[
                    "{",
                    "[]",
                    r#"{"result_of":"none","result":{"ok":true}}"#,
                    r#"{"session":"s1","event":"user.message","args":{"text":7},"at":5}"#,
                    r#"{"session":"s1","event":"user.typed"}"#,
                    r#"{"session":"s1","persona":"support","tool":"crm.find","args":{},"result":{"ok":true,"labels":["x"]}}"#,
                    "",
                ]);
            }
            _ => {
                let (tool, args) = [
                    ("crm.find", r#"{"id":"c"}"#),
                    ("mail.send", r#"{"to":"caf\u00e9"}"#),
                    ("pay.refund", r#"{"amount":50}"#),
                    ("pay.refund", r#"{"amount":500}"#),
                    ("no.such", "{}"),
                ][usize::try_from(random.below(5)).unwrap()];
                let persona = if random.below(40) == 0 { "nobody" } else { "support" };
                text += &format!(r#"{{{keys},"persona":"{persona}","tool":"{tool}","args":{args}{at}"#);
                match random.below(5) {
                    0 => text += r#","result":{"ok":true,"content":"x","labels":["pii"]}"#,
                    1 => text += r#","approved":true"#,
                    2 => {
                        waiting.push(line);
                        text += &format!(r#","id":"{line}""#);
                    }
                    _ => {}
                }
                text += "}";
            }
        }
        text += "\n";
    }
    text
}
