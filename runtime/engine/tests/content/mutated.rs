//! Messages with a byte or two changed: nothing panics, what serde_json does not read is withheld, and what it reads stays readable. Frames with
//! detectors that are none are refused.

use leverframe_runtime::content::Memory;
use leverframe_runtime::frame::{self, Check, Detector, Recogniser};
use leverframe_runtime::{LoadError, LoadOptions, Policy};
use serde::de::IgnoredAny;

use crate::corpus::{BLOBS, RESULTS};
use crate::policy::{Short, WHO, inspected, policy, redacting};
use crate::random::Random;

fn mutated(random: &mut Random, raw: &str) -> Vec<u8> {
    let mut bytes = raw.replace(['⟦', '⟧'], "").into_bytes();
    for _ in 0..=random.below(2) {
        let at = random.below(bytes.len());
        match random.below(3) {
            0 => bytes[at] = b"\"\\{}[]:,u0e\x00\xff=@4"[random.below(16)],
            1 => drop(bytes.remove(at)),
            _ => bytes.insert(at, bytes[at]),
        }
        if bytes.is_empty() {
            break;
        }
    }
    bytes
}

#[test]
fn changed_messages_are_read_or_withheld() {
    let policy = redacting(&[("tok", "tok_[a-z0-9]{4,}")], &["std.credit_card", "std.email", "tok"]);
    let sources: Vec<&str> = RESULTS.iter().copied().chain(BLOBS.iter().map(|(raw, _)| *raw)).collect();
    let mut random = Random::new(3);
    let mut memory = Memory::default();
    let mut counts = [0; 3];
    for _ in 0..40_000 {
        let source = sources[random.below(sources.len())];
        let raw = mutated(&mut random, source);
        let scanned = policy.scan_result(WHO.0, WHO.1, &raw, &mut memory);
        // That a number has no `f64` is no matter of well-formed JSON.
        let read = serde_json::from_slice::<serde_json::Value>(&raw);
        let valid = read.map_or_else(|error| error.to_string().starts_with("number out of range"), |_| true);
        assert!(valid || scanned.unreadable, "{}", String::from_utf8_lossy(&raw));
        counts[usize::from(scanned.unreadable)] += 1;
        if let Some(redacted) = scanned.redacted {
            assert!(serde_json::from_slice::<IgnoredAny>(&redacted).is_ok(), "{}", String::from_utf8_lossy(&raw));
            counts[2] += 1;
        }
    }
    assert!(counts.iter().all(|count| *count > 2_000), "{counts:?}");
}

#[test]
fn both_readings_of_arguments_agree() {
    let scans = [
        Short { detectors: &["std.credit_card"], deny: true, labels: 1, ..Short::default() },
        Short { detectors: &["std.email", "tok"], labels: 2, ..Short::default() },
    ];
    let policy = policy(&[("tok", "tok_[a-z0-9]{4,}")], &scans);
    let mut random = Random::new(4);
    let mut memory = Memory::default();
    for _ in 0..10_000 {
        let source = RESULTS[random.below(RESULTS.len())];
        let raw = mutated(&mut random, source);
        let Ok(raw) = String::from_utf8(raw) else { continue };
        let scanned = policy.scan_arguments(WHO.0, WHO.1, raw.as_bytes(), &mut memory);
        let hits: Vec<u32> = scanned.denied_by.iter().map(|id| id.0).collect();
        assert_eq!(inspected(&policy, &raw), (scanned.labels, hits), "{raw}");
    }
}

#[test]
fn frames_with_detectors_that_are_none_are_refused() {
    let sound = {
        let policy = redacting(&[("own", "ab")], &["own"]);
        policy.frame().clone()
    };
    let part = sound.detectors[0].parts[0].clone();
    let load = |part: Recogniser| {
        let mut frame = sound.clone();
        frame.detectors = vec![Detector { name: "own".into(), parts: vec![part] }];
        Policy::load(&frame::write(&frame, None).unwrap(), &LoadOptions { accept_unproven: true, ..LoadOptions::default() }).map(|_| ())
    };
    assert_eq!(load(part.clone()), Ok(()));
    let other = |forward: &[u8], reverse: &[u8]| Recogniser { forward: forward.into(), reverse: reverse.into(), check: Check::None };
    for part in [
        other(b"", b""),
        other(&part.reverse, &part.forward),
        other(&part.forward[1..], &part.reverse),
        other(&part.forward, &[part.reverse.as_slice(), &[0]].concat()),
        other(&part.forward, &part.reverse[..part.reverse.len() - 1]),
    ] {
        assert_eq!(load(part), Err(LoadError::Detector));
    }
    let empty = leverframe_compiler::core::Detector {
        name: "own".into(),
        parts: vec![leverframe_compiler::core::DetectorPart::Matches("a*".into())],
    };
    let scan = crate::policy::core_scan(&Short { detectors: &["own"], ..Short::default() });
    let made = leverframe_compiler::detectors::of_scans(&[empty], &[scan]).unwrap();
    assert_eq!(load(made[0].parts[0].clone()), Err(LoadError::Detector));
}
