//! What modules state, against what the system's converter makes of them in CIL: every rule with plain names on its sides, every
//! type, attribute, boolean and membership.
//!
//! Left out: rules whose sets take types out or mean all but some, for which the converter invents attributes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use module::{Module, Package, Statement, SymbolKind, declared, required, statements};
use package::cil::{self, declarations};
use testkit::policies;

/// The converter, where distributions have it.
fn converter() -> Option<PathBuf> {
    let places = ["/usr/libexec/selinux/hll/pp", "/usr/lib/selinux/hll/pp", "/usr/lib64/selinux/hll/pp"];
    places.into_iter().map(PathBuf::from).find(|path| path.exists())
}

/// A line of CIL as its words.
fn words(line: &str) -> Vec<String> {
    line.replace(['(', ')'], " ").split_ascii_whitespace().map(str::to_owned).collect()
}

/// What is compared of a line: `allow SOURCE TARGET CLASS PERMS`, …
fn of_cil(cil: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in cil.lines() {
        let words = words(line);
        let [keyword, rest @ ..] = words.as_slice() else { continue };
        match keyword.as_str() {
            "allow" | "dontaudit" | "auditallow" => {
                if rest.iter().take(2).any(|name| name.contains("_typeattr_")) {
                    continue;
                }
                let [source, target, class, permissions @ ..] = rest else { continue };
                let mut permissions = permissions.to_vec();
                permissions.sort_unstable();
                found.insert(format!("{keyword} {source} {target} {class} {}", permissions.join(" ")));
            }
            "typetransition" | "typechange" | "typemember"
                if !rest.iter().any(|name| name.contains("_typeattr_")) =>
            {
                found.insert(format!("{keyword} {}", rest.join(" ")));
            }
            "type" | "typeattribute"
                if !rest.iter().any(|name| name.contains("_typeattr_") || name == "cil_gen_require") =>
            {
                found.insert(format!("{keyword} {}", rest.join(" ")));
            }
            "boolean" | "tunable" => {
                found.insert(format!("boolean {}", rest.join(" ")));
            }
            "typeattributeset" => {
                let [attribute, members @ ..] = rest else { continue };
                if attribute != "cil_gen_require" && !attribute.contains("_typeattr_") {
                    found.extend(members.iter().map(|member| format!("member {attribute} {member}")));
                }
            }
            _ => {}
        }
    }
    found
}

/// The same of our statements.
fn of_statements(statements: &[Statement]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for statement in statements {
        let is_plain = |names: &[String]| {
            !names.iter().any(|name| name.starts_with(['-', '~', '*'])) && !names.is_empty()
        };
        let last = || {
            let rest = statement.text.trim_end_matches(';').rsplit_once(':').map_or("", |(_, rest)| rest);
            rest.replace(['{', '}'], " ").split_ascii_whitespace().map(str::to_owned).collect::<Vec<String>>()
        };
        match statement.keyword {
            "allow" | "dontaudit" | "auditallow"
                if is_plain(&statement.sources) && is_plain(&statement.targets) =>
            {
                let mut words = last();
                let class = words.remove(0);
                words.sort_unstable();
                for source in &statement.sources {
                    for target in &statement.targets {
                        found.insert(format!(
                            "{} {source} {target} {class} {}",
                            statement.keyword,
                            words.join(" ")
                        ));
                    }
                }
            }
            "type_transition" | "type_change" | "type_member"
                if is_plain(&statement.sources) && is_plain(&statement.targets) =>
            {
                let keyword = statement.keyword.replace('_', "");
                let words = last();
                // CIL has the file name before the result.
                let (class, default) = (&words[0], &words[1]);
                let name = words.get(2).map_or_else(String::new, |name| format!("{name} "));
                for source in &statement.sources {
                    for target in &statement.targets {
                        found.insert(format!("{keyword} {source} {target} {class} {name}{default}"));
                    }
                }
            }
            "type" => {
                found.insert(format!("type {}", statement.sources[0]));
            }
            "attribute" => {
                found.insert(format!("typeattribute {}", statement.sources[0]));
            }
            "bool" | "tunable" => {
                let state = statement.text.trim_end_matches(';').rsplit(' ').next().expect("a state");
                found.insert(format!("boolean {} {state}", statement.sources[0]));
            }
            "typeattribute" => {
                found.insert(format!("member {} {}", statement.targets[0], statement.sources[0]));
            }
            _ => {}
        }
    }
    found
}

