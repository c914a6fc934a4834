//! Whole processes: the same question to a drop-in and to the SETools program that it stands for, beside `cat` and `sha256sum` of the
//! policy, which bound what any program that reads the file could do.

use super::report::{Row, Side};
use super::timing::{alone, in_turn, peak_memory};
use crate::paths;
use crate::process::{shown, system};
use std::path::Path;
use std::process::Command;

/// Rounds of quick commands, and of those that take seconds.
const MANY: usize = 101;
const FEW: usize = 5;

/// All rows about one policy.
pub(super) fn measure(
    file: &Path,
    narrow: &[&str],
    shortest_flow: &[&str],
    other: &Path,
) -> Result<Vec<Row>, String> {
    let mut rows = vec![beside(&SESEARCH, "narrow allow query, cold process", file, narrow)?];
    rows.extend(beside_reading(file, narrow)?);
    rows.push(beside(&SESEARCH, "all allow rules", file, &["--allow"])?);
    rows.push(beside(&SESEARCH, "all type transitions", file, &["-T"])?);
    rows.push(beside(&SEINFO, "everything that is declared", file, &["--all", "-x"])?);
    rows.push(beside(&SEDTA, "one domain transition path", file, &["-s", "user_t", "-t", "init_t", "-S"])?);
    rows.push(beside(&SEINFOFLOW, "shortest information flows", file, shortest_flow)?);
    let name = other.file_name().unwrap_or_default().to_string_lossy();
    let what = format!("complete diff from {name}");
    rows.push(beside(&SEDIFF, &what, file, &[&other.to_string_lossy()])?);
    rows.push(beside_audit2why(file)?);
    Ok(rows)
}

/// One denial explained, beside audit2why's own module, which is asked for its one cause and nothing else.
fn beside_audit2why(file: &Path) -> Result<Row, String> {
    const SOURCE: &str = "system_u:system_r:httpd_t:s0";
    const TARGET: &str = "system_u:object_r:mysqld_port_t:s0";
    println!("measuring: explaining a denial on {}", file.display());
    let mut ours = Command::new(paths::release_program());
    ours.arg("-P").arg(file).arg("explain").arg(format!(
        "avc: denied {{ name_connect }} for dest=3306 scontext={SOURCE} tcontext={TARGET} tclass=tcp_socket"
    ));
    let driver = paths::repository().join("crates/testkit/driver/audit2why_driver.py");
    let mut theirs = system("sh");
    theirs.args(["-c", "printf '%s\\n' \"$3\" | /usr/bin/python3 \"$1\" \"$2\"", "sh"]);
    theirs.arg(driver).arg(file);
    theirs.arg(format!("[\"{SOURCE}\", \"{TARGET}\", \"tcp_socket\", [\"name_connect\"]]"));
    for command in [&mut ours, &mut theirs] {
        let output = command.output().map_err(|error| format!("cannot run {}: {error}", shown(command)))?;
        if !String::from_utf8_lossy(&output.stdout).contains("httpd_can_network_connect_db") {
            return Err(format!("{} does not name the boolean", shown(command)));
        }
    }
    let (our_memory, their_memory) = (peak_memory(&ours)?, peak_memory(&theirs)?);
    Ok(Row {
        work: "one denial explained, cold process".into(),
        ours: Side::new("sepolq", alone(ours, MANY)?, Some(our_memory)),
        theirs: Side::new("audit2why", alone(theirs, FEW)?, Some(their_memory)),
    })
}

/// A program of SETools.
struct Reference {
    name: &'static str,
    /// The form in which answers are compared.
    normal: fn(Vec<u8>) -> Vec<u8>,
    /// What stands before the policy.
    policy: &'static [&'static str],
    /// How often it is asked.
    rounds: usize,
}

const SESEARCH: Reference = Reference { name: "sesearch", normal: |answer| answer, policy: &[], rounds: FEW };

const SEDTA: Reference = Reference { name: "sedta", normal: |answer| answer, policy: &["-p"], rounds: FEW };

