//! Extended permissions: which ioctl commands and netlink messages a granted permission covers.
//!
//! Source: `avc_has_extended_perms` in the kernel's `avc.c`, `services_compute_xperms_drivers` and
//! `services_compute_xperms_decision` in `ss/services.c`. Any extended rule in force for the two types and the
//! class switches checking on, whatever it does and whichever kind it is about; then only what an `allowxperm` of
//! the same kind lists is allowed. Constraints and bounds do not look at commands.

use policydb::{RuleKind, TypeId, XpermKind, Xperms};

use super::proof::Applied;
use super::{Access, AppliedRule, Decider, Side, rules};

/// What a command is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// An ioctl command: the permission `ioctl`.
    Ioctl,
    /// A netlink message type: the permission `nlmsg`.
    Nlmsg,
}

/// What extended rules say about one command.
#[derive(Clone, Debug)]
pub struct CommandVerdict<'p> {
    /// The command, its low 16 bits.
    pub command: u16,
    /// Whether an extended rule switches checking on.
    pub checked: bool,
    /// Whether the command is allowed as far as extended rules are concerned.
    pub allowed: bool,
    /// Rules in force that allow the command; where it is not allowed, all that switch checking on.
    pub rules: Vec<Applied<'p>>,
    /// Whether a grant is audited, if grants of the permission are.
    pub auditallow: bool,
    /// Whether a denial is kept out of the log.
    pub dontaudit: bool,
}

impl<'p> Decider<'_, 'p> {
    /// What extended rules say about a command. O(rules).
    pub fn command<S: Side>(
        &self,
        access: &Access<'_, S>,
        operation: Operation,
        command: u16,
    ) -> CommandVerdict<'p> {
        let (source, target) = (access.source.type_id(), access.target.type_id());
        let symbols = |id: TypeId| self.overlay.symbols_of(self.store, id);
        let kinds = [RuleKind::AllowXperm, RuleKind::AuditAllowXperm, RuleKind::DontAuditXperm];
        let found = rules::about(self, &symbols(source), &symbols(target), access.class, &kinds);
        let found: Vec<Applied<'p>> = found
            .into_iter()
            .map(|rule| self.applied(rule, source, target))
            .filter(|applied| applied.in_force)
            .collect();
        let covers = |applied: &&Applied<'p>, kind| match &applied.rule {
            AppliedRule::Stated(avstore::Rule::Av { rule, xperms: Some(xperms), .. }) => {
                rule.kind() == kind && covers(*xperms, operation, command)
            }
            _ => false,
        };
        let covering = |kind| found.iter().filter(move |applied| covers(applied, kind));
        let allowing: Vec<Applied<'p>> = covering(RuleKind::AllowXperm).cloned().collect();
        let (auditallow, dontaudit) = (
            covering(RuleKind::AuditAllowXperm).next().is_some(),
            covering(RuleKind::DontAuditXperm).next().is_some(),
        );
        let checked = !found.is_empty();
        CommandVerdict {
            command,
            checked,
            allowed: !checked || !allowing.is_empty(),
            rules: if allowing.is_empty() { found } else { allowing },
            auditallow: !checked || auditallow,
            dontaudit,
        }
    }
}

/// Whether extended permissions cover a command.
pub fn covers(xperms: Xperms<'_>, operation: Operation, command: u16) -> bool {
    let [driver, function] = command.to_be_bytes();
    let has =
        |bit: u8| xperms.bits().get(usize::from(bit >> 3)).is_some_and(|byte| byte >> (bit & 7) & 1 == 1);
    match (operation, xperms.kind) {
        (Operation::Ioctl, XpermKind::IoctlDriver) => has(driver),
        (Operation::Ioctl, XpermKind::IoctlFunction) | (Operation::Nlmsg, XpermKind::Nlmsg) => {
            xperms.driver == driver && has(function)
        }
        _ => false,
    }
}

/// What the kernel asks about some commands instead of `ioctl`. Source: `selinux_file_ioctl` in `hooks.c`.
pub fn asked_instead_of_ioctl(command: u16) -> Option<&'static str> {
    match command {
        0x541b | 0x0001 | 0x0002 => {
            Some("for FIONREAD, FIBMAP and FIGETBSZ the kernel asks for getattr, not for ioctl")
        }
        0x6601 | 0x7601 => {
            Some("for FS_IOC_GETFLAGS and FS_IOC_GETVERSION the kernel asks for getattr, not for ioctl")
        }
        0x6602 | 0x7602 => {
            Some("for FS_IOC_SETFLAGS and FS_IOC_SETVERSION the kernel asks for setattr, not for ioctl")
        }
        0x5421 | 0x5452 => Some("for FIONBIO and FIOASYNC the kernel asks for no permission of the class"),
        0x5450 | 0x5451 => Some(
            "for FIOCLEX and FIONCLEX the kernel asks for nothing, if the policy has the capability ioctl_skip_cloexec",
        ),
        _ => None,
    }
}
