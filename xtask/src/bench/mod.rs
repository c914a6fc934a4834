//! `cargo xtask bench`: to be written.
use crate::Outcome;
pub(crate) const HELP: &str = "";
pub(crate) fn run(_: &[String]) -> Outcome {
    let _ = (crate::packages::BENCH, crate::packages::COUNTING);
    Ok(())
}
