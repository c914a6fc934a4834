//! Kinds of files: the second word of a line of file_contexts, and a part of what a look-up asks.
//!
//! Source: libselinux `label_file.h`, `string_to_mode` (`string_to_file_kind` since 3.8); the classes are the kernel's
//! (`inode_mode_to_security_class` in `security/selinux/hooks.c`).

/// The kind of a file, as `S_IFMT` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FileKind {
    /// A regular file: `--`.
    Regular,
    /// A directory: `-d`.
    Directory,
    /// A symbolic link: `-l`.
    Link,
    /// A character device: `-c`.
    CharacterDevice,
    /// A block device: `-b`.
    BlockDevice,
    /// A socket: `-s`.
    Socket,
    /// A named pipe: `-p`.
    Fifo,
}

/// What is known of each kind: its word in file_contexts, its class in policies, its bits in a mode, its number in
/// compiled files of version 6.
const TABLE: [(FileKind, &str, &str, u32, u8); 7] = [
    (FileKind::Regular, "--", "file", 0o100_000, 7),
    (FileKind::Directory, "-d", "dir", 0o040_000, 1),
    (FileKind::Link, "-l", "lnk_file", 0o120_000, 6),
    (FileKind::CharacterDevice, "-c", "chr_file", 0o020_000, 2),
    (FileKind::BlockDevice, "-b", "blk_file", 0o060_000, 3),
    (FileKind::Socket, "-s", "sock_file", 0o140_000, 4),
    (FileKind::Fifo, "-p", "fifo_file", 0o010_000, 5),
];

/// The bits of a mode that say what kind of file it is.
const S_IFMT: u32 = 0o170_000;

impl FileKind {
    /// Every kind.
    pub const ALL: [FileKind; 7] = [
        FileKind::Regular,
        FileKind::Directory,
        FileKind::Link,
        FileKind::CharacterDevice,
        FileKind::BlockDevice,
        FileKind::Socket,
        FileKind::Fifo,
    ];

    /// The kind of a file with this `st_mode`; nothing for a mode of 0 and for what no file has.
    #[must_use]
    pub fn from_mode(mode: u32) -> Option<FileKind> {
        TABLE.iter().find(|row| row.3 == mode & S_IFMT).map(|row| row.0)
    }

    /// The bits of `st_mode` that say this kind.
    #[must_use]
    pub fn mode(self) -> u32 {
        self.row().3
    }

    /// The class of such a file in a policy: `file`, `dir`, `lnk_file`, `chr_file`, `blk_file`, `sock_file`, `fifo_file`.
    #[must_use]
    pub fn class(self) -> &'static str {
        self.row().2
    }

    /// The kind's word in file_contexts: `--`, `-d`, `-l`, `-c`, `-b`, `-s`, `-p`.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.row().1
    }

    /// The kind that a word of file_contexts names.
    #[must_use]
    pub fn from_word(word: &[u8]) -> Option<FileKind> {
        TABLE.iter().find(|row| row.1.as_bytes() == word).map(|row| row.0)
    }

    /// The kind that compiled files of version 6 number so. 0 is any kind and not asked here.
    pub(super) fn from_number(number: u8) -> Option<FileKind> {
        TABLE.iter().find(|row| row.4 == number).map(|row| row.0)
    }

    fn row(self) -> (FileKind, &'static str, &'static str, u32, u8) {
        TABLE.into_iter().find(|row| row.0 == self).unwrap_or(TABLE[0])
    }
}

#[cfg(test)]
mod tests {
    use super::FileKind;

    #[test]
    fn every_kind_has_its_own_word_class_and_mode() {
        for kind in FileKind::ALL {
            assert_eq!(FileKind::from_word(kind.word().as_bytes()), Some(kind));
            assert_eq!(FileKind::from_mode(kind.mode() | 0o755), Some(kind));
            assert_eq!(FileKind::ALL.iter().filter(|other| other.class() == kind.class()).count(), 1);
        }
        assert_eq!((1..=7).filter_map(FileKind::from_number).count(), 7);
    }

    #[test]
    fn what_is_no_kind_is_nothing() {
        assert_eq!(FileKind::from_mode(0), None);
        assert_eq!(FileKind::from_mode(0o150_000), None);
        assert_eq!(FileKind::from_word(b"-f"), None);
        assert_eq!(FileKind::from_word(b"--d"), None);
        assert_eq!(FileKind::from_number(0), None);
    }
}
