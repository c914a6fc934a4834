//! Writes a tree as a pattern of the `regex` crate or of `fancy-regex`.
//!
//! Flags are resolved and characters are written by their numbers, so that nothing is left which the crates read
//! in another way than Python. What matches no character is taken out of repetitions, as `fancy-regex` refuses
//! to repeat it; trying it once is the same.

use super::characters::{Alphabet, Category, CategoryKind, CharacterSet};
use super::tree::{Anchor, Greed, Node};
use std::fmt::Write;

/// Characters. Counts beyond it are not written out.
const LONGEST_NAME: u64 = 10_000;

/// What a backtracking program may cost, in units of about a hundred bytes.
const COST_LIMIT: u64 = 100_000;

/// Why an expression is refused that would take too much memory.
pub(super) const TOO_LARGE: &str = "it is too large once its counts are written out";

/// What a pattern is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// The crate `regex` over bytes, and plain names.
    Linear,
    /// The crate `fancy-regex`; plain names if the alphabet is ASCII, else all.
    Backtracking(Alphabet),
}

/// Whether a name is of ASCII, and has no place where an anchor is special: it is not empty and does not end with a
/// line feed.
pub(super) fn is_plain(name: &str) -> bool {
    name.is_ascii() && !name.is_empty() && !name.ends_with('\n')
}

/// How firmly what is written has to hold together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Alone, or between parentheses.
    Whole,
    /// Beside others.
    InSequence,
    /// Before a quantifier.
    Repeated,
}

/// Writes the tree.
///
/// # Errors
/// What the dialect cannot say.
pub(super) fn write(tree: &Node, dialect: Dialect) -> Result<String, &'static str> {
    let mut referenced = Vec::new();
    tree.walk(&mut |node| {
        if let Node::BackReference { group, .. } | Node::Conditional { group, .. } = node {
            referenced.push(*group);
        }
    });
    referenced.sort_unstable();
    referenced.dedup();
    let mut writer = Writer { dialect, referenced, out: String::new(), error: None };
    if dialect != Dialect::Linear && writer.cost(tree) > COST_LIMIT {
        return Err(TOO_LARGE);
    }
    writer.node(tree, Place::Whole);
    match writer.error {
        Some(error) => Err(error),
        None => Ok(writer.out),
    }
}

struct Writer {
    dialect: Dialect,
    /// Only these groups capture, in order. As all of them are written, each one's number is its place here.
    referenced: Vec<u32>,
    out: String,
    error: Option<&'static str>,
}

impl Writer {
    fn node(&mut self, node: &Node, place: Place) {
        match node {
            Node::Character(set) => set.write(self.alphabet(), &mut self.out),
            Node::Anchor(anchor) => self.anchor(*anchor),
            Node::Sequence(nodes) => self.sequence(nodes, place),
            Node::Alternatives(nodes) if place == Place::Whole => self.alternatives(nodes),
            Node::Alternatives(nodes) => self.between("(?:", |writer| writer.alternatives(nodes)),
            Node::Group { number: Some(number), body } if self.is_referenced(*number) => {
                self.between("(", |writer| writer.node(body, Place::Whole));
            }
            Node::Group { body, .. } => self.node(body, place),
            Node::Atomic(body) => self.between("(?>", |writer| writer.node(body, Place::Whole)),
            Node::Repeat { body, min, max, greed } => self.repeat(body, *min, *max, *greed, place),
            Node::Look { behind, negative, body } => {
                let open = match (behind, negative) {
                    (false, false) => "(?=",
                    (false, true) => "(?!",
                    (true, false) => "(?<=",
                    (true, true) => "(?<!",
                };
                // `fancy-regex` would come back into what looks ahead to try other captures; Python never does.
                let atomic = !negative && self.captures(body);
                self.between(open, |writer| match atomic {
                    true => writer.between("(?>", |writer| writer.node(body, Place::Whole)),
                    false => writer.node(body, Place::Whole),
                });
            }
            Node::BackReference { group, ignore_case, .. } => {
                let number = self.written_number(*group);
                let open = if *ignore_case { "(?i:" } else { "(?:" };
                let _ = write!(self.out, r"{open}\{number})");
            }
            Node::Conditional { group, within_group, yes, no } => {
                if *within_group {
                    self.error = Some("a group asks whether it has matched itself");
                }
                self.conditional(*group, yes, no);
            }
        }
    }

