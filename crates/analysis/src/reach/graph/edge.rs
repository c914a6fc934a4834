//! Whether there is an edge between two contexts, and all ways of taking it.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::rc::Rc;

use avstore::{AccessVector, TypeSet};
use policydb::{ClassId, TypeId};

use super::facts::{Entering, NeedRule, has};
use super::kind::{Kind, Need, Party, SET_EXEC, What};
use super::{Graph, Switches};
use crate::context::PartialContext;
use crate::decide::Access;
use crate::reach::Place;

/// A step of a path.
#[derive(Clone, Debug)]
pub struct Hop<'p> {
    /// Where it begins.
    pub from: PartialContext,
    /// Where it ends.
    pub to: PartialContext,
    /// Ways of taking it, the most telling first: what is certain, then by weight, then what has a `type_transition`, then in the
    /// order of kinds.
    pub ways: Vec<Way<'p>>,
    /// How many there are, of which `ways` has the first.
    pub n_ways: usize,
}

/// A way of taking a step: accesses that are needed together.
#[derive(Clone, Debug)]
pub struct Way<'p> {
    /// Its kind.
    pub kind: &'static Kind,
    /// The accesses, in the order of the kind's needs.
    pub accesses: Vec<WayAccess>,
    /// The `type_transition` that makes the process the domain, where one does.
    pub type_transition: Option<Place<'p>>,
    /// Of information, the weight of what flows, 1 to 10.
    pub weight: Option<u8>,
    /// Whether it is granted whatever was left open; else it depends.
    pub certain: bool,
}

/// An access that a step needs.
#[derive(Clone, Debug)]
pub struct WayAccess {
    /// Who.
    pub source: PartialContext,
    /// To what.
    pub target: PartialContext,
    /// Of which class.
    pub class: ClassId,
    /// Permissions of which one is enough; each of them is granted, or may be. Where information flows, those that move most.
    pub permissions: u32,
    /// Whether they are granted whatever was left open.
    pub certain: bool,
}

/// What is needed, whether the type is the source, and the rules.
type Gathered = ((What, bool), Rc<Vec<NeedRule>>);

/// A type, and the rules that have it on a side, gathered when they are first asked for.
#[derive(Debug)]
pub(super) struct Anchor {
    symbols: TypeSet,
    rules: RefCell<Vec<Gathered>>,
}

/// The two ends of an edge that is looked for.
#[derive(Clone, Copy, Debug)]
struct Ends<'e> {
    from: (&'e Anchor, &'e PartialContext),
    to: (&'e Anchor, &'e PartialContext),
    switches: &'e Switches,
}

impl<'e> Ends<'e> {
    fn end(&self, party: Party) -> (&'e Anchor, &'e PartialContext) {
        if party == Party::From { self.from } else { self.to }
    }
}

fn is_third(party: Party) -> bool {
    matches!(party, Party::Between | Party::Other)
}

impl<'p> Graph<'_, '_, 'p> {
    pub(super) fn anchor(&self, id: TypeId) -> Anchor {
        Anchor { symbols: self.decider.symbols_of(id), rules: RefCell::default() }
    }

    fn rules_of(
        &self,
        anchor: &Anchor,
        what: What,
        is_source: bool,
        switches: &Switches,
    ) -> Rc<Vec<NeedRule>> {
        let key = (what, is_source);
        if let Some((_, rules)) = anchor.rules.borrow().iter().find(|(other, _)| *other == key) {
            return Rc::clone(rules);
        }
        let mine = |rule: &&NeedRule| has(rule, is_source, &anchor.symbols) && switches.counts(rule.branch);
        let rules: Rc<Vec<NeedRule>> = Rc::new(self.facts.rules(what).iter().filter(mine).copied().collect());
        anchor.rules.borrow_mut().push((key, Rc::clone(&rules)));
        rules
    }

    /// Where rules would let a kind of edge end that begins at a type.
    pub(super) fn by_rules(&self, kind: &Kind, from: &Anchor, switches: &Switches) -> TypeSet {
        let mut reached = self.empty();
        let joins = |need: &&Need| (need.source, need.target) == (Party::From, Party::To);
        for need in kind.needs.iter().filter(joins) {
            let rules = self.rules_of(from, need.what, true, switches);
            rules.iter().for_each(|rule| self.members.add_to(rule.target, &mut reached));
        }
        reached
    }

    /// Whether there is an edge of some kind between two contexts.
    pub(super) fn has_edge(
        &self,
        from: (&Anchor, &PartialContext),
        to: (&Anchor, &PartialContext),
        switches: &Switches,
    ) -> bool {
        self.kinds.iter().any(|kind| self.has_edge_of(kind, from, to, switches))
    }

