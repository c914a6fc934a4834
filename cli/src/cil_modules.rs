//! Modules in CIL on top of a binary policy: `checkpolicy` writes the policy as CIL, and `secilc` puts all of it together.
//!
//! What secilc cannot resolve is an error in its own words; so is an optional block that it would leave out, because the answer
//! would be a smaller one than was asked for.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, bail};
use avstore::Store;
use policydb::{Name, Platform};

use crate::system_tools::{FileNames, MOST_BYTES, PrivateFolder, Said, Tool, read_at_most, write};

/// Before this version constraints have no names of types, which CIL needs.
const OLDEST: u32 = 29;

const fn tool(name: &'static str) -> Tool {
    Tool {
        name,
        needed_by: "`--with`",
        help: "`apt-get install checkpolicy secilc`, or `dnf install checkpolicy secilc`",
    }
}

/// The bytes of a policy with modules on top of it.
///
/// # Errors
/// A tool is missing, or refuses.
pub(crate) fn on_top_of(store: &Store<'_>, bytes: &[u8], modules: &[PathBuf]) -> anyhow::Result<Vec<u8>> {
    let format = store.policy().format();
    if format.platform == Platform::Xen {
        bail!("modules can be put on policies for SELinux only, and this one is for Xen");
    }
    if format.version < OLDEST {
        bail!(
            "modules can be put on policies of version {OLDEST} or newer, and this one has version {}\nhelp: older ones have lost the names of types in constraints; use a newer build of the policy",
            format.version
        );
    }
    let folder = PrivateFolder::new()?;
    let mut names = FileNames::default();
    let (old, base, kept, new) =
        (folder.join("policy"), folder.join("base.cil"), folder.join("kept.cil"), folder.join("new"));
    names.add(&base, "the policy".to_owned());
    let mut copies = Vec::new();
    for (at, module) in modules.iter().enumerate() {
        // A copy, so that the name is no option, and a pipe is read once.
        let shown = Name::new(module.as_os_str().as_encoded_bytes()).to_string();
        let text =
            read_at_most(module, MOST_BYTES).with_context(|| format!("cannot read the module `{shown}`"))?;
        let copy = folder.join(format!("module{at}.cil"));
        write(&copy, &text)?;
        names.add(&copy, shown);
        copies.push(copy);
    }
    write(&old, bytes)?;
    write(&kept, kept_attributes(store).as_bytes())?;
    let to_cil = |command: &mut Command| {
        command.args(["-b", "-C"]);
        if store.policy().header().mls {
            command.arg("-M");
        }
        command.arg("-o").arg(&base).arg(&old);
    };
    succeeded(names.run(tool("checkpolicy"), to_cil)?, "checkpolicy")?;
    let version = format.version.to_string();
    let compile = |command: &mut Command| {
        command
            .args(["-v", "-v", "-c", &version, "-f"])
            .arg(folder.join("file_contexts"))
            .arg("-o")
            .arg(&new);
        command.arg(&base).arg(&kept).args(&copies);
    };
    let lines = succeeded(names.run(tool("secilc"), compile)?, "secilc")?;
    if let Some(line) = lines.iter().find(|line| line.starts_with("Disabling optional")) {
        bail!(
            "a part of the modules cannot be resolved against this policy: {line}\nhelp: put the modules and templates that it needs on top too, each with `--with`"
        );
    }
    read_at_most(&new, u64::MAX - 1).context("secilc wrote no policy")
}

/// What a tool said that succeeded; its refusal is an error.
fn succeeded(said: Said, name: &str) -> anyhow::Result<Vec<String>> {
    if said.success {
        return Ok(said.lines);
    }
    let lines: Vec<String> = said.lines.into_iter().filter(|line| !is_progress(line)).collect();
    bail!("{name} refuses: {}", if lines.is_empty() { said.status } else { lines.join("; ") })
}

/// All attributes are to stay as they are: secilc would expand those that are small, or that nothing uses.
fn kept_attributes(store: &Store<'_>) -> String {
    let attributes = store.type_ids().filter(|id| store.is_attribute(*id) && store.type_name(*id).is_plain());
    let names: Vec<String> =
        attributes.map(|id| String::from_utf8_lossy(&store.type_name(id).bytes()).into_owned()).collect();
    if names.is_empty() {
        String::new()
    } else {
        format!("(expandtypeattribute ({}) false)\n", names.join(" "))
    }
}

/// Lines that tell how far secilc has come.
fn is_progress(line: &str) -> bool {
    const PROGRESS: [&str; 12] = [
        "Parsing ",
        "Building AST",
        "Destroying ",
        "Compiling ",
        "Resolving ",
        "Qualifying ",
        "Building policy",
        "Writing ",
        "Creating ",
        "Verifying ",
        "Post process",
        "libsepol.policydb_index",
    ];
    PROGRESS.iter().any(|begin| line.starts_with(begin))
}
