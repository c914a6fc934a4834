//! Bounds: a type, role or user may be bounded by another one, and that by a third. Loops have no end to walk to,
//! so whoever follows bounds relies on what is checked here. Source: `policydb_bounds_sanity_check` in the
//! kernel's `ss/policydb.c`; libsepol reads what no kernel loads. Cost: O(bounded symbols), of which there are few.

use crate::cursor::Cursor;
use crate::error::Result;
use crate::symtab::SymbolTable;

/// The kernel refuses a symbol with this many above it.
const POLICYDB_BOUNDS_MAXDEPTH: u32 = 4;

/// What may bound others of its kind.
pub(crate) trait Bounded {
    /// The value of what bounds it.
    fn bounds(&self) -> Option<u32>;

    /// Whether it may bound others: attributes may not.
    fn may_bound(&self) -> bool {
        true
    }
}

/// Checks what stands above each symbol that has bounds. `cursor` stands behind the table.
pub(crate) fn check_bounds<T: Bounded>(cursor: &Cursor<'_>, table: &SymbolTable<'_, T>) -> Result<()> {
    for (name, symbol) in table.symbols().filter(|(_, symbol)| symbol.bounds().is_some()) {
        let mut next = symbol.bounds();
        let mut depth = 0u32;
        while let Some(value) = next {
            depth = depth.saturating_add(1);
            if depth == POLICYDB_BOUNDS_MAXDEPTH {
                let expected = format!("less than {POLICYDB_BOUNDS_MAXDEPTH} bounds above `{name}`");
                return Err(cursor.error_back(0, expected, "more, or a loop"));
            }
            let upper = (value as usize).checked_sub(1).and_then(|index| table.get(index));
            let Some((_, upper)) = upper.filter(|(_, upper)| upper.may_bound()) else {
                let expected = format!("what bounds `{name}`");
                return Err(cursor.error_back(0, expected, format!("value {value}, which cannot")));
            };
            next = upper.bounds();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Section;
    use crate::format::Format;
    use crate::header::Platform;
    use crate::records::Shape;
    use crate::references::Bounds;
    use crate::types::read_types;

    /// Reads types of one letter whose bounds are given by value; `attribute` is the value of an attribute.
    fn read(bounds: &[u32], attribute: u32) -> Result<()> {
        let n = bounds.len() as u32;
        let mut bytes: Vec<u8> = [n, n].iter().flat_map(|w| w.to_le_bytes()).collect();
        for (value, &bounds) in (1..).zip(bounds) {
            let properties = if value == attribute { 3 } else { 1 };
            bytes.extend([1, value, properties, bounds].iter().flat_map(|w| w.to_le_bytes()));
            bytes.push(b'a' + value as u8);
        }
        let format = Format { platform: Platform::Selinux, version: 33 };
        let shape = Shape { format, bounds: Bounds::default(), list: 0 };
        read_types(&mut Cursor::new(&bytes, Section::Types), shape).map(drop)
    }

    #[test]
    fn bounds_end_above_three_symbols() {
        assert_eq!(read(&[0, 1, 2, 3], 0), Ok(()));
        assert!(read(&[0, 1, 2, 3, 4], 0).is_err(), "a fourth");
    }

    #[test]
    fn loops_are_refused() {
        for looped in [&[1][..], &[2, 1], &[2, 3, 1], &[2, 3, 2]] {
            let error = read(looped, 0).unwrap_err();
            assert!(error.to_string().contains("a loop"), "{looped:?}: {error}");
        }
    }

    #[test]
    fn what_bounds_is_a_symbol_and_no_attribute() {
        assert!(read(&[9], 0).is_err(), "beyond the table");
        assert!(read(&[0, 1], 1).is_err(), "an attribute");
        assert_eq!(read(&[0, 1], 2), Ok(()), "an attribute that is bounded");
    }
}
