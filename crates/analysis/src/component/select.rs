//! Which components of some kinds: all, or those that a word names.
//!
//! The word is a name; `@attribute`, for what has types; `/expression/`; a port, an address or a number where
//! statements are about such. What a statement without a name is asked by are the names that it holds: the class of a
//! constraint, the file system or the type of a label, the booleans of a condition.

use avstore::{
    Component, ComponentKind, ComponentWriter, Field, Leaf, Step, TypeSet, boolean_ids, constraint_steps,
    object_text, shown_name,
};
use policydb::{Context, Object, TypeId};
use regex::bytes::Regex;

use super::address::{Hosts, Ports, holds_number, parse_hosts, parse_numbers, parse_ports};
use super::fields::fs_use_behaviour;
use super::order::sort_key;
use crate::LookupError;
use crate::names::{type_named, what_is};
use crate::query::{PatternError, compile, most_text};

/// A listing that cannot be given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// No component of the kinds asked for has the name.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// An expression that is none.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// A port or an address that cannot be.
    #[error("{0}")]
    Impossible(String),
    /// `@` with a name that is no attribute, or for a kind that has no types.
    #[error("{0}")]
    Attribute(String),
    /// Names of a forged policy can be long, and stand in every statement.
    #[error(
        "these components make more than {0} MiB of text, which no policy of this size should\nhelp: ask for one name"
    )]
    TooMuchText(usize),
}

/// The components that a listing is about.
#[derive(Clone, Debug)]
pub struct Selection<'k> {
    kinds: &'k [ComponentKind],
    /// How errors call what is looked for.
    what: &'static str,
    selector: Selector,
}

#[derive(Clone, Debug)]
enum Selector {
    All,
    Name(String),
    Members {
        set: TypeSet,
        attribute: TypeId,
    },
    /// Constraints that speak of a type or attribute.
    Mentioned(TypeId),
    Regex(Regex),
    Ports(Ports),
    Hosts(Hosts),
    Numbers(u64, u64),
}

impl<'k> Selection<'k> {
    /// The components of `kinds` that `word` names, or all. `what` is what errors call one of them.
    ///
    /// # Errors
    /// An attribute that the policy does not have, an expression that is none, an impossible port or address.
    pub fn new(
        writer: &ComponentWriter<'_, '_>,
        kinds: &'k [ComponentKind],
        what: &'static str,
        word: Option<&str>,
    ) -> Result<Self, ListError> {
        let selector = match word {
            None => Selector::All,
            Some("" | "@") => return Err(PatternError::Empty.into()),
            Some(word) => selector(writer, kinds, what, word)?,
        };
        Ok(Selection { kinds, what, selector })
    }

    /// The components, sorted. O(components log components); text is made of no more than what a policy of its size
    /// should hold.
    ///
    /// # Errors
    /// No component has the name, or there is too much text.
    pub fn find<'p>(&self, writer: &ComponentWriter<'_, 'p>) -> Result<Vec<Component<'p>>, ListError> {
        let most = most_text(writer.store().policy().n_bytes());
        let (mut found, mut n_text) = (Vec::new(), 0usize);
        for &kind in self.kinds {
            let mut of_kind = Vec::new();
            for component in avstore::components(writer.store(), kind) {
                let key = sort_key(writer, &component);
                // What does not match has cost its text too.
                n_text = n_text.saturating_add(key.1.len());
                if n_text > most {
                    return Err(ListError::TooMuchText(most >> 20));
                }
                if self.matches(writer, &component, &key.1) {
                    of_kind.push((key, component));
                }
            }
            of_kind.sort_by(|(a, _), (b, _)| a.cmp(b));
            found.extend(of_kind.into_iter().map(|(_, component)| component));
        }
        match &self.selector {
            Selector::Name(name) if found.is_empty() => self.nothing_named(writer, name).map(|()| found),
            _ => Ok(found),
        }
    }

    /// Whether a component is asked for; `text` is its name, or its statement if it has none.
    fn matches(&self, writer: &ComponentWriter<'_, '_>, component: &Component<'_>, text: &[u8]) -> bool {
        let object = |test: &dyn Fn(Object<'_>) -> bool| match component {
            Component::Label(label) => test(label.object),
            _ => false,
        };
        match &self.selector {
            Selector::All => true,
            Selector::Name(name) => keys(writer, component).iter().any(|key| key == name.as_bytes()),
            Selector::Members { set, attribute } => has_member(component, set, *attribute),
            Selector::Regex(regex) => match writer.name(component) {
                Some(_) => keys(writer, component).iter().any(|key| regex.is_match(key)),
                None => regex.is_match(text),
            },
            Selector::Mentioned(id) => mentions(component, *id),
            Selector::Ports(ports) => object(&|object| ports.meet(object)),
            Selector::Hosts(hosts) => object(&|object| hosts.meet(object)),
            Selector::Numbers(low, high) => object(&|object| holds_number(object, *low, *high)),
        }
    }

