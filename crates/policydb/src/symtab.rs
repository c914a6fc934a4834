//! Symbol tables: the named things of a policy, each with a value.
//!
//! On disk: the number of values (`nprim`), the number of symbols (`nel`), the symbols. Aliases are
//! symbols that share the value of another one. Values may have gaps.

use std::collections::HashMap;

use crate::cursor::Cursor;
use crate::error::Result;
use crate::name::Name;

/// The symbols of one kind, by value and by name.
#[derive(Debug)]
pub(crate) struct SymbolTable<'a, T> {
    symbols: Vec<(Name<'a>, T)>,
    /// Position in `symbols` plus one, by value − 1; 0 where no symbol has the value.
    by_value: Vec<u32>,
    /// The value of each name, aliases included. Names come from strangers: the standard library's
    /// keyed hasher withstands chosen ones.
    by_name: HashMap<Name<'a>, u32>,
    aliases: Vec<(Name<'a>, u32)>,
    /// What a symbol is called in errors.
    what: &'static str,
}

impl<'a, T> SymbolTable<'a, T> {
    /// A table of no symbols.
    pub(crate) fn empty(what: &'static str) -> Self {
        let (symbols, by_value, aliases) = (Vec::new(), Vec::new(), Vec::new());
        SymbolTable { symbols, by_value, by_name: HashMap::new(), aliases, what }
    }

    /// Reads the two counts of a table whose symbols take at least `min_size` bytes, then each symbol
    /// by `read`, which inserts it.
    ///
    /// # Errors
    /// A count that the rest of the file cannot hold, or what `read` finds wrong.
    pub(crate) fn read(
        cursor: &mut Cursor<'a>,
        what: &'static str,
        min_size: usize,
        mut read: impl FnMut(&mut Cursor<'a>, &mut Self) -> Result<()>,
    ) -> Result<Self> {
        let offset = cursor.position();
        let [n_values, n_symbols] = cursor.u32s()?;
        // As libsepol bounds it: each value stands for at least three words somewhere in the file.
        let n_values = cursor.check_count(offset, n_values, 12, "values")?;
        let n_symbols = cursor.check_count(offset.saturating_add(4), n_symbols, min_size, what)?;
        let mut table = SymbolTable {
            symbols: Vec::with_capacity(n_symbols),
            by_value: vec![0; n_values],
            by_name: HashMap::with_capacity(n_symbols),
            aliases: Vec::new(),
            what,
        };
        for _ in 0..n_symbols {
            read(cursor, &mut table)?;
        }
        Ok(table)
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
        self.claim_name(cursor, offset, name, value)?;
        self.symbols.push((name, symbol));
        let position = u32::try_from(self.symbols.len()).unwrap_or(u32::MAX);
        match (value as usize).checked_sub(1).and_then(|index| self.by_value.get_mut(index)) {
            Some(slot @ 0) => {
                *slot = position;
                Ok(())
            }
            Some(_) => {
                Err(cursor.error_at(offset, format!("a value of its own for `{name}`"), format!("{value} again")))
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
        self.claim_name(cursor, offset, name, value)?;
        self.aliases.push((name, value));
        Ok(())
    }

    fn claim_name(&mut self, cursor: &Cursor<'a>, offset: usize, name: Name<'a>, value: u32) -> Result<()> {
        match self.by_name.insert(name, value) {
            None => Ok(()),
            Some(_) => {
                Err(cursor.error_at(offset, format!("unique names of {}", self.what), format!("`{name}` twice")))
            }
        }
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
    pub(crate) fn get(&self, index: usize) -> Option<&(Name<'a>, T)> {
        let position = (*self.by_value.get(index)? as usize).checked_sub(1)?;
        self.symbols.get(position)
    }

    /// The value of a name or an alias. O(1).
    pub(crate) fn value_of(&self, name: &[u8]) -> Option<u32> {
        self.by_name.get(&Name::new(name)).copied()
    }

    /// All aliases with the value they stand for, in the order of the file.
    pub(crate) fn aliases(&self) -> &[(Name<'a>, u32)] {
        &self.aliases
    }
}
