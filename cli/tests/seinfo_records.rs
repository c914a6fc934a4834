//! `sepolq seinfo` gives every recorded answer of seinfo: exit code, bytes, and the line of a usage error.
//!
//! The records are in `testdata/records/seinfo`; `cargo xtask oracle --full` takes them anew.

#[path = "common/setools.rs"]
#[allow(dead_code, reason = "each test file needs some of this")]
mod setools;

use setools::{replay, replay_named};
use testkit::Error;
use testkit::reference::Tool;

const TOOL: Tool = Tool::Seinfo;

#[test]
fn debian_default() -> Result<(), Error> {
    replay_named(TOOL, "default")
}

#[test]
fn debian_mls() -> Result<(), Error> {
    replay_named(TOOL, "mls")
}

#[test]
fn reference_policy_with_containers() -> Result<(), Error> {
    replay_named(TOOL, "container")
}

#[test]
fn corners() -> Result<(), Error> {
    replay_named(TOOL, "corners")
}

#[test]
fn older_versions_and_small_policies() -> Result<(), Error> {
    let (_, in_part) = TOOL.policies();
    assert_eq!(in_part.len(), 15);
    in_part.iter().try_for_each(|policy| replay(TOOL, policy, 150))
}
