//! The container: magic, version, checksum, section table, sections.
//!
//! In: bytes. Out: the sections, the policy decoded; or bytes from a frame. Invariants: sections tile the file after the table without gap or
//! overlap, so that every byte is covered by the checksum and by one meaning; an unknown section that is not marked optional is refused.
//! Left out: what the policy section means ([`validate`](super::validate)), and what a signature is worth ([`signature`](super::signature)).
//! Source: `lang-spec/frame-format.md`, [frame.container].

use alloc::vec::Vec;
use sha2::{Digest, Sha256};

use super::certificate::Certificate;
use super::model::Frame;
use crate::limits;

/// The first eight bytes: not text, and broken by transfers that change line ends.
const MAGIC: [u8; 8] = *b"\x8DLEVER\r\n";
/// The version of the container and of the policy section.
const VERSION: u32 = 1;
/// Where the checksum begins.
const CHECKSUM_AT: usize = 16;
/// Where the section table begins.
const TABLE_AT: usize = 48;
/// Bytes of a table entry: id, flags, offset, length.
const ENTRY: usize = 24;
/// The policy section's id.
const POLICY: u32 = 1;
/// The certificate's id.
const CERTIFICATE: u32 = 2;
/// The signature's id.
const SIGNATURE: u32 = 3;
/// The flag of a section that a reader may pass over.
const OPTIONAL: u32 = 1;

/// Why bytes are no frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The file is longer than [`limits::FRAME_BYTES`].
    #[error("the frame has {0} bytes, more than the {max} allowed", max = limits::FRAME_BYTES)]
    TooLong(usize),
    /// It does not begin like a frame.
    #[error("this is no frame: it does not begin with the frame's magic bytes")]
    NoFrame,
    /// It is of another version.
    #[error("the frame has format version {0}; this runtime reads version 1")]
    Version(u32),
    /// It ends too early, or its table does not fit its length.
    #[error("the frame is cut off or its section table is broken")]
    Truncated,
    /// Its bytes are not those that were written.
    #[error("the frame is corrupt: its SHA-256 does not match its bytes")]
    Checksum,
    /// It holds a section that this runtime must understand and does not.
    #[error("the frame has a required section {0} that this runtime does not know")]
    UnknownSection(u32),
    /// A section stands twice, or the policy section is absent.
    #[error("the frame must hold its policy section exactly once, and no other section twice")]
    Sections,
    /// The policy section cannot be decoded.
    #[error("the frame's policy section cannot be decoded")]
    Policy,
    /// The certificate cannot be decoded.
    #[error("the frame's certificate cannot be decoded")]
    Certificate,
    /// The signature cannot be encoded.
    #[error("the frame's signature cannot be encoded")]
    Signature,
}

impl FrameError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong(_) => "LF0710",
            Self::NoFrame => "LF0601",
            Self::Version(_) => "LF0602",
            Self::Truncated => "LF0603",
            Self::Checksum => "LF0604",
            Self::UnknownSection(_) | Self::Sections => "LF0605",
            Self::Policy => "LF0606",
            Self::Certificate => "LF0609",
            Self::Signature => "LF0614",
        }
    }
}

/// A frame as read, not yet validated.
#[derive(Debug)]
pub struct Decoded<'b> {
    /// The policy.
    pub frame: Frame,
    /// SHA-256 of the policy section: the identity of the frame without its certificate.
    pub digest: [u8; 32],
    /// The bytes of the certificate, where there is one.
    pub certificate: Option<&'b [u8]>,
    /// The bytes of the signature, where there is one.
    pub signature: Option<&'b [u8]>,
}

impl Decoded<'_> {
    /// The certificate, decoded; none where there is none.
    ///
    /// # Errors
    /// [`FrameError::Certificate`] where its bytes are no certificate.
    pub fn certificate(&self) -> Result<Option<Certificate>, FrameError> {
        self.certificate.map(certificate).transpose()
    }
}

/// The certificate that stands in a section.
pub(crate) fn certificate(bytes: &[u8]) -> Result<Certificate, FrameError> {
    match postcard::take_from_bytes::<Certificate>(bytes) {
        Ok((certificate, [])) => Ok(certificate),
        _ => Err(FrameError::Certificate),
    }
}

