//! Lines of a log, read as audit records: what comes out keeps its promises, whatever the lines are.

use analysis::decide::Circumstances;
use analysis::explain::{Cause, Evidence, Explainer, FixKind, Refused};
use audit::{Denial, Item, Lines, Origin, Reader, Refusals, Stories};
use avstore::Store;
use policydb::Policy;
use std::io::BufReader;
use std::sync::LazyLock;
use testkit::random::Random;

/// Stories of one log that are explained.
const EXPLAINED: usize = 4;
/// The demo policy, where the repository is there.
static DEMO: LazyLock<Option<Vec<u8>>> =
    LazyLock::new(|| std::fs::read(testkit::policies::testdata().join("demo/demo.33")).ok());

/// Reads a log whole, in small pieces and line by line, and compares; merges what was denied.
pub fn read_records(bytes: &[u8]) {
    let (items, counts) = read(bytes, bytes.len().max(1));
    let (in_pieces, _) = read(bytes, 7);
    assert!(items == in_pieces, "what is read depends on the size of the buffer");

    let (mut stories, mut refusals, mut n_unreadable) = (Stories::new(), Refusals::new(), 0);
    for item in &items {
        match item {
            Item::Denial(denial) => {
                check_denial(denial, counts.lines);
                stories.add(denial);
            }
            Item::Refusal(refusal) => {
                check_origin(&refusal.origin, counts.lines);
                shown(&format!("{:?}", refusal.kind));
                refusals.add(refusal);
            }
            Item::Unreadable(unreadable) => {
                check_lines(unreadable.lines, counts.lines);
                shown(&unreadable.start.to_string());
                shown(&unreadable.reason.to_string());
                shown(&unreadable.reason.help().unwrap_or_default());
                n_unreadable += 1;
            }
        }
    }
    explain(&stories, &refusals);
    let merged: u64 = stories.as_slice().iter().map(|story| story.count).sum();
    assert_eq!(merged + stories.overflow(), counts.denials);
    let merged: u64 = refusals.as_slice().iter().map(|story| story.count).sum();
    assert_eq!(merged + refusals.overflow(), counts.refusals);
    assert_eq!(counts.denials + counts.refusals + n_unreadable, items.len() as u64);
    // Of setroubleshoot's sentences all are counted, and the first few handed out.
    assert!(n_unreadable <= counts.unreadable);
    assert!(n_unreadable + counts.sentences >= counts.unreadable);
}

/// Explains what was denied under the demo policy: whatever contexts, classes and permissions a record names.
fn explain(stories: &Stories, refusals: &Refusals) {
    let Some(bytes) = DEMO.as_ref() else { return };
    let policy = Policy::parse(bytes).expect("the demo policy loads");
    let store = Store::new(&policy);
    let explainer = Explainer::new(&store, Circumstances::of(&store));
    for story in stories.as_slice().iter().take(EXPLAINED) {
        check_explanation(&explainer, &Evidence::of(story));
    }
    for story in refusals.as_slice().iter().take(EXPLAINED) {
        let (causes, _) = explainer.refusal(&Refused::of(&story.first.kind));
        assert!(!causes.is_empty(), "{story:?}");
    }
}

/// Explains a denial, and checks that the answer keeps its promises.
///
/// # Panics
/// When nothing is said of why, or a rule is not the last thing to do.
pub(crate) fn check_explanation(explainer: &Explainer<'_, '_>, evidence: &Evidence) {
    let Ok(explanation) = explainer.explain(evidence) else { return };
    assert!(!explanation.causes.is_empty(), "no cause: {evidence:?}");
    let rule = explanation.fixes.iter().position(|fix| fix.kind == FixKind::LocalRule);
    assert!(rule.is_none_or(|at| at + 1 == explanation.fixes.len()), "{:?}", explanation.fixes);
    let is_granted = explanation.causes.iter().all(Cause::is_grant);
    assert!(!is_granted || rule.is_none(), "a rule for what is granted: {evidence:?}");
}

fn read(bytes: &[u8], buffer: usize) -> (Vec<Item>, audit::Counts) {
    let mut items = Vec::new();
    let mut reader = Reader::new();
    let mut sink = |item| items.push(item);
    reader.read(BufReader::with_capacity(buffer, bytes), &mut sink).expect("memory is readable");
    reader.finish(&mut sink);
    reader.finish(&mut sink);
    (items, reader.counts())
}

fn check_denial(denial: &Denial, n_lines: u64) {
    assert!(!denial.permissions.is_empty());
    assert!(denial.scontext.as_bytes().contains(&b':') && denial.tcontext.as_bytes().contains(&b':'));
    assert!(!denial.tclass.is_empty());
    for (_, text) in denial.fields.iter() {
        shown(&text.to_string());
    }
    for text in denial.permissions.iter().chain([&denial.scontext, &denial.tcontext, &denial.tclass]) {
        shown(&text.to_string());
    }
    check_origin(&denial.origin, n_lines);
    let _ = (denial.path(), denial.ioctlcmd(), denial.pid(), denial.exe());
    let _ = (denial.target_raw_context(), denial.source_raw_context());
}

fn check_origin(origin: &Origin, n_lines: u64) {
    check_lines(origin.lines, n_lines);
    if let Some(time) = &origin.time {
        shown(&time.to_string());
    }
}

fn check_lines(lines: Lines, n_lines: u64) {
    assert!(1 <= lines.first && lines.first <= lines.last && lines.last <= n_lines, "{lines:?} of {n_lines}");
}

/// Nothing that drives a terminal.
fn shown(text: &str) {
    assert!(!text.contains(char::is_control), "{text:?}");
}

/// Pieces of records.
const PIECES: &[&str] = &[
    "\n",
    " ",
    "\"",
    "'",
    "=",
    "{",
    "}",
    ":",
    "(",
    ")",
    ">",
    "\\",
    "avc: ",
    " denied ",
    " granted ",
    "type=AVC msg=audit(",
    "type=1400 audit(0.0:1)",
    "scontext=",
    "tcontext=u:r:t:s0",
    "tclass=file",
    "permissive=1",
    "name=",
    "path=41",
    "#012",
    "^]",
    "\u{1d}",
    "\u{a0}",
    "\u{1b}[0m",
    "SELINUX_ERR ",
    "op=security_compute_sid",
    "invalid context ",
    "----",
    "node=",
    "{\"MESSAGE\":",
    "[97,118",
    "audit[1]: SYSCALL ",
    "trawcon=75",
    "s0:c1.c9,c3-s1",
    "\r",
    "18446744073709551616",
];

/// Changes a log: takes pieces out, doubles and moves them, puts pieces of records in, breaks lines.
pub fn mutate_records(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(6) {
        let at = random.below(bytes.len() + 1);
        let end = (at + random.below(40)).min(bytes.len());
        match random.below(5) {
            0 => drop(bytes.drain(at..end)),
            1 => {
                let piece = PIECES[random.below(PIECES.len())].as_bytes();
                bytes.splice(at..at, piece.iter().copied());
            }
            2 => {
                let copy = bytes[at..end].to_vec();
                let place = random.below(bytes.len() + 1);
                bytes.splice(place..place, copy);
            }
            3 => bytes.insert(at, b'\n'),
            _ => bytes[at..end].iter_mut().take(1).for_each(|byte| *byte = random.below(256) as u8),
        }
    }
}
