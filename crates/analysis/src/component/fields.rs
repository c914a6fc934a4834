//! A component, field by field: what tables and JSON show.

use avstore::{
    Component, ComponentWriter, capability_name, compares_levels, condition_text, constraint_steps,
    constraint_text, context_text, object_text, protocol_name, range_text, shown_name,
};
use policydb::{ClassId, Context, Ebitmap, Name, Object, ObjectContext, RoleId, TypeId};

/// What a field says. Names are escaped as everywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// One word or statement.
    Text(String),
    /// A number.
    Number(u64),
    /// Yes or no.
    Flag(bool),
    /// Several words.
    List(Vec<String>),
    /// Several things with fields of their own.
    Records(Vec<Fields>),
    /// Fields of its own.
    Record(Fields),
}

/// Named values, in the order in which they are shown. The same kind has always the same fields.
pub type Fields = Vec<(&'static str, Value)>;

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Value::Number(number as u64)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Value::Number(u64::from(number))
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Value::Flag(flag)
    }
}

impl From<Vec<String>> for Value {
    fn from(list: Vec<String>) -> Self {
        Value::List(list)
    }
}

/// A name as it is shown.
pub(super) fn shown(name: Name<'_>) -> String {
    shown_name(name.as_bytes())
}

fn sorted(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = names.into_iter().collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The fields of a component.
pub fn fields<'p>(writer: &ComponentWriter<'_, 'p>, component: &Component<'p>) -> Fields {
    let store = writer.store();
    let policy = store.policy();
    let type_name = |id: TypeId| shown_name(&store.type_name(id).bytes());
    let types = |bits: Ebitmap<'_>| sorted(bits.bits().map(TypeId::from_index).map(type_name));
    let aliases = || sorted(writer.aliases(component).iter().map(|name| shown(*name)));
    let permissions =
        |class: ClassId| sorted(policy.permissions(class).map(|permission| shown(permission.name)));
    match component {
        Component::Type(id) => {
            let attributes =
                policy.attributes_of(*id).bits().map(TypeId::from_index).filter(|other| other != id);
            let bounds = policy.type_symbol(*id).and_then(|(_, symbol)| symbol.bounds);
            let mut fields: Fields = vec![
                ("name", type_name(*id).into()),
                ("permissive", policy.permissive_types().contains(id.value() as usize).into()),
            ];
            fields.extend(bounds.map(|parent| ("bounded_by", type_name(parent).into())));
            fields.push(("aliases", aliases().into()));
            fields.push(("attributes", sorted(attributes.map(type_name)).into()));
            fields
        }
        Component::Attribute(id) => {
            let members = store.members(*id);
            let members = sorted(members.iter().map(type_name));
            vec![("name", type_name(*id).into()), ("types", members.into())]
        }
        Component::Alias(alias, id) => {
            vec![("name", shown(*alias).into()), ("type", type_name(*id).into())]
        }
        Component::Role(role) => {
            let mut fields: Fields =
                vec![("name", shown(role.name).into()), ("types", types(role.types).into())];
            let parent = role.bounds.and_then(|id| policy.role_name(id));
            fields.extend(parent.map(|parent| ("bounded_by", shown(parent).into())));
            fields
        }
        Component::User(user) => {
            let roles = user.roles.bits().filter_map(|bit| policy.role_name(RoleId::from_index(bit)));
            let mut fields: Fields =
                vec![("name", shown(user.name).into()), ("roles", sorted(roles.map(shown)).into())];
            if let Some((range, level)) = user.levels.filter(|_| policy.header().mls) {
                let level = policydb::Range { low: level, high: None };
                fields.push(("level", range_text(policy, level).into()));
                fields.push(("range", range_text(policy, range).into()));
            }
            let parent = user.bounds.and_then(|id| policy.user_name(id));
            fields.extend(parent.map(|parent| ("bounded_by", shown(parent).into())));
            fields
        }
        Component::Class(class) => {
            let mut fields: Fields = vec![("name", shown(class.name).into())];
            fields.extend(class.common.map(|common| ("common", shown(common).into())));
            let all = ClassId::from_value(class.value).map(permissions).unwrap_or_default();
            fields.push(("permissions", all.into()));
            fields
        }
        Component::Common(common) => {
            let own = sorted(common.permissions.iter().map(|permission| shown(permission.name)));
            let heirs = policy.classes().1.iter().filter(|class| class.common == Some(common.name));
            vec![
                ("name", shown(common.name).into()),
                ("permissions", own.into()),
                ("classes", sorted(heirs.map(|class| shown(class.name))).into()),
            ]
        }
        Component::Permission(name) => {
            let classes = store.classes_with(name.as_bytes()).into_iter();
            let classes = classes.map(|(class, _)| shown(store.class_name(class)));
            vec![("name", shown(*name).into()), ("classes", sorted(classes).into())]
        }
        Component::Boolean(id) => {
            let (name, state) = policy
                .boolean(*id)
                .map_or_else(Default::default, |(name, boolean)| (shown(name), boolean.state));
            let conditionals = policy.conditionals().iter();
            let n_conditionals = conditionals
                .filter(|conditional| avstore::boolean_ids(conditional).any(|other| other == *id));
            vec![
                ("name", name.into()),
                ("state", if state { "on" } else { "off" }.into()),
                ("conditionals", n_conditionals.count().into()),
            ]
        }
        Component::Conditional(position) => {
            let Some(conditional) = policy.conditionals().get(*position) else { return Vec::new() };
            vec![
                ("condition", condition_text(policy, conditional).into()),
                ("rules_if_true", conditional.true_rules.len().into()),
                ("rules_if_false", conditional.false_rules.len().into()),
            ]
        }
        Component::Sensitivity(value) => {
            let name = policy.sensitivity_name(*value).map(shown).unwrap_or_default();
            let mut records = policy.sensitivities().into_iter().flat_map(|(_, records)| records.iter());
            let level = records.find(|record| !record.is_alias && record.level.sensitivity == *value);
            let level = level.map(|record| policydb::Range { low: record.level, high: None });
            vec![
                ("name", name.into()),
                ("aliases", aliases().into()),
                ("level", level.map(|level| range_text(policy, level)).unwrap_or_default().into()),
            ]
        }
        Component::Category(value) => {
            let name = policy.category_name(*value).map(shown).unwrap_or_default();
            vec![("name", name.into()), ("aliases", aliases().into())]
        }
        Component::Constraint(of) => {
            let steps = constraint_steps(&of.constraint);
            let all = store.permissions(of.class).iter();
            let constrained = all.filter(|permission| of.constraint.permissions >> permission.bit & 1 == 1);
            vec![
                ("kind", of.kind.keyword().into()),
                ("class", shown(store.class_name(of.class)).into()),
                ("permissions", sorted(constrained.map(|permission| shown(permission.name))).into()),
                ("expression", constraint_text(store, &steps, usize::MAX).into()),
                ("compares_levels", compares_levels(&steps).into()),
            ]
        }
        Component::TypeBounds(parent, child) => {
            vec![("parent", type_name(*parent).into()), ("child", type_name(*child).into())]
        }
        Component::RoleBounds(child, parent) | Component::UserBounds(child, parent) => {
            vec![("parent", shown(*parent).into()), ("child", shown(*child).into())]
        }
        Component::Permissive(id) | Component::NeverAudit(id) => vec![("name", type_name(*id).into())],
        Component::Capability(number) => {
            vec![("name", capability_name(*number).into_owned().into()), ("number", (*number).into())]
        }
        Component::Label(label) => label_fields(writer, label),
        Component::Genfs(fstype, path) => {
            let mut fields: Fields =
                vec![("file_system", shown(*fstype).into()), ("path", path.path.to_string().into())];
            fields.extend(path.class.map(|class| ("class", shown(store.class_name(class)).into())));
            fields.push(("context", context_text(store, &path.context).into()));
            fields
        }
        Component::Default(default) => vec![
            ("kind", default.keyword.into()),
            ("class", shown(default.class).into()),
            ("from", default.from.into()),
        ],
    }
}

