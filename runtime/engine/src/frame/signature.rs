//! Signatures: who built a policy.
//!
//! In: the bytes of a written frame and a secret key; or a frame's sections and the keys that are trusted. Out: the bytes with a signature; or why
//! they are not trusted. Invariants: one message has one signature by one key, so signing needs no randomness; the key that a signature names is
//! only looked up among the trusted ones; weak keys and signatures of more than one reading are refused (`verify_strict`).
//! Left out: the certificate is not signed (nothing in it is believed); when a signature was made is what its maker says.
//! Source: `lang-spec/frame-format.md`, [frame.signature]; RFC 8032.

use alloc::vec::Vec;
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use super::format::{FrameError, Sections, sha256, with_signature};

/// What every signed message begins with; its number is the format's version.
const DOMAIN: &[u8] = b"leverframe signature 1\n";

/// The signature section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Whose it is: the [`key_id`] of the public key.
    pub key: [u8; 32],
    /// When it was made, by its maker's clock: milliseconds of the epoch.
    pub signed_ms: i64,
    /// The first half of the signature.
    pub r: [u8; 32],
    /// The second half.
    pub s: [u8; 32],
}

/// A key whose signatures are trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrustedKey {
    /// The public key (RFC 8032).
    pub public: [u8; 32],
    /// From when on it is trusted no more: milliseconds of the epoch.
    pub expires_ms: Option<i64>,
}

/// Why a frame's signature does not make it trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is none.
    #[error("the frame is not signed, and a signature was asked for")]
    Missing,
    /// The section is not what `sign` writes.
    #[error("the frame's signature cannot be decoded")]
    Malformed,
    /// It names no key that is trusted.
    #[error("the frame is signed by a key that is not trusted")]
    Untrusted,
    /// The key that it names did not sign this policy.
    #[error("the frame's signature is not the named key's signature of this policy")]
    Wrong,
    /// The key is not trusted any more.
    #[error("the key that signed the frame has expired")]
    Expired,
    /// The key expires some time, and nobody said what time it is.
    #[error("the key that signed the frame expires, and the time that this needs was not given")]
    NoTime,
    /// A trusted key is no point of the curve, or one under which more than its owner's signatures hold.
    #[error("trusted key number {0} cannot be used: it is no ed25519 public key, or a weak one")]
    WeakKey(usize),
    /// A trusted key stands twice.
    #[error("trusted key number {0} was given before")]
    RepeatedKey(usize),
}

impl SignatureError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "LF0613",
            Self::Malformed | Self::Untrusted | Self::Wrong => "LF0614",
            Self::Expired | Self::NoTime => "LF0615",
            Self::WeakKey(_) | Self::RepeatedKey(_) => "LF0616",
        }
    }
}

/// The bytes of a written frame with a signature of its policy, in place of any that it had. `secret` is the 32 bytes of RFC 8032.
///
/// # Errors
/// Every way in which the bytes are no whole, unchanged container of this version; [`FrameError::TooLong`] where the signature has no room.
pub fn sign(bytes: &[u8], secret: &[u8; 32], signed_ms: i64) -> Result<Vec<u8>, FrameError> {
    let digest = Sections::of(bytes)?.digest();
    let signer = SigningKey::from_bytes(secret);
    let key = key_id(signer.verifying_key().as_bytes());
    let made = signer.sign(&message(&digest, &key, signed_ms));
    let signature = Signature { key, signed_ms, r: *made.r_bytes(), s: *made.s_bytes() };
    let section = postcard::to_allocvec(&signature).map_err(|_| FrameError::Signature)?;
    with_signature(bytes, &section)
}

/// The name of a key: SHA-256 of the public key.
#[must_use]
pub fn key_id(public: &[u8; 32]) -> [u8; 32] {
    sha256(public)
}

/// The bytes that are signed.
fn message(digest: &[u8; 32], key: &[u8; 32], signed_ms: i64) -> Vec<u8> {
    [DOMAIN, digest, key, &signed_ms.to_le_bytes()].concat()
}

/// Checks that the policy of this digest is signed by a key that is trusted now.
pub(crate) fn trusted(section: Option<&[u8]>, digest: &[u8; 32], keys: &[TrustedKey], now_ms: Option<i64>) -> Result<(), SignatureError> {
    let known = usable(keys)?;
    let signature = decoded(section.ok_or(SignatureError::Missing)?)?;
    let named = keys.iter().zip(&known).find(|(key, _)| key_id(&key.public) == signature.key);
    let (key, verifying) = named.ok_or(SignatureError::Untrusted)?;
    let bytes = ed25519_dalek::Signature::from_components(signature.r, signature.s);
    let signed = message(digest, &signature.key, signature.signed_ms);
    verifying.verify_strict(&signed, &bytes).map_err(|_| SignatureError::Wrong)?;
    match (key.expires_ms, now_ms) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(SignatureError::NoTime),
        (Some(expires), Some(now)) if expires <= now => Err(SignatureError::Expired),
        (Some(_), Some(_)) => Ok(()),
    }
}

/// The keys, read. One that cannot be used is refused even where another one signed: it stands there by mistake.
fn usable(keys: &[TrustedKey]) -> Result<Vec<VerifyingKey>, SignatureError> {
    let read = |(index, key): (usize, &TrustedKey)| {
        let number = index + 1;
        if keys.iter().take(index).any(|before| before.public == key.public) {
            return Err(SignatureError::RepeatedKey(number));
        }
        let read = VerifyingKey::from_bytes(&key.public).ok().filter(|read| !read.is_weak());
        read.ok_or(SignatureError::WeakKey(number))
    };
    keys.iter().enumerate().map(read).collect()
}

/// The signature in a section, which may be spelled in one way only.
fn decoded(section: &[u8]) -> Result<Signature, SignatureError> {
    let signature: Signature = postcard::from_bytes(section).map_err(|_| SignatureError::Malformed)?;
    let again = postcard::to_allocvec(&signature).map_err(|_| SignatureError::Malformed)?;
    if again == section { Ok(signature) } else { Err(SignatureError::Malformed) }
}
