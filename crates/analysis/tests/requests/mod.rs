//! Random requests about any policy, half of them made of one of its rules, so that many have answers.

use analysis::query::{KindSet, Pattern, Request, SetMatch};
use avstore::Store;
use policydb::{RuleKind, TypeId};
use testkit::random::Random;

/// A request with one criterion less than a narrow one: source, target or class.
#[allow(dead_code, reason = "the benchmark asks narrow ones only")]
pub(crate) fn wider(store: &Store<'_>, random: &mut Random) -> Request {
    let narrow = narrow(store, random);
    match random.below(3) {
        0 => Request { source: None, ..narrow },
        1 => Request { target: None, ..narrow },
        _ => Request { classes: Vec::new(), ..narrow },
    }
}

/// A request with a source, a target and a class, in names.
pub(crate) fn narrow(store: &Store<'_>, random: &mut Random) -> Request {
    let policy = store.policy();
    let n_rules = policy.rules().len();
    let n_all = n_rules + policy.conditional_rules().len();
    let position = random.below(n_all);
    let rule = if position < n_rules {
        policy.rules().get(position)
    } else {
        policy.conditional_rules().get(position - n_rules)
    };
    let (rule, _) = rule.expect("a rule at each position");
    let from_rule = random.chance(50);
    let n_types = u32::try_from(policy.n_types()).expect("ids have 32 bits");
    let mut side = |of_rule: TypeId| {
        let id = if from_rule { of_rule } else { TypeId::from_index(random.below(n_types as usize) as u32) };
        let written = random.chance(5);
        let member = store.members(id).iter().next().filter(|_| from_rule && random.chance(70));
        let name = policy.type_symbol(member.unwrap_or(id)).map(|(name, _)| name.to_string())?;
        Some(if written { Pattern::Written(name) } else { Pattern::Name(name) })
    };
    // Ids of old policies can have no name.
    let (Some(source), Some(target)) = (side(rule.source()), side(rule.target())) else {
        return narrow(store, random);
    };
    let class = store.class_name(rule.class()).to_string();
    let permission = random.pick(store.permissions(rule.class())).map(|p| p.name.to_string());
    let kind = if random.chance(70) { rule.kind() } else { *random.pick(&RuleKind::ALL).expect("kinds") };
    Request {
        kinds: KindSet::of([kind]),
        source: Some(source),
        target: Some(target),
        classes: vec![class],
        permissions: permission.filter(|_| random.chance(30)).into_iter().collect(),
        permission_match: SetMatch::Any,
        enabled: random.chance(10),
        ..Request::default()
    }
}
