//! A small policy put together section by section, so that a test can say in words what is wrong with one.
//!
//! Versions 20 to 35 of SELinux. Counts follow from the records; whoever wants a count that lies changes the
//! bytes of the record that holds it, or gives [`Table::values`]. The layouts are those of libsepol's `write.c`.

use policydb::Platform;
use policydb::format::{Feature, Format};

/// A symbol table: how many values it claims, and its records.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// The number of values.
    pub values: u32,
    /// The symbols.
    pub records: Vec<Vec<u8>>,
}

/// A policy as lists of records. The default one loads.
#[derive(Clone, Debug)]
pub struct Assembled {
    /// The version of the format.
    pub version: u32,
    /// The configuration word: 1 for levels.
    pub config: u32,
    /// The bitmap of permissive types.
    pub permissive: Vec<u8>,
    /// Commons.
    pub commons: Table,
    /// Classes.
    pub classes: Table,
    /// Roles.
    pub roles: Table,
    /// Types, attributes, aliases.
    pub types: Table,
    /// Users.
    pub users: Table,
    /// Booleans.
    pub booleans: Table,
    /// Sensitivities.
    pub sensitivities: Table,
    /// Categories.
    pub categories: Table,
    /// Access-vector rules.
    pub rules: Vec<Vec<u8>>,
    /// Conditionals.
    pub conditionals: Vec<Vec<u8>>,
    /// `role_transition` rules.
    pub role_transitions: Vec<Vec<u8>>,
    /// Role `allow` rules.
    pub role_allows: Vec<Vec<u8>>,
    /// Transitions by file name.
    pub filename_transitions: Vec<Vec<u8>>,
    /// Object contexts, list by list; lists that are not given are empty.
    pub object_contexts: Vec<Vec<Vec<u8>>>,
    /// File systems of `genfscon`.
    pub genfs: Vec<Vec<u8>>,
    /// `range_transition` rules.
    pub range_transitions: Vec<Vec<u8>>,
    /// The bitmap of each type's attributes; those that are not given are empty.
    pub type_attributes: Vec<Vec<u8>>,
}

/// Words as bytes.
pub fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// The number of bytes or records.
fn count(n: usize) -> u32 {
    u32::try_from(n).expect("few records")
}

/// A record of words, a name, and more bytes; the first word, the name's length, goes without saying.
pub fn named(name: &[u8], behind_length: &[u32], rest: &[u8]) -> Vec<u8> {
    [&words(&[count(name.len())]), &words(behind_length), name, rest].concat()
}

/// A bitmap of these bits, all below 64.
pub fn bitmap(bits: &[u32]) -> Vec<u8> {
    let map = bits.iter().fold(0u64, |map, bit| map | 1 << bit);
    if map == 0 { words(&[64, 0, 0]) } else { [words(&[64, 64, 1, 0]), map.to_le_bytes().to_vec()].concat() }
}

/// A class without a common, with one permission `read`, without constraints and defaults.
pub fn class(name: &[u8], value: u32) -> Vec<u8> {
    let read = named(b"read", &[1], &[]);
    // The length of the common, value, permissions by value and by number, constraints; then validatetrans and
    // the four defaults.
    named(name, &[0, value, 1, 1, 0], &[read, words(&[0, 0, 0, 0, 0])].concat())
}

/// A role of version 24 or later that may have type 1.
pub fn role(name: &[u8], value: u32, bounds: u32) -> Vec<u8> {
    named(name, &[value, bounds], &[bitmap(&[value - 1]), bitmap(&[0])].concat())
}

/// A type of version 24 or later; the properties are 1 for a type, 3 for an attribute, 0 for an alias.
pub fn type_symbol(name: &[u8], value: u32, properties: u32, bounds: u32) -> Vec<u8> {
    named(name, &[value, properties, bounds], &[])
}

/// A user of version 24 or later with role 1 and the level of sensitivity 1.
pub fn user(name: &[u8], value: u32, bounds: u32) -> Vec<u8> {
    named(name, &[value, bounds], &[bitmap(&[0]), range(1, 1), level(1)].concat())
}

/// A boolean that is off.
pub fn boolean(name: &[u8], value: u32) -> Vec<u8> {
    [&words(&[value, 0, count(name.len())]), name].concat()
}

