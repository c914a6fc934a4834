//! The answer to a question about access, as the renderers need it.

use analysis::decide::{
    Access, Applied, AppliedRule, CommandVerdict, Decider, Operation, Proof, Request, Witnesses,
};
use avstore::{FileNames, StatementWriter, Store, condition_text};
use policydb::TypeId;

use crate::policy_source::PolicySource;

/// How a question ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    Denied,
    Depends,
    Granted,
}

impl Verdict {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Verdict::Denied => "denied",
            Verdict::Depends => "depends",
            Verdict::Granted => "granted",
        }
    }
}

/// A question, its answer, and everything that a renderer says about it.
pub(crate) struct AccessAnswer<'a, 'p> {
    pub(crate) source: &'a PolicySource,
    pub(crate) decider: &'a Decider<'a, 'p>,
    pub(crate) request: &'a Request,
    /// The proof about the permissions that the policy defines; `None` if it lacks the class.
    pub(crate) proof: Option<Proof<'p>>,
    /// What extended rules say about the command that was asked about.
    pub(crate) command: Option<(Operation, CommandVerdict<'p>)>,
    /// For an answer that depends.
    pub(crate) witnesses: Witnesses,
}

/// A permission of the question, and how it ended.
pub(crate) struct Permission {
    pub(crate) name: String,
    /// Its bit; 0 if the policy does not define it.
    pub(crate) bit: u32,
    pub(crate) verdict: Verdict,
}

impl<'p> AccessAnswer<'_, 'p> {
    pub(crate) fn store(&self) -> &Store<'p> {
        self.decider.store()
    }

    /// The permissions in the order of their names.
    pub(crate) fn permissions(&self) -> Vec<Permission> {
        let wanted = &self.request.wanted;
        let mut permissions = Vec::new();
        if let (Some(class), Some(proof)) = (wanted.class, &self.proof) {
            let asked =
                self.store().permissions(class).iter().filter(|p| wanted.permissions >> p.bit & 1 == 1);
            permissions.extend(asked.map(|permission| {
                let bit = 1 << permission.bit;
                let verdict =
                    if proof.denied() & bit != 0 || self.command_refuses(&permission.name.to_string()) {
                        Verdict::Denied
                    } else if proof.open() & bit != 0 {
                        Verdict::Depends
                    } else {
                        Verdict::Granted
                    };
                Permission { name: permission.name.to_string(), bit, verdict }
            }));
        }
        let verdict =
            if wanted.undefined_is_granted(self.store()) { Verdict::Granted } else { Verdict::Denied };
        permissions.extend(wanted.undefined.iter().map(|name| Permission {
            name: name.clone(),
            bit: 0,
            verdict,
        }));
        permissions.sort_by(|a, b| a.name.cmp(&b.name));
        permissions
    }

    /// Whether extended rules have commands of an operation checked.
    pub(crate) fn commands_are_checked(&self, operation: Operation) -> bool {
        let Some(class) = self.request.wanted.class else { return false };
        let access = Access { source: &self.request.source, target: &self.request.target, class };
        self.decider.command(&access, operation, 0).checked
    }

    /// Whether extended rules refuse the command that was asked about, which needs the permission `name`.
    pub(crate) fn command_refuses(&self, name: &str) -> bool {
        self.command
            .as_ref()
            .is_some_and(|(operation, verdict)| !verdict.allowed && operation_name(*operation) == name)
    }

    /// The verdict on all that was asked.
    pub(crate) fn verdict(&self) -> Verdict {
        if self.request.wanted.class.is_none() {
            let granted = self.request.wanted.undefined_is_granted(self.store());
            return if granted { Verdict::Granted } else { Verdict::Denied };
        }
        self.permissions().iter().map(|permission| permission.verdict).min().unwrap_or(Verdict::Granted)
    }

    /// See [`statement`].
    pub(crate) fn statement(&self, applied: &Applied<'_>, shown: Option<u32>) -> String {
        statement(self.store(), applied, shown)
    }

    /// See [`condition`].
    pub(crate) fn condition(&self, applied: &Applied<'_>) -> Option<(String, bool)> {
        condition(self.store(), applied)
    }
}

