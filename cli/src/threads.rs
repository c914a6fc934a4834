//! Threads, where the system gives any: at a limit (RLIMIT_NPROC, a container's pids) the work is done by the one that
//! there is. The answer is the same, it only takes longer.
//!
//! Rayon's own pool is never asked for: it ends the program where it cannot start its threads.

use std::thread;

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use rustix::process::{Resource, getrlimit};

/// So many threads, or one a core if no number is given.
///
/// # Errors
/// Not even the thread that asks can be used.
pub(crate) fn pool(threads: Option<usize>) -> Result<ThreadPool, ThreadPoolBuildError> {
    let wanted = threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
    let several = ThreadPoolBuilder::new().num_threads(wanted.min(most_threads())).build();
    several.or_else(|_| ThreadPoolBuilder::new().num_threads(1).use_current_thread().build())
}

/// How many threads find room where the address space is limited (RLIMIT_AS): the C library sets 64 MiB of it aside for each, and
/// as much again while it looks for a place.
fn most_threads() -> usize {
    const ROOM: u64 = 128 << 20;
    let room = getrlimit(Resource::As).current.map_or(u64::MAX, |limit| limit / ROOM);
    usize::try_from(room).unwrap_or(usize::MAX).max(1)
}

/// Does work that is spread by rayon on a pool of its own.
///
/// # Errors
/// As [`pool`].
pub(crate) fn spread<R: Send>(threads: Option<usize>, work: impl FnOnce() -> R + Send) -> anyhow::Result<R> {
    Ok(pool(threads)?.install(work))
}

/// Does two things at once, or one after the other.
///
/// # Errors
/// As [`pool`].
pub(crate) fn both<A: Send, B: Send>(
    first: impl FnOnce() -> A + Send,
    second: impl FnOnce() -> B + Send,
) -> anyhow::Result<(A, B)> {
    spread(Some(2), || rayon::join(first, second))
}

#[cfg(test)]
mod tests {
    #[test]
    fn work_is_done_whatever_the_number_of_threads() {
        for threads in [None, Some(1), Some(3)] {
            assert_eq!(super::spread(threads, || 6 * 7).unwrap(), 42);
        }
        assert_eq!(super::both(|| 1, || 2).unwrap(), (1, 2));
    }
}
