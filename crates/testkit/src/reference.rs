//! The installed sesearch, in a fixed environment.

use crate::Error;
use crate::policies::Policy;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The series of SETools whose bytes are the promise of the drop-ins.
pub const SERIES: &str = "4.4.";

/// The reference tool.
#[derive(Debug, Clone)]
pub struct Sesearch {
    script: PathBuf,
    version: String,
}

impl Sesearch {
    /// Finds sesearch and asks for its version.
    ///
    /// # Errors
    /// When it is not installed, does not run, or is of another series than [`SERIES`].
    pub fn find() -> Result<Self, Error> {
        let script = Path::new("/usr/bin/sesearch").to_path_buf();
        if !script.is_file() {
            return Err(Error::Reference(
                "sesearch is not installed\nhelp: `cargo xtask test` installs it".into(),
            ));
        }
        let output = in_fixed_environment(Command::new(&script).arg("--version"))
            .output()
            .map_err(Error::file(script.clone()))?;
        let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if version.starts_with(SERIES) {
            return Ok(Self { script, version });
        }
        Err(Error::Reference(format!("the bytes are SETools {SERIES}x's, and this machine has `{version}`")))
    }

    /// The version, such as `4.4.1`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The program, a Python script.
    pub fn script(&self) -> &Path {
        &self.script
    }

    /// A question to it, ready to run.
    pub fn command(&self, policy: &Policy, arguments: &[String]) -> Command {
        let mut command = Command::new(&self.script);
        in_fixed_environment(command.args(arguments).current_dir(policy.folder()));
        command
    }
}

/// Messages in English, one width, and one order of Python's sets.
pub fn in_fixed_environment(command: &mut Command) -> &mut Command {
    command
        .env("LC_ALL", "C")
        .env("COLUMNS", "80")
        .env("PYTHONHASHSEED", "0")
        .env_remove("PYTHONPATH")
        .env_remove("PYTHONWARNINGS")
        .env_remove("PYTHONUTF8")
        .env_remove("PYTHONIOENCODING")
        .env_remove("SEPOLQ_POLICY")
}
