//! What the tests share: real policies, the reference tools and their recorded answers, random questions.
//!
//! For tests and chores only: nothing that is shipped depends on this crate. The reference is SETools'
//! own programs; a question is a command line of one, and an answer its exit code and the bytes it prints.
//!
//! | module | what it gives |
//! |---|---|
//! | [`policies`] | the policies that questions are about, and their digests |
//! | [`vocabulary`] | names and rules of a policy, as SETools reads them, to make questions of |
//! | [`questions`] | seeded generators of command lines |
//! | [`reference`](mod@reference) | the installed programs of SETools |
//! | [`access`] | random questions about decisions |
//! | [`audit2why`] | the installed audit2why, which names one cause of a denial |
//! | [`judge`] | libsepol, which answers them, and libselinux, which looks labels up |
//! | [`file_contexts`] | random lines of file_contexts, and random paths that lines match |
//! | [`kernel`] | a real kernel, which is right where they differ |
//! | [`driver`] | many answers of SETools from one process |
//! | [`records`] | its answers, kept in `testdata/records` |
//! | [`assembled`] | a policy put together section by section, to be wrong in one place |
//! | [`generated`] | random small policies, for properties that hold of every policy |
//! | [`pairs`] | random pairs of such policies, one a changed form of the other |
//! | [`newer_versions`] | policies of the versions that no compiler here writes |
//! | [`writer`] | a policy back to bytes, the proof that reading loses nothing |
//! | [`compare`] | our answers beside the expected ones, in several threads |

pub mod access;
pub mod answer;
pub mod assembled;
pub mod audit2why;
pub mod compare;
pub mod driver;
mod error;
pub mod file_contexts;
pub mod generated;
pub mod judge;
pub mod kernel;
pub mod newer_versions;
pub mod pairs;
pub mod policies;
pub mod questions;
pub mod random;
pub mod records;
pub mod reference;
pub mod vocabulary;
pub mod writer;

pub use error::Error;

/// Called by a test that cannot run on this machine: says why, and fails if this is CI, where nothing may be
/// left out.
///
/// # Panics
/// When `CI=true` is in the environment.
pub fn leave_out(why: &Error) {
    let in_ci = std::env::var_os("CI").is_some_and(|value| value == "true" || value == "1");
    assert!(!in_ci, "in CI no comparison may be left out: {why}");
    println!("left out: {why}");
}
