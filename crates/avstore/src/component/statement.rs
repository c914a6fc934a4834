//! The statements that declare components, in policy language, one a line.
//!
//! Names are sorted; braces stand around several. Where a component's statement in policy source takes several lines
//! (an attribute and its members, a conditional and its rules), its line says what is there.

use std::io::Write;

use policydb::{ClassId, Ebitmap, Name, Permission, RoleId, TypeId};

use super::labels::{keyword, write_context, write_genfs, write_object};
use super::{Component, ComponentKind, ConstraintOf, capability_name};
use crate::level::{write_level, write_range};
use crate::statement::{UNNAMED, quoted_text, write_name, write_type};
use crate::{FileNames, Grouped, Store, condition_text, constraint_steps, constraint_text};

/// Writes statements of components. It remembers the aliases of types, sensitivities and categories.
#[derive(Debug)]
pub struct ComponentWriter<'s, 'p> {
    store: &'s Store<'p>,
    names: FileNames,
    type_aliases: Grouped<Name<'p>>,
    sensitivity_aliases: Grouped<Name<'p>>,
    category_aliases: Grouped<Name<'p>>,
}

impl<'s, 'p> ComponentWriter<'s, 'p> {
    /// A writer for the components of a store. With [`FileNames::Quoted`] every name is escaped; with
    /// [`FileNames::Bare`] labelling statements are byte for byte those of SETools 4.4.1. O(types + levels).
    pub fn new(store: &'s Store<'p>, names: FileNames) -> Self {
        let policy = store.policy();
        let types = policy.type_aliases().map(|(alias, id)| (id.index(), alias));
        let sensitivities = policy.sensitivities().into_iter().flat_map(|(_, records)| records.iter());
        let sensitivities = sensitivities
            .filter(|record| record.is_alias)
            .filter_map(|record| Some((index(record.level.sensitivity)?, record.name)));
        let categories = policy.categories().into_iter().flat_map(|(_, records)| records.iter());
        let categories = categories
            .filter(|record| record.is_alias)
            .filter_map(|record| Some((index(record.value)?, record.name)));
        let n_sensitivities = policy.sensitivities().map_or(0, |(n_values, _)| n_values);
        let n_categories = policy.categories().map_or(0, |(n_values, _)| n_values);
        ComponentWriter {
            store,
            names,
            type_aliases: Grouped::new(policy.n_types(), types),
            sensitivity_aliases: Grouped::new(n_sensitivities, sensitivities),
            category_aliases: Grouped::new(n_categories, categories),
        }
    }

    /// The store whose components are written.
    pub fn store(&self) -> &'s Store<'p> {
        self.store
    }

    /// The other names of a type, sensitivity or category, in the order of the file.
    pub fn aliases(&self, component: &Component<'_>) -> &[Name<'p>] {
        match component {
            Component::Type(id) => self.type_aliases.get(id.index()),
            Component::Sensitivity(value) => {
                index(*value).map_or(&[], |index| self.sensitivity_aliases.get(index))
            }
            Component::Category(value) => index(*value).map_or(&[], |index| self.category_aliases.get(index)),
            _ => &[],
        }
    }

    /// The name by which a component is listed and asked for; `None` for statements that have none.
    pub fn name(&self, component: &Component<'_>) -> Option<Vec<u8>> {
        let policy = self.store.policy();
        let own = |name: Name<'_>| Some(name.as_bytes().to_vec());
        match component {
            Component::Type(id)
            | Component::Attribute(id)
            | Component::Permissive(id)
            | Component::NeverAudit(id) => Some(self.store.type_name(*id).bytes().into_owned()),
            Component::Alias(name, _) | Component::Permission(name) => own(*name),
            Component::Role(role) => own(role.name),
            Component::User(user) => own(user.name),
            Component::Class(class) => own(class.name),
            Component::Common(common) => own(common.name),
            Component::Boolean(id) => policy.boolean(*id).and_then(|(name, _)| own(name)),
            Component::Sensitivity(value) => policy.sensitivity_name(*value).and_then(own),
            Component::Category(value) => policy.category_name(*value).and_then(own),
            Component::Capability(number) => Some(capability_name(*number).into_owned().into_bytes()),
            Component::Label(label) => match label.object {
                object @ policydb::Object::InitialSid(_) => {
                    Some(super::object_text(policy, object).into_bytes())
                }
                _ => None,
            },
            Component::Conditional(_)
            | Component::Constraint(_)
            | Component::TypeBounds(..)
            | Component::RoleBounds(..)
            | Component::UserBounds(..)
            | Component::Genfs(..)
            | Component::Default(_) => None,
        }
    }

