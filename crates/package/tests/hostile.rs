//! Packages and streams that are cut off, changed or forged: an error or an honest answer, never a panic, and bounded memory.

mod writer;

use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};

use package::{Bound, Error, Exceeded, Limits, PackageContents, decompressed, read_package};
use peak_alloc::PeakAlloc;
use testkit::random::Random;
use writer::{
    Compression, File, ar, control, cpio, deb, deb_of, file, header, modes, numbers, rpm, rpm_of,
    set_checksum, special, stripped_cpio, tar, text, texts, values,
};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;
static ALONE: Mutex<()> = Mutex::new(());

/// Each test runs alone, because of what it allocates.
fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What `work` answers, and the most bytes that it has allocated at once.
fn peak<T>(work: impl FnOnce() -> T) -> (T, usize) {
    ALLOCATOR.reset_peak_usage();
    let before = ALLOCATOR.current_usage();
    let answer = work();
    (answer, ALLOCATOR.peak_usage().saturating_sub(before))
}

fn read(bytes: &[u8], limits: &Limits) -> Result<PackageContents, Error> {
    read_package(bytes, limits, |_| true)
}

/// Limits for packages of a few kilobytes.
fn small_limits() -> Limits {
    Limits { file: 1 << 20, total: 4 << 20, files: 100, ratio: 100 }
}

fn few_files() -> Vec<File> {
    vec![
        special("./usr", 0o040_755, b""),
        file("./usr/a.pp", b"some bytes of a module"),
        special("./usr/l", 0o120_777, b"a.pp"),
        file("./usr/b.pp", b"and of another"),
    ]
}

/// Small packages of every kind.
fn seeds() -> Vec<Vec<u8>> {
    let files = few_files();
    let stripped = |compression: Compression| {
        rpm_of(&values(&files, compression), &compression.compress(&stripped_cpio(&files)))
    };
    let all = Compression::ALL.into_iter();
    all.flat_map(|how| [rpm(&files, how), stripped(how), deb(&files, how)]).collect()
}

#[test]
fn a_package_that_is_cut_off_is_refused_at_every_length() {
    let _alone = alone();
    for seed in seeds() {
        let whole = read(&seed, &small_limits()).expect("a package");
        for length in 0..seed.len() {
            match read(&seed[..length], &small_limits()) {
                Err(error) => assert!(!error.to_string().contains(|c: char| c.is_control() && c != '\n')),
                // Only zeros that fill up the archive may be missing.
                Ok(contents) => assert_eq!(contents, whole, "cut at {length} of {}", seed.len()),
            }
        }
    }
}

#[test]
fn a_stream_that_is_cut_off_is_refused_at_every_length() {
    let _alone = alone();
    let limits = small_limits();
    for how in [Compression::Gzip, Compression::Bzip2, Compression::Xz, Compression::Zstd] {
        let stream = how.compress(&b"types and rules ".repeat(40));
        for length in 8..stream.len() {
            let cut = decompressed(&stream[..length], &limits);
            assert!(matches!(cut, Err(Error::Damaged { .. })), "{how:?} at {length}: {cut:?}");
        }
    }
}

#[test]
fn changed_packages_are_read_or_refused() {
    let _alone = alone();
    let seeds = seeds();
    let (mut read_well, mut refused) = (0, 0);
    for number in 0..30_000 {
        let mut random = Random::new(number);
        let mut bytes = random.pick(&seeds).cloned().unwrap_or_default();
        for _ in 0..=random.below(4) {
            let at = random.below(bytes.len());
            match random.below(4) {
                0 => bytes[at] = random.next_u64() as u8,
                1 => bytes[at] ^= 1 << random.below(8),
                2 => bytes[at] = [0, 0x7f, 0x80, 0xff, b'f', b'0'][random.below(6)],
                _ => bytes.truncate(at.max(1)),
            }
        }
        match read(&bytes, &small_limits()) {
            Ok(contents) => {
                read_well += 1;
                let kept: usize = contents.files.iter().map(|file| file.bytes.len()).sum();
                assert!(kept <= 4 << 20);
                for file in contents.files {
                    assert!(!file.path.starts_with('/') && file.path.split('/').all(|part| part != ".."));
                    let _ = decompressed(&file.bytes, &small_limits());
                }
            }
            Err(_) => refused += 1,
        }
    }
    assert!(read_well > 1000 && refused > 5000, "{read_well} read, {refused} refused");
}

