//! Bytes that are no frame any more, or never were: whatever is done to a frame's bytes, loading refuses them with a code, quickly, in bounded memory, and
//! neither panics nor aborts. What lies with a right checksum is tried in a child process of little memory.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test that breaks should break")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use leverframe_runtime::frame::{self, Branch, Exit, Frame, Function, Predicate, Program, Term};
use leverframe_runtime::{LoadOptions, Policy};
use leverframe_tests::engine::{Compiled, Disk, compile_at};
use leverframe_tests::specimen;
use sha2::{Digest, Sha256};

/// One with variables, one with limits, one with content.
const POLICIES: &[&str] = &["seq-cap-require-window", "seq-limit-sum-per-value", "scan-arguments-redact"];
const OPTIONS: LoadOptions =
    LoadOptions { accept_unproven: true, value_key: [0; 32], require_certificate: false, keys: Vec::new(), now_ms: None };
/// Kibibytes of address space that a child has, its code and stacks included.
const MEMORY_KIB: usize = 400_000;
/// How long the refusals of one child may take.
const TIME: Duration = Duration::from_secs(120);
const HEADER: usize = 48;
const ENTRY: usize = 24;

fn compiled(name: &str) -> Compiled {
    let root: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../lang-spec/conformance").join(name).join("policy.lever");
    compile_at(root.to_str().expect("a path of text"), &Disk).unwrap_or_else(|found| panic!("{name}: {found:?}"))
}

fn whole(compiled: &Compiled) -> Vec<u8> {
    let frame = compiled.policy().frame();
    let certificate = specimen::certificate(frame, &compiled.core);
    frame::write(frame, Some(&certificate)).expect("a frame with its certificate")
}

fn code(bytes: &[u8]) -> Option<&'static str> {
    Policy::load(bytes, &OPTIONS).err().map(|error| error.code())
}

#[track_caller]
fn refused(bytes: &[u8], codes: &[&str], what: &str) {
    let code = code(bytes).unwrap_or_else(|| panic!("{what} was loaded"));
    assert!(codes.contains(&code), "{what}: {code}, not one of {codes:?}");
}

const CONTAINER: &[&str] = &["LF0601", "LF0602", "LF0603", "LF0604"];

#[test]
fn every_changed_byte_is_refused() {
    let mut tried = 0;
    for name in POLICIES {
        let bytes = whole(&compiled(name));
        assert_eq!(code(&bytes), None, "{name} itself");
        let mut changed = bytes.clone();
        for at in 0..bytes.len() {
            for mask in [1, 2, 4, 8, 16, 32, 64, 128, 255] {
                changed[at] ^= mask;
                refused(&changed, CONTAINER, &format!("{name}, byte {at} xor {mask}"));
                changed[at] = bytes[at];
                tried += 1;
            }
        }
    }
    println!("{tried} changed frames are refused");
}

#[test]
fn every_cut_and_every_end_that_is_too_long_is_refused() {
    for name in POLICIES {
        let bytes = whole(&compiled(name));
        for length in 0..bytes.len() {
            refused(&bytes[..length], CONTAINER, &format!("{name} cut at {length}"));
            refused(&sealed(&bytes[..length]), &["LF0601", "LF0603"], &format!("{name} cut at {length} with a right checksum"));
        }
        for more in [&[0][..], &[0; 24], &bytes] {
            let longer = [bytes.as_slice(), more].concat();
            refused(&longer, CONTAINER, "bytes after the frame");
            refused(&sealed(&longer), &["LF0603"], "bytes after the last section");
        }
    }
}

/// The same bytes with a right checksum.
fn sealed(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if bytes.len() >= HEADER {
        let sum = Sha256::new().chain_update(&bytes[..16]).chain_update(&bytes[HEADER..]).finalize();
        bytes[16..HEADER].copy_from_slice(&sum);
    }
    bytes
}

/// An entry of the section table.
#[derive(Clone, Copy)]
struct Entry {
    id: u32,
    flags: u32,
    offset: u64,
    length: u64,
}

/// A file with this table, right or not, and a right checksum.
fn file(count: u32, table: &[Entry], body: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x8DLEVER\r\n".to_vec();
    bytes.extend_from_slice(&1_u32.to_le_bytes());
    bytes.extend_from_slice(&count.to_le_bytes());
    bytes.extend_from_slice(&[0; 32]);
    for entry in table {
        bytes.extend_from_slice(&entry.id.to_le_bytes());
        bytes.extend_from_slice(&entry.flags.to_le_bytes());
        bytes.extend_from_slice(&entry.offset.to_le_bytes());
        bytes.extend_from_slice(&entry.length.to_le_bytes());
    }
    bytes.extend_from_slice(body);
    sealed(&bytes)
}

