//! The rules that edges need, gathered in one scan of the policy: for each thing that is needed, the `allow` rules that say
//! something of it, and the `type_transition` rules of processes.
//!
//! Attributes are not expanded. 20 bytes for each rule and need; of Debian's 109,000 rules 95,000 move information.

use avstore::{Branch, Store, TypeSet};
use policydb::{AvRule, ClassId, RuleKind, TypeId};

use super::kind::{Kind, What};
use crate::reach::{PermissionMap, Place};

/// A rule that grants something that is needed.
#[derive(Clone, Copy, Debug)]
pub(super) struct NeedRule {
    pub(super) source: TypeId,
    pub(super) target: TypeId,
    pub(super) class: ClassId,
    /// The permissions of it that count.
    pub(super) permissions: u32,
    pub(super) branch: Option<Branch>,
}

/// A `type_transition` of processes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entering<'p> {
    pub(super) source: TypeId,
    pub(super) program: TypeId,
    pub(super) default: TypeId,
    pub(super) place: Place<'p>,
}

/// The rules of a policy that edges need.
#[derive(Debug)]
pub(super) struct Facts<'p> {
    /// What is needed, each once, and the rules that say something of it.
    needed: Vec<(What, Vec<NeedRule>)>,
    pub(super) entering: Vec<Entering<'p>>,
}

/// For each class and bit, the positions in `Facts::needed` that it counts for, as a mask of permissions each.
type Wanted = Vec<Vec<(usize, u32)>>;

impl<'p> Facts<'p> {
    /// Gathers the rules that some kinds of edges need. By `map` a permission moves information if its weight is `min_weight` or
    /// more. O(rules).
    pub(super) fn of(
        store: &Store<'p>,
        kinds: &[&'static Kind],
        more: &[What],
        map: &PermissionMap,
        min_weight: u8,
    ) -> Self {
        let mut needed: Vec<(What, Vec<NeedRule>)> = Vec::new();
        let all = kinds.iter().flat_map(|kind| kind.needs).map(|need| need.what).chain(more.iter().copied());
        for what in all {
            if !needed.iter().any(|(other, _)| *other == what) {
                needed.push((what, Vec::new()));
            }
        }
        let wanted = wanted(store, &needed, map, min_weight);
        let policy = store.policy();
        let process = store.process_class();
        let mut entering = Vec::new();
        let mut add = |position: usize, rule: AvRule, branch: Option<Branch>| {
            if rule.kind_bits() == RuleKind::Allow.bits() {
                for &(at, mask) in wanted.get(rule.class().index()).into_iter().flatten() {
                    let permissions = rule.permissions() & mask;
                    if permissions != 0
                        && let Some((_, rules)) = needed.get_mut(at)
                    {
                        let (source, target, class) = (rule.source(), rule.target(), rule.class());
                        rules.push(NeedRule { source, target, class, permissions, branch });
                    }
                }
            } else if rule.kind_bits() == RuleKind::TypeTransition.bits()
                && Some(rule.class()) == process
                && let Some(default) = rule.default_type()
            {
                let position = u32::try_from(position).unwrap_or(u32::MAX);
                let place = branch
                    .map_or(Place::Unconditional(position), |branch| Place::Conditional(position, branch));
                entering.push(Entering { source: rule.source(), program: rule.target(), default, place });
            }
        };
        policy.rules().rules(0..policy.rules().len()).for_each(|(at, rule)| add(at, rule, None));
        for (conditional, node) in (0u32..).zip(policy.conditionals()) {
            for (when, range) in [(true, &node.true_rules), (false, &node.false_rules)] {
                let branch = Some(Branch { conditional, when });
                let rules = policy.conditional_rules().rules(range.clone());
                rules.for_each(|(at, rule)| add(at, rule, branch));
            }
        }
        Facts { needed, entering }
    }

    /// All rules, once for each need.
    pub(super) fn all(&self) -> impl Iterator<Item = &NeedRule> {
        self.needed.iter().flat_map(|(_, rules)| rules)
    }

    /// The rules that say something of what is needed.
    pub(super) fn rules(&self, what: What) -> &[NeedRule] {
        let found = self.needed.iter().find(|(other, _)| *other == what);
        found.map_or(&[], |(_, rules)| rules)
    }
}

/// What counts of each class.
fn wanted(
    store: &Store<'_>,
    needed: &[(What, Vec<NeedRule>)],
    map: &PermissionMap,
    min_weight: u8,
) -> Wanted {
    let of_class = |class: ClassId| {
        let name = store.class_name(class);
        let of_need = |(at, (what, _)): (usize, &(What, Vec<NeedRule>))| {
            let mut mask = 0u32;
            for permission in store.policy().permissions(class) {
                let counts = match what {
                    What::AnyOf(classes) => classes.iter().any(|(of, permissions)| {
                        of.as_bytes() == name.as_bytes()
                            && permissions.iter().any(|one| one.as_bytes() == permission.name.as_bytes())
                    }),
                    What::Read | What::Write => {
                        let name = String::from_utf8_lossy(name.as_bytes());
                        let mapping = map.weight(&name, &String::from_utf8_lossy(permission.name.as_bytes()));
                        let weight = if *what == What::Read { mapping.read() } else { mapping.write() };
                        weight > 0 && weight >= min_weight
                    }
                };
                if counts {
                    mask |= 1u32.checked_shl(u32::from(permission.bit)).unwrap_or_default();
                }
            }
            (mask != 0).then_some((at, mask))
        };
        needed.iter().enumerate().filter_map(of_need).collect()
    };
    store.class_ids().map(of_class).collect()
}

/// The symbols of the near side of rules: which rules have it, seen from a side.
pub(super) fn has(rule: &NeedRule, is_source: bool, symbols: &TypeSet) -> bool {
    symbols.contains(if is_source { rule.source } else { rule.target })
}
