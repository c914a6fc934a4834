//! How much may come out of how little: a few bytes of a forged stream would otherwise fill the memory.

use std::error::Error as StdError;
use std::fmt;
use std::io::{self, Read};

/// Bounds of unpacking. Each is a multiple of what real files need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes that one file may have, unpacked: 256 MiB. The largest module of a distribution has 5 MB, a policy of version
    /// 19, where attributes are written out, 135 MB.
    pub file: u64,
    /// Bytes that a package may unpack to: 1 GiB, of which only the files that are asked for are kept.
    /// selinux-policy-targeted has 100 MB.
    pub total: u64,
    /// Files that a package may list: 200,000. Policies have a few thousand, the kernel's sources 100,000.
    pub files: usize,
    /// Bytes that may come out of one byte: 250. Modules and their CIL come to 10 or 20. Only what is larger than
    /// [`Limits::SMALL`] is held to it.
    pub ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file: 256 << 20, total: 1 << 30, files: 200_000, ratio: 250 }
    }
}

impl Limits {
    /// What may come out of any stream, however short: 4 MiB. Short texts can compress very well.
    pub const SMALL: u64 = 4 << 20;
    /// Bytes that the names of the files of a package may have in all.
    pub(crate) const NAMES: u64 = 64 << 20;

    /// What may come out of a stream of `packed` bytes, if `bound` is what else holds it.
    pub(crate) fn of_stream(&self, packed: usize, bound: Bound) -> Exceeded {
        let limit = match bound {
            Bound::File => self.file,
            _ => self.total,
        };
        let packed = u64::try_from(packed).unwrap_or(u64::MAX);
        let by_ratio = packed.saturating_mul(self.ratio).max(Self::SMALL);
        if by_ratio < limit {
            Exceeded { bound: Bound::Ratio, limit: by_ratio }
        } else {
            Exceeded { bound, limit }
        }
    }
}

/// What was too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// [`Limits::file`].
    File,
    /// [`Limits::total`].
    Total,
    /// [`Limits::files`].
    Files,
    /// [`Limits::ratio`].
    Ratio,
    /// The bytes of all names of a package's files.
    Names,
}

/// A limit that was run into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exceeded {
    /// Which one.
    pub bound: Bound,
    /// How much it is: bytes, or files.
    pub limit: u64,
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limit = self.limit;
        match self.bound {
            Bound::File => write!(f, "a file unpacks to more than {limit} bytes"),
            Bound::Total => write!(f, "the package unpacks to more than {limit} bytes"),
            Bound::Files => write!(f, "the package lists more than {limit} files"),
            Bound::Ratio => {
                write!(f, "it unpacks to more than {limit} bytes, which is out of all proportion to its size")
            }
            Bound::Names => write!(f, "the names of the package's files have more than {limit} bytes"),
        }
    }
}

impl StdError for Exceeded {}

impl Exceeded {
    /// The limit inside of an error of a reader, however often it was wrapped.
    pub(crate) fn inside(error: &io::Error) -> Option<Self> {
        let mut next = error.get_ref().map(|inner| inner as &(dyn StdError + 'static));
        while let Some(inner) = next {
            if let Some(exceeded) = inner.downcast_ref::<Self>() {
                return Some(*exceeded);
            }
            next = match inner.downcast_ref::<io::Error>() {
                Some(error) => error.get_ref().map(|inner| inner as &(dyn StdError + 'static)),
                None => inner.source(),
            };
        }
        None
    }
}

/// Bytes that a buffer for an unpacked file begins with.
const FIRST: usize = 64 << 10;

/// A reader that ends with [`Exceeded`] beyond its limit.
pub(crate) struct Bounded<R> {
    inner: R,
    left: u64,
    limit: Exceeded,
}

impl<R: Read> Bounded<R> {
    pub(crate) fn new(inner: R, limit: Exceeded) -> Self {
        Self { inner, left: limit.limit, limit }
    }

    /// All bytes to the end, in a memory that grows by doubling but never beyond the limit.
    pub(crate) fn read_all(mut self) -> io::Result<Vec<u8>> {
        let most = usize::try_from(self.limit.limit).unwrap_or(usize::MAX);
        let mut bytes = Vec::new();
        loop {
            let room = bytes.len().max(FIRST).min(most.saturating_sub(bytes.len()));
            if room == 0 {
                // A byte more is an error.
                io::copy(&mut self, &mut io::sink())?;
                return Ok(bytes);
            }
            bytes.reserve_exact(room);
            let n = self.by_ref().take(room as u64).read_to_end(&mut bytes)?;
            if n < room {
                return Ok(bytes);
            }
        }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        match self.left.checked_sub(u64::try_from(n).unwrap_or(u64::MAX)) {
            Some(left) => self.left = left,
            None => return Err(io::Error::other(self.limit)),
        }
        Ok(n)
    }
}
