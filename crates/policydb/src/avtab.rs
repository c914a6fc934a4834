//! The access-vector table: allow, audit and extended rules and type rules, decoded into columns.
//! Source: `avtab_read_item` in the kernel's `ss/avtab.c`.
//!
//! An entry is a key (source, target, class, kind) and a datum: 32 permission bits, a type, or the 256
//! bits of an extended permission. dontaudit entries store their permissions **complemented**;
//! [`AvRule::permissions`] undoes that. Before version 20 keys were 32-bit words and one record
//! could hold several kinds.

use crate::cursor::Cursor;
use crate::error::Result;
use crate::format::{Feature, Format};
use crate::ids::{ClassId, TypeId};
use crate::policy::Bounds;

/// Bit 15 of a key's kind: the compiler's idea of whether a conditional rule is in force. Ignored: the
/// booleans decide.
const AVTAB_ENABLED: u16 = 0x8000;
/// The same in the 32-bit keys before version 20.
const AVTAB_ENABLED_OLD: u32 = 0x8000_0000;

/// What a rule of the access-vector table does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum RuleKind {
    /// Grants permissions.
    Allow,
    /// Audits grants.
    AuditAllow,
    /// Keeps denials out of the audit log.
    DontAudit,
    /// Grants extended permissions (ioctl commands, netlink messages).
    AllowXperm,
    /// Audits grants of extended permissions.
    AuditAllowXperm,
    /// Keeps denials of extended permissions out of the audit log.
    DontAuditXperm,
    /// The type of a new object.
    TypeTransition,
    /// The type of a relabelled object.
    TypeChange,
    /// The type of a member of a polyinstantiated object.
    TypeMember,
}

impl RuleKind {
    /// Every kind, in the order in which help and documentation name them.
    pub const ALL: [RuleKind; 9] = [
        RuleKind::Allow,
        RuleKind::AuditAllow,
        RuleKind::DontAudit,
        RuleKind::AllowXperm,
        RuleKind::AuditAllowXperm,
        RuleKind::DontAuditXperm,
        RuleKind::TypeTransition,
        RuleKind::TypeChange,
        RuleKind::TypeMember,
    ];

    /// The keyword of policy language.
    pub const fn keyword(self) -> &'static str {
        match self {
            RuleKind::Allow => "allow",
            RuleKind::AuditAllow => "auditallow",
            RuleKind::DontAudit => "dontaudit",
            RuleKind::AllowXperm => "allowxperm",
            RuleKind::AuditAllowXperm => "auditallowxperm",
            RuleKind::DontAuditXperm => "dontauditxperm",
            RuleKind::TypeTransition => "type_transition",
            RuleKind::TypeChange => "type_change",
            RuleKind::TypeMember => "type_member",
        }
    }

    /// Whether rules of this kind carry permission bits.
    pub const fn has_permissions(self) -> bool {
        matches!(self, RuleKind::Allow | RuleKind::AuditAllow | RuleKind::DontAudit)
    }

    /// Whether rules of this kind carry extended permissions.
    pub const fn has_xperms(self) -> bool {
        matches!(self, RuleKind::AllowXperm | RuleKind::AuditAllowXperm | RuleKind::DontAuditXperm)
    }

    /// Whether rules of this kind carry a default type.
    pub const fn has_default(self) -> bool {
        !self.has_permissions() && !self.has_xperms()
    }

    #[inline]
    const fn from_bits(bits: u16) -> Option<RuleKind> {
        Some(match bits {
            0x0001 => RuleKind::Allow,
            0x0002 => RuleKind::AuditAllow,
            0x0004 => RuleKind::DontAudit,
            0x0010 => RuleKind::TypeTransition,
            0x0020 => RuleKind::TypeMember,
            0x0040 => RuleKind::TypeChange,
            0x0100 => RuleKind::AllowXperm,
            0x0200 => RuleKind::AuditAllowXperm,
            0x0400 => RuleKind::DontAuditXperm,
            _ => return None,
        })
    }
}

/// What the 256 bits of an extended permission stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum XpermKind {
    /// ioctl commands: the driver byte and one function each.
    IoctlFunction,
    /// ioctl commands: all functions of one driver each.
    IoctlDriver,
    /// Netlink message types: the driver byte is the upper half.
    Nlmsg,
}

/// The extended permissions of one rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Xperms<'a> {
    /// What the bits stand for.
    pub kind: XpermKind,
    /// The upper byte of the commands, unless the bits are drivers themselves.
    pub driver: u8,
    bits: &'a [u8; 32],
}

