//! What a record says by itself, whatever the policy: asked where the policy lacks a type of it.
//!
//! Names are those of container-selinux (old ones are its aliases, `container.te`), of udica's templates (`NAME.process`), and of
//! the domains of services that have none of their own. Levels are compared as text: nothing says which categories there are.

use std::collections::BTreeSet;

use super::place::is_in_memory;
use super::{Advice, Evidence};

/// What a record shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A file has categories that the process lacks: a constraint refuses it, whatever rules there are.
    Categories {
        /// The process's level.
        source: String,
        /// The file's.
        target: String,
    },
    /// What holds of such denials under any policy.
    Remark(Advice),
    /// Whoever listens decides, not the label of the socket's file.
    Listener(String),
    /// A type that udica made for one container.
    UdicaType(String),
    /// What starts containers is no container engine by its label.
    UnlabelledEngine(String),
    /// A type has another name in newer policies.
    OldName {
        /// As the record has it.
        old: String,
        /// As it is called now.
        new: &'static str,
    },
}

/// Old names of container-selinux and what they became.
const OLD_NAMES: [(&str, &str); 12] = [
    ("svirt_sandbox_file_t", "container_file_t"),
    ("svirt_lxc_file_t", "container_file_t"),
    ("svirt_lxc_net_t", "container_t"),
    ("docker_t", "container_runtime_t"),
    ("docker_exec_t", "container_runtime_exec_t"),
    ("docker_var_lib_t", "container_var_lib_t"),
    ("docker_var_run_t", "container_var_run_t"),
    ("docker_log_t", "container_log_t"),
    ("docker_config_t", "container_config_t"),
    ("docker_tmpfs_t", "container_runtime_tmpfs_t"),
    ("docker_share_t", "container_ro_file_t"),
    ("container_share_t", "container_ro_file_t"),
];
/// Domains in which engines run whose program has not its label.
const WITHOUT_DOMAIN: [&str; 5] = ["unconfined_service_t", "unconfined_t", "initrc_t", "init_t", "kernel_t"];
/// Domains of containers.
const CONTAINERS: [&str; 6] =
    ["container_t", "container_init_t", "container_kvm_t", "container_userns_t", "svirt_lxc_net_t", "spc_t"];
/// File systems that keep no labels, by the types of their files.
const WITHOUT_LABELS: [&str; 4] = ["nfs_t", "cifs_t", "dosfs_t", "iso9660_t"];
/// Categories beyond which a range is nonsense.
const MOST_CATEGORIES: u32 = 1024;

impl Shown {
    /// A stable name.
    pub const fn id(&self) -> &'static str {
        match self {
            Shown::Categories { .. } => "other_categories",
            Shown::Remark(advice) => advice.id(),
            Shown::Listener(_) => "listener_decides",
            Shown::UdicaType(_) => "udica_type",
            Shown::UnlabelledEngine(_) => "unlabelled_engine",
            Shown::OldName { .. } => "old_name",
        }
    }

    /// What a record shows.
    pub fn of(evidence: &Evidence) -> Vec<Shown> {
        let (source, target) = (Side::of(&evidence.scontext), Side::of(&evidence.tcontext));
        let wants = |name: &str| evidence.permissions.iter().any(|permission| permission == name);
        let mut shown = Vec::new();
        for side in [&source, &target] {
            if let Some((old, new)) = OLD_NAMES.iter().find(|(old, _)| *old == side.name) {
                shown.push(Shown::OldName { old: (*old).to_owned(), new });
            }
        }
        let udica = [&source, &target].into_iter().find(|side| side.name.ends_with(".process"));
        shown.extend(udica.map(|side| Shown::UdicaType(side.name.to_owned())));
        let is_start = evidence.tclass == "process" && wants("transition");
        if is_start && WITHOUT_DOMAIN.contains(&source.name) && CONTAINERS.contains(&target.name) {
            shown.push(Shown::UnlabelledEngine(source.name.to_owned()));
        }
        if evidence.tclass == "unix_stream_socket" && wants("connectto") {
            shown.push(Shown::Listener(target.name.to_owned()));
        }
        let is_file = evidence.tclass.ends_with("file") || evidence.tclass == "dir";
        if is_file && target.level.ends_with("c1022,c1023") {
            shown.push(Shown::Remark(Advice::MadeWithoutSeparation));
        }
        // A domain without categories of its own is rarely one that they bind.
        let (of_source, of_target) = (categories(source.level), categories(target.level));
        if is_file && !of_source.is_empty() && !of_target.is_subset(&of_source) {
            shown
                .push(Shown::Categories { source: source.level.to_owned(), target: target.level.to_owned() });
        }
        shown.extend(remarks(evidence, source.name, target.name, is_file).into_iter().map(Shown::Remark));
        shown
    }

    /// Whether it warns against doing something.
    pub const fn is_warning(&self) -> bool {
        matches!(self, Shown::Remark(advice) if advice.is_warning())
    }
}

