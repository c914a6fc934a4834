//! What a path is: by its bytes, and never by its name.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use package::{Format, Limits, Store, format};
use policydb::Name;

use super::listed::Listed;
use super::module_set::{self, ModuleSet};
use crate::policy_source::{self, PolicySource};

/// What was named.
pub(crate) enum Input {
    /// A binary policy.
    Policy(PolicySource),
    /// Modules, from a file or a package.
    Modules(ModuleSet),
    /// A module store, and what it was called.
    Store(String, Arc<Store>),
}

/// The word for the policy that the kernel has loaded.
const RUNNING: &str = "running";

impl Input {
    /// Opens what a path names; `-` is standard input, `running` the policy that the kernel has loaded.
    ///
    /// # Errors
    /// It cannot be read, or is none of these.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        if path.as_os_str() == RUNNING {
            return Ok(Input::Policy(policy_source::open_running()?));
        }
        let label = Name::new(path.as_os_str().as_encoded_bytes()).to_string();
        if fs::metadata(path).is_ok_and(|metadata| metadata.is_dir()) {
            return Ok(Input::Store(label, Arc::new(Store::open(path)?)));
        }
        let source = policy_source::open_path(path)?;
        if matches!(format(&source), Format::Rpm | Format::Deb) {
            return module_set::of_package(&source, &label)
                .with_context(|| format!("cannot use the package `{label}`"));
        }
        Ok(match ModuleSet::of_file(&source, path, &label)? {
            Some(modules) => Input::Modules(modules),
            None => Input::Policy(source),
        })
    }

    /// The one module that a path means in the place of a policy: a file with one module, or `PLACE:NAME`, a module of a package or of a
    /// store. `None` where it means a policy, or nothing.
    ///
    /// # Errors
    /// It is a place with modules, and which one is meant is not said, or has no such module.
    pub(crate) fn one_module(path: &Path) -> anyhow::Result<Option<ModuleSet>> {
        let (place, name) = match (path.exists(), split(path)) {
            (false, Some((place, name))) if place.exists() => (place, Some(name)),
            _ => (path, None),
        };
        let is_folder = place.is_dir();
        if (is_folder && name.is_none()) || (!is_folder && !may_hold_modules(place)) {
            return Ok(None);
        }
        let set = match Input::open(place)? {
            Input::Policy(_) => return Ok(None),
            Input::Modules(set) => set,
            Input::Store(label, store) => ModuleSet::of_store(label, &store, name)?,
        };
        Ok(Some(match name {
            Some(name) => set.only(name)?,
            None => set.single()?,
        }))
    }

    /// A module of a format, of those that are in force.
    pub(crate) fn one_of_format(&self, modules: &[Listed], format: u32) -> Option<Vec<u8>> {
        let names =
            modules.iter().filter(|module| module.symbols.is_in_force && module.format == Some(format));
        let names: Vec<&str> = names.map(|module| module.symbols.name.as_str()).collect();
        let limits = Limits::default();
        match self {
            Input::Policy(_) => None,
            Input::Modules(set) => {
                let mut of_format = set.modules.iter().filter(|file| names.contains(&file.name.as_str()));
                of_format.next().map(|file| file.bytes.clone())
            }
            Input::Store(_, store) => {
                let mut of_format = store.enabled().filter(|module| names.contains(&module.name.as_str()));
                of_format.next().and_then(|module| module.hll(&limits).ok().flatten())
            }
        }
    }

    /// Whether it is no policy before it is put into a base.
    pub(super) fn needs_base(&self) -> bool {
        matches!(self, Input::Modules(set) if !set.is_whole())
    }

    /// What the user called it.
    pub(crate) fn label(&self) -> &str {
        match self {
            Input::Policy(source) => &source.label,
            Input::Modules(modules) => &modules.label,
            Input::Store(label, _) => label,
        }
    }
}

/// `PLACE:NAME`.
fn split(path: &Path) -> Option<(&Path, &str)> {
    let (place, name) = path.to_str()?.rsplit_once(':')?;
    Some((Path::new(place), name))
}

/// Whether a file begins as one that may hold modules: a pipe is not opened, because what is read of it once is gone.
fn may_hold_modules(path: &Path) -> bool {
    let begins = || -> Option<bool> {
        let mut first = Vec::new();
        fs::File::open(path).ok()?.take(32).read_to_end(&mut first).ok()?;
        Some(module::Package::is_one(&first) || format(&first) != Format::Other)
    };
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file()) && begins() == Some(true)
}
