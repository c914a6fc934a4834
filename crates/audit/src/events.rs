//! Records of one event, joined: a denial comes with the system call, the paths and the command line in records of their
//! own that share its stamp.
//!
//! The log has the denial first and PROCTITLE last, `ausearch` the reverse, and events of several processors
//! interleave. So events stay open until their last record, until an event two seconds younger comes (as in auditd's
//! `auparse`), or until too many are open. Records without a denial cost a copy and are never taken apart.

use crate::companions::Companions;
use crate::decode::Writing;
use crate::denial::Item;
use crate::field::{Field, Fields};
use crate::header::Record;
use crate::tokens::each_field;
use std::collections::VecDeque;
use std::sync::Arc;

/// The most events that are open at a time.
const MOST_OPEN: usize = 64;

/// The most text of companions that is kept of one event.
const MOST_TEXT: usize = 64 << 10;

/// The most denials that wait for their companions in one event.
const MOST_ITEMS: usize = 64;

/// Milliseconds after which an event has ended.
const END_MILLIS: i64 = 2000;

/// What the records of one event have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) node: u64,
    pub(crate) moment: MomentKey,
    /// The serial number of the event; of a line of the journal without one, the process.
    pub(crate) serial: u64,
}

/// The time of an event as far as it tells events apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum MomentKey {
    Millis(i64),
    /// A hash of the date.
    Date(u64),
    /// The journal without stamps: the same process in succession.
    Loose,
}

/// The serial number of a line of the journal that names no process, which belongs to the event before it.
pub(crate) const LAST: u64 = u64::MAX;

#[derive(Debug, Default)]
pub(crate) struct Events {
    open: VecDeque<Open>,
    /// Closed ones, whose memory is used again.
    spare: Vec<Open>,
}

#[derive(Debug)]
struct Open {
    key: Key,
    items: Vec<Item>,
    text: Vec<u8>,
    companions: Vec<Companion>,
}

#[derive(Clone, Copy, Debug)]
struct Companion {
    record: Record,
    writing: Writing,
    end: usize,
}

impl Events {
    /// Takes a denial or refusal that waits for its companions.
    pub(crate) fn item(&mut self, key: Key, item: Item, sink: &mut dyn FnMut(Item)) {
        if key.moment == MomentKey::Loose
            && let Some(at) = self.find(key)
            && self.open.get(at).is_some_and(Open::has_syscall)
        {
            // The process was denied once more.
            self.close(at, sink);
        }
        let at = self.find_or_open(key, sink);
        if let Some(open) = self.open.get_mut(at) {
            open.items.push(item);
            if open.items.len() >= MOST_ITEMS {
                self.close(at, sink);
            }
        }
    }

    /// Takes another record of an event.
    pub(crate) fn companion(
        &mut self,
        key: Key,
        record: Record,
        writing: Writing,
        body: &[u8],
        sink: &mut dyn FnMut(Item),
    ) {
        let at = match key.serial {
            LAST => match self
                .open
                .iter()
                .rposition(|open| open.key.moment == MomentKey::Loose && open.key.node == key.node)
            {
                Some(at) => at,
                None => return,
            },
            _ => self.find_or_open(key, sink),
        };
        let Some(open) = self.open.get_mut(at) else { return };
        if open.text.len().saturating_add(body.len()) <= MOST_TEXT {
            open.text.extend_from_slice(body);
            open.companions.push(Companion { record, writing, end: open.text.len() });
        }
        // The kernel writes the command line last. ausearch, in the order of the kernel, writes it first.
        if record == Record::Proctitle && writing == Writing::Raw && open.has_syscall() {
            self.close(at, sink);
        }
    }

    /// The event has no more records.
    pub(crate) fn end(&mut self, key: Key, sink: &mut dyn FnMut(Item)) {
        if let Some(at) = self.find(key) {
            self.close(at, sink);
        }
    }

    /// Ends all events, the oldest first.
    pub(crate) fn end_all(&mut self, sink: &mut dyn FnMut(Item)) {
        while !self.open.is_empty() {
            self.close(0, sink);
        }
    }

    /// The newest ones are the likeliest.
    fn find(&self, key: Key) -> Option<usize> {
        self.open.iter().rposition(|open| open.key == key)
    }

    fn find_or_open(&mut self, key: Key, sink: &mut dyn FnMut(Item)) -> usize {
        if let Some(at) = self.find(key) {
            return at;
        }
        while self.open.len() >= MOST_OPEN || self.open.front().is_some_and(|open| has_ended(open.key, key)) {
            self.close(0, sink);
        }
        let mut open = self.spare.pop().unwrap_or_else(|| Open {
            key,
            items: Vec::new(),
            text: Vec::new(),
            companions: Vec::new(),
        });
        open.key = key;
        self.open.push_back(open);
        self.open.len().saturating_sub(1)
    }

    fn close(&mut self, at: usize, sink: &mut dyn FnMut(Item)) {
        let Some(mut open) = self.open.remove(at) else { return };
        if !open.items.is_empty() {
            let companions = open.joined().map(Arc::new);
            for mut item in open.items.drain(..) {
                match (&mut item, &companions) {
                    (Item::Denial(denial), Some(companions)) => denial.join(companions),
                    (Item::Refusal(refusal), _) => refusal.origin.companions.clone_from(&companions),
                    (Item::Denial(_) | Item::Unreadable(_), _) => {}
                }
                sink(item);
            }
        }
        if self.spare.len() < 4 {
            open.text.clear();
            open.companions.clear();
            self.spare.push(open);
        }
    }
}

