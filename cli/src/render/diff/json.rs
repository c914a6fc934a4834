//! What changed, for programs: `sepolq.diff/1`.

use std::io::{self, Write};

use analysis::diff::Which;
use serde::Serialize;

use super::DiffAnswer;
use super::report::Report;
use crate::render::{Output, PolicyJson};

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    old: PolicyJson<'a>,
    new: PolicyJson<'a>,
    #[serde(flatten)]
    report: &'a Report,
}

/// Prints the object.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn diff_as_json(
    answer: &DiffAnswer<'_, '_, '_>,
    report: &Report,
    output: &mut Output,
) -> io::Result<()> {
    let [old, new] = answer.sources;
    let policy = |which| answer.comparison.matching.store(which).policy();
    let document = Document {
        schema: "sepolq.diff/1",
        old: PolicyJson::of(old, policy(Which::Old), std::iter::empty()),
        new: PolicyJson::of(new, policy(Which::New), std::iter::empty()),
        report,
    };
    let writer = output.raw();
    serde_json::to_writer(&mut *writer, &document)?;
    writer.write_all(b"\n")
}
