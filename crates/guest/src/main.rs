//! The first process of a virtual machine in which a real kernel answers questions about policies.
//!
//! It reads `/in/questions`, asks the kernel, sends the answers through the second serial port, and restarts the
//! machine, which ends it. Serial ports because every kernel has their driver built in. The host's side, and what
//! the questions mean, is `testkit::kernel`.
//!
//! | file | what it does |
//! |---|---|
//! | `questions.rs` | one question, one answer |
//! | `selinuxfs.rs` | the kernel's files for questions |
//! | `programs.rs` | runs sepolq beside the kernel |
//! | `confined.rs` | a process in a domain of the policy, which tries commands on an object |
//! | `deed.rs` | a process in a domain, which does one thing that is denied |
//! | `kernel_log.rs` | what the kernel logged of it |
//! | `command.rs` | any ioctl command; the only `unsafe` here |

mod command;
mod confined;
mod deed;
mod kernel_log;
mod programs;
mod questions;
mod selinuxfs;

use std::fs::{self, File};
use std::io::{BufWriter, Write};

use anyhow::Context;
use rustix::mount::{MountFlags, mount};
use rustix::system::{RebootCommand, reboot};
use rustix::termios::{OptionalActions, tcdrain, tcgetattr, tcsetattr};

use questions::Session;

/// Where the answers go.
const ANSWERS: &str = "/dev/ttyS1";

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // The kernel starts the first process, and that one starts this program again, confined.
    if std::process::id() != 1 {
        if let [deed::WORD, ..] = arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            std::process::exit(deed::run(&arguments[1..])?);
        }
        return confined::run(&arguments);
    }
    // The first process must not return: the reason goes to the console, and the host misses the last line.
    if let Err(error) = answer_all() {
        eprintln!("guest: {error:#}");
    }
    reboot(RebootCommand::Restart).context("cannot restart")
}

fn answer_all() -> anyhow::Result<()> {
    for (kind, folder) in
        [("proc", "/proc"), ("sysfs", "/sys"), ("devtmpfs", "/dev"), ("selinuxfs", selinuxfs::ROOT)]
    {
        mount(kind, folder, kind, MountFlags::empty(), None)
            .with_context(|| format!("cannot mount {kind}"))?;
    }
    kernel_log::let_all_pass().context("cannot have the kernel log everything")?;
    let port = File::options().write(true).open(ANSWERS).context(ANSWERS)?;
    let mut settings = tcgetattr(&port)?;
    settings.make_raw();
    tcsetattr(&port, OptionalActions::Now, &settings)?;

    let questions = fs::read_to_string("/in/questions").context("/in/questions")?;
    let mut session = Session::default();
    let mut answers = BufWriter::with_capacity(1 << 16, &port);
    for question in questions.lines() {
        writeln!(answers, "{}", session.answer(question))?;
    }
    writeln!(answers, "end {}", questions.lines().count())?;
    answers.flush()?;
    drop(answers);
    Ok(tcdrain(&port)?)
}
