//! The criteria for rules about roles. Source: `rbacrulequery.py`.

use analysis::query::{RoleCriteria, RoleSet, RoleTarget};
use avstore::{Store, TypeSet};
use policydb::RoleId;

use super::options::{Id, Question};
use super::type_rules::{classes, rule_side};
use crate::personality::python_regex::PythonRegex;

/// Resolves the criteria in the order in which SETools does.
pub(super) fn resolve(question: &Question, store: &Store<'_>) -> Result<RoleCriteria, String> {
    let target = target(question, store)?;
    let source = roles(store, question.source.as_deref(), question.has(Id::SourceRegex))?;
    let default = roles(store, question.default.as_deref(), question.has(Id::DefaultRegex))?;
    Ok(RoleCriteria {
        allows: question.has(Id::RoleAllow),
        transitions: question.has(Id::RoleTransition),
        source,
        target,
        classes: classes(store, question)?,
        default,
    })
}

fn role_ids(store: &Store<'_>) -> impl Iterator<Item = RoleId> + use<> {
    (0..u32::try_from(store.policy().n_roles()).unwrap_or(u32::MAX)).map(RoleId::from_index)
}

fn roles(store: &Store<'_>, name: Option<&str>, regex: bool) -> Result<Option<RoleSet>, String> {
    let Some(name) = name else { return Ok(None) };
    let n_roles = store.policy().n_roles();
    if regex {
        let regex = PythonRegex::compile(name)?;
        let matches =
            |id: &RoleId| store.policy().role_name(*id).is_some_and(|name| regex.is_match(&name.to_string()));
        return Ok(Some(RoleSet::of(n_roles, role_ids(store).filter(matches))));
    }
    let id =
        store.policy().role_named(name.as_bytes()).ok_or_else(|| format!("{name} is not a valid role"))?;
    Ok(Some(RoleSet::of(n_roles, [id])))
}

/// The target: a type or an attribute, else a role; an expression means both.
fn target(question: &Question, store: &Store<'_>) -> Result<Option<RoleTarget>, String> {
    let Some(name) = question.target.as_deref() else { return Ok(None) };
    let (regex, direct) = (question.has(Id::TargetRegex), question.has(Id::TargetDirect));
    let types = || rule_side(store, Some(name), regex, direct);
    if regex {
        return Ok(Some(RoleTarget { types: types()?, roles: roles(store, Some(name), true)? }));
    }
    if store.policy().type_named(name.as_bytes()).is_none() {
        return Ok(Some(RoleTarget { types: None, roles: roles(store, Some(name), false)? }));
    }
    // COMPAT(setools): an attribute without types is a criterion that matches everything.
    Ok(types()?.map(|types: TypeSet| RoleTarget { types: Some(types), roles: None }))
}
