//! Policies of versions that Debian's checkpolicy does not write, put together from the bytes of those that it does.
//!
//! 34 allows extended permissions in conditionals, 35 adds the map of types whose denials are never audited; nothing
//! else changes after 33.

use crate::Error;
use crate::policies::repository;

/// Where the version stands in policies whose platform is `SE Linux`.
const VERSION: usize = 16;

/// A policy with its name and version.
pub struct Assembled {
    /// What it is made of.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Policies of versions 34 and 35: with extended permissions in no conditional and in one, and with type 3 never
/// audited.
///
/// # Errors
/// When the test data cannot be read.
///
/// # Panics
/// When the test data is not what it was.
pub fn policies() -> Result<Vec<Assembled>, Error> {
    let plain = |version| Ok(Assembled { version, ..with_version("rich-xperm", version)? });
    let mut conditional = with_version("condition-granted", 34)?;
    add_conditional_xperms(&mut conditional.bytes);
    let mut conditional_35 = with_version("condition-granted", 35)?;
    add_conditional_xperms(&mut conditional_35.bytes);
    let mut all = vec![plain(34)?, conditional, plain(35)?, conditional_35];
    for policy in all.iter_mut().filter(|policy| policy.version == 35) {
        add_neveraudit(&mut policy.bytes);
    }
    Ok(all)
}

/// A policy of the test data that claims another version.
///
/// # Errors
/// When the test data cannot be read.
pub fn with_version(name: &str, version: u32) -> Result<Assembled, Error> {
    let path = repository().join(format!("testdata/policies/{name}.33"));
    let mut bytes = std::fs::read(&path).map_err(Error::file(path))?;
    bytes[VERSION..VERSION + 4].copy_from_slice(&version.to_le_bytes());
    Ok(Assembled { name: format!("{name} as {version}"), version, bytes })
}

/// Puts the map of types whose denials are never audited behind that of permissive types, with type 3 by value.
fn add_neveraudit(bytes: &mut Vec<u8>) {
    let at = end_of_permissive_types(bytes);
    bytes.splice(at..at, words(&[64, 64, 1, 0, 1 << 3, 0]));
}

/// Where the bitmap of permissive types ends in a policy of version 23 or later: behind the header stand two
/// bitmaps of three words and twelve bytes a node each.
fn end_of_permissive_types(bytes: &[u8]) -> usize {
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes")) as usize;
    // Magic number, length and text of the platform, version, configuration, two table sizes.
    let mut at = 4 + 4 + word(4) + 4 * 4;
    for _ in 0..2 {
        at += 12 + word(at + 8) * 12;
    }
    at
}

/// Puts `allowxperm a_t doc_t:file ioctl 0x5401;` before the one rule of `condition-granted`, which is
/// `allow a_t doc_t:file read;`.
fn add_conditional_xperms(bytes: &mut Vec<u8>) {
    // One rule: its source and target, its class and kind (`allow`, and the bit of rules in force).
    let rule = words(&[1, 0x0002_0001, 0x8001_0001]);
    let at = bytes.windows(rule.len()).position(|window| window == rule).expect("the conditional rule");
    // Two rules; the new one is of kind 0x100, about single commands (1) of driver 0x54, bit 1 of 256.
    let mut two = words(&[2, 0x0002_0001, 0x8100_0001]);
    two.extend([1, 0x54]);
    two.extend(words(&[1 << 1, 0, 0, 0, 0, 0, 0, 0]));
    bytes.splice(at..at + 4, two);
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}
