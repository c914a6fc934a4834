//! Which known ways out of a container does the policy leave open?
//!
//! | file | what it decides |
//! |---|---|
//! | `catalogue.toml`, `catalogue.rs` | known primitives, and what each needs: data |
//! | `read.rs` | a catalogue out of text, with the line of every mistake |
//! | `objects.rs` | the objects of the catalogue in a policy, and contexts where the question leaves them open |
//! | `need.rs` | whether access is granted on one of some objects, by which rules or why not |
//! | `opening.rs` | booleans that would open a primitive |
//! | `cell.rs` | whether a primitive is open to a domain |
//!
//! SELinux alone is asked. What else stands in the way (capabilities that the engine takes, seccomp, masked paths, namespaces,
//! sysctls) is not: *open* says that SELinux would not stop it.

mod catalogue;
mod cell;
mod need;
mod objects;
mod opening;
mod read;

use avstore::{Booleans, Store};
use policydb::Platform;

use crate::LookupError;
use crate::context::PartialContext;
use crate::decide::{Decider, is_kernel_class, is_kernel_permission};

pub use catalogue::{Asked, Catalogue, Need, ObjectLevel, Part, Primitive, Sought, Way};
pub use cell::{Cell, Verdict, WayAnswer};
pub use need::{AskedAnswer, Constrained, Lacking, Layer, Missing, NeedAnswer, NeedVerdict};
pub use read::CatalogueError;

/// What a domain can do of a catalogue.
#[derive(Clone, Debug)]
pub struct DomainAnswer<'p> {
    /// The domain, as it was asked about.
    pub domain: PartialContext,
    /// The context that was decided about: with what the question left open filled in.
    pub asked_as: PartialContext,
    /// Whether what it is denied is logged, and done all the same.
    pub permissive: bool,
    /// One for each primitive, in the order of the catalogue.
    pub cells: Vec<Cell<'p>>,
}

/// What domains can do of a catalogue, under the decider's circumstances, of which `booleans` are part. O(rules) a domain, and
/// for each need O(its objects × rules of the domain about the class).
pub fn breakout<'p>(
    decider: &Decider<'_, 'p>,
    booleans: &Booleans,
    catalogue: &Catalogue,
    domains: &[PartialContext],
) -> Vec<DomainAnswer<'p>> {
    let objects = objects::Objects::new(decider);
    let asker = need::Asker::new(decider, &objects);
    let of_domain = |domain: &PartialContext| {
        let subject = objects.subject(domain);
        let cells =
            catalogue.primitives.iter().map(|primitive| cell::cell(&asker, booleans, primitive, &subject));
        DomainAnswer {
            domain: domain.clone(),
            cells: cells.collect(),
            permissive: decider.is_permissive(subject.r#type),
            asked_as: subject,
        }
    };
    domains.iter().map(of_domain).collect()
}

impl Catalogue {
    /// Whether the kernel or the policy has every class and permission that the user's part of the catalogue names.
    ///
    /// # Errors
    /// The first that neither has, with its line.
    pub fn check(&self, store: &Store<'_>) -> Result<(), CatalogueError> {
        let on_linux = store.policy().format().platform == Platform::Selinux;
        let added = self.primitives.iter().filter(|primitive| !primitive.is_builtin);
        for asked in added.flat_map(|p| &p.ways).flat_map(|way| &way.needs).flat_map(|need| &need.access) {
            let class = store.policy().class_named(asked.class.as_bytes());
            let mistake = |error: LookupError| {
                let reason = error.to_string().lines().collect::<Vec<_>>().join("; ");
                Err(CatalogueError { line: asked.line, reason })
            };
            if class.is_none() && !(on_linux && is_kernel_class(asked.class.as_bytes())) {
                let known = store.class_ids().map(|id| store.class_name(id).to_string());
                return mistake(LookupError::new("class", &asked.class, known));
            }
            for name in &asked.permissions {
                let has = class.is_some_and(|class| store.permission_named(class, name.as_bytes()).is_some());
                if !has && !is_kernel_permission(asked.class.as_bytes(), name.as_bytes()) {
                    let permissions = class.map(|class| store.permissions(class)).unwrap_or_default();
                    let known = permissions.iter().map(|permission| permission.name.to_string());
                    return mistake(LookupError::new("permission", name, known));
                }
            }
        }
        Ok(())
    }
}
