//! `cargo xtask policies`: the real policies on which answers are compared, built from Debian's packages
//! below `target/policies` and nowhere else.
//!
//! | file | what it is |
//! |---|---|
//! | `default.33` | selinux-policy-default: every module of the package, linked by semodule |
//! | `mls.33` | selinux-policy-mls: the same with multi-level security |
//! | `container.33` | selinux-policy-src: the reference policy with the container module, monolithic, MCS |
//! | `container-less.33` | the same without the modules of some container engines |
//! | `container.20` … `container.32` | the same in the older versions of the format |
//! | `NAME.contexts/` | of each: its `file_contexts`, `file_contexts.subs_dist`, `customizable_types`, `lxc_contexts` |
//! | `container.19` | the same once more, which has no attributes and is 135 MB large; with `--full` only |
//!
//! A policy is built once: `NAME.stamp` beside it holds the package's version and the sha256 of each file, and
//! what no longer equals its stamp is built again. The recorded answers in `testdata/records` name the digests
//! they were taken from.

use crate::packages::{self, LeftOut};
use crate::process::{capture, is_installed, run_logged, system};
use crate::{Outcome, only_known, paths};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

pub(crate) const HELP: &str = "
Downloads Debian's packages selinux-policy-default, -mls and -src below target/policies and builds

    target/policies/default.33    target/policies/mls.33    target/policies/container.33

from them (about two minutes), and container.20 to container.32, the last one in older versions of the format; the
file contexts of each are beside it in NAME.contexts.
With --full also container.19 (135 MB). What is already built is kept. The machine's own /etc/selinux is never
written. Installs checkpolicy, policycoreutils, m4, make, gawk, zstd and bzip2 if they are missing.";

/// How a package becomes a policy.
#[derive(Clone, Copy)]
enum Recipe {
    /// Link the package's modules in a policy store of that name.
    Modules(&'static str),
    /// Compile the package's sources as one monolithic policy, at every version.
    Sources,
    /// The same without these modules, at the newest version only.
    SourcesWithout(&'static str),
}

/// One policy: its name, its package and its recipe.
struct RealPolicy {
    name: &'static str,
    package: &'static str,
    recipe: Recipe,
}

const POLICIES: &[RealPolicy] = &[
    RealPolicy { name: "default", package: "selinux-policy-default", recipe: Recipe::Modules("default") },
    RealPolicy { name: "mls", package: "selinux-policy-mls", recipe: Recipe::Modules("mls") },
    RealPolicy { name: "container", package: "selinux-policy-src", recipe: Recipe::Sources },
    RealPolicy {
        name: "container-less",
        package: "selinux-policy-src",
        recipe: Recipe::SourcesWithout("docker podman rootlesskit"),
    },
];

/// The variables of the reference policy's build that make `container.33`.
const SOURCE_SETTINGS: &[&str] = &["MONOLITHIC=y", "TYPE=mcs", "DIRECT_INITRC=y"];

/// What is kept of a policy besides the policy itself: below its folder `contexts`, and the last part is the name.
const CONTEXT_FILES: &[&str] =
    &["files/file_contexts", "files/file_contexts.subs_dist", "customizable_types", "lxc_contexts"];

/// The version that every policy is built at.
const NEWEST: u32 = 33;
/// The older versions that are wanted of one: from 20 on rules name attributes, and a policy stays small.
const OLDER: std::ops::RangeInclusive<u32> = 20..=32;
/// The newest version without attributes: every rule is written out for each pair of types.
const EXPANDED: u32 = 19;

/// Which versions are wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Those of every test run.
    Usual,
    /// Those and the 135 MB of version 19.
    Full,
}

pub(crate) fn run(args: &[String]) -> Outcome {
    only_known(args, &["--full"])?;
    let extent = if args.is_empty() { Extent::Usual } else { Extent::Full };
    packages::settle(&build_all(extent)?)?;
    for policy in POLICIES {
        for (file, digest) in policy.stamped().iter().filter(|(file, _)| file.is_file()) {
            println!("{digest}  {}", file.display());
        }
    }
    Ok(())
}

/// Builds what is not built yet; returns what this machine cannot build.
///
/// # Errors
/// When a build that should work fails.
pub(crate) fn build_all(extent: Extent) -> Result<Vec<LeftOut>, String> {
    let wanted: Vec<&RealPolicy> = POLICIES.iter().filter(|policy| !policy.is_built(extent)).collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let what = "the comparisons on real policies".to_owned();
    if !is_installed("apt-get") {
        let why = "they are built from Debian's packages, and this machine has no apt-get".into();
        return Ok(vec![LeftOut { what, why }]);
    }
    let missing = packages::ensure(&[packages::POLICY_BUILD]);
    if !missing.is_empty() {
        return Ok(missing);
    }
    fs::create_dir_all(downloads())
        .map_err(|error| format!("cannot make {}: {error}", downloads().display()))?;
    let mut names: Vec<&str> = wanted.iter().map(|policy| policy.package).collect();
    names.sort_unstable();
    names.dedup();
    if let Err(why) = download(&names) {
        return Ok(vec![LeftOut {
            what,
            why: format!("{} could not be downloaded: {why}", names.join(", ")),
        }]);
    }
    // The builds share nothing, and each uses one core.
    std::thread::scope(|scope| {
        let builds: Vec<_> =
            wanted.into_iter().map(|policy| scope.spawn(move || policy.build(extent))).collect();
        builds
            .into_iter()
            .try_for_each(|build| build.join().unwrap_or_else(|_| Err("a build panicked".into())))
    })?;
    Ok(Vec::new())
}

impl RealPolicy {
    /// The versions that it is wanted at, the newest first.
    fn versions(&self, extent: Extent) -> Vec<u32> {
        let mut versions = vec![NEWEST];
        if let Recipe::Sources = self.recipe {
            versions.extend(OLDER.rev());
            versions.extend((extent == Extent::Full).then_some(EXPANDED));
        }
        versions
    }

