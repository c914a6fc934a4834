//! Why semodule refuses a module, in its words, and with what helps.
//!
//! Its messages name files that nobody knows; they are put into the names of modules. Sources: `policydb.c`, `cil_resolve_ast.c`
//! and `cil_build_ast.c` in libsepol, `direct_api.c` in libsemanage.

use std::path::Path;

use super::module_set::{Language, ModuleSet};
use crate::system_tools::Said;

/// Lines that say nothing of the reason.
const NOISE: [&str; 7] = [
    "semodule:",
    "(No such file or directory)",
    "libsemanage.add_user",
    "libsemanage.semanage_direct_commit: Failed to compile",
    "Warning: SELinux userspace will refer",
    "Failed to build AST",
    "Failed to resolve AST",
];

fn is_noise(line: &str) -> bool {
    NOISE.iter().any(|begin| line.starts_with(begin)) || line.contains("hll/pp failed with code")
}

fn is_warning(line: &str) -> bool {
    line.contains("Warning:")
}

/// What the user should know of a build that succeeded.
pub(super) fn warnings(said: &Said) -> Vec<String> {
    said.lines.iter().filter(|line| is_warning(line) && !is_noise(line)).cloned().collect()
}

/// The reason, and help on lines of its own.
pub(super) fn words(said: &Said, root: &Path, set: &ModuleSet, lacking: impl FnOnce() -> Lacking) -> String {
    let lines: Vec<&String> = said.lines.iter().filter(|line| !is_noise(line) && !is_warning(line)).collect();
    let mut told: Vec<String> = lines
        .iter()
        .map(|line| in_module_names(line, root, set).unwrap_or_else(|| (*line).clone()))
        .collect();
    if told.is_empty() {
        told.push(said.status.clone());
    }
    let mut help: Vec<String> = lines.iter().filter_map(|line| help_for(line)).collect();
    if lines.iter().any(|line| line.starts_with("Failed to resolve")) {
        let Lacking { symbols, labels } = lacking();
        if !symbols.is_empty() {
            help.push(format!(
                "no module of the base declares {}: choose a base that has it, or put the modules that declare it there first",
                listed(&symbols)
            ));
        }
        if !labels.is_empty() {
            help.push(format!(
                "its file contexts give labels whose types no module declares: {}",
                listed(&labels)
            ));
        }
    }
    if let Some(folder) = full(root) {
        help.push(format!("there is no room left in `{}`: TMPDIR names another place", folder.display()));
    }
    help.dedup();
    let help = help.iter().map(|help| format!("help: {help}"));
    std::iter::once(told.join("; ")).chain(help).collect::<Vec<_>>().join("\n")
}

/// What modules lack in the base that they are put into.
#[derive(Debug, Default)]
pub(super) struct Lacking {
    /// Symbols that no module declares: `type sock_t`.
    pub(super) symbols: Vec<String>,
    /// Contexts of their file contexts whose type no module declares.
    pub(super) labels: Vec<String>,
}

/// The folder for temporary files, if next to nothing can be written there any more.
fn full(root: &Path) -> Option<&Path> {
    const LEAST: u64 = 1 << 20;
    let status = rustix::fs::statvfs(root.parent()?).ok()?;
    (status.f_bavail.saturating_mul(status.f_frsize) < LEAST).then_some(root.parent()?.parent()?)
}

