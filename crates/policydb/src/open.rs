//! Getting the bytes of a policy out of a file, a pipe or the kernel. The only `unsafe` of the project
//! stands here: mapping memory, and the handler for a mapping whose file shrinks.
//!
//! A file that somebody may change while it is mapped breaks "validated once": bytes that were checked are others when
//! they are used, and one that is truncated raises SIGBUS. Root overwrites files, too. So only selinuxfs is mapped, where
//! each opening has a copy of its own; all else is read, which costs a millisecond for 2 MB. What a size is good for
//! depends on the file: pipes and selinuxfs have none that can be trusted, so reading goes on to the end whatever `fstat`
//! says.
//!
//! A copy can be made in the middle of a write. So a file is read only once its last write lies some ticks of the kernel's
//! clock back (any later write then shows in its time), and read again if the time changed meanwhile.

#![allow(unsafe_code, reason = "mapping a file and handling SIGBUS cannot be done without")]

use std::fs::File;
use std::io::{self, Read, Seek};
use std::ops::Deref;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::{FileType, Mode, OFlags, fstat, fstatfs};

const SELINUX_MAGIC: u32 = 0xf97c_ff8c;
/// How every binary policy begins.
const POLICYDB_MAGIC: [u8; 4] = 0xf97c_ff8c_u32.to_le_bytes();
/// Bytes that tell what a file is.
const BEGINNING: u64 = 4096;
/// How long a busy `/sys/fs/selinux/policy` is waited for: many kernels admit one reader at a time.
const BUSY_RETRIES: u32 = 20;
const BUSY_PAUSE: Duration = Duration::from_millis(10);
/// Times of files come from a clock that moves every 1 to 10 ms: a write of the same tick cannot be seen.
const SETTLED: Duration = Duration::from_millis(20);
/// How often a file that is being written is waited for, and read again.
const WRITE_RETRIES: u32 = 10;
/// The largest file that is read whole though it is no policy: a module, or a package that holds some.
const LARGEST_OTHER: u64 = 512 << 20;
/// Larger input is refused: a policy of this size is a mistake or an attack. The largest that exist, of
/// version 19 with every rule expanded, have 135 MB.
const LARGEST: u64 = 2 << 30;

/// A policy could not be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The operating system's refusal.
    #[error("cannot read policy `{}`", shown(.path))]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The path is a directory.
    #[error("`{}` is a directory\nhelp: give a policy file, such as /etc/selinux/targeted/policy/policy.33", shown(.0))]
    Directory(PathBuf),
    /// Where the system should have a policy, something else stands.
    #[error("`{}` is no regular file\nhelp: give it with `--policy` if it is meant", shown(.0))]
    NotRegular(PathBuf),
    /// The input does not end within a sensible size.
    #[error("`{}` is larger than {} MiB, which no policy is", shown(.0), LARGEST >> 20)]
    TooLarge(PathBuf),
    /// Somebody writes to the file all the time.
    #[error("`{}` is being written all the time\nhelp: run the command again when it is complete; who writes it should rename a new file over it", shown(.0))]
    BeingWritten(PathBuf),
}

/// A path as messages show it: like names of policies, it cannot drive a terminal.
fn shown(path: &Path) -> String {
    crate::Name::new(path.as_os_str().as_encoded_bytes()).to_string()
}

impl OpenError {
    /// Whether the kernel's policy was in use by another reader all the time.
    pub fn is_busy(&self) -> bool {
        matches!(self, OpenError::Io { source, .. } if source.kind() == io::ErrorKind::ResourceBusy)
    }

    /// The operating system's error, if that is what it was.
    pub fn io(&self) -> Option<&io::Error> {
        match self {
            OpenError::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// The bytes of a policy file: mapped if nobody can change them, else a copy.
#[derive(Debug)]
pub enum PolicyBytes {
    /// A private read-only mapping.
    Mapped(memmap2::Mmap),
    /// A copy in memory.
    Read(Vec<u8>),
}

/// What a write to a file changes; not what a rename or a link changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    size: u64,
    seconds: i64,
    nanoseconds: i64,
}

impl Stamp {
    fn of(file: &File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        Ok(Stamp { size: metadata.size(), seconds: metadata.mtime(), nanoseconds: metadata.mtime_nsec() })
    }

    /// The stamp, once the last write is long enough ago that a later one will change it; none if that does not happen.
    fn once_settled(file: &File) -> io::Result<Option<Self>> {
        for _ in 0..WRITE_RETRIES {
            let metadata = file.metadata()?;
            let age = metadata.modified().ok().map(|modified| SystemTime::now().duration_since(modified));
            // A time that the clock has not reached was set by hand, or by another clock.
            if age.is_none_or(|age| age.map_or(true, |age| age >= SETTLED)) {
                return Self::of(file).map(Some);
            }
            std::thread::sleep(SETTLED);
        }
        Ok(None)
    }
}

impl Deref for PolicyBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            PolicyBytes::Mapped(map) => map,
            PolicyBytes::Read(bytes) => bytes,
        }
    }
}

