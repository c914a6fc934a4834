//! Reading numbers and strings of a compiled file; every length is checked before it is used.

use super::lines::Piece;
use super::problem::ProblemReason;

/// The order of the bytes in a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

/// A place in a compiled file, which lies within the arena.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    arena: &'a [u8],
    start: usize,
    at: usize,
    end: usize,
    pub(super) order: Order,
    /// What is being read, for messages.
    pub(super) section: &'static str,
}

type Read<T> = Result<T, ProblemReason>;

impl<'a> Cursor<'a> {
    /// At the start of a file that lies at `start..end`.
    pub(super) fn new(arena: &'a [u8], start: usize, end: usize) -> Self {
        let end = end.min(arena.len());
        Self { arena, start, at: start.min(end), end, order: Order::Little, section: "the header" }
    }

    /// The problem that here something else was expected.
    pub(super) fn expected<T>(&self, expected: &'static str) -> Read<T> {
        let offset = self.at.saturating_sub(self.start);
        Err(ProblemReason::Compiled { offset, section: self.section, expected })
    }

    /// The next `length` bytes.
    pub(super) fn take(&mut self, length: usize) -> Read<Piece> {
        let after = self.at.checked_add(length).filter(|after| *after <= self.end);
        let Some(after) = after else { return self.expected("as many bytes as a length before them says") };
        let piece = Piece::new(self.at, after);
        self.at = after;
        Ok(piece)
    }

    /// A count of things that take `size` bytes each at least.
    pub(super) fn count(&mut self, size: usize) -> Read<usize> {
        let count = self.length()?;
        let left = self.end.saturating_sub(self.at);
        if count.checked_mul(size).is_none_or(|bytes| bytes > left) {
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

    /// A string of `length` bytes, the last of which is NUL. The piece ends before the first NUL, as in C.
    pub(super) fn string(&mut self, length: usize) -> Read<Piece> {
        let start = self.at;
        let bytes = self.take(length)?.of(self.arena);
        if bytes.last() != Some(&0) {
            return self.expected("a string that ends with NUL");
        }
        let n_bytes = bytes.iter().position(|byte| *byte == 0).unwrap_or(0);
        Ok(Piece::new(start, start.saturating_add(n_bytes)))
    }

    /// True at the end of the file.
    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.end
    }

    fn number<const N: usize>(&mut self) -> Read<[u8; N]> {
        let bytes = self.take(N)?.of(self.arena);
        bytes.first_chunk().copied().map_or_else(|| self.expected("a number"), Ok)
    }
}
