//! `modules`: what is in a module store, which module declares a symbol, and which modules will not load here.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use analysis::modules::unmet_needs;
use analysis::nearest;
use anyhow::{Context, bail};
use policydb::{Name, Policy};

use crate::args::{Global, ModulesArgs};
use crate::inputs::{Input, Listed, has_converter, installed_store, is_module_name, listed, refused_formats};
use crate::render::{ModulesAnswer, Output, modules_as_json, modules_as_text};
use crate::status::{self, Status};

/// Answers the question.
pub(crate) fn run(global: &Global, args: &ModulesArgs) -> anyhow::Result<Status> {
    let input = match &args.store {
        Some(path) => Input::open(path)?,
        None => {
            let path = installed_store(Path::new("/"));
            if !path.is_dir() {
                bail!(
                    "this system has no module store: there is no `{}`\nhelp: name one, or a package: `sepolq modules STORE`",
                    path.display()
                );
            }
            Input::open(&path)?
        }
    };
    if let Input::Policy(source) = &input {
        // What is no policy either says so itself.
        Policy::parse(source)
            .with_context(|| format!("`{}` is no module store, no package and no module", source.label))?;
        bail!(
            "`{}` is a policy, in which modules cannot be told apart any more\nhelp: name a module store, such as /var/lib/selinux/targeted, or a package",
            source.label
        );
    }
    if let Input::Store(_, store) = &input {
        for problem in &store.problems {
            let path = Name::new(problem.path.as_os_str().as_encoded_bytes()).to_string();
            status::note(&format!("`{path}` cannot be read: {}", problem.why));
        }
    }
    let modules = listed(&input)?;
    let reasons = reasons(&input, &modules)?;
    let declaring = args.declares.as_ref().map(|name| declaring(&modules, name)).transpose()?;
    let answer = ModulesAnswer {
        label: input.label(),
        modules: &modules,
        reasons: &reasons,
        declares: args.declares.as_deref().zip(declaring.as_deref()),
        only_failing: args.failing,
    };
    let found = if args.failing { !reasons.is_empty() } else { !modules.is_empty() };
    let status = if found { Status::Found } else { Status::NothingFound };
    Output::answer(global.color, status, |output| {
        if args.json { modules_as_json(&answer, output) } else { modules_as_text(&answer, output) }
    })
}

/// What is in the store of the system below `root`, and what will not load here.
pub(crate) struct StoreHealth {
    /// Modules in force.
    pub(crate) in_force: usize,
    /// Modules that are switched off.
    pub(crate) disabled: Vec<String>,
    /// Names of modules in force, and why they will not load.
    pub(crate) failing: Vec<(String, Vec<String>)>,
    /// What could not be read: then what is missing may be there.
    pub(crate) unread: Vec<String>,
}

impl StoreHealth {
    /// Looks at the store; nothing if the system has none.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn of_system(root: &Path) -> anyhow::Result<Option<Self>> {
        let path = installed_store(root);
        match fs::read_dir(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                bail!("only root may read the module store `{}`", path.display());
            }
            _ => {}
        }
        let input = Input::open(&path)?;
        let modules = listed(&input)?;
        let unread: Vec<String> = match &input {
            Input::Store(_, store) => store.problems.iter().map(|problem| problem.why.clone()).collect(),
            _ => Vec::new(),
        };
        let names = |keep: &dyn Fn(&Listed) -> bool| -> Vec<String> {
            modules.iter().filter(|module| keep(module)).map(|module| module.symbols.name.clone()).collect()
        };
        let mut disabled = names(&|module| module.is_disabled);
        disabled.dedup();
        // Where something could not be read, what a module needs may be in it.
        let reasons = if unread.is_empty() { reasons(&input, &modules)? } else { BTreeMap::new() };
        let failing = reasons
            .into_iter()
            .filter_map(|(at, reasons)| Some((modules.get(at)?.symbols.name.clone(), reasons)));
        Ok(Some(StoreHealth {
            in_force: names(&|module| module.symbols.is_in_force).len(),
            disabled,
            failing: failing.collect(),
            unread,
        }))
    }
}

/// The modules that declare a name, by position.
fn declaring(modules: &[Listed], name: &str) -> anyhow::Result<Vec<usize>> {
    let declares = |module: &Listed| module.symbols.declared.iter().any(|symbol| symbol.name == name);
    let found: Vec<usize> = (0..modules.len()).filter(|at| declares(&modules[*at])).collect();
    if found.is_empty() {
        let all =
            modules.iter().flat_map(|module| &module.symbols.declared).map(|symbol| symbol.name.clone());
        let near: Vec<String> = nearest(name, all).iter().map(|name| format!("`{name}`")).collect();
        let help = if near.is_empty() {
            String::new()
        } else {
            format!("\nhelp: did you mean {}?", near.join(" or "))
        };
        bail!("no module declares `{}`{help}", Name::new(name.as_bytes()));
    }
    Ok(found)
}

/// Why modules in force will not load here, by position.
fn reasons(input: &Input, modules: &[Listed]) -> anyhow::Result<BTreeMap<usize, Vec<String>>> {
    let mut reasons: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let in_force = || modules.iter().enumerate().filter(|(_, module)| module.symbols.is_in_force);
    for (at, module) in in_force() {
        let reasons = reasons.entry(at).or_default();
        reasons.extend(module.problem.clone());
        if !is_module_name(&module.symbols.name) {
            reasons.push("its name is none that semodule accepts: it refuses the whole store".to_owned());
        }
        if !["pp", "cil"].contains(&module.language.as_str()) && !has_converter(&module.language) {
            let language = Name::new(module.language.as_bytes());
            reasons.push(format!("its language is `{language}`, for which this system has no converter"));
        }
    }
    let mut one_each: BTreeMap<u32, Vec<u8>> = BTreeMap::new();
    for format in in_force().filter_map(|(_, module)| module.format) {
        if !one_each.contains_key(&format) {
            one_each.extend(input.one_of_format(modules, format).map(|bytes| (format, bytes)));
        }
    }
    let borrowed = one_each.iter().map(|(format, bytes)| (*format, bytes.as_slice())).collect();
    match refused_formats(&borrowed) {
        Ok(Some(refused)) => {
            for (at, module) in in_force() {
                let why = module.format.and_then(|format| refused.get(&format));
                reasons.entry(at).or_default().extend(why.cloned());
            }
        }
        Err(error) => {
            let why = status::message(&error);
            status::note(&format!(
                "whether this system reads the format of the modules is not checked: {why}"
            ));
        }
        Ok(None) if !one_each.is_empty() => {
            status::note(
                "whether this system reads the format of the modules is not checked: it has no converter (policycoreutils)",
            );
        }
        Ok(None) => {}
    }
    // A module alone needs what the store has into which it is put.
    let is_whole = match input {
        Input::Store(..) => true,
        Input::Modules(set) => set.is_whole(),
        Input::Policy(_) => false,
    };
    if is_whole {
        let symbols: Vec<_> = modules.iter().map(|module| module.symbols.clone()).collect();
        for (at, unmet) in unmet_needs(&symbols) {
            let told = unmet.iter().map(|one| match &one.out_of_force {
                Some(module) => {
                    format!(
                        "needs {} {}, which only {module} declares, and that is out of force",
                        one.symbol.word, one.symbol.name
                    )
                }
                None => format!("needs {} {}, which no module declares", one.symbol.word, one.symbol.name),
            });
            reasons.entry(at).or_default().extend(told);
        }
    }
    reasons.retain(|_, reasons| !reasons.is_empty());
    Ok(reasons)
}
