//! The demo policy with one line of its source changed: what the comparison says about that line.

use analysis::diff::{Comparison, Level, What, Which};
use analysis::explain::Evidence;

use super::with_comparison;

const DEMO: &str = include_str!("../../../../testdata/demo/demo.conf");

/// Compares the demo policy with itself after replacements; not without a compiler.
fn edited(replacements: &[(&str, &str)], check: impl FnOnce(&Comparison<'_, '_>)) {
    between(&[], replacements, check);
}

/// Compares the demo policy after some replacements with itself after others.
fn between(old: &[(&str, &str)], new: &[(&str, &str)], check: impl FnOnce(&Comparison<'_, '_>)) {
    if testkit::generated::compiler_is_missing() {
        return testkit::leave_out(&testkit::Error::Reference("checkpolicy is not installed".to_owned()));
    }
    let [old, new] = [old, new].map(|replacements| {
        let text = replacements.iter().fold(DEMO.to_owned(), |text, (from, to)| {
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1)
        });
        let folder = tempfile::tempdir().expect("a temporary directory");
        testkit::generated::compile(&text, folder.path()).expect("a policy")
    });
    with_comparison(&old, &new, check);
}

/// The findings that are no access: the kind of change, and words.
fn statements(comparison: &Comparison<'_, '_>) -> Vec<(&'static str, String)> {
    let findings = comparison.findings().into_iter();
    let text = |what| if let What::Statement(text) = what { Some(text) } else { None };
    findings.filter_map(|finding| Some((finding.id, text(finding.what)?))).collect()
}

const STAFF: &str =
    "user staff_u roles { staff_r sysadm_r system_r unconfined_r } level s0 range s0 - s0:c0.c1023;";

#[test]
fn levels_of_a_user_are_told_apart_from_its_range_and_roles() {
    for (to, expected) in [
        (
            "user staff_u roles { staff_r sysadm_r system_r unconfined_r } level s0:c0.c1023 range s0 - s0:c0.c1023;",
            "user staff_u has another level at login: s0:c0.c1023 instead of s0",
        ),
        (
            "user staff_u roles { staff_r sysadm_r system_r unconfined_r } level s0 range s0;",
            "user staff_u has another range: s0 instead of s0 - s0:c0.c1023",
        ),
    ] {
        edited(&[(STAFF, to)], |comparison| {
            assert_eq!(statements(comparison), [("range", expected.to_owned())]);
        });
    }
}

#[test]
fn a_role_is_no_level_whatever_its_name() {
    let of = |roles: &str| format!("user staff_u roles {{ {roles} }} level s0 range s0 - s0:c0.c1023;");
    let role = ("role user_r;", "role user_r; role s_r;");
    let with_role = of("s_r staff_r sysadm_r system_r unconfined_r");
    between(&[role], &[role, (STAFF, &with_role)], |comparison| {
        let expected = [("role", "user staff_u may have 1 more: s_r".to_owned())];
        assert_eq!(statements(comparison), expected);
    });
    edited(&[(STAFF, &of("unconfined_r system_r sysadm_r staff_r"))], |comparison| {
        assert!(comparison.is_same(), "{:?} {:?}", comparison.components, comparison.constrained);
    });
}

#[test]
fn a_level_that_lost_a_category_is_said() {
    let more = [
        ("category c1023;", "category c1023; category c1024;"),
        ("level s0:c0.c1023;", "level s0:c0.c1024;"),
    ];
    between(&more, &more[..1], |comparison| {
        let expected = "sensitivity s0 has other categories: s0:c0.c1023 instead of s0:c0.c1024";
        assert_eq!(statements(comparison), [("range", expected.to_owned())]);
    });
}

/// A line of the demo policy behind which rules may be added.
const RULE: &str = "allow httpd_t httpd_sys_content_t:lnk_file { getattr read };";

fn with_rules(rules: &str) -> String {
    format!("{RULE} allow httpd_t tmp_t:file ioctl; {rules}")
}

#[test]
fn extended_rules_in_other_words_are_no_change() {
    let one = with_rules(
        "attribute aa; typeattribute httpd_t aa; allowxperm aa tmp_t:file ioctl { 1 2 }; allowxperm httpd_t tmp_t:file ioctl 1;",
    );
    let other = with_rules("attribute aa; typeattribute httpd_t aa; allowxperm aa tmp_t:file ioctl { 1 2 };");
    for (old, new) in [(&one, &other), (&other, &one)] {
        between(&[(RULE, old)], &[(RULE, new)], |comparison| {
            assert!(comparison.is_same(), "{:?}", comparison.xperms);
        });
    }
}