/// Some names, and how many more there are.
fn listed(names: &[String]) -> String {
    const TOLD: usize = 6;
    let mut text = names.iter().take(TOLD).cloned().collect::<Vec<_>>().join(", ");
    let more = names.len().saturating_sub(TOLD);
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

/// A line with the name of a module, and the statement if its CIL is the user's, in place of `ROOT/…/NAME/cil:LINE`.
fn in_module_names(line: &str, root: &Path, set: &ModuleSet) -> Option<String> {
    let (before, after) = line.split_once(&*root.to_string_lossy())?;
    let (file, rest) = after.split_once("/cil").or_else(|| after.split_once("/hll"))?;
    let name = file.rsplit('/').next()?;
    let before =
        before.strip_suffix("at ").or_else(|| before.strip_suffix("of ")).unwrap_or(before).trim_end();
    let digits: String =
        rest.strip_prefix(':').unwrap_or_default().chars().take_while(char::is_ascii_digit).collect();
    let Ok(number) = digits.parse::<usize>() else { return Some(format!("{before} in the module `{name}`")) };
    let own = set.modules.iter().find(|module| module.name == name && module.language == Language::Cil);
    let statement = own.and_then(|module| {
        let text = String::from_utf8_lossy(&module.bytes);
        let statement: String = text.lines().nth(number.checked_sub(1)?)?.trim().chars().take(120).collect();
        Some(format!(": {}", policydb::Name::new(statement.as_bytes())))
    });
    let of = if own.is_some() { "" } else { " of its CIL" };
    Some(format!("{before} in the module `{name}`, line {number}{of}{}", statement.unwrap_or_default()))
}

/// What helps where a line is known.
fn help_for(line: &str) -> Option<String> {
    if let Some((_, rest)) = line.split_once("policydb module version ") {
        let (found, range) = rest.split_once(" does not match my version range ")?;
        let newest = range.trim().rsplit('-').next()?;
        return Some(format!(
            "module version {found}; this system reads up to {newest}: it was compiled for a newer one; compile it from its source here, or with `checkmodule -c {newest}`"
        ));
    }
    if line.starts_with("Re-declaration of ") {
        return Some(
            "the base has it already, in a module of another name: choose a base without that module"
                .to_owned(),
        );
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inputs::ModuleFile;

    fn words_of(lines: &[&str], missing: &[&str]) -> String {
        let said = Said {
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
            success: false,
            status: "exit status: 1".to_owned(),
        };
        let cil = ModuleFile {
            name: "own".to_owned(),
            language: Language::Cil,
            bytes: b"; x\n (type bin_t)\n".to_vec(),
        };
        let set = ModuleSet { priority: 400, label: "own.cil".to_owned(), modules: vec![cil] };
        words(&said, Path::new("/tmp/x/old"), &set, || Lacking {
            symbols: missing.iter().map(|name| (*name).to_owned()).collect(),
            labels: Vec::new(),
        })
    }

    #[test]
    fn a_newer_module_is_explained() {
        let told = words_of(
            &[
                "libsemanage.semanage_pipe_data: Child process /usr/libexec/selinux/hll/pp failed with code: 255. (No such file or directory).",
                "box: libsepol.policydb_read: policydb module version 24 does not match my version range 4-21",
                "semodule:  Failed!",
            ],
            &[],
        );
        assert!(told.starts_with("box: libsepol.policydb_read: policydb module version 24"), "{told}");
        assert!(told.contains("\nhelp: module version 24; this system reads up to 21"), "{told}");
        assert_eq!(told.lines().count(), 2);
    }

    #[test]
    fn files_are_put_into_the_names_of_modules() {
        let told = words_of(
            &[
                "Re-declaration of type bin_t",
                "Previous declaration of type at /tmp/x/old/var/lib/selinux/store/tmp/modules/999/own/cil:2",
            ],
            &[],
        );
        assert!(
            told.starts_with("Re-declaration of type bin_t; Previous declaration of type in the module `own`, line 2: (type bin_t)"),
            "{told}"
        );
        let told = words_of(
            &[
                "Failed to resolve filecon statement at /tmp/x/old/var/lib/selinux/store/tmp/modules/100/base/cil:49",
                "Failed to resolve AST",
            ],
            &["type a_t", "type b_t"],
        );
        assert_eq!(
            told,
            "Failed to resolve filecon statement in the module `base`, line 49 of its CIL\nhelp: no module of the base declares type a_t, type b_t: choose a base that has it, or put the modules that declare it there first"
        );
    }

    #[test]
    fn where_nothing_is_said_the_status_is() {
        assert_eq!(words_of(&["semodule:  Failed!"], &[]), "exit status: 1");
    }
}
