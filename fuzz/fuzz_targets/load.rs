#![no_main]
//! Bytes to a policy or an error: no panic, and no more memory than the bytes warrant.

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use peak_alloc::PeakAlloc;
use policydb::Policy;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

fuzz_target!(|bytes: &[u8]| {
    ALLOCATOR.reset_peak_usage();
    let before = ALLOCATOR.current_usage();
    let policy = Policy::parse(bytes);
    let peak = ALLOCATOR.peak_usage().saturating_sub(before);
    drop(policy);
    assert!(peak <= probe::memory_limit(bytes.len()), "{peak} bytes for a policy of {}", bytes.len());
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    sepolq_fuzz::change(data, size, max_size, seed, fuzzer_mutate)
});