/// It takes half a minute and more.
const SEINFOFLOW: Reference = Reference { name: "seinfoflow", policy: &["-p"], rounds: 1, ..SEDTA };

/// It prints permissions and sets of names in random order, and takes half a minute.
const SEDIFF: Reference = Reference { name: "sediff", rounds: 1, ..SEINFO };

/// It prints the sets of names in constraints in an order that differs from run to run.
const SEINFO: Reference = Reference {
    name: "seinfo",
    normal: |answer| {
        let mut lines: Vec<Vec<&[u8]>> = answer
            .split(|byte| *byte == b'\n')
            .map(|line| line.split(|byte| *byte == b' ').collect())
            .collect();
        lines.iter_mut().for_each(|words| words.sort_unstable());
        lines.sort_unstable();
        lines.into_iter().flat_map(|words| [words.join(&b' '), b"\n".to_vec()].concat()).collect()
    },
    policy: &[],
    rounds: FEW,
};

/// One question to both programs; their answers must be equal, and not empty.
fn beside(reference: &Reference, name: &str, file: &Path, question: &[&str]) -> Result<Row, String> {
    println!("measuring: {name} on {}", file.display());
    let mut ours = sepolq(reference, file, question);
    let mut theirs = system(reference.name);
    // With some orders of names sediff takes equal constraints for different ones; not with this.
    theirs.args(question).args(reference.policy).arg(file).env("PYTHONHASHSEED", "0");
    let lines = equal_answers(&mut ours, &mut theirs, reference.normal)?;
    // Not in turn: between two of ours, the other would keep the machine busy for a second.
    let (our_memory, their_memory) = (peak_memory(&ours)?, peak_memory(&theirs)?);
    let our_times = alone(ours, MANY)?;
    let their_times = alone(theirs, reference.rounds)?;
    Ok(Row {
        work: format!("{name} ({lines} lines)"),
        ours: Side::new("sepolq", our_times, Some(our_memory)),
        theirs: Side::new(reference.name, their_times, Some(their_memory)),
    })
}

/// The narrow question in turn with reading the file, hashing it, and starting a process that does nothing.
fn beside_reading(file: &Path, narrow: &[&str]) -> Result<Vec<Row>, String> {
    let with_file = |name: &str| {
        let mut command = system(name);
        command.arg(file);
        command
    };
    let mut commands =
        [sepolq(&SESEARCH, file, narrow), with_file("cat"), with_file("sha256sum"), system("true")];
    let mut times = in_turn(&mut commands, MANY)?.into_iter();
    let Some(ours) = times.next() else { return Ok(Vec::new()) };
    let names = ["`cat FILE`", "`sha256sum FILE`", "`true`"];
    let rows = names.into_iter().zip(times).map(|(name, theirs)| Row {
        work: "narrow allow query, cold process".into(),
        ours: Side::new("sepolq", ours.clone(), None),
        theirs: Side::new(name, theirs, None),
    });
    Ok(rows.collect())
}

fn sepolq(drop_in: &Reference, file: &Path, question: &[&str]) -> Command {
    let mut command = Command::new(paths::release_program());
    command.arg(drop_in.name).args(question).args(drop_in.policy).arg(file);
    command
}

/// Runs both, compares their bytes in normal form, and returns how many lines they printed.
fn equal_answers(
    ours: &mut Command,
    theirs: &mut Command,
    normal: fn(Vec<u8>) -> Vec<u8>,
) -> Result<usize, String> {
    let answer = |command: &mut Command| {
        let output = command.output().map_err(|error| format!("cannot run {}: {error}", shown(command)))?;
        let failed = !output.status.success() || output.stdout.is_empty();
        if failed { Err(format!("{} has no answer", shown(command))) } else { Ok(output.stdout) }
    };
    let (found, expected) = (normal(answer(ours)?), normal(answer(theirs)?));
    if found != expected {
        return Err(format!(
            "{} and {} answer differently, so no times are compared",
            shown(ours),
            shown(theirs)
        ));
    }
    Ok(found.iter().filter(|byte| **byte == b'\n').count())
}
