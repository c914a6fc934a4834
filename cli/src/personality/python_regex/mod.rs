//! Regular expressions as Python's `re` reads them: `re.compile(text)` and `.search(name)`, on text of Unicode.
//!
//! | module | what it decides |
//! |---|---|
//! | `source` | tokens, positions and messages |
//! | `parser`, `groups`, `flags`, `class`, `escapes` | the syntax, and what is wrong with a text |
//! | `tree` | what an expression means |
//! | `characters` | which characters a class has |
//! | `writer` | the expression as a pattern of the two crates |
//!
//! The reference is Python 3.11 (Debian 12): what it accepts, its messages, and what matches.
//!
//! # Programs
//! An expression without look-around, references, atomic and possessive parts is compiled by the `regex` crate and
//! takes linear time; all others go to `fancy-regex`, which tries one possibility after the other as Python does.
//! Either program is for plain names, of ASCII, as all names in policies are. For an empty name, one that is not
//! ASCII, or one that ends with a line feed (before which `$` matches too), another program of `fancy-regex` is
//! compiled when the first such name is asked about.
//!
//! # Where it differs from Python
//! - A search of one name that goes back more than 100 000 times is given up and counts as no match. Python
//!   would go on, for hours if need be. So does a name that is not plain, if its program would be too large.
//! - Names are at most 10 000 characters: `a{20000}` matches none, and `a{0,20000}` is `a*`.
//! - These are errors here that begin with `unsupported regular expression:` — groups nested more than 250 deep,
//!   or more than about 60 where `fancy-regex` is needed; a condition on the group that it stands in, as in
//!   `(a(?(1)b))`; counts that make the program too large, as in `(?:a{,1000}b?){,1000}`; and
//!   whatever else `fancy-regex` refuses.
//! - Python before 3.11.5, and so Debian 12's, errs about some possessive groups: `(c|(?<!b)t)?+$` is not found in
//!   `a`, and `(ab{1,2}|t){1,2}+t` is found in `abat`. This is not imitated.
//! - Python since 3.11.5 has another message for look-behinds of some thousand million characters.
//! - `\N{…}` is refused as if Python did not know the name.
//! - A number in a condition has digits of ASCII.

mod characters;
mod class;
mod escapes;
mod flags;
mod groups;
mod parser;
mod source;
#[cfg(test)]
mod tests;
mod tree;
mod writer;

use super::python_int::repr;
use characters::Alphabet;
use std::sync::OnceLock;
use tree::Node;
use writer::Dialect;

/// Bytes of a linear program. `\w{1,255}` takes a hundredth of it.
const LINEAR_SIZE_LIMIT: usize = 4 << 20;

/// How often the search of one name may go back.
const BACKTRACK_LIMIT: usize = 100_000;

/// A compiled expression.
#[derive(Debug)]
pub(crate) struct PythonRegex {
    tree: Node,
    plain: Program,
    /// For names that are not plain; `None` if it cannot be compiled.
    odd: OnceLock<Option<fancy_regex::Regex>>,
}

/// What searches plain names.
#[derive(Debug)]
enum Program {
    Linear(regex::bytes::Regex),
    Backtracking(fancy_regex::Regex),
}

impl PythonRegex {
    /// Compiles an expression. Never panics; time and memory are bounded for any text.
    ///
    /// # Errors
    /// Python's message, or one that begins with `unsupported regular expression:`.
    pub(crate) fn compile(pattern: &str) -> Result<Self, String> {
        let tree = parser::parse(pattern)?;
        let plain = if tree.is_regular() {
            Program::Linear(compile_linear(&tree)?)
        } else {
            Program::Backtracking(compile_backtracking(&tree, Alphabet::Ascii)?)
        };
        Ok(PythonRegex { tree, plain, odd: OnceLock::new() })
    }

    /// `re.search(name)`.
    pub(crate) fn is_match(&self, name: &str) -> bool {
        self.search(name).unwrap_or(false)
    }

    /// Whether the expression matches somewhere in a name, or `None` if the search was given up.
    pub(crate) fn search(&self, name: &str) -> Option<bool> {
        if !writer::is_plain(name) {
            let compile = || compile_backtracking(&self.tree, Alphabet::Unicode).ok();
            return self.odd.get_or_init(compile).as_ref()?.is_match(name).ok();
        }
        match &self.plain {
            Program::Linear(regex) => Some(regex.is_match(name.as_bytes())),
            Program::Backtracking(regex) => regex.is_match(name).ok(),
        }
    }
}

/// A message about what this program does not do and Python does.
fn unsupported(why: &str) -> String {
    format!("unsupported regular expression: {why}")
}

fn compile_linear(tree: &Node) -> Result<regex::bytes::Regex, String> {
    let pattern = writer::write(tree, Dialect::Linear).map_err(unsupported)?;
    regex::bytes::RegexBuilder::new(&pattern)
        .unicode(false)
        .nest_limit(4096)
        .size_limit(LINEAR_SIZE_LIMIT)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => unsupported(writer::TOO_LARGE),
            other => unsupported(&last_line(&other)),
        })
}

fn compile_backtracking(tree: &Node, alphabet: Alphabet) -> Result<fancy_regex::Regex, String> {
    use fancy_regex::{CompileError, Error, ParseError, RegexBuilder};
    let pattern = writer::write(tree, Dialect::Backtracking(alphabet)).map_err(unsupported)?;
    RegexBuilder::new(&pattern).backtrack_limit(BACKTRACK_LIMIT).build().map_err(|error| match error {
        Error::ParseError(_, ParseError::RecursionExceeded) => unsupported("it is nested too deep"),
        Error::CompileError(CompileError::InnerError(_)) => unsupported(writer::TOO_LARGE),
        // Positions in what we have written would mislead.
        Error::ParseError(_, error) => unsupported(&last_line(&error)),
        other => unsupported(&last_line(&other)),
    })
}

/// The last line of a message, which says what is wrong.
fn last_line(error: &impl std::fmt::Display) -> String {
    let message = error.to_string();
    message.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}
