//! Bytes as a policy module: an error, or a module of which everything can be stated, whatever the bytes are.

use ::module::{Package, statements};

/// Statements of which a module of a few kilobytes has no more, whatever is in it: each takes bytes of the file.
const MOST: usize = 1 << 20;

/// Reads bytes as a module, or a package with one, and states all that it states.
///
/// # Panics
/// When a message or a statement drives a terminal, or there are more statements than bytes can honestly give.
pub fn read_module(bytes: &[u8]) {
    match Package::parse(bytes) {
        Err(error) => {
            assert!(error.offset <= bytes.len(), "{error} lies beyond the file");
            check(&error.to_string());
        }
        Ok(package) => {
            let all = statements(&package.module);
            assert!(all.len() <= MOST, "{} statements of {} bytes", all.len(), bytes.len());
            all.iter().for_each(|statement| check(&statement.text));
            let changes = analysis::diff::modules::module_changes(&package, &package);
            assert!(
                changes.is_empty() && changes.renamed.is_empty(),
                "a module differs from itself: {changes:?}"
            );
        }
    }
}

/// Nothing that drives a terminal; a message may have a line of help.
fn check(text: &str) {
    assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
}
