//! What fuzzing does with bytes that somebody else chose: change a policy as its format suggests, load it, ask
//! everything of it, write it back, and panic where an invariant does not hold.
//!
//! For tests and chores only. The targets in `fuzz/` call these functions with what libFuzzer invents; the tests
//! of this crate replay the cases in `testdata/fuzz` and a seeded sequence of changes, with nothing but Rust.

mod ask;
mod comparisons;
mod components;
mod decisions;
mod differences;
mod file_contexts;
mod module;
mod mutate;
mod package;
mod records;
mod round_trip;
mod words;

pub use ask::ask_everything;
pub use file_contexts::{look_up, mutate_file_contexts};
pub use module::read_module;
pub use mutate::mutate;
pub use package::unpack;
pub use records::{mutate_records, read_records};
pub use round_trip::write_back;
pub use words::ask_in_words;

/// The most bytes that loading a policy of `n_bytes` may allocate, as ARCHITECTURE.md promises.
pub const fn memory_limit(n_bytes: usize) -> usize {
    (16 << 20) + 8 * n_bytes
}
