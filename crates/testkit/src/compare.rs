//! Our answers beside the expected ones, in several threads, and a report that a person can act on.

use crate::Error;
use crate::answer::{Answer, Reply, ask, normal_form};
use crate::driver::Driver;
use crate::policies::Policy;
use crate::records::{Record, with_policy};
use crate::reference::{Reference, Tool, in_fixed_environment};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many differences a report shows in full.
const SHOWN: usize = 8;

/// The program under test, which plays a tool as `sepolq TOOL`.
#[derive(Debug, Clone)]
pub struct Subject {
    program: PathBuf,
    tool: Tool,
}

/// One question on which the answers differ.
#[derive(Debug, Clone)]
pub struct Difference {
    question: String,
    expected: Answer,
    found: Answer,
    lines: Option<String>,
}

impl Subject {
    /// The program at a path, as a tool.
    pub fn new(program: impl AsRef<Path>, tool: Tool) -> Self {
        Self { program: program.as_ref().to_path_buf(), tool }
    }

    fn command(&self, policy: &Policy, arguments: &[String]) -> Command {
        let mut command = Command::new(&self.program);
        in_fixed_environment(command.arg(self.tool.name()).args(arguments).current_dir(policy.folder()));
        command
    }

    fn ask(&self, policy: &Policy, arguments: &[String]) -> Result<Reply, Error> {
        ask(&mut self.command(policy, arguments)).map_err(Error::file(self.program.clone()))
    }

    /// Replays recorded questions; returns those that are answered otherwise.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn replay(&self, policy: &Policy, records: &[Record]) -> Result<Vec<Difference>, Error> {
        let differences = in_threads(records, |record| {
            let arguments = with_policy(&record.arguments, policy);
            let found = self.ask(policy, &arguments)?.answer;
            let differs = found != record.answer;
            Ok(differs.then(|| Difference {
                question: shown(policy, &arguments),
                expected: record.answer.clone(),
                found,
                lines: None,
            }))
        })?;
        Ok(differences.into_iter().flatten().collect())
    }

    /// Asks both the same questions, the tool in one process: a tenth of the time, and no lines in the report.
    ///
    /// # Errors
    /// When one of them cannot be started, or the driver ends.
    pub fn ask_beside_driver(
        &self,
        reference: &Reference,
        policy: &Policy,
        questions: &[Vec<String>],
    ) -> Result<Vec<Difference>, Error> {
        let mut driver = Driver::start(reference, policy)?;
        let mut answered = |arguments: &Vec<String>| {
            let answer = driver.ask(&with_policy(arguments, policy))?;
            Ok(Record { arguments: arguments.clone(), answer })
        };
        let records: Vec<Record> = questions.iter().map(&mut answered).collect::<Result<_, Error>>()?;
        self.replay(policy, &records)
    }

    /// Asks the tool and the program the same questions; returns those that they answer differently.
    ///
    /// # Errors
    /// When one of them cannot be started.
    pub fn ask_beside(
        &self,
        reference: &Reference,
        policy: &Policy,
        questions: &[Vec<String>],
    ) -> Result<Vec<Difference>, Error> {
        let differences = in_threads(questions, |question| {
            let arguments = with_policy(question, policy);
            let mut command = reference.command(policy, &arguments);
            let expected = ask(&mut command).map_err(Error::file(reference.script()))?;
            let found = self.ask(policy, &arguments)?;
            let differs = found.answer != expected.answer;
            Ok(differs.then(|| Difference {
                question: shown(policy, &arguments),
                lines: Some(first_difference(&normal_form(&expected.stdout), &normal_form(&found.stdout))),
                expected: expected.answer,
                found: found.answer,
            }))
        })?;
        Ok(differences.into_iter().flatten().collect())
    }
}

