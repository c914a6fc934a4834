//! Lines → items, as a stream: each line is recognised by itself, so logs of all shapes may be mixed.

use crate::avc::{self, Avc, Setting};
use crate::cleaned::{NO_BREAK_SPACE, without_colours, without_web_blanks};
use crate::decode::Writing;
use crate::denial::{Item, Lines, Origin, Refusal};
use crate::events::{Events, Key, LAST, MomentKey};
use crate::header::{self, Header, Record};
use crate::joined::{Finders, before};
use crate::journal::{self, Entry};
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
    /// Sentences of setroubleshoot, which are reported where there is nothing else.
    pub sentences: u64,
    /// Lines cut because they are longer than [`MAX_LINE`].
    pub cut: u64,
}

/// Finds denials in lines. See [`Reader::read`]; or give it lines with [`Reader::push`], then [`Reader::finish`].
///
/// Memory: at most 64 open events of 64 KiB each, one line, and what the system allocator makes of it.
#[derive(Debug)]
pub struct Reader {
    counts: Counts,
    pending: Pending,
    events: Events,
    /// The first of setroubleshoot's sentences.
    sentence: Option<Unreadable>,
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
            sentence: None,
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
        if let Some(sentence) = self.sentence.take()
            && self.counts.denials == 0
        {
            self.counts.unreadable = self.counts.unreadable.saturating_add(1);
            sink(Item::Unreadable(Box::new(sentence)));
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
                if let Some(key) = self.key(header) {
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
                self.counts.denials = self.counts.denials.saturating_add(1);
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
        if start.starts_with(b"{")
            && let Some(entry) = Entry::read(line)
        {
            if let Some(message) = entry.message() {
                self.message(message, &entry.header(), Place { whole: message, lines, is_final: true }, sink);
            }
            return None;
        }
        if let Some(message) = journal::pretty_message(start) {
            let place = Place { whole: message.as_bytes(), lines, is_final: true };
            self.message(message.as_bytes(), &header::of_prefix(b""), place, sink);
            return None;
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
            self.counts.sentences = self.counts.sentences.saturating_add(1);
            self.sentence.get_or_insert_with(|| Unreadable::new(place.lines, Reason::Sentence, text));
            return;
        }
        if let Some(row) = aureport::read(text, place.lines) {
            match row {
                Ok(denial) => {
                    self.counts.denials = self.counts.denials.saturating_add(1);
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
