//! Instruction counts of fixed questions, which do not depend on how busy the machine is.
//!
//! `benches/instructions.txt` holds `COUNT NAME` lines. A count that is more than [`ALLOWED`] above the recorded
//! one fails; one that is as much below asks to be recorded, so that the gate follows what was gained.

use super::{decisions, in_store, policy_file};
use crate::packages::{self, COUNTING};
use crate::process::{shown, system};
use crate::{Outcome, demo, paths, policies};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

/// By how many percent a count may grow.
const ALLOWED: f64 = 3.0;

/// One counted question.
struct Question {
    name: &'static str,
    program: Program,
    policy: Counted,
    arguments: &'static [&'static str],
}

/// What is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Program {
    /// `sepolq -P POLICY ARGUMENTS`.
    Sepolq,
    /// `sepolq diff FILE POLICY ARGUMENTS`, with a file beside the counted one.
    DiffFrom(&'static str),
    /// `sepolq COMMAND MODULE ARGUMENTS`.
    OfModule(&'static str),
    /// `sepolq sesearch POLICY ARGUMENTS`.
    Sesearch,
    /// `sepolq seinfo POLICY ARGUMENTS`.
    Seinfo,
    /// `sepolq sedta -p POLICY ARGUMENTS`.
    Sedta,
    /// `sepolq sediff` from the policy at an older version to the counted one.
    Sediff,
    /// `sepolq seinfoflow -p POLICY ARGUMENTS`, with a permission map that does not depend on what is installed.
    Seinfoflow,
    /// The benchmark `narrow_queries POLICY ARGUMENTS`.
    NarrowQueries,
    /// The benchmark `decisions POLICY ARGUMENTS`.
    Decisions,
}

/// The policy of a question.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counted {
    /// `testdata/demo/demo.33`.
    Demo,
    /// `target/policies/container.33`.
    Container,
    /// `testdata/modules/boxes-2.pp`.
    Module,
}

/// A permission map that does not depend on what is installed, seen from the folder of the policies.
const MAP: &str = "../../testdata/policies/reach.perm_map";

