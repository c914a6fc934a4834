//! What a comparison says of a pair of types and a class, against decisions in both policies under some states of the booleans.

use analysis::decide::{Circumstances, Decider};
use analysis::diff::{AccessChange, Both, Comparison, Matching, Symbol, Which};
use avstore::{Booleans, Overlay};
use policydb::{ClassId, TypeId};

/// Both policies, ready to decide under given states.
pub(crate) struct Judges<'s, 'p>(Both<Decider<'s, 'p>>);

impl<'s, 'p> Judges<'s, 'p> {
    /// Under `state` of each boolean, by its common number, which is asked for each policy.
    pub(crate) fn new(matching: &Matching<'s, 'p>, state: &dyn Fn(Which, u32) -> bool) -> Self {
        Judges(Both::of(|which| {
            let store = matching.store(which);
            let mut booleans = Booleans::of(store.policy());
            for number in 0.. {
                let name = matching.boolean_name(number);
                if name.is_empty() {
                    break;
                }
                if let Some(id) = store.policy().boolean_named(name.as_bytes()) {
                    booleans = booleans.with(id, state(which, number));
                }
            }
            let decider = Decider::new(store, Circumstances { booleans, overlay: Overlay::default() });
            decider.prepare();
            decider
        }))
    }

    /// What rules and bounds grant, in the common numbering.
    pub(crate) fn granted(
        &self,
        matching: &Matching<'_, '_>,
        which: Which,
        (source, target): (Symbol, Symbol),
        class: u32,
    ) -> u64 {
        let name = matching.class_name(class);
        let ids = (matching.id(which, source), matching.id(which, target));
        let class_id = matching.store(which).policy().class_named(name.as_bytes());
        match (ids, class_id) {
            ((Some(source), Some(target)), Some(id)) => {
                matching.mask(which, class, bounded(self.0.get(which), (source, target), id, 0))
            }
            _ => 0,
        }
    }
}

fn bounded(
    decider: &Decider<'_, '_>,
    (source, target): (TypeId, TypeId),
    class: ClassId,
    depth: usize,
) -> u32 {
    let allowed = decider.vector(source, target, class).allowed;
    let bound = |id: TypeId| decider.store().policy().type_symbol(id).and_then(|(_, symbol)| symbol.bounds);
    match bound(source) {
        Some(parent) if depth < 5 => {
            allowed & bounded(decider, (parent, bound(target).unwrap_or(target)), class, depth + 1)
        }
        _ => allowed,
    }
}

/// The changes of a pair and a class.
pub(crate) fn changes_of<'a>(
    comparison: &'a Comparison<'_, '_>,
    (source, target): (Symbol, Symbol),
    class: u32,
) -> impl Iterator<Item = &'a AccessChange> {
    let all = comparison.changes_of(source).iter();
    all.filter(move |change| (change.target, change.class) == (target, class))
}

/// Whether the comparison says of a pair and a class what decisions say, under the same states on both sides.
pub(crate) fn check(
    comparison: &Comparison<'_, '_>,
    judges: &Judges<'_, '_>,
    state: &dyn Fn(u32) -> bool,
    pair: (Symbol, Symbol),
    class: u32,
) {
    let matching = &comparison.matching;
    let granted = Both::of(|which| judges.granted(matching, which, pair, class));
    let (mut gained, mut lost, mut seen) = (0u64, 0u64, 0u64);
    for change in changes_of(comparison, pair, class) {
        assert_eq!(seen & change.permissions, 0, "a permission stands in two changes");
        seen |= change.permissions;
        let holds = |condition| comparison.conditions.holds(condition, state);
        match (holds(change.before), holds(change.after)) {
            (false, true) => gained |= change.permissions,
            (true, false) => lost |= change.permissions,
            _ => {}
        }
    }
    let about = || {
        let names = (matching.name(pair.0), matching.name(pair.1));
        format!("{} {}:{}", names.0, names.1, matching.class_name(class))
    };
    assert_eq!(gained, granted.new & !granted.old, "gained: {}", about());
    assert_eq!(lost, granted.old & !granted.new, "lost: {}", about());
}

/// Checks every pair and class, under several states of the booleans, and the effects under the defaults of each policy.
pub(crate) fn check_all(comparison: &Comparison<'_, '_>) {
    let matching = &comparison.matching;
    let types: Vec<Symbol> = matching.types().collect();
    // All off, all on, every other one.
    let states: [&dyn Fn(u32) -> bool; 4] =
        [&|_| false, &|_| true, &|number| number % 2 == 0, &|number| number % 3 == 1];
    for state in states {
        let judges = Judges::new(matching, &|_, number| state(number));
        for &source in &types {
            for &target in &types {
                for class in 0..matching.n_classes() {
                    check(comparison, &judges, state, (source, target), class);
                }
            }
        }
    }
    let judges =
        Judges::new(matching, &|which, number| matching.boolean_state(which, number).unwrap_or_default());
    for &source in &types {
        for &target in &types {
            for class in 0..matching.n_classes() {
                check_effects(comparison, &judges, (source, target), class);
            }
        }
    }
}

/// Whether what is said to be gained and lost is, under the defaults of each policy.
pub(crate) fn check_effects(
    comparison: &Comparison<'_, '_>,
    judges: &Judges<'_, '_>,
    pair: (Symbol, Symbol),
    class: u32,
) {
    use analysis::diff::Effect;
    let matching = &comparison.matching;
    let granted = Both::of(|which| judges.granted(matching, which, pair, class));
    let of = |wanted: Effect| {
        let changes =
            changes_of(comparison, pair, class).filter(|change| comparison.effect(change) == wanted);
        changes.fold(0, |all, change| all | change.permissions)
    };
    let names = (matching.name(pair.0), matching.name(pair.1), matching.class_name(class));
    assert_eq!(of(Effect::Gained), granted.new & !granted.old, "gained by default: {names:?}");
    assert_eq!(of(Effect::Lost), granted.old & !granted.new, "lost by default: {names:?}");
}

/// Whether all changes together, each counted for its cause, are the whole difference.
pub(crate) fn check_causes(comparison: &Comparison<'_, '_>) {
    let causes = comparison.by_cause();
    let totals = comparison.totals();
    let sum = |count: fn(&analysis::diff::CauseSummary) -> usize| causes.iter().map(count).sum::<usize>();
    assert_eq!(sum(|cause| cause.accesses), totals.accesses);
    assert_eq!(sum(|cause| cause.permissions), totals.permissions);
    assert_eq!(sum(|cause| cause.gained), totals.gained);
    assert_eq!(sum(|cause| cause.lost), totals.lost);
    assert!(causes.iter().all(|cause| cause.accesses > 0), "a cause of nothing");
}
