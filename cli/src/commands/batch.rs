//! `can --batch`: one request a line, one line of JSON (`sepolq.decision/1`) for each, in the order of the lines. The first says which
//! policy was asked.
//!
//! Lines are read and answered in blocks, those of a block on all cores; memory does not grow with the input. A
//! line that cannot be answered is reported with its number, and the others are answered.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;

use analysis::context::PartialContext;
use analysis::decide::{Access, Decider, Decision, Request, defined};
use anyhow::Context;
use rayon::prelude::*;
use serde::Serialize;

use crate::render::PolicyJson;
use crate::status::Status;
use crate::threads;

/// Lines that are answered together.
const BLOCK: usize = 8192;
/// No request is longer; what is, is not kept.
const LONGEST_LINE: usize = 1 << 16;

/// One answered line.
#[derive(Serialize)]
struct Line<'a> {
    schema: &'static str,
    /// In the first line.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<&'a PolicyJson<'a>>,
    line: usize,
    #[serde(flatten)]
    outcome: Outcome<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Outcome<'a> {
    Answered {
        request: &'a str,
        result: &'static str,
        granted: Vec<String>,
        denied: Vec<String>,
        depends: Vec<String>,
        permissive: bool,
    },
    Failed {
        error: String,
    },
}

/// A line and its number, or what is wrong with it.
type NumberedLine = (usize, Result<String, String>);

/// Answers all lines of a file, `-` for standard input.
pub(super) fn run(decider: &Decider<'_, '_>, file: &Path, policy: &PolicyJson<'_>) -> anyhow::Result<Status> {
    let input: Box<dyn Read> = if file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(file).with_context(|| format!("cannot read `{}`", file.display()))?)
    };
    decider.prepare();
    let pool = threads::pool(None)?;
    let mut reader = Lines { input: BufReader::with_capacity(1 << 16, input), number: 0 };
    let mut output = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let (mut all_answered, mut policy) = (true, Some(policy));
    loop {
        let mut block = Vec::with_capacity(BLOCK);
        while block.len() < BLOCK {
            match reader.next().with_context(|| format!("cannot read `{}`", file.display()))? {
                Some(line) => block.push(line),
                None => break,
            }
        }
        if block.is_empty() {
            break;
        }
        let answer = |(position, (number, line)): (usize, &NumberedLine)| {
            answer(decider, policy.filter(|_| position == 0), *number, line)
        };
        let answers: Vec<(Vec<u8>, bool)> =
            pool.install(|| block.par_iter().enumerate().map(answer).collect());
        policy = None;
        all_answered &= answers.iter().all(|(_, answered)| *answered);
        let written =
            answers.iter().try_for_each(|(text, _)| output.write_all(text)).and_then(|()| output.flush());
        match written {
            // Whoever reads us has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
            result => result?,
        }
    }
    Ok(if all_answered { Status::Found } else { Status::NothingFound })
}

/// The JSON for a line, and whether it was answered.
fn answer(
    decider: &Decider<'_, '_>,
    policy: Option<&PolicyJson<'_>>,
    number: usize,
    line: &Result<String, String>,
) -> (Vec<u8>, bool) {
    let outcome = match line {
        Err(error) => Err(error.clone()),
        Ok(line) => Request::of_line(decider.context_rules(), decider.store(), line)
            .map(|request| outcome(decider, line, &request))
            .map_err(|error| error.to_string().replace('\n', "; ")),
    };
    let answered = outcome.is_ok();
    let outcome = outcome.unwrap_or_else(|error| Outcome::Failed { error });
    let line = Line { schema: "sepolq.decision/1", policy, line: number, outcome };
    let mut text = serde_json::to_vec(&line).unwrap_or_default();
    text.push(b'\n');
    (text, answered)
}

fn outcome<'a>(decider: &Decider<'_, '_>, line: &'a str, request: &Request) -> Outcome<'a> {
    let store = decider.store();
    let wanted = &request.wanted;
    let policy = store.policy();
    let decision = wanted.class.map_or_else(Decision::default, |class| {
        match (request.source.complete(policy), request.target.complete(policy)) {
            (Some(source), Some(target)) => {
                decider.decide(&Access { source: &source, target: &target, class })
            }
            _ => decider.decide(&Access::<PartialContext> {
                source: &request.source,
                target: &request.target,
                class,
            }),
        }
    });
    let names = |bits: u32| -> Vec<String> {
        let Some(class) = wanted.class else { return Vec::new() };
        let bits = bits & wanted.permissions & defined(store, class);
        let named = store.permissions(class).iter().filter(|permission| bits >> permission.bit & 1 == 1);
        named.map(|permission| permission.name.to_string()).collect()
    };
    let mut granted = names(decision.allowed);
    let mut denied = names(!decision.possible);
    let depends = names(decision.possible & !decision.allowed);
    let undefined = if wanted.undefined_is_granted(store) { &mut granted } else { &mut denied };
    undefined.extend(wanted.undefined.iter().cloned());
    undefined.sort();
    let refused_class = wanted.class.is_none() && !wanted.undefined_is_granted(store);
    let result = if !denied.is_empty() || refused_class {
        "denied"
    } else if !depends.is_empty() {
        "depends"
    } else {
        "granted"
    };
    Outcome::Answered {
        request: line.trim(),
        result,
        granted,
        denied,
        depends,
        permissive: decision.permissive,
    }
}

/// The lines of the input that are requests, with their numbers.
struct Lines<R> {
    input: R,
    number: usize,
}

impl<R: BufRead> Lines<R> {
    /// The next request; what is wrong with the line, if it is none. Empty lines and comments are passed over.
    fn next(&mut self) -> io::Result<Option<NumberedLine>> {
        loop {
            let mut bytes = Vec::new();
            // One more than allowed shows that a line is too long.
            let limit = u64::try_from(LONGEST_LINE).unwrap_or(u64::MAX).saturating_add(1);
            if (&mut self.input).take(limit).read_until(b'\n', &mut bytes)? == 0 {
                return Ok(None);
            }
            self.number = self.number.saturating_add(1);
            if bytes.len() > LONGEST_LINE && bytes.last() != Some(&b'\n') {
                self.skip_line()?;
                let error = format!("the line is longer than {LONGEST_LINE} bytes, which no request is");
                return Ok(Some((self.number, Err(error))));
            }
            match String::from_utf8(bytes) {
                Ok(line) if line.trim().is_empty() || line.trim_start().starts_with('#') => {}
                Ok(line) => return Ok(Some((self.number, Ok(line)))),
                Err(_) => return Ok(Some((self.number, Err("the line is not UTF-8".to_owned())))),
            }
        }
    }

    /// Passes over the rest of a line without keeping it.
    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                return Ok(());
            }
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let used = end.map_or(buffer.len(), |at| at.saturating_add(1));
            self.input.consume(used);
            if end.is_some() {
                return Ok(());
            }
        }
    }
}