const QUESTIONS: &[Question] = &[
    Question {
        name: "demo-narrow",
        program: Program::Sepolq,
        policy: Counted::Demo,
        arguments: &["allow", "-s", "httpd_t", "-t", "httpd_sys_content_t", "-c", "file"],
    },
    Question {
        name: "demo-all-rules",
        program: Program::Sepolq,
        policy: Counted::Demo,
        arguments: &["allow"],
    },
    Question {
        name: "container-narrow",
        program: Program::Sepolq,
        policy: Counted::Container,
        arguments: &["allow", "-s", "container_t", "-t", "container_file_t", "-c", "file"],
    },
    Question {
        name: "container-all-allow-rules",
        program: Program::Sepolq,
        policy: Counted::Container,
        arguments: &["allow"],
    },
    Question {
        name: "container-all-type-transitions",
        program: Program::Sepolq,
        policy: Counted::Container,
        arguments: &["type_transition"],
    },
    Question {
        name: "container-by-attribute",
        program: Program::Sepolq,
        policy: Counted::Container,
        arguments: &["allow", "-s", "domain", "-c", "process", "-p", "ptrace"],
    },
    Question {
        name: "container-10000-in-store",
        program: Program::NarrowQueries,
        policy: Counted::Container,
        arguments: &["10000"],
    },
    Question {
        name: "container-20000-decisions",
        program: Program::Decisions,
        policy: Counted::Container,
        arguments: &["count", "20000"],
    },
    Question {
        name: "container-can",
        program: Program::Sepolq,
        policy: Counted::Container,
        arguments: &["can", "init_t", "etc_t", "file", "read,open"],
    },
    Question {
        name: "container-who-can",
        program: Program::Sepolq,
        policy: Counted::Container,
        arguments: &["who-can", "etc_t", "file", "write"],
    },
    Question {
        name: "container-show",
        program: Program::Sepolq,
        policy: Counted::Container,
        arguments: &["show", "init_t"],
    },
    Question {
        name: "container-list-types",
        program: Program::Sepolq,
        policy: Counted::Container,
        arguments: &["list", "types", "--expand"],
    },
    Question {
        name: "container-sedta",
        program: Program::Sedta,
        policy: Counted::Container,
        arguments: &["-s", "user_t", "-t", "init_t", "-S", "--full"],
    },
    Question {
        name: "container-sediff",
        program: Program::Sediff,
        policy: Counted::Container,
        arguments: &[],
    },
    Question {
        name: "container-seinfoflow",
        program: Program::Seinfoflow,
        policy: Counted::Container,
        arguments: &["-s", "container_t", "-t", "shadow_t", "-S", "-m", MAP],
    },
    Question {
        name: "container-reach",
        program: Program::Sepolq,
        policy: Counted::Container,
        arguments: &["reach", "container_t"],
    },
    Question {
        name: "container-path",
        program: Program::Sepolq,
        policy: Counted::Container,
        arguments: &["reach", "container_t", "shadow_t"],
    },
    Question {
        name: "container-all-pairs",
        program: Program::Sepolq,
        policy: Counted::Container,
        arguments: &["reach", "--matrix", "--threads", "1"],
    },
    Question {
        name: "container-explain-mount",
        program: Program::Sepolq,
        policy: Counted::Container,
        arguments: &[
            "explain",
            "avc: denied { write } for name=x scontext=system_u:system_r:container_t:s0:c1,c2 tcontext=system_u:object_r:var_lib_t:s0 tclass=dir",
        ],
    },
    Question {
        name: "container-mount",
        program: Program::Sepolq,
        policy: Counted::Container,
        arguments: &[
            "mount",
            "--file-contexts",
            "container.contexts/file_contexts",
            "--",
            "podman",
            "run",
            "-v",
            "/srv/data:/html:Z",
            "nginx",
        ],
    },
    Question {
        name: "container-mount-of-a-service",
        program: Program::Sepolq,
        policy: Counted::Container,
        arguments: &[
            "mount",
            "--file-contexts",
            "container.contexts/file_contexts",
            "--",
            "podman",
            "run",
            "-v",
            "/srv/www:/html:Z",
            "nginx",
        ],
    },
    Question {
        name: "container-explain-boolean",
        program: Program::Sepolq,
        policy: Counted::Container,
        arguments: &[
            "explain",
            "avc: denied { name_connect } for dest=3306 scontext=system_u:system_r:httpd_t:s0 tcontext=system_u:object_r:mysqld_port_t:s0 tclass=tcp_socket",
        ],
    },
    Question {
        name: "container-info",
        program: Program::Sepolq,
        policy: Counted::Container,
        arguments: &["info"],
    },
    Question {
        name: "container-new-label",
        program: Program::Sepolq,
        policy: Counted::Container,
        arguments: &["new-label", "init_t", "httpd_exec_t", "process"],
    },
    Question {
        name: "container-context",
        program: Program::Sepolq,
        policy: Counted::Container,
        arguments: &["context", "system_u:system_r:init_t:s0"],
    },
    Question {
        name: "container-search-all-kinds",
        program: Program::Sepolq,
        policy: Counted::Container,
        arguments: &["search", "-s", "init_t"],
    },
    Question {
        name: "container-boolean-effect",
        program: Program::Sepolq,
        policy: Counted::Container,
        arguments: &["show", "httpd_can_network_connect", "--for", "httpd_t"],
    },
    Question {
        name: "container-list-portcon",
        program: Program::Sepolq,
        policy: Counted::Container,
        arguments: &["list", "portcon"],
    },
    Question {
        name: "container-label",
        program: Program::Sepolq,
        policy: Counted::Container,
        arguments: &["label", "--file-contexts", "container.contexts/file_contexts", "/srv/no-such/www"],
    },
    Question {
        name: "container-breakout",
        program: Program::Sepolq,
        policy: Counted::Container,
        arguments: &["breakout", "container_t", "spc_t"],
    },
    Question {
        name: "container-diff",
        program: Program::DiffFrom("container-less.33"),
        policy: Counted::Container,
        arguments: &[],
    },
    Question {
        name: "container-sesearch",
        program: Program::Sesearch,
        policy: Counted::Container,
        arguments: &["-A", "-s", "container_t", "-t", "container_file_t", "-c", "file"],
    },
    Question {
        name: "container-seinfo",
        program: Program::Seinfo,
        policy: Counted::Container,
        arguments: &["--all", "-x"],
    },
    Question {
        name: "modules-diff",
        program: Program::DiffFrom("boxes-1.pp"),
        policy: Counted::Module,
        arguments: &["--no-base"],
    },
    Question {
        name: "modules-show",
        program: Program::OfModule("show"),
        policy: Counted::Module,
        arguments: &[],
    },
    Question {
        name: "modules-list",
        program: Program::OfModule("modules"),
        policy: Counted::Module,
        arguments: &[],
    },
];

pub(super) fn run(record: bool) -> Outcome {
    let mut left_out = packages::ensure(&[COUNTING]);
    if left_out.is_empty() {
        left_out = policies::build_all(policies::Extent::Usual)?;
    }
    let has_container = policy_file("container").is_file();
    packages::settle(&left_out)?;
    if !crate::process::is_installed("valgrind") {
        return Ok(());
    }
    demo::build_program()?;
    let mut counts = BTreeMap::new();
    for question in QUESTIONS.iter().filter(|question| has_container || question.policy != Counted::Container)
    {
        counts.insert(question.name, question.count()?);
    }
    let file = paths::repository().join("benches/instructions.txt");
    if record {
        return std::fs::write(&file, text(&counts))
            .map_err(|error| format!("cannot write {}: {error}", file.display()));
    }
    let recorded = std::fs::read_to_string(&file).map_err(|error| {
        format!(
            "cannot read {}: {error}\nhelp: `cargo xtask bench --gate --record` writes it",
            file.display()
        )
    })?;
    judge(&counts, &parse(&recorded))
}

