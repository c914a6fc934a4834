//! Components as SETools 4.4.1 prints them: their statements, where `avstore` writes them otherwise.
//! Source: `typeattr.pxi`, `objclass.pxi`, `role.pxi`, `user.pxi` and `mls.pxi`, and the script `seinfo`.

use std::cell::OnceCell;

use avstore::{Component, ComponentWriter, FileNames, Grouped, Store};
use policydb::{Ebitmap, Name, RoleId, TypeId};

use super::alias_order::SymbolTable;
use super::constraint_text::write_constraint;

/// Writes statements.
pub(super) struct Statements<'s, 'p> {
    writer: ComponentWriter<'s, 'p>,
    types: SymbolTable,
    sensitivities: SymbolTable,
    categories: SymbolTable,
    /// The types of each attribute.
    members: OnceCell<Grouped<TypeId>>,
}

impl<'s, 'p> Statements<'s, 'p> {
    pub(super) fn new(store: &'s Store<'p>) -> Self {
        let policy = store.policy();
        let n_sensitivities = policy.sensitivities().map_or(0, |(_, records)| records.len());
        let n_categories = policy.categories().map_or(0, |(_, records)| records.len());
        Statements {
            writer: ComponentWriter::new(store, FileNames::Bare),
            types: SymbolTable::new(512, policy.types().1.len()),
            sensitivities: SymbolTable::new(16, n_sensitivities),
            categories: SymbolTable::new(16, n_categories),
            members: OnceCell::new(),
        }
    }

    /// What writes those that need no more than `avstore` does.
    pub(super) fn writer(&self) -> &ComponentWriter<'s, 'p> {
        &self.writer
    }

    fn store(&self) -> &'s Store<'p> {
        self.writer.store()
    }

    /// Appends the name of a component, or its statement if it has none. No text is longer than `most`, by much.
    pub(super) fn write_short(&self, component: &Component<'p>, most: usize, out: &mut Vec<u8>) {
        match component {
            Component::Constraint(of) => write_constraint(self.store(), of, most, out),
            _ => self.writer.write_short(component, out),
        }
    }

