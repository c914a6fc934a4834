//! What changed between two modules: text, and `sepolq.module_diff/1`.

use std::io::{self, Write};

use analysis::diff::modules::{Condition, ModuleChanges, RuleChange, RuleKey};
use module::Package;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Output, Style};
use crate::inputs::ModuleFile;

/// Two sets of modules, and what changed.
pub(crate) struct ModuleDiffAnswer<'a> {
    /// What the user called them.
    pub(crate) labels: [&'a str; 2],
    pub(crate) modules: &'a [ComparedModule<'a>],
    /// Lines of a section that are printed.
    pub(crate) limit: usize,
}

/// A module of one side, or of both.
pub(crate) struct ComparedModule<'a> {
    pub(crate) files: [Option<&'a ModuleFile>; 2],
    /// None for CIL.
    pub(crate) packages: [Option<Package<'a>>; 2],
    pub(crate) change: ModuleChange,
}

/// What became of a module.
#[derive(Debug)]
pub(crate) enum ModuleChange {
    Added,
    Removed,
    Same,
    /// Perhaps only in names by alias.
    Changed(Box<ModuleChanges>),
    /// It has other bytes, and what they state is not compared.
    Unread,
}

impl ModuleChange {
    /// Whether nothing changed; renames by alias are no change.
    pub(crate) fn is_none(&self) -> bool {
        match self {
            ModuleChange::Same => true,
            ModuleChange::Changed(changes) => changes.is_empty(),
            _ => false,
        }
    }

    const fn word(&self) -> &'static str {
        match self {
            ModuleChange::Added => "added",
            ModuleChange::Removed => "removed",
            ModuleChange::Same => "same",
            ModuleChange::Changed(_) => "changed",
            ModuleChange::Unread => "not_compared",
        }
    }
}

impl ComparedModule<'_> {
    /// The name and the version of one side, as text that is safe to print.
    fn title(&self, at: usize) -> String {
        match (&self.packages[at], self.files[at]) {
            (Some(package), _) => {
                let found = package.module.name_and_version;
                found.map_or_else(|| "(base)".to_owned(), |(name, version)| format!("{name} {version}"))
            }
            (None, Some(file)) => format!("{} (CIL)", file.name),
            (None, None) => String::new(),
        }
    }
}

/// A rule with what it gives.
fn rule_text(key: &RuleKey, gives: &[String]) -> String {
    let gives = match gives {
        [one] => one.clone(),
        several => format!("{{ {} }}", several.join(" ")),
    };
    format!("{} {} {}:{} {gives};", key.keyword, key.source, key.target, key.class)
}

/// The lines of a change of rules: what moved behind a condition, what is new, what is gone.
fn rule_lines(change: &RuleChange) -> Vec<(Style, String)> {
    let mut lines = Vec::new();
    let moved = change.moved();
    for (gives, before, now) in &moved {
        let text = rule_text(&change.key, gives);
        lines.push((Style::Off, format!("~ {text}  [ {before} → {now} ]")));
    }
    let rest = |gives: &[String]| -> Vec<String> {
        gives.iter().filter(|one| !moved.iter().any(|(both, ..)| both.contains(one))).cloned().collect()
    };
    for (sign, style, side) in [("+", Style::Granted, &change.added), ("-", Style::Denied, &change.removed)] {
        for (condition, gives) in side {
            let gives = rest(gives);
            if !gives.is_empty() {
                let when = if condition.is_always() { String::new() } else { format!("  [ {condition} ]") };
                lines.push((style, format!("{sign} {}{when}", rule_text(&change.key, &gives))));
            }
        }
    }
    lines
}

