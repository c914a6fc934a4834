//! A mount before it is used, cold, and look-ups in file contexts once they are loaded.

use super::timing::alone;
use crate::paths;
use crate::process::{capture, cargo, run};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Look-ups of which the rate is taken.
const LOOK_UPS: &str = "200000";

/// Builds the program that looks up, with optimisation, and says where it is.
pub(super) fn build() -> Result<PathBuf, String> {
    run(cargo().args(["build", "--quiet", "--release", "--package", "labels", "--example", "look_ups"]))?;
    Ok(paths::target().join("release/examples/look_ups"))
}

/// A sentence with the figures on one policy.
pub(super) fn measure(program: &Path, policy: &Path) -> Result<String, String> {
    println!("measuring: mounts and look-ups on {}", policy.display());
    let contexts = policy.with_extension("contexts").join("file_contexts");
    let mut command = Command::new(paths::release_program());
    command.arg("-P").arg(policy).args(["label", "--file-contexts"]).arg(&contexts).arg("/srv/www");
    let label = alone(command, 31)?.median().as_secs_f64() * 1e3;
    let mut mount = String::new();
    if policy.file_stem().is_some_and(|name| name == "container") {
        let mut command = Command::new(paths::release_program());
        command.arg("-P").arg(policy).args(["mount", "--file-contexts"]).arg(&contexts);
        command.args(["--", "podman", "run", "-v", "/srv/data:/html:Z", "nginx"]);
        let times = alone(command, 31)?;
        let (median, least) = (times.median().as_secs_f64() * 1e3, times.least().as_secs_f64() * 1e3);
        mount = format!("A cold `sepolq mount` takes {median:.1} ms (least {least:.1} ms). ");
    }
    let printed = capture(Command::new(program).arg(&contexts).arg(LOOK_UPS))?;
    let numbers: Option<Vec<f64>> = printed.lines().map(|line| line.parse().ok()).collect();
    let Some(&[load, _, look_ups]) = numbers.as_deref() else {
        return Err(format!("{} printed no times", program.display()));
    };
    let per_second = LOOK_UPS.parse::<f64>().unwrap_or_default() / (look_ups / 1e9);
    Ok(format!(
        "{mount}A cold `sepolq label` takes {label:.1} ms. File contexts load in {:.1} ms; then one core looks up \
         {per_second:.0} paths a second.",
        load / 1e6
    ))
}
