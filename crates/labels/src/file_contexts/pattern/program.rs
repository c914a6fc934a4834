//! A compiled expression: compiling and matching have bounds, whatever the expression is.

use std::sync::atomic::{AtomicBool, Ordering};

use super::translate::{Engine, translate};

/// The memory that one compiled expression may take; those of policies take a few kilobytes.
const SIZE_LIMIT: usize = 1 << 18;
/// The steps back that one path may cost.
const BACKTRACK_LIMIT: usize = 100_000;

/// An expression, compiled, or why it could not be.
#[derive(Debug)]
pub(in super::super) enum Program {
    Linear(regex::bytes::Regex),
    Backtracking { regex: Box<fancy_regex::Regex>, gave_up: AtomicBool },
    Refused(String),
}

impl Program {
    /// Compiles the expression of a line. Never panics.
    pub(in super::super) fn compile(regex: &[u8]) -> Self {
        match translate(regex) {
            Ok((Engine::Linear, text)) => {
                let built = regex::bytes::RegexBuilder::new(&text)
                    .unicode(false)
                    .dot_matches_new_line(true)
                    .size_limit(SIZE_LIMIT)
                    .dfa_size_limit(SIZE_LIMIT)
                    .build();
                match built {
                    Ok(regex) => Self::Linear(regex),
                    Err(regex::Error::CompiledTooBig(_)) => Self::too_large(),
                    Err(error) => Self::Refused(last_line(&error.to_string())),
                }
            }
            Ok((Engine::Backtracking, text)) => {
                let built = fancy_regex::RegexBuilder::new(&format!("(?s){text}"))
                    .backtrack_limit(BACKTRACK_LIMIT)
                    .delegate_size_limit(SIZE_LIMIT)
                    .delegate_dfa_size_limit(SIZE_LIMIT)
                    .build();
                match built {
                    Ok(regex) => {
                        Self::Backtracking { regex: Box::new(regex), gave_up: AtomicBool::new(false) }
                    }
                    Err(error) => Self::Refused(last_line(&error.to_string())),
                }
            }
            Err(error) => Self::Refused(error.to_string()),
        }
    }

    /// Does the path match; no, if that took too many steps.
    pub(in super::super) fn is_match(&self, path: &[u8]) -> bool {
        match self {
            Self::Linear(regex) => regex.is_match(path),
            Self::Backtracking { regex, gave_up } => {
                let latin1: String = path.iter().copied().map(char::from).collect();
                regex.is_match(&latin1).unwrap_or_else(|_| {
                    gave_up.store(true, Ordering::Relaxed);
                    false
                })
            }
            Self::Refused(_) => false,
        }
    }

    /// Why a look-up could not use it, if that was so.
    pub(in super::super) fn refusal(&self) -> Option<String> {
        match self {
            Self::Linear(_) => None,
            Self::Backtracking { gave_up, .. } => gave_up
                .load(Ordering::Relaxed)
                .then(|| "it takes too many steps to compare with some path".to_owned()),
            Self::Refused(why) => Some(why.clone()),
        }
    }

    fn too_large() -> Self {
        Self::Refused("it is too large once its repetitions are written out".to_owned())
    }
}

/// The engines draw a picture of the place; the last line says what is wrong.
fn last_line(message: &str) -> String {
    message.lines().last().unwrap_or(message).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::Program;

    fn matches(regex: &str, path: &[u8]) -> bool {
        Program::compile(regex.as_bytes()).is_match(path)
    }

    #[test]
    fn the_anchors_are_those_of_pcre() {
        assert!(matches("/a", b"/a"));
        assert!(matches("/a", b"/a\n"));
        assert!(!matches("/a", b"/a\n\n"));
        assert!(!matches("/a", b"/a\n/b"));
        assert!(matches("/a|b", b"/ab/c"), "the first alternative has no end");
        assert!(matches("/a|b", b"/x/b"), "the last one has no beginning");
        assert!(matches("/a.b", b"/a\nb"));
        assert!(matches("/a$|/b", b"/a\n"));
        assert!(!matches("/a$|/b", b"/a\n\n"));
    }

    #[test]
    fn bytes_are_bytes() {
        assert!(matches("/.", b"/\xff"));
        assert!(!matches("/.", "/é".as_bytes()));
        assert!(matches("/..", "/é".as_bytes()));
        assert!(matches("/(?=..)[^a]+", "/é".as_bytes()));
        assert!(matches(r"/\xe9", b"/\xe9"));
        assert!(!matches(r"/\w", b"/\xe9"));
        assert!(!matches(r"/a(?=.)\b.", b"/ab"));
        assert!(matches(r"/a(?=.)\b.", b"/a\xe9"));
    }

    #[test]
    fn what_explodes_is_refused_or_given_up() {
        let large = Program::compile(b"/((a{1,500}){1,500}){1,500}");
        assert!(!large.is_match(b"/a"));
        assert!(large.refusal().is_some_and(|why| why.contains("too large")));
        let slow = Program::compile(br"/(?=.)(a|aa)+\1\1\1\1b");
        assert_eq!(slow.refusal(), None);
        assert!(!slow.is_match(&[b"/".as_slice(), &[b'a'; 60]].concat()));
        assert!(slow.refusal().is_some_and(|why| why.contains("too many steps")));
    }
}
