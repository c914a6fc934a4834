//! Answers about what a policy declares: `info`, `list`, `show`.

use std::io::{self, Write};

use analysis::component::{Census, Describer, Fields, ListError, Notice, Portrait, Value};
use analysis::query::most_text;
use avstore::{Branch, Component, ComponentWriter, FileNames, Rule, StatementWriter, Store, condition_text};
use policydb::{HandleUnknown, Platform};
use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};
use sha2::{Digest, Sha256};

use super::fields::{Extent, FieldsJson, described, table};
use super::lines::ConditionTexts;
use super::{Output, PolicyJson, Style};
use crate::policy_source::{BooleanOrigin, PolicySource};

/// A listing.
pub(crate) struct ListAnswer<'a, 'p> {
    pub(crate) source: &'a PolicySource,
    pub(crate) writer: &'a ComponentWriter<'a, 'p>,
    /// The name of the kind.
    pub(crate) kind: &'static str,
    pub(crate) components: Vec<Component<'p>>,
    /// At most this many are shown.
    pub(crate) limit: usize,
    /// Statements rather than names.
    pub(crate) expand: bool,
}

impl<'p> ListAnswer<'_, 'p> {
    fn shown(&self) -> &[Component<'p>] {
        &self.components[..self.components.len().min(self.limit)]
    }
}

/// How much text is still made of a policy's statements: names of a forged one can be long, and stand in every
/// statement.
struct Room {
    left: usize,
    most: usize,
}

impl Room {
    fn of(answer: &ListAnswer<'_, '_>) -> Self {
        let most = most_text(answer.source.len());
        Room { left: most, most }
    }

    fn take(&mut self, n_text: usize) -> Result<(), ListError> {
        self.left = self.left.checked_sub(n_text).ok_or(ListError::TooMuchText(self.most >> 20))?;
        Ok(())
    }
}

/// Prints names or statements, one a line.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn list_as_text(answer: &ListAnswer<'_, '_>, output: &mut Output) -> io::Result<()> {
    let mut line = Vec::new();
    let mut room = Room::of(answer);
    for component in answer.shown() {
        room.take(line.len()).map_err(io::Error::other)?;
        line.clear();
        match (answer.expand, component) {
            // Among labels of all kinds a name alone would not say what it names.
            (false, _) if answer.kind == "labels" => answer.writer.write_statement(component, &mut line),
            (false, _) => answer.writer.write_short(component, &mut line),
            (true, Component::Conditional(position)) => {
                answer.writer.write_statement(component, &mut line);
                write_rules_of(answer.writer.store(), *position, &mut line);
            }
            (true, Component::Attribute(id)) => {
                answer.writer.write_statement(component, &mut line);
                let store = answer.writer.store();
                let attribute = line[b"attribute ".len()..].to_vec();
                let mut members: Vec<_> =
                    store.members(*id).iter().map(|id| store.type_name(id).bytes()).collect();
                members.sort_unstable();
                for member in members {
                    line.extend(b"\ntypeattribute ");
                    line.extend(avstore::shown_name(&member).bytes());
                    line.push(b' ');
                    line.extend(&attribute);
                }
            }
            (true, _) => answer.writer.write_statement(component, &mut line),
        }
        line.push(b'\n');
        output.text(&line)?;
    }
    Ok(())
}

/// Appends the rules of a conditional, a line each, as searches print them.
fn write_rules_of(store: &Store<'_>, position: usize, line: &mut Vec<u8>) {
    let Some(conditional) = store.policy().conditionals().get(position) else { return };
    let mut conditions = ConditionTexts::new(store, condition_text);
    let mut statements = StatementWriter::new(store, FileNames::Quoted);
    for (when, range) in [(true, &conditional.true_rules), (false, &conditional.false_rules)] {
        let branch = Branch { conditional: u32::try_from(position).unwrap_or(u32::MAX), when };
        for rule in range.clone().filter_map(|at| Rule::conditional(store, at, branch)) {
            line.push(b'\n');
            statements.write(&rule, line);
            conditions.write_suffix(&rule, line);
        }
    }
}

