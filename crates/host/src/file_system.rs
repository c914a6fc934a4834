//! The file system of a path, by the name of `/proc/filesystems`. Source: proc(5), `/proc/PID/mountinfo`.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::regular;

/// The file system that a path is on, whose links were followed; nothing if the system does not tell.
pub fn file_system_of(path: &Path) -> Option<String> {
    file_system_in(&regular::bytes(Path::new("/proc/self/mountinfo")).ok()?, path)
}

/// The file system of the mount with the longest path above `path`, the last of equally long ones.
fn file_system_in(mountinfo: &[u8], path: &Path) -> Option<String> {
    let mounts = mountinfo.split(|&byte| byte == b'\n').filter_map(mount);
    let above = mounts.filter(|(point, _)| path.starts_with(point));
    above.max_by_key(|(point, _)| point.as_os_str().len()).map(|(_, name)| name)
}

/// Where file systems of a kind are mounted, in the order of the table.
pub(crate) fn mount_points(mountinfo: &[u8], kind: &str) -> Vec<PathBuf> {
    let mounts = mountinfo.split(|&byte| byte == b'\n').filter_map(mount);
    mounts.filter(|(_, name)| name == kind).map(|(point, _)| point).collect()
}

/// Mount point and file system of a line: the fifth field, and the first one after the hyphen.
fn mount(line: &[u8]) -> Option<(PathBuf, String)> {
    let mut fields = line.split(|&byte| byte == b' ');
    let point = unescaped(fields.nth(4)?);
    let name = fields.skip_while(|field| *field != b"-").nth(1)?;
    Some((PathBuf::from(OsStr::from_bytes(&point)), String::from_utf8_lossy(name).into_owned()))
}

/// Blanks, tabs, newlines and backslashes stand as three octal digits.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let digits = after.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 8).ok()).filter(|_| byte == b'\\') {
            Some(escaped) => {
                plain.push(escaped);
                rest = after.get(3..).unwrap_or_default();
            }
            None => plain.push(byte),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &[u8] = b"21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n\
        30 21 0:45 / /srv/my\\040files rw - nfs4 server:/x rw\n\
        31 21 0:46 / /srv rw shared:2 master:3 - xfs /dev/sdb1 rw\nbroken\n";

    #[test]
    fn the_longest_mount_point_above_decides() {
        let of = |path: &str| file_system_in(MOUNTS, Path::new(path));
        assert_eq!(of("/etc").as_deref(), Some("ext4"));
        assert_eq!(of("/srv/www").as_deref(), Some("xfs"));
        assert_eq!(of("/srvx").as_deref(), Some("ext4"));
        assert_eq!(of("/srv/my files/x").as_deref(), Some("nfs4"));
        assert_eq!(file_system_in(b"", Path::new("/")), None);
    }
}
