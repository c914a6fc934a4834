//! Rules by source and by target, for those who ask one policy many questions.
//!
//! A cold question is one scan of the table ([`super::find`]), which costs less than any index. An [`Index`]
//! pays from about the tenth question on: a narrow one then compares only the rules of the side that has
//! fewer. O(rules) to build, 32 bytes a rule and 48 a transition by file name.

use std::sync::OnceLock;

use avstore::{Branch, Grouped, Rule, Store, TypeSet};
use policydb::{ClassId, FilenameTransition, RuleKind, TypeId};

use super::scan::{Matcher, TooManyRules, most_rules};
use super::{Criteria, find};

/// What is compared first, of a rule of the access-vector table.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// The target in rules grouped by source, the source in those grouped by target.
    other: TypeId,
    class: ClassId,
    /// In the table of unconditional rules; from its length on, in that of conditional ones.
    position: u32,
    kind: RuleKind,
}

/// The rules of a policy, by source and by target; built when first asked for.
#[derive(Debug)]
pub struct Index<'s, 'p> {
    store: &'s Store<'p>,
    by_source: OnceLock<Grouped<Entry>>,
    by_target: OnceLock<Grouped<Entry>>,
    /// Positions where branches of conditionals begin, ascending, and the branches.
    branches: Vec<(usize, Branch)>,
    filename: OnceLock<Option<FilenameIndex<'p>>>,
}

/// Transitions by file name, as long as there are no more than an honest policy of its size can hold.
#[derive(Debug)]
struct FilenameIndex<'p> {
    rules: Vec<FilenameTransition<'p>>,
    /// Positions among the rules.
    by_source: Grouped<u32>,
    by_target: Grouped<u32>,
}

impl<'s, 'p> Index<'s, 'p> {
    /// An index over the rules of `store`; has the store prepare itself for many questions, too.
    pub fn new(store: &'s Store<'p>) -> Self {
        store.prepare();
        let mut branches = Vec::new();
        for (conditional, node) in (0u32..).zip(store.policy().conditionals()) {
            branches.push((node.true_rules.start, Branch { conditional, when: true }));
            branches.push((node.false_rules.start, Branch { conditional, when: false }));
        }
        let (by_source, by_target) = (OnceLock::new(), OnceLock::new());
        Index { store, by_source, by_target, branches, filename: OnceLock::new() }
    }

