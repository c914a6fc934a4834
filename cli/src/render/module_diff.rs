//! What changed between two modules: text, and `sepolq.module_diff/1`.

use std::io::{self, Write};

use analysis::diff::modules::{Condition, ModuleChanges, RuleChange, RuleKey};
use module::Package;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Output, Style};

/// Two modules, and what changed.
pub(crate) struct ModuleDiffAnswer<'a, 'p> {
    pub(crate) paths: [String; 2],
    pub(crate) bytes: [&'a [u8]; 2],
    pub(crate) packages: [&'a Package<'p>; 2],
    pub(crate) changes: &'a ModuleChanges,
    /// Lines of a section that are printed.
    pub(crate) limit: usize,
}

fn name(package: &Package<'_>) -> (String, String) {
    let found = package.module.name_and_version;
    found.map_or_else(
        || ("(base)".to_owned(), String::new()),
        |(name, version)| (name.to_string(), version.to_string()),
    )
}

/// `always`, `box_use_devices`, `! ( box_use_devices )`.
fn condition_text(condition: &Condition) -> String {
    match condition {
        None => "always".to_owned(),
        Some((text, true)) => text.clone(),
        Some((text, false)) => format!("! ( {text} )"),
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
        lines.push((
            Style::Off,
            format!("~ {text}  [ {} → {} ]", condition_text(before), condition_text(now)),
        ));
    }
    let rest = |gives: &[String]| -> Vec<String> {
        gives.iter().filter(|one| !moved.iter().any(|(both, ..)| both.contains(one))).cloned().collect()
    };
    for (sign, style, side) in [("+", Style::Granted, &change.added), ("-", Style::Denied, &change.removed)] {
        for (condition, gives) in side {
            let gives = rest(gives);
            if !gives.is_empty() {
                let when = condition
                    .as_ref()
                    .map_or_else(String::new, |_| format!("  [ {} ]", condition_text(condition)));
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
pub(crate) fn module_diff_as_text(answer: &ModuleDiffAnswer<'_, '_>, output: &mut Output) -> io::Result<()> {
    let [old, new] = answer.packages.map(name);
    let changes = answer.changes;
    output.text(format!("{} → {}\n", answer.paths[0], answer.paths[1]).as_bytes())?;
    let title = format!(
        "module {} {} → {} {}, by what they declare and state themselves\n",
        old.0, old.1, new.0, new.1
    );
    output.styled(Style::Remark, title.as_bytes())?;
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
    section("declared", declared, answer.limit, output)?;
    let word = |state: bool| if state { "on" } else { "off" };
    let flipped = changes.defaults.iter().map(|(name, state)| {
        (Style::Off, format!("~ {name} is {} by default, and was {}", word(*state), word(!state)))
    });
    section("booleans", flipped.collect(), answer.limit, output)?;
    section("rules", changes.rules.iter().flat_map(rule_lines).collect(), answer.limit, output)?;
    let line = |sign: &str, style, (title, text): &(&'static str, String)| {
        (style, format!("{sign} {}  # {title}", policydb::Name::new(text.as_bytes())))
    };
    let mut lines: Vec<(Style, String)> = Vec::new();
    lines.extend(changes.lines_added.iter().map(|one| line("+", Style::Granted, one)));
    lines.extend(changes.lines_removed.iter().map(|one| line("-", Style::Denied, one)));
    section("beside the module", lines, answer.limit, output)
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
    old: ModuleJson<'a>,
    new: ModuleJson<'a>,
    same: bool,
    renamed: Vec<[&'a str; 2]>,
    declared: &'a [String],
    no_longer_declared: &'a [String],
    defaults: Vec<DefaultJson<'a>>,
    rules: Vec<RuleJson<'a>>,
    lines_added: Vec<LineJson<'a>>,
    lines_removed: Vec<LineJson<'a>>,
}

#[derive(Serialize)]
struct ModuleJson<'a> {
    path: &'a str,
    sha256: String,
    name: String,
    version: String,
    format: u32,
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
    expression: &'a str,
    branch: bool,
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
pub(crate) fn module_diff_as_json(answer: &ModuleDiffAnswer<'_, '_>, output: &mut Output) -> io::Result<()> {
    let changes = answer.changes;
    let module = |at: usize| {
        let (name, version) = name(answer.packages[at]);
        let sha256 = format!("{:x}", Sha256::digest(answer.bytes[at]));
        ModuleJson {
            path: &answer.paths[at],
            sha256,
            name,
            version,
            format: answer.packages[at].module.format,
        }
    };
    fn gives(side: &[(Condition, Vec<String>)]) -> Vec<GivesJson<'_>> {
        side.iter()
            .map(|(condition, gives)| GivesJson {
                gives,
                condition: condition
                    .as_ref()
                    .map(|(expression, branch)| ConditionJson { expression, branch: *branch }),
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
    let document = Document {
        schema: "sepolq.module_diff/1",
        old: module(0),
        new: module(1),
        same: changes.is_empty(),
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
    };
    let writer = output.raw();
    serde_json::to_writer(&mut *writer, &document)?;
    writer.write_all(b"\n")
}
