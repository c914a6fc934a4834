//! Symbol tables: the named things of a policy, each with a value.
//!
//! On disk: the number of values (`nprim`), the number of symbols (`nel`), the symbols. Aliases are
//! symbols that share the value of another one. Values may have gaps.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use crate::cursor::Cursor;
use crate::error::Result;
use crate::name::Name;
use crate::records::{Record, Records, Shape};

/// The symbols of one kind, by value and by name.
#[derive(Debug)]
pub(crate) struct SymbolTable<'a, T> {
    /// Name, value and what else is known; nothing of aliases. At most 48 bytes each, where the smallest record
    /// with as much to know has 17.
    symbols: Vec<(Name<'a>, u32, Option<T>)>,
    /// Position in `symbols` plus one, by value − 1; 0 where no symbol has the value.
    by_value: Vec<u32>,
    /// Where each name stands in `symbols`. Positions and not names, because this table is filled anew by every
    /// run of the program.
    by_name: HashTable<u32>,
    /// Names come from strangers: the standard library's keyed hasher withstands chosen ones.
    hasher: RandomState,
    /// What a symbol is called in errors.
    what: &'static str,
}

impl<'a, T> SymbolTable<'a, T> {
    fn with_capacity(what: &'static str, n_values: usize, n_symbols: usize) -> Self {
        SymbolTable {
            // A forged count can be as large as the file allows, and takes that much and no more: tables that grow
            // by doubling would take three times as much for a moment.
            symbols: Vec::with_capacity(n_symbols),
            by_value: vec![0; n_values],
            by_name: HashTable::with_capacity(n_symbols),
            hasher: RandomState::new(),
            what,
        }
    }

    /// Reads the two counts of a table, then each symbol; `insert` adds it to the table. The records come
    /// back too, in the order of the file.
    ///
    /// # Errors
    /// A count that the rest of the file cannot hold, or what reading and `insert` find wrong.
    pub(crate) fn read<R: Record<'a>>(
        cursor: &mut Cursor<'a>,
        shape: Shape,
        mut insert: impl FnMut(&mut Self, &Cursor<'a>, usize, R) -> Result<()>,
    ) -> Result<(Self, Records<'a, R>)> {
        let offset = cursor.position();
        let [n_values, n_symbols] = cursor.u32s()?;
        // As libsepol bounds it: each value stands for at least three words somewhere in the file.
        let n_values = cursor.check_count(offset, n_values, 12, "values")?;
        let n_symbols = cursor.check_count(offset.saturating_add(4), n_symbols, R::MIN_SIZE, R::WHAT)?;
        let mut table = SymbolTable::with_capacity(R::WHAT, n_values, n_symbols);
        let records = Records::walk(cursor, shape, n_symbols, |cursor, offset, record| {
            insert(&mut table, cursor, offset, record)
        })?;
        Ok((table, records))
    }

    /// Adds a symbol that owns its value. `cursor` stands behind it; `offset` is where it began.
    pub(crate) fn insert(
        &mut self,
        cursor: &Cursor<'a>,
        offset: usize,
        name: Name<'a>,
        value: u32,
        symbol: T,
    ) -> Result<()> {
        let n_values = self.by_value.len();
        self.claim_name(cursor, offset, name)?;
        self.symbols.push((name, value, Some(symbol)));
        let position = u32::try_from(self.symbols.len()).unwrap_or(u32::MAX);
        match (value as usize).checked_sub(1).and_then(|index| self.by_value.get_mut(index)) {
            Some(slot @ 0) => {
                *slot = position;
                Ok(())
            }
            Some(_) => {
                let expected = format!("a value of its own for `{name}`");
                Err(cursor.error_at(offset, expected, format!("{value} again")))
            }
            None => Err(self.out_of_range(cursor, offset, name, value, n_values)),
        }
    }

    /// Adds another name for a value.
    pub(crate) fn insert_alias(
        &mut self,
        cursor: &Cursor<'a>,
        offset: usize,
        name: Name<'a>,
        value: u32,
    ) -> Result<()> {
        if value == 0 || value as usize > self.by_value.len() {
            return Err(self.out_of_range(cursor, offset, name, value, self.by_value.len()));
        }
        self.claim_name(cursor, offset, name)?;
        self.symbols.push((name, value, None));
        Ok(())
    }

    /// Records that `name` is that of the symbol to come, unless another has it.
    fn claim_name(&mut self, cursor: &Cursor<'a>, offset: usize, name: Name<'a>) -> Result<()> {
        let SymbolTable { symbols, by_name, hasher, .. } = self;
        let hash = |name: Name<'a>| hasher.hash_one(name.as_bytes());
        let named = |place: u32| symbols.get(place as usize).map(|(name, ..)| *name);
        let place = u32::try_from(symbols.len()).unwrap_or(u32::MAX);
        let taken = by_name.find(hash(name), |&place| named(place) == Some(name));
        if taken.is_some() {
            let expected = format!("unique names of {}", self.what);
            return Err(cursor.error_at(offset, expected, format!("`{name}` twice")));
        }
        by_name.insert_unique(hash(name), place, |&place| named(place).map_or(0, hash));
        Ok(())
    }

    fn out_of_range(
        &self,
        cursor: &Cursor<'a>,
        offset: usize,
        name: Name<'a>,
        value: u32,
        n_values: usize,
    ) -> crate::LoadError {
        cursor.error_at(offset, format!("a value from 1 to {n_values} for `{name}`"), value.to_string())
    }

    /// The number of values, gaps included.
    pub(crate) fn n_values(&self) -> usize {
        self.by_value.len()
    }

    /// The symbol at `index` (value − 1).
    pub(crate) fn get(&self, index: usize) -> Option<(Name<'a>, &T)> {
        let position = (*self.by_value.get(index)? as usize).checked_sub(1)?;
        self.symbols.get(position).and_then(|(name, _, symbol)| Some((*name, symbol.as_ref()?)))
    }

    /// The value of a name or an alias. O(1).
    pub(crate) fn value_of(&self, name: &[u8]) -> Option<u32> {
        let symbol = |place: u32| self.symbols.get(place as usize);
        let is_it = |&place: &u32| symbol(place).is_some_and(|(known, ..)| known.as_bytes() == name);
        let place = self.by_name.find(self.hasher.hash_one(name), is_it)?;
        symbol(*place).map(|(_, value, _)| *value)
    }

    /// All symbols but aliases, in the order of the file.
    pub(crate) fn symbols(&self) -> impl Iterator<Item = (Name<'a>, &T)> {
        self.symbols.iter().filter_map(|(name, _, symbol)| Some((*name, symbol.as_ref()?)))
    }

    /// All aliases with the value they stand for, in the order of the file. O(symbols).
    pub(crate) fn aliases(&self) -> impl Iterator<Item = (Name<'a>, u32)> + '_ {
        self.symbols.iter().filter(|(.., symbol)| symbol.is_none()).map(|(name, value, _)| (*name, *value))
    }
}
