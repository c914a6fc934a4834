//! `man`: manual pages, made of the definition of the command line.

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, bail};
use clap::CommandFactory;
use clap_mangen::Man;

use crate::args::Cli;
use crate::status::Status;

/// Prints the page of the program or of one of its commands, or writes all pages into a directory.
pub(crate) fn run(command: Option<&str>, directory: Option<&Path>) -> anyhow::Result<Status> {
    let mut program = Cli::command();
    if let Some(directory) = directory {
        clap_mangen::generate_to(program, directory)
            .with_context(|| format!("cannot write manual pages into `{}`", directory.display()))?;
        return Ok(Status::Found);
    }
    program.build();
    let page = match command {
        None => program,
        Some(name) => {
            let name = name.replace('-', "_");
            let known: Vec<String> =
                program.get_subcommands().map(|command| command.get_name().to_owned()).collect();
            let Some(command) = program.find_subcommand(&name) else {
                let near = analysis::nearest(&name, known.iter().cloned());
                let help = near.first().map_or_else(
                    || format!("there are {}", known.join(", ")),
                    |near| format!("did you mean `{near}`?"),
                );
                bail!("no command `{}`\nhelp: {help}", name.escape_debug());
            };
            command.clone()
        }
    };
    let mut text = Vec::new();
    Man::new(page).render(&mut text)?;
    io::stdout().write_all(&text)?;
    Ok(Status::Found)
}
