//! Bytes as file contexts: what is used of them answers look-ups, what is not is told, whatever the bytes are.

use labels::file_contexts::{FileContexts, FileKind, Generation, Part, Parts};
use testkit::random::Random;

/// Statements of one input that paths are made from.
const ASKED: usize = 15;

/// Reads bytes as file contexts, with themselves as substitutions, and looks up paths made from the statements.
pub fn look_up(bytes: &[u8]) {
    let part = Part { name: "fuzz", bytes };
    for generation in [None, Some(Generation::Stems)] {
        let parts = Parts {
            base: Some(part),
            local: Some(part),
            subs: generation.is_none().then_some(part),
            subs_dist: generation.is_none().then_some(part),
            generation,
            ..Parts::default()
        };
        let contexts = FileContexts::parse(&parts);
        assert!(contexts.problems().len() <= contexts.n_problems());
        contexts.problems().iter().for_each(|problem| check_shown(&problem.to_string()));
        let regexes: Vec<&str> = contexts.specs().map(|spec| spec.regex).collect();
        let mut random = Random::new(bytes.len() as u64);
        for _ in 0..ASKED {
            let path = testkit::file_contexts::path(&mut random, &regexes);
            let kind = random.pick(&FileKind::ALL).copied().filter(|_| random.chance(70));
            let found = contexts.lookup(&path, kind);
            if let Some(found) = &found {
                assert!(found.spec.kind.is_none() || kind.is_none() || found.spec.kind == kind);
                assert!(contexts.specs().any(|spec| spec == found.spec), "{found:?} is no statement");
            }
            let again = contexts.lookup(&[&path[..], b"/"].concat(), kind);
            let has_end = path.len() > 1 && !path.ends_with(b"/");
            assert!(!has_end || again == found, "a slash at the end of {} counts", path.escape_ascii());
        }
        contexts.problems_of_lookups().iter().for_each(|problem| check_shown(&problem.to_string()));
    }
}

/// Nothing that drives a terminal; a message may have a line of help.
fn check_shown(text: &str) {
    let is_control = |c: char| c.is_control() && c != '\n';
    assert!(!text.contains(is_control), "{text:?}");
}

/// Pieces of lines.
const PIECES: &[&str] = &[
    "\n",
    " ",
    "\t",
    "#",
    "/",
    "//",
    "(/.*)?",
    ".*",
    "[^/]*",
    "|",
    "(",
    ")",
    "[",
    "]",
    "{2,3}",
    "{1,900}",
    "++",
    "?",
    "*",
    "\\",
    "\\.",
    "\\Q",
    "\\E",
    "(?=",
    "(?<!",
    "(?>",
    "(?i)",
    "\\1",
    "\\b",
    "$",
    "^",
    "<<none>>",
    "--",
    "-d",
    "u:object_r:a_t:s0",
    "\0",
    "\u{e9}",
    "/a /b\n",
    "[[:alpha:]]",
    "(?#",
    "\r\n",
];

/// Changes a file of text or a compiled one: takes pieces out, doubles and moves them, puts pieces of lines in,
/// changes single bytes.
pub fn mutate_file_contexts(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(6) {
        let at = random.below(bytes.len() + 1);
        let end = (at + random.below(30)).min(bytes.len());
        match random.below(6) {
            0 => drop(bytes.drain(at..end)),
            1 | 2 => {
                let piece = random.word(PIECES);
                bytes.splice(at..at, piece.bytes());
            }
            3 => {
                let copy = bytes[at..end].to_vec();
                let place = random.below(bytes.len() + 1);
                bytes.splice(place..place, copy);
            }
            4 => {
                let line = testkit::file_contexts::text(random);
                bytes.splice(at..at, line.bytes().take(200));
            }
            _ => bytes[at..end].iter_mut().take(1).for_each(|byte| *byte = random.below(256) as u8),
        }
    }
}
