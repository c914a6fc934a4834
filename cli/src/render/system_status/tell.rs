//! Puts what was seen of a system into lines: what is well, what to look at, what could not be seen, and what to type next.
//!
//! A line is to be looked at only where something is certain: what could not be seen is said, and worries nobody.

use host::{ConfiguredMode, Mode};

use super::tell_engines::engines;
use super::tell_policy::{booleans, loaded, modules, permissive, policy};
use super::{Concern, Denials, Kernel, Seen, StatusLine, SystemStatus};
use crate::render::shell::quoted;

/// Names that a line has before it counts the rest.
const NAMED: usize = 5;
/// Stories that are told.
const STORIES: usize = 3;

/// The lines, in the order in which they are shown.
pub(crate) fn status_lines(status: &SystemStatus) -> Vec<StatusLine> {
    let Some(kernel) = &status.kernel else {
        let mut lines = vec![without_selinux(status)];
        lines.extend(policy(status, None));
        lines.push(what_works());
        return lines;
    };
    let mut lines = vec![mode(status, kernel)];
    lines.extend(policy(status, Some(kernel)));
    lines.push(loaded(&status.loaded));
    lines.extend(permissive(&status.policy));
    lines.extend(own(status));
    lines.extend(levels(status));
    lines.extend(booleans(&status.booleans));
    lines.extend(modules(&status.modules));
    lines.extend(engines(&status.engines));
    lines.extend(denials(&status.denials));
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
        text.push_str(&format!(" and {more} more"));
    }
    text
}

