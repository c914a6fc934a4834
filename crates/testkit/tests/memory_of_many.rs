//! Memory stays within eight times the file plus 16 MiB also where every byte of a large file is spent on the
//! smallest records of one section.
//!
//! One test in this file: the allocator counts for the whole process.

use peak_alloc::PeakAlloc;
use policydb::Policy;
use testkit::assembled::{Assembled, boolean, named, rule, type_symbol, words};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// What the file is full of, and how a policy becomes so.
type Change<'a> = (&'static str, &'a dyn Fn(&mut Assembled));

/// Just beyond a power of two, where a vector that grows by doubling has just grown.
const MANY: u32 = (1 << 18) + 1;

/// A short name for each number, without NUL.
fn name(number: u32) -> Vec<u8> {
    [number >> 14, number >> 7, number].map(|part| (part & 0x7f) as u8 | 0x80).to_vec()
}

#[test]
fn the_smallest_records_by_the_hundred_thousand_take_no_more_memory_than_the_file_warrants() {
    let many = |record: &dyn Fn(u32) -> Vec<u8>| (1..=MANY).map(record).collect::<Vec<_>>();
    let change: [Change<'_>; 12] = [
        ("commons", &|p| p.commons.records = many(&|i| named(&name(i), &[i, 0, 0], &[]))),
        ("classes", &|p| {
            p.classes.records = many(&|i| named(&name(i), &[0, i, 0, 0, 0], &words(&[0, 0, 0, 0, 0])))
        }),
        ("types", &|p| p.types.records = many(&|i| type_symbol(&name(i), i, 1, 0))),
        ("aliases", &|p| p.types.records.extend(many(&|i| type_symbol(&name(i), 1, 0, 0)))),
        ("booleans", &|p| p.booleans.records = many(&|i| boolean(&name(i), i))),
        ("aliases of categories", &|p| p.categories.records.extend(many(&|i| named(&name(i), &[1, 1], &[])))),
        ("rules", &|p| p.rules = many(&|_| rule([1, 2, 1, 1], 1))),
        ("extended rules", &|p| p.rules = many(&|_| [rule([1, 2, 1, 0x100], 1), vec![0; 30]].concat())),
        ("rules of both forms", &|p| {
            let extended = [rule([1, 2, 1, 0x100], 1), vec![0; 30]].concat();
            p.rules = many(&|i| if i % 2 == 0 { rule([1, 2, 1, 1], 1) } else { extended.clone() })
        }),
        ("conditionals", &|p| p.conditionals = many(&|_| words(&[0, 1, 1, 1, 0, 0]))),
        ("conditionals with a rule", &|p| {
            p.conditionals = many(&|_| [words(&[0, 1, 1, 1, 1]), rule([1, 2, 1, 1], 1), words(&[0])].concat())
        }),
        ("file systems", &|p| p.genfs = many(&|i| named(&name(i), &[], &words(&[0])))),
    ];
    for (what, change) in change {
        let mut policy = Assembled::default();
        change(&mut policy);
        for table in [&mut policy.commons, &mut policy.classes, &mut policy.types, &mut policy.booleans] {
            if table.records.len() > 10 && what != "aliases" {
                table.values = MANY;
            }
        }
        let bytes = policy.bytes();
        drop(policy);
        ALLOCATOR.reset_peak_usage();
        let before = ALLOCATOR.current_usage();
        let policy = Policy::parse(&bytes);
        let peak = ALLOCATOR.peak_usage().saturating_sub(before);
        assert!(policy.is_ok(), "{what}: {:?}", policy.err());
        let limit = 8 * bytes.len() + (16 << 20);
        assert!(peak <= limit, "{what}: {peak} bytes for a file of {}", bytes.len());
    }
}
