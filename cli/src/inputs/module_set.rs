//! Modules out of a file or a package.
//!
//! A package may hold the modules of several types of policy (`packages/targeted/NAME.pp`, `packages/mls/NAME.pp`): the folder says
//! which. One that holds a base module holds a whole policy.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use analysis::nearest;
use anyhow::{Context, bail};
use package::{Limits, Member, MemberName, PackageContents, Refusal, Store, decompressed, read_package};
use policydb::Name;

use super::Input;
use crate::policy_source::PolicySource;
use crate::status;

/// In which language a module is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// A compiled package, `.pp`.
    Pp,
    /// Common intermediate language, `.cil`.
    Cil,
}

impl Language {
    /// What files are called that hold it, and what a store calls it.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Language::Pp => "pp",
            Language::Cil => "cil",
        }
    }
}

/// A module.
pub(crate) struct ModuleFile {
    /// Its name: the one that it gives itself, or for CIL that of the file; one that is safe as a file's name.
    pub(crate) name: String,
    /// What it is written in.
    pub(crate) language: Language,
    /// Its bytes, unpacked.
    pub(crate) bytes: Vec<u8>,
}

/// Modules.
#[derive(Default)]
pub(crate) struct ModuleSet {
    /// The priority in which they are installed.
    pub(crate) priority: u16,
    /// What the user called it, and what the package says of itself.
    pub(crate) label: String,
    /// The modules, by name; no name twice.
    pub(crate) modules: Vec<ModuleFile>,
}

/// The priority of what `semodule -i` installs, and of what packages install. Sources: semodule(8), and the macro
/// `selinux_modules_install` that Fedora's packages use.
const BY_HAND: u16 = 400;
const BY_PACKAGE: u16 = 200;

/// The name of a base module, which has none of its own.
pub(crate) const BASE: &str = "base";

/// Folders by which a package's modules are chosen, if several have one of the same name.
const PREFERRED: [&str; 2] = ["targeted", "default"];

impl ModuleSet {
    /// The module of a file; `None` where it is none.
    ///
    /// # Errors
    /// It is a module, and its name cannot be used.
    pub(crate) fn of_file(bytes: &[u8], path: &Path, label: &str) -> anyhow::Result<Option<Self>> {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let module = ModuleFile::of(bytes.into(), &file)
            .with_context(|| format!("cannot use the module `{label}`"))?;
        Ok(module.map(|module| ModuleSet {
            priority: BY_HAND,
            label: label.to_owned(),
            modules: vec![module],
        }))
    }

    /// A module of a store, or all that count.
    ///
    /// # Errors
    /// One cannot be read.
    pub(super) fn of_store(label: String, store: &Store, name: Option<&str>) -> anyhow::Result<Self> {
        let limits = Limits::default();
        let mut modules = Vec::new();
        for stored in store.enabled().filter(|stored| name.is_none_or(|name| name == stored.name)) {
            let bytes = match stored.hll(&limits)? {
                Some(bytes) => Some(bytes),
                None => stored.cil(&limits)?,
            };
            modules.extend(ModuleFile::of(bytes.unwrap_or_default().into(), &stored.name)?);
        }
        if let (Some(name), true) = (name, modules.is_empty()) {
            return Err(no_such_module(&label, name, store.enabled().map(|stored| stored.name.clone())));
        }
        Ok(ModuleSet { priority: BY_HAND, label, modules })
    }

    /// The module of that name alone.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn only(mut self, name: &str) -> anyhow::Result<Self> {
        let Some(at) = self.modules.iter().position(|module| module.name == name) else {
            let names = self.modules.iter().map(|module| module.name.clone());
            return Err(no_such_module(&self.label, name, names));
        };
        let module = self.modules.swap_remove(at);
        Ok(ModuleSet {
            priority: self.priority,
            label: format!("{}:{name}", self.label),
            modules: vec![module],
        })
    }

    /// The only module.
    ///
    /// # Errors
    /// There are several.
    pub(super) fn single(self) -> anyhow::Result<Self> {
        match self.modules.as_slice() {
            [_] => Ok(self),
            [first, ..] => bail!(
                "`{}` has {} modules\nhelp: name one after a colon, such as `FILE:{}`; `sepolq modules` lists them",
                self.label,
                self.modules.len(),
                first.name
            ),
            [] => bail!("`{}` has no modules", self.label),
        }
    }

    /// Whether it has a base module, so that it is a policy by itself.
    pub(crate) fn is_whole(&self) -> bool {
        self.modules.iter().any(|module| module.name == BASE)
    }
}

