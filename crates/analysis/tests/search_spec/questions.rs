//! Random questions about any policy, made from its own rules so that they have answers.

use std::collections::BTreeSet;

use policydb::{AvRule, BoolId, ClassId, CondToken, FilenameTransition, Policy, RoleId, RuleKind, TypeId};
use regex::Regex;
use spec::{Match, Query, RangeQuery, RoleQuery, Side, levels};
use testkit::random::Random;

/// A maker of questions about one policy.
pub(crate) struct Questions<'p> {
    policy: &'p Policy<'p>,
    named: Vec<FilenameTransition<'p>>,
}

impl<'p> Questions<'p> {
    pub(crate) fn new(policy: &'p Policy<'p>) -> Self {
        let mut named = Vec::new();
        policy.filename_transitions().for_each(|rule| named.push(rule));
        Questions { policy, named }
    }

    /// A question to which some rule of type enforcement is mostly an answer.
    pub(crate) fn about_types(&self, random: &mut Random) -> Query {
        match random.below(10) {
            0 if !self.named.is_empty() => self.about_a_file_name(random),
            1 | 2 if !self.policy.conditionals().is_empty() => self.about_a_conditional(random),
            _ => {
                let position = random.below(self.policy.rules().len());
                let (rule, _) = self.policy.rules().get(position).expect("within the table");
                self.about(rule, random)
            }
        }
    }

    /// One of each criterion that the rule meets, or none, or one of its neighbours'.
    fn about(&self, rule: AvRule, random: &mut Random) -> Query {
        let permissions: Vec<String> = self.permissions(rule);
        let asks_permissions = random.chance(40) && !permissions.is_empty();
        let kinds = if random.chance(70) { vec![rule.kind()] } else { RuleKind::ALL.to_vec() };
        Query {
            kinds,
            source: random.chance(80).then(|| self.side(rule.source(), random)).flatten(),
            target: random.chance(60).then(|| self.side(rule.target(), random)).flatten(),
            classes: if random.chance(60) { vec![self.class(rule.class())] } else { Vec::new() },
            permissions: if asks_permissions { random.some(&permissions, 3) } else { Vec::new() },
            permission_match: [Match::Any, Match::Equal, Match::All][random.below(3)],
            default: rule.default_type().filter(|_| random.chance(50)).and_then(|id| self.side(id, random)),
            ..Query::default()
        }
    }

    fn about_a_conditional(&self, random: &mut Random) -> Query {
        let conditional = random.pick(self.policy.conditionals()).expect("there is one");
        let rules = conditional.true_rules.start..conditional.false_rules.end.max(conditional.true_rules.end);
        let position = rules.start + random.below(rules.len());
        let Some((rule, _)) = self.policy.conditional_rules().get(position) else { return Query::default() };
        let names: Vec<String> = conditional
            .expression()
            .filter_map(|token| match token {
                CondToken::Bool(id) => Some(self.boolean(id)),
                CondToken::Op(_) => None,
            })
            .collect();
        Query {
            booleans: if random.chance(60) { random.some(&names, 3) } else { Vec::new() },
            booleans_equal: random.chance(30),
            enabled: random.chance(40),
            settings: names.into_iter().map(|name| (name, random.chance(50))).collect(),
            ..self.about(rule, random)
        }
    }

    fn about_a_file_name(&self, random: &mut Random) -> Query {
        let rule = random.pick(&self.named).expect("there is one");
        Query {
            kinds: vec![RuleKind::TypeTransition],
            source: self.side(rule.source, random),
            target: random.chance(60).then(|| self.side(rule.target, random)).flatten(),
            classes: if random.chance(60) { vec![self.class(rule.class)] } else { Vec::new() },
            default: random.chance(50).then(|| self.side(rule.default, random)).flatten(),
            ..Query::default()
        }
    }

