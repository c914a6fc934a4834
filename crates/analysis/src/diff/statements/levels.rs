//! Levels, their parts, and when two of them are equal: by the names of sensitivity and categories, as the numbers are the
//! policy's own. Source: SETools' `mls.py`.

use std::collections::HashSet;

use avstore::level_bytes;
use policydb::{Ebitmap, Level, Name, Range};

use super::Comparison;
use super::side::{Bytes, Changes, SetChange, Side};
use super::symbols::by_name;

/// A level declaration: a sensitivity, and the categories that it may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelDeclaration<'p> {
    /// The value of the sensitivity in its policy, by which levels are ordered.
    pub value: u32,
    /// The sensitivity.
    pub sensitivity: Bytes<'p>,
    /// The level with all its categories.
    pub text: Vec<u8>,
}

/// A name and the value in its policy, by which SETools orders such names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Valued<'p> {
    /// The value.
    pub value: u32,
    /// The name.
    pub name: Bytes<'p>,
}

/// A sensitivity or category with other aliases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AliasChange<'p> {
    /// Its name, and its value in the old policy.
    pub of: Valued<'p>,
    /// Its other names.
    pub aliases: SetChange<'p>,
}

/// A level declaration with other categories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelChange<'p> {
    /// The sensitivity, and its value in the old policy.
    pub sensitivity: Valued<'p>,
    /// The categories that it may have now, and could not before; with their values in the new policy.
    pub added: Vec<Valued<'p>>,
    /// The categories that it could have, and may no more; with their values in the old policy.
    pub removed: Vec<Valued<'p>>,
}

/// Compares levels of the two sides.
pub(super) struct SameLevels {
    /// For the index of a category of the new policy: that of the old one of the same name.
    old_category: Vec<Option<u32>>,
    /// Whether categories have the same numbers on both sides.
    same_numbers: bool,
}

impl SameLevels {
    pub(super) fn new(comparison: &Comparison<'_, '_>) -> Self {
        let [old, new] = Side::BOTH.map(|side| comparison.policy(side));
        let n_values = |policy: &policydb::Policy<'_>| policy.categories().map_or(0, |(n, _)| n);
        let values = 1..=u32::try_from(n_values(new)).unwrap_or(u32::MAX);
        let old_category: Vec<Option<u32>> = values
            .map(|value| {
                let Some(name) = new.category_name(value) else {
                    // What has no name on either side is known by its number.
                    return value.checked_sub(1).filter(|_| old.category_name(value).is_none());
                };
                let found = old.category_named(name.as_bytes())?;
                (old.category_name(found)? == name).then(|| found.checked_sub(1)).flatten()
            })
            .collect();
        let is_same = |(index, old): (u32, &Option<u32>)| *old == Some(index);
        let same_numbers = n_values(old) == n_values(new) && (0u32..).zip(&old_category).all(is_same);
        SameLevels { old_category, same_numbers }
    }

    /// Whether an old level is equal to a new one.
    pub(super) fn level(&self, comparison: &Comparison<'_, '_>, old: Level<'_>, new: Level<'_>) -> bool {
        let name = |side: Side, level: Level<'_>| comparison.policy(side).sensitivity_name(level.sensitivity);
        name(Side::Left, old) == name(Side::Right, new) && self.categories(old.categories, new.categories)
    }

    fn categories(&self, old: Ebitmap<'_>, new: Ebitmap<'_>) -> bool {
        if self.same_numbers {
            return old.words().eq(new.words());
        }
        let translated = new.bits().map(|bit| self.old_category.get(bit as usize).copied().flatten());
        old.len() == new.len()
            && translated.into_iter().all(|bit| bit.is_some_and(|bit| old.contains(bit as usize)))
    }

    /// Whether an old range is equal to a new one.
    pub(super) fn range(&self, comparison: &Comparison<'_, '_>, old: Range<'_>, new: Range<'_>) -> bool {
        self.level(comparison, old.low, new.low)
            && self.level(comparison, old.high.unwrap_or(old.low), new.high.unwrap_or(new.low))
    }
}

impl<'s, 'p> Comparison<'s, 'p> {
    /// Categories, by their aliases.
    pub fn categories(&self) -> Changes<Valued<'p>, AliasChange<'p>> {
        self.aliased(|side| {
            let records = self.policy(side).categories().into_iter().flat_map(|(_, records)| records.iter());
            records.map(|record| (record.name, record.value, record.is_alias)).collect()
        })
    }

