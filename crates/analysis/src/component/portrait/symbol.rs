//! Types and attributes: what they are, what may enter them, which rules and booleans are about them.

use avstore::{Component, ComponentKind, TypeSet, shown_name};
use policydb::{Context, Term, TypeId};

use super::super::{Describer, Fields, Value};
use super::tally::Tally;
use super::{Portrait, Subject};

/// Statements that give labels, in which a type can stand.
const LABELLING: [ComponentKind; 13] = [
    ComponentKind::Portcon,
    ComponentKind::Genfscon,
    ComponentKind::FsUse,
    ComponentKind::InitialSid,
    ComponentKind::Netifcon,
    ComponentKind::Nodecon,
    ComponentKind::Ibpkeycon,
    ComponentKind::Ibendportcon,
    ComponentKind::Pirqcon,
    ComponentKind::Ioportcon,
    ComponentKind::Iomemcon,
    ComponentKind::Pcidevicecon,
    ComponentKind::Devicetreecon,
];

impl Subject<'_, '_> {
    /// A type.
    pub(super) fn of_type(&self, id: TypeId) -> Portrait {
        let policy = self.store.policy();
        let mut all = Describer::new(self.writer).fields(&Component::Type(id));
        let mut this = self.store.empty_set();
        this.insert(id);
        let roles = policy.roles().1.iter().filter(|role| role.types.contains(id.index()));
        let mut roles: Vec<String> = roles.map(|role| shown_name(role.name.as_bytes())).collect();
        roles.sort_unstable();
        all.push(("roles", roles.into()));
        let children = self
            .store
            .type_ids()
            .filter(|child| policy.type_symbol(*child).is_some_and(|(_, symbol)| symbol.bounds == Some(id)));
        all.push(("bounds", self.type_names(children).into()));
        all.push(("neveraudit", policy.neveraudit_types().contains(id.value() as usize).into()));
        all.push(("labels", self.labels_with(id).into()));

        let symbols = self.store.symbols_for(&this);
        let tally = Tally::new(self.store, id, &symbols);
        all.push(("entry_points", self.expanded(&tally.entry_points).into()));
        all.push(("entry_point_of", self.expanded(&tally.entry_point_of).into()));
        all.push(("entered_from", self.expanded(&tally.entered_from).into()));
        all.push(("booleans", Value::Records(self.switches(&tally))));
        all.push(("rules", Value::Records(tally.records())));
        all.retain(|(name, value)| !is_dull(name, value));
        Portrait { kind: ComponentKind::Type, name: self.shown_type(id), fields: all }
    }

    /// An attribute.
    pub(super) fn of_attribute(&self, id: TypeId) -> Portrait {
        let mut all = Describer::new(self.writer).fields(&Component::Attribute(id));
        let mut this = self.store.empty_set();
        this.insert(id);
        let tally = Tally::new(self.store, id, &this);
        all.push(("booleans", Value::Records(self.switches(&tally))));
        all.push(("rules", Value::Records(tally.records())));
        all.push(("constraints", self.constraints_naming(id).into()));
        all.retain(|(name, value)| *name == "types" || !is_dull(name, value));
        Portrait { kind: ComponentKind::Attribute, name: self.shown_type(id), fields: all }
    }

    fn shown_type(&self, id: TypeId) -> String {
        shown_name(&self.store.type_name(id).bytes())
    }

    fn type_names(&self, ids: impl Iterator<Item = TypeId>) -> Vec<String> {
        let mut names: Vec<String> = ids.map(|id| self.shown_type(id)).collect();
        names.sort_unstable();
        names
    }

    /// The types that symbols stand for.
    fn expanded(&self, symbols: &TypeSet) -> Vec<String> {
        let is_meant =
            |id: &TypeId| symbols.contains(*id) || symbols.intersects(self.store.policy().attributes_of(*id));
        let types = self.store.type_ids().filter(|id| !self.store.is_attribute(*id));
        if symbols.is_empty() { Vec::new() } else { self.type_names(types.filter(is_meant)) }
    }

    /// The statements that give a label with this type.
    fn labels_with(&self, id: TypeId) -> Vec<String> {
        let is_it = |context: &Context<'_>| context.r#type == id;
        let all = LABELLING.into_iter().flat_map(|kind| avstore::components(self.store, kind));
        let with = all.filter(|component| match component {
            Component::Label(label) => {
                is_it(&label.context) || label.second_context.as_ref().is_some_and(is_it)
            }
            Component::Genfs(_, path) => is_it(&path.context),
            _ => false,
        });
        with.map(|component| self.statement(&component)).collect()
    }

    fn switches(&self, tally: &Tally) -> Vec<Fields> {
        let named = |&(id, switched): &(policydb::BoolId, super::tally::Switched)| {
            let (name, _) = self.store.policy().boolean(id)?;
            let state = if self.booleans.get(id) { "on" } else { "off" };
            Some(vec![
                ("name", shown_name(name.as_bytes()).into()),
                ("state", state.into()),
                ("rules_as_source", switched.source.into()),
                ("rules_as_target", switched.target.into()),
            ])
        };
        let mut switches: Vec<Fields> = tally.booleans.iter().filter_map(named).collect();
        switches.sort_by(|a, b| first_text(a).cmp(first_text(b)));
        switches
    }

    /// The constraints whose expressions name an attribute.
    fn constraints_naming(&self, id: TypeId) -> Vec<String> {
        let names_it = |component: &Component<'_>| {
            let Component::Constraint(of) = component else { return false };
            of.constraint.terms.iter().any(|term| match term {
                Term::Names(_, names) => names.written.is_some_and(|(ids, excluded, _)| {
                    ids.contains(id.index()) || excluded.contains(id.index())
                }),
                _ => false,
            })
        };
        self.constraints().filter(names_it).map(|component| self.statement(&component)).collect()
    }
}

fn first_text(fields: &Fields) -> &str {
    match fields.first() {
        Some((_, Value::Text(text))) => text,
        _ => "",
    }
}

/// Whether a field says nothing that a reader would miss.
pub(super) fn is_dull(name: &str, value: &Value) -> bool {
    match value {
        Value::List(list) => list.is_empty() && name != "attributes" && name != "roles",
        Value::Records(records) => records.is_empty(),
        Value::Flag(flag) => !flag,
        _ => false,
    }
}
