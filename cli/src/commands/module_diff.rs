//! `diff` of policy modules, by what they declare and state: two modules, or the modules of two packages, name by name.

use std::collections::BTreeMap;

use analysis::diff::modules::module_changes;
use anyhow::{Context, bail};
use module::Package;

use crate::args::{DiffArgs, Global};
use crate::inputs::{Language, ModuleFile, ModuleSet};
use crate::render::{
    ComparedModule, ModuleChange, ModuleDiffAnswer, Output, module_diff_as_json, module_diff_as_text,
};
use crate::status::Status;

/// Answers the question.
pub(super) fn run(
    global: &Global,
    args: &DiffArgs,
    old: &ModuleSet,
    new: &ModuleSet,
) -> anyhow::Result<Status> {
    for (option, given) in [
        ("--domain", !args.domains.is_empty()),
        ("--causes", args.causes),
        ("--complete", args.complete),
        ("--reach", args.reach),
        ("--file-contexts", !args.file_contexts.is_empty()),
        ("--fail-on", args.fail_on.is_some()),
        ("--format", args.format.is_some()),
        ("--html", args.html.is_some()),
    ] {
        if given {
            bail!(
                "`{option}` takes two policies: modules alone do not say what is granted\nhelp: `--base STORE` puts each into a copy of a module store, such as /var/lib/selinux/targeted, and compares the policies"
            );
        }
    }
    let mut modules = Vec::new();
    for (old, new) in pairs(old, new) {
        modules.push(compare(old, new)?);
    }
    let same = modules.iter().all(|module| module.change.is_none());
    let answer = ModuleDiffAnswer {
        labels: [&old.label, &new.label],
        modules: &modules,
        limit: args.limit.filter(|limit| *limit > 0).unwrap_or(usize::MAX),
    };
    let status = if same { Status::Found } else { Status::NothingFound };
    Output::answer(global.color, status, |output| {
        if args.json { module_diff_as_json(&answer, output) } else { module_diff_as_text(&answer, output) }
    })
}

/// Which modules are compared with which: those of one name. Two files with one module each are a pair whatever they are called.
fn pairs<'m>(
    old: &'m ModuleSet,
    new: &'m ModuleSet,
) -> Vec<(Option<&'m ModuleFile>, Option<&'m ModuleFile>)> {
    if let ([old], [new]) = (old.modules.as_slice(), new.modules.as_slice()) {
        return vec![(Some(old), Some(new))];
    }
    let mut by_name: BTreeMap<&str, (Option<&ModuleFile>, Option<&ModuleFile>)> = BTreeMap::new();
    for module in &old.modules {
        by_name.entry(&module.name).or_default().0 = Some(module);
    }
    for module in &new.modules {
        by_name.entry(&module.name).or_default().1 = Some(module);
    }
    by_name.into_values().collect()
}

/// What changed between two modules.
fn compare<'m>(
    old: Option<&'m ModuleFile>,
    new: Option<&'m ModuleFile>,
) -> anyhow::Result<ComparedModule<'m>> {
    let parse = |file: &'m ModuleFile| -> anyhow::Result<Option<Package<'m>>> {
        match file.language {
            Language::Cil => Ok(None),
            Language::Pp => Package::parse(&file.bytes)
                .map(Some)
                .with_context(|| format!("cannot use the module `{}`", file.name)),
        }
    };
    let change = match (old, new) {
        (Some(_), None) => ModuleChange::Removed,
        (None, _) => ModuleChange::Added,
        (Some(old), Some(new)) if old.bytes == new.bytes => ModuleChange::Same,
        (Some(old), Some(new)) => match (parse(old)?, parse(new)?) {
            (Some(old), Some(new)) => {
                let changes = module_changes(&old, &new);
                if changes.is_empty() && changes.renamed.is_empty() {
                    ModuleChange::Same
                } else {
                    ModuleChange::Changed(Box::new(changes))
                }
            }
            // What CIL states is not read here.
            _ => ModuleChange::Unread,
        },
    };
    let package = |file: Option<&'m ModuleFile>| file.map(parse).transpose().map(Option::flatten);
    Ok(ComparedModule { files: [old, new], packages: [package(old)?, package(new)?], change })
}