    fn alphabet(&self) -> Alphabet {
        match self.dialect {
            Dialect::Linear => Alphabet::Ascii,
            Dialect::Backtracking(alphabet) => alphabet,
        }
    }

    /// How much memory and work the compiled pattern takes.
    fn cost(&self, node: &Node) -> u64 {
        let sum = |nodes: &[Node]| nodes.iter().map(|node| self.cost(node)).fold(1, u64::saturating_add);
        match node {
            Node::Character(set) => set.cost(self.alphabet()),
            Node::Anchor(_) if self.alphabet() == Alphabet::Ascii => 1,
            Node::Anchor(Anchor::WordBoundary { .. } | Anchor::NotWordBoundary { .. }) => 1200,
            Node::Anchor(Anchor::LastLineEnd) => 20,
            Node::Anchor(_) | Node::BackReference { .. } => 1,
            Node::Sequence(nodes) | Node::Alternatives(nodes) => sum(nodes),
            Node::Group { body, .. } | Node::Atomic(body) => self.cost(body).saturating_add(1),
            Node::Look { body, .. } => self.cost(body).saturating_add(10),
            Node::Conditional { yes, no, .. } => {
                self.cost(yes).saturating_add(self.cost(no)).saturating_add(10)
            }
            Node::Repeat { body, min, .. } if self.is_out_of_reach(body, *min) => 1,
            Node::Repeat { body, min, max, .. } => {
                let copies = effective_max(body, *max).unwrap_or(*min).max(1);
                self.cost(body).saturating_mul(u64::from(copies)).saturating_add(1)
            }
        }
    }

    fn is_referenced(&self, group: u32) -> bool {
        self.referenced.binary_search(&group).is_ok()
    }

    fn written_number(&self, group: u32) -> usize {
        self.referenced.partition_point(|earlier| *earlier <= group)
    }

    fn between(&mut self, open: &str, write: impl FnOnce(&mut Self)) {
        self.out.push_str(open);
        write(self);
        self.out.push(')');
    }

    fn sequence(&mut self, nodes: &[Node], place: Place) {
        match nodes {
            [only] => self.node(only, place),
            _ if place == Place::Repeated => {
                self.between("(?:", |writer| writer.sequence(nodes, Place::Whole))
            }
            _ => nodes.iter().for_each(|node| self.node(node, Place::InSequence)),
        }
    }

    fn alternatives(&mut self, nodes: &[Node]) {
        for (index, node) in nodes.iter().enumerate() {
            if index > 0 {
                self.out.push('|');
            }
            self.node(node, Place::InSequence);
        }
    }

    fn repeat(&mut self, body: &Node, min: u32, max: Option<u32>, greed: Greed, place: Place) {
        if max == Some(0) {
            // Written all the same if it has a group that is referred to, as groups have their places.
            if self.captures(body) {
                self.between("(?>|", |writer| writer.node(body, Place::InSequence));
            } else if place == Place::Repeated {
                self.out.push_str("(?:)");
            }
            return;
        }
        if body.width().max == 0 {
            return self.repeat_nothing(body, min, greed, place);
        }
        let max = effective_max(body, max);
        if self.is_out_of_reach(body, min) {
            let nothing = CharacterSet { negated: false, ..CharacterSet::any(true) };
            return nothing.write(self.alphabet(), &mut self.out);
        }
        match greed {
            Greed::Possessive => self.between("(?>", |writer| writer.counted(body, min, max, greed)),
            _ if place == Place::Repeated => {
                self.between("(?:", |writer| writer.counted(body, min, max, greed));
            }
            _ => self.counted(body, min, max, greed),
        }
    }