fn is_exceeded<T>(outcome: Result<T, Error>, expected: Bound) -> bool {
    matches!(outcome, Err(Error::Exceeded(Exceeded { bound, .. })) if bound == expected)
}

/// A gzip stream of zeros.
fn zeros(n_mebibytes: usize) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mebibyte = vec![0; 1 << 20];
    (0..n_mebibytes).for_each(|_| encoder.write_all(&mebibyte).expect("memory"));
    encoder.finish().expect("memory")
}

#[test]
fn bombs_are_refused_before_they_fill_the_memory() {
    let _alone = alone();
    let limits = Limits::default();
    let gzip = zeros(1024);
    let (refused, most) = peak(|| decompressed(&gzip, &limits).is_err());
    assert!(refused && most < 400 << 20, "{most} bytes");
    // Nested, it is 70 KB, and what comes out is held to that.
    let nested = Compression::Gzip.compress(&gzip);
    assert!(nested.len() < 128 << 10, "{}", nested.len());
    let (refused, most) = peak(|| is_exceeded(decompressed(&nested, &limits), Bound::Ratio));
    assert!(refused && most < 64 << 20, "{most} bytes");

    // In packages: as the payload, and as one huge file among others.
    let bomb = rpm_of(&values(&[], Compression::Gzip), &gzip);
    assert!(read(&bomb, &limits).is_err());
    let huge = file("./huge", &vec![0; 8 << 20]);
    for compression in [Compression::Bzip2, Compression::Xz, Compression::Zstd] {
        for bytes in
            [rpm(std::slice::from_ref(&huge), compression), deb(std::slice::from_ref(&huge), compression)]
        {
            let (outcome, most) = peak(|| read(&bytes, &limits));
            assert!(is_exceeded(outcome, Bound::Ratio), "{compression:?}");
            assert!(most < 64 << 20, "{compression:?}: {most} bytes");
        }
    }
    for compression in [Compression::Bzip2, Compression::Xz, Compression::Zstd] {
        assert!(is_exceeded(decompressed(&compression.compress(&vec![0; 8 << 20]), &limits), Bound::Ratio));
    }
}

#[test]
fn limits_hold() {
    let _alone = alone();
    let files = [file("./a", &[1; 5000]), file("./b", &[2; 5000]), file("./c", &[3; 50])];
    for bytes in [rpm(&files, Compression::None), deb(&files, Compression::None)] {
        let limits = Limits { file: 100, ..small_limits() };
        let contents = read(&bytes, &limits).expect("a package");
        assert_eq!((contents.files.len(), contents.refused.len()), (1, 2));
        assert!(is_exceeded(read(&bytes, &Limits { total: 6000, ..small_limits() }), Bound::Total));
        assert!(is_exceeded(read(&bytes, &Limits { files: 2, ..small_limits() }), Bound::Files));
    }
    let long = decompressed(b"plain", &Limits { file: 2, ..small_limits() });
    assert!(long.is_ok(), "what is not compressed is only given back");
    // Hard links give few bytes many names.
    let linked = |n: usize, bytes: &[u8]| File { inode: 7, links: 90, ..file(&format!("./{n}"), bytes) };
    let mut links: Vec<File> = (0..89).map(|n| linked(n, b"")).collect();
    links.push(linked(89, &[0; 100_000]));
    assert!(is_exceeded(read(&rpm(&links, Compression::None), &small_limits()), Bound::Total));
}

