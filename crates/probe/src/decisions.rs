//! Decisions, labels and contexts of a policy that loaded, whatever it is: answers that agree with one another.

use analysis::context::{CategorySet, MlsLevel, MlsRange, PartialContext, SecurityContext};
use analysis::decide::{
    Access, Circumstances, Contexts, Decider, Labelling, Operation, Request, Side, Sought, WhatIf,
    boolean_domains, boolean_effect, defined,
};
use analysis::explain::{Evidence, Explainer, Refused, permission_names};
use avstore::Store;
use policydb::{BoolId, ClassId, RoleId, TypeId, UserId};
use testkit::random::Random;

/// Questions to each policy.
const QUESTIONS: usize = 6;

/// Takes decisions about a policy, with and without an index.
///
/// # Panics
/// When one answer contradicts another.
pub(crate) fn ask_decisions(store: &Store<'_>, random: &mut Random) {
    let policy = store.policy();
    let scanning = Decider::new(store, Circumstances::of(store));
    let indexed = Decider::new(store, Circumstances::of(store));
    indexed.prepare();
    for _ in 0..QUESTIONS {
        let (Some(source), Some(target)) = (context(store, random), context(store, random)) else { return };
        let Some(class) = id(policy.n_classes(), random).map(ClassId::from_index) else { return };
        let access = Access { source: &source, target: &target, class };
        let decision = indexed.decide(&access);
        assert_eq!(decision, scanning.decide(&access), "with and without an index");
        assert_eq!(decision.allowed, decision.possible);
        let requested = defined(store, class);
        let proof = scanning.prove(&access, requested);
        assert_eq!(proof.granted() | proof.denied(), requested);
        let contexts = Contexts::new(&source, &target);
        for refusal in &proof.constraints {
            let constraint = &scanning.constraints(class)[refusal.index];
            assert!(!scanning.expression_text(constraint).contains(char::is_control));
            let reasons = scanning.leaf_reasons(constraint, &refusal.values, contexts);
            assert!(reasons.iter().all(|leaf| !leaf.why.is_empty() && !leaf.why.contains(char::is_control)));
        }
        let command = u16::try_from(random.below(0x1_0000)).unwrap_or(0);
        scanning.command(&access, Operation::Ioctl, command);
        explain(store, (&source, &target), class, requested);
        // What was left open can only be less certain.
        let (open_source, open_target) =
            (PartialContext::of_type(source.r#type), PartialContext::of_type(target.r#type));
        let open = indexed.decide(&Access { source: &open_source, target: &open_target, class });
        let rules = scanning.context_rules();
        if rules.is_valid(&source) && rules.is_valid(&target) {
            assert_eq!(open.allowed & !decision.allowed, 0, "granted to all, and not to one");
            assert_eq!(decision.allowed & !open.possible, 0, "denied to all, and not to one");
        }
        indexed.witnesses(&open_source, &open_target, class, 1);
        let permission = 1u32 << random.below(32);
        let found = indexed.who_can(Sought::Sources, &open_target, class, permission, false);
        assert!(found.iter().all(|grant| grant.possible & permission != 0));
        for labelling in [Labelling::Transition, Labelling::Change, Labelling::Member] {
            let name = random.chance(50).then_some(&b"resolv.conf"[..]);
            let label =
                scanning.new_context(labelling, &source.clone().into(), &target.clone().into(), class, name);
            assert!(!label.context.text(policy).contains(char::is_control));
        }
        scanning.validate_transition(&source, &target, &source, class);
        for reason in rules.invalidities(&source) {
            assert!(!reason.text(rules, &source.clone().into()).contains(char::is_control));
        }
        assert_eq!(source.type_id(), source.r#type);
        // Through text and back, as far as names go.
        let text = source.text(policy);
        if let Ok(same) = SecurityContext::parse(store, &text) {
            assert_eq!(same.text(policy), text);
        }
        let line = format!("{text} {} {}", target.text(policy), store.class_name(class));
        let _ = Request::of_line(rules, store, &line);
        let names = [store.type_name(source.r#type).to_string(), store.type_name(target.r#type).to_string()];
        let what_if = WhatIf {
            allows: vec![format!("{} {}:{} *", names[0], names[1], store.class_name(class))],
            permissive: vec![names[0].clone()],
            ..WhatIf::default()
        };
        if let Ok(circumstances) = what_if.resolve(store) {
            let more = Decider::new(store, circumstances).decide(&access);
            assert_eq!(decision.by_rules & !more.by_rules, 0, "an addition takes nothing away");
        }
    }
}

/// What a boolean adds and takes, beside the decisions with it off and on.
///
/// # Panics
/// When they differ.
pub(crate) fn ask_booleans(store: &Store<'_>, random: &mut Random) {
    for _ in 0..QUESTIONS {
        let Some(boolean) = id(store.policy().n_booleans(), random).map(BoolId::from_index) else { return };
        let sources = boolean_domains(store, boolean);
        let of_rule = random.pick(&sources).map(|found| store.members(found.source).iter().next());
        let Some(domain) = of_rule.flatten().or_else(|| context(store, random).map(|found| found.r#type))
        else {
            return;
        };
        let domain = PartialContext::of_type(domain);
        let circumstances = Circumstances::of(store);
        let effect = boolean_effect(store, &domain, boolean, &circumstances);
        let [off, on] = [false, true].map(|state| {
            let booleans = circumstances.booleans.clone().with(boolean, state);
            Decider::new(store, Circumstances { booleans, ..circumstances.clone() })
        });
        for _ in 0..QUESTIONS {
            let changed = random.pick(&effect.access.each).map(|change| (change.other, change.class));
            let any = || {
                Some((
                    context(store, random)?.r#type,
                    ClassId::from_index(id(store.policy().n_classes(), random)?),
                ))
            };
            let Some((other, class)) = changed.or_else(any) else { return };
            if store.is_attribute(other) {
                continue;
            }
            let target = PartialContext::of_type(other);
            let access = Access { source: &domain, target: &target, class };
            let (off, on) = (off.decide(&access), on.decide(&access));
            let found =
                effect.access.each.iter().find(|change| (change.other, change.class) == (other, class));
            let names = defined(store, class);
            let adds = found.map(|change| change.adds).unwrap_or_default();
            let takes = found.map(|change| change.takes).unwrap_or_default();
            assert_eq!(adds.granted, on.allowed & !off.allowed & names);
            assert_eq!(adds.granted | adds.depends, (on.possible & !off.possible & names) | adds.granted);
            assert_eq!(takes.granted, off.allowed & !on.allowed & names);
            assert_eq!(takes.granted | takes.depends, (off.possible & !on.possible & names) | takes.granted);
        }
    }
}

fn id(n: usize, random: &mut Random) -> Option<u32> {
    u32::try_from(random.below(n)).ok().filter(|_| n > 0)
}

fn context(store: &Store<'_>, random: &mut Random) -> Option<SecurityContext> {
    let policy = store.policy();
    let mut level = || {
        let mut categories = CategorySet::default();
        let first = 1 + u32::try_from(random.below(12)).unwrap_or(0);
        if random.chance(60) {
            categories.insert_run(first, first + u32::try_from(random.below(3)).unwrap_or(0));
        }
        MlsLevel { sensitivity: 1 + u32::try_from(random.below(2)).unwrap_or(0), categories }
    };
    let range = MlsRange { low: level(), high: level() };
    Some(SecurityContext {
        user: UserId::from_index(id(policy.n_users(), random)?),
        role: RoleId::from_index(id(policy.n_roles(), random)?),
        r#type: TypeId::from_index(id(policy.n_types(), random)?),
        range: policy.header().mls.then_some(range),
    })
}

/// Why an access is denied, under this policy: contexts as text, as a record has them.
fn explain(
    store: &Store<'_>,
    (source, target): (&SecurityContext, &SecurityContext),
    class: ClassId,
    requested: u32,
) {
    let policy = store.policy();
    let explainer = Explainer::new(store, Circumstances::of(store));
    let names = permission_names(store, class, requested);
    let evidence = Evidence {
        scontext: source.text(policy),
        tcontext: target.text(policy),
        tclass: store.class_name(class).to_string(),
        permissions: names.into_iter().take(3).collect(),
        commands: vec![(Operation::Ioctl, 0x5401)],
        path: Some(b"/usr/lib/x".to_vec()),
        host_path: None,
        expected: None,
        name: Some(b"x".to_vec()),
        device: None,
        is_deleted: false,
        keeps_label: false,
        several_sources: false,
        stored_source: None,
        stored_target: Some(target.text(policy)),
    };
    if !evidence.permissions.is_empty() {
        crate::records::check_explanation(&explainer, &evidence);
    }
    let refused = [
        Refused::InvalidContext(evidence.scontext.clone()),
        Refused::Bounds(evidence.clone()),
        Refused::BoundedTransition { old: evidence.scontext, new: evidence.tcontext },
    ];
    for refused in &refused {
        explainer.refusal(refused);
    }
}
