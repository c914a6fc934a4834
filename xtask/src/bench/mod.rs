//! `cargo xtask bench`: sepolq beside the reference tools, measured in one run, with equal answers checked.
//!
//! | file | what it does |
//! |---|---|
//! | `timing.rs` | runs commands in turn and takes medians |
//! | `queries.rs` | whole processes: sepolq, SETools' programs, cat, sha256sum |
//! | `loading.rs` | loading a policy in process: policydb and libsepol |
//! | `decisions.rs` | access decisions in process: analysis and libsepol |
//! | `in_store.rs` | narrow queries to a store that stays loaded |
//! | `reach.rs` | what is reached: directly, by a path, from each to each |
//! | `mounts.rs` | a mount before it is used, and look-ups in file contexts |
//! | `report.rs` | the table, and what it says about the machine and the versions |
//! | `readme.rs` | the table in the README, out of the report |
//! | `gate.rs` | instruction counts against the recorded ones |

mod decisions;
mod gate;
mod in_store;
mod loading;
mod mounts;
mod queries;
mod reach;
mod readme;
mod report;
mod timing;

use crate::{Outcome, demo, only_known, packages, paths, policies};
use std::path::{Path, PathBuf};

pub(crate) const HELP: &str = "
    cargo xtask bench [--record]
        measures narrow queries, all allow rules, all type transitions, all declarations and loading, in turn with
        sesearch, seinfo, sediff, sedta, seinfoflow, cat, sha256sum and libsepol, on Debian's default policy and the container policy (about
        twelve minutes), and
        prints ratios; with --record writes them to benches/RESULTS.md, and the README's table.
    cargo xtask bench --gate [--record]
        counts the instructions of fixed questions with valgrind and fails if one is more than 3 % above
        benches/instructions.txt; with --record rewrites that file.";

/// A policy that is measured, and the questions that name types of it.
struct Measured {
    policy: &'static str,
    narrow: &'static [&'static str],
    shortest_flow: &'static [&'static str],
    /// The file of the policy that it is compared with.
    other: &'static str,
}

const MEASURED: &[Measured] = &[
    Measured {
        policy: "default",
        narrow: &["--allow", "-s", "httpd_t", "-t", "httpd_sys_content_t", "-c", "file"],
        shortest_flow: &["-s", "httpd_t", "-t", "shadow_t", "-S"],
        other: "mls.33",
    },
    Measured {
        policy: "container",
        narrow: &["--allow", "-s", "container_t", "-t", "container_file_t", "-c", "file"],
        shortest_flow: &["-s", "container_t", "-t", "shadow_t", "-S"],
        other: "container-less.33",
    },
];

pub(crate) fn run(args: &[String]) -> Outcome {
    only_known(args, &["--gate", "--record"])?;
    let has = |option: &str| args.iter().any(|arg| arg == option);
    if has("--gate") { gate::run(has("--record")) } else { measure(has("--record")) }
}

fn measure(record: bool) -> Outcome {
    let mut left_out = packages::ensure(&[packages::REFERENCE, packages::BENCH]);
    left_out.extend(policies::build_all(policies::Extent::Usual)?);
    packages::settle(&left_out)?;
    if !left_out.is_empty() {
        return Err("there is nothing to measure beside; the lines above say why".into());
    }
    demo::build_program()?;
    let loaders = loading::Loaders::build()?;
    let asker = in_store::build()?;
    let look_ups = mounts::build()?;
    let deciders = decisions::Deciders::build()?;
    let mut tables = Vec::new();
    for Measured { policy, narrow, shortest_flow, other } in MEASURED {
        let file = policy_file(policy);
        let mut rows = queries::measure(&file, narrow, shortest_flow, &paths::policies().join(other))?;
        rows.push(loaders.measure(&file)?);
        let (row, decisions) = deciders.measure(&file)?;
        rows.push(row);
        let mut notes = vec![in_store::measure(&asker, &file)?, decisions];
        notes.extend([mounts::measure(&look_ups, &file)?, reach::measure(&file)?]);
        if *policy == "container" {
            notes.push(reach::growth()?);
        }
        tables.push(report::Table { policy: (*policy).to_owned(), file, rows, notes });
    }
    let text = report::text(&tables)?;
    println!("{text}");
    if record {
        let file = paths::repository().join("benches/RESULTS.md");
        let write = |file: &Path, text: &str| {
            std::fs::write(file, text).map_err(|error| format!("cannot write {}: {error}", file.display()))
        };
        write(&file, &text)?;
        let file = paths::repository().join("README.md");
        let readme = std::fs::read_to_string(&file)
            .map_err(|error| format!("cannot read {}: {error}", file.display()))?;
        write(&file, &readme::with_table(&readme, &text)?)?;
    }
    Ok(())
}

fn policy_file(name: &str) -> PathBuf {
    paths::policies().join(format!("{name}.33"))
}
