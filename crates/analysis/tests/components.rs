//! What the policy declares, against searches over its rules and against the records themselves.

use std::path::{Path, PathBuf};

use analysis::component::{Describer, Fields, Portrait, Selection, Value, census, portrait};
use analysis::query::{Request, search};
use avstore::{
    Booleans, Component, ComponentKind, ComponentWriter, Conditions, FileNames, Kind, Store, components,
};
use policydb::{Policy, RuleKind, TypeId};
use testkit::assembled::{self, Assembled, Table};
use testkit::policies;
use testkit::random::Random;

fn with_store(path: &Path, ask: impl FnOnce(&Store<'_>)) {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let policy = Policy::parse(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    ask(&Store::new(&policy));
}

fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(name)
}

fn list<'a>(fields: &'a Fields, name: &str) -> &'a [String] {
    match fields.iter().find(|(own, _)| *own == name) {
        Some((_, Value::List(list))) => list,
        _ => &[],
    }
}

fn number(fields: &Fields, name: &str) -> u64 {
    match fields.iter().find(|(own, _)| *own == name) {
        Some((_, Value::Number(number))) => *number,
        _ => 0,
    }
}

/// The numbers of rules that a portrait gives for a kind: as source and as target.
fn counted(portrait: &Portrait, kind: &str) -> [u64; 2] {
    let Some((_, Value::Records(records))) = portrait.fields.iter().find(|(name, _)| *name == "rules") else {
        return [0, 0];
    };
    let mut sums = [0, 0];
    for record in records {
        // Transitions by file name are counted apart, and searched for together with the others.
        let Some((_, Value::Text(own))) = record.first() else { continue };
        if own.split(' ').next() == Some(kind) {
            sums[0] += number(record, "source") + number(record, "source_through_attributes");
            sums[1] += number(record, "target") + number(record, "target_through_attributes");
        }
    }
    sums
}

/// The rules about a symbol as source, or as target, that a search finds.
fn found<'p>(store: &Store<'p>, kind: RuleKind, name: &str, as_source: bool) -> Vec<avstore::Rule<'p>> {
    let pattern = Some(name.parse().expect("a name"));
    let mut request =
        Request { kinds: analysis::query::KindSet::of([Kind::Type(kind)]), ..Request::default() };
    if as_source {
        request.source = pattern
    } else {
        request.target = pattern
    }
    search(store, &request, usize::MAX).expect("a search")
}

/// Compares the portraits of some types with searches; returns how many rules they counted.
fn compare_portraits(store: &Store<'_>, names: &[String]) -> u64 {
    let booleans = Booleans::of(store.policy());
    let mut total = 0;
    for name in names {
        let portraits = portrait(store, &booleans, name).expect("a name of the policy");
        let portrait =
            portraits.iter().find(|portrait| portrait.kind == ComponentKind::Type).expect("a type");
        for kind in RuleKind::ALL {
            let [as_source, as_target] = counted(portrait, kind.keyword());
            assert_eq!(
                as_source,
                found(store, kind, name, true).len() as u64,
                "{name} as source of {kind:?}"
            );
            assert_eq!(
                as_target,
                found(store, kind, name, false).len() as u64,
                "{name} as target of {kind:?}"
            );
            total += as_source + as_target;
        }
        for (field, permission) in [("entered_from", "transition"), ("dynamically_from", "dyntransition")] {
            assert_eq!(
                list(&portrait.fields, field),
                entered_from(store, name, permission),
                "{name}: {field}"
            );
        }
    }
    total
}

/// The types whose rules in force let them change to a domain.
fn entered_from(store: &Store<'_>, name: &str, permission: &str) -> Vec<String> {
    let Some(process) = store.process_class() else { return Vec::new() };
    let conditions = Conditions::under(store.policy(), &Booleans::of(store.policy()));
    let mut names = Vec::new();
    for rule in found(store, RuleKind::Allow, name, false) {
        let avstore::Rule::Av { rule, branch, .. } = rule else { continue };
        let has = |name: &[u8]| {
            let bit = store.permission_named(process, name).map_or(0, |permission| 1 << permission.bit);
            rule.class() == process && rule.permissions() & bit != 0
        };
        if has(permission.as_bytes()) && branch.is_none_or(|branch| conditions.in_force(branch)) {
            names.extend(store.members(rule.source()).iter().map(|id| store.type_name(id).to_string()));
        }
    }
    names.sort_unstable();
    names.dedup();
    names
}

fn type_names(store: &Store<'_>) -> Vec<String> {
    let types = store.type_ids().filter(|id| !store.is_attribute(*id));
    types.map(|id| store.type_name(id).to_string()).collect()
}

