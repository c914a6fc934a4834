//! One rule as the policy states it, wherever it stands: always in force, in a branch of a conditional,
//! or among the transitions by file name.

use policydb::{AvRule, ClassId, FilenameTransition, RuleKind, TypeId, Xperms};

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
#[derive(Clone, Copy, Debug)]
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
    pub fn kind(&self) -> RuleKind {
        match self {
            Rule::Av { rule, .. } => rule.kind(),
            Rule::Filename(_) => RuleKind::TypeTransition,
        }
    }

    /// Its source as written: a type or an attribute.
    pub fn source(&self) -> TypeId {
        match self {
            Rule::Av { rule, .. } => rule.source(),
            Rule::Filename(rule) => rule.source,
        }
    }

    /// Its target as written: a type or an attribute.
    pub fn target(&self) -> TypeId {
        match self {
            Rule::Av { rule, .. } => rule.target(),
            Rule::Filename(rule) => rule.target,
        }
    }

    /// Its object class.
    pub fn class(&self) -> ClassId {
        match self {
            Rule::Av { rule, .. } => rule.class(),
            Rule::Filename(rule) => rule.class,
        }
    }

    /// The default type of a type rule.
    pub fn default_type(&self) -> Option<TypeId> {
        match self {
            Rule::Av { rule, .. } => rule.default_type(),
            Rule::Filename(rule) => Some(rule.default),
        }
    }

    /// The branch of a conditional rule.
    pub fn branch(&self) -> Option<Branch> {
        match self {
            Rule::Av { branch, .. } => *branch,
            Rule::Filename(_) => None,
        }
    }
}
