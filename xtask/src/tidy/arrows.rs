//! Which crate may use which: the arrows point one way.
//!
//! Read from the `Cargo.toml` files themselves. Only crates of this workspace are looked at, except that
//! `xtask` may use nothing at all.

use std::fs;
use std::path::Path;

/// Crates that tests and chores use; what is shipped never depends on them.
const DEV_ONLY: &[&str] = &["guest", "spec", "testkit", "probe", "sepolq-fuzz", "xtask"];

/// For each crate, the crates of this workspace that it may name under `[dependencies]`.
const ALLOWED: &[(&str, &[&str])] = &[
    ("policydb", &[]),
    ("module", &["policydb"]),
    ("package", &[]),
    ("avstore", &["policydb"]),
    ("audit", &[]),
    ("labels", &[]),
    ("host", &[]),
    ("analysis", &["policydb", "avstore", "audit", "labels", "module"]),
    ("sepolq", &["policydb", "module", "package", "avstore", "analysis", "audit", "labels", "host"]),
    ("guest", &[]),
    ("spec", &["policydb"]),
    ("testkit", &["policydb", "spec"]),
    ("probe", &["policydb", "module", "package", "avstore", "analysis", "audit", "labels", "testkit"]),
    ("sepolq-fuzz", &["policydb", "testkit", "probe"]),
    ("xtask", &[]),
];

/// What a `Cargo.toml` says that matters here.
#[derive(Debug, Default, PartialEq, Eq)]
struct Manifest {
    name: String,
    dependencies: Vec<String>,
    build_dependencies: Vec<String>,
    dev_dependencies: Vec<String>,
}

/// One complaint for each arrow that is not in the table.
pub(crate) fn check(root: &Path) -> Result<Vec<String>, String> {
    let mut folders = vec![root.join("cli"), root.join("xtask"), root.join("fuzz")];
    let crates = root.join("crates");
    let entries =
        fs::read_dir(&crates).map_err(|error| format!("cannot read {}: {error}", crates.display()))?;
    folders.extend(entries.filter_map(Result::ok).map(|entry| entry.path()));
    folders.sort();
    let mut complaints = Vec::new();
    for file in folders.into_iter().map(|folder| folder.join("Cargo.toml")).filter(|file| file.is_file()) {
        let text =
            fs::read_to_string(&file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
        complaints.extend(complain(&read_manifest(&text)));
    }
    Ok(complaints)
}

fn complain(manifest: &Manifest) -> Vec<String> {
    let name = &manifest.name;
    let Some((_, allowed)) = ALLOWED.iter().find(|(crate_name, _)| crate_name == name) else {
        return vec![format!(
            "the crate `{name}` is not in the table in xtask/src/tidy/arrows.rs: add its line"
        )];
    };
    let ours = |dependency: &&String| ALLOWED.iter().any(|(crate_name, _)| crate_name == dependency);
    let shipped = manifest.dependencies.iter().chain(&manifest.build_dependencies);
    let mut complaints: Vec<String> = shipped
        .filter(ours)
        .filter(|dependency| !allowed.contains(&dependency.as_str()))
        .map(|dependency| match DEV_ONLY.contains(&dependency.as_str()) {
            true => format!("`{name}` depends on `{dependency}`, which is for [dev-dependencies] only"),
            false => {
                format!("`{name}` depends on `{dependency}`: that arrow is not in xtask/src/tidy/arrows.rs")
            }
        })
        .collect();
    let any = shipped_any(manifest);
    if name == "xtask" && any {
        complaints.push("`xtask` has dependencies: it must build with the standard library alone".into());
    }
    complaints
}

fn shipped_any(manifest: &Manifest) -> bool {
    !(manifest.dependencies.is_empty()
        && manifest.build_dependencies.is_empty()
        && manifest.dev_dependencies.is_empty())
}

/// Reads package name and dependency names: `name = …` and `name.workspace = …` lines of the dependency
/// tables, and the tables `[dependencies.name]`.
fn read_manifest(text: &str) -> Manifest {
    let mut manifest = Manifest::default();
    let mut table = String::new();
    for line in text.lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            table = header.trim().to_owned();
            if let Some((parent, name)) = table.rsplit_once('.')
                && let Some(list) = manifest.list(parent)
            {
                list.push(name.to_owned());
            }
            continue;
        }
        let Some((key, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) else { continue };
        let key = key.trim();
        if table == "package" && key == "name" {
            manifest.name = value.trim().trim_matches('"').to_owned();
        } else if let Some(list) = manifest.list(&table) {
            list.push(key.split('.').next().unwrap_or(key).trim_matches('"').to_owned());
        }
    }
    manifest
}

impl Manifest {
    /// The list for a table name such as `dependencies` or `target.'cfg(unix)'.dependencies`.
    fn list(&mut self, table: &str) -> Option<&mut Vec<String>> {
        match table.rsplit('.').next()? {
            "dependencies" => Some(&mut self.dependencies),
            "build-dependencies" => Some(&mut self.build_dependencies),
            "dev-dependencies" => Some(&mut self.dev_dependencies),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{complain, read_manifest};

    #[test]
    fn dependencies_are_read_in_every_spelling() {
        let manifest = read_manifest(
            "[package]\nname = \"avstore\"\n[dependencies]\npolicydb.workspace = true\nserde = { version = \"1\" }\n\
             # old = \"1\"\n[dependencies.libc]\nversion = \"0.2\"\n[target.'cfg(unix)'.dependencies]\nrustix = \"1\"\n\
             [dev-dependencies]\nspec.workspace = true\n[lints]\nworkspace = true\n",
        );
        assert_eq!(manifest.name, "avstore");
        assert_eq!(manifest.dependencies, ["policydb", "serde", "libc", "rustix"]);
        assert_eq!(manifest.dev_dependencies, ["spec"]);
        assert!(complain(&manifest).is_empty());
    }

    #[test]
    fn an_arrow_that_points_back_is_a_complaint() {
        let upward =
            read_manifest("[package]\nname = \"policydb\"\n[dependencies]\navstore.workspace = true\n");
        assert_eq!(complain(&upward).len(), 1);
        let shipped_spec = read_manifest("[package]\nname = \"avstore\"\n[dependencies]\nspec = \"0.1\"\n");
        assert_eq!(complain(&shipped_spec).len(), 1);
        let xtask = read_manifest("[package]\nname = \"xtask\"\n[dependencies]\nanyhow = \"1\"\n");
        assert_eq!(complain(&xtask).len(), 1);
        let unknown = read_manifest("[package]\nname = \"elsewhere\"\n");
        assert_eq!(complain(&unknown).len(), 1);
    }
}
