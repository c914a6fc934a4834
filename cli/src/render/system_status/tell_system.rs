//! The lines about the system as a whole: its mode now and after the next boot, what logins become, how levels are shown; and what
//! is to be said of a system without SELinux, or whose kernel has no policy.
//!
//! Source: `selinux_init_load_policy` of libselinux for what counts at a boot: `SELINUX=disabled` loads no policy whatever the
//! kernel is told, else `enforcing=` of the kernel's command line counts, then the configuration.

use host::{ConfiguredMode, Mode};

use super::tell::{line, named, shown};
use super::{Concern, Kernel, Seen, StatusLine, SystemStatus};

const CONFIG: &str = "/etc/selinux/config";
const ENFORCING_CONFIG: &str = "sudo sed -i 's/^SELINUX=.*/SELINUX=enforcing/' /etc/selinux/config";

/// What comes at the next boot.
enum NextBoot {
    Enforcing {
        by: String,
    },
    Permissive {
        by: String,
        to_change: [&'static str; 2],
    },
    Disabled,
    /// There is no configuration.
    NotConfigured,
    /// It cannot be read, which another line tells.
    Unseen,
}

impl NextBoot {
    fn of(status: &SystemStatus) -> Self {
        let told = status.boot_parameters.iter().rev().find(|word| word.starts_with("enforcing="));
        let configured = status.configuration.value().and_then(Option::as_ref);
        let mode = configured.and_then(|configured| configured.mode);
        if mode == Some(ConfiguredMode::Disabled) {
            return NextBoot::Disabled;
        }
        if let Some(word) = told {
            let by = format!("the kernel is started with `{}`", shown(word));
            let to_change = [
                "sudo grubby --update-kernel ALL --remove-args enforcing=0  # Fedora and its kin",
                "sudoedit /etc/default/grub && sudo update-grub  # Debian",
            ];
            return match word.as_str() {
                "enforcing=0" => NextBoot::Permissive { by, to_change },
                _ => NextBoot::Enforcing { by },
            };
        }
        let to_change = [ENFORCING_CONFIG, ""];
        match (&status.configuration, mode) {
            (Seen::No(_), _) => NextBoot::Unseen,
            (Seen::Yes(None), _) => NextBoot::NotConfigured,
            (_, Some(ConfiguredMode::Enforcing)) => {
                NextBoot::Enforcing { by: format!("{CONFIG} says `SELINUX=enforcing`") }
            }
            (_, Some(mode)) => {
                NextBoot::Permissive { by: format!("{CONFIG} says `SELINUX={}`", mode.word()), to_change }
            }
            (_, None) => {
                let by = format!("{CONFIG} does not say `SELINUX=enforcing`");
                NextBoot::Permissive { by, to_change: ["sudoedit /etc/selinux/config", ""] }
            }
        }
    }
}

pub(super) fn mode(status: &SystemStatus, kernel: &Kernel) -> StatusLine {
    const PERMISSIVE: &str = "permissive: what the policy denies is logged and done all the same";
    const DISABLED: &str = "off after it: /etc/selinux/config says `SELINUX=disabled`";
    const ENFORCE: &str = "sudo setenforce 1";
    let Some(mode) = kernel.mode else {
        let text = format!("{}/enforce cannot be read", shown(&kernel.mount_point));
        return line("mode", Concern::Unseen, text).asked_as_root(status).next("getenforce");
    };
    let to_look_at = |text: String| line("mode", Concern::LookAt, text);
    // What was let through is denied from then on.
    let enforced = |line: StatusLine| match let_through(status) {
        Some(0) => line.next(ENFORCE),
        _ => line.next("sudo sepolq explain --boot  # what enforcing would deny").next(ENFORCE),
    };
    let fine = |text: &str| line("mode", Concern::Fine, text);
    let with = |line: StatusLine, commands: [&'static str; 2]| {
        commands.into_iter().filter(|command| !command.is_empty()).fold(line, StatusLine::next)
    };
    match (mode, NextBoot::of(status)) {
        (Mode::Enforcing, NextBoot::Enforcing { .. }) => fine("enforcing, and so after the next boot"),
        (Mode::Enforcing, NextBoot::Permissive { by, to_change }) => {
            with(to_look_at(format!("enforcing until the next boot, permissive after it: {by}")), to_change)
        }
        (Mode::Enforcing, NextBoot::Disabled) => {
            to_look_at(format!("enforcing until the next boot, {DISABLED}")).next(ENFORCING_CONFIG)
        }
        (Mode::Enforcing, NextBoot::NotConfigured) => {
            fine("enforcing; no configuration says what comes at the next boot (no /etc/selinux/config)")
        }
        (Mode::Enforcing, NextBoot::Unseen) => fine("enforcing"),
        (Mode::Permissive, NextBoot::Enforcing { by }) => {
            enforced(to_look_at(format!("{PERMISSIVE}; enforcing after the next boot: {by}")))
        }
        (Mode::Permissive, NextBoot::Permissive { by, to_change }) => {
            let line = to_look_at(format!("{PERMISSIVE}, after the next boot too: {by}"));
            with(enforced(line), to_change)
        }
        (Mode::Permissive, NextBoot::Disabled) => {
            enforced(to_look_at(format!("permissive until the next boot, {DISABLED}")).next(ENFORCING_CONFIG))
        }
        (Mode::Permissive, NextBoot::NotConfigured) => {
            enforced(to_look_at(format!("{PERMISSIVE}; no configuration says what comes at the next boot")))
        }
        (Mode::Permissive, NextBoot::Unseen) => enforced(to_look_at(PERMISSIVE.to_owned())),
    }
}

/// How many denials were let through since the system was started, if all are known.
fn let_through(status: &SystemStatus) -> Option<u64> {
    let denials = status.denials.value().filter(|denials| denials.missing.is_none())?;
    // Old kernels do not say it.
    Some(denials.count.saturating_sub(denials.enforced).saturating_add(denials.unreadable))
}

/// A configuration that is there and cannot be read.
pub(super) fn configuration(status: &SystemStatus) -> Option<StatusLine> {
    let Seen::No(why) = &status.configuration else { return None };
    let text = format!("what comes at the next boot: {CONFIG} cannot be read: {}", shown(why));
    Some(line("config", Concern::Unseen, text).next(format!("ls -lZ {CONFIG}")))
}

pub(super) fn without_selinux(status: &SystemStatus) -> StatusLine {
    let told = status.boot_parameters.iter().find(|word| *word == "selinux=0");
    let configured = status.configuration.value().and_then(Option::as_ref);
    let (is_configured, mode) = (configured.is_some(), configured.and_then(|found| found.mode));
    let why = match (told, mode, &status.configuration) {
        (Some(_), ..) => "the kernel was started with `selinux=0`".to_owned(),
        (None, Some(ConfiguredMode::Disabled), _) => format!("{CONFIG} says `SELINUX=disabled`"),
        (None, _, Seen::No(why)) => format!("{CONFIG} cannot be read: {}", shown(why)),
        (None, ..) if is_configured => {
            "it is configured, and the kernel was started without it, or this is a container".to_owned()
        }
        (None, ..) => "it is not configured here".to_owned(),
    };
    let line = line("selinux", Concern::LookAt, format!("SELinux is off: no selinuxfs is mounted; {why}"));
    match (told, mode) {
        (Some(_), _) => line
            .next("sudo grubby --update-kernel ALL --remove-args selinux=0  # Fedora and its kin")
            .next("sudoedit /etc/default/grub && sudo update-grub  # Debian"),
        (None, Some(ConfiguredMode::Disabled)) => line.next("sudoedit /etc/selinux/config"),
        (None, _) if is_configured => line.next("cat /sys/kernel/security/lsm /proc/cmdline"),
        (None, _) => line,
    }
}

pub(super) fn what_works() -> StatusLine {
    line(
        "works",
        Concern::Fine,
        "questions about policies and logs from anywhere: `sepolq allow -P FILE`, `sepolq explain -P FILE audit.log`; a small policy comes with the program: `sepolq --demo allow -s httpd_t`",
    )
}

/// A kernel that has SELinux, and to which nobody gave a policy.
pub(super) fn without_policy(status: &SystemStatus) -> StatusLine {
    const LOG: &str = "journalctl -b";
    let configured = status.configuration.value().and_then(Option::as_ref);
    let is_disabled = configured.is_some_and(|configured| configured.mode == Some(ConfiguredMode::Disabled));
    let text = "no policy is loaded: the kernel has SELinux, and denies nothing";
    let line = |why: String| line("policy", Concern::LookAt, format!("{text}; {why}"));
    match &status.installed_policy {
        _ if is_disabled => {
            line(format!("{CONFIG} says `SELINUX=disabled`")).next("sudoedit /etc/selinux/config")
        }
        Some(path) => line(format!("{} is installed", shown(path))).next("sudo load_policy -i").next(LOG),
        None if configured.is_some() => {
            line("none is installed".to_owned()).next("sudo semodule -B").next(LOG)
        }
        None => line("none is installed, and there is no configuration".to_owned()).next(LOG),
    }
}

/// In which domain the reader is, and which user logins become.
pub(super) fn own(status: &SystemStatus) -> Vec<StatusLine> {
    let mut lines = Vec::new();
    let mut told = Vec::new();
    match &status.own_label {
        Seen::Yes(Some(label)) => told.push(format!("this process is {}", shown(label))),
        Seen::Yes(None) => {}
        Seen::No(why) => {
            let text = format!("the label of this process: {}", shown(why));
            lines.push(line("you", Concern::Unseen, text).next("id -Z"));
        }
    }
    match &status.logins {
        Seen::Yes(logins) => told.extend(become_what(logins)),
        Seen::No(why) => {
            let text = format!("which users logins become: {}", shown(why));
            lines.push(
                line("logins", Concern::Unseen, text).asked_as_root(status).next("sudo semanage login -l"),
            );
        }
    }
    if !told.is_empty() {
        lines.push(line("you", Concern::Fine, told.join("; ")));
    }
    lines
}

fn become_what(logins: &host::Logins) -> Option<String> {
    let (root, others) = (logins.root.as_ref()?, logins.others.as_ref()?);
    let mut text = match root == others {
        true => format!("logins become {}", shown(&root.user)),
        false => {
            format!("logins of root become {}, others {}", shown(&root.user), shown(&others.user))
        }
    };
    for group in &logins.groups {
        let who = match &group.members {
            Some(names) if names.is_empty() => " (nobody)".to_owned(),
            Some(names) => format!(" ({})", named(names.iter().map(String::as_str))),
            None => String::new(),
        };
        text.push_str(&format!(", members of {}{who} {}", shown(&group.group), shown(&group.login.user)));
    }
    Some(text)
}

/// How levels are shown, on systems that give them names.
pub(super) fn levels(status: &SystemStatus) -> Option<StatusLine> {
    let unseen = |why: &str| {
        let text = format!("the names that this system gives its levels: {why}");
        let line = line("levels", Concern::Unseen, text);
        StatusLine { is_minor: true, ..line }
    };
    match &status.has_level_names {
        Seen::Yes(true) => {}
        Seen::Yes(false) => return None,
        Seen::No(why) => return Some(unseen(&shown(why)).next("chcat -L")),
    }
    Some(match (status.own_label.value(), &status.own_label_translated) {
        (Some(Some(raw)), Some(translated)) if raw != translated => line(
            "levels",
            Concern::Fine,
            format!(
                "shown as the kernel has them: this process's {} is {} here",
                shown(raw),
                shown(translated)
            ),
        ),
        _ if host::has_libselinux() => {
            unseen("their service does not answer").next("systemctl status mcstransd")
        }
        _ => unseen("this build does without libselinux, and shows them as the kernel has them")
            .next("chcat -L"),
    })
}