fn no_such_module(label: &str, name: &str, names: impl Iterator<Item = String>) -> anyhow::Error {
    let near: Vec<String> = nearest(name, names).iter().map(|name| format!("`{name}`")).collect();
    let help =
        if near.is_empty() { String::new() } else { format!("\nhelp: did you mean {}?", near.join(" or ")) };
    anyhow::anyhow!("`{label}` has no module `{}`{help}", Name::new(name.as_bytes()))
}

impl ModuleFile {
    /// The contexts that the file contexts of a compiled module give.
    pub(super) fn contexts(&self) -> Vec<String> {
        let package = match self.language {
            Language::Pp => module::Package::parse(&self.bytes).ok(),
            Language::Cil => None,
        };
        let text = package.and_then(|package| package.section(module::SectionKind::FileContexts));
        let text = String::from_utf8_lossy(text.unwrap_or_default()).into_owned();
        let last = text.lines().filter_map(|line| line.split_ascii_whitespace().next_back());
        last.filter(|word| word.contains(':')).map(|word| Name::new(word.as_bytes()).to_string()).collect()
    }

    /// A module with the name of its file; `None` for bytes that are none.
    ///
    /// # Errors
    /// It is a module that cannot be read, or it has a name that no file may have.
    fn of(bytes: Cow<'_, [u8]>, file: &str) -> anyhow::Result<Option<Self>> {
        let (name, language) = if module::Package::is_one(&bytes) {
            let package = module::Package::parse(&bytes)?;
            let name = package.module.name_and_version.map(|(name, _)| name.to_string());
            (name.unwrap_or_else(|| BASE.to_owned()), Language::Pp)
        } else if is_cil(&bytes) {
            (file.split('.').next().unwrap_or_default().to_owned(), Language::Cil)
        } else {
            return Ok(None);
        };
        if !is_module_name(&name) {
            bail!("`{}` is no name that a module can have", Name::new(name.as_bytes()));
        }
        Ok(Some(ModuleFile { name, language, bytes: bytes.into_owned() }))
    }
}

/// Whether a module can be called so. Source: `semanage_module_validate_name` in libsemanage.
pub(crate) fn is_module_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|one| one.is_ascii_alphanumeric() || "_-.".contains(one))
}

/// Whether text begins as CIL does: with a parenthesis or a comment.
fn is_cil(bytes: &[u8]) -> bool {
    bytes.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|first| matches!(first, b'(' | b';'))
}

/// What a package holds: a store, or modules, or a policy.
///
/// # Errors
/// It cannot be read, or holds nothing of a policy.
pub(super) fn of_package(bytes: &[u8], label: &str) -> anyhow::Result<Input> {
    let limits = &Limits::default();
    let is_wanted = |name: &MemberName| name.is_module() || name.is_in_store() || is_policy(name.as_str());
    let contents = read_package(bytes, limits, is_wanted)?;
    if let Some((name, _)) = contents.refused.iter().find(|(_, refusal)| *refusal == Refusal::Duplicate) {
        bail!(
            "it has `{}` twice: which of the two would be installed cannot be told\nhelp: no honest package is built so",
            Name::new(name.as_bytes())
        );
    }
    for (name, refusal) in &contents.refused {
        status::note(&format!("`{}` of the package is left out: {refusal}", Name::new(name.as_bytes())));
    }
    let text = format!("{} {}", contents.package.name, contents.package.full_version());
    let label = format!("{label} ({})", Name::new(text.as_bytes()));
    if let Some(store) = preferred(Store::in_package(&contents), |store| &store.root) {
        return Ok(Input::Store(label, Arc::new(store.store)));
    }
    let modules = modules_of(&contents, limits)?;
    if !modules.is_empty() {
        return Ok(Input::Modules(ModuleSet { priority: BY_PACKAGE, label, modules }));
    }
    let policies: Vec<Member> = contents.files.into_iter().filter(|file| is_policy(&file.path)).collect();
    match preferred(policies, |file| &file.path) {
        Some(policy) => Ok(Input::Policy(PolicySource::built(policy.bytes, label))),
        None => bail!(
            "there is no policy module in it, and no policy\nhelp: the modules of a program are often in a package of their own, such as NAME-selinux"
        ),
    }
}