impl<'a> Xperms<'a> {
    /// The operation that the rule speaks of, as policy language writes it.
    pub fn operation(self) -> &'static str {
        match self.kind {
            XpermKind::IoctlFunction | XpermKind::IoctlDriver => "ioctl",
            XpermKind::Nlmsg => "nlmsg",
        }
    }

    /// Maximal runs of commands, ascending, both ends included.
    pub fn ranges(self) -> Vec<(u16, u16)> {
        let mut ranges: Vec<(u16, u16)> = Vec::new();
        for bit in 0..=255u8 {
            let byte = self.bits.get(usize::from(bit >> 3)).copied().unwrap_or(0);
            if byte >> (bit & 7) & 1 == 0 {
                continue;
            }
            let (low, high) = match self.kind {
                XpermKind::IoctlDriver => (u16::from_be_bytes([bit, 0]), u16::from_be_bytes([bit, 255])),
                _ => (u16::from_be_bytes([self.driver, bit]), u16::from_be_bytes([self.driver, bit])),
            };
            match ranges.last_mut() {
                Some(last) if last.1.checked_add(1) == Some(low) => last.1 = high,
                _ => ranges.push((low, high)),
            }
        }
        ranges
    }
}

/// One rule, read out of the columns.
#[derive(Clone, Copy, Debug)]
pub struct AvRule {
    /// Source type or attribute.
    pub source: TypeId,
    /// Target type or attribute.
    pub target: TypeId,
    /// Object class.
    pub class: ClassId,
    /// What the rule does.
    pub kind: RuleKind,
    datum: u32,
}

impl AvRule {
    /// The permission bits, for kinds that have them; those of dontaudit are the ones not audited.
    /// Bits that the class does not define may be set.
    pub fn permissions(self) -> u32 {
        if self.kind == RuleKind::DontAudit { !self.datum } else { self.datum }
    }

    /// The default type, for kinds that have one.
    pub fn default_type(self) -> Option<TypeId> {
        if self.kind.has_default() { TypeId::from_value(self.datum) } else { None }
    }
}

/// Rules as columns, so that a search touches only what it compares.
#[derive(Debug, Default)]
pub struct AvTable<'a> {
    // INVARIANT: the five columns have one length; ids are within the policy's tables.
    sources: Vec<u16>,
    targets: Vec<u16>,
    classes: Vec<u16>,
    kinds: Vec<RuleKind>,
    /// Permission bits, the value of a type, or a position in `xperms`.
    data: Vec<u32>,
    xperms: Vec<Xperms<'a>>,
}

impl<'a> AvTable<'a> {
    /// The number of rules.
    pub fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Whether there are no rules.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// The values (1-based) of the source types. One of four columns of equal length.
    pub fn sources(&self) -> &[u16] {
        &self.sources
    }

    /// The values (1-based) of the target types.
    pub fn targets(&self) -> &[u16] {
        &self.targets
    }

    /// The values (1-based) of the classes.
    pub fn classes(&self) -> &[u16] {
        &self.classes
    }

    /// The kinds.
    pub fn kinds(&self) -> &[RuleKind] {
        &self.kinds
    }

    /// The rule at a position. O(1).
    pub fn get(&self, position: usize) -> Option<AvRule> {
        Some(AvRule {
            source: TypeId::from_value(u32::from(*self.sources.get(position)?))?,
            target: TypeId::from_value(u32::from(*self.targets.get(position)?))?,
            class: ClassId::from_value(u32::from(*self.classes.get(position)?))?,
            kind: *self.kinds.get(position)?,
            datum: *self.data.get(position)?,
        })
    }

