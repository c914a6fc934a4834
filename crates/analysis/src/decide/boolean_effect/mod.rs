//! The effect of a boolean on one domain: exactly the access that it adds and takes, beyond what is granted already and
//! after constraints, role allow and bounds.
//!
//! | file | what it decides |
//! |---|---|
//! | `switch.rs` | which conditionals the boolean switches, and which other booleans keep it from doing so |
//! | `reach.rs` | the rules about the domain, those that are switched apart |
//! | `changes.rs` | what is granted in one state and not in the other |
//! | `groups.rs` | the same in few lines, by attributes |
//! | `commands.rs` | ioctl commands and netlink messages |
//! | `new_types.rs` | types of new objects |
//! | `unchanged.rs` | why a rule changes nothing |
//! | `domains.rs` | whom the boolean is about at all |
//!
//! Cost: a few scans of the rules, and the types that switched rules reach. What a policy of nonsense could make of that
//! is cut off, and [`BooleanEffect::truncated`] says so.

mod changes;
mod commands;
mod domains;
mod groups;
mod new_types;
mod reach;
mod switch;
mod unchanged;

use avstore::{Grouped, Store};
use policydb::{AvRule, BoolId, ClassId, TypeId};

pub use commands::{CommandChange, Commands};
pub use domains::{BooleanDomain, RuleCount, boolean_domains};
pub use groups::{AccessGroup, AttributePart, Changes, TypeGroup};
pub use new_types::TypeChange;
pub use unchanged::Unchanged;

use super::request::{RequestError, possible_context};
use super::{Circumstances, Decider};
use crate::context::PartialContext;
use crate::names::boolean_named;
use commands::CommandRules;
use reach::{Given, Reach, scan, switched};
use switch::{Switch, branches};

/// Permissions that are granted in one state of a boolean and not in the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Switched {
    /// Granted whatever was left open.
    pub granted: u32,
    /// Granted for some choice of what was left open.
    pub depends: u32,
}

/// What changes between the domain and another type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessChange {
    /// The other type.
    pub other: TypeId,
    /// The class.
    pub class: ClassId,
    /// Granted only with the boolean on.
    pub adds: Switched,
    /// Granted only with it off.
    pub takes: Switched,
}

/// A conditional that names the boolean and has rules about the domain, and that the boolean does not switch as other
/// booleans stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// Its position among the policy's conditionals.
    pub conditional: u32,
    /// The value that it keeps; `None` where the kernel cannot compute it.
    pub value: Option<bool>,
    /// How many rules it has with the domain as source, through attributes and bounding types, too.
    pub rules_from: usize,
    /// How many more with it as target.
    pub rules_to: usize,
    /// The smallest sets of other booleans, with the states that would let the boolean switch it.
    pub ways: Vec<Vec<(BoolId, bool)>>,
}

/// What a boolean does for a domain.
#[derive(Clone, Debug)]
pub struct BooleanEffect<'p> {
    /// The boolean.
    pub boolean: BoolId,
    /// Its state in the circumstances.
    pub state: bool,
    /// The domain.
    pub domain: PartialContext,
    /// Whether the domain is permissive: what is not granted does not stop it.
    pub permissive: bool,
    /// Access of the domain.
    pub access: Changes,
    /// Access of other types to the domain.
    pub to_domain: Changes,
    /// Access of the domain that is audited where it is granted.
    pub auditallow: Changes,
    /// Access of the domain that is not audited where it is denied.
    pub dontaudit: Changes,
    /// Commands of the domain.
    pub commands: Vec<CommandChange>,
    /// Types of what the domain makes.
    pub types: Vec<TypeChange>,
    /// How many rules the boolean switches with the domain as source, through attributes and bounding types, too.
    pub rules_from: usize,
    /// How many more with it as target.
    pub rules_to: usize,
    /// Conditionals about the domain that it does not switch.
    pub blocked: Vec<Blocked>,
    /// Where rules about the domain are switched and its access does not change: why, for one of them.
    pub unchanged: Option<Unchanged<'p>>,
    /// Whether something was left out; of no honest policy.
    pub truncated: bool,
}

impl AccessChange {
    fn is_some(&self) -> bool {
        self.both() != Switched::default()
    }

    /// What it adds and what it takes.
    fn both(&self) -> Switched {
        Switched {
            granted: self.adds.granted | self.takes.granted,
            depends: self.adds.depends | self.takes.depends,
        }
    }
}

impl BooleanEffect<'_> {
    /// Whether it changes anything for the domain: access from or to it, commands, types, what is audited.
    pub fn is_empty(&self) -> bool {
        let lists = [&self.access, &self.to_domain, &self.auditallow, &self.dontaudit];
        lists.iter().all(|list| list.is_empty()) && self.commands.is_empty() && self.types.is_empty()
    }
}

