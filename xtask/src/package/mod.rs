//! `cargo xtask package`: what people install.
//!
//! | file | what it does |
//! |---|---|
//! | `tree.rs` | which file is installed where |
//! | `licences.rs` | licences of everything that is compiled in |
//! | `formats.rs` | a tree as a .deb, an .rpm, an archive |
//! | `install.rs` | installs packages below a private folder by dpkg and rpm |
//! | `trial.rs` | tries each where it was installed or unpacked |
//!
//! Nothing runs as root, here or when a package is installed: no package has scripts. The drop-ins are links in a package
//! of their own, so that SETools is never replaced unasked.

mod formats;
mod install;
mod licences;
mod tree;
mod trial;

use crate::packages::{self, LeftOut};
use crate::process::{capture, cargo, is_installed, run as run_command, system};
use crate::{Outcome, demo, only_known, paths};
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) const HELP: &str = "
    cargo xtask package [--check]

Builds the program (release) and puts below target/package:

    sepolq_VERSION_ARCH.deb, sepolq-setools_VERSION_all.deb
    sepolq-VERSION-1.ARCH.rpm, sepolq-setools-VERSION-1.noarch.rpm
    sepolq-VERSION-ARCH-static.tar.gz    one program without libraries, for any Linux

with manual pages, completions for bash, zsh and fish, licences of all that is compiled in, README and docs. The packages
`sepolq-setools` have the links sesearch, seinfo, sediff, sedta, seinfoflow, and conflict with SETools. Times in them
are those of the last commit (or SOURCE_DATE_EPOCH), so one compiler gives the same bytes again.

The program in the packages asks libselinux for the names of levels where the system has it; the static one does without.

With --check each is installed below a private folder (by dpkg and rpm, with databases of their own), tried there and removed,
and the packages are made twice and compared.";

/// The name of the package with the links.
const LINKS: &str = "sepolq-setools";

/// What all packages share.
struct Release {
    version: String,
    /// Seconds since 1970 that stand for the time of everything.
    epoch: String,
    /// Where the packages are put.
    folder: PathBuf,
}

pub(crate) fn run(args: &[String]) -> Outcome {
    only_known(args, &["--check"])?;
    let left_out = make(args.iter().any(|arg| arg == "--check"))?;
    packages::settle(&left_out)
}

/// Makes what this machine can make, and tries it if asked to. Returns what was left out.
pub(crate) fn make(check: bool) -> Result<Vec<LeftOut>, String> {
    let folder = paths::target().join("package");
    clear(&folder)?;
    let release = Release { version: env!("CARGO_PKG_VERSION").to_owned(), epoch: epoch()?, folder };
    let mut tools = vec![packages::LIBSELINUX];
    if check {
        tools.push(packages::SHELLS);
    }
    let mut left_out = packages::ensure(&tools);
    demo::build_program()?;
    let program = paths::release_program();
    let licences = licences::text()?;
    let mut made = Vec::new();

    let dynamic = tree::Tree::lay_out(&release.folder.join("tree"), &program, &licences)?;
    for (tool, format) in [("dpkg-deb", formats::deb as formats::Format), ("rpmbuild", formats::rpm)] {
        if is_installed(tool) {
            made.extend(format(&release, &dynamic)?);
        } else {
            let what = if tool == "dpkg-deb" { "the Debian package" } else { "the RPM package" };
            left_out.push(LeftOut { what: what.into(), why: format!("`{tool}` is not installed") });
        }
    }
    match build_static() {
        Ok(program) => {
            let tree = tree::Tree::lay_out(&release.folder.join("static-tree"), &program, &licences)?;
            made.extend(formats::archive(&release, &tree)?);
        }
        Err(why) => left_out.push(LeftOut { what: "the static program".into(), why }),
    }
    if check {
        left_out.extend(trial::all(&release, &made)?);
        repeat(&release, &dynamic, &made)?;
    }
    for file in &made {
        let size = fs::metadata(file).map_or(0, |metadata| metadata.len());
        println!("{:>9} {}", size, file.display());
    }
    Ok(left_out)
}

/// Builds the program without shared libraries. Returns where it is.
fn build_static() -> Result<PathBuf, String> {
    if !cfg!(all(target_arch = "x86_64", target_env = "gnu")) {
        return Err("it is built on x86-64 with the GNU C library only".into());
    }
    let target = "x86_64-unknown-linux-gnu";
    // With --target the flags are for the program alone, not for what builds it.
    run_command(
        cargo()
            .args([
                "build",
                "--quiet",
                "--release",
                "--package",
                "sepolq",
                "--bin",
                "sepolq",
                "--target",
                target,
            ])
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env("RUSTFLAGS", "-C target-feature=+crt-static"),
    )?;
    Ok(paths::target().join(target).join("release/sepolq"))
}

/// The time that stands in the packages.
fn epoch() -> Result<String, String> {
    if let Ok(epoch) = std::env::var("SOURCE_DATE_EPOCH") {
        return Ok(epoch);
    }
    let text = capture(system("git").args(["log", "-1", "--format=%ct"]).current_dir(paths::repository()))?;
    Ok(text.trim().to_owned())
}

/// Makes the packages again, and complains of one that has other bytes.
fn repeat(release: &Release, tree: &tree::Tree, made: &[PathBuf]) -> Outcome {
    let again = Release {
        version: release.version.clone(),
        epoch: release.epoch.clone(),
        folder: release.folder.join("again"),
    };
    clear(&again.folder)?;
    let mut formats: Vec<formats::Format> = Vec::new();
    for (extension, format) in [("deb", formats::deb as formats::Format), ("rpm", formats::rpm)] {
        if made.iter().any(|file| file.extension().is_some_and(|its| its == extension)) {
            formats.push(format);
        }
    }
    for format in formats {
        for file in format(&again, tree)? {
            let first = release.folder.join(file.file_name().unwrap_or_default());
            if read(&first)? != read(&file)? {
                return Err(format!("{} comes out with other bytes each time", first.display()));
            }
        }
    }
    Ok(())
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    fs::read(file).map_err(|error| format!("cannot read {}: {error}", file.display()))
}

fn write(file: &Path, bytes: impl AsRef<[u8]>) -> Outcome {
    let fail = |error: std::io::Error| format!("cannot write {}: {error}", file.display());
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(fail)?;
    }
    fs::write(file, bytes).map_err(fail)
}

/// An empty folder, whatever was there.
fn clear(folder: &Path) -> Outcome {
    let fail = |error: std::io::Error| format!("cannot prepare {}: {error}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(fail)?;
    }
    fs::create_dir_all(folder).map_err(fail)
}