    /// The extended permissions of a rule, if it has any. O(1).
    pub fn xperms(&self, rule: AvRule) -> Option<Xperms<'a>> {
        if rule.kind.has_xperms() { self.xperms.get(rule.datum as usize).copied() } else { None }
    }

    fn reserve(&mut self, n_rules: usize) {
        self.sources.reserve(n_rules);
        self.targets.reserve(n_rules);
        self.classes.reserve(n_rules);
        self.kinds.reserve(n_rules);
        self.data.reserve(n_rules);
    }

    fn push(&mut self, key: Key, kind: RuleKind, datum: u32) {
        self.sources.push(key.source);
        self.targets.push(key.target);
        self.classes.push(key.class);
        self.kinds.push(kind);
        self.data.push(datum);
    }

    /// Reads a counted list of entries and appends them.
    pub(crate) fn read(&mut self, cursor: &mut Cursor<'a>, format: Format, bounds: Bounds) -> Result<()> {
        if format.has(Feature::CompactAvtab) {
            let n_rules = cursor.count(ENTRY, "rules")?;
            self.reserve(n_rules);
            self.read_compact(cursor, format, bounds, n_rules)
        } else {
            for _ in 0..cursor.count(20, "rules")? {
                self.read_old_entry(cursor, bounds)?;
            }
            Ok(())
        }
    }

    fn read_compact(
        &mut self,
        cursor: &mut Cursor<'a>,
        format: Format,
        bounds: Bounds,
        n_rules: usize,
    ) -> Result<()> {
        let mut left = n_rules;
        while left > 0 {
            // Nearly all entries are of one size and valid: they are taken a block at a time, small enough
            // to stay in the first-level cache while the columns are filled one by one.
            let (entries, _) = cursor.remaining().as_chunks::<ENTRY>();
            let block = entries.get(..left.min(BLOCK)).unwrap_or(entries);
            let n_plain = block.iter().take_while(|entry| Entry::of(entry).is_plain(bounds)).count();
            let plain = block.get(..n_plain).unwrap_or_default();
            self.sources.extend(plain.iter().map(|entry| Entry::of(entry).key.source));
            self.targets.extend(plain.iter().map(|entry| Entry::of(entry).key.target));
            self.classes.extend(plain.iter().map(|entry| Entry::of(entry).key.class));
            self.kinds.extend(plain.iter().map(|entry| Entry::of(entry).kind().unwrap_or(RuleKind::Allow)));
            self.data.extend(plain.iter().map(|entry| Entry::of(entry).datum));
            cursor.advance(plain.as_flattened().len());
            left = left.saturating_sub(n_plain);
            if n_plain < block.len() || block.is_empty() {
                self.read_compact_entry(cursor, format, bounds)?;
                left = left.saturating_sub(1);
            }
        }
        Ok(())
    }

    /// Reads one entry of any kind, or says what is wrong with it.
    fn read_compact_entry(&mut self, cursor: &mut Cursor<'a>, format: Format, bounds: Bounds) -> Result<()> {
        let xperms_known = format.has(Feature::ExtendedPermissions) && !bounds.is_xen;
        let offset = cursor.position();
        let entry = Entry::of(cursor.array::<ENTRY>()?);
        let kind = match entry.kind() {
            Some(kind) if xperms_known || !kind.has_xperms() => kind,
            _ => {
                let found = format!("{:#06x}", entry.bits);
                return Err(cursor.error_at(offset.saturating_add(6), "one kind of rule", found));
            }
        };
        entry.key.check(cursor, bounds, offset, 2)?;
        let mut datum = entry.datum;
        if kind.has_default() {
            bounds.check_type(cursor, offset.saturating_add(8), datum)?;
        } else if kind.has_xperms() {
            datum = self.read_xperms(cursor, offset.saturating_add(8))?;
        }
        self.push(entry.key, kind, datum);
        Ok(())
    }

    /// Reads the extended permission whose first four bytes, at `offset`, were taken with the key.
    fn read_xperms(&mut self, cursor: &mut Cursor<'a>, offset: usize) -> Result<u32> {
        cursor.back_up(4);
        let &[specified, driver] = cursor.array::<2>()?;
        let kind = match specified {
            1 => XpermKind::IoctlFunction,
            2 => XpermKind::IoctlDriver,
            3 => XpermKind::Nlmsg,
            _ => {
                let expected = "a kind of extended permission (1 to 3)";
                return Err(cursor.error_at(offset, expected, specified.to_string()));
            }
        };
        let position = u32::try_from(self.xperms.len()).unwrap_or(u32::MAX);
        self.xperms.push(Xperms { kind, driver, bits: cursor.array()? });
        Ok(position)
    }

    /// Reads an entry of versions 15 to 19: a record of words with up to three permission vectors or up
    /// to three types behind one key.
    fn read_old_entry(&mut self, cursor: &mut Cursor<'a>, bounds: Bounds) -> Result<()> {
        const AV: [RuleKind; 3] = [RuleKind::Allow, RuleKind::AuditAllow, RuleKind::DontAudit];
        const TYPE: [RuleKind; 3] = [RuleKind::TypeTransition, RuleKind::TypeMember, RuleKind::TypeChange];
        let offset = cursor.position();
        let n_words = cursor.u32()?;
        if !(5..=8).contains(&n_words) {
            return Err(cursor.error_at(offset, "an entry of 5 to 8 words", n_words.to_string()));
        }
        let offset = cursor.position();
        let [source, target, class, specified] = cursor.u32s()?;
        let narrow = |cursor: &Cursor<'_>, value: u32| {
            u16::try_from(value).map_err(|_| cursor.error_at(offset, "ids below 65536", value.to_string()))
        };
        let key = Key {
            source: narrow(cursor, source)?,
            target: narrow(cursor, target)?,
            class: narrow(cursor, class)?,
        };
        key.check(cursor, bounds, offset, 4)?;
        let bits = specified & !AVTAB_ENABLED_OLD;
        let kinds = match (bits & 7, bits >> 4 & 7, bits & !0x77) {
            (av, 0, 0) if av != 0 => AV,
            (0, types, 0) if types != 0 => TYPE,
            _ => {
                let expected = "permissions or types, not both";
                return Err(cursor.error_at(offset.saturating_add(12), expected, format!("{bits:#x}")));
            }
        };
        let mut words_read = 4u32;
        for kind in kinds {
            if RuleKind::from_bits(u16::try_from(bits).unwrap_or(0) & kind.bits()).is_none() {
                continue;
            }
            let offset = cursor.position();
            let datum = cursor.u32()?;
            words_read = words_read.saturating_add(1);
            if kind.has_default() {
                bounds.check_type(cursor, offset, datum)?;
            }
            self.push(key, kind, datum);
        }
        if words_read == n_words {
            Ok(())
        } else {
            Err(cursor.error_at(offset, format!("an entry of {words_read} words"), n_words.to_string()))
        }
    }
}

