//! The rules of container engines about labels, a row each: for whom, for which versions, and by whose word.
//!
//! The code beside this file does what the rows say; every answer names the row that it follows, and a test asks each
//! row on a policy.

use super::Engine::{self, Docker, Kubernetes, Podman};

/// A rule.
#[derive(Debug)]
pub struct RuntimeRule {
    /// A stable name.
    pub id: RuleId,
    /// The engines that have it.
    pub engines: &'static [Engine],
    /// What is asked, as it is written.
    pub asked: &'static str,
    /// What then holds, in words.
    pub effect: &'static str,
    /// The versions it holds for: those in which it was read, and others where that is known.
    pub holds_for: &'static str,
    /// Where it stands.
    pub source: &'static str,
}

macro_rules! rules {
    ($($id:ident $name:literal [$($engine:ident),+] $asked:literal $effect:literal $holds_for:literal $source:literal)+) => {
        /// The name of a rule.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum RuleId {
            $(#[doc = $effect] $id,)+
        }

        impl RuleId {
            /// The name in JSON and in the documentation.
            pub const fn name(self) -> &'static str {
                match self { $(RuleId::$id => $name,)+ }
            }

            /// The row.
            pub fn rule(self) -> &'static RuntimeRule {
                match self { $(RuleId::$id => {
                    const ROW: RuntimeRule = RuntimeRule {
                        id: RuleId::$id, engines: &[$($engine),+], asked: $asked, effect: $effect, holds_for: $holds_for, source: $source,
                    };
                    &ROW
                })+ }
            }
        }

        /// All rules, in the order of the documentation.
        pub const RULES: &[RuleId] = &[$(RuleId::$id),+];
    };
}