impl PolicyBytes {
    /// Opens a policy; `-` is standard input.
    ///
    /// # Errors
    /// The file cannot be opened or read, is a directory, or is larger than 2 GiB.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        if path.as_os_str() == "-" {
            return Self::read(io::stdin().lock(), 0, path);
        }
        let file = open_waiting(|| File::open(path), std::thread::sleep);
        Self::of_file(file.map_err(|source| OpenError::Io { path: path.to_owned(), source })?, path, false)
    }

    /// Opens a policy where the system keeps one. Nobody is waited for who would write to a FIFO that stands there instead.
    ///
    /// # Errors
    /// As [`PolicyBytes::open`], and it is no regular file (selinuxfs has regular ones).
    pub fn open_installed(path: &Path) -> Result<Self, OpenError> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let open = || rustix::fs::open(path, flags, Mode::empty()).map_err(io::Error::from).map(File::from);
        let file = open_waiting(open, std::thread::sleep);
        Self::of_file(file.map_err(|source| OpenError::Io { path: path.to_owned(), source })?, path, true)
    }

    fn of_file(file: File, path: &Path, only_regular: bool) -> Result<Self, OpenError> {
        let io_error = |source| OpenError::Io { path: path.to_owned(), source };
        // All questions go to the open file, not to its path, which may name another by now.
        let stat = fstat(&file).map_err(|e| io_error(e.into()))?;
        let file_type = FileType::from_raw_mode(stat.st_mode);
        if file_type == FileType::Directory {
            return Err(OpenError::Directory(path.to_owned()));
        }
        if file_type != FileType::RegularFile && only_regular {
            return Err(OpenError::NotRegular(path.to_owned()));
        }
        if file_type != FileType::RegularFile {
            return Self::read(&file, 0, path);
        }
        let size = u64::try_from(stat.st_size).unwrap_or(0);
        if size > LARGEST {
            return Err(OpenError::TooLarge(path.to_owned()));
        }
        if is_selinuxfs(&file) {
            // SAFETY: what selinuxfs maps is a copy that the kernel made for this opening and changes no more; the mapping
            // is private and read-only. If it is cut short all the same, the handler of `exit_on_sigbus` ends the program.
            let map = unsafe { memmap2::MmapOptions::new().populate().map_copy_read_only(&file) };
            return match map {
                Ok(map) if size > 0 => Ok(PolicyBytes::Mapped(map)),
                _ => Self::read(&file, size, path),
            };
        }
        for _ in 0..WRITE_RETRIES {
            let Some(stamp) = Stamp::once_settled(&file).map_err(io_error)? else { break };
            let bytes = Self::read(&file, stamp.size, path)?;
            if Stamp::of(&file).map_err(io_error)? == stamp {
                return Ok(bytes);
            }
            (&file).rewind().map_err(io_error)?;
        }
        Err(OpenError::BeingWritten(path.to_owned()))
    }

    /// Reads to the end. `size` is that of a plain file, else 0.
    ///
    /// Of other input that does not begin as a policy only the beginning is read, and so it is of enormous files: it tells
    /// what the input is, and an endless one is not swallowed.
    fn read(mut input: impl Read, size: u64, path: &Path) -> Result<Self, OpenError> {
        let io_error = |source| OpenError::Io { path: path.to_owned(), source };
        let mut beginning = Vec::new();
        input.by_ref().take(BEGINNING).read_to_end(&mut beginning).map_err(io_error)?;
        let is_bounded = (1..=LARGEST_OTHER).contains(&size);
        if !beginning.starts_with(&POLICYDB_MAGIC) && !is_bounded {
            return Ok(PolicyBytes::Read(beginning));
        }
        // One byte more than the file says, so that its end is seen without growing the buffer.
        let mut bytes = Vec::with_capacity(usize::try_from(size.saturating_add(1)).unwrap_or(0));
        bytes.extend(beginning);
        input.take(LARGEST.saturating_add(1)).read_to_end(&mut bytes).map_err(io_error)?;
        if bytes.len() as u64 > LARGEST {
            return Err(OpenError::TooLarge(path.to_owned()));
        }
        Ok(PolicyBytes::Read(bytes))
    }
}

