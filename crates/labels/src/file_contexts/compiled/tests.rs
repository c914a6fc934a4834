//! Compiled files of both layouts, whole and broken. They hold the first lines of `text` beside them.

use crate::file_contexts::{FileContexts, FileKind, Generation, Part, Parts, ProblemReason};

const VERSION_5: &[u8] = include_bytes!("../../../../../testdata/fuzz/file_contexts/compiled-5");
const VERSION_6: &[u8] = include_bytes!("../../../../../testdata/fuzz/file_contexts/compiled-6");

fn parse(bytes: &[u8]) -> FileContexts {
    FileContexts::parse(&Parts { base: Some(Part { name: "bin", bytes }), ..Parts::default() })
}

/// The words of a file of version 1 to 5 with one entry.
fn assembled(version: u32, pcre: &[u8], mode: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let word = |bytes: &mut Vec<u8>, number: u32| bytes.extend(number.to_le_bytes());
    word(&mut bytes, super::SELINUX_MAGIC_COMPILED_FCONTEXT);
    word(&mut bytes, version);
    for (since, text) in [(2, pcre), (5, b"8-8-el")] {
        if version >= since {
            word(&mut bytes, text.len() as u32);
            bytes.extend(text);
        }
    }
    word(&mut bytes, 1);
    word(&mut bytes, 2);
    bytes.extend(b"/a\0");
    word(&mut bytes, 1);
    for text in [&b"u:r:t\0"[..], b"/a/b.*\0"] {
        word(&mut bytes, text.len() as u32);
        bytes.extend(text);
    }
    for number in [mode, 0, 1] {
        word(&mut bytes, number);
    }
    if version >= 4 {
        word(&mut bytes, 4);
    }
    for _ in 0..if pcre.starts_with(b"10") && version > 1 { 1 } else { 2 } {
        word(&mut bytes, 3);
        bytes.extend(b"xyz");
    }
    bytes
}

#[test]
fn both_layouts_say_what_the_text_says() {
    for (bytes, generation) in [(VERSION_5, Generation::Stems), (VERSION_6, Generation::Tree)] {
        let contexts = parse(bytes);
        assert_eq!(contexts.problems(), []);
        assert_eq!((contexts.generation(), contexts.specs().count()), (generation, 5));
        let found = contexts.lookup(b"/aquota.user", Some(FileKind::Regular)).expect("a line");
        assert_eq!(found.context(), Some("system_u:object_r:quota_db_t:s0"));
        let line = if generation == Generation::Tree { Some(3) } else { None };
        assert_eq!((found.spec.regex, found.spec.line), (r"/a?quota\.(user|group)", line));
    }
}

#[test]
fn older_versions_and_pcre_1() {
    for version in 1..=5 {
        for pcre in [&b"8.39 2016-06-14"[..], b"10.42 2022-12-11"] {
            let contexts = parse(&assembled(version, pcre, 0o040_000));
            assert_eq!(contexts.problems(), [], "version {version}");
            let found = contexts.lookup(b"/a/bc", Some(FileKind::Directory)).expect("a line");
            assert_eq!(found.context(), Some("u:r:t"));
        }
    }
}

#[test]
fn a_file_that_ends_early_or_late_is_refused() {
    for whole in [VERSION_5, VERSION_6] {
        for length in 4..whole.len() {
            let contexts = parse(&whole[..length]);
            assert_eq!((contexts.specs().count(), contexts.n_problems()), (0, 1), "{length} bytes");
            assert!(matches!(contexts.problems()[0].reason, ProblemReason::Compiled { .. }));
        }
        assert_eq!(parse(&[whole, b"x"].concat()).n_problems(), 1);
    }
}

#[test]
fn one_thing_wrong() {
    let reason = |bytes: &[u8]| parse(bytes).problems().first().map(|problem| problem.reason.to_string());
    let whole = assembled(5, b"10.42", 0);
    assert_eq!(reason(&whole), None);
    let version_7 = [&whole[..4], &[7, 0, 0, 0], &whole[8..]].concat();
    assert_eq!(reason(&version_7).as_deref(), Some("at byte 8, the header: expected a version from 1 to 6"));
    let mode = reason(&assembled(5, b"10.42", 0o644));
    assert!(mode.is_some_and(|why| why.contains("a kind of file and nothing else")));
    for (at, byte) in [(27, 0xff), (31, 0xff), (31, 0), (37, b'x'), (38, 0), (38, 0xff)] {
        let mut bytes = whole.clone();
        bytes[at] = byte;
        assert!(reason(&bytes).is_some(), "byte {at}");
    }
}

#[test]
fn no_byte_can_make_it_panic() {
    for whole in [VERSION_5, VERSION_6] {
        for at in 4..whole.len() {
            for byte in [0, 1, 0x7f, 0xff] {
                let mut bytes = whole.to_vec();
                bytes[at] = byte;
                let _ = parse(&bytes).lookup(b"/var/www/a", None);
            }
        }
    }
}
