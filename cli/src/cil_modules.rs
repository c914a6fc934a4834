//! Modules in CIL on top of a binary policy: `checkpolicy` writes the policy as CIL, and `secilc` puts all of it together.
//!
//! Everything happens in a private temporary folder, which is removed, by a signal too. What secilc cannot resolve is an error in
//! its own words; so is an optional block that it would leave out, because the answer would be a smaller one than was asked for.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, bail};
use avstore::Store;
use policydb::{Name, Platform};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// Bytes of a module or a map that are read at most.
pub(crate) const MOST_BYTES: u64 = 64 << 20;

/// Before this version constraints have no names of types, which CIL needs.
const OLDEST: u32 = 29;

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

/// The bytes of a policy with modules on top of it.
///
/// # Errors
/// A tool is missing, or refuses.
pub(crate) fn on_top_of(store: &Store<'_>, bytes: &[u8], modules: &[PathBuf]) -> anyhow::Result<Vec<u8>> {
    let format = store.policy().format();
    if format.platform == Platform::Xen {
        bail!("modules can be put on policies for SELinux only, and this one is for Xen");
    }
    if format.version < OLDEST {
        bail!(
            "modules can be put on policies of version {OLDEST} or newer, and this one has version {}\nhelp: older ones have lost the names of types in constraints; use a newer build of the policy",
            format.version
        );
    }
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let path = |name: &str| folder.path().join(name);
    let made = (|| {
        let _guard = SignalGuard::of(folder.path())?;
        let mut files = Files { names: vec![(path("base.cil"), "the policy".to_owned())] };
        for (at, module) in modules.iter().enumerate() {
            // A copy, so that the name is no option, and a pipe is read once.
            let shown = Name::new(module.as_os_str().as_encoded_bytes()).to_string();
            let text = read_at_most(module, MOST_BYTES)
                .with_context(|| format!("cannot read the module `{shown}`"))?;
            let copy = path(&format!("module{at}.cil"));
            fs::write(&copy, text).context("cannot write to the temporary folder")?;
            files.names.push((copy, shown));
        }
        let (old, base, kept, new) = (path("policy"), path("base.cil"), path("kept.cil"), path("new"));
        fs::write(&old, bytes).context("cannot write to the temporary folder")?;
        fs::write(&kept, kept_attributes(store)).context("cannot write to the temporary folder")?;
        let mut to_cil = Command::new("checkpolicy");
        to_cil.args(["-b", "-C"]);
        if store.policy().header().mls {
            to_cil.arg("-M");
        }
        files.run(to_cil.arg("-o").arg(&base).arg(&old), "checkpolicy")?;
        let version = format.version.to_string();
        let mut compile = Command::new("secilc");
        compile.args(["-v", "-v", "-c", &version, "-f"]).arg(path("file_contexts")).arg("-o").arg(&new);
        compile.arg(&base).arg(&kept).args(files.names.iter().skip(1).map(|(copy, _)| copy));
        let output = files.run(&mut compile, "secilc")?;
        let words = files.said(&output);
        if let Some(line) = words.iter().find(|line| line.starts_with("Disabling optional")) {
            bail!(
                "a part of the modules cannot be resolved against this policy: {line}\nhelp: put the modules and templates that it needs on top too, each with `--with`"
            );
        }
        read_at_most(&new, u64::MAX - 1).context("secilc wrote no policy")
    })();
    // Where the folder cannot be removed the answer is still right.
    let _ = folder.close();
    made
}

/// All attributes are to stay as they are: secilc would expand those that are small, or that nothing uses.
fn kept_attributes(store: &Store<'_>) -> String {
    let attributes = store.type_ids().filter(|id| store.is_attribute(*id) && store.type_name(*id).is_plain());
    let names: Vec<String> =
        attributes.map(|id| String::from_utf8_lossy(&store.type_name(id).bytes()).into_owned()).collect();
    if names.is_empty() {
        String::new()
    } else {
        format!("(expandtypeattribute ({}) false)\n", names.join(" "))
    }
}