    /// The error for a name that no component has; none if it is a type, which then has no such statement.
    fn nothing_named(&self, writer: &ComponentWriter<'_, '_>, name: &str) -> Result<(), ListError> {
        let policy = writer.store().policy();
        let has_types = self.kinds.iter().any(|kind| is_about_types(*kind));
        if (has_types && policy.type_named(name.as_bytes()).is_some())
            || (self.kinds.iter().all(|kind| is_about_classes(*kind))
                && policy.class_named(name.as_bytes()).is_some())
            || (self.kinds == [ComponentKind::Conditional] && policy.boolean_named(name.as_bytes()).is_some())
        {
            return Ok(());
        }
        let known = self.kinds.iter().flat_map(|kind| {
            let components = avstore::components(writer.store(), *kind);
            components.flat_map(|component| keys(writer, &component)).map(|key| shown_name(&key))
        });
        let mut error = LookupError::new(self.what, name, known);
        if let Some(other) = what_is(writer.store(), name) {
            error.hint = Some(other);
        }
        Err(error.into())
    }
}

fn selector(
    writer: &ComponentWriter<'_, '_>,
    kinds: &[ComponentKind],
    what: &'static str,
    word: &str,
) -> Result<Selector, ListError> {
    let store = writer.store();
    if let Some(name) = word.strip_prefix('@') {
        let id = type_named(store, name)?;
        if !store.is_attribute(id) {
            let name = store.type_name(id);
            return Err(ListError::Attribute(format!(
                "`{name}` is a type, not an attribute\nhelp: ask for `{name}` without `@`"
            )));
        }
        if !kinds.iter().any(|kind| is_about_types(*kind)) {
            return Err(ListError::Attribute(format!(
                "`@` picks what has types of an attribute, and a {what} has none\nhelp: give a name, or a `/regular expression/`"
            )));
        }
        return Ok(Selector::Members { set: store.members(id), attribute: id });
    }
    if let Some(expression) = word.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'))
        && !expression.is_empty()
    {
        return Ok(Selector::Regex(compile(expression)?));
    }
    if kinds.contains(&ComponentKind::Portcon)
        && let Some(ports) = parse_ports(word)
    {
        match ports {
            Ok(ports) => return Ok(Selector::Ports(ports)),
            Err(error) if kinds.len() == 1 => return Err(ListError::Impossible(error)),
            // Of all labels, something else can have the name.
            Err(_) => {}
        }
    }
    if kinds.contains(&ComponentKind::Nodecon)
        && let Some(hosts) = parse_hosts(word)
    {
        match hosts {
            Ok(hosts) => return Ok(Selector::Hosts(hosts)),
            Err(error) if kinds.len() == 1 => return Err(ListError::Impossible(error)),
            Err(_) => {}
        }
    }
    if kinds.iter().all(|kind| is_constraint(*kind))
        && store.policy().class_named(word.as_bytes()).is_none()
        && let Ok(id) = type_named(store, word)
    {
        return Ok(Selector::Mentioned(id));
    }
    if kinds.iter().all(|kind| is_numbered(*kind))
        && let Some((low, high)) = parse_numbers(word)
    {
        return Ok(Selector::Numbers(low, high));
    }
    // What a component is asked by is the primary name of its type.
    let primary =
        store.policy().type_named(word.as_bytes()).filter(|_| kinds.iter().any(|kind| is_label(*kind)));
    Ok(Selector::Name(primary.map_or_else(
        || word.to_owned(),
        |id| String::from_utf8_lossy(&store.type_name(id).bytes()).into_owned(),
    )))
}

