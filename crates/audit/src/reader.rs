//! Lines → items, as a stream: each line is recognised by itself, so logs of all shapes may be mixed.

use crate::avc::{self, Avc, Setting};
use crate::cleaned::{NO_BREAK_SPACE, without_colours, without_web_blanks};
use crate::copies::Writers;
use crate::decode::Writing;
use crate::denial::{Item, Lines, Origin, Refusal};
use crate::events::{Events, Key, LAST, MomentKey};
use crate::header::{self, Header, Record};
use crate::joined::{Finders, before};
use crate::journal::{self, Entry, Pretty};
use crate::reason::{Reason, Unreadable};
use crate::stamp::Moment;
use crate::text::Text;
use crate::wrapped::Pending;
use crate::{aureport, selinux_err};
use aho_corasick::AhoCorasick;
use memchr::memmem;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufRead};
use std::sync::LazyLock;

/// Bytes of a line beyond which it is cut.
pub const MAX_LINE: usize = 1 << 20;

/// Sentences of setroubleshoot that are kept.
const MOST_SENTENCES: usize = 20;

/// What lines that are not auditd's must hold to be looked at.
const MARKS: &[&str] = &[
    "avc:",
    "audit(",
    "audit[",
    "audit: ",
    "SELINUX_ERR",
    "op=security_",
    "invalid context ",
    "SELinux is preventing ",
    " denied ",
    "\"_AUDIT_TYPE",
    "\"MESSAGE\":[",
    "\"MESSAGE\": [",
    "\"MESSAGE\" : [",
    "type=AVC",
    "type=USER_AVC",
    "----",
];

/// Built once. That fails for too many patterns only; without it every line is looked at.
static MATCHER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(MARKS).ok());

/// How many lines there were, and what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Lines read.
    pub lines: u64,
    /// Denials found.
    pub denials: u64,
    /// Refusals found (SELINUX_ERR).
    pub refusals: u64,
    /// Texts that look like one and cannot be read.
    pub unreadable: u64,
    /// Sentences of setroubleshoot, which are reported where there is nothing else. The one above a report that has the
    /// record is not counted.
    pub sentences: u64,
    /// Lines cut because they are longer than [`MAX_LINE`].
    pub cut: u64,
}

impl Counts {
    /// Adds those of another input.
    pub fn add(&mut self, other: Counts) {
        let Counts { lines, denials, refusals, unreadable, sentences, cut } = other;
        for (sum, more) in [
            (&mut self.lines, lines),
            (&mut self.denials, denials),
            (&mut self.refusals, refusals),
            (&mut self.unreadable, unreadable),
            (&mut self.sentences, sentences),
            (&mut self.cut, cut),
        ] {
            *sum = sum.saturating_add(more);
        }
    }
}

/// Finds denials in lines. See [`Reader::read`]; or give it lines with [`Reader::push`], then [`Reader::finish`].
///
/// Memory: at most 64 open events of 64 KiB each, one line, and what the system allocator makes of it.
#[derive(Debug)]
pub struct Reader {
    counts: Counts,
    pending: Pending,
    events: Events,
    /// The first few of setroubleshoot's sentences, different ones.
    sentences: Vec<Unreadable>,
    /// True while the last of them is the head of a report, which has the record further down.
    in_report: bool,
    /// A message of the journal that stands as numbers in several lines, and its first line.
    bytes: Option<(Vec<u8>, u64)>,
    writers: Writers,
    finders: Finders,
    hasher: RandomState,
}

impl Default for Reader {
    fn default() -> Self {
        Reader::new()
    }
}

impl Reader {
    /// A reader that has read nothing.
    pub fn new() -> Self {
        Reader {
            counts: Counts::default(),
            pending: Pending::default(),
            events: Events::default(),
            sentences: Vec::new(),
            in_report: false,
            bytes: None,
            writers: Writers::default(),
            finders: Finders::new(),
            hasher: RandomState::new(),
        }
    }

    /// What was read so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Reads to the end of the input, and hands each item to `sink`. O(bytes). Call [`Reader::finish`] after the last input.
    ///
    /// # Errors
    /// Those of the input.
    pub fn read(&mut self, mut input: impl BufRead, sink: &mut dyn FnMut(Item)) -> io::Result<()> {
        let mut begun: Vec<u8> = Vec::new();
        loop {
            let buffer = match input.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if buffer.is_empty() {
                break;
            }
            let mut rest = buffer;
            while let Some((line, tail)) = split_line(rest) {
                rest = tail;
                if begun.is_empty() {
                    self.push(line, sink);
                } else {
                    extend(&mut begun, line);
                    self.push(&begun, sink);
                    begun.clear();
                }
            }
            extend(&mut begun, rest);
            let n_read = buffer.len();
            input.consume(n_read);
        }
        if !begun.is_empty() {
            self.push(&begun, sink);
        }
        Ok(())
    }

