//! Random expressions to Python's `re` and to ours: equal messages, and equal names that match.
//!
//! `SEPOLQ_SEED` asks the expressions of another seed, `SEPOLQ_PATTERNS` another number of them.

#[path = "../src/personality/python_int.rs"]
#[allow(dead_code, reason = "the test uses what the expressions use of it")]
mod python_int;
#[path = "../src/personality/python_regex/mod.rs"]
#[allow(dead_code, reason = "the test asks what the program does not")]
mod python_regex;

#[path = "python_regex/patterns.rs"]
mod patterns;

use python_regex::PythonRegex;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use testkit::random::Random;
use testkit::{Error, leave_out};

/// Answers a line `[pattern, [name, …]]` with a message, or with whether each name matches. It is null where that
/// takes long, where Python says that it found a fault of its own, and for possessive groups before Python 3.11.5,
/// which errs about them.
const PYTHON: &str = r"
import json, re, signal, sys, warnings
warnings.simplefilter('ignore')
def late(*_): raise TimeoutError
signal.signal(signal.SIGALRM, late)
faulty = re.compile(r'(\)|\\\d)\s*([*+?]|\{\d*,?\d*\})\+') if sys.version_info < (3, 11, 5) else None
for line in sys.stdin:
    pattern, names = json.loads(line)
    try:
        compiled, answer = re.compile(pattern), {'matches': []}
    except Exception as error:
        # Later releases say it so.
        message = str(error).replace('looks too much behind', 'look-behind requires fixed-width pattern')
        compiled, answer = None, {'error': message}
    for name in names if compiled else []:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        try: found = compiled.search(name) is not None
        except (TimeoutError, MemoryError, SystemError): found = None
        signal.setitimer(signal.ITIMER_REAL, 0)
        if faulty and faulty.search(pattern): found = None
        answer['matches'].append(found)
    print(json.dumps(answer), flush=True)
";

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Answer {
    Error(String),
    Matches(Vec<Option<bool>>),
}

struct Python {
    process: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Python {
    fn start() -> Result<Self, Error> {
        let missing = || Error::Reference("there is no /usr/bin/python3 of version 3.11".to_owned());
        let version = Command::new("/usr/bin/python3").arg("--version").output().map_err(|_| missing())?;
        if !version.stdout.starts_with(b"Python 3.11.") {
            return Err(missing());
        }
        let mut process = Command::new("/usr/bin/python3")
            .args(["-I", "-c", PYTHON])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|_| missing())?;
        let answers = BufReader::new(process.stdout.take().ok_or_else(missing)?);
        Ok(Python { questions: process.stdin.take(), process, answers })
    }

    fn ask(&mut self, pattern: &str, names: &[String]) -> Answer {
        let question = serde_json::to_string(&(pattern, names)).unwrap();
        writeln!(self.questions.as_mut().unwrap(), "{question}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap()
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        drop(self.questions.take());
        let _ = self.process.wait();
    }
}

fn ours(pattern: &str, names: &[String]) -> Answer {
    match PythonRegex::compile(pattern) {
        Ok(regex) => Answer::Matches(names.iter().map(|name| regex.search(name)).collect()),
        Err(message) => Answer::Error(message),
    }
}

const ACCEPTED: &str = "accepted by both";
const REFUSED: &str = "refused by both";
const UNSUPPORTED: &str = "unsupported here";
const GIVEN_UP: &str = "names that were given up";

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

#[test]
fn random_expressions_have_python_s_answers() {
    let mut python = match Python::start() {
        Ok(python) => python,
        Err(missing) => return leave_out(&missing),
    };
    let seed = number("SEPOLQ_SEED", 1);
    let n_patterns = number("SEPOLQ_PATTERNS", 4000);
    let mut random = Random::new(seed);
    let mut differences = Vec::new();
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    let mut count = |kind| *kinds.entry(kind).or_default() += 1;
    for _ in 0..n_patterns {
        let pattern = patterns::pattern(&mut random);
        let names = patterns::names(&mut random);
        let expected = python.ask(&pattern, &names);
        let found = ours(&pattern, &names);
        match (&expected, &found) {
            (Answer::Matches(_), Answer::Error(message)) if message.starts_with("unsupported regular") => {
                count(UNSUPPORTED);
            }
            (Answer::Matches(expected), Answer::Matches(found)) => {
                count(ACCEPTED);
                for ((name, expected), found) in names.iter().zip(expected).zip(found) {
                    count(match (expected, found) {
                        (_, None) => GIVEN_UP,
                        (None, _) => "names without Python's answer",
                        (Some(true), _) => "names that match",
                        (Some(false), _) => "names that do not match",
                    });
                    if let (Some(expected), Some(found)) = (expected, found)
                        && expected != found
                    {
                        differences
                            .push(format!("{pattern:?} in {name:?}: Python {expected}, found {found}"));
                    }
                }
            }
            _ if expected == found => count(REFUSED),
            _ => differences.push(format!("{pattern:?}: Python {expected:?}, found {found:?}")),
        }
    }
    println!("seed {seed}, {n_patterns} expressions: {kinds:#?}");
    assert!(
        differences.is_empty(),
        "{} differences with SEPOLQ_SEED={seed}:\n{}",
        differences.len(),
        differences.iter().take(60).cloned().collect::<Vec<_>>().join("\n")
    );
    // The comparison is about something.
    let share = |kind| kinds.get(kind).copied().unwrap_or_default() * 1000 / n_patterns.max(1);
    assert!(share(ACCEPTED) > 400 && share(REFUSED) > 200, "per mille of {n_patterns}: {kinds:#?}");
    assert!(share(UNSUPPORTED) < 3 && share(GIVEN_UP) < 3, "per mille of {n_patterns}: {kinds:#?}");
}
