//! Fields of what is declared: the roles, the level and the range of a user, and the categories of a sensitivity.
//!
//! Levels are compared by the names of their categories: where the numbers of categories differ between the policies, a level
//! is written with its categories one by one and sorted, as runs of them would mean other sets.

use std::collections::BTreeSet;
use std::fmt;

use avstore::{Component, FileNames, level_bytes, range_text, shown_name};
use policydb::{Level, Policy, Range, RoleId};

use super::both::{Both, Which};
use super::matching::Matching;

/// A word of a statement, or one of its fields.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// `level`, `range` or `categories`; empty for a word of a list.
    pub field: &'static str,
    /// The word, or what the field has.
    pub text: String,
}

impl Part {
    /// A word of a list.
    pub(super) const fn word(text: String) -> Self {
        Part { field: "", text }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.is_empty() {
            f.write_str(&self.text)
        } else {
            write!(f, "{} {}", self.field, self.text)
        }
    }
}

/// Writes fields of both policies in such a way that equal ones have one text.
pub(super) struct Fields<'s, 'p> {
    policies: Both<&'s Policy<'p>>,
    /// Whether a number means the same category in both.
    same_numbers: bool,
}

impl<'s, 'p> Fields<'s, 'p> {
    pub(super) fn of(matching: &Matching<'s, 'p>) -> Self {
        let policies = Both::of(|which| matching.store(which).policy());
        let n = policies.old.categories().map_or(0, |(n, _)| n);
        let both = (1..=u32::try_from(n).unwrap_or(u32::MAX))
            .map(|value| (policies.old.category_name(value), policies.new.category_name(value)));
        let same_numbers = both.into_iter().all(|(old, new)| old.is_none() || new.is_none() || old == new);
        Fields { policies, same_numbers }
    }

    /// The fields of a component, if it is of a kind that has any.
    pub(super) fn parts(&self, which: Which, component: &Component<'_>) -> Option<BTreeSet<Part>> {
        let policy = *self.policies.get(which);
        match component {
            Component::User(user) => {
                let names = user.roles.bits().filter_map(|bit| policy.role_name(RoleId::from_index(bit)));
                let mut parts: BTreeSet<Part> =
                    names.map(|name| Part::word(shown_name(name.as_bytes()))).collect();
                if let Some((range, level)) = user.levels.filter(|_| policy.header().mls) {
                    parts.insert(Part { field: "level", text: self.level(policy, level) });
                    parts.insert(Part { field: "range", text: self.range(policy, range) });
                }
                Some(parts)
            }
            Component::Sensitivity(value) => {
                let (_, records) = policy.sensitivities()?;
                let of = records.iter().filter(|record| record.level.sensitivity == *value);
                let parts = of.map(|record| {
                    if record.is_alias {
                        Part::word(shown_name(record.name.as_bytes()))
                    } else {
                        Part { field: "categories", text: self.level(policy, record.level) }
                    }
                });
                Some(parts.collect())
            }
            _ => None,
        }
    }

    fn range(&self, policy: &Policy<'_>, range: Range<'_>) -> String {
        if self.same_numbers {
            return range_text(policy, range);
        }
        let low = self.level(policy, range.low);
        let high = range.high.map(|high| self.level(policy, high)).filter(|high| *high != low);
        high.map_or(low.clone(), |high| format!("{low} - {high}"))
    }

    fn level(&self, policy: &Policy<'_>, level: Level<'_>) -> String {
        let shown =
            |level| String::from_utf8_lossy(&level_bytes(policy, level, FileNames::Quoted)).into_owned();
        if self.same_numbers {
            return shown(level);
        }
        let name = policy.sensitivity_name(level.sensitivity);
        let categories: BTreeSet<String> = level
            .categories
            .bits()
            .filter_map(|bit| policy.category_name(bit.saturating_add(1)))
            .map(|name| shown_name(name.as_bytes()))
            .collect();
        let categories: Vec<String> = categories.into_iter().collect();
        let name = name.map_or_else(String::new, |name| shown_name(name.as_bytes()));
        if categories.is_empty() { name } else { format!("{name}:{}", categories.join(",")) }
    }
}
