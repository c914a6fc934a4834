//! Why was this denied, and what is the smallest right fix?
//!
//! | file | what it decides |
//! |---|---|
//! | `evidence.rs` | records as questions to a policy |
//! | `denied.rs` | what a record says, resolved against a policy |
//! | `cause.rs` | every reason, found together |
//! | `boolean_sets.rs` | the smallest sets of booleans that would grant it |
//! | `case.rs` | what is asked of a denial again and again |
//! | `fix.rs`, `fixes.rs` | what to do, in order of what it opens up |
//! | `container_fixes.rs`, `host_fixes.rs` | what there is for containers, and for processes of the host |
//! | `ports.rs` | fixes for ports |
//! | `place.rs`, `creation.rs` | what an object's place allows to advise, and where the label of something new comes from |
//! | `labels.rs`, `purpose.rs` | types that the target could have, and what types are for |
//! | `advice.rs` | what not to do, and what is known of denials like this one |
//! | `record.rs` | what a record says by itself, where the policy lacks a type of it |
//! | `refusal.rs` | contexts and changes of context that the kernel refused |
//!
//! Nothing is invented that a record lacks: where a fix needs a path on the host or the name of a container, it has a
//! placeholder. Every fix that changes a label, a level, a domain or a boolean was decided again as it would be, and
//! grants what was denied, or says that it is not enough alone.

mod advice;
mod boolean_sets;
mod case;
mod cause;
mod container_fixes;
mod creation;
mod denied;
mod evidence;
mod fix;
mod fixes;
mod host_fixes;
mod label_and_boolean;
mod labels;
mod place;
mod ports;
mod purpose;
mod record;
mod refusal;

use avstore::Store;
use policydb::TypeId;

pub use advice::Advice;
pub use boolean_sets::{BooleanSet, BooleanSets};
pub use cause::{Cause, ConstraintCause};
pub use creation::LabelSource;
pub use denied::{ContextSide, Denied, Evidence, LeftOpen, Unresolved};
pub use fix::{Enough, Fix, FixKind, Lasting};
pub use fixes::permission_names;
pub use labels::CouldBe;
pub use place::is_top;
pub use record::Shown;
pub use refusal::{RefusalCause, RefusalFix, Refused};

use crate::containers::Containers;
use crate::decide::{Circumstances, Decider};
use crate::mount::Losing;
use case::Case;
use fixes::Found;

/// Explains denials under one policy.
#[derive(Debug)]
pub struct Explainer<'s, 'p> {
    decider: Decider<'s, 'p>,
    circumstances: Circumstances,
    containers: Containers,
}

/// Why something was denied, and what to do.
#[derive(Clone, Debug)]
pub struct Explanation<'p> {
    /// What was denied.
    pub denied: Denied,
    /// Every reason.
    pub causes: Vec<Cause<'p>>,
    /// What to do, those that open up least first.
    pub fixes: Vec<Fix>,
    /// Types that the target could have, best first.
    pub could_be: Vec<CouldBe>,
    /// What not to do, and what is known of such denials.
    pub advice: Vec<Advice>,
    /// Whether the source is a domain in which containers are confined.
    pub is_container: bool,
    /// Whether the target has the type of files that containers may write.
    pub is_containers_file: bool,
    /// Whether the source sees the host's paths, as far as its domain tells: no container, nor what starts one.
    pub sees_host_paths: bool,
    /// Domains of the host that lose access if the containers' label is given to the target: where the path on the host is
    /// known, and there is such a fix.
    pub losing: Option<Losing>,
}

impl<'s, 'p> Explainer<'s, 'p> {
    /// Explains under some circumstances.
    pub fn new(store: &'s Store<'p>, circumstances: Circumstances) -> Self {
        let decider = Decider::new(store, circumstances.clone());
        Explainer { decider, circumstances, containers: Containers::of(store) }
    }

    /// Builds the index of access vectors, for those who explain more than a few denials. O(rules log rules).
    pub fn prepare(&self) {
        self.decider.prepare();
    }

    /// What takes the decisions.
    pub fn decider(&self) -> &Decider<'s, 'p> {
        &self.decider
    }

    /// Whether processes with this context see the host's paths, as far as their domain tells.
    pub fn sees_host_paths(&self, scontext: &str) -> bool {
        let context = denied::as_far_as_known(self.decider.store(), scontext, &mut |_, _| ());
        context.is_ok_and(|context| self.is_of_host(context.r#type))
    }

    fn is_of_host(&self, domain: TypeId) -> bool {
        let containers = &self.containers;
        !containers.is_confined(domain)
            && Some(domain) != containers.unconfined
            && !containers.is_runtime(domain)
    }

    /// Every reason of a denial, alone. O(rules).
    ///
    /// # Errors
    /// A type, class or permission that the policy does not have.
    pub fn causes(&self, evidence: &Evidence) -> Result<Vec<Cause<'p>>, Unresolved> {
        let denied = Denied::resolve(self.decider.store(), evidence)?;
        Ok(cause::causes(&self.decider, &self.circumstances, evidence, &denied).0)
    }

    /// Every reason of a denial, what to do, and what not to do. O(rules × candidates), of which there are few.
    ///
    /// # Errors
    /// A type, class or permission that the policy does not have.
    pub fn explain(&self, evidence: &Evidence) -> Result<Explanation<'p>, Unresolved> {
        let denied = Denied::resolve(self.decider.store(), evidence)?;
        self.decider.gather(denied.class);
        let (causes, proof) = cause::causes(&self.decider, &self.circumstances, evidence, &denied);
        let case = Case {
            decider: &self.decider,
            circumstances: &self.circumstances,
            containers: &self.containers,
            denied: &denied,
            causes: &causes,
            proof: &proof,
            store: self.decider.store(),
        };
        let mut found = case.fixes();
        let losing = case.losing(&found);
        if case.is_somebodys(&found, losing.as_ref()) {
            case.keep_the_label(&mut found);
        }
        let advice = advice::advice(&case, &found);
        let is_container = case.is_container();
        let is_containers_file = self.containers.file == Some(denied.target.r#type);
        let sees_host_paths = self.is_of_host(denied.source.r#type);
        let Found { fixes, could_be } = found;
        Ok(Explanation {
            denied,
            causes,
            fixes,
            could_be,
            advice,
            is_container,
            is_containers_file,
            sees_host_paths,
            losing,
        })
    }
}