#[test]
fn forged_headers_of_an_rpm() {
    let _alone = alone();
    let payload = cpio(&few_files());
    let values = values(&few_files(), Compression::None);
    let refused = |bytes: &[u8]| {
        let (outcome, most) = peak(|| read(bytes, &small_limits()));
        assert!(outcome.is_err(), "{outcome:?}");
        assert!(most < 1 << 20, "{most} bytes");
    };
    // The counts of the signature, and of the header.
    let good = rpm_of(&values, &payload);
    let at = 96 + 16 + 16 + 16;
    assert_eq!(&good[at..at + 4], b"\x8e\xad\xe8\x01");
    for place in [96 + 8, 96 + 12, at + 8, at + 12] {
        for count in [u32::MAX, i32::MAX as u32, 1 << 31, 1 << 28] {
            let mut forged = good.clone();
            forged[place..place + 4].copy_from_slice(&count.to_be_bytes());
            refused(&forged);
        }
    }
    // Values that say that they are huge, or lie outside.
    let forge = |tag: u32, count: u32| {
        let mut values = values.clone();
        values.iter_mut().filter(|value| value.0 == tag).for_each(|value| value.2 = count);
        rpm_of(&values, &stripped_cpio(&few_files()))
    };
    for tag in [1028, 1030, 1096, 1116, 1117, 1118] {
        let (_, most) = peak(|| read(&forge(tag, u32::MAX), &small_limits()));
        assert!(most < 1 << 20, "{most} bytes");
        // Without inodes there are no hard links; everything else is needed.
        if tag != 1096 {
            refused(&forge(tag, 0));
        }
    }
    // No name; a name of another type; another format of the payload; numbers of files that are not there.
    refused(&rpm_of(&values[1..], &payload));
    refused(&rpm_of(&[numbers(1000, [1].into_iter()), text(1001, "1")], &payload));
    refused(&rpm_of(&[text(1000, "x"), text(1001, "1"), text(1124, "drpm")], &payload));
    refused(&rpm_of(&values, b"07070Xffffffff\0\0"));
    refused(&rpm_of(&values, b"07070X00000004\0\0"));
    refused(&rpm_of(&values, b"07070X+0000001\0\0"));
    // Many files that share one long folder: names are put together one by one.
    let base = "b".repeat(4);
    let many = [
        text(1000, "x"),
        text(1001, "1"),
        numbers(1028, (0..1000).map(|_| 0)),
        modes(&vec![file("x", b""); 1000]),
        numbers(1116, (0..1000).map(|_| 0)),
        texts(1117, (0..1000).map(|_| base.as_str())),
        text(1118, &"d".repeat(1_000_000)),
    ];
    let forged = rpm_of(&many, &stripped_cpio(&few_files()));
    let (outcome, most) = peak(|| read(&forged, &small_limits()));
    assert!(outcome.is_err() && most < 1 << 20, "{outcome:?}, {most} bytes");
    assert!(header(&many).len() > 1_000_000);
}

