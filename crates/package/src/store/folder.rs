//! A store below a folder: opened one component at a time, so that no link leads out of it, and only plain files.
//!
//! Folders are held open, and files opened below them without following links (`openat`, `O_NOFOLLOW`). What a FIFO or a device
//! would do on opening does not happen: what is there is looked at first, and opened without waiting (`O_NONBLOCK`).

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, fstat, openat, statat};
use rustix::io::Errno;

use super::files::Files;
use super::place::{is_contexts, is_local, priority};
use super::{Listed, ListedModule, MOST_MODULES, Problem, Store, language_of};
use crate::limits::{Bound, Exceeded};
use crate::{Error, Limits};

/// The folders of a store.
#[derive(Debug)]
pub(super) struct Folders {
    /// `active`; none if only `modules` was given.
    active: Option<Folder>,
    /// `active/modules`.
    modules: Folder,
}

/// A folder that is held open.
#[derive(Debug)]
struct Folder {
    fd: OwnedFd,
    path: PathBuf,
}

/// Opens a store by its folder, or by `active` or `modules` in it.
pub(super) fn open(path: &Path) -> Result<Store, Error> {
    let given = Folder::given(path)?;
    let folders = match given.folder("active")? {
        Some(active) => Folders::of_active(active)?,
        None => match given.folder("modules")? {
            Some(modules) => Some(Folders { active: Some(given), modules }),
            None => given.looks_like_modules()?.then_some(Folders { active: None, modules: given }),
        },
    };
    let folders = folders.ok_or_else(|| Error::NotAStore(path.to_owned()))?;
    let listed = folders.list()?;
    Ok(Store::new(listed, Arc::new(Files::Folders(folders))))
}

impl Folders {
    fn of_active(active: Folder) -> Result<Option<Self>, Error> {
        let modules = active.folder("modules")?;
        Ok(modules.map(|modules| Self { active: Some(active), modules }))
    }

    /// The bytes of a file below `active`, as they are; none if there is no such file.
    pub(super) fn read(&self, place: &str, limits: &Limits) -> Result<Option<Vec<u8>>, Error> {
        let (folder, place) = match (place.strip_prefix("modules/"), &self.active) {
            (Some(place), _) => (&self.modules, place),
            (None, Some(active)) => (active, place),
            (None, None) => return Ok(None),
        };
        let Some((above, name)) = place.rsplit_once('/') else { return folder.read(place, limits) };
        let mut opened: Option<Folder> = None;
        for part in above.split('/') {
            match opened.as_ref().unwrap_or(folder).folder(part)? {
                Some(next) => opened = Some(next),
                None => return Ok(None),
            }
        }
        opened.as_ref().unwrap_or(folder).read(name, limits)
    }

    /// Lists what is in the store. What cannot be read becomes a problem.
    fn list(&self) -> Result<Listed, Error> {
        let mut listed = Listed::default();
        for name in self.modules.names()? {
            if name == "disabled" {
                listed.disabled = self.modules.names_below(&name, &mut listed.problems);
            } else if let Some(priority) = priority(&name) {
                self.list_priority(&name, priority, &mut listed);
            }
        }
        if let Some(active) = &self.active {
            let names = active.names().unwrap_or_else(|error| {
                listed.problems.push(Problem::of(&active.path, &error));
                Vec::new()
            });
            listed.has_kernel_policy = names.iter().any(|name| name == "policy.kern");
            listed.contexts = names.iter().filter(|name| is_contexts(name)).cloned().collect();
            listed.local = names.into_iter().filter(|name| is_local(name)).collect();
        }
        Ok(listed)
    }

    fn list_priority(&self, name: &str, priority: u16, listed: &mut Listed) {
        let folder = match self.modules.folder(name) {
            Ok(Some(folder)) => folder,
            Ok(None) => return,
            Err(error) => return listed.problems.push(Problem::of(&self.modules.path.join(name), &error)),
        };
        let names = folder.names().unwrap_or_else(|error| {
            listed.problems.push(Problem::of(&folder.path, &error));
            Vec::new()
        });
        for name in names {
            if listed.modules.len() > MOST_MODULES {
                // One more than are kept: that is told where they are counted.
                return;
            }
            let path = folder.path.join(&name);
            let module = match folder.folder(&name) {
                Ok(Some(module)) => module,
                Ok(None) => continue,
                Err(error) => {
                    listed.problems.push(Problem::of(&path, &error));
                    // A folder that may not be read is a module all the same, and can hide others of its name.
                    if matches!(error, Error::Io { .. }) {
                        listed.modules.push(ListedModule { name, priority, language: String::new() });
                    }
                    continue;
                }
            };
            let language = match module.read("lang_ext", &Limits::default()) {
                Ok(Some(bytes)) => language_of(&bytes),
                Ok(None) => {
                    let why = "there is no file `lang_ext` in it".to_owned();
                    listed.problems.push(Problem { path, why });
                    String::new()
                }
                Err(error) => {
                    listed.problems.push(Problem::of(&path, &error));
                    String::new()
                }
            };
            listed.modules.push(ListedModule { name, priority, language });
        }
    }
}

