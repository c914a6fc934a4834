//! Running other programs, with errors that name the command and show how it ended.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Folders of system programs that a plain user's `PATH` may lack.
const SYSTEM_FOLDERS: &[&str] = &["/usr/bin", "/usr/sbin", "/bin", "/sbin"];

/// The cargo that runs this chore.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(crate::paths::repository());
    command
}

/// A system program, with the distribution's folders searched before the user's own, so that a `python3` of
/// pyenv does not stand in for the one that SETools is installed for; messages are in English.
pub(crate) fn system(program: impl AsRef<OsStr>) -> Command {
    let mut folders: Vec<PathBuf> = SYSTEM_FOLDERS.iter().map(PathBuf::from).collect();
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let search = std::env::join_paths(folders).unwrap_or_else(|_| SYSTEM_FOLDERS.join(":").into());
    // Command looks a program up in this process's PATH, not in the child's: resolve it here.
    let program = find(program.as_ref()).unwrap_or_else(|| program.as_ref().into());
    let mut command = Command::new(program);
    command.env("PATH", search).env("LC_ALL", "C");
    command
}

/// The full path of a program in the system folders or in `PATH`.
pub(crate) fn find(program: &OsStr) -> Option<PathBuf> {
    if Path::new(program).components().count() > 1 {
        return Path::new(program).is_file().then(|| program.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    SYSTEM_FOLDERS
        .iter()
        .map(PathBuf::from)
        .chain(std::env::split_paths(&path))
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
}

/// True if a program of this name is installed.
pub(crate) fn is_installed(program: &str) -> bool {
    find(OsStr::new(program)).is_some()
}

/// Runs a command with the terminal's streams.
///
/// # Errors
/// When it cannot be started or does not exit with 0.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|error| format!("cannot run {}: {error}", shown(command)))?;
    if status.success() { Ok(()) } else { Err(format!("{} ended with {status}", shown(command))) }
}

/// Runs a command and returns what it printed on standard output.
///
/// # Errors
/// When it cannot be started or does not exit with 0; the last lines of its standard error are quoted.
pub(crate) fn capture(command: &mut Command) -> Result<String, String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cannot run {}: {error}", shown(command)))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{} ended with {}\n{}", shown(command), output.status, last_lines(&said, 8)))
}

/// Runs a command with both output streams appended to `log`.
///
/// # Errors
/// As [`capture`]; the message quotes the end of the log and names it.
pub(crate) fn run_logged(command: &mut Command, log: &Path) -> Result<(), String> {
    let open = || std::fs::File::options().create(true).append(true).open(log);
    let (out, err) = match (open(), open()) {
        (Ok(out), Ok(err)) => (out, err),
        (Err(error), _) | (_, Err(error)) => return Err(format!("cannot write {}: {error}", log.display())),
    };
    let status = command
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(err)
        .status()
        .map_err(|error| format!("cannot run {}: {error}", shown(command)))?;
    if status.success() {
        return Ok(());
    }
    let said = std::fs::read(log).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    Err(format!("{} ended with {status}; {} ends:\n{}", shown(command), log.display(), last_lines(&said, 12)))
}

/// The command as a person would type it (long argument lists are cut).
pub(crate) fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().take(12).map(|arg| arg.to_string_lossy().into_owned()));
    if command.get_args().len() > 12 {
        words.push("…".into());
    }
    format!("`{}`", words.join(" "))
}

fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines.get(lines.len().saturating_sub(count)..).unwrap_or_default().join("\n")
}
