//! The access-vector table: allow, audit and extended rules and type rules.
//! Source: `avtab_read_item` in the kernel's `ss/avtab.c`.
//!
//! An entry is a key (source, target, class, kind) and a datum: 32 permission bits, a type, or the 256
//! bits of an extended permission. dontaudit entries store their permissions **complemented**;
//! [`AvRule::permissions`] undoes that.
//!
//! Entries are checked and then left where they are: all but those with extended permissions have 12
//! bytes, so a run of them is an array in the file, and a search reads it in place. Decoding it into
//! columns first costs a cold query more, in fresh memory, than the whole search does. Before version 20
//! keys were 32-bit words and one record could hold several kinds; those are rewritten in the new form.

use std::borrow::Cow;
use std::ops::Range;

use crate::cursor::Cursor;
use crate::error::Result;
use crate::format::{Feature, Format};
use crate::ids::{ClassId, TypeId};
use crate::records::Shape;
use crate::references::Bounds;
use crate::rule_kind::RuleKind;
use crate::xperms::{XpermKind, Xperms};

/// Bit 15 of a key's kind: the compiler's idea of whether a conditional rule is in force. Ignored: the
/// booleans decide.
const AVTAB_ENABLED: u16 = 0x8000;
/// The same in the 32-bit keys before version 20.
const AVTAB_ENABLED_OLD: u32 = 0x8000_0000;

/// Bytes of an entry that is no extended permission: a key of four 16-bit values, and 32 bits.
const ENTRY: usize = 12;
/// Bytes of an extended permission behind its key: kind, driver, 256 bits.
const XPERMS: usize = 34;

/// One rule of the table.
///
/// INVARIANT: ids are at least 1 and within the policy's tables, `bits` is one kind and perhaps
/// AVTAB_ENABLED.
#[derive(Clone, Copy, Debug)]
pub struct AvRule {
    source: u16,
    target: u16,
    class: u16,
    bits: u16,
    datum: u32,
}

impl AvRule {
    #[inline]
    fn of(entry: &[u8; ENTRY]) -> AvRule {
        let &[s0, s1, t0, t1, c0, c1, k0, k1, d0, d1, d2, d3] = entry;
        // One load of the whole key, then shifts: twice as fast as four loads.
        let key = u64::from_le_bytes([s0, s1, t0, t1, c0, c1, k0, k1]);
        let field = |shift: u32| u16::try_from(key.wrapping_shr(shift) & 0xffff).unwrap_or(0);
        AvRule {
            source: field(0),
            target: field(16),
            class: field(32),
            bits: field(48),
            datum: u32::from_le_bytes([d0, d1, d2, d3]),
        }
    }

    fn entry(self) -> [u8; ENTRY] {
        let [s0, s1] = self.source.to_le_bytes();
        let [t0, t1] = self.target.to_le_bytes();
        let [c0, c1] = self.class.to_le_bytes();
        let [k0, k1] = self.bits.to_le_bytes();
        let [d0, d1, d2, d3] = self.datum.to_le_bytes();
        [s0, s1, t0, t1, c0, c1, k0, k1, d0, d1, d2, d3]
    }

    /// The source: a type or an attribute.
    #[inline]
    pub fn source(self) -> TypeId {
        TypeId::from_index(u32::from(self.source.wrapping_sub(1)))
    }

    /// The target: a type or an attribute.
    #[inline]
    pub fn target(self) -> TypeId {
        TypeId::from_index(u32::from(self.target.wrapping_sub(1)))
    }

    /// The object class.
    #[inline]
    pub fn class(self) -> ClassId {
        ClassId::from_index(u32::from(self.class.wrapping_sub(1)))
    }

    /// What the rule does.
    #[inline]
    pub fn kind(self) -> RuleKind {
        RuleKind::from_bits(self.kind_bits()).unwrap_or(RuleKind::Allow)
    }

    /// The bit that stands for the kind, as [`RuleKind::bits`] gives it.
    #[inline]
    pub fn kind_bits(self) -> u16 {
        self.bits & !AVTAB_ENABLED
    }