/// Prints what changed.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn module_diff_as_text(answer: &ModuleDiffAnswer<'_>, output: &mut Output) -> io::Result<()> {
    output.text(format!("{} → {}\n", answer.labels[0], answer.labels[1]).as_bytes())?;
    output.styled(
        Style::Remark,
        b"without a base: by what the modules declare and state themselves (`--base STORE` tells what they grant)\n",
    )?;
    let is_one = answer.modules.len() == 1;
    for module in
        answer.modules.iter().filter(|module| is_one || !matches!(module.change, ModuleChange::Same))
    {
        let title = match (module.files[0].is_some(), module.files[1].is_some()) {
            (true, true) => format!("module {} → {}", module.title(0), module.title(1)),
            (true, false) => format!("- module {}", module.title(0)),
            _ => format!("+ module {}", module.title(1)),
        };
        output.styled(Style::Keyword, title.as_bytes())?;
        output.text(b"\n")?;
        match &module.change {
            ModuleChange::Changed(changes) => changes_as_text(changes, answer.limit, output)?,
            ModuleChange::Same => output.text(b"no change\n")?,
            ModuleChange::Unread => output.text(
                b"  it has other text; what CIL states is compared only with a base (`--base STORE`)\n",
            )?,
            ModuleChange::Added | ModuleChange::Removed => {}
        }
    }
    if !is_one {
        let same = answer.modules.iter().filter(|module| module.change.is_none()).count();
        let changed = answer.modules.len().saturating_sub(same);
        let text = format!("{changed} of {} modules changed\n", answer.modules.len());
        output.styled(Style::Remark, text.as_bytes())?;
    }
    Ok(())
}

fn changes_as_text(changes: &ModuleChanges, limit: usize, output: &mut Output) -> io::Result<()> {
    for (before, now) in &changes.renamed {
        let text = format!("  renamed, which changes nothing: {before} → {now}\n");
        output.styled(Style::Remark, text.as_bytes())?;
    }
    if changes.is_empty() {
        return output.text(b"no change\n");
    }
    let mut declared: Vec<(Style, String)> = Vec::new();
    declared.extend(changes.declared.iter().map(|text| (Style::Granted, format!("+ {text}"))));
    declared.extend(changes.no_longer_declared.iter().map(|text| (Style::Denied, format!("- {text}"))));
    section("declared", declared, limit, output)?;
    let word = |state: bool| if state { "on" } else { "off" };
    let flipped = changes.defaults.iter().map(|(name, state)| {
        (Style::Off, format!("~ {name} is {} by default, and was {}", word(*state), word(!state)))
    });
    section("booleans", flipped.collect(), limit, output)?;
    section("rules", changes.rules.iter().flat_map(rule_lines).collect(), limit, output)?;
    let line = |sign: &str, style, (title, text): &(&'static str, String)| {
        (style, format!("{sign} {}  # {title}", policydb::Name::new(text.as_bytes())))
    };
    let mut lines: Vec<(Style, String)> = Vec::new();
    lines.extend(changes.lines_added.iter().map(|one| line("+", Style::Granted, one)));
    lines.extend(changes.lines_removed.iter().map(|one| line("-", Style::Denied, one)));
    section("beside the module", lines, limit, output)
}

fn section(title: &str, lines: Vec<(Style, String)>, limit: usize, output: &mut Output) -> io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    output.styled(Style::Keyword, format!("{title}\n").as_bytes())?;
    let more = lines.len().saturating_sub(limit);
    for (style, line) in lines.into_iter().take(limit) {
        output.styled(style, format!("  {line}").as_bytes())?;
        output.text(b"\n")?;
    }
    if more > 0 {
        output.styled(Style::Remark, format!("  … {more} more\n").as_bytes())?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    old: &'a str,
    new: &'a str,
    same: bool,
    modules: Vec<ComparedJson<'a>>,
}

#[derive(Serialize)]
struct ComparedJson<'a> {
    change: &'static str,
    old: Option<ModuleJson>,
    new: Option<ModuleJson>,
    /// Null where the modules were not compared by what they state.
    changes: Option<ChangesJson<'a>>,
}

#[derive(Serialize)]
struct ModuleJson {
    sha256: String,
    name: String,
    version: Option<String>,
    format: Option<u32>,
}

#[derive(Serialize)]
struct ChangesJson<'a> {
    renamed: Vec<[&'a str; 2]>,
    declared: &'a [String],
    no_longer_declared: &'a [String],
    defaults: Vec<DefaultJson<'a>>,
    rules: Vec<RuleJson<'a>>,
    lines_added: Vec<LineJson<'a>>,
    lines_removed: Vec<LineJson<'a>>,
}

