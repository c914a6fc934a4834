//! Version 6 of the compiled form, of libselinux 3.8 and later: a tree of stems, numbers big-endian on every machine.
//!
//! Source: libselinux `label_file.c`, `load_mmap`, `load_mmap_ctxarray`, `load_mmap_spec_node`. The stems are read to
//! get past them: what they say follows from the expressions. Plain paths come without the number of their line.

use super::cursor::Cursor;
use super::kind::FileKind;
use super::lines::Words;
use super::problem::ProblemReason;

/// So deep may a tree be; libselinux writes three levels.
const MAX_DEPTH: usize = 32;
/// The bytes of entries and nodes whose strings are as short as can be.
const LEAST_LITERAL: usize = 13;
const LEAST_REGEX: usize = 19;
const LEAST_NODE: usize = 16;

type Read<T> = Result<T, ProblemReason>;

/// Reads what follows the version. Entries of a node come in the order of the file, nodes in any.
pub(super) fn read<'a>(cursor: &mut Cursor<'a>, mut add: impl FnMut(Option<u32>, Words<'a>)) -> Read<()> {
    for _ in 0..2 {
        // The version and the machine of PCRE.
        let length = cursor.length()?;
        cursor.take(length)?;
    }
    // The number of entries, which is counted here.
    cursor.take(8)?;
    cursor.section = "the contexts";
    let mut contexts = Vec::new();
    for _ in 0..cursor.count(3)? {
        let length = cursor.u16()?;
        if length == 0 || length == u16::MAX {
            return cursor.expected("a context's length from 1 to 65534");
        }
        contexts.push(cursor.take(usize::from(length))?);
    }
    cursor.section = "the tree";
    // For each open node the children that are still to come: the root is the only one of its level.
    let mut open = vec![1_usize];
    while let Some(left) = open.last_mut() {
        let Some(fewer) = left.checked_sub(1) else {
            open.pop();
            continue;
        };
        *left = fewer;
        let depth = open.len();
        if depth > MAX_DEPTH {
            return cursor.expected("a tree that is at most 32 deep");
        }
        let n_children = read_node(cursor, depth == 1, &contexts, &mut add)?;
        open.push(n_children);
    }
    if !cursor.is_at_end() {
        return cursor.expected("the end of the file");
    }
    Ok(())
}

/// One node without its children, of which the number is returned.
fn read_node<'a>(
    cursor: &mut Cursor<'a>,
    is_root: bool,
    contexts: &[&'a [u8]],
    add: &mut impl FnMut(Option<u32>, Words<'a>),
) -> Read<usize> {
    let stem = cursor.u16()?;
    if stem == 0 || (stem == 1) != is_root {
        return cursor.expected("a stem, which the root does not have");
    }
    cursor.string(usize::from(stem))?;
    for _ in 0..cursor.count(LEAST_LITERAL)? {
        let context = read_context(cursor, contexts)?;
        let regex = read_string(cursor)?;
        // The path without its escapes.
        read_string(cursor)?;
        let kind = read_kind(cursor)?;
        add(None, Words { regex, kind, context });
    }
    for _ in 0..cursor.count(LEAST_REGEX)? {
        let context = read_context(cursor, contexts)?;
        let number = cursor.u32()?;
        let regex = read_string(cursor)?;
        // The length of the prefix.
        cursor.u16()?;
        let kind = read_kind(cursor)?;
        let length = cursor.length()?;
        cursor.take(length)?;
        add(Some(number), Words { regex, kind, context });
    }
    cursor.count(LEAST_NODE)
}

fn read_context<'a>(cursor: &mut Cursor<'_>, contexts: &[&'a [u8]]) -> Read<&'a [u8]> {
    let id = cursor.length()?;
    let context = id.checked_sub(1).and_then(|index| contexts.get(index)).copied();
    context.map_or_else(|| cursor.expected("the number of one of the contexts"), Ok)
}

fn read_string<'a>(cursor: &mut Cursor<'a>) -> Read<&'a [u8]> {
    let length = cursor.u16()?;
    if length <= 1 {
        return cursor.expected("a text that is not empty");
    }
    cursor.string(usize::from(length))
}

fn read_kind(cursor: &mut Cursor<'_>) -> Read<Option<FileKind>> {
    match cursor.u8()? {
        0 => Ok(None),
        number => match FileKind::from_number(number) {
            Some(kind) => Ok(Some(kind)),
            None => cursor.expected("the number of a kind of file"),
        },
    }
}
