//! Where the rules of two policies say different things of two types: the cells of a table of source, target and class that are not
//! equal on both sides.
//!
//! Attributes make a few rules speak of millions of pairs of types, and two policies mostly state the same. So no pair is written
//! out that cannot differ:
//!
//! 1. Rules of both sides are paired by their symbols. Where a pair is equal, and its symbols stand for the same types, it says
//!    the same of every cell, and no cell differs because of it.
//! 2. The other pairs make candidates: for one source at a time and one class, a row of the targets of which something may be said
//!    otherwise. If only the members of an attribute changed, those are the rows and columns of the types that came or went.
//! 3. For the candidates, what both sides say is put together from all rules that apply, and compared.
//!
//! How symbols were paired makes no difference to the result. Cost: O(rules × log rules), and O(1) for each rule that applies to a
//! candidate; memory is that of the rules, and of two rows of values.

mod scratch;
mod table;

use self::scratch::{Candidates, Plane};
use self::table::Table;
use super::conditions::SharedBranch;
use super::row::SharedType;
use super::side::Side;
use super::types::SharedTypes;
use super::{Limit, TooMuch};

/// What a rule says of a cell.
pub(super) trait Value: Clone + Default + PartialEq {
    /// Whether rules that stand under a condition say no more than what rules without one leave open.
    const CONDITIONS_ADD: bool;

    /// Whether it says nothing.
    fn is_empty(&self) -> bool;

    /// Says what another one says, too.
    fn unite(&mut self, other: &Self);

    /// No longer says what another one says.
    fn take(&mut self, other: &Self);

    /// The steps that it takes to unite something with it.
    fn weight(&self) -> u64;
}

/// What cells of several sorts are told apart by, besides the types: the sort (kind of rule and class), and the condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Slot {
    pub(super) group: u32,
    pub(super) branch: SharedBranch,
}

/// What the rules about two symbols say, left and right; or, in an answer, what is said of two types.
#[derive(Clone, Debug)]
pub(super) struct Cell<V> {
    pub(super) source: SharedType,
    pub(super) target: SharedType,
    pub(super) slot: Slot,
    pub(super) values: [V; 2],
}

impl<V> Cell<V> {
    /// What the rules of one source are sorted by.
    fn key(&self) -> (u64, u32) {
        (u64::from(self.slot.group) << 32 | u64::from(self.slot.branch.0), self.target.0)
    }
}

/// Calls `found` for the cells that differ, in the order of sources, sorts, conditions and targets. `state` calls what it gets
/// for every rule of both sides, in whatever order; it is asked twice. Groups are below `n_groups`.
///
/// # Errors
/// More work than honest policies of that size make.
pub(super) fn differing<V: Value>(
    types: &SharedTypes<'_, '_>,
    state: impl Fn(&mut dyn FnMut(Cell<V>)),
    n_groups: usize,
    limit: &mut Limit,
    found: impl FnMut(Cell<V>),
) -> Result<(), TooMuch> {
    let table = Table::new(types, state, limit)?;
    if table.rules.is_empty() {
        return Ok(());
    }
    let mut search = Search {
        types,
        table: &table,
        candidates: Candidates::new(types.len(), n_groups),
        standing: Vec::new(),
        pending: Vec::new(),
        base: Plane::new(types.len()),
        plane: Plane::new(types.len()),
        found,
        limit,
    };
    for source in types.iter() {
        search.source(source)?;
    }
    Ok(())
}

struct Search<'a, 's, 'p, V, F> {
    types: &'a SharedTypes<'s, 'p>,
    table: &'a Table<V>,
    candidates: Candidates,
    /// The symbols that stand for the source, and on which sides they do.
    standing: Vec<(SharedType, [bool; 2])>,
    /// The rules of the source in one group.
    pending: Vec<(SharedBranch, &'a Cell<V>, [bool; 2])>,
    /// What rules without a condition say, and what those under one do.
    base: Plane<V>,
    plane: Plane<V>,
    found: F,
    limit: &'a mut Limit,
}

