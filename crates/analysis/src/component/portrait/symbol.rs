//! Types and attributes: what they are, what may enter them, which rules and booleans are about them.

use avstore::{Component, ComponentKind, Conditions, TypeSet, shown_name};
use policydb::{Context, Term, TypeId};

use super::super::{Describer, Fields, Value};
use super::tally::{Entries, Sides, Tally};
use super::{Portrait, Subject};

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
        let tally = Tally::new(self.store, &self.conditions(), id, &symbols);
        for (name, symbols) in named_entries(&tally.entries) {
            all.push((name, self.expanded(symbols).into()));
        }
        all.push(("switched_off", Value::Records(self.switched_off(&tally))));
        all.push(("booleans", Value::Records(self.switches(&tally))));
        all.push(("rules", Value::Records(tally.records())));
        let through = tally.through.iter().map(|(symbol, sides)| {
            vec![
                ("attribute", self.shown_type(*symbol).into()),
                ("rules_as_source", sides.source.into()),
                ("rules_as_target", sides.target.into()),
            ]
        });
        all.push(("through", Value::Records(through.collect())));
        all.retain(|(name, value)| !is_dull(name, value));
        Portrait { kind: ComponentKind::Type, name: self.shown_type(id), fields: all }
    }

    /// An attribute.
    pub(super) fn of_attribute(&self, id: TypeId) -> Portrait {
        let mut all = Describer::new(self.writer).fields(&Component::Attribute(id));
        let mut this = self.store.empty_set();
        this.insert(id);
        let tally = Tally::new(self.store, &self.conditions(), id, &this);
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
        let all = ComponentKind::LABELS.into_iter().flat_map(|kind| avstore::components(self.store, kind));
        let with = all.filter(|component| match component {
            Component::Label(label) => {
                is_it(&label.context) || label.second_context.as_ref().is_some_and(is_it)
            }
            Component::Genfs(_, path) => is_it(&path.context),
            _ => false,
        });
        with.map(|component| self.statement(&component)).collect()
    }

    /// What only rules that are not in force give.
    fn switched_off(&self, tally: &Tally) -> Vec<Fields> {
        let pairs = named_entries(&tally.switched_off).into_iter().zip(named_entries(&tally.entries));
        let only_off = pairs.filter_map(|((name, off), (_, on))| {
            let on = self.expanded(on);
            let mut types = self.expanded(off);
            types.retain(|name| on.binary_search(name).is_err());
            let what = name.replace('_', " ");
            (!types.is_empty()).then(|| vec![("what", what.into()), ("types", types.into())])
        });
        only_off.collect()
    }

    fn conditions(&self) -> Conditions {
        Conditions::under(self.store.policy(), self.booleans)
    }

    fn switches(&self, tally: &Tally) -> Vec<Fields> {
        let named = |&(id, switched): &(policydb::BoolId, Sides)| {
            let (name, _) = self.store.policy().boolean(id)?;
            let state = if self.booleans.get(id) { "on" } else { "off" };
            Some(vec![
                ("name", shown_name(name.as_bytes()).into()),
                ("state", state.into()),
                ("rules_as_source", switched.source.into()),
                ("rules_as_target", switched.target.into()),
            ])
        };
        tally.booleans.iter().filter_map(named).collect()
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

/// What connects a type with others, each with the name of its field.
fn named_entries(entries: &Entries) -> [(&'static str, &TypeSet); 4] {
    [
        ("entry_points", &entries.entry_points),
        ("entry_point_of", &entries.entry_point_of),
        ("entered_from", &entries.entered_from),
        ("dynamically_from", &entries.entered_dynamically),
    ]
}

/// Whether a field says nothing that a reader would miss.
pub(super) fn is_dull(name: &str, value: &Value) -> bool {
    match value {
        Value::List(list) => list.is_empty() && name != "attributes",
        Value::Records(records) => records.is_empty(),
        Value::Flag(flag) => !flag,
        _ => false,
    }
}
