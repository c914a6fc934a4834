//! What process transitions need: who may transition to whom, who executes what, what enters where, and which transitions
//! happen without asking.
//!
//! A transition from `a` to `b` by a file `f` takes `allow a b:process transition`, `allow a f:file execute` and
//! `allow b f:file entrypoint`, and either `type_transition a f:process b` or `allow a a:process setexec`. A dynamic one takes
//! `allow a b:process dyntransition` and `allow a a:process setcurrent`. Rules are taken as they stand, whatever the booleans
//! are; source: the comments and `_build_graph` of SETools' `dta.py`.

use avstore::{Branch, Grouped, Rule, Store, TypeSet};
use policydb::{AvRule, ClassId, FilenameTransition, RuleKind, TypeId};

use super::MemberRows;

/// What a rule allows of what transitions need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// To become the target by executing something.
    Transition,
    /// To become the target at will.
    DynTransition,
    /// To choose what to become when executing.
    SetExec,
    /// To choose what to become at will.
    SetCurrent,
    /// To execute the target.
    Execute,
    /// To be entered by the target.
    Entrypoint,
}

/// Each fact, and the class and permission that rules state it by.
const FACTS: [(Fact, &[u8], &[u8]); 6] = [
    (Fact::Transition, b"process", b"transition"),
    (Fact::DynTransition, b"process", b"dyntransition"),
    (Fact::SetExec, b"process", b"setexec"),
    (Fact::SetCurrent, b"process", b"setcurrent"),
    (Fact::Execute, b"file", b"execute"),
    (Fact::Entrypoint, b"file", b"entrypoint"),
];

/// Where a rule stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'p> {
    /// At a position of the table of rules that are always in force.
    Unconditional(u32),
    /// At a position of the table of conditional rules.
    Conditional(u32, Branch),
    /// Among the transitions by file name.
    FileName(FilenameTransition<'p>),
}

impl<'p> Place<'p> {
    /// The branch of the condition it stands in, if it stands in one.
    pub fn branch(self) -> Option<Branch> {
        match self {
            Place::Conditional(_, branch) => Some(branch),
            _ => None,
        }
    }

    /// The rule that stands there.
    pub fn rule(self, store: &Store<'p>) -> Option<Rule<'p>> {
        match self {
            Place::Unconditional(position) => Rule::unconditional(store, position as usize),
            Place::Conditional(position, branch) => Rule::conditional(store, position as usize, branch),
            Place::FileName(rule) => Some(Rule::Filename(rule)),
        }
    }
}

/// A rule that states some facts, or a `type_transition`.
#[derive(Clone, Copy, Debug)]
pub struct Stated<'p> {
    /// Its source, a type or an attribute.
    pub source: TypeId,
    /// Its target, a type or an attribute.
    pub target: TypeId,
    /// Where it stands.
    pub place: Place<'p>,
}

/// A `type_transition` of processes.
#[derive(Clone, Copy, Debug)]
pub struct TypeTransition<'p> {
    /// The rule: source and what is executed.
    pub rule: Stated<'p>,
    /// What the process becomes.
    pub default: TypeId,
}

/// The rules that state one fact.
#[derive(Debug)]
struct FactRules<'p> {
    rules: Vec<Stated<'p>>,
    /// Positions in `rules`.
    by_source: Grouped<u32>,
}

/// All facts of a policy.
#[derive(Debug)]
pub struct TransitionFacts<'s, 'p> {
    store: &'s Store<'p>,
    members: MemberRows,
    /// In the order of [`FACTS`].
    facts: Vec<FactRules<'p>>,
    type_transitions: Vec<TypeTransition<'p>>,
    /// Positions in `type_transitions`.
    transitions_by_source: Grouped<u32>,
}

