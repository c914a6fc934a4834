//! Type rules: which type something new or relabelled gets, `type_transition` with and without file names, `type_change` and
//! `type_member`. A rule is known by everything but the type that it gives. Source: SETools' `terules.py`.
//!
//! Cost: O(rules × log rules). Transitions by file name, of which there can be hundreds of thousands, are compared entry by
//! entry of the file; only those of one target, class and name are written out at a time.

use std::cmp::Ordering;

use policydb::{FilenameEntry, Name, RuleKind, TypeId};

use super::access::RareRule;
use super::classes::SharedClass;
use super::conditions::{Condition, SharedBranch};
use super::limit::{Limit, TooMuch};
use super::row::SharedType;
use super::side::{Changes, Side};
use super::{Comparison, Reading};

/// The types that a rule gives, on either side. [`Comparison`] has the names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeRuleChange<'p> {
    /// `type_transition`, `type_change` or `type_member`.
    pub kind: RuleKind,
    /// The source, a type.
    pub source: SharedType,
    /// The target, a type.
    pub target: SharedType,
    /// The class.
    pub class: SharedClass,
    /// The condition that the rule stands under.
    pub branch: SharedBranch,
    /// The file name.
    pub file_name: Option<Name<'p>>,
    /// The type that the rule gives, old and new.
    pub defaults: [Option<SharedType>; 2],
}

type Key = (SharedType, SharedType, SharedClass, SharedBranch);

impl<'s, 'p> Comparison<'s, 'p> {
    /// Type rules of a kind; transitions by file name are among those of their kind.
    ///
    /// # Errors
    /// More rules than honest policies of that size have.
    pub fn type_rules(
        &self,
        kind: RuleKind,
    ) -> Result<Changes<TypeRuleChange<'p>, TypeRuleChange<'p>>, TooMuch> {
        let mut limit = self.limit();
        let mut changes = Changes::default();
        let old = self.stated_type_rules(Side::Left, kind, &mut limit)?;
        let new = self.stated_type_rules(Side::Right, kind, &mut limit)?;
        merge(&old, &new, |(source, target, class, branch), defaults| {
            add(
                &mut changes,
                TypeRuleChange { kind, source, target, class, branch, file_name: None, defaults },
            );
        });
        if kind == RuleKind::TypeTransition {
            self.file_name_rules(&mut limit, &mut changes)?;
        }
        Ok(changes)
    }

    /// The rules of a side, attributes expanded, sorted; of several with one key the first.
    fn stated_type_rules(
        &self,
        side: Side,
        kind: RuleKind,
        limit: &mut Limit,
    ) -> Result<Vec<(Key, SharedType)>, TooMuch> {
        let mut rules: Vec<(Key, SharedType)> = Vec::new();
        for &RareRule { rule, branch, .. } in self.rare_rules(side) {
            let Some(default) = rule.default_type().filter(|_| rule.kind() == kind) else { continue };
            let default = self.types.place(side, default);
            let class = self.classes.place(side, rule.class());
            let branch = self.conditions.by_table(side, branch);
            self.for_each_pair(side, rule.source(), rule.target(), limit, |source, target| {
                rules.push(((source, target, class, branch), default));
            })?;
        }
        rules.sort_by_key(|(key, _)| *key);
        rules.dedup_by_key(|(key, _)| *key);
        Ok(rules)
    }

    /// The pairs of types that two symbols of a side stand for.
    pub(super) fn for_each_pair(
        &self,
        side: Side,
        source: TypeId,
        target: TypeId,
        limit: &mut Limit,
        mut visit: impl FnMut(SharedType, SharedType),
    ) -> Result<(), TooMuch> {
        let (source, target) = (self.types.place(side, source), self.types.place(side, target));
        let n = |of| u64::try_from(self.types.n_members(side, of)).unwrap_or(u64::MAX);
        limit.cells(n(source).saturating_mul(n(target)))?;
        self.types.for_each_member(side, source, |source| {
            self.types.for_each_member(side, target, |target| visit(source, target));
        });
        Ok(())
    }

