//! Booleans and conditional rules. Source: `cond_read_bool`, `cond_read_node` in `ss/conditional.c`.
//!
//! A conditional is an expression over booleans in reverse Polish, the rules in force when it is true,
//! and those in force when it is false.

use std::ops::Range;

use crate::avtab::AvTable;
use crate::cursor::Cursor;
use crate::error::{Result, Section};
use crate::ids::BoolId;
use crate::name::Name;
use crate::records::{Record, Records, Shape};
use crate::references::check_value;
use crate::symtab::SymbolTable;

/// The kernel's stack for conditions: one that needs more has no value, and neither branch is in force.
pub(crate) const COND_EXPR_MAXDEPTH: usize = 10;

/// A boolean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Boolean {
    /// Its state in the file: the default, or the current one if the file is the running policy.
    pub state: bool,
}

/// An operator of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CondOp {
    /// `!`
    Not,
    /// `||`
    Or,
    /// `&&`
    And,
    /// `^`
    Xor,
    /// `==`
    Eq,
    /// `!=`
    Neq,
}

/// One step of a condition in reverse Polish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CondToken {
    /// Push the state of a boolean.
    Bool(BoolId),
    /// Replace one or two values by one.
    Op(CondOp),
}

/// A condition and its two branches.
#[derive(Clone, Debug)]
pub struct Conditional<'a> {
    /// The value of the condition when the file was written. The booleans decide, not this.
    pub state_when_written: u32,
    /// INVARIANT: a well-formed expression that leaves one value.
    expression: &'a [[u8; 8]],
    /// Whether the kernel can compute the expression.
    pub is_computable: bool,
    /// Positions, among the conditional rules, of the rules in force when the condition is true.
    pub true_rules: Range<usize>,
    /// Likewise when it is false.
    pub false_rules: Range<usize>,
}

impl<'a> Conditional<'a> {
    /// The steps as they stand in the file: operator and boolean, 32 bits each.
    pub fn steps(&self) -> &'a [[u8; 8]] {
        self.expression
    }

    /// The expression in reverse Polish.
    pub fn expression(&self) -> impl Iterator<Item = CondToken> + 'a {
        self.expression.iter().filter_map(|step| token(*step))
    }
}

fn token(step: [u8; 8]) -> Option<CondToken> {
    let [a, b, c, d, e, f, g, h] = step;
    Some(match u32::from_le_bytes([a, b, c, d]) {
        1 => CondToken::Bool(BoolId::from_value(u32::from_le_bytes([e, f, g, h]))?),
        2 => CondToken::Op(CondOp::Not),
        3 => CondToken::Op(CondOp::Or),
        4 => CondToken::Op(CondOp::And),
        5 => CondToken::Op(CondOp::Xor),
        6 => CondToken::Op(CondOp::Eq),
        7 => CondToken::Op(CondOp::Neq),
        _ => return None,
    })
}

/// A boolean, as it stands in the file.
#[derive(Clone, Copy, Debug)]
pub struct BooleanRecord<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// Its value, from 1.
    pub value: u32,
    /// Its state.
    pub state: bool,
}

impl<'a> Record<'a> for BooleanRecord<'a> {
    const MIN_SIZE: usize = 13;
    const WHAT: &'static str = "booleans";

    fn read(cursor: &mut Cursor<'a>, _: Shape) -> Result<Self> {
        let offset = cursor.position();
        let [value, state, length] = cursor.u32s()?;
        let name = cursor.name(length)?;
        if state > 1 {
            let expected = format!("a state of 0 or 1 for boolean `{name}`");
            return Err(cursor.error_at(offset.saturating_add(4), expected, state.to_string()));
        }
        Ok(BooleanRecord { name, value, state: state == 1 })
    }
}

