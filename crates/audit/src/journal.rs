//! One entry of systemd's journal as JSON (`journalctl -o json`, one object a line): the message, and what its fields say
//! about it (systemd.journal-fields(7)). journald gives the audit record's type, serial number and time in fields of their
//! own, and takes them out of the message.

use crate::decode::Writing;
use crate::header::{Header, Record};
use crate::stamp::{Moment, Stamp, decimal};
use serde::Deserialize;
use std::borrow::Cow;

/// The fields that matter, as journald names them.
#[derive(Debug, Deserialize)]
pub(crate) struct Entry<'a> {
    #[serde(rename = "MESSAGE", borrow, default)]
    message: Option<Message<'a>>,
    #[serde(rename = "_AUDIT_TYPE_NAME", borrow, default)]
    type_name: Option<Cow<'a, str>>,
    #[serde(rename = "_AUDIT_ID", borrow, default)]
    id: Option<Cow<'a, str>>,
    #[serde(rename = "_SOURCE_REALTIME_TIMESTAMP", borrow, default)]
    source_time: Option<Cow<'a, str>>,
    #[serde(rename = "__REALTIME_TIMESTAMP", borrow, default)]
    time: Option<Cow<'a, str>>,
    #[serde(rename = "_HOSTNAME", borrow, default)]
    host: Option<Cow<'a, str>>,
    #[serde(rename = "SYSLOG_IDENTIFIER", borrow, default)]
    program: Option<Cow<'a, str>>,
}

/// A message is text, or bytes where it holds what is not printable, or nothing if it was too long.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Message<'a> {
    Text(#[serde(borrow)] Cow<'a, str>),
    Bytes(Vec<u8>),
    Other(serde::de::IgnoredAny),
}

impl<'a> Entry<'a> {
    /// Reads a line; nothing for one that is no such object.
    pub(crate) fn read(line: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(line).ok()
    }

    pub(crate) fn message(&self) -> Option<&[u8]> {
        match self.message.as_ref()? {
            Message::Text(text) => Some(text.as_bytes()),
            Message::Bytes(bytes) => Some(bytes),
            Message::Other(_) => None,
        }
    }

    /// What the fields say of the record.
    pub(crate) fn header(&self) -> Header<'_> {
        let micros = self.source_time.as_ref().or(self.time.as_ref());
        let moment = micros.and_then(|text| decimal(text.as_bytes())).and_then(|micros| {
            let seconds = i64::try_from(micros / 1_000_000).ok()?;
            Some(Moment::Epoch { seconds, millis: u16::try_from(micros / 1000 % 1000).ok()? })
        });
        let serial = self.id.as_ref().and_then(|id| decimal(id.as_bytes()));
        Header {
            record: self.type_name.as_ref().map(|name| Record::by_name(name.as_bytes())),
            node: self.host.as_ref().map(|host| host.as_bytes()),
            stamp: Some(Stamp { moment, serial, writing: Writing::Raw }),
            date: None,
            program: self.program.as_ref().map(|program| program.as_bytes()),
            program_pid: None,
        }
    }
}

/// The entries of a line that is an array of them, as `jq -s` makes it.
pub(crate) fn entries(line: &[u8]) -> Option<Vec<Entry<'_>>> {
    serde_json::from_slice(line).ok()
}

/// What a line of `journalctl -o json-pretty` has of a message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Pretty {
    /// All of it: `"MESSAGE" : "…",`.
    Whole(Vec<u8>),
    /// The start of its bytes, of which more follow in the next lines: `"MESSAGE" : [`.
    Begun(Vec<u8>),
}

