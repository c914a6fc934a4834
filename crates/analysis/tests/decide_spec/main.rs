//! The decision engine against its specification, on generated policies: every operator of constraints, bounds of
//! several levels, nested conditions, extended permissions; and open answers against all that they leave open.

mod boolean_effect;
mod what_if;

use std::collections::BTreeSet;

use analysis::context::{CategorySet, ContextRules, MlsLevel, MlsRange, PartialContext, SecurityContext};
use analysis::decide::{Access, Circumstances, Decider, Operation, Side};
use avstore::{Booleans, Overlay, Store};
use policydb::{ClassId, Policy, RoleId, TypeId, UserId};
use spec::{Subject, SubjectLevel};
use testkit::generated::{self, CLASSES};
use testkit::random::Random;

const POLICIES: u64 = 60;
const QUESTIONS: usize = 120;

/// Calls `check` for the texts of generated policies, with the compiler.
fn for_texts(first_seed: u64, mut check: impl FnMut(u64, &str, &dyn Fn(&str) -> Vec<u8>, &mut Random)) {
    if generated::compiler_is_missing() {
        return testkit::leave_out(&testkit::Error::Reference("checkpolicy is not installed".to_owned()));
    }
    let directory = tempfile::tempdir().expect("a temporary directory");
    for seed in first_seed..first_seed + POLICIES {
        let mut random = Random::new(seed);
        let text = generated::policy_text(&mut random);
        let compile = |text: &str| {
            generated::compile(text, directory.path()).unwrap_or_else(|e| panic!("seed {seed}: {e}\n{text}"))
        };
        check(seed, &text, &compile, &mut random);
    }
}

/// Calls `check` for generated policies, some of them with bounds.
fn for_generated_policies(first_seed: u64, mut check: impl FnMut(u64, &Policy<'_>, &mut Random)) {
    for_texts(first_seed, |seed, text, compile, random| {
        let bytes = generated::with_bounds(&compile(text), random);
        let policy = Policy::parse(&bytes).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
        check(seed, &policy, random);
    });
}

fn level(random: &mut Random) -> SubjectLevel {
    let n_categories = u32::try_from(random.below(4)).expect("few");
    let categories = (0..n_categories).map(|_| 1 + u32::try_from(random.below(5)).expect("few")).collect();
    (1 + u32::try_from(random.below(2)).expect("few"), categories)
}

fn subject(policy: &Policy<'_>, random: &mut Random) -> Subject {
    let one_of = |random: &mut Random, n: usize| u32::try_from(random.below(n)).expect("32 bits");
    let r#type = loop {
        let id = TypeId::from_index(one_of(random, policy.n_types()));
        if policy.type_symbol(id).is_some_and(|(_, symbol)| !symbol.is_attribute) {
            break id;
        }
    };
    let low = level(random);
    let high = if random.chance(40) { low.clone() } else { level(random) };
    Subject {
        user: UserId::from_index(one_of(random, policy.n_users())),
        role: RoleId::from_index(one_of(random, policy.n_roles())),
        r#type,
        range: policy.header().mls.then_some((low, high)),
    }
}

/// Two subjects and a class; mostly of the types and the class of a rule, so that something is granted.
fn question(policy: &Policy<'_>, random: &mut Random) -> (Subject, Subject, &'static str) {
    let (mut source, mut target) = (subject(policy, random), subject(policy, random));
    let (mut class, _) = CLASSES[random.below(CLASSES.len())];
    let (rule, _) = policy.rules().get(random.below(policy.rules().len())).expect("a rule");
    if random.chance(80) {
        let mut member = |symbol: TypeId, subject: &mut Subject| {
            let ids = (0..u32::try_from(policy.n_types()).expect("32 bits")).map(TypeId::from_index);
            let is_type =
                |id: &TypeId| policy.type_symbol(*id).is_some_and(|(_, symbol)| !symbol.is_attribute);
            let stands_for =
                |id: &TypeId| *id == symbol || policy.attributes_of(*id).contains(symbol.index());
            let members: Vec<TypeId> = ids.filter(is_type).filter(stands_for).collect();
            subject.r#type = random.pick(&members).copied().unwrap_or(subject.r#type);
        };
        member(rule.source(), &mut source);
        member(rule.target(), &mut target);
        let name = policy.class_name(rule.class()).expect("a name").to_string();
        class = CLASSES.iter().find(|(class, _)| *class == name).map_or(class, |(class, _)| class);
    }
    (source, target, class)
}

