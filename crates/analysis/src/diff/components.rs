//! What two policies declare other than rules: what was added, what was removed, and what changed of the rest.
//!
//! Types and attributes are compared in the common space, so that a rename is none of these. Users and sensitivities are compared
//! field by field (`fields.rs`). All else is compared by its statement, word by word, with renamed types under their new
//! name: the order counts outside braces, and not within. That a role may have a new type belongs to the type, and is no
//! change of the role.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use avstore::{Component, ComponentKind, ComponentWriter, FileNames, components, shown_name};
use policydb::format::Feature;

use super::both::{Both, Which};
use super::fields::{Fields, Part};
use super::formats::Formats;
use super::matching::{Matching, Symbol};

/// What changed of one kind of component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComponentChange {
    /// The kind.
    pub kind: ComponentKind,
    /// Names, or statements of what has no name, that only the newer policy has; sorted.
    pub added: Vec<String>,
    /// Those that only the older one has.
    pub removed: Vec<String>,
    /// Names of what both have and state differently, and what is different.
    pub changed: Vec<(String, Both<Vec<Part>>)>,
}

impl ComponentChange {
    fn new(kind: ComponentKind) -> Self {
        ComponentChange { kind, added: Vec::new(), removed: Vec::new(), changed: Vec::new() }
    }

