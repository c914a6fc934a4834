//! All that changed for one domain: access by cause, then what is no access.

use std::collections::{BTreeMap, BTreeSet};

use analysis::diff::{Comparison, Condition, Effect, Symbol, Which};
use avstore::ComponentKind;
use serde::Serialize;

use super::limits::DiffLimits;
use super::listed;
use super::report::{cause_id, effect_title};
use super::sections::of_domain;

/// A domain.
#[derive(Serialize)]
pub(super) struct DomainReport {
    pub(super) name: String,
    /// What it was called, if that was another name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) was: Option<String>,
    /// `new`, `gone`, or nothing.
    pub(super) status: &'static str,
    pub(super) confined: bool,
    /// Remarks: permissive, bounds, attributes joined and left.
    pub(super) remarks: Vec<String>,
    /// Access that changed, the largest cause first.
    pub(super) causes: Vec<DomainCause>,
    pub(super) n_causes: usize,
    /// How many changes others have on this type, and who has them.
    pub(super) n_as_target: usize,
    pub(super) as_target: AsTarget,
    /// Transitions, ranges, extended permissions.
    pub(super) statements: Vec<String>,
    pub(super) n_statements: usize,
}

/// Who else's access to a type changed.
#[derive(Default, Serialize)]
pub(super) struct AsTarget {
    pub(super) gained: Vec<String>,
    pub(super) n_gained: usize,
    pub(super) lost: Vec<String>,
    pub(super) n_lost: usize,
    /// Those for whom only what a boolean can grant, or on what it depends, changed.
    pub(super) conditions: Vec<String>,
    pub(super) n_conditions: usize,
}

/// Sources of changes on a type, by what became of them.
#[derive(Clone, Default)]
pub(super) struct Sources {
    n_changes: usize,
    gained: BTreeSet<Symbol>,
    lost: BTreeSet<Symbol>,
    others: BTreeSet<Symbol>,
}

impl Sources {
    /// The changes on some types, by type. O(changes).
    pub(super) fn of(comparison: &Comparison<'_, '_>, targets: &[Symbol]) -> BTreeMap<Symbol, Sources> {
        let mut all: BTreeMap<Symbol, Sources> =
            targets.iter().map(|target| (*target, Sources::default())).collect();
        for change in comparison.effective.changes.iter().filter(|change| change.source != change.target) {
            let Some(sources) = all.get_mut(&change.target) else { continue };
            sources.n_changes += 1;
            let set = match comparison.effect(change) {
                Effect::Gained => &mut sources.gained,
                Effect::Lost => &mut sources.lost,
                _ => &mut sources.others,
            };
            set.insert(change.source);
        }
        all
    }

    fn told(&self, comparison: &Comparison<'_, '_>, most: usize) -> AsTarget {
        let names = |set: &mut dyn Iterator<Item = Symbol>| {
            let mut names = comparison.names(set);
            let n = names.len();
            names.truncate(most);
            (names, n)
        };
        let (gained, n_gained) = names(&mut self.gained.iter().copied());
        let (lost, n_lost) = names(&mut self.lost.iter().copied());
        let is_other = |symbol: &Symbol| !self.gained.contains(symbol) && !self.lost.contains(symbol);
        let (conditions, n_conditions) = names(&mut self.others.iter().copied().filter(is_other));
        AsTarget { gained, n_gained, lost, n_lost, conditions, n_conditions }
    }
}

/// What one statement changed for a domain.
#[derive(Serialize)]
pub(super) struct DomainCause {
    pub(super) id: &'static str,
    pub(super) text: String,
    pub(super) accesses: usize,
    pub(super) groups: Vec<AccessGroup>,
    pub(super) n_groups: usize,
}

/// Targets on which the same changed.
#[derive(Serialize)]
pub(super) struct AccessGroup {
    pub(super) effect: &'static str,
    pub(super) title: &'static str,
    pub(super) class: String,
    pub(super) permissions: Vec<String>,
    pub(super) targets: Vec<String>,
    pub(super) n_targets: usize,
    /// When it was granted, and when it is.
    pub(super) before: String,
    pub(super) after: String,
}

impl AccessGroup {
    /// The group as a line.
    pub(super) fn line(&self) -> String {
        let permissions = match self.permissions.as_slice() {
            [one] => one.clone(),
            several => format!("{{ {} }}", several.join(" ")),
        };
        let sign = match self.effect {
            "gained" => "+",
            "lost" => "-",
            _ => "~",
        };
        let is_plain = |text: &str| text == "always" || text == "never";
        let condition = if is_plain(&self.before) && is_plain(&self.after) {
            String::new()
        } else if self.before == self.after {
            format!("  [ {} ]", self.after)
        } else {
            format!("  [ {} → {} ]", self.before, self.after)
        };
        let targets = listed(&self.targets, self.n_targets);
        format!("{sign} {targets}:{} {permissions}{condition}", self.class)
    }
}

