//! Which rules of type enforcement does the policy state?

use std::collections::BTreeSet;

use policydb::{AvRule, BoolId, CondToken, FilenameTransition, Policy, RuleKind, TypeId, Xperms};

use crate::is_in_force;
use crate::names::{class_matches, class_name, type_name};
use crate::sides::{Side, Types};

/// How sets of permissions compare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Match {
    /// They share a member.
    #[default]
    Any,
    /// They are equal.
    Equal,
    /// The rule has all that is asked for.
    All,
}

/// What is asked for. Empty lists and `None` ask for nothing in particular.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Kinds of rule.
    pub kinds: Vec<RuleKind>,
    /// The source.
    pub source: Option<Side>,
    /// The target.
    pub target: Option<Side>,
    /// Classes.
    pub classes: Vec<String>,
    /// Permissions.
    pub permissions: Vec<String>,
    /// How permissions compare.
    pub permission_match: Match,
    /// Extended permissions.
    pub xperms: BTreeSet<u16>,
    /// Whether the rule must have exactly these.
    pub xperms_equal: bool,
    /// The default type, or an attribute of it.
    pub default: Option<Side>,
    /// Booleans in the condition.
    pub booleans: Vec<String>,
    /// Whether the condition must name exactly these.
    pub booleans_equal: bool,
    /// Only rules in force.
    pub enabled: bool,
    /// Booleans set by the question.
    pub settings: Vec<(String, bool)>,
}

/// A rule that was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The statement, up to the semicolon.
    pub statement: String,
    /// Position of its conditional and the branch, if it has one.
    pub branch: Option<(usize, bool)>,
    /// Whether it is in force.
    pub in_force: bool,
}

/// The rules that answer a query, sorted, none twice.
///
/// # Panics
/// When the query names what the policy does not have.
pub fn search(policy: &Policy<'_>, query: &Query) -> BTreeSet<Found> {
    let asked = Asked::new(policy, query);
    let mut found = BTreeSet::new();
    for position in 0..policy.rules().len() {
        let (rule, xperms) = policy.rules().get(position).expect("within the table");
        if query.booleans.is_empty() && asked.matches(rule, xperms) {
            let statement = statement(policy, rule, xperms);
            found.insert(Found { statement, branch: None, in_force: true });
        }
    }
    for (index, conditional) in policy.conditionals().iter().enumerate() {
        if !names_booleans(policy, query, index) {
            continue;
        }
        for (when, range) in [(true, &conditional.true_rules), (false, &conditional.false_rules)] {
            let in_force = is_in_force(policy, index, when, &query.settings);
            for position in range.clone() {
                let (rule, xperms) = policy.conditional_rules().get(position).expect("within the table");
                if (in_force || !query.enabled) && asked.matches(rule, xperms) {
                    let statement = statement(policy, rule, xperms);
                    found.insert(Found { statement, branch: Some((index, when)), in_force });
                }
            }
        }
    }
    policy.filename_transitions().for_each(|rule| {
        if asked.matches_named(rule) {
            let statement = format!(
                "type_transition {} {}:{} {} \"{}\";",
                type_name(policy, rule.source),
                type_name(policy, rule.target),
                class_name(policy, rule.class),
                type_name(policy, rule.default),
                rule.name
            );
            found.insert(Found { statement, branch: None, in_force: true });
        }
    });
    found
}

/// A query, and the symbols that answer each of its sides: worked out once, because a real policy has a hundred
/// thousand rules.
struct Asked<'q, 'p> {
    policy: &'q Policy<'p>,
    query: &'q Query,
    source: Option<BTreeSet<TypeId>>,
    target: Option<BTreeSet<TypeId>>,
    default: Option<BTreeSet<TypeId>>,
}

impl<'q, 'p> Asked<'q, 'p> {
    fn new(policy: &'q Policy<'p>, query: &'q Query) -> Self {
        let types = Types::of(policy);
        let side = |side: &Option<Side>| side.as_ref().map(|side| types.answering(side));
        Asked {
            policy,
            query,
            source: side(&query.source),
            target: side(&query.target),
            default: query.default.as_ref().map(|side| types.meant(side)),
        }
    }

    fn matches(&self, rule: AvRule, xperms: Option<Xperms<'_>>) -> bool {
        let has = |side: &Option<BTreeSet<TypeId>>, id| side.as_ref().is_none_or(|side| side.contains(&id));
        self.query.kinds.contains(&rule.kind())
            && has(&self.source, rule.source())
            && has(&self.target, rule.target())
            && class_matches(self.policy, &self.query.classes, rule.class())
            && permissions_match(self.policy, self.query, rule, xperms)
            && xperms_match(self.query, xperms)
            && (self.default.is_none() || rule.default_type().is_some_and(|id| has(&self.default, id)))
    }