/// The sections of a frame and the table that says where they lie.
fn parts(bytes: &[u8]) -> (Vec<Entry>, Vec<u8>) {
    let four = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
    let eight = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"));
    let count = four(12) as usize;
    let entry = |at: usize| Entry { id: four(at), flags: four(at + 4), offset: eight(at + 8), length: eight(at + 16) };
    let table = (0..count).map(|index| entry(HEADER + index * ENTRY)).collect();
    (table, bytes[HEADER + count * ENTRY..].to_vec())
}

/// Tables that lie about the frame's two sections, each with the codes that it may get.
fn lying_tables(table: &[Entry]) -> Vec<(&'static str, u32, Vec<Entry>)> {
    let (policy, certificate) = (table[0], table[1]);
    let with = |change: &dyn Fn(&mut Entry, &mut Entry)| {
        let (mut first, mut second) = (policy, certificate);
        change(&mut first, &mut second);
        vec![first, second]
    };
    let mut lies = vec![
        ("entries swapped", 2, vec![certificate, policy]),
        ("ids swapped, the certificate first", 2, with(&|a, b| std::mem::swap(&mut a.id, &mut b.id))),
        ("places swapped", 2, with(&|a, b| (a.offset, b.offset, a.length, b.length) = (b.offset, a.offset, b.length, a.length))),
        ("overlap", 2, with(&|a, _| a.length += 1)),
        ("gap", 2, with(&|a, _| a.length -= 1)),
        ("one section twice", 2, with(&|a, b| b.id = a.id)),
        ("no policy", 2, with(&|a, _| a.id = 2)),
        ("an unknown section", 2, with(&|_, b| (b.id, b.flags) = (9, 0))),
        ("fewer sections than there are", 1, table.to_vec()),
        ("none", 0, table.to_vec()),
    ];
    for count in [3, 1_000, 1 << 20, 0x0AAA_AAAA, u32::MAX / 24, u32::MAX / 24 + 1, u32::MAX - 1, u32::MAX] {
        lies.push(("more sections than there are", count, table.to_vec()));
    }
    for far in [1 << 32, 1 << 62, u64::MAX / 2, u64::MAX - policy.length, u64::MAX - 1, u64::MAX] {
        lies.push(("an offset far out", 2, with(&|a, _| a.offset = far)));
        lies.push(("a length far out", 2, with(&|a, _| a.length = far)));
        lies.push(("both far out", 2, with(&|_, b| (b.offset, b.length) = (far, far))));
        lies.push(("a length that wraps to the offset", 2, with(&|a, _| a.length = far.wrapping_sub(a.offset))));
    }
    lies
}

#[test]
fn lying_tables_with_a_right_checksum_are_refused() {
    for name in POLICIES {
        let bytes = whole(&compiled(name));
        let (table, body) = parts(&bytes);
        assert_eq!(file(2, &table, &body), bytes, "{name} taken apart and put together");
        for (what, count, table) in lying_tables(&table) {
            let bytes = file(count, &table, &body);
            refused(&bytes, &["LF0603", "LF0605", "LF0606"], &format!("{name}: {what} ({count})"));
        }
    }
}

#[test]
fn the_certificate_of_another_frame_names_another_policy_section() {
    let frames: Vec<Vec<u8>> = POLICIES.iter().map(|name| whole(&compiled(name))).collect();
    let (own, own_body) = parts(&frames[0]);
    let (other, other_body) = parts(&frames[1]);
    let length = usize::try_from(own[0].length).expect("a length");
    let foreign = other_body[usize::try_from(other[0].length).expect("a length")..].to_vec();
    let table = [own[0], Entry { length: foreign.len() as u64, ..own[1] }];
    let bytes = file(2, &table, &[&own_body[..length], &foreign].concat());
    let decoded = frame::read(&bytes).expect("a frame by itself");
    let certificate = decoded.certificate().expect("a certificate by itself").expect("there is one");
    assert_ne!(certificate.policy, decoded.digest);
    assert_eq!(frame::read(&frames[0]).expect("a frame").certificate().expect("its own").expect("there is one").policy, decoded.digest);
}

/// A frame of one section.
fn alone(section: &[u8]) -> Vec<u8> {
    let entry = Entry { id: 1, flags: 0, offset: (HEADER + ENTRY) as u64, length: section.len() as u64 };
    file(1, &[entry], section)
}