/// True if an event of the same node that begins now says that the old one is over.
fn has_ended(old: Key, new: Key) -> bool {
    match (old.moment, new.moment) {
        (MomentKey::Millis(old), MomentKey::Millis(new)) => new.saturating_sub(old) > END_MILLIS,
        _ => false,
    }
}

impl Open {
    fn has_syscall(&self) -> bool {
        self.companions.iter().any(|companion| companion.record == Record::Syscall)
    }

    /// What the companions say.
    fn joined(&self) -> Option<Companions> {
        if self.companions.is_empty() {
            return None;
        }
        let mut joined = Companions::default();
        let mut start = 0;
        for companion in &self.companions {
            let body = self.text.get(start..companion.end).unwrap_or_default();
            start = companion.end;
            let mut fields = Fields::default();
            each_field(body, companion.writing, |field, text| fields.push(field, text));
            match companion.record {
                Record::Syscall => joined.syscall = fields,
                Record::Path | Record::AvcPath => joined.paths.push(fields),
                Record::Cwd => joined.cwd = fields.get(Field::Cwd).cloned(),
                Record::Proctitle => {
                    if let Some(text) = fields.get(Field::Proctitle) {
                        joined.add_proctitle(text);
                    }
                }
                _ => {}
            }
        }
        // ausearch shows them last first.
        joined.paths.sort_by_key(|path| path.number(Field::Item));
        Some(joined)
    }
}

#[cfg(test)]
mod tests {
    use super::{Events, Key, LAST, MOST_OPEN, MomentKey};
    use crate::decode::Writing;
    use crate::denial::{Item, Origin, Refusal, RefusalKind};
    use crate::field::Field;
    use crate::header::Record;

    fn item() -> Item {
        let kind = RefusalKind::BoundedTransition { oldcontext: "a".into(), newcontext: "b".into() };
        Item::Refusal(Box::new(Refusal { kind, origin: Origin::default() }))
    }

    fn key(serial: u64) -> Key {
        Key { node: 0, moment: MomentKey::Millis(5), serial }
    }

    fn exe(item: &Item) -> Option<String> {
        let Item::Refusal(refusal) = item else { panic!("{item:?}") };
        Some(refusal.origin.companions.as_ref()?.syscall.get(Field::Exe)?.to_string())
    }

    #[test]
    fn interleaved_events_are_joined() {
        let mut events = Events::default();
        let mut found = Vec::new();
        let mut sink = |item| found.push(item);
        events.item(key(1), item(), &mut sink);
        events.item(key(2), item(), &mut sink);
        events.item(key(2), item(), &mut sink);
        events.companion(key(1), Record::Syscall, Writing::Raw, b"exe=\"/one\"", &mut sink);
        events.companion(key(2), Record::Syscall, Writing::Raw, b"exe=\"/two\"", &mut sink);
        events.companion(key(2), Record::Proctitle, Writing::Raw, b"proctitle=610062", &mut sink);
        events.companion(key(1), Record::Path, Writing::Raw, b"item=1 name=\"b\"", &mut sink);
        events.companion(key(1), Record::Path, Writing::Raw, b"item=0 name=\"a\"", &mut sink);
        events.end(key(1), &mut sink);
        assert_eq!(found.iter().filter_map(exe).collect::<Vec<_>>(), ["/two", "/two", "/one"]);
        let Item::Refusal(last) = &found[2] else { panic!() };
        let paths = &last.origin.companions.as_ref().unwrap().paths;
        assert_eq!(paths[0].get(Field::Name), Some(&"a".into()));
    }

    #[test]
    fn open_events_are_bounded_and_end_by_time() {
        let mut events = Events::default();
        let mut n_found = 0;
        for serial in 0..1000 {
            events.item(key(serial), item(), &mut |_| n_found += 1);
            events.companion(key(5000 + serial), Record::Syscall, Writing::Raw, b"a", &mut |_| n_found += 1);
        }
        assert_eq!(events.open.len(), MOST_OPEN);
        let later = Key { node: 0, moment: MomentKey::Millis(2006), serial: 1 };
        events.item(later, item(), &mut |_| n_found += 1);
        assert_eq!((events.open.len(), n_found), (1, 1000));
    }

    #[test]
    fn the_journal_is_joined_by_process() {
        let mut events = Events::default();
        let mut found = Vec::new();
        let mut sink = |item| found.push(item);
        let loose = |serial| Key { node: 0, moment: MomentKey::Loose, serial };
        events.item(loose(7), item(), &mut sink);
        events.companion(loose(7), Record::Syscall, Writing::Raw, b"exe=\"/one\"", &mut sink);
        events.companion(loose(LAST), Record::Cwd, Writing::Raw, b"cwd=\"/\"", &mut sink);
        events.item(loose(7), item(), &mut sink);
        events.end_all(&mut sink);
        assert_eq!(found.iter().map(exe).collect::<Vec<_>>(), [Some("/one".into()), None]);
    }
}