/// The message of a line of `journalctl -o json-pretty`.
pub(crate) fn pretty_message(line: &[u8]) -> Option<Pretty> {
    let rest =
        line.trim_ascii().strip_prefix(b"\"MESSAGE\"")?.trim_ascii_start().strip_prefix(b":")?.trim_ascii();
    if let Some(numbers) = rest.strip_prefix(b"[") {
        let mut bytes = Vec::new();
        return match more_bytes(numbers, &mut bytes)? {
            true => Some(Pretty::Whole(bytes)),
            false => Some(Pretty::Begun(bytes)),
        };
    }
    let text: String = serde_json::from_slice(rest.strip_suffix(b",").unwrap_or(rest)).ok()?;
    Some(Pretty::Whole(text.into_bytes()))
}

/// Takes the bytes of a line that goes on with a message: whether it ends there, or nothing if the line is none of it.
pub(crate) fn more_bytes(line: &[u8], bytes: &mut Vec<u8>) -> Option<bool> {
    let (numbers, ends) = match memchr::memchr(b']', line) {
        Some(end) => (line.get(..end)?, true),
        None => (line, false),
    };
    for number in numbers.split(|&byte| byte == b',').map(<[u8]>::trim_ascii).filter(|word| !word.is_empty())
    {
        bytes.push(u8::try_from(decimal(number)?).ok()?);
    }
    Some(ends)
}

#[cfg(test)]
mod tests {
    use super::{Entry, Pretty, entries, more_bytes, pretty_message};
    use crate::header::Record;
    use crate::stamp::Moment;

    #[test]
    fn entries_are_read() {
        let line = br#"{"MESSAGE":"AVC avc:  denied  { read } for comm=\"x\"","_AUDIT_TYPE_NAME":"AVC","_AUDIT_ID":"12","_SOURCE_REALTIME_TIMESTAMP":"1700000000123000","_HOSTNAME":"web1","_PID":"4","OTHER":[["x"]]}"#;
        let entry = Entry::read(line).unwrap();
        assert_eq!(entry.message(), Some(&b"AVC avc:  denied  { read } for comm=\"x\""[..]));
        let header = entry.header();
        assert_eq!((header.record, header.node), (Some(Record::Avc), Some(&b"web1"[..])));
        assert_eq!(header.moment(), Some(Moment::Epoch { seconds: 1_700_000_000, millis: 123 }));
        assert_eq!(header.stamp.unwrap().serial, Some(12));
        let bytes = br#"{"MESSAGE":[97,118,99,10,255]}"#;
        assert_eq!(Entry::read(bytes).unwrap().message(), Some(&b"avc\n\xff"[..]));
        assert_eq!(Entry::read(br#"{"MESSAGE":null}"#).unwrap().message(), None);
        assert_eq!(Entry::read(br#"{"MESSAGE":{"a":1}}"#).unwrap().message(), None);
        assert!(Entry::read(b"{ read } for").is_none());
        assert_eq!(entries(br#"[{"MESSAGE":"a"},{"MESSAGE": [98]}]"#).unwrap().len(), 2);
    }

    #[test]
    fn pretty_messages_stand_in_one_line_or_many() {
        let whole = |line: &[u8]| pretty_message(line);
        let text = whole(br#"   "MESSAGE" : "avc: \"x\"","#);
        assert_eq!(text, Some(Pretty::Whole(b"avc: \"x\"".to_vec())));
        assert_eq!(whole(b"\"MESSAGE\": [ 97, 98 ],"), Some(Pretty::Whole(b"ab".to_vec())));
        assert_eq!(whole(b"\t\"MESSAGE\" : ["), Some(Pretty::Begun(Vec::new())));
        assert_eq!(whole(b"\"MESSAGE\" : [1,"), Some(Pretty::Begun(vec![1])));
        assert_eq!(whole(b"\"MESSAGE\" : [256,"), None);
        assert_eq!(whole(b"\"MESSAGE\" : null"), None);
        let mut bytes = Vec::new();
        assert_eq!(more_bytes(b"\t\t97,", &mut bytes), Some(false));
        assert_eq!(more_bytes(b"\t\t98 ],", &mut bytes), Some(true));
        assert_eq!((bytes.as_slice(), more_bytes(b"\"X\" : 1", &mut Vec::new())), (&b"ab"[..], None));
    }
}
