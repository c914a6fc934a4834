//! Tools of the system, such as secilc and semodule, run in a private temporary folder.
//!
//! The folder is removed at the end, and when a signal ends the program. What a tool says is told with the names that the user
//! gave, and what a terminal would obey is shown as text.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use anyhow::{Context, bail};
use policydb::Name;
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use signal_hook::consts::{SIGHUP, SIGINT, SIGKILL, SIGQUIT, SIGTERM, SIGXCPU};
use signal_hook::iterator::Signals;
use tempfile::TempDir;

/// Bytes of a module or a map that are read at most.
pub(crate) const MOST_BYTES: u64 = 64 << 20;

/// The bytes of a file, if they are not more than `most`.
///
/// # Errors
/// It cannot be read, or is larger.
pub(crate) fn read_at_most(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("it is larger than {} MiB", most >> 20),
        ));
    }
    Ok(bytes)
}

/// A folder that only this user can open. There is one at a time: the signal that ends the program ends it before a second one
/// could be removed.
pub(crate) struct PrivateFolder {
    folder: TempDir,
    signals: signal_hook::iterator::Handle,
}

impl PrivateFolder {
    /// Makes it, below the system's folder for temporary files.
    ///
    /// # Errors
    /// It cannot be made.
    pub(crate) fn new() -> anyhow::Result<Self> {
        // Before there is a folder that a signal could leave.
        let mut signals =
            Signals::new([SIGINT, SIGTERM, SIGHUP, SIGQUIT]).context("cannot wait for signals")?;
        let handle = signals.handle();
        let private = Permissions::from_mode(0o700);
        let folder = tempfile::Builder::new()
            .permissions(private)
            .tempdir()
            .context("cannot make a temporary folder\nhelp: TMPDIR names another place for it")?;
        let path = folder.path().to_path_buf();
        let wait = move || {
            if let Some(signal) = signals.forever().next() {
                stop_all();
                // Nothing is written any more: who writes holds this, and looks first whether the end is near.
                let _none_writes = WRITING.write().unwrap_or_else(PoisonError::into_inner);
                let _ = fs::remove_dir_all(&path);
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        };
        std::thread::Builder::new().spawn(wait).context("cannot wait for signals")?;
        Ok(PrivateFolder { folder, signals: handle })
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A file or folder in it.
    pub(crate) fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path().join(name)
    }
}

impl Drop for PrivateFolder {
    fn drop(&mut self) {
        self.signals.close();
    }
}

/// Writes a file below a private folder, and the folders that it needs.
///
/// # Errors
/// It cannot be written.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    park_if_ending();
    let _writes = WRITING.read().unwrap_or_else(PoisonError::into_inner);
    if IS_ENDING.load(Ordering::Relaxed) {
        bail!("a signal ends the program");
    }
    let written = path
        .parent()
        .map_or(Ok(()), |folder| DirBuilder::new().recursive(true).mode(0o700).create(folder))
        .and_then(|()| fs::write(path, bytes));
    written.context("cannot write to the temporary folder\nhelp: TMPDIR names another place for it")
}

/// Held by whoever writes below a private folder.
static WRITING: RwLock<()> = RwLock::new(());

/// The tools that run.
static RUNNING: Mutex<Vec<Child>> = Mutex::new(Vec::new());

/// Whether a signal is about to end the program.
static IS_ENDING: AtomicBool = AtomicBool::new(false);

fn running() -> MutexGuard<'static, Vec<Child>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Stops the tools that run, and lets no other one start.
fn stop_all() {
    let mut running = running();
    IS_ENDING.store(true, Ordering::Relaxed);
    for child in running.iter_mut() {
        let _ = child.kill().and_then(|()| child.wait());
    }
}

/// Waits for the end of the program, if a signal is about to end it.
fn park_if_ending() {
    while IS_ENDING.load(Ordering::Relaxed) {
        std::thread::park();
    }
}

