//! The manual pages: made of the help, and fresh in docs/man.

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use common::answer;

#[test]
fn manual_pages_are_made_of_the_help() {
    for words in [&["man"][..], &["man", "allow"], &["man", "type-transition"]] {
        let page = answer(words);
        assert_eq!(page.code, Some(0), "{words:?}: {}", page.stderr);
        assert!(page.stdout.contains(".TH sepolq") && page.stdout.contains("Examples:"), "{words:?}");
    }
    let unknown = answer(&["man", "alow"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.stderr.contains("`allow`"), "{}", unknown.stderr);
}

/// The pages in a directory, by file name.
fn pages(directory: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry"));
    let read = |entry: std::fs::DirEntry| {
        let text = std::fs::read_to_string(entry.path()).expect("a page");
        (entry.file_name().to_string_lossy().into_owned(), text)
    };
    entries.map(read).collect()
}

#[test]
fn the_pages_in_the_repository_are_fresh() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let written = answer(&["man", "--directory", &directory.path().display().to_string()]);
    assert_eq!(written.code, Some(0), "{}", written.stderr);
    let (fresh, kept) =
        (pages(directory.path()), pages(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/man")));
    assert!(fresh.contains_key("sepolq.1") && fresh.contains_key("sepolq-allow.1"));
    assert!(fresh == kept, "docs/man is stale: `cargo xtask man` writes it anew");
}

#[test]
fn pages_need_a_directory_that_is_there() {
    let missing = answer(&["man", "--directory", "/no/such/directory"]);
    assert_eq!(missing.code, Some(2));
    assert!(missing.stderr.contains("/no/such/directory"), "{}", missing.stderr);
}
