//! What booleans add and take: stories of the demo policy, small policies of one idea, and the real ones against the
//! decisions about every type and class.

use std::collections::BTreeSet;
use std::path::PathBuf;

use analysis::context::PartialContext;
use analysis::decide::{
    Access, AccessChange, AccessGroup, BooleanEffect, Circumstances, Commands, Decider, Switched, WhatIf,
    boolean_and_domain, boolean_domains, boolean_effect, defined,
};
use avstore::Store;
use policydb::{BoolId, Policy, RuleKind, TypeId};
use testkit::policies;
use testkit::random::Random;

fn with_store<R>(file: &str, check: impl FnOnce(&Store<'_>) -> R) -> R {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(file);
    let bytes = std::fs::read(path).expect("the test data");
    let policy = Policy::parse(&bytes).expect("a policy");
    check(&Store::new(&policy))
}

fn effect<'p>(store: &Store<'p>, boolean: &str, domain: &str, set: &[(&str, bool)]) -> BooleanEffect<'p> {
    let booleans = set.iter().map(|(name, state)| ((*name).to_owned(), *state)).collect();
    let what_if = WhatIf { booleans, ..WhatIf::default() };
    let (boolean, domain) = boolean_and_domain(store, boolean, domain).expect("names of the policy");
    boolean_effect(store, &domain, boolean, &what_if.resolve(store).expect("booleans of the policy"))
}

/// Groups as text: `type:class granted / depends`.
fn lines(store: &Store<'_>, groups: &[AccessGroup]) -> Vec<String> {
    let names = |group: &AccessGroup, bits: u32| {
        let granted = store.permissions(group.class).iter().filter(|p| bits >> p.bit & 1 == 1);
        granted.map(|p| p.name.to_string()).collect::<Vec<_>>().join(" ")
    };
    let line = |group: &AccessGroup| {
        let attributes = group.others.attributes.iter().map(|part| {
            let of = if part.is_whole() { String::new() } else { format!("/{}", part.members) };
            format!("{}({}{of})", store.type_name(part.attribute), part.here)
        });
        let types = group.others.rest.iter().map(|id| store.type_name(*id).to_string());
        let others: Vec<String> = attributes.chain(types).collect();
        let Switched { granted, depends } = group.permissions;
        let class = store.class_name(group.class);
        format!("{}:{class} {} / {}", others.join(" "), names(group, granted), names(group, depends))
    };
    groups.iter().map(line).collect()
}

#[test]
fn what_is_granted_already_is_not_added() {
    with_store("demo/demo.33", |store| {
        let effect = effect(store, "container_connect_any", "container_t", &[]);
        assert!(effect.is_empty());
        assert_eq!(effect.rules_from, 0, "it is about the runtime");
        let effect = self::effect(store, "httpd_can_network_connect_db", "httpd_t", &[]);
        let line = lines(store, &effect.access.adds);
        assert_eq!(line, ["postgresql_port_t mysqld_port_t:tcp_socket name_connect / "]);
        // With the greater boolean on, the lesser one adds nothing, and it is told why.
        let set = [("httpd_can_network_connect", true)];
        let effect = self::effect(store, "httpd_can_network_connect_db", "httpd_t", &set);
        assert!(effect.is_empty() && effect.rules_from == 2);
        let unchanged = effect.unchanged.expect("a rule that changes nothing");
        assert!(unchanged.is_granted() && unchanged.proof.grants.iter().any(|grant| grant.in_force));
    });
}

#[test]
fn attributes_stand_for_their_types() {
    with_store("demo/demo.33", |store| {
        let effect = effect(store, "httpd_can_network_connect", "httpd_t", &[]);
        let lines = lines(store, &effect.access.adds);
        assert_eq!(lines.len(), 1, "{lines:?}");
        // dns_port_t is granted already, so that the attribute is not whole.
        assert!(
            lines[0].ends_with(":tcp_socket name_connect / ") && !lines[0].contains("port_type("),
            "{lines:?}"
        );
        let effect = self::effect(store, "container_use_devices", "container_t", &[]);
        let lines = self::lines(store, &effect.access.adds);
        let blk = "device_node(14):blk_file append lock map open / getattr ioctl read write";
        assert!(lines.iter().any(|line| line == blk), "{lines:?}");
        assert_eq!(effect.blocked.len(), 1, "the graphics card is there already");
    });
}

