//! All that a process is granted: for each class and type the permissions, after constraints and bounds.
//!
//! One scan of the rules gives what they say, attributes expanded; then each class and type of which they say something is
//! decided. O(rules + types × classes that rules are about); 12 bytes for each pair of class and type.

use avstore::AccessVector;
use policydb::{ClassId, TypeId};

use crate::context::PartialContext;
use crate::decide::{Access, Decider, Grants};

/// What a process is granted.
#[derive(Clone, Debug, Default)]
pub struct Granted {
    /// By class, in the order of ids.
    by_class: Vec<(ClassId, Vec<Grant>)>,
}

/// What a process is granted to one type and class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The type.
    pub target: TypeId,
    /// Permissions that are granted whatever was left open.
    pub allowed: u32,
    /// Permissions that some choice of what was left open grants.
    pub possible: u32,
}

impl Granted {
    /// What a process is granted. Levels of targets, and what the source leaves open, stay open.
    pub fn of(decider: &Decider<'_, '_>, source: &PartialContext) -> Self {
        let symbols = decider.symbols_of(source.r#type);
        let mut by_class = Vec::new();
        for (class, masks) in Grants::in_force(decider, &symbols).into_classes() {
            let mut grants = Vec::new();
            for (target, allowed) in masks {
                let of_target = PartialContext::of_type(target);
                let access = Access { source, target: &of_target, class };
                let types = (source.r#type, target);
                let decision = decider.decide_from(&access, &|pair| match pair == types {
                    true => AccessVector { allowed, ..AccessVector::default() },
                    false => decider.vector(pair.0, pair.1, class),
                });
                if decision.possible != 0 {
                    grants.push(Grant { target, allowed: decision.allowed, possible: decision.possible });
                }
            }
            if !grants.is_empty() {
                by_class.push((class, grants));
            }
        }
        debug_assert!(by_class.is_sorted_by_key(|(class, _)| *class));
        Granted { by_class }
    }

    /// What is granted of a class, in the order of the types' ids.
    pub fn of_class(&self, class: ClassId) -> &[Grant] {
        let found = self.by_class.binary_search_by_key(&class, |(class, _)| *class).ok();
        found.and_then(|at| self.by_class.get(at)).map(|(_, grants)| grants.as_slice()).unwrap_or_default()
    }

    /// All of it.
    pub fn classes(&self) -> impl Iterator<Item = (ClassId, &[Grant])> {
        self.by_class.iter().map(|(class, grants)| (*class, grants.as_slice()))
    }
}
