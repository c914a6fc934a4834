//! The kinds of rule in the access-vector table. Source: AVTAB_* in the kernel's `ss/avtab.h`.

/// What a rule of the access-vector table does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum RuleKind {
    /// Grants permissions.
    Allow,
    /// Audits grants.
    AuditAllow,
    /// Keeps denials out of the audit log.
    DontAudit,
    /// Grants extended permissions (ioctl commands, netlink messages).
    AllowXperm,
    /// Audits grants of extended permissions.
    AuditAllowXperm,
    /// Keeps denials of extended permissions out of the audit log.
    DontAuditXperm,
    /// The type of a new object.
    TypeTransition,
    /// The type of a relabelled object.
    TypeChange,
    /// The type of a member of a polyinstantiated object.
    TypeMember,
}

impl RuleKind {
    /// Every kind, in the order in which help and documentation name them.
    pub const ALL: [RuleKind; 9] = [
        RuleKind::Allow,
        RuleKind::AuditAllow,
        RuleKind::DontAudit,
        RuleKind::AllowXperm,
        RuleKind::AuditAllowXperm,
        RuleKind::DontAuditXperm,
        RuleKind::TypeTransition,
        RuleKind::TypeChange,
        RuleKind::TypeMember,
    ];

    /// The keyword of policy language.
    pub const fn keyword(self) -> &'static str {
        match self {
            RuleKind::Allow => "allow",
            RuleKind::AuditAllow => "auditallow",
            RuleKind::DontAudit => "dontaudit",
            RuleKind::AllowXperm => "allowxperm",
            RuleKind::AuditAllowXperm => "auditallowxperm",
            RuleKind::DontAuditXperm => "dontauditxperm",
            RuleKind::TypeTransition => "type_transition",
            RuleKind::TypeChange => "type_change",
            RuleKind::TypeMember => "type_member",
        }
    }

    /// Whether rules of this kind carry permission bits.
    pub const fn has_permissions(self) -> bool {
        matches!(self, RuleKind::Allow | RuleKind::AuditAllow | RuleKind::DontAudit)
    }

    /// Whether rules of this kind carry extended permissions.
    pub const fn has_xperms(self) -> bool {
        matches!(self, RuleKind::AllowXperm | RuleKind::AuditAllowXperm | RuleKind::DontAuditXperm)
    }

    /// Whether rules of this kind carry a default type.
    pub const fn has_default(self) -> bool {
        !self.has_permissions() && !self.has_xperms()
    }

    /// The kind that a key's bits name; `None` unless they are exactly one known kind.
    #[inline]
    pub(crate) const fn from_bits(bits: u16) -> Option<RuleKind> {
        Some(match bits {
            0x0001 => RuleKind::Allow,
            0x0002 => RuleKind::AuditAllow,
            0x0004 => RuleKind::DontAudit,
            0x0010 => RuleKind::TypeTransition,
            0x0020 => RuleKind::TypeMember,
            0x0040 => RuleKind::TypeChange,
            0x0100 => RuleKind::AllowXperm,
            0x0200 => RuleKind::AuditAllowXperm,
            0x0400 => RuleKind::DontAuditXperm,
            _ => return None,
        })
    }

    /// The kind's bit in the keys of the table; no two kinds share one.
    pub const fn bits(self) -> u16 {
        match self {
            RuleKind::Allow => 0x0001,
            RuleKind::AuditAllow => 0x0002,
            RuleKind::DontAudit => 0x0004,
            RuleKind::TypeTransition => 0x0010,
            RuleKind::TypeMember => 0x0020,
            RuleKind::TypeChange => 0x0040,
            RuleKind::AllowXperm => 0x0100,
            RuleKind::AuditAllowXperm => 0x0200,
            RuleKind::DontAuditXperm => 0x0400,
        }
    }
}
