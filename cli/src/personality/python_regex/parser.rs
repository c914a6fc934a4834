//! Reads an expression: alternatives, sequences and repetitions. Groups are read in `groups`, classes in `class`,
//! what follows a backslash in `escapes`.
//!
//! The reference is Python 3.11, `re/_parser.py` (`parse`, `_parse_sub`, `_parse`) and, for what is found only
//! when the tree is compiled, `re/_compiler.py`. Messages and positions are Python's, because people and scripts
//! read them. Never panics; O(n) in the expression, or O(n × depth) where groups are nested.

use super::characters::CharacterSet;
use super::escapes;
use super::flags::Flags;
use super::groups::Groups;
use super::source::{Source, Token};
use super::tree::{Anchor, Greed, MAX_REPEAT, Node};
use super::{class, unsupported};

/// Groups within groups. Python gives up at about 490, where its own stack ends.
const MAX_DEPTH: usize = 250;

/// Python converts no longer decimal numbers.
pub(super) const MAX_DECIMAL_DIGITS: usize = 4300;

/// Reads an expression.
///
/// # Errors
/// Python's message, or `unsupported regular expression: …`.
pub(super) fn parse(text: &str) -> Result<Node, String> {
    let mut parser = Parser {
        source: Source::new(text)?,
        flags: Flags::default(),
        groups: Groups::default(),
        depth: 0,
        late_error: None,
    };
    let tree = parser.alternatives(Flags::default())?;
    parser.flags.check()?;
    if parser.source.peek().is_some() {
        return Err(parser.source.error("unbalanced parenthesis", 0));
    }
    parser.groups.check_conditions(&parser.source)?;
    match parser.late_error {
        Some((_, message)) => Err(message),
        None => Ok(tree),
    }
}

/// How far an expression is read, and what was seen on the way.
pub(super) struct Parser {
    pub(super) source: Source,
    /// Of the whole expression.
    pub(super) flags: Flags,
    pub(super) groups: Groups,
    /// Groups that are open here.
    pub(super) depth: usize,
    /// Of the mistakes that Python finds after it has read everything, the first one's position and message.
    late_error: Option<(usize, String)>,
}

impl Parser {
    /// What stands between parentheses, which are not taken.
    pub(super) fn alternatives(&mut self, flags: Flags) -> Result<Node, String> {
        let outermost = self.depth == 0;
        let mut alternatives = vec![self.sequence(flags, outermost)?];
        while self.source.take_if('|')? {
            // Flags that the first alternative began with are those of the others too.
            let flags = if outermost { self.flags } else { flags };
            alternatives.push(self.sequence(flags, false)?);
        }
        match alternatives.pop() {
            Some(only) if alternatives.is_empty() => Ok(only),
            last => {
                alternatives.extend(last);
                Ok(Node::Alternatives(alternatives))
            }
        }
    }

    /// One alternative. In the `first` of all, flags of the whole expression may be set.
    pub(super) fn sequence(&mut self, mut flags: Flags, first: bool) -> Result<Node, String> {
        if self.depth > MAX_DEPTH {
            return Err(unsupported(&format!("groups are nested more than {MAX_DEPTH} deep")));
        }
        let mut nodes = Vec::new();
        let mut repeated = 0;
        while let Some(token) = self.source.peek() {
            if matches!(token, Token::Plain('|' | ')')) {
                break;
            }
            let start = self.source.position();
            self.source.take()?;
            if flags.has(Flags::VERBOSE) && self.skip_blank(token)? {
                continue;
            }
            let node = match token {
                Token::Escaped(letter) => self.escape(letter, flags)?,
                Token::Plain('[') => Node::Character(class::read(&mut self.source, flags)?),
                Token::Plain('.') => Node::Character(CharacterSet::any(flags.has(Flags::DOT_ALL))),
                Token::Plain('^') if flags.has(Flags::MULTILINE) => Node::Anchor(Anchor::LineStart),
                Token::Plain('^') => Node::Anchor(Anchor::TextStart),
                Token::Plain('$') if flags.has(Flags::MULTILINE) => Node::Anchor(Anchor::LineEnd),
                Token::Plain('$') => Node::Anchor(Anchor::LastLineEnd),
                Token::Plain(quantifier @ ('*' | '+' | '?' | '{')) => {
                    match self.quantifier(quantifier)? {
                        Some(counts) => {
                            self.repeat(counts, (repeated, start), flags, &mut nodes)?;
                            continue;
                        }
                        // `{` that begins no counts.
                        None => literal(quantifier as u32, flags),
                    }
                }
                Token::Plain('(') => match self.group(&mut flags, first && nodes.is_empty())? {
                    Some(node) => node,
                    None => continue,
                },
                Token::Plain(c) => literal(c as u32, flags),
            };
            nodes.push(node);
            repeated = start;
        }
        Ok(Node::Sequence(nodes))
    }

