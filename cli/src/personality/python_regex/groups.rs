//! What begins with a parenthesis, and references to it.
//!
//! The reference is Python 3.11, `re/_parser.py` (`State`, `_parse`, the part about `(`).

use super::flags::{FlagGroup, Flags};
use super::parser::{MAX_DECIMAL_DIGITS, Parser};
use super::repr;
use super::source::{Source, Token};
use super::tree::{Node, Width};
use std::collections::HashMap;

/// Python's `MAXGROUPS`.
const MAX_GROUPS: u32 = (i32::MAX / 2) as u32;

/// The capturing groups up to here.
#[derive(Debug, Default)]
pub(super) struct Groups {
    /// By number, beginning with 1; `None` while the group is open.
    widths: Vec<Option<Width>>,
    names: HashMap<String, u32>,
    /// How many groups there were before the outermost look-behind that is open.
    before_look_behind: Option<usize>,
    /// Numbers that conditions ask about, and where each stands first.
    conditions: HashMap<u32, usize>,
}

impl Groups {
    /// Whether the group is open or closed here.
    pub(super) fn is_begun(&self, number: u32) -> bool {
        number as usize <= self.widths.len()
    }

    /// Of a group that is closed.
    fn width(&self, number: u32) -> Option<Width> {
        *self.widths.get((number as usize).checked_sub(1)?)?
    }

    /// A number that is written need not have begun yet, but must in the end.
    pub(super) fn check_conditions(&self, source: &Source) -> Result<(), String> {
        let missing = self.conditions.iter().filter(|(number, _)| !self.is_begun(**number));
        match missing.min_by_key(|(_, at)| **at) {
            Some((number, at)) => Err(source.error_at(&format!("invalid group reference {number}"), *at)),
            None => Ok(()),
        }
    }

    /// In a look-behind, only groups that closed before it may be asked about.
    fn check_look_behind(&self, number: u32, source: &Source) -> Result<(), String> {
        let Some(before) = self.before_look_behind else { return Ok(()) };
        if self.width(number).is_none() {
            return Err(source.error("cannot refer to an open group", 0));
        }
        if number as usize > before {
            return Err(source.error("cannot refer to group defined in the same lookbehind subpattern", 0));
        }
        Ok(())
    }
}

/// A group that is read like any other once its head is read.
enum Head {
    Capturing { name: Option<String> },
    Plain { flags: Flags },
    Atomic,
}

impl Parser {
    /// Reads what follows `(`. Comments and flags of the whole expression match nothing and are `None`.
    pub(super) fn group(&mut self, flags: &mut Flags, may_set_flags: bool) -> Result<Option<Node>, String> {
        let start = self.source.position().saturating_sub(1);
        if !self.source.take_if('?')? {
            return self.body(Head::Capturing { name: None }, start, *flags).map(Some);
        }
        let head = match self.expect()? {
            Token::Plain('P') => {
                if self.source.take_if('<')? {
                    let name = self.name('>')?;
                    Head::Capturing { name: Some(name) }
                } else {
                    return self.named_reference(*flags).map(Some);
                }
            }
            Token::Plain(':') => Head::Plain { flags: *flags },
            Token::Plain('>') => Head::Atomic,
            Token::Plain('#') => {
                self.comment(start)?;
                return Ok(None);
            }
            Token::Plain(kind @ ('=' | '!' | '<')) => return self.look(kind, start, *flags).map(Some),
            Token::Plain('(') => return self.conditional(start, *flags).map(Some),
            token if Flags::begin_with(token) => match FlagGroup::read(&mut self.source, token)? {
                FlagGroup::Local { on, off } => Head::Plain { flags: FlagGroup::within(on, off, *flags) },
                FlagGroup::Global(on) => {
                    if !may_set_flags {
                        let message = "global flags not at the start of the expression";
                        return Err(self.source.error_at(message, start));
                    }
                    self.flags = self.flags.with(on);
                    *flags = self.flags;
                    return Ok(None);
                }
            },
            token => {
                return Err(self.source.error(&format!("unknown extension ?{token}"), token.length() + 1));
            }
        };
        self.body(head, start, *flags).map(Some)
    }

    fn expect(&mut self) -> Result<Token, String> {
        self.source.take()?.ok_or_else(|| self.source.error("unexpected end of pattern", 0))
    }

    fn comment(&mut self, start: usize) -> Result<(), String> {
        loop {
            match self.source.take()? {
                Some(Token::Plain(')')) => return Ok(()),
                Some(_) => {}
                None => return Err(self.source.error_at("missing ), unterminated comment", start)),
            }
        }
    }

    fn close(&mut self, start: usize) -> Result<(), String> {
        match self.source.take_if(')')? {
            true => Ok(()),
            false => Err(self.source.error_at("missing ), unterminated subpattern", start)),
        }
    }

    /// Reads what is in a group, one level deeper.
    fn nested(&mut self, flags: Flags) -> Result<Node, String> {
        self.depth += 1;
        let node = self.alternatives(flags)?;
        self.depth -= 1;
        Ok(node)
    }

    fn body(&mut self, head: Head, start: usize, around: Flags) -> Result<Node, String> {
        let (number, flags) = match &head {
            Head::Capturing { name } => (Some(self.open(name.as_deref())?), around),
            Head::Plain { flags } => (None, *flags),
            Head::Atomic => (None, around),
        };
        let body = Box::new(self.nested(flags)?);
        self.close(start)?;
        if let Some(slot) = number.and_then(|number| self.groups.widths.get_mut(number as usize - 1)) {
            *slot = Some(body.width());
        }
        Ok(if matches!(head, Head::Atomic) { Node::Atomic(body) } else { Node::Group { number, body } })
    }

