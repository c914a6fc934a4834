//! A search in the user's words, and its resolution against a policy.

use avstore::{Booleans, Conditions, Store, boolean_ids};
use policydb::{BoolId, ClassId};
use regex::bytes::Regex;

use super::criteria::{conditionals_on, permission_bits};
use super::pattern::compile;
use super::scan::TooManyRules;
use super::{
    ClassSet, Criteria, KindSet, Pattern, PatternError, PermissionCriterion, SetMatch, XpermCriterion,
};
use crate::LookupError;
use crate::context::RangeError;
use crate::lookup::shown;
use crate::names::{boolean_named, class_named, unknown_permission};

/// What is searched for, in names.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The kinds of rule.
    pub kinds: KindSet,
    /// The rule's source.
    pub source: Option<Pattern>,
    /// Match the source as written, without attribute expansion.
    pub source_direct: bool,
    /// The rule's target.
    pub target: Option<Pattern>,
    /// Match the target as written, without attribute expansion.
    pub target_direct: bool,
    /// Names of classes, or one `/expression/`.
    pub classes: Vec<String>,
    /// Names of permissions.
    pub permissions: Vec<String>,
    /// How they compare with the rule's.
    pub permission_match: SetMatch,
    /// Extended permissions.
    pub xperms: Vec<(u16, u16)>,
    /// Whether the rule's extended permissions must be exactly these.
    pub xperms_equal: bool,
    /// The default type of type rules.
    pub default: Option<Pattern>,
    /// Booleans of the rule's condition, or one `/expression/`.
    pub booleans: Vec<String>,
    /// Whether the condition must name exactly these booleans.
    pub booleans_equal: bool,
    /// Only rules that are in force.
    pub enabled: bool,
    /// Booleans that the question sets, over the states in the policy.
    pub settings: Vec<(String, bool)>,
}

/// A search that cannot be asked of this policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// A name is not in the policy.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// A pattern cannot be read.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// A range cannot be read.
    #[error(transparent)]
    Range(#[from] RangeError),
    /// The answer would be larger than the policy warrants.
    #[error(transparent)]
    TooMany(#[from] TooManyRules),
    /// Rules about roles and ranges hold no such thing.
    #[error(
        "{0} are no part of rules about roles and ranges\nhelp: leave the option out, or ask for rules such as `allow`"
    )]
    NoPartOf(&'static str),
}

impl Request {
    /// The booleans under which the question is asked.
    ///
    /// # Errors
    /// A boolean that the policy does not have.
    pub fn booleans(&self, store: &Store<'_>) -> Result<Booleans, QueryError> {
        let mut booleans = Booleans::of(store.policy());
        for (name, state) in &self.settings {
            booleans = booleans.with(boolean_named(store, name)?, *state);
        }
        Ok(booleans)
    }

    /// The first criterion that only rules of type enforcement can meet.
    pub(super) fn criterion_of_types_only(&self) -> Option<&'static str> {
        [
            (!self.permissions.is_empty(), "permissions"),
            (!self.xperms.is_empty(), "extended permissions"),
            (!self.booleans.is_empty(), "booleans"),
        ]
        .into_iter()
        .find_map(|(given, what)| given.then_some(what))
    }

    /// The criteria for rules of type enforcement, as sets of ids of this policy.
    ///
    /// # Errors
    /// A name that the policy does not have, or a regular expression that is none.
    pub fn resolve(&self, store: &Store<'_>) -> Result<Criteria, QueryError> {
        let classes = self.resolve_classes(store)?;
        let permissions = self.resolve_permissions(store, classes.as_ref())?;
        let side = |pattern: &Option<Pattern>, direct| {
            pattern.as_ref().map(|pattern| pattern.rule_side(store, direct)).transpose()
        };
        Ok(Criteria {
            kinds: self.kinds.type_kinds(),
            source: side(&self.source, self.source_direct)?,
            target: side(&self.target, self.target_direct)?,
            classes,
            permissions,
            xperms: (!self.xperms.is_empty())
                .then(|| XpermCriterion { ranges: merged(&self.xperms), equal: self.xperms_equal }),
            default: self.default.as_ref().map(|pattern| pattern.types(store)).transpose()?,
            conditionals: self.resolve_conditionals(store)?,
            in_force: if self.enabled {
                Some(Conditions::under(store.policy(), &self.booleans(store)?))
            } else {
                None
            },
        })
    }

    pub(super) fn resolve_classes(&self, store: &Store<'_>) -> Result<Option<ClassSet>, QueryError> {
        let n_classes = store.policy().n_classes();
        if let Some(regex) = as_regex(&self.classes)? {
            let matching = store.class_ids().filter(|id| {
                store.policy().class_name(*id).is_some_and(|name| regex.is_match(name.as_bytes()))
            });
            return Ok(Some(ClassSet::of(n_classes, matching)));
        }
        let ids: Vec<ClassId> =
            self.classes.iter().map(|name| class_named(store, name)).collect::<Result<_, _>>()?;
        Ok((!ids.is_empty()).then(|| ClassSet::of(n_classes, ids)))
    }

    fn resolve_permissions(
        &self,
        store: &Store<'_>,
        classes: Option<&ClassSet>,
    ) -> Result<Option<PermissionCriterion>, QueryError> {
        if self.permissions.is_empty() {
            return Ok(None);
        }
        let in_scope = |id: &ClassId| classes.is_none_or(|classes| classes.contains(*id));
        for name in &self.permissions {
            let has = |id: ClassId| store.permission_named(id, name.as_bytes()).is_some();
            if !store.class_ids().filter(in_scope).any(has) {
                return Err(unknown_permission(store, name, classes).into());
            }
        }
        let only = |operation: &str| self.permissions.iter().all(|name| name == operation);
        let any = |operation: &str| self.permissions.iter().any(|name| name == operation);
        let (ioctl, nlmsg) = match self.permission_match {
            SetMatch::Any => (any("ioctl"), any("nlmsg")),
            SetMatch::Equal | SetMatch::All => (only("ioctl"), only("nlmsg")),
        };
        let by_class = permission_bits(store, &self.permissions);
        Ok(Some(PermissionCriterion { by_class, matching: self.permission_match, ioctl, nlmsg }))
    }

    fn resolve_conditionals(&self, store: &Store<'_>) -> Result<Option<Vec<bool>>, QueryError> {
        if self.booleans.is_empty() {
            return Ok(None);
        }
        let policy = store.policy();
        if let Some(regex) = as_regex(&self.booleans)? {
            let named = |id| policy.boolean(id).is_some_and(|(name, _)| regex.is_match(name.as_bytes()));
            return Ok(Some(policy.conditionals().iter().map(|c| boolean_ids(c).any(named)).collect()));
        }
        let asked: Vec<BoolId> =
            self.booleans.iter().map(|name| boolean_named(store, name)).collect::<Result<_, _>>()?;
        Ok(Some(conditionals_on(policy, &asked, self.booleans_equal)))
    }
}