    /// Whether the writer of the file took a conditional rule to be in force. The booleans decide, not this.
    pub fn enabled_when_written(self) -> bool {
        self.bits & AVTAB_ENABLED != 0
    }

    /// The datum as it stands in the file, for rules without extended permissions.
    pub fn datum(self) -> u32 {
        self.datum
    }

    /// The permission bits, for kinds that have them; those of dontaudit are the ones not audited.
    /// Bits that the class does not define may be set.
    pub fn permissions(self) -> u32 {
        if self.kind() == RuleKind::DontAudit { !self.datum } else { self.datum }
    }

    /// The default type, for kinds that have one.
    pub fn default_type(self) -> Option<TypeId> {
        if self.kind().has_default() { TypeId::from_value(self.datum) } else { None }
    }

    /// Whether this is a valid entry of 12 bytes.
    #[inline]
    fn is_plain(self, bounds: Bounds) -> bool {
        let within = |value: u32, n: usize| (value.wrapping_sub(1) as usize) < n;
        let key_valid = within(u32::from(self.source), bounds.n_types)
            & within(u32::from(self.target), bounds.n_types)
            & within(u32::from(self.class), bounds.n_classes);
        // Kinds with permissions are the bits 1, 2 and 4, kinds with a type 16, 32 and 64.
        let bits = self.kind_bits();
        let datum_valid = bits < 8 || (bits < 0x80 && within(self.datum, bounds.n_types));
        key_valid & datum_valid & bits.is_power_of_two() & (bits != 8)
    }

    /// Checks the ids of a key at `offset` whose fields are `width` bytes wide.
    fn check_key(self, cursor: &Cursor<'_>, bounds: Bounds, offset: usize, width: usize) -> Result<()> {
        bounds.check_type(cursor, offset, u32::from(self.source))?;
        bounds.check_type(cursor, offset.saturating_add(width), u32::from(self.target))?;
        bounds.check_class(cursor, offset.saturating_add(width.saturating_mul(2)), u32::from(self.class))
    }
}

/// Rules, in the order of the file.
#[derive(Debug, Default)]
pub struct AvTable<'a> {
    /// INVARIANT: each run begins where the one before ends.
    runs: Vec<Run<'a>>,
    len: usize,
}

/// Neighbours that are stored alike.
#[derive(Debug)]
struct Run<'a> {
    /// Position of the first rule in the table.
    start: usize,
    entries: Entries<'a>,
}

#[derive(Debug)]
enum Entries<'a> {
    /// Rules of 12 bytes each; owned if they were rewritten from an old policy.
    Plain(Cow<'a, [[u8; ENTRY]]>),
    /// One rule with extended permissions.
    Extended(AvRule, &'a [u8; XPERMS]),
}

impl Entries<'_> {
    fn len(&self) -> usize {
        match self {
            Entries::Plain(entries) => entries.len(),
            Entries::Extended(..) => 1,
        }
    }
}

