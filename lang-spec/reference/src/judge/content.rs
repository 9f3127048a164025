//! Scans of what calls and results carry.
//!
//! In: the arguments of a call, or a result. Out: the labels that scans find, what they leave, and which deny. Invariants: every scan reads the message as it came;
//! redaction takes no label away; what cannot be read is denied or withheld. Left out: the bound on a search's steps, which only a search that keeps count has.
//! Source: language section 6; `lang-spec/content.md`.

use std::collections::BTreeSet;

use super::detect::{Find, detector, finds};
use super::record::Outcome;
use crate::json::Json;
use crate::limits::{JSON_DEPTH, TEXT_BYTES};
use crate::policy::{Policy, Scan};

pub(crate) use super::detect::is_search;
pub(crate) use super::detectors::BUILT_IN;

/// What scans make of arguments.
pub(crate) struct Arguments<'p> {
    /// What is left of them.
    pub(crate) args: Json,
    /// Those of the scans that found something before or after redaction.
    pub(crate) labels: BTreeSet<String>,
    /// The scans that deny the call.
    pub(crate) denied_by: Vec<&'p Scan>,
}

/// What scans make of a result.
#[derive(Default)]
pub(crate) struct Scanned {
    pub(crate) labels: BTreeSet<String>,
    /// Whether the result is kept back.
    pub(crate) withheld: bool,
}

/// Scans the arguments of a call, takes out what is to be taken out, and scans what is left.
pub(crate) fn arguments<'p>(policy: &'p Policy, persona: &str, tool: &str, args: &Json) -> Arguments<'p> {
    let mut found = Arguments { args: args.clone(), labels: BTreeSet::new(), denied_by: Vec::new() };
    let scans: Vec<&Scan> = policy.scans.iter().filter(|scan| !scan.results && concerns(scan, persona, tool)).collect();
    let Some(first) = scans.first() else { return found };
    // What is malformed is denied anyway.
    if !args.sound() || args.depth() > JSON_DEPTH {
        return found;
    }
    if bytes(args) > TEXT_BYTES {
        found.denied_by.push(first);
        return found;
    }
    let hitting = |args: &Json| -> Vec<&Scan> { scans.iter().copied().filter(|scan| hits(policy, scan, &texts(args))).collect() };
    let before = hitting(args);
    if !before.iter().any(|scan| scan.deny) {
        found.args = redacted(policy, &scans, args);
    }
    let after = hitting(&found.args);
    found.labels = before.iter().chain(&after).flat_map(|scan| scan.labels.iter().cloned()).collect();
    let denying = after.iter().any(|scan| scan.deny);
    // Something that should have been taken out is still there.
    found.denied_by = after.into_iter().filter(|scan| scan.deny || (!denying && scan.redact)).collect();
    found
}

/// Scans a result.
pub(crate) fn results(policy: &Policy, persona: &str, tool: &str, outcome: &Outcome) -> Scanned {
    let scans: Vec<&Scan> = policy.scans.iter().filter(|scan| scan.results && concerns(scan, persona, tool)).collect();
    let message: Vec<&Json> = [&outcome.content, &outcome.structured].into_iter().flatten().map(|content| &content.0).collect();
    if scans.is_empty() || message.is_empty() {
        return Scanned::default();
    }
    let labels = |scans: Vec<&Scan>| scans.into_iter().flat_map(|scan| scan.labels.iter().cloned()).collect();
    let mut read = Vec::new();
    let mut readable = message.iter().all(|json| json.is_text() && json.depth() < JSON_DEPTH);
    if let Some(structured) = &outcome.structured {
        read.extend(texts(&structured.0));
    }
    readable &= outcome.content.as_ref().is_none_or(|content| parts(&content.0, &mut read).is_some());
    if !readable || read.iter().map(String::len).sum::<usize>() > TEXT_BYTES {
        return Scanned { labels: labels(scans), withheld: true };
    }
    let hitting: Vec<&Scan> = scans.into_iter().filter(|scan| hits(policy, scan, &read)).collect();
    Scanned { withheld: hitting.iter().any(|scan| scan.deny), labels: labels(hitting) }
}

/// The labels that scans find in a result of the tool.
#[must_use]
pub fn labels_in(policy: &Policy, persona: &str, tool: &str, outcome: &Outcome) -> BTreeSet<String> {
    results(policy, persona, tool, outcome).labels
}

fn concerns(scan: &Scan, persona: &str, tool: &str) -> bool {
    let in_scope = scan.scope.as_ref().is_none_or(|scope| scope.iter().any(|name| name == persona));
    in_scope && scan.tools.iter().any(|name| name == tool)
}

fn hits(policy: &Policy, scan: &Scan, texts: &[String]) -> bool {
    scan.detectors.iter().any(|name| detector(policy, name).iter().any(|part| texts.iter().any(|text| !finds(part, text).is_empty())))
}

