//! Which fixes a denial has, in order of what they open up: a mount option, a level, a label, a domain, a boolean, and
//! last a rule. What changes labels, levels, domains or booleans was decided again, as it would be.

use avstore::Store;
use policydb::{ClassId, TypeId};

use super::case::{Case, grants};
use super::cause::{hidden, refused_whatever_rules};
use super::fix::{Enough, Fix, FixKind, Lasting};
use super::{BooleanSet, Cause, CouldBe};
use crate::decide::Decider;

/// Fixes, and what else the target could be.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    pub(super) fixes: Vec<Fix>,
    /// Types that the target could have, best first.
    pub(super) could_be: Vec<CouldBe>,
}

impl Case<'_, '_, '_> {
    /// The fixes, those that open up least first. O(rules × candidates), of which there are few.
    pub(super) fn fixes(&self) -> Found {
        let mut found = Found::default();
        let lasting = |kind, lasting, enough| Fix { kind, lasting, enough };
        if let Some(booleans) = self.what_allows_it() {
            let by_boolean = !booleans.is_empty();
            let mut kinds = vec![FixKind::FindWhatChanged { booleans }];
            if self.is_container() {
                kinds.push(FixKind::Reinstall);
                if !by_boolean {
                    kinds.reverse();
                }
            }
            let fix = |kind| lasting(kind, Lasting::Permanent, Enough::CannotTell);
            found.fixes.extend(kinds.into_iter().map(fix));
            return found;
        }
        if let Some(kind) = self.label_of_the_runtime() {
            found.fixes.push(lasting(kind, Lasting::Permanent, Enough::CannotTell));
        }
        if self.causes.iter().any(|cause| matches!(cause, Cause::StoredContext { .. })) {
            let is_at_path = self.is_file() && self.place().can_be_restored();
            let kind = if is_at_path { FixKind::RestoreLabel } else { FixKind::Reinstall };
            found.fixes.push(lasting(kind, Lasting::Permanent, Enough::CannotTell));
        }
        match self.is_container() {
            true => self.for_containers(&mut found),
            false => self.for_hosts(&mut found),
        }
        self.leave_it(&mut found);
        let refused = refused_whatever_rules(self.causes);
        if self.is_container() && refused == 0 && !self.is_user_service() {
            found.fixes.push(lasting(FixKind::CustomType, Lasting::Container, Enough::Yes));
        }
        let commands = self.causes.iter().any(|cause| matches!(cause, Cause::Commands { .. }));
        if self.proof.without_rule() & !refused != 0 || commands {
            let enough = if refused == 0 { Enough::Yes } else { Enough::No };
            found.fixes.push(lasting(FixKind::LocalRule, Lasting::Permanent, enough));
        }
        // What changes the whole system opens more than any rule.
        self.booleans(&mut found, BooleanSet::is_wide);
        found
    }

    /// What rules of this policy keep out of the log was logged where it has no such rules, or they are switched off: a harmless probe,
    /// most of the time. Something else that is enough comes before that.
    fn leave_it(&self, found: &mut Found) {
        let lacking = self.denied.permissions & !self.proof.granted();
        let is_harmless = self.only_clears_environment();
        if lacking == 0 || (lacking & !hidden(self.proof) != 0 && !is_harmless) {
            return;
        }
        let leave = Fix { kind: FixKind::LeaveIt, lasting: Lasting::Permanent, enough: Enough::CannotTell };
        let behind = found.fixes.iter().rposition(|fix| fix.enough == Enough::Yes && !is_harmless);
        found.fixes.insert(behind.map_or(0, |last| last.saturating_add(1)), leave);
    }

    /// If the policy allows all of it: the booleans of conditions under which it does.
    fn what_allows_it(&self) -> Option<Vec<policydb::BoolId>> {
        let mut booleans = Vec::new();
        for cause in self.causes {
            match cause {
                Cause::Allowed { booleans: some, .. } => booleans.extend(some.iter().copied()),
                cause if cause.is_grant() => {}
                _ => return None,
            }
        }
        Some(booleans)
    }

    /// Labels for the engine, where something that is no container engine was to start a container.
    fn label_of_the_runtime(&self) -> Option<FixKind> {
        let (source, target) = (self.denied.source.r#type, self.denied.target.r#type);
        let is_change = self.wants(b"transition") || self.wants(b"dyntransition");
        let is_start = self.is_class(&[b"process"])
            && is_change
            && self.containers.is_confined(target)
            && !self.containers.is_confined(source)
            && !self.containers.is_runtime(source);
        if !is_start || self.is_of_another_policy() {
            return None;
        }
        let starters: Vec<TypeId> =
            self.containers.runtimes().filter(|runtime| self.may_start(*runtime, target)).collect();
        let program = match starters[..] {
            [only] => self.program_of(only),
            _ => None,
        };
        Some(FixKind::LabelRuntime { starters, program })
    }

    /// The type of the programs of a domain, if it goes by the domain's name.
    fn program_of(&self, domain: TypeId) -> Option<TypeId> {
        let name = self.store.type_name(domain).to_string();
        let program = format!("{}_exec_t", name.strip_suffix("_t").unwrap_or(&name));
        self.store.policy().type_named(program.as_bytes()).filter(|id| !self.store.is_attribute(*id))
    }

    /// Whether the process's type is a domain of some other policy: here it is a type of something else.
    pub(super) fn is_of_another_policy(&self) -> bool {
        let policy = self.store.policy();
        let domain = policy.type_named(b"domain").filter(|id| self.store.is_attribute(*id));
        let is_process = self.is_class(&[b"process"]) || self.is_file();
        is_process && domain.is_some_and(|domain| !self.store.applies(domain, self.denied.source.r#type))
    }

    /// The fixes by those sets of booleans.
    pub(super) fn booleans(&self, found: &mut Found, are_meant: impl Fn(&BooleanSet) -> bool) {
        for cause in self.causes {
            if let Cause::Booleans { sets, .. } = cause {
                let sets = sets.sets.iter().filter(|set| are_meant(set));
                found.fixes.extend(sets.map(|set| Fix {
                    enough: self.enough_with(set),
                    kind: FixKind::Booleans(set.clone()),
                    lasting: Lasting::Permanent,
                }));
            }
        }
    }

    fn enough_with(&self, set: &BooleanSet) -> Enough {
        let policy = self.store.policy();
        let only_booleans = |cause: &Cause<'_>| !cause.refuses() || matches!(cause, Cause::Booleans { .. });
        let source = policy.type_symbol(self.denied.source.r#type);
        // Rules grant all of it under these settings, and nothing else refuses: what a bounding type may do is all that
        // could.
        if self.causes.iter().all(only_booleans) && source.is_some_and(|(_, symbol)| symbol.bounds.is_none())
        {
            return Enough::Yes;
        }
        let mut changed = self.circumstances.clone();
        for &(id, state) in &set.settings {
            changed.booleans = changed.booleans.with(id, state);
        }
        let decider = Decider::new(self.store, changed);
        match grants(&decider, self.denied, &self.denied.source, &self.denied.target) {
            true => Enough::Yes,
            false => Enough::No,
        }
    }
}

/// The permissions of a class as policy language lists them.
pub fn permission_names(store: &Store<'_>, class: ClassId, permissions: u32) -> Vec<String> {
    let all = store.permissions(class).iter();
    let some = all.filter(|permission| permissions >> permission.bit & 1 == 1);
    some.map(|permission| permission.name.to_string()).collect()
}
