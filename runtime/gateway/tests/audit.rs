//! The log: what it says holds when it is read again, and what was done to it is found.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use ed25519_dalek::pkcs8::EncodePrivateKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::{SigningKey, VerifyingKey};
use leverframe_gateway::audit::{Body, Broken, Log, sha256_hex, verify};
use leverframe_gateway::config::{Audit, Logged, Survives};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("audit-{name}-{}", std::process::id()));
        drop(fs::remove_dir_all(&path));
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn config(&self, checkpoint: u64) -> Audit {
        let key = self.0.join("key.pem");
        let secret = SigningKey::from_bytes(&[7; 32]).to_pkcs8_pem(LineEnding::LF).expect("a key");
        fs::write(&key, secret.as_bytes()).expect("a file");
        Audit { path: self.0.join("log"), arguments: Logged::Hash, survives: Survives::Power, checkpoint, key: Some(key) }
    }

    fn text(&self) -> String {
        fs::read_to_string(self.0.join("log")).expect("a log")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn public() -> VerifyingKey {
    SigningKey::from_bytes(&[7; 32]).verifying_key()
}

fn written(folder: &Folder, lines: i64) {
    let (log, torn) = Log::open("g", &folder.config(3)).expect("a log");
    assert_eq!(torn, None);
    for at in 0..lines {
        log.write(&Body::Stop { at, kind: "agent", name: "a", stopped: true }).expect("a line");
    }
}

#[test]
fn a_log_goes_on_where_it_ended() {
    let folder = Folder::new("goes-on");
    written(&folder, 4);
    written(&folder, 4);
    let head = verify(Cursor::new(folder.text()), Some(&public()), None).expect("a whole log");
    assert_eq!((head.lines, head.checkpoints), (11, 3), "eight lines, a checkpoint after three, and one for what was left unsigned");
    assert_eq!(head.hash, sha256_hex(folder.text().lines().last().expect("a line").as_bytes()));
}

#[test]
fn a_line_that_breaks_off_is_taken_off_and_given_back() {
    let folder = Folder::new("torn");
    written(&folder, 2);
    fs::write(folder.0.join("log"), folder.text() + "{\"version\":1,\"se").expect("a file");
    let (log, torn) = Log::open("g", &folder.config(9)).expect("a log");
    assert_eq!(torn.as_deref(), Some(&b"{\"version\":1,\"se"[..]));
    log.close(5).expect("an end");
    assert_eq!(verify(Cursor::new(folder.text()), Some(&public()), None).expect("a whole log").unsigned, 0);
}

#[test]
fn one_process_writes_and_what_is_no_log_is_left_alone() {
    let folder = Folder::new("alone");
    let (_log, _) = Log::open("g", &folder.config(9)).expect("a log");
    assert!(Log::open("g", &folder.config(9)).is_err(), "another writes it");
    let other = Folder::new("foreign");
    fs::write(other.0.join("log"), "my diary\n").expect("a file");
    assert!(Log::open("g", &other.config(9)).is_err());
    assert_eq!(other.text(), "my diary\n");
}

#[test]
fn every_change_of_one_byte_is_found() {
    let folder = Folder::new("bytes");
    written(&folder, 5);
    let text = folder.text();
    let last = text.trim_end().rfind('\n').expect("more than one line") + 1;
    // Of the last line nothing stands in another; a line that was kept elsewhere binds it.
    let head = verify(Cursor::new(&text), Some(&public()), None).expect("a whole log");
    for at in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1;
        let kept = (at >= last).then_some((head.lines, head.hash.as_str()));
        assert!(verify(Cursor::new(bytes), Some(&public()), kept).is_err(), "byte {at}");
    }
}

#[test]
fn lines_left_out_moved_or_written_anew_are_found() {
    let folder = Folder::new("lines");
    written(&folder, 7);
    let text = folder.text();
    let lines: Vec<&str> = text.lines().collect();
    let check = |lines: &[&str], key: Option<&VerifyingKey>| verify(Cursor::new(lines.join("\n") + "\n"), key, None);
    for at in 0..lines.len() - 1 {
        let mut without = lines.clone();
        without.remove(at);
        assert!(check(&without, None).is_err(), "without line {at}");
        let mut moved = lines.clone();
        moved.swap(at, at + 1);
        assert!(check(&moved, None).is_err(), "line {at} moved");
    }
    // Whoever writes all of it anew is found by the key alone.
    let other = Folder::new("anew");
    let (log, _) = Log::open("g", &Audit { key: None, ..other.config(3) }).expect("a log");
    log.write(&Body::End { at: 0 }).expect("a line");
    let forged = other.text().trim_end().to_owned();
    let before = sha256_hex(forged.as_bytes());
    let checkpoint = lines.iter().find(|line| line.contains("\"checkpoint\"")).expect("a checkpoint");
    let parts: (&str, &str) = checkpoint.split_once("\"id\"").expect("an id");
    let pasted = format!("{{\"version\":1,\"seq\":2,\"before\":\"{before}\",\"id\"{}", parts.1);
    assert!(check(&[&forged, &pasted], None).is_ok(), "without a key nobody can say");
    assert!(matches!(check(&[&forged, &pasted], Some(&public())), Err(Broken::Line { line: 2, .. })));
}
