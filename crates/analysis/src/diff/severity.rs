//! How serious a change is, by the table `severity.toml` (docs/diff.md describes it): changes that the same row makes
//! serious and the same statement made are one finding.
//!
//! O(changes × rows that speak of their class).

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use avstore::{ComponentKind, Kind};
use policydb::{HandleUnknown, RuleKind};
use serde::Deserialize;

use super::domains::Effect;
use super::effective::{AccessChange, Cause};
use super::matching::{Symbol, Which};
use super::{Comparison, Condition};
use crate::containers::Containers;

/// How serious something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Nothing to worry about.
    Info,
    /// Worth a glance.
    Low,
    /// Worth a look.
    Medium,
    /// To be understood before the policy is used.
    High,
    /// To be stopped unless it is meant.
    Critical,
}

impl Level {
    /// All, the most serious first.
    pub const ALL: [Level; 5] = [Level::Critical, Level::High, Level::Medium, Level::Low, Level::Info];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Level::Info => "info",
            Level::Low => "low",
            Level::Medium => "medium",
            Level::High => "high",
            Level::Critical => "critical",
        }
    }

    /// So many levels less.
    fn less(self, steps: usize) -> Level {
        let at = Level::ALL.iter().position(|level| *level == self).unwrap_or(0);
        Level::ALL.get(at + steps).copied().unwrap_or(Level::Info)
    }
}

/// The table.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    classes: HashMap<String, Vec<String>>,
    secrets: Secrets,
    programs: Programs,
    access: Vec<Row>,
    statements: HashMap<String, Level>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Secrets {
    types: Vec<String>,
    written: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Programs {
    attributes: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    level: Level,
    what: String,
    classes: Vec<String>,
    #[serde(default)]
    permissions: Vec<String>,
    targets: Vec<Target>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Target {
    Secret,
    Engine,
    Program,
    Domain,
    Other,
    Any,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    // A test reads it.
    TABLE.get_or_init(|| toml::from_str(include_str!("severity.toml")).unwrap_or_default())
}

/// The types that the table calls sensitive to read.
pub(super) fn secrets() -> impl Iterator<Item = &'static str> {
    let secrets = &table().secrets;
    secrets.types.iter().filter(|name| !secrets.written.contains(name)).map(String::as_str)
}

/// A change, or changes that belong together, and how serious they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How serious.
    pub level: Level,
    /// A stable name of the row that says so.
    pub id: &'static str,
    /// What it is.
    pub what: What,
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Domains were granted more.
    Access(AccessFinding),
    /// Something else, in words.
    Statement(String),
}

/// What domains are newly granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessFinding {
    /// What they do to the targets, in words.
    pub verb: &'static str,
    /// The domains, ascending.
    pub domains: Vec<Symbol>,
    /// The targets, ascending.
    pub targets: Vec<Symbol>,
    /// For each class, by its common number, the permissions.
    pub permissions: BTreeMap<u32, u64>,
    /// How many pairs of a target and a class for all the domains together.
    pub accesses: usize,
    /// What made the change: a position among the causes.
    pub cause: u32,
    /// The condition that must hold, if it does not by default.
    pub when: Option<Condition>,
}

/// What a row asks of a class, in the numbers of a comparison.
struct ClassRow {
    row: usize,
    mask: u64,
}

/// What the table speaks of, in the numbers of a comparison.
struct Resolved {
    /// By class.
    rows: Vec<Vec<ClassRow>>,
    is_secret: Vec<bool>,
    /// Secrets that everybody may read.
    is_written: Vec<bool>,
    is_program: Vec<bool>,
    is_engine: Vec<bool>,
    is_container: Vec<bool>,
    /// Types of containers' files and of images.
    is_container_file: Vec<bool>,
}

