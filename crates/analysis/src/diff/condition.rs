//! Under which states of the booleans something is granted, in a form in which equal conditions of two policies are equal.
//!
//! A condition is a truth table over the booleans that it depends on, by their common numbers: `a && b`, `b && a` and the
//! `else` of `!a || !b` are one condition. Where more than [`MOST_BOOLEANS`] are named, the expression as written stands for
//! itself. Conditions are interned, so that rules carry a number.

use std::collections::HashMap;

use avstore::condition_text;
use policydb::{CondOp, CondToken, Conditional};

use super::both::{Both, Which};
use super::matching::Matching;

/// Of how many booleans a truth table is made: 2¹⁰ rows.
const MOST_BOOLEANS: usize = 10;
/// Bytes behind which the text of a condition ends in `…`.
const LONGEST_TEXT: usize = 4096;

/// A condition, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Condition(u32);

impl Condition {
    /// Under no states of the booleans: not granted.
    pub const NEVER: Condition = Condition(0);
    /// Under all of them.
    pub const ALWAYS: Condition = Condition(1);

    pub(super) const fn number(self) -> u32 {
        self.0
    }

    pub(super) const fn from_number(number: u32) -> Self {
        Condition(number)
    }

    const fn index(self) -> usize {
        self.0 as usize
    }

    /// Whether it depends on booleans.
    pub const fn depends(self) -> bool {
        self.0 > 1
    }
}

