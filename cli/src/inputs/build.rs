//! A policy from modules: semodule builds it, in a private root that holds copies of the modules.
//!
//! What counts is what would count on the system: a module that the base has switched off stays off, and one of a higher priority
//! hides what is put there; both are told. Where the store has CIL, that is what is copied: compiling modules to CIL takes most of the time. What an administrator changed
//! locally (booleans, users, ports) is part of the policy, and is copied too. Source: `semanage_store.c` and `direct_api.c` of
//! libsemanage.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use analysis::modules::{Symbol, SymbolKind};
use anyhow::{Context, bail};
use package::{Limits, Store};

use super::base::{Base, BaseModules};
use super::listed::{Read, of_cil, of_pp};
use super::module_set::{Language, ModuleFile, ModuleSet};
use super::refusal::Lacking;
use super::{Input, refusal};
use crate::policy_source::PolicySource;
use crate::system_tools::{FileNames, PrivateFolder, Tool, read_at_most, write};

/// How a policy comes about.
pub(super) struct Recipe<'a> {
    /// What it is called.
    label: String,
    /// The private root.
    root: PathBuf,
    what: What<'a>,
}

enum What<'a> {
    /// It is there already, and its file contexts may be.
    Ready(PolicySource, Vec<(String, Vec<u8>)>),
    /// From the modules of a store, and others on top of them.
    FromStore(Source<'a>, ModuleSet),
}

/// Where the modules below come from.
enum Source<'a> {
    Store(Arc<Store>),
    Set(&'a ModuleSet),
    /// There are none.
    Nothing,
}

/// A policy that was built, or was there.
pub(super) struct Built {
    pub(super) source: PolicySource,
    /// Its file contexts, if it was built here.
    pub(super) file_contexts: Option<PathBuf>,
    /// What the user should know of how it was built.
    pub(super) notes: Vec<String>,
}

/// The name of the private store.
const STORE: &str = "store";
const SEMODULE: Tool = Tool {
    name: "semodule",
    needed_by: "building a policy from modules",
    help: "`apt-get install policycoreutils`, or `dnf install policycoreutils`; `--no-base` compares two modules by what they state themselves",
};
/// Nothing is checked that does not change the policy, and nothing is looked up in the system's user database.
const CONFIGURATION: &str = "module-store = direct\nexpand-check = 0\nusepasswd = false\nsave-linked = false\nsave-previous = false\n";

impl<'a> Recipe<'a> {
    /// How an input becomes a policy.
    ///
    /// # Errors
    /// A store has a policy that cannot be read.
    pub(super) fn new(
        folder: &PrivateFolder,
        side: &str,
        input: Input,
        base: Option<&'a Base>,
    ) -> anyhow::Result<Self> {
        let root = folder.join(side);
        Ok(match input {
            Input::Policy(source) => {
                Recipe { label: source.label.clone(), root, what: What::Ready(source, Vec::new()) }
            }
            Input::Store(label, store) => {
                // Beside a policy that is built here the store's is built too: then file contexts can be compared.
                let ready = if base.is_none() { store.kernel_policy(&Limits::default())? } else { None };
                let what = match ready {
                    Some(bytes) => {
                        What::Ready(PolicySource::built(bytes, label.clone()), contexts_of(&store)?)
                    }
                    None => What::FromStore(Source::Store(store), ModuleSet::default()),
                };
                Recipe { label, root, what }
            }
            Input::Modules(set) if set.is_whole() => {
                Recipe { label: set.label.clone(), root, what: What::FromStore(Source::Nothing, set) }
            }
            Input::Modules(set) => {
                let (label, source) = match base {
                    Some(Base { label, modules: BaseModules::Store(store) }) => {
                        (label.as_str(), Source::Store(Arc::clone(store)))
                    }
                    Some(Base { label, modules: BaseModules::Set(set) }) => {
                        (label.as_str(), Source::Set(set))
                    }
                    None => ("nothing", Source::Nothing),
                };
                Recipe {
                    label: format!("{} in {label}", set.label),
                    root,
                    what: What::FromStore(source, set),
                }
            }
        })
    }

    /// Whether nothing has to be built.
    pub(super) fn is_ready(&self) -> bool {
        matches!(self.what, What::Ready(..))
    }

