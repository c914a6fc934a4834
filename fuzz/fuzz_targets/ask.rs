#![no_main]
//! Bytes to a policy, and everything asked of what loaded: no panic, no contradiction, no endless answer.

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

fuzz_target!(|bytes: &[u8]| probe::ask_everything(bytes));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    sepolq_fuzz::change(data, size, max_size, seed, fuzzer_mutate)
});
