//! The modules of a store: text, and `sepolq.modules/1`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::{Output, Style};
use crate::inputs::Listed;

/// Modules, and what was asked of them.
pub(crate) struct ModulesAnswer<'a> {
    pub(crate) label: &'a str,
    pub(crate) modules: &'a [Listed],
    /// By position, why one will not load here.
    pub(crate) reasons: &'a BTreeMap<usize, Vec<String>>,
    /// A name, and the positions of the modules that declare it.
    pub(crate) declares: Option<(&'a str, &'a [usize])>,
    pub(crate) only_failing: bool,
}

impl ModulesAnswer<'_> {
    /// The positions of what is shown.
    fn shown(&self) -> Vec<usize> {
        match self.declares {
            Some((_, found)) => found.to_vec(),
            None if self.only_failing => self.reasons.keys().copied().collect(),
            None => (0..self.modules.len()).collect(),
        }
    }
}

/// What else is to be said of a module, in a few words.
fn remark(module: &Listed) -> String {
    match (module.is_disabled, module.in_its_place) {
        (true, _) => "disabled".to_owned(),
        (_, Some(priority)) => format!("out of force: priority {priority} counts"),
        _ => String::new(),
    }
}

/// Reasons of a module that are told one by one in text.
const REASONS: usize = 5;

/// Prints them.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn modules_as_text(answer: &ModulesAnswer<'_>, output: &mut Output) -> io::Result<()> {
    let shown = answer.shown();
    if !answer.only_failing && answer.declares.is_none() {
        let in_force = answer.modules.iter().filter(|module| module.symbols.is_in_force).count();
        let noun = if answer.modules.len() == 1 { "module" } else { "modules" };
        let text = format!("{}: {} {noun}, {in_force} in force\n", answer.label, answer.modules.len());
        output.styled(Style::Remark, text.as_bytes())?;
    }
    if !answer.only_failing && !shown.is_empty() {
        output.styled(Style::Keyword, b"priority  language  format  version     module\n")?;
        for &at in &shown {
            let module = &answer.modules[at];
            let or_dash =
                |text: Option<String>| text.filter(|text| !text.is_empty()).unwrap_or_else(|| "-".to_owned());
            let line = format!(
                "{:>8}  {:<8}  {:>6}  {:<10}  {}",
                or_dash(module.priority.map(|priority| priority.to_string())),
                or_dash(Some(policydb::Name::new(module.language.as_bytes()).to_string())),
                or_dash(module.format.map(|format| format.to_string())),
                or_dash(module.version.clone()),
                policydb::Name::new(module.symbols.name.as_bytes()),
            );
            output.text(line.as_bytes())?;
            if let Some((name, _)) = answer.declares {
                let symbols = module.symbols.declared.iter().filter(|symbol| symbol.name == name);
                let kinds: Vec<&str> = symbols.map(|symbol| symbol.word).collect();
                output.text(
                    format!("  {} {}", kinds.join(", "), policydb::Name::new(name.as_bytes())).as_bytes(),
                )?;
            }
            let remark = remark(module);
            if !remark.is_empty() {
                output.styled(Style::Off, format!("  {remark}").as_bytes())?;
            }
            output.text(b"\n")?;
        }
    }
    let failing: Vec<(&usize, &Vec<String>)> =
        answer.reasons.iter().filter(|(at, _)| shown.contains(at)).collect();
    if failing.is_empty() {
        return if answer.only_failing {
            output.text(b"nothing is known that keeps a module from loading\n")
        } else {
            Ok(())
        };
    }
    output.styled(Style::Denied, b"will not load here\n")?;
    for (at, reasons) in failing {
        output.text(
            format!("  {}\n", policydb::Name::new(answer.modules[*at].symbols.name.as_bytes())).as_bytes(),
        )?;
        for reason in reasons.iter().take(REASONS) {
            output.text(format!("    {}\n", policydb::Name::new(reason.as_bytes())).as_bytes())?;
        }
        let more = reasons.len().saturating_sub(REASONS);
        if more > 0 {
            output.styled(Style::Remark, format!("    … {more} more (all: --json)\n").as_bytes())?;
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    store: &'a str,
    declares: Option<&'a str>,
    modules: Vec<ModuleJson<'a>>,
}

#[derive(Serialize)]
struct ModuleJson<'a> {
    name: &'a str,
    priority: Option<u16>,
    language: &'a str,
    format: Option<u32>,
    version: Option<&'a str>,
    in_force: bool,
    disabled: bool,
    /// The priority of the module of that name that counts.
    in_its_place: Option<u16>,
    declared: BTreeMap<&'static str, Vec<&'a str>>,
    will_not_load: &'a [String],
}

/// Prints the object.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn modules_as_json(answer: &ModulesAnswer<'_>, output: &mut Output) -> io::Result<()> {
    let module = |at: usize| {
        let module = &answer.modules[at];
        let mut declared: BTreeMap<&'static str, Vec<&str>> = BTreeMap::new();
        for symbol in &module.symbols.declared {
            declared.entry(symbol.word).or_default().push(&symbol.name);
        }
        declared.values_mut().for_each(|names| names.sort_unstable());
        ModuleJson {
            name: &module.symbols.name,
            priority: module.priority,
            language: &module.language,
            format: module.format,
            version: module.version.as_deref(),
            in_force: module.symbols.is_in_force,
            disabled: module.is_disabled,
            in_its_place: module.in_its_place,
            declared,
            will_not_load: answer.reasons.get(&at).map_or(&[], Vec::as_slice),
        }
    };
    let document = Document {
        schema: "sepolq.modules/1",
        store: answer.label,
        declares: answer.declares.map(|(name, _)| name),
        modules: answer.shown().into_iter().map(module).collect(),
    };
    let writer = output.raw();
    serde_json::to_writer(&mut *writer, &document)?;
    writer.write_all(b"\n")
}