    /// Appends what a listing shows of a component: its name, or its statement if it has none.
    pub fn write_short(&self, component: &Component<'_>, out: &mut Vec<u8>) {
        match self.name(component) {
            Some(name) => write_name(Name::new(&name), self.names, out),
            None => self.write_statement(component, out),
        }
    }

    /// Appends the statement of a component.
    pub fn write_statement(&self, component: &Component<'_>, out: &mut Vec<u8>) {
        let (store, names) = (self.store, self.names);
        let policy = store.policy();
        let own = |name: Name<'_>, out: &mut Vec<u8>| write_name(name, names, out);
        match component {
            Component::Type(id) => self.write_type_statement(component, *id, out),
            Component::Attribute(id) => {
                out.extend(b"attribute ");
                write_type(store.type_name(*id), names, out);
                out.push(b';');
            }
            Component::Alias(alias, id) => {
                out.extend(b"typealias ");
                write_type(store.type_name(*id), names, out);
                out.extend(b" alias ");
                own(*alias, out);
                out.push(b';');
            }
            Component::Role(role) => {
                out.extend(b"role ");
                own(role.name, out);
                if !role.types.is_empty() {
                    out.extend(b" types ");
                    self.write_types(role.types, out);
                }
                out.push(b';');
            }
            Component::User(user) => {
                out.extend(b"user ");
                own(user.name, out);
                out.extend(b" roles ");
                let role_name = |bit| policy.role_name(RoleId::from_index(bit)).unwrap_or(UNNAMED);
                self.write_set(user.roles.bits().map(role_name).collect(), out);
                if let Some((range, level)) = user.levels.filter(|_| policy.header().mls) {
                    out.extend(b" level ");
                    write_level(policy, level, names, out);
                    out.extend(b" range ");
                    write_range(policy, range, names, out);
                }
                out.push(b';');
            }
            Component::Class(class) => {
                out.extend(b"class ");
                own(class.name, out);
                if let Some(common) = class.common {
                    out.extend(b" inherits ");
                    own(common, out);
                }
                if !class.permissions.is_empty() {
                    out.push(b' ');
                    self.write_braced(class.permissions.iter().map(permission_name).collect(), out);
                }
            }
            Component::Common(common) => {
                out.extend(b"common ");
                own(common.name, out);
                out.push(b' ');
                self.write_braced(common.permissions.iter().map(permission_name).collect(), out);
            }
            Component::Permission(name) => {
                own(*name, out);
                out.extend(b" of ");
                let classes = store.classes_with(name.as_bytes());
                self.write_set(classes.into_iter().map(|(class, _)| store.class_name(class)).collect(), out);
            }
            Component::Boolean(id) => {
                if let Some((name, boolean)) = policy.boolean(*id) {
                    out.extend(b"bool ");
                    own(name, out);
                    out.extend(if boolean.state { &b" true;"[..] } else { b" false;" });
                }
            }
            Component::Conditional(position) => {
                if let Some(conditional) = policy.conditionals().get(*position) {
                    let (when_true, when_false) = (&conditional.true_rules, &conditional.false_rules);
                    let _ = write!(
                        out,
                        "if ({}) {{ {} }} else {{ {} }}",
                        condition_text(policy, conditional),
                        n_rules(when_true.len()),
                        n_rules(when_false.len())
                    );
                }
            }
            Component::Sensitivity(value) => {
                let name = policy.sensitivity_name(*value).unwrap_or(UNNAMED);
                self.write_with_aliases("sensitivity", name, component, out);
            }
            Component::Category(value) => {
                let name = policy.category_name(*value).unwrap_or(UNNAMED);
                self.write_with_aliases("category", name, component, out);
            }
            Component::Constraint(of) => self.write_constraint(of, out),
            Component::TypeBounds(parent, child) => {
                out.extend(b"typebounds ");
                write_type(store.type_name(*parent), names, out);
                out.push(b' ');
                write_type(store.type_name(*child), names, out);
                out.push(b';');
            }
            Component::RoleBounds(child, parent) | Component::UserBounds(child, parent) => {
                let is_role = matches!(component, Component::RoleBounds(..));
                out.extend(if is_role { &b"rolebounds "[..] } else { b"userbounds " });
                own(*parent, out);
                out.push(b' ');
                own(*child, out);
                out.push(b';');
            }
            Component::Permissive(id) | Component::NeverAudit(id) => {
                let is_permissive = matches!(component, Component::Permissive(_));
                out.extend(if is_permissive { &b"permissive "[..] } else { b"neveraudit " });
                write_type(store.type_name(*id), names, out);
                out.push(b';');
            }
            Component::Capability(number) => {
                let _ = write!(out, "policycap {};", capability_name(*number));
            }
            Component::Label(label) => {
                out.extend(keyword(label.object).as_bytes());
                out.push(b' ');
                write_object(policy, label.object, names, out);
                for context in [Some(&label.context), label.second_context.as_ref()].into_iter().flatten() {
                    out.push(b' ');
                    write_context(store, context, names, out);
                }
                if matches!(label.object, policydb::Object::FsUse(..)) {
                    out.push(b';');
                }
            }
            Component::Genfs(fstype, path) => {
                out.extend(b"genfscon ");
                write_genfs(store, *fstype, path, names, out);
                out.push(b' ');
                write_context(store, &path.context, names, out);
            }
            Component::Default(default) => {
                out.extend(default.keyword.as_bytes());
                out.push(b' ');
                own(default.class, out);
                let _ = write!(out, " {};", default.from);
            }
        }
    }