rules! {
    NotAsked "not_asked" [Podman, Docker]
        "-v HOSTDIR:CONTAINERDIR"
        "without z or Z nothing is relabelled"
        "podman 6, docker of 2026" "podman-run(1), --volume; moby volume/mounts/mounts.go"
    ReadOnly "read_only" [Podman, Docker]
        "-v …:ro"
        ":ro relabels nothing: it only keeps the mount from being written"
        "podman 6, docker of 2026" "no caller of ROFileLabel in podman, moby and cri-o"
    Shared "shared" [Podman, Docker]
        "-v …:z"
        "the whole tree gets the containers' file type at level s0, for all containers"
        "podman 6, docker of 2026" "go-selinux label.Relabel with shared = true"
    Private "private" [Podman, Docker]
        "-v …:Z"
        "the whole tree gets the containers' file type at this container's level"
        "podman 6, docker of 2026" "go-selinux label.Relabel with shared = false"
    RelabelOption "relabel_option" [Podman]
        "--mount …,relabel=shared|private"
        "relabel=shared is z, relabel=private is Z: the whole tree gets the containers' file type, at level s0 or at the container's"
        "podman 6" "podman pkg/specgenutil/volumes.go"
    DockerMount "docker_mount" [Docker]
        "--mount type=bind,…"
        "docker relabels nothing that is mounted by --mount: only -v has z and Z"
        "docker of 2026" "moby MountPoint.Setup"
    Overlay "overlay" [Podman]
        "-v …:O"
        "changes go to a layer that vanishes with the container; the tree keeps its label, and the container sees its own"
        "podman 6" "podman-run(1), --volume, Overlay Volume Mounts"
    Chown "chown" [Podman]
        "-v …:U"
        "the files get the container's user as owner; their labels stay"
        "podman 6" "podman-run(1), --volume"
    RefusedPath "refused_path" [Podman, Docker]
        "-v /usr:…:z"
        "engines refuse to relabel this path: the container does not start"
        "exact paths since go-selinux 1.10.2; before, all below /usr" "go-selinux selinux_linux.go, rchcon"
    NoLabels "no_labels" [Podman, Docker]
        "-v NFS:…:z"
        "the file system keeps no labels: z and Z silently change nothing"
        "podman 6, docker of 2026" "podman libpod and moby volume/mounts: ENOTSUP is passed over"
    NamedVolume "named_volume" [Podman, Docker]
        "-v NAME:CONTAINERDIR"
        "volumes of the engine are labelled when they are made: the containers' file type at level s0, for all containers"
        "podman 6, docker of 2026" "podman LabelVolumePath; moby volume/mounts"
    Memory "memory" [Podman, Docker]
        "--tmpfs CONTAINERDIR"
        "memory of its own, mounted with the container's label"
        "podman 6, docker of 2026" "podman libpod; moby daemon/oci_linux.go: context= of the mount label"
    Image "image" [Podman]
        "--mount type=image,…"
        "the engine mounts images with the container's label"
        "podman 6" "podman libpod/container_internal: MountImage with the mount label"
    HostPath "host_path" [Kubernetes]
        "hostPath"
        "Kubernetes never relabels a hostPath: seLinuxOptions label the process, not the directory"
        "Kubernetes of 2026" "Kubernetes API, HostPathVolumeSource and SecurityContext"
    PodVolume "pod_volume" [Kubernetes]
        "emptyDir, secret, configMap, downwardAPI, projected"
        "the runtime gives volumes of a pod the containers' file type at the pod's level"
        "Kubernetes of 2026" "cri-o and containerd: SelinuxRelabel of the kubelet"
    DaemonOff "daemon_off" [Docker]
        "dockerd without --selinux-enabled"
        "the docker daemon does without SELinux: it sets no label on processes and files"
        "docker of 2026; it is the default" "moby daemon: selinux.SetDisabled"
    Ordinary "ordinary" [Podman, Docker, Kubernetes]
        "no label option"
        "the containers' domain, with a pair of categories of its own"
        "podman 6, docker of 2026, Kubernetes of 2026" "go-selinux InitLabels, uniqMcs"
    TypeOption "type_option" [Podman, Docker, Kubernetes]
        "--security-opt label=type:DOMAIN"
        "the domain of the processes; files get the same type as ever"
        "podman 6, docker of 2026, Kubernetes of 2026" "go-selinux InitLabels"
    LevelOption "level_option" [Podman, Docker, Kubernetes]
        "--security-opt label=level:LEVEL"
        "the level of the processes, and of files that are relabelled by Z"
        "podman 6, docker of 2026, Kubernetes of 2026" "go-selinux InitLabels"
    FileTypeOption "file_type_option" [Podman, Docker]
        "--security-opt label=filetype:TYPE"
        "the type that z and Z give"
        "podman 6, docker of 2026" "go-selinux InitLabels"
    UserOption "user_option" [Podman, Docker, Kubernetes]
        "--security-opt label=user:USER, label=role:ROLE"
        "user and role of the processes; the user is that of files that are relabelled, too"
        "podman 6, docker of 2026, Kubernetes of 2026" "go-selinux InitLabels"
    Disable "disable" [Podman, Docker]
        "--security-opt label=disable"
        "no label for the processes: the policy makes spc_t of them; files get the reserved pair c1022,c1023 if they are relabelled by Z"
        "podman 6, docker of 2026" "go-selinux InitLabels, PrivContainerMountLabel"
    Nested "nested" [Podman]
        "--security-opt label=nested"
        "selinuxfs can be seen in the container, which may relabel what the policy lets it"
        "podman 6, with container-selinux 2.240" "podman-run(1), --security-opt"
    Privileged "privileged" [Podman, Docker, Kubernetes]
        "--privileged"
        "like label=disable; docker respects a label that is asked for beside it, podman does not"
        "podman 6, docker of 2026" "podman setLabelOpts; moby daemon"
    HostNamespace "host_namespace" [Podman, Docker]
        "--pid=host, --ipc=host"
        "like label=disable; docker respects a label that is asked for beside it, podman does not"
        "podman 6, docker of 2026" "podman setLabelOpts; moby daemon"
    JoinedNamespace "joined_namespace" [Podman, Docker]
        "--pid=container:NAME, --ipc=container:NAME"
        "the label is that of the other container"
        "podman 6, docker of 2026" "go-selinux DupSecOpt"
    Init "init" [Podman]
        "--systemd=always, or an init system as command"
        "the domain for containers that run an init system"
        "podman 6, with container-selinux 2.132 and later" "podman libpod: InitLabel"
    Machine "machine" [Podman]
        "--runtime=krun, kata, …"
        "the domain for containers in a virtual machine"
        "podman 6" "podman libpod: KVMLabel; containers.conf(5), runtime_supports_kvm"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_rows_complete() {
        let mut names: Vec<&str> = RULES.iter().map(|id| id.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), RULES.len());
        for id in RULES {
            let row = id.rule();
            assert_eq!(row.id, *id);
            for text in [row.asked, row.effect, row.holds_for, row.source] {
                assert!(!text.is_empty() && !text.ends_with('.'), "{text}");
            }
        }
    }
}
