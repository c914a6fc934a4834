//! Which policy a question is about, and where its bytes and the states of its booleans come from.
//!
//! `--policy FILE` or `SEPOLQ_POLICY`; `--demo`; else the running policy, `/sys/fs/selinux/policy`; else
//! the newest under `/etc/selinux/$SELINUXTYPE/policy/`.

use std::fs;
use std::io::{self, Read};
use std::ops::Deref;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use avstore::Store;
use host::{SelinuxFiles, SystemPolicy, newest_policy, running_policy};
use package::{Format, Limits, decompressed};
use policydb::{Name, OpenError, Policy, PolicyBytes, format};

use crate::args::Global;
use crate::status;

/// Bytes of a file of old names of booleans: real ones have a few thousand.
const LARGEST_NAMES: u64 = 16 << 20;
/// The demo policy: a small host with a web server and containers.
const DEMO: &[u8] = include_bytes!("../../testdata/demo/demo.33");

/// An opened policy, not yet parsed.
pub(crate) struct PolicySource {
    bytes: SourceBytes,
    /// The path, or `(demo)`.
    pub(crate) label: String,
    /// Where the states of booleans come from.
    pub(crate) booleans: BooleanOrigin,
}

enum SourceBytes {
    Embedded(&'static [u8]),
    Compiled(Vec<u8>),
    Opened(PolicyBytes),
}

/// Where the states of booleans come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BooleanOrigin {
    /// The defaults that the policy file holds.
    Defaults,
    /// The running kernel.
    Kernel,
}

impl Deref for PolicySource {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.bytes {
            SourceBytes::Embedded(bytes) => bytes,
            SourceBytes::Compiled(bytes) => bytes,
            SourceBytes::Opened(bytes) => bytes,
        }
    }
}

impl PolicySource {
    /// A policy that was made, or unpacked.
    pub(crate) fn built(bytes: Vec<u8>, label: String) -> Self {
        PolicySource { bytes: SourceBytes::Compiled(bytes), label, booleans: BooleanOrigin::Defaults }
    }

    /// The same under another name.
    pub(crate) fn called(self, label: String) -> Self {
        PolicySource { label, ..self }
    }

    /// The same policy with modules on top of it.
    pub(crate) fn replaced(&self, bytes: Vec<u8>, modules: &[PathBuf]) -> Self {
        let names: Vec<String> =
            modules.iter().map(|path| Name::new(path.as_os_str().as_encoded_bytes()).to_string()).collect();
        PolicySource {
            bytes: SourceBytes::Compiled(bytes),
            label: format!("{} with {}", self.label, names.join(", ")),
            booleans: self.booleans,
        }
    }
}

/// No policy was named, and none is where the system keeps them.
#[derive(Debug, thiserror::Error)]
#[error("no SELinux policy found; looked for {}\nhelp: name one with `--policy FILE`, or try `--demo`, which asks a small policy that comes with the program", .0.join(", "))]
pub(crate) struct NoPolicy(Vec<String>);

/// Opens the policy that the arguments name, or the system's.
pub(crate) fn open(global: &Global) -> anyhow::Result<PolicySource> {
    if global.demo {
        let bytes = SourceBytes::Embedded(DEMO);
        return Ok(PolicySource { bytes, label: "(demo)".to_owned(), booleans: BooleanOrigin::Defaults });
    }
    let from_environment =
        || std::env::var_os("SEPOLQ_POLICY").filter(|path| !path.is_empty()).map(PathBuf::from);
    match global.policy.clone().or_else(from_environment) {
        Some(path) => open_path(&path),
        None => open_system(Path::new("/"), &mut status::note),
    }
}

/// Opens and reads the policy that the arguments name, and calls `ask` with it.
pub(crate) fn with_store<R>(
    global: &Global,
    ask: impl for<'p> FnOnce(&PolicySource, &Store<'p>) -> anyhow::Result<R>,
) -> anyhow::Result<R> {
    let source = open(global)?;
    let policy = Policy::parse(&source).with_context(|| format!("cannot use policy `{}`", source.label))?;
    ask(&source, &Store::new(&policy))
}

