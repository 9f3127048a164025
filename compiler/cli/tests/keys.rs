//! Signing and key files: keys made by OpenSSL, frames signed with them, and the signatures verified by OpenSSL over the message that
//! `lang-spec/frame-format.md` describes. The container is read by hand here, as that page says.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails where these do")]

mod support;

use std::fs;
use std::process::{Command, Output};

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePublicKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use sha2::{Digest, Sha256};

use support::{Bench, exists};

const SMALL: &str = "language 1\ntool t.a()\npersona p { allow t.a otherwise deny }\n";

fn openssl(bench: &Bench, arguments: &[&str]) -> Output {
    let ran = Command::new("openssl").args(arguments).current_dir(&bench.dir).output();
    ran.unwrap_or_else(|error| panic!("openssl, against which signatures are held, does not run ({error}): bash tests/setup.sh tests"))
}

fn made_by_openssl(bench: &Bench, arguments: &[&str]) {
    let output = openssl(bench, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A bench with a policy, a key by OpenSSL (`a.key`, `a.pub`), a frame signed by it (`policy.frame`) and an empty record.
fn signed() -> Bench {
    let bench = Bench::with_policy(SMALL);
    made_by_openssl(&bench, &["genpkey", "-algorithm", "ed25519", "-out", "a.key"]);
    made_by_openssl(&bench, &["pkey", "-in", "a.key", "-pubout", "-out", "a.pub"]);
    let ran = bench.run(&["build", "policy.lever", "-o", "policy.frame", "--sign", "a.key"]);
    assert_eq!(ran.exit, Some(0), "{}{}", ran.out, ran.err);
    bench.write("t.jsonl", "");
    bench
}

/// A public key that OpenSSL did not make, as a PEM file.
fn public(secret: u8) -> String {
    SigningKey::from_bytes(&[secret; 32]).verifying_key().to_public_key_pem(LineEnding::LF).unwrap()
}

/// Replays the empty record where the frame must be signed by one of the keys; the exit code, and what is said.
fn replay(bench: &Bench, frame: &str, keys: &[&str]) -> (Option<i32>, String) {
    let keys = keys.iter().flat_map(|key| ["--key", key]);
    let arguments: Vec<&str> = ["replay", frame, "t.jsonl"].into_iter().chain(keys).collect();
    let ran = bench.run(&arguments);
    (ran.exit, ran.err)
}

fn refused(bench: &Bench, keys: &[&str], words: &[&str]) {
    let (exit, err) = replay(bench, "policy.frame", keys);
    assert_eq!(exit, Some(2), "{keys:?}: {err}");
    assert!(words.iter().all(|word| err.contains(word)), "{keys:?}: {words:?} in {err}");
}

/// A section of a frame.
fn section(frame: &[u8], wanted: u32) -> Option<&[u8]> {
    let number = |at: usize| u32::from_le_bytes(frame[at..at + 4].try_into().unwrap());
    let entry = (0..number(12) as usize).map(|index| 48 + 24 * index).find(|at| number(*at) == wanted)?;
    let (offset, length) = (number(entry + 8) as usize, number(entry + 16) as usize);
    Some(&frame[offset..offset + length])
}

/// A zig-zag varint that is all of `bytes`.
fn varint(bytes: &[u8]) -> i64 {
    let raw = bytes.iter().rev().fold(0u64, |value, byte| value << 7 | u64::from(byte & 0x7f));
    (raw >> 1).cast_signed() ^ -(raw & 1).cast_signed()
}

#[test]
fn openssl_verifies_what_build_signs() {
    let bench = signed();
    let frame = fs::read(bench.path("policy.frame")).unwrap();
    let part = section(&frame, 3).unwrap();
    let (key, rest) = part.split_at(32);
    let (time, signature) = rest.split_at(rest.len() - 64);
    let signed_ms = varint(time);
    made_by_openssl(&bench, &["pkey", "-pubin", "-in", "a.pub", "-outform", "DER", "-out", "a.der"]);
    let der = fs::read(bench.path("a.der")).unwrap();
    assert_eq!(key, Sha256::digest(&der[der.len() - 32..]).as_slice(), "the key's id");
    let age = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis() - u128::try_from(signed_ms).unwrap();
    assert!(age < 600_000, "signed {age} ms ago");
    let message =
        [b"leverframe signature 1\n".as_slice(), &Sha256::digest(section(&frame, 1).unwrap()), key, &signed_ms.to_le_bytes()].concat();
    fs::write(bench.path("signature"), signature).unwrap();
    let verify = ["pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "a.pub", "-sigfile", "signature", "-in", "message"];
    fs::write(bench.path("message"), &message).unwrap();
    let output = openssl(&bench, &verify);
    assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let mut other = message;
    *other.last_mut().unwrap() ^= 1;
    fs::write(bench.path("message"), &other).unwrap();
    assert!(!openssl(&bench, &verify).status.success(), "openssl refuses another message");
}

#[test]
fn a_frame_is_replayed_under_its_key_only() {
    let bench = signed();
    bench.write("b.pub", &public(1));
    assert_eq!(replay(&bench, "policy.frame", &[]), (Some(0), String::new()));
    assert_eq!(replay(&bench, "policy.frame", &["a.pub"]), (Some(0), String::new()));
    assert_eq!(replay(&bench, "policy.frame", &["b.pub", "a.pub"]), (Some(0), String::new()));
    refused(&bench, &["b.pub"], &["policy.frame", "LF0614"]);
    assert_eq!(bench.run(&["build", "policy.lever", "-o", "bare.frame"]).exit, Some(0));
    let (exit, err) = replay(&bench, "bare.frame", &["a.pub"]);
    assert!(exit == Some(2) && err.contains("LF0613"), "{err}");
}

#[test]
fn a_key_is_trusted_until_the_day_in_its_file() {
    let bench = signed();
    let key = bench.read("a.pub");
    for (name, before) in
        [("later.pub", "Expires: 9999-01-31T00:00:00Z\n"), ("told.pub", "The key of the release\r\nExpires: 9999-01-31T01:00:00+01:00\r\n")]
    {
        bench.write(name, &format!("{before}{key}"));
        assert_eq!(replay(&bench, "policy.frame", &[name]), (Some(0), String::new()), "{name}");
    }
    bench.write("past.pub", &format!("Expires: 2001-01-31T00:00:00Z\n{key}"));
    refused(&bench, &["past.pub"], &["policy.frame", "LF0615", "expired"]);
}

/// An expiry that is overlooked would make a key trusted for good.
#[test]
fn an_expiry_is_read_or_refused() {
    let bench = signed();
    let key = bench.read("a.pub");
    let expiry = "Expires: 9999-01-31T00:00:00Z\n";
    for wrong in [
        format!("Expires: tomorrow\n{key}"),
        format!("Expires: 9999-01-31\n{key}"),
        format!("Expires: 9999-01-31T00:00:00\n{key}"),
        format!("expires: 9999-01-31T00:00:00Z\n{key}"),
        format!("Expires 9999-01-31T00:00:00Z\n{key}"),
        format!("Expiry: 9999-01-31T00:00:00Z\n{key}"),
        format!("Valid until 9999-01-31\n{key}"),
        format!("\u{feff}{expiry}{key}"),
        format!("{expiry}{expiry}{key}"),
        format!("{key}{expiry}"),
        key.replacen('\n', &format!("\n{expiry}"), 1),
    ] {
        bench.write("x.pub", &wrong);
        refused(&bench, &["x.pub"], &["x.pub", "LF0616"]);
    }
}

#[test]
fn a_file_that_is_no_public_key_is_named() {
    let bench = signed();
    made_by_openssl(&bench, &["genpkey", "-algorithm", "x25519", "-out", "x25519.key"]);
    made_by_openssl(&bench, &["pkey", "-in", "x25519.key", "-pubout", "-out", "x25519.pub"]);
    let key = bench.read("a.pub");
    // The neutral element: a signature under it holds for everything.
    bench.write(
        "weak.pub",
        "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n-----END PUBLIC KEY-----\n",
    );
    bench.write("cut.pub", &key[..key.len() / 2]);
    bench.write("two.pub", &format!("{key}{}", public(1)));
    bench.write("text.pub", "ssh-ed25519 AAAA\n");
    bench.write("long.pub", &"x".repeat(100_000));
    bench.write("same.pub", &key);
    fs::write(bench.path("bytes.pub"), [0x30, 0xff, 0xfe]).unwrap();
    for (file, words) in [
        ("absent.pub", "No such file"),
        (".", "directory"),
        ("a.key", "private key"),
        ("x25519.pub", "no ed25519 public key"),
        ("weak.pub", "weak"),
        ("cut.pub", "no ed25519 public key"),
        ("two.pub", "more than one"),
        ("text.pub", "no PEM file"),
        ("long.pub", "longer than"),
        ("bytes.pub", "no text"),
    ] {
        refused(&bench, &[file], &[file, "LF0616", words]);
        refused(&bench, &["a.pub", file], &[file, "LF0616", words]);
    }
    refused(&bench, &["a.pub", "same.pub"], &["same.pub", "LF0616", "a.pub"]);
}

#[test]
fn what_cannot_sign_writes_nothing() {
    let bench = signed();
    made_by_openssl(&bench, &["genpkey", "-algorithm", "x25519", "-out", "x25519.key"]);
    made_by_openssl(&bench, &["pkey", "-in", "a.key", "-aes256", "-passout", "pass:word", "-out", "locked.key"]);
    for (file, words) in
        [("absent.key", "No such file"), ("a.pub", "public key"), ("x25519.key", "no ed25519 private key"), ("locked.key", "password")]
    {
        let ran = bench.run(&["build", "policy.lever", "-o", "out", "--sign", file]);
        assert_eq!(ran.exit, Some(2), "{file}: {}", ran.err);
        assert!(ran.err.contains(file) && ran.err.contains("LF0616") && ran.err.contains(words), "{file}: {}", ran.err);
        assert!(!exists(&bench.path("out")), "{file}");
    }
}

#[test]
fn a_frame_without_a_certificate_is_one() {
    let bench = signed();
    let ran = bench.run(&["build", "policy.lever", "-o", "bare.frame", "--no-certificate", "--sign", "a.key"]);
    assert_eq!(ran.exit, Some(0), "{}", ran.err);
    let (bare, whole) = (fs::read(bench.path("bare.frame")).unwrap(), fs::read(bench.path("policy.frame")).unwrap());
    assert_eq!(section(&bare, 2), None);
    assert_eq!(section(&bare, 1), section(&whole, 1));
    assert_eq!(replay(&bench, "bare.frame", &["a.pub"]), (Some(0), String::new()));
}

#[test]
fn a_policy_or_a_signature_with_any_byte_changed_is_refused() {
    let bench = signed();
    let frame = fs::read(bench.path("policy.frame")).unwrap();
    for part in [section(&frame, 1).unwrap(), section(&frame, 3).unwrap()] {
        let begin = part.as_ptr().addr() - frame.as_ptr().addr();
        for at in (begin..begin + part.len()).step_by(part.len() / 12 + 1) {
            let mut changed = frame.clone();
            changed[at] ^= 1;
            // Its checksum put right, as anybody can.
            let sum = Sha256::new().chain_update(&changed[..16]).chain_update(&changed[48..]).finalize();
            changed[16..48].copy_from_slice(&sum);
            fs::write(bench.path("bad.frame"), changed).unwrap();
            let (exit, err) = replay(&bench, "bad.frame", &["a.pub"]);
            assert!(exit == Some(2) && err.contains("LF0614"), "byte {at} of {}: {err}", frame.len());
        }
    }
}
