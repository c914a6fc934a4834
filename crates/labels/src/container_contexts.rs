//! The labels that container engines start from: container-selinux' `/usr/share/containers/selinux/contexts`, and where that
//! is missing the policy's `contexts/lxc_contexts`.
//!
//! Source: go-selinux `openContextFile` and `loadLabels`, which podman, docker and cri-o use. `KEY = "CONTEXT"` a line;
//! lines that begin with `#` or `;` are comments; of two lines with one key the later one counts; what has no `=` is
//! passed over there and a problem here.

use std::collections::BTreeMap;

/// The first of the two files that engines look for.
pub const CONTAINER_CONTEXTS: &str = "/usr/share/containers/selinux/contexts";

/// The second one, below the folder of the policy, `/etc/selinux/NAME`.
pub const LXC_CONTEXTS: &str = "contexts/lxc_contexts";

/// What such a file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContainerContexts {
    labels: BTreeMap<String, String>,
    problems: Vec<BadLine>,
}

/// A line that says nothing to the engines, or something wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct BadLine {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: BadLineReason,
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadLineReason {
    /// Passed over by the engines.
    #[error("there is no `=` in the line, so engines pass over it")]
    NoEquals,
    /// Engines take the value, and cannot use it.
    #[error("the value is no context, which has user, role and type")]
    NoContext,
    /// Passed over here.
    #[error("the line is not UTF-8")]
    NotUtf8,
}

/// So many problems are kept.
const MAX_PROBLEMS: usize = 100;

impl ContainerContexts {
    /// What a file says. Linear. Never panics.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> ContainerContexts {
        let mut found = ContainerContexts::default();
        for (line, number) in bytes.split(|byte| *byte == b'\n').zip(1..) {
            match read_line(line) {
                Ok(None) => {}
                Ok(Some((key, value))) => {
                    if !value.is_empty()
                        && value.split(':').take(3).filter(|part| !part.is_empty()).count() < 3
                    {
                        found.complain(number, BadLineReason::NoContext);
                    }
                    found.labels.insert(key.to_owned(), value.to_owned());
                }
                Err(reason) => found.complain(number, reason),
            }
        }
        found
    }

    /// `process`: the context of a container's processes, before it gets its pair of categories.
    #[must_use]
    pub fn process(&self) -> Option<&str> {
        self.get("process")
    }

    /// `file`: the context of a container's files, and of what `:z` and `:Z` relabel.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        self.get("file")
    }

    /// `ro_file`: the context of files that containers share and may only read; as engines do, that of files if it is
    /// missing.
    #[must_use]
    pub fn ro_file(&self) -> Option<&str> {
        self.get("ro_file").or_else(|| self.file())
    }

    /// `init_process`: the context of containers that run an init system; as engines do, that of others if it is missing.
    #[must_use]
    pub fn init_process(&self) -> Option<&str> {
        self.get("init_process").or_else(|| self.process())
    }

    /// `kvm_process`: the context of containers that are virtual machines; as engines do, that of others if it is missing.
    #[must_use]
    pub fn kvm_process(&self) -> Option<&str> {
        self.get("kvm_process").or_else(|| self.process())
    }

    /// The value of any key. Nothing if it is empty, which engines take for missing.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.labels.get(key).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The lines with something wrong in them, the first hundred.
    #[must_use]
    pub fn problems(&self) -> &[BadLine] {
        &self.problems
    }

    fn complain(&mut self, line: usize, reason: BadLineReason) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(BadLine { line, reason });
        }
    }
}

/// Key and value. Nothing for blank lines and comments.
fn read_line(line: &[u8]) -> Result<Option<(&str, &str)>, BadLineReason> {
    let line = std::str::from_utf8(line).map_err(|_| BadLineReason::NotUtf8)?.trim();
    if line.is_empty() || line.starts_with([';', '#']) {
        return Ok(None);
    }
    let (key, value) = line.split_once('=').ok_or(BadLineReason::NoEquals)?;
    Ok(Some((key.trim(), value.trim().trim_matches('"'))))
}

#[cfg(test)]
mod tests {
    use super::{BadLineReason, ContainerContexts};

    #[test]
    fn the_file_of_a_distribution() {
        let text = "# comment\n; another\nprocess = \"system_u:system_r:container_t:s0\"\n\
                    file=\"system_u:object_r:container_file_t:s0\"\nro_file=\"\"\n\
                    kvm_process = \"system_u:system_r:container_kvm_t:s0\"\n";
        let contexts = ContainerContexts::parse(text.as_bytes());
        assert_eq!(contexts.problems(), []);
        assert_eq!(contexts.process(), Some("system_u:system_r:container_t:s0"));
        assert_eq!(contexts.ro_file(), contexts.file());
        assert_eq!(contexts.init_process(), contexts.process());
        assert_eq!(contexts.kvm_process(), Some("system_u:system_r:container_kvm_t:s0"));
        assert_eq!(contexts.get("content"), None);
    }

    #[test]
    fn bad_lines_are_told_and_the_rest_is_used() {
        let contexts =
            ContainerContexts::parse(b"process\nfile = container_file_t\nx = \xff\nfile = \"u:r:t\" \r\n");
        let told: Vec<_> = contexts.problems().iter().map(|bad| (bad.line, bad.reason)).collect();
        let expected =
            [(1, BadLineReason::NoEquals), (2, BadLineReason::NoContext), (3, BadLineReason::NotUtf8)];
        assert_eq!(told, expected);
        assert_eq!(contexts.file(), Some("u:r:t"));
        assert_eq!(contexts.process(), None);
    }
}
