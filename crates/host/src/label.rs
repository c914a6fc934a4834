//! The label of a path: its extended attribute `security.selinux`. Source: `getfilecon_raw` of libselinux.

use std::io;
use std::path::Path;

use rustix::io::Errno;

/// The attribute.
const NAME: &str = "security.selinux";
/// Bytes that a label has at most: what an extended attribute can hold.
const LONGEST: usize = 64 * 1024;

/// The label of a path, whose links are followed, as the file system has it; nothing if there is none.
///
/// # Errors
/// The path does not exist or may not be looked at.
pub fn label_of(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut label = vec![0u8; 256];
    loop {
        match rustix::fs::getxattr(path, NAME, &mut label[..]) {
            Ok(length) => {
                label.truncate(length);
                // The kernel ends it with a zero byte; a file system that was written elsewhere need not.
                while label.last() == Some(&0) {
                    label.pop();
                }
                return Ok((!label.is_empty()).then_some(label));
            }
            Err(Errno::RANGE) if label.len() < LONGEST => label.resize(LONGEST, 0),
            Err(Errno::NODATA | Errno::NOTSUP) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_does_not_exist_is_an_error() {
        assert_eq!(label_of(Path::new("/no/such/path")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_path_without_a_label_has_none() {
        // Only SELinux gives entries of /proc a label.
        let label = label_of(Path::new("/proc/self/status")).unwrap();
        assert_eq!(label.is_some(), Path::new("/sys/fs/selinux/enforce").exists());
    }
}
