//! Which file is installed where: a tree below a folder that stands for `/`. What differs between distributions is moved
//! by the formats.

use super::{clear, read, write};
use crate::process::{capture, system};
use crate::{Outcome, paths};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The programs of SETools that sepolq can be.
pub(super) const DROP_INS: [&str; 5] = ["sesearch", "seinfo", "sediff", "sedta", "seinfoflow"];

/// A shell, and where its completions are installed.
const COMPLETIONS: [(&str, &str); 3] = [
    ("bash", "usr/share/bash-completion/completions/sepolq"),
    ("zsh", "usr/share/zsh/site-functions/_sepolq"),
    ("fish", "usr/share/fish/vendor_completions.d/sepolq.fish"),
];

/// The installed files of one program.
pub(super) struct Tree {
    /// The folder that stands for `/`.
    pub(super) root: PathBuf,
    /// The licence texts of what is compiled in.
    pub(super) licences: String,
}

impl Tree {
    /// Lays out everything that belongs to a program.
    pub(super) fn lay_out(root: &Path, program: &Path, licences: &str) -> Result<Tree, String> {
        clear(root)?;
        let repository = paths::repository();
        let installed = root.join("usr/bin/sepolq");
        write(&installed, read(program)?)?;
        set_mode(&installed, 0o755)?;
        for (shell, place) in COMPLETIONS {
            write(&root.join(place), capture(system(&installed).args(["completions", shell]))?)?;
        }
        let man = root.join("usr/share/man/man1");
        for page in files(&repository.join("docs/man"))? {
            let name = page.file_name().unwrap_or_default();
            write(&man.join(name), read(&page)?)?;
            // Without the name and the time of the file in it.
            capture(system("gzip").args(["-9", "-n"]).arg(man.join(name)))?;
        }
        let doc = root.join("usr/share/doc/sepolq");
        for name in ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"] {
            write(&doc.join(name), read(&repository.join(name))?)?;
        }
        for page in files(&repository.join("docs"))? {
            write(&doc.join("docs").join(page.file_name().unwrap_or_default()), read(&page)?)?;
        }
        write(&doc.join("LICENSES-OF-DEPENDENCIES"), licences)?;
        modes(root)?;
        Ok(Tree { root: root.to_owned(), licences: licences.to_owned() })
    }

    /// Lays out the links that make the drop-ins.
    pub(super) fn links(root: &Path) -> Outcome {
        let folder = root.join("usr/bin");
        fs::create_dir_all(&folder)
            .map_err(|error| format!("cannot prepare {}: {error}", folder.display()))?;
        for name in DROP_INS {
            let link = folder.join(name);
            std::os::unix::fs::symlink("sepolq", &link)
                .map_err(|error| format!("cannot make {}: {error}", link.display()))?;
        }
        modes(root)
    }

    /// Copies the tree.
    pub(super) fn copy_to(&self, root: &Path) -> Outcome {
        clear(root)?;
        capture(system("cp").args(["-R", "--preserve=mode,links"]).arg(self.root.join(".")).arg(root))
            .map(drop)
    }
}

/// The plain files in a folder, in order.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries =
        fs::read_dir(folder).map_err(|error| format!("cannot read {}: {error}", folder.display()))?;
    let mut files: Vec<PathBuf> =
        entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    Ok(files)
}

fn set_mode(path: &Path, mode: u32) -> Outcome {
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .map_err(|error| format!("cannot change the mode of {}: {error}", path.display()))
}

/// Gives folders and files the modes that all may read, whatever the umask is.
pub(super) fn modes(folder: &Path) -> Outcome {
    set_mode(folder, 0o755)?;
    let entries =
        fs::read_dir(folder).map_err(|error| format!("cannot read {}: {error}", folder.display()))?;
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            modes(&path)?;
        } else {
            let is_program = path.parent().is_some_and(|folder| folder.ends_with("bin"));
            set_mode(&path, if is_program { 0o755 } else { 0o644 })?;
        }
    }
    Ok(())
}
