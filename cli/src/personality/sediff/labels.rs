//! The sections of constraints, labels, defaults and bounds.

use analysis::diff::statements::{Changes, Comparison, DefaultStatement, LabelStatement, Side};
use avstore::{ComponentKind, ConstraintOf, Store};

use super::report::{Listed, Room};
use crate::personality::seinfo::write_constraint;
use crate::personality::setools::Failure;

/// The lists of constraints of a kind.
///
/// # Errors
/// They make too much text.
pub(super) fn constraints(
    comparison: &Comparison<'_, '_>,
    kind: ComponentKind,
    room: &Room,
) -> Result<Listed, Failure> {
    let Changes { added, removed, .. } = comparison.constraints(kind);
    let lines = |store: &Store<'_>, constraints: Vec<ConstraintOf<'_>>| {
        room.sorted(constraints.iter().map(|of| {
            let mut line = Vec::new();
            write_constraint(store, of, room.most(), &mut line);
            line
        }))
    };
    Ok(Listed {
        added: lines(comparison.store(Side::Right), added)?,
        removed: lines(comparison.store(Side::Left), removed)?,
        modified: Vec::new(),
    })
}

/// The lists of labelling statements of a kind.
///
/// # Errors
/// They make too much text.
pub(super) fn labels(
    comparison: &Comparison<'_, '_>,
    kind: ComponentKind,
    room: &Room,
) -> Result<Listed, Failure> {
    let Changes { added, removed, modified } = comparison.labels(kind);
    let end: &[u8] = if kind == ComponentKind::FsUse { b";" } else { b"" };
    let statement = |label: &LabelStatement| {
        let contexts: Vec<u8> =
            label.contexts.iter().flat_map(|context| [b" ", &context[..]].concat()).collect();
        [&label.object[..], &contexts, end].concat()
    };
    let modified = modified.iter().map(|change| {
        let object = &change.old.object[..];
        let line = match (kind, change.old.contexts.as_slice(), change.new.contexts.as_slice()) {
            (ComponentKind::Netifcon, old, new) => interface(object, old, new, change.differs),
            (_, [old, ..], [new, ..]) => {
                // COMPAT(setools): initial SIDs without their keyword, and a semicolon behind some.
                let object = object.strip_prefix(b"sid ").unwrap_or(object);
                let is_infiniband = matches!(kind, ComponentKind::Ibpkeycon | ComponentKind::Ibendportcon);
                let end = if is_infiniband { &b"]"[..] } else { b"];" };
                [object, b" +[", new, b"] -[", old, end].concat()
            }
            _ => Vec::new(),
        };
        (statement(&change.old), line)
    });
    Ok(Listed {
        added: room.sorted(added.iter().map(statement))?,
        removed: room.sorted(removed.iter().map(statement))?,
        modified: room.sorted_by_first(modified)?,
    })
}

/// An interface, whose packets have a label of their own. COMPAT(setools): without its keyword.
fn interface(object: &[u8], old: &[Vec<u8>], new: &[Vec<u8>], differs: [bool; 2]) -> Vec<u8> {
    let heads = ["Context", "Packet Context"];
    let changes: Vec<String> = heads
        .iter()
        .zip(differs)
        .filter(|(_, differs)| *differs)
        .map(|(head, _)| format!("Modified {head}"))
        .collect();
    let mut block = object.strip_prefix(b"netifcon ").unwrap_or(object).to_vec();
    block.extend(format!(" ({})", changes.join(", ")).as_bytes());
    for (number, head) in heads.iter().enumerate().filter(|(number, _)| differs[*number]) {
        block.extend(format!("\n          {head}:").as_bytes());
        for (sign, contexts) in [("+", new), ("-", old)] {
            block.extend(format!("\n             {sign} ").as_bytes());
            block.extend(contexts.get(number).map_or(&[][..], Vec::as_slice));
        }
    }
    block
}

/// The lists of defaults.
///
/// # Errors
/// They make too much text.
pub(super) fn defaults(comparison: &Comparison<'_, '_>, room: &Room) -> Result<Listed, Failure> {
    let Changes { added, removed, modified } = comparison.defaults();
    let statement = |default: &DefaultStatement<'_>| {
        let words = [default.keyword.as_bytes(), default.class.as_bytes(), default.from.as_bytes()];
        [&words.join(&b' ')[..], b";"].concat()
    };
    let modified = modified.iter().map(|[old, new]| {
        let mut line = [old.keyword.as_bytes(), b" ", old.class.as_bytes()].concat();
        let ((old_side, old_range), (new_side, new_range)) = (parts(old), parts(new));
        if old_side == new_side {
            line.extend([" ", old_side].concat().as_bytes());
        } else {
            line.extend([" +", new_side, " -", old_side].concat().as_bytes());
        }
        match (old_range, new_range) {
            (Some(old), Some(new)) if old != new && old != NO_RANGE => {
                line.extend([" +", new, " -", old].concat().as_bytes());
            }
            (Some(old), _) => line.extend([" ", old].concat().as_bytes()),
            _ => {}
        }
        line.push(b';');
        (statement(old), line)
    });
    Ok(Listed {
        added: room.sorted(added.iter().map(statement))?,
        removed: room.sorted(removed.iter().map(statement))?,
        modified: room.sorted_by_first(modified)?,
    })
}

/// COMPAT(setools): what it says of the part of the range that `glblub` does not have.
const NO_RANGE: &str = "None";

/// From which side a default is, and, of a range, which part of it.
fn parts(default: &DefaultStatement<'_>) -> (&'static str, Option<&'static str>) {
    match default.from.split_once(' ') {
        Some((side, range)) => (side, Some(range)),
        None => (default.from, (default.keyword == "default_range").then_some(NO_RANGE)),
    }
}

/// The lists of bounds.
///
/// # Errors
/// They make too much text.
pub(super) fn typebounds(comparison: &Comparison<'_, '_>, room: &Room) -> Result<Listed, Failure> {
    let Changes { added, removed, modified } = comparison.typebounds();
    let statement = |change: &analysis::diff::statements::BoundChange<'_>| {
        let [old, new] = &change.parents;
        let parent = old.as_ref().or(new.as_ref()).map_or(&b""[..], |parent| parent);
        [b"typebounds ", parent, b" ", &change.child, b";"].concat()
    };
    let modified = modified.iter().map(|change| {
        let [old, new] = &change.parents;
        let [old, new] = [old, new].map(|parent| parent.as_ref().map_or(&b""[..], |parent| parent));
        (statement(change), [b"typebounds +", new, b" -", old, b" ", &change.child, b";"].concat())
    });
    Ok(Listed {
        added: room.sorted(added.iter().map(statement))?,
        removed: room.sorted(removed.iter().map(statement))?,
        modified: room.sorted_by_first(modified)?,
    })
}