/// Applies `work` to every item in as many threads as there are cores; results are in the items' order.
///
/// # Errors
/// The first error of `work`; the rest of the items is then left alone.
pub fn in_threads<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(&T) -> Result<R, Error> + Sync,
) -> Result<Vec<R>, Error> {
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::with_capacity(items.len()));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let worker = || -> Result<(), Error> {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { return Ok(()) };
            match work(item) {
                Ok(result) => {
                    results.lock().unwrap_or_else(|poison| poison.into_inner()).push((index, result))
                }
                Err(error) => {
                    next.store(items.len(), Ordering::Relaxed);
                    return Err(error);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().try_for_each(|worker| match worker.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })?;
    let mut results = results.into_inner().unwrap_or_else(|poison| poison.into_inner());
    results.sort_by_key(|(index, _)| *index);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}

/// How many questions were answered alike, and the first that were not, each with the commands to repeat it.
pub fn report(tool: Tool, asked: usize, differences: &[Difference]) -> String {
    let tool = tool.name();
    let mut text =
        format!("{} of {asked} questions were answered alike\n", asked.saturating_sub(differences.len()));
    for Difference { question, expected, found, lines } in differences.iter().take(SHOWN) {
        let (expected, found) = (brief(expected), brief(found));
        text.push_str(&format!("\n  {tool}{question}\n    expected {expected}\n    found    {found}\n"));
        text.push_str(lines.as_deref().unwrap_or_default());
    }
    if !differences.is_empty() {
        text.push_str(&format!("\n  to see one of them: diff <({tool} …) <(sepolq {tool} …)\n"));
    }
    if differences.len() > SHOWN {
        text.push_str(&format!("\n  … and {} more\n", differences.len() - SHOWN));
    }
    text
}

fn brief(answer: &Answer) -> String {
    let printed =
        if answer.is_empty() { "nothing printed".into() } else { format!("sha256 {}", answer.sha256) };
    let error = if answer.error.is_empty() { String::new() } else { format!(", `{}`", answer.error) };
    format!("exit {}, {printed}{error}", answer.exit)
}

/// The first line on which two outputs differ.
fn first_difference(expected: &[u8], found: &[u8]) -> String {
    let (expected, found) = (String::from_utf8_lossy(expected), String::from_utf8_lossy(found));
    let (mut ours, mut line) = (found.lines(), 0);
    let mut theirs = expected.lines();
    loop {
        line += 1;
        match (theirs.next(), ours.next()) {
            (None, None) => return String::new(),
            (left, right) if left == right => {}
            (left, right) => {
                let end = "(no more lines)";
                return format!(
                    "    line {line}: - {}\n    line {line}: + {}\n",
                    left.unwrap_or(end),
                    right.unwrap_or(end)
                );
            }
        }
    }
}

/// The arguments as one would type them in a shell in the repository, with a space before each.
fn shown(policy: &Policy, arguments: &[String]) -> String {
    let file = policy.file_name();
    let path = policy.path().display().to_string();
    let quote = |word: &String| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./,=:+%@".contains(&byte);
        let word = if *word == file { &path } else { word };
        if !word.is_empty() && word.bytes().all(plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', "'\\''"))
        }
    };
    arguments.iter().map(|word| format!(" {}", quote(word))).collect()
}

#[cfg(test)]
mod tests {
    use super::{first_difference, in_threads, shown};
    use crate::{Error, policies};

    #[test]
    fn results_keep_the_order_of_their_items() {
        let items: Vec<usize> = (0..100).collect();
        assert_eq!(
            in_threads(&items, |item| Ok(item * 2)).ok(),
            Some((0..100).map(|item| item * 2).collect())
        );
        assert!(in_threads(&items, |_| Err::<(), _>(Error::Reference("no".into()))).is_err());
    }

    #[test]
    fn reports_can_be_pasted_into_a_shell() {
        let words = ["-s", "it's", "", "a_t"].map(str::to_owned);
        assert_eq!(
            policies::ALL.first().map(|policy| shown(policy, &words)).as_deref(),
            Some(" -s 'it'\\''s' '' a_t")
        );
        assert!(first_difference(b"a\nb\n", b"a\n").contains("(no more lines)"));
    }
}