/// Prints a table.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn list_as_table(answer: &ListAnswer<'_, '_>, output: &mut Output) -> io::Result<()> {
    let describer = Describer::new(answer.writer);
    let records: Vec<Fields> = answer.shown().iter().map(|component| describer.fields(component)).collect();
    let width = output.width();
    table(&records, 0, width, output)?;
    let hidden = answer.components.len() - records.len();
    if hidden > 0 {
        output.styled(Style::Remark, format!("… {hidden} more\n").as_bytes())?;
    }
    Ok(())
}

#[derive(Serialize)]
struct ListJson<'a, 'p> {
    schema: &'static str,
    policy: PolicyJson<'a>,
    kind: &'static str,
    count: usize,
    truncated: bool,
    results: ResultsJson<'a, 'p>,
}

/// Components, made into fields one by one while they are written.
struct ResultsJson<'a, 'p>(&'a ListAnswer<'a, 'p>);

#[derive(Serialize)]
struct ComponentJson<'a> {
    statement: String,
    #[serde(flatten)]
    fields: FieldsJson<'a>,
}

impl Serialize for ResultsJson<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let shown = self.0.shown();
        let describer = Describer::new(self.0.writer);
        let mut room = Room::of(self.0);
        let mut results = serializer.serialize_seq(Some(shown.len()))?;
        for component in shown {
            let mut statement = Vec::new();
            self.0.writer.write_statement(component, &mut statement);
            let fields = describer.fields(component);
            // Statements and fields name the same things.
            room.take(statement.len().saturating_mul(2)).map_err(serde::ser::Error::custom)?;
            results.serialize_element(&ComponentJson {
                statement: String::from_utf8_lossy(&statement).into_owned(),
                fields: FieldsJson(&fields),
            })?;
        }
        results.end()
    }
}

/// Prints the listing as one JSON object.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn list_as_json(answer: &ListAnswer<'_, '_>, output: &mut Output) -> io::Result<()> {
    let policy = answer.writer.store().policy();
    print_json(
        &ListJson {
            schema: "sepolq.list/1",
            policy: PolicyJson::of(answer.source, policy, std::iter::empty()),
            kind: answer.kind,
            count: answer.components.len(),
            truncated: answer.components.len() > answer.limit,
            results: ResultsJson(answer),
        },
        output,
    )
}

/// What a policy is, and what it holds.
pub(crate) struct InfoAnswer<'a, 'p> {
    pub(crate) source: &'a PolicySource,
    pub(crate) store: &'a Store<'p>,
    pub(crate) census: Census,
    pub(crate) notices: Vec<Notice>,
}