    /// `type NAME alias { A B }, ATTRIBUTE, ATTRIBUTE;`
    fn write_type_statement(&self, component: &Component<'_>, id: TypeId, out: &mut Vec<u8>) {
        out.extend(b"type ");
        write_type(self.store.type_name(id), self.names, out);
        self.write_aliases(component, out);
        let attributes = self.store.policy().attributes_of(id);
        let attributes = attributes.bits().map(TypeId::from_index).filter(|&attribute| attribute != id);
        let mut attributes: Vec<_> =
            attributes.map(|attribute| self.store.type_name(attribute).bytes()).collect();
        attributes.sort_unstable();
        for attribute in attributes {
            out.extend(b", ");
            write_name(Name::new(&attribute), self.names, out);
        }
        out.push(b';');
    }

    fn write_with_aliases(&self, keyword: &str, name: Name<'_>, of: &Component<'_>, out: &mut Vec<u8>) {
        out.extend(keyword.as_bytes());
        out.push(b' ');
        write_name(name, self.names, out);
        self.write_aliases(of, out);
        out.push(b';');
    }

    fn write_aliases(&self, of: &Component<'_>, out: &mut Vec<u8>) {
        let aliases = self.aliases(of);
        if !aliases.is_empty() {
            out.extend(b" alias ");
            self.write_set(aliases.to_vec(), out);
        }
    }

    /// `constrain file { read write } (u1 == u2 or …);`
    fn write_constraint(&self, of: &ConstraintOf<'_>, out: &mut Vec<u8>) {
        let (store, names) = (self.store, self.names);
        out.extend(of.kind.keyword().as_bytes());
        out.push(b' ');
        write_name(store.class_name(of.class), names, out);
        if matches!(of.kind, ComponentKind::Constrain | ComponentKind::MlsConstrain) {
            out.push(b' ');
            self.write_set(constrained(store, of.class, of.constraint.permissions), out);
        }
        let text = constraint_text(store, &constraint_steps(&of.constraint), usize::MAX);
        let _ = write!(out, " ({text});");
    }

    fn write_types(&self, types: Ebitmap<'_>, out: &mut Vec<u8>) {
        let mut type_names: Vec<_> =
            types.bits().map(|bit| self.store.type_name(TypeId::from_index(bit)).bytes()).collect();
        type_names.sort_unstable();
        self.write_set(type_names.iter().map(|name| Name::new(name)).collect(), out);
    }

    /// One name, or several in braces, sorted.
    fn write_set(&self, set: Vec<Name<'_>>, out: &mut Vec<u8>) {
        match set.as_slice() {
            [one] => write_name(*one, self.names, out),
            _ => self.write_braced(set, out),
        }
    }

    fn write_braced(&self, mut set: Vec<Name<'_>>, out: &mut Vec<u8>) {
        set.sort_unstable();
        out.extend(b"{ ");
        for name in set {
            write_name(name, self.names, out);
            out.push(b' ');
        }
        out.push(b'}');
    }
}

/// The names of the permissions of a class that a constraint is about.
fn constrained<'p>(store: &Store<'p>, class: ClassId, permissions: u32) -> Vec<Name<'p>> {
    let all = store.permissions(class).iter();
    all.filter(|permission| permissions >> permission.bit & 1 == 1)
        .map(|permission| permission.name)
        .collect()
}

fn permission_name(permission: Permission<'_>) -> Name<'_> {
    permission.name
}

fn n_rules(n: usize) -> String {
    if n == 1 { "1 rule".to_owned() } else { format!("{n} rules") }
}

/// The position of a value that starts at 1.
fn index(value: u32) -> Option<usize> {
    (value as usize).checked_sub(1)
}

/// A name as native output shows it.
pub fn shown_name(name: &[u8]) -> String {
    quoted_text(Name::new(name))
}
