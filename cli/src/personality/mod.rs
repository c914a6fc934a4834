//! The drop-ins: called by the name of a SETools program, sepolq takes its arguments and prints its bytes.
//! The reference is SETools 4.4.1, faults included; an odd line says `COMPAT(setools)`.

mod argparse;
mod avtab_order;
mod conditional_text;
mod paths;
mod python_int;
mod python_ip;
mod python_regex;
mod rule_text;
mod sediff;
mod sedta;
mod seinfo;
mod seinfoflow;
mod sesearch;
mod setools;

pub(crate) use sediff::complete;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

/// A SETools program that sepolq can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Personality {
    Sesearch,
    Seinfo,
    Sediff,
    Sedta,
    Seinfoflow,
}

/// The personality that the program was called as, by a link of that name or by its first word, and the
/// arguments that are left.
pub(crate) fn called(arguments: &[OsString]) -> Option<(Personality, &[OsString])> {
    let (program, rest) = arguments.split_first()?;
    let named = |name: &OsString| match Path::new(name).file_name()?.to_str()? {
        "sesearch" => Some(Personality::Sesearch),
        "seinfo" => Some(Personality::Seinfo),
        "sediff" => Some(Personality::Sediff),
        "sedta" => Some(Personality::Sedta),
        "seinfoflow" => Some(Personality::Seinfoflow),
        _ => None,
    };
    if let Some(personality) = named(program) {
        return Some((personality, rest));
    }
    let (first, rest) = rest.split_first()?;
    Some((named(first).filter(|_| Path::new(first).components().count() == 1)?, rest))
}

impl Personality {
    /// Runs the program.
    pub(crate) fn run(self, arguments: &[OsString]) -> ExitCode {
        match self {
            Personality::Sesearch => sesearch::run(arguments),
            Personality::Seinfo => seinfo::run(arguments),
            Personality::Sediff => sediff::run(arguments),
            Personality::Sedta => sedta::run(arguments),
            Personality::Seinfoflow => seinfoflow::run(arguments),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_link_or_by_first_word() {
        let called_as = |words: &[&str]| {
            let words: Vec<OsString> = words.iter().map(OsString::from).collect();
            called(&words).map(|(personality, rest)| (personality, rest.len()))
        };
        assert_eq!(called_as(&["/usr/bin/sesearch", "-A"]), Some((Personality::Sesearch, 1)));
        assert_eq!(called_as(&["sepolq", "sesearch", "-A"]), Some((Personality::Sesearch, 1)));
        assert_eq!(called_as(&["sepolq", "seinfo"]), Some((Personality::Seinfo, 0)));
        assert_eq!(called_as(&["sepolq", "allow"]), None);
        assert_eq!(called_as(&["sepolq", "./sesearch"]), None);
        assert_eq!(called_as(&[]), None);
    }
}
