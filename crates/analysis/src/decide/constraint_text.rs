//! In plain words why a comparison of a constraint has the value that it has.

use avstore::{
    Comparison, Field, Leaf, LevelOf, Step, Whose, constraint_text, field_name, leaf_text, step_operands,
};
use policydb::{Names as ConstraintNames, TypeId};

use super::constraint::DecodedConstraint;
use super::constraint_value::Contexts;
use super::{Decider, Side};
use crate::context::{MlsLevel, categories_text};

/// A comparison that makes an expression false, or open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafReason {
    /// The comparison in policy language.
    pub comparison: String,
    /// Its value; `None` where it depends on what was left open.
    pub value: Option<bool>,
    /// Why, in plain words.
    pub why: String,
}

/// How many names of a set are written out.
const NAMES_SHOWN: usize = 6;
/// Bytes behind which the text of an expression ends in `…`: no honest one is as long.
const LONGEST_TEXT: usize = 1 << 14;

/// The leaves to which it is due that an expression is not true, in the order of the text.
fn guilty(steps: &[Step<'_>], values: &[Option<bool>]) -> Vec<usize> {
    let operands = step_operands(steps);
    let mut found = Vec::new();
    // Each node with the value that it should have had.
    let mut pending = vec![(steps.len().saturating_sub(1), true)];
    while let Some((index, wanted)) = pending.pop() {
        if values.get(index).copied().flatten() == Some(wanted) {
            continue;
        }
        let Some([left, right]) = operands.get(index) else { continue };
        match steps.get(index) {
            Some(Step::Leaf(_)) => found.push(index),
            Some(Step::Not) => pending.extend(left.map(|left| (left, !wanted))),
            Some(Step::And | Step::Or) => {
                pending.extend(right.map(|right| (right, wanted)));
                pending.extend(left.map(|left| (left, wanted)));
            }
            None => {}
        }
    }
    found.sort_unstable();
    found
}

impl<'p> Decider<'_, 'p> {
    /// The expression of a constraint in policy language, long sets of names cut short.
    pub fn expression_text(&self, constraint: &DecodedConstraint<'p>) -> String {
        constraint_text(self.store, &constraint.steps, NAMES_SHOWN)
    }

    /// What must hold, of what was left open, for an expression that is open to be true; its known parts left out.
    pub fn open_condition(&self, constraint: &DecodedConstraint<'p>, values: &[Option<bool>]) -> String {
        // The text of each operand that is open, and whether it needs parentheses beside another operator.
        let mut stack: Vec<Option<(String, Option<&'static str>)>> = Vec::new();
        let bracketed = |(text, operator): (String, Option<&'static str>), beside: &str| match operator {
            Some(operator) if operator != beside => format!("({text})"),
            _ => text,
        };
        for (step, value) in constraint.steps.iter().zip(values) {
            let open = match step {
                Step::Leaf(leaf) => Some((leaf_text(self.store, leaf, NAMES_SHOWN), None)),
                Step::Not => stack
                    .pop()
                    .flatten()
                    .map(|operand| (format!("not {}", bracketed(operand, "not")), Some("not"))),
                Step::And | Step::Or => {
                    let operator = if matches!(step, Step::And) { "and" } else { "or" };
                    let (right, left) = (stack.pop().flatten(), stack.pop().flatten());
                    match (left, right) {
                        (Some(left), Some(right)) if left.0.len() <= LONGEST_TEXT => {
                            let text = format!(
                                "{} {operator} {}",
                                bracketed(left, operator),
                                bracketed(right, operator)
                            );
                            Some((text, Some(operator)))
                        }
                        (left, right) => left.or(right),
                    }
                }
            };
            stack.push(open.filter(|_| value.is_none()));
        }
        stack.pop().flatten().map_or_else(String::new, |(text, _)| text)
    }

    /// The comparisons to which it is due that a constraint is false or open, given the values of its steps.
    pub fn leaf_reasons<S: Side>(
        &self,
        constraint: &DecodedConstraint<'p>,
        values: &[Option<bool>],
        contexts: Contexts<'_, S>,
    ) -> Vec<LeafReason> {
        let reason = |index: usize| match constraint.steps.get(index) {
            Some(Step::Leaf(leaf)) => {
                let value = values.get(index).copied().flatten();
                Some(LeafReason {
                    comparison: leaf_text(self.store, leaf, NAMES_SHOWN),
                    value,
                    why: self.why(leaf, value, contexts),
                })
            }
            _ => None,
        };
        guilty(&constraint.steps, values).into_iter().filter_map(reason).collect()
    }

    /// Why a comparison has its value.
    fn why<S: Side>(&self, leaf: &Leaf<'p>, value: Option<bool>, contexts: Contexts<'_, S>) -> String {
        match *leaf {
            Leaf::Levels(left, right, comparison) => match (contexts.level(left), contexts.level(right)) {
                (Some(left), Some(right)) => self.levels_differ(left, right, comparison),
                (None, None) if left.target != right.target => "the levels of both sides are open".to_owned(),
                (None, _) => format!("the level of the {} is open", side_word(left)),
                (_, None) => format!("the level of the {} is open", side_word(right)),
            },
            Leaf::Fields(field, comparison) => {
                let name = |whose| contexts.side(whose).and_then(|(side, id)| self.field_of(side, id, field));
                match (name(Whose::Source), name(Whose::Target)) {
                    (Some(source), Some(target)) => match comparison {
                        Comparison::Equal | Comparison::Unequal if source == target => {
                            format!("both are {source}")
                        }
                        Comparison::Equal | Comparison::Unequal => format!("{source} is not {target}"),
                        _ => format!("the roles are {source} and {target}"),
                    },
                    (None, None) => format!("the {}s of both sides are open", long_word(field)),
                    (None, _) => format!("the {} of the source is open", long_word(field)),
                    (_, None) => format!("the {} of the target is open", long_word(field)),
                }
            }
            Leaf::Names(whose, field, _, names) => {
                let word = match whose {
                    Whose::Source => "source",
                    Whose::Target => "target",
                    Whose::Process => "process",
                };
                let side = contexts.side(whose);
                let Some(name) = side.and_then(|(side, id)| self.field_of(side, id, field)) else {
                    return format!("the {} of the {word} is open", long_word(field));
                };
                let is_in = match value {
                    None => return format!("the {} of the {word} is open", long_word(field)),
                    Some(value) => value == matches!(leaf, Leaf::Names(_, _, Comparison::Equal, _)),
                };
                self.membership(&name, side.map(|(_, id)| id).filter(|_| field == Field::Type), names, is_in)
            }
            Leaf::Unreadable => "it is taken for false".to_owned(),
        }
    }

    fn field_of<S: Side>(&self, side: &S, id: TypeId, field: Field) -> Option<String> {
        let bit = match field {
            Field::Type => id.value(),
            Field::Role => side.role()?.value(),
            Field::User => side.user()?.value(),
        };
        Some(field_name(self.store, field, bit.saturating_sub(1)))
    }

    /// That a name is, or is not, in a set; for types, through which attribute.
    fn membership(&self, name: &str, id: Option<TypeId>, names: ConstraintNames<'_>, is_in: bool) -> String {
        let written = names.written.map(|(written, ..)| written).filter(|written| !written.is_empty());
        let only = written.filter(|written| written.len() == 1).and_then(|written| written.bits().next());
        let only_attribute =
            only.map(TypeId::from_index).filter(|only| id.is_some() && self.store.is_attribute(*only));
        if !is_in {
            return match only_attribute {
                Some(attribute) => format!("{name} does not have {}", self.store.type_name(attribute)),
                None => format!("{name} is none of these"),
            };
        }
        let through = id.and_then(|id| {
            let mut attributes =
                written?.bits().map(TypeId::from_index).filter(|bit| self.store.is_attribute(*bit));
            attributes.find(|attribute| self.overlay.symbols_of(self.store, id).contains(*attribute))
        });
        match through {
            Some(attribute) => format!("{name} has {}", self.store.type_name(attribute)),
            None => format!("{name} is one of these"),
        }
    }

    /// In what two levels differ so that the comparison is false.
    fn levels_differ(&self, left: &MlsLevel, right: &MlsLevel, comparison: Comparison) -> String {
        let policy = self.store.policy();
        let text = |level: &MlsLevel| level.text(policy);
        match comparison {
            Comparison::Dominates => self.not_dominated(left, right),
            Comparison::DominatedBy => self.not_dominated(right, left),
            Comparison::Equal | Comparison::Unequal if left == right => format!("both are {}", text(left)),
            Comparison::Equal | Comparison::Unequal => format!("{} is not {}", text(left), text(right)),
            Comparison::Incomparable if left.dominates(right) => {
                format!("{} dominates {}", text(left), text(right))
            }
            Comparison::Incomparable if right.dominates(left) => {
                format!("{} dominates {}", text(right), text(left))
            }
            Comparison::Incomparable => {
                format!("neither of {} and {} dominates the other", text(left), text(right))
            }
        }
    }

    fn not_dominated(&self, upper: &MlsLevel, lower: &MlsLevel) -> String {
        let policy = self.store.policy();
        let mut reasons = Vec::new();
        if upper.sensitivity < lower.sensitivity {
            let name =
                |level: &MlsLevel| policy.sensitivity_name(level.sensitivity).map(|name| name.to_string());
            let [upper, lower] = [upper, lower].map(|level| name(level).unwrap_or_default());
            reasons.push(format!("{upper} is below {lower}"));
        }
        if !upper.categories.contains_all(&lower.categories) {
            let [upper, lower] = [upper, lower].map(|level| categories_text(policy, &level.categories));
            reasons.push(format!("{{{upper}}} does not contain {{{lower}}}"));
        }
        if reasons.is_empty() {
            return format!("{} dominates {}", upper.text(policy), lower.text(policy));
        }
        reasons.join(", ")
    }
}

const fn side_word(of: LevelOf) -> &'static str {
    if of.target { "target" } else { "source" }
}

const fn long_word(field: Field) -> &'static str {
    match field {
        Field::User => "user",
        Field::Role => "role",
        Field::Type => "type",
    }
}
