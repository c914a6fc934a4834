//! Random narrow queries to a store that stays loaded: a rate, since nobody else's tool is asked that way.

use crate::paths;
use crate::process::{capture, cargo, run};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Questions in one process, and processes, of which the median counts.
const QUESTIONS: &str = "100000";
const PROCESSES: usize = 3;

/// Builds the program that asks, with optimisation, and says where it is.
pub(super) fn build() -> Result<PathBuf, String> {
    run(cargo().args([
        "build",
        "--quiet",
        "--release",
        "--package",
        "analysis",
        "--example",
        "narrow_queries",
    ]))?;
    Ok(paths::target().join("release/examples/narrow_queries"))
}

/// A sentence with the rate on one policy.
pub(super) fn measure(program: &Path, file: &Path) -> Result<String, String> {
    println!("measuring: narrow queries in a loaded store of {}", file.display());
    let mut runs = Vec::new();
    for _ in 0..PROCESSES {
        let printed = capture(Command::new(program).arg(file).arg(QUESTIONS))?;
        let numbers: Option<Vec<f64>> = printed.lines().map(|line| line.parse().ok()).collect();
        match numbers.as_deref() {
            Some(&[index, questions, found]) if found > 0.0 => runs.push((questions, index)),
            _ => return Err(format!("{} printed no times", program.display())),
        }
    }
    runs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let &(questions, index) = runs.get(PROCESSES / 2).ok_or("nothing was measured")?;
    let per_second = QUESTIONS.parse::<f64>().unwrap_or_default() / (questions / 1e9);
    Ok(format!(
        "In a loaded store, one core answers {per_second:.0} random narrow queries a second, from names to rules; its index is \
         built in {:.0} ms.",
        index / 1e6
    ))
}