impl<'a> AvTable<'a> {
    /// The number of rules.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no rules.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The rules in a range of positions, each with its position. O(range + log runs).
    pub fn rules(&self, range: Range<usize>) -> impl Iterator<Item = (usize, AvRule)> + '_ {
        let first = self.run_of(range.start).unwrap_or(self.runs.len());
        let runs = self.runs.get(first..).unwrap_or_default().iter();
        runs.take_while(move |run| run.start < range.end).flat_map(move |run| {
            let skipped = range.start.saturating_sub(run.start);
            let wanted = range.end.saturating_sub(run.start).min(run.entries.len());
            let (plain, extended): (&[[u8; ENTRY]], _) = match &run.entries {
                Entries::Plain(entries) => (entries.get(skipped..wanted).unwrap_or_default(), None),
                Entries::Extended(rule, _) => (&[], Some(*rule)),
            };
            let position = run.start.saturating_add(skipped);
            (position..).zip(plain.iter().map(AvRule::of).chain(extended))
        })
    }

    /// The rule at a position, and its extended permissions if it has any. O(log runs).
    pub fn get(&self, position: usize) -> Option<(AvRule, Option<Xperms<'a>>)> {
        let run = self.runs.get(self.run_of(position)?)?;
        match &run.entries {
            Entries::Plain(entries) => {
                let entry = entries.get(position.checked_sub(run.start)?)?;
                Some((AvRule::of(entry), None))
            }
            Entries::Extended(rule, bytes) => {
                let (&[specified, driver], bits) = bytes.split_first_chunk::<2>()?;
                let kind = XpermKind::from_byte(specified)?;
                Some((*rule, Some(Xperms { kind, driver, bits: bits.first_chunk()? })))
            }
        }
    }

    /// The run that holds a position.
    fn run_of(&self, position: usize) -> Option<usize> {
        if position >= self.len {
            return None;
        }
        self.runs.partition_point(|run| run.start <= position).checked_sub(1)
    }

    fn push(&mut self, entries: Entries<'a>) {
        let start = self.len;
        self.len = self.len.saturating_add(entries.len());
        if self.len > start {
            self.runs.push(Run { start, entries });
        }
    }

    /// Reads a counted list of entries and appends them.
    pub(crate) fn read(&mut self, cursor: &mut Cursor<'a>, shape: Shape) -> Result<()> {
        let Shape { format, bounds, .. } = shape;
        if format.has(Feature::CompactAvtab) {
            let n_rules = cursor.count(ENTRY, "rules")?;
            self.read_compact(cursor, format, bounds, n_rules)
        } else {
            let n_records = cursor.count(24, "rules")?;
            let mut rewritten = Vec::with_capacity(n_records);
            for _ in 0..n_records {
                read_old_record(cursor, bounds, &mut rewritten)?;
            }
            self.push(Entries::Plain(Cow::Owned(rewritten)));
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
            let (entries, _) = cursor.remaining().as_chunks::<ENTRY>();
            let entries = entries.get(..left).unwrap_or(entries);
            let n_plain = entries.iter().take_while(|entry| AvRule::of(entry).is_plain(bounds)).count();
            let plain = entries.get(..n_plain).unwrap_or_default();
            cursor.advance(plain.as_flattened().len());
            self.push(Entries::Plain(Cow::Borrowed(plain)));
            left = left.saturating_sub(n_plain);
            if left > 0 {
                self.read_extended(cursor, format, bounds)?;
                left = left.saturating_sub(1);
            }
        }
        Ok(())
    }

    /// Reads an entry with extended permissions, or says what is wrong with it.
    fn read_extended(&mut self, cursor: &mut Cursor<'a>, format: Format, bounds: Bounds) -> Result<()> {
        let offset = cursor.position();
        let rule = AvRule::of(cursor.array::<ENTRY>()?);
        let xperms_known = format.has(Feature::ExtendedPermissions) && !bounds.is_xen;
        let kind = match RuleKind::from_bits(rule.kind_bits()) {
            Some(kind) if xperms_known || !kind.has_xperms() => kind,
            _ => {
                let found = format!("{:#06x}", rule.kind_bits());
                return Err(cursor.error_at(offset.saturating_add(6), "one kind of rule", found));
            }
        };
        rule.check_key(cursor, bounds, offset, 2)?;
        if kind.has_default() {
            bounds.check_type(cursor, offset.saturating_add(8), rule.datum)?;
        }
        // What is no valid entry of 12 bytes, and has a valid key and default, has extended permissions.
        cursor.back_up(ENTRY.saturating_sub(8));
        let xperms = cursor.array::<XPERMS>()?;
        let [specified, ..] = *xperms;
        if XpermKind::from_byte(specified).is_none() {
            let expected = "a kind of extended permission (1 to 3)";
            return Err(cursor.error_at(offset.saturating_add(8), expected, specified.to_string()));
        }
        self.push(Entries::Extended(rule, xperms));
        Ok(())
    }
}

