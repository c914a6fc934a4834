//! The conditions of two policies in one list. They are the same if they have the same text, as the numbers that a policy
//! gives its booleans mean nothing to another.
//!
//! SETools writes conditions with other parentheses than they have ([`Reading`]), so that different ones can have one text. Its
//! access rules do not mind; its type rules compare the truth tables as well.
//!
//! Texts can be long in forged policies: what is kept of one is a digest, and where the condition stands.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use avstore::{Branch, Store};
use policydb::{BoolId, CondOp, CondToken, Conditional};

use super::reading::Reading;
use super::side::Side;

/// Conditions with more booleans or more steps than this are the same only if they are the same step by step.
const MOST_BOOLEANS: usize = 8;
const MOST_STEPS: usize = 256;
/// With how many of the same text a condition is compared.
const MOST_TABLES: usize = 8;
/// Texts that are longer are made again each time.
const KEPT_TEXT: usize = 4096;

/// A branch of a condition of either policy, by its place in the list that they share; 0 for no condition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SharedBranch(pub(super) u32);

/// The condition that a rule stands under.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Condition<'c> {
    /// Its text.
    pub text: Cow<'c, str>,
    /// The value of the condition under which the rule is in force.
    pub when: bool,
}

/// The list.
#[derive(Debug)]
pub(super) struct SharedConditions {
    reading: Reading,
    texts: Vec<Text>,
    /// By the position of the conditional: the place of its text, and the place of a text and truth table.
    places: [Vec<(u32, u32)>; 2],
    /// The place of the text for each text and truth table.
    texts_of_tables: Vec<u32>,
}

/// The text of some condition.
#[derive(Debug)]
struct Text {
    side: Side,
    conditional: usize,
    kept: OnceCell<String>,
}

/// Texts that were met, by two keyed digests: the place of each, and the tables of those that have it.
type Known = HashMap<[u64; 2], (u32, Vec<u32>)>;

