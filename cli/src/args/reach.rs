//! What `reach` takes.

use clap::Args;
use clap_complete::engine::ArgValueCompleter;

use super::search::parse_setting;
use crate::completion;

/// `reach`: one domain, or several side by side.
#[derive(Debug, Args)]
pub(crate) struct ReachArgs {
    /// The domain: a type, type:range, or user:role:type:range; @attribute for each of its types
    #[arg(value_name = "DOMAIN", add = ArgValueCompleter::new(completion::types))]
    pub(crate) domain: String,
    /// Set it side by side with these
    #[arg(long, value_name = "OTHER", num_args = 1.., value_delimiter = ',', add = ArgValueCompleter::new(completion::types))]
    pub(crate) vs: Vec<String>,
    /// List what is in these groups: read, write, enter, … (`all` for every group)
    #[arg(long, value_name = "GROUP", value_delimiter = ',')]
    pub(crate) list: Vec<String>,
    /// Ask as if a boolean were on or off
    #[arg(long = "bool", value_name = "BOOL=on|off", value_delimiter = ',', value_parser = parse_setting)]
    pub(crate) settings: Vec<(String, bool)>,
    /// Print one JSON object (its schema: docs/json.md)
    #[arg(long)]
    pub(crate) json: bool,
}