/// A rule as a statement. With `shown`, permissions other than those are only hinted at.
pub(crate) fn statement(store: &Store<'_>, applied: &Applied<'_>, shown: Option<u32>) -> String {
    let (source, target, class, permissions) = match &applied.rule {
        AppliedRule::Extra(rule) => (rule.source, rule.target, rule.class, rule.permissions),
        AppliedRule::Stated(rule) => match (rule, shown) {
            (avstore::Rule::Av { rule: av, xperms: None, .. }, Some(_)) if av.kind().has_permissions() => {
                (av.source(), Some(av.target()), av.class(), av.permissions())
            }
            _ => {
                let mut statement = Vec::new();
                StatementWriter::new(store, FileNames::Quoted).write(rule, &mut statement);
                return String::from_utf8_lossy(&statement).into_owned();
            }
        },
    };
    let keyword = match &applied.rule {
        AppliedRule::Stated(rule) => rule.kind().keyword(),
        AppliedRule::Extra(_) => "allow",
    };
    let target = target.map_or_else(|| "self".to_owned(), |target| store.type_name(target).to_string());
    let source = store.type_name(source);
    let set = permission_set(store, class, permissions, shown.unwrap_or(u32::MAX));
    format!("{keyword} {source} {target}:{} {set};", store.class_name(class))
}

/// The condition of a conditional rule, and whether it is in force.
pub(crate) fn condition(store: &Store<'_>, applied: &Applied<'_>) -> Option<(String, bool)> {
    let AppliedRule::Stated(rule) = &applied.rule else { return None };
    let branch = rule.branch()?;
    let policy = store.policy();
    let conditional = policy.conditionals().get(branch.index())?;
    Some((condition_text(policy, conditional), branch.when))
}

/// The statement, its condition, and through which attributes it applies: `container_t has svirt_sandbox_domain`.
pub(crate) fn rule_line(
    store: &Store<'_>,
    applied: &Applied<'_>,
    shown: Option<u32>,
    (source, target): (TypeId, TypeId),
) -> String {
    let mut line = statement(store, applied, shown);
    if let Some((condition, when)) = condition(store, applied) {
        let when = if when { "True" } else { "False" };
        line.push_str(&format!(" [ {condition} ]:{when}"));
    }
    if matches!(applied.rule, AppliedRule::Extra(_)) {
        line.push_str("  # what if");
    }
    let name = |id| store.type_name(id).to_string();
    let of = |through: Option<TypeId>, id| {
        through.map(|attribute| format!("{} has {}", name(id), name(attribute)))
    };
    let through: Vec<String> = [of(applied.source_through, source), of(applied.target_through, target)]
        .into_iter()
        .flatten()
        .collect();
    if !through.is_empty() {
        line.push_str("  ");
        line.push_str(&through.join(", "));
    }
    line
}

/// The permission that an operation needs.
pub(crate) const fn operation_name(operation: Operation) -> &'static str {
    match operation {
        Operation::Ioctl => "ioctl",
        Operation::Nlmsg => "nlmsg",
    }
}

/// The names of permissions, in the order of bits.
pub(crate) fn permission_names(store: &Store<'_>, class: policydb::ClassId, permissions: u32) -> Vec<String> {
    let meant = store.permissions(class).iter().filter(|permission| permissions >> permission.bit & 1 == 1);
    meant.map(|permission| permission.name.to_string()).collect()
}

/// Permissions in braces; those that are not `shown` are hinted at by `…`.
pub(crate) fn permission_set(
    store: &Store<'_>,
    class: policydb::ClassId,
    permissions: u32,
    shown: u32,
) -> String {
    let mut words = Vec::new();
    let mut hidden = false;
    for permission in store.permissions(class).iter().filter(|p| permissions >> p.bit & 1 == 1) {
        if shown >> permission.bit & 1 == 1 {
            if std::mem::take(&mut hidden) {
                words.push("…".to_owned());
            }
            words.push(permission.name.to_string());
        } else {
            hidden = true;
        }
    }
    if hidden {
        words.push("…".to_owned());
    }
    match words.as_slice() {
        [one] => one.clone(),
        several => format!("{{ {} }}", several.join(" ")),
    }
}
