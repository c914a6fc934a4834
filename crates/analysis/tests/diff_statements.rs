//! The comparison of access rules against its definition: every rule written out for every pair of types, and both sides
//! compared pair by pair.

use std::collections::{BTreeMap, BTreeSet};

use analysis::diff::statements::{Comparison, Reading};
use avstore::{Store, condition_text};
use policydb::{AvRule, Policy, RuleKind};
use testkit::pairs::pair_texts;
use testkit::random::Random;
use testkit::{Error, generated, leave_out};

const KINDS: [RuleKind; 3] = [RuleKind::Allow, RuleKind::AuditAllow, RuleKind::DontAudit];

/// Kind, condition and branch, source, target, class.
type Cell = (&'static str, Option<(String, bool)>, String, String, String);
type Said = BTreeMap<Cell, BTreeSet<String>>;

/// What a policy says, written out.
fn said(store: &Store<'_>) -> Said {
    let mut said = Said::new();
    let policy = store.policy();
    let mut add = |rule: AvRule, condition: Option<(String, bool)>| {
        if !KINDS.contains(&rule.kind()) {
            return;
        }
        let permissions = policy.permissions(rule.class());
        let permissions = permissions.filter(|permission| rule.permissions() >> permission.bit & 1 == 1);
        let permissions: BTreeSet<String> =
            permissions.map(|permission| permission.name.to_string()).collect();
        for source in store.members(rule.source()).iter() {
            for target in store.members(rule.target()).iter() {
                let name = |id| store.type_name(id).to_string();
                let class = store.class_name(rule.class()).to_string();
                let cell = (rule.kind().keyword(), condition.clone(), name(source), name(target), class);
                said.entry(cell).or_default().extend(permissions.iter().cloned());
            }
        }
    };
    policy.rules().rules(0..policy.rules().len()).for_each(|(_, rule)| add(rule, None));
    for conditional in policy.conditionals() {
        let text = condition_text(policy, conditional);
        for (when, positions) in [(true, &conditional.true_rules), (false, &conditional.false_rules)] {
            let rules = policy.conditional_rules().rules(positions.clone());
            rules.for_each(|(_, rule)| add(rule, Some((text.clone(), when))));
        }
    }
    // What is said anyway is not said under a condition.
    let anyway = said.clone();
    for ((kind, condition, source, target, class), permissions) in &mut said {
        let cell = (*kind, None, source.clone(), target.clone(), class.clone());
        if let Some(anyway) = anyway.get(&cell).filter(|_| condition.is_some()) {
            permissions.retain(|permission| !anyway.contains(permission));
        }
    }
    said.retain(|_, permissions| !permissions.is_empty());
    said
}

fn compare(old: &[u8], new: &[u8], seed: u64) -> usize {
    let [old, new] = [old, new].map(|bytes| Policy::parse(bytes).expect("a valid policy"));
    let (old, new) = (Store::new(&old), Store::new(&new));
    let (old_said, new_said) = (said(&old), said(&new));
    let cells: BTreeSet<&Cell> = old_said.keys().chain(new_said.keys()).collect();
    let of = |said: &Said, cell| said.get(cell).cloned().unwrap_or_default();
    let expected: BTreeMap<Cell, [BTreeSet<String>; 2]> = cells
        .into_iter()
        .map(|cell| (cell.clone(), [of(&old_said, cell), of(&new_said, cell)]))
        .filter(|(_, [old, new])| old != new)
        .collect();
    let comparison = Comparison::new(&old, &new, Reading::NATIVE);
    let changes = comparison.access(&KINDS).expect("no limit");
    let mut found = BTreeMap::new();
    for (source, target, change) in changes.iter() {
        let name = |of| String::from_utf8_lossy(&comparison.type_name(of)).into_owned();
        let condition = comparison.access_condition(change.branch);
        let condition = condition.map(|condition| (condition.text.into_owned(), condition.when));
        let class = comparison.class_name(change.class).to_string();
        let cell = (change.kind.keyword(), condition, name(source), name(target), class);
        let names = |set| {
            let names = comparison.permissions(change.class, set);
            names.iter().map(ToString::to_string).collect::<BTreeSet<String>>()
        };
        let twice = found.insert(cell, change.permissions.map(names));
        assert!(twice.is_none(), "no cell is found twice");
    }
    assert_eq!(found, expected, "pair {seed}");
    found.len()
}

#[test]
fn cells_that_differ_are_those_of_the_definition() -> Result<(), Error> {
    if generated::compiler_is_missing() {
        leave_out(&Error::Reference("checkpolicy is not installed".to_owned()));
        return Ok(());
    }
    let folder = tempfile::tempdir().expect("a temporary directory");
    let mut n_cells = 0;
    for seed in 0..60 {
        let texts = pair_texts(&mut Random::new(seed));
        let old = generated::compile(&texts[0], folder.path())?;
        let new = generated::compile(&texts[1], folder.path())?;
        n_cells += compare(&old, &new, seed);
        assert_eq!(compare(&old, &old, seed), 0);
    }
    assert!(n_cells > 1000, "only {n_cells} cells differ");
    Ok(())
}
