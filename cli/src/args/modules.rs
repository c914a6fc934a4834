//! What `modules` takes.

use std::path::PathBuf;

use clap::Args;

/// `modules`: a store, and what is asked of it.
#[derive(Debug, Args)]
pub(crate) struct ModulesArgs {
    /// The module store: a folder as /var/lib/selinux/TYPE, an RPM or Debian package, or a module; without one, the installed store
    #[arg(value_name = "STORE")]
    pub(crate) store: Option<PathBuf>,
    /// Which modules declare this type, attribute, alias, boolean, role, user or class?
    #[arg(long, value_name = "NAME")]
    pub(crate) declares: Option<String>,
    /// Only modules that will not load here, and why
    #[arg(long, conflicts_with = "declares")]
    pub(crate) failing: bool,
    /// Print one JSON object (its schema: docs/json.md)
    #[arg(long)]
    pub(crate) json: bool,
}
