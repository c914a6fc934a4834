//! What an expression of a constraint means, whatever the words: a truth table over its comparisons.
//!
//! `a or b` and `b or a` are one, and so is `not (not a and not b)`. Comparisons are turned one way first: `!=` is the
//! negation of `==`, `h1 domby h2` is `h2 dom h1`. That two of them can exclude each other (`l1 dom l2` and `l1 incomp l2`) is not
//! looked at. Where more than [`MOST_ATOMS`] are named, or the expression is very long, it stands for itself as written.
//! O(steps × 2ⁿ / 64) for n comparisons.

use avstore::{Comparison, Leaf, Step};

/// Of how many comparisons a table is made: 2¹² bits.
const MOST_ATOMS: usize = 12;
/// Steps of an expression of which one is made. The longest of real policies have some 40.
const MOST_STEPS: usize = 256;

/// A comparison as numbers, the same in both policies.
pub(super) type Atom = Vec<u32>;

/// What an expression means; equal for expressions that always come out alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Meaning {
    /// For each outcome of the comparisons, the first being the lowest bit of its number, whether the expression holds.
    Table { atoms: Vec<Atom>, rows: Vec<u64> },
    /// The expression, in reverse Polish.
    Written(Vec<u32>),
}

impl Meaning {
    /// The meaning of an expression; `atom` gives the numbers of a comparison, without how it compares.
    pub(super) fn of(steps: &[Step<'_>], atom: &dyn Fn(&Leaf<'_>) -> Atom) -> Self {
        let leaves: Vec<Option<(Atom, bool)>> = steps.iter().map(|step| leaf(step, atom)).collect();
        let mut atoms: Vec<Atom> = leaves.iter().flatten().map(|(atom, _)| atom.clone()).collect();
        atoms.sort_unstable();
        atoms.dedup();
        if atoms.len() > MOST_ATOMS || steps.len() > MOST_STEPS {
            return Self::written(steps, &leaves);
        }
        let n_words = 1usize << atoms.len().saturating_sub(6);
        let mut stack: Vec<Vec<u64>> = Vec::new();
        for (step, leaf) in steps.iter().zip(&leaves) {
            let value = match (step, leaf) {
                (Step::Leaf(_), Some((atom, is_plain))) => {
                    let number = atoms.binary_search(atom).unwrap_or(0);
                    let column = column(number, n_words);
                    if *is_plain { column } else { negated(column) }
                }
                // What cannot be read is false.
                (Step::Leaf(_), None) => vec![0; n_words],
                (Step::Not, _) => negated(stack.pop().unwrap_or_default()),
                (Step::And | Step::Or, _) => {
                    let (b, a) = (stack.pop().unwrap_or_default(), stack.pop().unwrap_or_default());
                    let is_and = matches!(step, Step::And);
                    a.iter().zip(&b).map(|(a, b)| if is_and { a & b } else { a | b }).collect()
                }
            };
            stack.push(value);
        }
        let mut rows = stack.pop().unwrap_or_default();
        if let (Some(first), true) = (rows.first_mut(), atoms.len() < 6) {
            *first &= (1u64 << (1u32 << atoms.len())).wrapping_sub(1);
        }
        Self::without_idle(atoms, rows)
    }

