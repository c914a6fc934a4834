//! Rules as statements of policy language.
//!
//! Permissions are sorted by name and stand in braces if there are several; extended permissions are
//! maximal ranges. What follows the semicolon (the condition) is the caller's.

use std::io::Write;

use policydb::{AvRule, Name, Xperms};

use crate::{Rule, Store, TypeName};

/// How the file name of a transition is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileNames {
    /// In double quotes, as policy language has them; control characters escaped.
    Quoted,
    /// As it stands in the policy.
    Bare,
}

/// Appends the statement of a rule, up to and with the semicolon. With [`FileNames::Quoted`] every name
/// is escaped so that it cannot drive a terminal; with [`FileNames::Bare`] the bytes are the policy's.
pub fn write_statement(store: &Store<'_>, rule: &Rule<'_>, names: FileNames, out: &mut Vec<u8>) {
    out.extend(rule.kind().keyword().as_bytes());
    out.push(b' ');
    write_type(store.type_name(rule.source()), names, out);
    out.push(b' ');
    write_type(store.type_name(rule.target()), names, out);
    out.push(b':');
    write_name(store.class_name(rule.class()), names, out);
    out.push(b' ');
    match rule {
        Rule::Av { xperms: Some(xperms), .. } => write_xperms(*xperms, out),
        Rule::Av { rule, .. } => match rule.default_type() {
            Some(default) => write_type(store.type_name(default), names, out),
            None => write_permissions(store, *rule, names, out),
        },
        Rule::Filename(rule) => {
            write_type(store.type_name(rule.default), names, out);
            out.push(b' ');
            match names {
                FileNames::Bare => out.extend(rule.name.as_bytes()),
                FileNames::Quoted => {
                    // Writing to a vector does not fail.
                    let _ = write!(out, "\"{}\"", rule.name);
                }
            }
        }
    }
    out.push(b';');
}

fn write_type(name: TypeName<'_>, names: FileNames, out: &mut Vec<u8>) {
    if names == FileNames::Bare || name.is_plain() {
        out.extend_from_slice(&name.bytes());
    } else {
        let _ = write!(out, "{name}");
    }
}

fn write_name(name: Name<'_>, names: FileNames, out: &mut Vec<u8>) {
    if names == FileNames::Bare || name.is_plain() {
        out.extend_from_slice(name.as_bytes());
    } else {
        let _ = write!(out, "{name}");
    }
}

fn write_permissions(store: &Store<'_>, rule: AvRule, names: FileNames, out: &mut Vec<u8>) {
    let vector = rule.permissions();
    let defined = store.permissions(rule.class());
    let granted = || defined.iter().filter(|permission| vector >> permission.bit & 1 == 1);
    let single = granted().count() == 1;
    if !single {
        out.extend(b"{ ");
    }
    for permission in granted() {
        write_name(permission.name, names, out);
        if !single {
            out.push(b' ');
        }
    }
    if !single {
        out.push(b'}');
    }
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
