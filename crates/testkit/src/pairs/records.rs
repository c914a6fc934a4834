//! Recorded answers of sediff: `testdata/records/sediff/pairs.tsv`.
//!
//! ```text
//! # policy NAME SHA256                          a line for each policy
//! # setools VERSION
//! EXIT <tab> SHA256-OF-STDOUT <tab> ERROR <tab> OLD <tab> NEW <tab> OPTIONS
//! ```
//!
//! OLD and NEW are names of policies, OPTIONS is a JSON list. The digest is of the output without what SETools leaves to chance
//! ([`super::without_chance`]).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::{NamedPolicy, PAIRS, ask_reference, ask_subject};
use crate::Error;
use crate::answer::Answer;
use crate::compare::in_threads;
use crate::policies::records_folder;
use crate::reference::{Reference, Tool};

/// A comparison and the answer that sediff gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairRecord {
    /// The names of the policies, old and new.
    pub pair: [String; 2],
    /// The options.
    pub options: Vec<String>,
    /// What sediff answered.
    pub answer: Answer,
}

/// All of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PairRecords {
    /// The digests of the policies, by name.
    pub policies: BTreeMap<String, String>,
    /// The version of SETools that answered.
    pub setools: String,
    /// The answers.
    pub records: Vec<PairRecord>,
}

/// What is asked about every pair. Counts of constraints can be false, so that those are not asked for counts only.
const QUESTIONS: &[&[&str]] = &[
    &[],
    &["--stats", "-t", "-a", "-T", "--role_trans", "--range_trans", "--portcon"],
    &["-b", "-r", "-u", "--property", "--constrain", "--mlsconstrain", "--neverallow"],
];

fn file() -> PathBuf {
    records_folder(Tool::Sediff).join("pairs.tsv")
}

impl PairRecords {
    /// Asks sediff about every pair, which takes some ten minutes, and writes the answers.
    ///
    /// # Errors
    /// When a policy is missing, or sediff or the compiler cannot be started.
    pub fn take(reference: &Reference) -> Result<Self, Error> {
        let folder = tempfile::tempdir().map_err(Error::file("a temporary folder"))?;
        let mut records = PairRecords { setools: reference.version().into(), ..PairRecords::default() };
        let mut questions: Vec<([String; 2], Vec<String>)> = Vec::new();
        for &(old, new) in PAIRS {
            for name in [old, new] {
                if !records.policies.contains_key(name) {
                    let digest = NamedPolicy::named(name)?.put_into(folder.path())?;
                    records.policies.insert(name.to_owned(), digest);
                }
            }
            for options in QUESTIONS {
                let options = options.iter().map(|option| (*option).to_owned()).collect();
                questions.push(([old.to_owned(), new.to_owned()], options));
            }
        }
        records.records = in_threads(&questions, |(pair, options)| {
            let (answer, _) = ask_reference(reference, folder.path(), pair, options)?;
            Ok(PairRecord { pair: pair.clone(), options: options.clone(), answer })
        })?;
        std::fs::create_dir_all(records_folder(Tool::Sediff)).map_err(Error::file(file()))?;
        std::fs::write(file(), records.text()).map_err(Error::file(file()))?;
        Ok(records)
    }

    /// Reads the records.
    ///
    /// # Errors
    /// When there are none, or they are malformed.
    pub fn read() -> Result<Self, Error> {
        let text = std::fs::read_to_string(file()).map_err(Error::file(file()))?;
        PairRecords::parse(&text).map_err(|(line, why)| Error::Record { path: file(), line, why })
    }

    /// Asks sepolq what sediff was asked about the pairs that `wanted` picks, and returns what it answers otherwise, in words, and
    /// how much was asked.
    ///
    /// # Errors
    /// When a policy is missing or another than the one that was asked about.
    pub fn replay(
        &self,
        program: &Path,
        wanted: impl Fn(&[String; 2]) -> bool,
    ) -> Result<(Vec<String>, usize), Error> {
        let folder = tempfile::tempdir().map_err(Error::file("a temporary folder"))?;
        let records: Vec<&PairRecord> = self.records.iter().filter(|record| wanted(&record.pair)).collect();
        for (name, expected) in &self.policies {
            if !records.iter().any(|record| record.pair.contains(name)) {
                continue;
            }
            let policy = NamedPolicy::named(name)?;
            let found = policy.put_into(folder.path())?;
            if found != *expected {
                let (policy, path, expected) = (name.clone(), folder.path().join(name), expected.clone());
                return Err(Error::OtherPolicy { policy, path, expected, found });
            }
        }
        let differences = in_threads(&records, |record| {
            let (answer, _) = ask_subject(program, folder.path(), &record.pair, &record.options)?;
            let differs = answer != record.answer;
            let [old, new] = &record.pair;
            Ok(differs.then(|| {
                let options = record.options.join(" ");
                format!("sediff {options} {old} {new}: expected {:?}, found {answer:?}", record.answer)
            }))
        })?;
        Ok((differences.into_iter().flatten().collect(), records.len()))
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for (name, digest) in &self.policies {
            let _ = writeln!(text, "# policy {name} {digest}");
        }
        let _ = writeln!(
            text,
            "# setools {}\n# exit\tsha256 of stdout\tusage error\told\tnew\toptions",
            self.setools
        );
        for PairRecord { pair: [old, new], options, answer } in &self.records {
            let options = serde_json::to_string(options).unwrap_or_default();
            let error = if answer.error.is_empty() { "-" } else { &answer.error };
            let _ = writeln!(text, "{}\t{}\t{error}\t{old}\t{new}\t{options}", answer.exit, answer.sha256);
        }
        text
    }

    fn parse(text: &str) -> Result<Self, (usize, String)> {
        let mut records = PairRecords::default();
        for (index, line) in text.lines().enumerate() {
            let complain = |why: &str| (index + 1, why.to_owned());
            if let Some(comment) = line.strip_prefix("# ") {
                match comment.split(' ').collect::<Vec<_>>()[..] {
                    ["policy", name, digest] => {
                        records.policies.insert(name.to_owned(), digest.to_owned());
                    }
                    ["setools", version] => records.setools = version.to_owned(),
                    _ => {}
                }
                continue;
            }
            let [exit, sha256, error, old, new, options] = line.split('\t').collect::<Vec<_>>()[..] else {
                return Err(complain("it has not six fields"));
            };
            records.records.push(PairRecord {
                pair: [old.to_owned(), new.to_owned()],
                options: serde_json::from_str(options).map_err(|_| complain("the options are no list"))?,
                answer: Answer {
                    exit: exit.parse().map_err(|_| complain("the exit code is no number"))?,
                    sha256: sha256.to_owned(),
                    error: if error == "-" { String::new() } else { error.to_owned() },
                },
            });
        }
        Ok(records)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let answer = Answer { exit: 0, sha256: "ab".into(), error: String::new() };
        let pair = ["default".to_owned(), "mls".to_owned()];
        let records = PairRecords {
            policies: [("default".to_owned(), "00".to_owned())].into(),
            setools: "4.4.1".into(),
            records: vec![PairRecord { pair, options: vec!["-A".into()], answer }],
        };
        assert_eq!(PairRecords::parse(&records.text()), Ok(records));
        assert_eq!(PairRecords::parse("0\tab\n").map_err(|(line, _)| line), Err(1));
    }
}
