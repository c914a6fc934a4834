//! Which files of a package are kept: those that are wanted, plain, named as files are, and not too large.

use std::collections::HashSet;
use std::io::{self, Read};

use crate::limits::{Bound, Exceeded};
use crate::member::{LONGEST, Member, MemberName, Refusal};
use crate::{Error, Limits};

/// What an archive says that a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Folder,
    Refused(Refusal),
}

/// Gathers the files of a package while its archive is walked.
pub(crate) struct Collector<'w> {
    wanted: &'w mut dyn FnMut(&MemberName) -> bool,
    limits: Limits,
    seen: HashSet<String>,
    n_members: usize,
    name_bytes: u64,
    kept_bytes: u64,
    pub(crate) files: Vec<Member>,
    pub(crate) refused: Vec<(String, Refusal)>,
}

impl<'w> Collector<'w> {
    pub(crate) fn new(limits: &Limits, wanted: &'w mut dyn FnMut(&MemberName) -> bool) -> Self {
        Self {
            wanted,
            limits: *limits,
            seen: HashSet::new(),
            n_members: 0,
            name_bytes: 0,
            kept_bytes: 0,
            files: Vec::new(),
            refused: Vec::new(),
        }
    }

    /// Asks whether a member is wanted; if it is and can be kept, that is its name.
    pub(crate) fn offer(&mut self, raw: &[u8], kind: Kind, size: u64) -> Result<Option<MemberName>, Error> {
        self.n_members = self.n_members.saturating_add(1);
        if self.n_members > self.limits.files {
            return Err(exceeded(Bound::Files, self.limits.files as u64));
        }
        if kind == Kind::Folder {
            return Ok(None);
        }
        let name = match MemberName::new(raw) {
            Ok(name) => name,
            Err(refusal) => {
                // It cannot be asked for: it has no name.
                let shown = raw.get(..LONGEST).unwrap_or(raw);
                self.refuse(String::from_utf8_lossy(shown).into_owned(), refusal)?;
                return Ok(None);
            }
        };
        if name.as_str().is_empty() || !(self.wanted)(&name) {
            return Ok(None);
        }
        let refusal = match kind {
            Kind::Refused(refusal) => Some(refusal),
            _ if self.fits(size).is_err() => Some(Refusal::TooLarge),
            _ if self.seen.contains(name.as_str()) => Some(Refusal::Duplicate),
            _ => None,
        };
        if let Some(refusal) = refusal {
            self.refuse(name.into_string(), refusal)?;
            return Ok(None);
        }
        self.count_name(name.as_str())?;
        self.seen.insert(name.as_str().to_owned());
        Ok(Some(name))
    }

    /// Keeps a file that was offered, of `size` bytes that come next in `input`.
    pub(crate) fn keep(&mut self, name: MemberName, mut input: impl Read, size: u64) -> io::Result<()> {
        let mut bytes = Vec::new();
        input.by_ref().take(size).read_to_end(&mut bytes)?;
        if bytes.len() as u64 != size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.keep_bytes(name, bytes)
    }

    /// Keeps a file that was offered.
    pub(crate) fn keep_bytes(&mut self, name: MemberName, bytes: Vec<u8>) -> io::Result<()> {
        // Hard links give the same bytes to many names.
        self.kept_bytes = self.kept_bytes.saturating_add(bytes.len() as u64);
        if self.kept_bytes > self.limits.total {
            return Err(io::Error::other(Exceeded { bound: Bound::Total, limit: self.limits.total }));
        }
        self.files.push(Member { path: name.into_string(), bytes });
        Ok(())
    }

    /// Keeps the file that was kept last under one more name.
    pub(crate) fn keep_again(&mut self, name: MemberName) -> io::Result<()> {
        let bytes = self.files.last().map(|file| file.bytes.clone()).unwrap_or_default();
        self.keep_bytes(name, bytes)
    }

    /// Whether a file may have that many bytes.
    pub(crate) fn fits(&self, size: u64) -> Result<(), Refusal> {
        if size > self.limits.file { Err(Refusal::TooLarge) } else { Ok(()) }
    }

    /// Names a member among those that are refused.
    pub(crate) fn refuse(&mut self, name: String, refusal: Refusal) -> Result<(), Error> {
        self.count_name(&name)?;
        self.refused.push((name, refusal));
        Ok(())
    }

    fn count_name(&mut self, name: &str) -> Result<(), Error> {
        self.name_bytes = self.name_bytes.saturating_add(name.len() as u64);
        if self.name_bytes > Limits::NAMES {
            return Err(exceeded(Bound::Names, Limits::NAMES));
        }
        Ok(())
    }
}

fn exceeded(bound: Bound, limit: u64) -> Error {
    Exceeded { bound, limit }.into()
}
