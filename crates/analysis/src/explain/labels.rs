//! Types that the target could have so that the denied access is granted: the best first.
//!
//! Best is what is made for the source (their names begin alike), then what is for content rather than for programs, keys or
//! sockets ([`Purpose`]), then what lets the source do least besides, then what the fewest others may use in the same way.
//! One scan of the rules for the candidates, one for the others, and a decision for each of the first few.

use avstore::TypeSet;
use policydb::{RuleKind, TypeId};

use super::Denied;
use super::purpose::Purpose;
use crate::context::PartialContext;
use crate::decide::{Access, Decider, Sought};

/// Candidates that are decided.
const DECIDED: usize = 16;
/// Types of processes that may do it to a type, from which on the type says nothing about this one.
const EVERYBODY: usize = 100;
/// Types that are given.
const GIVEN: usize = 5;

/// A type that the target could have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CouldBe {
    /// The type.
    pub id: TypeId,
    /// How many types of processes rules let do the same to it.
    pub others: usize,
}

impl CouldBe {
    /// A type, with those who may use it counted. O(rules).
    pub(super) fn of(decider: &Decider<'_, '_>, denied: &Denied, id: TypeId) -> Self {
        let others = others(decider, denied, &[id]).first().copied().unwrap_or_default();
        CouldBe { id, others }
    }
}

