//! Finding the tools that chores need, and installing what is missing through the distribution's package
//! manager, with a sentence that says what and why.
//!
//! What cannot be installed is returned as [`LeftOut`]: the caller prints it and goes on without, except in
//! CI, where [`settle`] turns it into an error.

use crate::process::{self, is_installed, system};
use crate::{Outcome, paths};
use std::io::IsTerminal;
use std::path::Path;

/// How to see that a tool is there.
#[derive(Clone, Copy)]
enum Probe {
    /// A program in the system folders or in `PATH`.
    Program(&'static str),
    /// A file at a fixed place: any of these.
    File(&'static [&'static str]),
}

/// One tool: how it is recognised, the packages that bring it, and what it is for.
pub(crate) struct Tool {
    probe: Probe,
    debian: &'static str,
    fedora: &'static str,
    purpose: &'static str,
}

/// Something that this machine cannot do, and why; both are parts of a sentence.
pub(crate) struct LeftOut {
    /// What is not done.
    pub(crate) what: String,
    /// Why not.
    pub(crate) why: String,
}

const fn program(
    name: &'static str,
    debian: &'static str,
    fedora: &'static str,
    purpose: &'static str,
) -> Tool {
    Tool { probe: Probe::Program(name), debian, fedora, purpose }
}

const fn file(
    names: &'static [&'static str],
    debian: &'static str,
    fedora: &'static str,
    purpose: &'static str,
) -> Tool {
    Tool { probe: Probe::File(names), debian, fedora, purpose }
}

/// Compiles the policies in testdata.
pub(crate) const COMPILER: &[Tool] =
    &[program("checkpolicy", "checkpolicy", "checkpolicy", "compiles policy language to a binary policy")];

/// The tools whose answers ours are compared with.
pub(crate) const REFERENCE: &[Tool] = &[
    program("sesearch", "setools", "setools-console", "the reference for rule searches"),
    file(AUDIT2WHY, "python3-selinux", "python3-libselinux", "the reference for causes of denials"),
    program("secilc", "secilc", "secilc", "puts modules in CIL on top of a policy"),
    program("semodule", "policycoreutils", "policycoreutils", "builds policies from modules"),
    program("semodule_package", "semodule-utils", "policycoreutils", "packs policy modules"),
];

/// Build and unpack packages, beside ours.
pub(crate) const PACKAGING: &[Tool] = &[
    program("rpmbuild", "rpm", "rpm-build", "builds packages to compare with"),
    program("rpm2cpio", "rpm2cpio", "rpm", "unpacks RPM packages"),
    program("cpio", "cpio", "cpio", "unpacks what is in RPM packages"),
    program("dpkg-deb", "dpkg", "dpkg", "unpacks Debian packages"),
    program("bzip2", "bzip2", "bzip2", "unpacks policy modules"),
    program("checkmodule", "checkpolicy", "checkpolicy", "compiles policy modules"),
    program("semodule", "policycoreutils", "policycoreutils", "keeps the store of modules"),
    program("xz", "xz-utils", "xz", "compresses, to compare with"),
    program("zstd", "zstd", "zstd", "compresses, to compare with"),
];

/// Opens the page that `diff` writes.
pub(crate) const BROWSER: &[Tool] = &[file(
    &["/usr/bin/chromium", "/usr/bin/chromium-browser"],
    "chromium",
    "chromium",
    "the browser in which the page of diff is tried",
)];

/// Where Python keeps audit2why's module: Debian's place, then Fedora's, which has Python's version in it.
const AUDIT2WHY: &[&str] = &[
    "/usr/lib/python3/dist-packages/selinux/__init__.py",
    "/usr/lib64/python3.11/site-packages/selinux/__init__.py",
    "/usr/lib64/python3.12/site-packages/selinux/__init__.py",
    "/usr/lib64/python3.13/site-packages/selinux/__init__.py",
    "/usr/lib64/python3.14/site-packages/selinux/__init__.py",
    "/usr/lib64/python3.15/site-packages/selinux/__init__.py",
];

/// Looks labels up with libselinux, beside ours.
pub(crate) const FILE_CONTEXTS: &[Tool] = &[
    program("gcc", "gcc", "gcc", "compiles the judge that uses libselinux"),
    file(&["/usr/include/stdio.h"], "libc6-dev", "glibc-devel", "compiles the judge that uses libselinux"),
    file(
        &["/usr/include/selinux/label.h"],
        "libselinux1-dev",
        "libselinux-devel",
        "libselinux's headers, for its judge of file contexts",
    ),
    program(
        "pkg-config",
        "pkg-config",
        "pkgconf-pkg-config",
        "says which version of libselinux is installed",
    ),
    program(
        "sefcontext_compile",
        "selinux-utils",
        "libselinux-utils",
        "writes compiled file contexts to compare with",
    ),
];

