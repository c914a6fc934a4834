//! The lines about the policy: what it is, whether the loaded one is the installed one, permissive domains, booleans, modules.

use super::tell::{counted, line, named, shown};
use super::{
    AskedPolicy, BooleanState, Concern, Kernel, Loaded, ModulesState, Seen, StatusLine, SystemStatus,
};
use crate::render::shell::quoted;

/// Shows what stands where policies are.
const SEE_POLICIES: &str = "ls -lZ /sys/fs/selinux/policy /etc/selinux/*/policy/";

pub(super) fn policy(status: &SystemStatus, kernel: Option<&Kernel>) -> Option<StatusLine> {
    let policy = match (&status.policy, kernel) {
        (Seen::Yes(policy), _) => policy,
        (Seen::No(_), None) => return None,
        (Seen::No(why), Some(_)) => {
            return Some(
                line("policy", Concern::Unseen, shown(why)).asked_as_root(status).next(SEE_POLICIES),
            );
        }
    };
    let name = match (&status.policy_type, &status.installed_type) {
        (Some(name), _) => format!("`{}`", shown(name)),
        (None, Some(name)) => format!("`{}` (installed; there is no configuration)", shown(name)),
        (None, None) => "no configuration names it".to_owned(),
    };
    let mut text = format!("{name}, version {}", policy.version);
    if let Some(newest) = kernel.and_then(|kernel| kernel.newest_version) {
        text.push_str(&format!(" of up to {newest}"));
    }
    if let Some(has_levels) = kernel.and_then(|kernel| kernel.has_levels) {
        text.push_str(if has_levels { ", with levels" } else { ", without levels" });
    }
    if let Some(unknown) = kernel.and_then(|kernel| kernel.unknown_permissions) {
        text.push_str(&format!("; unknown permissions: {}", unknown.word()));
    }
    match (policy.is_running, kernel) {
        (true, _) => {}
        (false, None) => text.push_str(&format!("; installed as {}", policy.path)),
        (false, Some(_)) => text.push_str(&format!(
            "; the loaded one cannot be read, commands ask {}, with booleans as after a boot",
            policy.path
        )),
    }
    Some(line("policy", Concern::Fine, text))
}

