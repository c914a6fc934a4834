//! What is serious about the changes that are no access: each kind of change has its level in the table.

use std::collections::BTreeMap;

use avstore::{ComponentKind, Kind};
use policydb::{HandleUnknown, RuleKind};

use super::both::{Both, Which};
use super::effective::Cause;
use super::findings::{Finding, What};
use super::severity::level_of;
use super::{Comparison, Condition, TransitionChange};

pub(super) fn statement_findings(comparison: &Comparison<'_, '_>, out: &mut Vec<Finding>) {
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
    transition_findings(comparison, &mut add);
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
        } else if !change.only.new.is_empty() && change.has_any.old {
            // The first rule only takes away: before it all commands were granted.
            add("xperm", text);
        }
    }
    if let (Some(both), Some(text)) = (comparison.handle_unknown, comparison.unknown_text()) {
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

/// Processes that newly get another type when they start a program, or no longer do. What comes or goes with a type is
/// part of that type.
fn transition_findings(comparison: &Comparison<'_, '_>, add: &mut impl FnMut(&'static str, String)) {
    const FEW: usize = 3;
    let matching = &comparison.matching;
    let mut texts: BTreeMap<(&'static str, &'static str), Vec<String>> = BTreeMap::new();
    let process = matching.class_named("process");
    let is_process = |change: &&TransitionChange<'_>| {
        change.kind == RuleKind::TypeTransition && Some(change.class) == process
    };
    for change in comparison.transitions.iter().filter(is_process) {
        let verb = match (change.default.old, change.default.new) {
            (None, _) => "added",
            (_, None) => "removed",
            _ => "changed",
        };
        let types = [Some(change.source), Some(change.target), change.default.old, change.default.new];
        let id = match types.into_iter().flatten().all(|symbol| matching.in_both(symbol)) {
            true => "transition",
            false => "declaration",
        };
        texts.entry((id, verb)).or_default().push(comparison.transition_text(change));
    }
    for ((id, verb), texts) in texts {
        match texts.as_slice() {
            [first, rest @ ..] if rest.len() >= FEW => {
                add(id, format!("{} transitions of processes {verb}: {first} …", texts.len()));
            }
            few => few.iter().for_each(|text| add(id, format!("{verb}: {text}"))),
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
                let (id, text) = match states.new.iter().any(|part| part.text == "true") {
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
                let new = |field: &'static str| words.new.iter().filter(move |part| part.field == field);
                let names: Vec<&String> = new("").map(|part| &part.text).collect();
                if !names.is_empty() {
                    add(
                        "role",
                        format!("{word} {name} may have {} more: {}", names.len(), joined(names.iter(), 8)),
                    );
                }
                for (field, what) in [("level", "another level at login"), ("range", "another range")] {
                    let old = words.old.iter().find(|part| part.field == field);
                    if let (Some(old), Some(new)) = (old, new(field).next()) {
                        add(
                            "range",
                            format!("{word} {name} has {what}: {} instead of {}", new.text, old.text),
                        );
                    }
                }
            }
        }
        ComponentKind::Sensitivity => {
            for (name, parts) in &change.changed {
                let of = Both::of(|which| {
                    let part = parts.get(which).iter().find(|part| part.field == "categories");
                    part.map_or("none", |part| part.text.as_str())
                });
                if of.old != of.new {
                    add(
                        "range",
                        format!("{word} {name} has other categories: {} instead of {}", of.new, of.old),
                    );
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
