//! The criteria for rules of type enforcement. Source: `terulequery.py`, `mixins.py` and `descriptors.py`.

use analysis::query::{
    ClassSet, Criteria, KindSet, PermissionCriterion, SetMatch, XpermCriterion, conditionals_on,
    permission_bits,
};
use avstore::{Store, TypeSet, boolean_ids};
use policydb::{BoolId, ClassId, TypeId};

use super::options::{Id, Question};
use crate::personality::python_int::{HexNumber, repr};
use crate::personality::python_regex::PythonRegex;

/// Resolves the criteria in the order in which SETools does: the first that fails is the one reported.
pub(super) fn resolve(
    question: &Question,
    store: &Store<'_>,
    present_name: &dyn Fn(&str) -> String,
) -> Result<Criteria, String> {
    let mut criteria =
        Criteria { kinds: KindSet::of(question.type_kinds.iter().copied()), ..Criteria::default() };
    let side = |name: &Option<String>, regex, direct| {
        rule_side(store, name.as_deref(), question.has(regex), question.has(direct))
    };
    criteria.target = side(&question.target, Id::TargetRegex, Id::TargetDirect)?;
    criteria.source = side(&question.source, Id::SourceRegex, Id::SourceDirect)?;
    // A default is a type: as written or expanded is the same, but an attribute stands for its members.
    criteria.default = default_types(store, question.default.as_deref(), question.has(Id::DefaultRegex))?;
    criteria.classes = classes(store, question)?;
    criteria.permissions = permissions(store, question, criteria.classes.as_ref())?;
    criteria.xperms = xperms(question)?;
    criteria.conditionals = conditionals(store, question, present_name)?;
    Ok(criteria)
}

/// The symbols that may stand on a rule's side, or `None` for any.
pub(super) fn rule_side(
    store: &Store<'_>,
    name: Option<&str>,
    regex: bool,
    direct: bool,
) -> Result<Option<TypeSet>, String> {
    let Some(name) = name else { return Ok(None) };
    if regex {
        let matching = matching_names(store, &PythonRegex::compile(name)?);
        // COMPAT(setools): without -ds or -dt the names of attributes do not count, only their members'.
        return Ok(Some(if direct { matching } else { store.symbols_for(&types_only(store, &matching)) }));
    }
    let id = type_or_attribute(store, name)?;
    let members = store.members(id);
    // COMPAT(setools): an attribute without types is a criterion that matches everything.
    if members.is_empty() {
        return Ok(None);
    }
    Ok(Some(if direct { TypeSet::of(store.policy().n_types(), id) } else { store.symbols_for(&members) }))
}

fn default_types(store: &Store<'_>, name: Option<&str>, regex: bool) -> Result<Option<TypeSet>, String> {
    let Some(name) = name else { return Ok(None) };
    if regex {
        return Ok(Some(types_only(store, &matching_names(store, &PythonRegex::compile(name)?))));
    }
    let members = store.members(type_or_attribute(store, name)?);
    Ok((!members.is_empty()).then_some(members))
}

/// Types and attributes in whose name an expression matches; aliases do not count.
fn matching_names(store: &Store<'_>, regex: &PythonRegex) -> TypeSet {
    let mut set = store.empty_set();
    let matching =
        store.type_ids().filter(|id| regex.is_match(&String::from_utf8_lossy(&store.type_name(*id).bytes())));
    matching.for_each(|id| set.insert(id));
    set
}

fn types_only(store: &Store<'_>, set: &TypeSet) -> TypeSet {
    let mut types = store.empty_set();
    set.iter().filter(|id| !store.is_attribute(*id)).for_each(|id| types.insert(id));
    types
}

pub(super) fn type_or_attribute(store: &Store<'_>, name: &str) -> Result<TypeId, String> {
    store.policy().type_named(name.as_bytes()).ok_or_else(|| format!("{name} is not a valid type attribute"))
}

pub(super) fn classes(store: &Store<'_>, question: &Question) -> Result<Option<ClassSet>, String> {
    let Some(text) = &question.class else { return Ok(None) };
    let n_classes = store.policy().n_classes();
    if question.has(Id::ClassRegex) {
        let regex = PythonRegex::compile(text)?;
        let matching = store.class_ids().filter(|id| regex.is_match(&store.class_name(*id).to_string()));
        return Ok(Some(ClassSet::of(n_classes, matching)));
    }
    let named = |name: &str| {
        store.policy().class_named(name.as_bytes()).ok_or_else(|| format!("{name} is not a valid class"))
    };
    let ids: Vec<ClassId> = text.split(',').map(named).collect::<Result<_, _>>()?;
    Ok(Some(ClassSet::of(n_classes, ids)))
}

