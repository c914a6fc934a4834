//! What containerd is told about SELinux: `enable_selinux` of its CRI plugin, in a file and those that it imports.
//!
//! Source: containerd-config.toml(5) and `cmd/containerd/server/config` of containerd. Files are loaded breadth first, one that was
//! loaded already is not loaded again, and a later file's table of a plugin takes the place of an earlier one's, whole: its silence
//! counts too. An import that is named without `*` must be there.

use std::collections::{BTreeSet, VecDeque};
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::files::{Said, below, boolean, option, table};
use super::glob::matches;
use super::{Off, Separation, Unread};

/// The CRI plugin, under the names that it has had in each version of the file.
const PLUGINS: [&str; 3] = ["io.containerd.cri.v1.runtime", "io.containerd.grpc.v1.cri", "cri"];
/// Files that are followed; people have a handful.
const MOST_FILES: usize = 64;
/// Imports of imports.
const DEEPEST: usize = 8;
/// Entries of a folder that are compared with a pattern.
const MOST_ENTRIES: usize = 10_000;

pub(super) fn containerd(root: &Path, arguments: &[String]) -> Said {
    let main = PathBuf::from(option(arguments, &["--config", "-c"]).unwrap_or("/etc/containerd/config.toml"));
    // What the plugin's table says that counts, and where it stands.
    let mut said: Option<(PathBuf, Option<bool>)> = None;
    let mut is_disabled = false;
    let mut loaded = BTreeSet::new();
    let mut pending = VecDeque::from([(main.clone(), 0)]);
    while let Some((file, depth)) = pending.pop_front() {
        if !loaded.insert(file.clone()) {
            continue;
        }
        if loaded.len() > MOST_FILES || depth > DEEPEST {
            let why = format!("it imports more than {MOST_FILES} files, or more than {DEEPEST} deep");
            return Err(Unread::wrong(&main, why));
        }
        let table = match table(root, &file)? {
            Some(table) => table,
            None if depth == 0 => toml::Table::new(),
            None => return Err(Unread::closed(&file, "it is imported, and is not there")),
        };
        let is_there = |plugin: &&str| table.get("plugins").and_then(|all| all.get(*plugin)).is_some();
        if PLUGINS.iter().any(is_there) {
            let mut values =
                PLUGINS.iter().filter_map(|plugin| boolean(&table, &["plugins", plugin, "enable_selinux"]));
            said = Some((file.clone(), values.next()));
        }
        is_disabled |= strings(&table, "disabled_plugins").any(|name| PLUGINS.contains(&name));
        for import in strings(&table, "imports") {
            let files = imported(root, &file, import)?;
            pending.extend(files.into_iter().map(|file| (file, depth.saturating_add(1))));
        }
    }
    let off = |file, says| {
        Separation::Off(Off { file, says, needs: "enable_selinux = true", argument: None, owner: None })
    };
    Ok(match said {
        // Without its plugin for Kubernetes it starts what others label.
        _ if is_disabled => Separation::NotSaid,
        Some((_, Some(true))) => Separation::On,
        Some((file, Some(false))) => off(file, Some("enable_selinux = false")),
        Some((file, None)) => off(file, None),
        None => off(main, None),
    })
}

/// The words of a list; none if it is no list.
fn strings<'t>(table: &'t toml::Table, key: &str) -> impl Iterator<Item = &'t str> {
    let list = table.get(key).and_then(toml::Value::as_array);
    list.into_iter().flatten().filter_map(toml::Value::as_str)
}

/// The files that an import of a file names, in their order.
fn imported(root: &Path, file: &Path, import: &str) -> Result<Vec<PathBuf>, Unread> {
    let path = plain(&file.parent().unwrap_or(Path::new("/")).join(import));
    let mut found = vec![PathBuf::from("/")];
    for part in path.components() {
        let Component::Normal(part) = part else { continue };
        match part.to_str().filter(|part| import.contains('*') && part.contains(['*', '?', '[', '\\'])) {
            None => found.iter_mut().for_each(|path| path.push(part)),
            Some(pattern) => {
                found = found.iter().flat_map(|folder| matching(root, folder, pattern)).collect()
            }
        }
    }
    if import.contains('*') {
        found.retain(|path| below(root, path).symlink_metadata().is_ok());
    }
    found.truncate(MOST_FILES.saturating_add(1));
    Ok(found)
}

/// A path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}

