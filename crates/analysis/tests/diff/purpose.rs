//! The demo policy against its elder sister: each difference that was made on purpose is found, and called what it is.

use analysis::diff::{Cause, Comparison, Level, What};

use super::brute_force::{check_all, check_causes};
use super::{testdata, with_comparison};

fn demo(check: impl FnOnce(&Comparison<'_, '_>)) {
    with_comparison(&testdata("demo/demo-older.33"), &testdata("demo/demo.33"), check);
}

fn reversed(check: impl FnOnce(&Comparison<'_, '_>)) {
    with_comparison(&testdata("demo/demo.33"), &testdata("demo/demo-older.33"), check);
}

#[test]
fn the_difference_is_that_of_decisions() {
    demo(|comparison| {
        check_all(comparison);
        check_causes(comparison);
    });
    reversed(check_all);
}

#[test]
fn causes_are_called_what_they_are() {
    demo(|comparison| {
        let texts: Vec<String> =
            comparison.effective.causes.iter().map(|cause| comparison.cause_text(*cause)).collect();
        for expected in [
            "new domain container_logwriter_t",
            "new type container_kvm_var_run_t (file_type, pidfile)",
            "moved behind !deny_ptrace (default on)",
            "moved behind container_modify_selinux_labels (default off)",
            "default changed: container_use_devices || container_use_dri_devices holds",
            "removed allow container_domain container_runtime_domain:unix_stream_socket connectto;",
            "added allow svirt_sandbox_domain container_file_t:fifo_file watch;",
        ] {
            assert!(texts.iter().any(|text| text == expected), "{expected}: {texts:#?}");
        }
        assert!(!comparison.effective.causes.iter().any(|cause| matches!(cause, Cause::Bounds(_))));
        let joined = &comparison.constrained;
        assert_eq!(joined.len(), 1, "{joined:?}");
        assert!(joined[0].joined && !joined[0].loosens && joined[0].n_constraints > 20);
    });
}

#[test]
fn what_opens_is_critical() {
    reversed(|comparison| {
        let findings = comparison.findings();
        let critical: Vec<&str> = findings
            .iter()
            .filter(|finding| finding.level == Level::Critical)
            .map(|finding| finding.id)
            .collect();
        for id in ["permissive", "mcs", "engine"] {
            assert!(critical.contains(&id), "{id}: {critical:?}");
        }
        let constraint =
            findings.iter().find(|finding| finding.id == "constraint_removed").expect("a finding");
        let What::Statement(text) = &constraint.what else { panic!("{constraint:?}") };
        assert!(text.contains("fifo_file") && text.contains("mcs_constrained_type (5 types)"), "{text}");
    });
    demo(|comparison| {
        // The writer of logs is new, and the engine may start it; all else that opens is less.
        let writer = comparison.matching.named("container_logwriter_t");
        let findings = comparison.findings();
        let others = findings.iter().filter(|finding| finding.domain != writer);
        let worst = others.max_by_key(|finding| finding.level);
        assert!(worst.is_some_and(|worst| worst.level == Level::Medium), "{worst:?}");
        assert_eq!(findings.first().map(|finding| finding.level), Some(Level::Critical));
    });
}

#[test]
fn extended_rules_apply_by_membership() {
    let text = include_str!("../../../../testdata/policies/xperm-attribute.conf");
    if testkit::generated::compiler_is_missing() {
        return testkit::leave_out(&testkit::Error::Reference("checkpolicy is not installed".to_owned()));
    }
    let folder = tempfile::tempdir().expect("a temporary directory");
    let without = text.replace("type b_t, domain;", "type b_t;");
    let old = testkit::generated::compile(&without, folder.path()).expect("a policy");
    with_comparison(&old, &testdata("policies/xperm-attribute.33"), |comparison| {
        let domain = comparison.matching.named("b_t").expect("a type");
        let texts = comparison.xperms_by_membership(domain);
        assert!(texts.contains(&"+ allowxperm domain ttys:file ioctl for tty_t".to_owned()), "{texts:?}");
        assert!(comparison.xperms.iter().all(|change| change.through.is_some()), "no rule differs");
        assert!(!comparison.xperms.is_empty() && !comparison.is_same());
    });
}
