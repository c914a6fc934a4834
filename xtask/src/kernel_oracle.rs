//! `cargo xtask kernel-oracle`: a real kernel's decisions beside ours.
//!
//! | file below `target/kernel` | what it is |
//! |---|---|
//! | `vmlinuz` | the distribution's newest kernel, out of its package, which is not installed |
//! | `package` | the name of that package |
//! | `guest` | the first process of the machine, linked statically |
//!
//! The tests do the rest (`testkit::kernel`). They are marked `#[ignore]`, because they need the kernel; `cargo xtask
//! test` runs them through this chore, after the others.

use crate::packages::{self, LeftOut};
use crate::policies::{self, Extent};
use crate::process::{capture, cargo, is_installed, run as run_command, system};
use crate::{Outcome, paths};
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) const HELP: &str = "
    cargo xtask kernel-oracle [--questions N]

Boots the distribution's kernel in QEMU, emulated, without root or KVM; loads the real policies and those of
testdata into it; asks it N (12000) random questions about each real one, before and after booleans are flipped,
and compares its answers with ours. Tries every ioctl command from a confined process in enforcing mode. Lets
sepolq ask the kernel's own policy in the machine, and explain what the kernel denies and logs there. About a minute.

Installs QEMU if it is missing, and downloads the kernel's package, which is unpacked below target/kernel and not
installed.";

/// The target that links statically with `crt-static`.
const TARGET: &str = "x86_64-unknown-linux-gnu";

pub(crate) fn run(args: &[String]) -> Outcome {
    let questions = match args {
        [] => None,
        [option, count] if option == "--questions" && count.parse::<u32>().is_ok() => Some(count),
        _ => return Err("the only argument here is `--questions N`".into()),
    };
    let left_out = judge(questions)?;
    packages::settle(&left_out)?;
    if left_out.is_empty() { Ok(()) } else { Err("not everything was asked; the lines above say why".into()) }
}

/// Asks the kernel, unless this machine cannot run one: then returns why.
pub(crate) fn judge(questions: Option<&String>) -> Result<Vec<LeftOut>, String> {
    let mut left_out = packages::ensure(&[packages::KERNEL]);
    left_out.extend(policies::build_all(Extent::Usual)?);
    left_out.extend(get_kernel()?);
    if left_out.is_empty()
        && let Err(why) = build_guest()
    {
        left_out.push(LeftOut { what: "the comparison with a real kernel".into(), why });
    }
    if !left_out.is_empty() {
        return Ok(left_out);
    }
    left_out.extend(packages::ensure(&[packages::IN_THE_MACHINE]));
    let mut tests = cargo();
    tests.args(["test", "--package", "analysis", "--package", "sepolq", "--test", "*kernel*"]);
    tests.args(packages::libselinux_features());
    tests.args(["--", "--ignored", "--show-output"]);
    tests.env("SEPOLQ_POLICIES_DIR", paths::policies()).env("SEPOLQ_KERNEL_DIR", paths::kernel());
    if let Some(count) = questions {
        tests.env("SEPOLQ_KERNEL_QUESTIONS", count);
    }
    run_command(&mut tests)?;
    Ok(left_out)
}

/// Builds the guest and puts it beside the kernel.
fn build_guest() -> Outcome {
    // With --target the flags are for the guest alone, not for what builds it.
    run_command(
        cargo()
            .args(["build", "--quiet", "--package", "guest", "--target", TARGET])
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env("RUSTFLAGS", "-C target-feature=+crt-static -C strip=symbols"),
    )?;
    let (from, to) = (paths::target().join(TARGET).join("debug/guest"), paths::kernel().join("guest"));
    fs::copy(&from, &to).map(drop).map_err(|error| format!("cannot copy {}: {error}", from.display()))
}

