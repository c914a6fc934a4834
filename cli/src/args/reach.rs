//! What `reach` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use clap_complete::engine::ArgValueCompleter;

use super::search::parse_setting;
use crate::completion;

/// `reach`: one domain, or several side by side; a path; all pairs.
#[derive(Debug, Args)]
pub(crate) struct ReachArgs {
    /// The domain: a type, type:range, or user:role:type:range; @attribute for each of its types. With a second name: by which
    /// paths does it reach that?
    #[arg(value_name = "DOMAIN [TARGET]", add = ArgValueCompleter::new(completion::types))]
    pub(crate) names: Vec<String>,
    /// Set it side by side with these
    #[arg(long, value_name = "OTHER", num_args = 1.., value_delimiter = ',', add = ArgValueCompleter::new(completion::types))]
    pub(crate) vs: Vec<String>,
    /// List what is in these groups: read, write, enter, … (`all` for every group)
    #[arg(long, value_name = "GROUP", value_delimiter = ',')]
    pub(crate) list: Vec<String>,
    #[command(flatten)]
    pub(crate) path: PathArgs,
    #[command(flatten)]
    pub(crate) matrix: MatrixArgs,
    /// Ask as if a boolean were on or off
    #[arg(long = "bool", value_name = "BOOL=on|off", value_delimiter = ',', value_parser = parse_setting)]
    pub(crate) settings: Vec<(String, bool)>,
    /// Put a module in CIL on top of the policy first, such as one by udica; once for each file, its templates too (takes secilc)
    #[arg(long, value_name = "FILE")]
    pub(crate) with: Vec<PathBuf>,
    /// Print one JSON object (its schema: docs/json.md)
    #[arg(long)]
    pub(crate) json: bool,
}

const PATHS: &str = "Paths to TARGET, and all pairs";
const PAIRS: &str = "All pairs";

/// What paths are made of.
#[derive(Debug, Args)]
pub(crate) struct PathArgs {
    /// Only these: flow, transition, control, or kinds of steps (docs/reach.md)
    #[arg(long, value_name = "SORT", value_delimiter = ',', help_heading = PATHS)]
    pub(crate) only: Vec<String>,
    /// The way back: from TARGET to DOMAIN
    #[arg(long, help_heading = PATHS)]
    pub(crate) reverse: bool,
    /// All paths of the least length
    #[arg(long, help_heading = PATHS)]
    pub(crate) all_shortest: bool,
    /// At most so many paths of a sort with --all-shortest, up to 10,000 [default: 100]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000), help_heading = PATHS)]
    pub(crate) limit: Option<u32>,
    /// At most so many steps
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), help_heading = PATHS)]
    pub(crate) max_hops: Option<u32>,
    /// The path passes these types, in this order
    #[arg(long, value_name = "TYPE", value_delimiter = ',', help_heading = PATHS, add = ArgValueCompleter::new(completion::types))]
    pub(crate) via: Vec<String>,
    /// These types are no part of it; @attribute for each of its types
    #[arg(long, value_name = "TYPE", value_delimiter = ',', help_heading = PATHS, add = ArgValueCompleter::new(completion::types))]
    pub(crate) avoid: Vec<String>,
    /// Only information flows of at least this weight, 1 to 10
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=10), help_heading = PATHS)]
    pub(crate) min_weight: Option<u8>,
    /// A permission map in SETools' format, instead of sepolq's own
    #[arg(long, value_name = "FILE", help_heading = PATHS)]
    pub(crate) map: Option<PathBuf>,
    /// `current` (as they are), `any` (find a path that some setting opens, and the setting), or BOOL=on|off
    #[arg(long, value_name = "HOW", value_delimiter = ',', help_heading = PATHS)]
    pub(crate) booleans: Vec<String>,
}

/// What is printed of all pairs.
#[derive(Debug, Args)]
pub(crate) struct MatrixArgs {
    /// Steps from each type to each: printed are those of the named types and @attributes, else a summary
    #[arg(long, help_heading = PAIRS)]
    pub(crate) matrix: bool,
    /// The form of the printed matrix [default: csv]
    #[arg(long, value_name = "FORM", conflicts_with = "json", help_heading = PAIRS)]
    pub(crate) form: Option<MatrixForm>,
    /// At most so many threads; one a core without it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024), help_heading = PAIRS)]
    pub(crate) threads: Option<u16>,
}

/// The form of a printed matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MatrixForm {
    // A row and a column for each type.
    Csv,
    // A graph for Graphviz: an edge for each single step.
    Dot,
}
