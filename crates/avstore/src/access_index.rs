//! Access vectors by source symbol and class, for those who take many decisions.
//!
//! A row holds what rules with one source symbol say about one class, in the order of the file. A decision reads
//! the rows of the source's symbols, and tests each entry's target against the symbols of the target's type: one
//! bit. Conditional rules stand among the others, with the branch that they are in, so that one index serves
//! every state of the booleans.
//!
//! O(rules log rules) to build, 20 bytes a rule. Source of the semantics: `context_struct_compute_av` in the
//! kernel's `ss/services.c`.

use policydb::{AvTable, ClassId, Policy, RuleKind, TypeId};

use crate::{Branch, Conditions, TypeSet};

/// What rules say about one source type, target type and class, before anything is taken away from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccessVector {
    /// Permissions that `allow` rules grant.
    pub allowed: u32,
    /// Permissions whose grants are audited.
    pub auditallow: u32,
    /// Permissions whose denials are not audited.
    pub dontaudit: u32,
}

impl AccessVector {
    /// Adds what one rule says.
    #[inline]
    pub fn add(&mut self, kind: RuleKind, permissions: u32) {
        match kind {
            RuleKind::Allow => self.allowed |= permissions,
            RuleKind::AuditAllow => self.auditallow |= permissions,
            RuleKind::DontAudit => self.dontaudit |= permissions,
            _ => {}
        }
    }
}

/// One rule in a row.
#[derive(Clone, Copy, Debug)]
struct Entry {
    target: TypeId,
    permissions: u32,
    /// 0 for a rule that is always in force, else [`branch_number`].
    branch: u32,
    kind: RuleKind,
}

/// Where a row begins, and what it is about.
#[derive(Clone, Copy, Debug)]
struct Row {
    class: ClassId,
    start: u32,
    end: u32,
}

/// The rows of a policy.
#[derive(Debug)]
pub struct AccessIndex {
    /// By source symbol: where its rows begin; one more than symbols.
    sources: Vec<u32>,
    /// By source, then by class.
    rows: Vec<Row>,
    entries: Vec<Entry>,
    n_branches: usize,
}

/// Which branches are in force, in the form that an [`AccessIndex`] reads: all bits set, or none.
#[derive(Clone, Debug)]
pub struct BranchMasks(Vec<u32>);

fn branch_number(branch: Branch) -> u32 {
    branch.conditional.saturating_mul(2).saturating_add(1).saturating_add(u32::from(branch.when))
}

impl AccessIndex {
    /// Indexes the rules of a policy that grant access or speak of its auditing.
    pub fn new(policy: &Policy<'_>) -> Self {
        let mut found: Vec<(u64, Entry)> = Vec::with_capacity(policy.rules().len());
        collect(policy.rules(), 0..policy.rules().len(), 0, &mut found);
        for (conditional, node) in (0u32..).zip(policy.conditionals()) {
            for (when, range) in [(true, &node.true_rules), (false, &node.false_rules)] {
                let branch = branch_number(Branch { conditional, when });
                collect(policy.conditional_rules(), range.clone(), branch, &mut found);
            }
        }
        // Stable: within a row the order stays that of the file.
        found.sort_by_key(|(key, _)| *key);
        let mut index = AccessIndex {
            sources: Vec::with_capacity(policy.n_types().saturating_add(1)),
            rows: Vec::new(),
            entries: Vec::with_capacity(found.len()),
            n_branches: policy.conditionals().len().saturating_mul(2).saturating_add(1),
        };
        let mut last_key = None;
        for (key, entry) in found {
            let end = u32::try_from(index.entries.len()).unwrap_or(u32::MAX);
            if last_key != Some(key) {
                let (source, class) = ((key >> 32) as usize, u32::try_from(key & 0xffff_ffff).unwrap_or(0));
                let n_rows = u32::try_from(index.rows.len()).unwrap_or(u32::MAX);
                // Sources without rules have empty spans.
                let n_spans = index.sources.len().max(source.saturating_add(1));
                index.sources.resize(n_spans, n_rows);
                index.rows.push(Row { class: ClassId::from_index(class), start: end, end });
                last_key = Some(key);
            }
            index.entries.push(entry);
            if let Some(row) = index.rows.last_mut() {
                row.end = end.saturating_add(1);
            }
        }
        let n_rows = u32::try_from(index.rows.len()).unwrap_or(u32::MAX);
        index.sources.resize(policy.n_types().saturating_add(1), n_rows);
        index
    }

    /// The branches that are in force under given conditions.
    pub fn masks(&self, conditions: &Conditions) -> BranchMasks {
        let conditionals = u32::try_from(self.n_branches / 2).unwrap_or(u32::MAX);
        let branches = (0..conditionals).flat_map(|conditional| {
            [false, true].map(|when| conditions.in_force(Branch { conditional, when }))
        });
        let mask = |in_force| if in_force { u32::MAX } else { 0 };
        BranchMasks(std::iter::once(true).chain(branches).map(mask).collect())
    }

    /// Adds to `vector` what rules with the source symbol `source` say about `class` and a type with the symbols
    /// `target`. O(log classes + rules of the row).
    #[inline]
    pub fn add_row(
        &self,
        source: TypeId,
        target: &TypeSet,
        class: ClassId,
        masks: &BranchMasks,
        vector: &mut AccessVector,
    ) {
        let span = match (self.sources.get(source.index()), self.sources.get(source.index().wrapping_add(1)))
        {
            (Some(&start), Some(&end)) => start as usize..end as usize,
            _ => return,
        };
        let rows = self.rows.get(span).unwrap_or_default();
        let Ok(at) = rows.binary_search_by_key(&class, |row| row.class) else { return };
        let Some(row) = rows.get(at) else { return };
        for entry in self.entries.get(row.start as usize..row.end as usize).unwrap_or_default() {
            if target.contains(entry.target) {
                let mask = masks.0.get(entry.branch as usize).copied().unwrap_or(0);
                vector.add(entry.kind, entry.permissions & mask);
            }
        }
    }
}

fn collect(table: &AvTable<'_>, range: std::ops::Range<usize>, branch: u32, found: &mut Vec<(u64, Entry)>) {
    for (_, rule) in table.rules(range) {
        let kind = rule.kind();
        if kind.has_permissions() {
            let key = (rule.source().index() as u64) << 32 | rule.class().index() as u64;
            let entry = Entry { target: rule.target(), permissions: rule.permissions(), branch, kind };
            found.push((key, entry));
        }
    }
}
