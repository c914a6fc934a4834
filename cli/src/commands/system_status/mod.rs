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

use std::path::Path;

use anyhow::bail;
use host::Selinuxfs;

use super::modules::StoreHealth;
use crate::args::{Global, StatusArgs};
use crate::render::{
    Kernel, ModulesState, Output, Seen, SystemStatus, status_as_json, status_as_text, status_lines,
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
    let status = if lines.iter().any(|line| line.is_to_look_at()) || answer.kernel.is_none() {
        Status::NothingFound
    } else {
        Status::Found
    };
    Output::answer(global.color, status, |output| {
        if args.json {
            status_as_json(&answer, &lines, output)
        } else {
            status_as_text(&answer, &lines, output)
        }
    })
}

fn ask(root: &Path) -> SystemStatus {
    let selinuxfs = Selinuxfs::find(root);
    let policies = policies::look(root, selinuxfs.as_ref());
    let own_label = host::own_label(root);
    let has_level_names = host::has_level_names(root);
    SystemStatus {
        own_label_translated: own_label
            .as_deref()
            .filter(|_| has_level_names)
            .and_then(|label| host::translated(root, label)),
        own_label,
        logins: ["root", "__default__"].map(|name| host::login_of(root, name)),
        has_level_names,
        kernel: selinuxfs.as_ref().map(kernel),
        configured: host::configured_mode(root),
        policy_type: host::selinux_type(root),
        boot_parameters: host::boot_parameters(root),
        booleans: booleans::look(root, selinuxfs.as_ref(), &policies.defaults),
        policy: policies.asked,
        loaded: policies.loaded,
        modules: modules(root),
        engines: engines::look(root),
        denials: denials::look(root),
    }
}

fn kernel(found: &Selinuxfs) -> Kernel {
    Kernel {
        mount_point: found.mount_point().display().to_string(),
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
