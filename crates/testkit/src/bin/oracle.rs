//! Random questions, asked of SETools and of sepolq: `cargo xtask oracle` starts this.
//!
//! Without `--full`, fresh questions are asked of both programs. With it, each tool answers a thousand questions
//! for each policy of version 33, and fewer for each older or smaller one, or where each takes long, through the driver; a
//! sample of them is checked against the plain tool, the answers are recorded, and sepolq replays them.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use testkit::Error;
use testkit::answer::ask;
use testkit::compare::{Subject, in_threads, report};
use testkit::driver::{Driver, words};
use testkit::pairs::{PairRecords, ask_generated};
use testkit::policies::Policy;
use testkit::questions::Generator;
use testkit::random::Random;
use testkit::records::{Record, Records, with_policy};
use testkit::reference::{Reference, Tool};

/// What was asked for on the command line.
struct Request {
    full: bool,
    record_only: bool,
    seed: u64,
    count: usize,
    policy: Option<String>,
    tools: Vec<Tool>,
    program: Option<PathBuf>,
}

/// Questions of `--full` for a policy, at most.
const RECORDED: usize = 1100;

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
    let of_tool = |tool: &Tool| match (*tool, request.full) {
        (Tool::Sediff, full) => compare_pairs(&request, full),
        (tool, true) => record(&request, tool),
        (tool, false) => ask_both(&request, tool),
    };
    match request.tools.iter().map(of_tool).try_fold(true, |alike, tool| Ok::<_, Error>(tool? && alike)) {
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
            tools: [&Tool::ALL[..], &[Tool::Sediff]].concat(),
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
                "--tool" => {
                    let name = value()?;
                    request.tools.retain(|tool| tool.name() == name);
                    if request.tools.is_empty() {
                        return Err(format!("no tool is called `{name}`"));
                    }
                }
                _ => {
                    return Err(format!(
                        "unknown argument `{word}`\nhelp: [--full [--record-only]] [--seed N] [--count N] [--policy NAME] \
                         [--tool NAME], `--full` first"
                    ));
                }
            }
        }
        Ok(request)
    }

    fn policies(&self, tool: Tool) -> Vec<Policy> {
        let (in_full, in_part) = tool.policies();
        in_full
            .iter()
            .chain(&in_part)
            .filter(|policy| self.policy.as_ref().is_none_or(|name| policy.name == name))
            .copied()
            .collect()
    }

    /// The number of questions about a policy.
    fn count_for(&self, tool: Tool, policy: &Policy) -> usize {
        tool.count_for(policy, self.count)
    }

    /// The seed of the questions about a policy: the versions of one policy have the same names and rules, and
    /// with one seed they would be asked the same.
    fn seed_for(&self, tool: Tool, policy: &Policy) -> u64 {
        let (in_full, in_part) = tool.policies();
        // Those in full of sesearch and seinfo are different policies.
        let alike = if tool.finds_paths() { [in_full, &in_part].concat() } else { in_part };
        let place = alike.iter().position(|other| other == policy);
        self.seed + place.map_or(0, |place| place as u64 + 1)
    }

    fn subject(&self, tool: Tool) -> Result<Subject, Error> {
        let missing = || Error::Reference("SEPOLQ_PROGRAM does not name the program under test".into());
        self.program.as_ref().map(|program| Subject::new(program, tool)).ok_or_else(missing)
    }
}

/// sediff and sepolq in its place, about pairs of policies: random ones, or those that are recorded, anew.
fn compare_pairs(request: &Request, full: bool) -> Result<bool, Error> {
    let reference = Reference::find(Tool::Sediff)?;
    let program = request
        .program
        .clone()
        .ok_or_else(|| Error::Reference("SEPOLQ_PROGRAM does not name the program under test".into()));
    let (differences, asked) = if full {
        let records = PairRecords::take(&reference)?;
        if request.record_only {
            return Ok(true);
        }
        records.replay(&program?, |_| true)?
    } else {
        let n_pairs = request.count as u64;
        println!("seed {}, sediff {}", request.seed, reference.version());
        (ask_generated(&reference, &program?, request.seed, n_pairs)?, request.count)
    };
    println!("pairs: {} of {asked} comparisons were answered alike", asked - differences.len());
    differences.iter().take(8).for_each(|difference| println!("  {difference}"));
    Ok(differences.is_empty())
}

