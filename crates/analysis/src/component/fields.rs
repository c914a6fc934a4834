//! A component, field by field: what tables and JSON show.

use std::collections::HashMap;
use std::sync::OnceLock;

use avstore::{
    Component, ComponentWriter, TypeSet, boolean_ids, capability_name, compares_levels, condition_text,
    constraint_steps, constraint_text, context_text, object_text, protocol_name, range_text, shown_name,
};
use policydb::{BoolId, ClassId, Context, Ebitmap, Level, Name, Object, ObjectContext, RoleId, TypeId};

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

/// Tells components field by field. What would be looked up for each again is found once, so that a listing takes time
/// proportional to the policy and to what it prints.
#[derive(Debug)]
pub struct Describer<'a, 's, 'p> {
    writer: &'a ComponentWriter<'s, 'p>,
    permissive: TypeSet,
    /// How many conditionals name each boolean, by its index; once asked for.
    n_conditionals: OnceLock<Vec<usize>>,
    /// The level that each sensitivity has with all its categories, by its index; once asked for.
    levels: OnceLock<Vec<Option<Level<'p>>>>,
    /// The classes that inherit each common, by its name; once asked for.
    heirs: OnceLock<HashMap<Vec<u8>, Vec<String>>>,
}

impl<'a, 's, 'p> Describer<'a, 's, 'p> {
    /// For the components of the writer's store. O(types).
    pub fn new(writer: &'a ComponentWriter<'s, 'p>) -> Self {
        let store = writer.store();
        let mut permissive = store.empty_set();
        let by_value = store.policy().permissive_types().bits().filter_map(TypeId::from_value);
        by_value.for_each(|id| permissive.insert(id));
        let (n_conditionals, levels, heirs) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Describer { writer, permissive, n_conditionals, levels, heirs }
    }

    fn n_conditionals(&self, id: BoolId) -> usize {
        let policy = self.writer.store().policy();
        let counts = self.n_conditionals.get_or_init(|| {
            let mut counts = vec![0usize; policy.n_booleans()];
            for conditional in policy.conditionals() {
                let mut named: Vec<BoolId> = boolean_ids(conditional).collect();
                named.sort_unstable();
                named.dedup();
                for id in named {
                    if let Some(count) = counts.get_mut(id.index()) {
                        *count += 1;
                    }
                }
            }
            counts
        });
        counts.get(id.index()).copied().unwrap_or(0)
    }

    /// The level of a sensitivity with all categories that it may have.
    fn level(&self, sensitivity: u32) -> Option<Level<'p>> {
        let policy = self.writer.store().policy();
        let levels = self.levels.get_or_init(|| {
            let n_values = policy.sensitivities().map_or(0, |(n_values, _)| n_values);
            let mut levels = vec![None; n_values];
            let records = policy.sensitivities().into_iter().flat_map(|(_, records)| records.iter());
            for record in records.filter(|record| !record.is_alias) {
                let index = (record.level.sensitivity as usize).checked_sub(1);
                if let Some(slot) = index.and_then(|index| levels.get_mut(index)) {
                    *slot = Some(record.level);
                }
            }
            levels
        });
        levels.get((sensitivity as usize).checked_sub(1)?).copied().flatten()
    }

    fn heirs(&self, common: Name<'_>) -> Vec<String> {
        let policy = self.writer.store().policy();
        let heirs = self.heirs.get_or_init(|| {
            let mut heirs: HashMap<Vec<u8>, Vec<String>> = HashMap::new();
            for class in policy.classes().1.iter() {
                if let Some(common) = class.common {
                    heirs.entry(common.as_bytes().to_vec()).or_default().push(shown(class.name));
                }
            }
            heirs
        });
        sorted(heirs.get(common.as_bytes()).into_iter().flatten().cloned())
    }

    /// The fields of a component.
    pub fn fields(&self, component: &Component<'_>) -> Fields {
        let writer = self.writer;
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
                    ("permissive", self.permissive.contains(*id).into()),
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
                vec![
                    ("name", shown(common.name).into()),
                    ("permissions", own.into()),
                    ("classes", self.heirs(common.name).into()),
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
                vec![
                    ("name", name.into()),
                    ("state", if state { "on" } else { "off" }.into()),
                    ("conditionals", self.n_conditionals(*id).into()),
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
                let level = self.level(*value).map(|low| policydb::Range { low, high: None });
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
                let constrained =
                    all.filter(|permission| of.constraint.permissions >> permission.bit & 1 == 1);
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
    if let Some(behaviour) = fs_use_behaviour(label.object) {
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

/// How files of a file system get their labels, for `fs_use` statements.
pub(super) fn fs_use_behaviour(object: Object<'_>) -> Option<&'static str> {
    match object {
        Object::FsUse(1, _) => Some("xattr"),
        Object::FsUse(2, _) => Some("trans"),
        Object::FsUse(3, _) => Some("task"),
        Object::FsUse(..) => Some("none"),
        _ => None,
    }
}
