//! The smallest sets of booleans under which rules would grant what was denied.
//!
//! Only booleans of conditions on rules about the denied access matter. All their subsets up to [`LARGEST`] are tried,
//! smallest first, among at most [`MOST_BOOLEANS`]; a set is kept if every permission has a rule in force under it and
//! no smaller set is part of it. O(subsets × rules).

use avstore::{Booleans, Rule, Store, TypeSet, boolean_ids, condition_value};
use policydb::{BoolId, Policy, RuleKind, TypeId};

use crate::decide::Grants;
use crate::decide::{AppliedRule, Proof};

/// Booleans that are tried.
const MOST_BOOLEANS: usize = 16;
/// Booleans of a set, at most.
const LARGEST: usize = 4;
/// Sets that are given.
const MOST_SETS: usize = 8;

/// Types as sources from which on a boolean is about the system rather than a service: those for a service and what belongs to it
/// have some dozens, those for name services and memory hundreds.
const WIDE: usize = 64;

/// Booleans and the states in which they let rules grant what was denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BooleanSet {
    /// The booleans to change, with their new states.
    pub settings: Vec<(BoolId, bool)>,
    /// What rules then let the source do that they do not now: permissions on target types.
    pub added: usize,
    /// For how many types rules then come into force, as sources.
    pub domains: usize,
}

impl BooleanSet {
    /// Whether it is about the whole system: to be set where the system is like that, and not for one denial.
    pub const fn is_wide(&self) -> bool {
        self.domains >= WIDE
    }

    /// About how many permissions on types it adds in all: as many for each domain as for this one.
    const fn spread(&self) -> usize {
        self.added.saturating_mul(self.domains)
    }
}

/// Sets of booleans, and whether all were looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BooleanSets {
    /// The sets, those of few booleans first, among them those that are called by what was denied, and then those that add least, to
    /// all domains together.
    pub sets: Vec<BooleanSet>,
    /// True if more booleans play a part than were tried.
    pub has_more: bool,
}

/// Who is asking, and what rules let them do already.
pub(super) struct Asker<'a, 's, 'p> {
    pub(super) store: &'s Store<'p>,
    pub(super) booleans: &'a Booleans,
    /// The source and its attributes.
    pub(super) symbols: &'a TypeSet,
    pub(super) present: &'a Grants,
    /// Words by which a boolean that is there for the denied access is called, most of the time.
    pub(super) words: Vec<String>,
}

impl Asker<'_, '_, '_> {
    /// Whether all of some booleans are called by what was denied.
    fn are_for_it(&self, settings: &[(BoolId, bool)]) -> bool {
        let policy = self.store.policy();
        let is_for_it = |id: &BoolId| {
            let name = policy.boolean(*id).map(|(name, _)| name.to_string()).unwrap_or_default();
            self.words.iter().any(|word| name.contains(word.as_str()))
        };
        settings.iter().all(|(id, _)| is_for_it(id))
    }
}

/// Words for an access: of the names of booleans that let domains use networks, and of the target's name where the source's has not
/// got them. `httpd_can_network_relay` is there for `name_connect`, `container_use_nfs` for `nfs_t`.
pub(super) fn words(source: &str, target: &str, permissions: &[String]) -> Vec<String> {
    /// Permissions of sockets on ports and nodes.
    const OF_NETWORKS: [(&str, &[&str]); 3] = [
        ("name_connect", &["network", "connect", "relay"]),
        ("name_bind", &["network", "_bind", "server"]),
        ("node_bind", &["network", "_bind", "server"]),
    ];
    let wanted = OF_NETWORKS.iter().filter(|(name, _)| permissions.iter().any(|wanted| wanted == name));
    let of_networks = wanted.flat_map(|(_, words)| words.iter().map(|word| (*word).to_owned()));
    let of_target =
        target.split('_').filter(|word| word.len() >= 3 && !source.contains(word) && *word != "port");
    of_networks.chain(of_target.map(str::to_owned)).collect()
}