    /// Reads one line, without its newline. Items come when their event is over, which may be lines later.
    pub fn push(&mut self, line: &[u8], sink: &mut dyn FnMut(Item)) {
        self.counts.lines = self.counts.lines.saturating_add(1);
        let mut line = line.strip_suffix(b"\r").unwrap_or(line);
        if let Some(cut) = line.get(..MAX_LINE).filter(|cut| cut.len() < line.len()) {
            self.counts.cut = self.counts.cut.saturating_add(1);
            line = cut;
        }
        let number = self.counts.lines;
        if self.bytes.is_some() && self.take_bytes(line, number, sink) {
            return;
        }
        if !self.pending.text.is_empty() {
            if self.pending.take(line, number) {
                let (text, lines) = (std::mem::take(&mut self.pending.text), self.pending.lines);
                self.records(&text, lines, false, sink);
                return;
            }
            self.settle(sink);
        }
        self.records(line, Lines { first: number, last: number }, false, sink);
    }

    /// Hands out what still waits for more: for `--follow`, when the log pauses.
    pub fn flush(&mut self, sink: &mut dyn FnMut(Item)) {
        self.settle(sink);
        self.events.end_all(sink);
    }

    /// Hands out what is left at the end of all input.
    pub fn finish(&mut self, sink: &mut dyn FnMut(Item)) {
        self.flush(sink);
        let sentences = std::mem::take(&mut self.sentences);
        if self.counts.denials == 0 {
            self.counts.unreadable = self.counts.unreadable.saturating_add(self.counts.sentences);
            sentences.into_iter().for_each(|sentence| sink(Item::Unreadable(Box::new(sentence))));
        }
    }

    /// Takes a line of numbers into the message that they are; false if it is none.
    fn take_bytes(&mut self, line: &[u8], number: u64, sink: &mut dyn FnMut(Item)) -> bool {
        let Some((bytes, first)) = &mut self.bytes else { return false };
        let taken = journal::more_bytes(line, bytes).filter(|_| bytes.len() <= MAX_LINE);
        if taken == Some(false) {
            return true;
        }
        let lines = Lines { first: *first, last: number };
        if let (Some((bytes, _)), Some(_)) = (self.bytes.take(), taken) {
            self.entry(&bytes, &header::of_prefix(b""), lines, sink);
        }
        taken.is_some()
    }

    /// Reads the message of an entry of the journal.
    fn entry(&mut self, message: &[u8], header: &Header<'_>, lines: Lines, sink: &mut dyn FnMut(Item)) {
        self.message(message, header, Place { whole: message, lines, is_final: true }, sink);
    }

    /// Counts a denial. If it is the record of a report, that one's sentence is no other.
    fn denied(&mut self) {
        self.counts.denials = self.counts.denials.saturating_add(1);
        if std::mem::take(&mut self.in_report) {
            self.counts.sentences = self.counts.sentences.saturating_sub(1);
        }
    }

    fn sentence(&mut self, text: &[u8], lines: Lines) {
        self.counts.sentences = self.counts.sentences.saturating_add(1);
        // A report begins with it; in logs a date stands before it.
        self.in_report = text.trim_ascii_start().starts_with(b"SELinux is preventing ");
        let sentence = Unreadable::new(lines, Reason::of_sentence(text), text);
        let is_known = |known: &Unreadable| known.start == sentence.start && known.reason == sentence.reason;
        if self.sentences.len() < MOST_SENTENCES && !self.sentences.iter().any(is_known) {
            self.sentences.push(sentence);
        }
    }

    /// Reads what waited for another piece as it is.
    fn settle(&mut self, sink: &mut dyn FnMut(Item)) {
        if !self.pending.text.is_empty() {
            let (text, lines) = (std::mem::take(&mut self.pending.text), self.pending.lines);
            self.records(&text, lines, true, sink);
        }
    }

    /// Reads the records of a line: one, or several where a paste lost the line ends.
    fn records(&mut self, mut line: &[u8], lines: Lines, is_final: bool, sink: &mut dyn FnMut(Item)) {
        if memchr::memchr(NO_BREAK_SPACE[0], line).is_some()
            && let Some(plain) = without_web_blanks(line)
        {
            return self.records(&plain, lines, is_final, sink);
        }
        loop {
            let (header, body) = match header::of_auditd(line) {
                Some((header, body)) => (header, body),
                None => {
                    match self.other_shape(line, lines, is_final, sink) {
                        Some(next) => line = next,
                        None => return,
                    }
                    continue;
                }
            };
            let next = if header.record == Some(Record::Other) {
                None
            } else {
                self.finders.next_record(line, body)
            };
            let body = next.and_then(|next| before(body, next)).unwrap_or(body);
            let whole = next.and_then(|next| before(line, next)).unwrap_or(line);
            self.record(&header, body, Place { whole, lines, is_final: is_final || next.is_some() }, sink);
            match next {
                Some(next) => line = next,
                None => return,
            }
        }
    }

