//! The decision: which permissions one context has for another.
//!
//! Source: `context_struct_compute_av` and `type_attribute_bounds_av` in the kernel's `ss/services.c`. Its
//! steps, in order: rules; constraints; role allow, for process transitions; type bounds, recursively.
//!
//! Cost of one decision: the rows of the source's symbols ([`avstore::AccessIndex`]), and the constraints that
//! speak of permissions granted so far.

use std::sync::OnceLock;

use avstore::{AccessIndex, AccessVector, Booleans, BranchMasks, Conditions, Overlay, Store, TypeSet};
use policydb::{AvRule, ClassId, Constraint, Records, TypeId};

use super::constraint::DecodedConstraint;
use super::constraint_value::Contexts;
use super::rules::BySource;
use super::{Access, Side};
use crate::context::ContextRules;

/// Bounds end above three types (`policydb` refuses more, as the kernel does); one more than that is never reached.
/// Source: `POLICYDB_BOUNDS_MAXDEPTH` in `ss/policydb.c`.
pub(super) const DEEPEST_BOUNDS: usize = 5;

/// What is decided under: booleans and additions to the policy. A value that questions carry.
#[derive(Clone, Debug)]
pub struct Circumstances {
    /// The states of booleans.
    pub booleans: Booleans,
    /// What the policy is asked to have besides.
    pub overlay: Overlay,
}

impl Circumstances {
    /// The policy as it is.
    pub fn of(store: &Store<'_>) -> Self {
        Circumstances { booleans: Booleans::of(store.policy()), overlay: Overlay::default() }
    }
}

/// Takes decisions about one policy under some circumstances.
#[derive(Debug)]
pub struct Decider<'s, 'p> {
    pub(super) store: &'s Store<'p>,
    pub(super) rules: ContextRules<'p>,
    pub(super) conditions: Conditions,
    pub(super) overlay: Overlay,
    /// By class index, decoded when first needed.
    constraints: Vec<OnceLock<Vec<DecodedConstraint<'p>>>>,
    /// The constraints of each class as they stand in the file, by class index.
    constraint_records: OnceLock<Vec<Option<Records<'p, Constraint<'p>>>>>,
    /// By class index, the rules in force about it, once [`Decider::gather`] was called.
    pub(super) gathered: Vec<OnceLock<Vec<AvRule>>>,
    /// The rows of rules and the branches in force, once [`Decider::prepare`] was called.
    indexed: OnceLock<(AccessIndex, BranchMasks)>,
    /// The rules by source, when first asked for after that.
    by_source: OnceLock<BySource>,
    process: Option<ProcessTransition>,
}

/// The class whose transitions change roles, and the permissions to do so.
#[derive(Clone, Copy, Debug)]
struct ProcessTransition {
    class: ClassId,
    permissions: u32,
}

/// The decision about two contexts and a class. For whole contexts `allowed` and `possible` are equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// Permissions that are granted whatever was left open.
    pub allowed: u32,
    /// Permissions that some choice of what was left open grants.
    pub possible: u32,
    /// Permissions whose grants are audited.
    pub auditallow: u32,
    /// Permissions whose denials are audited.
    pub auditdeny: u32,
    /// Permissions that rules grant, before constraints, roles and bounds.
    pub by_rules: u32,
    /// Permissions of those that are left after constraints.
    pub after_constraints: u32,
    /// Permissions of those that are left after role allow.
    pub after_roles: u32,
    /// Whether the source is permissive: denied, audited, and done all the same.
    pub permissive: bool,
    /// Whether nothing is audited, for sources in the map of version 35.
    pub neveraudit: bool,
}

impl<'s, 'p> Decider<'s, 'p> {
    /// A decider. O(classes + roles + users); nothing else is computed before it is needed.
    pub fn new(store: &'s Store<'p>, circumstances: Circumstances) -> Self {
        let policy = store.policy();
        let process = store.process_class().map(|class| {
            let bit = |name: &[u8]| store.permission_named(class, name).map_or(0, |found| 1 << found.bit);
            ProcessTransition { class, permissions: bit(b"transition") | bit(b"dyntransition") }
        });
        Decider {
            store,
            rules: ContextRules::of(policy),
            conditions: Conditions::under(policy, &circumstances.booleans),
            overlay: circumstances.overlay,
            constraints: (0..policy.n_classes()).map(|_| OnceLock::new()).collect(),
            constraint_records: OnceLock::new(),
            gathered: (0..policy.n_classes()).map(|_| OnceLock::new()).collect(),
            indexed: OnceLock::new(),
            by_source: OnceLock::new(),
            process,
        }
    }

    /// The store that is asked.
    pub fn store(&self) -> &'s Store<'p> {
        self.store
    }

