//! Random questions about decisions, in words that any judge understands: whole contexts and a class.
//!
//! Half of the questions are made of a rule of the policy, so that both answers occur; most contexts are valid,
//! and some are not.

use policydb::{AvTable, ClassId, Policy, TypeId};

use crate::random::Random;

/// What contexts and questions of a policy are made of.
#[derive(Debug)]
pub struct AccessQuestions<'p> {
    policy: &'p Policy<'p>,
    /// Types, attributes left out.
    types: Vec<TypeId>,
    /// Types by attribute index.
    members: Vec<Vec<TypeId>>,
    /// Classes that have a name.
    classes: Vec<ClassId>,
    /// Name and types (bits) of roles.
    roles: Vec<(String, policydb::Ebitmap<'p>, u32)>,
    /// Name and roles (bits) of users.
    users: Vec<(String, policydb::Ebitmap<'p>)>,
    /// Source, target, class and name of transitions of named objects.
    named: Vec<(TypeId, TypeId, ClassId, Vec<u8>)>,
    n_sensitivities: u32,
    n_categories: u32,
}

impl<'p> AccessQuestions<'p> {
    /// Questions about a policy.
    pub fn new(policy: &'p Policy<'p>) -> Self {
        let n_types = u32::try_from(policy.n_types()).unwrap_or(0);
        let ids = (0..n_types).map(TypeId::from_index);
        let types: Vec<TypeId> = ids
            .filter(|&id| policy.type_symbol(id).is_some_and(|(_, symbol)| !symbol.is_attribute))
            .collect();
        let mut members = vec![Vec::new(); policy.n_types()];
        for &id in &types {
            for bit in policy.attributes_of(id).bits() {
                if let Some(list) = members.get_mut(bit as usize) {
                    list.push(id);
                }
            }
        }
        let n_classes = u32::try_from(policy.n_classes()).unwrap_or(0);
        let classes =
            (0..n_classes).map(ClassId::from_index).filter(|&id| policy.class_name(id).is_some()).collect();
        let mut named = Vec::new();
        policy.filename_transitions().for_each(|rule| {
            named.push((rule.source, rule.target, rule.class, rule.name.as_bytes().to_vec()));
        });
        AccessQuestions {
            policy,
            named,
            types,
            members,
            classes,
            roles: policy
                .roles()
                .1
                .iter()
                .map(|role| (role.name.to_string(), role.types, role.value))
                .collect(),
            users: policy.users().1.iter().map(|user| (user.name.to_string(), user.roles)).collect(),
            n_sensitivities: policy.sensitivities().map_or(0, |(n, _)| u32::try_from(n).unwrap_or(0)),
            n_categories: policy.categories().map_or(0, |(n, _)| u32::try_from(n).unwrap_or(0)),
        }
    }

    /// Source, target and class of a random question.
    pub fn access(&self, random: &mut Random) -> (String, String, String) {
        let (source, target, class) = self.types(random);
        let source = self.context(random, source);
        let target = if random.chance(10) { source.clone() } else { self.context(random, target) };
        (source, target, class)
    }

    /// Source, target and class of a question about a new label: half are made of a rule on labels.
    pub fn labelling(&self, random: &mut Random) -> (String, String, String) {
        let rules = self.policy.rules();
        // Some tries: not every rule is about labels.
        let found = (0..50).find_map(|_| {
            let (rule, _) = rules.get(random.below(rules.len()))?;
            rule.default_type().map(|_| rule)
        });
        let Some(rule) = found.filter(|_| random.chance(50)) else { return self.access(random) };
        let class = self.policy.class_name(rule.class()).map(|name| name.to_string()).unwrap_or_default();
        (self.context(random, rule.source()), self.context(random, rule.target()), class)
    }

    /// Source, target, class and name of a question about a new object with a name, if the policy has rules about
    /// such; in some cases a name that no rule has.
    pub fn naming(&self, random: &mut Random) -> Option<(String, String, String, Vec<u8>)> {
        let (source, target, class, name) = random.pick(&self.named)?;
        let class = self.policy.class_name(*class)?.to_string();
        let mut name = name.clone();
        if random.chance(20) {
            name.push(b'x');
        }
        Some((self.context(random, *source), self.context(random, *target), class, name))
    }

    /// A context that is valid or has one fault: of spelling, or parts that do not go together.
    pub fn spelling(&self, random: &mut Random) -> String {
        let Some(&id) = random.pick(&self.types) else { return String::new() };
        let context = self.context(random, id);
        let fields: Vec<&str> = context.splitn(4, ':').collect();
        let replaced = |at: usize, by: &str| {
            let mut fields = fields.clone();
            if let Some(field) = fields.get_mut(at) {
                *field = by;
            }
            fields.join(":")
        };
        match random.below(30) {
            0 => replaced(0, "nobody"),
            1 => replaced(1, "norole"),
            2 => replaced(2, "notype"),
            3 => replaced(3, "s0:c1.c0"),
            4 => replaced(3, "s0:c1.c1"),
            5 => replaced(3, "s0:c0,c0"),
            6 => replaced(3, "s0:c2,c0,c1"),
            7 => replaced(3, "s0-s0"),
            8 => replaced(3, "s0:c0-s0"),
            9 => replaced(3, "s0:c99999"),
            10 => replaced(3, "s0:"),
            11 => replaced(3, "s0:c0,"),
            12 => replaced(3, "s0-"),
            13 => replaced(3, "s0:c0.c1.c2"),
            14 => replaced(3, ""),
            15 => replaced(3, "s0-s0-s0"),
            16 => format!("{context}:"),
            17 => format!("{context}:c1"),
            18 => format!("{context},c2"),
            19 => fields.get(..3).unwrap_or_default().join(":"),
            20 => fields.get(..2).unwrap_or_default().join(":"),
            21 => format!(":{context}"),
            22 => context.to_uppercase(),
            23 => replaced(3, "s0:c0.c3-s0:c0.c9,c11"),
            _ => context,
        }
    }

    /// Source, target and class of a question that a conditional rule is about, where the policy has any.
    pub fn switched(&self, random: &mut Random) -> Option<(String, String, String)> {
        let (source, target, class) = self.of_rule(random, self.policy.conditional_rules())?;
        Some((self.context(random, source), self.context(random, target), class))
    }

    /// Two types and a class: those of a rule, or any.
    pub fn types(&self, random: &mut Random) -> (TypeId, TypeId, String) {
        if random.chance(50)
            && let Some(found) = self.of_rule(random, self.policy.rules())
        {
            return found;
        }
        let class = random.pick(&self.classes).and_then(|id| self.policy.class_name(*id));
        (self.any(random), self.any(random), class.map(|name| name.to_string()).unwrap_or_default())
    }

    fn any(&self, random: &mut Random) -> TypeId {
        random.pick(&self.types).copied().unwrap_or(TypeId::from_index(0))
    }

    /// Types and class of a random rule, attributes replaced by one of their types.
    fn of_rule(&self, random: &mut Random, rules: &AvTable<'_>) -> Option<(TypeId, TypeId, String)> {
        let (rule, _) = rules.get(random.below(rules.len()))?;
        let member = |random: &mut Random, id: TypeId| {
            let members = self.members.get(id.index()).map_or(&[][..], Vec::as_slice);
            random.pick(members).copied().unwrap_or_else(|| self.any(random))
        };
        let source = member(random, rule.source());
        let target = member(random, rule.target());
        Some((source, target, self.policy.class_name(rule.class())?.to_string()))
    }

    /// A context of a type; mostly a valid one.
    pub fn context(&self, random: &mut Random, id: TypeId) -> String {
        let of_type: Vec<&(String, policydb::Ebitmap<'p>, u32)> =
            self.roles.iter().filter(|(_, types, _)| types.contains(id.index())).collect();
        let (role, value) = match random.pick(&of_type) {
            Some((name, _, value)) if random.chance(80) => (name.clone(), *value),
            _ if random.chance(95) => ("object_r".to_owned(), 1),
            _ => self
                .roles
                .get(random.below(self.roles.len()))
                .map_or_else(|| ("object_r".to_owned(), 1), |(name, _, value)| (name.clone(), *value)),
        };
        let role_index = (value as usize).saturating_sub(1);
        let of_role: Vec<&(String, policydb::Ebitmap<'p>)> =
            self.users.iter().filter(|(_, roles)| value == 1 || roles.contains(role_index)).collect();
        let user = match random.pick(&of_role) {
            Some((name, _)) if random.chance(97) => name.clone(),
            _ => random.pick(&self.users).map(|(name, _)| name.clone()).unwrap_or_default(),
        };
        let r#type = self.policy.type_symbol(id).map(|(name, _)| name.to_string()).unwrap_or_default();
        let mut text = format!("{user}:{role}:{type}");
        if self.policy.header().mls {
            text.push(':');
            text.push_str(&self.range(random));
        }
        text
    }

    /// A range; in a few cases one whose high level does not dominate the low one.
    pub fn range(&self, random: &mut Random) -> String {
        let low = 1 + random.below(self.n_sensitivities.min(4) as usize);
        let low = if random.chance(70) { 1 } else { low };
        let mut categories = Vec::new();
        if random.chance(50) {
            // Few different ones, so that levels are comparable often.
            (0..1 + random.below(3)).for_each(|_| categories.push(1 + random.below(8)));
        }
        let level = |sensitivity: usize, categories: &[usize]| {
            let name = u32::try_from(sensitivity).ok().and_then(|value| self.policy.sensitivity_name(value));
            let mut text = name.map(|name| name.to_string()).unwrap_or_default();
            for (i, value) in categories.iter().enumerate() {
                text.push(if i == 0 { ':' } else { ',' });
                let name = u32::try_from(*value).ok().and_then(|value| self.policy.category_name(value));
                text.push_str(&name.map(|name| name.to_string()).unwrap_or_default());
            }
            text
        };
        categories.retain(|&value| value <= self.n_categories as usize);
        let lowest = level(low, &categories);
        if random.chance(50) {
            return lowest;
        }
        let high = (low + random.below(2)).min(self.n_sensitivities as usize);
        if random.chance(90) {
            (0..random.below(4)).for_each(|_| categories.push(1 + random.below(8)));
            categories.retain(|&value| value <= self.n_categories as usize);
        } else {
            categories.pop();
        }
        format!("{lowest}-{}", level(high, &categories))
    }
}
