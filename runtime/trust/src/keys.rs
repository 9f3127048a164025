//! Keys as files: the public ones that are trusted, the private one that signs.
//!
//! In: paths of PEM files as OpenSSL writes them. Out: [`TrustedKey`]s, a [`SigningKey`], or a [`KeyFault`] that names the file.
//! Invariants: one file holds one key; text before it that speaks of an expiry is either read as one or refused, so that no key is trusted longer
//! than its file says.
//! Left out: making keys, which `openssl genpkey -algorithm ed25519` does; keys under a password.
//! Source: RFC 7468 (PEM), RFC 8410 (ed25519 in PKCS#8 and in SPKI); `lang-spec/frame-format.md`, [frame.signature].

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey};
use ed25519_dalek::{SigningKey, VerifyingKey};
use jiff::Timestamp;
use leverframe_runtime::TrustedKey;

/// Bytes of a file with a key.
const KEY_FILE_BYTES: u64 = 64 * 1024;

/// A file that is no usable key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is no usable key: LF0616: {message}", path.display())]
pub struct KeyFault {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub message: String,
}

impl KeyFault {
    fn of(path: &Path, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), message: message.into() }
    }
}

/// What begins the line of a block's label.
const BEGIN: &str = "-----BEGIN ";

/// The keys that these files hold.
///
/// # Errors
/// [`KeyFault`]: a file that cannot be read or is no ed25519 public key, an expiry that cannot be read, one key in two files.
pub fn trusted(paths: &[PathBuf]) -> Result<Vec<TrustedKey>, KeyFault> {
    let mut keys: Vec<TrustedKey> = Vec::new();
    for path in paths {
        let key = public(path)?;
        if let Some(before) = keys.iter().position(|known| known.public == key.public) {
            let other = paths.get(before).map(|path| path.display().to_string()).unwrap_or_default();
            return Err(KeyFault::of(path, format!("it holds the same key as `{other}`")));
        }
        keys.push(key);
    }
    Ok(keys)
}

/// The private key that this file holds.
///
/// # Errors
/// [`KeyFault`]: it cannot be read or is no ed25519 private key.
pub fn secret(path: &Path) -> Result<SigningKey, KeyFault> {
    let text = text(path)?;
    labelled(path, &text, "PRIVATE KEY")?;
    SigningKey::from_pkcs8_pem(&text).map_err(|_| KeyFault::of(path, "it is no ed25519 private key in PKCS#8"))
}

/// The time, in milliseconds of the epoch.
#[must_use]
pub fn now_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

fn public(path: &Path) -> Result<TrustedKey, KeyFault> {
    let text = text(path)?;
    labelled(path, &text, "PUBLIC KEY")?;
    let expires_ms = expiry(&text).map_err(|message| KeyFault::of(path, message))?;
    let key = VerifyingKey::from_public_key_pem(&text).map_err(|_| KeyFault::of(path, "it is no ed25519 public key"))?;
    if key.is_weak() {
        return Err(KeyFault::of(path, "it is a weak key: others than its owner can sign under it"));
    }
    Ok(TrustedKey { public: key.to_bytes(), expires_ms })
}

fn text(path: &Path) -> Result<String, KeyFault> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(KEY_FILE_BYTES + 1).read_to_end(&mut bytes));
    read.map_err(|error| KeyFault::of(path, error.to_string()))?;
    if bytes.len() as u64 > KEY_FILE_BYTES {
        return Err(KeyFault::of(path, format!("it is longer than {KEY_FILE_BYTES} bytes")));
    }
    String::from_utf8(bytes).map_err(|_| KeyFault::of(path, "it is no text: a key is a PEM file"))
}

/// Checks that the file holds one block, and of this kind; what a mistake says stands here, since a decoder knows only that there is one.
fn labelled(path: &Path, text: &str, wanted: &str) -> Result<(), KeyFault> {
    let labels: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix(BEGIN)).map(|rest| rest.trim_end_matches('-')).collect();
    let wrong = match labels.as_slice() {
        [label] if *label == wanted => return Ok(()),
        [] => "it is no PEM file: it has no line that begins with -----BEGIN".to_owned(),
        ["PRIVATE KEY"] => "it holds a private key; its public key is written by: openssl pkey -in FILE -pubout".to_owned(),
        ["PUBLIC KEY"] => "it holds a public key, and only the private one can sign".to_owned(),
        ["ENCRYPTED PRIVATE KEY"] => "its key is under a password, which is not asked for".to_owned(),
        [label] => format!("it holds a {label} and no {wanted}", label = label.escape_debug()),
        _ => "it holds more than one key".to_owned(),
    };
    Err(KeyFault::of(path, wrong))
}

/// The expiry that the text before the key states, if it speaks of one.
fn expiry(text: &str) -> Result<Option<i64>, String> {
    let before = text.lines().take_while(|line| !line.starts_with(BEGIN));
    let spoken: Vec<&str> = before.filter(|line| ["expir", "valid"].iter().any(|word| line.to_ascii_lowercase().contains(word))).collect();
    match spoken.as_slice() {
        [] => Ok(None),
        [line] => {
            moment(line).map(Some).ok_or_else(|| format!("`{}` is not written as `Expires: 2027-01-31T00:00:00Z`", line.escape_debug()))
        }
        _ => Err("it speaks of its expiry more than once".to_owned()),
    }
}

fn moment(line: &str) -> Option<i64> {
    let instant: Timestamp = line.strip_prefix("Expires:")?.trim().parse().ok()?;
    Some(instant.as_millisecond())
}