pub(crate) fn read_booleans<'a>(
    cursor: &mut Cursor<'a>,
    shape: Shape,
) -> Result<(SymbolTable<'a, Boolean>, Records<'a, BooleanRecord<'a>>)> {
    cursor.enter(Section::Booleans);
    SymbolTable::read(cursor, shape, |table, cursor, offset, boolean: BooleanRecord<'a>| {
        table.insert(cursor, offset, boolean.name, boolean.value, Boolean { state: boolean.state })
    })
}

/// Reads the conditionals; their rules go to `rules`.
pub(crate) fn read_conditionals<'a>(
    cursor: &mut Cursor<'a>,
    shape: Shape,
    n_booleans: usize,
    rules: &mut AvTable<'a>,
) -> Result<Vec<Conditional<'a>>> {
    cursor.enter(Section::Conditionals);
    let n_conditionals = cursor.count(24, "conditionals")?;
    let mut conditionals = Vec::with_capacity(n_conditionals);
    for _ in 0..n_conditionals {
        let state_when_written = cursor.u32()?;
        let (expression, is_computable) = read_expression(cursor, n_booleans)?;
        let start = rules.len();
        rules.read(cursor, shape)?;
        let middle = rules.len();
        rules.read(cursor, shape)?;
        let end = rules.len();
        let (true_rules, false_rules) = (start..middle, middle..end);
        conditionals.push(Conditional {
            state_when_written,
            expression,
            is_computable,
            true_rules,
            false_rules,
        });
    }
    Ok(conditionals)
}

fn read_expression<'a>(cursor: &mut Cursor<'a>, n_booleans: usize) -> Result<(&'a [[u8; 8]], bool)> {
    let n_steps = cursor.count(8, "steps of a condition")?;
    let offset = cursor.position();
    let (steps, _) = cursor.take(n_steps.saturating_mul(8))?.as_chunks::<8>();
    let (mut depth, mut deepest) = (0usize, 0usize);
    for (i, &step) in steps.iter().enumerate() {
        let offset = offset.saturating_add(i.saturating_mul(8));
        let Some(token) = token(step) else {
            let found = format!("bytes {}", step.map(|b| format!("{b:02x}")).concat());
            return Err(cursor.error_at(offset, "a boolean or an operator", found));
        };
        let operands = match token {
            CondToken::Bool(id) => {
                check_value(cursor, offset.saturating_add(4), "boolean", id.value(), n_booleans)?;
                0
            }
            CondToken::Op(CondOp::Not) => 1,
            CondToken::Op(_) => 2,
        };
        depth = match depth.checked_sub(operands) {
            Some(left) => left.saturating_add(1),
            None => {
                let found = format!("{depth} operands");
                return Err(cursor.error_at(offset, "an operator with enough operands", found));
            }
        };
        deepest = deepest.max(depth);
    }
    if depth == 1 {
        Ok((steps, deepest <= COND_EXPR_MAXDEPTH))
    } else {
        Err(cursor.error_at(offset, "a condition that leaves one value", format!("{depth} values")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(steps: &[[u32; 2]]) -> Result<bool> {
        let mut words = vec![steps.len() as u32];
        words.extend(steps.iter().flatten());
        let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
        read_expression(&mut Cursor::new(&bytes, Section::Conditionals), 2).map(|(_, computable)| computable)
    }

    #[test]
    fn conditions_must_balance() {
        assert!(read(&[[1, 1]]).unwrap());
        assert!(read(&[[1, 1], [1, 2], [4, 0], [2, 0]]).unwrap());
        for bad in [&[][..], &[[2, 0]], &[[1, 1], [3, 0]], &[[1, 1], [1, 2]], &[[1, 3]], &[[1, 0]], &[[8, 0]]]
        {
            assert!(read(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_condition_deeper_than_the_kernels_stack_has_no_value() {
        let steps = |n: usize| [vec![[1, 1]; n], vec![[3, 0]; n - 1]].concat();
        assert!(read(&steps(COND_EXPR_MAXDEPTH)).unwrap());
        assert!(!read(&steps(COND_EXPR_MAXDEPTH + 1)).unwrap());
    }
}
