//! What not to do, and what is known of denials like this one.

use policydb::TypeId;

use super::fix::refused_whatever_rules;
use super::{Cause, Containers, Denied};
use crate::decide::{Decider, Proof};

/// A remark that does not follow from causes and fixes alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// A constraint, a role or a bound refuses it: no rule can allow it.
    NoRuleCanAllow,
    /// A rule on the containers' type would hold for all containers.
    RuleIsForAllContainers,
    /// The path in the record is the container's.
    PathIsInTheContainer,
    /// The label is the one that `label=disable` and `--privileged` give.
    MadeWithoutSeparation,
    /// The socket belongs to a daemon that can do everything: relabelling it does not help.
    DaemonSocket(TypeId),
    /// The label of the file is none of this policy, or it never had one.
    Unlabelled,
    /// `:z` is silently ignored on file systems that keep no labels.
    NoLabelsOnThisFileSystem,
    /// Such denials are kept out of the log where this policy is loaded.
    Hidden,
    /// The domain is permissive: it was logged, and done all the same.
    Permissive,
}

impl Advice {
    /// A stable name.
    pub const fn id(&self) -> &'static str {
        match self {
            Advice::NoRuleCanAllow => "no_rule_can_allow",
            Advice::RuleIsForAllContainers => "rule_is_for_all_containers",
            Advice::PathIsInTheContainer => "path_is_in_the_container",
            Advice::MadeWithoutSeparation => "made_without_separation",
            Advice::DaemonSocket(_) => "daemon_socket",
            Advice::Unlabelled => "unlabelled",
            Advice::NoLabelsOnThisFileSystem => "no_labels_on_this_file_system",
            Advice::Hidden => "hidden",
            Advice::Permissive => "permissive",
        }
    }

    /// The remarks on a denial.
    pub fn on(
        decider: &Decider<'_, '_>,
        containers: &Containers,
        denied: &Denied,
        causes: &[Cause<'_>],
        proof: &Proof<'_>,
    ) -> Vec<Self> {
        let store = decider.store();
        let policy = store.policy();
        let target = denied.target.r#type;
        let has = |attribute: &[u8]| {
            let id = policy.type_named(attribute).filter(|id| store.is_attribute(*id));
            id.is_some_and(|id| store.applies(id, target))
        };
        let is_named = |name: &[u8]| policy.type_named(name) == Some(target);
        let is_container = containers.is_confined(denied.source.r#type);
        let class = store.class_name(denied.class);
        let is_connect = class.as_bytes() == b"unix_stream_socket"
            && store
                .permission_named(denied.class, b"connectto")
                .is_some_and(|permission| denied.permissions >> permission.bit & 1 == 1);
        let mut advice = Vec::new();
        if is_container && containers.is_reserved(policy, &denied.target) {
            advice.push(Advice::MadeWithoutSeparation);
        }
        if is_connect {
            advice.push(Advice::DaemonSocket(target));
        }
        if is_named(b"unlabeled_t") {
            advice.push(Advice::Unlabelled);
        }
        if is_container && has(b"noxattrfs") {
            advice.push(Advice::NoLabelsOnThisFileSystem);
        }
        if proof.decision.permissive {
            advice.push(Advice::Permissive);
        }
        if super::cause::hidden(proof) & denied.permissions != 0 {
            advice.push(Advice::Hidden);
        }
        if refused_whatever_rules(causes) != 0 {
            advice.push(Advice::NoRuleCanAllow);
        } else if is_container && proof.without_rule() != 0 {
            advice.push(Advice::RuleIsForAllContainers);
        }
        if is_container
            && [&b"file"[..], b"dir", b"lnk_file", b"sock_file", b"fifo_file"].contains(&class.as_bytes())
        {
            advice.push(Advice::PathIsInTheContainer);
        }
        advice
    }
}
