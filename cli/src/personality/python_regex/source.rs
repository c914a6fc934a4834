//! The text of an expression, read character by character as Python's `re` reads it: a backslash and the
//! character after it are one token, positions count characters, and messages name a position.
//!
//! The reference is Python 3.11, `re/_parser.py` (`Tokenizer`) and `re/_constants.py` (`error`).

use std::fmt;

/// A character, or a character with a backslash before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Plain(char),
    Escaped(char),
}

impl Token {
    /// In characters.
    pub(super) fn length(self) -> usize {
        match self {
            Token::Plain(_) => 1,
            Token::Escaped(_) => 2,
        }
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Token::Plain(c) => write!(f, "{c}"),
            Token::Escaped(c) => write!(f, "\\{c}"),
        }
    }
}

/// The text and how far it is read. The next token is read ahead, so that a backslash at the very end is an
/// error as soon as the token before it is taken.
#[derive(Debug)]
pub(super) struct Source {
    characters: Vec<char>,
    /// Behind the next token.
    index: usize,
    next: Option<Token>,
}

impl Source {
    pub(super) fn new(text: &str) -> Result<Self, String> {
        let mut source = Source { characters: text.chars().collect(), index: 0, next: None };
        source.read_ahead()?;
        Ok(source)
    }

    fn read_ahead(&mut self) -> Result<(), String> {
        let Some(&c) = self.characters.get(self.index) else {
            self.next = None;
            return Ok(());
        };
        if c != '\\' {
            self.index += 1;
            self.next = Some(Token::Plain(c));
            return Ok(());
        }
        let Some(&escaped) = self.characters.get(self.index + 1) else {
            return Err(self.error_at("bad escape (end of pattern)", self.index));
        };
        self.index += 2;
        self.next = Some(Token::Escaped(escaped));
        Ok(())
    }

    /// The next token, which stays.
    pub(super) fn peek(&self) -> Option<Token> {
        self.next
    }

    /// The next token, which is taken.
    pub(super) fn take(&mut self) -> Result<Option<Token>, String> {
        let token = self.next;
        self.read_ahead()?;
        Ok(token)
    }

    /// Takes the next token if it is this character.
    pub(super) fn take_if(&mut self, c: char) -> Result<bool, String> {
        if self.next != Some(Token::Plain(c)) {
            return Ok(false);
        }
        self.read_ahead()?;
        Ok(true)
    }

    /// Takes at most `n` characters of a kind, and adds them to `text`.
    pub(super) fn take_while(
        &mut self,
        n: usize,
        kind: fn(&char) -> bool,
        text: &mut String,
    ) -> Result<(), String> {
        for _ in 0..n {
            let Some(Token::Plain(c)) = self.next else { break };
            if !kind(&c) {
                break;
            }
            text.push(c);
            self.read_ahead()?;
        }
        Ok(())
    }

    /// Takes what stands before `terminator`, and the terminator; `name` says in messages what it is.
    pub(super) fn take_until(&mut self, terminator: char, name: &str) -> Result<String, String> {
        let mut text = String::new();
        loop {
            let Some(token) = self.take()? else {
                return Err(if text.is_empty() {
                    self.error(&format!("missing {name}"), 0)
                } else {
                    self.error(&format!("missing {terminator}, unterminated name"), text.chars().count())
                });
            };
            if token == Token::Plain(terminator) {
                return if text.is_empty() {
                    Err(self.error(&format!("missing {name}"), 1))
                } else {
                    Ok(text)
                };
            }
            text.push_str(&token.to_string());
        }
    }

    /// Where the next token begins.
    pub(super) fn position(&self) -> usize {
        self.index - self.next.map_or(0, Token::length)
    }

    /// Reads again from a position.
    pub(super) fn seek(&mut self, position: usize) -> Result<(), String> {
        self.index = position;
        self.read_ahead()
    }

    /// A message about what stands `back` characters before the next token.
    pub(super) fn error(&self, message: &str, back: usize) -> String {
        self.error_at(message, self.position().saturating_sub(back))
    }

    /// A message about a position; in an expression of several lines the line and column are named too.
    pub(super) fn error_at(&self, message: &str, position: usize) -> String {
        let mut text = format!("{message} at position {position}");
        if self.characters.contains(&'\n') {
            let before = self.characters.get(..position).unwrap_or(&self.characters);
            let line = before.iter().filter(|c| **c == '\n').count() + 1;
            let line_start = before.iter().rposition(|c| *c == '\n').map_or(0, |at| at + 1);
            text.push_str(&format!(" (line {line}, column {})", position - line_start + 1));
        }
        text
    }
}