impl Resolved {
    fn of(comparison: &Comparison<'_, '_>) -> Self {
        let matching = &comparison.matching;
        let table = table();
        let rows = (0..matching.n_classes()).map(|class| {
            let name = matching.class_name(class);
            let in_group = |group: &String| {
                *group == "*"
                    || *group == name
                    || table.classes.get(group).is_some_and(|all| all.contains(&name))
            };
            let rows = table.access.iter().enumerate().filter(|(_, row)| row.classes.iter().any(in_group));
            let rows = rows.map(|(at, row)| {
                let bits = row.permissions.iter().map(|name| matching.permission(class, name));
                let mask =
                    if row.permissions.is_empty() { u64::MAX } else { bits.fold(0, |all, bit| all | bit) };
                ClassRow { row: at, mask }
            });
            rows.filter(|row| row.mask != 0).collect()
        });
        let marked = |symbols: &mut dyn Iterator<Item = Symbol>| {
            let mut is_one = vec![false; matching.n_symbols()];
            for symbol in symbols {
                if let Some(slot) = is_one.get_mut(symbol.index()) {
                    *slot = true;
                }
            }
            is_one
        };
        let named = |names: &[String]| {
            marked(&mut names.iter().filter_map(|name| matching.named(name)).collect::<Vec<_>>().into_iter())
        };
        let members = |names: &[String]| {
            let attributes = names.iter().filter_map(|name| matching.named(name));
            let members = attributes.flat_map(|attribute| {
                Which::BOTH.into_iter().flat_map(move |which| matching.types_of(which, attribute))
            });
            marked(&mut members.collect::<Vec<_>>().into_iter())
        };
        let (mut engines, mut containers, mut files) = (Vec::new(), Vec::new(), Vec::new());
        for which in Which::BOTH {
            let found = Containers::of(matching.store(which));
            engines.extend(found.runtimes().filter_map(|id| matching.symbol(which, id)));
            let is_file =
                |symbol: &Symbol| matching.id(which, *symbol).is_some_and(|id| found.is_container_file(id));
            files.extend(matching.types().filter(is_file));
            containers.extend(found.domains().filter_map(|id| matching.symbol(which, id)));
        }
        Resolved {
            rows: rows.collect(),
            is_secret: named(&table.secrets.types),
            is_written: named(&table.secrets.written),
            is_program: members(&table.programs.attributes),
            is_engine: marked(&mut engines.into_iter()),
            is_container: marked(&mut containers.into_iter()),
            is_container_file: marked(&mut files.into_iter()),
        }
    }
}

fn is(of: &[bool], symbol: Symbol) -> bool {
    of.get(symbol.index()).copied().unwrap_or(false)
}

/// All findings but those of level `info`, the most serious first.
pub(super) fn findings(comparison: &Comparison<'_, '_>) -> Vec<Finding> {
    let mut findings = access_findings(comparison);
    statement_findings(comparison, &mut findings);
    findings.retain(|finding| finding.level > Level::Info);
    let size = |finding: &Finding| match &finding.what {
        What::Access(access) => (1, access.domains.len(), access.accesses),
        What::Statement(_) => (2, 0, 0),
    };
    // Stable: what is equally serious stays in the order in which it was found.
    findings.sort_by_key(|finding| std::cmp::Reverse((finding.level, size(finding))));
    findings
}

#[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key {
    level: Level,
    row: usize,
    cause: u32,
    when: Option<Condition>,
}

fn access_findings(comparison: &Comparison<'_, '_>) -> Vec<Finding> {
    let resolved = Resolved::of(comparison);
    let matching = &comparison.matching;
    let table = table();
    let mut found: BTreeMap<Key, AccessFinding> = BTreeMap::new();
    for changes in comparison.effective.changes.chunk_by(|a, b| a.source == b.source) {
        let Some(source) = changes.first().map(|change| change.source) else { continue };
        if !matching.has(Which::New, source)
            || !comparison.is_confined(source)
            || !comparison.is_domain(source)
        {
            continue;
        }
        let stem = stem(&matching.name(source));
        let mut own: HashMap<Symbol, bool> = HashMap::new();
        for change in changes {
            let effect = comparison.effect(change);
            if !matches!(effect, Effect::Gained | Effect::MayGain) {
                continue;
            }
            let target = change.target;
            let is_own = *own.entry(target).or_insert_with(|| {
                // The engine's types are called after containers, too.
                let by_name = match is(&resolved.is_container, source) {
                    true => is(&resolved.is_container_file, target),
                    false => is_below(&stem, &matching.name(target)),
                };
                target == source || by_name
            });
            let mut left = change.permissions;
            for of_class in resolved.rows.get(change.class as usize).into_iter().flatten() {
                let permissions = left & of_class.mask;
                let Some(row) = table.access.get(of_class.row) else { continue };
                if permissions == 0 || !fits(comparison, &resolved, row, change, is_own) {
                    continue;
                }
                left &= !permissions;
                let is_new_source = !matching.has(Which::Old, source);
                let is_new_target = !matching.has(Which::Old, target);
                let steps = usize::from(effect == Effect::MayGain)
                    + if is_new_source { 2 } else { usize::from(is_new_target) };
                let level = row.level.less(steps);
                if level == Level::Info {
                    continue;
                }
                let when = (effect == Effect::MayGain).then_some(change.after);
                let key = Key { level, row: of_class.row, cause: change.cause, when };
                let finding = found.entry(key).or_insert_with(|| AccessFinding {
                    verb: &row.what,
                    domains: Vec::new(),
                    targets: Vec::new(),
                    permissions: BTreeMap::new(),
                    accesses: 0,
                    cause: change.cause,
                    when,
                });
                if finding.domains.last() != Some(&source) {
                    finding.domains.push(source);
                }
                if finding.targets.last() != Some(&target) {
                    finding.targets.push(target);
                }
                *finding.permissions.entry(change.class).or_default() |= permissions;
                finding.accesses += 1;
            }
        }
    }
    let finished = found.into_iter().map(|(key, mut access)| {
        access.targets.sort_unstable();
        access.targets.dedup();
        let id = table.access.get(key.row).map_or("", |row| row.id.as_str());
        Finding { level: key.level, id, what: What::Access(access) }
    });
    finished.collect()
}

