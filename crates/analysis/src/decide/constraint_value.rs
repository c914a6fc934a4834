//! Whether constraints hold for given contexts.
//!
//! Source: `constraint_expr_eval` in the kernel's `ss/services.c`. Where a part of a context was left open, an
//! expression has the value that all choices give it, or none. A comparison that no kernel could evaluate is
//! false. O(terms).

use avstore::{Comparison, Field, Leaf, LevelOf, Step, Whose};
use policydb::{RoleId, TypeId};

use super::Side;
use super::constraint::DecodedConstraint;
use crate::context::{ContextRules, MlsLevel};

/// Who is compared.
#[derive(Debug)]
pub struct Contexts<'a, S> {
    source: &'a S,
    target: &'a S,
    /// The process that changes a label, in `validatetrans`.
    process: Option<&'a S>,
    /// The types that stand for those of source and target: of bounded ones, what bounds them. Roles that are open are
    /// those of the sides themselves.
    types: (TypeId, TypeId),
}

// Not derived: that would ask the sides to be `Copy`.
impl<S> Clone for Contexts<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Contexts<'_, S> {}

impl<'a, S: Side> Contexts<'a, S> {
    /// A source and a target.
    pub fn new(source: &'a S, target: &'a S) -> Self {
        Contexts { source, target, process: None, types: (source.type_id(), target.type_id()) }
    }

    /// The same with the process that changes a label.
    #[must_use]
    pub fn with_process(self, process: &'a S) -> Self {
        Contexts { process: Some(process), ..self }
    }

    /// The same with other types.
    #[must_use]
    pub(super) fn with_types(self, types: (TypeId, TypeId)) -> Self {
        Contexts { types, ..self }
    }

    /// One of the contexts, and its type.
    pub(super) fn side(&self, whose: Whose) -> Option<(&'a S, TypeId)> {
        match whose {
            Whose::Source => Some((self.source, self.types.0)),
            Whose::Target => Some((self.target, self.types.1)),
            Whose::Process => self.process.map(|process| (process, process.type_id())),
        }
    }

    /// A level of source or target.
    #[inline]
    pub(super) fn level(&self, of: LevelOf) -> Option<&'a MlsLevel> {
        let side = if of.target { self.target } else { self.source };
        if of.high { side.high() } else { side.low() }
    }
}

impl<'p> DecodedConstraint<'p> {
    /// The value of the expression; `None` where it depends on what was left open.
    pub fn holds<S: Side>(&self, rules: &ContextRules<'_>, contexts: Contexts<'_, S>) -> Option<bool> {
        self.evaluate(rules, contexts, |_, _| {})
    }

    /// The value of every step, in order; the last is the expression's.
    pub fn values<S: Side>(&self, rules: &ContextRules<'_>, contexts: Contexts<'_, S>) -> Vec<Option<bool>> {
        let mut values = Vec::with_capacity(self.steps.len());
        self.evaluate(rules, contexts, |_, value| values.push(value));
        values
    }

    #[inline]
    fn evaluate<S: Side>(
        &self,
        rules: &ContextRules<'_>,
        contexts: Contexts<'_, S>,
        mut seen: impl FnMut(usize, Option<bool>),
    ) -> Option<bool> {
        // `Policy::parse` refuses expressions that need a deeper stack.
        let mut stack = [None; 8];
        let mut depth = 0usize;
        for (index, step) in self.steps.iter().enumerate() {
            let value = match step {
                Step::Leaf(leaf) => {
                    depth += 1;
                    self.leaf(index, leaf, rules, contexts)
                }
                Step::Not => pick(&stack, depth.wrapping_sub(1)).map(|value| !value),
                Step::And | Step::Or => {
                    let (left, right) =
                        (pick(&stack, depth.wrapping_sub(2)), pick(&stack, depth.wrapping_sub(1)));
                    depth = depth.saturating_sub(1);
                    if matches!(step, Step::And) { and(left, right) } else { or(left, right) }
                }
            };
            if let Some(slot) = stack.get_mut(depth.wrapping_sub(1)) {
                *slot = value;
            }
            seen(index, value);
        }
        pick(&stack, 0)
    }

