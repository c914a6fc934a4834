//! Memory stays within eight times the file plus 16 MiB, whatever the counts in the file claim.
//!
//! One test in this file: the allocator counts for the whole process.

use peak_alloc::PeakAlloc;
use policydb::Policy;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Peak of the bytes that parsing allocates beyond what is there before.
fn peak_of_parsing(bytes: &[u8]) -> usize {
    ALLOCATOR.reset_peak_usage();
    let before = ALLOCATOR.current_usage();
    let policy = Policy::parse(bytes);
    let peak = ALLOCATOR.peak_usage().saturating_sub(before);
    drop(policy);
    peak
}

#[test]
fn no_count_makes_parsing_allocate_more_than_the_file_warrants() {
    let policies = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/policies");
    let mut tried = 0;
    for name in ["rich.33", "rich.24", "rich-mls.33", "rich-mls.19", "rich.15", "rich-xperm.33", "xen.30"] {
        let original = std::fs::read(format!("{policies}/{name}")).expect("a policy of the test data");
        // Behind the policy stands room that a forged count can claim.
        let padded = [original.clone(), vec![0; 1 << 20]].concat();
        for bytes in [original, padded] {
            let limit = 8 * bytes.len() + (16 << 20);
            let words = (bytes.len().min(12_000)) / 4;
            for word in 0..words {
                for forged in [u32::MAX, 0x7fff_ffff, 0x0001_0000, 60_000] {
                    let mut forgery = bytes.clone();
                    forgery[word * 4..word * 4 + 4].copy_from_slice(&forged.to_le_bytes());
                    let peak = peak_of_parsing(&forgery);
                    assert!(peak <= limit, "{name}: {forged:#x} at byte {}: {peak} bytes", word * 4);
                    tried += 1;
                    if bytes.len() > 1 << 20 && word % 16 != 0 {
                        break;
                    }
                }
            }
        }
    }
    assert!(tried > 10_000, "{tried}");
}
