//! Random questions, asked of sesearch and of sepolq: `cargo xtask oracle` starts this.
//!
//! Without `--full`, fresh questions are asked of both programs. With it, sesearch answers a thousand questions
//! for each policy of version 33, and fewer for each of an older version, through the driver, a sample of them is checked against the plain tool, the answers are
//! recorded, and sepolq replays them.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use testkit::Error;
use testkit::answer::ask;
use testkit::compare::{Subject, in_threads, report};
use testkit::driver::{Driver, vocabulary};
use testkit::policies::{ALL, OLDER, Policy};
use testkit::questions::Questions;
use testkit::random::Random;
use testkit::records::{Record, Records, with_policy};
use testkit::reference::Sesearch;

/// What was asked for on the command line.
struct Request {
    full: bool,
    record_only: bool,
    seed: u64,
    count: usize,
    policy: Option<String>,
    program: Option<PathBuf>,
}

/// Questions of `--full` for a policy, and how many of those are also asked of the plain tool.
const RECORDED: usize = 1100;
const SAMPLED: usize = 50;
/// One of so many is asked and sampled about each older version of one policy.
const OLDER_PART: usize = 7;

/// The seed of the records, so that taking them anew changes only what is new.
const RECORD_SEED: u64 = 0x5e_b0_19;

fn main() -> ExitCode {
    let request = match Request::read() {
        Ok(request) => request,
        Err(why) => {
            eprintln!("error: {why}");
            return ExitCode::from(2);
        }
    };
    match if request.full { record(&request) } else { ask_both(&request) } {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

impl Request {
    fn read() -> Result<Self, String> {
        let today = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs() / 86_400);
        let mut request = Self {
            full: false,
            record_only: false,
            seed: today,
            count: 100,
            policy: None,
            program: std::env::var_os("SEPOLQ_PROGRAM").map(PathBuf::from),
        };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("`{word}` needs a value"));
            match word.as_str() {
                "--full" => (request.full, request.seed, request.count) = (true, RECORD_SEED, RECORDED),
                "--record-only" => request.record_only = true,
                "--seed" => request.seed = value()?.parse().map_err(|_| "`--seed` needs a number")?,
                "--count" => request.count = value()?.parse().map_err(|_| "`--count` needs a number")?,
                "--policy" => request.policy = Some(value()?),
                _ => {
                    return Err(format!(
                        "unknown argument `{word}`\nhelp: [--full [--record-only]] [--seed N] [--count N] [--policy NAME], \
                         `--full` first"
                    ));
                }
            }
        }
        Ok(request)
    }

    fn policies(&self) -> Vec<Policy> {
        ALL.iter()
            .chain(OLDER)
            .filter(|policy| self.policy.as_ref().is_none_or(|name| policy.name == name))
            .copied()
            .collect()
    }

    /// The number of questions about a policy.
    fn count_for(&self, policy: &Policy) -> usize {
        if OLDER.contains(policy) { self.count.div_ceil(OLDER_PART) } else { self.count }
    }

    /// The seed of the questions about a policy: the versions of one policy have the same names and rules, and
    /// with one seed they would be asked the same.
    fn seed_for(&self, policy: &Policy) -> u64 {
        let place = OLDER.iter().position(|older| older == policy);
        self.seed + place.map_or(0, |place| place as u64 + 1)
    }

    fn subject(&self) -> Result<Subject, Error> {
        let missing = || Error::Reference("SEPOLQ_PROGRAM does not name the program under test".into());
        self.program.as_ref().map(Subject::new).ok_or_else(missing)
    }
}

/// Fresh questions to both programs, spread over the policies.
fn ask_both(request: &Request) -> Result<bool, Error> {
    let sesearch = Sesearch::find()?;
    let subject = request.subject()?;
    let policies = request.policies();
    let mut all_alike = true;
    println!("seed {}, sesearch {}", request.seed, sesearch.version());
    for policy in &policies {
        let words = vocabulary(policy)?;
        let mut generator = Questions::new(request.seed, &words);
        let questions: Vec<_> =
            (0..request.count.div_ceil(policies.len())).map(|_| generator.question()).collect();
        let differences = subject.ask_beside(&sesearch, policy, &questions)?;
        println!("{}: {}", policy.name, report(questions.len(), &differences));
        all_alike &= differences.is_empty();
    }
    Ok(all_alike)
}

/// All records anew, then ours beside them. A policy's questions go to one driver, two drivers run at once.
fn record(request: &Request) -> Result<bool, Error> {
    let sesearch = Sesearch::find()?;
    let all = in_threads(&request.policies(), |policy| {
        record_policy(request, &sesearch, policy).map(|records| (*policy, records))
    })?;
    if request.record_only {
        return Ok(true);
    }
    let subject = request.subject()?;
    let mut all_alike = true;
    for (policy, records) in all {
        let differences = subject.replay(&policy, &records.records)?;
        println!("{}: {}", policy.name, report(records.records.len(), &differences));
        all_alike &= differences.is_empty();
    }
    Ok(all_alike)
}

fn record_policy(request: &Request, sesearch: &Sesearch, policy: &Policy) -> Result<Records, Error> {
    let start = Instant::now();
    let words = vocabulary(policy)?;
    let seed = request.seed_for(policy);
    let mut generator = Questions::new(seed, &words);
    let mut driver = Driver::start(sesearch, policy)?;
    let mut records: Vec<Record> = Vec::new();
    while records.len() < request.count_for(policy) {
        let arguments = generator.question();
        if records.iter().any(|record| record.arguments == arguments) {
            continue;
        }
        let answer = driver.ask(&with_policy(&arguments, policy))?;
        records.push(Record { arguments, answer });
    }
    let filled = records.iter().filter(|record| !record.answer.is_empty() && record.answer.exit == 0).count();
    println!(
        "{}: {} answers in {} s, {filled} of them rules",
        policy.name,
        records.len(),
        start.elapsed().as_secs()
    );
    check_sample(request, sesearch, policy, &records)?;
    let records =
        Records { policy_sha256: policy.sha256()?, setools: sesearch.version().into(), seed, records };
    records.write(policy)?;
    Ok(records)
}

/// The driver takes shortcuts: the plain tool must give the same answers to a sample.
fn check_sample(
    request: &Request,
    sesearch: &Sesearch,
    policy: &Policy,
    records: &[Record],
) -> Result<(), Error> {
    let mut sample: Vec<&Record> = records.iter().collect();
    Random::new(request.seed).shuffle(&mut sample);
    sample.truncate(if OLDER.contains(policy) { SAMPLED.div_ceil(OLDER_PART) } else { SAMPLED });
    for record in &sample {
        let arguments = with_policy(&record.arguments, policy);
        let plain = ask(&mut sesearch.command(policy, &arguments))
            .map_err(|source| Error::File { path: sesearch.script().into(), source })?;
        if plain.answer != record.answer {
            return Err(Error::Reference(format!(
                "the driver does not answer as sesearch does on {arguments:?}: {:?} and {:?}",
                record.answer, plain.answer
            )));
        }
    }
    println!("{}: the plain sesearch gave the same answers to {} of them", policy.name, sample.len());
    Ok(())
}
