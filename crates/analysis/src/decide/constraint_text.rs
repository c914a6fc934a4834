//! Constraints in policy language, and in plain words why a comparison has the value that it has.

use policydb::{Ebitmap, Names as ConstraintNames, RoleId, TypeId, UserId};

use super::constraint::{Comparison, DecodedConstraint, Field, Leaf, LevelOf, Step, Whose};
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

/// The step numbers of the operands of each step.
fn operands(steps: &[Step<'_>]) -> Vec<[Option<usize>; 2]> {
    let mut pending = Vec::new();
    let mut operands = Vec::with_capacity(steps.len());
    for (index, step) in steps.iter().enumerate() {
        operands.push(match step {
            Step::Leaf(_) => [None, None],
            Step::Not => [pending.pop(), None],
            Step::And | Step::Or => {
                let right = pending.pop();
                [pending.pop(), right]
            }
        });
        pending.push(index);
    }
    operands
}

/// The leaves to which it is due that an expression is not true, in the order of the text.
fn guilty(steps: &[Step<'_>], values: &[Option<bool>]) -> Vec<usize> {
    let operands = operands(steps);
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

/// What an expression's text is made of, last piece first.
enum Piece {
    Step(usize),
    Text(&'static str),
}

/// Puts an operand on the stack of pieces: in parentheses, unless it is a comparison or has the same operator.
fn push_operand(pending: &mut Vec<Piece>, steps: &[Step<'_>], operand: Option<usize>, operator: &Step<'_>) {
    let Some(operand) = operand else { return };
    let same = matches!(
        (steps.get(operand), operator),
        (Some(Step::Leaf(_)), _) | (Some(Step::And), Step::And) | (Some(Step::Or), Step::Or)
    );
    if same {
        pending.push(Piece::Step(operand));
    } else {
        pending.extend([Piece::Text(")"), Piece::Step(operand), Piece::Text("(")]);
    }
}

impl<'p> Decider<'_, 'p> {
    /// The expression of a constraint in policy language, without the parentheses around it.
    pub fn expression_text(&self, constraint: &DecodedConstraint<'p>) -> String {
        let operands = operands(&constraint.steps);
        let mut text = String::new();
        let mut pending = vec![Piece::Step(constraint.steps.len().saturating_sub(1))];
        while let Some(piece) = pending.pop() {
            if text.len() > LONGEST_TEXT {
                text.push_str(" …");
                break;
            }
            let index = match piece {
                Piece::Text(piece) => {
                    text.push_str(piece);
                    continue;
                }
                Piece::Step(index) => index,
            };
            let (Some(step), Some(&[left, right])) = (constraint.steps.get(index), operands.get(index))
            else {
                continue;
            };
            let operator = match step {
                Step::Leaf(leaf) => {
                    text.push_str(&self.leaf_text(leaf));
                    continue;
                }
                Step::Not => "not ",
                Step::And => " and ",
                Step::Or => " or ",
            };
            // `not` has one operand, behind it.
            let (before, behind) = if matches!(step, Step::Not) { (None, left) } else { (left, right) };
            push_operand(&mut pending, &constraint.steps, behind, step);
            pending.push(Piece::Text(operator));
            push_operand(&mut pending, &constraint.steps, before, step);
        }
        text
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
                Step::Leaf(leaf) => Some((self.leaf_text(leaf), None)),
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
                    comparison: self.leaf_text(leaf),
                    value,
                    why: self.why(leaf, value, contexts),
                })
            }
            _ => None,
        };
        guilty(&constraint.steps, values).into_iter().filter_map(reason).collect()
    }

    /// A comparison in policy language.
    fn leaf_text(&self, leaf: &Leaf<'p>) -> String {
        match *leaf {
            Leaf::Levels(left, right, comparison) => {
                format!("{} {} {}", level_word(left), comparison_word(comparison), level_word(right))
            }
            Leaf::Fields(field, comparison) => {
                let word = field_word(field);
                format!("{word}1 {} {word}2", comparison_word(comparison))
            }
            Leaf::Names(whose, field, comparison, names) => {
                let side = match whose {
                    Whose::Source => 1,
                    Whose::Target => 2,
                    Whose::Process => 3,
                };
                let (word, names) = (field_word(field), self.names_text(field, names));
                format!("{word}{side} {} {names}", comparison_word(comparison))
            }
            Leaf::Unreadable => "(a comparison that no kernel can evaluate)".to_owned(),
        }
    }

    /// A set of names as the source of the policy has it, or, before version 29, as it was expanded.
    fn names_text(&self, field: Field, names: ConstraintNames<'_>) -> String {
        let list = |bits: Ebitmap<'_>, sign: &str| -> (usize, Vec<String>) {
            let shown =
                bits.bits().take(NAMES_SHOWN).map(|bit| format!("{sign}{}", self.name_of(field, bit)));
            (bits.len(), shown.collect())
        };
        // For users and roles the file keeps no more than ids.
        let written = names.written.filter(|(ids, excluded, flags)| {
            field == Field::Type && (!ids.is_empty() || !excluded.is_empty() || *flags != 0)
        });
        let (ids, excluded, flags) = written.unwrap_or((names.ids, Ebitmap::default(), 0));
        let ((n_included, mut shown), (n_excluded, without)) = (list(ids, ""), list(excluded, "-"));
        if flags & 1 != 0 {
            shown.insert(0, "*".to_owned());
        }
        shown.extend(without);
        let hidden =
            n_included.saturating_sub(NAMES_SHOWN).saturating_add(n_excluded.saturating_sub(NAMES_SHOWN));
        if hidden > 0 {
            shown.push(format!("… {hidden} more"));
        }
        let complement = if flags & 2 != 0 { "~" } else { "" };
        match shown.as_slice() {
            [one] => format!("{complement}{one}"),
            several => format!("{complement}{{ {} }}", several.join(" ")),
        }
    }

    fn name_of(&self, field: Field, bit: u32) -> String {
        let policy = self.store.policy();
        let name = match field {
            Field::Type => return self.store.type_name(TypeId::from_index(bit)).to_string(),
            Field::Role => policy.role_name(RoleId::from_index(bit)),
            Field::User => policy.user_name(UserId::from_index(bit)),
        };
        name.map_or_else(|| format!("<unnamed-{}>", bit.saturating_add(1)), |name| name.to_string())
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
        Some(self.name_of(field, bit.saturating_sub(1)))
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

const fn level_word(of: LevelOf) -> &'static str {
    match (of.high, of.target) {
        (false, false) => "l1",
        (false, true) => "l2",
        (true, false) => "h1",
        (true, true) => "h2",
    }
}

const fn field_word(field: Field) -> &'static str {
    match field {
        Field::User => "u",
        Field::Role => "r",
        Field::Type => "t",
    }
}

const fn long_word(field: Field) -> &'static str {
    match field {
        Field::User => "user",
        Field::Role => "role",
        Field::Type => "type",
    }
}

const fn comparison_word(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "==",
        Comparison::Unequal => "!=",
        Comparison::Dominates => "dom",
        Comparison::DominatedBy => "domby",
        Comparison::Incomparable => "incomp",
    }
}
