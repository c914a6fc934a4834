//! The permission map that comes with the program.

use super::{Flow, Mapping, PermissionMap};

/// What is known of a permission that stands nowhere.
const UNKNOWN: Mapping = Mapping { flow: Flow::Both, weight: 1 };

/// Reads the table. O(table).
pub(super) fn read() -> PermissionMap {
    PermissionMap::of([], UNKNOWN)
}