    fn written(steps: &[Step<'_>], leaves: &[Option<(Atom, bool)>]) -> Self {
        let mut key = Vec::new();
        for (step, leaf) in steps.iter().zip(leaves) {
            match (step, leaf) {
                (Step::Not, _) => key.push(1),
                (Step::And, _) => key.push(2),
                (Step::Or, _) => key.push(3),
                (Step::Leaf(_), None) => key.push(4),
                (Step::Leaf(_), Some((atom, is_plain))) => {
                    key.extend([5, u32::from(*is_plain), u32::try_from(atom.len()).unwrap_or(u32::MAX)]);
                    key.extend(atom);
                }
            }
        }
        Meaning::Written(key)
    }

    /// The table over those comparisons that make a difference.
    fn without_idle(atoms: Vec<Atom>, rows: Vec<u64>) -> Self {
        let n_rows = 1usize << atoms.len();
        let matters = |number: usize| {
            let bit = 1usize << number;
            (0..n_rows).filter(|row| row & bit == 0).any(|row| get(&rows, row) != get(&rows, row | bit))
        };
        let kept: Vec<usize> = (0..atoms.len()).filter(|number| matters(*number)).collect();
        if kept.len() == atoms.len() {
            return Meaning::Table { atoms, rows };
        }
        let mut fewer = vec![0u64; 1usize << kept.len().saturating_sub(6)];
        for row in 0..1usize << kept.len() {
            if get(&rows, spread(row, &kept))
                && let Some(word) = fewer.get_mut(row >> 6)
            {
                *word |= 1 << (row & 63);
            }
        }
        let atoms = kept.into_iter().filter_map(|number| atoms.get(number).cloned()).collect();
        Meaning::Table { atoms, rows: fewer }
    }

    /// Whether this never holds where another one does not; not known of what stands as written, and of very long ones.
    pub(super) fn implies(&self, other: &Meaning) -> Option<bool> {
        let (Meaning::Table { atoms: ours, rows }, Meaning::Table { atoms: theirs, rows: their_rows }) =
            (self, other)
        else {
            return None;
        };
        let mut all: Vec<&Atom> = ours.iter().chain(theirs).collect();
        all.sort_unstable();
        all.dedup();
        if all.len() > MOST_ATOMS {
            return None;
        }
        let places = |some: &[Atom]| -> Vec<usize> {
            some.iter().filter_map(|atom| all.binary_search(&atom).ok()).collect()
        };
        let (ours, theirs) = (places(ours), places(theirs));
        let holds = |rows: &[u64], places: &[usize], row: usize| get(rows, gathered(row, places));
        Some((0..1usize << all.len()).all(|row| !holds(rows, &ours, row) || holds(their_rows, &theirs, row)))
    }
}

/// A comparison turned one way, and whether it stands for itself and not for its negation.
fn leaf(step: &Step<'_>, atom: &dyn Fn(&Leaf<'_>) -> Atom) -> Option<(Atom, bool)> {
    let Step::Leaf(leaf) = step else { return None };
    let (turned, comparison) = match *leaf {
        Leaf::Unreadable => return None,
        Leaf::Levels(one, other, Comparison::DominatedBy) => {
            (Leaf::Levels(other, one, Comparison::Dominates), Comparison::Dominates)
        }
        Leaf::Levels(one, other, comparison) => {
            let place = |of: &avstore::LevelOf| (of.target, of.high);
            let is_swapped = comparison != Comparison::Dominates && place(&one) > place(&other);
            let (one, other) = if is_swapped { (other, one) } else { (one, other) };
            (Leaf::Levels(one, other, comparison), comparison)
        }
        Leaf::Fields(_, comparison) | Leaf::Names(_, _, comparison, _) => (*leaf, comparison),
    };
    let is_plain = comparison != Comparison::Unequal;
    let comparison = if is_plain { comparison } else { Comparison::Equal };
    let mut key = vec![comparison as u32];
    key.extend(atom(&turned));
    Some((key, is_plain))
}

/// For each outcome, that of one comparison.
fn column(number: usize, n_words: usize) -> Vec<u64> {
    const LOW: [u64; 6] = [
        0xAAAA_AAAA_AAAA_AAAA,
        0xCCCC_CCCC_CCCC_CCCC,
        0xF0F0_F0F0_F0F0_F0F0,
        0xFF00_FF00_FF00_FF00,
        0xFFFF_0000_FFFF_0000,
        0xFFFF_FFFF_0000_0000,
    ];
    match LOW.get(number) {
        Some(word) => vec![*word; n_words],
        None => {
            let bit = number.saturating_sub(LOW.len());
            (0..n_words).map(|word| if word >> bit & 1 == 1 { u64::MAX } else { 0 }).collect()
        }
    }
}

