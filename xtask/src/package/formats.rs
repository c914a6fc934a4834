//! A tree as a Debian package, an RPM package, an archive. No package has scripts.
//!
//! Debian's form: deb(5), the fields of Debian Policy chapter 5; copyright stands where chapter 12 wants it. RPM's: a spec
//! file, whose requirements rpmbuild finds in the program. Both clamp times to SOURCE_DATE_EPOCH.

use super::tree::{self, Tree};
use super::{LINKS, Release, clear, read, write};
use crate::packages;
use crate::process::{capture, system};
use std::path::{Path, PathBuf};

/// Makes packages of a tree and returns their files.
pub(super) type Format = fn(&Release, &Tree) -> Result<Vec<PathBuf>, String>;

const SUMMARY: &str = "query engine for SELinux policies";
const ABOUT: &str = "Answers questions about SELinux policies: is this access granted, and by what or why not; why was this \
                     denied; what can a domain reach; what changed between two policies.";
const ABOUT_LINKS: &str =
    "Links by which sepolq stands in for sesearch, seinfo, sediff, sedta and seinfoflow of SETools.";

/// Debian packages.
pub(super) fn deb(release: &Release, tree: &Tree) -> Result<Vec<PathBuf>, String> {
    let version = &release.version;
    let architecture = capture(system("dpkg").arg("--print-architecture"))?.trim().to_owned();
    let root = release.folder.join("deb");
    tree.copy_to(&root)?;
    // Debian's zsh looks elsewhere.
    let zsh = root.join("usr/share/zsh");
    rename(&zsh.join("site-functions"), &zsh.join("vendor-completions"))?;
    let doc = root.join("usr/share/doc/sepolq");
    write(&doc.join("copyright"), copyright(&doc, &tree.licences)?)?;
    let needs = needs(&read(&root.join("usr/bin/sepolq"))?);
    // It is loaded when it is first asked, and does not need to be there.
    let recommends = if packages::builds_with_libselinux() { "Recommends: libselinux1\n" } else { "" };
    let control = format!(
        "Package: sepolq\nVersion: {version}\nSection: admin\nPriority: optional\nArchitecture: {architecture}\n\
         Maintainer: sepolq <sepolq@localhost>\nDepends: {needs}\n{recommends}Suggests: podman, policycoreutils\nDescription: {SUMMARY}\n {ABOUT}\n"
    );
    let main = build_deb(release, &root, &control, &format!("sepolq_{version}_{architecture}.deb"))?;

    let root = release.folder.join("deb-links");
    clear(&root)?;
    Tree::links(&root)?;
    let page = format!("{SUMMARY}\n\nMIT or Apache-2.0: the texts are in /usr/share/doc/sepolq/copyright.\n");
    write(&root.join("usr/share/doc").join(LINKS).join("copyright"), page)?;
    let control = format!(
        "Package: {LINKS}\nVersion: {version}\nSection: admin\nPriority: optional\nArchitecture: all\n\
         Maintainer: sepolq <sepolq@localhost>\nDepends: sepolq (>= {version})\nConflicts: setools\nDescription: {SUMMARY}: \
         drop-ins for SETools\n {ABOUT_LINKS}\n"
    );
    let links = build_deb(release, &root, &control, &format!("{LINKS}_{version}_all.deb"))?;
    Ok(vec![main, links])
}

fn build_deb(release: &Release, root: &Path, control: &str, name: &str) -> Result<PathBuf, String> {
    write(&root.join("DEBIAN/control"), control)?;
    tree::modes(root)?;
    let file = release.folder.join(name);
    // Gzip, because xz's blocks depend on the number of threads.
    let mut command = system("dpkg-deb");
    command.args(["--root-owner-group", "-Zgzip", "--build"]).arg(root).arg(&file);
    capture(command.env("SOURCE_DATE_EPOCH", &release.epoch))?;
    Ok(file)
}

/// What a program needs of Debian, by the versions of symbols that stand in it.
fn needs(program: &[u8]) -> String {
    let mut newest = (2, 17);
    let mark = b"GLIBC_";
    for at in (0..program.len()).filter(|at| program.get(*at..).is_some_and(|rest| rest.starts_with(mark))) {
        let rest = program.get(at + mark.len()..).unwrap_or_default();
        let text: String = rest
            .iter()
            .take_while(|byte| byte.is_ascii_digit() || **byte == b'.')
            .map(|byte| char::from(*byte))
            .collect();
        let mut numbers = text.split('.').map(str::parse::<u32>);
        if let (Some(Ok(major)), Some(Ok(minor))) = (numbers.next(), numbers.next()) {
            newest = newest.max((major, minor));
        }
    }
    let mut needs = vec![format!("libc6 (>= {}.{})", newest.0, newest.1)];
    let library = b"libgcc_s.so.1";
    if program.windows(library.len()).any(|window| window == library) {
        needs.push("libgcc-s1".to_owned());
    }
    needs.join(", ")
}

/// Debian's file on copyright: both licences, and those of what is compiled in.
fn copyright(doc: &Path, licences: &str) -> Result<String, String> {
    let text =
        |name: &str| Ok::<String, String>(String::from_utf8_lossy(&read(&doc.join(name))?).into_owned());
    Ok(format!("{licences}\n{}\n{}", text("LICENSE-MIT")?, text("LICENSE-APACHE")?))
}

