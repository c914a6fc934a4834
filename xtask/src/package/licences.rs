//! Licences of everything that is compiled into the program: names, versions and licences as `cargo tree` knows them, and
//! the texts that stand in the sources of each crate.
//!
//! One text is printed once, under the names of all crates that have it.

use super::read;
use crate::process::{capture, cargo};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A crate that is compiled in.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Dependency {
    name: String,
    version: String,
    licence: String,
}

/// The page on licences.
pub(super) fn text() -> Result<String, String> {
    let listed = capture(cargo().args([
        "tree",
        "--package",
        "sepolq",
        "--edges",
        "normal",
        "--prefix",
        "none",
        "--no-dedupe",
        "--format",
        "{p}|{l}",
    ]))?;
    let dependencies = dependencies(&listed);
    if dependencies.is_empty() {
        return Err("`cargo tree` names no dependency".into());
    }
    let mut page = String::from(
        "sepolq is licensed under MIT or Apache-2.0, at your choice. Compiled into it are these crates, under the licences \
         that they name; the texts that come with them follow.\n\n",
    );
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let sources = sources();
    for Dependency { name, version, licence } in &dependencies {
        if licence.is_empty() {
            return Err(format!("{name} {version} names no licence"));
        }
        let found = licence_files(&sources, name, version);
        let remark = if found.is_empty() { "  (no text in its sources)" } else { "" };
        page.push_str(&format!("{name} {version}: {licence}{remark}\n"));
        for file in found {
            let text = String::from_utf8_lossy(&read(&file)?).replace("\r\n", "\n").trim().to_owned();
            texts.entry(text).or_default().push(format!("{name} {version}"));
        }
    }
    for (text, crates) in texts {
        page.push_str(&format!("\n{}\n{}\n\n{text}\n", "-".repeat(100), crates.join(", ")));
    }
    Ok(page)
}

/// The dependencies in `cargo tree`'s list, without crates of this repository and those that only run while compiling.
fn dependencies(listed: &str) -> Vec<Dependency> {
    let mut dependencies: Vec<Dependency> = listed
        .lines()
        .filter(|line| !line.contains(" (/") && !line.contains("(proc-macro)"))
        .filter_map(|line| {
            let (package, licence) = line.split_once('|')?;
            let mut words = package.split_whitespace();
            let (name, version) = (words.next()?.to_owned(), words.next()?.strip_prefix('v')?.to_owned());
            Some(Dependency { name, version, licence: licence.trim_end_matches("(*)").trim().to_owned() })
        })
        .collect();
    dependencies.sort();
    dependencies.dedup();
    dependencies
}

/// The folders in which cargo keeps the sources of registries.
fn sources() -> Vec<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let registries = home.and_then(|home| fs::read_dir(home.join("registry/src")).ok());
    let mut folders: Vec<PathBuf> =
        registries.into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path()).collect();
    folders.sort();
    folders
}

/// The files of a crate that hold a licence, by their names.
fn licence_files(sources: &[PathBuf], name: &str, version: &str) -> Vec<PathBuf> {
    const BEGINNINGS: [&str; 5] = ["LICENSE", "LICENCE", "COPYING", "UNLICENSE", "NOTICE"];
    let folder = |source: &PathBuf| source.join(format!("{name}-{version}"));
    let is_licence = |path: &Path| {
        let name = path.file_name().map(|name| name.to_string_lossy().to_uppercase()).unwrap_or_default();
        path.is_file() && BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
    };
    let entries = sources.iter().map(folder).find_map(|folder| fs::read_dir(folder).ok());
    let mut files: Vec<PathBuf> =
        entries.into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path()).collect();
    files.retain(|path| is_licence(path));
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_each_dependency_once() {
        let listed = "sepolq v0.1.0 (/somewhere/cli)|MIT OR Apache-2.0\nmemchr v2.8.3|Unlicense OR MIT\n\
                      serde_derive v1.0.1 (proc-macro)|MIT\nmemchr v2.8.3|Unlicense OR MIT (*)\n";
        let memchr =
            Dependency { name: "memchr".into(), version: "2.8.3".into(), licence: "Unlicense OR MIT".into() };
        assert_eq!(dependencies(listed), [memchr]);
    }
}