/// What a condition says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Meaning {
    /// For each state of some booleans, the first being the lowest bit of the row's number, whether it holds. Every boolean
    /// matters.
    Table { booleans: Vec<u32>, rows: Vec<bool> },
    /// An expression with too many booleans, in reverse Polish, and the value that is asked for.
    Expression(Vec<Token>, bool),
    /// One of several, with too many booleans together; ascending.
    Any(Vec<Condition>),
    /// All of several, likewise.
    All(Vec<Condition>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Token {
    Boolean(u32),
    Operator(u8),
}

#[derive(Debug)]
struct Entry {
    meaning: Meaning,
    text: String,
    /// Its value under the defaults of each policy.
    now: Both<bool>,
}

/// All conditions of two policies.
#[derive(Debug)]
pub struct ConditionTable {
    entries: Vec<Entry>,
    numbers: HashMap<Meaning, Condition>,
    /// For each policy and conditional, the conditions of its branches: when true, when false.
    branches: Both<Vec<[Condition; 2]>>,
    states: Both<Vec<Option<bool>>>,
    unions: HashMap<(Condition, Condition), Condition>,
    intersections: HashMap<(Condition, Condition), Condition>,
    names: Vec<String>,
}

impl ConditionTable {
    /// The conditions of two policies. O(steps × rows of truth tables).
    pub(super) fn of(matching: &Matching<'_, '_>) -> Self {
        let n_booleans = u32::try_from(matching.booleans.pairs().count()).unwrap_or(u32::MAX);
        let states = Both::of(|which| (0..n_booleans).map(|at| matching.boolean_state(which, at)).collect());
        let mut table = ConditionTable {
            entries: Vec::new(),
            numbers: HashMap::new(),
            branches: Both::default(),
            states,
            unions: HashMap::new(),
            intersections: HashMap::new(),
            names: (0..n_booleans).map(|at| matching.boolean_name(at)).collect(),
        };
        for value in [false, true] {
            let meaning = Meaning::Table { booleans: Vec::new(), rows: vec![value] };
            table.intern(meaning, if value { "always" } else { "never" });
        }
        for which in Which::BOTH {
            let policy = matching.store(which).policy();
            let branches = policy.conditionals().iter().map(|conditional| {
                let text = condition_text(policy, conditional);
                [true, false].map(|when| table.branch(matching, which, conditional, when, &text))
            });
            let branches = branches.collect();
            *table.branches.get_mut(which) = branches;
        }
        table
    }

    fn branch(
        &mut self,
        matching: &Matching<'_, '_>,
        which: Which,
        conditional: &Conditional<'_>,
        when: bool,
        text: &str,
    ) -> Condition {
        if !conditional.is_computable {
            return Condition::NEVER;
        }
        let tokens: Vec<Token> = conditional
            .expression()
            .map(|token| match token {
                CondToken::Bool(id) => {
                    Token::Boolean(matching.booleans.common(which, id.index()).unwrap_or(u32::MAX))
                }
                CondToken::Op(op) => Token::Operator(operator_number(op)),
            })
            .collect();
        let mut booleans: Vec<u32> = tokens
            .iter()
            .filter_map(|token| match token {
                Token::Boolean(boolean) => Some(*boolean),
                Token::Operator(_) => None,
            })
            .collect();
        booleans.sort_unstable();
        booleans.dedup();
        let text = if when { text.to_owned() } else { format!("not ({text})") };
        if booleans.len() > MOST_BOOLEANS {
            return self.intern(Meaning::Expression(tokens, when), &text);
        }
        let rows = (0..1usize << booleans.len()).map(|row| {
            let state = |boolean: u32| {
                booleans.binary_search(&boolean).is_ok_and(|position| row >> position & 1 == 1)
            };
            value_of(&tokens, &state) == Some(when)
        });
        let rows = rows.collect();
        self.intern_table(booleans, rows, &text)
    }

    /// The condition of a truth table, booleans that do not matter left out.
    fn intern_table(&mut self, mut booleans: Vec<u32>, mut rows: Vec<bool>, text: &str) -> Condition {
        let mut position = 0;
        while position < booleans.len() {
            let bit = 1usize << position;
            let matters = (0..rows.len()).any(|row| rows.get(row) != rows.get(row ^ bit));
            if matters {
                position += 1;
                continue;
            }
            booleans.remove(position);
            rows =
                rows.iter().enumerate().filter(|(row, _)| row & bit == 0).map(|(_, value)| *value).collect();
        }
        let text = self.short_text(&booleans, &rows).unwrap_or_else(|| text.to_owned());
        self.intern(Meaning::Table { booleans, rows }, &text)
    }

    /// The text of a table that is one boolean, or `&&` or `||` of several of which some may be negated.
    fn short_text(&self, booleans: &[u32], rows: &[bool]) -> Option<String> {
        let only_row = |value: bool| {
            let mut rows = rows.iter().enumerate().filter(|(_, own)| **own == value).map(|(row, _)| row);
            rows.next().filter(|_| rows.next().is_none())
        };
        let (row, word, negated) = match (only_row(true), only_row(false)) {
            (Some(row), _) => (row, " && ", 0),
            (_, Some(row)) => (row, " || ", 1),
            _ => return None,
        };
        let literals = booleans.iter().enumerate().map(|(at, boolean)| {
            let sign = if row >> at & 1 == negated { "!" } else { "" };
            format!("{sign}{}", self.names.get(*boolean as usize).map(String::as_str).unwrap_or_default())
        });
        let mut literals: Vec<String> = literals.collect();
        literals.sort_unstable();
        (!literals.is_empty()).then(|| literals.join(word))
    }

    fn intern(&mut self, meaning: Meaning, text: &str) -> Condition {
        if let Some(known) = self.numbers.get(&meaning) {
            return *known;
        }
        let condition = Condition(u32::try_from(self.entries.len()).unwrap_or(u32::MAX));
        let now = Both::of(|which| self.evaluate(&meaning, which));
        let mut text = text.to_owned();
        if text.len() > LONGEST_TEXT {
            text = text.chars().take(LONGEST_TEXT).chain(" …".chars()).collect();
        }
        self.entries.push(Entry { meaning: meaning.clone(), text, now });
        self.numbers.insert(meaning, condition);
        condition
    }

    /// Whether a meaning holds under the defaults of a policy; booleans that it does not have are off.
    fn evaluate(&self, meaning: &Meaning, which: Which) -> bool {
        let states = self.states.get(which);
        let state = |boolean: u32| states.get(boolean as usize).copied().flatten().unwrap_or(false);
        match meaning {
            Meaning::Table { booleans, rows } => {
                let bits =
                    booleans.iter().enumerate().map(|(at, boolean)| usize::from(state(*boolean)) << at);
                rows.get(bits.sum::<usize>()).copied().unwrap_or(false)
            }
            Meaning::Expression(tokens, when) => value_of(tokens, &state) == Some(*when),
            Meaning::Any(of) => of.iter().any(|condition| self.now(*condition, which)),
            Meaning::All(of) => of.iter().all(|condition| self.now(*condition, which)),
        }
    }

    /// The condition of a branch of a conditional.
    pub(super) fn of_branch(&self, which: Which, conditional: usize, when: bool) -> Condition {
        let [on, off] = self.branches.get(which).get(conditional).copied().unwrap_or([Condition::NEVER; 2]);
        if when { on } else { off }
    }

    /// Whether a condition holds under the defaults of a policy.
    pub fn now(&self, condition: Condition, which: Which) -> bool {
        self.entries.get(condition.index()).is_some_and(|entry| *entry.now.get(which))
    }

    /// Whether a condition holds under given states of the booleans, by their common numbers.
    pub fn holds(&self, condition: Condition, state: &dyn Fn(u32) -> bool) -> bool {
        match self.meaning(condition) {
            Some(Meaning::Table { booleans, rows }) => {
                let bits =
                    booleans.iter().enumerate().map(|(at, boolean)| usize::from(state(*boolean)) << at);
                rows.get(bits.sum::<usize>()).copied().unwrap_or(false)
            }
            Some(Meaning::Expression(tokens, when)) => {
                value_of(tokens, &|boolean| state(boolean)) == Some(*when)
            }
            Some(Meaning::Any(of)) => of.iter().any(|one| self.holds(*one, state)),
            Some(Meaning::All(of)) => of.iter().all(|one| self.holds(*one, state)),
            None => false,
        }
    }

    /// Whether the defaults of the two policies make a difference to it.
    pub fn flips(&self, condition: Condition) -> bool {
        condition.depends() && self.now(condition, Which::Old) != self.now(condition, Which::New)
    }

    /// A condition in words: an expression over booleans, `always` or `never`.
    pub fn text(&self, condition: Condition) -> &str {
        self.entries.get(condition.index()).map_or("", |entry| entry.text.as_str())
    }

    /// The booleans that matter to a condition, by their common numbers; none where there are too many to tell.
    pub fn booleans(&self, condition: Condition) -> Vec<u32> {
        match self.entries.get(condition.index()).map(|entry| &entry.meaning) {
            Some(Meaning::Table { booleans, .. }) => booleans.clone(),
            Some(Meaning::Any(of) | Meaning::All(of)) => {
                let mut all: Vec<u32> = of.iter().flat_map(|one| self.booleans(*one)).collect();
                all.sort_unstable();
                all.dedup();
                all
            }
            _ => Vec::new(),
        }
    }

    /// The condition that holds where one of two does.
    pub(super) fn union(&mut self, one: Condition, other: Condition) -> Condition {
        let key = (one.min(other), one.max(other));
        match key {
            (Condition::NEVER, other) => return other,
            (one, other) if one == other => return one,
            (Condition::ALWAYS, _) => return Condition::ALWAYS,
            _ => {}
        }
        if let Some(known) = self.unions.get(&key) {
            return *known;
        }
        let joined = self.join(key, |one, other| one || other, " || ", Meaning::Any);
        self.unions.insert(key, joined);
        joined
    }

    /// The condition that holds where both do.
    pub(super) fn intersection(&mut self, one: Condition, other: Condition) -> Condition {
        let key = (one.min(other), one.max(other));
        match key {
            (Condition::NEVER, _) => return Condition::NEVER,
            (one, other) if one == other => return one,
            (Condition::ALWAYS, other) => return other,
            _ => {}
        }
        if let Some(known) = self.intersections.get(&key) {
            return *known;
        }
        let joined = self.join(key, |one, other| one && other, " && ", Meaning::All);
        self.intersections.insert(key, joined);
        joined
    }

    fn join(
        &mut self,
        (one, other): (Condition, Condition),
        combine: fn(bool, bool) -> bool,
        word: &str,
        several: fn(Vec<Condition>) -> Meaning,
    ) -> Condition {
        let text = format!("({}){word}({})", self.text(one), self.text(other));
        let tables = match (self.meaning(one), self.meaning(other)) {
            (
                Some(Meaning::Table { booleans: a, rows: x }),
                Some(Meaning::Table { booleans: b, rows: y }),
            ) => {
                let mut all: Vec<u32> = a.iter().chain(b).copied().collect();
                all.sort_unstable();
                all.dedup();
                (all.len() <= MOST_BOOLEANS).then(|| {
                    // The row of a table with fewer booleans that a row of the joined one falls into.
                    let project = |row: usize, own: &[u32]| {
                        let bits = own.iter().enumerate().map(|(at, boolean)| {
                            let position = all.binary_search(boolean).unwrap_or(0);
                            (row >> position & 1) << at
                        });
                        bits.sum::<usize>()
                    };
                    let rows = (0..1usize << all.len()).map(|row| {
                        let value = |rows: &[bool], own: &[u32]| rows.get(project(row, own)).copied();
                        combine(value(x, a).unwrap_or(false), value(y, b).unwrap_or(false))
                    });
                    let rows: Vec<bool> = rows.collect();
                    (all.clone(), rows)
                })
            }
            _ => None,
        };
        match tables {
            Some((booleans, rows)) => self.intern_table(booleans, rows, &text),
            None => self.intern(several(vec![one, other]), &text),
        }
    }

    fn meaning(&self, condition: Condition) -> Option<&Meaning> {
        self.entries.get(condition.index()).map(|entry| &entry.meaning)
    }
}

const fn operator_number(op: CondOp) -> u8 {
    match op {
        CondOp::Not => 0,
        CondOp::Or => 1,
        CondOp::And => 2,
        CondOp::Xor | CondOp::Neq => 3,
        CondOp::Eq => 4,
    }
}

fn value_of(tokens: &[Token], state: &impl Fn(u32) -> bool) -> Option<bool> {
    let mut stack: Vec<bool> = Vec::with_capacity(4);
    for token in tokens {
        let value = match token {
            Token::Boolean(boolean) => state(*boolean),
            Token::Operator(0) => !stack.pop()?,
            Token::Operator(operator) => {
                let (right, left) = (stack.pop()?, stack.pop()?);
                match operator {
                    1 => left || right,
                    2 => left && right,
                    3 => left != right,
                    _ => left == right,
                }
            }
        };
        stack.push(value);
    }
    stack.pop()
}

#[cfg(test)]
mod tests {
    use super::{Condition, ConditionTable};
    use crate::diff::both::Both;
    use std::collections::HashMap;

    fn table() -> ConditionTable {
        let mut table = ConditionTable {
            entries: Vec::new(),
            numbers: HashMap::new(),
            branches: Both::default(),
            states: Both { old: vec![Some(false), Some(true), None], new: vec![Some(true); 3] },
            unions: HashMap::new(),
            intersections: HashMap::new(),
            names: ["a", "b", "c"].map(str::to_owned).to_vec(),
        };
        assert_eq!(table.intern_table(vec![], vec![false], "never"), Condition::NEVER);
        assert_eq!(table.intern_table(vec![], vec![true], "always"), Condition::ALWAYS);
        table
    }

    #[test]
    fn equal_conditions_are_one() {
        let mut table = table();
        let a = table.intern_table(vec![0], vec![false, true], "");
        let not_a = table.intern_table(vec![0], vec![true, false], "");
        let b = table.intern_table(vec![1], vec![false, true], "");
        let both = table.intersection(a, b);
        assert_eq!(table.text(both), "a && b");
        assert_eq!(table.union(a, not_a), Condition::ALWAYS);
        assert_eq!(table.intersection(a, not_a), Condition::NEVER);
        assert_eq!(table.union(a, both), a, "absorbed");
        // A boolean that does not matter is no part of it.
        assert_eq!(table.intern_table(vec![0, 2], vec![false, true, false, true], ""), a);
        let either = table.union(not_a, b);
        assert_eq!(table.text(either), "!a || b");
        assert_eq!(table.booleans(either), [0, 1]);
    }

    #[test]
    fn defaults_decide_what_holds() {
        let mut table = table();
        let a = table.intern_table(vec![0], vec![false, true], "");
        let c = table.intern_table(vec![2], vec![false, true], "");
        assert!(table.flips(a) && table.flips(c) && !table.flips(Condition::ALWAYS));
        let b = table.intern_table(vec![1], vec![false, true], "");
        let either = table.union(a, b);
        assert!(!table.flips(either), "b is on in both");
    }
}