pub(super) fn loaded(status: &SystemStatus) -> StatusLine {
    match &status.loaded {
        Seen::No(why) => {
            let text = format!("whether the loaded policy is the installed one: {}", shown(why));
            line("loaded", Concern::Unseen, text).asked_as_root(status).next(SEE_POLICIES)
        }
        Seen::Yes(Loaded::Same { path, by }) => {
            line("loaded", Concern::Fine, format!("the loaded policy is {path}, compared by {by}"))
        }
        Seen::Yes(Loaded::Different { path }) => line(
            "loaded",
            Concern::LookAt,
            format!("the loaded policy is not the installed {path}: that one counts from the next boot on"),
        )
        .next(format!("sudo sepolq diff running {}", quoted(path)))
        .next("sudo load_policy"),
        Seen::Yes(Loaded::NothingInstalled) if status.policy_type.is_none() => line(
            "loaded",
            Concern::Fine,
            "no configuration: which policy the next boot loads is not told below /etc/selinux",
        ),
        Seen::Yes(Loaded::NothingInstalled) => {
            let name = shown(status.policy_type.as_deref().unwrap_or_default());
            let text = format!(
                "no policy of SELINUXTYPE={name} is installed, which /etc/selinux/config names: the next boot has none to load"
            );
            line("loaded", Concern::LookAt, text).next("ls /etc/selinux").next("sudo semodule -B")
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
        return Some(line("domains", Concern::Fine, format!("no domain is permissive{place}")));
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
        .next(format!("sudo semanage permissive -d {}", quoted(first)))
        .next(format!("sepolq show {}", quoted(first))),
    )
}

/// One line about booleans, whatever is the matter with them, and one about those that cannot be read.
pub(super) fn booleans(status: &SystemStatus) -> Vec<StatusLine> {
    let unseen =
        |why: String| line("booleans", Concern::Unseen, why).asked_as_root(status).next("getsebool -a");
    let states = match &status.booleans {
        Seen::Yes(states) => states,
        Seen::No(why) => return vec![unseen(shown(why))],
    };
    let mut lines = Vec::from_iter(states_of_booleans(status, &states.all));
    if let Some((_, why)) = states.unread.first() {
        let names = named(states.unread.iter().map(|(name, _)| name.as_str()));
        lines.push(unseen(format!("the kernel's state of {names}: {}", shown(why))));
    }
    lines
}

fn states_of_booleans(status: &SystemStatus, booleans: &[BooleanState]) -> Option<StatusLine> {
    let (mut told, mut next) = (Vec::new(), Vec::new());
    let changed: Vec<&BooleanState> =
        booleans.iter().filter(|one| one.default.is_some_and(|default| default != one.current)).collect();
    if let Some(first) = changed.first() {
        let states = changed.iter().map(|one| (one.name.as_str(), one.current));
        told.push(format!("not as after the next boot: {}", with_states(states)));
        let name = quoted(&first.name);
        next.push(format!("sepolq show {name}  # what it is for"));
        next.push(format!("sudo setsebool {name} {}  # as after the next boot", on_or_off(!first.current)));
        next.push(format!("sudo setsebool -P {name} {}  # as now, for good", on_or_off(first.current)));
    }
    let pending: Vec<&BooleanState> = booleans.iter().filter(|one| one.pending != one.current).collect();
    if !pending.is_empty() {
        let states = with_states(pending.iter().map(|one| (one.name.as_str(), one.pending)));
        told.push(format!("set and not committed, so without effect: {states}"));
        let all = if pending.len() == 1 { "" } else { "  # all of them" };
        next.push(format!("echo 1 | sudo tee /sys/fs/selinux/commit_pending_bools{all}"));
    }
    let local = || booleans.iter().filter_map(|one| Some((one, one.set_for_good?)));
    let is_built = |one: &BooleanState, state: bool| one.default.is_none_or(|default| default == state);
    let unbuilt: Vec<(&str, bool)> = local()
        .filter(|(one, state)| !is_built(one, *state))
        .map(|(one, state)| (one.name.as_str(), state))
        .collect();
    if !unbuilt.is_empty() {
        let states = with_states(unbuilt.into_iter());
        told.push(format!("set for good, but not yet in the installed policy: {states}"));
        next.push("sudo semodule -B".to_owned());
    }
    let is_to_look_at = !told.is_empty();
    let built: Vec<(&str, bool)> = local()
        .filter(|(one, state)| is_built(one, *state))
        .map(|(one, state)| (one.name.as_str(), state))
        .collect();
    if !built.is_empty() {
        told.push(format!("set for good on this system: {}", with_states(built.into_iter())));
    }
    if is_to_look_at {
        let line = line("booleans", Concern::LookAt, told.join("; "));
        return Some(next.into_iter().fold(line, StatusLine::next));
    }
    let known = booleans.iter().filter(|one| one.default.is_some()).count();
    if !status.has_defaults && !booleans.is_empty() && status.installed_policy.is_some() {
        let text = "whether they are as after the next boot: the installed policy cannot be read";
        let line = line("booleans", Concern::Unseen, text);
        return Some(line.asked_as_root(status).next(SEE_POLICIES));
    }
    told.insert(
        0,
        match booleans.len() {
            0 => "the policy has none".to_owned(),
            n if known == 0 => format!("{n}; no installed policy says how they are after the next boot"),
            n if known < n => {
                format!("{known} of {n} are as after the next boot; the installed policy lacks the others")
            }
            n => format!("all {n} are as after the next boot"),
        },
    );
    Some(line("booleans", Concern::Fine, told.join("; ")))
}

/// A few booleans with their states.
fn with_states<'a>(booleans: impl Iterator<Item = (&'a str, bool)>) -> String {
    let states: Vec<String> = booleans.map(|(name, state)| format!("{name}={}", on_or_off(state))).collect();
    named(states.iter().map(String::as_str))
}

pub(super) fn modules(status: &SystemStatus) -> Option<StatusLine> {
    let modules: &ModulesState = match &status.modules {
        Seen::Yes(modules) => modules.as_ref()?,
        Seen::No(why) => {
            let line = line("modules", Concern::Unseen, shown(why)).asked_as_root(status);
            return Some(line.next("sudo sepolq modules"));
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
    Some(line("modules", Concern::Fine, text))
}

const fn on_or_off(state: bool) -> &'static str {
    if state { "on" } else { "off" }
}