fn context(subject: &Subject) -> SecurityContext {
    let level = |(sensitivity, values): &SubjectLevel| {
        let mut categories = CategorySet::default();
        values.iter().for_each(|&value| categories.insert_run(value, value));
        MlsLevel { sensitivity: *sensitivity, categories }
    };
    let range = subject.range.as_ref().map(|(low, high)| MlsRange { low: level(low), high: level(high) });
    SecurityContext { user: subject.user, role: subject.role, r#type: subject.r#type, range }
}

fn names(store: &Store<'_>, class: ClassId, bits: u32) -> BTreeSet<String> {
    let permissions = store.permissions(class).iter().filter(|permission| bits >> permission.bit & 1 == 1);
    permissions.map(|permission| permission.name.to_string()).collect()
}

/// Random states for some booleans, as the specification and as the engine have them.
fn settings(policy: &Policy<'_>, random: &mut Random) -> (Vec<(String, bool)>, Booleans) {
    let all: Vec<String> = (0..generated::BOOLEANS).map(|boolean| format!("b{boolean}")).collect();
    let set: Vec<(String, bool)> =
        random.some(&all, 3).into_iter().map(|name| (name, random.chance(50))).collect();
    let booleans = set.iter().fold(Booleans::of(policy), |booleans, (name, state)| {
        booleans.with(policy.boolean_named(name.as_bytes()).expect("a boolean of the policy"), *state)
    });
    (set, booleans)
}

#[test]
fn the_engine_decides_as_the_specification() {
    let (mut granted, mut bounded, mut invalid, mut asked) = (0, 0, 0, 0);
    for_generated_policies(1, |seed, policy, random| {
        let store = Store::new(policy);
        let (set, booleans) = settings(policy, random);
        let circumstances = Circumstances { booleans, overlay: Overlay::default() };
        let scanning = Decider::new(&store, circumstances.clone());
        let indexed = Decider::new(&store, circumstances);
        indexed.prepare();
        for _ in 0..QUESTIONS {
            let (source, target, class) = question(policy, random);
            let class_id = policy.class_named(class.as_bytes()).expect("a class of the policy");
            let expected = spec::decide(policy, &source, &target, class, &set);
            let (scontext, tcontext) = (context(&source), context(&target));
            let access = Access { source: &scontext, target: &tcontext, class: class_id };
            let decision = indexed.decide(&access);
            let what = || format!("seed {seed}: {source:?} {target:?} {class} {set:?}");
            assert_eq!(decision, scanning.decide(&access), "{}", what());
            assert_eq!(names(&store, class_id, decision.allowed), expected.allowed, "{}", what());
            assert_eq!(decision.allowed, decision.possible, "{}", what());
            assert_eq!(names(&store, class_id, decision.auditallow), expected.auditallow, "{}", what());
            assert_eq!(names(&store, class_id, !decision.auditdeny), expected.dontaudit, "{}", what());
            // What was asked of a proof is refused for a reason, or granted by a rule.
            let requested = analysis::decide::defined(&store, class_id);
            let proof = scanning.prove(&access, requested);
            let same = indexed.prove(&access, requested);
            assert_eq!(format!("{proof:?}"), format!("{same:?}"), "{}", what());
            let refused = proof
                .constraints
                .iter()
                .fold(proof.without_rule(), |bits, refusal| bits | refusal.permissions)
                | proof.role.map_or(0, |role| role.permissions)
                | proof.bound.as_ref().map_or(0, |bound| bound.permissions);
            assert_eq!(refused & requested, proof.denied(), "{}", what());
            bounded += usize::from(proof.bound.is_some());
            let command = u16::try_from(random.below(0x500)).expect("16 bits");
            let verdict = scanning.command(&access, Operation::Ioctl, command);
            let expected_command = spec::allows_command(policy, &source, &target, class, &set, command);
            assert_eq!(verdict.allowed, expected_command, "{} {command:#x}", what());
            let valid = scanning.context_rules().is_valid(&scontext);
            assert_eq!(valid, spec::is_valid(policy, &source), "{}", what());
            invalid += usize::from(!valid);
            granted += usize::from(!expected.allowed.is_empty());
            asked += 1;
        }
    });
    assert!(granted * 10 > asked && bounded * 20 > asked || asked == 0, "{granted} and {bounded} of {asked}");
    assert!(invalid > 0 && invalid < asked || asked == 0, "{invalid} of {asked} are invalid");
}

/// All valid contexts of a type with these users, roles and ranges.
fn completions(rules: &ContextRules<'_>, side: &PartialContext, ranges: &[MlsRange]) -> Vec<SecurityContext> {
    let policy = rules.policy();
    let ids = |n: usize| 0..u32::try_from(n).expect("32 bits");
    let users: Vec<UserId> =
        side.user.map_or_else(|| ids(policy.n_users()).map(UserId::from_index).collect(), |user| vec![user]);
    let roles: Vec<RoleId> =
        side.role.map_or_else(|| ids(policy.n_roles()).map(RoleId::from_index).collect(), |role| vec![role]);
    let ranges: Vec<Option<MlsRange>> = match (&side.range, rules.has_levels()) {
        (Some(range), _) => vec![Some(range.clone())],
        (None, true) => ranges.iter().cloned().map(Some).collect(),
        (None, false) => vec![None],
    };
    let mut found = Vec::new();
    for &user in &users {
        for &role in &roles {
            for range in &ranges {
                let context = SecurityContext { user, role, r#type: side.r#type, range: range.clone() };
                if rules.is_valid(&context) {
                    found.push(context);
                }
            }
        }
    }
    found
}

#[test]
fn what_is_left_open_is_never_assumed() {
    let (mut open, mut witnessed, mut asked) = (0, 0, 0);
    for_generated_policies(500, |seed, policy, random| {
        let store = Store::new(policy);
        let decider = Decider::new(&store, Circumstances::of(&store));
        decider.prepare();
        let rules = decider.context_rules();
        for _ in 0..8 {
            let (source, target, class) = question(policy, random);
            let side = |subject: &Subject, random: &mut Random| {
                let whole = PartialContext::from(context(subject));
                match random.below(3) {
                    0 => PartialContext { user: None, role: None, ..whole },
                    1 => PartialContext { range: None, ..whole },
                    _ => PartialContext::of_type(whole.r#type),
                }
            };
            let (source, target) = (side(&source, random), side(&target, random));
            let class = policy.class_named(class.as_bytes()).expect("a class of the policy");
            let decision = decider.decide(&Access { source: &source, target: &target, class });
            let ranges: Vec<MlsRange> =
                (0..12).filter_map(|_| context(&subject(policy, random)).range).collect();
            let targets = completions(rules, &target, &ranges);
            let (mut always, mut sometimes) = (u32::MAX, 0);
            for source in completions(rules, &source, &ranges) {
                for target in &targets {
                    let whole = decider.decide(&Access { source: &source, target, class });
                    always &= whole.allowed;
                    sometimes |= whole.allowed;
                }
            }
            let what = || format!("seed {seed}: {source:?} {target:?} {class:?}");
            assert_eq!(decision.allowed & !always, 0, "granted, but not to all: {}", what());
            assert_eq!(sometimes & !decision.possible, 0, "denied, but not to all: {}", what());
            let depends = decision.possible & !decision.allowed;
            if depends != 0 {
                let witnesses = decider.witnesses(&source, &target, class, depends);
                let check = |pair: &(SecurityContext, SecurityContext), granted: bool| {
                    let (source, target) = pair;
                    assert!(rules.is_valid(source) && rules.is_valid(target), "{}", what());
                    let decision = decider.decide(&Access { source, target, class });
                    assert_eq!(decision.allowed & depends == depends, granted, "{}", what());
                };
                witnesses.granted.iter().for_each(|pair| check(pair, true));
                witnesses.denied.iter().for_each(|pair| check(pair, false));
                witnessed += usize::from(witnesses.granted.is_some() && witnesses.denied.is_some());
                let proof = decider.prove(&Access { source: &source, target: &target, class }, depends);
                let conditions = decider.open_conditions(&proof, class, depends);
                let bounded = proof.bound.is_some();
                assert!(
                    bounded || !conditions.is_empty() && conditions.iter().all(|c| !c.is_empty()),
                    "{}",
                    what()
                );
                open += 1;
            }
            assert_eq!(source.type_id(), source.r#type);
            asked += 1;
        }
    });
    assert!(
        open * 20 > asked && witnessed * 3 > open || asked == 0,
        "{open} open, {witnessed} witnessed, of {asked}"
    );
}
