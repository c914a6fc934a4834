//! What is worked out for one source at a time, in memory that is used again for the next.

use super::{Cell, Value};
use crate::diff::statements::row::{Row, SharedType};
use crate::diff::statements::side::Side;
use crate::diff::statements::types::SharedTypes;

/// For one source: the targets of which something may be said otherwise, by group.
pub(super) struct Candidates {
    n_types: usize,
    /// The position among `rows`, and one more; 0 for none.
    of_group: Vec<u32>,
    pub(super) groups: Vec<u32>,
    pub(super) rows: Vec<Row>,
}

impl Candidates {
    pub(super) fn new(n_types: usize, n_groups: usize) -> Self {
        Candidates { n_types, of_group: vec![0; n_groups], groups: Vec::new(), rows: Vec::new() }
    }

    pub(super) fn row(&mut self, group: u32) -> Option<&mut Row> {
        let slot = self.of_group.get_mut(group as usize)?;
        if *slot == 0 {
            self.groups.push(group);
            *slot = u32::try_from(self.groups.len()).ok()?;
            if self.rows.len() < self.groups.len() {
                self.rows.push(Row::new(self.n_types));
            }
        }
        self.rows.get_mut((*slot as usize).saturating_sub(1))
    }

    /// Forgets all, and keeps the memory.
    pub(super) fn clear(&mut self) {
        for (group, row) in self.groups.drain(..).zip(&mut self.rows) {
            row.clear();
            if let Some(slot) = self.of_group.get_mut(group as usize) {
                *slot = 0;
            }
        }
    }
}

/// What both sides say of one source in one slot, by target.
pub(super) struct Plane<V> {
    values: Vec<[V; 2]>,
    pub(super) touched: Row,
}

impl<V: Value> Plane<V> {
    pub(super) fn new(n_types: usize) -> Self {
        Plane { values: vec![Default::default(); n_types], touched: Row::new(n_types) }
    }

    pub(super) fn clear(&mut self) {
        for target in self.touched.iter() {
            if let Some(values) = self.values.get_mut(target.index()) {
                *values = Default::default();
            }
        }
        self.touched.clear();
    }

    pub(super) fn get(&self, target: SharedType) -> Option<&[V; 2]> {
        self.values.get(target.index())
    }

    /// Adds what a rule says of the candidates; `stands` says on which sides the source is among the rule's. Returns the steps
    /// that took.
    pub(super) fn add(
        &mut self,
        types: &SharedTypes<'_, '_>,
        rule: &Cell<V>,
        stands: [bool; 2],
        candidates: &Row,
    ) -> u64 {
        let mut steps = 0u64;
        for side in Side::BOTH {
            let [left, right] = &rule.values;
            let value = side.of([left, right]);
            if !side.of(stands) || value.is_empty() {
                continue;
            }
            let Plane { values, touched } = self;
            types.for_each_member_in(side, rule.target, candidates, |target| {
                if let Some([left, right]) = values.get_mut(target.index()) {
                    let said = side.of([left, right]);
                    said.unite(value);
                    steps = steps.saturating_add(said.weight());
                    touched.insert(target);
                }
            });
        }
        steps
    }
}