/// Opens something, waiting a little while the kernel's policy has another reader. Nothing else is waited for: who may not read
/// it now may not a moment later.
fn open_waiting<T>(
    mut open: impl FnMut() -> io::Result<T>,
    mut pause: impl FnMut(Duration),
) -> io::Result<T> {
    let mut tries = 0;
    loop {
        match open() {
            Err(error) if error.kind() == io::ErrorKind::ResourceBusy && tries < BUSY_RETRIES => {
                tries = tries.saturating_add(1);
                pause(BUSY_PAUSE);
            }
            result => return result,
        }
    }
}

fn is_selinuxfs(file: &File) -> bool {
    fstatfs(file).is_ok_and(|fs| u64::try_from(fs.f_type).is_ok_and(|kind| kind == u64::from(SELINUX_MAGIC)))
}

/// Makes a policy file that shrinks while it is mapped end the program with a message and status 2,
/// instead of a signal. Call once at the start of a program.
pub fn exit_on_sigbus() {
    extern "C" fn shrunk(_signal: libc::c_int) {
        const MESSAGE: &[u8] =
            b"error: the policy file was cut short while it was being read\nhelp: run the command again\n";
        // SAFETY: write and _exit are async-signal-safe; the message is a constant.
        unsafe {
            libc::write(libc::STDERR_FILENO, MESSAGE.as_ptr().cast(), MESSAGE.len());
            libc::_exit(2);
        }
    }
    // SAFETY: the handler only calls async-signal-safe functions and does not return. A failure to
    // install it leaves the default, which is the signal.
    unsafe {
        libc::signal(libc::SIGBUS, shrunk as *const () as libc::sighandler_t);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_file_is_read_not_mapped() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"policy").unwrap();
        let bytes = PolicyBytes::open(file.path()).unwrap();
        assert!(matches!(&bytes, PolicyBytes::Read(read) if read == b"policy"));
    }

    /// Opens what answers with these kinds of errors in turn, and is there after them; how often, and how long it was waited.
    fn waited(errors: &[io::ErrorKind]) -> (io::Result<usize>, Duration) {
        let (mut opened, mut waited) = (0, Duration::ZERO);
        let result = open_waiting(
            || {
                opened += 1;
                errors.get(opened - 1).map_or(Ok(opened), |kind| Err((*kind).into()))
            },
            |pause| waited += pause,
        );
        (result, waited)
    }

    #[test]
    fn a_busy_policy_is_waited_for_and_nothing_else() {
        let busy = io::ErrorKind::ResourceBusy;
        assert!(matches!(waited(&[]), (Ok(1), Duration::ZERO)));
        assert!(matches!(waited(&[busy; 3]), (Ok(4), pause) if pause == BUSY_PAUSE * 3));
        let (given_up, pause) = waited(&[busy; 100]);
        assert_eq!(given_up.unwrap_err().kind(), busy);
        assert!(pause <= Duration::from_millis(300), "{pause:?}");
        let (refused, pause) = waited(&[io::ErrorKind::PermissionDenied; 100]);
        assert_eq!((refused.unwrap_err().kind(), pause), (io::ErrorKind::PermissionDenied, Duration::ZERO));
    }

    #[test]
    fn a_directory_is_named_as_one() {
        let error = PolicyBytes::open(Path::new("/")).unwrap_err();
        assert!(matches!(error, OpenError::Directory(_)), "{error}");
    }

    #[test]
    fn a_fifo_where_the_system_keeps_a_policy_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy.33");
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, Mode::from_raw_mode(0o600)).unwrap();
        let error = PolicyBytes::open_installed(&path).unwrap_err();
        assert!(matches!(error, OpenError::NotRegular(_)), "{error}");
        assert!(matches!(PolicyBytes::open_installed(Path::new("/dev/zero")), Err(OpenError::NotRegular(_))));
        assert!(PolicyBytes::open_installed(Path::new("/proc/self/status")).is_ok());
    }

    #[test]
    fn a_file_without_a_size_is_read_to_its_end() {
        let bytes = PolicyBytes::open(Path::new("/proc/self/status")).unwrap();
        assert!(matches!(&bytes, PolicyBytes::Read(read) if read.ends_with(b"\n")));
    }

    #[test]
    fn what_is_no_policy_is_read_whole_if_it_is_a_file() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&[7; 10_000]).unwrap();
        assert_eq!(PolicyBytes::open(file.path()).unwrap().len(), 10_000);
        assert_eq!(PolicyBytes::open(Path::new("/dev/zero")).unwrap().len() as u64, BEGINNING);
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = PolicyBytes::open(Path::new("/no/such/policy")).unwrap_err();
        assert!(error.to_string().contains("`/no/such/policy`"), "{error}");
        assert!(!error.is_busy());
    }
}
