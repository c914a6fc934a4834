//! What `mount` and `label` take.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use clap_complete::engine::ArgValueCompleter;

use super::search::parse_setting;
use crate::completion;

/// `mount`: a command line that starts a container, or its parts.
#[derive(Debug, Args)]
pub(crate) struct MountArgs {
    /// A docker or podman command line, after `--`: every mount of it is answered
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
    /// A path of the host that is mounted
    #[arg(long, value_name = "PATH", required_unless_present = "command", conflicts_with = "command")]
    pub(crate) path: Option<String>,
    /// Options of the mount: z, Z, ro, O, U, separated by commas
    #[arg(long = "option", value_name = "OPTIONS", value_delimiter = ',', requires = "path")]
    pub(crate) options: Vec<String>,
    /// What runs the container
    #[arg(long, value_name = "ENGINE", conflicts_with = "command")]
    pub(crate) engine: Option<EngineName>,
    /// In Kubernetes: a volume that the runtime makes for the pod (emptyDir, secret, …), not a hostPath
    #[arg(long, requires = "engine")]
    pub(crate) pod_volume: bool,
    /// The domain of the container, as with --security-opt label=type:
    #[arg(long, value_name = "TYPE", add = ArgValueCompleter::new(completion::types))]
    pub(crate) domain: Option<String>,
    /// The level of the container, as with --security-opt label=level:
    #[arg(long, value_name = "LEVEL")]
    pub(crate) level: Option<String>,
    /// The type that z and Z give, as with --security-opt label=filetype:
    #[arg(long, value_name = "TYPE", add = ArgValueCompleter::new(completion::types))]
    pub(crate) file_type: Option<String>,
    /// The container runs without separation, as with --security-opt label=disable
    #[arg(long, conflicts_with_all = ["domain", "level", "file_type"])]
    pub(crate) disable: bool,
    /// The docker daemon runs without --selinux-enabled
    #[arg(long)]
    pub(crate) no_daemon_labels: bool,
    /// What the container must be able to do; without it, write unless the mount is read-only
    #[arg(long, value_name = "NEED")]
    pub(crate) need: Option<NeedName>,
    #[command(flatten)]
    pub(crate) known: TreeArgs,
    /// Ask as if a boolean were on or off
    #[arg(long = "bool", value_name = "BOOL=on|off", value_delimiter = ',', value_parser = parse_setting)]
    pub(crate) settings: Vec<(String, bool)>,
    /// Print one JSON object (its schema: docs/json.md)
    #[arg(long)]
    pub(crate) json: bool,
}

/// `label`: paths.
#[derive(Debug, Args)]
pub(crate) struct LabelArgs {
    /// Paths; they need not exist
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<std::ffi::OsString>,
    /// The kind of file, where a path does not exist
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<KindName>,
    #[command(flatten)]
    pub(crate) known: TreeArgs,
    /// Ask as if a boolean were on or off
    #[arg(long = "bool", value_name = "BOOL=on|off", value_delimiter = ',', value_parser = parse_setting)]
    pub(crate) settings: Vec<(String, bool)>,
    /// Print one JSON object (its schema: docs/json.md)
    #[arg(long)]
    pub(crate) json: bool,
}

/// What is known of a tree from elsewhere than this system.
#[derive(Debug, Default, Args)]
pub(crate) struct TreeArgs {
    /// The label that the tree has: a type, type:range, or user:role:type:range
    #[arg(long, value_name = "LABEL", add = ArgValueCompleter::new(completion::types))]
    pub(crate) tree_label: Option<String>,
    /// The file system that it is on, such as nfs4
    #[arg(long, value_name = "NAME")]
    pub(crate) file_system: Option<String>,
    /// Which label belongs to which path: a file_contexts, with what stands beside it; without it, the system's
    #[arg(long, value_name = "FILE")]
    pub(crate) file_contexts: Option<PathBuf>,
}

/// What runs a container.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum EngineName {
    Podman,
    Docker,
    Kubernetes,
}

/// What a container must be able to do.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum NeedName {
    Read,
    Write,
}

/// A kind of file.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum KindName {
    File,
    Dir,
    Link,
    Char,
    Block,
    Socket,
    Fifo,
}