fn bytes(json: &Json) -> usize {
    texts(json).iter().map(String::len).sum()
}

/// The texts of a value: strings, names of members, numbers as they are written.
fn texts(json: &Json) -> Vec<String> {
    match json {
        Json::Null | Json::Bool(_) => Vec::new(),
        Json::Number(text) => vec![text.clone()],
        Json::String(text) => text.iter().cloned().collect(),
        Json::Array(items) => items.iter().flat_map(texts).collect(),
        Json::Object(members) => members.iter().flat_map(|(key, value)| key.iter().cloned().chain(texts(value))).collect(),
    }
}

/// The texts of a result's content; nothing where a part cannot be decoded.
fn parts(content: &Json, read: &mut Vec<String>) -> Option<()> {
    match content {
        Json::Array(items) => items.iter().try_for_each(|item| part(item, read)),
        Json::Object(_) => part(content, read),
        other => {
            read.extend(texts(other));
            Some(())
        }
    }
}

fn part(part: &Json, read: &mut Vec<String>) -> Option<()> {
    let Json::Object(members) = part else {
        read.extend(texts(part));
        return Some(());
    };
    let all = |name: &'static str| part.members().filter(move |(key, _)| *key == name).map(|(_, value)| value);
    let known = |value: &Json| matches!(value.text(), Some("text" | "resource" | "resource_link"));
    if !all("type").all(known) || (all("data").next().is_some() && all("type").next().is_none()) {
        return None;
    }
    for (key, value) in members {
        read.extend(key.iter().cloned());
        match (key.as_deref(), value) {
            (Some("blob"), Json::String(Some(blob))) => read.push(decoded(blob)?),
            (Some("resource"), resource) => self::part(resource, read)?,
            (_, value) => read.extend(texts(value)),
        }
    }
    Some(())
}

/// The text that base64 holds (RFC 4648 section 4, strictly).
fn decoded(blob: &str) -> Option<String> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => Some(u32::from(byte - b'A')),
        b'a'..=b'z' => Some(u32::from(byte - b'a') + 26),
        b'0'..=b'9' => Some(u32::from(byte - b'0') + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let body = blob.trim_end_matches('=');
    let padding = blob.len() - body.len();
    let wanted = (4 - body.len() % 4) % 4;
    if padding != wanted || wanted == 3 {
        return None;
    }
    let mut bytes = Vec::new();
    for group in body.as_bytes().chunks(4) {
        let mut bits = 0_u32;
        for byte in group {
            bits = bits << 6 | digit(*byte)?;
        }
        let spare = match group.len() {
            4 => 0,
            3 => 2,
            _ => 4,
        };
        if bits & ((1 << spare) - 1) != 0 {
            return None;
        }
        let whole = (bits >> spare).to_be_bytes();
        bytes.extend(whole.iter().skip(5 - group.len()));
    }
    String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
}

/// The value with all finds of all `redact` scans replaced.
fn redacted(policy: &Policy, scans: &[&Scan], json: &Json) -> Json {
    let again = |json: &Json| redacted(policy, scans, json);
    let text = |text: &str| replaced(policy, scans, text);
    match json {
        Json::Null | Json::Bool(_) => json.clone(),
        Json::Number(number) => text(number).map_or_else(|| json.clone(), |text| Json::String(Some(text))),
        Json::String(string) => Json::String(string.as_ref().map(|string| text(string).unwrap_or_else(|| string.clone()))),
        Json::Array(items) => Json::Array(items.iter().map(again).collect()),
        Json::Object(members) => {
            let key = |key: &Option<String>| key.as_ref().map(|key| text(key).unwrap_or_else(|| key.clone()));
            Json::Object(members.iter().map(|(name, value)| (key(name), again(value))).collect())
        }
    }
}

/// A text with what is found replaced; nothing where nothing is.
fn replaced(policy: &Policy, scans: &[&Scan], text: &str) -> Option<String> {
    let names = scans.iter().filter(|scan| scan.redact).flat_map(|scan| &scan.detectors);
    let mut found: Vec<(Find, &String)> = Vec::new();
    for name in names {
        let of_name = detector(policy, name).into_iter().flat_map(|part| finds(&part, text));
        found.extend(of_name.map(|find| (find, name)));
    }
    // Stable: of those that begin together the first scan's, and in it the first detector's, stays in front.
    found.sort_by_key(|((start, _), _)| *start);
    let mut united: Vec<(Find, &String)> = Vec::new();
    for (find, name) in found {
        match united.last_mut() {
            Some((last, _)) if find.0 < last.1 => last.1 = last.1.max(find.1),
            _ => united.push((find, name)),
        }
    }
    if united.is_empty() {
        return None;
    }
    let mut out = String::new();
    let mut done = 0;
    for ((start, end), name) in united {
        out += text.get(done..start).unwrap_or_default();
        out += &format!("[redacted:{name}]");
        done = end;
    }
    Some(out + text.get(done..).unwrap_or_default())
}
