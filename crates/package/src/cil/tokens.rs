//! What a text in CIL consists of: parentheses, words and strings, between blanks and comments.

use super::CilError;

/// What a text consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Open,
    Close,
    Word(&'a [u8]),
    /// A string; what is in it does not matter here.
    Text,
}

#[derive(Debug, Clone)]
pub(super) struct Tokens<'a> {
    rest: &'a [u8],
    line: usize,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { rest: text, line: 1 }
    }

    /// The line of the last token.
    pub(super) fn line(&self) -> usize {
        self.line
    }

    /// The next token; none at the end of the text.
    pub(super) fn next(&mut self) -> Result<Option<Token<'a>>, CilError> {
        while let Some((first, after)) = self.rest.split_first() {
            match first {
                b'\n' => {
                    self.line = self.line.saturating_add(1);
                    self.rest = after;
                }
                b' ' | b'\t' | b'\r' => self.rest = after,
                // To the end of the line, which is counted then.
                b';' => {
                    self.take(|byte| byte != b'\n');
                }
                b'(' => {
                    self.rest = after;
                    return Ok(Some(Token::Open));
                }
                b')' => {
                    self.rest = after;
                    return Ok(Some(Token::Close));
                }
                b'"' => {
                    self.rest = after;
                    self.take(|byte| !matches!(byte, b'"' | b'\n'));
                    self.rest = self
                        .rest
                        .strip_prefix(b"\"")
                        .ok_or_else(|| self.error("a string that does not end on its line"))?;
                    return Ok(Some(Token::Text));
                }
                _ => {
                    let ends =
                        |byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'(' | b')' | b'"' | b';');
                    return Ok(Some(Token::Word(self.take(|byte| !ends(byte)))));
                }
            }
        }
        Ok(None)
    }

    /// The next token if it is a word; else nothing is read.
    pub(super) fn word(&mut self) -> Result<Option<&'a [u8]>, CilError> {
        let before = self.clone();
        if let Some(Token::Word(word)) = self.next()? {
            return Ok(Some(word));
        }
        *self = before;
        Ok(None)
    }

    /// The bytes up to the first that is not `wanted`.
    fn take(&mut self, wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let end = self.rest.iter().position(|byte| !wanted(*byte)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, &[]));
        self.rest = rest;
        taken
    }

    /// An error on the line that was read last.
    pub(super) fn error(&self, what: &'static str) -> CilError {
        CilError { line: self.line, what }
    }
}
