//! The archive from which a kernel takes its first file system.
//!
//! Source: `Documentation/driver-api/early-userspace/buffer-format.rst` of the kernel, format `newc`: a header of
//! thirteen numbers in eight hexadecimal digits behind `070701`, the name with a NUL, the content; each padded to
//! a multiple of four bytes.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

const FOLDER: u32 = 0o040_755;
const PROGRAM: u32 = 0o100_755;

/// An archive that is being written.
#[derive(Debug)]
pub(super) struct Archive<W: Write = BufWriter<File>> {
    output: W,
    entries: u32,
}

impl Archive {
    /// An empty archive in a new file.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        Ok(Archive { output: BufWriter::new(File::create(path)?), entries: 0 })
    }
}

impl<W: Write> Archive<W> {
    /// Adds a folder; its parents must have been added.
    pub(super) fn folder(&mut self, name: &str) -> io::Result<()> {
        self.entry(name, FOLDER, &[])
    }

    /// Adds a file that everybody may read and execute, and only root may write.
    pub(super) fn file(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        self.entry(name, PROGRAM, content)
    }

    /// Ends the archive.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.entry("TRAILER!!!", 0, &[])?;
        self.output.flush()
    }

    fn entry(&mut self, name: &str, mode: u32, content: &[u8]) -> io::Result<()> {
        self.entries += 1;
        let too_large = |_| io::Error::other("larger than an archive can hold");
        let size = u32::try_from(content.len()).map_err(too_large)?;
        let name_size = u32::try_from(name.len() + 1).map_err(too_large)?;
        // Inode, mode, owner, group, links, time, size, device, device of a node, name, checksum.
        let fields = [self.entries, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, name_size, 0];
        let header: String = fields.iter().map(|field| format!("{field:08x}")).collect();
        self.padded(format!("070701{header}{name}\0").as_bytes())?;
        self.padded(content)
    }

    fn padded(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.output.write_all(bytes)?;
        self.output.write_all(&[0; 3][..bytes.len().wrapping_neg() % 4])
    }
}

#[cfg(test)]
mod tests {
    use super::Archive;

    #[test]
    fn entries_are_padded_to_four_bytes() {
        let mut bytes = Vec::new();
        let mut archive = Archive { output: &mut bytes, entries: 0 };
        archive.folder("in").unwrap();
        archive.file("in/a", b"hello").unwrap();
        archive.finish().unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert_eq!(bytes.len() % 4, 0);
        assert!(text.starts_with("07070100000001000041ed"), "{text}");
        assert!(text.contains("in/a\0\0hello\0\0\x00070701"), "{text}");
        assert!(text.contains("TRAILER!!!\0"), "{text}");
    }
}