    /// In a verbose expression, white space and comments are nothing.
    fn skip_blank(&mut self, token: Token) -> Result<bool, String> {
        match token {
            Token::Plain(' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c') => Ok(true),
            Token::Plain('#') => {
                while self.source.take()?.is_some_and(|token| token != Token::Plain('\n')) {}
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn escape(&mut self, letter: char, flags: Flags) -> Result<Node, String> {
        if let Some(category) = escapes::category(letter, flags) {
            return Ok(Node::Character(CharacterSet::category(category)));
        }
        let ascii = flags.ascii();
        let code = match letter {
            'A' => return Ok(Node::Anchor(Anchor::TextStart)),
            'Z' => return Ok(Node::Anchor(Anchor::TextEnd)),
            'b' => return Ok(Node::Anchor(Anchor::WordBoundary { ascii })),
            'B' => return Ok(Node::Anchor(Anchor::NotWordBoundary { ascii })),
            '0' => {
                let mut digits = String::new();
                self.source.take_while(2, escapes::is_octal, &mut digits)?;
                u32::from_str_radix(&digits, 8).unwrap_or_default()
            }
            '1'..='9' => return self.number_escape(letter, flags),
            _ => match escapes::control(letter) {
                Some(code) => code,
                None => escapes::literal(&mut self.source, letter)?,
            },
        };
        Ok(literal(code, flags))
    }

    /// `\1` is a group, and so is `\12`; `\123` is a character in octal.
    fn number_escape(&mut self, first: char, flags: Flags) -> Result<Node, String> {
        let mut digits = first.to_string();
        self.source.take_while(1, char::is_ascii_digit, &mut digits)?;
        if digits.len() == 2 && digits.chars().all(|c| escapes::is_octal(&c)) {
            self.source.take_while(1, escapes::is_octal, &mut digits)?;
            if digits.len() == 3 {
                return escapes::octal(&self.source, &digits).map(|code| literal(code, flags));
            }
        }
        let number = digits.parse().unwrap_or(u32::MAX);
        if !self.groups.is_begun(number) {
            return Err(self.source.error(&format!("invalid group reference {number}"), digits.len()));
        }
        self.back_reference(number, flags, digits.len() + 1)
    }

    /// Least and greatest number of repetitions, `None` without limit.
    fn quantifier(&mut self, quantifier: char) -> Result<Option<(u32, Option<u32>)>, String> {
        match quantifier {
            '?' => return Ok(Some((0, Some(1)))),
            '*' => return Ok(Some((0, None))),
            '+' => return Ok(Some((1, None))),
            _ => {}
        }
        if self.source.peek() == Some(Token::Plain('}')) {
            return Ok(None);
        }
        let start = self.source.position();
        let (mut low, mut high) = (String::new(), String::new());
        self.source.take_while(usize::MAX, char::is_ascii_digit, &mut low)?;
        if self.source.take_if(',')? {
            self.source.take_while(usize::MAX, char::is_ascii_digit, &mut high)?;
        } else {
            high.clone_from(&low);
        }
        if !self.source.take_if('}')? {
            self.source.seek(start)?;
            return Ok(None);
        }
        let min = if low.is_empty() { 0 } else { repetitions(&low)? };
        let max = if high.is_empty() { None } else { Some(repetitions(&high)?) };
        if max.is_some_and(|max| max < min) {
            return Err(self.source.error_at("min repeat greater than max repeat", start));
        }
        Ok(Some((min, max)))
    }

    /// Notes a mistake of a part that begins at `start`. What stands around a part is found before it.
    pub(super) fn note_late_error(&mut self, start: usize, message: String) {
        if self.late_error.as_ref().is_none_or(|(earlier, _)| start <= *earlier) {
            self.late_error = Some((start, message));
        }
    }

    /// Repeats the last of `nodes`, which began at `repeated`; the quantifier began at `start`.
    fn repeat(
        &mut self,
        (min, max): (u32, Option<u32>),
        (repeated, start): (usize, usize),
        flags: Flags,
        nodes: &mut Vec<Node>,
    ) -> Result<(), String> {
        let message = match nodes.last() {
            None | Some(Node::Anchor(_)) => Some("nothing to repeat"),
            Some(Node::Repeat { .. }) => Some("multiple repeat"),
            Some(_) => None,
        };
        if let Some(message) = message {
            return Err(self.source.error_at(message, start));
        }
        let (greed, operator) = if self.source.take_if('?')? {
            (Greed::Lazy, "MIN_REPEAT")
        } else if self.source.take_if('+')? {
            (Greed::Possessive, "POSSESSIVE_REPEAT")
        } else {
            (Greed::Greedy, "MAX_REPEAT")
        };
        if flags.has(Flags::TEMPLATE) {
            let message = format!("internal: unsupported template operator {operator}");
            self.note_late_error(repeated, message);
        }
        if let Some(body) = nodes.pop() {
            nodes.push(Node::Repeat { body: Box::new(body), min, max, greed });
        }
        Ok(())
    }
}

pub(super) fn literal(code: u32, flags: Flags) -> Node {
    Node::Character(CharacterSet::literal(code, flags.case()))
}

/// A number of repetitions.
fn repetitions(digits: &str) -> Result<u32, String> {
    if digits.len() > MAX_DECIMAL_DIGITS {
        return Err(format!(
            "Exceeds the limit ({MAX_DECIMAL_DIGITS} digits) for integer string conversion: value has {} digits; \
             use sys.set_int_max_str_digits() to increase the limit",
            digits.len()
        ));
    }
    let significant = digits.trim_start_matches('0');
    let number = if significant.is_empty() { Ok(0) } else { significant.parse() };
    match number {
        Ok(number) if u64::from(number) < MAX_REPEAT => Ok(number),
        _ => Err("the repetition number is too large".to_owned()),
    }
}
