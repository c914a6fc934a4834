//! The pairs of real policies whose comparisons are recorded: different ones, versions of one, and one and what was made of it by
//! the compiler's optimisation, by other booleans, or by leaving modules out.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Error;
use crate::answer::sha256;
use crate::policies::{self, Policy};

/// A policy of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedPolicy {
    /// Its name in records.
    pub name: &'static str,
    of: &'static str,
    made: Made,
}

/// What was made of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Made {
    Nothing,
    /// `checkpolicy -O`.
    Optimized,
    /// Every third boolean has the other default.
    Flipped,
}

/// Two policies, by their names.
pub type Pair = (&'static str, &'static str);

const fn plain(name: &'static str) -> NamedPolicy {
    NamedPolicy { name, of: name, made: Made::Nothing }
}

const POLICIES: &[NamedPolicy] = &[
    plain("default"),
    plain("mls"),
    plain("container"),
    plain("container-less"),
    plain("container-24"),
    plain("container-25"),
    plain("container-26"),
    plain("container-27"),
    plain("container-28"),
    plain("container-29"),
    plain("container-30"),
    plain("container-31"),
    plain("container-32"),
    plain("corners"),
    plain("declarations-24"),
    plain("declarations-28"),
    plain("declarations"),
    plain("labels"),
    plain("rich-mls-24"),
    plain("rich"),
    NamedPolicy { name: "default-optimized", of: "default", made: Made::Optimized },
    NamedPolicy { name: "default-flipped", of: "default", made: Made::Flipped },
];

/// The pairs.
pub const PAIRS: &[Pair] = &[
    ("default", "mls"),
    ("mls", "default"),
    ("default", "container"),
    ("container", "container-less"),
    ("container-less", "container"),
    ("default", "default-optimized"),
    ("default-optimized", "default"),
    ("default", "default-flipped"),
    ("container-24", "container"),
    ("container-25", "container"),
    ("container-26", "container"),
    ("container-27", "container"),
    ("container-28", "container"),
    ("container-29", "container"),
    ("container-30", "container"),
    ("container-31", "container"),
    ("container-32", "container"),
    ("corners", "rich"),
    ("rich", "corners"),
    ("rich", "rich-mls-24"),
    ("declarations", "labels"),
    ("labels", "declarations"),
    ("declarations-24", "declarations"),
    ("declarations", "declarations-28"),
];

impl NamedPolicy {
    /// The policy of this name.
    ///
    /// # Errors
    /// There is none.
    pub fn named(name: &str) -> Result<Self, Error> {
        let found = POLICIES.iter().find(|policy| policy.name == name).copied();
        found.ok_or_else(|| Error::Reference(format!("no policy of a pair is called `{name}`")))
    }

    /// Puts the policy into a folder, under its name; returns its digest.
    ///
    /// # Errors
    /// [`Error::NoPolicy`] when it has not been built, others when it cannot be made.
    pub fn put_into(&self, folder: &Path) -> Result<String, Error> {
        let original = self.original()?;
        let file = folder.join(self.name);
        let bytes = match std::fs::read(&original) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(Error::NoPolicy { path: original });
            }
            Err(source) => return Err(Error::File { path: original, source }),
        };
        match self.made {
            Made::Nothing => std::fs::write(&file, &bytes).map_err(Error::file(&file))?,
            Made::Flipped => std::fs::write(&file, flipped(bytes)).map_err(Error::file(&file))?,
            Made::Optimized => {
                let mut checkpolicy = Command::new("checkpolicy");
                let output = checkpolicy.args(["-b", "-M", "-O", "-o"]).arg(&file).arg(&original).output();
                let output =
                    output.map_err(|error| Error::Reference(format!("checkpolicy does not run: {error}")))?;
                if !output.status.success() {
                    let said = String::from_utf8_lossy(&output.stderr);
                    return Err(Error::Reference(format!(
                        "checkpolicy does not optimise {}: {said}",
                        self.of
                    )));
                }
            }
        }
        std::fs::read(&file).map(|bytes| sha256(&bytes)).map_err(Error::file(file))
    }

    fn original(&self) -> Result<PathBuf, Error> {
        let all = policies::ALL.iter().chain(policies::OLDER).chain(policies::SMALL);
        let found: Option<&Policy> = all.chain([&policies::LESS]).find(|policy| policy.name == self.of);
        found.map(Policy::path).ok_or_else(|| Error::Reference(format!("no policy is called `{}`", self.of)))
    }
}

/// A policy in which every third boolean has the other default.
fn flipped(bytes: Vec<u8>) -> Vec<u8> {
    let mut changed = bytes.clone();
    let Ok(policy) = policydb::Policy::parse(&bytes) else { return bytes };
    let Some((_, booleans)) = policy.booleans() else { return changed };
    // Records stand in the order in which they are read: value, state, length of the name, name.
    let mut from = 0;
    for (number, boolean) in booleans.iter().enumerate() {
        let name = boolean.name.as_bytes();
        let words = [boolean.value, u32::from(boolean.state), u32::try_from(name.len()).unwrap_or(0)];
        let record = [words.map(u32::to_le_bytes).concat().as_slice(), name].concat();
        let Some(at) = bytes[from..].windows(record.len()).position(|window| window == record) else { break };
        if number % 3 == 0 {
            changed[from + at + 4] ^= 1;
        }
        from += at + record.len();
    }
    changed
}