impl RuleKind {
    const fn bits(self) -> u16 {
        match self {
            RuleKind::Allow => 0x0001,
            RuleKind::AuditAllow => 0x0002,
            RuleKind::DontAudit => 0x0004,
            RuleKind::TypeTransition => 0x0010,
            RuleKind::TypeMember => 0x0020,
            RuleKind::TypeChange => 0x0040,
            RuleKind::AllowXperm => 0x0100,
            RuleKind::AuditAllowXperm => 0x0200,
            RuleKind::DontAuditXperm => 0x0400,
        }
    }
}

/// Bytes of a compact entry that is no extended permission: a key of four 16-bit values, and 32 bits.
const ENTRY: usize = 12;
/// Entries decoded at a time: 12 kB.
const BLOCK: usize = 1024;

#[derive(Clone, Copy)]
struct Key {
    source: u16,
    target: u16,
    class: u16,
}

/// A compact entry, not yet checked.
#[derive(Clone, Copy)]
struct Entry {
    key: Key,
    bits: u16,
    datum: u32,
}

impl Entry {
    fn of(bytes: &[u8; ENTRY]) -> Entry {
        let &[s0, s1, t0, t1, c0, c1, k0, k1, d0, d1, d2, d3] = bytes;
        Entry {
            key: Key {
                source: u16::from_le_bytes([s0, s1]),
                target: u16::from_le_bytes([t0, t1]),
                class: u16::from_le_bytes([c0, c1]),
            },
            bits: u16::from_le_bytes([k0, k1]) & !AVTAB_ENABLED,
            datum: u32::from_le_bytes([d0, d1, d2, d3]),
        }
    }

    fn kind(self) -> Option<RuleKind> {
        RuleKind::from_bits(self.bits)
    }

    /// Whether this is a valid entry of 12 bytes.
    fn is_plain(self, bounds: Bounds) -> bool {
        let within = |value: u32, n: usize| (value.wrapping_sub(1) as usize) < n;
        let key_valid = within(u32::from(self.key.source), bounds.n_types)
            & within(u32::from(self.key.target), bounds.n_types)
            & within(u32::from(self.key.class), bounds.n_classes);
        // Kinds with permissions are the bits 1, 2 and 4, kinds with a type 16, 32 and 64.
        let datum_valid = self.bits < 8 || (self.bits < 0x80 && within(self.datum, bounds.n_types));
        key_valid & datum_valid & self.bits.is_power_of_two() & (self.bits != 8)
    }
}