/// Names that a list about one domain has at least.
const TARGETS: usize = 12;

/// A group's key: its effect, conditions, class and permissions.
type Key = (Effect, Condition, Condition, u32, u64);
/// The changes of one cause: how many, and targets by group.
type Grouped = (usize, BTreeMap<Key, Vec<Symbol>>);

/// All that changed for a domain.
pub(super) fn domain_report(
    comparison: &Comparison<'_, '_>,
    domain: Symbol,
    sources: &Sources,
    limits: DiffLimits,
) -> DomainReport {
    let matching = &comparison.matching;
    let mut by_cause: BTreeMap<u32, Grouped> = BTreeMap::new();
    for change in comparison.changes_of(domain) {
        let (accesses, groups) = by_cause.entry(change.cause).or_default();
        *accesses += 1;
        let effect = comparison.effect(change);
        let key = (effect, change.before, change.after, change.class, change.permissions);
        groups.entry(key).or_default().push(change.target);
    }
    let mut causes: Vec<(u32, Grouped)> = by_cause.into_iter().collect();
    causes.sort_by_key(|(number, (accesses, _))| (std::cmp::Reverse(*accesses), *number));
    let n_causes = causes.len();
    let causes = causes.into_iter().take(limits.domain_causes).filter_map(|(number, (accesses, groups))| {
        let cause = *comparison.effective.causes.get(number as usize)?;
        let n_groups = groups.len();
        let groups =
            groups.into_iter().take(limits.lines).map(|((effect, before, after, class, mask), targets)| {
                let n_targets = targets.len();
                let mut targets = comparison.names(targets.into_iter());
                targets.truncate(limits.names.max(TARGETS));
                AccessGroup {
                    effect: effect.id(),
                    title: effect_title(effect),
                    class: matching.class_name(class),
                    permissions: matching
                        .permission_names(class, mask)
                        .into_iter()
                        .map(str::to_owned)
                        .collect(),
                    targets,
                    n_targets,
                    before: comparison.conditions.text(before).to_owned(),
                    after: comparison.conditions.text(after).to_owned(),
                }
            });
        let groups = groups.collect();
        Some(DomainCause {
            id: cause_id(cause),
            text: comparison.cause_text(cause),
            accesses,
            groups,
            n_groups,
        })
    });
    let mut statements = of_domain(comparison, domain);
    let n_statements = statements.len();
    statements.truncate(limits.lines);
    let was = matching.name_in(Which::Old, domain).filter(|old| *old != matching.name(domain));
    DomainReport {
        name: matching.name(domain),
        was,
        status: match (matching.has(Which::Old, domain), matching.has(Which::New, domain)) {
            (false, _) => "new",
            (_, false) => "gone",
            _ => "",
        },
        confined: comparison.is_confined(domain),
        remarks: remarks(comparison, domain),
        causes: causes.collect(),
        n_causes,
        n_as_target: sources.n_changes,
        as_target: sources.told(comparison, limits.names.max(TARGETS)),
        statements,
        n_statements,
    }
}

/// What else is to be said of a domain.
fn remarks(comparison: &Comparison<'_, '_>, domain: Symbol) -> Vec<String> {
    let matching = &comparison.matching;
    let name = matching.name(domain);
    let mut remarks = Vec::new();
    for change in &comparison.components {
        let has = |list: &[String]| list.contains(&name);
        match change.kind {
            ComponentKind::Permissive if has(&change.added) => {
                remarks.push("is permissive now: nothing is denied to it".to_owned());
            }
            ComponentKind::Permissive if has(&change.removed) => {
                remarks.push("is no longer permissive: what rules do not grant is denied now".to_owned());
            }
            ComponentKind::TypeBounds => {
                let word = |text: &&String| text.trim_end_matches(';').split(' ').any(|word| word == name);
                let added = change.added.iter().filter(word).map(|text| format!("new bounds: {text}"));
                remarks.extend(added);
                let removed =
                    change.removed.iter().filter(word).map(|text| format!("bounds are gone: {text}"));
                remarks.extend(removed);
            }
            _ => {}
        }
    }
    if matching.in_both(domain) {
        for (which, verb) in [(Which::New, "joined"), (Which::Old, "left")] {
            let there = matching.symbols_of(which.other(), domain);
            let only = matching.symbols_of(which, domain).iter();
            let only = only.filter(|symbol| !there.contains(symbol) && !matching.is_made_up(**symbol));
            let names = comparison.names(only.copied());
            if !names.is_empty() {
                remarks.push(format!("{verb} {}", names.join(", ")));
            }
        }
    }
    remarks.extend(comparison.constraints_on(domain));
    for change in comparison.constrained.iter().filter(|change| change.r#type == domain) {
        let classes: Vec<String> =
            change.classes.iter().take(6).map(|class| matching.class_name(*class)).collect();
        let classes = listed(&classes, change.classes.len());
        remarks.push(format!("{}: {classes}", comparison.binding_text(change)));
    }
    remarks
}
