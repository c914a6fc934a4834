//! Changes to the bytes of a policy that get past its header.
//!
//! Random bytes die at the magic number or at the first length. What breaks a reader is a plausible file with one
//! count, id or length that lies, a record twice or not at all, an end that comes too early. Numbers of the format
//! are 32-bit words at any offset, since names of any length stand between them, and nearly all are small: a word
//! whose upper half is zero is likely to be one.

use policydb::Policy;
use testkit::random::Random;

/// Where the version of the format stands; configuration and two sizes of tables follow.
const VERSION: usize = 16;
/// The header's first 16 bytes never differ: magic number, length of the platform's name, the name.
const BEGINNING: &[u8; 16] = b"\x8c\xff\x7c\xf9\x08\0\0\0SE Linux";
/// Nor do these, for Xen.
const XEN_BEGINNING: &[u8; 16] = b"\x8c\xff\x7c\xf9\x08\0\0\0XenFlask";

/// How often changes are made anew until what comes out loads.
const TRIES: usize = 8;

/// Makes one to four changes to a policy; it stays below `most` bytes.
///
/// One in twenty comes through the reader. So that half of the work is not done on its first errors, half of the
/// changes are tried out here.
pub fn mutate(bytes: &mut Vec<u8>, most: usize, random: &mut Random) {
    let original = bytes.clone();
    let tries = if random.chance(50) { TRIES } else { 1 };
    for _ in 0..tries {
        bytes.clone_from(&original);
        change(bytes, most, random);
        if Policy::parse(bytes).is_ok() {
            break;
        }
    }
}

fn change(bytes: &mut Vec<u8>, most: usize, random: &mut Random) {
    for _ in 0..=random.below(4) {
        match random.below(100) {
            0..35 => forge_word(bytes, random),
            35..50 => exchange_words(bytes, random),
            50..60 => copy_over(bytes, random),
            60..75 => insert_copy(bytes, random),
            75..85 => remove(bytes, random),
            85..92 => spoil_name(bytes, random),
            92..96 => change_version(bytes, random),
            96..98 => bytes.truncate(random.below(bytes.len() + 1)),
            _ => bytes.extend(std::iter::repeat_n(0, random.below(64))),
        }
    }
    // Most of the time the header is not what is wrong.
    if random.chance(95) && bytes.len() >= BEGINNING.len() {
        let is_xen = bytes.get(8..16) == Some(&XEN_BEGINNING[8..]);
        bytes[..16].copy_from_slice(if is_xen { XEN_BEGINNING } else { BEGINNING });
    }
    bytes.truncate(most);
}

/// The offset of what is probably a number of the format: the next small word behind a random place.
fn place_of_word(bytes: &[u8], random: &mut Random) -> Option<usize> {
    let last = bytes.len().checked_sub(4)?;
    let start = random.below(last + 1);
    let is_small = |at: &usize| matches!(bytes[*at..*at + 4], [low, _, 0, 0] if low != 0);
    (start..=last).take(64).find(is_small).or(Some(start))
}

fn word_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |word| u32::from_le_bytes(word.try_into().expect("four bytes")))
}

fn forge_word(bytes: &mut [u8], random: &mut Random) {
    let Some(at) = place_of_word(bytes, random) else { return };
    let word = word_at(bytes, at);
    let left = u32::try_from(bytes.len() - at).unwrap_or(u32::MAX);
    let forged = match random.below(12) {
        0 => 0,
        1 => u32::MAX,
        2 => word.wrapping_add(1),
        3 => word.wrapping_sub(1),
        4 => word.wrapping_mul(2),
        5 => 1 << random.below(32),
        6 => (1 << random.below(32)) - 1,
        // As many of the smallest records as the file can still hold, more or less.
        7 => left / [8, 9, 12, 13, 16, 21, 24, 33][random.below(8)],
        8 => word ^ (1 << random.below(32)),
        9 => 64 * u32::try_from(random.below(8)).unwrap_or(0),
        _ => u32::try_from(random.below(40)).unwrap_or(0),
    };
    bytes[at..at + 4].copy_from_slice(&forged.to_le_bytes());
}

