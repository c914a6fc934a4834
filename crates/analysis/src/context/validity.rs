//! Whether the parts of a context may go together, and what a policy says about it.
//!
//! Source: `policydb_context_isvalid` in the kernel's `ss/policydb.c`, `mls_context_isvalid` in `ss/mls.c`.
//! The kernel stops at the first fault; here all are found. O(categories / 64).

use policydb::{Name, Policy, Role, RoleId, TypeId, User, UserId};

use super::{CategorySet, MlsLevel, MlsRange, PartialContext, SecurityContext, categories_text};

/// What the roles, users and sensitivities of a policy may be combined with, decoded once.
#[derive(Debug)]
pub struct ContextRules<'p> {
    policy: &'p Policy<'p>,
    /// By index; `None` for a gap.
    roles: Vec<Option<Role<'p>>>,
    users: Vec<Option<(User<'p>, MlsRange)>>,
    /// The categories that a sensitivity may have.
    sensitivities: Vec<Option<CategorySet>>,
    /// Between these lies every level of the policy.
    all_levels: MlsRange,
}

/// Why a context is not valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invalidity {
    /// The role may not have the type.
    TypeOfRole,
    /// The user may not have the role.
    RoleOfUser,
    /// The high level does not dominate the low one.
    HighBelowLow,
    /// A level has categories that its sensitivity may not have.
    CategoriesOfSensitivity {
        /// Whether it is the high level.
        high: bool,
        /// The categories.
        categories: CategorySet,
    },
    /// The range is not within the user's.
    RangeOfUser,
    /// The policy has levels, and the context none.
    NoRange,
    /// The policy has no levels, and the context has a range.
    UnexpectedRange,
}

/// The role of objects; it goes with every type, user and range. Source: `OBJECT_R_VAL` in `ss/policydb.h`.
const OBJECT_R: u32 = 1;

/// Whether a role is that of objects.
pub fn is_object_r(role: RoleId) -> bool {
    role.value() == OBJECT_R
}

impl<'p> ContextRules<'p> {
    /// Decodes roles, users and sensitivities. O(their bytes).
    pub fn of(policy: &'p Policy<'p>) -> Self {
        let (n_roles, records) = policy.roles();
        let mut roles = vec![None; n_roles];
        for role in records.iter() {
            put(&mut roles, role.value, role);
        }
        let (n_users, records) = policy.users();
        let mut users: Vec<Option<(User<'p>, MlsRange)>> = vec![None; n_users];
        for user in records.iter() {
            let range = user.levels.map_or_else(no_range, |(range, _)| MlsRange::of(range));
            put(&mut users, user.value, (user, range));
        }
        let mut sensitivities = Vec::new();
        if let Some((n_sensitivities, records)) = policy.sensitivities() {
            sensitivities.resize(n_sensitivities, None);
            for sensitivity in records.iter().filter(|record| !record.is_alias) {
                let categories = CategorySet::of(sensitivity.level.categories);
                put(&mut sensitivities, sensitivity.level.sensitivity, categories);
            }
        }
        let union = |all: CategorySet, own: &CategorySet| all.union(own);
        let highest = MlsLevel {
            sensitivity: u32::try_from(sensitivities.len()).unwrap_or(u32::MAX),
            categories: sensitivities.iter().flatten().fold(CategorySet::default(), union),
        };
        let lowest = MlsLevel { sensitivity: 1, categories: CategorySet::default() };
        let all_levels = MlsRange { low: lowest, high: highest };
        ContextRules { policy, roles, users, sensitivities, all_levels }
    }

    /// The policy.
    pub fn policy(&self) -> &'p Policy<'p> {
        self.policy
    }

    /// Whether the policy has levels.
    pub fn has_levels(&self) -> bool {
        self.policy.header().mls
    }

    /// A role; `None` for a gap.
    pub fn role(&self, id: RoleId) -> Option<&Role<'p>> {
        self.roles.get(id.index())?.as_ref()
    }

