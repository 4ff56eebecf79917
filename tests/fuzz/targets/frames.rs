//! Bytes of a socket, below our frames.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| frontdesk_fuzz::frames(data));