#[test]
fn other_booleans_can_block() {
    with_store("demo/demo.33", |store| {
        let effect = effect(store, "httpd_read_user_content", "httpd_t", &[]);
        assert!(effect.is_empty());
        let [blocked] = effect.blocked.as_slice() else { panic!("{:?}", effect.blocked) };
        let homes = store.policy().boolean_named(b"httpd_enable_homedirs").expect("a boolean");
        assert_eq!(blocked.ways, [vec![(homes, true)]]);
        assert!(blocked.rules_from > 0 && blocked.value == Some(false));
        let freed =
            self::effect(store, "httpd_read_user_content", "httpd_t", &[("httpd_enable_homedirs", true)]);
        assert!(!freed.access.adds.is_empty() && freed.blocked.is_empty());
    });
}

#[test]
fn a_boolean_can_take() {
    with_store("demo/demo.33", |store| {
        let effect = effect(store, "deny_ptrace", "unconfined_t", &[]);
        assert!(effect.access.adds.is_empty());
        assert_eq!(lines(store, &effect.access.takes), ["domain(27):process ptrace / "]);
    });
}

#[test]
fn every_kind_of_rule_that_may_stand_in_a_condition() {
    with_store("policies/condition-rules.33", |store| {
        let effect = effect(store, "docs", "a_t", &[]);
        assert_eq!(lines(store, &effect.access.adds), ["doc_t:file read / "]);
        assert_eq!(lines(store, &effect.auditallow.adds), ["doc_t:file read / "]);
        assert_eq!(lines(store, &effect.dontaudit.adds), ["doc_t:file write / "]);
        assert_eq!(lines(store, &effect.dontaudit.takes), ["doc_t:file read / "]);
        let kinds: Vec<RuleKind> = effect.types.iter().map(|change| change.kind).collect();
        assert_eq!(kinds, [RuleKind::TypeTransition, RuleKind::TypeChange, RuleKind::TypeMember]);
        for change in &effect.types {
            let [off, on] = [change.off, change.on].map(|id| store.type_name(id).to_string());
            assert_eq!((off.as_str(), on.as_str()), ("other_t", "new_t"));
        }
        let others = self::effect(store, "docs", "doc_t", &[]);
        assert_eq!(lines(store, &others.to_domain.adds), ["a_t:file read / "]);
        let docs = store.policy().boolean_named(b"docs").expect("a boolean");
        let domains = boolean_domains(store, docs);
        let [domain] = domains.as_slice() else { panic!("{domains:?}") };
        assert_eq!((domain.total, domain.counts.len()), (10, 6));
    });
}

#[test]
fn an_allowxperm_of_a_condition_narrows_down() {
    let all = testkit::newer_versions::policies().expect("the test data");
    let conditional = all.iter().filter(|policy| policy.name.starts_with("condition-granted"));
    let mut versions = Vec::new();
    for assembled in conditional {
        let policy = Policy::parse(&assembled.bytes).expect("a policy");
        let store = Store::new(&policy);
        let boolean = store.policy().boolean(BoolId::from_index(0)).expect("a boolean").0.to_string();
        // The class of the small policy has no ioctl: nothing to narrow down.
        let plain = effect(&store, &boolean, "a_t", &[]);
        assert_eq!(lines(&store, &plain.access.adds), ["doc_t:file read / "]);
        let file = policy.class_named(b"file").expect("a class");
        if let Some(ioctl) = store.permission_named(file, b"ioctl") {
            let what_if = WhatIf { allows: vec!["a_t doc_t:file ioctl".to_owned()], ..WhatIf::default() };
            let (id, domain) = boolean_and_domain(&store, &boolean, "a_t").expect("names");
            let found = boolean_effect(&store, &domain, id, &what_if.resolve(&store).expect("a rule"));
            let [change] = found.commands.as_slice() else { panic!("{:?} {ioctl:?}", found.commands) };
            assert_eq!(
                (&change.off, &change.on),
                (&Commands::All, &Commands::Ranges(vec![(0x5401, 0x5401)]))
            );
            versions.push(assembled.version);
        }
    }
    assert_eq!(versions, [34, 35]);
}

