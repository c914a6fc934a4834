//! The components of a kind, in the order of the file. Each is decoded when its turn comes: a listing of a large
//! policy holds no more than one at a time.

use std::collections::HashSet;

use policydb::{BoolId, ClassId, Name, Platform, TypeId};

use super::{Component, ComponentKind, ConstraintOf, Default};
use crate::{Store, compares_levels, constraint_steps};

/// The components of a kind. O(records of the section), of aliases O(types).
pub fn components<'s, 'p>(
    store: &'s Store<'p>,
    kind: ComponentKind,
) -> Box<dyn Iterator<Item = Component<'p>> + 's> {
    let policy = store.policy();
    match kind {
        ComponentKind::Type => {
            Box::new(store.type_ids().filter(|&id| !store.is_attribute(id)).map(Component::Type))
        }
        ComponentKind::Attribute => Box::new(attribute_ids(store).map(Component::Attribute)),
        ComponentKind::Alias => Box::new(policy.type_aliases().map(|(name, id)| Component::Alias(name, id))),
        ComponentKind::Role => Box::new(policy.roles().1.iter().map(Component::Role)),
        ComponentKind::User => Box::new(policy.users().1.iter().map(Component::User)),
        ComponentKind::Class => {
            Box::new(policy.classes().1.iter().map(|class| Component::Class(Box::new(class))))
        }
        ComponentKind::Common => Box::new(policy.commons().1.iter().map(Component::Common)),
        ComponentKind::Permission => Box::new(permissions(store)),
        ComponentKind::Boolean => {
            let ids = (0..u32::try_from(policy.n_booleans()).unwrap_or(u32::MAX)).map(BoolId::from_index);
            Box::new(ids.filter(|&id| policy.boolean(id).is_some()).map(Component::Boolean))
        }
        ComponentKind::Conditional => Box::new((0..policy.conditionals().len()).map(Component::Conditional)),
        ComponentKind::Sensitivity => {
            let records = policy.sensitivities().into_iter().flat_map(|(_, records)| records.iter());
            let primary = records.filter(|record| !record.is_alias);
            Box::new(primary.map(|record| Component::Sensitivity(record.level.sensitivity)))
        }
        ComponentKind::Category => {
            let records = policy.categories().into_iter().flat_map(|(_, records)| records.iter());
            let primary = records.filter(|record| !record.is_alias);
            Box::new(primary.map(|record| Component::Category(record.value)))
        }
        ComponentKind::Constrain
        | ComponentKind::MlsConstrain
        | ComponentKind::ValidateTrans
        | ComponentKind::MlsValidateTrans => constraints(store, kind),
        ComponentKind::TypeBounds => Box::new(store.type_ids().filter_map(|id| {
            let parent = policy.type_symbol(id)?.1.bounds?;
            Some(Component::TypeBounds(parent, id))
        })),
        ComponentKind::RoleBounds => {
            Box::new(
                policy.roles().1.iter().filter_map(|role| {
                    Some(Component::RoleBounds(role.name, policy.role_name(role.bounds?)?))
                }),
            )
        }
        ComponentKind::UserBounds => {
            Box::new(
                policy.users().1.iter().filter_map(|user| {
                    Some(Component::UserBounds(user.name, policy.user_name(user.bounds?)?))
                }),
            )
        }
        ComponentKind::Permissive => Box::new(
            policy.permissive_types().bits().filter_map(TypeId::from_value).map(Component::Permissive),
        ),
        ComponentKind::NeverAudit => Box::new(
            policy.neveraudit_types().bits().filter_map(TypeId::from_value).map(Component::NeverAudit),
        ),
        ComponentKind::Capability => Box::new(policy.capabilities().bits().map(Component::Capability)),
        ComponentKind::Default => Box::new(defaults(store)),
        ComponentKind::Genfscon => Box::new(policy.genfs().iter().flat_map(|genfs| {
            genfs.paths.iter().map(move |path| Component::Genfs(genfs.fstype, Box::new(path)))
        })),
        ComponentKind::InitialSid
        | ComponentKind::FsUse
        | ComponentKind::Fscon
        | ComponentKind::Portcon
        | ComponentKind::Netifcon
        | ComponentKind::Nodecon
        | ComponentKind::Ibpkeycon
        | ComponentKind::Ibendportcon
        | ComponentKind::Pirqcon
        | ComponentKind::Ioportcon
        | ComponentKind::Iomemcon
        | ComponentKind::Pcidevicecon
        | ComponentKind::Devicetreecon => labels(store, kind),
    }
}