impl Folder {
    /// The folder that the user names, through links if need be.
    fn given(path: &Path) -> Result<Self, Error> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let fd = openat(CWD, path, flags, Mode::empty()).map_err(|errno| failed(path.to_owned(), errno))?;
        Ok(Self { fd, path: path.to_owned() })
    }

    /// The folder of that name in this one; none if there is none.
    fn folder(&self, name: &str) -> Result<Option<Self>, Error> {
        let path = self.path.join(name);
        match self.kind(name)? {
            None => return Ok(None),
            Some(FileType::Directory) => {}
            Some(other) => return Err(Error::NotPlain { path, what: in_words(other) }),
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match openat(self.fd.as_fd(), name, flags, Mode::empty()) {
            Ok(fd) => Ok(Some(Self { fd, path })),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(failed(path, errno)),
        }
    }

    /// The bytes of the file of that name in this folder; none if there is none.
    fn read(&self, name: &str, limits: &Limits) -> Result<Option<Vec<u8>>, Error> {
        let path = self.path.join(name);
        match self.kind(name)? {
            None => return Ok(None),
            Some(FileType::RegularFile) => {}
            Some(other) => return Err(Error::NotPlain { path, what: in_words(other) }),
        }
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let fd = match openat(self.fd.as_fd(), name, flags, Mode::empty()) {
            Ok(fd) => fd,
            Err(Errno::NOENT) => return Ok(None),
            Err(errno) => return Err(failed(path, errno)),
        };
        // What was looked at may have been exchanged since.
        let kind = fstat(&fd).map(|stat| FileType::from_raw_mode(stat.st_mode));
        match kind.map_err(|errno| failed(path.clone(), errno))? {
            FileType::RegularFile => {}
            other => return Err(Error::NotPlain { path, what: in_words(other) }),
        }
        let mut bytes = Vec::new();
        let most = limits.file.saturating_add(1);
        File::from(fd).take(most).read_to_end(&mut bytes).map_err(|source| Error::Io { path, source })?;
        match bytes.len() as u64 > limits.file {
            true => Err(Exceeded { bound: Bound::File, limit: limits.file }.into()),
            false => Ok(Some(bytes)),
        }
    }

    /// What that name is in this folder, if there is anything.
    fn kind(&self, name: &str) -> Result<Option<FileType>, Error> {
        let path = || self.path.join(name);
        // Names come from listings and from callers: none may lead elsewhere.
        if name.is_empty() || name == "." || name == ".." || name.contains('/') {
            return Ok(None);
        }
        match statat(self.fd.as_fd(), name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(FileType::from_raw_mode(stat.st_mode))),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(failed(path(), errno)),
        }
    }

    /// The names in this folder, sorted. Those that are no text are left out: no module is called so.
    fn names(&self) -> Result<Vec<String>, Error> {
        let failed = |errno| failed(self.path.clone(), errno);
        let mut names = Vec::new();
        for entry in Dir::read_from(self.fd.as_fd()).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            match entry.file_name().to_str() {
                Ok("." | "..") | Err(_) => {}
                Ok(name) => names.push(name.to_owned()),
            }
        }
        names.sort();
        Ok(names)
    }

    /// The names in the folder of that name; what cannot be read becomes a problem.
    fn names_below(&self, name: &str, problems: &mut Vec<Problem>) -> Vec<String> {
        match self.folder(name).and_then(|folder| folder.map_or(Ok(Vec::new()), |folder| folder.names())) {
            Ok(names) => names,
            Err(error) => {
                problems.push(Problem::of(&self.path.join(name), &error));
                Vec::new()
            }
        }
    }

    /// Whether this is the folder `modules` of a store: it has folders that are named for priorities.
    fn looks_like_modules(&self) -> Result<bool, Error> {
        Ok(self.names()?.iter().any(|name| priority(name).is_some()))
    }
}

impl Problem {
    /// An error that is no reason to give up; the path is said apart.
    fn of(path: &Path, error: &Error) -> Self {
        match error {
            Error::Io { path, source } => Self { path: path.clone(), why: source.to_string() },
            Error::NotPlain { path, what } => {
                Self { path: path.clone(), why: format!("{what}, which is not followed inside of a store") }
            }
            other => Self { path: path.to_owned(), why: other.to_string() },
        }
    }
}

fn failed(path: PathBuf, errno: Errno) -> Error {
    Error::Io { path, source: io::Error::from(errno) }
}

fn in_words(kind: FileType) -> &'static str {
    match kind {
        FileType::RegularFile => "a file",
        FileType::Directory => "a folder",
        FileType::Symlink => "a link",
        FileType::Fifo => "a FIFO",
        FileType::Socket => "a socket",
        FileType::CharacterDevice | FileType::BlockDevice => "a device",
        FileType::Unknown => "of an unknown kind",
    }
}
