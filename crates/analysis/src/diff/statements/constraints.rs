//! Constraints: the same class, permissions and expression, step by step. The compiler joins no constraints, so that none is a
//! change of another: they come and go. Sets of names are compared as sets, of types as the source of the policy wrote them
//! if the file has that. Source: SETools' `constraints.py`.

use std::collections::{HashMap, HashSet};

use avstore::{Component, ComponentKind, ConstraintOf, Field, Leaf, Step, components, constraint_steps};
use policydb::{Names, RoleId, TypeId, UserId};

use super::Comparison;
use super::side::{Changes, Side};

/// A constraint as numbers that mean the same on both sides.
type Key = Vec<u64>;

impl<'s, 'p> Comparison<'s, 'p> {
    /// Constraints of one of the four kinds. Each is one of its own policy's, whose store writes it.
    pub fn constraints(&self, kind: ComponentKind) -> Changes<ConstraintOf<'p>, ()> {
        let mut words = Words::default();
        let [old, new] = Side::BOTH.map(|side| {
            let all = components(self.store(side), kind).filter_map(|component| match component {
                Component::Constraint(of) => Some(of),
                _ => None,
            });
            let mut seen: HashSet<Key> = HashSet::new();
            let mut kept = Vec::new();
            for of in all {
                let key = self.constraint_key(side, &of, &mut words);
                if seen.insert(key.clone()) {
                    kept.push((key, of));
                }
            }
            (seen, kept)
        });
        let only = |(_, kept): (_, Vec<(Key, ConstraintOf<'p>)>), other: &HashSet<Key>| {
            kept.into_iter().filter(|(key, _)| !other.contains(key)).map(|(_, of)| of).collect()
        };
        let (old_keys, new_keys) = (old.0.clone(), new.0.clone());
        Changes { added: only(new, &old_keys), removed: only(old, &new_keys), modified: Vec::new() }
    }

    fn constraint_key(&self, side: Side, of: &ConstraintOf<'p>, words: &mut Words) -> Key {
        let class = self.classes.place(side, of.class);
        let vector = self.classes.vector(side, of.class, of.constraint.permissions);
        let mut key = vec![u64::from(class.0), vector];
        for step in constraint_steps(&of.constraint) {
            match step {
                Step::Not => key.push(0),
                Step::And => key.push(1),
                Step::Or => key.push(2),
                Step::Leaf(leaf) => {
                    // What a leaf compares, without its names.
                    let what = match leaf {
                        Leaf::Names(whose, field, comparison, _) => {
                            format!("{}{} {}", field.letter(), whose.number(), comparison.word())
                        }
                        Leaf::Fields(field, comparison) => {
                            format!("{} {}", field.letter(), comparison.word())
                        }
                        Leaf::Levels(left, right, comparison) => {
                            [left.word(), comparison.word(), right.word()].join(" ")
                        }
                        Leaf::Unreadable => "?".to_owned(),
                    };
                    key.push(words.number(what.as_bytes()));
                    if let Leaf::Names(_, field, _, names) = leaf {
                        self.push_names(side, field, names, words, &mut key);
                    }
                }
            }
        }
        key
    }

    /// Appends a set of names: how many numbers follow, then those.
    fn push_names(&self, side: Side, field: Field, names: Names<'p>, words: &mut Words, key: &mut Key) {
        let policy = self.policy(side);
        let mut numbers = |ids: policydb::Ebitmap<'p>| {
            let number = |bit| match field {
                Field::Type => u64::from(self.types.place(side, TypeId::from_index(bit)).0),
                Field::Role => {
                    let name = policy.role_name(RoleId::from_index(bit));
                    words.number(name.map_or(&[][..], |name| name.as_bytes()))
                }
                Field::User => {
                    let name = policy.user_name(UserId::from_index(bit));
                    words.number(name.map_or(&[][..], |name| name.as_bytes()))
                }
            };
            let mut numbers: Vec<u64> = ids.bits().map(number).collect();
            numbers.sort_unstable();
            numbers
        };
        let written = names.written.filter(|_| field == Field::Type);
        let mut lists = vec![numbers(written.map_or(names.ids, |(ids, ..)| ids))];
        if let Some((_, excluded, flags)) = written.filter(|_| self.reading.sees_signs) {
            lists.extend([numbers(excluded), vec![u64::from(flags)]]);
        }
        for list in lists {
            key.push(u64::try_from(list.len()).unwrap_or(u64::MAX));
            key.extend(list);
        }
    }
}

/// Numbers for words.
#[derive(Debug, Default)]
struct Words {
    known: HashMap<Vec<u8>, u64>,
}

impl Words {
    /// Steps without words have the numbers below.
    const FIRST: u64 = 3;

    fn number(&mut self, word: &[u8]) -> u64 {
        if let Some(number) = self.known.get(word) {
            return *number;
        }
        let number = u64::try_from(self.known.len()).unwrap_or(u64::MAX).saturating_add(Self::FIRST);
        self.known.insert(word.to_vec(), number);
        number
    }
}