/// The attributes: symbols that are declared as such, and, before version 24, ids without a symbol that some type
/// has.
fn attribute_ids<'s>(store: &'s Store<'_>) -> impl Iterator<Item = TypeId> + 's {
    let policy = store.policy();
    let mut is_used = store.empty_set();
    let unnamed = !policy.format().has(policydb::format::Feature::Bounds);
    if unnamed {
        store.type_ids().for_each(|id| is_used.insert_all(policy.attributes_of(id)));
    }
    let n_types = u32::try_from(policy.n_types()).unwrap_or(u32::MAX);
    (0..n_types).map(TypeId::from_index).filter(move |&id| match policy.type_symbol(id) {
        Some((_, symbol)) => symbol.is_attribute,
        None => is_used.contains(id),
    })
}

/// The names of permissions, each once, in the order in which classes have them.
fn permissions<'s, 'p>(store: &'s Store<'p>) -> impl Iterator<Item = Component<'p>> + use<'s, 'p> {
    let mut seen: HashSet<Name<'p>> = HashSet::new();
    let policy = store.policy();
    let all = store.class_ids().flat_map(move |class| policy.permissions(class));
    all.filter(move |permission| seen.insert(permission.name))
        .map(|permission| Component::Permission(permission.name))
}

fn constraints<'s, 'p>(
    store: &'s Store<'p>,
    kind: ComponentKind,
) -> Box<dyn Iterator<Item = Component<'p>> + 's> {
    let is_transition = matches!(kind, ComponentKind::ValidateTrans | ComponentKind::MlsValidateTrans);
    let has_levels = matches!(kind, ComponentKind::MlsConstrain | ComponentKind::MlsValidateTrans);
    let of_class = move |class: policydb::Class<'p>| {
        let id = ClassId::from_value(class.value);
        let constraints = if is_transition { class.validatetrans } else { Some(class.constraints) };
        let constraints = constraints.into_iter().flat_map(|constraints| constraints.iter());
        constraints.filter_map(move |constraint| Some(ConstraintOf { kind, class: id?, constraint }))
    };
    let all = store.policy().classes().1.iter().flat_map(of_class);
    Box::new(
        all.filter(move |of| compares_levels(&constraint_steps(&of.constraint)) == has_levels)
            .map(Component::Constraint),
    )
}

/// Source: `DEFAULT_*` in libsepol's `policydb.h`.
fn defaults<'p>(store: &Store<'p>) -> impl Iterator<Item = Component<'p>> + use<'p> {
    let side = |value: u32| match value {
        1 => Some("source"),
        2 => Some("target"),
        _ => None,
    };
    let range = |value: u32| match value {
        1 => Some("source low"),
        2 => Some("source high"),
        3 => Some("source low_high"),
        4 => Some("target low"),
        5 => Some("target high"),
        6 => Some("target low_high"),
        7 => Some("glblub"),
        _ => None,
    };
    store.policy().classes().1.iter().flat_map(move |class| {
        let [user, role, of_range] = class.defaults.unwrap_or_default();
        let fields = [
            ("default_user", side(user)),
            ("default_role", side(role)),
            ("default_type", side(class.default_type.unwrap_or_default())),
            ("default_range", range(of_range)),
        ];
        let class = class.name;
        fields.into_iter().filter_map(move |(keyword, from)| {
            Some(Component::Default(Default { keyword, class, from: from? }))
        })
    })
}

fn labels<'s, 'p>(store: &'s Store<'p>, kind: ComponentKind) -> Box<dyn Iterator<Item = Component<'p>> + 's> {
    let policy = store.policy();
    let is_xen = policy.format().platform == Platform::Xen;
    let list = |list: Option<usize>| {
        let records = list.and_then(|list| policy.object_contexts().get(list));
        records.into_iter().flat_map(|records| records.iter()).map(|label| Component::Label(Box::new(label)))
    };
    let other = if kind == ComponentKind::Nodecon && !is_xen { Some(6) } else { None };
    Box::new(list(kind.context_list(is_xen)).chain(list(other)))
}
