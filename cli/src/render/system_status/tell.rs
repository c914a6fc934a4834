//! Puts what was seen of a system into lines: what is well, what to look at, what could not be seen, and what to type next.
//!
//! A line is to be looked at only where something is certain: what could not be seen is said, and worries nobody.

use host::{ConfiguredMode, Mode};

use super::tell_engines::engines;
use super::{
    AskedPolicy, BooleanState, Concern, Denials, Kernel, Loaded, ModulesState, Seen, StatusLine, SystemStatus,
};
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

fn line(label: &'static str, concern: Concern, text: impl Into<String>) -> StatusLine {
    StatusLine::new(label, concern, text)
}

/// Something as it is shown: it may come from a stranger.
fn shown(text: &str) -> String {
    policydb::Name::new(text.as_bytes()).to_string()
}

/// A few names, and how many more there are.
fn named<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = names.len().saturating_sub(NAMED);
    let mut text = names.take(NAMED).map(shown).collect::<Vec<_>>().join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

/// A number and what is counted.
fn counted(n: u64, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

const fn on_or_off(state: bool) -> &'static str {
    if state { "on" } else { "off" }
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

fn policy(status: &SystemStatus, kernel: Option<&Kernel>) -> Vec<StatusLine> {
    let policy = match (&status.policy, kernel) {
        (Seen::Yes(policy), _) => policy,
        (Seen::No(_), None) => return Vec::new(),
        (Seen::No(why), Some(_)) => {
            return vec![line("policy", Concern::Unseen, shown(why)).next("sudo sepolq status")];
        }
    };
    let mut text = format!("`{}`, version {}", shown(&status.policy_type), policy.version);
    if let Some(newest) = kernel.and_then(|kernel| kernel.newest_version) {
        text.push_str(&format!(" (this kernel reads up to {newest})"));
    }
    if let Some(has_levels) = kernel.and_then(|kernel| kernel.has_levels) {
        text.push_str(if has_levels { ", with levels" } else { ", without levels" });
    }
    if let Some(unknown) = kernel.and_then(|kernel| kernel.unknown_permissions) {
        text.push_str(&format!("; permissions that it does not know: {}", unknown.word()));
    }
    text.push_str(&match (policy.is_running, kernel) {
        (true, _) => format!("; commands ask {}, with booleans as they are", policy.path),
        (false, None) => format!("; installed as {}", policy.path),
        (false, Some(_)) => format!(
            "; the loaded one cannot be read, commands ask {}, with booleans as after a boot",
            policy.path
        ),
    });
    vec![line("policy", Concern::Fine, text).next("sepolq info")]
}

fn loaded(loaded: &Seen<Loaded>) -> StatusLine {
    match loaded {
        Seen::No(why) => line(
            "loaded",
            Concern::Unseen,
            format!("whether the loaded policy is the installed one: {}", shown(why)),
        )
        .next("sudo sepolq status"),
        Seen::Yes(Loaded::Same { path, by }) => {
            line("loaded", Concern::Fine, format!("the loaded policy is {path}, compared by {by}"))
                .next(format!("sepolq diff {} running", quoted(path)))
        }
        Seen::Yes(Loaded::Different { path }) => line(
            "loaded",
            Concern::LookAt,
            format!("the loaded policy is not the installed {path}: that one counts from the next boot on"),
        )
        .next(format!("sudo sepolq diff running {}", quoted(path)))
        .next("sudo load_policy"),
        Seen::Yes(Loaded::NothingInstalled) => {
            line("loaded", Concern::LookAt, "no policy is installed: the next boot has none to load")
                .next("sudo semodule -B")
        }
        Seen::Yes(Loaded::Nothing) => {
            line("loaded", Concern::LookAt, "the kernel has no policy loaded").next("sudo load_policy -i")
        }
    }
}

fn permissive(policy: &Seen<AskedPolicy>) -> Option<StatusLine> {
    let policy = policy.value()?;
    let names = &policy.permissive;
    let Some(first) = names.first() else {
        return Some(
            line("domains", Concern::Fine, "no domain is permissive").next("sepolq list permissive"),
        );
    };
    let are = if names.len() == 1 { "is" } else { "are" };
    Some(
        line(
            "domains",
            Concern::LookAt,
            format!("{} {are} permissive: nothing is denied to it", named(names.iter().map(String::as_str))),
        )
        .next(format!("sepolq show {}", quoted(first)))
        .next(format!("sudo semanage permissive -d {}", quoted(first))),
    )
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
        _ if host::HAS_LIBSELINUX => {
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

fn booleans(booleans: &Seen<Vec<BooleanState>>) -> Vec<StatusLine> {
    let booleans = match booleans {
        Seen::Yes(booleans) => booleans,
        Seen::No(why) => {
            return vec![line("booleans", Concern::Unseen, shown(why)).next("sudo sepolq status")];
        }
    };
    let mut lines = Vec::new();
    let pending: Vec<&BooleanState> = booleans.iter().filter(|one| one.pending != one.current).collect();
    if !pending.is_empty() {
        let names = named(pending.iter().map(|one| one.name.as_str()));
        lines.push(
            line("booleans", Concern::LookAt, format!("set and not committed, so without effect: {names}"))
                .next("echo 1 | sudo tee /sys/fs/selinux/commit_pending_bools"),
        );
    }
    let changed: Vec<&BooleanState> =
        booleans.iter().filter(|one| one.default.is_some_and(|default| default != one.current)).collect();
    if let Some(first) = changed.first() {
        let states: Vec<String> =
            changed.iter().map(|one| format!("{}={}", one.name, on_or_off(one.current))).collect();
        let names = named(states.iter().map(String::as_str));
        lines.push(
            line("booleans", Concern::LookAt, format!("not as after the next boot: {names}"))
                .next(format!("sepolq show {}", quoted(&first.name)))
                .next(format!("sudo setsebool -P {} {}", quoted(&first.name), on_or_off(first.current))),
        );
    }
    let local: Vec<&BooleanState> = booleans.iter().filter(|one| one.is_local).collect();
    if lines.is_empty() {
        let known = booleans.iter().filter(|one| one.default.is_some()).count();
        let text = match (booleans.len(), known) {
            (0, _) => "the policy has none".to_owned(),
            (_, 0) => {
                "the installed policy, which has the states of the next boot, cannot be read".to_owned()
            }
            (n, _) => format!("all {n} are as after the next boot"),
        };
        let concern = if known == 0 && !booleans.is_empty() { Concern::Unseen } else { Concern::Fine };
        lines.push(line("booleans", concern, text).next("sepolq list booleans"));
    }
    if !local.is_empty() {
        let states: Vec<String> = local
            .iter()
            .map(|one| format!("{}={}", one.name, on_or_off(one.default.unwrap_or(one.current))))
            .collect();
        let names = named(states.iter().map(String::as_str));
        lines.push(
            line("booleans", Concern::Fine, format!("set for good on this system: {names}"))
                .next("sudo semanage boolean -l -C"),
        );
    }
    lines
}

fn modules(modules: &Seen<Option<ModulesState>>) -> Option<StatusLine> {
    let modules = match modules {
        Seen::Yes(modules) => modules.as_ref()?,
        Seen::No(why) => {
            return Some(line("modules", Concern::Unseen, shown(why)).next("sudo sepolq status"));
        }
    };
    if let Some(why) = modules.unread.first() {
        let text = format!(
            "{} of the store cannot be read: {}",
            counted(modules.unread.len() as u64, "part", "parts"),
            shown(why)
        );
        return Some(line("modules", Concern::Unseen, text).next("sudo sepolq modules"));
    }
    let disabled = match modules.disabled.len() {
        0 => String::new(),
        n => format!(", {n} disabled"),
    };
    if let Some((_, reasons)) = modules.failing.first() {
        let names = named(modules.failing.iter().map(|(name, _)| name.as_str()));
        let reason = reasons.first().map(|reason| format!(" ({})", shown(reason))).unwrap_or_default();
        let text = format!("will not load here: {names}{reason}; the next build of the policy fails");
        return Some(line("modules", Concern::LookAt, text).next("sudo sepolq modules --failing"));
    }
    let text =
        format!("{} in force{disabled}; nothing is known that keeps one from loading", modules.in_force);
    Some(line("modules", Concern::Fine, text).next("sudo sepolq modules"))
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