    /// Whether there is no change.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

/// Kinds that are compared by their statements, and what both policies must have for it. Constraints are compared by what
/// they mean (`constraints.rs`).
const BY_STATEMENT: &[(ComponentKind, Option<Feature>)] = &[
    (ComponentKind::Class, None),
    (ComponentKind::Common, None),
    (ComponentKind::Role, None),
    (ComponentKind::User, None),
    (ComponentKind::Boolean, Some(Feature::Booleans)),
    (ComponentKind::Sensitivity, Some(Feature::Mls)),
    (ComponentKind::Category, Some(Feature::Mls)),
    (ComponentKind::TypeBounds, Some(Feature::Bounds)),
    (ComponentKind::RoleBounds, Some(Feature::Bounds)),
    (ComponentKind::UserBounds, Some(Feature::Bounds)),
    (ComponentKind::Permissive, Some(Feature::Permissive)),
    (ComponentKind::NeverAudit, Some(Feature::NeverAudit)),
    (ComponentKind::Capability, Some(Feature::Capabilities)),
    (ComponentKind::Default, Some(Feature::ObjectDefaults)),
    (ComponentKind::InitialSid, None),
    (ComponentKind::FsUse, None),
    (ComponentKind::Genfscon, None),
    (ComponentKind::Fscon, None),
    (ComponentKind::Portcon, None),
    (ComponentKind::Netifcon, None),
    (ComponentKind::Nodecon, None),
    (ComponentKind::Ibpkeycon, Some(Feature::InfiniBand)),
    (ComponentKind::Ibendportcon, Some(Feature::InfiniBand)),
    (ComponentKind::Pirqcon, None),
    (ComponentKind::Ioportcon, None),
    (ComponentKind::Iomemcon, None),
    (ComponentKind::Pcidevicecon, None),
    (ComponentKind::Devicetreecon, None),
];

/// All changes, by kind; kinds without any are left out.
pub(super) fn component_changes(matching: &Matching<'_, '_>, formats: Formats) -> Vec<ComponentChange> {
    let mut changes = vec![types(matching), aliases(matching)];
    if formats.both_have(Feature::Bounds) {
        changes.insert(1, attributes(matching));
    }
    let writers = Both::of(|which| ComponentWriter::new(matching.store(which), FileNames::Quoted));
    let renamed: HashMap<String, String> = matching.renamed().into_iter().collect();
    let one_sided: HashSet<String> = matching
        .types()
        .filter(|symbol| !matching.in_both(*symbol))
        .map(|symbol| matching.name(symbol))
        .collect();
    for (kind, feature) in BY_STATEMENT {
        if feature.is_none_or(|feature| formats.both_have(feature)) {
            changes.push(by_statement(matching, &writers, (&renamed, &one_sided), *kind, formats));
        }
    }
    changes.retain(|change| !change.is_empty());
    changes
}

fn sorted_names(matching: &Matching<'_, '_>, symbols: impl Iterator<Item = Symbol>) -> Vec<String> {
    let mut names: Vec<String> = symbols.map(|symbol| matching.name(symbol)).collect();
    names.sort_unstable();
    names
}

fn types(matching: &Matching<'_, '_>) -> ComponentChange {
    let only = |which: Which| {
        let is_only = move |symbol: &Symbol| !matching.has(which.other(), *symbol);
        sorted_names(matching, matching.types().filter(is_only))
    };
    let mut change = ComponentChange::new(ComponentKind::Type);
    (change.added, change.removed) = (only(Which::New), only(Which::Old));
    change
}

/// Attributes with a name of their own; they changed if types that both policies have joined or left them.
fn attributes(matching: &Matching<'_, '_>) -> ComponentChange {
    let is_named = |symbol: &Symbol| matching.is_attribute(*symbol) && !matching.is_made_up(*symbol);
    let mut change = ComponentChange::new(ComponentKind::Attribute);
    for symbol in matching.symbols().filter(is_named) {
        match (matching.has(Which::Old, symbol), matching.has(Which::New, symbol)) {
            (false, _) => change.added.push(matching.name(symbol)),
            (_, false) => change.removed.push(matching.name(symbol)),
            _ => {
                let only = Both::of(|which| {
                    let is_only = |member: &Symbol| {
                        matching.in_both(*member) && !matching.stands_for(which.other(), symbol, *member)
                    };
                    let names = sorted_names(matching, matching.types_of(which, symbol).filter(is_only));
                    names.into_iter().map(Part::word).collect::<Vec<Part>>()
                });
                if !only.old.is_empty() || !only.new.is_empty() {
                    change.changed.push((matching.name(symbol), only));
                }
            }
        }
    }
    change.added.sort_unstable();
    change.removed.sort_unstable();
    change.changed.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    change
}

/// Aliases, as `alias of type`. The old name of a renamed type, and the new one that was an alias, are none of these.
fn aliases(matching: &Matching<'_, '_>) -> ComponentChange {
    let of = Both::of(|which| {
        let policy = matching.store(which).policy();
        let symbols = policy.type_aliases().filter_map(|(alias, id)| {
            let symbol = matching.symbol(which, id)?;
            let is_name = matching.name_in(which.other(), symbol)? == shown_name(alias.as_bytes());
            (!is_name).then(|| format!("{} of {}", shown_name(alias.as_bytes()), matching.name(symbol)))
        });
        symbols.collect::<BTreeSet<String>>()
    });
    let mut change = ComponentChange::new(ComponentKind::Alias);
    change.added = of.new.difference(&of.old).cloned().collect();
    change.removed = of.old.difference(&of.new).cloned().collect();
    change
}

fn by_statement(
    matching: &Matching<'_, '_>,
    writers: &Both<ComponentWriter<'_, '_>>,
    (renamed, one_sided): (&HashMap<String, String>, &HashSet<String>),
    kind: ComponentKind,
    formats: Formats,
) -> ComponentChange {
    let fields = Fields::of(matching);
    let statements = Both::of(|which| {
        let mut statements: BTreeMap<String, Stated> = BTreeMap::new();
        let writer = writers.get(which);
        for component in components(matching.store(which), kind) {
            if is_left_out(&component, formats) {
                continue;
            }
            let mut text = Vec::new();
            writer.write_statement(&component, &mut text);
            let mut text = String::from_utf8_lossy(&text).into_owned();
            if which == Which::Old && !renamed.is_empty() {
                text = with_new_names(&text, renamed);
            }
            let key = match (writer.name(&component), kind) {
                (Some(name), ComponentKind::Permissive | ComponentKind::NeverAudit) => {
                    let name = shown_name(&name);
                    renamed.get(&name).filter(|_| which == Which::Old).cloned().unwrap_or(name)
                }
                (Some(name), _) => shown_name(&name),
                (None, _) => text.clone(),
            };
            let parts = fields.parts(which, &component);
            statements.insert(key, Stated { text, parts });
        }
        statements
    });
    let mut change = ComponentChange::new(kind);
    let only = |which: Which| {
        let there = statements.get(which.other());
        statements.get(which).keys().filter(|key| !there.contains_key(*key)).cloned().collect()
    };
    (change.added, change.removed) = (only(Which::New), only(Which::Old));
    for (name, old) in &statements.old {
        let Some(new) = statements.new.get(name).filter(|new| *new != old) else { continue };
        let parts = Both { old: old.all_parts(), new: new.all_parts() };
        let mut only = Both::of(|which| {
            let only = parts.get(which).difference(parts.get(which.other()));
            let counts = |part: &&Part| kind != ComponentKind::Role || !one_sided.contains(&part.text);
            only.filter(counts).cloned().collect::<Vec<Part>>()
        });
        // The same words in another order, as two levels or contexts that changed places.
        let is_moved = old.parts.is_none() && parts.old == parts.new;
        if is_moved && !outside_braces(&old.text).eq(outside_braces(&new.text)) {
            only = Both { old: vec![Part::word(old.text.clone())], new: vec![Part::word(new.text.clone())] };
        }
        if !only.old.is_empty() || !only.new.is_empty() {
            change.changed.push((name.clone(), only));
        }
    }
    change
}

/// A component as a policy states it.
#[derive(PartialEq, Eq)]
struct Stated {
    text: String,
    /// Its fields, of kinds that have any.
    parts: Option<BTreeSet<Part>>,
}

impl Stated {
    /// What it consists of: its fields, or else its words.
    fn all_parts(&self) -> BTreeSet<Part> {
        let words = || words(&self.text).map(|word| Part::word(word.to_owned())).collect();
        self.parts.clone().unwrap_or_else(words)
    }
}

/// Whether one of the two formats cannot carry a component of a kind that it carries otherwise.
fn is_left_out(component: &Component<'_>, formats: Formats) -> bool {
    match component {
        Component::Default(default) => {
            default.keyword == "default_type" && !formats.both_have(Feature::DefaultType)
        }
        Component::Label(label) => {
            matches!(label.object, policydb::Object::Node6(..)) && !formats.both_have(Feature::Ipv6Nodes)
        }
        _ => false,
    }
}

/// The words of a statement, without what holds it together.
fn words(statement: &str) -> impl Iterator<Item = &str> {
    let separators = |c: char| matches!(c, ' ' | '{' | '}' | ';' | ',');
    statement.split(separators).filter(|word| !word.is_empty() && *word != "-")
}

/// The words of a statement that stand outside braces, where their order has a meaning.
fn outside_braces(statement: &str) -> impl Iterator<Item = &str> {
    statement.split('{').flat_map(|text| words(text.rsplit('}').next().unwrap_or_default()))
}

/// A statement in which types that were renamed have their new names.
fn with_new_names(statement: &str, renamed: &HashMap<String, String>) -> String {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
    let mut text = String::with_capacity(statement.len());
    let mut rest = statement;
    while !rest.is_empty() {
        let word = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let (name, behind) = rest.split_at(word);
        text.push_str(renamed.get(name).map_or(name, String::as_str));
        let separators = behind.find(is_part).unwrap_or(behind.len());
        let (between, behind) = behind.split_at(separators);
        text.push_str(between);
        rest = behind;
    }
    text
}
