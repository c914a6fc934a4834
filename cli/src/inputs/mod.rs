//! What OLD and NEW of `diff` can be: a binary policy, a policy module, a package with modules, a module store, `running`; and how
//! two of them become two policies, or two sets of modules.
//!
//! | file | what it decides |
//! |---|---|
//! | `input.rs` | what a path is, by its bytes |
//! | `module_set.rs` | modules out of a file or a package |
//! | `base.rs` | the store into which modules are put |
//! | `build.rs` | a policy from modules, by semodule in a private root |
//! | `listed.rs` | every module of a store or package, read |
//! | `converter.rs` | which formats of modules this system reads |
//! | `refusal.rs` | why semodule refuses, in words that help |

mod base;
mod build;
mod converter;
mod input;
mod listed;
mod module_set;
mod refusal;

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use anyhow::bail;

use crate::policy_source::PolicySource;
use crate::status;
use crate::system_tools::PrivateFolder;
use crate::threads;

use base::Base;
pub(crate) use base::{BaseChoice, installed_store};
use build::Recipe;
pub(crate) use converter::{has_converter, refused_formats};
pub(crate) use input::Input;
pub(crate) use listed::{Listed, listed};
pub(crate) use module_set::{Language, ModuleFile, ModuleSet, is_module_name};

/// Two things that can be compared.
pub(crate) enum Compared {
    /// Two policies.
    Policies(Box<TwoPolicies>),
    /// Two sets of modules, without a policy that says what their attributes mean.
    Modules(ModuleSet, ModuleSet),
}

/// Two policies, and what else was built with them.
pub(crate) struct TwoPolicies {
    /// The old one and the new one.
    pub(crate) sources: [PolicySource; 2],
    /// Their file contexts, where both were built here.
    pub(crate) file_contexts: Option<[PathBuf; 2]>,
    /// Holds the file contexts.
    _folder: Option<PrivateFolder>,
}

/// Opens both, and builds what has to be built.
///
/// # Errors
/// One cannot be read, they cannot be compared with each other, or a tool refuses to build one.
pub(crate) fn open(old: &Path, new: &Path, choice: &BaseChoice) -> anyhow::Result<Compared> {
    let is_stdin = |path: &Path| path.as_os_str() == "-";
    if is_stdin(old) && is_stdin(new) {
        bail!("only one of the two can be standard input");
    }
    let (old, new) = (Input::open(old)?, Input::open(new)?);
    let (old, new) = match (old, new) {
        (Input::Policy(old), Input::Policy(new)) if !matches!(choice, BaseChoice::Named(_)) => {
            let sources = [old, new];
            return Ok(Compared::Policies(Box::new(TwoPolicies {
                sources,
                file_contexts: None,
                _folder: None,
            })));
        }
        (Input::Modules(old), Input::Modules(new)) if choice.is_none() => {
            return Ok(Compared::Modules(old, new));
        }
        both => both,
    };
    if let (BaseChoice::Named(_), false) = (choice, old.needs_base() || new.needs_base()) {
        bail!("`--base` is for modules, and neither `{}` nor `{}` is one", old.label(), new.label());
    }
    let base = if old.needs_base() || new.needs_base() { Base::find(choice, [&old, &new])? } else { None };
    match (base, old, new) {
        (None, Input::Modules(old), Input::Modules(new)) if !(old.is_whole() && new.is_whole()) => {
            Ok(Compared::Modules(old, new))
        }
        (None, old, new) if old.needs_base() || new.needs_base() => {
            let (modules, other) = if old.needs_base() { (&old, &new) } else { (&new, &old) };
            bail!(
                "`{}` is a policy module, and `{}` is not\nhelp: compare two modules; or name the store that the module is to be put into: `--base STORE`, such as /var/lib/selinux/targeted",
                modules.label(),
                other.label()
            )
        }
        (base, old, new) => build_both(base.as_ref(), old, new),
    }
}

/// Opens what is to be asked as a policy; modules are put into a base.
///
/// # Errors
/// It cannot be read, there is no base for modules, or a tool refuses to build the policy.
pub(crate) fn open_as_policy(path: &Path, choice: &BaseChoice) -> anyhow::Result<PolicySource> {
    let input = match Input::open(path)? {
        Input::Policy(source) => return Ok(source),
        input => input,
    };
    let base = if input.needs_base() { Base::find(choice, [&input])? } else { None };
    if input.needs_base() && base.is_none() {
        bail!(
            "`{}` is a policy module, and there is no module store to put it into\nhelp: name one, such as /var/lib/selinux/targeted: `--base STORE`",
            input.label()
        );
    }
    let folder = PrivateFolder::new()?;
    let recipe = Recipe::new(&folder, "policy", input, base.as_ref())?;
    tell_of_building([&recipe]);
    let built = recipe.build()?;
    built.notes.iter().for_each(|note| status::note(note));
    Ok(built.source)
}

/// Tells who waits at a terminal why.
fn tell_of_building<'r>(recipes: impl IntoIterator<Item = &'r Recipe<'r>>) {
    if recipes.into_iter().any(|recipe| !recipe.is_ready()) && std::io::stderr().is_terminal() {
        status::note("semodule builds what is compared, in a private folder; that takes some seconds");
    }
}

/// Builds both at the same time.
fn build_both(base: Option<&Base>, old: Input, new: Input) -> anyhow::Result<Compared> {
    let folder = PrivateFolder::new()?;
    let (old, new) = (Recipe::new(&folder, "old", old, base)?, Recipe::new(&folder, "new", new, base)?);
    tell_of_building([&old, &new]);
    let (old, new) = threads::both(|| old.build(), || new.build())?;
    let (old, new) = (old?, new?);
    for note in old.notes.iter().chain(new.notes.iter().filter(|note| !old.notes.contains(note))) {
        status::note(note);
    }
    let file_contexts = old.file_contexts.zip(new.file_contexts).map(|(old, new)| [old, new]);
    let sources = [old.source, new.source];
    Ok(Compared::Policies(Box::new(TwoPolicies { sources, file_contexts, _folder: Some(folder) })))
}
