//! What `breakout` takes.

use std::path::PathBuf;

use clap::Args;
use clap_complete::engine::ArgValueCompleter;

use super::search::parse_setting;
use crate::completion;

/// `breakout`: domains, and which part of the catalogue.
#[derive(Debug, Args)]
pub(crate) struct BreakoutArgs {
    /// Domains: a type, type:range, or user:role:type:range; @attribute for each of its types; without one, container_t and spc_t
    #[arg(value_name = "DOMAIN", add = ArgValueCompleter::new(completion::types))]
    pub(crate) domains: Vec<String>,
    /// Say of every cell why it is blocked, open, or cannot be told
    #[arg(long, conflicts_with_all = ["json", "list"])]
    pub(crate) why: bool,
    /// Print the catalogue: what is asked, and what each primitive needs
    #[arg(long, conflicts_with = "domains")]
    pub(crate) list: bool,
    /// Ask only these primitives
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    /// Accept these primitives, for all domains or for one: they are shown, and do not count
    #[arg(long, value_name = "ID[:DOMAIN]", value_delimiter = ',', conflicts_with = "list")]
    pub(crate) except: Vec<String>,
    /// Add a catalogue of one's own (its form: docs/breakout.md)
    #[arg(long, value_name = "FILE")]
    pub(crate) catalogue: Option<PathBuf>,
    /// What cannot be told counts as open
    #[arg(long, conflicts_with = "list")]
    pub(crate) strict: bool,
    /// Ask as if a boolean were on or off
    #[arg(long = "bool", value_name = "BOOL=on|off", value_delimiter = ',', value_parser = parse_setting, conflicts_with = "list")]
    pub(crate) settings: Vec<(String, bool)>,
    /// Print one JSON object (its schema: docs/json.md)
    #[arg(long)]
    pub(crate) json: bool,
}
