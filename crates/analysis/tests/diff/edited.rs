//! The demo policy with one line of its source changed: what the comparison says about that line.

use analysis::diff::{Comparison, What};

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
