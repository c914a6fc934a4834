//! The index against the scan: the same rules in the same order.

mod requests;

use std::path::{Path, PathBuf};

use analysis::query::{Index, find};
use avstore::Store;
use policydb::Policy;
use testkit::policies;
use testkit::random::Random;

/// Asks `n` questions both ways; returns how many of them had an answer.
fn compare(path: &Path, n: usize) -> usize {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let policy = Policy::parse(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (store, scanned) = (Store::new(&policy), Store::new(&policy));
    let index = Index::new(&store);
    let mut random = Random::new(7);
    let mut answered = 0;
    for _ in 0..n {
        let ask = if random.chance(50) { requests::narrow } else { requests::wider };
        let request = ask(&store, &mut random);
        let name = || format!("{}: {request:?}", path.display());
        let criteria = request.resolve(&store).unwrap_or_else(|error| panic!("{}: {error}", name()));
        let found = index.find(&criteria, usize::MAX).expect("no limit");
        // The other store has no index of members either.
        let criteria = request.resolve(&scanned).expect("the same request");
        let expected = find(&scanned, &criteria, usize::MAX).expect("no limit");
        assert_eq!(format!("{found:?}"), format!("{expected:?}"), "{}", name());
        answered += usize::from(!found.is_empty());
    }
    answered
}

#[test]
fn small_policies_of_every_version() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/policies");
    let files =
        std::fs::read_dir(folder).expect("the test data").map(|entry| entry.expect("an entry").path());
    let is_rich = |path: &PathBuf| {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        name.starts_with("rich") && !name.ends_with(".conf") && !name.ends_with(".te")
    };
    let files: Vec<PathBuf> = files.filter(is_rich).collect();
    assert!(files.len() > 20, "{files:?}");
    let answered: usize = files.iter().map(|path| compare(path, 100)).sum();
    assert!(answered > files.len() * 30, "{answered} answers from {} files", files.len());
}

#[test]
fn real_policies() {
    for policy in policies::ALL {
        if policy.path().is_file() {
            let answered = compare(&policy.path(), 1500);
            assert!(answered > 400, "only {answered} questions have answers");
        } else {
            testkit::leave_out(&testkit::Error::NoPolicy { path: policy.path() });
        }
    }
}
