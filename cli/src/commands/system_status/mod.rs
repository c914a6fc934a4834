//! `status`: is SELinux well on this system?
//!
//! Each part is asked alone: what cannot be seen is a line of the answer, and the rest is answered.
//!
//! | file | what it asks |
//! |---|---|
//! | `policies.rs` | the running policy, the installed one, and whether they are the same |
//! | `booleans.rs` | booleans that are not as the system will boot |
//! | `engines.rs` | container engines and containers |
//! | `denials.rs` | what was denied since the system was started |

mod booleans;
mod denials;
mod engines;
mod policies;

use std::io;
use std::path::Path;

use anyhow::bail;
use host::Selinuxfs;

use super::modules::StoreHealth;
use crate::args::{Global, StatusArgs};
use crate::render::{
    Health, Kernel, ModulesState, Output, Seen, SystemStatus, status_as_json, status_as_text, status_lines,
    unseen,
};
use crate::status::{self, Status};

/// Answers the question.
pub(crate) fn run(global: &Global, args: &StatusArgs) -> anyhow::Result<Status> {
    if global.policy.is_some() || global.demo {
        bail!(
            "`status` is about this system\nhelp: `sepolq info` tells what a policy is, with `--policy` and `--demo` too"
        );
    }
    let root = args.root.as_path();
    if !root.is_dir() {
        bail!("`{}` is no directory", policydb::Name::new(root.as_os_str().as_encoded_bytes()));
    }
    let answer = ask(root);
    let lines = status_lines(&answer);
    let health = Health::of(&answer, &lines);
    let status = match health {
        Health::Healthy => Status::Found,
        Health::LookAt | Health::Off => Status::NothingFound,
        Health::Unseen => Status::CouldNotRun,
    };
    let status = Output::answer(global.color, status, |output| {
        if args.json {
            status_as_json(&answer, &lines, output)
        } else {
            status_as_text(&answer, &lines, output)
        }
    })?;
    if health == Health::Unseen {
        let help = if answer.is_root { "" } else { "\nhelp: `sudo sepolq status`" };
        let what = unseen(&lines).join(", ");
        status::error(&format!("whether this system is healthy could not be seen: {what}{help}"));
    }
    Ok(status)
}

fn ask(root: &Path) -> SystemStatus {
    let selinuxfs = Selinuxfs::find(root);
    let own_label = seen(host::own_label(root));
    let own = own_label.value().and_then(Option::as_deref);
    let policies = policies::look(root, selinuxfs.as_ref(), own);
    let configuration = seen(host::configuration(root));
    // With a configuration that does not say it, libselinux assumes one.
    let policy_type = configuration.value().and_then(Option::as_ref).map(|_| host::selinux_type(root));
    let has_level_names = has_level_names(root);
    let processes = seen(host::processes(root));
    let unconfined = policies.asked.value().map_or(&[][..], |policy| &policy.unconfined);
    let engines = engines::look(root, &processes, unconfined);
    SystemStatus {
        own_label_translated: own
            .filter(|_| has_level_names == Seen::Yes(true))
            .and_then(|label| host::translated(root, label)),
        own_label,
        logins: seen(host::logins(root)),
        has_level_names,
        kernel: selinuxfs.as_ref().map(|found| kernel(found, !policies.is_unloaded)),
        installed_type: match configuration {
            Seen::Yes(None) => host::only_installed_type(root),
            _ => None,
        },
        configuration,
        policy_type,
        has_defaults: policies.defaults.is_some(),
        installed_policy: policies.installed,
        is_root: host::is_root(root),
        boot_parameters: host::boot_parameters(root),
        booleans: booleans::look(root, selinuxfs.as_ref(), &policies.defaults),
        policy: policies.asked,
        loaded: policies.loaded,
        modules: modules(root),
        engines,
        denials: denials::look(root, processes.value().map_or(&[], Vec::as_slice)),
    }
}

fn seen<T>(asked: io::Result<T>) -> Seen<T> {
    asked.map_or_else(|error| Seen::No(error.to_string()), Seen::Yes)
}

/// Whether the system gives its levels names; asked only where their file is one that can be read.
fn has_level_names(root: &Path) -> Seen<bool> {
    let file = host::SelinuxFiles::of_system(root).level_names();
    match host::open_regular(&file) {
        Ok(_) => Seen::Yes(host::has_level_names(root)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Seen::Yes(false),
        Err(error) => Seen::No(format!("{}: {error}", file.display())),
    }
}

fn kernel(found: &Selinuxfs, has_policy: bool) -> Kernel {
    Kernel {
        mount_point: found.mount_point().display().to_string(),
        has_policy,
        mode: found.mode().ok(),
        newest_version: found.newest_version().ok(),
        has_levels: found.has_levels().ok(),
        unknown_permissions: found.unknown_permissions().ok(),
    }
}

fn modules(root: &Path) -> Seen<Option<ModulesState>> {
    match StoreHealth::of_system(root) {
        Ok(None) => Seen::Yes(None),
        Ok(Some(store)) => Seen::Yes(Some(ModulesState {
            in_force: store.in_force,
            disabled: store.disabled,
            failing: store.failing,
            unread: store.unread,
        })),
        Err(error) => Seen::No(first_line(&error)),
    }
}

/// An error in one line.
fn first_line(error: &anyhow::Error) -> String {
    status::message(error).lines().next().unwrap_or_default().to_owned()
}
