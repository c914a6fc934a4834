//! What can a domain reach?
//!
//! | file | what it decides |
//! |---|---|
//! | `granted.rs` | all that a process is granted, after constraints |
//! | `groups.rs` | groups in which people think of access: files to read, domains to enter, … |
//! | `direct.rs` | what a domain reaches directly, by group |
//! | `graph/` | all that types can do to each other, as a graph, and its shortest paths |
//! | `path.rs` | by which path one context reaches another |
//! | `through.rs` | what it reaches through others |
//! | `permission_map.rs`, `own_permission_map.rs` | which permissions move information, in which direction, how much |
//! | `flow.rs` | how information flows by rules |
//! | `transition.rs` | which domains follow on which |
//! | `members.rs` | the types that symbols stand for, as rows |
//!
//! `flow.rs` and `transition.rs` have the facts, as rules state them and whatever the booleans are; in which order they are
//! looked at, and what a path is, is decided by whoever asks.

mod direct;
mod flow;
mod granted;
mod graph;
mod groups;
mod members;
mod own_permission_map;
mod path;
mod permission_map;
mod through;
mod transition;

pub use direct::{DirectReach, GroupReach, direct};
pub use flow::{Direction, FlowRule, Flows, Side};
pub use granted::{Grant, Granted};
pub use graph::{
    AnyBoolean, AnyBooleanRequest, Graph, GraphRequest, Hop, KINDS, Kind, MOST_SEARCHES, MOST_SETTINGS,
    Matrix, NotFound, Path, PathRequest, Paths, SORTS, Sort, Stances, Switches, Way, WayAccess, matrix,
    setting_for_path, shortest_paths,
};
pub use groups::{Counts, GROUPS, Group, Heading};
pub use members::MemberRows;
pub use path::{PathQuestion, SortAnswer, paths, sorts_and_kinds};
pub use permission_map::{Flow, MapProblem, Mapping, PermissionMap, Wrong};
pub use through::{Through, through};
pub use transition::{Fact, Place, Stated, TransitionFacts, TypeTransition};
