//! `status` as `sepolq.status/1`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use host::Separation;
use serde::Serialize;

use super::health::unseen;
use super::{BooleanState, EngineState, EnginesState, Health, Loaded, StatusLine, SystemStatus};
use crate::records::SystemLog;
use crate::render::Output;

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    healthy: bool,
    verdict: &'static str,
    /// What could not be seen, so that nobody can call the system healthy.
    unseen: Vec<&'static str>,
    selinux: SelinuxJson<'a>,
    policy: Option<PolicyJson<'a>>,
    loaded: LoadedJson<'a>,
    permissive: Option<&'a [String]>,
    levels: LevelsJson<'a>,
    logins: LoginsJson<'a>,
    booleans: Option<Vec<BooleanJson<'a>>>,
    modules: Option<ModulesJson<'a>>,
    engines: Option<EnginesJson<'a>>,
    denials: Option<DenialsJson<'a>>,
    lines: Vec<LineJson<'a>>,
}

#[derive(Serialize)]
struct SelinuxJson<'a> {
    enabled: bool,
    selinuxfs: Option<&'a str>,
    mode: Option<&'static str>,
    configured: Option<&'static str>,
    r#type: Option<&'a str>,
    installed_type: Option<&'a str>,
    policy_loaded: bool,
    newest_version: Option<u32>,
    levels: Option<bool>,
    unknown_permissions: Option<&'static str>,
    boot_parameters: &'a [String],
}

#[derive(Serialize)]
struct PolicyJson<'a> {
    path: &'a str,
    version: u32,
    sha256: &'a str,
    booleans: &'static str,
    booleans_set: BTreeMap<&'a str, bool>,
}

#[derive(Serialize)]
struct LoginJson<'a> {
    user: &'a str,
    range: Option<&'a str>,
}

#[derive(Serialize)]
struct LoginsJson<'a> {
    root: Option<LoginJson<'a>>,
    others: Option<LoginJson<'a>>,
    groups: Vec<GroupJson<'a>>,
}

#[derive(Serialize)]
struct GroupJson<'a> {
    group: &'a str,
    #[serde(flatten)]
    login: LoginJson<'a>,
    members: Option<&'a [String]>,
}

#[derive(Serialize)]
struct LevelsJson<'a> {
    /// Whether this build asks libselinux, which knows the names that a system gives its levels.
    through_libselinux: bool,
    own_label: Option<&'a str>,
    own_label_translated: Option<&'a str>,
}

#[derive(Serialize)]
struct LoadedJson<'a> {
    installed: Option<&'a str>,
    same: Option<bool>,
    compared_by: Option<&'static str>,
}

#[derive(Serialize)]
struct BooleanJson<'a> {
    name: &'a str,
    current: bool,
    pending: bool,
    next_boot: Option<bool>,
    set_for_good: bool,
}

#[derive(Serialize)]
struct ModulesJson<'a> {
    in_force: usize,
    disabled: &'a [String],
    failing: Vec<FailingJson<'a>>,
    unread: &'a [String],
}

#[derive(Serialize)]
struct FailingJson<'a> {
    name: &'a str,
    why: &'a [String],
}

#[derive(Serialize)]
struct EnginesJson<'a> {
    found: Vec<EngineJson<'a>>,
    containers: usize,
    without_label: usize,
    unconfined: usize,
    unread_labels: usize,
}

#[derive(Serialize)]
struct EngineJson<'a> {
    name: &'static str,
    running: bool,
    label: Option<&'a str>,
    /// Whether containers get labels; null where that is not said, or cannot be read.
    separates: Option<bool>,
    /// The file that says so, would have to say otherwise, or cannot be read.
    file: Option<String>,
    /// Files in which people have switched it off for their own containers.
    off_for_people: Vec<String>,
}

#[derive(Serialize)]
struct DenialsJson<'a> {
    sources: &'a [String],
    log: &'static str,
    since: Option<i64>,
    complete: bool,
    count: u64,
    enforced: u64,
    let_through: u64,
    unreadable: u64,
    stories: Vec<StoryJson<'a>>,
    refused_contexts: usize,
    invalid_labels: &'a [String],
}

#[derive(Serialize)]
struct StoryJson<'a> {
    title: &'a str,
    count: u64,
}

#[derive(Serialize)]
struct LineJson<'a> {
    about: &'a str,
    concern: &'static str,
    text: &'a str,
    more: &'a [String],
    next: &'a [String],
}

