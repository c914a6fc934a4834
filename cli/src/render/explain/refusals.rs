//! The words of refusals (SELINUX_ERR).

use analysis::explain::{RefusalCause, RefusalFix};
use audit::{RefusalKind, RefusalStory};
use avstore::Store;
use policydb::{RoleId, TypeId, UserId};

use super::commands::{quoted, shell};
use super::tell::how_often;
use super::times::machine_time;
use super::told::{RefusalCauseTold, RefusalFixTold, RefusalTold};
use super::{ExplainedRefusal, Stories, title::type_of};

/// A refusal in words.
pub(super) fn refusal_told(stories: &Stories<'_, '_>, explained: &ExplainedRefusal<'_>) -> RefusalTold {
    let (store, story) = (stories.store, &explained.story);
    let (kind, title) = title(&story.first.kind);
    RefusalTold {
        kind,
        title,
        count: story.count,
        earliest: story.earliest.as_ref().map(machine_time),
        latest: story.latest.as_ref().map(machine_time),
        first_line: story.first.origin.lines.first,
        last_line: story.last_lines.last,
        how_often: headline(stories, story).1,
        causes: explained.causes.iter().map(|cause| told_cause(store, cause)).collect(),
        fixes: explained.fixes.iter().map(|fix| told_fix(store, fix)).collect(),
    }
}

/// What was refused, and how often.
pub(super) fn headline(stories: &Stories<'_, '_>, story: &RefusalStory) -> (String, String) {
    let when = stories.clock.span(story.earliest.as_ref(), story.latest.as_ref());
    (title(&story.first.kind).1, how_often(story.count, when))
}

fn title(kind: &RefusalKind) -> (&'static str, String) {
    match kind {
        RefusalKind::InvalidContext { newcontext, scontext, tcontext, tclass } => {
            let what = match tclass.as_str() {
                Some("process") => {
                    format!("what it starts (from a file labelled {})", type_of(&tcontext.to_string()))
                }
                _ => format!("a new {tclass}"),
            };
            let source = scontext.to_string();
            (
                "invalid_context",
                format!("{} cannot give {what} the context {newcontext}: it is not valid", type_of(&source)),
            )
        }
        RefusalKind::BoundedTransition { oldcontext, newcontext } => (
            "bounded_transition",
            format!(
                "{} may not change to {}: no_new_privs is set, or the file system is mounted nosuid",
                type_of(&oldcontext.to_string()),
                type_of(&newcontext.to_string())
            ),
        ),
        RefusalKind::ValidateTransition { oldcontext, newcontext, taskcontext, tclass } => (
            "validate_transition",
            format!(
                "{} may not change the label of a {tclass} from {oldcontext} to {newcontext}",
                type_of(&taskcontext.to_string())
            ),
        ),
        RefusalKind::Bounds { scontext, tcontext, tclass, permissions } => {
            let names: Vec<String> = permissions.iter().map(ToString::to_string).collect();
            (
                "bounds",
                format!(
                    "rules let {} do {} on {tclass} of {}, and its bounds take that away",
                    type_of(&scontext.to_string()),
                    names.join(", "),
                    type_of(&tcontext.to_string())
                ),
            )
        }
        RefusalKind::UnknownLabel { operation, context } => {
            ("unknown_label", format!("{operation} with the label {context}: it is not valid"))
        }
    }
}

fn type_name(store: &Store<'_>, id: TypeId) -> String {
    avstore::shown_name(&store.type_name(id).bytes())
}

fn role_name(store: &Store<'_>, id: RoleId) -> String {
    store.policy().role_name(id).map_or_else(String::new, |name| name.to_string())
}

fn user_name(store: &Store<'_>, id: UserId) -> String {
    store.policy().user_name(id).map_or_else(String::new, |name| name.to_string())
}

