//! The store into which modules are put before they are compared: the one that is named, or the installed one.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::bail;
use package::Store;
use policydb::Name;

use super::Input;
use super::module_set::ModuleSet;
use crate::status;

/// What was said of the base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BaseChoice {
    /// This one.
    Named(PathBuf),
    /// The installed one, if there is one that can be read.
    Installed,
    /// None: modules are compared by what they state.
    None,
}

impl BaseChoice {
    pub(super) fn is_none(&self) -> bool {
        *self == BaseChoice::None
    }
}

/// A base.
pub(crate) struct Base {
    /// What it is called.
    pub(super) label: String,
    /// Its modules.
    pub(super) modules: BaseModules,
}

/// The modules of a base.
pub(super) enum BaseModules {
    Store(Arc<Store>),
    Set(ModuleSet),
}

/// Where the installed store of the system below `root` is.
pub(crate) fn installed_store(root: &Path) -> PathBuf {
    root.join("var/lib/selinux").join(host::selinux_type(root))
}

impl Base {
    /// Finds the base for inputs; a store among them is itself the base of the other one.
    ///
    /// # Errors
    /// The base that is named cannot be used.
    pub(super) fn find<'i>(
        choice: &BaseChoice,
        inputs: impl IntoIterator<Item = &'i Input>,
    ) -> anyhow::Result<Option<Self>> {
        let named = match choice {
            BaseChoice::None => return Ok(None),
            BaseChoice::Named(path) => Some(path.clone()),
            BaseChoice::Installed => None,
        };
        if let Some(path) = named {
            return match Input::open(&path)? {
                Input::Store(label, store) => Ok(Some(Base { label, modules: BaseModules::Store(store) })),
                Input::Modules(set) if set.is_whole() => {
                    Ok(Some(Base { label: set.label.clone(), modules: BaseModules::Set(set) }))
                }
                other => bail!(
                    "`{}` cannot be a base: modules are put into a module store, or a package with a whole policy\nhelp: the installed store is /var/lib/selinux/TYPE; `--no-base` compares what modules state themselves",
                    other.label()
                ),
            };
        }
        for input in inputs {
            if let Input::Store(label, store) = input {
                return Ok(Some(Base {
                    label: label.clone(),
                    modules: BaseModules::Store(Arc::clone(store)),
                }));
            }
        }
        let path = installed_store(Path::new("/"));
        let label = Name::new(path.as_os_str().as_encoded_bytes()).to_string();
        match Store::open(&path) {
            Ok(store) if store.enabled().next().is_some() => {
                Ok(Some(Base { label, modules: BaseModules::Store(Arc::new(store)) }))
            }
            Ok(store) => {
                let why = store
                    .problems
                    .first()
                    .map_or("it has no modules".to_owned(), |problem| problem.why.clone());
                note_of_unusable(&label, &why);
                Ok(None)
            }
            Err(package::Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(package::Error::NotAStore(_)) => Ok(None),
            Err(error) => {
                note_of_unusable(&label, &status::message(&error.into()));
                Ok(None)
            }
        }
    }
}

fn note_of_unusable(label: &str, why: &str) {
    status::note(&format!(
        "the installed module store `{label}` cannot be used: {why}; run it as root, or name a copy with `--base`"
    ));
}