/// A number and what is counted.
pub(super) fn counted(n: u64, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

fn without_selinux(status: &SystemStatus) -> StatusLine {
    let told = status.boot_parameters.iter().find(|word| *word == "selinux=0");
    let why = match (told, status.configured) {
        (Some(_), _) => "the kernel was started with `selinux=0`",
        (None, Some(ConfiguredMode::Disabled)) => "/etc/selinux/config says `SELINUX=disabled`",
        (None, Some(_)) => "it is configured, and the kernel was started without it, or this is a container",
        (None, None) => "it is not configured here",
    };
    let line = line("selinux", Concern::LookAt, format!("SELinux is off: no selinuxfs is mounted; {why}"));
    match (told, status.configured) {
        (Some(_), _) => line
            .next("sudo grubby --update-kernel ALL --remove-args selinux=0  # Fedora and its kin")
            .next("sudoedit /etc/default/grub && sudo update-grub  # Debian"),
        (None, Some(ConfiguredMode::Disabled)) => line.next("sudoedit /etc/selinux/config"),
        (None, Some(_)) => line.next("cat /sys/kernel/security/lsm /proc/cmdline"),
        (None, None) => line,
    }
}

fn what_works() -> StatusLine {
    line(
        "works",
        Concern::Fine,
        "questions about policies and logs from anywhere; a small policy comes with the program",
    )
    .next("sepolq allow -P FILE")
    .next("sepolq explain -P FILE audit.log")
    .next("sepolq --demo allow -s httpd_t")
}

fn mode(status: &SystemStatus, kernel: &Kernel) -> StatusLine {
    const PERMISSIVE: &str = "permissive: what the policy denies is logged and done all the same";
    let Some(mode) = kernel.mode else {
        let text = format!("{}/enforce cannot be read", shown(&kernel.mount_point));
        return line("mode", Concern::Unseen, text).next("sudo sepolq status");
    };
    // Where the kernel is told, the configuration does not count.
    let told = status.boot_parameters.iter().rev().find(|word| word.starts_with("enforcing="));
    let (is_next_enforcing, by, to_change) = match (told, status.configured) {
        (Some(word), _) => {
            (word != "enforcing=0", format!("the kernel is started with `{}`", shown(word)), None)
        }
        (None, Some(configured)) => (
            configured == ConfiguredMode::Enforcing,
            format!("/etc/selinux/config says `SELINUX={}`", configured.word()),
            Some("sudo sed -i 's/^SELINUX=.*/SELINUX=enforcing/' /etc/selinux/config"),
        ),
        (None, None) => (false, "there is no /etc/selinux/config".to_owned(), None),
    };
    let to_change = to_change.unwrap_or("cat /proc/cmdline /etc/selinux/config");
    match (mode, is_next_enforcing) {
        (Mode::Enforcing, true) => {
            line("mode", Concern::Fine, "enforcing, and so after the next boot").next("sepolq explain")
        }
        (Mode::Enforcing, false) => {
            line("mode", Concern::LookAt, format!("enforcing until the next boot: {by}")).next(to_change)
        }
        (Mode::Permissive, true) => {
            line("mode", Concern::LookAt, format!("{PERMISSIVE}; {by}")).next("sudo setenforce 1")
        }
        (Mode::Permissive, false) => {
            line("mode", Concern::LookAt, format!("{PERMISSIVE}, after the next boot too: {by}"))
                .next("sepolq explain")
                .next("sudo setenforce 1")
                .next(to_change)
        }
    }
}

/// In which domain the reader is, and which user logins become.
fn own(status: &SystemStatus) -> Option<StatusLine> {
    let label = status.own_label.as_deref()?;
    let mut text = format!("this process is {}", shown(label));
    let [root, others] = &status.logins;
    match (root, others) {
        (Some(root), Some(others)) if root == others => {
            text.push_str(&format!("; logins become {} (seusers)", shown(&root.user)));
        }
        (Some(root), Some(others)) => text.push_str(&format!(
            "; logins of root become {}, others {} (seusers)",
            shown(&root.user),
            shown(&others.user)
        )),
        _ => {}
    }
    Some(line("you", Concern::Fine, text).next(format!("sepolq context {}", quoted(label))))
}

/// How levels are shown, on systems that give them names.
fn levels(status: &SystemStatus) -> Option<StatusLine> {
    if !status.has_level_names {
        return None;
    }
    Some(match (&status.own_label, &status.own_label_translated) {
        (Some(raw), Some(translated)) if raw != translated => line(
            "levels",
            Concern::Fine,
            format!("shown as the kernel has them: this process's {} is {} here", shown(raw), shown(translated)),
        )
        .next("chcat -L"),
        _ if host::has_libselinux() => {
            line("levels", Concern::Unseen, "the names that this system gives its levels: their service does not answer")
                .next("systemctl status mcstransd")
        }
        _ => line(
            "levels",
            Concern::Unseen,
            "the names that this system gives its levels: this build does without libselinux, and shows them as the kernel has them",
        )
        .next("chcat -L"),
    })
}

fn denials(denials: &Seen<Denials>) -> Vec<StatusLine> {
    let denials = match denials {
        Seen::Yes(denials) => denials,
        Seen::No(why) => {
            return vec![line("denials", Concern::Unseen, shown(why)).next("sudo sepolq status")];
        }
    };
    let since = if denials.since.is_some() { " since the system was started" } else { "" };
    let mut lines = Vec::new();
    if denials.count > 0 {
        let let_through = denials.count.saturating_sub(denials.enforced);
        let mode = match (denials.enforced, let_through) {
            (_, 0) => String::new(),
            (0, _) => ", all let through".to_owned(),
            (_, n) => format!(", {n} of them let through"),
        };
        let text = format!(
            "{}{mode} in {}{since}",
            counted(denials.count, "denial", "denials"),
            counted(denials.stories.len() as u64, "story", "stories")
        );
        let told = denials.stories.iter().take(STORIES);
        let line = line("denials", Concern::LookAt, text).next("sudo sepolq explain");
        lines.push(told.fold(line, |line, (title, count)| line.more(format!("{count} × {}", shown(title)))));
    }
    if denials.refusals > 0 {
        let text = format!(
            "{}{since}",
            counted(denials.refusals as u64, "context was refused", "contexts were refused")
        );
        lines.push(line("refused", Concern::LookAt, text).next("sudo sepolq explain"));
    }
    if let Some(first) = denials.invalid.first() {
        let names = named(denials.invalid.iter().map(String::as_str));
        let next = format!("sepolq context {}", quoted(first));
        let text = format!("objects were seen with labels that the policy does not know: {names}");
        lines.push(line("labels", Concern::LookAt, text).next(next).next("sudo fixfiles check"));
    }
    if lines.is_empty() && !denials.is_partial {
        lines.push(line("denials", Concern::Fine, format!("none{since}")).next("sudo sepolq explain"));
    }
    if denials.is_partial {
        let text = "only root is shown all of the journal";
        lines.push(line("denials", Concern::Unseen, text).next("sudo sepolq status"));
    }
    lines
}