    /// Reads a record whose type is known.
    fn record(&mut self, header: &Header<'_>, body: &[u8], place: Place<'_>, sink: &mut dyn FnMut(Item)) {
        match header.record {
            Some(Record::Avc | Record::UserAvc) | None => match self.message_start(body) {
                Some(at) => self.avc(header, body.get(at..).unwrap_or_default(), place, sink),
                // A header alone; other security modules' records are not ours.
                None if body.is_empty() || header.record == Some(Record::UserAvc) => self.hold(place, false),
                None => {}
            },
            Some(Record::SelinuxErr) => self.refusal(header, body, place, sink),
            Some(Record::EndOfEvent) => {
                if let Some(key) = self.key(header) {
                    self.events.end(key, sink);
                }
            }
            Some(Record::Other) => {}
            Some(record) => {
                if let Some(key) = self.key(header).filter(|_| !self.is_copy(header)) {
                    self.events.companion(key, record, writing(header), body, sink);
                }
            }
        }
    }

    /// Where `avc:` stands: at the very start, in what the kernel writes.
    fn message_start(&self, body: &[u8]) -> Option<usize> {
        if body.starts_with(b"avc:") { Some(0) } else { self.finders.avc.find(body) }
    }

    fn avc(&mut self, header: &Header<'_>, body: &[u8], place: Place<'_>, sink: &mut dyn FnMut(Item)) {
        let setting = Setting { record: header.record, writing: writing(header), program: header.program };
        match avc::read(body, setting) {
            Avc::Denied(mut denial) => {
                let may_go_on =
                    denial.permissive.is_none() && body.trim_ascii_end().ends_with(denial.tclass.as_bytes());
                if may_go_on && !place.is_final {
                    return self.hold(place, true);
                }
                if self.is_copy(header) {
                    return;
                }
                self.denied();
                denial.origin = origin(header, place.lines);
                self.give(header, Item::Denial(denial), sink);
            }
            Avc::NoDenial => {
                if body.trim_ascii_end() == b"avc:" && !place.is_final {
                    self.hold(place, false);
                }
            }
            Avc::Unreadable(Reason::CutOff(fields)) => self.unreadable(Reason::CutOff(fields), place, sink),
            Avc::Unreadable(_) if !place.is_final => self.hold(place, false),
            Avc::Unreadable(reason) => self.unreadable(reason, place, sink),
        }
    }

    fn refusal(&mut self, header: &Header<'_>, body: &[u8], place: Place<'_>, sink: &mut dyn FnMut(Item)) {
        match selinux_err::read(body, writing(header)) {
            Some(Ok(_)) if self.is_copy(header) => {}
            Some(Ok(kind)) => {
                self.counts.refusals = self.counts.refusals.saturating_add(1);
                let origin = origin(header, place.lines);
                self.give(header, Item::Refusal(Box::new(Refusal { kind, origin })), sink);
            }
            Some(Err(_)) if !place.is_final => self.hold(place, false),
            Some(Err(reason)) => self.unreadable(reason, place, sink),
            None => {}
        }
    }

