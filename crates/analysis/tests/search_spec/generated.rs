//! Generated policies: the engine finds what the specification finds, and the text of a condition means it.

use std::collections::BTreeSet;

use avstore::{Booleans, Branch, Conditions, Store, condition_text};
use policydb::{BoolId, Policy, RuleKind};
use spec::{Match, Query, Side};
use testkit::generated::{self, CLASSES};
use testkit::random::Random;

use crate::questions::{Questions, part_of};
use crate::{compare, engine, grammar};

const POLICIES: u64 = 60;
const QUERIES: usize = 150;

/// Calls `check` for generated policies, each with its own sequence of random choices.
fn for_generated_policies(first_seed: u64, mut check: impl FnMut(u64, &Policy<'_>, &mut Random)) {
    if generated::compiler_is_missing() {
        testkit::leave_out(&testkit::Error::Reference("checkpolicy is not installed".to_owned()));
        return;
    }
    let directory = tempfile::tempdir().expect("a temporary directory");
    for seed in first_seed..first_seed + POLICIES {
        let mut random = Random::new(seed);
        let text = generated::policy_text(&mut random);
        let bytes = generated::compile(&text, directory.path())
            .unwrap_or_else(|e| panic!("seed {seed}: {e}\n{text}"));
        let policy = Policy::parse(&bytes).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
        check(seed, &policy, &mut random);
    }
}

#[test]
fn the_engine_finds_what_the_specification_finds() {
    let (mut asked, mut answered) = (0, 0);
    for_generated_policies(1, |seed, policy, random| {
        let store = Store::new(policy);
        for _ in 0..QUERIES {
            let query = random_query(random);
            let expected = match std::panic::catch_unwind(|| spec::search(policy, &query)) {
                Ok(expected) => expected,
                Err(_) => panic!("seed {seed}: the specification fails on {query:?}"),
            };
            let found = engine::rules(&store, &query);
            assert_eq!(found, expected, "seed {seed}, query {query:?}");
            asked += 1;
            answered += usize::from(!expected.is_empty());
        }
    });
    assert!(
        answered * 3 > asked || asked == 0,
        "too many questions have no answer: {answered} of {asked} have one"
    );
}

#[test]
fn rules_about_roles_and_ranges_are_those_of_the_specification() {
    let (mut roles, mut ranges) = (0, 0);
    for_generated_policies(2000, |seed, policy, random| {
        let (store, questions) = (Store::new(policy), Questions::new(policy));
        for _ in 0..QUERIES {
            if let Some(query) = questions.about_roles(random) {
                let expected = spec::search_role_rules(policy, &query);
                assert_eq!(engine::role_rules(&store, &query), expected, "seed {seed}, query {query:?}");
                roles += usize::from(!expected.is_empty());
            }
            if let Some(query) = questions.about_ranges(random) {
                let expected = spec::search_range_rules(policy, &query);
                assert_eq!(engine::range_rules(&store, &query), expected, "seed {seed}, query {query:?}");
                ranges += usize::from(!expected.is_empty());
            }
        }
    });
    let asked = usize::try_from(POLICIES).expect("a number") * QUERIES;
    assert!(
        (roles * 3 > asked && ranges * 6 > asked) || roles + ranges == 0,
        "too many questions have no answer: {roles} and {ranges} of {asked} have one"
    );
}

#[test]
fn so_it_does_at_older_versions() {
    if generated::compiler_is_missing() {
        testkit::leave_out(&testkit::Error::Reference("checkpolicy is not installed".to_owned()));
        return;
    }
    let directory = tempfile::tempdir().expect("a temporary directory");
    let (mut asked, mut answered) = (0, 0);
    for seed in 3000..3010 {
        let text = generated::policy_text(&mut Random::new(seed));
        for version in if generated::has_levels(&text) { 19..=24 } else { 15..=24 } {
            let bytes = generated::compile_at(version, &text, directory.path())
                .unwrap_or_else(|e| panic!("seed {seed}, version {version}: {e}\n{text}"));
            let policy = Policy::parse(&bytes).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
            answered += compare(&format!("generated at {version}"), &policy, seed, 30, 10);
            asked += 30;
        }
    }
    assert!(answered * 2 > asked, "too many questions have no answer: {answered} of {asked} have one");
}

#[test]
fn the_text_of_a_condition_means_the_condition() {
    for_generated_policies(1000, |seed, policy, _| {
        for (index, conditional) in (0..).zip(policy.conditionals()) {
            let text = condition_text(policy, conditional);
            for states in 0..1u32 << policy.n_booleans() {
                let mut booleans = Booleans::of(policy);
                let ids = (0..u32::try_from(policy.n_booleans()).unwrap()).map(BoolId::from_index);
                for id in ids {
                    booleans = booleans.with(id, states >> id.index() & 1 == 1);
                }
                let value = |name: &str| booleans.get(policy.boolean_named(name.as_bytes()).unwrap());
                let in_force =
                    |when| Conditions::under(policy, &booleans).in_force(Branch { conditional: index, when });
                let meant = grammar::evaluate(&text, &value);
                assert_eq!(
                    (in_force(true), in_force(false)),
                    (meant, !meant),
                    "seed {seed}: {text}, {states:b}"
                );
            }
        }
    });
}

fn random_query(random: &mut Random) -> Query {
    let kinds = if random.chance(60) { RuleKind::ALL.to_vec() } else { random.some(&RuleKind::ALL, 4) };
    let mut side = |percent| random.chance(percent).then(|| random_side(random));
    let (source, target, default) = (side(60), side(45), side(10));
    let (class, permissions) = CLASSES[random.below(CLASSES.len())];
    let asks_permissions = random.chance(30);
    let permissions = if asks_permissions { random.some(permissions, 3) } else { Vec::new() };
    let low = u16::try_from(random.below(0x500)).unwrap();
    let high = low + [0, 0, 3, 0x100][random.below(4)];
    let booleans: Vec<String> = (0..generated::BOOLEANS).map(|b| format!("b{b}")).collect();
    Query {
        kinds,
        source,
        target,
        classes: if asks_permissions || random.chance(20) { vec![class.to_owned()] } else { Vec::new() },
        permissions: permissions.into_iter().map(str::to_owned).collect(),
        permission_match: [Match::Any, Match::Equal, Match::All][random.below(3)],
        xperms: if random.chance(10) { (low..=high).collect() } else { BTreeSet::new() },
        xperms_equal: random.chance(20),
        default,
        booleans: if random.chance(15) { random.some(&booleans, 2) } else { Vec::new() },
        booleans_equal: random.chance(40),
        enabled: random.chance(30),
        settings: if random.chance(40) {
            random.some(&booleans, 3).into_iter().map(|name| (name, random.chance(50))).collect()
        } else {
            Vec::new()
        },
    }
}

fn random_side(random: &mut Random) -> Side {
    let name = generated::symbol(random);
    match random.below(100) {
        0..60 => Side::Named(name),
        60..80 => Side::Written(name),
        _ => Side::Matching(part_of(&name, random)),
    }
}
