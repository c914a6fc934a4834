//! The kernel's own log, which has its audit records where no audit daemon takes them.
//!
//! Source: `/dev/kmsg` of the kernel (`Documentation/ABI/testing/dev-kmsg`): one record a read, as `priority,number,time,flags;text`
//! and a line for each property. The kernel's own records have facility 0, which nobody else can give. Reading needs CAP_SYSLOG
//! where `dmesg_restrict` is on.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags, fstat, open};

/// The longest record that the kernel gives.
const LONGEST: usize = 8192;
/// Records that are read: a ring holds some ten thousand, and a kernel that logs without end must not keep us.
const MOST: usize = 1_000_000;

/// What the kernel's log holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KernelLog {
    /// The kernel's records, one a line.
    pub text: String,
    /// Whether nothing was overwritten since the system was started.
    pub is_whole: bool,
}

/// Reads the log of the kernel that runs, and waits for nothing.
///
/// # Errors
/// There is none, or it may not be read.
pub fn kernel_log() -> io::Result<KernelLog> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = File::from(open(Path::new("/dev/kmsg"), flags, Mode::empty())?);
    // Containers have something else there, or nothing.
    if FileType::from_raw_mode(fstat(&file)?.st_mode) != FileType::CharacterDevice {
        return Err(ErrorKind::NotFound.into());
    }
    records(file)
}

fn records(mut log: impl Read) -> io::Result<KernelLog> {
    let mut found = KernelLog { text: String::new(), is_whole: true };
    let mut buffer = vec![0; LONGEST];
    let mut is_first = true;
    for _ in 0..MOST {
        match log.read(&mut buffer) {
            Ok(0) => return Ok(found),
            Ok(length) => {
                let record = String::from_utf8_lossy(buffer.get(..length).unwrap_or_default());
                let Some((head, text)) = record.split_once(';') else { continue };
                let mut numbers = head.split(',').map(|word| word.parse::<u64>().ok());
                let (priority, number) = (numbers.next().flatten(), numbers.next().flatten());
                if is_first && number != Some(0) {
                    found.is_whole = false;
                }
                is_first = false;
                if priority.is_some_and(|priority| priority >> 3 == 0) {
                    found.text.push_str(text.lines().next().unwrap_or_default());
                    found.text.push('\n');
                }
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(found),
            // Records were overwritten before they were read.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => found.is_whole = false,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    found.is_whole = false;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one record a read, as the kernel does.
    struct Ring(Vec<Result<&'static str, ErrorKind>>);

    impl Read for Ring {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let record = if self.0.is_empty() { Err(ErrorKind::WouldBlock) } else { self.0.remove(0) };
            let record = record.map_err(io::Error::from)?;
            buffer[..record.len()].copy_from_slice(record.as_bytes());
            Ok(record.len())
        }
    }

    #[test]
    fn the_kernels_own_records_are_taken() {
        let ring = Ring(vec![
            Ok("6,0,1,-;first\n SUBSYSTEM=x\n"),
            Ok("30,1,2,-;a service"),
            Ok("5,2,3,-;second;\n"),
        ]);
        let expected = KernelLog { text: "first\nsecond;\n".to_owned(), is_whole: true };
        assert_eq!(records(ring).unwrap(), expected);
    }

    #[test]
    fn what_was_overwritten_is_missed() {
        assert!(!records(Ring(vec![Ok("6,7,1,-;late")])).unwrap().is_whole);
        let ring = Ring(vec![Ok("6,0,1,-;a"), Err(ErrorKind::BrokenPipe), Ok("6,9,1,-;b")]);
        let found = records(ring).unwrap();
        assert_eq!((found.text.as_str(), found.is_whole), ("a\nb\n", false));
        assert!(records(Ring(vec![Err(ErrorKind::PermissionDenied)])).is_err());
    }
}
