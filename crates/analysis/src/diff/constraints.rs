//! Constraints that differ, and domains for which constraints count, or no longer count, because they joined or left an
//! attribute that constraints name.
//!
//! Two constraints are the same if their expressions mean the same (`meaning.rs`), with attributes as they were written; their
//! permissions are compared for each class and expression. Where one of the formats does not keep what was written (before
//! version 29), sets are compared as they were expanded, without types that one policy does not have.

use std::collections::BTreeMap;

use avstore::{
    Comparison, Component, ComponentKind, Field, Leaf, Step, Whose, compares_levels, components,
    constraint_steps, constraint_text,
};
use policydb::format::Feature;
use policydb::{Constraint, Names, TypeId};

use super::both::{Both, Which};
use super::formats::Formats;
use super::matching::{Matching, Symbol};
use super::meaning::{Atom, Meaning};

/// Names of a set that a text shows at most.
const NAMES_SHOWN: usize = 12;

/// A constraint that only one policy has, or whose permissions differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConstraintChange {
    /// `constrain`, `mlsconstrain`, `validatetrans` or `mlsvalidatetrans`.
    pub kind: ComponentKind,
    /// The class.
    pub class: u32,
    /// Permissions that are constrained in one policy and not in the other; none for `validatetrans`.
    pub permissions: Both<u64>,
    /// The expression, as the policy that has it writes it.
    pub text: String,
    /// Whether either has it for this class at all.
    pub has: Both<bool>,
    /// The attributes that it names, ascending.
    pub attributes: Vec<Symbol>,
    /// What the expression means.
    pub(super) meaning: Meaning,
}

/// A type that both policies have joined or left an attribute that constraints name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConstrainedChange {
    /// The type.
    pub r#type: Symbol,
    /// The attribute.
    pub attribute: Symbol,
    /// Whether it joined.
    pub joined: bool,
    /// Whether less is constrained: it left those to whom constraints apply, or joined those whom they except.
    pub loosens: bool,
    /// How many constraints of the policy in which it is a member name the attribute.
    pub n_constraints: usize,
    /// The classes of those, by their common numbers, ascending.
    pub classes: Vec<u32>,
}

struct Known {
    attributes: Vec<Symbol>,
    masks: Both<u64>,
    has: Both<bool>,
    text: String,
}

/// The constraints that name an attribute.
#[derive(Debug, Default)]
pub(super) struct Naming {
    pub(super) n_constraints: usize,
    /// How many of them hold for members whatever else they compare.
    n_excepting: usize,
    classes: Vec<u32>,
}

impl Naming {
    /// Whether members are excepted: most of the constraints say what membership means.
    pub(super) fn excepts(&self) -> bool {
        self.n_excepting.saturating_mul(2) > self.n_constraints
    }
}

/// All about constraints.
pub(super) struct Found {
    /// Those that differ.
    pub(super) changes: Vec<ConstraintChange>,
    /// Types for which they newly count, or no longer do.
    pub(super) constrained: Vec<ConstrainedChange>,
    /// The attributes that those of the newer policy name; none where the formats do not tell.
    pub(super) naming: BTreeMap<Symbol, Naming>,
}

/// Constraints that differ, and types for which they newly count or no longer do.
pub(super) fn constraint_changes(matching: &Matching<'_, '_>, formats: Formats) -> Found {
    let as_written = formats.both_have(Feature::ConstraintNames);
    let mut known: BTreeMap<(u32, u8, bool, Meaning), Known> = BTreeMap::new();
    let mut naming: Both<BTreeMap<Symbol, Naming>> = Both::default();
    for which in Which::BOTH {
        let store = matching.store(which);
        for kind in KINDS {
            if !formats.both_have(Feature::Mls) && !matches!(kind, ComponentKind::Constrain) {
                continue;
            }
            for component in components(store, kind) {
                let Component::Constraint(of) = component else { continue };
                let Some(class) = matching.classes.common(which, of.class.index()) else { continue };
                let steps = constraint_steps(&of.constraint);
                for (attribute, excepts) in attributes_named(matching, which, &of.constraint) {
                    let entry = naming.get_mut(which).entry(attribute).or_default();
                    entry.n_constraints += 1;
                    entry.n_excepting += usize::from(excepts);
                    entry.classes.push(class);
                }
                let number =
                    u8::try_from(KINDS.iter().position(|one| *one == kind).unwrap_or(0)).unwrap_or(0);
                let atom = |leaf: &Leaf<'_>| atom(matching, which, leaf, as_written);
                let key = (class, number, compares_levels(&steps), Meaning::of(&steps, &atom));
                let named = attributes_named(matching, which, &of.constraint);
                let known = known.entry(key).or_insert_with(|| Known {
                    attributes: named.iter().map(|(symbol, _)| *symbol).collect(),
                    masks: Both::default(),
                    has: Both::default(),
                    text: constraint_text(store, &steps, NAMES_SHOWN),
                });
                *known.masks.get_mut(which) |= matching.mask(which, class, of.constraint.permissions);
                *known.has.get_mut(which) = true;
            }
        }
    }
    let changes = known.into_iter().filter_map(|((class, kind, _, meaning), known)| {
        let permissions =
            Both { old: known.masks.old & !known.masks.new, new: known.masks.new & !known.masks.old };
        let is_equal = permissions.old | permissions.new == 0 && known.has.old == known.has.new;
        let kind = KINDS.get(usize::from(kind)).copied().unwrap_or(ComponentKind::Constrain);
        let Known { text, has, attributes, .. } = known;
        (!is_equal).then_some(ConstraintChange { kind, class, permissions, text, has, attributes, meaning })
    });
    let changes = changes.collect();
    // Where rules are expanded nothing is known of attributes.
    if formats.both_have(Feature::CompactAvtab) && as_written {
        Found { changes, constrained: constrained(matching, &naming), naming: naming.new }
    } else {
        Found { changes, constrained: Vec::new(), naming: BTreeMap::new() }
    }
}