fn permissions(
    store: &Store<'_>,
    question: &Question,
    classes: Option<&ClassSet>,
) -> Result<Option<PermissionCriterion>, String> {
    let Some(text) = &question.perms else { return Ok(None) };
    let mut names: Vec<&str> = text.split(',').collect();
    names.sort_unstable();
    names.dedup();
    let classes = classes.filter(|_| !question.has(Id::ClassRegex));
    let bit_of = |id: ClassId, name: &str| {
        store.permissions(id).iter().find(|p| p.name.as_bytes() == name.as_bytes()).map(|p| 1u32 << p.bit)
    };
    let in_scope = |id: &ClassId| classes.is_none_or(|classes| classes.contains(*id));
    let unknown: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| !store.class_ids().filter(in_scope).any(|id| bit_of(id, name).is_some()))
        .collect();
    if !unknown.is_empty() {
        // SETools lists them in an order that changes from run to run; here they are sorted.
        let scope = if classes.is_some() { "in the specified classes" } else { "any class" };
        return Err(format!("Permission(s) do not exist {scope}: {}", unknown.join(", ")));
    }
    let matching = match (question.has(Id::PermsSubset), question.has(Id::PermsEqual)) {
        (true, _) => SetMatch::All,
        (_, true) => SetMatch::Equal,
        _ => SetMatch::Any,
    };
    // COMPAT(setools): on extended permissions -Sp is ignored, and -ep only counts the list.
    let xperms_match = !(question.has(Id::PermsEqual) && names.len() > 1);
    let by_class = permission_bits(store, &names);
    Ok(Some(PermissionCriterion {
        by_class,
        matching,
        ioctl: xperms_match && names.contains(&"ioctl"),
        nlmsg: xperms_match && names.contains(&"nlmsg"),
    }))
}

fn xperms(question: &Question) -> Result<Option<XpermCriterion>, String> {
    let Some(text) = &question.xperms else { return Ok(None) };
    let number = |text: &str| {
        HexNumber::parse(text)
            .ok_or_else(|| format!("invalid literal for int() with base 16: {}", repr(text)))
    };
    let mut ends = Vec::new();
    for item in text.split(',') {
        ends.push(match item.split('-').collect::<Vec<_>>().as_slice() {
            [one] => (number(one)?, number(one)?),
            [low, high] => (number(low)?, number(high)?),
            _ => return Err(format!("Unable to parse \"{item}\" for xperms.")),
        });
    }
    let mut commands = vec![false; 1 << 16];
    for (low, high) in ends {
        let end = |number: HexNumber| {
            number.as_u16().ok_or_else(|| format!("{} is not a valid ioctl.", number.padded()))
        };
        let (low, high) = (end(low)?, end(high)?);
        commands[usize::from(low.min(high))..=usize::from(low.max(high))].fill(true);
    }
    let mut ranges: Vec<(u16, u16)> = Vec::new();
    for command in (0..=u16::MAX).filter(|command| commands[usize::from(*command)]) {
        match ranges.last_mut() {
            Some(last) if last.1.checked_add(1) == Some(command) => last.1 = command,
            _ => ranges.push((command, command)),
        }
    }
    Ok(Some(XpermCriterion { ranges, equal: question.has(Id::XpermsEqual) }))
}

fn conditionals(
    store: &Store<'_>,
    question: &Question,
    present_name: &dyn Fn(&str) -> String,
) -> Result<Option<Vec<bool>>, String> {
    let Some(text) = &question.boolean else { return Ok(None) };
    let policy = store.policy();
    if question.has(Id::BoolRegex) {
        let regex = PythonRegex::compile(text)?;
        let named = |id| policy.boolean(id).is_some_and(|(name, _)| regex.is_match(&name.to_string()));
        return Ok(Some(policy.conditionals().iter().map(|c| boolean_ids(c).any(named)).collect()));
    }
    let named = |name: &str| {
        let name = present_name(name);
        policy.boolean_named(name.as_bytes()).ok_or_else(|| format!("{name} is not a valid Boolean"))
    };
    let asked: Vec<BoolId> = text.split(',').map(named).collect::<Result<_, _>>()?;
    Ok(Some(conditionals_on(policy, &asked, question.has(Id::BoolEqual))))
}
