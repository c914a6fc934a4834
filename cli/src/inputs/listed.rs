//! Every module of a store, a package or a file, read: what `modules` tells of them.

use std::collections::HashMap;

use analysis::modules::{ModuleSymbols, Symbol, SymbolKind};
use module::{Package, declared, required};
use package::cil::{self, declarations};
use package::{Limits, Store, StoredModule};
use rayon::prelude::*;

use crate::threads;

use super::{Input, Language, ModuleFile, ModuleSet};

/// A module as it was found.
pub(crate) struct Listed {
    /// Its priority in the store, if it is in one.
    pub(crate) priority: Option<u16>,
    /// What it is written in: `pp`, `cil`, or another that the system has a converter for.
    pub(crate) language: String,
    /// The version that its author gave, where the language has one.
    pub(crate) version: Option<String>,
    /// The version of the format of a `pp`.
    pub(crate) format: Option<u32>,
    /// Whether it is switched off.
    pub(crate) is_disabled: bool,
    /// The priority of the module of that name that counts in its place.
    pub(crate) in_its_place: Option<u16>,
    /// Its name, and what it declares and needs.
    pub(crate) symbols: ModuleSymbols,
    /// What kept it from being read.
    pub(crate) problem: Option<String>,
}

/// What a module is, from its bytes.
#[derive(Default)]
pub(super) struct Read {
    version: Option<String>,
    format: Option<u32>,
    pub(super) declared: Vec<Symbol>,
    pub(super) required: Vec<Symbol>,
    problem: Option<String>,
}

/// The modules of an input, by name and then by priority; none of a policy.
///
/// # Errors
/// No thread can be used.
pub(crate) fn listed(input: &Input) -> anyhow::Result<Vec<Listed>> {
    match input {
        Input::Policy(_) => Ok(Vec::new()),
        Input::Modules(set) => of_set(set),
        Input::Store(_, store) => of_store(store),
    }
}

fn of_set(set: &ModuleSet) -> anyhow::Result<Vec<Listed>> {
    let list = |file: &ModuleFile| {
        let read = match file.language {
            Language::Pp => of_pp(&file.bytes),
            Language::Cil => of_cil(&file.bytes),
        };
        Listed {
            priority: None,
            language: file.language.extension().to_owned(),
            version: read.version,
            format: read.format,
            is_disabled: false,
            in_its_place: None,
            symbols: ModuleSymbols {
                name: file.name.clone(),
                is_in_force: true,
                declared: read.declared,
                required: read.required,
            },
            problem: read.problem,
        }
    };
    threads::spread(None, || set.modules.par_iter().map(list).collect())
}

fn of_store(store: &Store) -> anyhow::Result<Vec<Listed>> {
    let highest: HashMap<&str, u16> =
        store.modules.iter().map(|module| (module.name.as_str(), module.priority)).collect();
    let list = |module: &StoredModule| {
        // They are sorted by name and priority.
        let highest = highest.get(module.name.as_str()).copied();
        let in_its_place = highest.filter(|highest| *highest > module.priority);
        let is_disabled = store.disabled.binary_search(&module.name).is_ok();
        let read = read_stored(module);
        Listed {
            priority: Some(module.priority),
            language: module.language.clone(),
            version: read.version,
            format: read.format,
            is_disabled,
            in_its_place,
            symbols: ModuleSymbols {
                name: module.name.clone(),
                is_in_force: !is_disabled && in_its_place.is_none(),
                declared: read.declared,
                required: read.required,
            },
            problem: read.problem,
        }
    };
    threads::spread(None, || store.modules.par_iter().map(list).collect())
}

/// Reads a module of a store: the compiled one tells everything; its CIL tells what it declares.
fn read_stored(module: &StoredModule) -> Read {
    let limits = Limits::default();
    let failed = |error: package::Error| Read { problem: Some(error.to_string()), ..Read::default() };
    match module.hll(&limits) {
        Ok(Some(bytes)) if Package::is_one(&bytes) => return of_pp(&bytes),
        Ok(Some(bytes)) if module.language == "cil" => return of_cil(&bytes),
        Ok(_) => {}
        Err(error) => return failed(error),
    }
    match module.cil(&limits) {
        Ok(Some(bytes)) => of_cil(&bytes),
        Ok(None) => Read { problem: Some("the store has no content of it".to_owned()), ..Read::default() },
        Err(error) => failed(error),
    }
}

/// Reads a compiled module.
pub(super) fn of_pp(bytes: &[u8]) -> Read {
    let package = match Package::parse(bytes) {
        Ok(package) => package,
        Err(error) => return Read { problem: Some(error.to_string()), ..Read::default() },
    };
    Read {
        version: package.module.name_and_version.map(|(_, version)| version.to_string()),
        format: Some(package.module.format),
        declared: declared(&package.module),
        required: required(&package.module),
        problem: None,
    }
}

/// Reads a module in CIL.
pub(super) fn of_cil(bytes: &[u8]) -> Read {
    let mut read = Read::default();
    for declaration in declarations(bytes) {
        match declaration {
            Ok(declaration) => read.declared.extend(kind_of(declaration.kind).map(|(kind, word)| Symbol {
                kind,
                word,
                name: declaration.name,
            })),
            Err(error) => read.problem = Some(format!("its CIL cannot be read: {error}")),
        }
    }
    read
}

/// The name space of what CIL declares, and what it is there.
fn kind_of(kind: cil::Kind) -> Option<(SymbolKind, &'static str)> {
    Some(match kind {
        cil::Kind::Type => (SymbolKind::Type, "type"),
        cil::Kind::TypeAttribute => (SymbolKind::Type, "attribute"),
        cil::Kind::TypeAlias => (SymbolKind::Type, "alias"),
        cil::Kind::Boolean => (SymbolKind::Boolean, "boolean"),
        cil::Kind::Tunable => (SymbolKind::Boolean, "tunable"),
        cil::Kind::Role => (SymbolKind::Role, "role"),
        cil::Kind::RoleAttribute => (SymbolKind::Role, "attribute_role"),
        cil::Kind::User => (SymbolKind::User, "user"),
        cil::Kind::Class => (SymbolKind::Class, "class"),
        cil::Kind::Common => (SymbolKind::Common, "common"),
        cil::Kind::Sensitivity | cil::Kind::SensitivityAlias => (SymbolKind::Sensitivity, "sensitivity"),
        cil::Kind::Category | cil::Kind::CategoryAlias => (SymbolKind::Category, "category"),
        cil::Kind::UserAttribute => return None,
    })
}