    /// Builds it.
    ///
    /// # Errors
    /// semodule is missing, or refuses.
    pub(super) fn build(self) -> anyhow::Result<Built> {
        let Recipe { label, root, what } = self;
        let (source, set) = match what {
            What::Ready(source, contexts) => {
                for (name, bytes) in &contexts {
                    write(&contexts_folder(&root).join(name), bytes)?;
                }
                return Ok(Built { source, file_contexts: file_contexts(&root), notes: Vec::new() });
            }
            What::FromStore(source, set) => (source, set),
        };
        write(&root.join("etc/selinux/semanage.conf"), CONFIGURATION.as_bytes())?;
        let active = root.join("var/lib/selinux").join(STORE).join("active");
        let mut files = Vec::new();
        match &source {
            Source::Store(store) => store_files(store, &mut files)?,
            Source::Set(set) => files.extend(set.modules.iter().flat_map(module_files)),
            Source::Nothing => {}
        }
        for (place, bytes) in &files {
            write(&active.join(place), bytes)?;
        }
        // semodule wants the folders to be there.
        write(&active.join("modules/disabled/.keep"), b"")?;
        write(&contexts_folder(&root).join(".keep"), b"")?;
        let mut names = FileNames::default();
        let mut on_top = Vec::new();
        let mut notes = Vec::new();
        for module in &set.modules {
            if let Source::Store(store) = &source
                && let Some(why) = out_of_force(store, module, set.priority)
            {
                notes.push(format!("{label}: nothing of `{}` counts there: {why}", module.name));
                continue;
            }
            let path = root.join("modules").join(format!("{}.{}", module.name, module.language.extension()));
            write(&path, &module.bytes)?;
            names.add(&path, module.name.clone());
            on_top.push(path);
        }
        let said = names.run(SEMODULE, |command: &mut Command| {
            command.arg("-p").arg(&root).args(["-s", STORE, "-n"]);
            if on_top.is_empty() {
                command.arg("-B");
            } else {
                command.args(["-X", &set.priority.to_string(), "-i"]).args(&on_top);
            }
        })?;
        if !said.success {
            let lacking = || lacking(&set, &files);
            bail!("semodule refuses {label}: {}", refusal::words(&said, &root, &set, lacking));
        }
        let policies = root.join("etc/selinux").join(STORE).join("policy");
        let policy = host::newest_policy(&policies).context("semodule wrote no policy")?;
        let bytes = read_at_most(&policy, u64::MAX - 1).context("cannot read what semodule built")?;
        // What libselinux would read instead of the text says the same, less well.
        for name in ["file_contexts.bin", "file_contexts.homedirs.bin", "file_contexts.local.bin"] {
            let _ = fs::remove_file(contexts_folder(&root).join(name));
        }
        notes.extend(refusal::warnings(&said));
        Ok(Built { source: PolicySource::built(bytes, label), file_contexts: file_contexts(&root), notes })
    }
}

/// Why a module that is put into a store does not count there.
fn out_of_force(store: &Store, module: &ModuleFile, priority: u16) -> Option<String> {
    let name = &module.name;
    if store.disabled.contains(name) {
        return Some(format!("it is disabled there; `semodule -e {name}` enables it"));
    }
    let highest = store.modules.iter().filter(|other| other.name == *name).map(|other| other.priority).max();
    let highest = highest.filter(|highest| *highest > priority)?;
    Some(format!(
        "that of priority {highest} hides one of priority {priority}; `semodule -X {highest} -r {name}` removes it"
    ))
}

/// Where the private root has file contexts.
fn contexts_folder(root: &Path) -> PathBuf {
    root.join("etc/selinux").join(STORE).join("contexts/files")
}

fn file_contexts(root: &Path) -> Option<PathBuf> {
    Some(contexts_folder(root).join("file_contexts")).filter(|file| file.is_file())
}

/// The file contexts that a store keeps: those put together from its modules, and what an administrator added.
fn contexts_of(store: &Store) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    let local = store.local.iter().filter(|name| *name == "file_contexts.local");
    for name in store.contexts.iter().chain(local) {
        if let Some(bytes) = store.file(name, &Limits::default())? {
            files.push((name.clone(), bytes));
        }
    }
    Ok(files)
}

/// A module as files of a store, in the order that semodule reads them.
fn module_files(module: &ModuleFile) -> [(String, Vec<u8>); 2] {
    let file = match module.language {
        Language::Pp => "hll",
        Language::Cil => "cil",
    };
    let place = |file: &str| format!("modules/100/{}/{file}", module.name);
    [
        (place(file), module.bytes.clone()),
        (place("lang_ext"), module.language.extension().as_bytes().to_vec()),
    ]
}

/// The files of a store that a policy comes from.
fn store_files(store: &Store, files: &mut Vec<(String, Vec<u8>)>) -> anyhow::Result<()> {
    let limits = Limits::default();
    for module in store.enabled() {
        let place = |file: &str| format!("modules/{:03}/{}/{file}", module.priority, module.name);
        match module.cil(&limits)? {
            Some(cil) => files.push((place("cil"), cil)),
            None => match module.hll(&limits)? {
                Some(own) => files.push((place(if module.language == "cil" { "cil" } else { "hll" }), own)),
                None => bail!("the module `{}` of the store has no content", module.name),
            },
        }
        files.push((place("lang_ext"), module.language.clone().into_bytes()));
    }
    for name in &store.local {
        if let Some(bytes) = store.file(name, &limits)? {
            files.push((name.clone(), bytes));
        }
    }
    Ok(())
}

/// What modules need outside optional blocks, or label, and neither they nor the modules below declare.
fn lacking(set: &ModuleSet, below: &[(String, Vec<u8>)]) -> Lacking {
    let read = |file: &ModuleFile| match file.language {
        Language::Pp => of_pp(&file.bytes),
        Language::Cil => of_cil(&file.bytes),
    };
    let on_top: Vec<Read> = set.modules.iter().map(read).collect();
    let below: Vec<Symbol> = below
        .iter()
        .flat_map(|(place, bytes)| match place.rsplit('/').next() {
            Some("cil") => of_cil(bytes).declared,
            Some("hll") => of_pp(bytes).declared,
            _ => Vec::new(),
        })
        .collect();
    let declared: HashSet<_> =
        on_top.iter().flat_map(|read| &read.declared).chain(&below).map(Symbol::key).collect();
    let required = on_top.iter().flat_map(|read| &read.required);
    let missing = required.filter(|symbol| !declared.contains(&symbol.key()));
    let symbols = missing.map(|symbol| format!("{} {}", symbol.word, symbol.name)).collect();
    let mut labels: Vec<String> = Vec::new();
    for context in set.modules.iter().flat_map(ModuleFile::contexts) {
        let is_known =
            context.split(':').nth(2).is_none_or(|name| declared.contains(&(SymbolKind::Type, name)));
        if !is_known && !labels.contains(&context) {
            labels.push(context);
        }
    }
    Lacking { symbols, labels }
}
