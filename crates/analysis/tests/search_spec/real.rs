//! The policies of the test data, small and real: the engine finds what the specification finds.

use std::path::Path;

use policydb::{Policy, RuleKind};
use testkit::policies;

use crate::{compare, with_policy};

/// Questions about types, and about roles and ranges each, for a small policy and for a real one.
const SMALL: (usize, usize) = (40, 20);
const REAL: (usize, usize) = (30, 25);

#[test]
fn small_policies_of_every_version() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/policies");
    let mut versions = std::collections::BTreeSet::new();
    let mut answered = 0;
    for entry in std::fs::read_dir(folder).expect("the test data") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(version) =
            path.extension().and_then(|version| version.to_string_lossy().parse::<u32>().ok())
        else {
            continue;
        };
        // It has no unconditional rule, and is refused.
        if name == "rules-none.33" {
            continue;
        }
        let bytes = std::fs::read(&path).expect("a readable file");
        let policy = Policy::parse(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        answered += compare(&name, &policy, u64::from(version), SMALL.0, SMALL.1);
        versions.insert(version);
    }
    assert!(versions.into_iter().eq(15..=33));
    assert!(answered > 3000, "only {answered} questions had an answer");
}

#[test]
fn policies_of_versions_34_and_35() {
    for assembled in testkit::newer_versions::policies().expect("the test data") {
        let policy = Policy::parse(&assembled.bytes).unwrap_or_else(|e| panic!("{}: {e}", assembled.name));
        let answered = compare(&assembled.name, &policy, 1, SMALL.0, SMALL.1);
        assert!(answered > SMALL.0 / 2, "{}: only {answered} questions had an answer", assembled.name);
    }
}

#[test]
fn a_conditional_rule_on_commands_is_found_since_34() {
    let all = testkit::newer_versions::policies().expect("the test data");
    let conditional = all.iter().filter(|policy| policy.name.starts_with("condition-granted"));
    let mut versions = Vec::new();
    for assembled in conditional {
        let policy = Policy::parse(&assembled.bytes).expect("a policy");
        let query = spec::Query {
            kinds: vec![RuleKind::AllowXperm],
            xperms: [0x5401].into(),
            enabled: true,
            ..spec::Query::default()
        };
        let found = spec::search(&policy, &query);
        let statements: Vec<&str> = found.iter().map(|found| found.statement.as_str()).collect();
        assert_eq!(statements, ["allowxperm a_t doc_t:file ioctl 0x5401;"], "{}", assembled.name);
        assert_eq!(crate::engine::rules(&avstore::Store::new(&policy), &query), found, "{}", assembled.name);
        versions.push(assembled.version);
    }
    assert_eq!(versions, [34, 35]);
}

#[test]
fn real_policies() {
    for (seed, policy) in (0..).zip(policies::ALL) {
        with_policy(policy, |read| {
            let answered = compare(policy.name, read, seed, REAL.0, REAL.1);
            assert!(answered > REAL.0 / 2, "{}: only {answered} questions had an answer", policy.name);
        });
    }
}

#[test]
fn a_real_policy_at_the_versions_that_setools_reads() {
    for (seed, policy) in (100..).zip(policies::OLDER) {
        with_policy(policy, |read| {
            let answered = compare(policy.name, read, seed, 12, 10);
            assert!(answered > 10, "{}: only {answered} questions had an answer", policy.name);
        });
    }
}