/// Removes the folder when a signal ends the program.
struct SignalGuard(signal_hook::iterator::Handle);

impl SignalGuard {
    fn of(folder: &Path) -> anyhow::Result<Self> {
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("cannot wait for signals")?;
        let handle = signals.handle();
        let folder = folder.to_path_buf();
        std::thread::spawn(move || {
            if let Some(signal) = signals.forever().next() {
                CHILD.with_stopped(|| {
                    let _ = fs::remove_dir_all(&folder);
                });
                let _ = signal_hook::low_level::emulate_default_handler(signal);
            }
        });
        Ok(SignalGuard(handle))
    }
}

impl Drop for SignalGuard {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// The tool that runs.
static CHILD: Running = Running(std::sync::Mutex::new(None));

struct Running(std::sync::Mutex<Option<std::process::Child>>);

/// Whether a signal is about to end the program.
static IS_ENDING: AtomicBool = AtomicBool::new(false);

impl Running {
    /// Stops the tool, if one runs, and does something before another can be started.
    fn with_stopped(&self, then: impl FnOnce()) {
        let mut child = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        IS_ENDING.store(true, Ordering::Relaxed);
        if let Some(child) = child.as_mut() {
            let _ = child.kill().and_then(|()| child.wait());
        }
        then();
    }
}

/// The files that tools are given, and what the user calls them.
struct Files {
    names: Vec<(PathBuf, String)>,
}

impl Files {
    /// Runs a tool.
    fn run(&self, command: &mut Command, name: &str) -> anyhow::Result<Output> {
        command.env("LC_ALL", "C").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let spawned = command.spawn();
        let mut child = match spawned {
            Ok(child) => child,
            Err(error) if error.kind() == io::ErrorKind::NotFound => bail!(
                "`--with` needs {name}, which is not installed\nhelp: `apt-get install checkpolicy secilc`, or `dnf install checkpolicy secilc`"
            ),
            Err(error) => return Err(error).with_context(|| format!("cannot run {name}")),
        };
        let said = child.stderr.take();
        let lock = || CHILD.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *lock() = Some(child);
        let mut stderr = Vec::new();
        if let Some(mut said) = said {
            // What a tool says beyond that nobody reads; it ends by itself when the pipe is closed.
            let _ = said.by_ref().take(MOST_BYTES).read_to_end(&mut stderr);
        }
        let Some(mut child) = lock().take() else { bail!("{name} was stopped") };
        while IS_ENDING.load(Ordering::Relaxed) {
            std::thread::park();
        }
        let status = child.wait().with_context(|| format!("cannot wait for {name}"))?;
        let output = Output { status, stdout: Vec::new(), stderr };
        if output.status.success() {
            return Ok(output);
        }
        let lines: Vec<String> = self.said(&output).into_iter().filter(|line| !is_progress(line)).collect();
        let why = if lines.is_empty() { output.status.to_string() } else { lines.join("; ") };
        bail!("{name} refuses: {why}")
    }

    /// The lines that a tool wrote, with the names of the user's files, and what a terminal would obey shown as text.
    fn said(&self, output: &Output) -> Vec<String> {
        let mut words = String::from_utf8_lossy(&output.stderr).into_owned();
        for (copy, name) in &self.names {
            words = words.replace(&*copy.to_string_lossy(), name);
        }
        let lines = words.lines().map(|line| Name::new(line.trim().as_bytes()).to_string());
        lines.filter(|line| !line.is_empty()).collect()
    }
}

/// Lines that tell how far secilc has come.
fn is_progress(line: &str) -> bool {
    const PROGRESS: [&str; 12] = [
        "Parsing ",
        "Building AST",
        "Destroying ",
        "Compiling ",
        "Resolving ",
        "Qualifying ",
        "Building policy",
        "Writing ",
        "Creating ",
        "Verifying ",
        "Post process",
        "libsepol.policydb_index",
    ];
    PROGRESS.iter().any(|begin| line.starts_with(begin))
}
