#![no_main]
//! Bytes as a package, a compressed stream or CIL: no panic, and no more than the limits let out.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| probe::unpack(bytes));