/// What holds of denials like this under any policy.
fn remarks(evidence: &Evidence, source: &str, target: &str, is_file: bool) -> Vec<Advice> {
    let all = |names: &[&str]| {
        let permissions = &evidence.permissions;
        !permissions.is_empty() && permissions.iter().all(|name| names.contains(&name.as_str()))
    };
    let is_process = evidence.tclass == "process";
    let is_container = CONTAINERS.contains(&source)
        || (source.starts_with("container_") && !source.starts_with("container_runtime"))
        || source.ends_with(".process");
    let in_memory = is_in_memory(evidence.path.as_deref(), evidence.is_deleted)
        || evidence.device.as_deref() == Some("hugetlbfs");
    let remarks = [
        (is_file && in_memory, Advice::NoPath),
        (is_file && ["unlabeled_t", "unlabeled", "file_t"].contains(&target), Advice::Unlabelled),
        (is_file && is_container && WITHOUT_LABELS.contains(&target), Advice::NoLabelsOnThisFileSystem),
        (is_process && all(&["noatsecure", "rlimitinh", "siginh"]), Advice::EnvironmentIsCleared),
        (all(&["execmem", "execstack", "execheap", "execmod"]), Advice::WritableCode),
        (is_file && is_container, Advice::PathIsInTheContainer),
    ];
    remarks.into_iter().filter_map(|(holds, advice)| holds.then_some(advice)).collect()
}

/// A context, as text.
struct Side<'a> {
    name: &'a str,
    level: &'a str,
}

impl<'a> Side<'a> {
    fn of(context: &'a str) -> Self {
        let mut fields = context.splitn(4, ':').skip(2);
        Side { name: fields.next().unwrap_or_default(), level: fields.next().unwrap_or_default() }
    }
}

/// The numbers of the categories of a level, of a range those of the high one.
fn categories(range: &str) -> BTreeSet<u32> {
    let high = range.rsplit('-').next().unwrap_or_default();
    let list = high.split_once(':').map_or("", |(_, list)| list);
    let number = |text: &str| text.strip_prefix('c')?.parse::<u32>().ok().filter(|n| *n < MOST_CATEGORIES);
    let mut all = BTreeSet::new();
    for part in list.split(',') {
        let (low, high) = part.split_once('.').unwrap_or((part, part));
        if let (Some(low), Some(high)) = (number(low), number(high)) {
            all.extend(low..=high);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::{Evidence, Shown};

    fn shown(scontext: &str, tcontext: &str, tclass: &str, permission: &str) -> Vec<&'static str> {
        let evidence = Evidence {
            scontext: scontext.to_owned(),
            tcontext: tcontext.to_owned(),
            tclass: tclass.to_owned(),
            permissions: vec![permission.to_owned()],
            ..Evidence::default()
        };
        Shown::of(&evidence).iter().map(Shown::id).collect()
    }

    #[test]
    fn records_speak_for_themselves() {
        let (c, f) = ("u:r:x_t:s0:c178,c513", "u:object_r:container_file_t:s0");
        assert_eq!(shown(c, &format!("{f}:c351,c450"), "file", "read"), ["other_categories"]);
        assert_eq!(shown("u:r:x_t:s0", "u:r:y_t:s0", "process", "noatsecure"), ["environment_is_cleared"]);
        let nfs = shown("u:r:container_init_t:s0:c1", "u:object_r:nfs_t:s0", "file", "read");
        assert_eq!(nfs, ["no_labels_on_this_file_system", "path_is_in_the_container"]);
        assert!(shown(c, &format!("{f}:c178"), "file", "read").is_empty());
        assert!(shown("u:r:x_t:s0-s0:c0.c1023", &format!("{f}:c351,c450"), "file", "read").is_empty());
        assert!(shown("u:r:x_t:s0", &format!("{f}:c351,c450"), "file", "read").is_empty());
        let off = shown(c, &format!("{f}:c1022,c1023"), "dir", "search");
        assert_eq!(off, ["made_without_separation", "other_categories"]);
        let udica = shown("u:r:x.process:s0:c1,c2", "u:r:unconfined_t:s0", "unix_stream_socket", "connectto");
        assert_eq!(udica, ["udica_type", "listener_decides"]);
        let engine = shown("u:r:unconfined_service_t:s0", "u:r:container_t:s0:c1", "process", "transition");
        assert_eq!(engine, ["unlabelled_engine"]);
        let old =
            shown("u:r:spc_t:s0:c1,c6", "u:object_r:svirt_sandbox_file_t:s0:c1,c6", "file", "entrypoint");
        assert_eq!(old, ["old_name", "path_is_in_the_container"]);
        assert!(shown("", "a:b", "file", "read").is_empty());
    }
}
