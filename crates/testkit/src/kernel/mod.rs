//! A real kernel as a judge: Debian's, booted in an emulated machine without hardware support or privileges.
//!
//! `cargo xtask kernel-oracle` puts two files into one folder, `target/kernel` (or what `SEPOLQ_KERNEL_DIR` says): the
//! kernel `vmlinuz`, and `guest`, the first process of the machine, linked statically. A machine gets its questions
//! in its initial file system and sends its answers through a serial port.
//!
//! A question is a line of words; each gets one line of answer. Contexts, classes and permissions are those of the
//! policy that was loaded last.
//!
//! | question | answer |
//! |---|---|
//! | `load FILE` | – |
//! | `access SOURCE TARGET CLASS` | `ALLOWED ffffffff AUDITALLOW AUDITDENY SEQUENCE FLAGS` |
//! | `create SOURCE TARGET CLASS [NAME]` | the label of a new object; the name is URL-encoded |
//! | `relabel` and `member SOURCE TARGET CLASS` | the label |
//! | `context CONTEXT` | the context, if it is valid, as the kernel writes it |
//! | `validatetrans OLD NEW CLASS PROCESS` | – |
//! | `get NODE`, `set NODE VALUE` | a file of selinuxfs |
//! | `commands SOURCE CLASS TARGET HIGH` | the ioctl commands that a process of SOURCE is refused on a new object: `5401-5403,89ff`; HIGH is their upper half |
//! | `deed SOURCE DIRECTORY TARGET DEED` | `done`, or `denied` and the error's number: a process of SOURCE does DEED (`read`, `write`, `ioctl:5402`) to a new file of TARGET in a directory of DIRECTORY, enforcing |
//! | `log FILE` | the kernel's records of enforced denials since the last time, which then stand in FILE as well; only of a machine [with audit](Machine::with_audit) |
//! | `run PROGRAM ARGUMENTS` | exit code, output, standard error, with a TAB between |
//! | `map PROGRAM LINE ARGUMENTS` | how the kernel's policy stands in the program's memory map |
//! | `hold`, `release` | the kernel's policy is opened, and closed |

mod cpio;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Error;

/// Seconds after which a machine that does not end is given up; most need less than ten.
const GIVE_UP: &str = "900";

/// What the kernel said to one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It answered.
    Ok(String),
    /// It refused, with this error number.
    Error(i32),
}

/// The errors that matter here. Source: `errno-base.h`.
pub mod errno {
    /// Not permitted.
    pub const EPERM: i32 = 1;
    /// Access denied.
    pub const EACCES: i32 = 13;
    /// Nothing that the kernel can make sense of.
    pub const EINVAL: i32 = 22;
}

impl Answer {
    /// The text of an answer.
    pub fn ok(&self) -> Option<&str> {
        match self {
            Answer::Ok(text) => Some(text),
            Answer::Error(_) => None,
        }
    }
}

/// A machine that can be started.
#[derive(Debug)]
pub struct Machine {
    folder: PathBuf,
    files: Vec<(String, Vec<u8>)>,
    has_audit: bool,
}

impl Machine {
    /// A machine, if this one can run it.
    ///
    /// # Errors
    /// When the emulator, the kernel or the guest's programs are missing.
    pub fn find() -> Result<Self, Error> {
        let folder = std::env::var_os("SEPOLQ_KERNEL_DIR").map_or_else(default_folder, PathBuf::from);
        let missing = |what: &str| {
            Error::Reference(format!("there is no {what}\nhelp: `cargo xtask kernel-oracle` gets it"))
        };
        for file in ["vmlinuz", "guest"] {
            if !folder.join(file).is_file() {
                return Err(missing(&folder.join(file).display().to_string()));
            }
        }
        let emulator = Command::new(EMULATOR).arg("--version").stdout(Stdio::null()).status();
        if !emulator.is_ok_and(|status| status.success()) {
            return Err(missing(EMULATOR));
        }
        Ok(Machine { folder, files: Vec::new(), has_audit: false })
    }