#[test]
fn an_extended_rule_lost_with_an_attribute_is_said() {
    let attribute =
        "attribute aa; typeattribute httpd_sys_script_t aa; allowxperm aa tmp_t:file ioctl { 1 2 };";
    let (with, without) =
        (with_rules(&format!("{attribute} typeattribute httpd_t aa;")), with_rules(attribute));
    between(&[(RULE, &with)], &[(RULE, &without)], |comparison| {
        let text = "allowxperm httpd_t tmp_t:file ioctl - 0x0001-0x0002; it checks no commands any more; through an attribute";
        assert!(
            statements(comparison).contains(&("xperm_unchecked", text.to_owned())),
            "{:?}",
            statements(comparison)
        );
    });
}

#[test]
fn a_first_extended_rule_is_no_risk() {
    let (without, with) = (with_rules(""), with_rules("allowxperm httpd_t tmp_t:file ioctl { 1 2 };"));
    between(&[(RULE, &without)], &[(RULE, &with)], |comparison| {
        assert_eq!(comparison.xperms.len(), 1);
        assert!(statements(comparison).is_empty(), "{:?}", statements(comparison));
    });
}

#[test]
fn what_starts_a_domain_is_a_finding() {
    let rule = "type_transition init_t httpd_exec_t:process httpd_t;";
    let other = "type_transition init_t httpd_exec_t:process unconfined_service_t;";
    edited(&[(rule, "")], |comparison| {
        assert_eq!(statements(comparison), [("transition", format!("removed: {rule}"))]);
    });
    between(&[(rule, "")], &[], |comparison| {
        assert_eq!(statements(comparison), [("transition", format!("added: {rule}"))]);
    });
    edited(&[(rule, other)], |comparison| {
        let text = format!("changed: {} was httpd_t", other);
        assert_eq!(statements(comparison), [("transition", text)]);
    });
}

const KEY: &str = "mlsconstrain key { view read write search link setattr create }
	( h1 dom h2 or t1 != mcs_constrained_type );";

#[test]
fn a_constraint_in_other_words_is_no_change() {
    let other = "mlsconstrain key { view read write } ( t1 != mcs_constrained_type or h1 dom h2 );
        mlsconstrain key { search link setattr create } ( not ( not h1 dom h2 and t1 == mcs_constrained_type ) );";
    edited(&[(KEY, other)], |comparison| {
        assert!(comparison.is_same(), "{:?}", comparison.constraints);
    });
}

#[test]
fn a_constraint_that_became_another_is_one_change() {
    let tighter = KEY.replace("( h1 dom h2 or", "( ( h1 dom h2 and l1 eq l2 ) or");
    let texts = |comparison: &Comparison<'_, '_>| comparison.constraint_texts();
    edited(&[(KEY, &tighter)], |comparison| {
        let found = texts(comparison);
        assert!(matches!(found.as_slice(), [('~', _)]), "{found:?}");
        assert!(statements(comparison).is_empty(), "{:?}", statements(comparison));
    });
    between(&[(KEY, &tighter)], &[], |comparison| {
        let found = texts(comparison);
        assert!(matches!(found.as_slice(), [('~', _)]), "{found:?}");
        let text = "a constraint on key { create link read search setattr view write } changed from mlsconstrain \
            ((h1 dom h2 and l1 == l2) or t1 != mcs_constrained_type) to mlsconstrain (h1 dom h2 or t1 != \
            mcs_constrained_type); it names mcs_constrained_type (5 types)";
        assert_eq!(statements(comparison), [("constraint_changed", text.to_owned())]);
    });
}

fn replayed(
    comparison: &Comparison<'_, '_>,
    [source, target, class]: [&str; 3],
    permission: &str,
) -> Vec<String> {
    comparison.replay(&Evidence {
        scontext: format!("system_u:system_r:{source}:s0:c1,c2"),
        tcontext: format!("system_u:object_r:{target}:s0"),
        tclass: class.to_owned(),
        permissions: vec![permission.to_owned()],
        ..Evidence::default()
    })
}

