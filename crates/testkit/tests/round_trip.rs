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