    #[inline]
    fn leaf<S: Side>(
        &self,
        index: usize,
        leaf: &Leaf<'p>,
        rules: &ContextRules<'_>,
        contexts: Contexts<'_, S>,
    ) -> Option<bool> {
        match *leaf {
            Leaf::Levels(left, right, comparison) => {
                if !rules.has_levels() {
                    return Some(matches!(
                        comparison,
                        Comparison::Equal | Comparison::Dominates | Comparison::DominatedBy
                    ));
                }
                match (contexts.level(left), contexts.level(right)) {
                    (Some(left), Some(right)) => Some(compare_levels(left, right, comparison)),
                    _ => compare_open_levels(rules, contexts, left, right, comparison),
                }
            }
            Leaf::Names(whose, field, comparison, names) => {
                let Some((side, id)) = contexts.side(whose) else { return Some(false) };
                let is_in = match field {
                    Field::Type => match self.rows.get(index) {
                        Some(Some(row)) => Some(row.contains(id)),
                        _ => Some(names.ids.contains(id.index())),
                    },
                    Field::User => side.user().map(|user| names.ids.contains(user.index())),
                    Field::Role => match side.role() {
                        Some(role) => Some(names.ids.contains(role.index())),
                        None => of_all_roles(rules, side.type_id(), |role| names.ids.contains(role.index())),
                    },
                };
                match comparison {
                    Comparison::Equal => is_in,
                    Comparison::Unequal => is_in.map(|is_in| !is_in),
                    _ => Some(false),
                }
            }
            Leaf::Fields(field, comparison) => compare_fields(rules, field, comparison, contexts),
            Leaf::Unreadable => Some(false),
        }
    }
}

#[inline]
fn pick(stack: &[Option<bool>; 8], at: usize) -> Option<bool> {
    stack.get(at).copied().flatten()
}

#[inline]
fn and(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

#[inline]
fn or(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

#[inline]
fn compare_levels(left: &MlsLevel, right: &MlsLevel, comparison: Comparison) -> bool {
    match comparison {
        Comparison::Equal => left == right,
        Comparison::Unequal => left != right,
        Comparison::Dominates => left.dominates(right),
        Comparison::DominatedBy => right.dominates(left),
        Comparison::Incomparable => !left.dominates(right) && !right.dominates(left),
    }
}

/// The comparison of two levels of which one or both were left open, where it has one value for all valid contexts.
#[cold]
fn compare_open_levels<S: Side>(
    rules: &ContextRules<'_>,
    contexts: Contexts<'_, S>,
    left: LevelOf,
    right: LevelOf,
    comparison: Comparison,
) -> Option<bool> {
    if left.target == right.target {
        // The high level of a side dominates its low one.
        return match (left.high, comparison) {
            (_, Comparison::Incomparable) => Some(false),
            (true, Comparison::Dominates) | (false, Comparison::DominatedBy) => Some(true),
            _ => None,
        };
    }
    // The lowest and the highest level that each can be.
    let between = |of: LevelOf| {
        let side = if of.target { contexts.target } else { contexts.source };
        match contexts.level(of) {
            Some(level) => (level, level),
            None => {
                let range = rules.levels_of(side.user(), side.role());
                (&range.low, &range.high)
            }
        }
    };
    let (left, right) = (between(left), between(right));
    let dominates = |one: (&MlsLevel, &MlsLevel), other: (&MlsLevel, &MlsLevel)| {
        if one.0.dominates(other.1) {
            Some(true)
        } else if !one.1.dominates(other.0) {
            Some(false)
        } else {
            None
        }
    };
    let (over, under) = (dominates(left, right), dominates(right, left));
    let equal = and(over, under);
    match comparison {
        Comparison::Dominates => over,
        Comparison::DominatedBy => under,
        Comparison::Equal => equal,
        Comparison::Unequal => equal.map(|equal| !equal),
        Comparison::Incomparable => or(over, under).map(|comparable| !comparable),
    }
}

fn compare_fields<S: Side>(
    rules: &ContextRules<'_>,
    field: Field,
    comparison: Comparison,
    contexts: Contexts<'_, S>,
) -> Option<bool> {
    let (source, target) = (contexts.source, contexts.target);
    let same = match field {
        Field::User => same(source.user(), target.user()),
        Field::Type => Some(contexts.types.0 == contexts.types.1),
        Field::Role => same(source.role(), target.role()),
    };
    let dominates = |one: Option<RoleId>, other: Option<RoleId>| {
        let (one, other) = (one?, other?);
        Some(rules.role(one).is_some_and(|role| role.dominates.contains(other.index())))
    };
    match (field, comparison) {
        (_, Comparison::Equal) => same,
        (_, Comparison::Unequal) => same.map(|same| !same),
        (Field::Role, Comparison::Dominates) => dominates(source.role(), target.role()),
        (Field::Role, Comparison::DominatedBy) => dominates(target.role(), source.role()),
        (Field::Role, Comparison::Incomparable) => {
            let one = dominates(source.role(), target.role())?;
            Some(!one && !dominates(target.role(), source.role())?)
        }
        _ => Some(false),
    }
}

fn same<T: PartialEq>(one: Option<T>, other: Option<T>) -> Option<bool> {
    Some(one? == other?)
}

/// What holds of every role that a type may have, the role of objects included; `None` where they differ.
pub(super) fn of_all_roles(
    rules: &ContextRules<'_>,
    id: TypeId,
    holds: impl Fn(RoleId) -> bool,
) -> Option<bool> {
    let object_r = RoleId::from_index(0);
    let first = holds(object_r);
    rules.roles_with(id).all(|role| holds(role) == first).then_some(first)
}
