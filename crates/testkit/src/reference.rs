//! The installed SETools, in a fixed environment.

use crate::Error;
use crate::policies::{self, Policy};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The series of SETools whose bytes are the promise of the drop-ins.
pub const SERIES: &str = "4.4.";

/// A program of SETools that sepolq can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// Searches rules.
    Sesearch,
    /// Lists what a policy declares.
    Seinfo,
    /// Compares two policies.
    Sediff,
    /// Follows transitions of domains.
    Sedta,
    /// Follows information.
    Seinfoflow,
}

impl Tool {
    /// Every tool that is asked about one policy.
    pub const ALL: [Tool; 4] = [Tool::Sesearch, Tool::Seinfo, Tool::Sedta, Tool::Seinfoflow];

    /// The program's name, and sepolq's first word in its place.
    pub const fn name(self) -> &'static str {
        match self {
            Tool::Sesearch => "sesearch",
            Tool::Seinfo => "seinfo",
            Tool::Sediff => "sediff",
            Tool::Sedta => "sedta",
            Tool::Seinfoflow => "seinfoflow",
        }
    }

    /// The policies that its answers are recorded for: those in full, and those of which a part will do.
    pub fn policies(self) -> (&'static [Policy], Vec<Policy>) {
        match self {
            Tool::Sesearch => (policies::ALL, policies::OLDER.to_vec()),
            Tool::Seinfo => (policies::ALL, policies::OLDER.iter().chain(policies::SMALL).copied().collect()),
            Tool::Sedta | Tool::Seinfoflow => (policies::FOR_PATHS, policies::REAL.to_vec()),
            // It is asked about pairs.
            Tool::Sediff => (&[], Vec::new()),
        }
    }

    /// Whether it looks for paths, which takes long on a real policy.
    pub const fn finds_paths(self) -> bool {
        matches!(self, Tool::Sedta | Tool::Seinfoflow)
    }

    /// How many questions are recorded for a policy, of so many at most: the analyses take half a minute each on a real
    /// policy, and there are few different questions about small ones.
    pub fn count_for(self, policy: &Policy, most: usize) -> usize {
        let (_, in_part) = self.policies();
        match (self.finds_paths(), in_part.contains(policy)) {
            (false, false) => most,
            (false, true) => most.div_ceil(7),
            (true, false) => most.div_ceil(4),
            (true, true) => most.div_ceil(37),
        }
    }

    /// How many of the answers that one process gave are also asked of the plain tool.
    pub fn sampled(self, policy: &Policy) -> usize {
        let (_, in_part) = self.policies();
        match (self.finds_paths(), in_part.contains(policy)) {
            (false, false) => 50,
            (false, true) => 8,
            (true, false) => 20,
            (true, true) => 2,
        }
    }
}

/// A reference tool.
#[derive(Debug, Clone)]
pub struct Reference {
    tool: Tool,
    script: PathBuf,
    version: String,
}

impl Reference {
    /// Finds a tool and asks for its version.
    ///
    /// # Errors
    /// When it is not installed, does not run, or is of another series than [`SERIES`].
    pub fn find(tool: Tool) -> Result<Self, Error> {
        let name = tool.name();
        let script = Path::new("/usr/bin").join(name);
        if !script.is_file() {
            return Err(Error::Reference(format!(
                "{name} is not installed\nhelp: `cargo xtask test` installs it"
            )));
        }
        let output = in_fixed_environment(Command::new(&script).arg("--version"))
            .output()
            .map_err(Error::file(script.clone()))?;
        let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if version.starts_with(SERIES) {
            return Ok(Self { tool, script, version });
        }
        Err(Error::Reference(format!("the bytes are SETools {SERIES}x's, and this machine has `{version}`")))
    }

    /// Which tool it is.
    pub fn tool(&self) -> Tool {
        self.tool
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