    /// What the policy says about contexts.
    pub fn context_rules(&self) -> &ContextRules<'p> {
        &self.rules
    }

    /// Which conditional rules are in force.
    pub fn conditions(&self) -> &Conditions {
        &self.conditions
    }

    /// Builds the index of access vectors, for those who take more than a few decisions. O(rules log rules).
    pub fn prepare(&self) {
        self.index();
    }

    /// Gathers the rules in force about a class, for those who scan them several times. O(rules), 12 bytes a rule.
    pub fn gather(&self, class: ClassId) {
        if let Some(slot) = self.gathered.get(class.index()) {
            slot.get_or_init(|| {
                let mut rules = Vec::new();
                super::rules::scan_in_force(self, |rule| rule.class() == class, |rule| rules.push(rule));
                rules
            });
        }
    }

    /// The rules by source, for those who called [`Decider::prepare`].
    pub(super) fn by_source(&self) -> Option<&BySource> {
        self.indexed.get()?;
        Some(self.by_source.get_or_init(|| BySource::new(self.store)))
    }

    fn index(&self) -> &(AccessIndex, BranchMasks) {
        self.indexed.get_or_init(|| {
            let index = AccessIndex::new(self.store.policy());
            let masks = index.masks(&self.conditions);
            (index, masks)
        })
    }

    /// The decision about two contexts and a class. If [`Decider::prepare`] was called the index is read, else the
    /// rules are scanned.
    pub fn decide<S: Side>(&self, access: &Access<'_, S>) -> Decision {
        let types = (access.source.type_id(), access.target.type_id());
        self.with_modes(access.source.type_id(), self.compute(access, types, 0))
    }

    /// A decision, with what the policy says of its source alone.
    fn with_modes(&self, source: TypeId, mut decision: Decision) -> Decision {
        decision.permissive = self.is_permissive(source);
        decision.neveraudit = self.store.policy().neveraudit_types().contains(source.value() as usize);
        decision
    }

    /// Whether a domain is permissive: what it is denied is logged, and done all the same.
    pub(crate) fn is_permissive(&self, id: TypeId) -> bool {
        self.store.policy().permissive_types().contains(id.value() as usize)
            || self.overlay.permissive.contains(&id)
    }

    /// The decision with `types` in the place of the types of source and target.
    pub(super) fn compute<S: Side>(
        &self,
        access: &Access<'_, S>,
        types: (TypeId, TypeId),
        depth: usize,
    ) -> Decision {
        self.compute_from(access, types, depth, &|(source, target)| self.vector(source, target, access.class))
    }

    /// The same, where `vector` says what the rules say about the types of source and target.
    pub(super) fn compute_from<S: Side>(
        &self,
        access: &Access<'_, S>,
        types: (TypeId, TypeId),
        depth: usize,
        vector: &impl Fn((TypeId, TypeId)) -> AccessVector,
    ) -> Decision {
        let Access { source, target, class } = *access;
        let rules = vector(types);
        let mut allowed = rules.allowed;
        let mut possible = allowed;
        let contexts = Contexts::new(source, target).with_types(types);
        for constraint in self.constraints(class) {
            if constraint.permissions & possible == 0 {
                continue;
            }
            match constraint.holds(&self.rules, contexts) {
                Some(true) => {}
                Some(false) => {
                    allowed &= !constraint.permissions;
                    possible &= !constraint.permissions;
                }
                None => allowed &= !constraint.permissions,
            }
        }
        let mut decision = Decision {
            auditallow: rules.auditallow,
            auditdeny: !rules.dontaudit,
            by_rules: rules.allowed,
            after_constraints: possible,
            ..Decision::default()
        };
        if let Some(process) = self.process.filter(|process| process.class == class)
            && possible & process.permissions != 0
        {
            match self.may_change_role(source, target) {
                Some(true) => {}
                Some(false) => {
                    allowed &= !process.permissions;
                    possible &= !process.permissions;
                }
                None => allowed &= !process.permissions,
            }
        }
        decision.after_roles = possible;
        if let Some(bound) = self.bounds(types).filter(|_| depth < DEEPEST_BOUNDS) {
            let bounding = self.compute_from(access, bound.types(types), depth.saturating_add(1), vector);
            allowed &= bounding.allowed;
            possible &= bounding.possible;
        }
        Decision { allowed, possible, ..decision }
    }

    /// The decision about two contexts and a class, where `vector` says what the rules say about two types.
    pub(crate) fn decide_from<S: Side>(
        &self,
        access: &Access<'_, S>,
        vector: &impl Fn((TypeId, TypeId)) -> AccessVector,
    ) -> Decision {
        let types = (access.source.type_id(), access.target.type_id());
        self.with_modes(types.0, self.compute_from(access, types, 0, vector))
    }

    /// A type and its attributes: the symbols by which rules mean it, those that are asked to be added among them.
    pub(crate) fn symbols_of(&self, id: TypeId) -> TypeSet {
        self.overlay.symbols_of(self.store, id)
    }

    /// What the rules say about two types and a class.
    pub fn vector(&self, source: TypeId, target: TypeId, class: ClassId) -> AccessVector {
        let target_symbols = self.overlay.symbols_of(self.store, target);
        let mut vector = match self.indexed.get() {
            Some((index, masks)) => {
                let mut vector = AccessVector::default();
                let mut add = |symbol| index.add_row(symbol, &target_symbols, class, masks, &mut vector);
                add(source);
                for bit in self.store.policy().attributes_of(source).bits() {
                    if bit as usize != source.index() {
                        add(TypeId::from_index(bit));
                    }
                }
                if !self.overlay.attributes.is_empty() {
                    self.overlay.attributes_added(source).for_each(add);
                }
                vector
            }
            None => self.scan(&self.overlay.symbols_of(self.store, source), &target_symbols, class),
        };
        if !self.overlay.allows.is_empty() {
            let source_symbols = self.overlay.symbols_of(self.store, source);
            for rule in self.overlay.allows.iter().filter(|rule| rule.class == class) {
                if rule.applies(&source_symbols, &target_symbols, source == target) {
                    vector.allowed |= rule.permissions;
                }
            }
        }
        vector
    }

    /// The same by one scan of the rules, for single questions.
    fn scan(&self, source: &TypeSet, target: &TypeSet, class: ClassId) -> AccessVector {
        let mut vector = AccessVector::default();
        super::rules::for_each_in_force(self, class, |rule| {
            if source.contains(rule.source())
                && target.contains(rule.target())
                && rule.kind().has_permissions()
            {
                vector.add(rule.kind(), rule.permissions());
            }
        });
        vector
    }

    /// The constraints of a class, in the order in which the kernel reads them.
    pub fn constraints(&self, class: ClassId) -> &[DecodedConstraint<'p>] {
        let Some(slot) = self.constraints.get(class.index()) else { return &[] };
        slot.get_or_init(|| {
            let records = self.constraint_records.get_or_init(|| constraint_records(self.store));
            let decode = |constraint| DecodedConstraint::new(self.store, &self.overlay, &constraint);
            let of_class = records.get(class.index()).and_then(Option::as_ref);
            of_class.map_or_else(Vec::new, |constraints| constraints.iter().map(decode).collect())
        })
    }

    /// The `validatetrans` constraints of a class.
    pub fn transition_constraints(&self, class: ClassId) -> Vec<DecodedConstraint<'p>> {
        let (_, classes) = self.store.policy().classes();
        let found = classes.iter().find(|record| record.value == class.value());
        let constraints = found.and_then(|found| found.validatetrans);
        let decode = |constraint| DecodedConstraint::new(self.store, &self.overlay, &constraint);
        constraints.map_or_else(Vec::new, |constraints| constraints.iter().map(decode).collect())
    }

    /// Whether a process may go from one role to the other: it keeps it, or a role `allow` says so.
    pub(super) fn may_change_role<S: Side>(&self, source: &S, target: &S) -> Option<bool> {
        let (from, to) = (source.role()?, target.role()?);
        let allows =
            || self.store.policy().role_allows().iter().any(|rule| (rule.source, rule.target) == (from, to));
        Some(from == to || allows())
    }

    /// Whether a class is that of processes, and which permissions change a process's context.
    pub(super) fn role_checked_permissions(&self, class: ClassId) -> u32 {
        self.process.filter(|process| process.class == class).map_or(0, |process| process.permissions)
    }

    /// The types that take the place of a bounded source and its target where bounds are asked.
    pub(crate) fn bounding_types(&self, types: (TypeId, TypeId)) -> Option<(TypeId, TypeId)> {
        Some(self.bounds(types)?.types(types))
    }

    /// What bounds the types of source and target, if the source is bounded.
    pub(super) fn bounds(&self, (source, target): (TypeId, TypeId)) -> Option<Bounds> {
        let bound_of = |id| self.store.policy().type_symbol(id).and_then(|(_, symbol)| symbol.bounds);
        Some(Bounds { source: bound_of(source)?, target: bound_of(target) })
    }
}

/// Where the constraints of each class stand, by class index: finding one class means reading those before it.
fn constraint_records<'p>(store: &Store<'p>) -> Vec<Option<Records<'p, Constraint<'p>>>> {
    let mut records = vec![None; store.policy().n_classes()];
    let (_, classes) = store.policy().classes();
    for class in classes.iter() {
        let index = class.value.checked_sub(1).and_then(|index| usize::try_from(index).ok());
        if let Some(slot) = index.and_then(|index| records.get_mut(index)) {
            *slot = Some(class.constraints);
        }
    }
    records
}

/// The bounding types with which a bounded source is compared.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// What bounds the source.
    pub(super) source: TypeId,
    /// What bounds the target, if something does; then it takes the target's place.
    pub(super) target: Option<TypeId>,
}

impl Bounds {
    /// The types of the comparison.
    pub(super) fn types(self, (_, target): (TypeId, TypeId)) -> (TypeId, TypeId) {
        (self.source, self.target.unwrap_or(target))
    }
}