/// Opens the policy of a path; `-` is standard input. A compressed one is unpacked; of a module store the policy is meant that was
/// built from it last.
///
/// # Errors
/// It cannot be read or unpacked.
pub(crate) fn open_path(path: &Path) -> anyhow::Result<PolicySource> {
    let label = Name::new(path.as_os_str().as_encoded_bytes()).to_string();
    let limits = Limits::default();
    if fs::metadata(path).is_ok_and(|metadata| metadata.is_dir()) {
        return match package::Store::open(path)?.kernel_policy(&limits)? {
            Some(bytes) => Ok(PolicySource::built(bytes, label)),
            None => bail!(
                "the module store `{label}` has no policy that was built from it\nhelp: `sepolq modules --base {label}` shows its modules; `sepolq allow -P {label}:MODULE` asks one"
            ),
        };
    }
    let source = open_file(path)?;
    match package::format(&source) {
        Format::Other | Format::Rpm | Format::Deb => Ok(source),
        _ => {
            let bytes = decompressed(&source, &limits).with_context(|| {
                format!(
                    "cannot unpack `{label}`\nhelp: if it was cut off or damaged on its way, fetch it again"
                )
            })?;
            Ok(PolicySource::built(bytes.into_owned(), label))
        }
    }
}

fn open_file(path: &Path) -> Result<PolicySource, OpenError> {
    Ok(opened(PolicyBytes::open(path)?, path))
}

/// Opens a policy where the system keeps it, and nothing else that stands there.
///
/// # Errors
/// It cannot be read, or is no regular file.
pub(crate) fn open_installed(path: &Path) -> Result<PolicySource, OpenError> {
    Ok(opened(PolicyBytes::open_installed(path)?, path))
}

fn opened(bytes: PolicyBytes, path: &Path) -> PolicySource {
    let booleans =
        if path.starts_with("/sys/fs/selinux") { BooleanOrigin::Kernel } else { BooleanOrigin::Defaults };
    PolicySource {
        bytes: SourceBytes::Opened(bytes),
        label: Name::new(path.as_os_str().as_encoded_bytes()).to_string(),
        booleans,
    }
}

/// Opens the running policy of the system below `root`, or the installed one.
pub(crate) fn open_system(root: &Path, note: &mut dyn FnMut(&str)) -> anyhow::Result<PolicySource> {
    match host::open_policy(root, &mut |path| open_installed(path)) {
        SystemPolicy::Running(source) => Ok(PolicySource { booleans: BooleanOrigin::Kernel, ..source }),
        SystemPolicy::Installed { opened, path, refusal } => {
            let missing = refusal.io().is_some_and(|error| error.kind() == io::ErrorKind::NotFound);
            if !missing {
                let reason = status::message(&anyhow::Error::new(refusal));
                note(&format!(
                    "{}; asking the installed {}, where booleans have their defaults",
                    first_line(&reason),
                    Name::new(path.as_os_str().as_encoded_bytes())
                ));
            }
            Ok(opened)
        }
        SystemPolicy::Missing { refusal: Some(refusal), .. } => Err(refusal.into()),
        SystemPolicy::Missing { looked_for, .. } => {
            Err(NoPolicy(looked_for.iter().map(|path| path.display().to_string()).collect()).into())
        }
    }
}

/// Opens the policy that the kernel has loaded.
///
/// # Errors
/// There is none, or it cannot be read.
pub(crate) fn open_running() -> anyhow::Result<PolicySource> {
    let running = open_installed(&running_policy(Path::new("/"))).with_context(|| {
        "there is no running policy that can be read\nhelp: `running` is the policy that the kernel has loaded; a file of that name is `./running`"
    });
    Ok(PolicySource { booleans: BooleanOrigin::Kernel, ..running? })
}

/// The state that a boolean has in the policy installed on the system below `root`: its default.
pub(crate) fn installed_default(root: &Path, name: &str) -> Option<bool> {
    let directory = SelinuxFiles::of_system(root).policies();
    let source = open_installed(&newest_policy(&directory)?).ok()?;
    let policy = Policy::parse(&source).ok()?;
    let (_, boolean) = policy.boolean(policy.boolean_named(name.as_bytes())?)?;
    Some(boolean.state)
}

/// Where SETools looks for a policy, in its order: the running one, else those installed, newest first.
pub(crate) fn system_policies(root: &Path) -> impl Iterator<Item = PathBuf> {
    let directory = SelinuxFiles::of_system(root).policies();
    let installed =
        (format::OLDEST..=format::NEWEST).rev().map(move |n| directory.join(format!("policy.{n}")));
    std::iter::once(root.join("sys/fs/selinux/policy")).chain(installed)
}

