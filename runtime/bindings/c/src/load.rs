//! Loading a frame, and the sessions of its host.
//!
//! In: a frame's bytes, options, names. Out: a host behind a pointer, numbers of sessions. Invariants: options that are null or zero are the strict ones.
//! Source: `runtime/bindings/c/README.md`.

use std::ffi::{CString, c_char};

use leverframe_host::{Host, LoadOptions, Names, Settings, TrustedKey};

use crate::bytes::{array, at, lf_bytes, put};
use crate::error::{Problem, answered, guarded, lf_status};
use crate::types::{lf_names, lf_options, lf_session};

/// The version of this interface: it changes when something in the header changes its meaning.
pub const LF_ABI: u32 = 1;

/// A policy with its sessions. May be used by many threads at once.
pub struct lf_host {
    pub(crate) host: Host,
    digest: CString,
}

/// This library's version.
#[unsafe(no_mangle)]
pub extern "C" fn lf_version() -> *const c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    VERSION.as_ptr().cast()
}

/// The version of this library's interface; compare it with `LF_ABI` of the header that was compiled.
#[unsafe(no_mangle)]
pub extern "C" fn lf_abi() -> u32 {
    LF_ABI
}

/// Loads a frame. `options` may be null: the strict ones. The host is freed with `lf_host_free`.
///
/// # Safety
/// Pointers are null or lead to what they say; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lf_load(frame: lf_bytes, options: *const lf_options, out: *mut *mut lf_host) -> lf_status {
    guarded(|| {
        // SAFETY: the caller's promise.
        unsafe { put(out, std::ptr::null_mut(), "out") }?;
        // SAFETY: the caller's promise.
        let bytes = unsafe { frame.get() }?.ok_or(Problem::Null("frame"))?;
        let settings = if options.is_null() {
            Settings::default()
        } else {
            // SAFETY: not null; the rest is the caller's promise.
            let options = unsafe { at(options, "options") }?;
            // SAFETY: the caller's promise.
            unsafe { settings(options) }?
        };
        let host = Host::load(bytes, &settings)?;
        let digest = CString::new(host.digest()).unwrap_or_default();
        // SAFETY: the caller's promise.
        unsafe { put(out, Box::into_raw(Box::new(lf_host { host, digest })), "out") }
    })
}

/// # Safety
/// The pointers in the options are null or lead to what they say.
unsafe fn settings(options: &lf_options) -> Result<Settings, Problem> {
    // SAFETY: the caller's promise.
    let keys = unsafe { array(options.keys, options.keys_len, "keys") }?;
    let key = |key: &crate::types::lf_key| match key.expires {
        0 => Ok(TrustedKey { public: key.public_key, expires_ms: None }),
        1 => Ok(TrustedKey { public: key.public_key, expires_ms: Some(key.expires_ms) }),
        _ => Err(Problem::Number("expires")),
    };
    let keys = keys.iter().map(key).collect::<Result<Vec<_>, _>>()?;
    let value_key = if options.value_key.is_null() {
        [0; 32]
    } else {
        // SAFETY: not null; that 32 bytes are there is the caller's promise.
        *unsafe { at(options.value_key.cast::<[u8; 32]>(), "value_key") }?
    };
    let load = LoadOptions {
        accept_unproven: flag(options.accept_unproven, "accept_unproven")?,
        require_certificate: flag(options.require_certificate, "require_certificate")?,
        keys,
        now_ms: flag(options.has_now, "has_now")?.then_some(options.now_ms),
        value_key,
    };
    let mut store = Settings::default().store;
    match options.idle_ms {
        0 => {}
        ms if ms < 0 => store.idle_ms = None,
        ms => store.idle_ms = Some(ms),
    }
    if options.sessions > 0 {
        store.sessions = options.sessions;
    }
    Ok(Settings { load, store })
}

pub(crate) fn flag(value: u8, what: &'static str) -> Result<bool, Problem> {
    match value {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Problem::Number(what)),
    }
}

/// The digest of the frame, as `sha256:…`; it lives as long as the host. Null where the host is null.
///
/// # Safety
/// `host` is null or a host that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lf_host_digest(host: *const lf_host) -> *const c_char {
    // SAFETY: the caller's promise.
    unsafe { at(host, "host") }.map_or(std::ptr::null(), |host| host.digest.as_ptr())
}

/// Frees a host; null is fine. No decision of it may be recorded afterwards; decisions themselves are freed on their own.
///
/// # Safety
/// `host` is null or a host that was not freed and that nobody uses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lf_host_free(host: *mut lf_host) {
    if !host.is_null() {
        answered((), || {
            // SAFETY: it came from `Box::into_raw` in `lf_load`; that it is the last use is the caller's promise.
            drop(unsafe { Box::from_raw(host) });
        });
    }
}

/// Opens a session by its names, at a time. The same names may be opened more than once, also with keys that were not known before: it is one session.
///
/// # Safety
/// `host` is null or a host that was not freed; pointers are null or lead to what they say; `out` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lf_open(host: *const lf_host, names: *const lf_names, now_ms: i64, out: *mut lf_session) -> lf_status {
    guarded(|| {
        // SAFETY: the caller's promise.
        unsafe { put(out, 0, "out") }?;
        // SAFETY: the caller's promise.
        let host = unsafe { at(host, "host") }?;
        // SAFETY: the caller's promise.
        let names = unsafe { at(names, "names") }?;
        // SAFETY: the caller's promise.
        let names = unsafe { named(names) }?;
        let session = host.host.open(&names, now_ms)?;
        // SAFETY: the caller's promise.
        unsafe { put(out, session, "out") }
    })
}

/// # Safety
/// The pointers in the names are null or lead to what they say.
unsafe fn named(names: &lf_names) -> Result<Names<'_>, Problem> {
    Ok(Names {
        // SAFETY: the caller's promise.
        session: unsafe { names.session.needed("session") }?,
        // SAFETY: the caller's promise.
        persona: unsafe { names.persona.needed("persona") }?,
        // SAFETY: the caller's promise.
        principal: unsafe { names.principal.text("principal") }?,
        // SAFETY: the caller's promise.
        agent: unsafe { names.agent.text("agent") }?,
        // SAFETY: the caller's promise.
        tenant: unsafe { names.tenant.text("tenant") }?,
    })
}

/// Closes a session's number: it denies from now on. The history stays, under the session's name.
///
/// # Safety
/// `host` is null or a host that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lf_close(host: *const lf_host, session: lf_session) -> lf_status {
    guarded(|| {
        // SAFETY: the caller's promise.
        let host = unsafe { at(host, "host") }?;
        Ok(host.host.close(session)?)
    })
}

/// Lets sessions go that have expired; to be called now and then.
///
/// # Safety
/// `host` is null or a host that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lf_sweep(host: *const lf_host, now_ms: i64) -> lf_status {
    guarded(|| {
        // SAFETY: the caller's promise.
        let host = unsafe { at(host, "host") }?;
        host.host.sweep(now_ms)?;
        Ok(())
    })
}