fn told_cause(store: &Store<'_>, cause: &RefusalCause<'_>) -> RefusalCauseTold {
    let (id, text) = match cause {
        RefusalCause::Faults(faults) => ("invalid", faults.clone()),
        RefusalCause::ValidHere => (
            "valid_here",
            vec![
                "this policy takes the context for valid: it changed since, or another policy is loaded"
                    .to_owned(),
            ],
        ),
        RefusalCause::NotBounded { from, to } => (
            "not_bounded",
            vec![format!("{} is not bounded by {}", type_name(store, *to), type_name(store, *from))],
        ),
        RefusalCause::NoTransition { permissions, has_capability } => {
            let mut text = Vec::new();
            if !permissions.is_empty() {
                text.push(format!("no rule grants process2 {{ {} }} between them", permissions.join(" ")));
            }
            if !has_capability {
                text.push(
                    "the policy lacks the capability nnp_nosuid_transition: only bounds can let it pass"
                        .to_owned(),
                );
            }
            ("no_transition", text)
        }
        RefusalCause::Allowed => (
            "allowed",
            vec!["this policy would let it pass: it changed since, or another policy is loaded".to_owned()],
        ),
        RefusalCause::Constraint(constraint) => (
            "constraint",
            constraint.leaves.iter().map(|leaf| format!("{}: {}", leaf.comparison, leaf.why)).collect(),
        ),
        RefusalCause::Denial(analysis::explain::Cause::Bounds { bounding, target, .. }) => (
            "bounds",
            vec![format!(
                "the bounding type {} may not do that to {}",
                type_name(store, *bounding),
                type_name(store, *target)
            )],
        ),
        RefusalCause::Denial(cause) => {
            ("denied", vec![format!("it is denied otherwise, too: {}", cause.id().replace('_', " "))])
        }
    };
    RefusalCauseTold { id, text }
}

fn told_fix(store: &Store<'_>, fix: &RefusalFix) -> RefusalFixTold {
    let module = |name: &str, rule: String| {
        vec![shell(format!("echo {} > {name}.cil", quoted(&rule))), shell(format!("semodule -i {name}.cil"))]
    };
    let (id, title, commands) = match fix {
        RefusalFix::TypeOfRole(role, id) => {
            let (role, name) = (role_name(store, *role), type_name(store, *id));
            (
                "role_type",
                format!("let the role {role} have the type {name}; an allow rule does not help"),
                module("local_roles", format!("(roletype {role} {name})")),
            )
        }
        RefusalFix::RoleOfUser(user, role) => {
            let (user, role) = (user_name(store, *user), role_name(store, *role));
            (
                "user_role",
                format!("let the SELinux user {user} have the role {role}, or log in as another user"),
                vec![
                    shell(format!("semanage user -l | grep -w {user}")),
                    shell(format!("semanage user -m -R 'ROLES THAT IT HAS AND {role}' {user}")),
                ],
            )
        }
        RefusalFix::OtherUser(user) => {
            let user = user_name(store, *user);
            (
                "other_user",
                format!("let who runs it log in as the SELinux user {user}, which is there for that"),
                vec![shell(format!("semanage login -a -s {} LOGIN", quoted(&user)))],
            )
        }
        RefusalFix::RangeOfUser(user, range) => {
            let user = user_name(store, *user);
            (
                "user_range",
                format!("let the SELinux user {user}, and all who log in as it, have the range {range}"),
                vec![shell(format!("semanage user -m -r {} {}", quoted(range), quoted(&user)))],
            )
        }
        RefusalFix::Relabel => (
            "relabel",
            "put back the module that has the missing part, or give the object another label".to_owned(),
            vec![shell("semodule -l".to_owned()), shell("restorecon -v PATH".to_owned())],
        ),
        RefusalFix::Transition(from, to) => {
            let (from, to) = (type_name(store, *from), type_name(store, *to));
            (
                "nnp_transition",
                format!(
                    "let the transition pass, or take NoNewPrivileges= (or the nosuid mount) away; the transition itself also needs its usual rules ({from} to {to})"
                ),
                module(
                    "local_nnp",
                    format!("(allow {from} {to} (process2 (nnp_transition nosuid_transition)))"),
                ),
            )
        }
    };
    RefusalFixTold { id, title, commands }
}
