//! What `explain` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::examples;
use super::search::parse_setting;

/// `explain`: records, from wherever they are.
#[derive(Debug, Args)]
#[command(after_help = examples::EXPLAIN)]
pub(crate) struct Explain {
    /// Logs (also rotated and compressed ones), records in quotes, or `-` for standard input; without any, what is piped in,
    /// else the system's own log: /var/log/audit/audit.log, else the journal of this boot
    #[arg(value_name = "LOG|RECORD")]
    pub(crate) inputs: Vec<String>,
    /// Explain all that was denied since the system was started: of auditd's logs with their rotated ones, and for what they do
    /// not tell, of the journal, the kernel's log and syslogs
    #[arg(long, short = 'b', conflicts_with_all = ["inputs", "follow"])]
    pub(crate) boot: bool,
    /// Where the directory is on the host: then fixes name it instead of HOSTDIR
    #[arg(long, value_name = "PATH")]
    pub(crate) host_path: Option<String>,
    /// The output of `podman inspect` or `docker inspect`: then paths in containers are found on the host
    #[arg(long, value_name = "FILE")]
    pub(crate) inspect: Option<PathBuf>,
    /// Which label belongs to which path of the host: a file_contexts, with what stands beside it; without it, the system's
    #[arg(long, value_name = "FILE")]
    pub(crate) file_contexts: Option<PathBuf>,
    /// Say of each story how it would end under another policy (fixed, newly denied, unchanged), and what changed for it; a module
    /// or a package is put into a copy of the base first
    #[arg(long, value_name = "POLICY|PACKAGE")]
    pub(crate) compare: Option<PathBuf>,
    /// The module store that is the base; without it, the installed one
    #[arg(long, value_name = "STORE", requires = "compare")]
    pub(crate) base: Option<PathBuf>,
    /// Wait for what is logged from now on, and explain it as it comes
    #[arg(long, conflicts_with_all = ["json", "commands", "format", "compare"])]
    pub(crate) follow: bool,
    /// Ask as if a boolean were on or off
    #[arg(long = "bool", value_name = "BOOL=on|off", value_delimiter = ',', value_parser = parse_setting)]
    pub(crate) settings: Vec<(String, bool)>,
    /// Print only the commands of each story's first fix
    #[arg(long, conflicts_with_all = ["json", "format", "compare"])]
    pub(crate) commands: bool,
    /// How stories are printed
    #[arg(long, value_name = "FORMAT", conflicts_with = "json")]
    pub(crate) format: Option<StoryFormat>,
    /// Print at most this many stories whole: without it 50 as text and Markdown, with the next ones in a line each, and all
    /// in JSON and as commands
    #[arg(long, value_name = "N", conflicts_with = "follow")]
    pub(crate) limit: Option<usize>,
    /// Print one JSON object (its schema: docs/json.md)
    #[arg(long)]
    pub(crate) json: bool,
}

/// How stories are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StoryFormat {
    // Plain comments: documented values would turn every help page into the long form.
    Text,
    Markdown,
}
