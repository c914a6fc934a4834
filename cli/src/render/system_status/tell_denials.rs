//! The lines about denials: how many there were since the system was started, and labels that the policy does not know.

use super::tell::{counted, line, named, shown};
use super::{Concern, Denials, Seen, StatusLine, SystemStatus};
use crate::records::{Missing, SystemLog};
use crate::render::shell::quoted;

/// Stories that are told.
const STORIES: usize = 3;
/// What explains all of them.
const EXPLAIN: &str = "sudo sepolq explain --boot";
/// What shows the kernel's own log, where nothing else can be read.
const BY_HAND: &str = "sudo dmesg | sepolq explain";

pub(super) fn denials(status: &SystemStatus) -> Vec<StatusLine> {
    let denials = match &status.denials {
        Seen::Yes(denials) => denials,
        Seen::No(why) => {
            let line = line("denials", Concern::Unseen, format!("what was denied: {}", shown(why)));
            let line = line.asked_as_root(status);
            // Where auditd has the records, the kernel's log has not.
            let is_there = why.starts_with("only root") && !status.is_root;
            return vec![if is_there { line } else { line.next(BY_HAND) }];
        }
    };
    let since = if denials.since.is_some() { " since the system was started" } else { "" };
    let mut lines = Vec::new();
    if denials.count > 0 || denials.refusals > 0 {
        let told = denials.stories.iter().take(STORIES);
        let line = line("denials", Concern::LookAt, format!("{}{since}", how_many(denials)));
        let line = line.next(EXPLAIN);
        lines.push(told.fold(line, |line, (title, count)| line.more(format!("{count} × {}", shown(title)))));
    }
    if let Some(first) = denials.invalid.first() {
        let names = named(denials.invalid.iter().map(String::as_str));
        let next = format!("sepolq context {}", quoted(first));
        let text = format!("objects were seen with labels that the policy does not know: {names}");
        lines.push(line("labels", Concern::LookAt, text).next("sudo fixfiles check").next(next));
    }
    if denials.unreadable > 0 {
        let text = format!(
            "{} cannot be read",
            counted(denials.unreadable, "record that looks like a denial", "records that look like denials")
        );
        lines.push(line("denials", Concern::Unseen, text).next(EXPLAIN));
    }
    match &denials.missing {
        Some(missing) => {
            let text = format!("perhaps more: {}", shown(&missing.why));
            let line = line("denials", Concern::Unseen, text).asked_as_root(status);
            let line = if status.is_root { line.next(where_to_look(denials, missing)) } else { line };
            lines.push(StatusLine { is_minor: missing.is_brief, ..line });
        }
        None if lines.is_empty() => {
            lines.push(line("denials", Concern::Fine, format!("none{since}")));
        }
        None => {}
    }
    lines
}

/// What tells more of the time of which no log does.
fn where_to_look(denials: &Denials, missing: &Missing) -> &'static str {
    match denials.log {
        SystemLog::Audit if missing.is_auditd_gone => "systemctl status auditd",
        // What auditd took is not in the kernel's log.
        SystemLog::Audit if !missing.is_brief => "sudo ls -l /var/log/audit",
        _ => BY_HAND,
    }
}

fn how_many(denials: &Denials) -> String {
    let refused = counted(denials.refusals as u64, "context was refused", "contexts were refused");
    if denials.count == 0 {
        return refused;
    }
    let mode = match denials.let_through {
        0 => String::new(),
        n if n == denials.count => ", all let through,".to_owned(),
        n => format!(", {n} of them let through,"),
    };
    let mut text = format!(
        "{}{mode} in {}",
        counted(denials.count, "denial", "denials"),
        counted(denials.stories.len() as u64, "story", "stories")
    );
    if denials.refusals > 0 {
        text.push_str(&format!(", and {refused},"));
    }
    text
}
