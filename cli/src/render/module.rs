//! What a module is and states: text, and `sepolq.module/1`.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write};

use module::{Kind, Package, Place, SectionKind, Statement};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Output, Style};

/// A module, and statements of it.
pub(crate) struct ModuleAnswer<'a, 'p> {
    pub(crate) path: &'a str,
    pub(crate) bytes: &'a [u8],
    pub(crate) package: &'a Package<'p>,
    pub(crate) statements: &'a [Statement],
}

impl ModuleAnswer<'_, '_> {
    fn name(&self) -> (String, String) {
        match self.package.module.name_and_version {
            Some((name, version)) => (name.to_string(), version.to_string()),
            None => ("(base)".to_owned(), String::new()),
        }
    }

    /// How many statements of each keyword there are; what several blocks require counts once.
    fn counts(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        let mut required = HashSet::new();
        for statement in self.statements {
            if statement.keyword != "require" || required.insert(statement.text.as_str()) {
                *counts.entry(statement.keyword).or_default() += 1;
            }
        }
        counts
    }

    /// Lines of a text beside the module.
    fn lines(&self, kind: SectionKind) -> Vec<String> {
        let text = self.package.section(kind).unwrap_or_default();
        let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
        // Tabs part the fields of these lines; nothing else that a terminal obeys is printed.
        let shown = |line: &[u8]| {
            let fields =
                line.split(|byte| *byte == b'\t').map(|field| policydb::Name::new(field).to_string());
            fields.collect::<Vec<String>>().join("\t")
        };
        lines.map(shown).collect()
    }
}

const TEXTS: [(SectionKind, &str); 4] = [
    (SectionKind::FileContexts, "file_contexts"),
    (SectionKind::Seusers, "seusers"),
    (SectionKind::UserExtra, "user_extra"),
    (SectionKind::NetfilterContexts, "netfilter_contexts"),
];

/// Prints what a module is, and with `all` everything that it states.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn module_as_text(
    answer: &ModuleAnswer<'_, '_>,
    all: bool,
    output: &mut Output,
) -> io::Result<()> {
    let module = &answer.package.module;
    let (name, version) = answer.name();
    let kind = if module.kind == Kind::Base { "base module" } else { "module" };
    output.styled(Style::Keyword, kind.as_bytes())?;
    output.text(format!(" {name} {version}\n").as_bytes())?;
    let levels = if module.has_levels() { "with levels" } else { "without levels" };
    output.styled(
        Style::Remark,
        format!("format {}, {levels}; not linked: what it declares and states itself\n", module.format)
            .as_bytes(),
    )?;
    let optional = module.blocks.len().saturating_sub(1);
    for (keyword, count) in answer.counts() {
        output.text(format!("  {keyword:<18}{count:>8}\n").as_bytes())?;
    }
    output.text(format!("  {:<18}{optional:>8}\n", "optional blocks").as_bytes())?;
    for (kind, title) in TEXTS {
        let lines = answer.lines(kind);
        if !lines.is_empty() {
            output.text(format!("  {title:<18}{:>8}\n", lines.len()).as_bytes())?;
        }
    }
    if !all {
        return output.styled(
            Style::Remark,
            b"--all prints everything; `sepolq allow -P FILE.pp -s TYPE` finds rules\n",
        );
    }
    statements_as_text(answer, None, output)?;
    for (kind, title) in TEXTS {
        let lines = answer.lines(kind);
        if !lines.is_empty() {
            output.styled(Style::Remark, format!("# {title}\n").as_bytes())?;
        }
        for line in lines {
            output.text(line.as_bytes())?;
            output.text(b"\n")?;
        }
    }
    Ok(())
}

/// `# optional block 3`, `# else of block 3`.
fn place_text(place: &Place) -> String {
    match (place.block, place.branch) {
        (0, _) => String::new(),
        (block, 0) => format!("  # optional block {block}"),
        (block, _) => format!("  # else of optional block {block}"),
    }
}

/// Prints statements, one a line, with the condition and the optional block in which they stand.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn statements_as_text(
    answer: &ModuleAnswer<'_, '_>,
    limit: Option<usize>,
    output: &mut Output,
) -> io::Result<()> {
    for statement in answer.statements.iter().take(limit.unwrap_or(usize::MAX)) {
        let (keyword, rest) = statement.text.split_once(' ').unwrap_or((&statement.text, ""));
        output.styled(Style::Keyword, keyword.as_bytes())?;
        output.text(format!(" {rest}").as_bytes())?;
        if let Some((condition, when)) = &statement.place.condition {
            let when = if *when { "True" } else { "False" };
            output.text(format!(" [ {condition} ]:{when}").as_bytes())?;
        }
        output.styled(Style::Remark, place_text(&statement.place).as_bytes())?;
        output.text(b"\n")?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    module: ModuleJson<'a>,
    count: usize,
    truncated: bool,
    results: Vec<StatementJson<'a>>,
}

#[derive(Serialize)]
struct ModuleJson<'a> {
    path: &'a str,
    sha256: String,
    name: String,
    version: String,
    base: bool,
    format: u32,
    levels: bool,
    optional_blocks: usize,
    /// Lines of the texts beside the module.
    texts: BTreeMap<&'static str, Vec<String>>,
}

#[derive(Serialize)]
struct StatementJson<'a> {
    keyword: &'static str,
    text: &'a str,
    /// 0 outside of optional blocks.
    optional_block: usize,
    /// Whether it stands in the block's `else`.
    in_else: bool,
    condition: Option<ConditionJson<'a>>,
}

#[derive(Serialize)]
struct ConditionJson<'a> {
    expression: &'a str,
    branch: bool,
}

/// Prints a module and all that it states.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn module_as_json(answer: &ModuleAnswer<'_, '_>, output: &mut Output) -> io::Result<()> {
    statements_as_json(answer, None, output)
}

/// Prints a module and statements of it.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn statements_as_json(
    answer: &ModuleAnswer<'_, '_>,
    limit: Option<usize>,
    output: &mut Output,
) -> io::Result<()> {
    let module = &answer.package.module;
    let (name, version) = answer.name();
    let texts = TEXTS.iter().map(|(kind, title)| (*title, answer.lines(*kind)));
    let limit = limit.unwrap_or(usize::MAX);
    let results = answer.statements.iter().take(limit).map(|statement| StatementJson {
        keyword: statement.keyword,
        text: &statement.text,
        optional_block: statement.place.block,
        in_else: statement.place.branch > 0,
        condition: statement
            .place
            .condition
            .as_ref()
            .map(|(expression, branch)| ConditionJson { expression, branch: *branch }),
    });
    let document = Document {
        schema: "sepolq.module/1",
        module: ModuleJson {
            path: answer.path,
            sha256: format!("{:x}", Sha256::digest(answer.bytes)),
            name,
            version,
            base: module.kind == Kind::Base,
            format: module.format,
            levels: module.has_levels(),
            optional_blocks: module.blocks.len().saturating_sub(1),
            texts: texts.filter(|(_, lines)| !lines.is_empty()).collect(),
        },
        count: answer.statements.len(),
        truncated: answer.statements.len() > limit,
        results: results.collect(),
    };
    let writer = output.raw();
    serde_json::to_writer(&mut *writer, &document)?;
    writer.write_all(b"\n")
}
