//! Is this access granted? What a reader of the kernel's `context_struct_compute_av` would write down.

use std::collections::BTreeSet;

use policydb::{AvTable, Constraint, Operands, Policy, RoleId, RuleKind, Term, TypeId, UserId, XpermKind};

use crate::condition::is_in_force;

/// A level: a sensitivity and categories, by value.
pub type SubjectLevel = (u32, BTreeSet<u32>);

/// A process or object, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Its user.
    pub user: UserId,
    /// Its role.
    pub role: RoleId,
    /// Its type.
    pub r#type: TypeId,
    /// Its low and its high level, in policies with levels.
    pub range: Option<(SubjectLevel, SubjectLevel)>,
}

/// Permissions by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// What is granted.
    pub allowed: BTreeSet<String>,
    /// Whose grants are audited.
    pub auditallow: BTreeSet<String>,
    /// Whose denials are not audited.
    pub dontaudit: BTreeSet<String>,
}

/// The decision about two subjects and a class, with some booleans set over the states in the policy.
pub fn decide(
    policy: &Policy<'_>,
    source: &Subject,
    target: &Subject,
    class: &str,
    settings: &[(String, bool)],
) -> Answer {
    let class_id = policy.class_named(class.as_bytes()).expect("a class of the policy");
    let mut answer = Answer::default();
    for permission in policy.permissions(class_id) {
        let (name, bit) = (permission.name.to_string(), 1u32 << permission.bit);
        let says = |kind| {
            rules(policy, source, target, class, settings).any(|(of, bits)| of == kind && bits & bit != 0)
        };
        if says(RuleKind::AuditAllow) {
            answer.auditallow.insert(name.clone());
        }
        if says(RuleKind::DontAudit) {
            answer.dontaudit.insert(name.clone());
        }
        let constrained = constraints(policy, class).iter().any(|constraint| {
            constraint.permissions & bit != 0 && !holds(policy, constraint, source, target, None)
        });
        let changes_role = class == "process" && matches!(name.as_str(), "transition" | "dyntransition");
        let role_refused = changes_role
            && source.role != target.role
            && !policy
                .role_allows()
                .iter()
                .any(|rule| rule.source == source.role && rule.target == target.role);
        if says(RuleKind::Allow) && !constrained && !role_refused {
            answer.allowed.insert(name);
        }
    }
    if let Some(bound) = bound_of(policy, source.r#type) {
        let source = Subject { r#type: bound, ..source.clone() };
        let target = match bound_of(policy, target.r#type) {
            Some(bound) => Subject { r#type: bound, ..target.clone() },
            None => target.clone(),
        };
        let more = decide(policy, &source, &target, class, settings).allowed;
        answer.allowed.retain(|name| more.contains(name));
    }
    answer
}

/// Whether extended rules allow an ioctl command, supposing that `ioctl` itself is granted.
pub fn allows_command(
    policy: &Policy<'_>,
    source: &Subject,
    target: &Subject,
    class: &str,
    settings: &[(String, bool)],
    command: u16,
) -> bool {
    let (mut any, mut allowed) = (false, false);
    for (table, position) in in_force(policy, settings) {
        let (rule, xperms) = table.get(position).expect("a rule at each position");
        let Some(xperms) = xperms else { continue };
        if is_about(policy, rule, source, target, class) {
            any = true;
            let listed = xperms.ranges().iter().any(|&(low, high)| (low..=high).contains(&command));
            allowed |= rule.kind() == RuleKind::AllowXperm && xperms.kind != XpermKind::Nlmsg && listed;
        }
    }
    !any || allowed
}

/// Whether a process or object can be such.
pub fn is_valid(policy: &Policy<'_>, subject: &Subject) -> bool {
    let role = policy.roles().1.iter().find(|role| role.value == subject.role.value()).expect("a role");
    let user = policy.users().1.iter().find(|user| user.value == subject.user.value()).expect("a user");
    let is_object = subject.role.value() == 1;
    if !is_object
        && (!role.types.contains(subject.r#type.index()) || !user.roles.contains(subject.role.index()))
    {
        return false;
    }
    let Some((low, high)) = &subject.range else { return true };
    let may_have = |level: &SubjectLevel| {
        let (_, sensitivities) = policy.sensitivities().expect("levels");
        let own = sensitivities.iter().find(|record| !record.is_alias && record.level.sensitivity == level.0);
        own.is_some_and(|own| {
            level.1.iter().all(|category| own.level.categories.contains(*category as usize - 1))
        })
    };
    if !may_have(low) || !may_have(high) || !dominates(high, low) {
        return false;
    }
    let (range, _) = user.levels.expect("levels");
    let of = |level: policydb::Level<'_>| {
        (level.sensitivity, level.categories.bits().map(|bit| bit + 1).collect())
    };
    let (user_low, user_high) = (of(range.low), of(range.high.unwrap_or(range.low)));
    is_object || (dominates(low, &user_low) && dominates(&user_high, high))
}

fn dominates(one: &SubjectLevel, other: &SubjectLevel) -> bool {
    one.0 >= other.0 && one.1.is_superset(&other.1)
}

fn bound_of(policy: &Policy<'_>, id: TypeId) -> Option<TypeId> {
    policy.type_symbol(id).and_then(|(_, symbol)| symbol.bounds)
}

/// The rules that are in force: their table and position.
fn in_force<'a, 'p>(
    policy: &'a Policy<'p>,
    settings: &'a [(String, bool)],
) -> impl Iterator<Item = (&'a AvTable<'p>, usize)> {
    let always = (0..policy.rules().len()).map(|position| (policy.rules(), position));
    let sometimes = policy.conditionals().iter().enumerate().flat_map(move |(index, conditional)| {
        [(true, &conditional.true_rules), (false, &conditional.false_rules)]
            .into_iter()
            .filter(move |(when, _)| is_in_force(policy, index, *when, settings))
            .flat_map(|(_, range)| range.clone())
            .map(|position| (policy.conditional_rules(), position))
    });
    always.chain(sometimes)
}

/// Whether a rule is about two subjects and a class: each side names the type, or an attribute of it.
fn is_about(
    policy: &Policy<'_>,
    rule: policydb::AvRule,
    source: &Subject,
    target: &Subject,
    class: &str,
) -> bool {
    let stands_for =
        |symbol: TypeId, id: TypeId| symbol == id || policy.attributes_of(id).contains(symbol.index());
    let same_class = policy.class_name(rule.class()).is_some_and(|name| name.to_string() == class);
    same_class && stands_for(rule.source(), source.r#type) && stands_for(rule.target(), target.r#type)
}

/// Kind and permissions of the rules about two subjects and a class.
fn rules<'a>(
    policy: &'a Policy<'_>,
    source: &'a Subject,
    target: &'a Subject,
    class: &'a str,
    settings: &'a [(String, bool)],
) -> impl Iterator<Item = (RuleKind, u32)> {
    in_force(policy, settings).filter_map(move |(table, position)| {
        let (rule, _) = table.get(position).expect("a rule at each position");
        let counts = rule.kind().has_permissions() && is_about(policy, rule, source, target, class);
        counts.then(|| (rule.kind(), rule.permissions()))
    })
}

fn constraints<'p>(policy: &Policy<'p>, class: &str) -> Vec<Constraint<'p>> {
    let class = policy.classes().1.iter().find(|record| record.name.to_string() == class).expect("a class");
    class.constraints.iter().collect()
}

/// Whether a constraint holds; `process` is the third context of `validatetrans`.
fn holds(
    policy: &Policy<'_>,
    constraint: &Constraint<'_>,
    source: &Subject,
    target: &Subject,
    process: Option<&Subject>,
) -> bool {
    let mut stack: Vec<bool> = Vec::new();
    for term in constraint.terms.iter() {
        let value = match term {
            Term::Not(_) => !stack.pop().expect("an operand"),
            Term::And(_) | Term::Or(_) => {
                let (right, left) = (stack.pop().expect("an operand"), stack.pop().expect("an operand"));
                if matches!(term, Term::And(_)) { left && right } else { left || right }
            }
            Term::Attribute(operands) => compare(policy, operands, source, target),
            Term::Names(operands, names) => {
                // Bits of the attribute: 8 the target, 16 the process; 1 user, 2 role, 4 type.
                let subject = match operands.attribute & 24 {
                    8 => target,
                    16 => process.expect("only validatetrans speaks of the process"),
                    _ => source,
                };
                let index = match operands.attribute & 7 {
                    1 => subject.user.index(),
                    2 => subject.role.index(),
                    _ => subject.r#type.index(),
                };
                // Operators: 1 equal, 2 unequal.
                names.ids.contains(index) == (operands.operator == 1)
            }
        };
        stack.push(value);
    }
    stack.pop().expect("one value")
}

/// A comparison of the two subjects: 1 user, 2 role, 4 type, and six pairs of levels; operators 1 equal, 2 unequal,
/// 3 dominates, 4 is dominated by, 5 incomparable.
fn compare(policy: &Policy<'_>, operands: Operands, source: &Subject, target: &Subject) -> bool {
    let Operands { attribute, operator } = operands;
    let none = ((0, BTreeSet::new()), (0, BTreeSet::new()));
    let (low1, high1) = source.range.as_ref().unwrap_or(&none);
    let (low2, high2) = target.range.as_ref().unwrap_or(&none);
    let (left, right) = match attribute {
        1 => return (source.user == target.user) == (operator == 1),
        4 => return (source.r#type == target.r#type) == (operator == 1),
        2 => {
            let over = |one: RoleId, other: RoleId| {
                let role = policy.roles().1.iter().find(|role| role.value == one.value()).expect("a role");
                role.dominates.contains(other.index())
            };
            return match operator {
                1 => source.role == target.role,
                2 => source.role != target.role,
                3 => over(source.role, target.role),
                4 => over(target.role, source.role),
                _ => !over(source.role, target.role) && !over(target.role, source.role),
            };
        }
        32 => (low1, low2),
        64 => (low1, high2),
        128 => (high1, low2),
        256 => (high1, high2),
        512 => (low1, high1),
        1024 => (low2, high2),
        _ => unreachable!("no such comparison"),
    };
    match operator {
        1 => left == right,
        2 => left != right,
        3 => dominates(left, right),
        4 => dominates(right, left),
        _ => !dominates(left, right) && !dominates(right, left),
    }
}