fn compare(converter: &Path, path: &Path) -> usize {
    let bytes = std::fs::read(path).expect("a module");
    let package = Package::parse(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let output = Command::new(converter).arg(path).output().expect("the converter runs");
    assert!(output.status.success(), "{}: {}", path.display(), String::from_utf8_lossy(&output.stderr));
    let expected = of_cil(&String::from_utf8_lossy(&output.stdout));
    let found = of_statements(&statements(&package.module));
    compare_names(&package.module, &output.stdout, path);
    // The converter turns sets of several names into attributes in some places, and lists them in others.
    let missing: Vec<&String> = expected.difference(&found).collect();
    assert!(missing.is_empty(), "{}: not stated: {:#?}", path.display(), &missing[..missing.len().min(5)]);
    expected.len()
}

/// What a module declares, and what it requires outside of optional blocks: types and roles, which CIL lists as well.
fn compare_names(module: &Module<'_>, cil: &[u8], path: &Path) {
    let told = |kind: SymbolKind| kind == SymbolKind::Type || kind == SymbolKind::Role;
    let is_own = |name: &str| {
        name.starts_with("cil_gen_require") || name.contains("_typeattr_") || name.contains("_roleattr_")
    };
    let expected: BTreeSet<(SymbolKind, String)> = declarations(cil)
        .map(|declaration| declaration.expect("CIL of the converter"))
        .filter_map(|declaration| {
            let kind = match declaration.kind {
                cil::Kind::Type | cil::Kind::TypeAttribute | cil::Kind::TypeAlias => SymbolKind::Type,
                cil::Kind::Role | cil::Kind::RoleAttribute => SymbolKind::Role,
                _ => return None,
            };
            (!is_own(&declaration.name)).then_some((kind, declaration.name))
        })
        .collect();
    let found: BTreeSet<(SymbolKind, String)> = declared(module)
        .into_iter()
        .filter(|symbol| told(symbol.kind))
        .map(|symbol| (symbol.kind, symbol.name))
        .collect();
    // The converter declares of itself what every policy has; and some roles only in a base module, which others declare too.
    let is_told = |(kind, name): &&(SymbolKind, String)| *kind != SymbolKind::Role || !name.ends_with("_r");
    let differences: Vec<_> = expected.symmetric_difference(&found).filter(is_told).collect();
    assert!(differences.is_empty(), "{}: declared otherwise: {differences:?}", path.display());
    let mut outside = BTreeSet::new();
    let mut depth = 0i64;
    for line in String::from_utf8_lossy(cil).lines() {
        let words = words(line);
        let kind = match words.first().map(String::as_str) {
            Some("typeattributeset") => Some(SymbolKind::Type),
            Some("roleattributeset") => Some(SymbolKind::Role),
            _ => None,
        };
        if let (0, Some(kind), Some("cil_gen_require")) = (depth, kind, words.get(1).map(String::as_str)) {
            outside.extend(words.iter().skip(2).map(|name| (kind, name.clone())));
        }
        depth += line.matches('(').count() as i64 - line.matches(')').count() as i64;
    }
    let found: BTreeSet<(SymbolKind, String)> = required(module)
        .into_iter()
        .filter(|symbol| told(symbol.kind))
        .map(|symbol| (symbol.kind, symbol.name))
        .collect();
    let differences: Vec<_> = outside.symmetric_difference(&found).collect();
    assert!(differences.is_empty(), "{}: required otherwise: {differences:?}", path.display());
}

#[test]
fn statements_are_those_of_the_converter() {
    let Some(converter) = converter() else {
        return testkit::leave_out(&testkit::Error::Reference(
            "the converter of modules is not installed".to_owned(),
        ));
    };
    let folder = policies::modules("default");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        return testkit::leave_out(&testkit::Error::NoPolicy { path: folder });
    };
    let paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    let compared: usize = paths.iter().map(|path| compare(&converter, path)).sum();
    assert!(paths.len() > 300 && compared > 100_000, "{} modules, {compared} statements", paths.len());
}