/// Fresh questions to both programs, spread over the policies.
fn ask_both(request: &Request, tool: Tool) -> Result<bool, Error> {
    let reference = Reference::find(tool)?;
    let subject = request.subject(tool)?;
    let mut policies = request.policies(tool);
    if tool.finds_paths() && request.policy.is_none() {
        let (small, _) = tool.policies();
        policies.retain(|policy| small.contains(policy));
    }
    let mut all_alike = true;
    println!("seed {}, {} {}", request.seed, tool.name(), reference.version());
    for policy in &policies {
        let words = words(tool, policy)?;
        let mut generator = Generator::new(request.seed, &words);
        let questions: Vec<_> =
            (0..request.count.div_ceil(policies.len())).map(|_| generator.question()).collect();
        let differences = subject.ask_beside(&reference, policy, &questions)?;
        println!("{}: {}", policy.name, report(tool, questions.len(), &differences));
        all_alike &= differences.is_empty();
    }
    Ok(all_alike)
}

/// All records anew, then ours beside them. A policy's questions go to one driver, two drivers run at once.
fn record(request: &Request, tool: Tool) -> Result<bool, Error> {
    let reference = Reference::find(tool)?;
    let all = in_threads(&request.policies(tool), |policy| {
        record_policy(request, &reference, policy).map(|records| (*policy, records))
    })?;
    if request.record_only {
        return Ok(true);
    }
    let subject = request.subject(tool)?;
    let mut all_alike = true;
    for (policy, records) in all {
        let differences = subject.replay(&policy, &records.records)?;
        println!("{}: {}", policy.name, report(tool, records.records.len(), &differences));
        all_alike &= differences.is_empty();
    }
    Ok(all_alike)
}

fn record_policy(request: &Request, reference: &Reference, policy: &Policy) -> Result<Records, Error> {
    let (start, tool) = (Instant::now(), reference.tool());
    let words = words(tool, policy)?;
    let seed = request.seed_for(tool, policy);
    let mut generator = Generator::new(seed, &words);
    let mut driver = Driver::start(reference, policy)?;
    let mut records: Vec<Record> = Vec::new();
    while records.len() < request.count_for(tool, policy) {
        let arguments = generator.question();
        if records.iter().any(|record| record.arguments == arguments) {
            continue;
        }
        let answer = driver.ask(&with_policy(&arguments, policy))?;
        records.push(Record { arguments, answer });
    }
    let filled = records.iter().filter(|record| !record.answer.is_empty() && record.answer.exit == 0).count();
    println!(
        "{} of {}: {} answers in {} s, {filled} of them say something",
        tool.name(),
        policy.name,
        records.len(),
        start.elapsed().as_secs()
    );
    check_sample(request, reference, policy, &records)?;
    let records =
        Records { policy_sha256: policy.sha256()?, setools: reference.version().into(), seed, records };
    records.write(tool, policy)?;
    Ok(records)
}

/// The driver takes shortcuts: the plain tool must give the same answers to a sample.
fn check_sample(
    request: &Request,
    reference: &Reference,
    policy: &Policy,
    records: &[Record],
) -> Result<(), Error> {
    let mut sample: Vec<&Record> = records.iter().collect();
    Random::new(request.seed).shuffle(&mut sample);
    sample.truncate(reference.tool().sampled(policy));
    for record in &sample {
        let arguments = with_policy(&record.arguments, policy);
        let plain = ask(&mut reference.command(policy, &arguments))
            .map_err(|source| Error::File { path: reference.script().into(), source })?;
        if plain.answer != record.answer {
            return Err(Error::Reference(format!(
                "the driver does not answer as {} does on {arguments:?}: {:?} and {:?}",
                reference.tool().name(),
                record.answer,
                plain.answer
            )));
        }
    }
    println!("{}: the plain tool gave the same answers to {} of them", policy.name, sample.len());
    Ok(())
}
