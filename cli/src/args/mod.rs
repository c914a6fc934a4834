//! The command line, and with it every help page: one definition.

mod access;
mod breakout;
mod command;
mod components;
mod diff;
mod examples;
mod explain;
mod modules;
mod mount;
mod reach;
mod search;
mod setools_spellings;
mod system_status;

use std::path::PathBuf;

use clap::{Args, Parser, ValueEnum};

pub(crate) use access::{Can, ContextArgs, NewLabel, WhoCan};
pub(crate) use breakout::BreakoutArgs;
pub(crate) use command::Command;
pub(crate) use components::{Info, LIST_KINDS, List, ListKind, Show};
pub(crate) use diff::{DiffArgs, DiffFormat};
pub(crate) use explain::{Explain, StoryFormat};
pub(crate) use modules::ModulesArgs;
pub(crate) use mount::{EngineName, KindName, LabelArgs, MountArgs, NeedName, TreeArgs};
pub(crate) use reach::{MatrixForm, PathArgs, ReachArgs};
pub(crate) use search::{Search, parse_setting};
pub(crate) use setools_spellings::with_setools_spellings;
pub(crate) use system_status::StatusArgs;

/// Ask questions about SELinux policies.
#[derive(Debug, Parser)]
#[command(
    name = "sepolq",
    version,
    about = "Ask questions about SELinux policies",
    max_term_width = 100,
    after_help = examples::PROGRAM
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The policy to ask: a binary policy file, or `-` for standard input [env: SEPOLQ_POLICY]
    #[arg(short = 'P', long, value_name = "FILE", global = true, conflicts_with = "demo")]
    pub(crate) policy: Option<PathBuf>,
    /// Ask a small policy that comes with the program: web server, containers, host files
    #[arg(long, global = true)]
    pub(crate) demo: bool,
    /// When to colour the output: `auto` is on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorWhen,
}

/// When output is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    // Plain comments: documented values would turn every help page into the long form.
    // On a terminal, unless NO_COLOR is set.
    Auto,
    Always,
    Never,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn keywords_take_hyphens_too() {
        for name in ["type_transition", "type-transition"] {
            let cli = Cli::try_parse_from(["sepolq", name]).unwrap();
            assert!(matches!(cli.command, Command::TypeTransition(_)));
        }
    }
}
