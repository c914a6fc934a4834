//! What a rule must be like to be found: sets of ids, already resolved against one policy.
//!
//! `None` means that a criterion was not given. All that are given must hold.

use avstore::{Kind, Store, TypeSet, boolean_ids};
use policydb::{BoolId, ClassId, Policy};

/// A set of rule kinds: those of the access-vector table by their bits in keys, the others by bits that no
/// key has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KindSet(u16);

const ROLE_ALLOW: u16 = 0x1000;
const ROLE_TRANSITION: u16 = 0x2000;
const RANGE_TRANSITION: u16 = 0x4000;

const fn bits(kind: Kind) -> u16 {
    match kind {
        Kind::Type(kind) => kind.bits(),
        Kind::RoleAllow => ROLE_ALLOW,
        Kind::RoleTransition => ROLE_TRANSITION,
        Kind::RangeTransition => RANGE_TRANSITION,
    }
}

impl KindSet {
    /// The set of these kinds.
    pub fn of<K: Into<Kind>>(kinds: impl IntoIterator<Item = K>) -> Self {
        KindSet(kinds.into_iter().fold(0, |set, kind| set | bits(kind.into())))
    }

    /// Whether the set has a kind.
    pub fn contains(self, kind: impl Into<Kind>) -> bool {
        self.0 & bits(kind.into()) != 0
    }

    /// Whether the set has the kind with these bits.
    #[inline]
    pub(crate) fn contains_bits(self, bits: u16) -> bool {
        self.0 & bits != 0
    }

    /// The kinds of type enforcement among these.
    pub(crate) fn type_kinds(self) -> Self {
        KindSet(self.0 & !(ROLE_ALLOW | ROLE_TRANSITION | RANGE_TRANSITION))
    }

    /// Whether the set is empty.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// A set of classes.
#[derive(Clone, Debug)]
pub struct ClassSet(Vec<bool>);

impl ClassSet {
    /// The set of these classes, of `n_classes` in the policy.
    pub fn of(n_classes: usize, ids: impl IntoIterator<Item = ClassId>) -> Self {
        let mut set = vec![false; n_classes];
        for id in ids {
            if let Some(slot) = set.get_mut(id.index()) {
                *slot = true;
            }
        }
        ClassSet(set)
    }

    /// Whether the set has a class.
    #[inline]
    pub fn contains(&self, id: ClassId) -> bool {
        self.0.get(id.index()).copied().unwrap_or(false)
    }
}

/// How the set that was asked for compares with a rule's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SetMatch {
    /// They share a member.
    #[default]
    Any,
    /// They are equal.
    Equal,
    /// The rule's set has all that was asked for.
    All,
}

/// Permissions that a rule must have.
#[derive(Clone, Debug)]
pub struct PermissionCriterion {
    /// For each class, the bits of those permissions asked for that the class has, and whether it has
    /// all of them.
    pub by_class: Vec<(u32, bool)>,
    /// How they compare.
    pub matching: SetMatch,
    /// Whether rules on extended permissions of ioctl match.
    pub ioctl: bool,
    /// Whether rules on extended permissions of netlink messages match.
    pub nlmsg: bool,
}

impl PermissionCriterion {
    /// Whether a rule of `class` with these permission bits matches. `defined` are the class's bits.
    pub(crate) fn matches(&self, class: ClassId, vector: u32, defined: u32) -> bool {
        let Some(&(asked, complete)) = self.by_class.get(class.index()) else { return false };
        match self.matching {
            SetMatch::Any => vector & asked != 0,
            SetMatch::Equal => complete && vector & defined == asked,
            SetMatch::All => complete && vector & asked == asked,
        }
    }
}

/// Extended permissions that a rule must have.
#[derive(Clone, Debug)]
pub struct XpermCriterion {
    /// Maximal ranges, ascending, both ends included.
    pub ranges: Vec<(u16, u16)>,
    /// Whether the rule's ranges must be exactly these; else one command in common is enough.
    pub equal: bool,
}

impl XpermCriterion {
    pub(crate) fn matches(&self, ranges: &[(u16, u16)]) -> bool {
        if self.equal {
            return ranges == self.ranges;
        }
        let overlap = |&(low, high): &(u16, u16)| self.ranges.iter().any(|&(a, b)| a <= high && low <= b);
        ranges.iter().any(overlap)
    }
}

/// What is searched for.
#[derive(Clone, Debug, Default)]
pub struct Criteria {
    /// The kinds of rule.
    pub kinds: KindSet,
    /// Symbols that may stand as source.
    pub source: Option<TypeSet>,
    /// Symbols that may stand as target.
    pub target: Option<TypeSet>,
    /// Classes.
    pub classes: Option<ClassSet>,
    /// Permissions; excludes rules that have none.
    pub permissions: Option<PermissionCriterion>,
    /// Extended permissions; excludes all other rules.
    pub xperms: Option<XpermCriterion>,
    /// Default types; excludes rules that have none.
    pub default: Option<TypeSet>,
    /// For each conditional, whether its rules are wanted; excludes unconditional rules.
    pub conditionals: Option<Vec<bool>>,
    /// Excludes conditional rules that are not in force.
    pub in_force: Option<avstore::Conditions>,
}

/// For each class, the bits of those of `names` that it has, and whether it has all of them: what
/// [`PermissionCriterion::by_class`] holds.
pub fn permission_bits<S: AsRef<str>>(store: &Store<'_>, names: &[S]) -> Vec<(u32, bool)> {
    let mut by_class = vec![(0, true); store.policy().n_classes()];
    for name in names {
        let mut bits = vec![0u32; by_class.len()];
        for (class, bit) in store.classes_with(name.as_ref().as_bytes()) {
            if let Some(slot) = bits.get_mut(class.index()) {
                *slot = 1 << bit;
            }
        }
        for ((all, complete), bit) in by_class.iter_mut().zip(bits) {
            *all |= bit;
            *complete &= bit != 0;
        }
    }
    by_class
}

/// For each conditional, whether its condition names one of the booleans, or with `equal` exactly these: what
/// [`Criteria::conditionals`] holds.
pub fn conditionals_on(policy: &Policy<'_>, asked: &[BoolId], equal: bool) -> Vec<bool> {
    let matches = |conditional| {
        let names_any = || boolean_ids(conditional).any(|id| asked.contains(&id));
        let names_only = || boolean_ids(conditional).all(|id| asked.contains(&id));
        let names_all = || asked.iter().all(|id| boolean_ids(conditional).any(|named| named == *id));
        if equal { names_only() && names_all() } else { names_any() }
    };
    policy.conditionals().iter().map(matches).collect()
}
