//! What a boolean adds and takes: against the decisions about every type and class with it off and on, the engine's
//! with parts left open, and the specification's for whole contexts.

use std::collections::BTreeSet;

use analysis::context::PartialContext;
use analysis::decide::{
    Access, AccessChange, Blocked, Circumstances, Commands, Decider, Decision, Operation, Switched,
    boolean_effect, defined,
};
use avstore::{Booleans, Conditions, Overlay, Store};
use policydb::{BoolId, ClassId, Policy, TypeId};
use spec::Subject;
use testkit::generated::{self, CLASSES};
use testkit::random::Random;

use super::{context, for_generated_policies, names, settings, subject};

fn gained(before: &Decision, after: &Decision, names: u32) -> Switched {
    let granted = after.allowed & !before.allowed & names;
    Switched { granted, depends: after.possible & !before.possible & !granted & names }
}

/// By the decisions about every type and class.
fn expected(
    store: &Store<'_>,
    domain: &PartialContext,
    [off, on]: [&Decider<'_, '_>; 2],
    domain_is_source: bool,
) -> [Vec<AccessChange>; 3] {
    let [mut access, mut auditallow, mut dontaudit] = [const { Vec::new() }; 3];
    for class in store.class_ids() {
        let names = defined(store, class);
        for other in store.type_ids().filter(|id| !store.is_attribute(*id)) {
            let context = PartialContext::of_type(other);
            let (source, target) = if domain_is_source { (domain, &context) } else { (&context, domain) };
            if !domain_is_source && other == domain.r#type {
                continue;
            }
            let access_of = Access { source, target, class };
            let (off, on) = (off.decide(&access_of), on.decide(&access_of));
            let push = |list: &mut Vec<AccessChange>, adds, takes| {
                if adds != Switched::default() || takes != Switched::default() {
                    list.push(AccessChange { other, class, adds, takes });
                }
            };
            push(&mut access, gained(&off, &on, names), gained(&on, &off, names));
            let bits = |bits: u32| Switched { granted: bits & names, depends: 0 };
            push(
                &mut auditallow,
                bits(on.auditallow & !off.auditallow),
                bits(off.auditallow & !on.auditallow),
            );
            // `auditdeny` has what is audited.
            push(&mut dontaudit, bits(off.auditdeny & !on.auditdeny), bits(on.auditdeny & !off.auditdeny));
        }
    }
    [access, auditallow, dontaudit]
}

/// A boolean, mostly of a condition, and a domain, mostly one that a conditional rule is about.
fn boolean_and_domain(policy: &Policy<'_>, random: &mut Random) -> (BoolId, Subject) {
    let mut boolean = BoolId::from_index(u32::try_from(random.below(generated::BOOLEANS)).expect("few"));
    let mut whole = subject(policy, random);
    let Some(node) = random.pick(policy.conditionals()).filter(|_| random.chance(90)) else {
        return (boolean, whole);
    };
    let named: Vec<BoolId> = avstore::boolean_ids(node).collect();
    boolean = *random.pick(&named).expect("a boolean");
    let positions = node.true_rules.start..node.false_rules.end;
    let at = positions.start + random.below(positions.len());
    if let Some((rule, _)) = policy.conditional_rules().get(at) {
        let symbol = if random.chance(80) { rule.source() } else { rule.target() };
        let ids = (0..u32::try_from(policy.n_types()).expect("few")).map(TypeId::from_index);
        let members: Vec<TypeId> = ids
            .filter(|id| policy.type_symbol(*id).is_some_and(|(_, found)| !found.is_attribute))
            .filter(|id| *id == symbol || policy.attributes_of(*id).contains(symbol.index()))
            .collect();
        whole.r#type = random.pick(&members).copied().unwrap_or(whole.r#type);
    }
    (boolean, whole)
}