#[test]
fn forged_archives() {
    let _alone = alone();
    let values = values(&few_files(), Compression::None);
    let good = cpio(&few_files());
    // Sizes of a member and of its name: all fields that are not zero or small, as they would be negative or huge.
    for field in 0..13 {
        for number in ["ffffffff", "80000000", "7fffffff", "-0000001", "0x000001", "        "] {
            let mut forged = good.clone();
            let at = 6 + 8 * field;
            forged[at..at + 8].copy_from_slice(number.as_bytes());
            let (outcome, most) = peak(|| read(&rpm_of(&values, &forged), &small_limits()));
            assert!(most < 1 << 20, "{most} bytes");
            let is_number = number.bytes().all(|digit| digit.is_ascii_hexdigit());
            assert!(is_number || outcome.is_err(), "field {field} is `{number}`");
            assert!(outcome.is_err() || field != 11 && field != 6, "field {field} is `{number}`");
        }
    }
    // The sizes in `ar`, and in tar.
    let deb = deb_of(&tar(&few_files()));
    assert!(read(&deb, &small_limits()).is_ok());
    for size in ["9999999999", "-1", "+4", "", "4 4", "99999999999999999999"] {
        let mut forged = deb.clone();
        let field = format!("{size:<10}");
        forged[8 + 48..8 + 58].copy_from_slice(&field.as_bytes()[..10]);
        assert!(read(&forged, &small_limits()).is_err(), "`{size}`");
    }
    for size in [&b"777777777777"[..], b"\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", b"-00000000001"] {
        let mut forged = tar(&[file("./a", b"bytes")]);
        forged[124..136].copy_from_slice(size);
        set_checksum(&mut forged);
        let (outcome, most) = peak(|| read(&deb_of(&forged), &small_limits()));
        assert!(most < 1 << 20, "{most} bytes");
        let taken = outcome.map(|contents| contents.files.len()).unwrap_or(0);
        assert_eq!(taken, 0, "{size:?}");
    }
    // No control, no data, another version.
    assert!(read(&ar(&[("debian-binary", b"2.0\n"), ("data.tar", &tar(&[]))]), &small_limits()).is_err());
    assert!(read(&ar(&[("debian-binary", b"2.0\n"), ("control.tar", &control())]), &small_limits()).is_err());
    assert!(read(&ar(&[("debian-binary", b"3.0\n"), ("control.tar", &control())]), &small_limits()).is_err());
}

#[test]
fn windows_that_few_bytes_ask_for_are_not_granted() {
    let _alone = alone();
    let limits = Limits::default();
    // zstd: a frame with a window of 2^(10 + n) bytes, and one plain block of one byte.
    let zstd = |n: u8| [&b"\x28\xb5\x2f\xfd\0"[..], &[n << 3], b"\x09\0\0x"].concat();
    let (granted, most) = peak(|| decompressed(&zstd(17), &limits).map(|bytes| bytes.into_owned()));
    assert_eq!(granted.ok().as_deref(), Some(&b"x"[..]));
    assert!(most < 160 << 20, "{most} bytes");
    let (refused, most) = peak(|| decompressed(&zstd(21), &limits).is_err());
    assert!(refused && most < 1 << 20, "{most} bytes");

    // xz: the size of the dictionary is the fifth byte of the block's header, behind the 12 bytes of the stream's.
    let xz = |dictionary: u8| {
        let mut stream = Compression::Xz.compress(b"some text");
        let end = 12 + (usize::from(stream[12]) + 1) * 4;
        stream[16] = dictionary;
        let mut crc = flate2::Crc::new();
        crc.update(&stream[12..end - 4]);
        stream[end - 4..end].copy_from_slice(&crc.sum().to_le_bytes());
        stream
    };
    // 64 MiB, which `xz -9` asks for; and 4 GiB.
    let (usual, huge) = (xz(28), xz(40));
    let (granted, most) = peak(|| decompressed(&usual, &limits).map(|bytes| bytes.into_owned()));
    assert_eq!(granted.ok().as_deref(), Some(&b"some text"[..]));
    assert!(most < 80 << 20, "{most} bytes");
    let (refused, most) = peak(|| decompressed(&huge, &limits).is_err());
    assert!(refused && most < 1 << 20, "{most} bytes");

    // lzma: the size stands behind the first byte.
    let mut payload = Compression::Lzma.compress(&cpio(&few_files()));
    payload[1..5].copy_from_slice(&u32::MAX.to_le_bytes());
    let bytes = rpm_of(&values(&few_files(), Compression::Lzma), &payload);
    let (outcome, most) = peak(|| read(&bytes, &small_limits()));
    assert!(outcome.is_err() && most < 1 << 20, "{most} bytes");
}
