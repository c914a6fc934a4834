//! What does the policy declare? Components by kind and name, what each is, and what stands out in the whole.
//!
//! * [`Selection`]: the components of some kinds, by name, attribute, number, address or expression;
//! * [`Describer`]: one component, field by field;
//! * [`portrait`]: everything about a name, of whatever kind;
//! * [`census`]: counts of everything, and what a reader should notice.

mod address;
mod census;
mod fields;
mod notices;
mod order;
mod portrait;
mod select;

pub use census::{Census, census};
pub use fields::{Describer, Fields, Value};
pub use notices::{Notice, notices};
pub use order::sort_key;
pub use portrait::{Portrait, portrait};
pub use select::{ListError, Selection};
