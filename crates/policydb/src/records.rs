//! Counted lists of records, validated while loading and decoded by those questions that ask for them.
//!
//! Most questions need two or three sections of a policy. The others are walked once, checked, and kept as
//! the place where they stand; what checked a record decodes it again on demand.

use std::marker::PhantomData;

use crate::cursor::Cursor;
use crate::error::Result;
use crate::format::Format;
use crate::references::Bounds;

/// What reading a record depends on besides its bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) format: Format,
    /// Sizes of tables, all 0 in sections that stand before the tables.
    pub(crate) bounds: Bounds,
    /// Which list of object contexts this is, where it is one.
    pub(crate) list: usize,
}

/// What can be read out of a section.
pub(crate) trait Record<'a>: Sized {
    /// Bytes of the smallest one, to judge counts by.
    const MIN_SIZE: usize;

    /// What many of them are called in errors.
    const WHAT: &'static str;

    /// Reads one, and checks it. Never panics.
    fn read(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Self>;
}

/// A validated list of records, in the order of the file.
pub struct Records<'a, T> {
    /// Stands at the first record.
    start: Cursor<'a>,
    len: usize,
    shape: Shape,
    record: PhantomData<fn() -> T>,
}

impl<T> Records<'_, T> {
    /// The number of records.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

#[allow(private_bounds, reason = "what a record is like in the file is this crate's affair")]
impl<'a, T: Record<'a>> Records<'a, T> {
    /// Reads a count, then that many records.
    pub(crate) fn read(cursor: &mut Cursor<'a>, shape: Shape) -> Result<Self> {
        let len = cursor.count(T::MIN_SIZE, T::WHAT)?;
        Self::walk(cursor, shape, len, |_, _, _| Ok(()))
    }

    /// Reads `len` records; `visit` gets each with the offset where it begins.
    pub(crate) fn walk(
        cursor: &mut Cursor<'a>,
        shape: Shape,
        len: usize,
        mut visit: impl FnMut(&Cursor<'a>, usize, T) -> Result<()>,
    ) -> Result<Self> {
        let start = cursor.clone();
        for _ in 0..len {
            let offset = cursor.position();
            let record = T::read(cursor, shape)?;
            visit(cursor, offset, record)?;
        }
        Ok(Records { start, len, shape, record: PhantomData })
    }

    /// Reads the records again, with what was not yet known when they were first read; `visit` is as in
    /// [`Self::walk`], and its errors name the section of the records.
    pub(crate) fn check(&self, visit: impl FnMut(&Cursor<'a>, usize, T) -> Result<()>) -> Result<()> {
        Self::walk(&mut self.start.clone(), self.shape, self.len, visit).map(drop)
    }

    /// The file from the first record on.
    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.start.remaining()
    }

    /// A list without records, for versions of the format that lack it.
    pub(crate) fn none(cursor: &Cursor<'a>, shape: Shape) -> Self {
        Records { start: cursor.clone(), len: 0, shape, record: PhantomData }
    }

    /// The records, decoded one by one.
    pub fn iter(&self) -> impl Iterator<Item = T> + use<'a, T> {
        let (mut cursor, shape) = (self.start.clone(), self.shape);
        // INVARIANT: the bytes were read in the same way before, so no record fails.
        (0..self.len).map_while(move |_| T::read(&mut cursor, shape).ok())
    }
}

impl<T> Clone for Records<'_, T> {
    fn clone(&self) -> Self {
        Records { start: self.start.clone(), len: self.len, shape: self.shape, record: PhantomData }
    }
}

impl<T> std::fmt::Debug for Records<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} records", self.len)
    }
}