/// Exchanges two numbers, or gives one the value of the other.
fn exchange_words(bytes: &mut [u8], random: &mut Random) {
    let (Some(a), Some(b)) = (place_of_word(bytes, random), place_of_word(bytes, random)) else { return };
    let (at_a, at_b) = (word_at(bytes, a), word_at(bytes, b));
    bytes[b..b + 4].copy_from_slice(&at_a.to_le_bytes());
    if random.chance(50) {
        bytes[a..a + 4].copy_from_slice(&at_b.to_le_bytes());
    }
}

/// A random piece of at most 200 bytes.
fn piece(bytes: &[u8], random: &mut Random) -> std::ops::Range<usize> {
    let start = random.below(bytes.len());
    // Records are often of 4, 8 or 12 bytes times something.
    let length = [4, 8, 12, 12 * (1 + random.below(8)), 1 + random.below(200)][random.below(5)];
    start..(start + length).min(bytes.len())
}

/// Writes a piece of the file over another place.
fn copy_over(bytes: &mut [u8], random: &mut Random) {
    let from = piece(bytes, random);
    let to = random.below(bytes.len() - from.len() + 1);
    bytes.copy_within(from, to);
}

/// Inserts a piece of the file: right behind itself, or anywhere; and perhaps counts it.
fn insert_copy(bytes: &mut Vec<u8>, random: &mut Random) {
    let from = piece(bytes, random);
    let copy = bytes[from.clone()].to_vec();
    let to = if random.chance(60) { from.end } else { random.below(bytes.len() + 1) };
    bytes.splice(to..to, copy);
    if random.chance(40)
        && let Some(at) = place_of_word(&bytes[..from.start], random)
    {
        let counted = word_at(bytes, at).wrapping_add(1);
        bytes[at..at + 4].copy_from_slice(&counted.to_le_bytes());
    }
}

fn remove(bytes: &mut Vec<u8>, random: &mut Random) {
    let piece = piece(bytes, random);
    bytes.drain(piece);
}

/// Puts a byte into a name that names seldom hold.
fn spoil_name(bytes: &mut [u8], random: &mut Random) {
    let start = random.below(bytes.len());
    let letter = bytes[start..].iter().position(u8::is_ascii_lowercase);
    if let Some(letter) = letter {
        bytes[start + letter] = *random.pick(b"\x1b\n\0\xff\x80\xc3\xe2 :\"\\@/\x7f").unwrap_or(&0);
    }
}

/// Another version, with the number of tables that belongs to it.
fn change_version(bytes: &mut [u8], random: &mut Random) {
    if bytes.len() < VERSION + 16 {
        return;
    }
    let version = 15 + random.below(21);
    let (platform, version, tables, lists) = match random.below(10) {
        0 => (XEN_BEGINNING, 24, 8, 5),
        1 => (XEN_BEGINNING, 30, 8, 6),
        _ => {
            let tables = [5, 6, 8][usize::from(version >= 16) + usize::from(version >= 19)];
            let lists = [6, 7, 9][usize::from(version >= 17) + usize::from(version >= 31)];
            (BEGINNING, version, tables, lists)
        }
    };
    bytes[..16].copy_from_slice(platform);
    for (place, value) in [(0, version), (8, tables), (12, lists)] {
        let value = u32::try_from(value).unwrap_or(0);
        bytes[VERSION + place..VERSION + place + 4].copy_from_slice(&value.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_can_be_changed() {
        for seed in 0..5000 {
            let mut random = Random::new(seed);
            let mut bytes: Vec<u8> = (0..random.below(70)).map(|_| random.below(256) as u8).collect();
            mutate(&mut bytes, 100, &mut random);
            assert!(bytes.len() <= 100);
        }
    }
}