/// Gets the kernel unless it is there; returns what this machine cannot get.
fn get_kernel() -> Result<Option<LeftOut>, String> {
    let folder = paths::kernel();
    let fail = |error: std::io::Error| format!("cannot prepare {}: {error}", folder.display());
    fs::create_dir_all(&folder).map_err(fail)?;
    if folder.join("vmlinuz").is_file() {
        return Ok(None);
    }
    let left_out = |why: String| Ok(Some(LeftOut { what: "the comparison with a real kernel".into(), why }));
    if !cfg!(target_arch = "x86_64") {
        return left_out("the machine that is emulated is an x86-64 one, and this one is not".into());
    }
    let work = folder.join("work");
    if work.exists() {
        fs::remove_dir_all(&work).map_err(fail)?;
    }
    fs::create_dir_all(&work).map_err(fail)?;
    let unpacked = if is_installed("apt-get") {
        debian(&work)
    } else if is_installed("dnf") {
        fedora(&work)
    } else {
        Err("neither apt-get nor dnf is here to download it".into())
    };
    let (package, image) = match unpacked {
        Ok(found) => found,
        Err(why) => return left_out(format!("a kernel could not be downloaded: {why}")),
    };
    fs::write(folder.join("package"), package + "\n").map_err(fail)?;
    fs::rename(&image, folder.join("vmlinuz")).map_err(fail)?;
    fs::remove_dir_all(&work).map_err(fail)?;
    Ok(None)
}

/// Debian's kernel for virtual machines, the smallest that it has. Returns the package's name, and the image.
fn debian(work: &Path) -> Result<(String, PathBuf), String> {
    let newest = || -> Result<String, String> {
        // The package of this name is empty and depends on the newest.
        let text = capture(system("apt-cache").args(["depends", "linux-image-cloud-amd64"]))?;
        let is_versioned = |word: &&str| {
            let rest = word.strip_prefix("linux-image-").unwrap_or_default();
            rest.starts_with(|first: char| first.is_ascii_digit())
        };
        let newest = text.split_whitespace().find(is_versioned).map(str::to_owned);
        newest.ok_or_else(|| "apt knows no linux-image-cloud-amd64".to_owned())
    };
    let fetch = || {
        let package = newest()?;
        println!("downloading {package} (apt-get download)");
        capture(system("apt-get").args(["download", &package]).current_dir(work)).map(|_| package)
    };
    let package = fetch().or_else(|_| packages::apt_update().and_then(|()| fetch()))?;
    let archive = only_file(work)?;
    capture(system("dpkg-deb").arg("-x").arg(&archive).arg(work.join("package")))?;
    Ok((package, image_in(&work.join("package/boot"))?))
}

/// Fedora's kernel without modules. Returns the package's name, and the image.
fn fedora(work: &Path) -> Result<(String, PathBuf), String> {
    println!("downloading kernel-core (dnf download)");
    capture(system("dnf").args(["download", "--arch", "x86_64", "kernel-core"]).current_dir(work))?;
    let archive = only_file(work)?;
    let package = archive.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let unpack = "rpm2cpio \"$1\" | cpio --quiet -id './lib/modules/*/vmlinuz'";
    capture(system("sh").args(["-c", unpack, "sh"]).arg(&archive).current_dir(work))?;
    let modules = work.join("lib/modules");
    let version = fs::read_dir(&modules).ok().and_then(|mut entries| entries.next()?.ok());
    let version = version.ok_or_else(|| format!("no kernel in {}", archive.display()))?;
    Ok((package, image_in(&version.path())?))
}

/// The one file in a folder.
fn only_file(folder: &Path) -> Result<PathBuf, String> {
    let entries =
        fs::read_dir(folder).map_err(|error| format!("cannot read {}: {error}", folder.display()))?;
    let mut files = entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.is_file());
    files.next().ok_or_else(|| format!("nothing was downloaded to {}", folder.display()))
}

/// The kernel's image in a folder.
fn image_in(folder: &Path) -> Result<PathBuf, String> {
    let entries =
        fs::read_dir(folder).map_err(|error| format!("cannot read {}: {error}", folder.display()))?;
    let is_image =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("vmlinuz"));
    entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .find(is_image)
        .ok_or_else(|| format!("no kernel in {}", folder.display()))
}
