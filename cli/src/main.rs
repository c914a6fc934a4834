//! The program `sepolq`: arguments → request → analysis → renderer → exit code.
//!
//! Called by the name of a SETools program, or with that name as its first word, it takes that program's
//! arguments and prints its bytes (`personality`).

mod args;
mod cil_modules;
mod commands;
mod completion;
mod inputs;
mod personality;
mod policy_source;
mod records;
mod render;
mod status;
mod system_tools;
mod threads;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use crate::args::Cli;
use crate::status::Status;

fn main() -> ExitCode {
    policydb::exit_on_sigbus();
    completion::answer_shell();
    let arguments: Vec<OsString> = std::env::args_os().collect();
    if let Some((personality, arguments)) = personality::called(&arguments) {
        return personality.run(arguments);
    }
    let cli = match Cli::try_parse_from(args::with_setools_spellings(arguments)) {
        Ok(cli) => cli,
        Err(shown) => return show(&shown),
    };
    match commands::run(&cli) {
        Ok(status) => status.into(),
        // Whoever reads us has seen enough: that is no error.
        Err(error) if status::is_closed_pipe(&error) => Status::Found.into(),
        Err(error) => {
            status::error(&status::message(&error));
            Status::CouldNotRun.into()
        }
    }
}

/// Shows help, the version, or what is wrong with the command line, and says how that ends the program.
fn show(shown: &clap::Error) -> ExitCode {
    match shown.print().and_then(|()| std::io::stdout().flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            status::error(&error.to_string());
            Status::CouldNotRun.into()
        }
        _ => ExitCode::from(u8::try_from(shown.exit_code()).unwrap_or(2)),
    }
}