#[test]
fn portraits_count_what_searches_find() {
    for file in ["demo/demo.33", "policies/condition-rules.33", "policies/type-rules.33", "policies/rich.24"]
    {
        let path = testdata(file);
        if path.is_file() {
            with_store(&path, |store| {
                assert!(compare_portraits(store, &type_names(store)) > 0, "{file}");
            });
        }
    }
}

#[test]
fn portraits_of_real_policies() {
    for policy in policies::ALL {
        if !policy.path().is_file() {
            testkit::leave_out(&testkit::Error::NoPolicy { path: policy.path() });
            continue;
        }
        with_store(&policy.path(), |store| {
            let names = type_names(store);
            let mut random = Random::new(11);
            let some: Vec<String> = (0..12).map(|_| random.pick(&names).expect("types").clone()).collect();
            compare_portraits(store, &some);
        });
    }
}

#[test]
fn the_census_counts_each_kind_and_each_rule() {
    with_store(&testdata("demo/demo.33"), |store| {
        let census = census(store);
        let sum: u64 = RuleKind::ALL.into_iter().map(|kind| number(&census.rules, kind.keyword())).sum();
        let all = store.policy().rules().len() + store.policy().conditional_rules().len();
        assert_eq!(sum, all as u64 + number(&census.rules, "by_file_name"));
        assert_eq!(number(&census.symbols, "types"), type_names(store).len() as u64);
        assert_eq!(number(&census.statements, "permissive"), 1);
    });
}

/// The statements that a selection finds.
fn selected(store: &Store<'_>, kind: ComponentKind, word: &str) -> Result<Vec<String>, String> {
    let writer = ComponentWriter::new(store, FileNames::Quoted);
    let kinds = [kind];
    let selection =
        Selection::new(&writer, &kinds, "thing", Some(word)).map_err(|error| error.to_string())?;
    let found = selection.find(&writer).map_err(|error| error.to_string())?;
    let text = |component: &Component<'_>| {
        let mut text = Vec::new();
        writer.write_short(component, &mut text);
        String::from_utf8_lossy(&text).into_owned()
    };
    Ok(found.iter().map(text).collect())
}

#[test]
fn components_are_asked_for_by_all_they_go_by() {
    with_store(&testdata("demo/demo.33"), |store| {
        let ask = |kind, word: &str| selected(store, kind, word).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(ask(ComponentKind::Type, "svirt_lxc_net_t"), ["container_t"], "by an alias");
        assert!(ask(ComponentKind::Type, "@container_domain").contains(&"container_t".to_owned()));
        assert_eq!(ask(ComponentKind::Attribute, "@container_domain"), ["container_domain"]);
        assert_eq!(ask(ComponentKind::Type, "/^container_t$/"), ["container_t"]);
        assert_eq!(
            ask(ComponentKind::Type, "/^svirt_lxc/"),
            ["container_file_t", "container_t"],
            "by aliases"
        );
        assert!(!ask(ComponentKind::Portcon, "http_port_t").is_empty(), "by the type of the label");
        assert_eq!(ask(ComponentKind::Portcon, "container_t"), [""; 0], "a type that labels no port");
        assert!(!ask(ComponentKind::Genfscon, "proc").is_empty());
        assert!(!ask(ComponentKind::Conditional, "virt_use_nfs").is_empty());
        let mentioned = ask(ComponentKind::MlsConstrain, "mcs_constrained_type");
        assert_eq!(mentioned, ask(ComponentKind::MlsConstrain, "@mcs_constrained_type"));
        let constraints = ask(ComponentKind::MlsConstrain, "file");
        assert!(constraints.iter().all(|line| line.starts_with("mlsconstrain file ")), "{constraints:?}");
        assert!(!ask(ComponentKind::MlsConstrain, "@mcs_constrained_type").is_empty());
        assert!(ask(ComponentKind::Role, "@container_domain").contains(&"system_r".to_owned()));
    });
}

#[test]
fn words_that_name_nothing_are_errors_with_near_names() {
    with_store(&testdata("demo/demo.33"), |store| {
        let error = |kind, word: &str| selected(store, kind, word).expect_err(word);
        assert!(error(ComponentKind::Type, "contianer_t").contains("`container_t`"));
        assert!(error(ComponentKind::Boolean, "container_t").contains("is a type of this policy"));
        assert!(error(ComponentKind::Portcon, "70000").contains("65535"));
        assert!(error(ComponentKind::Portcon, "9-1").contains("higher"));
        assert!(error(ComponentKind::Nodecon, "10.0.0.0/40").contains("32"));
        assert!(error(ComponentKind::Type, "/(/").contains("no regular expression"));
        assert!(error(ComponentKind::Class, "@domain").contains("has none"));
        assert!(error(ComponentKind::Type, "@container_t").contains("not an attribute"));
        assert!(error(ComponentKind::Type, "").contains("empty"));
    });
}

