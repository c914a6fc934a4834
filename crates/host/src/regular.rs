//! How this crate opens files: regular ones only, and not more of them than they should have.
//!
//! Where a file of the system should be, something else may stand: a FIFO, whose opening waits for a writer; a device without an
//! end. So a file is opened without waiting, and the open file is asked what it is. Files of proc, sysfs and selinuxfs are regular
//! ones by that, though their size is 0 until they are read. Source: open(2), fifo(7).

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags, fstat, fstatfs, open};
use rustix::io::Errno;

/// Bytes that a file has at most which is read whole: configurations have a few thousand.
pub(crate) const LARGEST: u64 = 16 << 20;

/// Opens a regular file, and waits for nobody.
///
/// # Errors
/// It cannot be opened, or is something else.
pub fn open_regular(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = match open(path, flags, Mode::empty()) {
        Ok(file) => File::from(file),
        // Sockets, and devices that are not there.
        Err(Errno::NXIO) => return Err(irregular()),
        Err(error) => return Err(error.into()),
    };
    match FileType::from_raw_mode(fstat(&file)?.st_mode) {
        FileType::RegularFile => Ok(file),
        FileType::Directory => Err(io::Error::other("it is a directory")),
        _ => Err(irregular()),
    }
}

/// Opens a file that is kept on a disk, and waits for nobody. A link that somebody put there may lead to what the kernel makes up
/// while it is read: to read `/proc/kmsg` takes its messages from who waits for them.
///
/// # Errors
/// It cannot be opened, or is something else.
pub fn open_kept(path: &Path) -> io::Result<File> {
    /// Source: `include/uapi/linux/magic.h`: proc, sysfs, debugfs, tracefs, securityfs, selinuxfs.
    const MADE_UP: [i128; 6] = [0x9fa0, 0x6265_6572, 0x6462_6720, 0x7472_6163, 0x7363_6673, 0xf97c_ff8c];
    let file = open_regular(path)?;
    // The field's type differs between machines, and its upper half may be the sign.
    let kind = i128::from(fstatfs(&file)?.f_type) & 0xffff_ffff;
    if MADE_UP.contains(&kind) {
        return Err(io::Error::other("it is a link to what the kernel shows"));
    }
    Ok(file)
}

fn irregular() -> io::Error {
    io::Error::other("it is no regular file")
}

/// All of a file.
///
/// # Errors
/// It cannot be read, is no regular file, or has more than that.
pub(crate) fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    bytes_at_most(path, LARGEST)
}

fn bytes_at_most(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    bytes_of(open_regular(path)?, most)
}

fn bytes_of(file: File, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::new(ErrorKind::FileTooLarge, format!("it has more than {} KiB", most >> 10)));
    }
    Ok(bytes)
}

/// The text of a file; bytes that are no text are replaced.
///
/// # Errors
/// As [`bytes`].
pub(crate) fn text(path: &Path) -> io::Result<String> {
    bytes(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// The text of a file that need not be there, if it has no more than so many bytes.
///
/// # Errors
/// As [`bytes`], but for a file that is missing.
pub(crate) fn text_if_there(path: &Path, most: u64) -> io::Result<Option<String>> {
    if_there(bytes_at_most(path, most))
}

/// The text of a file that is kept on a disk and need not be there, if it has no more than so many bytes.
///
/// # Errors
/// As [`bytes`] and [`open_kept`], but for a file that is missing.
pub(crate) fn kept_text_if_there(path: &Path, most: u64) -> io::Result<Option<String>> {
    if_there(open_kept(path).and_then(|file| bytes_of(file, most)))
}

fn if_there(read: io::Result<Vec<u8>>) -> io::Result<Option<String>> {
    match read {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The first bytes of a file.
///
/// # Errors
/// It cannot be read, or is no regular file.
pub(crate) fn beginning(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_regular(path)?.take(most as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_system::{fifo, system};

    #[test]
    fn what_is_no_regular_file_is_refused_at_once() {
        let root = system(&[("a", "text")]);
        fifo(&root, "pipe");
        let path = |name: &str| root.path().join(name);
        assert_eq!(text(&path("a")).unwrap(), "text");
        assert_eq!(beginning(&path("a"), 2).unwrap(), b"te");
        for other in [path("pipe"), "/dev/zero".into(), "/dev/null".into(), root.path().to_owned()] {
            assert!(bytes(&other).is_err() && text_if_there(&other, LARGEST).is_err(), "{}", other.display());
        }
        assert_eq!(text_if_there(&path("b"), LARGEST).unwrap(), None);
        assert_eq!(text_if_there(&path("a/b"), LARGEST).unwrap(), None);
    }

    #[test]
    fn an_enormous_file_is_refused_and_a_file_of_proc_is_read() {
        let root = system(&[("a", "")]);
        let path = root.path().join("a");
        File::options().write(true).open(&path).unwrap().set_len(LARGEST + 1).unwrap();
        assert_eq!(bytes(&path).unwrap_err().kind(), ErrorKind::FileTooLarge);
        assert!(text(Path::new("/proc/self/status")).unwrap().contains("PPid:"));
    }

    #[test]
    fn a_link_to_what_the_kernel_shows_is_not_followed() {
        let root = system(&[("a", "text")]);
        std::os::unix::fs::symlink("/proc/self/status", root.path().join("link")).unwrap();
        std::os::unix::fs::symlink("a", root.path().join("other")).unwrap();
        let kept = |name: &str| kept_text_if_there(&root.path().join(name), LARGEST);
        assert!(kept("link").is_err());
        assert_eq!((kept("other").unwrap().as_deref(), kept("none").unwrap()), (Some("text"), None));
    }
}
