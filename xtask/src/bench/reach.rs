//! What is reached, cold: directly, by a path, from each type to each; and how the time grows with the policy.

use super::timing::{alone, in_turn, peak_memory};
use crate::paths;
use crate::process::{run, system};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

/// Types of the smaller generated policy; the other has twice as many, and twice the rules.
const TYPES: usize = 2_000;

/// A sentence with the figures on one policy.
pub(super) fn measure(policy: &Path) -> Result<String, String> {
    println!("measuring: what is reached on {}", policy.display());
    // A domain of that policy.
    let domain =
        if policy.file_stem().is_some_and(|name| name == "container") { "container_t" } else { "httpd_t" };
    let ask = |words: &[&str]| {
        let mut command = Command::new(paths::release_program());
        command.arg("-P").arg(policy).arg("reach").args(words);
        command
    };
    let of = |words: &[&str]| Ok::<f64, String>(alone(ask(words), 21)?.median().as_secs_f64() * 1e3);
    let (direct, path) = (of(&[domain])?, of(&[domain, "shadow_t"])?);
    let memory = peak_memory(&ask(&[domain, "shadow_t"]))? as f64 * 1024.0 / 1e6;
    let mut both = [ask(&["--matrix", "--threads", "1"]), ask(&["--matrix", "--threads", "2"])];
    let times = in_turn(&mut both, 9)?;
    let [one, two] = times.as_slice() else { return Err("no times of all pairs".to_owned()) };
    let (one, two) = (one.median().as_secs_f64() * 1e3, two.median().as_secs_f64() * 1e3);
    Ok(format!(
        "What {domain} reaches takes {direct:.1} ms cold; its shortest paths to shadow_t, of each sort, {path:.1} ms and {memory:.1} MB; \
         all pairs of all types {two:.0} ms on two threads, {one:.0} ms on one ({:.2}).",
        two / one
    ))
}

/// A sentence on how the time grows with the policy.
pub(super) fn growth() -> Result<String, String> {
    println!("measuring: what is reached on a policy and on one of twice its size");
    let folder = paths::target().join("bench");
    std::fs::create_dir_all(&folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
    let mut commands = Vec::new();
    for n_types in [TYPES, 2 * TYPES] {
        let (text, binary) = (folder.join(format!("{n_types}.conf")), folder.join(format!("{n_types}.33")));
        std::fs::write(&text, generated(n_types))
            .map_err(|error| format!("cannot write {}: {error}", text.display()))?;
        run(system("checkpolicy").args(["-c", "33", "-o"]).arg(&binary).arg(&text))?;
        let mut command = Command::new(paths::release_program());
        command.arg("-P").arg(&binary).args(["reach", "x0", &format!("x{}", n_types - 1)]);
        commands.push(command);
    }
    let times = in_turn(&mut commands, 15)?;
    let [once, twice] = times.as_slice() else { return Err("no times of growth".to_owned()) };
    let (once, twice) = (once.median().as_secs_f64() * 1e3, twice.median().as_secs_f64() * 1e3);
    Ok(format!(
        "A path takes {once:.1} ms on a generated policy of {TYPES} types and {} rules, {twice:.1} ms on one of twice the size ({:.2}).",
        TYPES * 12,
        twice / once
    ))
}

/// A policy of so many types (`t1` and its like are words of constraints), an attribute for each hundred of them and twelve rules a type, always the same.
fn generated(n_types: usize) -> String {
    let n_attributes = n_types / 100;
    let mut text = String::from(
        "class process\nclass file\nsid kernel\nclass process { transition signal ptrace setexec }\n\
         class file { read write execute entrypoint open }\n",
    );
    // Writing to a string does not fail.
    for attribute in 0..n_attributes {
        let _ = writeln!(text, "attribute a{attribute};");
    }
    text.push_str("role system_r;\n");
    for id in 0..n_types {
        let (one, other) = (id / 100, id % n_attributes);
        let second = if one == other { String::new() } else { format!(", a{other}") };
        let _ = writeln!(text, "type x{id}, a{one}{second};\nrole system_r types x{id};");
    }
    let mut seed = 1u64;
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap_or_default() % below
    };
    for rule in 0..n_types * 12 {
        let source = format!("x{}", next(n_types));
        let target =
            if rule % 20 == 0 { format!("a{}", next(n_attributes)) } else { format!("x{}", next(n_types)) };
        let access = ["file { read open }", "file write", "process signal", "file { execute open }"][next(4)];
        let _ = writeln!(text, "allow {source} {target}:{access};");
    }
    text.push_str("user system_u roles system_r;\nsid kernel system_u:system_r:x0\n");
    text
}