/// `etc/selinux/TYPE/policy/policy.N`.
fn is_policy(path: &str) -> bool {
    let is_version = |version: &str| !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
    path.rsplit_once("/policy/policy.").is_some_and(|(_, version)| is_version(version))
}

/// The one of several whose place names a type of policy that most systems have; else the first.
fn preferred<T>(mut all: Vec<T>, place: impl Fn(&T) -> &str) -> Option<T> {
    let of_type = |one: &T, name: &str| place(one).split('/').any(|part| part == name);
    let at = PREFERRED.iter().find_map(|name| all.iter().position(|one| of_type(one, name))).unwrap_or(0);
    (at < all.len()).then(|| {
        if all.len() > 1 {
            let names: Vec<&str> = all.iter().map(&place).collect();
            status::note(&format!(
                "of several in the package, {}, `{}` is taken",
                names.join(", "),
                place(&all[at])
            ));
        }
        all.swap_remove(at)
    })
}

/// The modules of a package: of each name the one in the folder that is preferred.
fn modules_of(contents: &PackageContents, limits: &Limits) -> anyhow::Result<Vec<ModuleFile>> {
    let mut by_folder: BTreeMap<&str, Vec<ModuleFile>> = BTreeMap::new();
    for member in &contents.files {
        let (folder, file) = member.path.rsplit_once('/').unwrap_or(("", &member.path));
        let module = decompressed(&member.bytes, limits)
            .map_err(anyhow::Error::from)
            .and_then(|bytes| ModuleFile::of(bytes, file));
        match module {
            Ok(Some(module)) => by_folder.entry(folder).or_default().push(module),
            Ok(None) => {}
            Err(error) => status::note(&format!(
                "`{}` of the package is left out: {}",
                Name::new(member.path.as_bytes()),
                status::message(&error)
            )),
        }
    }
    let rank = |folder: &str| {
        let found = PREFERRED.iter().position(|name| folder.split('/').any(|part| part == *name));
        found.unwrap_or(PREFERRED.len())
    };
    let mut folders: Vec<(&str, Vec<ModuleFile>)> = by_folder.into_iter().collect();
    folders.sort_by_key(|(folder, _)| rank(folder));
    let (mut names, mut modules) = (BTreeSet::new(), Vec::new());
    for (folder, of_folder) in folders {
        for module in of_folder {
            if names.insert(module.name.clone()) {
                modules.push(module);
            } else {
                let (name, folder) = (&module.name, Name::new(folder.as_bytes()));
                status::note(&format!(
                    "the module `{name}` in `{folder}` is left out: another one has the name"
                ));
            }
        }
    }
    modules.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(modules)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_says_for_which_policy_it_is() {
        let chosen = |places: &[&'static str]| preferred(places.to_vec(), |place| place);
        assert_eq!(chosen(&["a/mls/policy.33", "a/targeted/policy.33"]), Some("a/targeted/policy.33"));
        assert_eq!(chosen(&["a/mls/x", "a/minimum/x"]), Some("a/mls/x"));
        assert_eq!(chosen(&["a/targeted-old/x", "a/default/x"]), Some("a/default/x"));
        assert_eq!(chosen(&[]), None);
    }

    #[test]
    fn policies_are_known_by_their_place() {
        assert!(is_policy("etc/selinux/targeted/policy/policy.33"));
        for other in ["etc/selinux/targeted/policy/policy.kern", "usr/share/policy.33", "a/policy/policy."] {
            assert!(!is_policy(other), "{other}");
        }
    }

    #[test]
    fn names_that_are_no_files_are_refused() {
        let of = |file: &str| ModuleFile::of(b"(type a)"[..].into(), file);
        assert_eq!(of("mine.cil.bz2").unwrap().unwrap().name, "mine");
        for bad in ["-x.cil", "..", "a b.cil", "\u{1b}[7m.cil", ".cil"] {
            assert!(of(bad).is_err(), "{bad}");
        }
        assert!(ModuleFile::of(b"hello"[..].into(), "x.cil").unwrap().is_none());
    }
}
