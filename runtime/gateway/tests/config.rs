//! Configurations: what a whole one says, and that each thing that is wrong is said at its place.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::path::Path;

use leverframe_gateway::config::{Config, Reach, Scope, State, Survives, drawn};

const LEAST: &str = "frame = \"p.frame\"\nlisten = \"127.0.0.1:0\"\n[audit]\npath = \"a.jsonl\"\n";

fn problems(text: &str) -> Vec<(String, String)> {
    let problems = Config::read(text, Path::new("/etc/gate")).expect_err("it is wrong");
    problems.into_iter().map(|problem| (text[problem.at].to_owned(), problem.message)).collect()
}

#[test]
fn what_is_not_said_is_the_strict_choice() {
    let config = Config::read(LEAST, Path::new("/etc/gate")).expect("a configuration");
    assert_eq!(config.frame, Path::new("/etc/gate/p.frame"));
    assert_eq!(config.audit.path, Path::new("/etc/gate/a.jsonl"));
    assert_eq!((config.sessions.scope, config.operator, config.agents.len()), (Scope::Agent, None, 0));
    assert!(config.origins.is_empty() && matches!(config.state, State::Memory));
}

#[test]
fn a_whole_one() {
    let hash = "ab".repeat(32);
    let text = format!(
        r#"frame = "/p.frame"
[audit]
path = "a.jsonl"
[state]
in = "disk"
path = "states"
survives = "power"
[agent.here]
persona = "support"
context = {{ region = "eu", level = 3 }}
[agent.there]
persona = "support"
token_sha256 = "{hash}"
[upstream.crm]
command = ["crm", "--stdio"]
environment = {{ A = "b" }}
[upstream.mail]
url = "https://mail.example/mcp"
headers_from_env = {{ Authorization = "MAIL" }}
"#
    );
    let config = Config::read(&text, Path::new("/etc/gate")).expect("a configuration");
    assert!(matches!(&config.state, State::Disk(path, Survives::Power) if path == Path::new("/etc/gate/states")));
    assert_eq!(config.agents.iter().map(|agent| agent.token.is_some()).collect::<Vec<_>>(), [false, true]);
    assert_eq!(config.agents[0].context, r#"{"level":3,"region":"eu"}"#);
    assert!(matches!(&config.upstreams[0].reach, Reach::Process { command, .. } if command == &["crm", "--stdio"]));
    assert!(matches!(&config.upstreams[1].reach, Reach::Http { headers, .. } if headers[0].1 == "MAIL"));
}

#[test]
fn what_is_wrong_is_said_at_its_place() {
    let with = |more: &str| problems(&format!("{LEAST}{more}"));
    let one = |at: &str, message: &str| vec![(at.to_owned(), message.to_owned())];
    assert_eq!(with("pth = \"x\"\n"), one("pth", "`pth` is not known in `audit`"));
    assert_eq!(with("arguments = \"ful\"\n"), one("\"ful\"", "`audit.arguments` cannot be `ful`"));
    assert_eq!(with("checkpoint = 0\n"), one("0", "`audit.checkpoint` is from 1 to 1000000"));
    assert_eq!(with("checkpoint = \"x\"\n"), one("\"x\"", "`audit.checkpoint` is a whole number, not a text"));
    assert_eq!(with("[sessions]\nidle = \"1 hour\"\n"), one("\"1 hour\"", "`sessions.idle` is no time: `1 hour`"));
    assert_eq!(with("[agent.a]\ntoken_sha256 = \"00\"\npersona = \"p\"\n"), one("\"00\"", "this is no SHA-256"));
    assert_eq!(with("[agent.a]\n"), one("a", "`agent.a.persona` is missing"));
    assert_eq!(with("[upstream.a]\n"), one("a", "neither `command` nor `url` says how this server is reached"));
    assert_eq!(with("[upstream.a]\nurl = \"ftp://x\"\n"), one("\"ftp://x\"", "an address begins with `https://` or `http://`"));
    let twice = format!(
        "[agent.a]\npersona = \"p\"\ntoken_sha256 = \"{h}\"\n[agent.b]\npersona = \"p\"\ntoken_sha256 = \"{h}\"\n",
        h = "0".repeat(64)
    );
    assert_eq!(with(&twice)[0].1, "the agent `b` has the token of the agent `a`");
    let boss = format!("[agent.a]\npersona = \"p\"\ntoken_sha256 = \"{h}\"\n[approver.boss]\ntoken_sha256 = \"{h}\"\n", h = "0".repeat(64));
    assert_eq!(with(&boss)[0].1, "the approver `boss` has the token of the agent `a`");
    assert_eq!(with("[sessions]\nidle = \"1ms\"\n")[1], ("\"1ms\"".to_owned(), "`idle` is at least 60 s".to_owned()));
    assert_eq!(with("[sessions]\nidle = \"60s\"\n")[0].1, "`sessions.idle` is not longer than twice `limits.upstream`");
    let keyless = problems(&LEAST.replace("[audit]", "trusted_keys = []\n[audit]"));
    assert_eq!(keyless[0], ("[]".to_owned(), "no key is trusted, so no frame is".to_owned()));
    assert_eq!(
        with("[agent.a]\npersona = \"p\"\n[agent.b]\npersona = \"p\"\n")[0].1,
        "more than one agent has no token: only one can call by standard input"
    );
    assert_eq!(problems("frame = \"p\"\nframe = \"q\"\n[audit]\npath = \"a\"\n").len(), 1);
    assert_eq!(problems("").len(), 2, "a frame and a log");
}

#[test]
fn problems_are_drawn_beside_their_lines() {
    let text = format!("{LEAST}argumnets = \"full\"\n");
    let problems = Config::read(&text, Path::new("")).expect_err("it is wrong");
    let picture = drawn("gateway.toml", &text, &problems);
    assert!(picture.contains("gateway.toml:5:1") && picture.contains("did you mean `arguments`?"), "{picture}");
}
