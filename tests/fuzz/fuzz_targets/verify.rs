//! The target `verify`: bytes into the verifier. What it does stands in the library, which the tests share.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| leverframe_fuzz::verify(bytes));