    fn file(&self, version: u32) -> PathBuf {
        paths::policies().join(format!("{}.{version}", self.name))
    }

    /// The files that are kept in `NAME.contexts`, with their places below the policy's `contexts`.
    fn context_files(&self) -> impl Iterator<Item = (PathBuf, &'static str)> {
        let folder = paths::policies().join(format!("{}.contexts", self.name));
        CONTEXT_FILES.iter().map(move |place| (folder.join(last_part(place)), *place))
    }

    fn stamp(&self) -> PathBuf {
        paths::policies().join(format!("{}.stamp", self.name))
    }

    /// The files that the stamp names, with the digests it gives.
    fn stamped(&self) -> Vec<(PathBuf, String)> {
        let stamp = fs::read_to_string(self.stamp()).unwrap_or_default();
        let words = stamp.lines().map(|line| line.split(' ').collect::<Vec<_>>());
        let file = |words: Vec<&str>| match words[..] {
            ["sha256", digest, name] => Some((paths::policies().join(name), digest.to_owned())),
            _ => None,
        };
        words.filter_map(file).collect()
    }

    /// Where the modules are kept that it is linked from.
    fn modules(&self) -> PathBuf {
        paths::policies().join(format!("{}.modules", self.name))
    }

    /// True if every file that is wanted is there and is the one that the stamp describes.
    fn is_built(&self, extent: Extent) -> bool {
        if matches!(self.recipe, Recipe::Modules(_)) && !self.modules().is_dir() {
            return false;
        }
        let stamped = self.stamped();
        let versions = self.versions(extent).into_iter().map(|version| self.file(version));
        versions.chain(self.context_files().map(|(file, _)| file)).all(|file| {
            let is_it = |(known, digest): &(PathBuf, String)| {
                *known == file && sha256(&file).is_ok_and(|found| found == *digest)
            };
            file.is_file() && stamped.iter().any(is_it)
        })
    }

