//! How configurations and command lines of engines are read.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Separation, Unread};
use crate::regular;

/// Files of a folder that are put on top of a configuration: people have a handful.
const MOST_DROP_INS: usize = 32;
/// Bytes of a configuration: the longest that engines write for themselves has ten thousand. As a table it takes hundreds of times
/// as much memory, and anybody may put one into his home.
const LARGEST: u64 = 64 << 10;

/// What is said, or the file that does not tell.
pub(super) type Said = Result<Separation, Unread>;

/// A path of the system below `root` as one of this process.
pub(super) fn below(root: &Path, file: &Path) -> PathBuf {
    root.join(file.strip_prefix("/").unwrap_or(file))
}

/// The text of a file; nothing if there is none.
pub(super) fn read(root: &Path, file: &Path) -> Result<Option<String>, Unread> {
    regular::kept_text_if_there(&below(root, file), LARGEST).map_err(|error| Unread::closed(file, error))
}

/// The table that a file holds; nothing if there is none.
pub(super) fn table(root: &Path, file: &Path) -> Result<Option<toml::Table>, Unread> {
    let Some(text) = read(root, file)? else { return Ok(None) };
    text.parse().map(Some).map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count().saturating_add(1);
        Unread::wrong(file, format!("line {line} is no TOML: {}", error.message()))
    })
}

/// The files that are put on top of a configuration, in their order, as the system names them.
pub(super) fn drop_ins(root: &Path, folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(below(root, folder)).into_iter().flatten();
    let names = entries.filter_map(|entry| Some(entry.ok()?.file_name()));
    let files = names.map(|name| folder.join(name));
    let mut files: Vec<PathBuf> =
        files.filter(|file| file.extension().is_some_and(|ending| ending == "conf")).collect();
    files.sort_unstable();
    files.truncate(MOST_DROP_INS);
    files
}

/// What a table says at a path of keys.
pub(super) fn boolean(table: &toml::Table, path: &[&str]) -> Option<bool> {
    let (last, folders) = path.split_last()?;
    let mut table = table;
    for folder in folders {
        table = table.get(*folder)?.as_table()?;
    }
    table.get(*last)?.as_bool()
}

/// What a switch of a command line says, the last time that it stands there.
pub(super) fn flag(arguments: &[String], name: &str) -> Option<bool> {
    arguments.iter().rev().find_map(|argument| match argument.strip_prefix(name)? {
        "" => Some(true),
        value => {
            value.strip_prefix('=').map(|value| matches!(value, "true" | "1" | "t" | "T" | "TRUE" | "True"))
        }
    })
}

/// The value of an option of a command line.
pub(super) fn option<'a>(arguments: &'a [String], names: &[&str]) -> Option<&'a str> {
    let after = arguments.iter().skip(1).map(Some).chain([None]);
    arguments.iter().zip(after).find_map(|(argument, next)| {
        names.iter().find_map(|name| match argument.strip_prefix(name)? {
            "" => next.map(String::as_str),
            rest => rest.strip_prefix('='),
        })
    })
}