/// Reads a record of versions 15 to 19: words, with up to three permission vectors or up to three types
/// behind one key. Appends one entry for each.
fn read_old_record(cursor: &mut Cursor<'_>, bounds: Bounds, entries: &mut Vec<[u8; ENTRY]>) -> Result<()> {
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
    let (source, target, class) = (narrow(cursor, source)?, narrow(cursor, target)?, narrow(cursor, class)?);
    let key = AvRule { source, target, class, bits: 0, datum: 0 };
    key.check_key(cursor, bounds, offset, 4)?;
    let enabled = if specified & AVTAB_ENABLED_OLD == 0 { 0 } else { AVTAB_ENABLED };
    let specified = specified & !AVTAB_ENABLED_OLD;
    let kinds = match (specified & 7, specified >> 4 & 7, specified & !0x77) {
        (av, 0, 0) if av != 0 => AV,
        (0, types, 0) if types != 0 => TYPE,
        _ => {
            let expected = "permissions or types, not both";
            return Err(cursor.error_at(offset.saturating_add(12), expected, format!("{specified:#x}")));
        }
    };
    let mut words_read = 4u32;
    for kind in kinds.into_iter().filter(|kind| specified & u32::from(kind.bits()) != 0) {
        let offset = cursor.position();
        let datum = cursor.u32()?;
        words_read = words_read.saturating_add(1);
        if kind.has_default() {
            bounds.check_type(cursor, offset, datum)?;
        }
        entries.push(AvRule { bits: kind.bits() | enabled, datum, ..key }.entry());
    }
    if words_read == n_words {
        Ok(())
    } else {
        Err(cursor.error_at(offset, format!("an entry of {words_read} words"), n_words.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Section;
    use crate::header::Platform;

    const BOUNDS: Bounds = Bounds::SMALL;

    fn read(version: u32, bytes: &[u8]) -> Result<AvTable<'_>> {
        let mut table = AvTable::default();
        let format = Format { platform: Platform::Selinux, version };
        table.read(
            &mut Cursor::new(bytes, Section::AccessVectors),
            Shape { format, bounds: BOUNDS, list: 0 },
        )?;
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
        assert_eq!(table.get(0).unwrap().0.permissions(), 0b110);
        let bytes = entry([1, 2, 1, 1 | AVTAB_ENABLED], 0b110);
        let (rule, _) = read(33, &bytes).unwrap().get(0).unwrap();
        assert_eq!((rule.kind(), rule.permissions()), (RuleKind::Allow, 0b110));
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
    fn runs_are_seamless() {
        let plain = |source: u16| entry([source, 2, 1, 1], 1).split_off(4);
        let mut extended = entry([3, 2, 1, 0x100], 1).split_off(4);
        extended.extend([0; 30]);
        let bytes = [vec![5, 0, 0, 0], plain(1), plain(2), extended, plain(4), plain(5)].concat();
        let table = read(33, &bytes).unwrap();
        let sources = |range| table.rules(range).map(|(i, r)| (i, r.source().value())).collect::<Vec<_>>();
        assert_eq!(sources(0..5), [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)]);
        assert_eq!(sources(1..4), [(1, 2), (2, 3), (3, 4)]);
        assert_eq!(sources(4..9), [(4, 5)]);
        assert_eq!(sources(5..5), []);
        for position in 0..5 {
            let (rule, xperms) = table.get(position).unwrap();
            assert_eq!((rule.source().index(), xperms.is_some()), (position, position == 2));
        }
        assert!(table.get(5).is_none());
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
        let xperms = table.get(0).unwrap().1.unwrap();
        assert_eq!(xperms.ranges(), [(0x5400, 0x5402), (0x5407, 0x5407), (0x54ff, 0x54ff)]);
        let drivers = Xperms { kind: XpermKind::IoctlDriver, driver: 0, bits: &bits };
        assert_eq!(drivers.ranges(), [(0, 0x2ff), (0x700, 0x7ff), (0xff00, 0xffff)]);
    }

    #[test]
    fn old_entries_hold_several_kinds() {
        let words = |words: &[u32]| -> Vec<u8> { words.iter().flat_map(|w| w.to_le_bytes()).collect() };
        let bytes = words(&[1, 6, 1, 2, 1, 0x8000_0005, 0b11, !0b100]);
        let table = read(19, &bytes).unwrap();
        let rules: Vec<_> = table.rules(0..2).map(|(_, r)| (r.kind(), r.permissions())).collect();
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
