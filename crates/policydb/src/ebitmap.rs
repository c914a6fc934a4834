//! Extensible bitmaps: sparse sets of ids, borrowed from the file.
//!
//! On disk: the map size (always 64), the high bit (where the last node ends), the number of nodes; each node is
//! a start bit (a multiple of 64, ascending) and 64 bits, not all 0. Source: `ebitmap_read` in libsepol's
//! `ebitmap.c`; the kernel's does not look where the last node ends, and writes back what libsepol asks for.

use crate::cursor::Cursor;
use crate::error::Result;

/// Bytes of a node: a start bit and a 64-bit map.
const NODE: usize = 12;
/// Bits of a node.
const MAP_SIZE: u32 = 64;

/// A validated set of bits, 0-based.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ebitmap<'a> {
    /// INVARIANT: start bits are multiples of 64 and ascend.
    nodes: &'a [[u8; NODE]],
}

fn start_bit(node: &[u8; NODE]) -> u32 {
    let [a, b, c, d, ..] = *node;
    u32::from_le_bytes([a, b, c, d])
}

fn map(node: &[u8; NODE]) -> u64 {
    let [_, _, _, _, a, b, c, d, e, f, g, h] = *node;
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

impl<'a> Ebitmap<'a> {
    /// Reads and validates a bitmap. Never panics.
    ///
    /// # Errors
    /// It is not one.
    pub fn read(cursor: &mut Cursor<'a>) -> Result<Self> {
        let offset = cursor.position();
        let [map_size, high_bit, count] = cursor.u32s()?;
        if map_size != MAP_SIZE {
            return Err(cursor.error_at(offset, "a bitmap of 64-bit maps", format!("map size {map_size}")));
        }
        if !high_bit.is_multiple_of(MAP_SIZE) || (high_bit == 0) != (count == 0) {
            return Err(cursor.error_at(
                offset.saturating_add(4),
                "a high bit that is a multiple of 64, and 0 only for an empty bitmap",
                format!("high bit {high_bit} with {count} nodes"),
            ));
        }
        let n_nodes = cursor.check_count(offset.saturating_add(8), count, NODE, "bitmap nodes")?;
        let first_node = cursor.position();
        let (nodes, _) = cursor.take(n_nodes.saturating_mul(NODE))?.as_chunks::<NODE>();
        let mut least = 0;
        for (i, node) in nodes.iter().enumerate() {
            let (start, map) = (start_bit(node), map(node));
            let in_order = start >= least && start.is_multiple_of(MAP_SIZE) && start < high_bit;
            if !in_order || map == 0 {
                return Err(cursor.error_at(
                    first_node.saturating_add(i.saturating_mul(NODE)),
                    format!("a non-empty bitmap node that starts at a multiple of 64 from {least} to below {high_bit}"),
                    if map == 0 { format!("an empty node at {start}") } else { format!("start {start}") },
                ));
            }
            // `start < high_bit` and both are multiples of 64: this cannot overflow.
            least = start.saturating_add(MAP_SIZE);
        }
        if least != high_bit {
            let expected = format!("the high bit {least}, where the last node ends");
            return Err(cursor.error_at(offset.saturating_add(4), expected, high_bit.to_string()));
        }
        Ok(Ebitmap { nodes })
    }

    /// The bitmap whose `n_nodes` nodes, validated before, are the last bytes of `bytes`.
    pub(crate) fn ending(bytes: &'a [u8], n_nodes: usize) -> Self {
        let start = bytes.len().saturating_sub(n_nodes.saturating_mul(NODE));
        Ebitmap { nodes: bytes.get(start..).unwrap_or_default().as_chunks().0 }
    }

    /// The bytes that the content takes in the file.
    pub fn n_bytes(self) -> usize {
        self.nodes.len().saturating_mul(NODE)
    }

    pub(crate) fn n_nodes(self) -> usize {
        self.nodes.len()
    }

    /// The sparse content: pairs of word index (bit / 64) and 64 bits, ascending.
    pub fn words(self) -> impl Iterator<Item = (usize, u64)> + 'a {
        self.nodes.iter().map(|node| ((start_bit(node) / MAP_SIZE) as usize, map(node)))
    }

    /// The set bits, ascending.
    pub fn bits(self) -> impl Iterator<Item = u32> + 'a {
        self.nodes.iter().flat_map(|node| {
            let start = start_bit(node);
            let mut left = map(node);
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros();
                (bit < MAP_SIZE).then(|| {
                    left &= left.wrapping_sub(1);
                    start.saturating_add(bit)
                })
            })
        })
    }

    /// Whether a bit is set. O(log nodes).
    pub fn contains(self, bit: usize) -> bool {
        let Ok(bit) = u32::try_from(bit) else { return false };
        let found = self.nodes.binary_search_by_key(&(bit & !63), start_bit);
        found.ok().and_then(|i| self.nodes.get(i)).is_some_and(|node| map(node) >> (bit & 63) & 1 == 1)
    }

    /// Whether all bits of another set are in this one. O(nodes × log nodes).
    pub fn contains_all(self, other: Self) -> bool {
        other.nodes.iter().all(|node| {
            let found = self.nodes.binary_search_by_key(&start_bit(node), start_bit);
            found.ok().and_then(|i| self.nodes.get(i)).is_some_and(|mine| map(mine) & map(node) == map(node))
        })
    }

    /// The number of set bits.
    pub fn len(self) -> usize {
        self.nodes.iter().map(|node| map(node).count_ones() as usize).sum()
    }

    /// Whether no bit is set.
    pub fn is_empty(self) -> bool {
        self.nodes.is_empty()
    }

    /// The highest set bit.
    pub(crate) fn last(self) -> Option<u32> {
        let node = self.nodes.last()?;
        Some(start_bit(node).saturating_add(map(node).checked_ilog2()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Section;

    fn bytes(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|w| w.to_le_bytes()).collect()
    }

    fn read(words: &[u32]) -> Result<Vec<u32>> {
        let bytes = bytes(words);
        Ebitmap::read(&mut Cursor::new(&bytes, Section::Types)).map(|b| b.bits().collect())
    }

    #[test]
    fn reads_bits_in_order() {
        assert_eq!(read(&[64, 0, 0]).unwrap(), []);
        assert_eq!(read(&[64, 64, 1, 0, 0b101, 1 << 31]).unwrap(), [0, 2, 63]);
        assert_eq!(read(&[64, 192, 2, 0, 1, 0, 128, 2, 0]).unwrap(), [0, 129]);
    }

    #[test]
    fn contains_agrees_with_bits() {
        let bytes = bytes(&[64, 192, 2, 0, 9, 0, 128, 2, 4]);
        let bitmap = Ebitmap::read(&mut Cursor::new(&bytes, Section::Types)).unwrap();
        let set: Vec<u32> = (0..300).filter(|&b| bitmap.contains(b as usize)).collect();
        assert_eq!(set, bitmap.bits().collect::<Vec<_>>());
        assert_eq!((bitmap.len(), bitmap.last()), (set.len(), set.last().copied()));
        assert!(!bitmap.contains(usize::MAX));
    }

    #[test]
    fn contains_all_compares_word_by_word() {
        let nodes =
            [&[64, 0, 0][..], &[64, 64, 1, 0, 0b101, 0], &[64, 192, 2, 0, 0b111, 0, 128, 1, 0]].map(bytes);
        let [empty, one, two] =
            nodes.each_ref().map(|b| Ebitmap::read(&mut Cursor::new(b, Section::Types)).unwrap());
        for (of, part, expected) in [
            (empty, empty, true),
            (one, empty, true),
            (two, one, true),
            (two, two, true),
            (one, two, false),
            (empty, one, false),
        ] {
            assert_eq!(of.contains_all(part), expected, "{of:?} {part:?}");
        }
    }

    #[test]
    fn refuses_what_libsepol_refuses() {
        for (bad, why) in [
            (&[32, 0, 0][..], "map size"),
            (&[64, 63, 1, 0, 1, 0], "high bit not a multiple of 64"),
            (&[64, 64, 0], "high bit without nodes"),
            (&[64, 0, 1, 0, 1, 0], "nodes without high bit"),
            (&[64, 64, 1, 1, 1, 0], "start bit not a multiple of 64"),
            (&[64, 64, 1, 64, 1, 0], "start bit beyond the high bit"),
            (&[64, 128, 1, 0, 1, 0], "high bit beyond the last node"),
            (&[64, 64, 1, 0, 0, 0], "empty node"),
            (&[64, 192, 3, 64, 1, 0, 0, 1, 0, 128, 1, 0], "nodes out of order"),
            (&[64, 64, 2, 0, 1, 0, 0, 1, 0], "a node twice"),
            (&[64, 64, u32::MAX, 0, 1, 0], "more nodes than bytes"),
            (&[64, 64, 1, 0, 1], "truncated node"),
        ] {
            assert!(read(bad).is_err(), "accepted: {why}");
        }
    }
}
