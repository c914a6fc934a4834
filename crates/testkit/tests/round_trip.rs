//! Every policy that is read is written back with the same bytes: reading loses nothing.

use std::path::{Path, PathBuf};

use policydb::Policy;
use testkit::newer_versions::{self, Assembled};
use testkit::random::Random;
use testkit::{generated, policies, writer};

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

fn assert_written_back(policy: &policies::Policy) {
    match std::fs::read(policy.path()) {
        Ok(bytes) => assert_same_bytes(&policy.path(), &bytes),
        Err(_) => testkit::leave_out(&testkit::Error::NoPolicy { path: policy.path() }),
    }
}

#[test]
fn the_real_policies() {
    policies::ALL.iter().for_each(assert_written_back);
}

#[test]
fn a_real_policy_at_every_version_from_20_to_32() {
    let versions = || policies::NAMELESS.iter().chain(policies::OLDER);
    assert_eq!(versions().count(), 13);
    versions().for_each(assert_written_back);
}

#[test]
#[ignore = "135 MB; `cargo xtask oracle --full` runs it"]
fn version_19_of_a_real_policy() {
    assert_written_back(&policies::EXPANDED);
}

#[test]
fn generated_policies_at_every_version_that_checkpolicy_writes() {
    if generated::compiler_is_missing() {
        testkit::leave_out(&testkit::Error::Reference("checkpolicy is not installed".to_owned()));
        return;
    }
    let directory = tempfile::tempdir().expect("a temporary directory");
    for seed in 0..16 {
        let text = generated::policy_text(&mut Random::new(seed));
        for version in if generated::has_levels(&text) { 19..=33 } else { 15..=33 } {
            let bytes = generated::compile_at(version, &text, directory.path())
                .unwrap_or_else(|error| panic!("seed {seed}, version {version}: {error}"));
            assert_same_bytes(Path::new(&format!("seed {seed}, version {version}")), &bytes);
        }
    }
}

#[test]
fn the_versions_that_no_compiler_here_writes() {
    let all = newer_versions::policies().expect("the test data");
    for Assembled { name, version, bytes } in &all {
        assert_same_bytes(Path::new(name), bytes);
        let policy = Policy::parse(bytes).expect("read before");
        let never_audited: Vec<u32> = policy.neveraudit_types().bits().collect();
        assert_eq!(never_audited, if *version == 35 { vec![3] } else { vec![] }, "{name}");
    }
    assert!(all.iter().map(|policy| policy.version).eq([34, 34, 35, 35]));
    // Without the map it is no policy of version 35.
    assert!(
        Policy::parse(&newer_versions::with_version("rich-xperm", 35).expect("the test data").bytes).is_err()
    );
}