fn label_fields(writer: &ComponentWriter<'_, '_>, label: &ObjectContext<'_>) -> Fields {
    let store = writer.store();
    let policy = store.policy();
    let mut fields: Fields = match label.object {
        Object::Port { protocol, low, high } => vec![
            ("protocol", protocol_name(protocol).into_owned().into()),
            ("low", low.into()),
            ("high", high.into()),
        ],
        object => {
            let name = match object {
                Object::InitialSid(_) => "name",
                Object::FileSystem(_) | Object::FsUse(..) => "file_system",
                Object::Interface(_) => "interface",
                Object::Node(..) | Object::Node6(..) => "network",
                Object::IbPkey(..) => "keys",
                Object::IbEndPort(..) | Object::IoPort(..) | Object::Port { .. } => "port",
                Object::Pirq(_) => "irq",
                Object::IoMem(..) => "memory",
                Object::PciDevice(_) => "device",
                Object::DeviceTree(_) => "path",
            };
            vec![(name, object_text(policy, object).into())]
        }
    };
    if let Object::FsUse(behaviour, _) = label.object {
        let behaviour = match behaviour {
            1 => "xattr",
            2 => "trans",
            3 => "task",
            _ => "none",
        };
        fields.push(("behaviour", behaviour.into()));
    }
    let text = |context: &Context<'_>| context_text(store, context);
    fields.push(("context", text(&label.context).into()));
    if let Some(second) = &label.second_context {
        let name = if matches!(label.object, Object::Interface(_)) { "packets" } else { "files" };
        fields.push((name, text(second).into()));
    }
    fields
}
