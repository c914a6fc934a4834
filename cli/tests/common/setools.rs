//! Comparing sepolq, in the place of a SETools program, with that program: recorded answers and fresh ones.

use std::time::{SystemTime, UNIX_EPOCH};
use testkit::compare::{Subject, in_threads, report};
use testkit::driver::words;
use testkit::generated;
use testkit::policies::{Policy, REAL};
use testkit::questions::Generator;
use testkit::random::Random;
use testkit::records::{POLICY, Records};
use testkit::reference::{Reference, Tool};
use testkit::{Error, leave_out};

/// The program in the place of a tool.
fn subject(tool: Tool) -> Subject {
    Subject::new(env!("CARGO_BIN_EXE_sepolq"), tool)
}

/// Replays the records of one policy, which must be so many.
pub(crate) fn replay(tool: Tool, policy: &Policy, at_least: usize) -> Result<(), Error> {
    let name = policy.name;
    let records = match Records::read(tool, policy) {
        Ok(records) => records.records,
        // What is not on this machine can be left out; what is wrong in the repository cannot.
        Err(missing @ (Error::NoPolicy { .. } | Error::OtherPolicy { .. })) => {
            leave_out(&missing);
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    assert!(records.len() >= at_least, "only {} questions are recorded for {name}", records.len());
    let differences = subject(tool).replay(policy, &records)?;
    assert!(differences.is_empty(), "{name}: {}", report(tool, records.len(), &differences));
    Ok(())
}

/// Replays the records of the policy of this name, over a thousand.
pub(crate) fn replay_named(tool: Tool, name: &str) -> Result<(), Error> {
    let policy = tool.policies().0.iter().find(|policy| policy.name == name);
    replay(tool, policy.expect("the policy has records"), 1000)
}

/// The seed of the day, or the one that `SEPOLQ_SEED` gives.
pub(crate) fn seed() -> u64 {
    let today = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs() / 86_400);
    std::env::var("SEPOLQ_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(today)
}

/// Asks the installed tool and ours so many fresh questions about each policy, each of them in a process of its own.
pub(crate) fn ask_fresh(tool: Tool, policies: &[Policy], count: usize) -> Result<(), Error> {
    let Some(reference) = Reference::find(tool).inspect_err(leave_out).ok() else { return Ok(()) };
    let seed = seed();
    let mut reports = Vec::new();
    for policy in policies {
        let words = match words(tool, policy) {
            Ok(words) => words,
            Err(missing @ Error::NoPolicy { .. }) => {
                leave_out(&missing);
                continue;
            }
            Err(error) => return Err(error),
        };
        let mut generator = Generator::new(seed, &words);
        let questions: Vec<_> = (0..count).map(|_| generator.question()).collect();
        let differences = subject(tool).ask_beside(&reference, policy, &questions)?;
        if !differences.is_empty() {
            reports.push(format!("{}: {}", policy.name, report(tool, questions.len(), &differences)));
        }
    }
    assert!(reports.is_empty(), "with SEPOLQ_SEED={seed}:\n{}", reports.join("\n"));
    Ok(())
}

/// Asks the installed tool and ours some questions about a real policy, each of them in a process of its own.
pub(crate) fn ask_about_real(tool: Tool, policy: &str, questions: &[&[&str]]) -> Result<(), Error> {
    let Some(reference) = Reference::find(tool).inspect_err(leave_out).ok() else { return Ok(()) };
    let policy = REAL.iter().find(|real| real.name == policy).expect("a real policy");
    if let Err(missing) = policy.sha256() {
        leave_out(&missing);
        return Ok(());
    }
    let words = |question: &&[&str]| {
        let given = question.iter().map(|word| (*word).to_owned());
        given.chain(["-p".to_owned(), POLICY.to_owned()]).collect::<Vec<String>>()
    };
    let questions: Vec<_> = questions.iter().map(words).collect();
    let differences = subject(tool).ask_beside(&reference, policy, &questions)?;
    assert!(differences.is_empty(), "{}", report(tool, questions.len(), &differences));
    Ok(())
}

/// Asks the installed tool, in one process for each policy, and ours so many fresh questions about each of some generated
/// policies in which there are paths.
pub(crate) fn ask_fresh_about_generated(tool: Tool, n_policies: u64, count: usize) -> Result<(), Error> {
    let Some(reference) = Reference::find(tool).inspect_err(leave_out).ok() else { return Ok(()) };
    if generated::compiler_is_missing() {
        leave_out(&Error::Reference("checkpolicy is not installed".to_owned()));
        return Ok(());
    }
    let seed = seed();
    let seeds: Vec<u64> = (0..n_policies).map(|place| seed * n_policies + place).collect();
    let reports = in_threads(&seeds, |&seed| {
        let folder = tempfile::tempdir().expect("a temporary directory");
        generated::compile(&generated::reach_text(&mut Random::new(seed)), folder.path())?;
        let policy = Policy::generated_in(folder.path());
        let words = words(tool, &policy)?;
        let mut generator = Generator::new(seed, &words);
        let questions: Vec<_> = (0..count).map(|_| generator.question()).collect();
        let differences = subject(tool).ask_beside_driver(&reference, &policy, &questions)?;
        let differ = format!("policy {seed}: {}", report(tool, questions.len(), &differences));
        Ok((!differences.is_empty()).then_some(differ))
    })?;
    let reports: Vec<String> = reports.into_iter().flatten().collect();
    assert!(reports.is_empty(), "with SEPOLQ_SEED={seed}:\n{}", reports.join("\n"));
    Ok(())
}

/// The same about versions of one policy, with the words of the last, and the tool's answers from one process each.
pub(crate) fn ask_fresh_about_versions(tool: Tool, versions: &[Policy], count: usize) -> Result<(), Error> {
    let Some(reference) = Reference::find(tool).inspect_err(leave_out).ok() else { return Ok(()) };
    let seed = seed();
    // All versions of the policy have the names of the newest; what it alone has is asked of the others, too.
    let newest = versions.last().expect("older versions");
    let words = match words(tool, newest) {
        Ok(words) => words,
        Err(missing @ Error::NoPolicy { .. }) => {
            leave_out(&missing);
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let reports = in_threads(versions, |policy| {
        if let Err(missing) = policy.sha256() {
            leave_out(&missing);
            return Ok(None);
        }
        let place = versions.iter().position(|older| older == policy).unwrap_or_default();
        let mut generator = Generator::new(seed + 1 + place as u64, &words);
        let questions: Vec<_> = (0..count).map(|_| generator.question()).collect();
        let differences = subject(tool).ask_beside_driver(&reference, policy, &questions)?;
        let differ = format!("{}: {}", policy.name, report(tool, questions.len(), &differences));
        Ok((!differences.is_empty()).then_some(differ))
    })?;
    let reports: Vec<String> = reports.into_iter().flatten().collect();
    assert!(reports.is_empty(), "with SEPOLQ_SEED={seed}:\n{}", reports.join("\n"));
    Ok(())
}
