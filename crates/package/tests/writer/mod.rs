//! Writes RPM and Debian packages, in memory, as `rpmbuild` and `dpkg-deb` do; and compresses, in every way that they know.

#![allow(dead_code, reason = "each test uses a part")]

use std::io::Write;

/// How something is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Gzip,
    Bzip2,
    Xz,
    Lzma,
    Zstd,
}

impl Compression {
    pub(crate) const ALL: [Self; 6] = [Self::None, Self::Gzip, Self::Bzip2, Self::Xz, Self::Lzma, Self::Zstd];

    pub(crate) fn compress(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::None => bytes.to_vec(),
            Self::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                encoder.write_all(bytes).expect("memory");
                encoder.finish().expect("memory")
            }
            Self::Bzip2 => {
                let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
                encoder.write_all(bytes).expect("memory");
                encoder.finish().expect("memory")
            }
            Self::Xz => {
                let options = lzma_rust2::XzOptions::with_preset(1);
                let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), options).expect("options");
                encoder.write_all(bytes).expect("memory");
                encoder.finish().expect("memory")
            }
            Self::Lzma => {
                let options = lzma_rust2::LzmaOptions::with_preset(1);
                let mut encoder =
                    lzma_rust2::LzmaWriter::new_use_header(Vec::new(), &options, None).expect("options");
                encoder.write_all(bytes).expect("memory");
                encoder.finish().expect("memory")
            }
            Self::Zstd => {
                ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
            }
        }
    }

    /// What RPM's header and the names in a Debian package call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Gzip => "gzip",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Lzma => "lzma",
            Self::Zstd => "zstd",
        }
    }

    pub(crate) fn ending(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Gzip => ".gz",
            Self::Bzip2 => ".bz2",
            Self::Xz => ".xz",
            Self::Lzma => ".lzma",
            Self::Zstd => ".zst",
        }
    }
}

/// A file to pack.
#[derive(Debug, Clone)]
pub(crate) struct File {
    /// As it is written, `./` or `/` at its head included.
    pub(crate) name: String,
    pub(crate) mode: u32,
    pub(crate) bytes: Vec<u8>,
    pub(crate) inode: u32,
    pub(crate) links: u32,
}

/// A plain file.
pub(crate) fn file(name: &str, bytes: &[u8]) -> File {
    File { name: name.into(), mode: 0o100_644, bytes: bytes.into(), inode: 0, links: 1 }
}

/// Anything else: by its mode.
pub(crate) fn special(name: &str, mode: u32, bytes: &[u8]) -> File {
    File { mode, ..file(name, bytes) }
}

/// cpio's form "newc".
pub(crate) fn cpio(files: &[File]) -> Vec<u8> {
    let mut archive = Vec::new();
    let trailer = file("TRAILER!!!", b"");
    for (number, file) in files.iter().chain([&trailer]).enumerate() {
        let inode = if file.inode == 0 { 1000 + number as u32 } else { file.inode };
        let (size, name_size) = (file.bytes.len() as u32, file.name.len() as u32 + 1);
        let fields = [inode, file.mode, 0, 0, file.links, 0, size, 0, 1, 0, 0, name_size, 0];
        archive.extend(b"070701");
        fields.iter().for_each(|field| archive.extend(format!("{field:08x}").bytes()));
        archive.extend(file.name.bytes().chain([0]));
        align(&mut archive, 4);
        archive.extend(&file.bytes);
        align(&mut archive, 4);
    }
    archive
}

/// rpm's form for large files: numbers only.
pub(crate) fn stripped_cpio(files: &[File]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (number, file) in files.iter().enumerate() {
        archive.extend(format!("07070X{number:08x}").bytes());
        align(&mut archive, 4);
        archive.extend(&file.bytes);
        align(&mut archive, 4);
    }
    archive.extend(&cpio(&[])[..]);
    archive
}

fn align(bytes: &mut Vec<u8>, to: usize) {
    bytes.resize(bytes.len().next_multiple_of(to), 0);
}

/// A value of a header: tag, type, count, bytes.
pub(crate) type Value = (u32, u32, u32, Vec<u8>);

pub(crate) fn text(tag: u32, text: &str) -> Value {
    (tag, 6, 1, text.bytes().chain([0]).collect())
}

pub(crate) fn texts<'a>(tag: u32, texts: impl Iterator<Item = &'a str>) -> Value {
    let texts: Vec<&str> = texts.collect();
    (tag, 8, texts.len() as u32, texts.iter().flat_map(|text| text.bytes().chain([0])).collect())
}

pub(crate) fn numbers(tag: u32, numbers: impl Iterator<Item = u32>) -> Value {
    let numbers: Vec<u32> = numbers.collect();
    (tag, 4, numbers.len() as u32, numbers.iter().flat_map(|number| number.to_be_bytes()).collect())
}

pub(crate) fn modes(files: &[File]) -> Value {
    let bytes = files.iter().flat_map(|file| (file.mode as u16).to_be_bytes()).collect();
    (1030, 3, files.len() as u32, bytes)
}

