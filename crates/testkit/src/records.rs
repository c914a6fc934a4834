//! Recorded answers of SETools: `testdata/records/TOOL/NAME.tsv`, one file for each tool and policy.
//!
//! ```text
//! # policy NAME SHA256
//! # setools VERSION
//! # seed SEED
//! EXIT <tab> SHA256-OF-STDOUT <tab> ERROR <tab> ARGUMENTS
//! ```
//!
//! ERROR is the last line of standard error after a usage error, else `-`. ARGUMENTS is a JSON list in which
//! [`POLICY`] stands for the policy's file. The digest is of the output's normal form ([`crate::answer`]); an empty one
//! has `-`.

use crate::Error;
use crate::answer::{Answer, sha256};
use crate::policies::{Policy, records_folder};
use crate::reference::Tool;
use std::fmt::Write as _;
use std::path::PathBuf;

/// What stands for the policy's file in arguments.
pub const POLICY: &str = "POLICY";

/// Stands for an empty digest or error in a record.
const NONE: &str = "-";

/// A question and the answer that the tool gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The arguments, with [`POLICY`] for the policy's file.
    pub arguments: Vec<String>,
    /// What the tool answered.
    pub answer: Answer,
}

/// The records of one policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Records {
    /// sha256 of the policy that the answers are about.
    pub policy_sha256: String,
    /// The version of SETools that answered.
    pub setools: String,
    /// The seed of the questions.
    pub seed: u64,
    /// The answers, in the order in which they were asked.
    pub records: Vec<Record>,
}

/// The arguments with the policy's file in place of [`POLICY`].
pub fn with_policy(arguments: &[String], policy: &Policy) -> Vec<String> {
    let file = policy.file_name();
    arguments.iter().map(|word| if word == POLICY { file.clone() } else { word.clone() }).collect()
}

/// The file of a tool's records about a policy.
pub fn path(tool: Tool, policy: &Policy) -> PathBuf {
    records_folder(tool).join(format!("{}.tsv", policy.name))
}

impl Records {
    /// Reads a tool's records about a policy, and checks that the policy at hand is the one they are about.
    ///
    /// # Errors
    /// When there are none, when they are malformed, when the policy is missing or another.
    pub fn read(tool: Tool, policy: &Policy) -> Result<Self, Error> {
        let file = path(tool, policy);
        let text = std::fs::read_to_string(&file).map_err(Error::file(file.clone()))?;
        let records = Self::parse(&text).map_err(|(line, why)| Error::Record { path: file, line, why })?;
        let found = policy.sha256()?;
        if found == records.policy_sha256 {
            return Ok(records);
        }
        let expected = records.policy_sha256;
        Err(Error::OtherPolicy { policy: policy.name.into(), path: policy.path(), expected, found })
    }

    /// Writes a tool's records about a policy.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, tool: Tool, policy: &Policy) -> Result<(), Error> {
        let file = path(tool, policy);
        std::fs::create_dir_all(records_folder(tool)).map_err(Error::file(records_folder(tool)))?;
        std::fs::write(&file, self.text(policy.name)).map_err(Error::file(file))
    }

    fn text(&self, name: &str) -> String {
        let mut text = format!(
            "# policy {name} {}\n# setools {}\n# seed {}\n# exit\tsha256 of stdout\tusage error\targuments\n",
            self.policy_sha256, self.setools, self.seed
        );
        for Record { arguments, answer } in &self.records {
            let digest = if answer.is_empty() { NONE } else { &answer.sha256 };
            let error = if answer.error.is_empty() { NONE } else { &answer.error };
            let arguments = serde_json::to_string(arguments).unwrap_or_default();
            // Writing to a string does not fail.
            let _ = writeln!(text, "{}\t{digest}\t{error}\t{arguments}", answer.exit);
        }
        text
    }

    fn parse(text: &str) -> Result<Self, (usize, String)> {
        let mut records =
            Self { policy_sha256: String::new(), setools: String::new(), seed: 0, records: Vec::new() };
        for (index, line) in text.lines().enumerate() {
            let complain = |why: &str| (index + 1, why.to_owned());
            if let Some(comment) = line.strip_prefix('#') {
                let mut words = comment.split_whitespace();
                match (words.next(), words.next(), words.next()) {
                    (Some("policy"), Some(_), Some(digest)) => records.policy_sha256 = digest.to_owned(),
                    (Some("setools"), Some(version), None) => records.setools = version.to_owned(),
                    (Some("seed"), Some(seed), None) => {
                        records.seed = seed.parse().map_err(|_| complain("the seed is no number"))?;
                    }
                    _ => {}
                }
                continue;
            }
            let mut fields = line.splitn(4, '\t');
            let mut field =
                || fields.next().ok_or_else(|| complain("expected four fields separated by tabs"));
            let (exit, digest, error, arguments) = (field()?, field()?, field()?, field()?);
            let exit = exit.parse().map_err(|_| complain("the exit code is no number"))?;
            let arguments = serde_json::from_str(arguments)
                .map_err(|_| complain("the arguments are no JSON list of strings"))?;
            let digest = if digest == NONE { sha256(b"") } else { digest.to_owned() };
            let error = if error == NONE { String::new() } else { error.to_owned() };
            records.records.push(Record { arguments, answer: Answer { exit, sha256: digest, error } });
        }
        Ok(records)
    }
}

#[cfg(test)]
mod tests {
    use super::{Record, Records};
    use crate::answer::{Answer, sha256};

    #[test]
    fn records_survive_writing_and_reading() {
        let answer =
            |exit, printed: &[u8], error: &str| Answer { exit, sha256: sha256(printed), error: error.into() };
        let record = |arguments: &[&str], answer| Record {
            arguments: arguments.iter().map(|word| (*word).to_owned()).collect(),
            answer,
        };
        let records = Records {
            policy_sha256: "00ff".into(),
            setools: "4.4.1".into(),
            seed: 7,
            records: vec![
                record(&["-A", "-s", "a\tb \"c\"", "POLICY"], answer(0, b"allow a b:c d;\n", "")),
                record(&["-A", "-s", "", "POLICY"], answer(0, b"", "")),
                record(
                    &["POLICY"],
                    answer(2, b"", "sesearch: error: At least one rule type must be specified."),
                ),
            ],
        };
        assert_eq!(Records::parse(&records.text("default")), Ok(records));
    }

    #[test]
    fn malformed_records_are_refused_with_their_line() {
        for text in ["0\tab\t-", "x\t-\t-\t[]", "0\t-\t-\t[1]", "# seed x"] {
            assert_eq!(
                Records::parse(&format!("# policy p 00\n{text}\n")).map_err(|(line, _)| line),
                Err(2),
                "{text}"
            );
        }
    }
}