    fn matches_named(&self, rule: FilenameTransition<'_>) -> bool {
        let has = |side: &Option<BTreeSet<TypeId>>, id| side.as_ref().is_none_or(|side| side.contains(&id));
        self.query.kinds.contains(&RuleKind::TypeTransition)
            && self.query.permissions.is_empty()
            && self.query.xperms.is_empty()
            && self.query.booleans.is_empty()
            && has(&self.source, rule.source)
            && has(&self.target, rule.target)
            && class_matches(self.policy, &self.query.classes, rule.class)
            && has(&self.default, rule.default)
    }
}

/// The names of the permissions of a rule.
fn permission_names(policy: &Policy<'_>, rule: AvRule) -> BTreeSet<String> {
    let defined = policy.permissions(rule.class());
    defined.filter(|p| rule.permissions() & (1 << p.bit) != 0).map(|p| p.name.to_string()).collect()
}

fn permissions_match(policy: &Policy<'_>, query: &Query, rule: AvRule, xperms: Option<Xperms<'_>>) -> bool {
    if query.permissions.is_empty() {
        return true;
    }
    let asked: BTreeSet<String> = query.permissions.iter().cloned().collect();
    // A rule on commands is about the one permission that it refines.
    let has = match xperms {
        Some(xperms) => BTreeSet::from([xperms.operation().to_owned()]),
        None if rule.kind().has_permissions() => permission_names(policy, rule),
        None => return false,
    };
    match query.permission_match {
        Match::Any => !asked.is_disjoint(&has),
        Match::Equal => asked == has,
        Match::All => asked.is_subset(&has),
    }
}

fn commands(xperms: Xperms<'_>) -> BTreeSet<u16> {
    xperms.ranges().into_iter().flat_map(|(low, high)| low..=high).collect()
}

fn xperms_match(query: &Query, xperms: Option<Xperms<'_>>) -> bool {
    if query.xperms.is_empty() {
        return true;
    }
    let Some(has) = xperms.map(commands) else { return false };
    if query.xperms_equal { has == query.xperms } else { !has.is_disjoint(&query.xperms) }
}

fn names_booleans(policy: &Policy<'_>, query: &Query, conditional: usize) -> bool {
    if query.booleans.is_empty() {
        return true;
    }
    let name = |id: BoolId| policy.boolean(id).expect("conditions name booleans").0.to_string();
    let named: BTreeSet<String> = policy.conditionals()[conditional]
        .expression()
        .filter_map(|token| match token {
            CondToken::Bool(id) => Some(name(id)),
            CondToken::Op(_) => None,
        })
        .collect();
    let asked: BTreeSet<String> = query.booleans.iter().cloned().collect();
    if query.booleans_equal { named == asked } else { !named.is_disjoint(&asked) }
}

fn statement(policy: &Policy<'_>, rule: AvRule, xperms: Option<Xperms<'_>>) -> String {
    let what = match (xperms, rule.default_type()) {
        (Some(xperms), _) => {
            let range = |(low, high)| {
                if low == high { format!("{low:#06x}") } else { format!("{low:#06x}-{high:#06x}") }
            };
            let ranges = runs(&commands(xperms)).into_iter().map(range).collect();
            format!("{} {}", xperms.operation(), braced(ranges))
        }
        (None, Some(default)) => type_name(policy, default),
        (None, None) => braced(permission_names(policy, rule).into_iter().collect()),
    };
    format!(
        "{} {} {}:{} {what};",
        rule.kind().keyword(),
        type_name(policy, rule.source()),
        type_name(policy, rule.target()),
        class_name(policy, rule.class())
    )
}

/// Maximal runs of consecutive numbers.
fn runs(numbers: &BTreeSet<u16>) -> Vec<(u16, u16)> {
    let starts = numbers.iter().filter(|&&n| n == 0 || !numbers.contains(&(n - 1)));
    let end_of = |start: u16| (start..=u16::MAX).take_while(|n| numbers.contains(n)).last().unwrap_or(start);
    starts.map(|&start| (start, end_of(start))).collect()
}

fn braced(words: Vec<String>) -> String {
    match words.as_slice() {
        [one] => one.clone(),
        [] => "{ }".to_owned(),
        several => format!("{{ {} }}", several.join(" ")),
    }
}