impl<'s, 'p> TransitionFacts<'s, 'p> {
    /// The facts of a policy. O(rules + bits of the map from types to attributes).
    pub fn of(store: &'s Store<'p>) -> Self {
        let policy = store.policy();
        let process = policy.class_named(b"process");
        let mut facts: [Vec<Stated<'p>>; 6] = Default::default();
        let bits = FACTS.map(|(_, class, permission)| bit_of(store, class, permission));
        let mut type_transitions = Vec::new();
        let mut add = |rule: AvRule, place: Place<'p>| {
            let stated = Stated { source: rule.source(), target: rule.target(), place };
            if rule.kind_bits() == RuleKind::Allow.bits() {
                for (rules, bit) in facts.iter_mut().zip(bits) {
                    if bit.is_some_and(|(class, bit)| class == rule.class() && rule.permissions() & bit != 0)
                    {
                        rules.push(stated);
                    }
                }
            } else if rule.kind_bits() == RuleKind::TypeTransition.bits() && Some(rule.class()) == process {
                type_transitions
                    .extend(rule.default_type().map(|default| TypeTransition { rule: stated, default }));
            }
        };
        let position = |position: usize| u32::try_from(position).unwrap_or(u32::MAX);
        for (at, rule) in policy.rules().rules(0..policy.rules().len()) {
            add(rule, Place::Unconditional(position(at)));
        }
        for (conditional, node) in (0u32..).zip(policy.conditionals()) {
            for (when, range) in [(true, &node.true_rules), (false, &node.false_rules)] {
                for (at, rule) in policy.conditional_rules().rules(range.clone()) {
                    add(rule, Place::Conditional(position(at), Branch { conditional, when }));
                }
            }
        }
        policy.filename_transitions().for_each(|rule| {
            if Some(rule.class) == process {
                let stated =
                    Stated { source: rule.source, target: rule.target, place: Place::FileName(rule) };
                type_transitions.push(TypeTransition { rule: stated, default: rule.default });
            }
        });
        let n_types = policy.n_types();
        let index = |rules: Vec<Stated<'p>>| {
            let keys: Vec<usize> = rules.iter().map(|rule| rule.source.index()).collect();
            FactRules { by_source: Grouped::new(n_types, keys.into_iter().zip(0u32..)), rules }
        };
        let keys: Vec<usize> = type_transitions.iter().map(|of| of.rule.source.index()).collect();
        TransitionFacts {
            transitions_by_source: Grouped::new(n_types, keys.into_iter().zip(0u32..)),
            store,
            members: MemberRows::of(store),
            facts: facts.into_iter().map(index).collect(),
            type_transitions,
        }
    }

    /// The store that the facts are of.
    pub fn store(&self) -> &'s Store<'p> {
        self.store
    }

    /// The members of attributes.
    pub fn members(&self) -> &MemberRows {
        &self.members
    }

    /// The rules that state a fact, in the order of the policy.
    pub fn rules(&self, fact: Fact) -> &[Stated<'p>] {
        self.fact(fact).map_or(&[], |fact| &fact.rules)
    }

    /// The rules that state a fact of a source type. O(attributes of the type + answer).
    pub fn of_source(&self, fact: Fact, source: TypeId) -> impl Iterator<Item = &Stated<'p>> {
        let fact = self.fact(fact);
        symbols_of(self.store, source).flat_map(move |symbol| {
            let group = fact.map_or(&[][..], |fact| fact.by_source.get(symbol));
            group.iter().filter_map(move |&at| fact?.rules.get(at as usize))
        })
    }

    /// The types of which a fact is stated for a source type. O(attributes of the type + rules found).
    pub fn targets(&self, fact: Fact, source: TypeId) -> TypeSet {
        let mut symbols = self.store.empty_set();
        self.of_source(fact, source).for_each(|rule| symbols.insert(rule.target));
        self.members.expand(&symbols)
    }

    /// The `type_transition` rules of processes, in the order of the policy; those by file name last.
    pub fn type_transitions(&self) -> &[TypeTransition<'p>] {
        &self.type_transitions
    }

    /// Those of them that are for a source type. O(attributes of the type + answer).
    pub fn transitions_of(&self, source: TypeId) -> impl Iterator<Item = &TypeTransition<'p>> {
        let positions =
            symbols_of(self.store, source).flat_map(|symbol| self.transitions_by_source.get(symbol));
        positions.filter_map(|&at| self.type_transitions.get(at as usize))
    }

    /// The class that a fact is about; `None` if the policy lacks it.
    pub fn class_of(&self, fact: Fact) -> Option<ClassId> {
        let (_, class, _) = FACTS.iter().find(|(other, ..)| *other == fact)?;
        self.store.policy().class_named(class)
    }

    fn fact(&self, fact: Fact) -> Option<&FactRules<'p>> {
        let place = FACTS.iter().position(|(other, ..)| *other == fact)?;
        self.facts.get(place)
    }
}

/// The indexes of the symbols that stand for a type: its own and those of its attributes.
fn symbols_of(store: &Store<'_>, id: TypeId) -> impl Iterator<Item = usize> {
    let attributes = store.policy().attributes_of(id).bits().map(|bit| bit as usize);
    std::iter::once(id.index()).chain(attributes.filter(move |&bit| bit != id.index()))
}

/// A class and the bit of its permission.
fn bit_of(store: &Store<'_>, class: &[u8], permission: &[u8]) -> Option<(ClassId, u32)> {
    let class = store.policy().class_named(class)?;
    let permission = store.permission_named(class, permission)?;
    Some((class, 1u32.checked_shl(u32::from(permission.bit))?))
}
