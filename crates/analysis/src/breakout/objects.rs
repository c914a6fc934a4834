//! Objects of the catalogue in a policy: types by name, attribute and part, initial SIDs, paths by `genfscon`; and the contexts
//! that stand for containers whose level is not known.
//!
//! What has no context in the policy gets the one that file contexts and the host give: `system_u`, the lowest level. Paths are
//! looked up as the kernel does (`__security_genfs_sid` in `ss/services.c`): the longest beginning counts, of an entry without
//! a class or with that of files.

use std::cell::OnceCell;

use avstore::{Store, initial_sid_name};
use policydb::{Object, Policy, RoleId, RuleKind, TypeId};

use super::catalogue::{Need, ObjectLevel, Part, Sought};
use crate::containers::Containers;
use crate::context::{CategorySet, MlsLevel, MlsRange, PartialContext};
use crate::decide::{Decider, for_each_rule_in_force};

/// The value of the lowest sensitivity, `s0`.
const LOWEST: u32 = 1;
/// Values of categories that are looked at: engines pick among c0 to c1023.
const CATEGORIES: u32 = 1024;

/// Finds objects in one policy.
pub(super) struct Objects<'a, 's, 'p> {
    decider: &'a Decider<'s, 'p>,
    containers: Containers,
    /// By the order of [`Part::ALL`], once asked for: there are hundreds of domains.
    parts: [OnceCell<Vec<PartialContext>>; 4],
}

impl<'a, 's, 'p> Objects<'a, 's, 'p> {
    pub(super) fn new(decider: &'a Decider<'s, 'p>) -> Self {
        Objects { decider, containers: Containers::of(decider.store()), parts: Default::default() }
    }

    fn store(&self) -> &'s Store<'p> {
        self.decider.store()
    }

    fn policy(&self) -> &'p Policy<'p> {
        self.store().policy()
    }