/// The bytes of a frame, with a certificate where one is given.
///
/// # Errors
/// [`FrameError::Policy`] or [`FrameError::Certificate`] where one cannot be encoded, [`FrameError::TooLong`] where the whole is too large.
pub fn write(frame: &Frame, certificate: Option<&Certificate>) -> Result<Vec<u8>, FrameError> {
    let policy = postcard::to_allocvec(frame).map_err(|_| FrameError::Policy)?;
    let certificate = certificate.map(postcard::to_allocvec).transpose().map_err(|_| FrameError::Certificate)?;
    let mut sections = Vec::with_capacity(2);
    sections.push(Section { id: POLICY, flags: 0, bytes: &policy });
    sections.extend(certificate.as_deref().map(|bytes| Section { id: CERTIFICATE, flags: OPTIONAL, bytes }));
    container(&sections)
}

/// The bytes of a written frame without its certificate; a signature stays and still holds.
///
/// # Errors
/// Every way in which the bytes are no whole, unchanged container of this version.
pub fn strip_certificate(bytes: &[u8]) -> Result<Vec<u8>, FrameError> {
    replaced(bytes, CERTIFICATE, None)
}

/// The bytes of a written frame with this signature, in place of any that it had.
pub(super) fn with_signature(bytes: &[u8], signature: &[u8]) -> Result<Vec<u8>, FrameError> {
    replaced(bytes, SIGNATURE, Some(signature))
}

/// The container with an optional section exchanged, which then stands last, or taken out; all else as it was.
fn replaced(bytes: &[u8], id: u32, section: Option<&[u8]>) -> Result<Vec<u8>, FrameError> {
    Sections::of(bytes)?;
    let mut sections = Vec::new();
    each_section(bytes, |section| {
        if section.id != id {
            sections.push(section);
        }
        Ok(())
    })?;
    sections.extend(section.map(|bytes| Section { id, flags: OPTIONAL, bytes }));
    container(&sections)
}

fn container(sections: &[Section<'_>]) -> Result<Vec<u8>, FrameError> {
    let count = u32::try_from(sections.len()).map_err(|_| FrameError::Sections)?;
    let mut bytes = Vec::new();
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&count.to_le_bytes());
    bytes.extend_from_slice(&[0; 32]);
    let mut offset = TABLE_AT + ENTRY * sections.len();
    for section in sections {
        bytes.extend_from_slice(&section.id.to_le_bytes());
        bytes.extend_from_slice(&section.flags.to_le_bytes());
        bytes.extend_from_slice(&(offset as u64).to_le_bytes());
        bytes.extend_from_slice(&(section.bytes.len() as u64).to_le_bytes());
        offset = offset.saturating_add(section.bytes.len());
    }
    sections.iter().for_each(|section| bytes.extend_from_slice(section.bytes));
    if bytes.len() > limits::FRAME_BYTES {
        return Err(FrameError::TooLong(bytes.len()));
    }
    let sum = checksum(&bytes).ok_or(FrameError::Truncated)?;
    if let Some(place) = bytes.get_mut(CHECKSUM_AT..TABLE_AT) {
        place.copy_from_slice(&sum);
    }
    Ok(bytes)
}

/// The frame in `bytes`.
///
/// # Errors
/// Every way in which the bytes are no whole, unchanged frame of this version.
pub fn read(bytes: &[u8]) -> Result<Decoded<'_>, FrameError> {
    let sections = Sections::of(bytes)?;
    Ok(Decoded { frame: sections.frame()?, digest: sections.digest(), certificate: sections.certificate, signature: sections.signature })
}

/// The identity of a frame: SHA-256 of its policy section.
///
/// # Errors
/// [`FrameError::Policy`] where the policy cannot be encoded.
pub fn digest(frame: &Frame) -> Result<[u8; 32], FrameError> {
    postcard::to_allocvec(frame).map(|policy| sha256(&policy)).map_err(|_| FrameError::Policy)
}

/// A section as the table has it.
struct Section<'b> {
    id: u32,
    flags: u32,
    bytes: &'b [u8],
}

