//! Every policy that is read is written back with the same bytes: reading loses nothing.

use std::path::{Path, PathBuf};

use policydb::Policy;
use testkit::{policies, writer};

fn assert_same_bytes(path: &Path, bytes: &[u8]) {
    let policy = Policy::parse(bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let written = writer::write(&policy);
    if written != bytes {
        let at =
            written.iter().zip(bytes).position(|(a, b)| a != b).unwrap_or(written.len().min(bytes.len()));
        panic!("{}: {} bytes of {}, first difference at {at}", path.display(), written.len(), bytes.len());
    }
}

#[test]
fn the_policies_of_the_test_data() {
    let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata");
    let is_policy = |path: &PathBuf| {
        path.extension()
            .is_some_and(|e| !e.is_empty() && e.to_string_lossy().bytes().all(|b| b.is_ascii_digit()))
    };
    let mut versions = std::collections::BTreeSet::new();
    for directory in ["policies", "demo", "records/sesearch"] {
        let entries = std::fs::read_dir(testdata.join(directory)).expect("the test data");
        for path in entries.map(|entry| entry.expect("an entry").path()).filter(is_policy) {
            // The one that has no unconditional rule is refused, by the kernel as well.
            if path.file_name().is_some_and(|name| name == "rules-none.33") {
                continue;
            }
            let bytes = std::fs::read(&path).expect("a readable file");
            assert_same_bytes(&path, &bytes);
            versions.insert(path.extension().expect("a version").to_owned());
        }
    }
    assert!(versions.len() >= 19, "{versions:?}");
}

#[test]
fn the_real_policies() {
    for policy in policies::ALL {
        match std::fs::read(policy.path()) {
            Ok(bytes) => assert_same_bytes(&policy.path(), &bytes),
            Err(_) => testkit::leave_out(&testkit::Error::NoPolicy { path: policy.path() }),
        }
    }
}

/// Where the bitmap of permissive types ends in a policy of version 23 or later: behind the header stand two
/// bitmaps of three words and twelve bytes a node each.
fn end_of_permissive_types(bytes: &[u8]) -> usize {
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes")) as usize;
    // Magic number, length and text of the platform, version, configuration, two table sizes.
    let mut at = 4 + 4 + word(4) + 4 * 4;
    for _ in 0..2 {
        at += 12 + word(at + 8) * 12;
    }
    at
}

#[test]
fn the_versions_that_no_compiler_here_writes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/policies/rich-xperm.33");
    let original = std::fs::read(&path).expect("a readable file");
    let with_version = |version: u32| {
        let mut bytes = original.clone();
        bytes[16..20].copy_from_slice(&version.to_le_bytes());
        bytes
    };
    // 34 allows extended permissions in conditionals; nothing else changes.
    let bytes = with_version(34);
    assert_same_bytes(&path, &bytes);
    // 35 adds the map of types whose denials are never audited: type 3, by value.
    let mut bytes = with_version(35);
    let at = end_of_permissive_types(&bytes);
    let map: Vec<u8> = [64u32, 64, 1, 0, 1 << 3, 0].iter().flat_map(|word| word.to_le_bytes()).collect();
    bytes.splice(at..at, map);
    assert_same_bytes(&path, &bytes);
    let policy = Policy::parse(&bytes).expect("version 35");
    assert_eq!(policy.neveraudit_types().bits().collect::<Vec<_>>(), [3]);
    // Without the map it is no policy of version 35.
    assert!(Policy::parse(&with_version(35)).is_err());
}
