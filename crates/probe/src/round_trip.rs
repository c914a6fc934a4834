//! What loads is written back with the same bytes: reading loses nothing, of hostile files either.
//!
//! Two differences are no loss. Bytes behind the last section are accepted, as the kernel accepts them, and are
//! not part of the policy. And before version 20 the file chooses which rules with one key share a record, which
//! changes nothing about the rules: there the writer must come to rest, with every rule kept.

use policydb::format::Feature;
use policydb::{AvTable, Policy};
use testkit::writer::write;

/// Loads and writes back.
///
/// # Panics
/// When what is written is not what was read.
pub fn write_back(bytes: &[u8]) {
    let Ok(policy) = Policy::parse(bytes) else { return };
    let (policy_bytes, behind) = bytes.split_at(policy.n_bytes());
    let written = write(&policy);
    if policy.format().has(Feature::CompactAvtab) {
        let same = written.iter().zip(policy_bytes).take_while(|(a, b)| a == b).count();
        assert_eq!(
            (same, written.len()),
            (policy_bytes.len(), policy_bytes.len()),
            "the first byte that differs"
        );
        return;
    }
    // What stands behind a policy decides how large its tables may claim to be.
    let written_file = [&written, behind].concat();
    let again = match Policy::parse(&written_file) {
        Ok(again) => again,
        Err(error) => panic!("what is written back cannot be read: {error}"),
    };
    assert_eq!(rules(policy.rules()), rules(again.rules()));
    assert_eq!(rules(policy.conditional_rules()), rules(again.conditional_rules()));
    assert!(write(&again) == written, "a second writing gives other bytes");
}

/// Every rule, without its place in the file.
fn rules(table: &AvTable<'_>) -> Vec<[u32; 5]> {
    let rule = |(_, rule): (usize, policydb::AvRule)| {
        let (source, target) = (rule.source().value(), rule.target().value());
        [source, target, rule.class().value(), u32::from(rule.kind_bits()), rule.datum()]
    };
    table.rules(0..table.len()).map(rule).collect()
}
