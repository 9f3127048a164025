//! The targets: what is done with the fuzzer's bytes.
//!
//! In: bytes. Out: nothing, or a panic. Bytes that begin like a frame are one: as they are, and with a right checksum. Others are one section of a frame.

use std::sync::OnceLock;

use leverframe_reference::{Policy as Source, elaborate_from};
use leverframe_runtime::{LoadOptions, Policy};

use super::container::{in_section, is_frame, resealed};
use super::drive::drive;

/// The policy that frames are verified against.
const FIXED: &str = include_str!("../fixed/policy.lever");
/// Its policy section, as the compiler writes it; a test compares them.
const SECTION: &[u8] = include_bytes!("../fixed/policy.section");

/// Bytes into the engine: loading refuses them, or what is loaded answers everything that it is asked.
pub fn load(bytes: &[u8]) {
    let sealed = if is_frame(bytes) {
        drop(Policy::load(bytes, &LoadOptions::default()));
        resealed(bytes)
    } else {
        in_section(&[(1, bytes)])
    };
    if let Ok(policy) = Policy::load(&sealed, &LoadOptions { accept_unproven: true, value_key: [7; 32], ..LoadOptions::default() }) {
        drive(&policy);
    }
}

/// Bytes into the verifier: a frame, or a certificate beside the fixed policy's own section.
pub fn verify(bytes: &[u8]) {
    let sealed = if is_frame(bytes) { resealed(bytes) } else { in_section(&[(1, SECTION), (2, bytes)]) };
    verdict(fixed(), &sealed);
}

fn fixed() -> &'static Source {
    static POLICY: OnceLock<Source> = OnceLock::new();
    POLICY.get_or_init(|| {
        let files = std::collections::BTreeMap::from([("policy.lever".to_owned(), FIXED.to_owned())]);
        elaborate_from(&files, "policy.lever").expect("the fixed policy is one")
    })
}

/// Whatever the verifier says, it says it.
fn verdict(policy: &Source, bytes: &[u8]) {
    let _ = leverframe_verifier::verify(policy, bytes);
}