    /// Compares the transitions by file name.
    fn file_name_rules(
        &self,
        limit: &mut Limit,
        changes: &mut Changes<TypeRuleChange<'p>, TypeRuleChange<'p>>,
    ) -> Result<(), TooMuch> {
        let [old, new] = Side::BOTH.map(|side| self.file_name_entries(side));
        let (mut old, mut new) = (old.as_slice(), new.as_slice());
        let run =
            |entries: &[FileEntry<'p>], key| entries.iter().take_while(|entry| entry.key == key).count();
        let (mut old_rules, mut new_rules) = (Vec::new(), Vec::new());
        loop {
            let key = match (old.first(), new.first()) {
                (None, None) => return Ok(()),
                (Some(of), None) | (None, Some(of)) => of.key,
                (Some(old), Some(new)) => old.key.min(new.key),
            };
            let ((old_run, old_rest), (new_run, new_rest)) =
                (old.split_at(run(old, key)), new.split_at(run(new, key)));
            (old, new) = (old_rest, new_rest);
            self.write_out(Side::Left, old_run, &mut old_rules);
            self.write_out(Side::Right, new_run, &mut new_rules);
            let (target, class, name) = key;
            let mut result = Ok(());
            merge(&old_rules, &new_rules, |source, defaults| {
                if result.is_ok() {
                    result = limit.cell();
                }
                if result.is_ok() {
                    let (kind, branch) = (RuleKind::TypeTransition, SharedBranch::default());
                    let file_name = Some(name);
                    add(changes, TypeRuleChange { kind, source, target, class, branch, file_name, defaults });
                }
            });
            result?;
        }
    }

    /// The entries of a side, sorted by target, class and name.
    fn file_name_entries(&self, side: Side) -> Vec<FileEntry<'p>> {
        let entries = self.policy(side).filename_transitions().entries();
        let mut sorted: Vec<FileEntry<'p>> = entries
            .iter()
            .map(|entry| {
                let (target, class, name) = match &entry {
                    FilenameEntry::Rule(rule) => (rule.target, rule.class, rule.name),
                    FilenameEntry::Grouped { target, class, name, .. } => (*target, *class, *name),
                };
                let key = (self.types.place(side, target), self.classes.place(side, class), name);
                FileEntry { key, entry }
            })
            .collect();
        sorted.sort_by_key(|entry| entry.key);
        sorted
    }

    /// The rules of some entries by source; of several about one source the first.
    fn write_out(&self, side: Side, entries: &[FileEntry<'p>], rules: &mut Vec<(SharedType, SharedType)>) {
        rules.clear();
        for FileEntry { entry, .. } in entries {
            match entry {
                FilenameEntry::Rule(rule) => {
                    let default = self.types.place(side, rule.default);
                    let source = self.types.place(side, rule.source);
                    self.types.for_each_member(side, source, |source| rules.push((source, default)));
                }
                FilenameEntry::Grouped { groups, .. } => {
                    for group in groups.iter() {
                        let default = self.types.place(side, group.default);
                        for source in group.sources.bits().map(TypeId::from_index) {
                            let source = self.types.place(side, source);
                            self.types.for_each_member(side, source, |source| rules.push((source, default)));
                        }
                    }
                }
            }
        }
        rules.sort_by_key(|(source, _)| *source);
        rules.dedup_by_key(|(source, _)| *source);
    }

    /// The condition of a type rule.
    pub fn type_rule_condition(&self, branch: SharedBranch) -> Option<Condition<'_>> {
        self.conditions.of_table(self.stores, branch)
    }

    /// How statements are read.
    pub fn reading(&self) -> Reading {
        self.reading
    }
}

struct FileEntry<'p> {
    key: (SharedType, SharedClass, Name<'p>),
    entry: FilenameEntry<'p>,
}

fn add<'p>(changes: &mut Changes<TypeRuleChange<'p>, TypeRuleChange<'p>>, change: TypeRuleChange<'p>) {
    match change.defaults {
        [None, _] => changes.added.push(change),
        [_, None] => changes.removed.push(change),
        _ => changes.modified.push(change),
    }
}

/// Walks two sorted lists without repeats, and calls `differ` for each key whose values differ.
pub(super) fn merge<K: Copy + Ord, V: Copy + PartialEq>(
    old: &[(K, V)],
    new: &[(K, V)],
    mut differ: impl FnMut(K, [Option<V>; 2]),
) {
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => return,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((old, _)), Some((new, _))) => old.cmp(new),
        };
        let left = old.next_if(|_| order != Ordering::Greater);
        let right = new.next_if(|_| order != Ordering::Less);
        if let Some((key, _)) = left.or(right)
            && left.map(|(_, value)| value) != right.map(|(_, value)| value)
        {
            differ(*key, [left.map(|(_, value)| *value), right.map(|(_, value)| *value)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::merge;

    #[test]
    fn lists_are_merged_by_key() {
        let mut found = Vec::new();
        merge(&[(1, 'a'), (2, 'b'), (4, 'd')], &[(2, 'x'), (3, 'c'), (4, 'd')], |key, values| {
            found.push((key, values));
        });
        assert_eq!(found, [(1, [Some('a'), None]), (2, [Some('b'), Some('x')]), (3, [None, Some('c')])]);
    }
}