    fn build(&self, extent: Extent) -> Outcome {
        let start = Instant::now();
        println!("building {} from {}", self.name, self.package);
        let work = paths::policies().join("work").join(self.name);
        let log = paths::policies().join(format!("{}.log", self.name));
        let fail = |error: std::io::Error| format!("cannot prepare {}: {error}", work.display());
        if work.exists() {
            fs::remove_dir_all(&work).map_err(fail)?;
        }
        fs::create_dir_all(&work).map_err(fail)?;
        fs::write(&log, "").map_err(fail)?;
        let package = downloaded(self.package)?;
        let unpacked = work.join("package");
        run_logged(system("dpkg-deb").arg("-x").arg(&package).arg(&unpacked), &log)?;
        let built = match self.recipe {
            Recipe::Modules(store) => link_modules(&unpacked, &work.join("root"), store, &log)?,
            Recipe::Sources => compile_sources(&unpacked, &work.join("sources"), "", &log)?,
            Recipe::SourcesWithout(modules) => {
                compile_sources(&unpacked, &work.join("sources"), modules, &log)?
            }
        };
        fs::rename(&built.policy, self.file(NEWEST)).map_err(fail)?;
        let version = capture(system("dpkg-deb").arg("-f").arg(&package).arg("Version"))?;
        let mut stamp = format!("package {} {}\n", self.package, version.trim());
        for version in self.versions(extent) {
            let file = self.file(version);
            if version != NEWEST {
                downgrade(&self.file(NEWEST), version, &file, &log)?;
            }
            stamp.push_str(&format!("sha256 {} {}.{version}\n", sha256(&file)?, self.name));
        }
        for (kept, place) in self.context_files() {
            kept.parent().map_or(Ok(()), fs::create_dir_all).map_err(fail)?;
            fs::copy(built.contexts.join(place), &kept).map_err(fail)?;
            stamp.push_str(&format!(
                "sha256 {} {}.contexts/{}\n",
                sha256(&kept)?,
                self.name,
                last_part(place)
            ));
        }
        if let Recipe::Modules(store) = self.recipe {
            unpack_modules(&unpacked.join("usr/share/selinux").join(store), &self.modules(), &log)?;
        }
        fs::write(self.stamp(), stamp).map_err(fail)?;
        fs::remove_dir_all(&work).map_err(fail)?;
        println!("built {} in {} s", self.name, start.elapsed().as_secs());
        Ok(())
    }
}

/// What a recipe makes, in its working folder.
struct Built {
    policy: PathBuf,
    /// The folder `contexts` of the policy.
    contexts: PathBuf,
}

/// Keeps the modules of a folder, uncompressed.
fn unpack_modules(folder: &Path, kept: &Path, log: &Path) -> Outcome {
    let fail = |error: std::io::Error| format!("cannot keep the modules of {}: {error}", folder.display());
    // Renamed when it is whole: the folder's presence says so.
    let partial = kept.with_extension("partial");
    for old in [kept, &partial] {
        if old.exists() {
            fs::remove_dir_all(old).map_err(fail)?;
        }
    }
    fs::create_dir_all(&partial).map_err(fail)?;
    let mut copies = Vec::new();
    for module in files_ending(folder, ".pp.bz2")? {
        let copy = partial.join(module.file_name().unwrap_or_default());
        fs::copy(&module, &copy).map_err(fail)?;
        copies.push(copy);
    }
    run_logged(system("bzip2").arg("-d").args(copies), log)?;
    fs::rename(&partial, kept).map_err(fail)
}

/// Links all modules of an unpacked policy package in a policy store below `root`.
fn link_modules(unpacked: &Path, root: &Path, store: &str, log: &Path) -> Result<Built, String> {
    let configuration = root.join("etc/selinux");
    for folder in [root.join("var/lib/selinux").join(store), configuration.clone()] {
        fs::create_dir_all(&folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
    }
    run_logged(
        system("cp").arg("-r").arg(unpacked.join("etc/selinux").join(store)).arg(&configuration),
        log,
    )?;
    let folder = unpacked.join("usr/share/selinux").join(store);
    let mut modules = files_ending(&folder, ".pp.bz2")?;
    modules.sort();
    let mut semodule = system("semodule");
    semodule.arg("-p").arg(root).args(["-s", store, "-n", "-N", "-X", "100", "-i"]).args(modules);
    run_logged(&mut semodule, log)?;
    let policy = newest_policy(&configuration.join(store).join("policy"))?;
    Ok(Built { policy, contexts: configuration.join(store).join("contexts") })
}

/// Compiles the reference policy's sources from an unpacked selinux-policy-src, without some modules.
fn compile_sources(unpacked: &Path, sources: &Path, without: &str, log: &Path) -> Result<Built, String> {
    fs::create_dir_all(sources).map_err(|error| format!("cannot make {}: {error}", sources.display()))?;
    let archive = unpacked.join("usr/src/selinux-policy-src.tar.zst");
    let tar = sources.with_extension("tar");
    run_logged(system("zstd").args(["-q", "-d", "-f"]).arg(&archive).arg("-o").arg(&tar), log)?;
    run_logged(system("tar").arg("-xf").arg(&tar).arg("-C").arg(sources), log)?;
    let folder = sources.join("selinux-policy-src");
    let installed = sources.join("installed");
    let destination = format!("DESTDIR={}", installed.display());
    for goal in ["conf", "policy", "file_contexts", "install-appconfig"] {
        let mut make = system("make");
        make.arg("-C").arg(&folder).arg(goal).args(SOURCE_SETTINGS).args(["NAME=default", &destination]);
        if !without.is_empty() {
            make.arg(format!("APPS_OFF={without}"));
        }
        run_logged(&mut make, log)?;
    }
    let contexts = installed.join("etc/selinux/default/contexts");
    // Installing it as well would ask the running system's tools whether its contexts are valid.
    let copied = fs::copy(folder.join("file_contexts"), contexts.join("files/file_contexts"));
    copied.map_err(|error| format!("cannot keep the file contexts: {error}"))?;
    Ok(Built { policy: newest_policy(&folder)?, contexts })
}

/// Writes a policy in an older version of the format. From the binary and not from the sources: that takes a
/// tenth of a second, and from sources checkpolicy 3.4 loses the role transitions of version 25 and older.
fn downgrade(newest: &Path, version: u32, older: &Path, log: &Path) -> Outcome {
    let mut checkpolicy = system("checkpolicy");
    checkpolicy.args(["-b", "-M", "-c", &version.to_string(), "-o"]);
    run_logged(checkpolicy.arg(older).arg(newest), log)
}

/// The file `policy.N` of a folder with the largest N; it must be [`NEWEST`], which the names here promise.
fn newest_policy(folder: &Path) -> Result<PathBuf, String> {
    let version = |file: &PathBuf| file.extension()?.to_str()?.parse::<u32>().ok();
    let files = files_ending(folder, "")?;
    let newest = files
        .into_iter()
        .filter(|file| file.file_stem().is_some_and(|stem| stem == "policy"))
        .max_by_key(version);
    match newest {
        Some(file) if version(&file) == Some(NEWEST) => Ok(file),
        Some(file) => {
            Err(format!("{} was built, but the comparisons are for version {NEWEST}", file.display()))
        }
        None => Err(format!("no policy was built in {}", folder.display())),
    }
}

/// `b` of `a/b`.
fn last_part(place: &str) -> &str {
    place.rsplit('/').next().unwrap_or(place)
}

fn downloads() -> PathBuf {
    paths::policies().join("packages")
}

/// Downloads packages as apt offers them; the lists are refreshed if that fails at first.
fn download(names: &[&str]) -> Outcome {
    for name in names {
        for old in files_ending(&downloads(), ".deb")?.into_iter().filter(|file| is_package(file, name)) {
            fs::remove_file(&old).map_err(|error| format!("cannot remove {}: {error}", old.display()))?;
        }
    }
    println!("downloading {} (apt-get download)", names.join(", "));
    let fetch = || capture(system("apt-get").arg("download").args(names).current_dir(downloads())).map(drop);
    fetch().or_else(|_| packages::apt_update().and_then(|()| fetch()))
}

fn downloaded(package: &str) -> Result<PathBuf, String> {
    let mut files = files_ending(&downloads(), ".deb")?;
    files.retain(|file| is_package(file, package));
    files.pop().ok_or_else(|| format!("no package {package} in {}", downloads().display()))
}

fn is_package(file: &Path, package: &str) -> bool {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    name.split_once('_').is_some_and(|(start, _)| start == package)
}

fn files_ending(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, String> {
    let entries =
        fs::read_dir(folder).map_err(|error| format!("cannot read {}: {error}", folder.display()))?;
    let files = entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.is_file());
    Ok(files.filter(|path| path.to_string_lossy().ends_with(ending)).collect())
}

/// The sha256 of a file in hexadecimal digits, from coreutils.
pub(crate) fn sha256(file: &Path) -> Result<String, String> {
    let line = capture(system("sha256sum").arg(file))?;
    line.split_whitespace().next().map(str::to_owned).ok_or_else(|| "sha256sum printed nothing".into())
}