    /// Puts a file into the machine, as `/in/NAME`.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn with(mut self, name: &str, path: &Path) -> Result<Self, Error> {
        let bytes = std::fs::read(path).map_err(Error::file(path))?;
        self.files.push((format!("in/{name}"), bytes));
        Ok(self)
    }

    /// Puts a file into the machine where it stands on systems: `etc/selinux/config`.
    #[must_use]
    pub fn with_content(mut self, path: &str, content: impl Into<Vec<u8>>) -> Self {
        self.files.push((path.to_owned(), content.into()));
        self
    }

    /// Has the kernel log denials. It takes time where there are many.
    #[must_use]
    pub fn with_audit(mut self) -> Self {
        self.has_audit = true;
        self
    }

    /// Puts a program into the machine, as `/in/NAME`, with the libraries that it is linked with.
    ///
    /// # Errors
    /// When it cannot be read, or its libraries cannot be found.
    pub fn with_program(mut self, name: &str, path: &Path) -> Result<Self, Error> {
        let output = Command::new("ldd").arg(path).output();
        let output = output.map_err(|error| Error::Reference(format!("cannot run ldd: {error}")))?;
        // `libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x…)`, and the loader alone; nothing for a static program.
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        for library in text.split_whitespace().filter(|word| word.starts_with('/')) {
            let bytes = std::fs::read(library).map_err(Error::file(library))?;
            self.files.push((library.trim_start_matches('/').to_owned(), bytes));
        }
        self.with(name, path)
    }

    /// Starts the machine, in permissive mode, and returns its answers to all questions when it has ended.
    ///
    /// # Errors
    /// When the machine does not run or does not answer every question.
    pub fn ask(&self, questions: &[String]) -> Result<Vec<Answer>, Error> {
        let scratch = tempfile::tempdir().map_err(Error::file(std::env::temp_dir()))?;
        let archive = scratch.path().join("initramfs");
        let (console, answers) = (scratch.path().join("console"), scratch.path().join("answers"));
        self.write_archive(&archive, questions).map_err(Error::file(&archive))?;
        let output = Command::new("timeout")
            .args(["--kill-after=5", GIVE_UP, EMULATOR])
            // Nothing but two serial ports. Emulated without the host's help: that works everywhere.
            .args(["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"])
            .args(["-machine", "pc,accel=tcg", "-cpu", "max", "-smp", "1", "-m", "512"])
            .arg("-kernel")
            .arg(self.folder.join("vmlinuz"))
            .arg("-initrd")
            .arg(&archive)
            .args([
                "-append",
                &format!("{KERNEL_PARAMETERS}{}", if self.has_audit { "" } else { " audit=0" }),
            ])
            .args(["-chardev", &format!("file,id=console,path={}", console.display())])
            .args(["-serial", "chardev:console"])
            .args(["-chardev", &format!("file,id=answers,path={}", answers.display())])
            .args(["-serial", "chardev:answers"])
            .stdin(Stdio::null())
            .output()
            .map_err(|error| Error::Reference(format!("cannot run {EMULATOR}: {error}")))?;
        let text = std::fs::read_to_string(&answers).unwrap_or_default();
        let mut lines: Vec<&str> = text.lines().collect();
        let is_whole = lines.pop() == Some(&format!("end {}", questions.len()))
            && lines.len() == questions.len()
            && output.status.success();
        if !is_whole {
            let said = std::fs::read_to_string(&console).unwrap_or_default();
            let said: Vec<&str> = said.lines().collect();
            return Err(Error::Reference(format!(
                "the machine gave {} answers to {} questions and ended with {}; {} its console ends:\n{}",
                lines.len(),
                questions.len(),
                output.status,
                String::from_utf8_lossy(&output.stderr),
                said.get(said.len().saturating_sub(15)..).unwrap_or_default().join("\n")
            )));
        }
        questions.iter().zip(lines).map(|(question, line)| read_answer(question, line)).collect()
    }

    fn write_archive(&self, path: &Path, questions: &[String]) -> io::Result<()> {
        let mut archive = cpio::Archive::create(path)?;
        let mut folders: BTreeSet<&Path> = ["dev", "proc", "sys", "objects"].map(Path::new).into();
        for (name, _) in &self.files {
            folders.extend(Path::new(name).ancestors().skip(1));
        }
        folders.insert(Path::new("in"));
        // Parents come first in this order.
        for folder in folders.into_iter().filter(|folder| !folder.as_os_str().is_empty()) {
            archive.folder(&folder.to_string_lossy())?;
        }
        archive.file("init", &std::fs::read(self.folder.join("guest"))?)?;
        for (name, bytes) in &self.files {
            archive.file(name, bytes)?;
        }
        archive.file("in/questions", (questions.join("\n") + "\n").as_bytes())?;
        archive.finish()
    }
}

const EMULATOR: &str = "qemu-system-x86_64";

/// SELinux as the only module of its kind, no messages, and an end instead of a wait when something fails.
const KERNEL_PARAMETERS: &str = "console=ttyS0 quiet panic=-1 reboot=t mitigations=off nokaslr lsm=selinux \
                                 enforcing=0";

/// An answer's line: `ok …`, `error NUMBER`, or `failed …` where a question was not one.
fn read_answer(question: &str, line: &str) -> Result<Answer, Error> {
    match line.split_once(' ').unwrap_or((line, "")) {
        ("ok", text) => Ok(Answer::Ok(unescaped(text))),
        ("error", number) if number.parse::<i32>().is_ok() => {
            Ok(Answer::Error(number.parse().unwrap_or_default()))
        }
        _ => Err(Error::Reference(format!("the machine could not ask `{question}`: {line}"))),
    }
}

/// The guest writes a line break as `\n` and a backslash as `\\`.
fn unescaped(text: &str) -> String {
    let parts: Vec<String> = text.split("\\\\").map(|part| part.replace("\\n", "\n")).collect();
    parts.join("\\")
}

fn default_folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    crate::policies::repository().join(target).join("kernel")
}

#[cfg(test)]
mod tests {
    use super::{Answer, errno, read_answer, unescaped};

    #[test]
    fn answers_are_read_and_what_is_none_is_an_error() {
        assert_eq!(unescaped(r"a\\nb\n\\\\\n"), "a\\nb\n\\\\\n");
        assert_eq!(read_answer("q", "ok ").unwrap(), Answer::Ok(String::new()));
        assert_eq!(read_answer("q", "error 13").unwrap(), Answer::Error(errno::EACCES));
        for line in ["error", "error x", "failed no such question", ""] {
            assert!(read_answer("q", line).is_err(), "{line}");
        }
    }
}
