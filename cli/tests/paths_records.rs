//! `sepolq sedta` and `sepolq seinfoflow` give every recorded answer of these tools: exit code, bytes (but for the order of entry
//! points, which SETools leaves to chance), and the line of a usage error.
//!
//! The records are in `testdata/records`; `cargo xtask oracle --full` takes them anew.

#[path = "common/setools.rs"]
#[allow(dead_code, reason = "each test file needs some of this")]
mod setools;

use setools::replay;
use testkit::reference::Tool;
use testkit::{Error, policies};

#[test]
fn transitions_of_small_policies() -> Result<(), Error> {
    policies::FOR_PATHS.iter().try_for_each(|policy| replay(Tool::Sedta, policy, 275))
}

#[test]
fn transitions_of_real_policies() -> Result<(), Error> {
    policies::REAL.iter().try_for_each(|policy| replay(Tool::Sedta, policy, 30))
}

#[test]
fn flows_of_small_policies() -> Result<(), Error> {
    policies::FOR_PATHS.iter().try_for_each(|policy| replay(Tool::Seinfoflow, policy, 275))
}

#[test]
fn flows_of_real_policies() -> Result<(), Error> {
    // A few about the last one: the tool takes up to a minute for each.
    policies::REAL
        .iter()
        .zip([30, 30, 6])
        .try_for_each(|(policy, at_least)| replay(Tool::Seinfoflow, policy, at_least))
}
