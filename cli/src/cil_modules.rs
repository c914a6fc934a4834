//! Modules in CIL on top of a binary policy: `checkpolicy` writes the policy as CIL, and `secilc` puts all of it together.
//!
//! Everything happens in a private temporary folder, which is removed. What secilc cannot resolve is an error in its own words; so
//! is an optional block that it would leave out, because the answer would be a smaller one than was asked for.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, bail};
use policydb::{Name, Platform, Policy};

/// The bytes of a policy with modules on top of it.
///
/// # Errors
/// A tool is missing, or refuses.
pub(crate) fn on_top_of(policy: &Policy<'_>, bytes: &[u8], modules: &[PathBuf]) -> anyhow::Result<Vec<u8>> {
    if policy.format().platform == Platform::Xen {
        bail!("modules can be put on policies for SELinux only, and this one is for Xen");
    }
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let path = |name: &str| folder.path().join(name);
    let copies = modules
        .iter()
        .enumerate()
        .map(|(at, module)| {
            // A copy, so that the name is no option, and a pipe is read once.
            let shown = Name::new(module.as_os_str().as_encoded_bytes());
            let text = fs::read(module).with_context(|| format!("cannot read the module `{shown}`"))?;
            let copy = path(&format!("module{at}.cil"));
            fs::write(&copy, text).context("cannot write to the temporary folder")?;
            Ok(copy)
        })
        .collect::<anyhow::Result<Vec<PathBuf>>>()?;
    let (old, base, new) = (path("policy"), path("base.cil"), path("new"));
    fs::write(&old, bytes).context("cannot write to the temporary folder")?;
    let mut to_cil = Command::new("checkpolicy");
    to_cil.args(["-b", "-C"]);
    if policy.header().mls {
        to_cil.arg("-M");
    }
    run(to_cil.arg("-o").arg(&base).arg(&old), "checkpolicy", modules)?;
    let version = policy.format().version.to_string();
    let mut compile = Command::new("secilc");
    compile
        .args(["-v", "-v", "-c", &version, "-f"])
        .arg(path("file_contexts"))
        .arg("-o")
        .arg(&new)
        .arg(&base);
    let output = run(compile.args(&copies), "secilc", modules)?;
    let words = said(&output, &copies, modules);
    if let Some(line) = words.lines().find(|line| line.contains("Disabling optional")) {
        bail!(
            "a part of the modules cannot be resolved against this policy: {}\nhelp: put the modules and templates that it needs on top too: --with MODULE,TEMPLATE",
            line.trim()
        );
    }
    fs::read(&new).context("secilc wrote no policy")
}

/// Runs a tool.
fn run(command: &mut Command, name: &str, modules: &[PathBuf]) -> anyhow::Result<Output> {
    command.env("LC_ALL", "C").stdin(std::process::Stdio::null());
    let output = match command.output() {
        Ok(output) => output,
        Err(error) if error.kind() == io::ErrorKind::NotFound => bail!(
            "`--with` needs {name}, which is not installed\nhelp: `apt-get install checkpolicy secilc`, or `dnf install checkpolicy secilc`"
        ),
        Err(error) => return Err(error).with_context(|| format!("cannot run {name}")),
    };
    if output.status.success() {
        return Ok(output);
    }
    let arguments: Vec<&OsStr> = command.get_args().collect();
    let copies: Vec<PathBuf> = arguments
        .iter()
        .map(Path::new)
        .filter(|path| path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"module")))
        .map(Path::to_path_buf)
        .collect();
    let words = said(&output, &copies, modules);
    let lines: Vec<&str> = words.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    bail!("{name} refuses: {}", lines.join("; "))
}

/// What a tool said, with the names of the user's files, and what a terminal would obey shown as text.
fn said(output: &Output, copies: &[PathBuf], modules: &[PathBuf]) -> String {
    let mut words = String::from_utf8_lossy(&output.stderr).into_owned();
    for (copy, module) in copies.iter().zip(modules) {
        words = words.replace(&*copy.to_string_lossy(), &module.to_string_lossy());
    }
    let lines = words.lines().map(|line| Name::new(line.as_bytes()).to_string());
    lines.collect::<Vec<String>>().join("\n")
}