/// Lengths that no section has, as varints.
const LENGTHS: &[&[u8]] = &[
    &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
    &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
    &[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
    &[0xff, 0xff, 0xff, 0xff, 0x0f],
    &[0xff, 0xff, 0xff, 0x1f],
    &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
];

/// Every byte of the policy section made a length that is far too great. Some are no length where they stand; then the frame may even load.
fn hostile_lengths() {
    let (mut refused, mut loaded) = (0, 0);
    for name in POLICIES {
        let section = specimen::section(compiled(name).policy().frame());
        for at in 0..section.len() {
            for length in LENGTHS {
                let bytes = alone(&[&section[..at], length, &section[at + 1..]].concat());
                match code(&bytes) {
                    Some(code) => {
                        assert!(["LF0606", "LF0607", "LF0740"].contains(&code), "{name}, {at}: {code}");
                        refused += 1;
                    }
                    None => loaded += 1,
                }
            }
        }
    }
    println!("{refused} refused, {loaded} loaded");
    assert!(refused > 100 * loaded, "too much is loaded: {loaded} beside {refused} refused");
}

/// A policy section in which a term of three levels stands once.
fn nested(term: Term) -> Vec<u8> {
    let branch = Branch { test: Predicate::Present(term), yes: Exit::Holds, no: Exit::Fails };
    let own = compiled(POLICIES[0]);
    let mut frame: Frame = own.policy().frame().clone();
    frame.programs.push(Program { tests: vec![branch], entry: Exit::To(0) });
    specimen::section(&frame)
}

fn position(bytes: &[u8], wanted: &[u8]) -> usize {
    bytes.windows(wanted.len()).position(|window| window == wanted).expect("the term stands there")
}

/// Terms a million levels deep, in every position in which a term may hold another.
fn hostile_nesting() {
    let apply = |inner| Term::Apply(Function::Lower, Box::new(inner));
    let once = nested(apply(apply(apply(Term::Arg(vec![77])))));
    let at = position(&once, &[6, 0, 6, 0, 6, 0, 0, 1, 77]);
    for levels in [17, 100, 10_000, 1_000_000] {
        let deep = [6, 0].repeat(levels);
        refused(&alone(&[&once[..at], &deep, &once[at + 6..]].concat()), &["LF0606"], &format!("{levels} functions"));
        refused(&alone(&[&once[..at], &deep].concat()), &["LF0606"], &format!("{levels} functions that break off"));
    }
    for levels in [100, 1_000_000] {
        // The left one nests, and the right one of each level comes after it; then the right one nests.
        let (left, right) = ([7, 0].repeat(levels), [7, 0, 4].repeat(levels));
        let ends = [4].repeat(levels + 1);
        refused(&alone(&[&once[..at], &left, &ends, &once[at + 9..]].concat()), &["LF0606"], "sums nested on the left");
        refused(&alone(&[&once[..at], &right, &[4], &once[at + 9..]].concat()), &["LF0606"], "sums nested on the right");
    }
    assert_eq!(code(&alone(&[&once[..at], &[6, 0].repeat(15), &once[at + 6..]].concat())), None, "sixteen levels");
}

/// What runs where `LEVERFRAME_HOSTILE` says which; without it nothing. It is run by the tests below, in a child.
#[test]
fn hostile_sections() {
    let begun = Instant::now();
    match std::env::var("LEVERFRAME_HOSTILE").as_deref() {
        Ok("lengths") => hostile_lengths(),
        Ok("nesting") => hostile_nesting(),
        Ok(other) => panic!("`{other}` is no attack"),
        Err(_) => return,
    }
    println!("survived");
    assert!(begun.elapsed() < TIME, "it took {:?}", begun.elapsed());
}

#[track_caller]
fn survives(attack: &str) {
    let own = std::env::current_exe().expect("this program");
    let script = format!("ulimit -v {MEMORY_KIB}; exec \"$0\" --exact hostile_sections --nocapture --test-threads 1");
    let child = Command::new("sh").args(["-c", &script]).arg(own).env("LEVERFRAME_HOSTILE", attack).output().expect("sh runs");
    let told = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && told.contains("survived"), "{}\n{told}\n{}", child.status, String::from_utf8_lossy(&child.stderr));
}

#[test]
fn hostile_lengths_are_refused_in_little_memory() {
    survives("lengths");
}

#[test]
fn hostile_nesting_is_refused_on_a_small_stack() {
    survives("nesting");
}