impl<V: Value, F: FnMut(Cell<V>)> Search<'_, '_, '_, V, F> {
    fn source(&mut self, source: SharedType) -> Result<(), TooMuch> {
        self.find_symbols(source);
        self.find_candidates()?;
        let groups = self.candidates.groups.len();
        for position in 0..groups {
            self.group(source, position)?;
        }
        self.candidates.clear();
        Ok(())
    }

    fn find_symbols(&mut self, source: SharedType) {
        let of = |side| self.types.symbols(side, source).iter().copied();
        let (mut left, mut right) = (of(Side::Left).peekable(), of(Side::Right).peekable());
        self.standing.clear();
        loop {
            let next = match (left.peek(), right.peek()) {
                (None, None) => return,
                (Some(symbol), None) | (None, Some(symbol)) => *symbol,
                (Some(left), Some(right)) => *left.min(right),
            };
            let is_next = |symbol: &SharedType| *symbol == next;
            let stands = [left.next_if(is_next).is_some(), right.next_if(is_next).is_some()];
            self.standing.push((next, stands));
        }
    }

    fn find_candidates(&mut self) -> Result<(), TooMuch> {
        let Search { types, table, candidates, standing, limit, .. } = self;
        for &(symbol, stands) in &*standing {
            if stands == [true, true] {
                for rule in table.odd_of(symbol) {
                    limit.work(1)?;
                    let Some(row) = candidates.row(rule.slot.group) else { continue };
                    let [left, right] = &rule.values;
                    if left == right {
                        types.add_changed_members(rule.target, row);
                    } else {
                        types.add_members(Side::Left, rule.target, row);
                        types.add_members(Side::Right, rule.target, row);
                    }
                }
            } else {
                let side = if stands == [true, false] { Side::Left } else { Side::Right };
                for rule in table.of(symbol) {
                    limit.work(1)?;
                    let [left, right] = &rule.values;
                    if !side.of([left, right]).is_empty()
                        && let Some(row) = candidates.row(rule.slot.group)
                    {
                        types.add_members(side, rule.target, row);
                    }
                }
            }
        }
        Ok(())
    }

    /// Compares the candidates of a group.
    fn group(&mut self, source: SharedType, position: usize) -> Result<(), TooMuch> {
        let Search { types, table, candidates, standing, pending, base, plane, found, limit } = self;
        let (Some(&group), Some(row)) = (candidates.groups.get(position), candidates.rows.get(position))
        else {
            return Ok(());
        };
        limit.work(u64::try_from(standing.len()).unwrap_or(u64::MAX))?;
        pending.clear();
        for &(symbol, stands) in &*standing {
            let rules = table.of(symbol);
            let start = rules.partition_point(|rule| rule.slot.group < group);
            let of_group = rules.get(start..).unwrap_or_default();
            let of_group = of_group.iter().take_while(|rule| rule.slot.group == group);
            pending.extend(of_group.map(|rule| (rule.slot.branch, rule, stands)));
        }
        pending.sort_by_key(|(branch, ..)| *branch);
        for of_branch in pending.chunk_by(|(a, ..), (b, ..)| a == b) {
            let Some(&(branch, ..)) = of_branch.first() else { continue };
            let is_base = branch == SharedBranch::default();
            let values = if is_base { &mut *base } else { &mut *plane };
            for &(_, rule, stands) in of_branch {
                limit.work(1u64.saturating_add(values.add(types, rule, stands, row)))?;
            }
            let values = if is_base { &*base } else { &*plane };
            values.touched.try_for_each(|target| {
                let Some(said) = values.get(target) else { return Ok(()) };
                let mut said = said.clone();
                if !is_base
                    && V::CONDITIONS_ADD
                    && let Some(anyway) = base.get(target)
                {
                    said.iter_mut().zip(anyway).for_each(|(said, anyway)| said.take(anyway));
                }
                let [left, right] = &said;
                if left != right {
                    limit.cell()?;
                    found(Cell { source, target, slot: Slot { group, branch }, values: said });
                }
                Ok(())
            })?;
            if !is_base {
                plane.clear();
            }
        }
        base.clear();
        Ok(())
    }
}
