//! One rule as the policy states it, wherever it stands: always in force, in a branch of a conditional,
//! among the transitions by file name, or in the tables of roles and ranges.

use policydb::{
    AvRule, ClassId, FilenameTransition, RangeTransition, RoleAllow, RoleTransition, RuleKind, TypeId, Xperms,
};

use crate::Store;

/// A branch of a conditional.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Branch {
    /// Position among the policy's conditionals.
    pub conditional: u32,
    /// The value of the condition under which the rules of the branch are in force.
    pub when: bool,
}

/// A rule of the policy.
#[derive(Clone, Debug)]
pub enum Rule<'p> {
    /// A rule of the access-vector table, and its branch if it is conditional.
    Av {
        /// The rule.
        rule: AvRule,
        /// Its extended permissions, if it has any.
        xperms: Option<Xperms<'p>>,
        /// The branch that it stands in.
        branch: Option<Branch>,
    },
    /// A transition by file name.
    Filename(FilenameTransition<'p>),
    /// A change of role that is allowed.
    RoleAllow(RoleAllow),
    /// The role of a new process or object.
    RoleTransition(RoleTransition),
    /// The range of a new process or object. Boxed: it is large and rare, and answers hold rules by the
    /// hundred thousand.
    RangeTransition(Box<RangeTransition<'p>>),
}

/// What a rule does, of every rule that a binary policy can state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A rule of the access-vector table, or a transition by file name.
    Type(RuleKind),
    /// A role `allow`.
    RoleAllow,
    /// A `role_transition`.
    RoleTransition,
    /// A `range_transition`.
    RangeTransition,
}

impl From<RuleKind> for Kind {
    fn from(kind: RuleKind) -> Self {
        Kind::Type(kind)
    }
}

impl Kind {
    /// Every kind, in the order in which help and documentation name them.
    pub const ALL: [Kind; 12] = [
        Kind::Type(RuleKind::Allow),
        Kind::Type(RuleKind::AuditAllow),
        Kind::Type(RuleKind::DontAudit),
        Kind::Type(RuleKind::AllowXperm),
        Kind::Type(RuleKind::AuditAllowXperm),
        Kind::Type(RuleKind::DontAuditXperm),
        Kind::Type(RuleKind::TypeTransition),
        Kind::Type(RuleKind::TypeChange),
        Kind::Type(RuleKind::TypeMember),
        Kind::RoleAllow,
        Kind::RoleTransition,
        Kind::RangeTransition,
    ];

    /// The name by which the kind is asked for: the keyword, but for role `allow`.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::RoleAllow => "role_allow",
            kind => kind.keyword(),
        }
    }

    /// The keyword of policy language.
    pub const fn keyword(self) -> &'static str {
        match self {
            Kind::Type(kind) => kind.keyword(),
            Kind::RoleAllow => RuleKind::Allow.keyword(),
            Kind::RoleTransition => "role_transition",
            Kind::RangeTransition => "range_transition",
        }
    }
}

impl Branch {
    /// Position among the policy's conditionals, as an index.
    pub fn index(self) -> usize {
        self.conditional as usize
    }
}

impl<'p> Rule<'p> {
    /// The rule at a position of the unconditional table.
    pub fn unconditional(store: &Store<'p>, position: usize) -> Option<Self> {
        let (rule, xperms) = store.policy().rules().get(position)?;
        Some(Rule::Av { rule, xperms, branch: None })
    }

    /// The rule at a position of the conditional table, which is in `branch`.
    pub fn conditional(store: &Store<'p>, position: usize, branch: Branch) -> Option<Self> {
        let (rule, xperms) = store.policy().conditional_rules().get(position)?;
        Some(Rule::Av { rule, xperms, branch: Some(branch) })
    }

    /// What the rule does.
    pub fn kind(&self) -> Kind {
        match self {
            Rule::Av { rule, .. } => Kind::Type(rule.kind()),
            Rule::Filename(_) => Kind::Type(RuleKind::TypeTransition),
            Rule::RoleAllow(_) => Kind::RoleAllow,
            Rule::RoleTransition(_) => Kind::RoleTransition,
            Rule::RangeTransition(_) => Kind::RangeTransition,
        }
    }

    /// Its source as written, a type or an attribute; `None` if it is a role.
    pub fn source_type(&self) -> Option<TypeId> {
        match self {
            Rule::Av { rule, .. } => Some(rule.source()),
            Rule::Filename(rule) => Some(rule.source),
            Rule::RangeTransition(rule) => Some(rule.source),
            Rule::RoleAllow(_) | Rule::RoleTransition(_) => None,
        }
    }

    /// Its target as written, a type or an attribute; `None` if it is a role.
    pub fn target_type(&self) -> Option<TypeId> {
        match self {
            Rule::Av { rule, .. } => Some(rule.target()),
            Rule::Filename(rule) => Some(rule.target),
            Rule::RoleTransition(rule) => Some(rule.r#type),
            Rule::RangeTransition(rule) => Some(rule.target),
            Rule::RoleAllow(_) => None,
        }
    }

    /// Its object class; `None` for a role `allow`.
    pub fn class(&self, store: &Store<'_>) -> Option<ClassId> {
        match self {
            Rule::Av { rule, .. } => Some(rule.class()),
            Rule::Filename(rule) => Some(rule.class),
            Rule::RoleAllow(_) => None,
            // Old policies name no class: the rule is about processes.
            Rule::RoleTransition(rule) => rule.class.or_else(|| store.process_class()),
            Rule::RangeTransition(rule) => rule.class.or_else(|| store.process_class()),
        }
    }

    /// The default type of a type rule.
    pub fn default_type(&self) -> Option<TypeId> {
        match self {
            Rule::Av { rule, .. } => rule.default_type(),
            Rule::Filename(rule) => Some(rule.default),
            Rule::RoleAllow(_) | Rule::RoleTransition(_) | Rule::RangeTransition(_) => None,
        }
    }

    /// The branch of a conditional rule.
    pub fn branch(&self) -> Option<Branch> {
        match self {
            Rule::Av { branch, .. } => *branch,
            _ => None,
        }
    }
}