/// The names by which a component is asked for.
pub(super) fn keys(writer: &ComponentWriter<'_, '_>, component: &Component<'_>) -> Vec<Vec<u8>> {
    let store = writer.store();
    let policy = store.policy();
    let type_key = |id| store.type_name(id).bytes().into_owned();
    let mut keys: Vec<Vec<u8>> = writer.name(component).into_iter().collect();
    keys.extend(writer.aliases(component).iter().map(|alias| alias.as_bytes().to_vec()));
    match component {
        Component::Conditional(position) => {
            let conditional = policy.conditionals().get(*position);
            let booleans = conditional.into_iter().flat_map(boolean_ids).filter_map(|id| policy.boolean(id));
            keys.extend(booleans.map(|(name, _)| name.as_bytes().to_vec()));
        }
        Component::Constraint(of) => keys.push(store.class_name(of.class).as_bytes().to_vec()),
        Component::Default(default) => keys.push(default.class.as_bytes().to_vec()),
        Component::TypeBounds(parent, child) => keys.extend([type_key(*child), type_key(*parent)]),
        Component::RoleBounds(child, parent) | Component::UserBounds(child, parent) => {
            keys.extend([child.as_bytes().to_vec(), parent.as_bytes().to_vec()]);
        }
        Component::Label(label) => {
            let name = match label.object {
                Object::FileSystem(name)
                | Object::Interface(name)
                | Object::FsUse(_, name)
                | Object::IbEndPort(name, _)
                | Object::DeviceTree(name) => name.as_bytes().to_vec(),
                object => object_text(policy, object).into_bytes(),
            };
            keys.push(name);
            if let Some(behaviour) = fs_use_behaviour(label.object) {
                keys.push(behaviour.as_bytes().to_vec());
            }
            let contexts = [Some(&label.context), label.second_context.as_ref()];
            keys.extend(contexts.into_iter().flatten().map(|context| type_key(context.r#type)));
        }
        Component::Genfs(fstype, path) => {
            keys.extend([fstype.as_bytes().to_vec(), path.path.as_bytes().to_vec()]);
            keys.push(type_key(path.context.r#type));
        }
        Component::Alias(_, id) => keys.push(type_key(*id)),
        _ => {}
    }
    keys
}

/// Whether a component has, or is, a type of the set, or the attribute itself.
fn has_member(component: &Component<'_>, set: &TypeSet, attribute: TypeId) -> bool {
    let context = |context: &Context<'_>| set.contains(context.r#type);
    match component {
        Component::Type(id)
        | Component::Alias(_, id)
        | Component::Permissive(id)
        | Component::NeverAudit(id)
        | Component::TypeBounds(_, id) => set.contains(*id),
        Component::Attribute(id) => *id == attribute,
        Component::Role(role) => set.intersects(role.types),
        Component::Label(label) => {
            context(&label.context) || label.second_context.as_ref().is_some_and(context)
        }
        Component::Genfs(_, path) => context(&path.context),
        Component::Constraint(_) => mentions(component, attribute),
        _ => false,
    }
}

/// Whether a constraint's expression names a type or attribute, or, before version 29, has the type in a set.
fn mentions(component: &Component<'_>, id: TypeId) -> bool {
    let Component::Constraint(of) = component else { return false };
    constraint_steps(&of.constraint).iter().any(|step| match step {
        Step::Leaf(Leaf::Names(_, Field::Type, _, names)) => match names.written {
            Some((ids, excluded, _)) => ids.contains(id.index()) || excluded.contains(id.index()),
            None => names.ids.contains(id.index()),
        },
        _ => false,
    })
}

fn is_label(kind: ComponentKind) -> bool {
    ComponentKind::LABELS.contains(&kind)
}

fn is_about_types(kind: ComponentKind) -> bool {
    is_label(kind)
        || is_constraint(kind)
        || matches!(
            kind,
            ComponentKind::Type
                | ComponentKind::Attribute
                | ComponentKind::Alias
                | ComponentKind::Role
                | ComponentKind::TypeBounds
                | ComponentKind::Permissive
                | ComponentKind::NeverAudit
        )
}

const fn is_constraint(kind: ComponentKind) -> bool {
    matches!(
        kind,
        ComponentKind::Constrain
            | ComponentKind::MlsConstrain
            | ComponentKind::ValidateTrans
            | ComponentKind::MlsValidateTrans
    )
}

const fn is_about_classes(kind: ComponentKind) -> bool {
    is_constraint(kind) || matches!(kind, ComponentKind::Default)
}

const fn is_numbered(kind: ComponentKind) -> bool {
    matches!(
        kind,
        ComponentKind::Ibpkeycon
            | ComponentKind::Ibendportcon
            | ComponentKind::Pirqcon
            | ComponentKind::Ioportcon
            | ComponentKind::Iomemcon
            | ComponentKind::Pcidevicecon
    )
}
