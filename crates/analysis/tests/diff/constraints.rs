//! Constraints are no part of the effective difference, and nothing of what they change goes unsaid: where two policies decide
//! differently about a permission though rules and bounds do not differ, a constraint on it differs, or one of the two types
//! joined or left an attribute that constraints name, or what constraints compare with it does.

use analysis::context::PartialContext;
use analysis::decide::{Access, Circumstances, Decider};
use analysis::diff::{Both, Comparison, Symbol, Which};

use super::brute_force::changes_of;
use super::{testdata, with_comparison};

/// How many permissions differ by constraints alone.
fn check(comparison: &Comparison<'_, '_>) -> usize {
    let matching = &comparison.matching;
    let deciders = Both::of(|which| {
        let store = matching.store(which);
        let decider = Decider::new(store, Circumstances::of(store));
        decider.prepare();
        decider
    });
    // What is granted whatever is left open: users, roles and levels.
    let granted = |which: Which, (source, target): (Symbol, Symbol), class: u32| {
        let id = |symbol| matching.id(which, symbol).map(PartialContext::of_type);
        let name = matching.class_name(class);
        let class_id = matching.store(which).policy().class_named(name.as_bytes());
        match (id(source), id(target), class_id) {
            (Some(source), Some(target), Some(id)) => {
                let decision =
                    deciders.get(which).decide(&Access { source: &source, target: &target, class: id });
                matching.mask(which, class, decision.allowed)
            }
            _ => 0,
        }
    };
    let mut n_differing = 0;
    for source in matching.types() {
        for target in matching.types() {
            for class in 0..matching.n_classes() {
                let pair = (source, target);
                let differing = granted(Which::Old, pair, class) ^ granted(Which::New, pair, class);
                let by_rules =
                    changes_of(comparison, pair, class).fold(0, |all, change| all | change.permissions);
                let left = differing & !by_rules;
                if left == 0 {
                    continue;
                }
                n_differing += 1;
                let by_constraint = comparison
                    .constraints
                    .iter()
                    .filter(|change| change.class == class)
                    .fold(0, |all, change| all | change.permissions.old | change.permissions.new);
                let by_type = comparison.constrained.iter().any(|change| {
                    (change.r#type == source || change.r#type == target) && change.classes.contains(&class)
                });
                assert!(
                    left & !by_constraint == 0 || by_type,
                    "{} {}:{} {:?} differs, and nothing is said",
                    matching.name(source),
                    matching.name(target),
                    matching.class_name(class),
                    matching.permission_names(class, left)
                );
            }
        }
    }
    n_differing
}

#[test]
fn what_constraints_change_is_said() {
    let demo = [testdata("demo/demo-older.33"), testdata("demo/demo.33")];
    assert!(with_comparison(&demo[0], &demo[1], check) > 20);
    let pairs = [("mcs-granted", "mcs-denied"), ("constrain-granted", "constrain-denied")];
    for (old, new) in pairs {
        let file = |name: &str| testdata(&format!("policies/{name}.33"));
        with_comparison(&file(old), &file(new), |comparison| {
            check(comparison);
        });
    }
}
