//! What fuzzing found once, and a seeded sequence of changes to the small policies, with nothing but Rust: no panic,
//! no contradiction, the same bytes back.

use std::path::{Path, PathBuf};

use policydb::Policy;
use testkit::random::Random;

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the test data")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    files
}

fn read(path: &PathBuf) -> Vec<u8> {
    std::fs::read(path).expect("a readable file")
}

/// Runs `check` on the bytes; a panic says which they are.
fn on(what: &str, bytes: &[u8], check: fn(&[u8])) {
    assert!(std::panic::catch_unwind(|| check(bytes)).is_ok(), "{what}: the panic above");
}

#[test]
fn cases_that_were_found() {
    let (policies, words, records) = (files("fuzz/policies"), files("fuzz/words"), files("fuzz/audit"));
    let file_contexts = files("fuzz/file_contexts");
    let packages = files("fuzz/packages");
    assert!(!policies.is_empty() && !words.is_empty() && !records.is_empty() && !file_contexts.is_empty());
    assert!(!packages.is_empty());
    for path in &packages {
        on(&path.display().to_string(), &read(path), probe::unpack);
    }
    for path in &policies {
        on(&path.display().to_string(), &read(path), probe::ask_everything);
        on(&path.display().to_string(), &read(path), probe::write_back);
    }
    for path in &words {
        on(&path.display().to_string(), &read(path), probe::ask_in_words);
    }
    for path in &records {
        on(&path.display().to_string(), &read(path), probe::read_records);
    }
    for path in &file_contexts {
        on(&path.display().to_string(), &read(path), probe::look_up);
    }
}

#[test]
fn changed_file_contexts() {
    let seeds: Vec<Vec<u8>> = files("fuzz/file_contexts").iter().map(read).collect();
    for (seed, bytes) in (0..1500).zip(seeds.iter().cycle()) {
        let mut changed = bytes.clone();
        probe::mutate_file_contexts(&mut changed, &mut Random::new(seed));
        on(&format!("seed {seed}"), &changed, probe::look_up);
    }
}

#[test]
fn changed_records() {
    let seeds: Vec<Vec<u8>> = files("fuzz/audit").iter().map(read).collect();
    for (seed, bytes) in (0..10_000).zip(seeds.iter().cycle()) {
        let mut changed = bytes.clone();
        probe::mutate_records(&mut changed, &mut Random::new(seed));
        on(&format!("seed {seed}"), &changed, probe::read_records);
    }
}

#[test]
fn changed_policies() {
    let is_policy = |path: &PathBuf| {
        path.extension().is_some_and(|extension| extension.as_encoded_bytes().iter().all(u8::is_ascii_digit))
    };
    let seeds: Vec<Vec<u8>> = files("policies").iter().filter(|path| is_policy(path)).map(read).collect();
    let (mut tried, mut loaded) = (0, 0);
    for (seed, bytes) in (0..6000).zip(seeds.iter().cycle()) {
        let mut changed = bytes.clone();
        probe::mutate(&mut changed, 8192, &mut Random::new(seed));
        on(&format!("seed {seed}"), &changed, probe::ask_everything);
        on(&format!("seed {seed}"), &changed, probe::write_back);
        tried += 1;
        loaded += usize::from(Policy::parse(&changed).is_ok());
    }
    // Changes that are always refused try nothing but the reader; those that never are, not even that.
    assert!(loaded * 10 > tried && loaded * 2 < tried, "{loaded} of {tried} load");
}
