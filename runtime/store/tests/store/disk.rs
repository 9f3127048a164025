//! Sessions on disk: what survives, and what is refused.

use std::fs;
use std::path::{Path, PathBuf};

use leverframe_runtime::{Code, Verdict};
use leverframe_store::{Durability, OpenError, Options, Sessions, Unavailable, create_on_disk};

use crate::kills::{Victim, run};
use crate::policy::{HALVES, SESSIONS_ONLY, admitted, compile, complete, decide, open};
use crate::servers::Folder;

const RULED: (Verdict, Code) = (Verdict::Deny, Code::Rule);

fn made() -> (Folder, PathBuf) {
    let folder = Folder::new();
    let path = folder.0.join("store");
    create_on_disk(&path, &compile(HALVES)).unwrap();
    (folder, path)
}

fn opened(path: &Path) -> Result<Sessions, OpenError> {
    Sessions::on_disk(compile(HALVES), Options { idle_ms: Some(1_000), ..Options::default() }, path, Durability::Process)
}

/// A store in which some sessions have made a first half, closed.
fn filled(count: usize) -> (Folder, PathBuf) {
    let (folder, path) = made();
    let sessions = opened(&path).unwrap();
    for number in 0..count {
        let handle = open(&sessions, &format!("s{number}"), Some(&format!("p{number}")), 0).unwrap();
        assert!(admitted(&sessions, &handle, if number % 2 == 0 { "s.a" } else { "p.a" }, 0));
    }
    (folder, path)
}

/// Whether every first half of [`filled`] is remembered.
fn remembers(sessions: &Sessions, count: usize) -> bool {
    (0..count).all(|number| {
        let handle = open(sessions, &format!("s{number}"), Some(&format!("p{number}")), 1).unwrap();
        decide(sessions, &handle, if number % 2 == 0 { "s.b" } else { "p.b" }, 1) == RULED
    })
}

#[test]
fn what_was_decided_is_there_again() {
    for durability in [Durability::Process, Durability::Power] {
        let (_folder, path) = made();
        let at = || Sessions::on_disk(compile(HALVES), Options::default(), &path, durability).unwrap();
        let sessions = at();
        let handle = open(&sessions, "one", Some("u"), 0).unwrap();
        assert!(admitted(&sessions, &handle, "s.a", 0) && admitted(&sessions, &handle, "p.a", 0));
        complete(&sessions, &handle, "t.label", 0).unwrap();
        drop((sessions, handle));
        let sessions = at();
        assert_eq!(sessions.counts(), (1, 1, 0));
        let handle = open(&sessions, "one", None, 1).unwrap();
        assert_eq!((decide(&sessions, &handle, "s.b", 1), decide(&sessions, &handle, "t.leak", 1)), (RULED, RULED));
        let other = open(&sessions, "two", Some("u"), 1).unwrap();
        assert_eq!(decide(&sessions, &other, "p.b", 1), RULED);
    }
}

#[test]
fn threads_that_wait_for_the_disk_together() {
    let (_folder, path) = made();
    let sessions = Sessions::on_disk(compile(HALVES), Options::default(), &path, Durability::Power).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let sessions = &sessions;
            scope.spawn(move || {
                for number in 0..20 {
                    let handle = open(sessions, &format!("{thread}-{number}"), None, 0).unwrap();
                    assert!(admitted(sessions, &handle, "s.a", 0));
                }
            });
        }
    });
    drop(sessions);
    assert_eq!(opened(&path).unwrap().counts(), (160, 0, 0));
}

#[test]
fn expired_sessions_stay_expired() {
    let (_folder, path) = filled(4);
    let sessions = opened(&path).unwrap();
    let two = open(&sessions, "s2", None, 900).unwrap();
    assert!(admitted(&sessions, &two, "t.free", 900));
    sessions.sweep(1_500).unwrap();
    drop((sessions, two));
    let sessions = opened(&path).unwrap();
    assert_eq!(sessions.counts(), (1, 4, 3));
    assert_eq!(open(&sessions, "s0", None, 1_500).unwrap_err(), Unavailable::Expired);
    assert!(open(&sessions, "s2", None, 1_500).is_ok());
}