impl Key {
    /// Checks the ids of a key at `offset` whose fields are `width` bytes wide.
    fn check(self, cursor: &Cursor<'_>, bounds: Bounds, offset: usize, width: usize) -> Result<()> {
        let Key { source, target, class } = self;
        bounds.check_type(cursor, offset, u32::from(source))?;
        bounds.check_type(cursor, offset.saturating_add(width), u32::from(target))?;
        bounds.check_class(cursor, offset.saturating_add(width.saturating_mul(2)), u32::from(class))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Section;
    use crate::header::Platform;

    const BOUNDS: Bounds = Bounds { n_types: 5, n_classes: 2, n_roles: 1, n_users: 1, is_xen: false };

    fn read(version: u32, bytes: &[u8]) -> Result<AvTable<'_>> {
        let mut table = AvTable::default();
        let format = Format { platform: Platform::Selinux, version };
        table.read(&mut Cursor::new(bytes, Section::AccessVectors), format, BOUNDS)?;
        Ok(table)
    }

    fn entry(key: [u16; 4], datum: u32) -> Vec<u8> {
        let mut bytes = vec![1, 0, 0, 0];
        bytes.extend(key.iter().flat_map(|v| v.to_le_bytes()));
        bytes.extend(datum.to_le_bytes());
        bytes
    }

    #[test]
    fn dontaudit_is_stored_complemented() {
        let bytes = entry([1, 2, 1, 4], !0b110);
        let table = read(33, &bytes).unwrap();
        assert_eq!(table.get(0).unwrap().permissions(), 0b110);
        let bytes = entry([1, 2, 1, 1 | AVTAB_ENABLED], 0b110);
        let rule = read(33, &bytes).unwrap().get(0).unwrap();
        assert_eq!((rule.kind, rule.permissions()), (RuleKind::Allow, 0b110));
    }

    #[test]
    fn keys_and_data_are_checked() {
        for (key, datum, why) in [
            ([0, 2, 1, 1], 1, "source 0"),
            ([6, 2, 1, 1], 1, "source beyond the table"),
            ([1, 6, 1, 1], 1, "target beyond the table"),
            ([1, 2, 3, 1], 1, "class beyond the table"),
            ([1, 2, 1, 3], 1, "two kinds"),
            ([1, 2, 1, 0], 1, "no kind"),
            ([1, 2, 1, 0x80], 1, "neverallow"),
            ([1, 2, 1, 0x10], 6, "default type beyond the table"),
            ([1, 2, 1, 0x100], 4, "unknown extended permission"),
        ] {
            assert!(read(33, &entry(key, datum)).is_err(), "accepted: {why}");
        }
        assert!(read(29, &[entry([1, 2, 1, 0x100], 1), vec![0; 30]].concat()).is_err());
    }

    #[test]
    fn extended_permissions_become_ranges() {
        let mut bytes = entry([1, 2, 1, 0x100], 0);
        bytes.truncate(12);
        bytes.extend([1, 0x54]);
        let mut bits = [0; 32];
        bits[0] = 0b1000_0111;
        bits[31] = 0x80;
        bytes.extend(bits);
        let table = read(33, &bytes).unwrap();
        let xperms = table.xperms(table.get(0).unwrap()).unwrap();
        assert_eq!(xperms.ranges(), [(0x5400, 0x5402), (0x5407, 0x5407), (0x54ff, 0x54ff)]);
        let drivers = Xperms { kind: XpermKind::IoctlDriver, driver: 0, bits: &bits };
        assert_eq!(drivers.ranges(), [(0, 0x2ff), (0x700, 0x7ff), (0xff00, 0xffff)]);
    }

    #[test]
    fn old_entries_hold_several_kinds() {
        let words = |words: &[u32]| -> Vec<u8> { words.iter().flat_map(|w| w.to_le_bytes()).collect() };
        let bytes = words(&[1, 6, 1, 2, 1, 0x8000_0005, 0b11, !0b100]);
        let table = read(19, &bytes).unwrap();
        let rules: Vec<_> = (0..2).map(|i| table.get(i).unwrap()).map(|r| (r.kind, r.permissions())).collect();
        assert_eq!(rules, [(RuleKind::Allow, 0b11), (RuleKind::DontAudit, 0b100)]);
        for bad in [
            &[1, 6, 1, 2, 1, 0x11, 1, 1][..],
            &[1, 5, 1, 2, 1, 5, 1, 1],
            &[1, 9, 1, 2, 1, 1, 1, 1],
            &[1, 5, 1, 2, 1, 0x10, 9],
            &[1, 5, 65_537, 2, 1, 1, 1],
            &[1, 5, 1, 2, 1, 8, 1],
        ] {
            assert!(read(19, &words(bad)).is_err(), "{bad:?}");
        }
    }
}
