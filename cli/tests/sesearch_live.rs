//! A hundred fresh random questions to the installed sesearch and to `sepolq sesearch`: equal bytes.
//!
//! Each day has its own questions; `SEPOLQ_SEED` asks those of another day again. `cargo xtask oracle` asks more.

use std::time::{SystemTime, UNIX_EPOCH};
use testkit::compare::{Subject, report};
use testkit::driver::vocabulary;
use testkit::policies;
use testkit::questions::Questions;
use testkit::reference::Sesearch;
use testkit::{Error, leave_out};

/// Questions about each of the four policies.
const QUESTIONS: usize = 25;

#[test]
fn fresh_questions_have_sesearch_s_answers() -> Result<(), Error> {
    let sesearch = match Sesearch::find() {
        Ok(sesearch) => sesearch,
        Err(missing) => {
            leave_out(&missing);
            return Ok(());
        }
    };
    let subject = Subject::new(env!("CARGO_BIN_EXE_sepolq"));
    let today = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs() / 86_400);
    let seed = std::env::var("SEPOLQ_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(today);
    let mut reports = Vec::new();
    for policy in policies::ALL {
        let words = match vocabulary(policy) {
            Ok(words) => words,
            Err(missing @ Error::NoPolicy { .. }) => {
                leave_out(&missing);
                continue;
            }
            Err(error) => return Err(error),
        };
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
