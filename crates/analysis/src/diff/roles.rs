//! Rules about roles and ranges that differ: role `allow`, `role_transition`, `range_transition`. Compared by what they say
//! in the common space; the text is that of the policy that has the rule.

use std::collections::BTreeMap;

use avstore::{FileNames, Kind, Rule, StatementWriter, range_text};
use policydb::format::Feature;

use super::both::{Both, Which};
use super::formats::Formats;
use super::matching::{Matching, Symbol};

/// A rule that only one policy has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleRuleChange {
    /// Which kind of rule.
    pub kind: Kind,
    /// Which policy has it.
    pub which: Which,
    /// Its source, if that is a type.
    pub source: Option<Symbol>,
    /// Its target, if that is a type.
    pub target: Option<Symbol>,
    /// The statement.
    pub text: String,
}

const SECCLASS_PROCESS: u32 = 2;

/// What a rule says, in numbers and levels by name.
type Key = (u8, u32, u32, u32, String);
/// Its source and target, as far as they are types, and its text.
type Stated = (Option<Symbol>, Option<Symbol>, String);

/// Rules that differ: those of the newer policy last, each kind in a fixed order.
pub(super) fn role_changes(matching: &Matching<'_, '_>, formats: Formats) -> Vec<RoleRuleChange> {
    let rules = Both::of(|which| rules_of(matching, formats, which));
    let mut changes = Vec::new();
    for which in Which::BOTH {
        for (key, (source, target, text)) in rules.get(which) {
            if rules.get(which.other()).contains_key(key) {
                continue;
            }
            let kind = match key.0 {
                0 => Kind::RoleAllow,
                1 => Kind::RoleTransition,
                _ => Kind::RangeTransition,
            };
            changes.push(RoleRuleChange {
                kind,
                which,
                source: *source,
                target: *target,
                text: text.clone(),
            });
        }
    }
    changes
}

fn rules_of(matching: &Matching<'_, '_>, formats: Formats, which: Which) -> BTreeMap<Key, Stated> {
    let store = matching.store(which);
    let policy = store.policy();
    let mut writer = StatementWriter::new(store, FileNames::Quoted);
    let mut text = |rule: &Rule<'_>| {
        let mut text = Vec::new();
        writer.write(rule, &mut text);
        String::from_utf8_lossy(&text).into_owned()
    };
    let mut rules = BTreeMap::new();
    let role = |id: policydb::RoleId| matching.roles.common(which, id.index()).unwrap_or(u32::MAX);
    for rule in policy.role_allows().iter() {
        let key = (0, role(rule.source), role(rule.target), 0, String::new());
        rules.insert(key, (None, None, text(&Rule::RoleAllow(rule))));
    }
    let class_of = |class: Option<policydb::ClassId>| {
        let id = class.or_else(|| store.process_class())?;
        matching.classes.common(which, id.index())
    };
    // Formats that name no class mean processes, by the number that the kernel gives them: what they cannot carry is left
    // out. Source: `SECCLASS_PROCESS` in libsepol's `role_trans_write` and `range_write`.
    let has_number = Which::BOTH.into_iter().all(|which| {
        matching.store(which).process_class().is_none_or(|class| class.value() == SECCLASS_PROCESS)
    });
    let process = if has_number { class_of(None) } else { None };
    for rule in policy.role_transitions().iter() {
        let (target, class) = (matching.symbol(which, rule.r#type), class_of(rule.class));
        let is_carried = process.is_some() && class == process;
        if !is_carried && !formats.both_have(Feature::RoleTransitionClass) {
            continue;
        }
        let Some(number) = target else { continue };
        let key = (1, role(rule.role), number.0, class.unwrap_or(u32::MAX), role(rule.new_role).to_string());
        rules.insert(key, (None, target, text(&Rule::RoleTransition(rule))));
    }
    if formats.both_have(Feature::Mls) {
        for rule in policy.range_transitions().iter() {
            let class = class_of(rule.class);
            let is_carried = process.is_some() && class == process;
            if !is_carried && !formats.both_have(Feature::RangeTransitionClass) {
                continue;
            }
            let (source, target) = (matching.symbol(which, rule.source), matching.symbol(which, rule.target));
            let (Some(from), Some(to)) = (source, target) else { continue };
            let key = (2, from.0, to.0, class.unwrap_or(u32::MAX), range_text(policy, rule.range));
            rules.insert(key, (source, target, text(&Rule::RangeTransition(Box::new(rule)))));
        }
    }
    rules
}
