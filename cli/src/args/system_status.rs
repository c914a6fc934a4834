//! What `status` takes.

use std::path::PathBuf;

use clap::Args;

use super::examples;

/// `status`: the health of this system.
#[derive(Debug, Args)]
#[command(after_help = examples::STATUS)]
pub(crate) struct StatusArgs {
    /// The root of the system; for tests
    #[arg(long, value_name = "DIR", default_value = "/", hide = true)]
    pub(crate) root: PathBuf,
    /// Print one JSON object (its schema: docs/json.md)
    #[arg(long)]
    pub(crate) json: bool,
}