/// Resolves a boolean and a domain: a type, `type:range` or a whole context.
///
/// # Errors
/// A name that the policy does not have; an attribute; a context that no process can have.
pub fn boolean_and_domain(
    store: &Store<'_>,
    boolean: &str,
    domain: &str,
) -> Result<(BoolId, PartialContext), RequestError> {
    let boolean = boolean_named(store, boolean)?;
    let rules = crate::context::ContextRules::of(store.policy());
    Ok((boolean, possible_context(&rules, store, domain)?))
}

/// What a boolean does for a domain: the decisions with it off and on, all else as in the circumstances.
pub fn boolean_effect<'p>(
    store: &Store<'p>,
    domain: &PartialContext,
    boolean: BoolId,
    circumstances: &Circumstances,
) -> BooleanEffect<'p> {
    let policy = store.policy();
    let decider = Decider::new(store, circumstances.clone());
    let switch = Switch::new(policy, boolean, &circumstances.booleans);
    let mut reaches =
        [Given::Source, Given::Target].map(|given| Reach::new(&decider, &switch, given, domain.r#type));

    // What the boolean switches about the domain, as source and as target: how many rules, of which classes, and the
    // symbols on their other side.
    let count = |rules: &mut dyn Iterator<Item = AvRule>| {
        let [mut from, mut to] = [0usize; 2];
        for rule in rules {
            from += usize::from(reaches[0].is_about_chain(rule));
            to += usize::from(reaches[1].is_about_chain(rule) && !reaches[0].is_about_chain(rule));
        }
        (from, to)
    };
    let (rules_from, rules_to) = count(&mut switched(&decider, &switch).map(|(_, rule, ..)| rule));
    let blocked: Vec<Blocked> = switch
        .still()
        .filter_map(|(conditional, value)| {
            let node = policy.conditionals().get(conditional as usize)?;
            let ranges = branches(policy, conditional).into_iter().map(|(_, range)| range);
            let rules = ranges.flat_map(|range| policy.conditional_rules().rules(range));
            let (rules_from, rules_to) = count(&mut rules.map(|(_, rule)| rule));
            (rules_from + rules_to > 0).then(|| {
                let ways = switch.ways_to_free(node, boolean);
                Blocked { conditional, value, rules_from, rules_to, ways }
            })
        })
        .collect();
    let mut others = store.empty_set();
    for (_, rule, ..) in switched(&decider, &switch) {
        for (reach, other) in reaches.iter().zip([rule.target(), rule.source()]) {
            if reach.is_about_chain(rule) {
                others.insert(other);
            }
        }
    }
    let members = members_of(&decider, &others);
    let mut commands = CommandRules::of(store, scan(&mut reaches, &switch));

    let [from, to] = &reaches;
    let found = changes::find(&decider, domain, from, &members, |of_class, changes| {
        commands.compare(of_class, &members, changes);
    });
    let others_found = changes::find(&decider, domain, to, &members, |_, _| {});
    let truncated = found.truncated || others_found.truncated || commands.truncated;
    let changes = |each| Changes::of(store, &members, each);
    let access = changes(found.access);
    let is_permissive = policy.permissive_types().contains(domain.r#type.value() as usize)
        || circumstances.overlay.permissive.contains(&domain.r#type);
    BooleanEffect {
        boolean,
        state: circumstances.booleans.get(boolean),
        domain: domain.clone(),
        permissive: is_permissive,
        unchanged: access
            .is_empty()
            .then(|| unchanged::unchanged(&decider, circumstances, &switch, domain, from))
            .flatten(),
        access,
        to_domain: changes(others_found.access),
        auditallow: changes(found.auditallow),
        dontaudit: changes(found.dontaudit),
        commands: commands.into_changes(store, &members),
        types: new_types::type_changes(&decider, &switch, domain.r#type),
        rules_from,
        rules_to,
        blocked,
        truncated,
    }
}

/// The types for which each of some symbols stands. O(bits of the type–attribute map).
fn members_of(decider: &Decider<'_, '_>, wanted: &avstore::TypeSet) -> Grouped<TypeId> {
    let (store, overlay) = (decider.store, &decider.overlay);
    let mut pairs: Vec<(usize, TypeId)> = Vec::new();
    for id in store.type_ids().filter(|id| !store.is_attribute(*id)) {
        let mut add = |symbol: TypeId| {
            if wanted.contains(symbol) {
                pairs.push((symbol.index(), id));
            }
        };
        add(id);
        let others = store.policy().attributes_of(id).bits().map(TypeId::from_index);
        others.filter(|symbol| *symbol != id).for_each(&mut add);
        overlay
            .attributes_added(id)
            .filter(|symbol| !store.policy().attributes_of(id).contains(symbol.index()))
            .for_each(&mut add);
    }
    Grouped::new(store.policy().n_types(), pairs)
}
