//! Reading numbers and strings of a compiled file; every length is checked before it is used.

use super::problem::ProblemReason;

/// The order of the bytes in a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

/// A place in a compiled file.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    rest: &'a [u8],
    at: usize,
    pub(super) order: Order,
    /// What is being read, for messages.
    pub(super) section: &'static str,
}

type Read<T> = Result<T, ProblemReason>;

impl<'a> Cursor<'a> {
    /// At the start of a file.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, at: 0, order: Order::Little, section: "the header" }
    }

    /// The problem that here something else was expected.
    pub(super) fn expected<T>(&self, expected: &'static str) -> Read<T> {
        Err(ProblemReason::Compiled { offset: self.at, section: self.section, expected })
    }

    /// The next `length` bytes.
    pub(super) fn take(&mut self, length: usize) -> Read<&'a [u8]> {
        let Some((taken, rest)) = self.rest.split_at_checked(length) else {
            return self.expected("as many bytes as a length before them says");
        };
        self.rest = rest;
        self.at = self.at.saturating_add(length);
        Ok(taken)
    }

    /// A count of things that take `size` bytes each at least.
    pub(super) fn count(&mut self, size: usize) -> Read<usize> {
        let count = self.length()?;
        if count.checked_mul(size).is_none_or(|bytes| bytes > self.rest.len()) {
            return self.expected("a count that the rest of the file has room for");
        }
        Ok(count)
    }

    /// A length of four bytes.
    pub(super) fn length(&mut self) -> Read<usize> {
        let number = self.u32()?;
        usize::try_from(number).or_else(|_| self.expected("a length that can be addressed"))
    }

    pub(super) fn u8(&mut self) -> Read<u8> {
        Ok(self.number::<1>()?[0])
    }

    pub(super) fn u16(&mut self) -> Read<u16> {
        let bytes = self.number()?;
        Ok(match self.order {
            Order::Little => u16::from_le_bytes(bytes),
            Order::Big => u16::from_be_bytes(bytes),
        })
    }

    pub(super) fn u32(&mut self) -> Read<u32> {
        let bytes = self.number()?;
        Ok(match self.order {
            Order::Little => u32::from_le_bytes(bytes),
            Order::Big => u32::from_be_bytes(bytes),
        })
    }

    /// A string of `length` bytes, the last of which is NUL; what is behind the first NUL is left out, as in C.
    pub(super) fn string(&mut self, length: usize) -> Read<&'a [u8]> {
        let bytes = self.take(length)?;
        if bytes.last() != Some(&0) {
            return self.expected("a string that ends with NUL");
        }
        Ok(bytes.split(|byte| *byte == 0).next().unwrap_or_default())
    }

    /// True at the end of the file.
    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    fn number<const N: usize>(&mut self) -> Read<[u8; N]> {
        let bytes = self.take(N)?;
        bytes.first_chunk().copied().map_or_else(|| self.expected("a number"), Ok)
    }
}