    /// Looks for a record in a line that is not auditd's; returns what follows it in the line, if a record does.
    fn other_shape<'a>(
        &mut self,
        line: &'a [u8],
        lines: Lines,
        is_final: bool,
        sink: &mut dyn FnMut(Item),
    ) -> Option<&'a [u8]> {
        if MATCHER.as_ref().is_some_and(|marks| !marks.is_match(line)) {
            return None;
        }
        if line == b"----" {
            self.events.end_all(sink);
            return None;
        }
        if memchr::memchr(0x1b, line).is_some() {
            let plain = without_colours(line);
            if plain.len() < line.len() {
                self.records(&plain, lines, is_final, sink);
                return None;
            }
        }
        let start = line.trim_ascii_start();
        let entries = match start {
            [b'{', ..] => Entry::read(line).map(|entry| vec![entry]),
            [b'[', b'{', ..] => journal::entries(line),
            _ => None,
        };
        if let Some(entries) = entries {
            for entry in &entries {
                if let Some(message) = entry.message() {
                    self.entry(message, &entry.header(), lines, sink);
                }
            }
            return None;
        }
        match journal::pretty_message(start) {
            Some(Pretty::Whole(message)) => {
                self.entry(&message, &header::of_prefix(b""), lines, sink);
                return None;
            }
            Some(Pretty::Begun(bytes)) => {
                self.bytes = Some((bytes, lines.first));
                return None;
            }
            None => {}
        }
        let next = self.finders.next_record(line, line);
        let whole = next.and_then(|next| before(line, next)).unwrap_or(line);
        let place = Place { whole, lines, is_final: is_final || next.is_some() };
        self.message(whole, &header::of_prefix(b""), place, sink);
        next
    }

    /// Reads a message of any log; `outer` is what is known of it besides.
    fn message(&mut self, text: &[u8], outer: &Header<'_>, place: Place<'_>, sink: &mut dyn FnMut(Item)) {
        if let Some(at) = self.finders.avc.find(text) {
            let (prefix, body) = text.split_at_checked(at).unwrap_or((b"", text));
            let header = header::of_prefix(prefix).within(outer);
            return self.avc(&header, body, place, sink);
        }
        if memmem::find(text, b"SELinux is preventing ").is_some() {
            return self.sentence(text, place.lines);
        }
        if let Some(row) = aureport::read(text, place.lines) {
            match row {
                Ok(denial) => {
                    self.denied();
                    sink(Item::Denial(Box::new(denial)));
                }
                Err(reason) => self.unreadable(reason, place, sink),
            }
            return;
        }
        let (prefix, body) = header::split(text);
        let mut header = header::of_prefix(prefix).within(outer);
        if header.record.is_none() && is_refusal(text) {
            header.record = Some(Record::SelinuxErr);
        }
        if header.record.is_some() {
            self.record(&header, body, place, sink);
        }
    }

    /// Whether a record was already read as another program wrote it down.
    fn is_copy(&mut self, header: &Header<'_>) -> bool {
        // auditd's own log names no program.
        let (Some(program), Some(key)) = (header.program, self.key(header)) else { return false };
        let is_stamped = key.serial != LAST && key.moment != MomentKey::Loose;
        is_stamped && self.writers.is_copy(key, self.hasher.hash_one(program))
    }

    /// Hands an item out, now or when its event is over.
    fn give(&mut self, header: &Header<'_>, item: Item, sink: &mut dyn FnMut(Item)) {
        match self.key(header) {
            Some(key) if key.serial != LAST => self.events.item(key, item, sink),
            _ => sink(item),
        }
    }

    fn unreadable(&mut self, reason: Reason, place: Place<'_>, sink: &mut dyn FnMut(Item)) {
        self.counts.unreadable = self.counts.unreadable.saturating_add(1);
        sink(Item::Unreadable(Box::new(Unreadable::new(place.lines, reason, place.whole))));
    }

    /// Keeps a record of which the next lines may have the rest.
    fn hold(&mut self, place: Place<'_>, is_readable: bool) {
        if !place.is_final {
            self.pending = Pending { text: place.whole.to_vec(), lines: place.lines, is_readable };
        }
    }

    fn key(&self, header: &Header<'_>) -> Option<Key> {
        let node = header.node.map_or(0, |node| self.hasher.hash_one(node));
        if let Some(serial) = header.stamp.and_then(|stamp| stamp.serial) {
            let moment = match header.moment() {
                Some(Moment::Epoch { seconds, millis }) => {
                    MomentKey::Millis(seconds.saturating_mul(1000).saturating_add(i64::from(millis)))
                }
                Some(Moment::Date(date)) => MomentKey::Date(self.hasher.hash_one(date)),
                None => MomentKey::Date(0),
            };
            return Some(Key { node, moment, serial });
        }
        if header.program != Some(b"audit") {
            return None;
        }
        Some(Key { node, moment: MomentKey::Loose, serial: header.program_pid.unwrap_or(LAST) })
    }
}

/// Where a record stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// The record with its header.
    whole: &'a [u8],
    lines: Lines,
    /// True where no further piece of it can come.
    is_final: bool,
}

fn origin(header: &Header<'_>, lines: Lines) -> Origin {
    Origin {
        lines,
        time: header.moment().map(Moment::to_time),
        serial: header.stamp.and_then(|stamp| stamp.serial),
        node: header.node.map(Text::new),
        companions: None,
    }
}

fn writing(header: &Header<'_>) -> Writing {
    header.stamp.map_or(Writing::Raw, |stamp| stamp.writing)
}

/// True for a refusal that nothing else marks.
fn is_refusal(text: &[u8]) -> bool {
    [&b"SELINUX_ERR"[..], b"op=security_", b"invalid context "]
        .iter()
        .any(|mark| memmem::find(text, mark).is_some())
}

/// Appends to a line, up to one byte more than is read of it.
fn extend(line: &mut Vec<u8>, bytes: &[u8]) {
    let room = MAX_LINE.saturating_add(1).saturating_sub(line.len());
    line.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
}

fn split_line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(b'\n', text)?;
    Some((text.get(..end)?, text.get(end.checked_add(1)?..)?))
}