fn fits(
    comparison: &Comparison<'_, '_>,
    resolved: &Resolved,
    row: &Row,
    change: &AccessChange,
    is_own: bool,
) -> bool {
    let (source, target) = (change.source, change.target);
    row.targets.iter().any(|wanted| match wanted {
        Target::Any => true,
        Target::Other => !is_own,
        Target::Domain => target != source && comparison.is_domain(target),
        Target::Program => is(&resolved.is_program, target),
        Target::Engine => is(&resolved.is_container, source) && is(&resolved.is_engine, target),
        Target::Secret if row.id.starts_with("read") => {
            is(&resolved.is_secret, target) && !is(&resolved.is_written, target)
        }
        Target::Secret => is(&resolved.is_secret, target),
    })
}

/// A domain's name without `_t`.
fn stem(name: &str) -> String {
    name.strip_suffix("_t").unwrap_or(name).to_owned()
}

/// Whether a type's name begins with a stem.
fn is_below(stem: &str, name: &str) -> bool {
    name.strip_prefix(stem).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}

/// The level of a kind of change that is no access.
fn level_of(id: &str) -> Level {
    table().statements.get(id).copied().unwrap_or(Level::Info)
}

fn statement_findings(comparison: &Comparison<'_, '_>, out: &mut Vec<Finding>) {
    let mut add = |id: &'static str, text: String| {
        out.push(Finding { level: level_of(id), id, what: What::Statement(text) });
    };
    let matching = &comparison.matching;
    for change in &comparison.components {
        component_findings(comparison, change, &mut add);
    }
    for change in &comparison.constrained {
        let name = matching.name(change.r#type);
        let attribute = matching.name(change.attribute);
        let verb = if change.joined { "joined" } else { "left" };
        let means = if change.loosens { "no longer bind it" } else { "now bind it" };
        let n = change.n_constraints;
        let text = format!("{name} {verb} {attribute}: {n} constraints that name it {means}");
        match (change.loosens, attribute.as_str()) {
            (true, "mcs_constrained_type") => add("mcs", text),
            (true, _) => add("constrained", text),
            (false, _) => add("constraint_added", text),
        }
    }
    for text in super::words::constraint_texts(comparison) {
        add(text.id, text.short());
    }
    // Of many of a kind the first few stand for all.
    let mut texts: BTreeMap<(&'static str, &'static str, &'static str), Vec<&str>> = BTreeMap::new();
    for change in &comparison.roles {
        let (id, verb) = match (change.kind, change.which) {
            (Kind::RangeTransition, Which::New) => ("range", "added"),
            (Kind::RangeTransition, Which::Old) => ("range", "removed"),
            (_, Which::New) => ("role", "added"),
            (_, Which::Old) => ("declaration", "removed"),
        };
        texts.entry((id, change.kind.keyword(), verb)).or_default().push(&change.text);
    }
    for ((id, keyword, verb), texts) in texts {
        match texts.as_slice() {
            [one] => add(id, format!("{verb}: {one}")),
            [first, ..] => add(id, format!("{} {keyword} rules {verb}: {first} …", texts.len())),
            [] => {}
        }
    }
    for change in comparison.xperms.iter().filter(|change| change.kind == RuleKind::AllowXperm) {
        let text = super::words::xperm_text(comparison, change);
        if !change.has_any.new {
            add("xperm_unchecked", text);
        } else if !change.only.new.is_empty() {
            add("xperm", text);
        }
    }
    if let Some(both) = comparison.handle_unknown {
        let word = |handle: HandleUnknown| match handle {
            HandleUnknown::Allow => "allowed",
            HandleUnknown::Deny => "denied",
            HandleUnknown::Reject => "a reason to refuse the policy",
        };
        let text = format!(
            "classes and permissions that the policy does not define were {}, and are {}",
            word(both.old),
            word(both.new)
        );
        add(if both.new == HandleUnknown::Allow { "unknown_allowed" } else { "declaration" }, text);
    }
    for symbol in matching.types().filter(|symbol| matching.has(Which::New, *symbol)) {
        let domains = &comparison.domains;
        if domains.is_unconfined(Which::New, symbol) && domains.is_domain(Which::New, symbol) {
            let name = matching.name(symbol);
            if !matching.has(Which::Old, symbol) {
                add("unconfined", format!("{name} is a new domain, and unconfined"));
            } else if !domains.is_unconfined(Which::Old, symbol) {
                add("unconfined", format!("{name} is no longer confined"));
            }
        }
    }
}

fn component_findings(
    comparison: &Comparison<'_, '_>,
    change: &super::ComponentChange,
    add: &mut impl FnMut(&'static str, String),
) {
    use super::words::joined;
    let word = change.kind.keyword();
    match change.kind {
        ComponentKind::Permissive | ComponentKind::NeverAudit => {
            let is_permissive = change.kind == ComponentKind::Permissive;
            let id = if is_permissive { "permissive" } else { "neveraudit" };
            for name in &change.added {
                let text = if is_permissive {
                    format!("{name} became permissive: nothing is denied to it")
                } else {
                    format!("denials of {name} are never audited")
                };
                add(id, text);
            }
            for name in &change.removed {
                add("declaration", format!("{name} is no longer {word}"));
            }
        }
        ComponentKind::Boolean => {
            for (name, states) in &change.changed {
                let (id, text) = match states.new.iter().any(|word| word == "true") {
                    true => ("boolean_on", format!("{name} is on by default, and was off")),
                    false => ("boolean_off", format!("{name} is off by default, and was on")),
                };
                let changed = comparison.effective.causes.iter().any(|cause| {
                    matches!(cause, Cause::Flipped(condition) if names_boolean(comparison, *condition, name))
                });
                let text = if changed { text } else { format!("{text}; that changes no access") };
                add(if changed { id } else { "declaration" }, text);
            }
        }
        ComponentKind::TypeBounds | ComponentKind::RoleBounds | ComponentKind::UserBounds => {
            for text in &change.removed {
                add("bounds_removed", format!("removed: {text}"));
            }
        }
        ComponentKind::Role | ComponentKind::User => {
            for (name, words) in &change.changed {
                let is_range =
                    |word: &&String| word.contains(':') || word.as_str().starts_with('s') && word.len() < 4;
                let (ranges, names): (Vec<&String>, Vec<&String>) =
                    words.new.iter().partition(|word| is_range(word));
                if !names.is_empty() {
                    add(
                        "role",
                        format!("{word} {name} may have {} more: {}", names.len(), joined(names.iter(), 8)),
                    );
                }
                if !ranges.is_empty() {
                    let old: Vec<&String> = words.old.iter().filter(is_range).collect();
                    let text = format!(
                        "{word} {name} has other levels: {} instead of {}",
                        joined(ranges.iter(), 4),
                        joined(old.iter(), 4)
                    );
                    add("range", text);
                }
            }
        }
        ComponentKind::Capability => {
            for name in &change.added {
                add("capability", format!("policy capability {name} is on"));
            }
            for name in &change.removed {
                add("capability", format!("policy capability {name} is off"));
            }
        }
        kind if ComponentKind::LABELS.contains(&kind) => {
            let n = change.added.len() + change.removed.len() + change.changed.len();
            add("label", format!("{n} {word} labels differ"));
        }
        _ => {}
    }
}

fn names_boolean(comparison: &Comparison<'_, '_>, condition: Condition, name: &str) -> bool {
    let booleans = comparison.conditions.booleans(condition);
    booleans.iter().any(|boolean| comparison.matching.boolean_name(*boolean) == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read() {
        let table: Table = toml::from_str(include_str!("severity.toml")).unwrap();
        assert!(table.access.len() > 20);
        let mut ids: Vec<&str> = table.access.iter().map(|row| row.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), table.access.len(), "ids are unique");
        for name in &table.secrets.written {
            assert!(table.secrets.types.contains(name), "{name}");
        }
        assert_eq!(table.statements.get("permissive"), Some(&Level::Critical));
    }

    #[test]
    fn levels_have_an_order() {
        assert!(Level::Critical > Level::High && Level::Low > Level::Info);
        assert_eq!((Level::High.less(1), Level::Low.less(5)), (Level::Medium, Level::Info));
    }

    #[test]
    fn what_is_a_domains_own_is_told_by_its_name() {
        assert!(is_below("httpd", "httpd_log_t") && is_below("httpd", "httpd"));
        assert!(!is_below("http", "httpd_log_t"));
    }
}