    /// A question about role rules; `None` if the policy has none.
    pub(crate) fn about_roles(&self, random: &mut Random) -> Option<RoleQuery> {
        let allows: Vec<_> = self.policy.role_allows().iter().collect();
        let transitions: Vec<_> = self.policy.role_transitions().iter().collect();
        let mut query = RoleQuery { allows: random.chance(70), ..RoleQuery::default() };
        query.transitions = !query.allows || random.chance(50);
        if random.chance(50) {
            let rule = random.pick(&allows)?;
            query.source = random.chance(60).then(|| self.role(rule.source, random));
            query.target = random.chance(50).then(|| self.role(rule.target, random));
        } else {
            let rule = random.pick(&transitions)?;
            query.source = random.chance(60).then(|| self.role(rule.role, random));
            query.target = random.chance(50).then(|| self.side(rule.r#type, random)).flatten();
            query.default = random.chance(40).then(|| self.role(rule.new_role, random));
            if let Some(class) = rule.class.filter(|_| random.chance(40)) {
                query.classes.push(self.class(class));
            }
        }
        Some(query)
    }

    /// A question about range transitions; `None` if the policy has none.
    pub(crate) fn about_ranges(&self, random: &mut Random) -> Option<RangeQuery> {
        let rules: Vec<_> = self.policy.range_transitions().iter().collect();
        let rule = random.pick(&rules)?;
        let class = rule.class.filter(|_| random.chance(50)).map(|class| self.class(class));
        Some(RangeQuery {
            source: random.chance(60).then(|| self.side(rule.source, random)).flatten(),
            target: random.chance(50).then(|| self.side(rule.target, random)).flatten(),
            classes: class.into_iter().collect(),
            range: random.chance(50).then(|| levels(self.policy, rule.range)),
        })
    }

    /// A way to ask for a symbol: itself, one of its types or attributes, or a part of its name. An attribute that
    /// has neither a name nor types cannot be asked for.
    fn side(&self, id: TypeId, random: &mut Random) -> Option<Side> {
        let types = self.types_of(id);
        let attributes: Vec<TypeId> =
            self.policy.attributes_of(id).bits().map(TypeId::from_index).filter(|bit| *bit != id).collect();
        let near = random.pick(&types).or(random.pick(&attributes)).copied();
        let named = |id: Option<TypeId>| id.and_then(|id| self.name(id));
        let name = named(Some(id)).or_else(|| named(near))?;
        Some(match random.below(100) {
            0..45 => Side::Named(name),
            45..60 => Side::Written(name),
            60..85 => Side::Named(named(near).unwrap_or(name)),
            _ => Side::Matching(part_of(&name, random)),
        })
    }

    /// The other types that a symbol stands for.
    fn types_of(&self, symbol: TypeId) -> Vec<TypeId> {
        let ids = (0..u32::try_from(self.policy.n_types()).expect("32 bits")).map(TypeId::from_index);
        ids.filter(|id| *id != symbol && self.policy.attributes_of(*id).contains(symbol.index())).collect()
    }

    fn role(&self, id: RoleId, random: &mut Random) -> Side {
        let name = self.policy.role_name(id).expect("rules name roles").to_string();
        if random.chance(70) { Side::Named(name) } else { Side::Matching(part_of(&name, random)) }
    }

    fn name(&self, id: TypeId) -> Option<String> {
        self.policy.type_symbol(id).map(|(name, _)| name.to_string())
    }

    fn class(&self, id: ClassId) -> String {
        self.policy.class_name(id).expect("rules name classes").to_string()
    }

    fn boolean(&self, id: BoolId) -> String {
        self.policy.boolean(id).expect("conditions name booleans").0.to_string()
    }

    fn permissions(&self, rule: AvRule) -> Vec<String> {
        let defined = self.policy.permissions(rule.class());
        let has = |bit: u8| rule.kind().has_permissions() && rule.permissions() & (1 << bit) != 0;
        let names: BTreeSet<String> =
            defined.filter(|permission| has(permission.bit)).map(|p| p.name.to_string()).collect();
        names.into_iter().collect()
    }
}

/// An expression that is found in a name: its beginning or its end.
pub(crate) fn part_of(name: &str, random: &mut Random) -> Regex {
    let cut = name.len() / 2 + random.below(name.len().div_ceil(2));
    let expression = if random.chance(50) {
        format!("^{}", regex::escape(&name[..cut.max(1)]))
    } else {
        format!("{}$", regex::escape(&name[cut.min(name.len() - 1)..]))
    };
    Regex::new(&expression).expect("an escaped name")
}