/// Builds sepolq with libselinux.
pub(crate) const LIBSELINUX: &[Tool] = &[
    file(
        &["/usr/include/selinux/selinux.h"],
        "libselinux1-dev",
        "libselinux-devel",
        "libselinux's headers, for the feature of that name",
    ),
    file(LIBCLANG, "libclang-dev", "clang-devel", "reads libselinux's headers, for the feature of that name"),
];

/// Where distributions put libclang.
const LIBCLANG: &[&str] = &[
    "/usr/lib64/libclang.so",
    "/usr/lib/llvm-14/lib/libclang.so",
    "/usr/lib/llvm-15/lib/libclang.so",
    "/usr/lib/llvm-16/lib/libclang.so",
    "/usr/lib/llvm-17/lib/libclang.so",
    "/usr/lib/llvm-18/lib/libclang.so",
    "/usr/lib/llvm-19/lib/libclang.so",
    "/usr/lib/llvm-20/lib/libclang.so",
    "/usr/lib/llvm-21/lib/libclang.so",
];

/// Unpacks and builds the real policies.
pub(crate) const POLICY_BUILD: &[Tool] = &[
    program("semodule", "policycoreutils", "policycoreutils", "links policy modules to a binary policy"),
    program("checkpolicy", "checkpolicy", "checkpolicy", "compiles policy language to a binary policy"),
    program("m4", "m4", "m4", "expands the reference policy's macros"),
    program("make", "make", "make", "builds the reference policy"),
    program("gawk", "gawk", "gawk", "builds the reference policy"),
    program("/usr/bin/python3", "python3", "python3", "builds the reference policy"),
    program("zstd", "zstd", "zstd", "unpacks the reference policy's sources"),
    program("bzip2", "bzip2", "bzip2", "unpacks policy modules"),
    program("dpkg-deb", "dpkg", "dpkg", "unpacks Debian's policy packages"),
];

/// Builds libFuzzer.
pub(crate) const FUZZING: &[Tool] = &[program("g++", "g++", "gcc-c++", "compiles libFuzzer")];

/// Measures, and compares loading with libsepol's own.
pub(crate) const BENCH: &[Tool] = &[
    program("gcc", "gcc", "gcc", "compiles the loader that uses libsepol"),
    file(&["/usr/include/stdio.h"], "libc6-dev", "glibc-devel", "compiles the loader that uses libsepol"),
    file(
        &["/usr/include/sepol/policydb/policydb.h"],
        "libsepol-dev",
        "libsepol-devel",
        "libsepol's headers, for its loader",
    ),
    program("/usr/bin/time", "time", "time", "reads the peak memory of a process"),
];

/// Boots a kernel and unpacks it.
pub(crate) const KERNEL: &[Tool] = &[
    program("qemu-system-x86_64", "qemu-system-x86", "qemu-system-x86-core", "boots a real kernel"),
    program("timeout", "coreutils", "coreutils", "ends a machine that does not end"),
    program("checkpolicy", "checkpolicy", "checkpolicy", "compiles policy language to a binary policy"),
    program("gcc", "gcc", "gcc", "compiles the judge that uses libsepol"),
    file(
        &["/usr/include/sepol/sepol.h"],
        "libsepol-dev",
        "libsepol-devel",
        "libsepol's headers, for its judge",
    ),
];

/// What else is tried in the machine that is booted.
pub(crate) const IN_THE_MACHINE: &[Tool] =
    &[program("mcstransd", "mcstrans", "mcstrans", "gives levels names, in the machine that is booted")];

/// Load the completions of our packages.
pub(crate) const SHELLS: &[Tool] = &[
    program("zsh", "zsh", "zsh", "loads the completions for zsh"),
    program("fish", "fish", "fish", "loads the completions for fish"),
];

/// Counts instructions.
pub(crate) const COUNTING: &[Tool] = &[program("valgrind", "valgrind", "valgrind", "counts instructions")];

/// What cargo is told so that sepolq is built with libselinux, where this machine can do that.
pub(crate) fn libselinux_features() -> &'static [&'static str] {
    if builds_with_libselinux() { &["--features", "sepolq/libselinux"] } else { &[] }
}

/// Whether this machine can build sepolq with libselinux.
pub(crate) fn builds_with_libselinux() -> bool {
    LIBSELINUX.iter().all(is_present)
}

