//! The committed policies are the ones their digests name, and checkpolicy still makes them from their sources.
//!
//! A list is a file in `sha256sum` format (`testdata/demo/*.sha256`, `SHA256SUMS` elsewhere). Comment
//! lines `# command: checkpolicy … -o OUT SOURCE` say how a file was made, relative to the list's folder; each
//! is run again with its output in a scratch folder, and the bytes are compared.

use crate::packages::{self, LeftOut};
use crate::paths;
use crate::process::{capture, system};
use std::fs;
use std::path::{Path, PathBuf};

/// One complaint for each file that is not what its list says.
pub(crate) fn check(root: &Path) -> Result<Vec<String>, String> {
    let lists = lists(root);
    let missing = packages::ensure(&[packages::COMPILER]);
    packages::settle(&missing)?;
    let mut complaints = Vec::new();
    for list in &lists {
        let folder = list.parent().unwrap_or(root);
        let text =
            fs::read_to_string(list).map_err(|error| format!("cannot read {}: {error}", list.display()))?;
        if let Err(why) = capture(
            system("sha256sum").current_dir(folder).args(["--check", "--strict", "--quiet"]).arg(list),
        ) {
            complaints.push(format!("{}: {why}", list.display()));
        }
        if missing.is_empty() {
            for command in commands(&text) {
                complaints.extend(recompile(folder, &command).err());
            }
        }
    }
    if lists.is_empty() {
        packages::settle(&[LeftOut {
            what: "the check of the committed policies".into(),
            why: "testdata has no sha256 list".into(),
        }])?;
    }
    Ok(complaints)
}

/// The lists of digests, in the order of their names.
fn lists(root: &Path) -> Vec<PathBuf> {
    let mut lists = Vec::new();
    for folder in ["testdata/demo", "testdata/policies", "testdata/records/sesearch"] {
        let Ok(entries) = fs::read_dir(root.join(folder)) else { continue };
        let files = entries.filter_map(Result::ok).map(|entry| entry.path());
        let is_list = |file: &PathBuf| {
            file.extension().is_some_and(|ending| ending == "sha256")
                || file.file_name().is_some_and(|name| name == "SHA256SUMS")
        };
        lists.extend(files.filter(is_list));
    }
    lists.sort();
    lists
}

/// The words of every `checkpolicy` command that the comments of a list give.
fn commands(list: &str) -> Vec<Vec<String>> {
    list.lines()
        .filter_map(|line| line.trim().strip_prefix('#'))
        .map(|comment| comment.trim().trim_start_matches("command:").trim_start().trim_start_matches("$ "))
        .filter(|command| command.starts_with("checkpolicy "))
        .map(|command| command.split_whitespace().map(str::to_owned).collect())
        .collect()
}

/// Runs one command with its output elsewhere, and compares.
fn recompile(folder: &Path, command: &[String]) -> Result<(), String> {
    let shown = command.join(" ");
    let place = command.iter().position(|word| word == "-o").map(|at| at + 1);
    let Some((place, output)) = place.and_then(|place| Some((place, command.get(place)?))) else {
        return Err(format!("{}: `{shown}` has no `-o FILE`", folder.display()));
    };
    let scratch = paths::target().join("tidy");
    fs::create_dir_all(&scratch).map_err(|error| format!("cannot make {}: {error}", scratch.display()))?;
    let fresh = scratch.join("recompiled.policy");
    let mut words = command.to_vec();
    if let Some(word) = words.get_mut(place) {
        *word = fresh.to_string_lossy().into_owned();
    }
    capture(system("checkpolicy").current_dir(folder).args(words.get(1..).unwrap_or_default()))?;
    let read =
        |file: &Path| fs::read(file).map_err(|error| format!("cannot read {}: {error}", file.display()));
    if read(&fresh)? == read(&folder.join(output))? {
        return Ok(());
    }
    let what = format!("{}: `{shown}` makes other bytes than the committed ones", folder.display());
    if paths::in_ci() {
        return Err(format!(
            "{what}\nhelp: run it there with Debian 12's checkpolicy, and write the new sha256"
        ));
    }
    // The sources are the ones of the list, so this is another compiler, not a forgotten build.
    println!("{what}; CI compares with checkpolicy 3.4");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::commands;

    #[test]
    fn commands_are_found_in_comments_only() {
        let list = "# made for sepolq\n# command: checkpolicy -M -o demo.33 demo.conf\n#   $ checkpolicy -o a b\n0123  demo.33\n";
        assert_eq!(
            commands(list),
            [
                ["checkpolicy", "-M", "-o", "demo.33", "demo.conf"].map(str::to_owned).to_vec(),
                ["checkpolicy", "-o", "a", "b"].map(str::to_owned).to_vec()
            ]
        );
    }
}
