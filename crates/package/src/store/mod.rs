//! A module store: the modules from which `semodule` builds a policy.
//!
//! Below `/var/lib/selinux/TYPE/active` stand `modules/PRIORITY/NAME/` with the module in its own language (`hll`, unless that is
//! CIL), that language's name (`lang_ext`) and the module in CIL (`cil`), both compressed or not; an empty file `modules/disabled/NAME`
//! for each module that is switched off; the policy that was built last (`policy.kern`), and what an administrator set
//! (`booleans.local` and the like). Of modules with one name that of the highest priority counts.
//!
//! Source: libsemanage's `semanage_store.c` and `direct_api.c`.

mod files;
mod folder;
mod packaged;
mod place;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use packaged::PackagedStore;
pub(crate) use place::place;

use crate::{Error, Limits, PackageContents, decompressed};
use files::Files;

/// A module store, listed; its files are read when they are asked for.
#[derive(Debug)]
pub struct Store {
    /// Its modules, of all priorities, by name and then by priority.
    pub modules: Vec<StoredModule>,
    /// The names of modules that are switched off, sorted. There may be none of that name.
    pub disabled: Vec<String>,
    /// Whether it keeps the policy that was built from it last.
    pub has_kernel_policy: bool,
    /// The names of the files with local settings, such as `booleans.local`, sorted.
    pub local: Vec<String>,
    /// The names of the files that say which label belongs to which path, as they were put together from the modules, sorted.
    pub contexts: Vec<String>,
    /// What could not be read, and why.
    pub problems: Vec<Problem>,
    files: Arc<Files>,
}

/// A module in a store.
#[derive(Debug, Clone)]
pub struct StoredModule {
    /// Its name.
    pub name: String,
    /// Its priority, 1 to 999; distributions use 100, administrators 400.
    pub priority: u16,
    /// The language that the module was written in: `pp`, which [`hll`](Self::hll) gives, or `cil`; empty if that could not be
    /// read.
    pub language: String,
    files: Arc<Files>,
}

/// Something in a store that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it is.
    pub path: PathBuf,
    /// Why not.
    pub why: String,
}

impl Store {
    /// Opens a store: the folder of a policy type, such as `/var/lib/selinux/targeted`, or `active` or `active/modules` in it.
    ///
    /// The folder itself may be given through links. In it no link is followed, and nothing is opened that is no plain file.
    ///
    /// # Errors
    /// When the folder cannot be read or is no store. What is wrong further below is among the [problems](Self::problems).
    pub fn open(path: &Path) -> Result<Self, Error> {
        folder::open(path)
    }

    /// The stores in a package, by what was read of it: ask [`read_package`](crate::read_package) for
    /// [what is in a store](crate::MemberName::is_in_store).
    pub fn in_package(contents: &PackageContents) -> Vec<PackagedStore> {
        packaged::stores(contents)
    }

    /// The modules that count: of each name the one of the highest priority, without those that are switched off; by name.
    pub fn enabled(&self) -> impl Iterator<Item = &StoredModule> {
        let next = self.modules.iter().skip(1).map(Some).chain([None]);
        let highest = self.modules.iter().zip(next);
        highest
            .filter(|(module, next)| next.is_none_or(|next| next.name != module.name))
            .map(|(module, _)| module)
            .filter(|module| self.disabled.binary_search(&module.name).is_err())
    }

    /// The policy that was built from the store last, unpacked; none if it keeps none.
    ///
    /// # Errors
    /// When it cannot be read or unpacked.
    pub fn kernel_policy(&self, limits: &Limits) -> Result<Option<Vec<u8>>, Error> {
        read(&self.files, "policy.kern", limits)
    }

    /// A file beside the modules, by one of the names in [`local`](Self::local) or [`contexts`](Self::contexts).
    ///
    /// # Errors
    /// When it cannot be read or unpacked.
    pub fn file(&self, name: &str, limits: &Limits) -> Result<Option<Vec<u8>>, Error> {
        match self.local.iter().chain(&self.contexts).find(|known| *known == name) {
            Some(known) => read(&self.files, known, limits),
            None => Ok(None),
        }
    }

    /// A store with these files, as they are listed.
    fn new(mut listed: Listed, files: Arc<Files>) -> Self {
        listed.modules.sort_by(|a, b| (&a.name, a.priority).cmp(&(&b.name, b.priority)));
        listed.disabled.sort();
        listed.local.sort();
        listed.contexts.sort();
        if listed.modules.len() > MOST_MODULES {
            listed.modules.truncate(MOST_MODULES);
            let why = format!("it has more than {MOST_MODULES} modules; the others are left out");
            listed.problems.push(Problem { path: PathBuf::from("modules"), why });
        }
        let module = |ListedModule { name, priority, language }| StoredModule {
            name,
            priority,
            language,
            files: Arc::clone(&files),
        };
        Self {
            modules: listed.modules.into_iter().map(module).collect(),
            disabled: listed.disabled,
            has_kernel_policy: listed.has_kernel_policy,
            local: listed.local,
            contexts: listed.contexts,
            problems: listed.problems,
            files,
        }
    }
}

impl StoredModule {
    /// The module in CIL, unpacked; none if it was never compiled.
    ///
    /// # Errors
    /// When it cannot be read or unpacked.
    pub fn cil(&self, limits: &Limits) -> Result<Option<Vec<u8>>, Error> {
        self.read("cil", limits)
    }

    /// The module in its own language, unpacked; none if the store has only its CIL, as of modules that were written in it.
    ///
    /// # Errors
    /// When it cannot be read or unpacked.
    pub fn hll(&self, limits: &Limits) -> Result<Option<Vec<u8>>, Error> {
        self.read("hll", limits)
    }

    fn read(&self, file: &str, limits: &Limits) -> Result<Option<Vec<u8>>, Error> {
        // Priorities are written with three digits.
        read(&self.files, &format!("modules/{:03}/{}/{file}", self.priority, self.name), limits)
    }
}

/// Reads a file of a store, unpacked.
fn read(files: &Files, place: &str, limits: &Limits) -> Result<Option<Vec<u8>>, Error> {
    let Some(bytes) = files.read(place, limits)? else { return Ok(None) };
    Ok(Some(decompressed(&bytes, limits)?.into_owned()))
}

/// What a store has, in any order.
#[derive(Default)]
struct Listed {
    modules: Vec<ListedModule>,
    disabled: Vec<String>,
    has_kernel_policy: bool,
    local: Vec<String>,
    contexts: Vec<String>,
    problems: Vec<Problem>,
}

/// Modules that a store may have; those of distributions have 450.
const MOST_MODULES: usize = 20_000;

struct ListedModule {
    name: String,
    priority: u16,
    language: String,
}

/// The language that the file `lang_ext` names.
fn language_of(lang_ext: &[u8]) -> String {
    String::from_utf8_lossy(lang_ext.get(..64).unwrap_or(lang_ext)).trim().to_owned()
}