#[test]
fn ports_are_listed_by_number() {
    with_store(&testdata("demo/demo.33"), |store| {
        let ports = selected(store, ComponentKind::Portcon, "tcp").unwrap();
        let lows: Vec<u32> = ports
            .iter()
            .map(|line| {
                let ports = line.split(' ').nth(2).expect("ports");
                ports.split('-').next().expect("a port").parse().expect("a number")
            })
            .collect();
        assert!(lows.is_sorted() && lows.len() > 3, "{ports:?}");
    });
}

/// Describes and states everything that a policy declares; returns the kinds that it has.
fn kinds_of(store: &Store<'_>) -> Vec<ComponentKind> {
    let writer = ComponentWriter::new(store, FileNames::Quoted);
    let describer = Describer::new(&writer);
    let is_there = |kind: &ComponentKind| {
        let all = components(store, *kind);
        let stated = all.inspect(|component| {
            let mut statement = Vec::new();
            writer.write_statement(component, &mut statement);
            assert!(!statement.is_empty() && !statement.contains(&b'\n'), "{kind:?}");
            assert!(!describer.fields(component).is_empty(), "{kind:?}");
        });
        stated.count() > 0
    };
    ComponentKind::ALL.into_iter().filter(is_there).collect()
}

#[test]
fn every_kind_that_compilers_write_is_described_and_stated() {
    let mut seen = std::collections::HashSet::new();
    let folder = std::fs::read_dir(testdata("policies")).expect("the test data");
    let files = folder.map(|entry| entry.expect("an entry").path());
    let compiled = files.filter(|path| {
        let extension = path.extension().and_then(|extension| extension.to_str());
        extension.is_some_and(|extension| extension.bytes().all(|byte| byte.is_ascii_digit()))
    });
    // One file is there to be refused.
    for path in compiled.filter(|path| !path.ends_with("rules-none.33")) {
        with_store(&path, |store| seen.extend(kinds_of(store)));
    }
    let unseen: Vec<_> = ComponentKind::ALL.into_iter().filter(|kind| !seen.contains(kind)).collect();
    // Put together by hand in the next test.
    assert_eq!(
        unseen,
        [
            ComponentKind::RoleBounds,
            ComponentKind::UserBounds,
            ComponentKind::NeverAudit,
            ComponentKind::Fscon
        ]
    );
}

/// The statements of a kind.
fn statements(store: &Store<'_>, kind: ComponentKind) -> Vec<String> {
    let writer = ComponentWriter::new(store, FileNames::Quoted);
    let state = |component: Component<'_>| {
        let mut text = Vec::new();
        writer.write_statement(&component, &mut text);
        String::from_utf8_lossy(&text).into_owned()
    };
    components(store, kind).map(state).collect()
}

#[test]
fn kinds_that_compilers_here_do_not_write() {
    let two = |first, second| Table { values: 2, records: vec![first, second] };
    let fscon = assembled::named(b"ext9", &[], &[assembled::context(), assembled::context()].concat());
    let bytes = Assembled {
        roles: two(assembled::role(b"object_r", 1, 0), assembled::role(b"user_r", 2, 1)),
        users: two(assembled::user(b"user_u", 1, 0), assembled::user(b"other_u", 2, 1)),
        object_contexts: vec![vec![], vec![fscon]],
        ..Assembled::default()
    }
    .bytes();
    let policy = Policy::parse(&bytes).expect("a policy");
    let store = Store::new(&policy);
    assert_eq!(statements(&store, ComponentKind::RoleBounds), ["rolebounds object_r user_r;"]);
    assert_eq!(statements(&store, ComponentKind::UserBounds), ["userbounds user_u other_u;"]);
    let context = "user_u:object_r:a_t:s0";
    assert_eq!(statements(&store, ComponentKind::Fscon), [format!("fscon ext9 {context} {context}")]);

    for newer in testkit::newer_versions::policies().expect("policies") {
        let policy = Policy::parse(&newer.bytes).expect("a policy");
        let n_expected = usize::from(newer.version == 35);
        assert_eq!(statements(&Store::new(&policy), ComponentKind::NeverAudit).len(), n_expected);
    }
}

#[test]
fn attributes_without_names_have_portraits() {
    for policy in policies::NAMELESS {
        if policy.path().is_file() {
            with_store(&policy.path(), |store| {
                let attribute = components(store, ComponentKind::Attribute).next();
                let Some(Component::Attribute(id)) = attribute else { panic!("no attribute") };
                let name = format!("<unnamed-{}>", TypeId::value(id));
                let portraits = portrait(store, &Booleans::of(store.policy()), &name).expect("a portrait");
                assert!(!list(&portraits[0].fields, "types").is_empty());
            });
        }
    }
}