/// Makes sure that every tool of `groups` is installed; returns those that could not be.
pub(crate) fn ensure(groups: &[&[Tool]]) -> Vec<LeftOut> {
    let missing = |tool: &&Tool| !is_present(tool);
    let tools: Vec<&Tool> = groups.iter().flat_map(|group| group.iter()).filter(missing).collect();
    if tools.is_empty() {
        return Vec::new();
    }
    let problem = match Manager::of_this_machine() {
        Ok(manager) => install(manager, &tools).err(),
        Err(why) => Some(why),
    };
    let still_missing = tools.into_iter().filter(missing);
    still_missing
        .map(|tool| LeftOut {
            what: format!("{} ({})", name(tool), tool.purpose),
            why: problem.clone().unwrap_or_else(|| "its package was installed but did not bring it".into()),
        })
        .collect()
}

/// Prints what is left out; in CI that is an error.
pub(crate) fn settle(left_out: &[LeftOut]) -> Outcome {
    for LeftOut { what, why } in left_out {
        println!("left out: {what}, because {why}");
    }
    if left_out.is_empty() || !paths::in_ci() {
        return Ok(());
    }
    Err("in CI (CI=true) nothing may be left out; the lines above say what is\nhelp: run on a machine where \
         packages can be installed, or unset CI"
        .into())
}

fn is_present(tool: &Tool) -> bool {
    match tool.probe {
        Probe::Program(name) => is_installed(name),
        Probe::File(names) => names.iter().any(|name| Path::new(name).exists()),
    }
}

fn name(tool: &Tool) -> &'static str {
    match tool.probe {
        Probe::Program(name) => name,
        Probe::File(names) => names.first().copied().unwrap_or("a file"),
    }
}

/// The package managers that are known here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manager {
    Apt,
    Dnf,
}

impl Manager {
    fn of_this_machine() -> Result<Self, String> {
        if is_installed("apt-get") {
            Ok(Self::Apt)
        } else if is_installed("dnf") {
            Ok(Self::Dnf)
        } else {
            Err("neither apt-get nor dnf is here to install it".into())
        }
    }

    fn package(self, tool: &Tool) -> &'static str {
        match self {
            Self::Apt => tool.debian,
            Self::Dnf => tool.fedora,
        }
    }
}

fn install(manager: Manager, tools: &[&Tool]) -> Outcome {
    let mut packages: Vec<&str> = Vec::new();
    for tool in tools {
        let package = manager.package(tool);
        if !packages.contains(&package) {
            println!("installing the package {package}: {} ({})", tool.purpose, name(tool));
            packages.push(package);
        }
    }
    match manager {
        Manager::Apt => {
            let arguments = ["install", "--yes", "--quiet", "--no-install-recommends"];
            // Old lists point at packages that are gone, a new machine has no lists: update, then try again.
            if apt(&arguments, &packages).is_ok() {
                return Ok(());
            }
            apt_update()?;
            if apt(&arguments, &packages).is_ok() {
                return Ok(());
            }
            // One that is not to be had here must not keep the others away.
            let mut outcome = Ok(());
            for package in &packages {
                outcome = apt(&arguments, &[package]).and(outcome);
            }
            outcome
        }
        Manager::Dnf => {
            let mut command = as_root("dnf", &[])?;
            process::capture(
                command.args(["install", "--assumeyes", "--setopt=install_weak_deps=False"]).args(packages),
            )
            .map(drop)
        }
    }
}

/// Refreshes apt's lists of packages.
pub(crate) fn apt_update() -> Outcome {
    println!("refreshing the lists of packages (apt-get update)");
    apt(&["update", "--quiet"], &[])
}

fn apt(arguments: &[&str], packages: &[&str]) -> Outcome {
    let mut command = as_root("apt-get", &["DEBIAN_FRONTEND=noninteractive"])?;
    process::capture(command.args(arguments).args(packages)).map(drop)
}

/// A system program run as root: directly, or through sudo (which may ask for a password on a terminal).
fn as_root(name: &str, variables: &[&str]) -> Result<std::process::Command, String> {
    let mut command = system("env");
    if process::capture(system("id").arg("-u"))?.trim() != "0" {
        if !is_installed("sudo") {
            return Err(format!("`{name}` needs root, and there is no sudo"));
        }
        let can_ask = std::io::stdin().is_terminal() && !paths::in_ci();
        if !can_ask && process::capture(system("sudo").args(["-n", "true"])).is_err() {
            return Err(format!("`{name}` needs root, and sudo would ask for a password"));
        }
        command = system("sudo");
        command.arg("env");
    }
    command.args(variables).arg(name);
    Ok(command)
}
