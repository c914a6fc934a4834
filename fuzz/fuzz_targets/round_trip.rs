#![no_main]
//! Bytes to a policy and back to the same bytes.

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

fuzz_target!(|bytes: &[u8]| probe::write_back(bytes));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    sepolq_fuzz::change(data, size, max_size, seed, fuzzer_mutate)
});
