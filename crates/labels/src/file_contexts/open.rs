//! Which files are read: the path and its neighbours, text or compiled.
//!
//! Source: libselinux `label_file.c`, `init`, `open_file` and `process_file`. Of a text and its compiled form the one
//! that was changed last is read, to the second; the compiled one if that is equal. If it cannot be used, the other is.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::loading::Loading;
use super::problem::{MAX_FILE, OpenError, ProblemReason};
use super::substitution::Substitutions;
use super::{FileContexts, Part};

impl FileContexts {
    /// Opens file contexts with what stands beside them, as `selabel_open` does: `PATH`, `PATH.homedirs` and
    /// `PATH.local`, each as text or with `.bin` behind its name, `PATH.subs_dist` and `PATH.subs`. Only the first must
    /// be there.
    ///
    /// # Errors
    /// The first of them is missing, or cannot be read or used. What is wrong with the others are problems.
    pub fn open(path: &Path) -> Result<FileContexts, OpenError> {
        let mut loading = Loading::default();
        match loading.add_newer(path) {
            Ok(()) => {}
            Err(Failure::Missing) => return Err(OpenError::Missing { path: path.to_owned() }),
            Err(Failure::Unreadable(path, source)) => return Err(OpenError::Unreadable { path, source }),
            Err(Failure::Unusable(path, reason)) => return Err(OpenError::Unusable { path, reason }),
        }
        for suffix in ["homedirs", "local"] {
            match loading.add_newer(&with_suffix(path, suffix)) {
                Ok(()) | Err(Failure::Missing) => {}
                Err(Failure::Unreadable(path, source)) => {
                    loading.complain(&path, ProblemReason::Unreadable(source.to_string()));
                }
                Err(Failure::Unusable(path, reason)) => loading.complain(&path, reason),
            }
        }
        loading.subs_dist = loading.read_substitutions(&with_suffix(path, "subs_dist"));
        loading.subs = loading.read_substitutions(&with_suffix(path, "subs"));
        Ok(loading.finish())
    }
}

/// Why a file of lines adds nothing.
enum Failure {
    Missing,
    Unreadable(PathBuf, io::Error),
    Unusable(PathBuf, ProblemReason),
}

impl Loading {
    /// Adds a file or its compiled form, whichever is newer; the other one if that cannot be used.
    fn add_newer(&mut self, path: &Path) -> Result<(), Failure> {
        let compiled = with_suffix(path, "bin");
        let changed = |path: &Path| fs::metadata(path).ok().map(|metadata| metadata.mtime());
        let candidates: Vec<&Path> = match (changed(path), changed(&compiled)) {
            (None, None) => return Err(Failure::Missing),
            (Some(_), None) => vec![path],
            (None, Some(_)) => vec![&compiled],
            (Some(text), Some(binary)) if binary >= text => vec![&compiled, path],
            (Some(_), Some(_)) => vec![path, &compiled],
        };
        let mut failure = Failure::Missing;
        for candidate in candidates {
            match self.add_file(candidate) {
                Ok(()) => {
                    match failure {
                        Failure::Missing => {}
                        Failure::Unreadable(path, source) => {
                            self.complain(&path, ProblemReason::Unreadable(source.to_string()));
                        }
                        Failure::Unusable(path, reason) => self.complain(&path, reason),
                    }
                    return Ok(());
                }
                Err(why) => failure = why,
            }
        }
        Err(failure)
    }

    fn add_file(&mut self, path: &Path) -> Result<(), Failure> {
        let bytes = read(path).map_err(|source| Failure::Unreadable(path.to_owned(), source))?;
        let name = path.to_string_lossy();
        let part = Part { name: &name, bytes: &bytes };
        self.add(part).map_err(|reason| Failure::Unusable(path.to_owned(), reason))
    }

    fn read_substitutions(&mut self, path: &Path) -> Substitutions {
        match read(path) {
            Ok(bytes) => {
                let name = path.to_string_lossy();
                self.substitutions(Some(Part { name: &name, bytes: &bytes }))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Substitutions::default(),
            Err(error) => {
                self.complain(path, ProblemReason::Unreadable(error.to_string()));
                Substitutions::default()
            }
        }
    }

    fn complain(&mut self, path: &Path, reason: ProblemReason) {
        self.lines.problems.add(&path.to_string_lossy(), None, reason);
    }
}

/// All bytes of a regular file, and one more than is allowed of one that is too large.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    use io::Read as _;
    // Opening a pipe would wait for somebody to write into it.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
    }
    let most = u64::try_from(MAX_FILE).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The path with a dot and more behind it.
fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::{FileContexts, OpenError};
    use std::fs;

    #[test]
    fn neighbours_are_read_and_told_about() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("fc");
        assert!(matches!(FileContexts::open(&file), Err(OpenError::Missing { .. })));
        fs::create_dir(&file).expect("made");
        assert!(matches!(FileContexts::open(&file), Err(OpenError::Unreadable { .. })));
        fs::remove_dir(&file).expect("removed");
        fs::write(folder.path().join("fc.bin"), b"\x8a\xff\x7c\xf9\x09\0\0\0").expect("written");
        assert!(matches!(FileContexts::open(&file), Err(OpenError::Unusable { .. })));

        for (name, text) in [("fc", "/a a\n"), ("fc.local", "/a b\n"), ("fc.subs", "/x /a\n")] {
            fs::write(folder.path().join(name), text).expect("written");
        }
        fs::create_dir(folder.path().join("fc.homedirs")).expect("made");
        fs::create_dir(folder.path().join("fc.subs_dist")).expect("made");
        let contexts = FileContexts::open(&file).expect("opened");
        let found = contexts.lookup(b"/x", None).expect("a line");
        assert_eq!((found.context(), found.spec.line), (Some("b"), Some(1)));
        assert!(found.spec.file.ends_with("fc.local"));
        let told: Vec<&str> =
            contexts.problems().iter().filter_map(|problem| problem.file.rsplit('/').next()).collect();
        assert_eq!(told, ["fc.bin", "fc.homedirs", "fc.subs_dist"]);
    }
}