/// Seconds of processor time and bytes of memory that a tool may take. Building the largest policies of distributions takes a tenth
/// of either; text that expands without end is what a stranger's module may hold.
const MOST_SECONDS: u64 = 300;
const MOST_MEMORY: u64 = 4 << 30;

/// Bounds what a tool may take, for it and what it starts.
fn bound(id: u32) {
    let Some(pid) = i32::try_from(id).ok().and_then(Pid::from_raw) else { return };
    let most = |limit: u64| Rlimit { current: Some(limit), maximum: Some(limit) };
    // Where the system does not let us, the tool runs as it would by itself.
    let _ = prlimit(Some(pid), Resource::Cpu, most(MOST_SECONDS));
    let _ = prlimit(Some(pid), Resource::As, most(MOST_MEMORY));
}

/// How a tool ended, in words.
fn ending(status: ExitStatus) -> String {
    match status.signal() {
        Some(SIGKILL | SIGXCPU) => {
            format!(
                "it was stopped ({status}); it may take {} minutes and {} GiB",
                MOST_SECONDS / 60,
                MOST_MEMORY >> 30
            )
        }
        _ => status.to_string(),
    }
}

/// A tool of the system, and who wants it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tool {
    /// The program.
    pub(crate) name: &'static str,
    /// What needs it, as the user would write it.
    pub(crate) needed_by: &'static str,
    /// How it is installed.
    pub(crate) help: &'static str,
}

/// What a tool wrote that succeeded, or that refused.
pub(crate) struct Said {
    /// The lines, with the names that the user gave.
    pub(crate) lines: Vec<String>,
    /// Whether it succeeded.
    pub(crate) success: bool,
    /// How it ended, in words.
    pub(crate) status: String,
}

/// Our names for files, and what the user calls them.
#[derive(Clone, Debug, Default)]
pub(crate) struct FileNames {
    names: Vec<(String, String)>,
}

impl FileNames {
    /// A file of the private folder is one that the user gave.
    pub(crate) fn add(&mut self, file: &Path, name: String) {
        self.names.push((file.to_string_lossy().into_owned(), name));
    }

    /// Lines of a tool in the user's names.
    fn in_words(&self, said: &[u8]) -> Vec<String> {
        let mut words = String::from_utf8_lossy(said).into_owned();
        for (file, name) in &self.names {
            words = words.replace(file, name);
        }
        let lines = words.lines().map(|line| Name::new(line.trim().as_bytes()).to_string());
        lines.filter(|line| !line.is_empty()).collect()
    }

    /// Runs a tool, without input, in the C locale.
    ///
    /// # Errors
    /// It is not installed, or cannot be run. That it refuses is an answer.
    pub(crate) fn run(&self, tool: Tool, arguments: impl FnOnce(&mut Command)) -> anyhow::Result<Said> {
        let mut command = Command::new(tool.name);
        arguments(&mut command);
        command.env("LC_ALL", "C").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        park_if_ending();
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                bail!("{} needs {}, which is not installed\nhelp: {}", tool.needed_by, tool.name, tool.help)
            }
            Err(error) => return Err(error).with_context(|| format!("cannot run {}", tool.name)),
        };
        let (said, id) = (child.stderr.take(), child.id());
        bound(id);
        running().push(child);
        let mut stderr = Vec::new();
        if let Some(mut said) = said {
            // What a tool says beyond that nobody reads; it ends by itself when the pipe is closed.
            let _ = said.by_ref().take(MOST_BYTES).read_to_end(&mut stderr);
        }
        let child = {
            let mut running = running();
            let at = running.iter().position(|child| child.id() == id);
            at.map(|at| running.swap_remove(at))
        };
        park_if_ending();
        let Some(mut child) = child else { bail!("{} was stopped", tool.name) };
        let status = child.wait().with_context(|| format!("cannot wait for {}", tool.name))?;
        Ok(Said { lines: self.in_words(&stderr), success: status.success(), status: ending(status) })
    }
}
