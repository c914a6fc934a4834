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
//! # Two programs
//! Names in policies are ASCII. An expression without look-around, references, atomic and possessive parts is
//! compiled for such names by the `regex` crate and takes linear time. All others, and all names that are empty,
//! not ASCII, or end with a line feed (before which `$` matches too), go to `fancy-regex`, which tries one
//! possibility after the other as Python does.
//!
//! # Where it differs from Python
//! - A search of one name that goes back more than 100 000 times is given up and counts as no match. Python
//!   would go on, for hours if need be.
//! - These are errors here that begin with `unsupported regular expression:` — groups nested more than 250 deep,
//!   or more than about 60 where `fancy-regex` is needed; a condition on the group that it stands in, as in
//!   `(a(?(1)b))`; counts that make the program too large, as in `(?:a{1000}){1000}`; and whatever else
//!   `fancy-regex` refuses.
//! - `\N{…}` is refused as if Python did not know the name.
//! - A number in a condition has digits of ASCII.

mod characters;
mod class;
mod escapes;
mod flags;
mod groups;
mod parser;
mod source;
mod tree;
mod writer;

use super::python_int::repr;
use std::sync::OnceLock;
use tree::Node;
use writer::Dialect;

/// Bytes of a linear program. `\w{1,255}` takes a hundredth of it.
const LINEAR_SIZE_LIMIT: usize = 4 << 20;

/// What a backtracking program may cost.
const COST_LIMIT: u64 = 100_000;

/// How often the search of one name may go back.
const BACKTRACK_LIMIT: usize = 100_000;

/// A compiled expression.
#[derive(Debug)]
pub(crate) struct PythonRegex {
    tree: Node,
    linear: Option<regex::bytes::Regex>,
    /// `None` if it cannot be compiled.
    backtracking: OnceLock<Option<fancy_regex::Regex>>,
}

impl PythonRegex {
    /// Compiles an expression. Never panics; time and memory are bounded for any text.
    ///
    /// # Errors
    /// Python's message, or one that begins with `unsupported regular expression:`.
    pub(crate) fn compile(pattern: &str) -> Result<Self, String> {
        let tree = parser::parse(pattern)?;
        let (mut linear, backtracking) = (None, OnceLock::new());
        if tree.is_regular() {
            linear = Some(compile_linear(&tree)?);
        } else {
            let _ = backtracking.set(Some(compile_backtracking(&tree)?));
        }
        Ok(PythonRegex { tree, linear, backtracking })
    }

    /// `re.search(name)`.
    pub(crate) fn is_match(&self, name: &str) -> bool {
        let is_plain = name.is_ascii() && !name.is_empty() && !name.ends_with('\n');
        if let Some(linear) = &self.linear
            && is_plain
        {
            return linear.is_match(name.as_bytes());
        }
        let regex = self.backtracking.get_or_init(|| compile_backtracking(&self.tree).ok());
        regex.as_ref().is_some_and(|regex| regex.is_match(name).unwrap_or(false))
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
            regex::Error::CompiledTooBig(_) => too_large(),
            other => unsupported(&one_line(&other.to_string())),
        })
}

fn compile_backtracking(tree: &Node) -> Result<fancy_regex::Regex, String> {
    if writer::cost(tree) > COST_LIMIT {
        return Err(too_large());
    }
    let pattern = writer::write(tree, Dialect::Backtracking).map_err(unsupported)?;
    fancy_regex::RegexBuilder::new(&pattern)
        .backtrack_limit(BACKTRACK_LIMIT)
        .build()
        .map_err(|error| unsupported(&one_line(&error.to_string())))
}

fn too_large() -> String {
    unsupported("it is too large once its counts are written out")
}

/// The last line of a message, which says what is wrong.
fn one_line(message: &str) -> String {
    message.lines().last().unwrap_or(message).trim_start_matches("error: ").to_owned()
}
