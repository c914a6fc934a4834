//! Which rules does the policy state? A search over its rules as written.
//!
//! A question goes through three steps: a [`Request`] in the user's words is resolved against the policy
//! into [`Criteria`], sets of ids; [`find`] compares every rule with them in one scan of the table;
//! [`SideMatcher`] tells through which attribute each side matched. A rule found is not a grant:
//! constraints, bounds and booleans decide that.

mod criteria;
mod index;
mod pattern;
mod range_rules;
mod request;
mod role_rules;
mod scan;
mod search;
mod via;

pub use criteria::{ClassSet, Criteria, KindSet, PermissionCriterion, SetMatch, XpermCriterion};
pub use criteria::{conditionals_on, permission_bits};
pub use index::Index;
pub(crate) use pattern::compile;
pub use pattern::{Pattern, PatternError};
pub use range_rules::{RangeCriteria, find_range_rules};
pub use request::{QueryError, Request, XpermRangeError, parse_xperm_ranges};
pub use role_rules::{RoleCriteria, RoleSet, RoleTarget, find_role_rules};
pub use scan::{TooManyRules, find, most_rules, most_text};
pub use search::search;
pub use via::{SideMatch, SideMatcher};
