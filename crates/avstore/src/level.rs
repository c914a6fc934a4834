//! Levels and ranges as text: `s0:c0,c5.c9 - s0:c0.c1023`. Source: `mls_sid_to_context`'s form in the kernel's
//! `ss/mls.c`, with SETools' blanks around the dash and a dot for two neighbours as for more.

use policydb::{Ebitmap, Level, Policy, Range};

use crate::FileNames;
use crate::statement::write_name;

/// Appends a range: one level if both ends are equal.
pub(crate) fn write_range(policy: &Policy<'_>, range: Range<'_>, names: FileNames, out: &mut Vec<u8>) {
    write_level(policy, range.low, names, out);
    if let Some(high) = range.high.filter(|high| !same_level(*high, range.low)) {
        out.extend(b" - ");
        write_level(policy, high, names, out);
    }
}

/// A range as text, escaped like every name that is shown.
pub fn range_text(policy: &Policy<'_>, range: Range<'_>) -> String {
    let mut text = Vec::new();
    write_range(policy, range, FileNames::Quoted, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// A range, with names as they are wanted.
pub fn range_bytes(policy: &Policy<'_>, range: Range<'_>, names: FileNames) -> Vec<u8> {
    let mut text = Vec::new();
    write_range(policy, range, names, &mut text);
    text
}

/// A level, likewise.
pub fn level_bytes(policy: &Policy<'_>, level: Level<'_>, names: FileNames) -> Vec<u8> {
    let mut text = Vec::new();
    write_level(policy, level, names, &mut text);
    text
}

/// Whether two levels are equal.
fn same_level(a: Level<'_>, b: Level<'_>) -> bool {
    a.sensitivity == b.sensitivity && a.categories.words().eq(b.categories.words())
}

pub(crate) fn write_level(policy: &Policy<'_>, level: Level<'_>, names: FileNames, out: &mut Vec<u8>) {
    match policy.sensitivity_name(level.sensitivity) {
        Some(name) => write_name(name, names, out),
        None => out.extend(format!("<unnamed-{}>", level.sensitivity).bytes()),
    }
    for (i, (first, last)) in runs(level.categories).into_iter().enumerate() {
        out.push(if i == 0 { b':' } else { b',' });
        write_category(policy, first, names, out);
        if last > first {
            out.push(b'.');
            write_category(policy, last, names, out);
        }
    }
}

fn write_category(policy: &Policy<'_>, bit: u32, names: FileNames, out: &mut Vec<u8>) {
    match policy.category_name(bit.saturating_add(1)) {
        Some(name) => write_name(name, names, out),
        None => out.extend(format!("<unnamed-{}>", bit.saturating_add(1)).bytes()),
    }
}

/// Maximal runs of set bits, both ends included.
fn runs(bits: Ebitmap<'_>) -> Vec<(u32, u32)> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for bit in bits.bits() {
        match runs.last_mut() {
            Some(last) if last.1.checked_add(1) == Some(bit) => last.1 = bit,
            _ => runs.push((bit, bit)),
        }
    }
    runs
}