/// RPM packages.
pub(super) fn rpm(release: &Release, tree: &Tree) -> Result<Vec<PathBuf>, String> {
    let version = &release.version;
    let top = release.folder.join("rpm");
    let root = top.join("root");
    clear(&top)?;
    tree.copy_to(&root)?;
    Tree::links(&root)?;
    let licences = root.join("usr/share/licenses/sepolq");
    let doc = root.join("usr/share/doc/sepolq");
    for name in ["LICENSE-MIT", "LICENSE-APACHE", "LICENSES-OF-DEPENDENCIES"] {
        write(&licences.join(name), read(&doc.join(name))?)?;
        std::fs::remove_file(doc.join(name)).map_err(|error| format!("cannot remove {name}: {error}"))?;
    }
    tree::modes(&root)?;
    let recommends = if packages::builds_with_libselinux() { "Recommends: libselinux\n" } else { "" };
    let links: String = tree::DROP_INS.iter().map(|name| format!("/usr/bin/{name}\n")).collect();
    let spec = format!(
        "%global debug_package %{{nil}}\n%global __os_install_post %{{nil}}\n%global _build_id_links none\n\
         Name: sepolq\nVersion: {version}\nRelease: 1\nSummary: A {SUMMARY}\nLicense: MIT OR Apache-2.0\n{recommends}\n\
         %description\n{ABOUT}\n\n\
         %package setools\nSummary: Drop-ins for SETools\nBuildArch: noarch\nRequires: sepolq >= {version}\n\
         Conflicts: setools-console\n\n%description setools\n{ABOUT_LINKS}\n\n\
         %install\ncp -R --preserve=mode,links \"{root}/.\" %{{buildroot}}\n\n\
         %files\n%defattr(-,root,root)\n/usr/bin/sepolq\n/usr/share/bash-completion/completions/sepolq\n\
         /usr/share/zsh/site-functions/_sepolq\n/usr/share/fish/vendor_completions.d/sepolq.fish\n\
         /usr/share/man/man1/*\n%doc /usr/share/doc/sepolq\n%license /usr/share/licenses/sepolq\n\n\
         %files setools\n%defattr(-,root,root)\n{links}",
        root = root.display(),
    );
    let file = top.join("sepolq.spec");
    write(&file, spec)?;
    let define = |name: &str, value: &str| ["--define".to_owned(), format!("{name} {value}")];
    let mut command = system("rpmbuild");
    command.args(["-bb", "--quiet"]).env("SOURCE_DATE_EPOCH", &release.epoch);
    for words in [
        define("_topdir", &top.display().to_string()),
        define("_tmppath", &top.join("tmp").display().to_string()),
        define("_rpmdir", &top.join("made").display().to_string()),
        define("_buildhost", "localhost"),
        define("use_source_date_epoch_as_buildtime", "1"),
        define("clamp_mtime_to_source_date_epoch", "1"),
        define("source_date_epoch_from_changelog", "0"),
        define("_binary_payload", "w9.gzdio"),
    ] {
        command.args(words);
    }
    capture(command.arg(&file))?;
    let mut made = Vec::new();
    for folder in
        std::fs::read_dir(top.join("made")).map_err(|error| format!("rpmbuild made nothing: {error}"))?
    {
        let folder = folder.map_err(|error| format!("cannot read what rpmbuild made: {error}"))?;
        for package in tree::files(&folder.path())? {
            let place = release.folder.join(package.file_name().unwrap_or_default());
            rename(&package, &place)?;
            made.push(place);
        }
    }
    made.sort();
    Ok(made)
}

/// An archive with one folder, for systems without a package manager that is known here.
pub(super) fn archive(release: &Release, tree: &Tree) -> Result<Vec<PathBuf>, String> {
    let name = format!("sepolq-{}-{}-static", release.version, std::env::consts::ARCH);
    let top = release.folder.join("archive");
    clear(&top)?;
    tree.copy_to(&top.join(&name))?;
    let usr = top.join(&name).join("usr");
    for part in ["bin", "share"] {
        rename(&usr.join(part), &top.join(&name).join(part))?;
    }
    std::fs::remove_dir(&usr).map_err(|error| format!("cannot remove {}: {error}", usr.display()))?;
    let file = release.folder.join(format!("{name}.tar.gz"));
    let mut command = system("tar");
    command.args(["--create", "--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--format=gnu"]);
    command.arg(format!("--mtime=@{}", release.epoch)).args(["--use-compress-program", "gzip -9 -n"]);
    capture(command.arg("--file").arg(&file).arg("--directory").arg(&top).arg(&name))?;
    Ok(vec![file])
}

fn rename(from: &Path, to: &Path) -> Result<(), String> {
    std::fs::rename(from, to).map_err(|error| format!("cannot move {}: {error}", from.display()))
}

#[cfg(test)]
mod tests {
    use super::needs;

    #[test]
    fn the_newest_symbol_says_which_library_is_needed() {
        let program = b"..GLIBC_2.9\0GLIBC_2.34\0GLIBC_2.18\0libgcc_s.so.1\0GLIBC_PRIVATE";
        assert_eq!(needs(program), "libc6 (>= 2.34), libgcc-s1");
    }
}
