//! Rules as statements of policy language.
//!
//! Permissions are sorted by name and stand in braces if there are several; extended permissions are
//! maximal ranges. What follows the semicolon (the condition) is the caller's.

use std::collections::HashMap;
use std::io::Write;
use std::ops::Range;

use policydb::{ClassId, Name, Xperms};

use crate::level::write_range;
use crate::{Rule, Store, TypeName};

/// Shown for an id without a name, which no compiler writes.
pub(crate) const UNNAMED: Name<'_> = Name::new(b"<unnamed>");

/// How the file name of a transition is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileNames {
    /// In double quotes, as policy language has them; control characters escaped.
    Quoted,
    /// As it stands in the policy.
    Bare,
}

/// A class's permission set, and its text.
type RecentSet = ((ClassId, u32), Range<usize>);

/// Writes statements. It remembers permission sets, of which a policy has few and its rules many.
#[derive(Debug)]
pub struct StatementWriter<'s, 'p> {
    store: &'s Store<'p>,
    names: FileNames,
    /// The text of a class's permission set: a range of `texts`. The keys are numbers out of the policy,
    /// hence the standard library's keyed hasher.
    permission_sets: HashMap<(ClassId, u32), Range<usize>>,
    texts: Vec<u8>,
    /// Those used last, by [`recent_slot`].
    recent: Vec<Option<RecentSet>>,
}

impl<'s, 'p> StatementWriter<'s, 'p> {
    /// A writer for the rules of a store. With [`FileNames::Quoted`] every name is escaped so that it
    /// cannot drive a terminal; with [`FileNames::Bare`] the bytes are the policy's.
    pub fn new(store: &'s Store<'p>, names: FileNames) -> Self {
        StatementWriter {
            store,
            names,
            permission_sets: HashMap::new(),
            texts: Vec::new(),
            recent: vec![None; 256],
        }
    }

    /// Appends the statement of a rule, up to and with the semicolon.
    pub fn write(&mut self, rule: &Rule<'_>, out: &mut Vec<u8>) {
        let (store, names) = (self.store, self.names);
        let policy = store.policy();
        let role = |id, out: &mut Vec<u8>| write_name(policy.role_name(id).unwrap_or(UNNAMED), names, out);
        out.extend(rule.kind().keyword().as_bytes());
        out.push(b' ');
        match rule {
            Rule::RoleAllow(rule) => {
                role(rule.source, out);
                out.push(b' ');
                role(rule.target, out);
            }
            Rule::RoleTransition(transition) => {
                role(transition.role, out);
                self.write_target(rule, out);
                role(transition.new_role, out);
            }
            Rule::RangeTransition(transition) => {
                write_type(store.type_name(transition.source), names, out);
                self.write_target(rule, out);
                write_range(policy, transition.range, names, out);
            }
            Rule::Av { rule: av, xperms, .. } => {
                write_type(store.type_name(av.source()), names, out);
                self.write_target(rule, out);
                match (xperms, av.default_type()) {
                    (Some(xperms), _) => write_xperms(*xperms, out),
                    (None, Some(default)) => write_type(store.type_name(default), names, out),
                    (None, None) => out.extend(self.permission_set(av.class(), av.permissions())),
                }
            }
            Rule::Filename(transition) => {
                write_type(store.type_name(transition.source), names, out);
                self.write_target(rule, out);
                write_type(store.type_name(transition.default), names, out);
                out.push(b' ');
                match names {
                    FileNames::Bare => out.extend(transition.name.as_bytes()),
                    FileNames::Quoted => write_quoted(transition.name, out),
                }
            }
        }
        out.push(b';');
    }

    /// ` target:class ` of a rule whose target is a type.
    fn write_target(&self, rule: &Rule<'_>, out: &mut Vec<u8>) {
        out.push(b' ');
        if let Some(target) = rule.target_type() {
            write_type(self.store.type_name(target), self.names, out);
        }
        out.push(b':');
        let class = rule.class(self.store).map_or(UNNAMED, |class| self.store.class_name(class));
        write_name(class, self.names, out);
        out.push(b' ');
    }

    /// The text of the permissions that an access vector has, of those that the class defines.
    fn permission_set(&mut self, class: ClassId, vector: u32) -> &[u8] {
        let slot = recent_slot(class, vector);
        if let Some(Some((known, range))) = self.recent.get(slot)
            && *known == (class, vector)
        {
            return self.texts.get(range.clone()).unwrap_or_default();
        }
        let StatementWriter { store, names, permission_sets, texts, recent } = self;
        let range = permission_sets.entry((class, vector)).or_insert_with(|| {
            let start = texts.len();
            let granted = || store.permissions(class).iter().filter(|p| vector >> p.bit & 1 == 1);
            let single = granted().count() == 1;
            if !single {
                texts.extend(b"{ ");
            }
            for permission in granted() {
                write_name(permission.name, *names, texts);
                if !single {
                    texts.push(b' ');
                }
            }
            if !single {
                texts.push(b'}');
            }
            start..texts.len()
        });
        if let Some(slot) = recent.get_mut(slot) {
            *slot = Some(((class, vector), range.clone()));
        }
        texts.get(range.clone()).unwrap_or_default()
    }
}

/// Where the text of a permission set is remembered without hashing by key: rules of a policy use few sets again and
/// again. Sets that share a slot are found in the map.
fn recent_slot(class: ClassId, vector: u32) -> usize {
    let mixed = (vector ^ class.value().rotate_left(16)).wrapping_mul(0x9e37_79b1);
    (mixed >> 24) as usize
}

#[inline]
pub(crate) fn write_type(name: TypeName<'_>, names: FileNames, out: &mut Vec<u8>) {
    if names == FileNames::Bare || name.is_plain() {
        out.extend_from_slice(&name.bytes());
    } else {
        write_quoted(Name::new(&name.bytes()), out);
    }
}

pub(crate) fn write_name(name: Name<'_>, names: FileNames, out: &mut Vec<u8>) {
    if names == FileNames::Bare || name.is_plain() {
        out.extend_from_slice(name.as_bytes());
    } else {
        // A name with blanks could pass for several words of a statement.
        write_quoted(name, out);
    }
}

/// A name as native output shows it: as it is if it is plain, else in double quotes.
pub(crate) fn quoted_text(name: Name<'_>) -> String {
    let mut text = Vec::new();
    write_name(name, FileNames::Quoted, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// The name in double quotes, as policy language has it. A quote within, which policy language cannot
/// write, has a backslash before it.
fn write_quoted(name: Name<'_>, out: &mut Vec<u8>) {
    out.push(b'"');
    for (i, part) in name.as_bytes().split(|&b| b == b'"').enumerate() {
        if i > 0 {
            out.extend(b"\\\"");
        }
        // Writing to a vector does not fail.
        let _ = write!(out, "{}", Name::new(part));
    }
    out.push(b'"');
}

fn write_xperms(xperms: Xperms<'_>, out: &mut Vec<u8>) {
    let ranges = xperms.ranges();
    out.extend(xperms.operation().as_bytes());
    out.push(b' ');
    let single = ranges.len() == 1;
    if !single {
        out.extend(b"{ ");
    }
    for (low, high) in ranges {
        let _ = if low == high { write!(out, "{low:#06x}") } else { write!(out, "{low:#06x}-{high:#06x}") };
        if !single {
            out.push(b' ');
        }
    }
    if !single {
        out.push(b'}');
    }
}
