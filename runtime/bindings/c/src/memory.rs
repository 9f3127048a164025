//! Memory for a caller that has none of its own here: WebAssembly, whose host writes into this module's.
//!
//! In: a length. Out: a place of so many bytes, on which every type of the interface is aligned. Source: `runtime/bindings/wasm/README.md`.

use crate::types::{lf_call, lf_given, lf_names, lf_options, lf_result, lf_view};

/// The places of the fields that the glue of `runtime/bindings/wasm` writes and reads; it does not compile where they are others.
const _: () = {
    assert!(size_of::<lf_options>() == 48 && std::mem::offset_of!(lf_options, now_ms) == 8 && std::mem::offset_of!(lf_options, keys) == 16);
    assert!(std::mem::offset_of!(lf_options, value_key) == 24 && std::mem::offset_of!(lf_options, idle_ms) == 32);
    assert!(std::mem::offset_of!(lf_options, sessions) == 40 && size_of::<crate::types::lf_key>() == 48);
    assert!(size_of::<lf_names>() == 40);
    assert!(size_of::<lf_call>() == 64 && std::mem::offset_of!(lf_call, approved) == 24 && std::mem::offset_of!(lf_call, tool) == 28);
    assert!(size_of::<lf_view>() == 72 && std::mem::offset_of!(lf_view, admitted) == 4 && std::mem::offset_of!(lf_view, at) == 8);
    assert!(std::mem::offset_of!(lf_view, code) == 24 && std::mem::offset_of!(lf_view, json) == 64);
    assert!(
        size_of::<lf_result>() == 40 && std::mem::offset_of!(lf_result, content) == 12 && std::mem::offset_of!(lf_result, labels) == 28
    );
    assert!(size_of::<lf_given>() == 20 && std::mem::offset_of!(lf_given, content) == 4);
};

fn words(len: usize) -> usize {
    len.div_ceil(8).max(1)
}

/// A place of `len` bytes, all zero, aligned to 8; freed with `lf_dealloc`.
#[unsafe(no_mangle)]
pub extern "C" fn lf_alloc(len: usize) -> *mut u64 {
    Box::into_raw(vec![0_u64; words(len)].into_boxed_slice()).cast()
}

/// Frees a place of `len` bytes; null is fine.
///
/// # Safety
/// `place` is null or came from `lf_alloc` with the same `len`, and was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lf_dealloc(place: *mut u64, len: usize) {
    if !place.is_null() {
        // SAFETY: it came from `lf_alloc`, which made a boxed slice of this length; the rest is the caller's promise.
        drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(place, words(len))) });
    }
}
