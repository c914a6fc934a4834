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

/// The message of a line of `journalctl -o json-pretty`: `"MESSAGE" : "…",`.
pub(crate) fn pretty_message(line: &[u8]) -> Option<String> {
    let rest =
        line.trim_ascii().strip_prefix(b"\"MESSAGE\"")?.trim_ascii_start().strip_prefix(b":")?.trim_ascii();
    serde_json::from_slice(rest.strip_suffix(b",").unwrap_or(rest)).ok()
}

#[cfg(test)]
mod tests {
    use super::{Entry, pretty_message};
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
        assert_eq!(pretty_message(br#"   "MESSAGE" : "avc: \"x\"","#).as_deref(), Some("avc: \"x\""));
        assert_eq!(pretty_message(b"\"MESSAGE\" : [1,"), None);
    }
}
