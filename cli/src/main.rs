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
use std::process::ExitCode;

use clap::Parser;

use crate::args::Cli;
use crate::status::Status;

fn main() -> ExitCode {
    policydb::exit_on_sigbus();
    status::explain_panics();
    let code = run();
    if policydb::changed_while_mapped() {
        status::error(status::POLICY_CHANGED);
        return Status::CouldNotRun.into();
    }
    code
}

/// Answers the command line.
fn run() -> ExitCode {
    completion::answer_shell();
    let arguments: Vec<OsString> = std::env::args_os().collect();
    if let Some((personality, arguments)) = personality::called(&arguments) {
        return personality.run(arguments);
    }
    let cli = Cli::parse_from(args::with_setools_spellings(arguments));
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
