//! What the modules of a store need of each other: symbols that one requires and no other declares keep it from being linked.

use std::collections::{BTreeMap, HashMap};

pub use module::{Symbol, SymbolKind};

/// A module, as far as others are concerned.
#[derive(Clone, Debug, Default)]
pub struct ModuleSymbols {
    /// Its name.
    pub name: String,
    /// Whether it counts: it is not switched off, and none of its name has a higher priority.
    pub is_in_force: bool,
    /// What it declares.
    pub declared: Vec<Symbol>,
    /// What it needs as a whole.
    pub required: Vec<Symbol>,
}

/// A symbol that a module needs, and that no module in force declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmet {
    /// It.
    pub symbol: Symbol,
    /// The module that declares it and does not count, if there is one.
    pub out_of_force: Option<String>,
}

/// What the modules in force lack, by their position. O(symbols).
pub fn unmet_needs(modules: &[ModuleSymbols]) -> BTreeMap<usize, Vec<Unmet>> {
    let mut declared: HashMap<(SymbolKind, &str), (bool, &str)> = HashMap::new();
    for module in modules {
        for symbol in &module.declared {
            let by = declared.entry(symbol.key()).or_insert((module.is_in_force, &module.name));
            if module.is_in_force && !by.0 {
                *by = (true, &module.name);
            }
        }
    }
    let mut lacking = BTreeMap::new();
    for (at, module) in modules.iter().enumerate().filter(|(_, module)| module.is_in_force) {
        let unmet = module.required.iter().filter_map(|symbol| match declared.get(&symbol.key()) {
            Some((true, _)) => None,
            Some((false, by)) => Some(Unmet { symbol: symbol.clone(), out_of_force: Some((*by).to_owned()) }),
            None => Some(Unmet { symbol: symbol.clone(), out_of_force: None }),
        });
        let unmet: Vec<Unmet> = unmet.collect();
        if !unmet.is_empty() {
            lacking.insert(at, unmet);
        }
    }
    lacking
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(name: &str, is_in_force: bool, declared: &[&str], required: &[&str]) -> ModuleSymbols {
        let types = |names: &[&str]| {
            let symbol =
                |name: &&str| Symbol { kind: SymbolKind::Type, word: "type", name: (*name).to_owned() };
            names.iter().map(symbol).collect()
        };
        ModuleSymbols {
            name: name.to_owned(),
            is_in_force,
            declared: types(declared),
            required: types(required),
        }
    }

    #[test]
    fn a_need_is_met_by_modules_in_force_only() {
        let modules = [
            module("a", true, &["a_t"], &["b_t", "c_t", "d_t"]),
            module("b", true, &["b_t"], &[]),
            module("c", false, &["c_t", "b_t"], &["never_t"]),
        ];
        let lacking = unmet_needs(&modules);
        assert_eq!(lacking.keys().collect::<Vec<_>>(), [&0]);
        let told: Vec<(&str, Option<&str>)> =
            lacking[&0].iter().map(|one| (one.symbol.name.as_str(), one.out_of_force.as_deref())).collect();
        assert_eq!(told, [("c_t", Some("c")), ("d_t", None)]);
    }

    #[test]
    fn kinds_are_name_spaces_of_their_own() {
        let mut needs_role = module("a", true, &[], &[]);
        needs_role.required.push(Symbol { kind: SymbolKind::Role, word: "role", name: "b".to_owned() });
        assert_eq!(unmet_needs(&[needs_role, module("b", true, &["b"], &[])]).len(), 1);
    }
}
