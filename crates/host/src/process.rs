//! The processes of a system: name, command line, parent, label. Source: proc(5); `/proc/PID/attr/current` is SELinux's label of a
//! process, as `getpidcon_raw` of libselinux reads it.
//!
//! A process may end while it is looked at: then it is left out.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::regular;

/// Bytes of a command line that are read: more is only shown to nobody.
const LONGEST: usize = 64 * 1024;

/// A process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// The number of its parent; 0 has none.
    pub parent: u32,
    /// The name of its program, at most fifteen bytes of it.
    pub name: String,
    /// Its arguments, the program's name first; empty for threads of the kernel.
    pub arguments: Vec<String>,
    /// Its label, if it has one that may be read.
    pub label: Option<String>,
    /// Why its label cannot be read, if it is there.
    pub label_error: Option<String>,
    /// Whether it can be a daemon of this system: it is root's, and in no container, which has processes of its own. Anybody can call
    /// a process as he likes.
    pub may_be_daemon: bool,
}

/// The processes of the system below `root`, by number. O(processes).
///
/// # Errors
/// There is no /proc.
pub fn processes(root: &Path) -> io::Result<Vec<Process>> {
    let first = pid_namespace(root, 1);
    let mut found: Vec<Process> = fs::read_dir(root.join("proc"))?
        .filter_map(|entry| {
            let entry = entry.ok()?;
            process(root, entry.file_name().to_str()?.parse().ok()?, first.as_deref())
        })
        .collect();
    found.sort_unstable_by_key(|process| process.pid);
    Ok(found)
}

/// Whether a daemon of that name runs; nothing if not all processes are shown, as on systems that hide those of others.
pub fn is_running(processes: &[Process], name: &str) -> Option<bool> {
    if processes.iter().any(|process| process.may_be_daemon && process.name == name) {
        return Some(true);
    }
    processes.first().is_some_and(|process| process.pid == 1).then_some(false)
}

/// Whether this process is root's, to whom nothing is hidden but what SELinux hides.
pub fn is_root(root: &Path) -> bool {
    fs::metadata(root.join("proc/self")).is_ok_and(|metadata| metadata.uid() == 0)
}

/// The label of a process; nothing if it has none.
///
/// # Errors
/// There is no such process, or it may not be looked at.
pub fn label_of_process(root: &Path, pid: u32) -> io::Result<Option<String>> {
    Ok(label(regular::beginning(&root.join(format!("proc/{pid}/attr/current")), LONGEST)?))
}

