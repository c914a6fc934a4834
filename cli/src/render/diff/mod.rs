//! Answers of `diff`.
//!
//! | file | what it does |
//! |---|---|
//! | `report.rs` | what is told, in words and numbers, once for all forms |
//! | `domain.rs` | all that changed for one domain |
//! | `sections.rs` | what changed that is no access: declarations, transitions, constraints, … |
//! | `limits.rs` | how much of it is told |
//! | `text.rs` | for people: one screen first |
//! | `markdown.rs` | for release notes |
//! | `html.rs` | one page, folded by domain and by cause, with a search |
//! | `json.rs` | for programs |

mod domain;
mod html;
mod json;
mod limits;
mod markdown;
mod report;
mod sections;
mod text;

use analysis::diff::{Comparison, FileLabels, Finding, SecretReach, Symbol};

pub(crate) use html::diff_as_html;
pub(crate) use json::diff_as_json;
pub(crate) use limits::DiffLimits;
pub(crate) use markdown::diff_as_markdown;
pub(crate) use report::diff_report;
pub(crate) use text::diff_as_text;

use crate::policy_source::PolicySource;

/// What changed between two policies.
pub(crate) struct DiffAnswer<'a, 's, 'p> {
    /// The older and the newer one.
    pub(crate) sources: [&'a PolicySource; 2],
    pub(crate) comparison: &'a Comparison<'s, 'p>,
    /// The most serious first.
    pub(crate) findings: &'a [Finding],
    /// The domains that were asked about.
    pub(crate) domains: &'a [Symbol],
    /// File contexts that differ, if they were given.
    pub(crate) labels: Option<&'a FileLabels>,
    /// Who newly reaches what, if that was asked.
    pub(crate) reach: Option<&'a [SecretReach]>,
}

/// A number and what is counted, thousands set apart.
fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", number(n), if n == 1 { one } else { many })
}

/// A number with commas between thousands.
fn number(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && digits.len().saturating_sub(i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Names, and how many more there are than are shown.
fn listed(names: &[String], n_all: usize) -> String {
    let more = n_all.saturating_sub(names.len());
    match (names.is_empty(), more) {
        (true, _) => String::new(),
        (_, 0) => names.join(", "),
        _ => format!("{}, … {} more", names.join(", "), number(more)),
    }
}

#[cfg(test)]
mod tests {
    use super::{listed, number};

    #[test]
    fn numbers_are_readable() {
        assert_eq!([0, 999, 1000, 1_117_755].map(number), ["0", "999", "1,000", "1,117,755"]);
        let names = ["a", "b"].map(str::to_owned);
        assert_eq!(
            (listed(&names, 2), listed(&names, 1002)),
            ("a, b".to_owned(), "a, b, … 1,000 more".to_owned())
        );
    }
}
