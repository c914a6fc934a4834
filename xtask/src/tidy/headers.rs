//! Every Rust file says in its first line what it is for, and none is longer than a reader can hold.

use crate::process::{capture, system};
use std::fs;
use std::path::Path;

/// Lines above which a file needs a reason.
const LONG: usize = 800;

/// The start of the line that gives the reason.
const REASON: &str = "// LONG: ";

/// One complaint for each file that breaks a rule. Looks at files that git knows or would add.
pub(crate) fn check(root: &Path) -> Result<Vec<String>, String> {
    let listing = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "*.rs"];
    let files = capture(system("git").current_dir(root).args(listing))?;
    let mut complaints = Vec::new();
    for file in files.split('\0').filter(|file| !file.is_empty()) {
        // A file that was removed but not yet committed is still listed.
        if let Ok(text) = fs::read_to_string(root.join(file)) {
            complaints.extend(complain(file, &text));
        }
    }
    Ok(complaints)
}

fn complain(file: &str, text: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    let first = text.lines().next().unwrap_or_default();
    if !(first.starts_with("//!") || first.starts_with("#!")) {
        complaints.push(format!("{file}: the first line must be `//!` and say what the file is for"));
    }
    let lines = text.lines().count();
    let has_reason = text.lines().any(|line| line.starts_with(REASON));
    if lines > LONG && !has_reason {
        complaints.push(format!("{file}: {lines} lines; split it, or say why not in a line `{REASON}…`"));
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::complain;

    #[test]
    fn headers_and_lengths_are_checked() {
        assert!(complain("a.rs", "//! Why.\nfn main() {}\n").is_empty());
        assert!(complain("a.rs", "#![no_main]\n//! Why.\n").is_empty());
        assert_eq!(complain("a.rs", "fn main() {}\n").len(), 1);
        assert_eq!(complain("a.rs", "").len(), 1);
        let long = "//! Why.\n".repeat(801);
        assert_eq!(complain("a.rs", &long).len(), 1);
        assert!(complain("a.rs", &(long + "// LONG: a table.\n")).is_empty());
    }
}