    /// The roles that may have a type, that of objects left out: it may have every type.
    pub fn roles_with(&self, id: TypeId) -> impl Iterator<Item = RoleId> + '_ {
        let may_have = move |role: &&Role<'p>| role.types.contains(id.index());
        let roles = self.roles.iter().flatten().filter(may_have);
        roles.filter_map(|role| RoleId::from_value(role.value)).filter(|role| !is_object_r(*role))
    }

    /// The users that may have a role.
    pub fn users_with(&self, role: RoleId) -> impl Iterator<Item = UserId> + '_ {
        let may_have = move |user: &User<'_>| is_object_r(role) || user.roles.contains(role.index());
        let users = self.users.iter().flatten().filter(move |(user, _)| may_have(user));
        users.filter_map(|(user, _)| UserId::from_value(user.value))
    }

    /// The range within which a user's contexts must lie.
    pub fn range_of(&self, user: UserId) -> Option<&MlsRange> {
        self.users.get(user.index())?.as_ref().map(|(_, range)| range)
    }

    /// Between which levels those of a valid context lie, whatever its range is: the user's, unless user or role are
    /// open, or the role is that of objects.
    pub fn levels_of(&self, user: Option<UserId>, role: Option<RoleId>) -> &MlsRange {
        let of_user = user.filter(|_| role.is_some_and(|role| !is_object_r(role)));
        of_user.and_then(|user| self.range_of(user)).unwrap_or(&self.all_levels)
    }

    /// The categories that a sensitivity may have.
    pub fn categories_of(&self, sensitivity: u32) -> Option<&CategorySet> {
        self.sensitivities.get((sensitivity as usize).checked_sub(1)?)?.as_ref()
    }

    /// Everything that keeps a context from being valid.
    pub fn invalidities(&self, context: &SecurityContext) -> Vec<Invalidity> {
        let mut found = Vec::new();
        let for_object = is_object_r(context.role);
        if !for_object {
            let role = self.role(context.role);
            if !role.is_some_and(|role| role.types.contains(context.r#type.index())) {
                found.push(Invalidity::TypeOfRole);
            }
            let user = self.users.get(context.user.index()).and_then(Option::as_ref);
            if !user.is_some_and(|(user, _)| user.roles.contains(context.role.index())) {
                found.push(Invalidity::RoleOfUser);
            }
        }
        match (&context.range, self.has_levels()) {
            (None, true) => found.push(Invalidity::NoRange),
            (Some(_), false) => found.push(Invalidity::UnexpectedRange),
            (None, false) => {}
            (Some(range), true) => {
                self.check_range(range, &mut found);
                let within_user = || self.range_of(context.user).is_some_and(|own| own.contains(range));
                if !for_object && !within_user() {
                    found.push(Invalidity::RangeOfUser);
                }
            }
        }
        found
    }

    /// Whether a context is valid.
    pub fn is_valid(&self, context: &SecurityContext) -> bool {
        self.invalidities(context).is_empty()
    }

    /// Everything that keeps a context, of which parts may be open, from being valid whatever they are.
    pub fn partial_invalidities(&self, context: &PartialContext) -> Vec<Invalidity> {
        match (context.complete(self.policy), &context.range) {
            (Some(context), _) => self.invalidities(&context),
            (None, Some(range)) => self.range_invalidities(range),
            (None, None) => Vec::new(),
        }
    }

    /// Everything that keeps a range from being valid, whoever has it.
    pub fn range_invalidities(&self, range: &MlsRange) -> Vec<Invalidity> {
        let mut found = Vec::new();
        self.check_range(range, &mut found);
        found
    }

    fn check_range(&self, range: &MlsRange, found: &mut Vec<Invalidity>) {
        for (high, level) in [(false, &range.low), (true, &range.high)] {
            let categories = self.foreign_categories(level);
            if !categories.is_empty() {
                found.push(Invalidity::CategoriesOfSensitivity { high, categories });
            }
            if range.low == range.high {
                break;
            }
        }
        if !range.high.dominates(&range.low) {
            found.push(Invalidity::HighBelowLow);
        }
    }

    /// The categories of a level that its sensitivity may not have.
    fn foreign_categories(&self, level: &MlsLevel) -> CategorySet {
        match self.categories_of(level.sensitivity) {
            Some(own) => level.categories.difference(own),
            None => level.categories.clone(),
        }
    }
}

impl Invalidity {
    /// The reason in plain words, about the context that has it.
    pub fn text(&self, rules: &ContextRules<'_>, context: &PartialContext) -> String {
        let policy = rules.policy();
        let user = || name(context.user.and_then(|id| policy.user_name(id)));
        let role = || name(context.role.and_then(|id| policy.role_name(id)));
        let range = || context.range.as_ref().map_or_else(String::new, |range| range.text(policy));
        match self {
            Invalidity::TypeOfRole => {
                let r#type = name(policy.type_symbol(context.r#type).map(|(name, _)| name));
                format!("the role {} may not have the type {type}", role())
            }
            Invalidity::RoleOfUser => format!("the user {} may not have the role {}", user(), role()),
            Invalidity::HighBelowLow => {
                format!("in {} the high level does not dominate the low one", range())
            }
            Invalidity::CategoriesOfSensitivity { high, categories } => {
                let level = context.range.as_ref().map(|range| if *high { &range.high } else { &range.low });
                let sensitivity = level.and_then(|level| policy.sensitivity_name(level.sensitivity));
                format!("{} may not have {}", name(sensitivity), categories_text(policy, categories))
            }
            Invalidity::RangeOfUser => {
                let own = context.user.and_then(|id| rules.range_of(id));
                let own = own.map_or_else(String::new, |own| own.text(policy));
                format!("{} is not within the range of the user {}, {own}", range(), user())
            }
            Invalidity::NoRange => "a range is missing, and the policy has levels".to_owned(),
            Invalidity::UnexpectedRange => format!("{} stands there, and the policy has no levels", range()),
        }
    }
}

fn name(name: Option<Name<'_>>) -> String {
    name.map_or_else(|| "(unnamed)".to_owned(), |name| name.to_string())
}

fn put<T>(table: &mut [Option<T>], value: u32, item: T) {
    if let Some(slot) = (value as usize).checked_sub(1).and_then(|index| table.get_mut(index)) {
        *slot = Some(item);
    }
}

/// What stands for the range of a user before version 19.
fn no_range() -> MlsRange {
    MlsRange::single(MlsLevel { sensitivity: 0, categories: CategorySet::default() })
}
