//! Conditions as SETools prints them: operands reversed, and parentheses by the precedence of whatever
//! operator was handled before. Source: `Conditional.__str__` in SETools' `boolcond.pxi`.

use avstore::{ExpressionTree, Piece};
use policydb::{CondOp, CondToken, Conditional, Policy};

/// The text between ` [ ` and ` ]`.
pub(crate) fn conditional_text(policy: &Policy<'_>, conditional: &Conditional<'_>) -> String {
    let tree = ExpressionTree::of(conditional);
    // COMPAT(setools): the operator handled before decides, wherever it stands in the expression.
    let mut previous = precedence(CondOp::Not);
    let bracketed: Vec<bool> = tree
        .nodes()
        .iter()
        .map(|node| match node.token {
            CondToken::Bool(_) => false,
            CondToken::Op(op) => {
                let before = std::mem::replace(&mut previous, precedence(op));
                op != CondOp::Not && before <= precedence(op)
            }
        })
        .collect();
    tree.render(policy, |index, node, out| {
        let CondToken::Op(op) = node.token else { return };
        if op == CondOp::Not {
            let compound = matches!(tree.nodes().get(node.left).map(|n| n.token), Some(CondToken::Op(_)));
            out.push(Piece::Text(if compound { "! ( " } else { "! " }));
            out.push(Piece::Node(node.left));
            out.push(Piece::Text(if compound { " )" } else { "" }));
            return;
        }
        let bracketed = bracketed.get(index).copied().unwrap_or(false);
        out.push(Piece::Text(if bracketed { "( " } else { "" }));
        // COMPAT(setools): the right operand is taken off the stack first, and printed first.
        out.extend([Piece::Node(node.right), Piece::Text(symbol(op)), Piece::Node(node.left)]);
        out.push(Piece::Text(if bracketed { " )" } else { "" }));
    })
}

const fn precedence(op: CondOp) -> u8 {
    match op {
        CondOp::Not => 5,
        CondOp::Eq | CondOp::Neq => 4,
        CondOp::And => 3,
        CondOp::Xor => 2,
        CondOp::Or => 1,
    }
}

const fn symbol(op: CondOp) -> &'static str {
    match op {
        CondOp::Not => "! ",
        CondOp::Eq => " == ",
        CondOp::Neq => " != ",
        CondOp::And => " && ",
        CondOp::Xor => " ^ ",
        CondOp::Or => " || ",
    }
}