/// The entries of a folder that a pattern matches, by name.
fn matching(root: &Path, folder: &Path, pattern: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(below(root, folder)).into_iter().flatten().take(MOST_ENTRIES);
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| matches(pattern, name)).collect();
    names.sort_unstable();
    names.into_iter().map(|name| folder.join(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::EngineKind;
    use super::super::tests::{said, said_at};
    use super::*;
    use crate::test_system::{fifo, system};

    const MAIN: &str = "etc/containerd/config.toml";
    const ON: &str = "[plugins.\"io.containerd.grpc.v1.cri\"]\nenable_selinux = true\n";
    const OFF: &str = "[plugins.'io.containerd.grpc.v1.cri']\nenable_selinux = false\n";
    const SILENT: &str = "[plugins.'io.containerd.grpc.v1.cri'.cni]\nbin_dir = '/x'\n";

    fn of(files: &[(&str, &str)]) -> &'static str {
        said(EngineKind::Containerd, "containerd", files)
    }

    #[test]
    fn it_is_off_unless_it_is_told() {
        assert_eq!(of(&[]), "off");
        assert_eq!(of(&[(MAIN, ON)]), "on");
        assert_eq!(of(&[(MAIN, OFF)]), "off");
        assert_eq!(of(&[(MAIN, SILENT)]), "off");
        assert_eq!(
            of(&[(MAIN, "[plugins.\"io.containerd.cri.v1.runtime\"]\nenable_selinux = true\n")]),
            "on"
        );
        assert_eq!(of(&[(MAIN, "[plugins.cri]\nenable_selinux = false\n")]), "off");
        assert_eq!(of(&[(MAIN, "= =")]), "unknown");
        assert_eq!(of(&[(MAIN, "disabled_plugins = ['cri']\n")]), "not said");
        let other = [("var/lib/k/c.toml", ON)];
        assert_eq!(said(EngineKind::Containerd, "containerd -c /var/lib/k/c.toml", &other), "on");
    }

    #[test]
    fn imports_are_followed_and_later_files_win() {
        let main = |imports: &str, rest: &str| format!("imports = [{imports}]\n{rest}");
        let all = main("'/etc/containerd/conf.d/*.toml'", OFF);
        let (a, b) = ("etc/containerd/conf.d/a.toml", "etc/containerd/conf.d/b.toml");
        assert_eq!(of(&[(MAIN, &all), (a, ON)]), "on");
        assert_eq!(of(&[(MAIN, &all), (a, ON), (b, OFF)]), "off");
        assert_eq!(of(&[(MAIN, &all), (a, OFF), (b, ON)]), "on");
        assert_eq!(
            of(&[(MAIN, &all), (a, ON), (b, SILENT)]),
            "off",
            "its table takes the place of the first"
        );
        assert_eq!(of(&[(MAIN, &all), (a, ON), ("etc/containerd/conf.d/b.json", OFF)]), "on");
        assert_eq!(of(&[(MAIN, &all)]), "off", "a pattern may match nothing");
        assert_eq!(of(&[(MAIN, &main("'conf.d/a.toml'", "")), (a, ON)]), "on", "beside the file");
        assert_eq!(of(&[(MAIN, &main("'../x/?x*'", "")), ("etc/x/a.toml", ON)]), "off", "no match");
        assert_eq!(of(&[(MAIN, &main("'../x/?.t*'", "")), ("etc/x/a.toml", ON)]), "on");
        assert_eq!(of(&[(MAIN, &main("'../x/[a-c]*'", "")), ("etc/x/b.toml", ON)]), "on");
        assert_eq!(of(&[(MAIN, &main("'../x/[^a-c]*'", "")), ("etc/x/b.toml", ON)]), "off");
        let chain = main("'b.toml'", "");
        assert_eq!(of(&[(MAIN, &main("'conf.d/a.toml'", "")), (a, &chain), (b, ON)]), "on");
    }

    #[test]
    fn what_cannot_be_followed_is_unknown() {
        let imports = "imports = ['conf.d/a.toml']\n";
        assert_eq!(of(&[(MAIN, imports)]), "unknown", "it is not there");
        let root = system(&[(MAIN, &format!("{imports}{ON}"))]);
        fifo(&root, "etc/containerd/conf.d/a.toml");
        assert_eq!(said_at(root.path(), EngineKind::Containerd, "containerd"), "unknown");
        let cycle = "imports = ['/etc/containerd/config.toml', 'a.toml', './*.toml']\n";
        let a = format!("{cycle}{ON}");
        assert_eq!(of(&[(MAIN, imports), ("etc/containerd/conf.d/a.toml", &a)]), "on", "a cycle ends");
        let many: Vec<(String, &str)> =
            (0..=MOST_FILES).map(|n| (format!("etc/containerd/conf.d/{n}.toml"), "")).collect();
        let mut files: Vec<(&str, &str)> = many.iter().map(|(path, text)| (path.as_str(), *text)).collect();
        files.push((MAIN, "imports = ['conf.d/*.toml']\n"));
        assert_eq!(of(&files), "unknown", "too many");
        let deep: Vec<(String, String)> = (0..=DEEPEST + 1)
            .map(|n| (format!("etc/containerd/{n}.toml"), format!("imports = ['{}.toml']\n", n + 1)))
            .collect();
        let mut files: Vec<(&str, &str)> = deep.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        files.push((MAIN, "imports = ['0.toml']\n"));
        assert_eq!(of(&files), "unknown", "too deep");
    }
}
