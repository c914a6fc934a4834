//! How much a comparison may find, and how long it may look: a few bytes of a forged policy can state rules about billions of
//! pairs of types. No honest policy comes near.

/// The policies differ in more than any of their size should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the two policies differ in more rules than policies of this size should")]
pub struct TooMuch;

/// What is left of a comparison.
#[derive(Debug)]
pub(super) struct Limit {
    cells: u64,
    work: u64,
}

/// Differences between rules for each byte of the two policies: everything that one of Debian's grants comes to fewer than 3.
const CELLS_A_BYTE: u64 = 4;
/// Steps for each byte.
const WORK_A_BYTE: u64 = 256;
/// What small policies may have in any case.
const LEAST: u64 = 1 << 20;

impl Limit {
    /// For two policies of so many bytes.
    pub(super) fn of(n_bytes: usize) -> Self {
        let n_bytes = u64::try_from(n_bytes).unwrap_or(u64::MAX);
        let most = |a_byte: u64| n_bytes.saturating_mul(a_byte).max(LEAST);
        Limit { cells: most(CELLS_A_BYTE), work: most(WORK_A_BYTE) }
    }

    /// Counts one difference.
    pub(super) fn cell(&mut self) -> Result<(), TooMuch> {
        self.cells(1)
    }

    /// Counts differences, or what may be some.
    pub(super) fn cells(&mut self, n: u64) -> Result<(), TooMuch> {
        self.cells = self.cells.checked_sub(n).ok_or(TooMuch)?;
        Ok(())
    }

    /// Counts steps.
    pub(super) fn work(&mut self, steps: u64) -> Result<(), TooMuch> {
        self.work = self.work.checked_sub(steps).ok_or(TooMuch)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_ends() {
        let mut limit = Limit::of(0);
        assert_eq!(limit.work(LEAST), Ok(()));
        assert_eq!(limit.work(1), Err(TooMuch));
        assert_eq!(limit.cell(), Ok(()));
    }
}
