//! A bounds-checked reader over the bytes of a policy. All integers are little-endian.
//!
//! Every count is checked against the bytes that remain before anything is allocated for it, so memory
//! stays within a small multiple of the input whatever the counts claim.

use std::borrow::Cow;

use crate::error::{LoadError, Result, Section};
use crate::name::Name;

/// Help where the bytes end too early.
const TRUNCATED: &str = "the file is truncated or not a policy of the version it claims";

/// A place in bytes that are read.
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    bytes: &'a [u8],
    /// INVARIANT: `position <= bytes.len()`.
    position: usize,
    section: Section,
}

impl<'a> Cursor<'a> {
    /// At the first of some bytes.
    pub fn new(bytes: &'a [u8], section: Section) -> Self {
        Cursor { bytes, position: 0, section }
    }

    /// Names the section that errors will speak of from here on.
    pub fn enter(&mut self, section: Section) {
        self.section = section;
    }

    /// How many bytes were read.
    pub fn position(&self) -> usize {
        self.position
    }

    /// The bytes that were not.
    pub fn remaining(&self) -> &'a [u8] {
        self.bytes.get(self.position..).unwrap_or_default()
    }

    /// Moves past `n` bytes that the caller took from [`Cursor::remaining`].
    pub fn advance(&mut self, n: usize) {
        self.position = self.position.saturating_add(n).min(self.bytes.len());
    }

    /// Moves back by `n` bytes, to read them another way.
    pub fn back_up(&mut self, n: usize) {
        self.position = self.position.saturating_sub(n);
    }

    /// The error "expected … , found …" at `offset`.
    pub fn error_at(
        &self,
        offset: usize,
        expected: impl Into<Cow<'static, str>>,
        found: impl Into<String>,
    ) -> LoadError {
        LoadError {
            section: self.section,
            offset,
            expected: expected.into(),
            found: found.into(),
            help: None,
        }
    }

    /// The error "expected … , found …" about the last `back` bytes read.
    pub fn error_back(
        &self,
        back: usize,
        expected: impl Into<Cow<'static, str>>,
        found: impl Into<String>,
    ) -> LoadError {
        self.error_at(self.position.saturating_sub(back), expected, found)
    }

    #[cold]
    fn truncated(&self, wanted: usize) -> LoadError {
        let left = self.remaining().len();
        let mut error = self.error_at(
            self.position,
            format!("{wanted} more bytes"),
            if left == 0 { "the end of the file".to_owned() } else { format!("only {left}") },
        );
        error.help = Some(TRUNCATED);
        error
    }

    /// The next `n` bytes.
    ///
    /// # Errors
    /// There are fewer.
    #[inline]
    pub fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        match self.remaining().split_at_checked(n) {
            Some((taken, _)) => {
                self.advance(n);
                Ok(taken)
            }
            None => Err(self.truncated(n)),
        }
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    /// There are fewer.
    #[inline]
    pub fn array<const N: usize>(&mut self) -> Result<&'a [u8; N]> {
        match self.remaining().first_chunk::<N>() {
            Some(taken) => {
                self.advance(N);
                Ok(taken)
            }
            None => Err(self.truncated(N)),
        }
    }

    /// A number of 32 bits.
    ///
    /// # Errors
    /// The bytes end before.
    #[inline]
    pub fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(*self.array()?))
    }

    /// A number of 64 bits.
    ///
    /// # Errors
    /// The bytes end before.
    pub fn u64(&mut self) -> Result<u64> {
        Ok(u64::from_le_bytes(*self.array()?))
    }

    /// `N` consecutive 32-bit values.
    ///
    /// # Errors
    /// The bytes end before.
    pub fn u32s<const N: usize>(&mut self) -> Result<[u32; N]> {
        let mut values = [0; N];
        let (words, _) = self.take(N.saturating_mul(4))?.as_chunks::<4>();
        for (value, word) in values.iter_mut().zip(words) {
            *value = u32::from_le_bytes(*word);
        }
        Ok(values)
    }

    /// A count of records of at least `min_size` bytes each: larger than the rest of the file allows is
    /// an error, so it is safe to reserve memory for it.
    ///
    /// # Errors
    /// See above; or the bytes end before.
    pub fn count(&mut self, min_size: usize, what: &'static str) -> Result<usize> {
        let offset = self.position;
        let count = self.u32()?;
        self.check_count(offset, count, min_size, what)
    }

    /// As [`Cursor::count`], for a count that was read earlier, at `offset`.
    ///
    /// # Errors
    /// See there.
    pub fn check_count(
        &self,
        offset: usize,
        count: u32,
        min_size: usize,
        what: &'static str,
    ) -> Result<usize> {
        let left = self.remaining().len();
        let count = count as usize;
        match count.checked_mul(min_size) {
            Some(size) if size <= left => Ok(count),
            _ => {
                let expected = format!("a number of {what} that fits in the remaining {left} bytes");
                let mut error = self.error_at(offset, expected, count.to_string());
                error.help = Some(TRUNCATED);
                Err(error)
            }
        }
    }

    /// A name of `len` bytes. The kernel refuses empty ones; a NUL would cut it short there.
    ///
    /// # Errors
    /// It is empty, has a NUL, or the bytes end before.
    pub fn name(&mut self, len: u32) -> Result<Name<'a>> {
        let offset = self.position;
        if len == 0 {
            return Err(self.error_at(offset, "a name", "a length of 0"));
        }
        let bytes = self.take(len as usize)?;
        if bytes.contains(&0) {
            return Err(self.error_at(offset, "a name without NUL bytes", "a NUL byte"));
        }
        Ok(Name::new(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor(bytes: &[u8]) -> Cursor<'_> {
        Cursor::new(bytes, Section::Types)
    }

    #[test]
    fn integers_are_little_endian() {
        assert_eq!(cursor(&[1, 2, 0, 0]).u32().unwrap(), 0x201);
        assert_eq!(cursor(&[1, 0, 0, 0, 2, 0, 0, 0]).u32s::<2>().unwrap(), [1, 2]);
    }

    #[test]
    fn truncation_names_section_and_offset() {
        let mut c = cursor(&[1, 0, 0, 0, 7]);
        c.u32().unwrap();
        let error = c.u32().unwrap_err();
        assert_eq!((error.section, error.offset), (Section::Types, 4));
        assert_eq!(
            error.to_string().lines().next().unwrap(),
            "types, byte 4: expected 4 more bytes, found only 1"
        );
    }

    #[test]
    fn a_count_beyond_the_file_is_refused_before_allocation() {
        let error = cursor(&[255, 255, 255, 255, 0, 0]).count(8, "rules").unwrap_err();
        assert_eq!(error.offset, 0);
        assert!(error.to_string().contains("a number of rules that fits in the remaining 2 bytes"));
        assert_eq!(cursor(&[1, 0, 0, 0, 9, 9]).count(2, "rules").unwrap(), 1);
    }

    #[test]
    fn names_are_not_empty_and_hold_no_nul() {
        assert_eq!(cursor(b"abc").name(3).unwrap().as_bytes(), b"abc");
        assert!(cursor(b"abc").name(0).is_err());
        assert!(cursor(b"a\0c").name(3).is_err());
        assert!(cursor(b"abc").name(4).is_err());
        assert!(cursor(b"abc").name(u32::MAX).is_err());
    }
}