/// The counts in groups, each with its heading.
fn groups(census: &Census) -> [(&'static str, &Fields); 4] {
    [
        ("symbols", &census.symbols),
        ("rules", &census.rules),
        ("statements", &census.statements),
        ("labels", &census.labels),
    ]
}

fn handle_unknown(store: &Store<'_>) -> &'static str {
    match store.policy().header().handle_unknown {
        HandleUnknown::Allow => "allow",
        HandleUnknown::Deny => "deny",
        HandleUnknown::Reject => "reject",
    }
}

fn platform(store: &Store<'_>) -> &'static str {
    match store.policy().format().platform {
        Platform::Selinux => "selinux",
        Platform::Xen => "xen",
    }
}

/// How many names of a notice are printed.
const NOTICED: usize = 8;

/// Prints what a policy is.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn info_as_text(answer: &InfoAnswer<'_, '_>, output: &mut Output) -> io::Result<()> {
    let header = answer.store.policy().header();
    let booleans = match answer.source.booleans {
        BooleanOrigin::Defaults => "their defaults, as this file has them",
        BooleanOrigin::Kernel => "their present states, from the kernel",
    };
    for (label, text) in [
        ("policy", answer.source.label.clone()),
        ("sha256", format!("{:x}", Sha256::digest(&**answer.source))),
        ("size", format!("{} bytes", answer.source.len())),
        ("version", header.format.version.to_string()),
        ("platform", platform(answer.store).to_owned()),
        ("levels", if header.mls { "yes (MLS or MCS)" } else { "no" }.to_owned()),
        ("unknown classes", format!("{} (handle_unknown)", handle_unknown(answer.store))),
        ("booleans", booleans.to_owned()),
    ] {
        output.styled(Style::Remark, format!("{label:<16}").as_bytes())?;
        output.text(format!(" {text}\n").as_bytes())?;
    }
    for (heading, counts) in groups(&answer.census) {
        output.text(b"\n")?;
        output.styled(Style::Keyword, heading.as_bytes())?;
        output.text(b"\n")?;
        print_counts(counts, output)?;
    }
    if !answer.notices.is_empty() {
        output.text(b"\n")?;
        output.styled(Style::Off, b"to notice")?;
        output.text(b"\n")?;
    }
    for notice in &answer.notices {
        let names = &notice.names;
        let more = match names.len().saturating_sub(NOTICED) {
            0 => String::new(),
            more => format!(", … {more} more"),
        };
        let shown = names.iter().take(NOTICED).map(String::as_str).collect::<Vec<_>>().join(", ");
        let text = match names.len() {
            0 => notice.text.clone(),
            n => format!("{} ({n}): {shown}{more}", notice.text),
        };
        output.text(format!("  {text}\n").as_bytes())?;
        output.styled(Style::Remark, format!("    {}\n", notice.meaning).as_bytes())?;
    }
    Ok(())
}

/// Counts in three columns, without those that are 0.
fn print_counts(counts: &Fields, output: &mut Output) -> io::Result<()> {
    let some: Vec<(&str, u64)> = counts
        .iter()
        .filter_map(|(name, value)| match value {
            Value::Number(number) if *number > 0 => Some((*name, *number)),
            _ => None,
        })
        .collect();
    if some.is_empty() {
        return output.text(b"  none\n");
    }
    for row in some.chunks(3) {
        let cells: Vec<String> = row
            .iter()
            .map(|(name, number)| format!("  {:<16} {number:>8}", name.replace('_', " ")))
            .collect();
        output.text(format!("{}\n", cells.concat()).as_bytes())?;
    }
    Ok(())
}

#[derive(Serialize)]
struct InfoJson<'a> {
    schema: &'static str,
    policy: PolicyJson<'a>,
    platform: &'static str,
    mls: bool,
    handle_unknown: &'static str,
    size: usize,
    symbols: FieldsJson<'a>,
    rules: FieldsJson<'a>,
    statements: FieldsJson<'a>,
    labels: FieldsJson<'a>,
    notices: Vec<NoticeJson<'a>>,
}

#[derive(Serialize)]
struct NoticeJson<'a> {
    id: &'static str,
    text: &'a str,
    meaning: &'static str,
    names: &'a [String],
}

/// Prints what a policy is as one JSON object.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn info_as_json(answer: &InfoAnswer<'_, '_>, output: &mut Output) -> io::Result<()> {
    let policy = answer.store.policy();
    print_json(
        &InfoJson {
            schema: "sepolq.info/1",
            policy: PolicyJson::of(answer.source, policy, std::iter::empty()),
            platform: platform(answer.store),
            mls: policy.header().mls,
            handle_unknown: handle_unknown(answer.store),
            size: answer.source.len(),
            symbols: FieldsJson(&answer.census.symbols),
            rules: FieldsJson(&answer.census.rules),
            statements: FieldsJson(&answer.census.statements),
            labels: FieldsJson(&answer.census.labels),
            notices: answer
                .notices
                .iter()
                .map(|notice| NoticeJson {
                    id: notice.id,
                    text: &notice.text,
                    meaning: notice.meaning,
                    names: &notice.names,
                })
                .collect(),
        },
        output,
    )
}

/// Prints the kinds that can be listed and how many there are of each.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn kinds_as_text(kinds: &[(&'static str, usize)], output: &mut Output) -> io::Result<()> {
    for (kind, count) in kinds {
        output.text(format!("{kind:<18} {count:>8}\n").as_bytes())?;
    }
    Ok(())
}

#[derive(Serialize)]
struct KindsJson<'a> {
    schema: &'static str,
    policy: PolicyJson<'a>,
    kinds: Vec<KindJson>,
}

#[derive(Serialize)]
struct KindJson {
    kind: &'static str,
    count: usize,
}