/// The expression, if the list is one `/expression/`.
fn as_regex(names: &[String]) -> Result<Option<Regex>, PatternError> {
    let [name] = names else { return Ok(None) };
    match name.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) {
        Some(expression) => compile(expression).map(Some),
        None => Ok(None),
    }
}

/// Maximal ranges, ascending.
fn merged(ranges: &[(u16, u16)]) -> Vec<(u16, u16)> {
    let mut sorted = ranges.to_vec();
    sorted.sort_unstable();
    let mut merged: Vec<(u16, u16)> = Vec::with_capacity(sorted.len());
    for (low, high) in sorted {
        match merged.last_mut() {
            Some(last) if u32::from(low) <= u32::from(last.1) + 1 => last.1 = last.1.max(high),
            _ => merged.push((low, high)),
        }
    }
    merged
}

/// A list of extended permissions that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum XpermRangeError {
    /// Not a hexadecimal number.
    #[error(
        "`{}` is not a hexadecimal number\nhelp: give commands and ranges such as 0x5401 or 0x5401-0x5410,0x8910",
        shown(.0)
    )]
    Number(String),
    /// A command has 16 bits.
    #[error(
        "`{0}` does not fit in the 16 bits of a command\nhelp: only the low 16 bits of an ioctl number count; 0xc0045401 is checked as 0x5401"
    )]
    TooLarge(String),
}

/// Reads `0x5401,0x8910-0x8927`: hexadecimal commands and ranges, `0x` optional. Reversed ends are
/// swapped.
///
/// # Errors
/// A word that is no hexadecimal number, or has more than 16 bits.
pub fn parse_xperm_ranges(text: &str) -> Result<Vec<(u16, u16)>, XpermRangeError> {
    let number = |word: &str| {
        let word = word.trim();
        let digits = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")).unwrap_or(word);
        let value = u64::from_str_radix(digits, 16).map_err(|_| XpermRangeError::Number(word.to_owned()))?;
        u16::try_from(value).map_err(|_| XpermRangeError::TooLarge(word.to_owned()))
    };
    let range = |word: &str| {
        let (low, high) = match word.split_once('-') {
            Some((low, high)) => (number(low)?, number(high)?),
            None => (number(word)?, number(word)?),
        };
        Ok((low.min(high), low.max(high)))
    };
    text.split(',').map(range).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_hexadecimal() {
        assert_eq!(parse_xperm_ranges("0x5401,8910-0x8927").unwrap(), [(0x5401, 0x5401), (0x8910, 0x8927)]);
        assert_eq!(parse_xperm_ranges("20-10").unwrap(), [(0x10, 0x20)]);
        assert!(matches!(parse_xperm_ranges("zz"), Err(XpermRangeError::Number(_))));
        assert!(matches!(parse_xperm_ranges(""), Err(XpermRangeError::Number(_))));
        assert!(matches!(parse_xperm_ranges("0xc0045401"), Err(XpermRangeError::TooLarge(_))));
    }

    #[test]
    fn ranges_that_touch_are_one() {
        assert_eq!(merged(&[(3, 4), (1, 2), (7, 9), (8, 8)]), [(1, 4), (7, 9)]);
        assert_eq!(merged(&[(0xffff, 0xffff), (0, 0xfffe)]), [(0, 0xffff)]);
    }
}
