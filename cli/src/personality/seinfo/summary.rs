//! The statistics that seinfo prints of a policy. Source: the script `seinfo` of SETools 4.4.1.
//!
//! One pass over the rules; O(policy).

use std::io::Write;

use avstore::{ComponentKind as Kind, Store, components};
use policydb::{HandleUnknown, Platform, RuleKind};

use crate::personality::setools::Failure;

/// Prints the statistics.
pub(super) fn print_summary(store: &Store<'_>, path: &str, output: &mut dyn Write) -> Result<(), Failure> {
    let policy = store.policy();
    let header = policy.header();
    let is_xen = header.format.platform == Platform::Xen;
    let levels = if header.mls { "enabled" } else { "disabled" };
    let unknown = match header.handle_unknown {
        HandleUnknown::Deny => "deny",
        HandleUnknown::Reject => "reject",
        HandleUnknown::Allow => "allow",
    };
    writeln!(output, "Statistics for policy file: {path}")?;
    writeln!(output, "Policy Version:             {} (MLS {levels})", header.format.version)?;
    writeln!(output, "Target Policy:              {}", if is_xen { "xen" } else { "selinux" })?;
    writeln!(output, "Handle unknown classes:     {unknown}")?;
    let count = |kind| components(store, kind).count();
    let rules = RuleCounts::of(store);
    let permissions: usize = policy.commons().1.iter().map(|common| common.permissions.len()).sum::<usize>()
        + policy.classes().1.iter().map(|class| class.permissions.len()).sum::<usize>();
    let permissive = components(store, Kind::Permissive).count();
    // Binary policies have none of those whose kind is said to be never.
    let rows = [
        ("Classes", policy.classes().1.len(), "Permissions", permissions),
        ("Sensitivities", count(Kind::Sensitivity), "Categories", count(Kind::Category)),
        ("Types", count(Kind::Type), "Attributes", count(Kind::Attribute)),
        ("Users", policy.users().1.len(), "Roles", policy.roles().1.len()),
        ("Booleans", count(Kind::Boolean), "Cond. Expr.", policy.conditionals().len()),
        ("Allow", rules.get(RuleKind::Allow), "Neverallow", 0),
        ("Auditallow", rules.get(RuleKind::AuditAllow), "Dontaudit", rules.get(RuleKind::DontAudit)),
        ("Type_trans", rules.get(RuleKind::TypeTransition), "Type_change", rules.get(RuleKind::TypeChange)),
        ("Type_member", rules.get(RuleKind::TypeMember), "Range_trans", policy.range_transitions().len()),
        ("Role allow", policy.role_allows().len(), "Role_trans", policy.role_transitions().len()),
        ("Constraints", count(Kind::Constrain), "Validatetrans", count(Kind::ValidateTrans)),
        ("MLS Constrain", count(Kind::MlsConstrain), "MLS Val. Tran", count(Kind::MlsValidateTrans)),
        ("Permissives", permissive, "Polcap", policy.capabilities().len()),
        ("Defaults", count(Kind::Default), "Typebounds", count(Kind::TypeBounds)),
    ];
    let selinux_rows = [
        ("Allowxperm", rules.get(RuleKind::AllowXperm), "Neverallowxperm", 0),
        (
            "Auditallowxperm",
            rules.get(RuleKind::AuditAllowXperm),
            "Dontauditxperm",
            rules.get(RuleKind::DontAuditXperm),
        ),
        ("Ibendportcon", count(Kind::Ibendportcon), "Ibpkeycon", count(Kind::Ibpkeycon)),
        ("Initial SIDs", count(Kind::InitialSid), "Fs_use", count(Kind::FsUse)),
        ("Genfscon", count(Kind::Genfscon), "Portcon", count(Kind::Portcon)),
        ("Netifcon", count(Kind::Netifcon), "Nodecon", count(Kind::Nodecon)),
    ];
    let xen_rows = [
        ("Initial SIDs", count(Kind::InitialSid), "Devicetreecon", count(Kind::Devicetreecon)),
        ("Iomemcon", count(Kind::Iomemcon), "Ioportcon", count(Kind::Ioportcon)),
        ("Pcidevicecon", count(Kind::Pcidevicecon), "Pirqcon", count(Kind::Pirqcon)),
    ];
    let of_platform: &[_] = if is_xen { &xen_rows } else { &selinux_rows };
    for (left, n_left, right, n_right) in rows.iter().chain(of_platform) {
        let (left, right) = (format!("{left}:"), format!("{right}:"));
        writeln!(output, "  {left:<17}{n_left:7}    {right:<17}{n_right:7}")?;
    }
    Ok(())
}

/// How many rules of type enforcement there are, by kind; one with a file name counts for each of its sources.
struct RuleCounts([usize; RuleKind::ALL.len()]);

impl RuleCounts {
    fn of(store: &Store<'_>) -> Self {
        let policy = store.policy();
        let mut counts = RuleCounts([0; RuleKind::ALL.len()]);
        for table in [policy.rules(), policy.conditional_rules()] {
            table.rules(0..table.len()).for_each(|(_, rule)| counts.add(rule.kind(), 1));
        }
        let mut named = 0;
        policy.filename_transitions().for_each(|_| named += 1);
        counts.add(RuleKind::TypeTransition, named);
        counts
    }

    fn add(&mut self, kind: RuleKind, n: usize) {
        if let Some(place) = Self::place(kind) {
            self.0[place] += n;
        }
    }

    fn get(&self, kind: RuleKind) -> usize {
        Self::place(kind).map_or(0, |place| self.0[place])
    }

    fn place(kind: RuleKind) -> Option<usize> {
        RuleKind::ALL.iter().position(|other| *other == kind)
    }
}