/// Prints the object.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn status_as_json(
    status: &SystemStatus,
    lines: &[StatusLine],
    output: &mut Output,
) -> io::Result<()> {
    let kernel = status.kernel.as_ref();
    let health = Health::of(status, lines);
    let configuration = status.configuration.value().and_then(Option::as_ref);
    let document = Document {
        schema: "sepolq.status/1",
        healthy: health == Health::Healthy,
        verdict: health.word(),
        unseen: unseen(lines),
        selinux: SelinuxJson {
            enabled: kernel.is_some(),
            selinuxfs: kernel.map(|kernel| kernel.mount_point.as_str()),
            mode: kernel.and_then(|kernel| kernel.mode).map(host::Mode::word),
            configured: configuration.and_then(|found| found.mode).map(host::ConfiguredMode::word),
            r#type: status.policy_type.as_deref(),
            installed_type: status.installed_type.as_deref(),
            policy_loaded: kernel.is_some_and(|kernel| kernel.has_policy),
            newest_version: kernel.and_then(|kernel| kernel.newest_version),
            levels: kernel.and_then(|kernel| kernel.has_levels),
            unknown_permissions: kernel
                .and_then(|kernel| kernel.unknown_permissions)
                .map(host::UnknownPermissions::word),
            boot_parameters: &status.boot_parameters,
        },
        policy: status.policy.value().map(|policy| PolicyJson {
            path: &policy.path,
            version: policy.version,
            sha256: &policy.sha256,
            booleans: if policy.is_running { "kernel" } else { "defaults" },
            booleans_set: BTreeMap::new(),
        }),
        loaded: loaded(status.loaded.value()),
        permissive: status.policy.value().map(|policy| policy.permissive.as_slice()),
        levels: LevelsJson {
            through_libselinux: host::has_libselinux(),
            own_label: status.own_label.value().and_then(Option::as_deref),
            own_label_translated: status.own_label_translated.as_deref(),
        },
        logins: logins(status.logins.value()),
        booleans: status.booleans.value().map(|booleans| booleans.all.iter().filter_map(boolean).collect()),
        modules: status.modules.value().and_then(Option::as_ref).map(|modules| ModulesJson {
            in_force: modules.in_force,
            disabled: &modules.disabled,
            failing: modules.failing.iter().map(|(name, why)| FailingJson { name, why }).collect(),
            unread: &modules.unread,
        }),
        engines: status.engines.value().map(engines),
        denials: status.denials.value().map(|denials| DenialsJson {
            sources: &denials.sources,
            since: denials.since,
            log: match denials.log {
                SystemLog::Audit => "audit",
                SystemLog::Journal => "journal",
                SystemLog::Kernel => "kernel",
                SystemLog::Syslog => "syslog",
            },
            complete: denials.missing.is_none() && denials.unreadable == 0 && denials.since.is_some(),
            count: denials.count,
            enforced: denials.enforced,
            let_through: denials.let_through,
            unreadable: denials.unreadable,
            stories: denials
                .stories
                .iter()
                .map(|(title, count)| StoryJson { title, count: *count })
                .collect(),
            refused_contexts: denials.refusals,
            invalid_labels: &denials.invalid,
        }),
        lines: lines
            .iter()
            .map(|line| LineJson {
                about: line.label,
                concern: line.concern.word(),
                text: &line.text,
                more: &line.more,
                next: &line.next,
            })
            .collect(),
    };
    let writer = output.raw();
    serde_json::to_writer(&mut *writer, &document)?;
    writer.write_all(b"\n")
}

fn engines(state: &EnginesState) -> EnginesJson<'_> {
    fn file(said: &Separation) -> Option<String> {
        match said {
            Separation::Off(host::Off { file, .. }) | Separation::Unknown(host::Unread { file, .. }) => {
                Some(file.display().to_string())
            }
            Separation::On | Separation::NotSaid => None,
        }
    }
    fn engine(state: &EngineState) -> EngineJson<'_> {
        let engine = &state.engine;
        EngineJson {
            name: engine.kind.name(),
            running: engine.daemon.is_some(),
            label: engine.daemon.as_ref().and_then(|(_, label)| label.as_deref()),
            separates: match engine.separation {
                Separation::On => Some(true),
                Separation::Off(_) => Some(false),
                Separation::NotSaid | Separation::Unknown(_) => None,
            },
            file: file(&engine.separation),
            off_for_people: engine
                .of_people
                .iter()
                .filter(|said| matches!(said, Separation::Off(_)))
                .filter_map(file)
                .collect(),
        }
    }
    EnginesJson {
        found: state.engines.iter().map(engine).collect(),
        containers: state.containers,
        without_label: state.without_label,
        unconfined: state.unconfined,
        unread_labels: state.unread.as_ref().map_or(0, |(n, _)| *n),
    }
}

fn logins(logins: Option<&host::Logins>) -> LoginsJson<'_> {
    fn login(login: &host::Login) -> LoginJson<'_> {
        LoginJson { user: &login.user, range: login.range.as_deref() }
    }
    let groups = logins.map_or(&[][..], |logins| &logins.groups);
    LoginsJson {
        root: logins.and_then(|logins| logins.root.as_ref()).map(login),
        others: logins.and_then(|logins| logins.others.as_ref()).map(login),
        groups: groups
            .iter()
            .map(|one| GroupJson {
                group: &one.group,
                login: login(&one.login),
                members: one.members.as_deref(),
            })
            .collect(),
    }
}

fn loaded(loaded: Option<&Loaded>) -> LoadedJson<'_> {
    let (installed, same, compared_by) = match loaded {
        None | Some(Loaded::Nothing | Loaded::NothingInstalled) => (None, None, None),
        Some(Loaded::Same { path, by }) => (Some(path.as_str()), Some(true), Some(*by)),
        Some(Loaded::Different { path }) => (Some(path.as_str()), Some(false), Some("meaning")),
    };
    LoadedJson { installed, same, compared_by }
}

/// A boolean of which something is to be said.
fn boolean(one: &BooleanState) -> Option<BooleanJson<'_>> {
    let differs = one.current != one.pending || one.default.is_some_and(|default| default != one.current);
    (differs || one.set_for_good.is_some()).then_some(BooleanJson {
        name: &one.name,
        current: one.current,
        pending: one.pending,
        next_boot: one.default,
        set_for_good: one.set_for_good.is_some(),
    })
}
