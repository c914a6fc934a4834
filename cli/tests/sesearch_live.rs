//! Fresh random questions to the installed sesearch and to `sepolq sesearch`: equal bytes.
//!
//! Each day has its own questions; `SEPOLQ_SEED` asks those of another day again. `cargo xtask oracle` asks more.

use std::time::{SystemTime, UNIX_EPOCH};
use testkit::compare::{Subject, in_threads, report};
use testkit::driver::vocabulary;
use testkit::policies;
use testkit::questions::Questions;
use testkit::reference::Sesearch;
use testkit::vocabulary::Vocabulary;
use testkit::{Error, leave_out};

/// Questions about each of the four policies of version 33.
const QUESTIONS: usize = 25;
/// Questions about each older version of one of them.
const QUESTIONS_OF_OLDER: usize = 8;

/// The sesearch to compare with, if this machine has it.
fn reference() -> Option<Sesearch> {
    Sesearch::find().inspect_err(leave_out).ok()
}

/// The words of a policy, if it has been built.
fn words(policy: &policies::Policy) -> Result<Option<Vocabulary>, Error> {
    match vocabulary(policy) {
        Ok(words) => Ok(Some(words)),
        Err(missing @ Error::NoPolicy { .. }) => {
            leave_out(&missing);
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn seed() -> u64 {
    let today = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs() / 86_400);
    std::env::var("SEPOLQ_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(today)
}

#[test]
fn fresh_questions_have_sesearch_s_answers() -> Result<(), Error> {
    let Some(sesearch) = reference() else { return Ok(()) };
    let subject = Subject::new(env!("CARGO_BIN_EXE_sepolq"));
    let seed = seed();
    let mut reports = Vec::new();
    for policy in policies::ALL {
        let Some(words) = words(policy)? else { continue };
        let mut generator = Questions::new(seed, &words);
        let questions: Vec<_> = (0..QUESTIONS).map(|_| generator.question()).collect();
        let differences = subject.ask_beside(&sesearch, policy, &questions)?;
        if !differences.is_empty() {
            reports.push(format!("{}: {}", policy.name, report(questions.len(), &differences)));
        }
    }
    assert!(reports.is_empty(), "with SEPOLQ_SEED={seed}:\n{}", reports.join("\n"));
    Ok(())
}

#[test]
fn so_have_fresh_questions_about_older_versions() -> Result<(), Error> {
    let Some(sesearch) = reference() else { return Ok(()) };
    let subject = Subject::new(env!("CARGO_BIN_EXE_sepolq"));
    let seed = seed();
    // All versions of the policy have the names of the newest; what it alone has is asked of the others, too.
    let newest = policies::OLDER.last().expect("older versions");
    let Some(words) = words(newest)? else { return Ok(()) };
    let reports = in_threads(policies::OLDER, |policy| {
        if let Err(missing) = policy.sha256() {
            leave_out(&missing);
            return Ok(None);
        }
        let place = policies::OLDER.iter().position(|older| older == policy).unwrap_or_default();
        let mut generator = Questions::new(seed + 1 + place as u64, &words);
        let questions: Vec<_> = (0..QUESTIONS_OF_OLDER).map(|_| generator.question()).collect();
        let differences = subject.ask_beside_driver(&sesearch, policy, &questions)?;
        let differ = format!("{}: {}", policy.name, report(questions.len(), &differences));
        Ok((!differences.is_empty()).then_some(differ))
    })?;
    let reports: Vec<String> = reports.into_iter().flatten().collect();
    assert!(reports.is_empty(), "with SEPOLQ_SEED={seed}:\n{}", reports.join("\n"));
    Ok(())
}
