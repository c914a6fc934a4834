#![no_main]
//! Text as users type it, asked of a small policy: no panic, and messages that drive no terminal.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| probe::ask_in_words(bytes));
