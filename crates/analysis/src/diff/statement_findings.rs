//! What is serious about the changes that are no access: each kind of change has its level in the table.

use std::collections::BTreeMap;

use avstore::{Component, ComponentKind, Kind, components, range_text, shown_name};
use policydb::{HandleUnknown, RoleId, RuleKind};

use super::both::{Both, Which};
use super::effective::Cause;
use super::findings::{Finding, What};
use super::matching::Symbol;
use super::newcomers::unbound;
use super::severity::{level_of, table};
use super::{Comparison, Condition, TransitionChange};

/// Findings as they come.
struct Found<'a>(&'a mut Vec<Finding>);

impl Found<'_> {
    /// A finding about no domain in particular.
    fn add(&mut self, id: &'static str, text: String) {
        self.push(id, 0, None, text);
    }

    /// A finding about a domain.
    fn about(&mut self, id: &'static str, domain: Option<Symbol>, text: String) {
        self.push(id, 0, domain, text);
    }

    /// A finding so many levels less than the table says.
    fn push(&mut self, id: &'static str, steps: usize, domain: Option<Symbol>, text: String) {
        self.0.push(Finding { level: level_of(id).less(steps), id, domain, what: What::Statement(text) });
    }
}

pub(super) fn statement_findings(comparison: &Comparison<'_, '_>, out: &mut Vec<Finding>) {
    let mut found = Found(out);
    let matching = &comparison.matching;
    for change in &comparison.components {
        component_findings(comparison, change, &mut found);
    }
    for change in &comparison.constrained {
        let is_mcs = matching.name(change.attribute) == "mcs_constrained_type";
        let id = match (change.loosens, is_mcs) {
            (true, true) => "mcs",
            (true, false) => "constrained",
            (false, _) => "newly_constrained",
        };
        found.about(id, Some(change.r#type), super::words::constrained_text(comparison, change));
    }
    for text in super::words::constraint_texts(comparison, &|_| true) {
        found.add(text.id, text.short());
    }
    for newcomer in unbound(comparison, &comparison.naming) {
        found.about("mcs_new", Some(newcomer.domain), newcomer.text);
    }
    transition_findings(comparison, &mut found);
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
            [one] => found.add(id, format!("{verb}: {one}")),
            [first, ..] => found.add(id, format!("{} {keyword} rules {verb}: {first} …", texts.len())),
            [] => {}
        }
    }
    for change in comparison.xperms.iter().filter(|change| change.kind == RuleKind::AllowXperm) {
        let text = super::words::xperm_text(comparison, change);
        if !change.has_any.new {
            found.add("xperm_unchecked", text);
        } else if !change.only.new.is_empty() && change.has_any.old {
            // The first rule only takes away: before it all commands were granted.
            found.add("xperm", text);
        }
    }
    if let (Some(both), Some(text)) = (comparison.handle_unknown, comparison.unknown_text()) {
        found.add(if both.new == HandleUnknown::Allow { "unknown_allowed" } else { "declaration" }, text);
    }
    for symbol in matching.types().filter(|symbol| matching.has(Which::New, *symbol)) {
        let domains = &comparison.domains;
        if domains.is_unconfined(Which::New, symbol) && domains.is_domain(Which::New, symbol) {
            let name = matching.name(symbol);
            if !matching.has(Which::Old, symbol) {
                found.about("unconfined", Some(symbol), format!("{name} is a new domain, and unconfined"));
            } else if !domains.is_unconfined(Which::Old, symbol) {
                found.about("unconfined", Some(symbol), format!("{name} is no longer confined"));
            }
        }
    }
}

/// A domain and what is said of it.
type OfDomain = (Symbol, String);

/// Processes that newly get another type when they start a program, or no longer do. What comes or goes with a type is
/// part of that type; what is behind a boolean that is off is one level less.
fn transition_findings(comparison: &Comparison<'_, '_>, found: &mut Found<'_>) {
    const FEW: usize = 3;
    let matching = &comparison.matching;
    let mut texts: BTreeMap<(&'static str, usize, &'static str), Vec<OfDomain>> = BTreeMap::new();
    let process = matching.class_named("process");
    let is_process = |change: &&TransitionChange<'_>| {
        change.kind == RuleKind::TypeTransition && Some(change.class) == process
    };
    for change in comparison.transitions.iter().filter(is_process) {
        let (verb, which) = match (change.default.old, change.default.new) {
            (None, _) => ("added", Which::New),
            (_, None) => ("removed", Which::Old),
            _ => ("changed", Which::New),
        };
        let types = [Some(change.source), Some(change.target), change.default.old, change.default.new];
        let id = match types.into_iter().flatten().all(|symbol| matching.in_both(symbol)) {
            true => "transition",
            false => "declaration",
        };
        let is_off = change.condition.depends() && !comparison.conditions.now(change.condition, which);
        let off = match (is_off, which) {
            (false, _) => "",
            (true, Which::New) => ", which does not hold by default",
            (true, Which::Old) => ", which did not hold by default",
        };
        let text = format!("{}{off}", comparison.transition_text(change));
        texts.entry((id, usize::from(is_off), verb)).or_default().push((change.source, text));
    }
    for ((id, steps, verb), texts) in texts {
        match texts.as_slice() {
            [(source, first), rest @ ..] if rest.len() >= FEW => {
                let text = format!("{} transitions of processes {verb}: {first} …", texts.len());
                found.push(id, steps, Some(*source), text);
            }
            few => {
                for (source, text) in few {
                    found.push(id, steps, Some(*source), format!("{verb}: {text}"));
                }
            }
        }
    }
}