    /// Appends the statement of a component, likewise.
    pub(super) fn write(&self, component: &Component<'p>, most: usize, out: &mut Vec<u8>) {
        let policy = self.store().policy();
        let header = |keyword: &[u8], name: Name<'_>, out: &mut Vec<u8>| {
            out.extend(keyword);
            out.extend(name.as_bytes());
        };
        match component {
            // COMPAT(setools): permissive types are listed as types.
            Component::Type(id) | Component::Permissive(id) => self.write_type(*id, out),
            Component::Attribute(id) => self.write_attribute(*id, out),
            Component::Sensitivity(value) => {
                header(b"sensitivity ", policy.sensitivity_name(*value).unwrap_or(UNNAMED), out);
                self.write_aliases(component, self.sensitivities, out);
                out.push(b';');
            }
            Component::Category(value) => {
                header(b"category ", policy.category_name(*value).unwrap_or(UNNAMED), out);
                self.write_aliases(component, self.categories, out);
                out.push(b';');
            }
            Component::Class(class) => {
                header(b"class ", class.name, out);
                out.push(b'\n');
                if let Some(common) = class.common {
                    header(b"inherits ", common, out);
                    out.push(b'\n');
                }
                let names: Vec<_> = class.permissions.iter().map(|permission| permission.name).collect();
                if !names.is_empty() {
                    write_block(names, out);
                }
            }
            Component::Common(common) => {
                header(b"common ", common.name, out);
                out.push(b'\n');
                write_block(common.permissions.iter().map(|permission| permission.name).collect(), out);
            }
            Component::Role(role) => {
                header(b"role ", role.name, out);
                out.extend(b" types ");
                write_set(self.type_names(role.types), out);
                out.push(b';');
            }
            Component::User(user) => {
                header(b"user ", user.name, out);
                out.extend(b" roles ");
                let roles = user.roles.bits().filter_map(|bit| policy.role_name(RoleId::from_index(bit)));
                // COMPAT(setools): the role of all objects goes without saying.
                let roles = roles.map(|name| name.as_bytes().to_vec()).filter(|name| name != b"object_r");
                write_set(roles.collect(), out);
                self.write_levels(component, out);
                out.push(b';');
            }
            _ if self.writer.name(component).is_none() => self.write_short(component, most, out),
            _ => self.writer.write_statement(component, out),
        }
    }

    fn write_type(&self, id: TypeId, out: &mut Vec<u8>) {
        let store = self.store();
        out.extend(b"type ");
        out.extend(&*store.type_name(id).bytes());
        self.write_aliases(&Component::Type(id), self.types, out);
        let attributes = store.policy().attributes_of(id).bits().map(TypeId::from_index);
        for attribute in attributes.filter(|&attribute| attribute != id && store.is_attribute(attribute)) {
            out.extend(b", ");
            out.extend(&*store.type_name(attribute).bytes());
        }
        out.push(b';');
    }

    fn write_attribute(&self, id: TypeId, out: &mut Vec<u8>) {
        let store = self.store();
        out.extend(b"attribute ");
        out.extend(&*store.type_name(id).bytes());
        out.push(b';');
        let members = self.members.get_or_init(|| {
            let attributes_of =
                |id| store.policy().attributes_of(id).bits().map(move |bit| (bit as usize, id));
            let pairs = store.type_ids().flat_map(attributes_of).filter(|&(bit, id)| bit != id.index());
            Grouped::new(store.policy().n_types(), pairs)
        });
        let members = members.get(id.index()).iter();
        let mut members: Vec<_> = members.map(|member| store.type_name(*member).bytes()).collect();
        members.sort_unstable();
        for member in &members {
            out.extend(b"\n\t");
            out.extend(&**member);
        }
        if members.is_empty() {
            out.extend(b"\n\t<empty attribute>");
        }
    }

    /// ` level LEVEL range RANGE`, as `avstore` writes them behind the roles.
    fn write_levels(&self, user: &Component<'p>, out: &mut Vec<u8>) {
        let Component::User(user) = user else { return };
        let bare = Component::User(policydb::User { roles: Ebitmap::default(), ..*user });
        let mut statement = Vec::new();
        self.writer.write_statement(&bare, &mut statement);
        let prefix = [b"user ", user.name.as_bytes(), b" roles { }"].concat();
        let levels = statement.strip_prefix(prefix.as_slice()).unwrap_or_default();
        out.extend(levels.strip_suffix(b";").unwrap_or(levels));
    }

    fn write_aliases(&self, of: &Component<'p>, table: SymbolTable, out: &mut Vec<u8>) {
        let mut aliases = self.writer.aliases(of).to_vec();
        if aliases.is_empty() {
            return;
        }
        aliases.sort_unstable_by_key(|alias| table.key(*alias));
        out.extend(b" alias ");
        write_in_braces(&aliases.iter().map(|alias| alias.as_bytes()).collect::<Vec<_>>(), out);
    }

    fn type_names(&self, types: Ebitmap<'_>) -> Vec<Vec<u8>> {
        let name_of = |bit| self.store().type_name(TypeId::from_index(bit)).bytes().into_owned();
        types.bits().map(name_of).collect()
    }
}

const UNNAMED: Name<'static> = Name::new(b"<unnamed>");

/// Names a line each, sorted, between braces on lines of their own.
fn write_block(mut names: Vec<Name<'_>>, out: &mut Vec<u8>) {
    names.sort_unstable();
    out.extend(b"{\n");
    for name in names {
        out.push(b'\t');
        out.extend(name.as_bytes());
        out.push(b'\n');
    }
    out.push(b'}');
}

/// Names, sorted, in braces unless it is one.
fn write_set(mut names: Vec<Vec<u8>>, out: &mut Vec<u8>) {
    names.sort_unstable();
    write_in_braces(&names.iter().map(Vec::as_slice).collect::<Vec<_>>(), out);
}

fn write_in_braces(names: &[&[u8]], out: &mut Vec<u8>) {
    match names {
        [one] => out.extend(*one),
        // COMPAT(setools): none is two blanks.
        several => {
            out.extend(b"{ ");
            out.extend(several.join(&b' '));
            out.extend(b" }");
        }
    }
}