/// A level without categories.
pub fn level(sensitivity: u32) -> Vec<u8> {
    [words(&[sensitivity]), bitmap(&[])].concat()
}

/// A range without categories.
pub fn range(low: u32, high: u32) -> Vec<u8> {
    [words(&[2, low, high]), bitmap(&[]), bitmap(&[])].concat()
}

/// A context of user 1, role 1 and type 1.
pub fn context() -> Vec<u8> {
    [words(&[1, 1, 1]), range(1, 1)].concat()
}

/// A rule of the access-vector table: source, target, class, kind; permissions or default.
pub fn rule(key: [u16; 4], datum: u32) -> Vec<u8> {
    key.iter().flat_map(|id| id.to_le_bytes()).chain(datum.to_le_bytes()).collect()
}

impl Default for Assembled {
    fn default() -> Self {
        let table = |records: Vec<Vec<u8>>| Table { values: count(records.len()), records };
        Assembled {
            version: 33,
            config: 1,
            permissive: bitmap(&[]),
            commons: table(vec![]),
            classes: table(vec![class(b"file", 1), class(b"process", 2)]),
            roles: table(vec![role(b"object_r", 1, 0), role(b"user_r", 2, 0)]),
            types: table(vec![
                type_symbol(b"a_t", 1, 1, 0),
                type_symbol(b"b_t", 2, 1, 0),
                type_symbol(b"attr", 3, 3, 0),
            ]),
            users: table(vec![user(b"user_u", 1, 0)]),
            booleans: table(vec![boolean(b"switch", 1)]),
            sensitivities: table(vec![named(b"s0", &[0], &level(1))]),
            categories: table(vec![named(b"c0", &[1, 0], &[])]),
            rules: vec![rule([1, 2, 1, 1], 1)],
            conditionals: vec![],
            role_transitions: vec![],
            role_allows: vec![],
            filename_transitions: vec![],
            object_contexts: vec![],
            genfs: vec![],
            range_transitions: vec![],
            type_attributes: vec![bitmap(&[0]), bitmap(&[1])],
        }
    }
}

impl Assembled {
    /// The bytes of the file.
    pub fn bytes(&self) -> Vec<u8> {
        self.bytes_and_counts().0
    }

    /// The bytes of the file, and where the counts of its sections stand.
    pub fn bytes_and_counts(&self) -> (Vec<u8>, Vec<usize>) {
        let mut counts = Vec::new();
        let mut counted = |records: &[Vec<u8>], out: &mut Vec<u8>| {
            counts.push(out.len());
            out.extend(words(&[count(records.len())]));
            records.iter().for_each(|record| out.extend(record));
        };
        let format = Format { platform: Platform::Selinux, version: self.version };
        let lists = if format.has(Feature::InfiniBand) { 9 } else { 7 };
        let mut out = words(&[0xf97c_ff8c, 8]);
        out.extend(b"SE Linux");
        out.extend(words(&[self.version, self.config, 8, count(lists)]));
        if format.has(Feature::Capabilities) {
            out.extend(bitmap(&[]));
        }
        if format.has(Feature::Permissive) {
            out.extend(&self.permissive);
        }
        if format.has(Feature::NeverAudit) {
            out.extend(bitmap(&[]));
        }
        for table in [
            &self.commons,
            &self.classes,
            &self.roles,
            &self.types,
            &self.users,
            &self.booleans,
            &self.sensitivities,
            &self.categories,
        ] {
            out.extend(words(&[table.values]));
            counted(&table.records, &mut out);
        }
        for list in [&self.rules, &self.conditionals, &self.role_transitions, &self.role_allows] {
            counted(list, &mut out);
        }
        if format.has(Feature::FilenameTransitions) {
            counted(&self.filename_transitions, &mut out);
        }
        for list in 0..lists {
            counted(self.object_contexts.get(list).map_or(&[][..], Vec::as_slice), &mut out);
        }
        counted(&self.genfs, &mut out);
        counted(&self.range_transitions, &mut out);
        // More values than records are gaps at most or a lie, which must not make the file longer.
        for index in 0..self.types.records.len().min(self.types.values as usize) {
            out.extend(self.type_attributes.get(index).unwrap_or(&bitmap(&[])));
        }
        (out, counts)
    }
}