#[derive(Serialize)]
struct DefaultJson<'a> {
    boolean: &'a str,
    state: bool,
}

#[derive(Serialize)]
struct RuleJson<'a> {
    keyword: &'static str,
    source: &'a str,
    target: &'a str,
    class: &'a str,
    added: Vec<GivesJson<'a>>,
    removed: Vec<GivesJson<'a>>,
}

#[derive(Serialize)]
struct GivesJson<'a> {
    gives: &'a [String],
    /// The condition under which; null for what always holds.
    condition: Option<ConditionJson<'a>>,
}

#[derive(Serialize)]
struct ConditionJson<'a> {
    /// Over booleans; null in an optional block without one.
    expression: Option<&'a str>,
    branch: Option<bool>,
    optional: Option<OptionalJson<'a>>,
}

#[derive(Serialize)]
struct OptionalJson<'a> {
    requires: &'a [String],
    #[serde(rename = "else")]
    is_else: bool,
}

#[derive(Serialize)]
struct LineJson<'a> {
    section: &'static str,
    line: &'a str,
}

/// Prints the object.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn module_diff_as_json(answer: &ModuleDiffAnswer<'_>, output: &mut Output) -> io::Result<()> {
    let modules = answer.modules.iter().map(|module| ComparedJson {
        change: if module.change.is_none() { "same" } else { module.change.word() },
        old: module_json(module, 0),
        new: module_json(module, 1),
        changes: match &module.change {
            ModuleChange::Changed(changes) => Some(changes_json(changes)),
            _ => None,
        },
    });
    let document = Document {
        schema: "sepolq.module_diff/1",
        old: answer.labels[0],
        new: answer.labels[1],
        same: answer.modules.iter().all(|module| module.change.is_none()),
        modules: modules.collect(),
    };
    let writer = output.raw();
    serde_json::to_writer(&mut *writer, &document)?;
    writer.write_all(b"\n")
}

fn module_json(module: &ComparedModule<'_>, at: usize) -> Option<ModuleJson> {
    let file = module.files[at]?;
    let package = module.packages[at].as_ref();
    let version = package.and_then(|package| package.module.name_and_version);
    Some(ModuleJson {
        sha256: format!("{:x}", Sha256::digest(&file.bytes)),
        name: file.name.clone(),
        version: version.map(|(_, version)| version.to_string()),
        format: package.map(|package| package.module.format),
    })
}

fn changes_json(changes: &ModuleChanges) -> ChangesJson<'_> {
    fn gives(side: &[(Condition, Vec<String>)]) -> Vec<GivesJson<'_>> {
        side.iter()
            .map(|(condition, gives)| GivesJson {
                gives,
                condition: (!condition.is_always()).then(|| ConditionJson {
                    expression: condition.boolean.as_ref().map(|(text, _)| text.as_str()),
                    branch: condition.boolean.as_ref().map(|(_, branch)| *branch),
                    optional: condition.optional.as_ref().map(|optional| OptionalJson {
                        requires: &optional.requires,
                        is_else: optional.is_else,
                    }),
                }),
            })
            .collect()
    }
    fn rule(change: &RuleChange) -> RuleJson<'_> {
        let RuleKey { keyword, source, target, class } = &change.key;
        let (added, removed) = (gives(&change.added), gives(&change.removed));
        RuleJson { keyword, source, target, class, added, removed }
    }
    fn line<'a>((section, line): &'a (&'static str, String)) -> LineJson<'a> {
        LineJson { section, line }
    }
    ChangesJson {
        renamed: changes.renamed.iter().map(|(before, now)| [before.as_str(), now.as_str()]).collect(),
        declared: &changes.declared,
        no_longer_declared: &changes.no_longer_declared,
        defaults: changes
            .defaults
            .iter()
            .map(|(boolean, state)| DefaultJson { boolean, state: *state })
            .collect(),
        rules: changes.rules.iter().map(rule).collect(),
        lines_added: changes.lines_added.iter().map(line).collect(),
        lines_removed: changes.lines_removed.iter().map(line).collect(),
    }
}