fn negated(rows: Vec<u64>) -> Vec<u64> {
    rows.into_iter().map(|word| !word).collect()
}

fn get(rows: &[u64], row: usize) -> bool {
    rows.get(row >> 6).is_some_and(|word| word >> (row & 63) & 1 == 1)
}

/// The number whose bits at some places are those of a row, one after the other.
fn spread(row: usize, places: &[usize]) -> usize {
    places.iter().enumerate().map(|(bit, place)| (row >> bit & 1) << place).sum()
}

/// The number whose bits, one after the other, are those of a row at some places.
fn gathered(row: usize, places: &[usize]) -> usize {
    places.iter().enumerate().map(|(bit, place)| (row >> place & 1) << bit).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use avstore::{Field, LevelOf};

    const L1: LevelOf = LevelOf { target: false, high: false };
    const L2: LevelOf = LevelOf { target: true, high: false };

    fn meaning(steps: &[Step<'_>]) -> Meaning {
        Meaning::of(steps, &|leaf| match leaf {
            Leaf::Levels(one, other, _) => vec![6, u32::from(one.target), u32::from(other.target)],
            Leaf::Fields(field, _) => vec![5, *field as u32],
            _ => vec![7],
        })
    }

    fn level(comparison: Comparison) -> Step<'static> {
        Step::Leaf(Leaf::Levels(L1, L2, comparison))
    }

    fn field(field: Field, comparison: Comparison) -> Step<'static> {
        Step::Leaf(Leaf::Fields(field, comparison))
    }

    #[test]
    fn other_words_mean_the_same() {
        let (a, b) = (level(Comparison::Dominates), field(Field::Type, Comparison::Equal));
        let not_b = field(Field::Type, Comparison::Unequal);
        assert_eq!(meaning(&[a, b, Step::Or]), meaning(&[b, a, Step::Or]));
        assert_eq!(meaning(&[a, b, Step::And]), meaning(&[a, Step::Not, not_b, Step::Or, Step::Not]));
        assert_ne!(meaning(&[a, b, Step::Or]), meaning(&[a, b, Step::And]));
        // What makes no difference is no part of it.
        let c = field(Field::User, Comparison::Equal);
        assert_eq!(meaning(&[a, c, a, Step::And, Step::Or]), meaning(&[a]));
        let turned = Step::Leaf(Leaf::Levels(L2, L1, Comparison::DominatedBy));
        assert_eq!(meaning(&[a]), meaning(&[turned]));
        assert_ne!(meaning(&[level(Comparison::DominatedBy)]), meaning(&[turned]));
    }

    #[test]
    fn what_is_tighter_implies_what_is_not() {
        let (a, b) = (level(Comparison::Dominates), field(Field::Type, Comparison::Equal));
        let (both, either) = (meaning(&[a, b, Step::And]), meaning(&[a, b, Step::Or]));
        assert_eq!((both.implies(&either), either.implies(&both)), (Some(true), Some(false)));
        assert_eq!(both.implies(&meaning(&[a])), Some(true));
    }

    #[test]
    fn many_comparisons_stand_as_written() {
        let steps = |n: u32| -> Vec<Leaf<'static>> {
            (0..n).map(|_| Leaf::Fields(Field::Role, Comparison::Equal)).collect()
        };
        let numbered = |n: u32| {
            let next = std::cell::Cell::new(0u32);
            let mut all: Vec<Step<'_>> = Vec::new();
            for leaf in steps(n) {
                let is_first = all.is_empty();
                all.push(Step::Leaf(leaf));
                if !is_first {
                    all.push(Step::Or);
                }
            }
            Meaning::of(&all, &|_| {
                next.set(next.get() + 1);
                vec![next.get()]
            })
        };
        assert!(matches!(numbered(13), Meaning::Written(_)));
        let Meaning::Table { atoms, rows } = numbered(12) else { panic!("a table") };
        assert_eq!((atoms.len(), rows.len()), (12, 64));
        assert_eq!(rows.iter().map(|word| word.count_zeros()).sum::<u32>(), 1, "only where none holds");
    }
}
