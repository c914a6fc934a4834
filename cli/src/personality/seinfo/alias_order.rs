//! The order of aliases, which is that of libsepol's symbol tables.
//! Source: `symhash` in `symtab.c`, `hashtab_insert` in `hashtab.c` and `symtab_sizes` in `policydb.c` of libsepol 3.4.
//!
//! SETools walks a table's buckets; names in a bucket are sorted. Later libsepols hash otherwise.

use policydb::Name;

/// A symbol table of libsepol.
#[derive(Clone, Copy, Debug)]
pub(super) struct SymbolTable {
    /// The number of buckets, a power of two.
    size: u32,
}

impl SymbolTable {
    /// The table that begins with some number of buckets and has so many symbols, aliases included.
    pub(super) fn new(first_size: u32, n_symbols: usize) -> Self {
        // It grows before a symbol is inserted when it has at least as many as buckets.
        let most = u32::try_from(n_symbols.saturating_sub(1)).unwrap_or(u32::MAX);
        let mut size = first_size;
        while size <= most && size < 1 << 31 {
            size *= 2;
        }
        SymbolTable { size }
    }

    /// What names are sorted by.
    pub(super) fn key<'n>(self, name: Name<'n>) -> (u32, &'n [u8]) {
        let hash = name.as_bytes().iter().fold(0u32, |hash, &byte| {
            // A `char` has a sign.
            hash.rotate_left(4) ^ i32::from(byte.cast_signed()).cast_unsigned()
        });
        (hash & (self.size - 1), name.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_doubles_when_it_is_full() {
        for (n_symbols, size) in [(0, 16), (16, 16), (17, 32), (32, 32), (33, 64)] {
            assert_eq!(SymbolTable::new(16, n_symbols).size, size, "{n_symbols}");
        }
    }

    #[test]
    fn names_are_hashed_as_signed_characters() {
        let table = SymbolTable::new(1 << 31, 0);
        assert_eq!(table.key(Name::new(b"ab")).0, 0x610 ^ 0x62);
        assert_eq!(table.key(Name::new(b"\xff")).0, 0x7fff_ffff);
    }
}
