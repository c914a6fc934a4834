//! The files through which the kernel is asked about its policy.
//!
//! Source: `security/selinux/selinuxfs.c`. A question is one write and its answer the read that follows, on one
//! open file; a policy, too, must be loaded by one write.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Where it is mounted.
pub(crate) const ROOT: &str = "/sys/fs/selinux";

/// The longest reply: a context, or a small file.
const LONGEST_REPLY: usize = 1 << 16;

/// The path of a node.
pub(crate) fn node(name: &str) -> PathBuf {
    Path::new(ROOT).join(name)
}

/// Writes a question and reads its answer.
pub(crate) fn transact(name: &str, question: &str) -> io::Result<String> {
    let mut file = File::options().read(true).write(true).open(node(name))?;
    write_at_once(&mut file, question.as_bytes())?;
    let mut reply = vec![0; LONGEST_REPLY];
    let length = file.read(&mut reply)?;
    reply.truncate(length);
    // Contexts end with a NUL.
    while reply.last() == Some(&0) {
        reply.pop();
    }
    Ok(String::from_utf8_lossy(&reply).into_owned())
}

/// Writes a value, such as a boolean's state or a whole policy.
pub(crate) fn put(name: &str, value: &[u8]) -> io::Result<()> {
    write_at_once(&mut File::options().write(true).open(node(name))?, value)
}

/// What a node says.
pub(crate) fn get(name: &str) -> io::Result<String> {
    Ok(fs::read_to_string(node(name))?.trim_end_matches(['\0', '\n']).to_owned())
}

/// The kernel takes each write as a whole, so that a rest must not follow in another one.
fn write_at_once(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    match file.write(bytes)? {
        length if length == bytes.len() => Ok(()),
        _ => Err(io::ErrorKind::WriteZero.into()),
    }
}
