//! What `diff` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::inputs::BaseChoice;

/// `diff`: two policies, and how much is said of what changed.
#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// What to compare with: a binary policy, a module (.pp, .cil), an RPM or Debian package with modules, a module store, `running` for
    /// the loaded policy, or `-` for standard input
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,
    /// What replaces it
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
    /// Put modules into a copy of this module store, and compare the policies; without it, the installed store if it can be read
    #[arg(long, value_name = "STORE", conflicts_with = "no_base")]
    pub(crate) base: Option<PathBuf>,
    /// Compare modules by what they declare and state themselves
    #[arg(long)]
    pub(crate) no_base: bool,
    /// Say all that changed for these domains: types, aliases or @attributes of either policy
    #[arg(long = "domain", value_name = "NAME", value_delimiter = ',')]
    pub(crate) domains: Vec<String>,
    /// Say of every change of access which statement made it
    #[arg(long)]
    pub(crate) causes: bool,
    /// Print every statement that differs, rules with their attributes expanded, in the manner of sediff, instead of a summary
    #[arg(long, conflicts_with_all = ["json", "format", "html", "domains", "causes", "reach", "file_contexts"])]
    pub(crate) complete: bool,
    /// Name the domains that newly reach sensitive types by flows of information, each with a path
    #[arg(long)]
    pub(crate) reach: bool,
    /// Compare these file contexts too
    #[arg(long, num_args = 2, value_names = ["OLD", "NEW"])]
    pub(crate) file_contexts: Vec<PathBuf>,
    /// Exit with 1 only if a change is this serious, or more
    #[arg(long, value_name = "LEVEL")]
    pub(crate) fail_on: Option<LevelName>,
    /// Print at most this many findings, causes and lines of a list; 0 for all
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
    /// How the answer is printed
    #[arg(long, value_name = "FORMAT", conflicts_with = "json")]
    pub(crate) format: Option<DiffFormat>,
    /// Write a page into this file besides: all domains and causes, folded, with a search; it needs no network
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Print one JSON object (its schema: docs/json.md)
    #[arg(long)]
    pub(crate) json: bool,
    // What other commands take in this place: here it means nothing, so help does not show it, and it is refused in words.
    #[arg(id = "policy", short = 'P', long, hide = true, conflicts_with = "demo")]
    pub(crate) policy: Option<PathBuf>,
    #[arg(id = "demo", long, hide = true)]
    pub(crate) demo: bool,
}

impl DiffArgs {
    /// Which base modules are put into.
    pub(crate) fn base_choice(&self) -> BaseChoice {
        match &self.base {
            Some(store) => BaseChoice::Named(store.clone()),
            None if self.no_base => BaseChoice::None,
            None => BaseChoice::Installed,
        }
    }
}

/// How the answer is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    // Plain comments: documented values would turn every help page into the long form.
    Text,
    // For release notes.
    Markdown,
}

/// How serious a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LevelName {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

impl LevelName {
    pub(crate) const fn level(self) -> analysis::diff::Level {
        use analysis::diff::Level;
        match self {
            LevelName::Info => Level::Info,
            LevelName::Low => Level::Low,
            LevelName::Medium => Level::Medium,
            LevelName::High => Level::High,
            LevelName::Critical => Level::Critical,
        }
    }
}
