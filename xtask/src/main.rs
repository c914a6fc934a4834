//! The chores of this repository as code: `cargo xtask` lists them.
//!
//! Standard library only, so that it builds at once on a machine that has nothing but Rust; every other tool
//! is found, or installed with a sentence that says so, when a chore needs it (`packages.rs`).

mod bench;
mod ci;
mod demo;
mod fuzz;
mod kernel_oracle;
mod man;
mod oracle;
mod package;
mod packages;
mod paths;
mod policies;
mod process;
mod test;
mod tidy;

use std::process::ExitCode;

/// What a chore returns: an error is one message for people, already complete.
type Outcome = Result<(), String>;

/// One sub-command: its name, its one-line summary, its help text, and what it does.
struct Chore {
    name: &'static str,
    summary: &'static str,
    help: &'static str,
    run: fn(&[String]) -> Outcome,
}

const CHORES: &[Chore] = &[
    Chore {
        name: "demo",
        summary: "build sepolq and ask the first question",
        help: demo::HELP,
        run: demo::run,
    },
    Chore {
        name: "test",
        summary: "set up what the tests need, then run all of them",
        help: test::HELP,
        run: test::run,
    },
    Chore {
        name: "policies",
        summary: "build the real policies below target/policies",
        help: policies::HELP,
        run: policies::run,
    },
    Chore {
        name: "tidy",
        summary: "formatting, lints, crate arrows, file headers, test data",
        help: tidy::HELP,
        run: tidy::run,
    },
    Chore { name: "man", summary: "write the manual pages in docs/man anew", help: man::HELP, run: man::run },
    Chore {
        name: "oracle",
        summary: "ask SETools' programs fresh random questions, or refresh their recorded answers",
        help: oracle::HELP,
        run: oracle::run,
    },
    Chore {
        name: "fuzz",
        summary: "look for bytes that make loading, asking or writing back fail",
        help: fuzz::HELP,
        run: fuzz::run,
    },
    Chore {
        name: "kernel-oracle",
        summary: "boot a real kernel, and compare its decisions with ours",
        help: kernel_oracle::HELP,
        run: kernel_oracle::run,
    },
    Chore {
        name: "package",
        summary: "make a .deb, an .rpm and a static program, and try them",
        help: package::HELP,
        run: package::run,
    },
    Chore {
        name: "bench",
        summary: "measure sepolq beside the reference tools, or gate instruction counts",
        help: bench::HELP,
        run: bench::run,
    },
    Chore {
        name: "ci",
        summary: "everything that must pass before a change lands",
        help: ci::HELP,
        run: ci::run,
    },
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = args.split_first() else {
        print_overview();
        return ExitCode::SUCCESS;
    };
    if matches!(name.as_str(), "help" | "-h" | "--help") {
        return explain(rest.first().map(String::as_str));
    }
    let Some(chore) = CHORES.iter().find(|chore| chore.name == name) else {
        eprintln!("error: there is no chore `{name}`\nhelp: `cargo xtask` lists them");
        return ExitCode::from(2);
    };
    if rest.iter().any(|arg| arg == "-h" || arg == "--help") {
        return explain(Some(chore.name));
    }
    match (chore.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Prints the help of one chore, or the list of them.
fn explain(name: Option<&str>) -> ExitCode {
    match name.and_then(|name| CHORES.iter().find(|chore| chore.name == name)) {
        Some(chore) => println!("cargo xtask {}: {}\n\n{}", chore.name, chore.summary, chore.help.trim()),
        None => print_overview(),
    }
    ExitCode::SUCCESS
}

fn print_overview() {
    println!("cargo xtask CHORE [OPTIONS]    (cargo xtask help CHORE tells more)\n");
    for chore in CHORES {
        println!("  {:<13} {}", chore.name, chore.summary);
    }
}

/// Refuses every argument that is not in `known`, so that a misspelt option is never ignored.
fn only_known(args: &[String], known: &[&str]) -> Outcome {
    match args.iter().find(|arg| !known.contains(&arg.as_str())) {
        None => Ok(()),
        Some(arg) if known.is_empty() => Err(format!("this chore takes no argument, not `{arg}`")),
        Some(arg) => Err(format!("unknown argument `{arg}`\nhelp: this chore knows {}", known.join(", "))),
    }
}
