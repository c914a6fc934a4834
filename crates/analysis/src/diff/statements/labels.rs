//! Labelling statements, and other statements about one thing: defaults of new objects and bounds of types. Each is known by
//! what it is about, and compared by what it says of it. Source: SETools' `context.py`, `initsid.py`, `fsuse.py`, `genfscon.py`,
//! `portcon.py`, `netifcon.py`, `nodecon.py`, `ibpkeycon.py`, `ibendportcon.py`, `default.py` and `bounds.py`.

use avstore::{Component, ComponentKind, components, context_bytes, labelled_bytes};
use policydb::{Context, Name};

use super::Comparison;
use super::levels::SameLevels;
use super::side::{Bytes, Changes, Side};
use super::symbols::by_name;

/// A labelling statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelStatement {
    /// What is labelled, with the keyword: `portcon tcp 80`.
    pub object: Vec<u8>,
    /// The label; of an interface, a second one, that of its packets.
    pub contexts: Vec<Vec<u8>>,
}

/// A labelling statement that gives another label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelChange {
    /// The statement of the old policy.
    pub old: LabelStatement,
    /// The statement of the new policy.
    pub new: LabelStatement,
    /// Which of the contexts differ.
    pub differs: [bool; 2],
}

/// A `default_*` statement: what it is about, and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultStatement<'p> {
    /// `default_user`, `default_role`, `default_type` or `default_range`.
    pub keyword: &'static str,
    /// The class.
    pub class: Name<'p>,
    /// `source`, `target low`, `glblub`, …
    pub from: &'static str,
}

/// A type that is bounded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundChange<'p> {
    /// The type.
    pub child: Bytes<'p>,
    /// The type that bounds it, old and new; one of them can be missing.
    pub parents: [Option<Bytes<'p>>; 2],
}

impl<'s, 'p> Comparison<'s, 'p> {
    /// Labelling statements of a kind.
    pub fn labels(&self, kind: ComponentKind) -> Changes<LabelStatement, LabelChange> {
        let of = |side: Side| {
            let store = self.store(side);
            components(store, kind).filter_map(move |component| {
                let contexts: Vec<Context<'p>> = match &component {
                    Component::Label(label) => {
                        std::iter::once(label.context).chain(label.second_context).collect()
                    }
                    Component::Genfs(_, path) => vec![path.context],
                    _ => return None,
                };
                Some((Bytes::Owned(labelled_bytes(store, &component, self.reading.names)), contexts))
            })
        };
        let statement = |side: Side, object: &Bytes<'_>, contexts: &[Context<'p>]| LabelStatement {
            object: object.to_vec(),
            contexts: contexts
                .iter()
                .map(|context| context_bytes(self.store(side), context, self.reading.names))
                .collect(),
        };
        let levels = SameLevels::new(self);
        let changes = by_name(of(Side::Left), of(Side::Right), |object, old, new| {
            let mut differs = [false; 2];
            for (differs, (old, new)) in differs.iter_mut().zip(old.iter().zip(&new)) {
                *differs = !self.same_context(&levels, old, new);
            }
            differs.contains(&true).then(|| LabelChange {
                old: statement(Side::Left, &object, &old),
                new: statement(Side::Right, &object, &new),
                differs,
            })
        });
        let stated = |labelled: Vec<(Bytes<'p>, Vec<Context<'p>>)>, side: Side| {
            labelled.into_iter().map(|(object, contexts)| statement(side, &object, &contexts)).collect()
        };
        Changes {
            added: stated(changes.added, Side::Right),
            removed: stated(changes.removed, Side::Left),
            modified: changes.modified,
        }
    }

    /// Whether an old context is equal to a new one, by names.
    fn same_context(&self, levels: &SameLevels, old: &Context<'_>, new: &Context<'_>) -> bool {
        let [left, right] = Side::BOTH.map(|side| self.policy(side));
        left.user_name(old.user) == right.user_name(new.user)
            && left.role_name(old.role) == right.role_name(new.role)
            && self.types.place(Side::Left, old.r#type) == self.types.place(Side::Right, new.r#type)
            && match (old.range.filter(|_| left.header().mls), new.range.filter(|_| right.header().mls)) {
                (Some(old), Some(new)) => levels.range(self, old, new),
                (None, None) => true,
                _ => false,
            }
    }

    /// Defaults of new objects. Changed ones are pairs of the old and the new statement.
    pub fn defaults(&self) -> Changes<DefaultStatement<'p>, [DefaultStatement<'p>; 2]> {
        let of = |side: Side| {
            components(self.store(side), ComponentKind::Default).filter_map(|component| match component {
                Component::Default(avstore::Default { keyword, class, from }) => {
                    let about = [keyword.as_bytes(), b" ", class.as_bytes()].concat();
                    Some((Bytes::Owned(about), DefaultStatement { keyword, class, from }))
                }
                _ => None,
            })
        };
        let changes =
            by_name(of(Side::Left), of(Side::Right), |_, old, new| (old != new).then_some([old, new]));
        let stated = |named: Vec<(Bytes<'p>, DefaultStatement<'p>)>| {
            named.into_iter().map(|(_, default)| default).collect()
        };
        Changes { added: stated(changes.added), removed: stated(changes.removed), modified: changes.modified }
    }

    /// Bounds of types.
    pub fn typebounds(&self) -> Changes<BoundChange<'p>, BoundChange<'p>> {
        let bounds = |side: Side, of| {
            let id = self.types.id(side, of)?;
            let parent = self.policy(side).type_symbol(id)?.1.bounds?;
            Some(self.types.place(side, parent))
        };
        let mut changes = Changes::default();
        for of in self.types.iter() {
            let [old, new] = Side::BOTH.map(|side| bounds(side, of));
            if old == new {
                continue;
            }
            let parents = [old, new].map(|parent| parent.map(|parent| self.types.name(parent)));
            let change = BoundChange { child: self.types.name(of), parents };
            match (old, new) {
                (Some(_), Some(_)) => changes.modified.push(change),
                (Some(_), None) => changes.removed.push(change),
                (None, _) => changes.added.push(change),
            }
        }
        changes
    }
}
