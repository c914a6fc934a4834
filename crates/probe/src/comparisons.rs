//! Comparisons of a policy that loaded, with itself and with a small one, there and back.

use analysis::diff::statements::{Comparison, Reading, Side, TooMuch};
use avstore::{ComponentKind, Store};
use policydb::{Policy, RuleKind};

/// A small policy that declares a bit of everything.
const OTHER: &[u8] = include_bytes!("../../../testdata/policies/rich.33");

/// The kinds of statements that constrain or label.
const CONSTRAINTS: [ComponentKind; 4] = [
    ComponentKind::Constrain,
    ComponentKind::MlsConstrain,
    ComponentKind::ValidateTrans,
    ComponentKind::MlsValidateTrans,
];

/// Compares a policy, if it loads, with itself and with another one.
///
/// # Panics
/// When a policy differs from itself, or more is added one way than is removed the other way.
pub(crate) fn compare(bytes: &[u8]) {
    let (Ok(policy), Ok(other)) = (Policy::parse(bytes), Policy::parse(OTHER)) else { return };
    let (store, other) = (Store::new(&policy), Store::new(&other));
    for (kind, [added, removed, modified]) in counts(&Comparison::new(&store, &store, Reading::NATIVE)) {
        assert_eq!((added, removed, modified), (0, 0, 0), "{kind} differ from themselves");
    }
    let there = counts(&Comparison::new(&store, &other, Reading::NATIVE));
    let back = counts(&Comparison::new(&other, &store, Reading::NATIVE));
    for ((kind, [added, removed, modified]), (_, there_and_back)) in there.into_iter().zip(back) {
        assert_eq!([removed, added, modified], there_and_back, "{kind} there and back");
    }
}

/// How many statements of each kind were added, removed and modified; nothing where that is too much.
fn counts(comparison: &Comparison<'_, '_>) -> Vec<(&'static str, [usize; 3])> {
    let mut counts = Vec::new();
    macro_rules! count {
        ($kind:expr, $changes:expr) => {{
            let changes = $changes;
            counts.push(($kind, [changes.added.len(), changes.removed.len(), changes.modified.len()]));
        }};
    }
    macro_rules! count_if {
        ($kind:expr, $changes:expr) => {
            match $changes {
                Ok(changes) => count!($kind, changes),
                Err(TooMuch) => counts.push(($kind, [0; 3])),
            }
        };
    }
    let n_properties = comparison.properties().len();
    counts.push(("properties", [0, 0, n_properties]));
    count!("commons", comparison.commons());
    count!("classes", comparison.classes());
    count!("booleans", comparison.booleans());
    count!("roles", comparison.roles());
    count!("types", comparison.types());
    count!("attributes", comparison.attributes());
    count!("users", comparison.users());
    count!("rolebounds", comparison.stated(ComponentKind::RoleBounds));
    count!("userbounds", comparison.stated(ComponentKind::UserBounds));
    count!("neveraudit", comparison.stated(ComponentKind::NeverAudit));
    count!("categories", comparison.categories());
    count!("sensitivities", comparison.sensitivities());
    count!("levels", comparison.levels());
    count!("capabilities", comparison.capabilities());
    count!("defaults", comparison.defaults());
    count!("bounds", comparison.typebounds());
    count!("role allows", comparison.role_allows());
    count_if!("role transitions", comparison.role_transitions());
    count_if!("range transitions", comparison.range_transitions());
    let mut access = [0; 3];
    if let Ok(changes) = comparison.access(&[RuleKind::Allow, RuleKind::AuditAllow, RuleKind::DontAudit]) {
        for (_, _, change) in changes.iter() {
            let way = match change.only_on() {
                Some(Side::Right) => 0,
                Some(Side::Left) => 1,
                None => 2,
            };
            access[way] += 1;
        }
    }
    counts.push(("access rules", access));
    for kind in RuleKind::ALL {
        if kind.has_xperms() {
            count_if!(kind.keyword(), comparison.xperms(kind));
        } else if kind.has_default() {
            count_if!(kind.keyword(), comparison.type_rules(kind));
        }
    }
    for kind in CONSTRAINTS {
        count!(kind.keyword(), comparison.constraints(kind));
    }
    for kind in ComponentKind::LABELS {
        count!(kind.keyword(), comparison.labels(kind));
    }
    counts
}
