//! What the lines come to: the exit status, and `verdict` in JSON.
//!
//! A monitor takes 0 for healthy. So what could not be seen keeps a system from being called that, unless it is a matter of looks.

use super::{Concern, StatusLine, SystemStatus};

/// What the lines come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Health {
    /// SELinux is on, everything was seen, and nothing is to be looked at.
    Healthy,
    /// Something is to be looked at.
    LookAt,
    /// Nothing that was seen is to be looked at, and something was not seen.
    Unseen,
    /// SELinux is off, or has no policy.
    Off,
}

impl Health {
    /// The verdict on a system.
    pub(crate) fn of(status: &SystemStatus, lines: &[StatusLine]) -> Self {
        let has = |concern: Concern| lines.iter().any(|line| line.concern == concern && !line.is_minor);
        match &status.kernel {
            Some(kernel) if kernel.has_policy => {}
            _ => return Health::Off,
        }
        match (has(Concern::LookAt), has(Concern::Unseen)) {
            (true, _) => Health::LookAt,
            (false, true) => Health::Unseen,
            (false, false) => Health::Healthy,
        }
    }

    /// The word for it in JSON.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Health::Healthy => "healthy",
            Health::LookAt => "look_at",
            Health::Unseen => "unseen",
            Health::Off => "off",
        }
    }
}

/// What was not seen that matters, by what it is about, each once.
pub(crate) fn unseen(lines: &[StatusLine]) -> Vec<&'static str> {
    let mut labels: Vec<&'static str> = Vec::new();
    for line in lines.iter().filter(|line| line.concern == Concern::Unseen && !line.is_minor) {
        if !labels.contains(&line.label) {
            labels.push(line.label);
        }
    }
    labels
}