    /// What [`find`] gives, in the same order.
    ///
    /// # Errors
    /// More than `most` rules match.
    pub fn find(&self, criteria: &Criteria, most: usize) -> Result<Vec<Rule<'p>>, TooManyRules> {
        let Some(mut positions) = self.positions(criteria) else { return find(self.store, criteria, most) };
        positions.sort_unstable();
        let n_unconditional = self.store.policy().rules().len();
        let split = positions.partition_point(|&position| (position as usize) < n_unconditional);
        let (unconditional, conditional) = positions.split_at(split);
        let matcher = Matcher { store: self.store, criteria };
        let mut found = Vec::new();
        if criteria.conditionals.is_none() {
            let rules = unconditional.iter().filter_map(|&at| Rule::unconditional(self.store, at as usize));
            found.extend(rules.filter(|rule| matcher.details(rule)));
            self.find_filename_transitions(&matcher, most, &mut found);
        }
        found.extend(conditional.iter().filter_map(|&position| {
            let position = (position as usize).saturating_sub(n_unconditional);
            let branch = self.branch_of(position).filter(|branch| matcher.wants_branch(*branch))?;
            Rule::conditional(self.store, position, branch).filter(|rule| matcher.details(rule))
        }));
        if found.len() > most { Err(TooManyRules(most)) } else { Ok(found) }
    }

    /// The positions of rules whose kind, sides and class match, of whichever side has fewer rules. `None` if
    /// the scan is quicker: it reads each rule once, in order.
    fn positions(&self, criteria: &Criteria) -> Option<Vec<u32>> {
        let rules_of = |set: &TypeSet, group: &Grouped<Entry>| -> usize {
            set.iter().map(|id| group.count(id.index())).sum()
        };
        let by_source = criteria.source.as_ref().map(|set| {
            let group = self.by_source();
            (rules_of(set, group), set, group, criteria.target.as_ref())
        });
        let by_target = criteria.target.as_ref().map(|set| {
            let group = self.by_target();
            (rules_of(set, group), set, group, criteria.source.as_ref())
        });
        let sides = by_source.into_iter().chain(by_target);
        let (n_rules, set, group, other) = sides.min_by_key(|&(n_rules, ..)| n_rules)?;
        if criteria.kinds.is_empty() || n_rules > self.n_rules() / 4 {
            return None;
        }
        let matches = |entry: &&Entry| {
            criteria.kinds.contains(entry.kind)
                && other.is_none_or(|set| set.contains(entry.other))
                && criteria.classes.as_ref().is_none_or(|set| set.contains(entry.class))
        };
        let entries = set.iter().flat_map(|id| group.get(id.index()));
        Some(entries.filter(matches).map(|entry| entry.position).collect())
    }

    fn n_rules(&self) -> usize {
        let policy = self.store.policy();
        policy.rules().len().saturating_add(policy.conditional_rules().len())
    }

    fn by_source(&self) -> &Grouped<Entry> {
        self.by_source.get_or_init(|| self.group(|source, target| (source, target)))
    }

    fn by_target(&self) -> &Grouped<Entry> {
        self.by_target.get_or_init(|| self.group(|source, target| (target, source)))
    }

    /// All rules, grouped by the first of what `sides` gives for source and target.
    fn group(&self, sides: impl Fn(TypeId, TypeId) -> (TypeId, TypeId)) -> Grouped<Entry> {
        let policy = self.store.policy();
        let [unconditional, conditional] =
            [policy.rules(), policy.conditional_rules()].map(|table| table.rules(0..table.len()));
        let rules = unconditional.chain(conditional).map(|(_, rule)| rule);
        let entries = (0u32..).zip(rules).map(|(position, rule)| {
            let (side, other) = sides(rule.source(), rule.target());
            (side.index(), Entry { other, class: rule.class(), position, kind: rule.kind() })
        });
        Grouped::new(policy.n_types(), entries)
    }

    /// The branch in which a conditional rule stands.
    fn branch_of(&self, position: usize) -> Option<Branch> {
        // Of branches that begin at one place, all but the last are empty.
        let after = self.branches.partition_point(|&(start, _)| start <= position);
        after.checked_sub(1).and_then(|at| self.branches.get(at)).map(|&(_, branch)| branch)
    }

    fn find_filename_transitions(&self, matcher: &Matcher<'_, 'p>, most: usize, found: &mut Vec<Rule<'p>>) {
        if !matcher.wants_filename_transitions() {
            return;
        }
        let Some(index) = self.filename.get_or_init(|| FilenameIndex::new(self.store)) else {
            return matcher.scan_filename_transitions(most, found);
        };
        let criteria = matcher.criteria;
        let of_side = |set: &Option<TypeSet>, group: &Grouped<u32>| {
            let set = set.as_ref()?;
            let mut positions: Vec<u32> = set.iter().flat_map(|id| group.get(id.index())).copied().collect();
            positions.sort_unstable();
            Some(positions)
        };
        // Transitions name types: a target has few of them, a source thousands.
        let positions = of_side(&criteria.target, &index.by_target)
            .or_else(|| of_side(&criteria.source, &index.by_source))
            .unwrap_or_default();
        let rules = positions.iter().filter_map(|&at| index.rules.get(at as usize));
        found.extend(rules.filter(|rule| matcher.matches_filename(rule)).copied().map(Rule::Filename));
    }
}

impl<'p> FilenameIndex<'p> {
    /// `None` if there are too many.
    fn new(store: &Store<'p>) -> Option<Self> {
        let policy = store.policy();
        let most = most_rules(policy.n_bytes());
        let mut rules = Vec::new();
        policy.filename_transitions().for_each(|rule| {
            if rules.len() <= most {
                rules.push(rule);
            }
        });
        let group = |side: fn(&FilenameTransition<'p>) -> TypeId| {
            let sides = rules.iter().map(|rule| side(rule).index());
            Grouped::new(policy.n_types(), sides.zip(0u32..))
        };
        let (by_source, by_target) = (group(|rule| rule.source), group(|rule| rule.target));
        (rules.len() <= most).then_some(FilenameIndex { rules, by_source, by_target })
    }
}