    /// Whether there is a step between two contexts.
    pub fn has_step(&self, from: &PartialContext, to: &PartialContext, switches: &Switches) -> bool {
        let anchors = (self.anchor(from.r#type), self.anchor(to.r#type));
        self.has_edge((&anchors.0, from), (&anchors.1, to), switches)
    }

    /// Whether there is an edge of one kind between two contexts.
    pub(super) fn has_edge_of(
        &self,
        kind: &'static Kind,
        from: (&Anchor, &PartialContext),
        to: (&Anchor, &PartialContext),
        switches: &Switches,
    ) -> bool {
        !self.ways(kind, &Ends { from, to, switches }, true).is_empty()
    }

    /// The step between two contexts with its ways, of which at most `most` are listed.
    pub(super) fn hop(
        &self,
        from: &PartialContext,
        to: &PartialContext,
        switches: &Switches,
        most: usize,
    ) -> Hop<'p> {
        let anchors = (self.anchor(from.r#type), self.anchor(to.r#type));
        let ends = Ends { from: (&anchors.0, from), to: (&anchors.1, to), switches };
        let mut ways: Vec<Way<'p>> =
            self.kinds.iter().flat_map(|kind| self.ways(kind, &ends, false)).collect();
        let n_ways = ways.len();
        ways.sort_by_key(|way| (!way.certain, Reverse(way.weight), way.type_transition.is_none()));
        ways.truncate(most);
        Hop { from: from.clone(), to: to.clone(), ways, n_ways }
    }

    /// The ways of one kind between two contexts; the first one found is enough if `any` is set.
    fn ways(&self, kind: &'static Kind, ends: &Ends<'_>, any: bool) -> Vec<Way<'p>> {
        // What is about the two alone: each class of the first need is a way of its own.
        let mut direct: Vec<Vec<WayAccess>> = Vec::new();
        for need in kind.needs.iter().filter(|need| !is_third(need.source) && !is_third(need.target)) {
            let granted = self.granted_between(need, ends);
            if granted.is_empty() {
                return Vec::new();
            }
            direct.push(granted);
        }
        if kind.needs.iter().any(|need| is_third(need.target)) {
            return self.ways_through(kind, ends, direct, any);
        }
        let mut direct = direct.into_iter();
        let first = direct.next().unwrap_or_default();
        let others: Vec<WayAccess> = direct.filter_map(|granted| granted.into_iter().next()).collect();
        let way = |access: WayAccess| {
            let weight = self.weight(kind, &access);
            let accesses: Vec<WayAccess> = std::iter::once(access).chain(others.iter().cloned()).collect();
            let certain = accesses.iter().all(|access| access.certain);
            Way { kind, accesses, type_transition: None, weight, certain }
        };
        first.into_iter().map(way).collect()
    }

    /// The ways of a kind that takes third types: one for each type between.
    fn ways_through(
        &self,
        kind: &'static Kind,
        ends: &Ends<'_>,
        direct: Vec<Vec<WayAccess>>,
        any: bool,
    ) -> Vec<Way<'p>> {
        let mut ways = Vec::new();
        let between = self.thirds(kind, Party::Between, ends);
        let mut beside = Vec::new();
        if kind.needs.iter().any(|need| need.target == Party::Other) {
            let others = self.thirds(kind, Party::Other, ends);
            match others.iter().find_map(|id| self.third(kind, Party::Other, id, ends)) {
                Some(granted) => beside = granted,
                None => return ways,
            }
        }
        let set_exec = Need { source: Party::From, target: Party::From, what: SET_EXEC };
        let chosen = kind.entered.then(|| self.granted_between(&set_exec, ends).into_iter().next()).flatten();
        let direct: Vec<WayAccess> =
            direct.into_iter().filter_map(|granted| granted.into_iter().next()).collect();
        for id in between.iter() {
            let entering = self.entering(id, ends).filter(|_| kind.entered);
            if kind.entered && entering.is_none() && chosen.is_none() {
                continue;
            }
            let Some(through) = self.third(kind, Party::Between, id, ends) else { continue };
            let mut accesses: Vec<WayAccess> = direct.clone();
            accesses.extend(through);
            accesses.extend(beside.iter().cloned());
            if entering.is_none() {
                accesses.extend(chosen.clone());
            }
            let certain = accesses.iter().all(|access| access.certain);
            let type_transition = entering.map(|rule| rule.place);
            ways.push(Way { kind, accesses, type_transition, weight: None, certain });
            if any {
                break;
            }
        }
        ways
    }

    /// The types that rules let stand for a third party of an edge.
    fn thirds(&self, kind: &Kind, third: Party, ends: &Ends<'_>) -> TypeSet {
        let mut thirds = self.usable.clone();
        for need in kind.needs.iter().filter(|need| need.target == third) {
            let mut types = self.empty();
            for rule in self.rules_of(ends.end(need.source).0, need.what, true, ends.switches).iter() {
                self.members.add_to(rule.target, &mut types);
            }
            thirds.intersect(&types);
        }
        thirds
    }

    /// What a third type is needed for, if all of it is granted with one of the stances.
    fn third(&self, kind: &Kind, party: Party, id: TypeId, ends: &Ends<'_>) -> Option<Vec<WayAccess>> {
        (0..self.stances.len()).find_map(|stance| {
            let third = self.context(id, stance);
            let needs = kind.needs.iter().filter(|need| need.target == party);
            let granted = needs.map(|need| {
                let granted = self.granted(need.what, ends.end(need.source), true, &third, ends.switches);
                granted.into_iter().next()
            });
            granted.collect()
        })
    }

    /// What is granted of a need that is about the beginning of an edge, and about its end or itself.
    fn granted_between(&self, need: &Need, ends: &Ends<'_>) -> Vec<WayAccess> {
        let far = if need.source == need.target { ends.from.1 } else { ends.to.1 };
        self.granted(need.what, ends.from, need.source == Party::From, far, ends.switches)
    }

    /// What is granted of what is needed between an anchor and another type, by class; what is certain and weighs most first.
    fn granted(
        &self,
        what: What,
        (anchor, near): (&Anchor, &PartialContext),
        is_source: bool,
        far: &PartialContext,
        switches: &Switches,
    ) -> Vec<WayAccess> {
        let mut masks: Vec<(ClassId, u32)> = Vec::new();
        for rule in self.rules_of(anchor, what, is_source, switches).iter() {
            let symbol = if is_source { rule.target } else { rule.source };
            if self.members.stands_for(symbol, far.r#type) {
                match masks.iter_mut().find(|(class, _)| *class == rule.class) {
                    Some((_, mask)) => *mask |= rule.permissions,
                    None => masks.push((rule.class, rule.permissions)),
                }
            }
        }
        let (source, target) = if is_source { (near, far) } else { (far, near) };
        let types = (source.r#type, target.r#type);
        let of_class = |(class, allowed): (ClassId, u32)| {
            let vector = |pair: (TypeId, TypeId)| match pair == types {
                true => AccessVector { allowed, ..AccessVector::default() },
                false if !self.bounds_are_asked => {
                    AccessVector { allowed: u32::MAX, ..AccessVector::default() }
                }
                false => self.decider.vector(pair.0, pair.1, class),
            };
            let decision = self.decider.decide_from(&Access { source, target, class }, &vector);
            let certain = decision.allowed & allowed != 0;
            let permissions = allowed & if certain { decision.allowed } else { decision.possible };
            let permissions = self.heaviest(what, class, permissions);
            (permissions != 0).then(|| {
                let (source, target) = (source.clone(), target.clone());
                WayAccess { source, target, class, permissions, certain }
            })
        };
        let mut granted: Vec<WayAccess> = masks.into_iter().filter_map(of_class).collect();
        // What is done with files is told best.
        let file = self.store().policy().class_named(b"file");
        granted.sort_by_key(|access| {
            let weight = Reverse(self.weight_of(what, access));
            (!access.certain, weight, Some(access.class) != file, access.class)
        });
        granted
    }

    /// Of permissions that move information, those that move most; of others all.
    fn heaviest(&self, what: What, class: ClassId, permissions: u32) -> u32 {
        let weight = |permissions| {
            let (read, write) = self.weights.of_permissions(class, permissions);
            if what == What::Read { read } else { write }
        };
        match what {
            What::AnyOf(_) => permissions,
            What::Read | What::Write => {
                let most = weight(permissions);
                let each = (0..32).map(|bit| 1u32 << bit).filter(|bit| permissions & bit != 0);
                each.filter(|bit| weight(*bit) == most).fold(0, |all, bit| all | bit)
            }
        }
    }

    /// The rule that makes a process a domain when it executes a program, if one counts.
    fn entering(&self, program: TypeId, ends: &Ends<'_>) -> Option<&Entering<'p>> {
        let (from, to) = (ends.from.1.r#type, ends.to.1.r#type);
        self.facts.entering.iter().find(|rule| {
            (rule.source, rule.program, rule.default) == (from, program, to)
                && ends.switches.counts(rule.place.branch())
        })
    }

    fn weight(&self, kind: &Kind, access: &WayAccess) -> Option<u8> {
        let need = kind.needs.first()?;
        matches!(need.what, What::Read | What::Write).then(|| self.weight_of(need.what, access))
    }

    fn weight_of(&self, what: What, access: &WayAccess) -> u8 {
        let (read, write) = self.weights.of_permissions(access.class, access.permissions);
        match what {
            What::Read => read,
            What::Write => write,
            What::AnyOf(_) => 0,
        }
    }
}
