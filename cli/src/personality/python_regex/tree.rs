//! An expression as a tree, after flags are resolved: what is matched, no longer how it was written.
//!
//! Widths are those of Python 3.11's `re/_parser.py` (`SubPattern.getwidth`), in characters; they decide which
//! look-behinds are accepted.

use super::characters::CharacterSet;

/// Python's `MAXREPEAT`: stands for "without limit".
pub(super) const MAX_REPEAT: u64 = u32::MAX as u64;

#[derive(Debug)]
pub(super) enum Node {
    /// One character.
    Character(CharacterSet),
    Anchor(Anchor),
    Sequence(Vec<Node>),
    Alternatives(Vec<Node>),
    Group {
        /// Groups that only hold together have none.
        number: Option<u32>,
        body: Box<Node>,
    },
    /// A group that gives nothing back once it has matched.
    Atomic(Box<Node>),
    Repeat {
        body: Box<Node>,
        min: u32,
        /// `None` is without limit.
        max: Option<u32>,
        greed: Greed,
    },
    Look {
        behind: bool,
        negative: bool,
        body: Box<Node>,
    },
    BackReference {
        group: u32,
        width: Width,
        ignore_case: bool,
    },
    Conditional {
        group: u32,
        /// The group is asked about from within itself.
        within_group: bool,
        yes: Box<Node>,
        no: Box<Node>,
    },
}

/// What holds between two characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    TextStart,
    LineStart,
    TextEnd,
    /// At the end, or before a line feed that ends the text.
    LastLineEnd,
    LineEnd,
    WordBoundary {
        ascii: bool,
    },
    NotWordBoundary {
        ascii: bool,
    },
}

/// In which order numbers of repetitions are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Greed {
    Greedy,
    Lazy,
    Possessive,
}

/// How many characters a part matches, at least and at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Width {
    pub(super) min: u64,
    pub(super) max: u64,
}

impl Width {
    const ONE: Width = Width { min: 1, max: 1 };

    fn plus(self, other: Width) -> Width {
        Width { min: self.min.saturating_add(other.min), max: self.max.saturating_add(other.max) }
    }

    fn or(self, other: Width) -> Width {
        Width { min: self.min.min(other.min), max: self.max.max(other.max) }
    }

    /// COMPAT(python): the least width stays one below "without limit", so that `(?<=a*)` is never of one width.
    fn clamped(self) -> Width {
        Width { min: self.min.min(MAX_REPEAT - 1), max: self.max.min(MAX_REPEAT) }
    }
}

impl Node {
    /// O(n) in the nodes below.
    pub(super) fn width(&self) -> Width {
        match self {
            Node::Character(_) => Width::ONE,
            Node::Anchor(_) | Node::Look { .. } => Width::default(),
            Node::Sequence(nodes) => {
                nodes.iter().fold(Width::default(), |sum, node| sum.plus(node.width())).clamped()
            }
            Node::Alternatives(nodes) => {
                nodes.iter().map(Node::width).reduce(Width::or).unwrap_or_default().clamped()
            }
            Node::Group { body, .. } | Node::Atomic(body) => body.width(),
            Node::Repeat { body, min, max, .. } => {
                let Width { min: least, max: most } = body.width();
                let max = max.map_or(MAX_REPEAT, u64::from);
                Width { min: least.saturating_mul(u64::from(*min)), max: most.saturating_mul(max) }
            }
            Node::BackReference { width, .. } => *width,
            Node::Conditional { yes, no, .. } => yes.width().or(no.width()),
        }
    }

    /// Calls `visit` for this node and all below it.
    pub(super) fn walk<'n>(&'n self, visit: &mut impl FnMut(&'n Node)) {
        visit(self);
        match self {
            Node::Character(_) | Node::Anchor(_) | Node::BackReference { .. } => {}
            Node::Sequence(nodes) | Node::Alternatives(nodes) => {
                nodes.iter().for_each(|node| node.walk(visit))
            }
            Node::Group { body, .. }
            | Node::Atomic(body)
            | Node::Repeat { body, .. }
            | Node::Look { body, .. } => body.walk(visit),
            Node::Conditional { yes, no, .. } => {
                yes.walk(visit);
                no.walk(visit);
            }
        }
    }

    /// Whether a finite automaton can decide it: without look-around, references and atomic parts.
    pub(super) fn is_regular(&self) -> bool {
        let mut regular = true;
        self.walk(&mut |node| {
            regular &= !matches!(
                node,
                Node::Look { .. }
                    | Node::Atomic(_)
                    | Node::BackReference { .. }
                    | Node::Conditional { .. }
                    | Node::Repeat { greed: Greed::Possessive, .. }
            );
        });
        regular
    }
}
