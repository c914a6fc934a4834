//! Fresh random questions to the installed sesearch and to `sepolq sesearch`: equal bytes.
//!
//! Each day has its own questions; `SEPOLQ_SEED` asks those of another day again. `cargo xtask oracle` asks more.

#[path = "common/setools.rs"]
#[allow(dead_code, reason = "each test file needs some of this")]
mod setools;

use testkit::reference::Tool;
use testkit::{Error, policies};

#[test]
fn fresh_questions_have_sesearch_s_answers() -> Result<(), Error> {
    setools::ask_fresh(Tool::Sesearch, policies::ALL, 25)
}

#[test]
fn so_have_fresh_questions_about_older_versions() -> Result<(), Error> {
    setools::ask_fresh_about_versions(Tool::Sesearch, policies::OLDER, 8)
}
