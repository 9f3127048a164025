//! Bytes made into what the checksum lets through.
//!
//! In: bytes that are, or were, a frame; or one section's. Out: a frame whose checksum is right, and whose certificate names its policy section.
//! Invariants: nothing else is mended, so every other lie stays in.
//! Source: `lang-spec/frame-format.md`, [frame.container].

use sha2::{Digest, Sha256};

const MAGIC: &[u8] = b"\x8DLEVER\r\n";
const CHECKSUM: core::ops::Range<usize> = 16..48;
const TABLE: usize = 48;
const ENTRY: usize = 24;
const DIGEST: usize = 32;

/// Whether bytes are meant as a whole frame.
#[must_use]
pub fn is_frame(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// The same frame with a right checksum.
#[must_use]
pub fn resealed(bytes: &[u8]) -> Vec<u8> {
    let mut sealed = bytes.to_vec();
    if sealed.len() < TABLE {
        return sealed;
    }
    name_the_policy(&mut sealed);
    let mut hash = Sha256::new();
    hash.update(&sealed[..CHECKSUM.start]);
    hash.update(&sealed[TABLE..]);
    let sum = hash.finalize();
    sealed[CHECKSUM].copy_from_slice(&sum);
    sealed
}

/// A certificate begins with the digest of the policy section.
fn name_the_policy(bytes: &mut [u8]) {
    let Some(digest) = section(bytes, 1).map(|range| Sha256::digest(&bytes[range])) else { return };
    if let Some(place) = section(bytes, 2).and_then(|range| bytes[range].get_mut(..DIGEST)) {
        place.copy_from_slice(&digest);
    }
}

/// Where the section lies that the table's entry says.
fn section(bytes: &[u8], id: u32) -> Option<core::ops::Range<usize>> {
    let number = |at: usize| bytes.get(at..at + 8).and_then(|eight| eight.try_into().ok()).map(u64::from_le_bytes);
    let is = |at: &usize| bytes.get(*at..*at + 4) == Some(&id.to_le_bytes());
    let at = (0..4).map(|index| TABLE + ENTRY * index).find(is)?;
    let (offset, length) = (usize::try_from(number(at + 8)?).ok()?, usize::try_from(number(at + 16)?).ok()?);
    let range = offset..offset.checked_add(length)?;
    bytes.get(range.clone()).map(|_| range)
}

/// A frame of these sections, each with its id.
#[must_use]
pub fn in_section(sections: &[(u32, &[u8])]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&1_u32.to_le_bytes());
    bytes.extend_from_slice(&(sections.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&[0; DIGEST]);
    let mut offset = TABLE + ENTRY * sections.len();
    for (id, section) in sections {
        bytes.extend_from_slice(&id.to_le_bytes());
        bytes.extend_from_slice(&0_u32.to_le_bytes());
        bytes.extend_from_slice(&(offset as u64).to_le_bytes());
        bytes.extend_from_slice(&(section.len() as u64).to_le_bytes());
        offset += section.len();
    }
    sections.iter().for_each(|(_, section)| bytes.extend_from_slice(section));
    resealed(&bytes)
}
