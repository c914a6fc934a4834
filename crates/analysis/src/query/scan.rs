//! The search itself: one scan of the table, in place.
//!
//! Cost: O(rules), a few comparisons each; transitions by file name are decoded only if asked for.

use std::ops::Range;

use avstore::{Branch, Rule, Store, TypeSet};
use policydb::{AvTable, ClassId, FilenameTransition, RuleKind, TypeId, XpermKind};

use super::Criteria;

/// More rules match than an honest policy of its size can hold.
///
/// A few bytes of the format can stand for thousands of transitions by file name; a forged policy would
/// exhaust the memory of whoever lists them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "more than {0} rules match, which is more than a policy of this size should hold\nhelp: ask for a source, a target or a class"
)]
pub struct TooManyRules(pub usize);

/// The largest number of rules that is listed of a policy of so many bytes. A Fedora policy of 3.8 MB holds
/// 420,000, one of version 19 and 135 MB about five million.
pub const fn most_rules(n_bytes: usize) -> usize {
    500_000usize.saturating_add(n_bytes / 8)
}

/// Bytes of text that are made of the statements of a policy of so many bytes. Names of a forged one can be long, and
/// stand in every statement.
pub const fn most_text(n_bytes: usize) -> usize {
    /// What the smallest policy may make.
    const LEAST: usize = 64 << 20;
    LEAST.saturating_add(n_bytes.saturating_mul(32))
}

/// The rules that meet the criteria, in the order of the policy: unconditional ones, transitions by file
/// name, conditional ones.
///
/// # Errors
/// More than `most` rules match.
pub fn find<'p>(store: &Store<'p>, criteria: &Criteria, most: usize) -> Result<Vec<Rule<'p>>, TooManyRules> {
    let mut found = Vec::new();
    if criteria.kinds.is_empty() {
        return Ok(found);
    }
    let matcher = Matcher { store, criteria };
    let policy = store.policy();
    if criteria.conditionals.is_none() {
        for position in matcher.positions(policy.rules(), 0..policy.rules().len()) {
            found.extend(Rule::unconditional(store, position).filter(|rule| matcher.details(rule)));
        }
        matcher.scan_filename_transitions(most, &mut found);
    }
    for (conditional, node) in (0u32..).zip(policy.conditionals()) {
        for (when, range) in [(true, &node.true_rules), (false, &node.false_rules)] {
            let branch = Branch { conditional, when };
            if !matcher.wants_branch(branch) {
                continue;
            }
            for position in matcher.positions(policy.conditional_rules(), range.clone()) {
                found.extend(Rule::conditional(store, position, branch).filter(|rule| matcher.details(rule)));
            }
        }
    }
    if found.len() > most { Err(TooManyRules(most)) } else { Ok(found) }
}

/// Compares rules with criteria, for the scan and for [`super::Index`].
pub(super) struct Matcher<'a, 'p> {
    pub(super) store: &'a Store<'p>,
    pub(super) criteria: &'a Criteria,
}

impl<'p> Matcher<'_, 'p> {
    /// The positions in `range` whose kind, source, target and class match.
    fn positions<'t>(
        &'t self,
        table: &'t AvTable<'_>,
        range: Range<usize>,
    ) -> impl Iterator<Item = usize> + 't {
        let criteria = self.criteria;
        table.rules(range).filter_map(move |(position, rule)| {
            let matches = criteria.kinds.contains_bits(rule.kind_bits())
                && criteria.source.as_ref().is_none_or(|set| set.contains(rule.source()))
                && criteria.target.as_ref().is_none_or(|set| set.contains(rule.target()))
                && criteria.classes.as_ref().is_none_or(|set| set.contains(rule.class()));
            matches.then_some(position)
        })
    }

    /// Whether the conditional rules of a branch can match.
    pub(super) fn wants_branch(&self, branch: Branch) -> bool {
        let is_wanted = |wanted: &Vec<bool>| wanted.get(branch.index()).copied().unwrap_or(false);
        self.criteria.conditionals.as_ref().is_none_or(is_wanted)
            && self.criteria.in_force.as_ref().is_none_or(|conditions| conditions.in_force(branch))
    }

    /// Whether transitions by file name can match.
    pub(super) fn wants_filename_transitions(&self) -> bool {
        let excluded = self.criteria.permissions.is_some() || self.criteria.xperms.is_some();
        !excluded && self.criteria.kinds.contains(RuleKind::TypeTransition)
    }

    /// Whether a transition by file name matches.
    pub(super) fn matches_filename(&self, rule: &FilenameTransition<'_>) -> bool {
        let criteria = self.criteria;
        criteria.source.as_ref().is_none_or(|set| set.contains(rule.source))
            && criteria.target.as_ref().is_none_or(|set| set.contains(rule.target))
            && criteria.classes.as_ref().is_none_or(|set| set.contains(rule.class))
            && criteria.default.as_ref().is_none_or(|set| set.contains(rule.default))
    }

    /// Appends the transitions by file name that match, but no more than one beyond `most` rules in all: that
    /// is enough to see that there are too many.
    pub(super) fn scan_filename_transitions(&self, most: usize, found: &mut Vec<Rule<'p>>) {
        if self.wants_filename_transitions() {
            self.store.policy().filename_transitions().for_each(|rule| {
                if found.len() <= most && self.matches_filename(&rule) {
                    found.push(Rule::Filename(rule));
                }
            });
        }
    }

    /// Whether the rest of a rule matches: permissions, extended permissions, default.
    pub(super) fn details(&self, rule: &Rule<'_>) -> bool {
        let Rule::Av { rule: av, xperms, .. } = rule else { return false };
        let criteria = self.criteria;
        if let Some(permissions) = &criteria.permissions {
            let matches = match xperms {
                Some(xperms) if xperms.kind == XpermKind::Nlmsg => permissions.nlmsg,
                Some(_) => permissions.ioctl,
                None if av.kind().has_permissions() => {
                    permissions.matches(av.class(), av.permissions(), self.defined(av.class()))
                }
                None => false,
            };
            if !matches {
                return false;
            }
        }
        if let Some(criterion) = &criteria.xperms
            && !xperms.is_some_and(|xperms| criterion.matches(&xperms.ranges()))
        {
            return false;
        }
        let default_in = |set: &TypeSet| av.default_type().is_some_and(|id: TypeId| set.contains(id));
        criteria.default.as_ref().is_none_or(default_in)
    }

    /// The bits of access vectors that a class defines.
    fn defined(&self, class: ClassId) -> u32 {
        self.store.permissions(class).iter().fold(0, |bits, permission| bits | 1 << permission.bit)
    }
}