#[test]
fn a_record_has_the_causes_of_its_difference() {
    let shadow = ["httpd_t", "shadow_t", "file"];
    let with = with_rules("allow httpd_t shadow_t:file read;");
    edited(&[(RULE, &with)], |comparison| {
        let expected = "read gained: added allow httpd_t shadow_t:file read;";
        assert_eq!(replayed(comparison, shadow, "read"), [expected]);
        assert!(replayed(comparison, shadow, "write").is_empty());
        // What is said of some domains only is the same.
        let stores = [Which::Old, Which::New].map(|which| comparison.matching.store(which));
        let about = Comparison::about(stores[0], stores[1], ["httpd_t"].into_iter());
        assert_eq!(replayed(&about, shadow, "read"), [expected]);
    });
    edited(&[(RULE, &format!("{RULE} typeattribute httpd_t mcs_constrained_type;"))], |comparison| {
        let texts = replayed(comparison, shadow, "read");
        assert!(
            texts.len() == 1 && texts[0].starts_with("httpd_t joined mcs_constrained_type: "),
            "{texts:?}"
        );
    });
    edited(&[(KEY, "")], |comparison| {
        let texts = replayed(comparison, ["httpd_t", "init_t", "key"], "read");
        assert!(texts.len() == 1 && texts[0].starts_with("a constraint is gone for key "), "{texts:?}");
    });
}

/// The levels of findings by the name of the row.
fn level_of(comparison: &Comparison<'_, '_>, id: &str) -> Option<Level> {
    comparison.findings().iter().find(|finding| finding.id == id).map(|finding| finding.level)
}

#[test]
fn a_domain_that_is_newly_bound_is_a_finding_about_it() {
    edited(&[(RULE, &format!("{RULE} typeattribute httpd_t mcs_constrained_type;"))], |comparison| {
        let findings = comparison.findings();
        let finding = findings.iter().find(|finding| finding.id == "newly_constrained").expect("a finding");
        assert_eq!(finding.domain, comparison.matching.named("httpd_t"));
        assert_eq!(finding.level, Level::Low);
    });
}

#[test]
fn a_new_container_domain_that_nothing_keeps_apart_is_a_finding() {
    let without = "type evilc_t, domain, container_domain; role system_r types evilc_t;";
    edited(&[(RULE, &format!("{RULE} {without}"))], |comparison| {
        let expected =
            "evilc_t is a new container domain without mcs_constrained_type, which 5 of 5 others have: ";
        let texts = statements(comparison);
        let text = &texts.iter().find(|(id, _)| *id == "mcs_new").expect("a finding").1;
        assert!(text.starts_with(expected), "{text}");
        assert_eq!(level_of(comparison, "mcs_new"), Some(Level::High));
    });
    let with = "type evilc_t, domain, container_domain, mcs_constrained_type; role system_r types evilc_t;";
    edited(&[(RULE, &format!("{RULE} {with}"))], |comparison| {
        assert_eq!(level_of(comparison, "mcs_new"), None);
    });
}

#[test]
fn a_new_domain_counts_in_full_where_an_existing_one_may_enter_it() {
    let new = "type evil_t, domain; role system_r types evil_t; allow evil_t shadow_t:file { write open };";
    let level = |more: &str, expected: Option<Level>| {
        edited(&[(RULE, &format!("{RULE} {new} {more}"))], |comparison| {
            assert_eq!(level_of(comparison, "write-secret"), expected, "{more}");
        });
    };
    level("", Some(Level::Medium));
    level("allow httpd_t evil_t:process transition;", Some(Level::Critical));
    level("allow httpd_t evil_t:process dyntransition;", Some(Level::Critical));
    level("allow unconfined_t evil_t:process transition;", Some(Level::Medium));
    level("if (httpd_use_nfs) { allow httpd_t evil_t:process transition; }", Some(Level::High));
    let by_another =
        "type way_t, domain; allow way_t evil_t:process transition; allow httpd_t way_t:process transition;";
    level(by_another, Some(Level::Critical));
    // It is decided: what a constraint forbids is no way in.
    let constraint =
        format!("{KEY}\nmlsconstrain process {{ transition dyntransition }} ( t2 != mcs_constrained_type );");
    let bound = "typeattribute evil_t mcs_constrained_type; allow httpd_t evil_t:process transition;";
    let rules = format!("{RULE} {new} {bound}");
    between(&[(KEY, &constraint)], &[(KEY, &constraint), (RULE, &rules)], |comparison| {
        assert_eq!(level_of(comparison, "write-secret"), Some(Level::Medium));
    });
}