    /// Sensitivities, by their aliases.
    pub fn sensitivities(&self) -> Changes<Valued<'p>, AliasChange<'p>> {
        self.aliased(|side| {
            let records =
                self.policy(side).sensitivities().into_iter().flat_map(|(_, records)| records.iter());
            records.map(|record| (record.name, record.level.sensitivity, record.is_alias)).collect()
        })
    }

    /// Compares what has a value and aliases: records of name, value, and whether the name is an alias.
    fn aliased(
        &self,
        records: impl Fn(Side) -> Vec<(Name<'p>, u32, bool)>,
    ) -> Changes<Valued<'p>, AliasChange<'p>> {
        let [old, new] = Side::BOTH.map(|side| {
            let records = if self.policy(side).header().mls { records(side) } else { Vec::new() };
            let n_values = records.iter().map(|(_, value, _)| *value as usize).max().unwrap_or(0);
            let aliases = records.iter().filter(|(.., is_alias)| *is_alias);
            let aliases = avstore::Grouped::new(
                n_values.saturating_add(1),
                aliases.map(|(name, value, _)| (*value as usize, *name)),
            );
            let primary: Vec<_> = records.into_iter().filter(|(.., is_alias)| !is_alias).collect();
            (primary, aliases)
        });
        let named = |records: &[(Name<'p>, u32, bool)]| {
            let named = records.iter().map(|(name, value, _)| (Bytes::Borrowed(name.as_bytes()), *value));
            named.collect::<Vec<_>>().into_iter()
        };
        let names =
            |aliases: &[Name<'p>]| aliases.iter().map(|alias| Bytes::Borrowed(alias.as_bytes())).collect();
        let changes = by_name(named(&old.0), named(&new.0), |name, value, new_value| {
            let aliases =
                SetChange::between(names(old.1.get(value as usize)), names(new.1.get(new_value as usize)));
            (!aliases.is_empty()).then_some(AliasChange { of: Valued { value, name }, aliases })
        });
        let valued = |named: Vec<(Bytes<'p>, u32)>| {
            let mut valued: Vec<_> = named.into_iter().map(|(name, value)| Valued { value, name }).collect();
            valued.sort_unstable();
            valued
        };
        Changes { added: valued(changes.added), removed: valued(changes.removed), modified: changes.modified }
    }

    /// Level declarations, by their categories.
    pub fn levels(&self) -> Changes<LevelDeclaration<'p>, LevelChange<'p>> {
        let of = |side: Side| {
            let policy = self.policy(side);
            let records = policy.sensitivities().into_iter().flat_map(|(_, records)| records.iter());
            let primary = records.filter(move |record| !record.is_alias && policy.header().mls);
            primary.map(|record| (Bytes::Borrowed(record.name.as_bytes()), record.level))
        };
        let same = SameLevels::new(self);
        let changes = by_name(of(Side::Left), of(Side::Right), |name, old, new| {
            if same.categories(old.categories, new.categories) {
                return None;
            }
            let [old_names, new_names] =
                [(Side::Left, old), (Side::Right, new)].map(|(side, level)| self.category_names(side, level));
            let without = |names: &[Valued<'p>], other: &[Valued<'p>]| -> Vec<Valued<'p>> {
                let known: HashSet<&Bytes<'p>> = other.iter().map(|of| &of.name).collect();
                names.iter().filter(|of| !known.contains(&of.name)).cloned().collect()
            };
            Some(LevelChange {
                sensitivity: Valued { value: old.sensitivity, name },
                added: without(&new_names, &old_names),
                removed: without(&old_names, &new_names),
            })
        });
        let declared = |levels: Vec<(Bytes<'p>, Level<'p>)>, side: Side| {
            let declaration = |(sensitivity, level): (Bytes<'p>, Level<'p>)| LevelDeclaration {
                value: level.sensitivity,
                sensitivity,
                text: level_bytes(self.policy(side), level, self.reading.names),
            };
            let mut declared: Vec<_> = levels.into_iter().map(declaration).collect();
            declared.sort_by_key(|declaration| declaration.value);
            declared
        };
        Changes {
            added: declared(changes.added, Side::Right),
            removed: declared(changes.removed, Side::Left),
            modified: changes.modified,
        }
    }

    fn category_names(&self, side: Side, level: Level<'_>) -> Vec<Valued<'p>> {
        let policy = self.policy(side);
        let named = level.categories.bits().filter_map(|bit| {
            let value = bit.saturating_add(1);
            Some(Valued { value, name: Bytes::Borrowed(policy.category_name(value)?.as_bytes()) })
        });
        named.collect()
    }
}