    /// Whether no name is long enough for so many repetitions.
    fn is_out_of_reach(&self, body: &Node, min: u32) -> bool {
        u64::from(min).saturating_mul(body.width().min) > LONGEST_NAME && !self.captures(body)
    }

    fn captures(&self, body: &Node) -> bool {
        let mut captures = false;
        body.walk(&mut |node| {
            captures |=
                matches!(node, Node::Group { number: Some(number), .. } if self.is_referenced(*number));
        });
        captures
    }

    /// Repeats what matches no character: a second time says nothing new.
    fn repeat_nothing(&mut self, body: &Node, min: u32, greed: Greed, place: Place) {
        let open = if greed == Greed::Possessive { "(?>" } else { "(?:" };
        match (min, greed) {
            (0, Greed::Lazy) => self.between(open, |writer| {
                writer.out.push('|');
                writer.node(body, Place::InSequence);
            }),
            (0, _) => self.between(open, |writer| {
                writer.node(body, Place::InSequence);
                writer.out.push('|');
            }),
            (_, Greed::Possessive) => self.between(open, |writer| writer.node(body, Place::Whole)),
            _ => self.node(body, place),
        }
    }

    fn counted(&mut self, body: &Node, min: u32, max: Option<u32>, greed: Greed) {
        self.node(body, Place::Repeated);
        let _ = match (min, max) {
            (0, None) => write!(self.out, "*"),
            (1, None) => write!(self.out, "+"),
            (0, Some(1)) => write!(self.out, "?"),
            (min, None) => write!(self.out, "{{{min},}}"),
            (min, Some(max)) if min == max => write!(self.out, "{{{min}}}"),
            (min, Some(max)) => write!(self.out, "{{{min},{max}}}"),
        };
        if greed == Greed::Lazy {
            self.out.push('?');
        }
    }

    /// `(?(1)a|b)` of `fancy-regex` confuses what is atomic around it, so only its `(?(1))` is used: a test whether
    /// the group has matched.
    fn conditional(&mut self, group: u32, yes: &Node, no: &Node) {
        let number = self.written_number(group);
        self.between("(?:", |writer| {
            let _ = write!(writer.out, "(?({number}))");
            writer.node(yes, Place::InSequence);
            let _ = write!(writer.out, "|(?!(?({number})))");
            writer.node(no, Place::InSequence);
        });
    }

    fn anchor(&mut self, anchor: Anchor) {
        let plain = self.alphabet() == Alphabet::Ascii;
        let text = match anchor {
            Anchor::TextStart => r"\A",
            Anchor::LineStart => "(?m:^)",
            Anchor::TextEnd => r"\z",
            Anchor::LastLineEnd if plain => r"\z",
            Anchor::LastLineEnd => r"(?=\x{a}?\z)",
            Anchor::LineEnd => "(?m:$)",
            Anchor::WordBoundary { .. } if plain => r"\b",
            Anchor::NotWordBoundary { .. } if plain => r"\B",
            Anchor::WordBoundary { ascii } => {
                let word = word_class(ascii);
                let _ = write!(self.out, "(?:(?<={word})(?!{word})|(?<!{word})(?={word}))");
                return;
            }
            // COMPAT(python): an empty text has neither a boundary nor a place that is none.
            Anchor::NotWordBoundary { ascii } => {
                let word = word_class(ascii);
                let _ = write!(self.out, r"(?:(?<={word})(?={word})|(?<!{word})(?!{word})(?!\A\z))");
                return;
            }
        };
        self.out.push_str(text);
    }
}

/// A greatest number that no name reaches is none.
fn effective_max(body: &Node, max: Option<u32>) -> Option<u32> {
    max.filter(|max| u64::from(*max).saturating_mul(body.width().min) <= LONGEST_NAME)
}

fn word_class(ascii: bool) -> String {
    let mut class = String::new();
    let category = Category { kind: CategoryKind::Word, negated: false, ascii };
    CharacterSet::category(category).write(Alphabet::Unicode, &mut class);
    class
}