/// The types with an attribute that the target could have, the present one left out.
pub(super) fn could_be(decider: &Decider<'_, '_>, denied: &Denied, attribute: &[u8]) -> Vec<CouldBe> {
    let store = decider.store();
    let Some(attribute) = store.policy().type_named(attribute).filter(|id| store.is_attribute(*id)) else {
        return Vec::new();
    };
    let candidates =
        decider.candidates(Sought::Targets, denied.source.r#type, denied.class, denied.permissions, false);
    let domain = store.type_name(denied.source.r#type).to_string();
    let may_run = |id| {
        let execute =
            store.permission_named(denied.class, b"execute").map_or(0, |permission| 1 << permission.bit);
        denied.permissions & execute != 0 && !is_entry_point(decider, denied, id)
    };
    let is_port = store.policy().type_named(b"port_type") == Some(attribute);
    // Types of whole file systems are no labels to give to a file.
    let file_systems = store.policy().type_named(b"filesystem_type").filter(|id| store.is_attribute(*id));
    let is_file_system = |id| file_systems.is_some_and(|of| store.applies(of, id));
    let candidates = candidates
        .iter()
        .filter(|id| *id != denied.target.r#type && store.applies(attribute, *id) && !is_file_system(*id));
    let mut ranked: Vec<((bool, Purpose, bool, TypeId), CouldBe)> = candidates
        .filter_map(|id| {
            let name = store.type_name(id).to_string();
            let is_own = if is_port { is_own_port(&domain, &name) } else { is_own(&domain, &name) };
            let purpose = match Purpose::of(store, id) {
                // What is to be run should be a program.
                Purpose::Program if may_run(id) => Purpose::Content,
                Purpose::Program | Purpose::Guarded => return None,
                purpose => purpose,
            };
            // Content of the system, not of one of its users or add-ons, where names tell.
            let is_special = !name.contains("_sys_") || is_for_appending(decider, denied, &name);
            Some(((!is_own, purpose, is_special, id), CouldBe { id, others: 0 }))
        })
        .collect();
    // What every domain may use in that way says nothing.
    ranked.sort_unstable_by_key(|(key, _)| *key);
    ranked.truncate(DECIDED);
    let ids: Vec<TypeId> = ranked.iter().map(|(_, could)| could.id).collect();
    for ((_, could), others) in ranked.iter_mut().zip(others(decider, denied, &ids)) {
        could.others = others;
    }
    let mut granted: Vec<_> = ranked
        .into_iter()
        .filter(|((is_other, ..), could)| !is_other || could.others < EVERYBODY)
        .filter_map(|(key, could)| {
            let target = PartialContext { r#type: could.id, ..denied.target.clone() };
            let access = Access { source: &denied.source, target: &target, class: denied.class };
            let possible = decider.decide(&access).possible;
            let besides = (possible & !denied.permissions).count_ones();
            (possible & denied.permissions == denied.permissions).then_some((key, besides, could))
        })
        .collect();
    granted.sort_unstable_by_key(|((is_other, purpose, is_special, id), besides, could)| {
        (*is_other, *purpose, *is_special, *besides, could.others, *id)
    });
    granted.into_iter().map(|(.., could)| could).take(GIVEN).collect()
}

/// Whether a label is for what is only appended to, by its name, and something else is wanted.
pub(super) fn is_for_appending(decider: &Decider<'_, '_>, denied: &Denied, name: &str) -> bool {
    let append = decider.store().permission_named(denied.class, b"append").map_or(0, |found| 1 << found.bit);
    name.contains("_ra_") && denied.permissions & append == 0
}

/// Whether a program with this label would start the source itself.
fn is_entry_point(decider: &Decider<'_, '_>, denied: &Denied, id: TypeId) -> bool {
    let store = decider.store();
    let file = store.policy().class_named(b"file");
    let entry = file.and_then(|class| Some((class, store.permission_named(class, b"entrypoint")?.bit)));
    entry.is_some_and(|(class, bit)| {
        let target = PartialContext { r#type: id, ..denied.target.clone() };
        let access = Access { source: &denied.source, target: &target, class };
        decider.decide(&access).by_rules >> bit & 1 == 1
    })
}

/// Whether the name of a type says that it is a domain's own: `httpd_sys_content_t` of `httpd_t`, `ssh_home_t` of `sshd_t`.
pub(super) fn is_own(domain: &str, name: &str) -> bool {
    let Some(stem) = domain.strip_suffix("_t").filter(|stem| !stem.is_empty()) else { return false };
    let begins = |stem: &str| name.strip_prefix(stem).is_some_and(|rest| rest.starts_with('_'));
    // A daemon's files are often named without its `d`.
    begins(stem) || stem.strip_suffix('d').is_some_and(|stem| stem.len() > 1 && begins(stem))
}

/// Whether the name of a type says that it is for ports of a domain's service: `zabbix_port_t` of `zabbix_agent_t`, too.
pub(super) fn is_own_port(domain: &str, name: &str) -> bool {
    let first = |name: &str| name.split('_').next().unwrap_or_default().to_owned();
    is_own(domain, name) || (domain.contains('_') && first(domain) == first(name))
}

/// For each of a few types, how many types rules let do some of what was denied to it. One scan of the rules.
fn others(decider: &Decider<'_, '_>, denied: &Denied, targets: &[TypeId]) -> Vec<usize> {
    let store = decider.store();
    let symbols: Vec<TypeSet> = targets.iter().map(|id| super::cause::symbols_of(decider, *id)).collect();
    let mut sources: Vec<TypeSet> = targets.iter().map(|_| store.empty_set()).collect();
    crate::decide::for_each_in_force(decider, denied.class, |rule| {
        if rule.kind() == RuleKind::Allow && rule.permissions() & denied.permissions != 0 {
            let sides = symbols.iter().zip(&mut sources);
            for (_, sources) in sides.filter(|(symbols, _)| symbols.contains(rule.target())) {
                sources.insert(rule.source());
            }
        }
    });
    let count = |sources: &TypeSet| {
        let types = store.type_ids().filter(|id| !store.is_attribute(*id));
        let is_meant =
            |id: &TypeId| sources.contains(*id) || sources.intersects(store.policy().attributes_of(*id));
        types.filter(is_meant).count()
    };
    sources.iter().map(count).collect()
}

#[cfg(test)]
mod tests {
    use super::{is_own, is_own_port};

    #[test]
    fn names_tell_whose_a_type_is() {
        assert!(is_own("httpd_t", "httpd_sys_content_t"));
        assert!(is_own("sshd_t", "ssh_home_t") && is_own("sshd_t", "sshd_key_t"));
        assert!(!is_own("init_t", "initrc_state_t") && !is_own("crond_t", "cronjob_t"));
        assert!(!is_own("_t", "x_t") && !is_own("d_t", "x_t"));
        assert!(!is_own("zabbix_agent_t", "zabbix_port_t") && is_own_port("zabbix_agent_t", "zabbix_port_t"));
        assert!(is_own_port("sshd_t", "ssh_port_t") && !is_own_port("zabbix_agent_t", "ssh_port_t"));
    }
}