#[test]
fn names_that_mean_something_else_are_told() {
    with_store("demo/demo.33", |store| {
        let error =
            |boolean, domain| boolean_and_domain(store, boolean, domain).expect_err("no such").to_string();
        assert!(
            error("container_t", "container_t").contains("is a type"),
            "{}",
            error("container_t", "container_t")
        );
        assert!(error("virt_use_nfs", "virt_use_nfs").contains("is a boolean"));
        let attribute = error("virt_use_nfs", "container_domain");
        assert!(attribute.contains("its types are"), "{attribute}");
        assert!(error("virt_use_nsf", "container_t").contains("did you mean `virt_use_nfs`"));
    });
}

/// Random booleans and domains of a real policy, half of them such that rules of the boolean are about the domain.
#[test]
fn real_policies_by_every_type_and_class() {
    for (seed, (policy, n_pairs)) in (0..).zip(policies::ALL.iter().zip([18, 14, 14, 4])) {
        let Ok(bytes) = std::fs::read(policy.path()) else {
            testkit::leave_out(&testkit::Error::NoPolicy { path: policy.path() });
            continue;
        };
        let policy = Policy::parse(&bytes).expect("a policy");
        let (store, mut random) = (Store::new(&policy), Random::new(seed));
        store.prepare();
        let (mut changed, mut asked) = (0, 0);
        let types: Vec<TypeId> = store.type_ids().filter(|id| !store.is_attribute(*id)).collect();
        for _ in 0..n_pairs {
            let boolean = BoolId::from_index(u32::try_from(random.below(policy.n_booleans())).expect("few"));
            let sources = boolean_domains(&store, boolean);
            let of_rule = random.pick(&sources).filter(|_| random.chance(85)).map(|found| {
                let members: Vec<TypeId> = store.members(found.source).iter().collect();
                random.pick(&members).copied()
            });
            let id = of_rule.flatten().unwrap_or(types[random.below(types.len())]);
            let name = store.type_name(id).to_string();
            let text = match random.below(3) {
                1 if policy.header().mls => format!("{name}:s0"),
                2 if policy.header().mls => format!("{name}:s0-s0:c0.c5"),
                _ => name,
            };
            let domain = PartialContext::parse(&store, &text).expect("a context");
            let circumstances = Circumstances::of(&store);
            let found = boolean_effect(&store, &domain, boolean, &circumstances);
            let [off, on] = [false, true].map(|state| {
                let booleans = circumstances.booleans.clone().with(boolean, state);
                let decider = Decider::new(&store, Circumstances { booleans, ..circumstances.clone() });
                decider.prepare();
                decider
            });
            for (from_domain, changes) in [(true, &found.access), (false, &found.to_domain)] {
                let mut expected = Vec::new();
                for class in store.class_ids() {
                    for &other in &types {
                        let context = PartialContext::of_type(other);
                        let (source, target) =
                            if from_domain { (&domain, &context) } else { (&context, &domain) };
                        if !from_domain && other == id {
                            continue;
                        }
                        let access = Access { source, target, class };
                        let (off, on) = (off.decide(&access), on.decide(&access));
                        if (off.allowed, off.possible) == (on.allowed, on.possible) {
                            continue;
                        }
                        let names = defined(&store, class);
                        let gained =
                            |before: &analysis::decide::Decision, after: &analysis::decide::Decision| {
                                let granted = after.allowed & !before.allowed & names;
                                Switched {
                                    granted,
                                    depends: after.possible & !before.possible & !granted & names,
                                }
                            };
                        expected.push(AccessChange {
                            other,
                            class,
                            adds: gained(&off, &on),
                            takes: gained(&on, &off),
                        });
                    }
                }
                assert_eq!(changes.each, expected, "{text} {boolean:?} {from_domain}");
                let grouped: BTreeSet<_> = changes
                    .adds
                    .iter()
                    .chain(&changes.takes)
                    .flat_map(|group| group.others.types.iter().map(|id| (group.class, *id)))
                    .collect();
                assert_eq!(grouped.len(), expected.len());
                changed += expected.len();
            }
            asked += 1;
        }
        assert!(changed > 20 || asked < 10, "{changed} changes in {asked} questions");
    }
}