/// The label of this process, if it has one.
///
/// # Errors
/// It cannot be read.
pub fn own_label(root: &Path) -> io::Result<Option<String>> {
    match regular::beginning(&root.join("proc/self/attr/current"), LONGEST) {
        Ok(bytes) => Ok(label(bytes)),
        // A kernel without any security module has the file, and does not answer.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidInput) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A label as the kernel writes it, with a zero byte or a line feed behind it.
fn label(mut bytes: Vec<u8>) -> Option<String> {
    while bytes.last().is_some_and(|&last| last == 0 || last == b'\n') {
        bytes.pop();
    }
    (!bytes.is_empty()).then(|| String::from_utf8_lossy(&bytes).into_owned())
}

/// The namespace of a process's numbers, which only root is told.
fn pid_namespace(root: &Path, pid: u32) -> Option<PathBuf> {
    fs::read_link(root.join(format!("proc/{pid}/ns/pid"))).ok()
}

/// A process; `first` is the namespace of the system's first one.
fn process(root: &Path, pid: u32, first: Option<&Path>) -> Option<Process> {
    let folder = root.join(format!("proc/{pid}"));
    let status = regular::beginning(&folder.join("status"), LONGEST).ok()?;
    let status = String::from_utf8_lossy(&status);
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let line = regular::beginning(&folder.join("cmdline"), LONGEST).unwrap_or_default();
    let arguments = line.split(|&byte| byte == 0).map(|word| String::from_utf8_lossy(word).into_owned());
    let mut arguments: Vec<String> = arguments.collect();
    if arguments.last().is_some_and(String::is_empty) {
        arguments.pop();
    }
    let (label, label_error) = match label_of_process(root, pid) {
        Ok(label) => (label, None),
        // It has just ended, or there is no SELinux.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidInput) => (None, None),
        Err(error) => (None, Some(error.to_string())),
    };
    let uid = field("Uid:").and_then(|ids| ids.split_ascii_whitespace().next());
    // Its files tell less: some distributions' services have a view of their own of them.
    let is_contained = first.is_some_and(|first| pid_namespace(root, pid).is_some_and(|its| its != first));
    Some(Process {
        may_be_daemon: uid.is_none_or(|uid| uid == "0") && !is_contained,
        pid,
        parent: field("PPid:").and_then(|text| text.parse().ok()).unwrap_or(0),
        name: field("Name:")?.to_owned(),
        arguments,
        label,
        label_error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_system::{fifo, system};

    #[test]
    fn processes_are_read_and_what_is_none_is_left_out() {
        let root = system(&[
            ("proc/12/status", "Name:\tdockerd\nState:\tS\nPPid:\t1\n"),
            ("proc/12/cmdline", "/usr/bin/dockerd\0--selinux-enabled\0"),
            ("proc/12/attr/current", "system_u:system_r:container_runtime_t:s0\0"),
            ("proc/3/status", "Name:\tkthreadd\nPPid:\t0\n"),
            ("proc/4/cmdline", "it has just ended"),
            ("proc/self/status", "Name:\tx\n"),
        ]);
        let found = processes(root.path()).unwrap();
        let [kernel, docker] = &found[..] else { panic!("{found:?}") };
        assert_eq!((kernel.pid, kernel.arguments.len(), &kernel.label), (3, 0, &None));
        assert_eq!((docker.name.as_str(), docker.parent), ("dockerd", 1));
        assert_eq!(docker.arguments, ["/usr/bin/dockerd", "--selinux-enabled"]);
        assert_eq!(docker.label.as_deref(), Some("system_u:system_r:container_runtime_t:s0"));
        assert!(kernel.may_be_daemon && docker.may_be_daemon);
        assert!(processes(system(&[]).path()).is_err());
        assert!(label_of_process(root.path(), 99).is_err());
    }

    #[test]
    fn a_label_that_cannot_be_read_hides_no_process() {
        let root = system(&[("proc/12/status", "Name:\tdockerd\nPPid:\t1\n")]);
        fifo(&root, "proc/12/attr/current");
        fifo(&root, "proc/13/status");
        fifo(&root, "proc/self/attr/current");
        let found = processes(root.path()).unwrap();
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].label_error.as_deref(), Some("it is no regular file"));
        assert!(own_label(root.path()).is_err());
        assert_eq!(own_label(system(&[]).path()).unwrap(), None);
    }

    #[test]
    fn who_calls_himself_a_daemon_is_none() {
        let status = |uid| format!("Name:\tdockerd\nPPid:\t1\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n");
        let root = system(&[
            ("proc/1/status", "Name:\tsystemd\nUid:\t0\t0\t0\t0\n"),
            ("proc/5/status", &status(1000)),
            ("proc/6/status", &status(0)),
            ("proc/7/status", &status(0)),
        ]);
        for (pid, namespace) in [("1", "pid:[1]"), ("5", "pid:[1]"), ("6", "pid:[1]"), ("7", "pid:[2]")] {
            let folder = root.path().join("proc").join(pid).join("ns");
            fs::create_dir_all(&folder).unwrap();
            std::os::unix::fs::symlink(namespace, folder.join("pid")).unwrap();
        }
        let found: Vec<(u32, bool)> =
            processes(root.path()).unwrap().iter().map(|one| (one.pid, one.may_be_daemon)).collect();
        assert_eq!(found, [(1, true), (5, false), (6, true), (7, false)]);
        let processes = processes(root.path()).unwrap();
        assert_eq!(is_running(&processes, "dockerd"), Some(true));
        assert_eq!(is_running(&processes, "auditd"), Some(false));
        assert_eq!(is_running(&processes[1..], "auditd"), None, "the first is hidden, and others may be");
    }
}