fn component_findings(
    comparison: &Comparison<'_, '_>,
    change: &super::ComponentChange,
    found: &mut Found<'_>,
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
                found.about(id, comparison.matching.named(name), text);
            }
            for name in &change.removed {
                let domain = comparison.matching.named(name);
                found.about("declaration", domain, format!("{name} is no longer {word}"));
            }
        }
        ComponentKind::Boolean => {
            for (name, states) in &change.changed {
                let (id, text) = match states.new.iter().any(|part| part.text == "true") {
                    true => ("boolean_on", format!("{name} is on by default, and was off")),
                    false => ("boolean_off", format!("{name} is off by default, and was on")),
                };
                let changed = comparison.effective.causes.iter().any(|cause| {
                    matches!(cause, Cause::Flipped(condition) if names_boolean(comparison, *condition, name))
                });
                let text = if changed { text } else { format!("{text}; that changes no access") };
                found.add(if changed { id } else { "declaration" }, text);
            }
        }
        ComponentKind::TypeBounds | ComponentKind::RoleBounds | ComponentKind::UserBounds => {
            for text in &change.removed {
                found.add("bounds_removed", format!("removed: {text}"));
            }
        }
        ComponentKind::Role | ComponentKind::User => {
            declared_findings(comparison, change, found);
            for (name, words) in &change.changed {
                let new = |field: &'static str| words.new.iter().filter(move |part| part.field == field);
                let names: Vec<&String> = new("").map(|part| &part.text).collect();
                if !names.is_empty() {
                    found.add(
                        "role",
                        format!("{word} {name} may have {} more: {}", names.len(), joined(names.iter(), 8)),
                    );
                }
                for (field, what) in [("level", "another level at login"), ("range", "another range")] {
                    let old = words.old.iter().find(|part| part.field == field);
                    if let (Some(old), Some(new)) = (old, new(field).next()) {
                        found.add(
                            "range",
                            format!("{word} {name} has {what}: {} instead of {}", new.text, old.text),
                        );
                    }
                }
            }
        }
        ComponentKind::Alias => {
            for (alias, old, new) in moved_aliases(change) {
                let is_secret =
                    [old, new].iter().any(|name| table().secrets.types.iter().any(|one| one == name));
                let id = if is_secret { "alias_secret" } else { "alias" };
                found.add(id, format!("alias {alias} stands for {new}, and stood for {old}"));
            }
        }
        ComponentKind::Sensitivity => {
            for (name, parts) in &change.changed {
                let of = Both::of(|which| {
                    let part = parts.get(which).iter().find(|part| part.field == "categories");
                    part.map_or("none", |part| part.text.as_str())
                });
                if of.old != of.new {
                    found.add(
                        "range",
                        format!("{word} {name} has other categories: {} instead of {}", of.new, of.old),
                    );
                }
            }
        }
        ComponentKind::Capability => {
            for name in &change.added {
                found.add("capability", format!("policy capability {name} is on"));
            }
            for name in &change.removed {
                found.add("capability", format!("policy capability {name} is off"));
            }
        }
        kind if ComponentKind::LABELS.contains(&kind) => {
            let n = change.added.len() + change.removed.len() + change.changed.len();
            found.add("label", format!("{n} {word} labels differ"));
        }
        _ => {}
    }
}

/// Roles and users that are new: what they may be.
fn declared_findings(
    comparison: &Comparison<'_, '_>,
    change: &super::ComponentChange,
    found: &mut Found<'_>,
) {
    use super::words::joined;
    const SHOWN: usize = 8;
    let store = comparison.matching.store(Which::New);
    let policy = store.policy();
    for component in components(store, change.kind) {
        match component {
            Component::Role(role) => {
                let name = shown_name(role.name.as_bytes());
                if !change.added.contains(&name) {
                    continue;
                }
                let symbols = role.types.bits().filter_map(|bit| {
                    comparison.matching.symbol(Which::New, policydb::TypeId::from_index(bit))
                });
                let names = comparison.names(symbols);
                let of = match names.len() {
                    0 => "without a type".to_owned(),
                    n => format!(
                        "with {n} {}: {}",
                        if n == 1 { "type" } else { "types" },
                        joined(names.iter(), SHOWN)
                    ),
                };
                found.add("new_role", format!("role {name} is new, {of}"));
            }
            Component::User(user) => {
                let name = shown_name(user.name.as_bytes());
                if !change.added.contains(&name) {
                    continue;
                }
                let roles = user.roles.bits().filter_map(|bit| policy.role_name(RoleId::from_index(bit)));
                let roles: Vec<String> = roles.map(|role| shown_name(role.as_bytes())).collect();
                let levels = user.levels.filter(|_| policy.header().mls);
                let range = levels
                    .map_or_else(String::new, |(range, _)| format!(", range {}", range_text(policy, range)));
                let word = if roles.len() == 1 { "role" } else { "roles" };
                found.add(
                    "new_user",
                    format!("user {name} is new, with {word} {}{range}", joined(roles.iter(), SHOWN)),
                );
            }
            _ => {}
        }
    }
}

/// Aliases that both policies have, for different types: alias, old type, new type.
fn moved_aliases(change: &super::ComponentChange) -> Vec<(&str, &str, &str)> {
    let old: BTreeMap<&str, &str> =
        change.removed.iter().filter_map(|text| text.rsplit_once(" of ")).collect();
    let new = change.added.iter().filter_map(|text| text.rsplit_once(" of "));
    new.filter_map(|(alias, new)| Some((alias, *old.get(alias)?, new))).collect()
}

fn names_boolean(comparison: &Comparison<'_, '_>, condition: Condition, name: &str) -> bool {
    let booleans = comparison.conditions.booleans(condition);
    booleans.iter().any(|boolean| comparison.matching.boolean_name(*boolean) == name)
}