/// The present name of a boolean that the system below `root` knows by another, old one; else the name itself.
/// Source: `selinux_boolean_sub` in libselinux, which reads `booleans.subs_dist`.
pub(crate) fn present_boolean_name(root: &Path, name: &str) -> String {
    let file = SelinuxFiles::of_system(root).boolean_names();
    let mut text = Vec::new();
    // What cannot be read to its end names what was read.
    let _ = host::open_regular(&file).map(|file| file.take(LARGEST_NAMES).read_to_end(&mut text));
    let text = String::from_utf8_lossy(&text);
    let present = text.lines().find_map(|line| {
        let mut words = line.split_ascii_whitespace();
        // Of a line with an old name only, nothing is learnt; the search goes on.
        (words.next()? == name && !name.starts_with('#')).then(|| words.next())?
    });
    present.filter(|present| !present.contains('/')).unwrap_or(name).to_owned()
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        root
    }

    fn opened(root: &tempfile::TempDir) -> (Option<PolicySource>, Vec<String>) {
        let mut notes = Vec::new();
        (open_system(root.path(), &mut |note| notes.push(note.to_owned())).ok(), notes)
    }

    #[test]
    fn the_running_policy_comes_first() {
        let root =
            system(&[("sys/fs/selinux/policy", "running"), ("etc/selinux/targeted/policy/policy.33", "x")]);
        let source = opened(&root).0.unwrap();
        assert_eq!((&*source, source.booleans), (&b"running"[..], BooleanOrigin::Kernel));
    }

    #[test]
    fn else_the_newest_installed_of_the_configured_type() {
        let root = system(&[
            ("etc/selinux/config", "# comment\nSELINUX=enforcing\nSELINUXTYPE=mls \n"),
            ("etc/selinux/mls/policy/policy.9", "old"),
            ("etc/selinux/mls/policy/policy.33", "new"),
            ("etc/selinux/mls/policy/policy.kern", "not a version"),
            ("etc/selinux/targeted/policy/policy.35", "another type"),
        ]);
        let (source, notes) = opened(&root);
        let source = source.unwrap();
        assert_eq!((&*source, source.booleans), (&b"new"[..], BooleanOrigin::Defaults));
        assert_eq!(notes, [""; 0], "a system without selinuxfs needs no note");
    }

    #[test]
    fn a_running_policy_that_cannot_be_read_is_mentioned() {
        let root = system(&[("etc/selinux/targeted/policy/policy.33", "installed")]);
        fs::create_dir_all(root.path().join("sys/fs/selinux/policy")).unwrap();
        let (source, notes) = opened(&root);
        assert_eq!(&*source.unwrap(), b"installed");
        assert_eq!(notes.len(), 1);
        assert!(notes[0].contains("booleans have their defaults"), "{}", notes[0]);
    }

    #[test]
    fn defaults_of_booleans_are_those_of_the_installed_policy() {
        let root = system(&[]);
        let directory = root.path().join("etc/selinux/targeted/policy");
        fs::create_dir_all(&directory).unwrap();
        assert_eq!(installed_default(root.path(), "virt_use_nfs"), None);
        fs::write(directory.join("policy.33"), DEMO).unwrap();
        assert_eq!(installed_default(root.path(), "virt_use_nfs"), Some(false));
        assert_eq!(installed_default(root.path(), "container_use_dri_devices"), Some(true));
        assert_eq!(installed_default(root.path(), "no_such_boolean"), None);
    }

    #[test]
    fn old_names_of_booleans_are_replaced() {
        let subs = "# old new\n allow_ftpd_anon_write  ftpd_anon_write\nlonely\nbad ../x\n#bad x\n";
        let root = system(&[("etc/selinux/targeted/booleans.subs_dist", subs)]);
        for (name, present) in [
            ("allow_ftpd_anon_write", "ftpd_anon_write"),
            ("ftpd_anon_write", "ftpd_anon_write"),
            ("lonely", "lonely"),
            ("bad", "bad"),
        ] {
            assert_eq!(present_boolean_name(root.path(), name), present);
        }
        assert_eq!(present_boolean_name(system(&[]).path(), "x"), "x");
        let root = system(&[("etc/selinux/targeted/seusers", "")]);
        let fifo = root.path().join("etc/selinux/targeted/booleans.subs_dist");
        assert!(std::process::Command::new("mkfifo").arg(fifo).status().unwrap().success());
        assert_eq!(present_boolean_name(root.path(), "x"), "x", "nobody is waited for");
    }

    #[test]
    fn without_any_the_error_says_where_it_looked() {
        let root = system(&[]);
        let error = open_system(root.path(), &mut |_| ()).err().unwrap().to_string();
        assert!(error.contains("sys/fs/selinux/policy") && error.contains("etc/selinux/targeted"), "{error}");
        assert!(error.contains("--demo"), "{error}");
    }
}
