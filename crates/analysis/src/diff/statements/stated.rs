//! Statements that are known by their words alone: bounds of roles and users, and types whose denials are never audited. SETools
//! does not compare them.

use avstore::{ComponentKind, ComponentWriter, FileNames, components};

use super::Comparison;
use super::side::{Bytes, Changes, Side};
use super::symbols::by_name;

impl<'s, 'p> Comparison<'s, 'p> {
    /// Statements of a kind that only one side has.
    pub fn stated(&self, kind: ComponentKind) -> Changes<Bytes<'p>, ()> {
        let of = |side: Side| {
            let writer = ComponentWriter::new(self.store(side), FileNames::Quoted);
            components(self.store(side), kind).map(move |component| {
                let mut text = Vec::new();
                writer.write_statement(&component, &mut text);
                (Bytes::Owned(text), ())
            })
        };
        let changes = by_name(of(Side::Left), of(Side::Right), |_, (), ()| None);
        let texts = |named: Vec<(Bytes<'p>, ())>| named.into_iter().map(|(text, ())| text).collect();
        Changes { added: texts(changes.added), removed: texts(changes.removed), modified: changes.modified }
    }
}