/// The smallest sets of booleans that grant every permission of the proof that rules of other booleans grant.
pub(super) fn boolean_sets(asker: &Asker<'_, '_, '_>, proof: &Proof<'_>) -> BooleanSets {
    let Asker { store, booleans, .. } = *asker;
    let policy = store.policy();
    let mut named: Vec<BoolId> = Vec::new();
    let mut has_more = false;
    let mut rules = Vec::new();
    for applied in &proof.grants {
        let AppliedRule::Stated(rule @ Rule::Av { .. }) = &applied.rule else {
            rules.push((None, applied.rule.permissions()));
            continue;
        };
        rules.push((rule.branch(), applied.rule.permissions()));
        let conditional = rule.branch().and_then(|branch| policy.conditionals().get(branch.index()));
        for id in conditional.into_iter().flat_map(boolean_ids) {
            if named.contains(&id) {
                continue;
            }
            match named.len() < MOST_BOOLEANS {
                true => named.push(id),
                false => has_more = true,
            }
        }
    }
    let granted_under = |booleans: &Booleans| {
        rules.iter().fold(0, |all, (branch, permissions)| {
            let in_force = branch.is_none_or(|branch| {
                let conditional = policy.conditionals().get(branch.index());
                conditional.and_then(|conditional| condition_value(conditional, booleans))
                    == Some(branch.when)
            });
            if in_force { all | permissions } else { all }
        })
    };
    let all = rules.iter().fold(0, |all, (_, permissions)| all | permissions);
    // What no rule grants at all, no boolean gives.
    let wanted = proof.requested & all;
    let mut subsets: Vec<u32> = (1..1u32.unbounded_shl(u32::try_from(named.len()).unwrap_or(0))).collect();
    subsets.retain(|subset| subset.count_ones() as usize <= LARGEST);
    subsets.sort_by_key(|subset| (subset.count_ones(), *subset));
    let mut found: Vec<(u32, Vec<(BoolId, bool)>)> = Vec::new();
    for subset in subsets {
        if found.len() >= MOST_SETS {
            has_more = true;
            break;
        }
        if found.iter().any(|(smaller, _)| subset & smaller == *smaller) {
            continue;
        }
        let chosen = (0u32..).zip(&named).filter(|(bit, _)| subset >> bit & 1 == 1);
        let settings: Vec<(BoolId, bool)> = chosen.map(|(_, id)| (*id, !booleans.get(*id))).collect();
        let changed = with(booleans, &settings);
        if granted_under(&changed) & wanted == wanted {
            found.push((subset, settings));
        }
    }
    let mut sets: Vec<BooleanSet> = found.into_iter().map(|(_, settings)| costed(asker, settings)).collect();
    sets.sort_by_key(|set| {
        let is_other = !asker.are_for_it(&set.settings);
        (set.is_wide(), set.settings.len(), is_other, set.spread(), set.added)
    });
    BooleanSets { sets, has_more }
}

fn with(booleans: &Booleans, settings: &[(BoolId, bool)]) -> Booleans {
    settings.iter().fold(booleans.clone(), |all, &(id, state)| all.with(id, state))
}

/// What some settings bring into force, for the asker and for others.
fn costed(asker: &Asker<'_, '_, '_>, settings: Vec<(BoolId, bool)>) -> BooleanSet {
    let policy = asker.store.policy();
    let changed = with(asker.booleans, &settings);
    let mut grants = Grants::default();
    let mut sources = TypeSet::new(policy.n_types());
    for conditional in policy.conditionals() {
        if !boolean_ids(conditional).any(|id| settings.iter().any(|(other, _)| *other == id)) {
            continue;
        }
        let (before, after) =
            (condition_value(conditional, asker.booleans), condition_value(conditional, &changed));
        let range = match after {
            _ if before == after => continue,
            Some(true) => &conditional.true_rules,
            Some(false) => &conditional.false_rules,
            None => continue,
        };
        for (_, rule) in policy.conditional_rules().rules(range.clone()) {
            if rule.kind() == RuleKind::Allow {
                sources.insert(rule.source());
                grants.add(asker.store, asker.symbols, &rule);
            }
        }
    }
    let domains = if sources.is_empty() { 0 } else { count_types(policy, &sources) };
    BooleanSet { settings, added: grants.count_beyond(asker.present), domains }
}

/// For how many types a set of types and attributes stands.
fn count_types(policy: &Policy<'_>, symbols: &TypeSet) -> usize {
    let n_types = u32::try_from(policy.n_types()).unwrap_or(u32::MAX);
    let types = (0..n_types).map(TypeId::from_index);
    let is_meant = |id: &TypeId| {
        let is_type = policy.type_symbol(*id).is_some_and(|(_, symbol)| !symbol.is_attribute);
        is_type && (symbols.contains(*id) || symbols.intersects(policy.attributes_of(*id)))
    };
    types.filter(is_meant).count()
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn words_are_those_of_the_access() {
        let of = |source, target, permission: &str| words(source, target, &[permission.to_owned()]);
        assert_eq!(of("httpd_t", "http_port_t", "name_connect"), ["network", "connect", "relay"]);
        assert_eq!(of("container_t", "nfs_t", "read"), ["nfs"]);
        assert_eq!(of("staff_t", "howl_port_t", "name_bind"), ["network", "_bind", "server", "howl"]);
    }
}
