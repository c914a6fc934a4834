//! Regular expressions as Python's `re` reads them.

use regex::Regex;

/// A compiled expression.
#[derive(Debug)]
pub(crate) struct PythonRegex(Regex);

impl PythonRegex {
    /// Compiles an expression.
    ///
    /// # Errors
    /// Python's message.
    pub(crate) fn compile(pattern: &str) -> Result<Self, String> {
        Regex::new(pattern).map(PythonRegex).map_err(|error| error.to_string())
    }

    /// `re.search(name)`.
    pub(crate) fn is_match(&self, name: &str) -> bool {
        self.0.is_match(name)
    }
}
