//! Fresh random questions to the installed sedta and seinfoflow and to sepolq in their place: equal bytes, but for the order of
//! entry points, which SETools leaves to chance.
//!
//! Each day has its own questions; `SEPOLQ_SEED` asks those of another day again. `cargo xtask oracle` asks more.

#[path = "common/setools.rs"]
#[allow(dead_code, reason = "each test file needs some of this")]
mod setools;

use testkit::reference::Tool;
use testkit::{Error, policies};

#[test]
fn transitions_of_generated_policies_are_sedta_s() -> Result<(), Error> {
    setools::ask_fresh_about_generated(Tool::Sedta, 6, 40)
}

#[test]
fn flows_of_generated_policies_are_seinfoflow_s() -> Result<(), Error> {
    setools::ask_fresh_about_generated(Tool::Seinfoflow, 6, 40)
}

#[test]
fn the_plain_tools_give_the_same_answers_about_a_small_policy() -> Result<(), Error> {
    setools::ask_fresh(Tool::Sedta, policies::FOR_PATHS, 3)?;
    setools::ask_fresh(Tool::Seinfoflow, policies::FOR_PATHS, 3)
}

/// Half a minute and more of SETools' time; records have many more.
#[test]
fn the_plain_tools_give_the_same_answers_about_a_real_policy() -> Result<(), Error> {
    let transitions: &[&[&str]] =
        &[&["-s", "user_t", "-t", "init_t", "-S", "--full"], &["-s", "newrole_t", "--stats"]];
    setools::ask_about_real(Tool::Sedta, "default", transitions)?;
    setools::ask_about_real(Tool::Seinfoflow, "default", &[&["-s", "user_t", "-t", "shadow_t", "-S"]])
}
