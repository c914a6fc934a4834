//! The order in which SETools sees rules: that of libsepol's hash table, then transitions by file name, then the conditional
//! rules in the order of the file.
//! Source: `avtab_hash`, `avtab_alloc` and `avtab_insert` in `avtab.c` of libsepol 3.4, `terules` in SETools' `policyrep`.

use analysis::reach::Place;
use policydb::{ClassId, Policy, TypeId};

/// libsepol's largest table.
const MAX_AVTAB_HASH_BITS: u32 = 20;

/// What rules are sorted by; rules that are equal keep the order of the file.
pub(super) type Key = (u8, u32, u32, u32, u32, u32);

/// The order of the rules of one policy.
#[derive(Clone, Copy, Debug)]
pub(super) struct TableOrder {
    mask: u32,
}

impl TableOrder {
    pub(super) fn of(policy: &Policy<'_>) -> Self {
        TableOrder::with_rules(policy.rules().len())
    }

    fn with_rules(n_rules: usize) -> Self {
        // About a quarter of the number of rules, a power of two.
        let bits = usize::BITS - n_rules.leading_zeros();
        let shift = if bits > 2 { bits - 2 } else { bits };
        TableOrder { mask: (1 << shift.min(MAX_AVTAB_HASH_BITS)) - 1 }
    }

    /// The key of a rule.
    pub(super) fn key(self, source: TypeId, target: TypeId, class: ClassId, place: Place<'_>) -> Key {
        let (source, target, class) = (source.value(), target.value(), class.value());
        match place {
            // The chain of a bucket is sorted by what is compared first.
            Place::Unconditional(position) => {
                (0, hash(source, target, class) & self.mask, source, target, class, position)
            }
            Place::FileName(_) => (1, 0, 0, 0, 0, 0),
            Place::Conditional(position, _) => (2, position, 0, 0, 0, 0),
        }
    }
}

/// libsepol's MurmurHash3 of three words.
fn hash(source: u32, target: u32, class: u32) -> u32 {
    let mixed = [class, target, source].into_iter().fold(0u32, |hash, input| {
        let input = input.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
        (hash ^ input).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64)
    });
    let mixed = (mixed ^ mixed >> 16).wrapping_mul(0x85eb_ca6b);
    let mixed = (mixed ^ mixed >> 13).wrapping_mul(0xc2b2_ae35);
    mixed ^ mixed >> 16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_a_quarter_as_many_buckets_as_rules() {
        for (n_rules, n_buckets) in [(1, 2), (2, 4), (3, 4), (4, 2), (7, 2), (8, 4), (1000, 256)] {
            assert_eq!(TableOrder::with_rules(n_rules).mask + 1, n_buckets, "{n_rules}");
        }
        assert_eq!(TableOrder::with_rules(1 << 30).mask + 1, 1 << 20);
    }
}