const KINDS: [ComponentKind; 4] = [
    ComponentKind::Constrain,
    ComponentKind::MlsConstrain,
    ComponentKind::ValidateTrans,
    ComponentKind::MlsValidateTrans,
];

/// Types that joined or left attributes that constraints name.
fn constrained(
    matching: &Matching<'_, '_>,
    naming: &Both<BTreeMap<Symbol, Naming>>,
) -> Vec<ConstrainedChange> {
    let mut changes = Vec::new();
    for (which, joined) in [(Which::New, true), (Which::Old, false)] {
        for (&attribute, named) in naming.get(which) {
            // An attribute that came or went did so with its constraints.
            if !matching.in_both(attribute) {
                continue;
            }
            let mut classes = named.classes.clone();
            let excepts = named.excepts();
            classes.sort_unstable();
            classes.dedup();
            let is_changed = |member: &Symbol| {
                matching.in_both(*member) && !matching.stands_for(which.other(), attribute, *member)
            };
            for r#type in matching.types_of(which, attribute).filter(is_changed) {
                let (n_constraints, classes, loosens) =
                    (named.n_constraints, classes.clone(), joined == excepts);
                changes.push(ConstrainedChange {
                    r#type,
                    attribute,
                    joined,
                    loosens,
                    n_constraints,
                    classes,
                });
            }
        }
    }
    changes.sort_by_key(|change| (change.r#type, change.attribute, change.joined));
    changes
}

/// The attributes that a constraint was written with, and whether members are excepted: they are by `t1 == attribute`, and
/// others are by `t1 != attribute`.
fn attributes_named(
    matching: &Matching<'_, '_>,
    which: Which,
    constraint: &Constraint<'_>,
) -> Vec<(Symbol, bool)> {
    let mut named: Vec<(Symbol, bool)> = constraint_steps(constraint)
        .iter()
        .filter_map(|step| match step {
            Step::Leaf(Leaf::Names(_, Field::Type, comparison, names)) => {
                Some((names.written?, *comparison == Comparison::Equal))
            }
            _ => None,
        })
        .flat_map(|((included, excluded, _), excepts)| {
            included
                .bits()
                .map(move |bit| (bit, excepts))
                .chain(excluded.bits().map(move |bit| (bit, !excepts)))
        })
        .filter_map(|(bit, excepts)| Some((matching.symbol(which, TypeId::from_index(bit))?, excepts)))
        .filter(|(symbol, _)| matching.is_attribute(*symbol))
        .collect();
    named.sort_unstable();
    named.dedup_by_key(|(symbol, _)| *symbol);
    named
}

/// What is compared, as numbers: equal for the same in both policies.
fn atom(matching: &Matching<'_, '_>, which: Which, leaf: &Leaf<'_>, as_written: bool) -> Atom {
    match leaf {
        Leaf::Unreadable => Vec::new(),
        Leaf::Fields(field, _) => vec![5, *field as u32],
        Leaf::Levels(one, other, _) => {
            let level = |of: &avstore::LevelOf| u32::from(of.target) * 2 + u32::from(of.high);
            vec![6, level(one), level(other)]
        }
        Leaf::Names(whose, field, _, names) => {
            let whose = match whose {
                Whose::Source => 0,
                Whose::Target => 1,
                Whose::Process => 2,
            };
            let mut key = vec![7, whose, *field as u32];
            push_names(matching, which, *field, names, as_written, &mut key);
            key
        }
    }
}

fn push_names(
    matching: &Matching<'_, '_>,
    which: Which,
    field: Field,
    names: &Names<'_>,
    as_written: bool,
    key: &mut Vec<u32>,
) {
    let common = |bit: u32| match field {
        Field::Type => matching.symbol(which, TypeId::from_index(bit)).map(|symbol| symbol.0),
        Field::Role => matching.roles.common(which, bit as usize),
        Field::User => matching.users.common(which, bit as usize),
    };
    let written = names.written.filter(|(included, excluded, flags)| {
        as_written && field == Field::Type && (!included.is_empty() || !excluded.is_empty() || *flags != 0)
    });
    let mut push = |bits: policydb::Ebitmap<'_>, only_common: bool| {
        let is_kept = |number: &u32| !only_common || matching.in_both(Symbol(*number));
        let mut numbers: Vec<u32> = bits.bits().filter_map(common).filter(is_kept).collect();
        numbers.sort_unstable();
        key.push(u32::try_from(numbers.len()).unwrap_or(u32::MAX));
        key.extend(numbers);
    };
    match written {
        Some((included, excluded, flags)) => {
            push(included, false);
            push(excluded, false);
            key.push(flags);
        }
        None => push(names.ids, field == Field::Type),
    }
}
