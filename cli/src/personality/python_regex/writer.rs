//! Writes a tree as a pattern of the `regex` crate or of `fancy-regex`.
//!
//! Flags are resolved and characters are written by their numbers, so that nothing is left which the crates read
//! in another way than Python. What matches no character is taken out of repetitions, as `fancy-regex` refuses
//! to repeat it; trying it once is the same.

use super::characters::{Alphabet, Case, Category, CategoryKind, CharacterSet};
use super::tree::{Anchor, Greed, Node};
use std::collections::BTreeSet;
use std::fmt::Write;

/// What a pattern is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// The crate `regex` over bytes, and names of ASCII, not empty, that do not end with a line feed.
    Linear,
    /// The crate `fancy-regex`, and any names.
    Backtracking,
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
    let mut writer = Writer { dialect, referenced: BTreeSet::new(), out: String::new(), error: None };
    tree.walk(&mut |node| {
        if let Node::BackReference { group, .. } | Node::Conditional { group, .. } = node {
            writer.referenced.insert(*group);
        }
    });
    writer.node(tree, Place::Whole);
    match writer.error {
        Some(error) => Err(error),
        None => Ok(writer.out),
    }
}

struct Writer {
    dialect: Dialect,
    /// Only these groups capture. As all of them are written, each one's number is its place among them.
    referenced: BTreeSet<u32>,
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
            Node::Group { number: Some(number), body } if self.referenced.contains(number) => {
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
                self.between(open, |writer| writer.node(body, Place::Whole));
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
            Dialect::Backtracking => Alphabet::Unicode,
        }
    }

    fn written_number(&self, group: u32) -> usize {
        self.referenced.range(..=group).count()
    }

    fn between(&mut self, open: &str, write: impl FnOnce(&mut Self)) {
        self.out.push_str(open);
        write(self);
        self.out.push(')');
    }

    fn sequence(&mut self, nodes: &[Node], place: Place) {
        match nodes {
            [only] => self.node(only, place),
            _ if place == Place::Repeated => self.between("(?:", |writer| writer.sequence(nodes, Place::Whole)),
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
        match greed {
            Greed::Possessive => self.between("(?>", |writer| writer.counted(body, min, max, greed)),
            _ if place == Place::Repeated => {
                self.between("(?:", |writer| writer.counted(body, min, max, greed));
            }
            _ => self.counted(body, min, max, greed),
        }
    }

    fn captures(&self, body: &Node) -> bool {
        let mut captures = false;
        body.walk(&mut |node| {
            captures |= matches!(node, Node::Group { number: Some(number), .. } if self.referenced.contains(number));
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

    fn conditional(&mut self, group: u32, yes: &Node, no: &Node) {
        let start = self.out.len();
        let number = self.written_number(group);
        let _ = write!(self.out, "(?({number})");
        let head = self.out.len();
        self.node(yes, Place::InSequence);
        // Always written, so that alternatives within the first branch are not taken for the two branches.
        self.out.push('|');
        self.node(no, Place::InSequence);
        if self.out.len() == head + 1 {
            // Without branches `fancy-regex` would make it a test that can fail.
            self.out.truncate(start);
        } else {
            self.out.push(')');
        }
    }

    fn anchor(&mut self, anchor: Anchor) {
        let linear = self.dialect == Dialect::Linear;
        let text = match anchor {
            Anchor::TextStart => r"\A",
            Anchor::LineStart => "(?m:^)",
            Anchor::TextEnd => r"\z",
            Anchor::LastLineEnd if linear => r"\z",
            Anchor::LastLineEnd => r"(?=\x{a}?\z)",
            Anchor::LineEnd => "(?m:$)",
            Anchor::WordBoundary { .. } if linear => r"\b",
            Anchor::NotWordBoundary { .. } if linear => r"\B",
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

fn word_class(ascii: bool) -> String {
    let mut class = String::new();
    let category = Category { kind: CategoryKind::Word, negated: false, ascii };
    CharacterSet::category(category).write(Alphabet::Unicode, &mut class);
    class
}

/// How much memory and work the compiled pattern may take, in units of about a hundred bytes.
pub(super) fn cost(node: &Node) -> u64 {
    let sum = |nodes: &[Node]| nodes.iter().map(cost).fold(0, u64::saturating_add);
    match node {
        Node::Character(set) if set.is_large() => 300,
        Node::Character(CharacterSet { ranges, categories, case: Case::Sensitive, negated: false })
            if ranges.len() == 1 && categories.is_empty() =>
        {
            1
        }
        Node::Character(_) => 10,
        Node::Anchor(Anchor::WordBoundary { .. } | Anchor::NotWordBoundary { .. }) => 1200,
        Node::Anchor(_) | Node::BackReference { .. } => 1,
        Node::Sequence(nodes) | Node::Alternatives(nodes) => sum(nodes).saturating_add(1),
        Node::Group { body, .. } | Node::Atomic(body) => cost(body).saturating_add(1),
        Node::Look { body, .. } => cost(body).saturating_add(10),
        Node::Conditional { yes, no, .. } => cost(yes).saturating_add(cost(no)).saturating_add(10),
        Node::Repeat { body, min, max, .. } => {
            let copies = max.unwrap_or(*min).max(1);
            cost(body).saturating_mul(u64::from(copies)).saturating_add(1)
        }
    }
}
