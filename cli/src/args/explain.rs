//! What `explain` takes.

use std::path::PathBuf;

use clap::Args;

use super::search::parse_setting;

/// `explain`: records, from wherever they are.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// Files of records, `-` for standard input, or one record in quotes; without any, the system's own log
    #[arg(value_name = "LOG|RECORD")]
    pub(crate) inputs: Vec<String>,
    /// Where the files are on the host: then fixes name it instead of HOSTDIR
    #[arg(long, value_name = "PATH")]
    pub(crate) host_path: Option<String>,
    /// Print only the commands of the first fix of each story
    #[arg(long, conflicts_with_all = ["json", "compare"])]
    pub(crate) commands: bool,
    /// Say of each story whether another policy would allow it
    #[arg(long, value_name = "POLICY", conflicts_with = "json")]
    pub(crate) compare: Option<PathBuf>,
    /// Ask as if a boolean were on or off
    #[arg(long = "bool", value_name = "BOOL=on|off", value_delimiter = ',', value_parser = parse_setting)]
    pub(crate) settings: Vec<(String, bool)>,
    /// Print one JSON object (its schema: docs/json.md)
    #[arg(long)]
    pub(crate) json: bool,
}
