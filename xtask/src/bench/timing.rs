//! Times of whole processes: several commands run in turn, so that what disturbs the machine disturbs all.

use crate::process::{shown, system};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Durations of one thing, ascending.
#[derive(Debug, Clone)]
pub(super) struct Times(Vec<Duration>);

impl Times {
    /// Sorts the durations.
    pub(super) fn new(mut durations: Vec<Duration>) -> Self {
        durations.sort();
        Self(durations)
    }

    /// The one in the middle.
    pub(super) fn median(&self) -> Duration {
        self.0.get(self.0.len() / 2).copied().unwrap_or_default()
    }

    /// The shortest.
    pub(super) fn least(&self) -> Duration {
        self.0.first().copied().unwrap_or_default()
    }
}

/// Runs each command once in every round, output to nowhere, and times it from start to exit. Two rounds
/// before the first fill the caches, if there are several.
///
/// # Errors
/// When a command cannot be started or fails.
pub(super) fn in_turn(commands: &mut [Command], rounds: usize) -> Result<Vec<Times>, String> {
    // What is measured once takes so long that caches do not matter.
    let warm_up = if rounds > 1 { 2 } else { 0 };
    let mut durations = vec![Vec::with_capacity(rounds); commands.len()];
    for round in 0..rounds + warm_up {
        for (command, times) in commands.iter_mut().zip(&mut durations) {
            command.stdin(Stdio::null()).stdout(Stdio::null());
            let start = Instant::now();
            let status =
                command.status().map_err(|error| format!("cannot run {}: {error}", shown(command)))?;
            let time = start.elapsed();
            if !status.success() {
                return Err(format!("{} ended with {status}", shown(command)));
            }
            if round >= warm_up {
                times.push(time);
            }
        }
    }
    Ok(durations.into_iter().map(Times::new).collect())
}

/// As [`in_turn`], for one command.
pub(super) fn alone(command: Command, rounds: usize) -> Result<Times, String> {
    Ok(in_turn(&mut [command], rounds)?.pop().unwrap_or_else(|| Times::new(Vec::new())))
}

/// The peak resident memory of a command in KiB, from GNU time.
///
/// # Errors
/// When it cannot be run, or time prints no number.
pub(super) fn peak_memory(command: &Command) -> Result<u64, String> {
    let mut timed = system("/usr/bin/time");
    timed.args(["-f", "%M"]).arg(command.get_program()).args(command.get_args());
    let output = timed
        .stdout(Stdio::null())
        .output()
        .map_err(|error| format!("cannot run {}: {error}", shown(&timed)))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().last().unwrap_or_default();
    last.trim().parse().map_err(|_| format!("{} printed `{last}` for the peak memory", shown(&timed)))
}