    /// A domain as it will run, where the question leaves something open: by `system_u` in `system_r`, as engines and daemons do; a
    /// container with two categories that stand for those which the engine picks, all else at the lowest level.
    pub(super) fn subject(&self, domain: &PartialContext) -> PartialContext {
        let rules = self.decider.context_rules();
        let policy = self.policy();
        let mut subject = domain.clone();
        if subject.role.is_none() {
            let mut roles: Vec<RoleId> = rules.roles_with(domain.r#type).collect();
            roles.sort_by_key(|role| {
                policy.role_name(*role).is_none_or(|name| name.as_bytes() != b"system_r")
            });
            subject.role = roles.first().copied();
        }
        if let (None, Some(role)) = (subject.user, subject.role) {
            let mut users: Vec<_> = rules.users_with(role).collect();
            users.sort_by_key(|user| {
                policy.user_name(*user).is_none_or(|name| name.as_bytes() != b"system_u")
            });
            subject.user = users.first().copied();
        }
        if subject.range.is_none() && policy.header().mls {
            let pair = match self.containers.is_confined(domain.r#type) {
                true => pair(policy, &CategorySet::default()),
                false => CategorySet::default(),
            };
            subject.range = Some(at(pair));
        }
        // What cannot be is not asked: it stays open instead.
        let is_possible = rules.partial_invalidities(&subject).is_empty();
        if is_possible { subject } else { PartialContext { user: domain.user, role: domain.role, ..subject } }
    }

    /// The objects of a need for a domain, in the order of the catalogue.
    pub(super) fn of_need(&self, need: &Need, subject: &PartialContext) -> Vec<PartialContext> {
        let found = self.all(&need.on, need.level, subject);
        if found.is_empty() { self.all(&need.otherwise, need.level, subject) } else { found }
    }

    /// Those who need it, in place of the domain.
    pub(super) fn subjects(&self, by: &[Sought], subject: &PartialContext) -> Vec<PartialContext> {
        self.all(by, ObjectLevel::Labelled, subject)
    }

    fn all(&self, sought: &[Sought], level: ObjectLevel, subject: &PartialContext) -> Vec<PartialContext> {
        let mut found: Vec<PartialContext> = Vec::new();
        let mut types = self.store().empty_set();
        for sought in sought {
            for object in self.find(sought, subject) {
                let object = self.at_level(object, level, subject);
                if !types.contains(object.r#type) || !found.contains(&object) {
                    types.insert(object.r#type);
                    found.push(object);
                }
            }
        }
        found
    }

    fn at_level(
        &self,
        object: PartialContext,
        level: ObjectLevel,
        subject: &PartialContext,
    ) -> PartialContext {
        let policy = self.policy();
        let range = match level {
            ObjectLevel::Open => None,
            ObjectLevel::Another if policy.header().mls => {
                let own = subject.range.as_ref().map(|range| range.high.categories.clone());
                Some(at(pair(policy, &own.unwrap_or_default())))
            }
            _ => object.range,
        };
        PartialContext { range, ..object }
    }

    fn find(&self, sought: &Sought, subject: &PartialContext) -> Vec<PartialContext> {
        let policy = self.policy();
        let named = |name: &str, is_attribute: bool| {
            policy.type_named(name.as_bytes()).filter(|id| self.store().is_attribute(*id) == is_attribute)
        };
        let labelled = |ids: Vec<TypeId>| ids.into_iter().map(|id| self.labelled(id)).collect();
        match sought {
            Sought::Itself => vec![subject.clone()],
            Sought::Type(name) => labelled(named(name, false).into_iter().collect()),
            Sought::Attribute(name) => labelled(
                named(name, true).map_or_else(Vec::new, |id| self.store().members(id).iter().collect()),
            ),
            Sought::InitialSid(name) => self.initial_sid(name).into_iter().collect(),
            Sought::GenfsPath { file_system, path } => self.genfs(file_system, path).into_iter().collect(),
            Sought::Part(part) => {
                let all = self.part(*part).iter();
                all.filter(|object| object.r#type != subject.r#type).cloned().collect()
            }
        }
    }

    /// The context of what has a type, by what is usual on a host.
    fn labelled(&self, id: TypeId) -> PartialContext {
        let policy = self.policy();
        let domain = policy.type_named(b"domain").filter(|domain| self.store().is_attribute(*domain));
        if domain.is_some_and(|domain| self.store().applies(domain, id)) {
            return self.subject(&PartialContext {
                range: policy.header().mls.then(|| at(CategorySet::default())),
                ..PartialContext::of_type(id)
            });
        }
        PartialContext {
            user: policy.user_named(b"system_u"),
            role: policy.role_named(b"object_r"),
            range: policy.header().mls.then(|| at(CategorySet::default())),
            ..PartialContext::of_type(id)
        }
    }

    fn initial_sid(&self, name: &str) -> Option<PartialContext> {
        let platform = self.policy().format().platform;
        let list = self.policy().object_contexts().first()?;
        let is_it = |object: &Object<'_>| match object {
            Object::InitialSid(number) => initial_sid_name(platform, *number) == name,
            _ => false,
        };
        let found = list.iter().find(|record| is_it(&record.object))?;
        Some(self.context(&found.context))
    }

    fn genfs(&self, file_system: &str, path: &str) -> Option<PartialContext> {
        let of_file_system =
            self.policy().genfs().iter().find(|record| record.fstype.as_bytes() == file_system.as_bytes())?;
        let file = self.policy().class_named(b"file");
        let begins = |beginning: &[u8]| path.as_bytes().starts_with(beginning);
        let entries = of_file_system.paths.iter().filter(|entry| {
            (entry.class.is_none() || entry.class == file || path == "/") && begins(entry.path.as_bytes())
        });
        let found = entries.max_by_key(|entry| entry.path.as_bytes().len())?;
        Some(self.context(&found.context))
    }

    fn context(&self, context: &policydb::Context<'_>) -> PartialContext {
        PartialContext {
            user: Some(context.user),
            role: Some(context.role),
            r#type: context.r#type,
            range: context.range.filter(|_| self.policy().header().mls).map(MlsRange::of),
        }
    }

    fn part(&self, part: Part) -> &[PartialContext] {
        let at = Part::ALL.iter().position(|known| *known == part).unwrap_or_default();
        let Some(slot) = self.parts.get(at) else { return &[] };
        slot.get_or_init(|| {
            let types = match part {
                Part::HostDomains => self.host_domains(),
                Part::Runtimes => self.containers.runtimes().collect(),
                Part::RuntimePrograms => self.runtime_programs(),
                Part::ContainerFiles => self.containers.file.into_iter().collect(),
            };
            types.into_iter().map(|id| self.labelled(id)).collect()
        })
    }

    /// Domains that are no container's, confined or not: those that are known by name or start containers first, so that witnesses are.
    fn host_domains(&self) -> Vec<TypeId> {
        let policy = self.policy();
        let Some(domain) = policy.type_named(b"domain").filter(|id| self.store().is_attribute(*id)) else {
            return Vec::new();
        };
        let all = self.store().members(domain);
        let of_containers = |id: &TypeId| self.containers.is_container(*id);
        let mut domains: Vec<TypeId> = all.iter().filter(|id| !of_containers(id)).collect();
        let rank = |id: &TypeId| {
            let known = [&b"init_t"[..], b"kernel_t", b"sshd_t", b"unconfined_t"];
            let name = policy.type_symbol(*id).map(|(name, _)| name.as_bytes());
            known.iter().position(|known| Some(*known) == name).unwrap_or(known.len())
        };
        domains.sort_by_key(|id| (rank(id), *id));
        domains
    }

    /// Types of the programs of domains that start containers: those by which rules written on these domains themselves let them be
    /// entered, and those that transitions to them name; an unconfined one can be entered by much else. Not those of images:
    /// containers' files, and by which confined containers are entered.
    fn runtime_programs(&self) -> Vec<TypeId> {
        let (store, policy) = (self.store(), self.policy());
        let Some(file) = policy.class_named(b"file") else { return Vec::new() };
        let Some(entrypoint) = store.permission_named(file, b"entrypoint") else { return Vec::new() };
        let mut of_containers = store.empty_set();
        for id in self.containers.domains() {
            self.decider.symbols_of(id).iter().for_each(|symbol| of_containers.insert(symbol));
        }
        let process = store.process_class();
        let (mut programs, mut images) = (store.empty_set(), store.empty_set());
        for_each_rule_in_force(self.decider, |rule| match rule.kind() {
            RuleKind::Allow if rule.class() == file && rule.permissions() >> entrypoint.bit & 1 == 1 => {
                if of_containers.contains(rule.source()) {
                    store.members(rule.target()).iter().for_each(|id| images.insert(id));
                }
                if self.containers.is_runtime_symbol(rule.source()) && !store.is_attribute(rule.target()) {
                    programs.insert(rule.target());
                }
            }
            RuleKind::TypeTransition
                if Some(rule.class()) == process
                    && rule.default_type().is_some_and(|id| self.containers.is_runtime(id)) =>
            {
                programs.insert(rule.target());
            }
            _ => {}
        });
        let is_program = |id: &TypeId| !self.containers.is_container_file(*id) && !images.contains(*id);
        programs.iter().filter(is_program).collect()
    }
}

/// A range of the lowest sensitivity with some categories.
fn at(categories: CategorySet) -> MlsRange {
    MlsRange::single(MlsLevel { sensitivity: LOWEST, categories })
}

/// Two categories, none of `taken`: the second and later ones, as category 0 has a meaning in some policies.
fn pair(policy: &Policy<'_>, taken: &CategorySet) -> CategorySet {
    let mut pair = CategorySet::default();
    let free = |value: &u32| policy.category_name(*value).is_some() && !taken.contains(*value);
    (2..=CATEGORIES).filter(free).take(2).for_each(|value| pair.insert_run(value, value));
    pair
}
