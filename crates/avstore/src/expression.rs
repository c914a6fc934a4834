//! Conditions as text: infix, with the parentheses that are needed and no others.
//!
//! Precedence as in policy language (checkpolicy's `policy_parse.y`), from tight to loose: `==` and `!=`,
//! `!`, `&&`, `^`, `||`. That `!a == b` is the negation of `a == b` surprises readers of C, so
//! parentheses stand there whichever is meant. Binary operators associate to the left.
//!
//! Work is O(steps) whatever the shape of the expression, and the text is cut off where no honest condition
//! reaches: a few steps that name one long boolean could otherwise make a text of any size.

use policydb::{BoolId, CondOp, CondToken, Conditional, Policy};

/// Bytes behind which the text of a condition ends in `…`.
const LONGEST_TEXT: usize = 1 << 16;

/// A condition as a tree, in the order of its reverse Polish form: operands before their operator.
#[derive(Debug)]
pub struct ExpressionTree {
    nodes: Vec<Node>,
}

/// A node of an [`ExpressionTree`].
#[derive(Clone, Copy, Debug)]
pub struct Node {
    /// A boolean or an operator.
    pub token: CondToken,
    /// The node of the left operand, or of the only one.
    pub left: usize,
    /// The node of the right operand.
    pub right: usize,
}

/// Something that a renderer puts in the place of a node.
#[derive(Clone, Copy, Debug)]
pub enum Piece {
    /// Another node.
    Node(usize),
    /// Text.
    Text(&'static str),
}

impl ExpressionTree {
    /// The tree of a conditional's expression.
    pub fn of(conditional: &Conditional<'_>) -> Self {
        let mut nodes: Vec<Node> = Vec::new();
        let mut pending: Vec<usize> = Vec::new();
        for token in conditional.expression() {
            let (left, right) = match token {
                CondToken::Bool(_) => (0, 0),
                CondToken::Op(CondOp::Not) => (pending.pop().unwrap_or(0), 0),
                CondToken::Op(_) => {
                    let right = pending.pop().unwrap_or(0);
                    (pending.pop().unwrap_or(0), right)
                }
            };
            pending.push(nodes.len());
            nodes.push(Node { token, left, right });
        }
        ExpressionTree { nodes }
    }

    /// The nodes, operands before their operators; the root is the last.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The text of the tree, where `pieces` says what an operator's node consists of, and booleans
    /// show their names.
    pub fn render(
        &self,
        policy: &Policy<'_>,
        mut pieces: impl FnMut(usize, &Node, &mut Vec<Piece>),
    ) -> String {
        let mut text = String::new();
        let mut pending = vec![Piece::Node(self.nodes.len().saturating_sub(1))];
        while let Some(piece) = pending.pop() {
            if text.len() > LONGEST_TEXT {
                text.push_str(" …");
                break;
            }
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Node(index) => match self.nodes.get(index) {
                    Some(Node { token: CondToken::Bool(id), .. }) => {
                        text.push_str(&boolean_name(policy, *id))
                    }
                    Some(node) => {
                        let first = pending.len();
                        pieces(index, node, &mut pending);
                        // What comes first in the text must be taken first off the stack.
                        pending.get_mut(first..).unwrap_or_default().reverse();
                    }
                    None => {}
                },
            }
        }
        text
    }
}

/// The condition as policy source would write it.
pub fn condition_text(policy: &Policy<'_>, conditional: &Conditional<'_>) -> String {
    let tree = ExpressionTree::of(conditional);
    let level_of = |index: usize| tree.nodes.get(index).map_or(ATOM, |node| level(node.token));
    let operand = |index: usize, needed: u8, out: &mut Vec<Piece>| {
        if level_of(index) < needed {
            out.extend([Piece::Text("("), Piece::Node(index), Piece::Text(")")]);
        } else {
            out.push(Piece::Node(index));
        }
    };
    tree.render(policy, |_, node, out| match node.token {
        CondToken::Op(CondOp::Not) => {
            out.push(Piece::Text("!"));
            // Parentheses around a comparison are for the reader; the grammar needs none.
            operand(node.left, if level_of(node.left) == NOT { NOT } else { ATOM }, out);
        }
        token => {
            operand(node.left, level(token), out);
            out.push(Piece::Text(symbol(token)));
            // A right operand of the same level needs parentheses: operators associate to the left.
            operand(node.right, level(token).saturating_add(1), out);
        }
    })
}

/// The booleans that a condition names, in the order of its reverse Polish form, repeats included.
pub fn boolean_ids<'p>(conditional: &Conditional<'p>) -> impl Iterator<Item = BoolId> + 'p {
    conditional.expression().filter_map(|token| match token {
        CondToken::Bool(id) => Some(id),
        CondToken::Op(_) => None,
    })
}

const ATOM: u8 = 6;
const NOT: u8 = 4;

const fn level(token: CondToken) -> u8 {
    match token {
        CondToken::Bool(_) => ATOM,
        CondToken::Op(CondOp::Eq | CondOp::Neq) => 5,
        CondToken::Op(CondOp::Not) => NOT,
        CondToken::Op(CondOp::And) => 3,
        CondToken::Op(CondOp::Xor) => 2,
        CondToken::Op(CondOp::Or) => 1,
    }
}

const fn symbol(token: CondToken) -> &'static str {
    match token {
        CondToken::Op(CondOp::Eq) => " == ",
        CondToken::Op(CondOp::Neq) => " != ",
        CondToken::Op(CondOp::And) => " && ",
        CondToken::Op(CondOp::Xor) => " ^ ",
        CondToken::Op(CondOp::Or) => " || ",
        CondToken::Op(CondOp::Not) | CondToken::Bool(_) => "",
    }
}

fn boolean_name(policy: &Policy<'_>, id: BoolId) -> String {
    policy.boolean(id).map_or_else(|| format!("<boolean-{}>", id.value()), |(name, _)| name.to_string())
}
