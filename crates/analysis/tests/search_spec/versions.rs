//! The versions of the format that SETools does not read: the engine finds what the specification finds, and what
//! the same policy states at version 33.
//!
//! From 20 to 23 rules are on attributes that have no names, so statements differ in their text. Asked about one
//! type on each side, every version must give the same permissions and defaults. Left out is what the versions
//! lack: transitions by file name (25), transitions of roles and ranges for other classes than `process` (26, 21),
//! extended permissions (30).

use std::collections::{BTreeMap, BTreeSet};

use analysis::query::{KindSet, Pattern, Request, find, search};
use avstore::{Kind, Rule, Store, condition_text};
use policydb::{Policy, RuleKind, TypeId};
use testkit::policies;
use testkit::random::Random;

use crate::{compare, with_policy};

/// Questions about types, and about roles and ranges each, for the specification.
const QUESTIONS: (usize, usize) = (60, 20);
/// Pairs of types on which two versions are compared.
const PAIRS: usize = 120;

/// What holds between two types: by kind, class and branch of a condition, the permissions or defaults.
type Stated = BTreeMap<(&'static str, String, String), BTreeSet<String>>;

#[test]
fn the_specification_judges_what_setools_does_not_read() {
    for (seed, policy) in (200..).zip(policies::NAMELESS) {
        with_policy(policy, |read| {
            let answered = compare(policy.name, read, seed, QUESTIONS.0, QUESTIONS.1);
            assert!(answered > QUESTIONS.0 / 2, "{}: only {answered} questions had an answer", policy.name);
        });
    }
}

#[test]
fn all_versions_state_the_same() {
    for policy in policies::NAMELESS {
        with_policy(policy, |older| state_the_same_as_33(policy.name, older));
    }
}

#[test]
#[ignore = "135 MB; `cargo xtask oracle --full` runs it"]
fn version_19_has_the_answers_of_the_specification_and_of_33() {
    with_policy(&policies::EXPANDED, |read| {
        assert!(compare(policies::EXPANDED.name, read, 300, 8, QUESTIONS.1) > QUESTIONS.1);
        state_the_same_as_33(policies::EXPANDED.name, read);
    });
}

fn state_the_same_as_33(name: &str, older: &Policy<'_>) {
    let is_it = |policy: &&policies::Policy| policy.name == "container";
    let newest = policies::ALL.iter().find(is_it).expect("version 33");
    with_policy(newest, |newest| {
        let (older, newest) = (Store::new(older), Store::new(newest));
        let mut random = Random::new(u64::from(older.policy().format().version));
        for _ in 0..PAIRS {
            let (source, target) = pair(&newest, &mut random);
            let expected = stated(&newest, &source, &target);
            assert!(!expected.is_empty(), "{source} and {target} were taken from a rule");
            assert_eq!(stated(&older, &source, &target), expected, "{name}: {source} on {target}");
        }
        for kind in [Kind::RoleAllow, Kind::RoleTransition, Kind::RangeTransition] {
            let expected = about_processes(&newest, kind);
            assert!(!expected.is_empty(), "{}", kind.name());
            assert_eq!(about_processes(&older, kind), expected, "{name}: {}", kind.name());
        }
    });
}

/// Two types that some rule of the policy is about.
fn pair(store: &Store<'_>, random: &mut Random) -> (String, String) {
    loop {
        let rules =
            if random.chance(70) { store.policy().rules() } else { store.policy().conditional_rules() };
        let (rule, xperms) = rules.get(random.below(rules.len())).expect("within the table");
        let mut member = |symbol: TypeId| {
            let members: Vec<TypeId> = store.members(symbol).iter().collect();
            random.pick(&members).map(|id| store.type_name(*id).to_string())
        };
        if let (Some(source), Some(target), None) = (member(rule.source()), member(rule.target()), xperms) {
            return (source, target);
        }
    }
}

fn stated(store: &Store<'_>, source: &str, target: &str) -> Stated {
    let request = Request {
        kinds: KindSet::of(RuleKind::ALL),
        source: Some(Pattern::Name(source.to_owned())),
        target: Some(Pattern::Name(target.to_owned())),
        ..Request::default()
    };
    let criteria = request.resolve(store).expect("types of the policy");
    let mut stated = Stated::new();
    for found in find(store, &criteria, usize::MAX).expect("no limit") {
        let Rule::Av { rule, xperms: None, branch } = found else { continue };
        let condition = branch.map_or_else(String::new, |branch| {
            let conditional = &store.policy().conditionals()[branch.index()];
            format!("{} {}", condition_text(store.policy(), conditional), branch.when)
        });
        let key = (rule.kind().keyword(), store.class_name(rule.class()).to_string(), condition);
        let of_rule = stated.entry(key).or_default();
        match rule.default_type() {
            Some(default) => {
                of_rule.insert(store.type_name(default).to_string());
            }
            None => {
                let defined = store.permissions(rule.class()).iter();
                let has = defined.filter(|permission| rule.permissions() & (1 << permission.bit) != 0);
                of_rule.extend(has.map(|permission| permission.name.to_string()));
            }
        }
    }
    stated
}

/// All rules of a kind about roles or ranges that every version can state, in words.
fn about_processes(store: &Store<'_>, kind: Kind) -> BTreeSet<String> {
    let request = Request {
        kinds: KindSet::of([kind]),
        classes: if kind == Kind::RoleAllow { Vec::new() } else { vec!["process".to_owned()] },
        ..Request::default()
    };
    let found = search(store, &request, usize::MAX).expect("names of the policy");
    crate::engine::statements(store, &found).into_iter().collect()
}
