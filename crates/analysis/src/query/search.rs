//! A request for any mix of kinds: rules of type enforcement, about roles, about ranges.
//!
//! One name can mean a type in one kind of rule and a role in another. A kind for which the names of a
//! question mean nothing has no answer; only if that is so of all kinds asked for, it is an error.

use avstore::{Kind, Rule, Store};
use policydb::RoleId;

use super::range_rules::parse_range;
use super::request::QueryError;
use super::{
    Pattern, RangeCriteria, Request, RoleCriteria, RoleSet, RoleTarget, find, find_range_rules,
    find_role_rules,
};
use crate::LookupError;
use crate::names::{ROLE, TYPE_OR_ATTRIBUTE};

/// The rules that a request asks for, at most `most`.
///
/// # Errors
/// What the request names is not in the policy, or means nothing for the kinds of rule asked for; more than
/// `most` rules match.
pub fn search<'p>(store: &Store<'p>, request: &Request, most: usize) -> Result<Vec<Rule<'p>>, QueryError> {
    let kinds = request.kinds;
    let wants_roles = kinds.contains(Kind::RoleAllow) || kinds.contains(Kind::RoleTransition);
    let wants_ranges = kinds.contains(Kind::RangeTransition);
    let wants_types = !kinds.type_kinds().is_empty();
    let foreign = request.criterion_of_types_only();
    if let Some(what) = foreign.filter(|_| !wants_types) {
        return Err(QueryError::NoPartOf(what));
    }
    let mut answers = Vec::new();
    if wants_types {
        let rules = request.resolve(store).and_then(|criteria| Ok(find(store, &criteria, most)?));
        answers.push(rules);
    }
    if wants_roles && foreign.is_none() {
        answers.push(role_criteria(store, request).map(|criteria| find_role_rules(store, &criteria)));
    }
    if wants_ranges && foreign.is_none() {
        answers.push(range_criteria(store, request).map(|criteria| find_range_rules(store, &criteria)));
    }
    let mut found = None;
    let mut misunderstood = None;
    for answer in answers {
        match answer {
            Ok(rules) => found.get_or_insert_with(Vec::new).extend(rules),
            Err(error) if may_mean_another_kind(&error) => misunderstood = misunderstood.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    match (found, misunderstood) {
        (Some(found), _) => Ok(found),
        (None, Some(error)) => Err(error),
        (None, None) => Ok(Vec::new()),
    }
}

/// Whether an error only says that a name is none of a type, or of a role, or a range.
fn may_mean_another_kind(error: &QueryError) -> bool {
    match error {
        QueryError::Lookup(error) => matches!(error.kind, TYPE_OR_ATTRIBUTE | ROLE),
        QueryError::Range(_) => true,
        QueryError::Pattern(_) | QueryError::TooMany(_) | QueryError::NoPartOf(_) => false,
    }
}

fn role_criteria(store: &Store<'_>, request: &Request) -> Result<RoleCriteria, QueryError> {
    let roles = |pattern: &Option<Pattern>| pattern.as_ref().map(|pattern| roles(store, pattern)).transpose();
    let target = match &request.target {
        None => None,
        Some(pattern) => {
            let types = pattern.rule_side(store, request.target_direct);
            let roles = self::roles(store, pattern);
            if let (Err(error), Err(_)) = (&types, &roles) {
                return Err(error.clone().into());
            }
            Some(RoleTarget { types: types.ok(), roles: roles.ok() })
        }
    };
    Ok(RoleCriteria {
        allows: request.kinds.contains(Kind::RoleAllow),
        transitions: request.kinds.contains(Kind::RoleTransition),
        source: roles(&request.source)?,
        target,
        classes: request.resolve_classes(store)?,
        default: roles(&request.default)?,
    })
}

fn roles(store: &Store<'_>, pattern: &Pattern) -> Result<RoleSet, LookupError> {
    let policy = store.policy();
    let ids = (0..u32::try_from(policy.n_roles()).unwrap_or(u32::MAX)).map(RoleId::from_index);
    match pattern {
        Pattern::Regex(regex) => {
            let matches =
                |id: &RoleId| policy.role_name(*id).is_some_and(|name| regex.is_match(name.as_bytes()));
            Ok(RoleSet::of(policy.n_roles(), ids.filter(matches)))
        }
        Pattern::Name(name) | Pattern::Written(name) => match policy.role_named(name.as_bytes()) {
            Some(id) => Ok(RoleSet::of(policy.n_roles(), [id])),
            None => {
                let names = ids.filter_map(|id| policy.role_name(id)).map(|name| name.to_string());
                Err(LookupError::new(ROLE, name, names))
            }
        },
    }
}

fn range_criteria(store: &Store<'_>, request: &Request) -> Result<RangeCriteria, QueryError> {
    let side = |pattern: &Option<Pattern>, direct| {
        pattern.as_ref().map(|pattern| pattern.rule_side(store, direct)).transpose()
    };
    let range = match &request.default {
        None => None,
        Some(Pattern::Name(text) | Pattern::Written(text)) => Some(parse_range(store.policy(), text)?),
        Some(Pattern::Regex(_)) => return Err(QueryError::NoPartOf("regular expressions for ranges")),
    };
    Ok(RangeCriteria {
        source: side(&request.source, request.source_direct)?,
        target: side(&request.target, request.target_direct)?,
        classes: request.resolve_classes(store)?,
        range,
    })
}
