//! Fresh random questions to the installed seinfo and to `sepolq seinfo`: equal bytes, but for the order of names in
//! constraints, which SETools leaves to chance.
//!
//! Each day has its own questions; `SEPOLQ_SEED` asks those of another day again. `cargo xtask oracle` asks more.

#[path = "common/setools.rs"]
#[allow(dead_code, reason = "each test file needs some of this")]
mod setools;

use testkit::reference::Tool;
use testkit::{Error, policies};

#[test]
fn fresh_questions_have_seinfo_s_answers() -> Result<(), Error> {
    setools::ask_fresh(Tool::Seinfo, policies::ALL, 15)
}

#[test]
fn so_have_those_about_small_policies() -> Result<(), Error> {
    setools::ask_fresh(Tool::Seinfo, policies::SMALL, 12)
}

#[test]
fn so_have_those_about_older_versions() -> Result<(), Error> {
    setools::ask_fresh_about_versions(Tool::Seinfo, policies::OLDER, 5)
}
