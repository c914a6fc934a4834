//! The compiled form, `file_contexts.bin`: its header, and the entries of versions 1 to 5.
//!
//! Source: libselinux 3.4 `label_file.c`, `load_mmap`, and `utils/sefcontext_compile.c`. Numbers are in the order of the
//! machine that wrote the file. The serialised programs of PCRE are passed over: they are for one version of PCRE on one
//! machine, and the expression stands beside them. So do stems, the flag for special signs and the length of the
//! prefix, which all follow from the expression. Version 6 is another format: `compiled_tree`.

use super::compiled_tree;
use super::cursor::{Cursor, Order};
use super::generation::Generation;
use super::kind::FileKind;
use super::lines::{Lines, Words};
use super::problem::ProblemReason;

const SELINUX_MAGIC_COMPILED_FCONTEXT: u32 = 0xf97c_ff8a;

const SELINUX_COMPILED_FCONTEXT_PCRE_VERS: u32 = 2;
const SELINUX_COMPILED_FCONTEXT_PREFIX_LEN: u32 = 4;
const SELINUX_COMPILED_FCONTEXT_REGEX_ARCH: u32 = 5;
const SELINUX_COMPILED_FCONTEXT_TREE_LAYOUT: u32 = 6;

/// The bytes of an entry whose strings are empty.
const LEAST_ENTRY: usize = 24;

/// Does a file begin as compiled ones do.
pub(super) fn is_compiled(bytes: &[u8]) -> bool {
    order_of(bytes).is_some()
}

/// The generation of libselinux that reads a compiled file.
pub(super) fn generation(bytes: &[u8]) -> Option<Generation> {
    let mut cursor = Cursor::new(bytes);
    cursor.order = order_of(bytes)?;
    cursor.u32().ok()?;
    let version = cursor.u32().ok()?;
    Some(match version {
        0..SELINUX_COMPILED_FCONTEXT_TREE_LAYOUT => Generation::Stems,
        _ => Generation::Tree,
    })
}

fn order_of(bytes: &[u8]) -> Option<Order> {
    let magic = bytes.first_chunk()?;
    if u32::from_le_bytes(*magic) == SELINUX_MAGIC_COMPILED_FCONTEXT {
        return Some(Order::Little);
    }
    (u32::from_be_bytes(*magic) == SELINUX_MAGIC_COMPILED_FCONTEXT).then_some(Order::Big)
}

/// Adds the entries of a compiled file.
///
/// # Errors
/// A file that ends early, a length or a count that does not fit, an unknown version; then nothing is added.
pub(super) fn read(lines: &mut Lines, file: u8, bytes: &[u8]) -> Result<(), ProblemReason> {
    let mut cursor = Cursor::new(bytes);
    let Some(order) = order_of(bytes) else {
        return cursor.expected("the magic number of compiled file contexts");
    };
    cursor.order = order;
    cursor.u32()?;
    let version = cursor.u32()?;
    let mut found = Vec::new();
    match version {
        1..SELINUX_COMPILED_FCONTEXT_TREE_LAYOUT => {
            let is_pcre1 = read_header(&mut cursor, version)?;
            read_entries(&mut cursor, version, is_pcre1, |words| found.push((None, words)))?;
        }
        SELINUX_COMPILED_FCONTEXT_TREE_LAYOUT if order == Order::Big => {
            compiled_tree::read(&mut cursor, |number, words| found.push((number, words)))?;
        }
        _ => return cursor.expected("a version from 1 to 6"),
    }
    found.into_iter().for_each(|(number, words)| lines.add(file, number, words));
    Ok(())
}

/// Reads up to the entries; says whether the programs of PCRE 1 follow each, which are two.
fn read_header(cursor: &mut Cursor<'_>, version: u32) -> Result<bool, ProblemReason> {
    let mut is_pcre1 = true;
    if version >= SELINUX_COMPILED_FCONTEXT_PCRE_VERS {
        let length = cursor.length()?;
        let pcre = cursor.take(length)?;
        is_pcre1 = !pcre.starts_with(b"1");
    }
    if version >= SELINUX_COMPILED_FCONTEXT_REGEX_ARCH {
        let length = cursor.length()?;
        cursor.take(length)?;
    }
    cursor.section = "the stems";
    for _ in 0..cursor.count(5)? {
        let length = cursor.length()?;
        if length == 0 {
            return cursor.expected("a stem that is not empty");
        }
        cursor.string(length.saturating_add(1))?;
    }
    Ok(is_pcre1)
}

fn read_entries<'a>(
    cursor: &mut Cursor<'a>,
    version: u32,
    is_pcre1: bool,
    mut add: impl FnMut(Words<'a>),
) -> Result<(), ProblemReason> {
    cursor.section = "the entries";
    let n_entries = cursor.count(LEAST_ENTRY)?;
    if n_entries == 0 {
        return cursor.expected("one entry at least");
    }
    for _ in 0..n_entries {
        let length = cursor.length()?;
        let context = cursor.string(length)?;
        let length = cursor.length()?;
        let regex = cursor.string(length)?;
        let mode = cursor.u32()?;
        let kind = FileKind::from_mode(mode);
        if kind.map_or(0, FileKind::mode) != mode {
            return cursor.expected("a mode that is a kind of file and nothing else");
        }
        // The stem and the flag for special signs.
        cursor.u32()?;
        cursor.u32()?;
        if version >= SELINUX_COMPILED_FCONTEXT_PREFIX_LEN {
            cursor.u32()?;
        }
        for _ in 0..if is_pcre1 { 2 } else { 1 } {
            let length = cursor.length()?;
            cursor.take(length)?;
        }
        add(Words { regex, kind, context });
    }
    if !cursor.is_at_end() {
        return cursor.expected("the end of the file");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