/// The sections that this runtime knows, of a container that is whole and unchanged.
pub(crate) struct Sections<'b> {
    policy: &'b [u8],
    pub(crate) certificate: Option<&'b [u8]>,
    pub(crate) signature: Option<&'b [u8]>,
}

impl<'b> Sections<'b> {
    /// Checks the container; decodes nothing.
    pub(crate) fn of(bytes: &'b [u8]) -> Result<Self, FrameError> {
        whole(bytes)?;
        let (mut policy, mut certificate, mut signature) = (None, None, None);
        each_section(bytes, |section| {
            let place = match section.id {
                POLICY => &mut policy,
                CERTIFICATE => &mut certificate,
                SIGNATURE => &mut signature,
                _ if section.flags & OPTIONAL != 0 => return Ok(()),
                id => return Err(FrameError::UnknownSection(id)),
            };
            place.replace(section.bytes).map_or(Ok(()), |_| Err(FrameError::Sections))
        })?;
        Ok(Self { policy: policy.ok_or(FrameError::Sections)?, certificate, signature })
    }

    /// The policy, decoded.
    pub(crate) fn frame(&self) -> Result<Frame, FrameError> {
        match postcard::take_from_bytes::<Frame>(self.policy) {
            Ok((frame, [])) => Ok(frame),
            _ => Err(FrameError::Policy),
        }
    }

    /// SHA-256 of the policy section.
    pub(crate) fn digest(&self) -> [u8; 32] {
        sha256(self.policy)
    }
}

/// Checks length, magic, version and checksum.
fn whole(bytes: &[u8]) -> Result<(), FrameError> {
    if bytes.len() > limits::FRAME_BYTES {
        return Err(FrameError::TooLong(bytes.len()));
    }
    if !bytes.starts_with(&MAGIC) {
        return Err(FrameError::NoFrame);
    }
    let version = word(bytes, 8)?;
    if version != VERSION {
        return Err(FrameError::Version(version));
    }
    let stated = bytes.get(CHECKSUM_AT..TABLE_AT).ok_or(FrameError::Truncated)?;
    if checksum(bytes).ok_or(FrameError::Truncated)? != stated {
        return Err(FrameError::Checksum);
    }
    Ok(())
}

/// Hands over every section of the table, in its order.
fn each_section<'b>(bytes: &'b [u8], mut take: impl FnMut(Section<'b>) -> Result<(), FrameError>) -> Result<(), FrameError> {
    let count = word(bytes, 12)? as usize;
    let mut next = count.checked_mul(ENTRY).and_then(|n| n.checked_add(TABLE_AT)).ok_or(FrameError::Truncated)?;
    for entry in 0..count {
        let at = TABLE_AT + entry * ENTRY;
        let (id, flags) = (word(bytes, at)?, word(bytes, at + 4)?);
        let (offset, length) = (size(bytes, at + 8)?, size(bytes, at + 16)?);
        let end = offset.checked_add(length).ok_or(FrameError::Truncated)?;
        let section = bytes.get(offset..end).ok_or(FrameError::Truncated)?;
        if offset != next {
            return Err(FrameError::Truncated);
        }
        next = end;
        take(Section { id, flags, bytes: section })?;
    }
    if next == bytes.len() { Ok(()) } else { Err(FrameError::Truncated) }
}

fn checksum(bytes: &[u8]) -> Option<[u8; 32]> {
    let mut hash = Sha256::new();
    hash.update(bytes.get(..CHECKSUM_AT)?);
    hash.update(bytes.get(TABLE_AT..)?);
    Some(hash.finalize().into())
}

pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn word(bytes: &[u8], at: usize) -> Result<u32, FrameError> {
    let four = bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).ok_or(FrameError::Truncated)?;
    Ok(u32::from_le_bytes(four))
}

fn size(bytes: &[u8], at: usize) -> Result<usize, FrameError> {
    let eight = bytes.get(at..at + 8).and_then(|b| b.try_into().ok()).ok_or(FrameError::Truncated)?;
    usize::try_from(u64::from_le_bytes(eight)).map_err(|_| FrameError::Truncated)
}