#[test]
fn a_store_is_made_once_opened_once_and_never_by_opening() {
    let (folder, path) = made();
    assert!(matches!(create_on_disk(&path, &compile(HALVES)), Err(OpenError::Present(_))));
    assert!(matches!(opened(&folder.0.join("elsewhere")), Err(OpenError::Absent(_))));
    let sessions = opened(&path).unwrap();
    assert!(matches!(opened(&path), Err(OpenError::Unreachable(_))), "another has it");
    drop(sessions);
    fs::remove_file(path.join("acknowledged")).unwrap();
    assert!(matches!(opened(&path), Err(OpenError::Absent(_))));
}

#[test]
fn kinds_of_keys_that_were_not_kept_are_refused() {
    let folder = Folder::new();
    let path = folder.0.join("store");
    create_on_disk(&path, &compile(SESSIONS_ONLY)).unwrap();
    assert_eq!(opened(&path).unwrap_err(), OpenError::NotKept("principals".to_owned()));
    let (_folder, path) = made();
    drop(Sessions::on_disk(compile(SESSIONS_ONLY), Options::default(), &path, Durability::Process).unwrap());
    assert_eq!(opened(&path).unwrap_err(), OpenError::NotKept("principals".to_owned()), "since then they were not kept");
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            files(&entry.path(), found);
        } else {
            found.push(entry.path());
        }
    }
}

fn journal(path: &Path) -> PathBuf {
    let mut found = Vec::new();
    files(path, &mut found);
    found.into_iter().find(|file| file.extension().is_some_and(|ending| ending == "jnl")).expect("a journal")
}

/// Opens a store whose journal was changed: it is refused, or has everything.
fn refused_or_whole(path: &Path, count: usize) -> bool {
    match opened(path) {
        Err(OpenError::Damaged(_) | OpenError::Unreachable(_) | OpenError::Absent(_)) => true,
        Err(other) => panic!("{other}"),
        Ok(sessions) => {
            assert!(remembers(&sessions, count), "it was opened, and has forgotten");
            false
        }
    }
}

fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() { copied(&entry.path(), &target) } else { drop(fs::copy(entry.path(), target).unwrap()) }
    }
}

/// Changes the journal's bytes in a copy of the store, and opens that.
fn with_journal(path: &Path, number: usize, count: usize, change: impl FnOnce(&mut Vec<u8>)) -> bool {
    let copy = Folder::new();
    let place = copy.0.join(number.to_string());
    copied(path, &place);
    let journal = journal(&place);
    let mut bytes = fs::read(&journal).unwrap();
    change(&mut bytes);
    fs::write(&journal, bytes).unwrap();
    refused_or_whole(&place, count)
}

#[test]
fn a_journal_that_was_cut_off_is_refused() {
    const COUNT: usize = 12;
    let (_folder, path) = filled(COUNT);
    let length = fs::read(journal(&path)).unwrap().iter().rposition(|byte| *byte != 0).expect("entries") + 1;
    let cuts: Vec<usize> = (1..40).map(|part| length * part / 40).collect();
    let refused = cuts.iter().filter(|cut| with_journal(&path, **cut, COUNT, |bytes| bytes.truncate(**cut))).count();
    assert_eq!(refused, cuts.len(), "each cut costs an acknowledged decision");
    assert!(!with_journal(&path, 0, COUNT, |_| ()), "the copy as it is has everything");
}

#[test]
fn a_journal_with_a_flipped_bit_is_refused_or_whole() {
    const COUNT: usize = 12;
    let (_folder, path) = filled(COUNT);
    let length = fs::read(journal(&path)).unwrap().iter().rposition(|byte| *byte != 0).expect("entries") + 1;
    let places: Vec<usize> = (0..60).map(|part| length * part / 60).collect();
    let refused = places.iter().filter(|place| with_journal(&path, **place, COUNT, |bytes| bytes[**place] ^= 1 << (**place % 8))).count();
    assert!(refused > 40, "{refused}");
}

#[test]
fn a_damaged_count_is_refused() {
    let (_folder, path) = filled(1);
    let mark = path.join("acknowledged");
    let bytes = fs::read(&mark).unwrap();
    for place in 0..bytes.len() {
        let mut bytes = bytes.clone();
        bytes[place] ^= 4;
        fs::write(&mark, bytes).unwrap();
        assert!(matches!(opened(&path), Err(OpenError::Damaged(_))));
    }
}

#[test]
fn kill_9_forgets_nothing() {
    let kills = run(Victim::Disk, 6, &crate::trial());
    assert!(kills.admitted > 0 && kills.forgotten == 0, "{kills:?}");
}
