//! The conditions of two policies in one list. They are the same if they have the same text, as the numbers that a policy
//! gives its booleans mean nothing to another.
//!
//! SETools writes conditions with other parentheses than they have ([`Reading`]), so that different ones can have one text. Its
//! access rules do not mind; its type rules compare the truth tables as well.

use std::collections::HashMap;

use avstore::Store;
use policydb::{BoolId, CondOp, CondToken, Conditional};

use super::reading::Reading;
use super::side::Side;

/// More booleans than this in one condition are not tried out.
const MOST_BOOLEANS: usize = 12;

/// A branch of a condition of either policy, by its place in the list that they share; 0 for no condition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SharedBranch(pub(super) u32);

/// The condition that a rule stands under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Condition<'c> {
    /// Its text.
    pub text: &'c str,
    /// The value of the condition under which the rule is in force.
    pub when: bool,
}

/// The list.
#[derive(Debug)]
pub(super) struct SharedConditions {
    texts: Vec<String>,
    /// By the position of the conditional: the place of its text, and the place of a text and truth table.
    places: [Vec<(u32, u32)>; 2],
    /// The place of the text for each text and truth table.
    texts_of_tables: Vec<u32>,
}

impl SharedConditions {
    pub(super) fn new(stores: [&Store<'_>; 2], reading: Reading) -> Self {
        let mut known: HashMap<String, (u32, Vec<u32>)> = HashMap::new();
        let mut shared =
            SharedConditions { texts: Vec::new(), places: Default::default(), texts_of_tables: Vec::new() };
        let mut tables: Vec<Vec<Token>> = Vec::new();
        for (store, places) in stores.into_iter().zip(&mut shared.places) {
            for conditional in store.policy().conditionals() {
                let text = (reading.condition_text)(store.policy(), conditional);
                let (text_place, same_text) = known.entry(text).or_insert_with_key(|text| {
                    shared.texts.push(text.clone());
                    (number(shared.texts.len().saturating_sub(1)), Vec::new())
                });
                let tokens = tokens(store, conditional);
                let same = same_text.iter().copied().find(|&table| {
                    tables.get(table as usize).is_some_and(|other| have_same_table(other, &tokens))
                });
                let table = same.unwrap_or_else(|| {
                    tables.push(tokens);
                    shared.texts_of_tables.push(*text_place);
                    let table = number(tables.len().saturating_sub(1));
                    same_text.push(table);
                    table
                });
                places.push((*text_place, table));
            }
        }
        shared
    }

    /// The branch of a side's conditional, by its text.
    pub(super) fn by_text(&self, side: Side, branch: Option<avstore::Branch>) -> SharedBranch {
        self.place(side, branch, |(text, _)| text)
    }

    /// The branch of a side's conditional, by its text and its truth table.
    pub(super) fn by_table(&self, side: Side, branch: Option<avstore::Branch>) -> SharedBranch {
        self.place(side, branch, |(_, table)| table)
    }

    fn place(
        &self,
        side: Side,
        branch: Option<avstore::Branch>,
        which: impl Fn((u32, u32)) -> u32,
    ) -> SharedBranch {
        let Some(branch) = branch else { return SharedBranch(0) };
        let places = side.of([&self.places[0], &self.places[1]]);
        let place = places.get(branch.index()).copied().map_or(0, which);
        SharedBranch(place.saturating_mul(2).saturating_add(if branch.when { 1 } else { 2 }))
    }

    /// The condition at a place that [`Self::by_text`] gave.
    pub(super) fn of_text(&self, branch: SharedBranch) -> Option<Condition<'_>> {
        let (place, when) = parts(branch)?;
        self.texts.get(place).map(|text| Condition { text, when })
    }

    /// The condition at a place that [`Self::by_table`] gave.
    pub(super) fn of_table(&self, branch: SharedBranch) -> Option<Condition<'_>> {
        let (table, when) = parts(branch)?;
        let place = *self.texts_of_tables.get(table)?;
        self.texts.get(place as usize).map(|text| Condition { text, when })
    }
}

fn parts(branch: SharedBranch) -> Option<(usize, bool)> {
    let place = branch.0.checked_sub(1)?;
    Some((place as usize >> 1, place & 1 == 0))
}

fn number(n: usize) -> u32 {
    // Fewer than 2³⁰: each takes 24 bytes of a file.
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// A step of a condition, with the name of the boolean.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Bool(Vec<u8>),
    Op(CondOp),
}

fn tokens(store: &Store<'_>, conditional: &Conditional<'_>) -> Vec<Token> {
    let name = |id: BoolId| {
        let named = store.policy().boolean(id).map(|(name, _)| name.as_bytes().to_vec());
        named.unwrap_or_else(|| id.value().to_string().into_bytes())
    };
    let token = |token| match token {
        CondToken::Bool(id) => Token::Bool(name(id)),
        CondToken::Op(op) => Token::Op(op),
    };
    conditional.expression().map(token).collect()
}

/// Whether two expressions name the same booleans and have the same value whatever those are.
fn have_same_table(a: &[Token], b: &[Token]) -> bool {
    if a == b {
        return true;
    }
    let names = |tokens: &[Token]| {
        let mut names: Vec<Vec<u8>> = tokens
            .iter()
            .filter_map(|token| match token {
                Token::Bool(name) => Some(name.clone()),
                Token::Op(_) => None,
            })
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    let booleans = names(a);
    if booleans != names(b) || booleans.len() > MOST_BOOLEANS {
        return false;
    }
    (0u32..1 << booleans.len()).all(|states| {
        let state = |name: &Vec<u8>| {
            booleans.binary_search(name).is_ok_and(|bit| states.wrapping_shr(number(bit)) & 1 == 1)
        };
        value(a, state) == value(b, state)
    })
}

fn value(tokens: &[Token], state: impl Fn(&Vec<u8>) -> bool) -> Option<bool> {
    let mut stack: Vec<bool> = Vec::new();
    for token in tokens {
        let value = match token {
            Token::Bool(name) => state(name),
            Token::Op(CondOp::Not) => !stack.pop()?,
            Token::Op(op) => {
                let (right, left) = (stack.pop()?, stack.pop()?);
                match op {
                    CondOp::Or => left || right,
                    CondOp::And => left && right,
                    CondOp::Xor | CondOp::Neq => left != right,
                    CondOp::Eq | CondOp::Not => left == right,
                }
            }
        };
        stack.push(value);
    }
    stack.pop()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expression(words: &str) -> Vec<Token> {
        let token = |word: &str| match word {
            "!" => Token::Op(CondOp::Not),
            "&" => Token::Op(CondOp::And),
            "|" => Token::Op(CondOp::Or),
            "=" => Token::Op(CondOp::Eq),
            name => Token::Bool(name.as_bytes().to_vec()),
        };
        words.split(' ').map(token).collect()
    }

    #[test]
    fn expressions_are_compared_by_their_values() {
        let same = |a, b| have_same_table(&expression(a), &expression(b));
        assert!(same("a b & c &", "a b c & &"));
        assert!(same("a b & !", "a ! b ! |"));
        assert!(!same("a b &", "a b |"));
        assert!(!same("a a |", "a b |"), "other booleans");
        assert!(!same("a b = c =", "a b = c = !"));
    }
}
