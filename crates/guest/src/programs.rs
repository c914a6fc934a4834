//! Runs a program in the machine, such as sepolq, which then finds the kernel's own policy.

use std::fs;
use std::io::{self, Write};
use std::process::{Command, Stdio};

use crate::selinuxfs;

/// Bytes that a pipe does not hold: when they are written, the program has begun to read.
const MORE_THAN_A_PIPE: usize = 1 << 18;

/// Runs a program to its end. Each argument has `+` for a space. The reply is the exit code, what was printed, and
/// what was printed on standard error, with a TAB between.
pub(crate) fn run(program: &str, arguments: &[&str]) -> io::Result<String> {
    let output = command(program, arguments).stdin(Stdio::null()).output()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let code = output.status.code().map_or_else(|| "signal".to_owned(), |code| code.to_string());
    Ok(format!("{code}\t{}\t{}", text(&output.stdout), text(&output.stderr)))
}

/// Runs a program that reads lines from its standard input after it opened the policy, and looks whether the
/// policy is in its memory as a file. The first argument is the line; the reply is the line of the memory map.
pub(crate) fn maps(program: &str, arguments: &[&str]) -> io::Result<String> {
    let [line, arguments @ ..] = arguments else { return Err(io::ErrorKind::InvalidInput.into()) };
    let mut child = command(program, arguments).stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
    let mut input = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let line = line.replace('+', " ") + "\n";
    input.write_all(line.repeat(MORE_THAN_A_PIPE / line.len()).as_bytes())?;
    let map = fs::read_to_string(format!("/proc/{}/maps", child.id()))?;
    drop(input);
    child.wait()?;
    let policy = selinuxfs::node("policy");
    let is_policy = |line: &&str| line.ends_with(&*policy.to_string_lossy());
    Ok(map.lines().find(is_policy).unwrap_or_default().to_owned())
}

fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments.iter().map(|argument| argument.replace('+', " "))).env_clear();
    command
}
