//! Is this access granted, and by what or why not? The decision that the kernel would take.
//!
//! | file | what it decides |
//! |---|---|
//! | `decision.rs` | which permissions one context has for another |
//! | `grants.rs` | how much rules let a source do, attributes expanded |
//! | `proof.rs` | why: every rule that grants, and everything that refuses |
//! | `xperms.rs` | which ioctl commands and netlink messages |
//! | `new_context.rs` | the label of something new, relabelled, or a member |
//! | `request.rs` | a question in the user's words |
//! | `what_if.rs` | additions to the policy in the user's words |
//! | `boolean_effect/` | what a boolean adds and takes for a domain |
//! | `who_can.rs` | all types that are granted something |
//! | `witness.rs` | contexts that show what an open answer depends on |
//! | `kernel_classes.rs` | which classes and permissions the kernel asks about |
//! | `alike.rs` | types that constraints cannot tell apart |
//! | `source_rules.rs` | all `allow` rules of one source, for those who ask much about it |
//! | `rules.rs` | the rules that speak of two types and a class |
//! | `constraint.rs` | what constraints compare |
//! | `constraint_value.rs` | whether they hold |
//! | `constraint_text.rs` | their text, and in words why they do not |
//! | `side.rs` | the two sides of a question, whole or with parts left open |

mod alike;
mod boolean_effect;
mod constraint;
mod constraint_text;
mod constraint_value;
mod decision;
mod grants;
mod kernel_classes;
mod new_context;
mod proof;
mod request;
mod rules;
mod side;
mod source_rules;
mod what_if;
mod who_can;
mod witness;
mod xperms;

use policydb::ClassId;

pub(crate) use alike::Possible;
pub use boolean_effect::{
    AccessChange, AccessGroup, AttributePart, Blocked, BooleanDomain, BooleanEffect, Changes, CommandChange,
    Commands, RuleCount, Switched, TypeChange, TypeGroup, Unchanged, boolean_and_domain, boolean_domains,
    boolean_effect,
};
pub use constraint::DecodedConstraint;
pub use constraint_text::LeafReason;
pub use constraint_value::Contexts;
pub use decision::{Circumstances, Decider, Decision};
pub(crate) use grants::Grants;
pub use kernel_classes::{is_kernel_class, is_kernel_permission};
pub use new_context::{Labelling, NewContext, Origin};
pub use proof::{Applied, AppliedRule, Bound, Proof, Refusal, RoleChange};
pub use request::{Request, RequestError, Wanted, defined, possible_context};
pub(crate) use rules::{for_each_in_force, for_each_rule_in_force};
pub use side::Side;
pub(crate) use source_rules::SourceRules;
pub use what_if::{WhatIf, WhatIfError};
pub use who_can::{Grant, Sought};
pub use witness::Witnesses;
pub use xperms::{CommandVerdict, Operation, asked_instead_of_ioctl, covers};

/// Who wants access to what.
#[derive(Debug)]
pub struct Access<'a, S> {
    /// Who.
    pub source: &'a S,
    /// To what.
    pub target: &'a S,
    /// Of which class.
    pub class: ClassId,
}