/// A header of these values.
pub(crate) fn header(values: &[Value]) -> Vec<u8> {
    let (mut index, mut store) = (Vec::new(), Vec::new());
    for (tag, kind, count, bytes) in values {
        align(&mut store, 8);
        for number in [*tag, *kind, store.len() as u32, *count] {
            index.extend(number.to_be_bytes());
        }
        store.extend(bytes);
    }
    let mut header = b"\x8e\xad\xe8\x01\0\0\0\0".to_vec();
    header.extend((values.len() as u32).to_be_bytes());
    header.extend((store.len() as u32).to_be_bytes());
    header.extend(index);
    header.extend(store);
    header
}

/// What the header of a package says of itself and of its files.
pub(crate) fn values(files: &[File], compression: Compression) -> Vec<Value> {
    let split = |file: &File| {
        let name = file.name.trim_start_matches('.');
        let (folder, base) = name.rsplit_once('/').unwrap_or(("", name));
        (format!("{folder}/"), base.to_owned())
    };
    let (folders, bases): (Vec<String>, Vec<String>) = files.iter().map(split).unzip();
    let size = |file: &File| {
        let same = files.iter().filter(|other| other.inode == file.inode && file.inode != 0);
        same.chain([file]).map(|file| file.bytes.len() as u32).max().unwrap_or(0)
    };
    let mut values = vec![
        text(1000, "container-selinux"),
        text(1001, "2.229.0"),
        text(1002, "1.fc40"),
        numbers(1003, [4].into_iter()),
        text(1022, "noarch"),
        numbers(1028, files.iter().map(size)),
        modes(files),
        numbers(1095, files.iter().map(|_| 1)),
        numbers(
            1096,
            files.iter().zip(1..).map(|(file, number)| match file.inode {
                0 => 1000 + number,
                inode => inode,
            }),
        ),
        numbers(1116, 0..files.len() as u32),
        texts(1117, bases.iter().map(String::as_str)),
        texts(1118, folders.iter().map(String::as_str)),
        text(1124, "cpio"),
    ];
    if compression != Compression::None {
        values.push(text(1125, compression.name()));
    }
    values
}

/// An RPM with that header and payload.
pub(crate) fn rpm_of(values: &[Value], payload: &[u8]) -> Vec<u8> {
    let mut rpm = b"\xed\xab\xee\xdb\x03\x00".to_vec();
    rpm.resize(96, 0);
    // A signature whose length is no multiple of 8.
    rpm.extend(header(&[text(269, "0123456789")]));
    align(&mut rpm, 8);
    rpm.extend(header(values));
    rpm.extend(payload);
    rpm
}

/// An RPM with these files.
pub(crate) fn rpm(files: &[File], compression: Compression) -> Vec<u8> {
    rpm_of(&values(files, compression), &compression.compress(&cpio(files)))
}

/// A tar archive with these files.
pub(crate) fn tar(files: &[File]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for file in files {
        let mut header = tar::Header::new_gnu();
        let kind = match file.mode & 0o170_000 {
            0o040_000 => tar::EntryType::Directory,
            0o120_000 => tar::EntryType::Symlink,
            0o020_000 => tar::EntryType::Char,
            0o010_000 => tar::EntryType::Fifo,
            _ if file.links > 1 => tar::EntryType::Link,
            _ => tar::EntryType::Regular,
        };
        header.set_entry_type(kind);
        header.set_mode(file.mode & 0o7777);
        header.set_size(if kind.is_file() { file.bytes.len() as u64 } else { 0 });
        // Set as bytes: the library's own way would refuse `..`.
        let name = file.name.as_bytes();
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        if matches!(kind, tar::EntryType::Symlink | tar::EntryType::Link) {
            header.set_link_name("elsewhere").expect("a short name");
        }
        header.set_cksum();
        builder.append(&header, if kind.is_file() { &file.bytes[..] } else { &[] }).expect("memory");
    }
    builder.into_inner().expect("memory")
}

/// An `ar` archive of these members.
pub(crate) fn ar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = b"!<arch>\n".to_vec();
    for (name, bytes) in members {
        archive.extend(
            format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", 0, 0, 0, 100644, bytes.len()).bytes(),
        );
        archive.extend(*bytes);
        align(&mut archive, 2);
    }
    archive
}

/// Sums the bytes of an archive's first header up, as it has to say.
pub(crate) fn set_checksum(archive: &mut [u8]) {
    archive[148..156].fill(b' ');
    let sum: u32 = archive[..512].iter().map(|byte| u32::from(*byte)).sum();
    archive[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

/// What a Debian package says of itself, as an archive.
pub(crate) fn control() -> Vec<u8> {
    let control = "Package: container-policy\nVersion: 2:2.20221101-9\nArchitecture: all\nDescription: short\n Version: 9\n";
    tar(&[file("./control", control.as_bytes())])
}

/// A Debian package with this archive, uncompressed.
pub(crate) fn deb_of(data: &[u8]) -> Vec<u8> {
    ar(&[("debian-binary", b"2.0\n"), ("control.tar", &control()), ("data.tar", data)])
}

/// A Debian package with these files.
pub(crate) fn deb(files: &[File], compression: Compression) -> Vec<u8> {
    let control = Compression::Gzip.compress(&control());
    let data = compression.compress(&tar(files));
    let name = format!("data.tar{}", compression.ending());
    ar(&[("debian-binary", b"2.0\n"), ("control.tar.gz", &control), (&name, &data)])
}
