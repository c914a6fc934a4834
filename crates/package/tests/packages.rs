//! Packages that are written here, in every form and compression, are read as they were written.

mod writer;

use package::{
    Format, Limits, Member, MemberName, PackageContents, Refusal, decompressed, format, read_package,
};
use writer::{Compression, File, cpio, deb, file, rpm, rpm_of, special, stripped_cpio, values};

fn member(path: &str, bytes: &[u8]) -> Member {
    Member { path: path.into(), bytes: bytes.into() }
}

fn read_all(bytes: &[u8]) -> PackageContents {
    read_package(bytes, &Limits::default(), |_| true).expect("a package")
}

/// A few files with bytes that compress and bytes that do not.
fn some_files() -> Vec<File> {
    let noise: Vec<u8> = (0..70_001_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    vec![
        special("./usr", 0o040_755, b""),
        file("./usr/share/selinux/packages/container.pp.bz2", &noise),
        file("./usr/share/empty", b""),
        file("/usr/share/odd", b"odd"),
        file("./usr/share/text", "all the same words ".repeat(5000).as_bytes()),
    ]
}

fn expected_files() -> Vec<Member> {
    let plain = some_files().split_off(1);
    plain
        .iter()
        .map(|file| member(file.name.trim_start_matches('.').trim_start_matches('/'), &file.bytes))
        .collect()
}

#[test]
fn rpm_in_every_compression() {
    for compression in Compression::ALL {
        let contents = read_all(&rpm(&some_files(), compression));
        assert!(contents.files == expected_files(), "{compression:?}");
        assert_eq!(contents.refused, []);
        let package = contents.package;
        assert_eq!((package.format, package.name.as_str()), (Format::Rpm, "container-selinux"));
        assert_eq!((package.full_version().as_str(), package.arch.as_str()), ("4:2.229.0-1.fc40", "noarch"));
    }
}

#[test]
fn rpm_whose_archive_has_numbers_for_names() {
    for compression in Compression::ALL {
        let payload = compression.compress(&stripped_cpio(&some_files()));
        let contents = read_all(&rpm_of(&values(&some_files(), compression), &payload));
        assert!(contents.files == expected_files(), "{compression:?}");
    }
}

#[test]
fn deb_in_every_compression() {
    for compression in Compression::ALL {
        let contents = read_all(&deb(&some_files(), compression));
        assert!(contents.files == expected_files(), "{compression:?}");
        let package = contents.package;
        assert_eq!((package.format, package.name.as_str()), (Format::Deb, "container-policy"));
        assert_eq!((package.full_version().as_str(), package.arch.as_str()), ("2:2.20221101-9", "all"));
        assert_eq!(package.release.as_deref(), Some("9"));
    }
}

#[test]
fn only_what_is_wanted_is_kept() {
    for bytes in [rpm(&some_files(), Compression::Gzip), deb(&some_files(), Compression::Xz)] {
        let mut asked = Vec::new();
        let contents = read_package(&bytes, &Limits::default(), |name| {
            asked.push(name.as_str().to_owned());
            name.is_module()
        });
        let contents = contents.expect("a package");
        let names: Vec<&str> = contents.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(names, ["usr/share/selinux/packages/container.pp.bz2"]);
        assert_eq!(asked.len(), 4, "folders are not asked for: {asked:?}");
    }
}

#[test]
fn what_is_no_plain_file_is_refused_and_the_rest_goes_on() {
    let files = [
        file("./usr/a", b"first"),
        file("./../etc/shadow", b"out"),
        file("/usr/../../b", b"out"),
        special("./usr/link", 0o120_777, b"/etc/shadow"),
        special("./usr/null", 0o020_666, b""),
        special("./usr/fifo", 0o010_666, b""),
        file("usr//a", b"second"),
        file("./unwanted/../x", b"out"),
        file("./usr/z", b"last"),
    ];
    for bytes in [rpm(&files, Compression::Gzip), deb(&files, Compression::Gzip)] {
        let contents = read_all(&bytes);
        assert_eq!(contents.files, [member("usr/a", b"first"), member("usr/z", b"last")]);
        let refused: Vec<(&str, Refusal)> =
            contents.refused.iter().map(|(name, refusal)| (name.as_str(), *refusal)).collect();
        assert_eq!(
            refused,
            [
                ("./../etc/shadow", Refusal::Name),
                ("/usr/../../b", Refusal::Name),
                ("usr/link", Refusal::Link),
                ("usr/null", Refusal::Special),
                ("usr/fifo", Refusal::Special),
                ("usr/a", Refusal::Duplicate),
                ("./unwanted/../x", Refusal::Name),
            ]
        );
    }
}

#[test]
fn hard_links_of_an_rpm_have_the_same_bytes() {
    let linked = |name: &str, bytes: &[u8]| File { inode: 7, links: 3, ..file(name, bytes) };
    let files = [
        linked("./a", b""),
        file("./between", b"between"),
        linked("./b", b""),
        linked("./c", b"the bytes"),
        File { inode: 8, links: 2, ..file("./empty", b"") },
    ];
    let stripped = rpm_of(&values(&files, Compression::None), &stripped_cpio(&files));
    for bytes in [rpm(&files, Compression::None), stripped] {
        let mut found = read_all(&bytes).files;
        found.sort_by(|a, b| a.path.cmp(&b.path));
        let expected = [
            member("a", b"the bytes"),
            member("b", b"the bytes"),
            member("between", b"between"),
            member("c", b"the bytes"),
            member("empty", b""),
        ];
        assert_eq!(found, expected);
        let only_b =
            read_package(&bytes, &Limits::default(), |name| name.as_str() == "b").expect("a package");
        assert_eq!(only_b.files, [member("b", b"the bytes")]);
    }
    // A Debian package says what a hard link leads to, and dpkg writes none for files of policies.
    let contents = read_all(&deb(&[File { links: 2, ..file("./a", b"") }], Compression::None));
    assert_eq!(contents.refused, [("a".to_owned(), Refusal::Link)]);
}

#[test]
fn long_names_of_a_deb_come_before_it() {
    let long = format!("./usr/{}x.pp", "folder/".repeat(40));
    let before = |kind: u8, bytes: &[u8]| {
        let mut archive = writer::tar(&[file("././@LongLink", bytes)]);
        archive[156] = kind;
        writer::set_checksum(&mut archive);
        // Without the end of an archive.
        archive.truncate(archive.len() - 1024);
        archive
    };
    let records = |key: &str, value: &str| {
        let length = key.len() + value.len() + 3;
        let length = length + (length + 3).to_string().len();
        before(b'x', format!("{length} {key}={value}\n").as_bytes())
    };
    let x = || writer::tar(&[file("./short", b"x"), file("./y", b"y")]);
    let read = |data: Vec<u8>| read_package(&writer::deb_of(&data), &Limits::default(), |_| true);
    let names = |data| -> Vec<String> {
        read(data).expect("a package").files.into_iter().map(|file| file.path).collect()
    };
    let expected = [&long[2..], "y"];
    assert_eq!(names([before(b'L', long.as_bytes()), x()].concat()), expected);
    assert_eq!(
        names([before(b'L', format!("{long}\0").as_bytes()), before(b'K', b"z"), x()].concat()),
        expected
    );
    assert_eq!(names([records("path", &long), x()].concat()), expected);
    assert_eq!(names([before(b'g', b"12 path=zz\n"), x()].concat()), ["short", "y"]);
    // Names without an end, records that are none, sizes that the header does not say, holes.
    assert!(read([before(b'L', &vec![b'a'; 100_000]), x()].concat()).is_err());
    assert!(read([before(b'x', b"no records"), x()].concat()).is_err());
    assert!(read([before(b'S', b"holes"), x()].concat()).is_err());
    for key in ["size", "GNU.sparse.size"] {
        let contents = read([records(key, "1"), x()].concat()).expect("a package");
        assert_eq!(contents.refused, [("short".to_owned(), Refusal::Unsupported)]);
    }
}

#[test]
fn streams_are_unpacked_layer_by_layer() {
    let limits = Limits::default();
    let text = b"a policy ".repeat(1000);
    assert_eq!(*decompressed(&text, &limits).expect("plain bytes"), text);
    for outer in Compression::ALL {
        // lzma's own form has no first bytes to be known by.
        if outer == Compression::Lzma {
            continue;
        }
        let once = outer.compress(&text);
        assert_eq!(*decompressed(&once, &limits).expect("a stream"), text, "{outer:?}");
        let twice = Compression::Gzip.compress(&Compression::Bzip2.compress(&once));
        assert_eq!(*decompressed(&twice, &limits).expect("three streams"), text, "{outer:?}");
        let following = [once.clone(), once].concat();
        assert_eq!(*decompressed(&following, &limits).expect("two streams"), text.repeat(2), "{outer:?}");
    }
    let mut nested = text;
    for _ in 0..4 {
        nested = Compression::Gzip.compress(&nested);
    }
    assert!(decompressed(&nested, &limits).is_err(), "four layers are too many");
}

#[test]
fn packages_are_known_by_their_bytes() {
    assert_eq!(format(&rpm(&[], Compression::None)), Format::Rpm);
    assert_eq!(format(&deb(&[], Compression::None)), Format::Deb);
    assert_eq!(format(&cpio(&[])), Format::Other);
    assert!(read_package(b"", &Limits::default(), |_: &MemberName| true).is_err());
}