impl SharedConditions {
    pub(super) fn new(stores: [&Store<'_>; 2], reading: Reading) -> Self {
        let digests = [RandomState::new(), RandomState::new()];
        let (mut known, mut tables): (Known, Vec<Vec<Token>>) = Default::default();
        let mut shared = SharedConditions {
            reading,
            texts: Vec::new(),
            places: Default::default(),
            texts_of_tables: Vec::new(),
        };
        for (side, store) in Side::BOTH.into_iter().zip(stores) {
            let mut places = Vec::with_capacity(store.policy().conditionals().len());
            for (conditional, expression) in store.policy().conditionals().iter().enumerate() {
                let text = (reading.condition_text)(store.policy(), expression);
                let digest = digests.each_ref().map(|digest| digest.hash_one(&text));
                let (text, of_text) = known.entry(digest).or_insert_with(|| {
                    shared.texts.push(Text { side, conditional, kept: OnceCell::new() });
                    (number(shared.texts.len().saturating_sub(1)), Vec::new())
                });
                let tokens = tokens(stores, side, expression);
                let mut candidates = of_text.iter().copied().take(MOST_TABLES);
                let same = candidates.find(|&table| {
                    tables.get(table as usize).is_some_and(|other| have_same_table(other, &tokens))
                });
                let table = same.unwrap_or_else(|| {
                    tables.push(tokens);
                    shared.texts_of_tables.push(*text);
                    let table = number(tables.len().saturating_sub(1));
                    of_text.push(table);
                    table
                });
                places.push((*text, table));
            }
            let [left, right] = &mut shared.places;
            *side.of([left, right]) = places;
        }
        shared
    }

    /// The branch of a side's conditional, by its text.
    pub(super) fn by_text(&self, side: Side, branch: Option<Branch>) -> SharedBranch {
        self.place(side, branch, |(text, _)| text)
    }

    /// The branch of a side's conditional, by its text and its truth table.
    pub(super) fn by_table(&self, side: Side, branch: Option<Branch>) -> SharedBranch {
        self.place(side, branch, |(_, table)| table)
    }

    fn place(&self, side: Side, branch: Option<Branch>, which: impl Fn((u32, u32)) -> u32) -> SharedBranch {
        let Some(branch) = branch else { return SharedBranch(0) };
        let [left, right] = &self.places;
        let place = side.of([left, right]).get(branch.index()).copied().map_or(0, which);
        SharedBranch(place.saturating_mul(2).saturating_add(if branch.when { 1 } else { 2 }))
    }

    /// The condition at a place that [`Self::by_text`] gave.
    pub(super) fn of_text(&self, stores: [&Store<'_>; 2], branch: SharedBranch) -> Option<Condition<'_>> {
        let (place, when) = parts(branch)?;
        self.condition(stores, place, when)
    }

    /// The condition at a place that [`Self::by_table`] gave.
    pub(super) fn of_table(&self, stores: [&Store<'_>; 2], branch: SharedBranch) -> Option<Condition<'_>> {
        let (table, when) = parts(branch)?;
        self.condition(stores, *self.texts_of_tables.get(table)? as usize, when)
    }

    fn condition(&self, stores: [&Store<'_>; 2], place: usize, when: bool) -> Option<Condition<'_>> {
        let Text { side, conditional, kept } = self.texts.get(place)?;
        if let Some(text) = kept.get() {
            return Some(Condition { text: Cow::Borrowed(text), when });
        }
        let policy = side.of(stores).policy();
        let text = (self.reading.condition_text)(policy, policy.conditionals().get(*conditional)?);
        let text = if text.len() <= KEPT_TEXT {
            Cow::Borrowed(kept.get_or_init(|| text).as_str())
        } else {
            Cow::Owned(text)
        };
        Some(Condition { text, when })
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

/// A step of a condition. A boolean is known by its value in the old policy, or, if that lacks it, by one beyond those.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Bool(u32),
    Op(CondOp),
}

fn tokens(stores: [&Store<'_>; 2], side: Side, conditional: &Conditional<'_>) -> Vec<Token> {
    let [old, new] = stores.map(Store::policy);
    let value = |id: BoolId| match side {
        Side::Left => id.value(),
        Side::Right => {
            let same = new.boolean(id).and_then(|(name, _)| old.boolean_named(name.as_bytes()));
            same.map_or(id.value().saturating_add(number(old.n_booleans())), BoolId::value)
        }
    };
    let token = |token| match token {
        CondToken::Bool(id) => Token::Bool(value(id)),
        CondToken::Op(op) => Token::Op(op),
    };
    conditional.expression().map(token).collect()
}

/// Whether two expressions name the same booleans and have the same value whatever those are.
fn have_same_table(a: &[Token], b: &[Token]) -> bool {
    if a == b {
        return true;
    }
    if a.len().max(b.len()) > MOST_STEPS {
        return false;
    }
    let booleans = booleans(a);
    if booleans != self::booleans(b) || booleans.len() > MOST_BOOLEANS {
        return false;
    }
    (0u32..1 << booleans.len()).all(|states| {
        let state = |boolean: u32| {
            booleans.binary_search(&boolean).is_ok_and(|bit| states.wrapping_shr(number(bit)) & 1 == 1)
        };
        value(a, state) == value(b, state)
    })
}

/// The booleans that an expression names, ascending.
fn booleans(tokens: &[Token]) -> Vec<u32> {
    let mut booleans: Vec<u32> = tokens
        .iter()
        .filter_map(|token| match token {
            Token::Bool(boolean) => Some(*boolean),
            Token::Op(_) => None,
        })
        .collect();
    booleans.sort_unstable();
    booleans.dedup();
    booleans
}

fn value(tokens: &[Token], state: impl Fn(u32) -> bool) -> Option<bool> {
    let mut stack: Vec<bool> = Vec::new();
    for token in tokens {
        let value = match token {
            Token::Bool(boolean) => state(*boolean),
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
            name => Token::Bool(u32::from(name.as_bytes()[0])),
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

    #[test]
    fn a_place_tells_the_branch() {
        assert_eq!(parts(SharedBranch(0)), None);
        assert_eq!(parts(SharedBranch(1)), Some((0, true)));
        assert_eq!(parts(SharedBranch(2)), Some((0, false)));
        assert_eq!(parts(SharedBranch(5)), Some((2, true)));
    }
}
