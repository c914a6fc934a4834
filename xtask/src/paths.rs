//! Where things are: the repository, its target folder, and the folders that chores fill.

use std::path::{Path, PathBuf};

/// The repository's root folder.
pub(crate) fn repository() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_path_buf()
}

/// Cargo's target folder: `CARGO_TARGET_DIR` if set, else `target` in the repository.
pub(crate) fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => repository().join(folder),
        None => repository().join("target"),
    }
}

/// The folder of the real policies that the tests compare on.
pub(crate) fn policies() -> PathBuf {
    target().join("policies")
}

/// The folder of the kernel that tests boot, and of what is put beside it.
pub(crate) fn kernel() -> PathBuf {
    target().join("kernel")
}

/// The program as `cargo build --release` leaves it.
pub(crate) fn release_program() -> PathBuf {
    target().join("release").join("sepolq")
}

/// True on the machine of continuous integration, where nothing may be left out.
pub(crate) fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| value == "true" || value == "1")
}
