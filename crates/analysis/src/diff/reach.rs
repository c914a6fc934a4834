//! Confined domains that information from a sensitive type newly reaches, or in fewer steps: by allow rules that are in force,
//! under the defaults of each policy.
//!
//! A step is a flow of some weight by the program's permission map (`reach::Flows`), not through unconfined domains and not of
//! the names in directories and links. Only a few steps are looked at: in more, everything reaches everything. Constraints and
//! levels are not looked at. O(secrets × steps × rules).

use avstore::{Booleans, Conditions, FileNames, StatementWriter, TypeSet};
use policydb::{ClassId, TypeId};

use super::Comparison;
use super::both::{Both, Which};
use super::matching::Symbol;
use super::severity::secrets;
use crate::reach::{Direction, FlowRule, Flows, PermissionMap};

/// Steps that are looked at: to who reads it, and from there over one object.
const MOST_STEPS: usize = 3;
/// What a flow must weigh, of 10: less are side channels and state.
const LEAST_WEIGHT: u8 = 8;

/// A domain that newly gets at a sensitive type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewReach {
    /// The domain.
    pub domain: Symbol,
    /// In how many steps it did; `None` if it did not.
    pub before: Option<usize>,
    /// The types on the way, from the sensitive one to the domain.
    pub path: Vec<Symbol>,
    /// A rule for each step.
    pub rules: Vec<String>,
}

/// What reaches whom of a sensitive type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretReach {
    /// The sensitive type.
    pub secret: Symbol,
    /// How many confined domains newly get at it, or in fewer steps.
    pub count: usize,
    /// The first of them: domains that both policies have, those in fewest steps, then by name.
    pub first: Vec<NewReach>,
}

/// Classes whose content is names, and not what is sensitive.
const NAMES: [&[u8]; 2] = [b"dir", b"lnk_file"];

/// The flows of one policy that are in force.
struct InForce<'s, 'p> {
    flows: Flows<'s, 'p>,
    conditions: Conditions,
    /// Unconfined domains: everything flows through them.
    unconfined: TypeSet,
    names: Vec<ClassId>,
}

impl InForce<'_, '_> {
    fn counts(&self, rule: &FlowRule, weight: u8) -> bool {
        weight >= LEAST_WEIGHT
            && !self.names.contains(&rule.class)
            && rule.branch.is_none_or(|branch| self.conditions.in_force(branch))
    }

    /// For each step the types that are reached in it first.
    fn layers(&self, from: TypeId) -> Vec<TypeSet> {
        let n_types = self.flows.store().policy().n_types();
        let mut reached = TypeSet::of(n_types, from);
        let mut layers = vec![reached.clone()];
        for _ in 0..MOST_STEPS {
            let Some(last) = layers.last() else { break };
            let mut next =
                self.flows.step(last, Direction::Forward, |rule, weight| self.counts(rule, weight));
            next.subtract(&reached);
            next.subtract(&self.unconfined);
            reached.unite(&next);
            layers.push(next);
        }
        layers
    }
}

/// For each sensitive type that both policies have, the confined domains that newly get at it; at most `most` of each are
/// shown with a path.
pub fn newly_reaching(comparison: &Comparison<'_, '_>, most: usize) -> Vec<SecretReach> {
    let matching = &comparison.matching;
    let map = PermissionMap::own();
    let in_force = Both::of(|which| {
        let store = matching.store(which);
        let conditions = Conditions::under(store.policy(), &Booleans::of(store.policy()));
        let mut unconfined = store.empty_set();
        for symbol in matching.types().filter(|symbol| comparison.domains.is_unconfined(which, *symbol)) {
            matching.id(which, symbol).into_iter().for_each(|id| unconfined.insert(id));
        }
        let names = NAMES.iter().filter_map(|name| store.policy().class_named(name)).collect();
        InForce { flows: Flows::of(store, &map), conditions, unconfined, names }
    });
    let mut all = Vec::new();
    for secret in secrets().filter_map(|name| matching.named(name)) {
        let (Some(old), Some(new)) = (matching.id(Which::Old, secret), matching.id(Which::New, secret))
        else {
            continue;
        };
        let layers = Both { old: in_force.old.layers(old), new: in_force.new.layers(new) };
        let step_of = |which: Which, domain: Symbol| {
            let id = matching.id(which, domain)?;
            layers.get(which).iter().position(|layer| layer.contains(id))
        };
        let mut found: Vec<(bool, usize, String, Symbol, Option<usize>)> = matching
            .types()
            .filter(|symbol| comparison.is_domain(*symbol) && comparison.is_confined(*symbol))
            .filter_map(|domain| {
                let (before, after) = (step_of(Which::Old, domain), step_of(Which::New, domain)?);
                let is_nearer = before.is_none_or(|before| after < before);
                let is_new = !matching.has(Which::Old, domain);
                is_nearer.then(|| (is_new, after, matching.name(domain), domain, before))
            })
            .collect();
        found.sort_unstable();
        let first = found.iter().take(most).map(|(_, _, _, domain, before)| {
            let (path, rules) = path(comparison, &in_force.new, &layers.new, *domain);
            NewReach { domain: *domain, before: *before, path, rules }
        });
        if !found.is_empty() {
            all.push(SecretReach { secret, count: found.len(), first: first.collect() });
        }
    }
    all
}

/// A shortest way to a domain, and a rule for each step.
fn path(
    comparison: &Comparison<'_, '_>,
    in_force: &InForce<'_, '_>,
    layers: &[TypeSet],
    domain: Symbol,
) -> (Vec<Symbol>, Vec<String>) {
    let matching = &comparison.matching;
    let store = in_force.flows.store();
    let Some(mut at) = matching.id(Which::New, domain) else { return (Vec::new(), Vec::new()) };
    let mut writer = StatementWriter::new(store, FileNames::Quoted);
    let (mut types, mut rules) = (vec![at], Vec::new());
    let step = layers.iter().position(|layer| layer.contains(at)).unwrap_or(0);
    for layer in layers.iter().take(step).rev() {
        // Step by rules gives candidates; a rule between the two makes sure.
        let mut before = in_force.flows.step(
            &TypeSet::of(store.policy().n_types(), at),
            Direction::Backward,
            |rule, weight| in_force.counts(rule, weight),
        );
        before.intersect(layer);
        let found = before.iter().find_map(|from| {
            let between = in_force
                .flows
                .between(from, at)
                .filter(|rule| in_force.counts(rule, rule.read) || in_force.counts(rule, rule.write));
            // Of several, what people know best: regular files.
            let file = store.policy().class_named(b"file");
            let rule = between.min_by_key(|rule| Some(rule.class) != file)?;
            Some((from, rule.place().rule(store)?))
        });
        let Some((from, rule)) = found else { break };
        let mut text = Vec::new();
        writer.write(&rule, &mut text);
        rules.push(String::from_utf8_lossy(&text).into_owned());
        types.push(from);
        at = from;
    }
    types.reverse();
    rules.reverse();
    (types.into_iter().filter_map(|id| matching.symbol(Which::New, id)).collect(), rules)
}
