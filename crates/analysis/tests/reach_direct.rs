//! What a domain reaches directly, against a decision for each type: on the demo policy for every domain, on real ones for some.

use analysis::context::PartialContext;
use analysis::decide::{Access, Circumstances, Decider};
use analysis::reach::{Counts, DirectReach, GROUPS, direct};
use avstore::Store;
use policydb::{Policy, TypeId};
use testkit::policies;
use testkit::random::Random;

/// The same by the definition: each class and permission of the table, asked of each type.
fn by_decisions(
    decider: &Decider<'_, '_>,
    source: &PartialContext,
) -> Vec<(Vec<TypeId>, Vec<TypeId>, Vec<String>)> {
    let store = decider.store();
    let policy = store.policy();
    let types: Vec<TypeId> = store.type_ids().filter(|id| !store.is_attribute(*id)).collect();
    let mut groups = Vec::new();
    for group in GROUPS {
        let (mut granted, mut possible, mut permissions) = (Vec::new(), Vec::new(), Vec::new());
        for (classes, lists) in group.access {
            for class in classes.iter().filter_map(|name| policy.class_named(name.as_bytes())) {
                for &target in &types {
                    let other = PartialContext::of_type(target);
                    let decision = decider.decide(&Access { source, target: &other, class });
                    let has = |mask: u32, name: &str| {
                        let permission = store.permission_named(class, name.as_bytes());
                        permission.is_some_and(|permission| mask >> permission.bit & 1 == 1)
                    };
                    let any = |mask| lists.iter().any(|list| list.iter().all(|name| has(mask, name)));
                    match group.counts {
                        Counts::Types if target == source.r#type => {}
                        Counts::Types => {
                            granted.extend(any(decision.allowed).then_some(target));
                            possible.extend(any(decision.possible).then_some(target));
                        }
                        Counts::Permissions => {
                            for permission in store.permissions(class) {
                                let name = permission.name.to_string();
                                let wanted = lists.is_empty()
                                    || lists.iter().any(|list| list.contains(&name.as_str()));
                                if wanted && has(decision.possible, &name) {
                                    permissions.push(format!("{}:{name}", store.class_name(class)));
                                }
                            }
                        }
                    }
                }
            }
        }
        for ids in [&mut granted, &mut possible] {
            ids.sort_unstable();
            ids.dedup();
        }
        permissions.sort_unstable();
        permissions.dedup();
        groups.push((granted, possible, permissions));
    }
    groups
}

fn compare(decider: &Decider<'_, '_>, source: &PartialContext) {
    let DirectReach { groups, .. } = direct(decider, source);
    let name = source.text(decider.store().policy());
    for ((group, found), (granted, possible, permissions)) in
        GROUPS.iter().zip(&groups).zip(by_decisions(decider, source))
    {
        assert_eq!(found.granted, granted, "{name}: {}", group.id);
        let mut all: Vec<TypeId> = found.granted.iter().chain(&found.depends).copied().collect();
        all.sort_unstable();
        assert_eq!(all, possible, "{name}: {}", group.id);
        let mut names = [found.granted_permissions.clone(), found.depends_permissions.clone()].concat();
        names.sort_unstable();
        assert_eq!(names, permissions, "{name}: {}", group.id);
    }
}

fn domains(store: &Store<'_>) -> Vec<TypeId> {
    let domain = store.policy().type_named(b"domain").expect("an attribute of domains");
    store.members(domain).iter().collect()
}

#[test]
fn every_domain_of_the_demo_policy() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/demo/demo.33");
    let bytes = std::fs::read(path).expect("the demo");
    let policy = Policy::parse(&bytes).expect("a policy");
    let store = Store::new(&policy);
    let decider = Decider::new(&store, Circumstances::of(&store));
    decider.prepare();
    let domains = domains(&store);
    assert!(domains.len() > 20, "{}", domains.len());
    for id in domains {
        compare(&decider, &PartialContext::of_type(id));
    }
    for text in ["container_t:s0:c1,c2", "system_u:system_r:container_t:s0:c1,c2", "spc_t:s0"] {
        compare(&decider, &PartialContext::parse(&store, text).expect("a context"));
    }
}

#[test]
fn some_domains_of_real_policies() {
    let mut random = Random::new(81);
    for policy in policies::ALL {
        let path = policy.path();
        let Ok(bytes) = std::fs::read(&path) else {
            testkit::leave_out(&testkit::Error::NoPolicy { path });
            continue;
        };
        let parsed = Policy::parse(&bytes).expect("a policy");
        let store = Store::new(&parsed);
        let decider = Decider::new(&store, Circumstances::of(&store));
        decider.prepare();
        let domains = domains(&store);
        for _ in 0..12 {
            let id = domains[random.below(domains.len())];
            compare(&decider, &PartialContext::of_type(id));
        }
    }
}
