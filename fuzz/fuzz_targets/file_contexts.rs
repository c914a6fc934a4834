#![no_main]
//! Bytes as file contexts, text or compiled: no panic, bounded work, and look-ups that answer with what is there.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| probe::look_up(bytes));