#[test]
fn new_users_and_roles_are_findings() {
    let user = "user user_u roles user_r level s0 range s0;";
    let evil = format!("user evil_u roles {{ sysadm_r }} level s0 range s0; {user}");
    edited(&[(user, &evil)], |comparison| {
        let text = "user evil_u is new, with role sysadm_r, range s0";
        assert_eq!(statements(comparison), [("new_user", text.to_owned())]);
        assert_eq!(level_of(comparison, "new_user"), Some(Level::Medium));
    });
    edited(&[("role user_r;", "role user_r; role evil_r; role evil_r types unconfined_t;")], |comparison| {
        let text = "role evil_r is new, with 1 type: unconfined_t";
        assert_eq!(statements(comparison), [("new_role", text.to_owned())]);
    });
}

#[test]
fn an_alias_that_moved_is_a_finding() {
    let alias = |of: &str| format!("{RULE} typealias {of} alias foo_t;");
    between(&[(RULE, &alias("httpd_log_t"))], &[(RULE, &alias("shadow_t"))], |comparison| {
        let text = "alias foo_t stands for shadow_t, and stood for httpd_log_t";
        assert_eq!(statements(comparison), [("alias_secret", text.to_owned())]);
    });
    between(&[(RULE, &alias("httpd_log_t"))], &[(RULE, &alias("tmp_t"))], |comparison| {
        assert_eq!(level_of(comparison, "alias"), Some(Level::Medium));
    });
}

#[test]
fn what_stands_in_both_branches_stands_without_a_condition() {
    for rule in [
        "type_transition httpd_t sshd_exec_t:process sshd_t;",
        "allowxperm httpd_t tmp_t:file ioctl { 1 2 };",
        "allow httpd_t shadow_t:file read;",
    ] {
        let plain = with_rules(rule);
        let both = with_rules(&format!("if (httpd_use_nfs) {{ {rule} }} else {{ {rule} }}"));
        if testkit::generated::compiler_is_missing() {
            return;
        }
        // What the compiler does not take is no case.
        if rule.starts_with("allowxperm") {
            continue;
        }
        for (old, new) in [(&plain, &both), (&both, &plain)] {
            between(&[(RULE, old)], &[(RULE, new)], |comparison| {
                assert!(comparison.is_same(), "{rule}: {:?} {:?}", comparison.transitions, comparison.xperms);
            });
        }
    }
}

#[test]
fn a_transition_behind_a_boolean_that_is_off_is_less_and_said() {
    let rule = "type_transition httpd_t sshd_exec_t:process sshd_t;";
    edited(&[(RULE, &format!("{RULE} if (httpd_use_nfs) {{ {rule} }}"))], |comparison| {
        let text = format!("added: {rule} [ httpd_use_nfs ], which does not hold by default");
        assert_eq!(statements(comparison), [("transition", text)]);
        assert_eq!(level_of(comparison, "transition"), Some(Level::Low));
    });
}

#[test]
fn what_several_have_through_an_attribute_is_one_line() {
    let base = "attribute aa; allow domain tmp_t:file ioctl; allowxperm aa tmp_t:file ioctl { 1 2 };";
    let (without, with) = (
        with_rules(&format!("{base} typeattribute sshd_t aa;")),
        with_rules(&format!(
            "{base} typeattribute sshd_t aa; typeattribute httpd_t aa; typeattribute init_t aa;"
        )),
    );
    between(&[(RULE, &without)], &[(RULE, &with)], |comparison| {
        let texts: Vec<String> =
            comparison.xperms.iter().map(|change| comparison.xperm_text(change)).collect();
        assert_eq!(texts.len(), 1, "{texts:?}");
        assert!(texts[0].ends_with("through an attribute, as for 1 more source"), "{texts:?}");
        for name in ["httpd_t", "init_t"] {
            let domain = comparison.matching.named(name).expect("a type");
            assert!(comparison.is_about(&comparison.xperms[0], domain), "{name}");
            let mut lines = comparison.xperms_by_membership(domain);
            assert!(
                comparison.other_xperms_by_membership(domain).is_empty(),
                "{lines:?}: told by the commands"
            );
            let n_lines = lines.len();
            lines.dedup();
            assert_eq!(lines.len(), n_lines);
        }
    });
}