/// Prints the kinds as one JSON object.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn kinds_as_json(
    source: &PolicySource,
    store: &Store<'_>,
    kinds: &[(&'static str, usize)],
    output: &mut Output,
) -> io::Result<()> {
    print_json(
        &KindsJson {
            schema: "sepolq.kinds/1",
            policy: PolicyJson::of(source, store.policy(), std::iter::empty()),
            kinds: kinds.iter().map(|&(kind, count)| KindJson { kind, count }).collect(),
        },
        output,
    )
}

/// Everything that has a name.
pub(crate) struct ShowAnswer<'a, 'p> {
    pub(crate) source: &'a PolicySource,
    pub(crate) store: &'a Store<'p>,
    /// The name as asked.
    pub(crate) asked: &'a str,
    /// Booleans that the question set.
    pub(crate) settings: &'a [(String, bool)],
    pub(crate) portraits: Vec<Portrait>,
}

/// Prints portraits, lists cut short unless `all` is wanted.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn show_as_text(answer: &ShowAnswer<'_, '_>, all: bool, output: &mut Output) -> io::Result<()> {
    let width = output.width();
    let extent = if all {
        Extent { words: usize::MAX, lines: usize::MAX, width }
    } else {
        Extent { words: 24, lines: 12, width }
    };
    for (i, portrait) in answer.portraits.iter().enumerate() {
        if i > 0 {
            output.text(b"\n")?;
        }
        output.styled(Style::Keyword, portrait.name.as_bytes())?;
        output.text(format!(": {}", what(portrait)).as_bytes())?;
        if portrait.name != answer.asked && portrait.fields.iter().any(|(name, _)| *name == "aliases") {
            let asked = avstore::shown_name(answer.asked.as_bytes());
            output.text(format!(" (`{asked}` is an alias)").as_bytes())?;
        }
        output.text(b"\n")?;
        let fields: Fields = portrait.fields.iter().filter(|(name, _)| *name != "name").cloned().collect();
        described(&fields, extent, output)?;
        if portrait.kind == avstore::ComponentKind::Boolean {
            let hint =
                format!("  what it changes for a domain: sepolq show {} --for DOMAIN\n", portrait.name);
            output.styled(Style::Remark, hint.as_bytes())?;
        }
    }
    Ok(())
}

/// What a portrait is of, in words.
fn what(portrait: &Portrait) -> &'static str {
    use avstore::ComponentKind as K;
    match portrait.kind {
        K::Type => "a type",
        K::Attribute => "an attribute",
        K::Role => "a role",
        K::User => "an SELinux user",
        K::Class => "an object class",
        K::Common => "a common, permissions that classes inherit",
        K::Permission => "a permission",
        K::Boolean => "a boolean",
        K::Sensitivity => "a sensitivity",
        K::Category => "a category",
        K::Capability => "a policy capability",
        K::InitialSid => "an initial SID, the label of objects that the kernel has from the start",
        _ => "what statements label it",
    }
}

#[derive(Serialize)]
struct ShowJson<'a> {
    schema: &'static str,
    policy: PolicyJson<'a>,
    asked: &'a str,
    results: Vec<PortraitJson<'a>>,
}

#[derive(Serialize)]
struct PortraitJson<'a> {
    kind: &'static str,
    #[serde(flatten)]
    fields: FieldsJson<'a>,
}

/// Prints portraits as one JSON object.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn show_as_json(answer: &ShowAnswer<'_, '_>, output: &mut Output) -> io::Result<()> {
    let settings = answer.settings.iter().map(|(name, state)| (name.as_str(), *state));
    print_json(
        &ShowJson {
            schema: "sepolq.show/1",
            policy: PolicyJson::of(answer.source, answer.store.policy(), settings),
            asked: answer.asked,
            results: answer
                .portraits
                .iter()
                .map(|portrait| PortraitJson {
                    kind: portrait.kind.keyword(),
                    fields: FieldsJson(&portrait.fields),
                })
                .collect(),
        },
        output,
    )
}

fn print_json(document: &impl Serialize, output: &mut Output) -> io::Result<()> {
    let writer = output.raw();
    serde_json::to_writer(&mut *writer, document)?;
    writer.write_all(b"\n")
}
