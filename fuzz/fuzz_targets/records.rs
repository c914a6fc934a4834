#![no_main]
//! Lines of a log, read as audit records: no panic, the same whatever the buffer, and nothing that drives a terminal.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| probe::read_records(bytes));
