//! How many of everything a policy has. O(rules + records).

use avstore::{ComponentKind, Store, components};
use policydb::{AvTable, RuleKind};

use super::Fields;

/// Counts of what a policy declares and states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Census {
    /// Types, classes, booleans, …: what has a name.
    pub symbols: Fields,
    /// Rules by kind, conditional ones and transitions by file name included.
    pub rules: Fields,
    /// Constraints, bounds, capabilities, defaults.
    pub statements: Fields,
    /// Labels of objects that have no other.
    pub labels: Fields,
}

const SYMBOLS: [(&str, ComponentKind); 12] = [
    ("types", ComponentKind::Type),
    ("attributes", ComponentKind::Attribute),
    ("aliases", ComponentKind::Alias),
    ("roles", ComponentKind::Role),
    ("users", ComponentKind::User),
    ("classes", ComponentKind::Class),
    ("commons", ComponentKind::Common),
    ("permissions", ComponentKind::Permission),
    ("booleans", ComponentKind::Boolean),
    ("conditionals", ComponentKind::Conditional),
    ("sensitivities", ComponentKind::Sensitivity),
    ("categories", ComponentKind::Category),
];

const STATEMENTS: [(&str, ComponentKind); 11] = [
    ("constrain", ComponentKind::Constrain),
    ("mlsconstrain", ComponentKind::MlsConstrain),
    ("validatetrans", ComponentKind::ValidateTrans),
    ("mlsvalidatetrans", ComponentKind::MlsValidateTrans),
    ("typebounds", ComponentKind::TypeBounds),
    ("rolebounds", ComponentKind::RoleBounds),
    ("userbounds", ComponentKind::UserBounds),
    ("permissive", ComponentKind::Permissive),
    ("neveraudit", ComponentKind::NeverAudit),
    ("policycap", ComponentKind::Capability),
    ("default", ComponentKind::Default),
];

const LABELS: [(&str, ComponentKind); 14] = [
    ("sid", ComponentKind::InitialSid),
    ("fs_use", ComponentKind::FsUse),
    ("genfscon", ComponentKind::Genfscon),
    ("fscon", ComponentKind::Fscon),
    ("portcon", ComponentKind::Portcon),
    ("netifcon", ComponentKind::Netifcon),
    ("nodecon", ComponentKind::Nodecon),
    ("ibpkeycon", ComponentKind::Ibpkeycon),
    ("ibendportcon", ComponentKind::Ibendportcon),
    ("pirqcon", ComponentKind::Pirqcon),
    ("ioportcon", ComponentKind::Ioportcon),
    ("iomemcon", ComponentKind::Iomemcon),
    ("pcidevicecon", ComponentKind::Pcidevicecon),
    ("devicetreecon", ComponentKind::Devicetreecon),
];

/// Counts everything.
pub fn census(store: &Store<'_>) -> Census {
    let policy = store.policy();
    let count =
        |&(name, kind): &(&'static str, ComponentKind)| (name, components(store, kind).count().into());
    let counted = [policy.rules(), policy.conditional_rules()].map(by_kind);
    let n_rules = |kind: RuleKind| -> usize {
        counted.iter().flatten().filter(|(counted, _)| *counted == kind).map(|(_, n)| n).sum()
    };
    let mut by_file_name = 0usize;
    policy.filename_transitions().for_each(|_| by_file_name = by_file_name.saturating_add(1));
    let mut rules: Fields = Vec::new();
    for kind in RuleKind::ALL {
        let extra = if kind == RuleKind::TypeTransition { by_file_name } else { 0 };
        rules.push((kind.keyword(), n_rules(kind).saturating_add(extra).into()));
    }
    rules.push(("role_allow", policy.role_allows().len().into()));
    rules.push(("role_transition", policy.role_transitions().len().into()));
    rules.push(("range_transition", policy.range_transitions().len().into()));
    let conditional = policy.conditional_rules().len();
    rules.push(("conditional", conditional.into()));
    rules.push(("by_file_name", by_file_name.into()));
    Census {
        symbols: SYMBOLS.iter().map(count).collect(),
        rules,
        statements: STATEMENTS.iter().map(count).collect(),
        labels: LABELS.iter().map(count).collect(),
    }
}

/// The number of rules of each kind in a table.
fn by_kind(table: &AvTable<'_>) -> Vec<(RuleKind, usize)> {
    // Kinds are single bits of 16.
    let mut counts = [0usize; 16];
    for (_, rule) in table.rules(0..table.len()) {
        if let Some(count) = counts.get_mut(rule.kind_bits().trailing_zeros() as usize) {
            *count = count.saturating_add(1);
        }
    }
    let count = |kind: RuleKind| counts.get(kind.bits().trailing_zeros() as usize).copied().unwrap_or(0);
    RuleKind::ALL.into_iter().map(|kind| (kind, count(kind))).collect()
}