fn partial(whole: &Subject, random: &mut Random) -> PartialContext {
    let whole = whole.clone();
    let context = PartialContext::from(context(&whole));
    match random.below(4) {
        0 => PartialContext::of_type(context.r#type),
        1 => PartialContext { user: None, role: None, ..context },
        2 => PartialContext { range: None, ..context },
        _ => context,
    }
}

#[test]
fn the_effect_of_a_boolean_is_the_difference_of_all_decisions() {
    let (mut asked, mut changed, mut depending, mut bounded, mut commands) = (0, 0, 0, 0, 0);
    for_generated_policies(2000, |seed, policy, random| {
        let store = Store::new(policy);
        for _ in 0..24 {
            let (boolean, whole) = boolean_and_domain(policy, random);
            let (_, booleans) = settings(policy, random);
            let mut overlay = Overlay::default();
            if random.chance(25) {
                // The question may bring rules and attributes of its own.
                let rule = format!("{} self:file {{ read write }}", generated::symbol(random));
                let what_if = analysis::decide::WhatIf {
                    allows: vec![rule],
                    attributes: vec![format!("t{}_t a0", random.below(generated::TYPES))],
                    ..Default::default()
                };
                overlay = what_if.resolve(&store).expect("additions").overlay;
            }
            let circumstances = Circumstances { booleans, overlay };
            let domain = partial(&whole, random);
            let effect = boolean_effect(&store, &domain, boolean, &circumstances);
            let decider = |state| {
                let booleans = circumstances.booleans.clone().with(boolean, state);
                let decider =
                    Decider::new(&store, Circumstances { booleans, overlay: circumstances.overlay.clone() });
                decider.prepare();
                decider
            };
            let (off, on) = (decider(false), decider(true));
            let what = || format!("seed {seed}: {boolean:?} {domain:?} {circumstances:?}");
            let [access, auditallow, dontaudit] = expected(&store, &domain, [&off, &on], true);
            assert_eq!(effect.access.each, access, "{}", what());
            assert_eq!(effect.auditallow.each, auditallow, "{}", what());
            assert_eq!(effect.dontaudit.each, dontaudit, "{}", what());
            let [to_domain, ..] = expected(&store, &domain, [&off, &on], false);
            assert_eq!(effect.to_domain.each, to_domain, "{}", what());
            assert!(!effect.truncated);
            for changes in [&effect.access, &effect.to_domain, &effect.auditallow, &effect.dontaudit] {
                groups_are_the_same(&store, changes);
            }
            check_commands(&store, &effect, [&off, &on], random, &what);
            commands += effect.commands.len();
            check_blocked(policy, &effect.blocked, boolean, &circumstances.booleans);
            if effect.access.is_empty() && effect.rules_from == 0 {
                assert!(effect.unchanged.is_none(), "{}", what());
            }
            asked += 1;
            changed += usize::from(!access.is_empty());
            depending +=
                access.iter().filter(|change| change.adds.depends | change.takes.depends != 0).count();
            let is_bounded =
                policy.type_symbol(domain.r#type).is_some_and(|(_, symbol)| symbol.bounds.is_some());
            bounded += usize::from(is_bounded && !access.is_empty());
        }
    });
    assert!(
        asked == 0 || (changed * 5 > asked && depending > 20 && bounded > 20 && commands > 2),
        "{changed} of {asked} changed, {depending} depend, {bounded} bounded, {commands} commands"
    );
}

/// Groups say what the single changes say, and attributes and the rest make up the types.
fn groups_are_the_same(store: &Store<'_>, changes: &analysis::decide::Changes) {
    for (groups, part) in [
        (&changes.adds, (|change| change.adds) as fn(&AccessChange) -> Switched),
        (&changes.takes, |change| change.takes),
    ] {
        let mut of_groups: Vec<(ClassId, TypeId, u32, u32)> = Vec::new();
        for group in groups {
            let Switched { granted, depends } = group.permissions;
            of_groups.extend(group.others.types.iter().map(|id| (group.class, *id, granted, depends)));
            let mut made_up: BTreeSet<TypeId> = group.others.rest.iter().copied().collect();
            for part in &group.others.attributes {
                let attribute = part.attribute;
                let members = store.type_ids().filter(|id| {
                    !store.is_attribute(*id) && store.policy().attributes_of(*id).contains(attribute.index())
                });
                let members: Vec<TypeId> = members.collect();
                // Additions of the question may give it more.
                assert!(store.is_attribute(attribute) && members.len() <= part.members);
                if part.is_whole() {
                    made_up.extend(members);
                }
            }
            let types: BTreeSet<TypeId> = group.others.types.iter().copied().collect();
            assert!(made_up.is_subset(&types) && types.len() == group.others.types.len());
        }
        let mut each: Vec<(ClassId, TypeId, u32, u32)> = changes
            .each
            .iter()
            .map(|change| (change.class, change.other, part(change).granted, part(change).depends))
            .filter(|(.., granted, depends)| granted | depends != 0)
            .collect();
        each.sort();
        of_groups.sort();
        assert_eq!(each, of_groups);
    }
}

fn check_commands(
    store: &Store<'_>,
    effect: &analysis::decide::BooleanEffect<'_>,
    deciders: [&Decider<'_, '_>; 2],
    random: &mut Random,
    what: &dyn Fn() -> String,
) {
    for class in ["file", "dir"] {
        let class = store.policy().class_named(class.as_bytes()).expect("a class");
        let bit = 1 << store.permission_named(class, b"ioctl").expect("a permission").bit;
        for other in store.type_ids().filter(|id| !store.is_attribute(*id)) {
            let target = PartialContext::of_type(other);
            let access = Access { source: &effect.domain, target: &target, class };
            let found = effect
                .commands
                .iter()
                .find(|change| change.class == class && change.targets.types.contains(&other));
            for _ in 0..6 {
                let command = u16::try_from(random.below(0x500)).expect("16 bits");
                let verdicts = deciders.map(|decider| {
                    let verdict = decider.command(&access, Operation::Ioctl, command);
                    (verdict.checked, verdict.allowed && decider.decide(&access).possible & bit != 0)
                });
                let [(checked_off, off), (checked_on, on)] = verdicts;
                if let Some(change) = found {
                    assert!(checked_off || checked_on, "{}", what());
                    let lists = [&change.off, &change.on].map(|commands| match commands {
                        Commands::None => false,
                        Commands::All => true,
                        Commands::Ranges(ranges) => {
                            ranges.iter().any(|(low, high)| (low..=high).contains(&&command))
                        }
                    });
                    assert_eq!(lists, [off, on], "{} {command:#x}", what());
                } else if checked_off || checked_on {
                    assert_eq!(off, on, "{} {command:#x}", what());
                }
            }
        }
    }
}

/// What is blocked does not change; each way to free it does, and no smaller one.
fn check_blocked(policy: &Policy<'_>, blocked: &[Blocked], boolean: BoolId, booleans: &Booleans) {
    let values = |booleans: &Booleans, conditional: u32| {
        [false, true].map(|state| {
            Conditions::under(policy, &booleans.clone().with(boolean, state)).value(conditional as usize)
        })
    };
    for blocked in blocked {
        let [off, on] = values(booleans, blocked.conditional);
        assert_eq!((off, on), (blocked.value, blocked.value));
        for way in &blocked.ways {
            let freed = way.iter().fold(booleans.clone(), |booleans, (id, state)| booleans.with(*id, *state));
            let [off, on] = values(&freed, blocked.conditional);
            assert_ne!(off, on);
            assert!(way.iter().all(|(id, state)| *id != boolean && booleans.get(*id) != *state));
        }
    }
}

/// A valid subject of a type.
fn valid_like(policy: &Policy<'_>, r#type: TypeId, random: &mut Random) -> Option<Subject> {
    (0..40)
        .map(|_| Subject { r#type, ..subject(policy, random) })
        .find(|subject| spec::is_valid(policy, subject))
}

#[test]
fn the_effect_of_a_boolean_is_the_specifications_difference() {
    let (mut asked, mut changed) = (0, 0);
    for_generated_policies(3000, |seed, policy, random| {
        let store = Store::new(policy);
        for _ in 0..4 {
            let (boolean, whole) = boolean_and_domain(policy, random);
            let name = policy.boolean(boolean).expect("a boolean").0.to_string();
            let (set, booleans) = settings(policy, random);
            let Some(whole) = valid_like(policy, whole.r#type, random) else { continue };
            let domain = PartialContext::from(context(&whole));
            let circumstances = Circumstances { booleans, overlay: Overlay::default() };
            let effect = boolean_effect(&store, &domain, boolean, &circumstances);
            let with = |state| [set.clone(), vec![(name.clone(), state)]].concat();
            for other in store.type_ids().filter(|id| !store.is_attribute(*id)) {
                let Some(other) = valid_like(policy, other, random) else { continue };
                for (class, _) in CLASSES {
                    let class_id = policy.class_named(class.as_bytes()).expect("a class");
                    for domain_is_source in [true, false] {
                        if !domain_is_source && other.r#type == whole.r#type {
                            continue;
                        }
                        let (source, target) =
                            if domain_is_source { (&whole, &other) } else { (&other, &whole) };
                        let [off, on] = [false, true]
                            .map(|state| spec::decide(policy, source, target, class, &with(state)));
                        let changes = if domain_is_source { &effect.access } else { &effect.to_domain };
                        let found = changes
                            .each
                            .iter()
                            .find(|change| (change.class, change.other) == (class_id, other.r#type));
                        let check = |switched: Switched, gained: BTreeSet<String>| {
                            let certain = names(&store, class_id, switched.granted);
                            let possible = names(&store, class_id, switched.granted | switched.depends);
                            let what =
                                || format!("seed {seed}: {name} {source:?} {target:?} {class} {set:?}");
                            assert!(certain.is_subset(&gained), "{}: {certain:?} {gained:?}", what());
                            assert!(gained.is_subset(&possible), "{}: {possible:?} {gained:?}", what());
                        };
                        check(
                            found.map(|found| found.adds).unwrap_or_default(),
                            on.allowed.difference(&off.allowed).cloned().collect(),
                        );
                        check(
                            found.map(|found| found.takes).unwrap_or_default(),
                            off.allowed.difference(&on.allowed).cloned().collect(),
                        );
                        changed += usize::from(on.allowed != off.allowed);
                        asked += 1;
                    }
                }
            }
        }
    });
    assert!(asked == 0 || changed > 100, "{changed} of {asked}");
}
