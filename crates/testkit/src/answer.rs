//! What a tool answered: exit code, the bytes of standard output, and the last line of a usage error.
//!
//! SETools writes sets of names in constraints in an order that changes from run to run, and sorts constraints by
//! that text; sedta's entry points stand in an order that changes, too. So answers are compared in a normal form, in which
//! those names, lines and entry points are sorted.

use sha2::{Digest, Sha256};
use std::process::{Command, Stdio};

/// Exit code of argparse's usage errors, the only ones that go to standard error.
const USAGE_ERROR: i32 = 2;

/// An answer as it is recorded and compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The exit code; -1 when a signal ended the process.
    pub exit: i32,
    /// sha256 of the normal form of standard output, in hexadecimal digits.
    pub sha256: String,
    /// The last line of standard error after a usage error, else empty. Its other lines are the usage text,
    /// which wraps with the width of the terminal.
    pub error: String,
}

/// An answer with what was printed.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The comparable part.
    pub answer: Answer,
    /// The bytes of standard output.
    pub stdout: Vec<u8>,
    /// The bytes of standard error.
    pub stderr: Vec<u8>,
}

/// Runs a command with no standard input.
///
/// # Errors
/// When it cannot be started.
pub fn ask(command: &mut Command) -> std::io::Result<Reply> {
    let output = command.stdin(Stdio::null()).output()?;
    let exit = output.status.code().unwrap_or(-1);
    let said = String::from_utf8_lossy(&output.stderr);
    let error =
        if exit == USAGE_ERROR { said.lines().last().unwrap_or_default().to_owned() } else { String::new() };
    let answer = Answer { exit, sha256: sha256(&normal_form(&output.stdout)), error };
    Ok(Reply { answer, stdout: output.stdout, stderr: output.stderr })
}

/// An output with the names in constraints sorted, and neighbouring constraints and entry points likewise.
pub fn normal_form(output: &[u8]) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = output.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
    for group in lines.chunk_by_mut(|a, b| is_constraint(a) && is_constraint(b)) {
        if group.first().is_some_and(|line| is_constraint(line)) {
            group.iter_mut().for_each(|line| *line = with_sorted_names(line));
            group.sort();
        }
    }
    with_sorted_entry_points(lines).join(&b'\n')
}

/// Lines in which neighbouring blocks that begin with `Entrypoint ` are sorted. The empty lines behind each place stay there.
fn with_sorted_entry_points(lines: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let mut result: Vec<Vec<u8>> = Vec::with_capacity(lines.len());
    let mut blocks: Vec<(Vec<Vec<u8>>, usize)> = Vec::new();
    let settle = |blocks: &mut Vec<(Vec<Vec<u8>>, usize)>, result: &mut Vec<Vec<u8>>| {
        let n_empty: Vec<usize> = blocks.iter().map(|(_, n_empty)| *n_empty).collect();
        blocks.sort();
        for ((block, _), n_empty) in blocks.drain(..).zip(n_empty) {
            result.extend(block);
            result.extend(vec![Vec::new(); n_empty]);
        }
    };
    for line in lines {
        match (line.first(), blocks.last_mut()) {
            (Some(b'E'), _) if line.starts_with(b"Entrypoint ") => blocks.push((vec![line], 0)),
            (None, Some((_, n_empty))) => *n_empty += 1,
            (Some(b'\t'), Some((block, n_empty))) => {
                block.extend(vec![Vec::new(); std::mem::take(n_empty)]);
                block.push(line);
            }
            _ => {
                settle(&mut blocks, &mut result);
                result.push(line);
            }
        }
    }
    settle(&mut blocks, &mut result);
    result
}

fn is_constraint(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    let line = line.strip_prefix(b"mls").unwrap_or(line);
    line.starts_with(b"constrain ") || line.starts_with(b"validatetrans ")
}

/// A line whose lists in braces are sorted.
fn with_sorted_names(line: &[u8]) -> Vec<u8> {
    let mut sorted = Vec::with_capacity(line.len());
    let mut names: Option<Vec<&[u8]>> = None;
    for (place, word) in line.split(|&byte| byte == b' ').enumerate() {
        if place > 0 && names.is_none() {
            sorted.push(b' ');
        }
        match (word, names.as_mut()) {
            (b"{", None) => names = Some(Vec::new()),
            (b"}", Some(list)) => {
                list.sort_unstable();
                sorted.extend([&b"{ "[..], &list.join(&b' '), b" }"].concat());
                names = None;
            }
            (word, Some(list)) => list.push(word),
            (word, None) => sorted.extend(word),
        }
    }
    if let Some(list) = names {
        sorted.extend([&b"{ "[..], &list.join(&b' ')].concat());
    }
    sorted
}

/// sha256 in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Answer {
    /// True if nothing was printed on standard output.
    pub fn is_empty(&self) -> bool {
        self.sha256 == sha256(b"")
    }
}

#[cfg(test)]
mod tests {
    use super::normal_form;

    #[test]
    fn entry_points_are_compared_without_their_order() {
        let one = "a\n\nEntrypoint y:\n\tz\n\n\tq\n\n\nEntrypoint x:\n\tz\n\n\nb\n\nEntrypoint a:\n\tz\n";
        let two = "a\n\nEntrypoint x:\n\tz\n\n\nEntrypoint y:\n\tz\n\n\tq\n\n\nb\n\nEntrypoint a:\n\tz\n";
        assert_eq!(normal_form(one.as_bytes()), two.as_bytes());
        assert_eq!(normal_form(two.as_bytes()), two.as_bytes());
    }

    #[test]
    fn constraints_are_compared_without_their_order() {
        let one = "a: 2\n   constrain x y (t1 == { b a }  or u1 == u2); \n   constrain x { p q } (u1 == u2); \nallow { b a }\n";
        let two = "a: 2\n   constrain x { p q } (u1 == u2); \n   constrain x y (t1 == { a b }  or u1 == u2); \nallow { b a }\n";
        assert_eq!(normal_form(one.as_bytes()), normal_form(two.as_bytes()));
        assert!(
            normal_form(two.as_bytes())
                .starts_with(b"a: 2\n   constrain x y (t1 == { a b }  or u1 == u2); \n")
        );
        assert!(normal_form(two.as_bytes()).ends_with(b"allow { b a }\n"), "nothing else changes");
        assert_ne!(
            normal_form(b"constrain x y (t1 == { a b } );"),
            normal_form(b"constrain x y (t1 == { a c } );")
        );
        assert_eq!(normal_form(b""), b"");
    }
}