    /// Begins a capturing group: its number.
    fn open(&mut self, name: Option<&str>) -> Result<u32, String> {
        self.groups.widths.push(None);
        // An expression of so many groups is not an argument that a program can be given.
        let number = u32::try_from(self.groups.widths.len()).unwrap_or(u32::MAX);
        if let Some(name) = name
            && let Some(earlier) = self.groups.names.insert(name.to_owned(), number)
        {
            let message =
                format!("redefinition of group name {} as group {number}; was group {earlier}", repr(name));
            return Err(self.source.error(&message, name.chars().count() + 1));
        }
        Ok(number)
    }

    fn name(&mut self, terminator: char) -> Result<String, String> {
        let name = self.source.take_until(terminator, "group name")?;
        if !is_identifier(&name) {
            return Err(self.error_about_name("bad character in group name", &name));
        }
        Ok(name)
    }

    /// A message about a name that is just taken.
    fn error_about_name(&self, message: &str, name: &str) -> String {
        self.source.error(&format!("{message} {}", repr(name)), name.chars().count() + 1)
    }

    fn named_reference(&mut self, flags: Flags) -> Result<Node, String> {
        if !self.source.take_if('=')? {
            let token = self.expect()?;
            return Err(self.source.error(&format!("unknown extension ?P{token}"), token.length() + 2));
        }
        let name = self.name(')')?;
        match self.groups.names.get(&name) {
            Some(number) => self.back_reference(*number, flags, name.chars().count() + 1),
            None => Err(self.error_about_name("unknown group name", &name)),
        }
    }

    /// A reference to a group that has begun, and that is written `length` characters before the next token.
    pub(super) fn back_reference(&mut self, group: u32, flags: Flags, length: usize) -> Result<Node, String> {
        let Some(width) = self.groups.width(group) else {
            return Err(self.source.error("cannot refer to an open group", length));
        };
        self.groups.check_look_behind(group, &self.source)?;
        Ok(Node::BackReference { group, width, ignore_case: flags.has(Flags::IGNORE_CASE) })
    }

    fn look(&mut self, kind: char, start: usize, flags: Flags) -> Result<Node, String> {
        let behind = kind == '<';
        let sign = if behind { self.expect()? } else { Token::Plain(kind) };
        if !matches!(sign, Token::Plain('=' | '!')) {
            return Err(self.source.error(&format!("unknown extension ?<{sign}"), sign.length() + 2));
        }
        let outermost = behind && self.groups.before_look_behind.is_none();
        if outermost {
            self.groups.before_look_behind = Some(self.groups.widths.len());
        }
        let body = Box::new(self.nested(flags)?);
        if outermost {
            self.groups.before_look_behind = None;
        }
        self.close(start)?;
        let width = body.width();
        if behind && width.min != width.max {
            self.note_late_error(start, "look-behind requires fixed-width pattern".to_owned());
        }
        Ok(Node::Look { behind, negative: sign == Token::Plain('!'), body })
    }

    fn conditional(&mut self, start: usize, flags: Flags) -> Result<Node, String> {
        let name = self.source.take_until(')', "group name")?;
        let group = if is_identifier(&name) {
            let number = self.groups.names.get(&name).copied();
            number.ok_or_else(|| self.error_about_name("unknown group name", &name))?
        } else {
            self.condition_number(&name)?
        };
        self.groups.check_look_behind(group, &self.source)?;
        let within_group = self.groups.is_begun(group) && self.groups.width(group).is_none();
        self.depth += 1;
        let yes = Box::new(self.sequence(flags, false)?);
        let no = if self.source.take_if('|')? {
            let no = self.sequence(flags, false)?;
            if self.source.peek() == Some(Token::Plain('|')) {
                return Err(self.source.error("conditional backref with more than two branches", 0));
            }
            no
        } else {
            Node::Sequence(Vec::new())
        };
        self.depth -= 1;
        self.close(start)?;
        Ok(Node::Conditional { group, within_group, yes, no: Box::new(no) })
    }

    fn condition_number(&mut self, name: &str) -> Result<u32, String> {
        let Some(digits) = python_int(name) else {
            return Err(self.error_about_name("bad character in group name", name));
        };
        let length = name.chars().count() + 1;
        if digits == "0" {
            return Err(self.source.error("bad group number", length));
        }
        match digits.parse::<u32>() {
            Ok(number) if number < MAX_GROUPS => {
                let at = self.source.position().saturating_sub(length);
                self.groups.conditions.entry(number).or_insert(at);
                Ok(number)
            }
            _ => Err(self.source.error(&format!("invalid group reference {digits}"), length)),
        }
    }
}

/// `str.isidentifier`.
fn is_identifier(name: &str) -> bool {
    if name.is_ascii() {
        return name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && !name.is_empty();
    }
    regex::Regex::new(r"\A[\p{XID_Start}_]\p{XID_Continue}*\z").is_ok_and(|regex| regex.is_match(name))
}

/// The digits of what `int(text)` reads as a number that is not negative.
///
/// COMPAT(python): digits of other scripts are not read.
fn python_int(text: &str) -> Option<String> {
    let trimmed = text.trim_matches(|c: char| c.is_whitespace() || ('\x1c'..='\x1f').contains(&c));
    let (negative, unsigned) = match trimmed.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
    };
    let well_formed =
        unsigned.split('_').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    let digits = unsigned.replace('_', "");
    if !well_formed || digits.len() > MAX_DECIMAL_DIGITS {
        return None;
    }
    let significant = digits.trim_start_matches('0');
    match (significant.is_empty(), negative) {
        (true, _) => Some("0".to_owned()),
        (false, false) => Some(significant.to_owned()),
        (false, true) => None,
    }
}
