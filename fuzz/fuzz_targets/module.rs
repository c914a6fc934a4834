#![no_main]
//! Bytes as a policy module or package: no panic, and statements that a terminal can show.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| probe::read_module(bytes));
