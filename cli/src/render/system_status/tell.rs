//! Puts what was seen of a system into lines: what to look at, what could not be seen, what is well; and what to type next.
//!
//! A line is to be looked at only where something is certain: what could not be seen is said, and is no alarm. Among lines of one
//! kind those come first that matter most.

use super::tell_denials::denials;
use super::tell_engines::engines;
use super::tell_policy::{booleans, loaded, modules, permissive, policy};
use super::tell_system::{configuration, levels, mode, own, what_works, without_policy, without_selinux};
use super::{Concern, StatusLine, SystemStatus};

/// Names that a line has before it counts the rest.
const NAMED: usize = 5;

/// The lines, in the order in which they are shown.
pub(crate) fn status_lines(status: &SystemStatus) -> Vec<StatusLine> {
    let mut lines = Vec::new();
    match &status.kernel {
        None => {
            lines.push(without_selinux(status));
            lines.extend(policy(status, None));
            lines.push(what_works());
        }
        Some(kernel) if !kernel.has_policy => {
            lines.push(without_policy(status));
            lines.extend(modules(status));
        }
        Some(kernel) => {
            lines.push(mode(status, kernel));
            lines.push(loaded(status));
            lines.extend(policy(status, Some(kernel)));
            lines.extend(denials(status));
            lines.extend(engines(status));
            lines.extend(permissive(&status.policy));
            lines.extend(booleans(status));
            lines.extend(modules(status));
            lines.extend(configuration(status));
            lines.extend(own(status));
            lines.extend(levels(status));
        }
    }
    lines.sort_by_key(|line| match line.concern {
        Concern::LookAt => 0,
        Concern::Unseen => 1,
        Concern::Fine => 2,
    });
    lines
}

pub(super) fn line(label: &'static str, concern: Concern, text: impl Into<String>) -> StatusLine {
    StatusLine::new(label, concern, text)
}

/// Something as it is shown: it may come from a stranger.
pub(super) fn shown(text: &str) -> String {
    policydb::Name::new(text.as_bytes()).to_string()
}

/// A few names, and how many more there are.
pub(super) fn named<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = names.len().saturating_sub(NAMED);
    let mut text = names.take(NAMED).map(shown).collect::<Vec<_>>().join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more (--json has all)"));
    }
    text
}

/// A number and what is counted.
pub(super) fn counted(n: u64, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}
