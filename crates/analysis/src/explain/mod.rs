//! Why was this denied, and what is the smallest right fix?
//!
//! * [`Denied`]: what a record says was denied, resolved against a policy;
//! * [`Cause`]: every reason, found together ([`causes`]);
//! * [`Fix`]: what to do about it, in order of what it opens up ([`fixes`]), and [`Advice`] against what people do
//!   wrong.
//!
//! Nothing is invented that a record lacks: where a fix needs a path on the host or the name of a container, it has a
//! placeholder. Every fix that changes a label, a level, a domain or a boolean was decided again as it would be, and
//! grants what was denied.

mod advice;
mod boolean_sets;
mod cause;
mod containers;
mod denied;
mod fix;
mod labels;

pub use advice::Advice;
pub use boolean_sets::{BooleanSet, boolean_sets};
pub use cause::{Cause, ConstraintCause, causes};
pub use containers::Containers;
pub use denied::{Denied, Unresolved};
pub use fix::{Fix, FixKind, Lasting, fixes, permission_names};
pub use labels::CouldBe;