impl Question {
    fn policy_file(&self) -> PathBuf {
        match self.policy {
            Counted::Demo => paths::repository().join("testdata/demo/demo.33"),
            Counted::Container => policy_file("container"),
            Counted::Module => paths::repository().join("testdata/modules/boxes-2.pp"),
        }
    }

    /// Runs the question once under callgrind.
    ///
    /// # Errors
    /// When valgrind fails, or the program finds nothing.
    fn count(&self) -> Result<u64, String> {
        let file = self.policy_file();
        let folder = file.parent().unwrap_or(&file);
        let name = file.file_name().unwrap_or_default();
        let beside;
        let (program, options): (_, &[&str]) = match self.program {
            Program::Sepolq => (paths::release_program(), &["-P"]),
            Program::DiffFrom(old) => {
                beside = ["diff", old];
                (paths::release_program(), &beside)
            }
            Program::OfModule(command) => {
                beside = [command, "--color=never"];
                (paths::release_program(), &beside)
            }
            Program::Sesearch => (paths::release_program(), &["sesearch"]),
            Program::Seinfo => (paths::release_program(), &["seinfo"]),
            Program::Sediff => (paths::release_program(), &["sediff", "container.28"]),
            Program::Sedta => (paths::release_program(), &["sedta", "-p"]),
            Program::Seinfoflow => (paths::release_program(), &["seinfoflow", "-p"]),
            Program::NarrowQueries => (in_store::build()?, &[]),
            Program::Decisions => (decisions::build_ours()?, &[]),
        };
        let mut command: Command = system("valgrind");
        // A bare file name and an empty environment: the length of neither is counted.
        command
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(program)
            .args(options)
            .arg(name)
            .args(self.arguments)
            .current_dir(folder)
            .env_clear()
            .env("LC_ALL", "C")
            .stdin(std::process::Stdio::null());
        let output = command.output().map_err(|error| format!("cannot run {}: {error}", shown(&command)))?;
        let said = String::from_utf8_lossy(&output.stderr);
        let collected = said.lines().find_map(|line| line.split_once("Collected :"));
        match collected.and_then(|(_, count)| count.trim().parse().ok()) {
            // Status 1 says that two policies differ, or that something is open.
            Some(count) if matches!(output.status.code(), Some(0 | 1)) && !output.stdout.is_empty() => {
                Ok(count)
            }
            _ => Err(format!("{} counted nothing or found nothing:\n{}", shown(&command), said.trim_end())),
        }
    }
}

fn text(counts: &BTreeMap<&str, u64>) -> String {
    let mut text = String::from(
        "# Instructions of fixed questions, counted by valgrind's callgrind on the release build.\n\
         # `cargo xtask bench --gate` allows 3 % more; `cargo xtask bench --gate --record` rewrites this file.\n",
    );
    for (name, count) in counts {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{count:>12} {name}");
    }
    text
}

fn parse(text: &str) -> BTreeMap<&str, u64> {
    let line = |line: &'_ str| line.trim().split_once(' ').and_then(|(count, _)| count.parse().ok());
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|words| Some((words.split_whitespace().nth(1)?, line(words)?)))
        .collect()
}

/// Compares counts with the recorded ones and prints each.
fn judge(counts: &BTreeMap<&str, u64>, recorded: &BTreeMap<&str, u64>) -> Outcome {
    let mut worse = Vec::new();
    for (name, count) in counts {
        let Some(before) = recorded.get(name) else {
            worse.push(format!("{name} is not recorded"));
            continue;
        };
        let change = (*count as f64 - *before as f64) * 100.0 / (*before as f64).max(1.0);
        println!("{count:>12} {name} ({:+.2} %)", change);
        if change > ALLOWED {
            worse
                .push(format!("{name} takes {count} instructions, recorded are {before} ({:+.1} %)", change));
        } else if change < -ALLOWED {
            println!("{:>12} less than recorded: `cargo xtask bench --gate --record` keeps the gain", "");
        }
    }
    if worse.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{}\nhelp: find out why; if it is worth it, `cargo xtask bench --gate --record` accepts it (another compiler \
         counts otherwise, too)",
        worse.join("\n")
    ))
}

#[cfg(test)]
mod tests {
    use super::{judge, parse, text};
    use std::collections::BTreeMap;

    #[test]
    fn counts_survive_writing_and_growth_is_refused() {
        let recorded = BTreeMap::from([("narrow", 1000), ("wide", 123_456_789)]);
        assert_eq!(parse(&text(&recorded)), recorded);
        assert!(judge(&BTreeMap::from([("narrow", 1030)]), &recorded).is_ok());
        assert!(judge(&BTreeMap::from([("narrow", 1031)]), &recorded).is_err());
        assert!(judge(&BTreeMap::from([("narrow", 10)]), &recorded).is_ok());
        assert!(judge(&BTreeMap::from([("new", 1)]), &recorded).is_err());
    }
}
