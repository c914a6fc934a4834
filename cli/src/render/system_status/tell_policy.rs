//! The lines about the policy: what it is, whether the loaded one is the installed one, permissive domains, booleans, modules.

use super::tell::{counted, line, named, shown};
use super::{
    AskedPolicy, BooleanState, Concern, Kernel, Loaded, ModulesState, Seen, StatusLine, SystemStatus,
};
use crate::render::shell::quoted;

pub(super) fn policy(status: &SystemStatus, kernel: Option<&Kernel>) -> Vec<StatusLine> {
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

pub(super) fn loaded(loaded: &Seen<Loaded>) -> StatusLine {
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

pub(super) fn permissive(policy: &Seen<AskedPolicy>) -> Option<StatusLine> {
    let policy = policy.value()?;
    let names = &policy.permissive;
    // What cannot be seen may be otherwise.
    let place = if policy.is_running { "" } else { " in the installed policy" };
    let Some(first) = names.first() else {
        return Some(
            line("domains", Concern::Fine, format!("no domain is permissive{place}"))
                .next("sepolq list permissive"),
        );
    };
    let are = if names.len() == 1 { "is" } else { "are" };
    Some(
        line(
            "domains",
            Concern::LookAt,
            format!(
                "{} {are} permissive{place}: nothing is denied there",
                named(names.iter().map(String::as_str))
            ),
        )
        .next(format!("sepolq show {}", quoted(first)))
        .next(format!("sudo semanage permissive -d {}", quoted(first))),
    )
}

pub(super) fn booleans(booleans: &Seen<Vec<BooleanState>>) -> Vec<StatusLine> {
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

pub(super) fn modules(modules: &Seen<Option<ModulesState>>) -> Option<StatusLine> {
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

const fn on_or_off(state: bool) -> &'static str {
    if state { "on" } else { "off" }
}
