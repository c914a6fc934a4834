//! The table of a run: ratios first, then the times they come from, the policy and the versions.

use super::timing::Times;
use crate::policies::sha256;
use crate::process::{capture, system};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

/// One side of a comparison.
pub(super) struct Side {
    name: String,
    times: Times,
    /// Peak resident memory in KiB.
    memory: Option<u64>,
}

impl Side {
    pub(super) fn new(name: &str, times: Times, memory: Option<u64>) -> Self {
        Self { name: name.into(), times, memory }
    }

    fn shown(&self) -> String {
        let memory =
            self.memory.map(|kib| format!(", {:.1} MB", kib as f64 * 1024.0 / 1e6)).unwrap_or_default();
        format!("{} (least {}){memory}", milliseconds(self.times.median()), milliseconds(self.times.least()))
    }
}

/// One piece of work, done by sepolq and by another program.
pub(super) struct Row {
    pub(super) work: String,
    pub(super) ours: Side,
    pub(super) theirs: Side,
}

/// The rows about one policy.
pub(super) struct Table {
    pub(super) policy: String,
    pub(super) file: PathBuf,
    pub(super) rows: Vec<Row>,
    /// What was measured beside nobody, in sentences.
    pub(super) notes: Vec<String>,
}

/// The whole report in Markdown.
pub(super) fn text(tables: &[Table]) -> Result<String, String> {
    let mut text = String::from(
        "# Measured beside the reference tools\n\n\
         Written by `cargo xtask bench --record`. Each line is one run in which both programs did the work by turns or \
         one\nafter the other; the times are medians of whole processes, from start to exit, with output to \
         `/dev/null` and the\npolicy in the page cache. Where both print rules, their bytes were compared first and were \
         equal. Loading is timed\ninside the process, from bytes in memory to a policy that can be asked; both sides \
         check the whole file.\n\n",
    );
    // Writing to a string does not fail.
    let _ = writeln!(text, "{}\n", versions());
    for table in tables {
        let size = std::fs::metadata(&table.file).map(|file| file.len()).unwrap_or_default();
        let digest = sha256(&table.file)?;
        let _ = writeln!(
            text,
            "## {}.33: {size} bytes, sha256 {}…\n",
            table.policy,
            digest.get(..16).unwrap_or(&digest)
        );
        text.push_str("| the work | ratio | sepolq | beside |\n|---|---|---|---|\n");
        for Row { work, ours, theirs } in &table.rows {
            let ratio = ratio(ours.times.median(), theirs.times.median());
            let _ = writeln!(
                text,
                "| {work} | {ratio} | {} | {}: {} |",
                ours.shown(),
                theirs.name,
                theirs.shown()
            );
        }
        for note in &table.notes {
            let _ = writeln!(text, "\n{note}");
        }
        text.push('\n');
    }
    Ok(text.trim_end().to_owned() + "\n")
}

/// Our time as a part or a multiple of theirs.
fn ratio(ours: Duration, theirs: Duration) -> String {
    let (ours, theirs) = (ours.as_secs_f64().max(1e-9), theirs.as_secs_f64().max(1e-9));
    if ours < theirs { format!("1/{:.1}", theirs / ours) } else { format!("{:.1} ×", ours / theirs) }
}

fn milliseconds(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1000.0;
    if milliseconds < 100.0 { format!("{milliseconds:.2} ms") } else { format!("{milliseconds:.0} ms") }
}

/// What was measured on, without naming the machine.
fn versions() -> String {
    let first_line = |program: &str, args: &[&str]| {
        let printed = capture(system(program).args(args)).unwrap_or_default();
        printed.lines().next().unwrap_or("unknown").trim().to_owned()
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let libsepol = match first_line("dpkg-query", &["-W", "-f", "${Version}\\n", "libsepol-dev"]) {
        version if version == "unknown" => first_line("rpm", &["-q", "libsepol-devel"]),
        version => version,
    };
    format!(
        "Measured on {} with SETools {}, libsepol {libsepol}, {}, {cores} cores.",
        first_line("date", &["-u", "+%F"]),
        first_line("sesearch", &["--version"]),
        first_line("rustc", &["--version"])
    )
}

#[cfg(test)]
mod tests {
    use super::ratio;
    use std::time::Duration;

    #[test]
    fn ratios_say_which_side_is_faster() {
        assert_eq!(ratio(Duration::from_millis(2), Duration::from_millis(500)), "1/250.0");
        assert_eq!(ratio(Duration::from_millis(6), Duration::from_millis(2)), "3.0 ×");
        assert_eq!(ratio(Duration::ZERO, Duration::ZERO), "1.0 ×");
    }
}
