//! Where a set of types leads in one step.
//!
//! For edges that need one thing, and for chains through a third type, that is composing relations, a scan of the rules each. A
//! transition needs three things of the same three types, so there each pair of domains is looked at.

use avstore::TypeSet;
use policydb::TypeId;

use super::edge::Anchor;
use super::facts::{NeedRule, has};
use super::kind::{Kind, Need, Party, What};
use super::{Graph, Stance, Switches};

/// Many contexts: some types, each with the same stance.
#[derive(Clone, Copy, Debug)]
pub(in crate::reach) struct Contexts<'t> {
    pub(in crate::reach) types: &'t TypeSet,
    pub(in crate::reach) stance: Stance,
}

impl Graph<'_, '_, '_> {
    /// The types of `wanted` to which, with a stance, edges lead from some contexts.
    pub(in crate::reach) fn successors(
        &self,
        from: Contexts<'_>,
        stance: Stance,
        wanted: &TypeSet,
        switches: &Switches,
    ) -> TypeSet {
        let mut reached = self.empty();
        for kind in &self.kinds {
            let mut left = wanted.clone();
            left.intersect(&self.usable);
            left.subtract(&reached);
            if !left.is_empty() {
                reached.unite(&self.successors_by(kind, from, stance, &left, switches));
            }
        }
        reached
    }

    fn successors_by(
        &self,
        kind: &'static Kind,
        from: Contexts<'_>,
        stance: Stance,
        wanted: &TypeSet,
        switches: &Switches,
    ) -> TypeSet {
        let able = self.able(kind, from, switches);
        let from = Contexts { types: &able, ..from };
        if kind.entered {
            return self.entered(kind, from, stance, wanted, switches);
        }
        let mut reached = self.joined(kind, (Party::From, Party::To), from, stance, switches);
        reached.intersect(wanted);
        reached
    }

    /// Types from which an edge may lead to a context; more than do, for kinds that take more than composing relations tells.
    pub(super) fn predecessors(&self, to: (TypeId, Stance), stance: Stance, switches: &Switches) -> TypeSet {
        let types = self.only(to.0);
        let to = Contexts { types: &types, stance: to.1 };
        let mut reached = self.empty();
        for kind in &self.kinds {
            reached.unite(&self.joined(kind, (Party::To, Party::From), to, stance, switches));
        }
        reached.intersect(&self.usable);
        reached
    }

    /// What stands at the far end of a kind of edge, by the need that is about both ends, or by two through a third type.
    fn joined(
        &self,
        kind: &Kind,
        (near, far): (Party, Party),
        from: Contexts<'_>,
        stance: Stance,
        switches: &Switches,
    ) -> TypeSet {
        if let Some(need) = kind.need_about(near, far) {
            return self.related(need.what, from, need.source == near, stance, switches);
        }
        let mut reached = self.empty();
        let (Some(first), Some(second)) =
            (kind.need_about(near, Party::Between), kind.need_about(far, Party::Between))
        else {
            return reached;
        };
        for middle in 0..self.stances.len() {
            let mut between = self.related(first.what, from, first.source == near, middle, switches);
            between.intersect(&self.usable);
            let between = Contexts { types: &between, stance: middle };
            reached.unite(&self.related(second.what, between, second.source != far, stance, switches));
        }
        reached
    }

    /// Those of some types that have what a kind needs of its beginning alone.
    fn able(&self, kind: &Kind, from: Contexts<'_>, switches: &Switches) -> TypeSet {
        let others: Vec<&Need> = kind.needs.iter().filter(|need| need.target == Party::Other).collect();
        let mut able = from.types.clone();
        for need in kind.needs.iter().filter(|need| (need.source, need.target) == (Party::From, Party::From))
        {
            let itself = |id: &TypeId| {
                let types = self.only(*id);
                let one = Contexts { types: &types, stance: from.stance };
                self.related(need.what, one, true, from.stance, switches).contains(*id)
            };
            let lacking: Vec<TypeId> = able.iter().filter(|id| !itself(id)).collect();
            lacking.into_iter().for_each(|id| able.remove(id));
        }
        if !others.is_empty() {
            // Attributes are rarely given all of it, so the symbols are asked first.
            let some = |id: &TypeId| {
                let types = self.only(*id);
                let one = Contexts { types: &types, stance: from.stance };
                (0..self.stances.len()).any(|stance| {
                    let mut all = self.usable.clone();
                    for need in &others {
                        all.intersect(&self.related(need.what, one, true, stance, switches));
                    }
                    !all.is_empty()
                })
            };
            let mut may = able.clone();
            for need in &others {
                let mut sources = self.empty();
                let rules = self.facts.rules(need.what).iter().filter(|rule| switches.counts(rule.branch));
                rules.for_each(|rule| self.members.add_to(rule.source, &mut sources));
                may.intersect(&sources);
            }
            let lacking: Vec<TypeId> = may.iter().filter(|id| !some(id)).collect();
            lacking.into_iter().for_each(|id| may.remove(id));
            able = may;
        }
        able
    }

    /// The domains that some domains become by executing something: each pair is looked at.
    fn entered(
        &self,
        kind: &'static Kind,
        from: Contexts<'_>,
        stance: Stance,
        wanted: &TypeSet,
        switches: &Switches,
    ) -> TypeSet {
        let mut reached = self.empty();
        let mut anchors: Vec<Option<Anchor>> = Vec::new();
        anchors.resize_with(self.store().policy().n_types(), || None);
        for id in from.types.iter() {
            // By rules alone: the edge is looked at anyway.
            let near = self.anchor(id);
            let mut candidates = self.by_rules(kind, &near, switches);
            candidates.intersect(wanted);
            candidates.subtract(&reached);
            if candidates.is_empty() {
                continue;
            }
            let source = self.context(id, from.stance);
            for candidate in candidates.iter() {
                let Some(slot) = anchors.get_mut(candidate.index()) else { continue };
                let far = slot.get_or_insert_with(|| self.anchor(candidate));
                let target = self.context(candidate, stance);
                if self.has_edge_of(kind, (&near, &source), (far, &target), switches) {
                    reached.insert(candidate);
                }
            }
        }
        reached
    }

    /// All types that stand on the other side of what is needed than some contexts, with a stance, constraints regarded.
    pub(super) fn related(
        &self,
        what: What,
        near: Contexts<'_>,
        near_is_source: bool,
        stance: Stance,
        switches: &Switches,
    ) -> TypeSet {
        let symbols = self.symbols_for(near.types);
        let mut reached = self.empty();
        for rule in self.facts.rules(what) {
            if has(rule, near_is_source, &symbols) && switches.counts(rule.branch) {
                self.add_far(rule, near, near_is_source, stance, &mut reached);
            }
        }
        reached
    }

    /// The types and their attributes. Of a few types the map from types to attributes is read, else each attribute is asked.
    fn symbols_for(&self, types: &TypeSet) -> TypeSet {
        const FEW: usize = 4;
        if types.len() > FEW {
            return self.members.symbols_for(types);
        }
        let mut symbols = types.clone();
        types.iter().for_each(|id| symbols.unite(&self.decider.symbols_of(id)));
        symbols
    }

    /// Adds what a rule grants to, or of, some contexts.
    fn add_far(
        &self,
        rule: &NeedRule,
        near: Contexts<'_>,
        near_is_source: bool,
        stance: Stance,
        reached: &mut TypeSet,
    ) {
        let (near_symbol, far_symbol) =
            if near_is_source { (rule.source, rule.target) } else { (rule.target, rule.source) };
        let (source, target) = if near_is_source { (near.stance, stance) } else { (stance, near.stance) };
        let Some(possible) = self.possible(source, target) else { return };
        if possible.is_free(rule.class, rule.permissions) {
            return self.members.add_to(far_symbol, reached);
        }
        let mut far = self.empty();
        self.members.add_to(far_symbol, &mut far);
        far.subtract(reached);
        if far.is_empty() {
            return;
        }
        let mut mine = self.empty();
        self.members.add_to(near_symbol, &mut mine);
        mine.intersect(near.types);
        for id in possible.representatives(rule.class, &mine) {
            if far.is_empty() {
                return;
            }
            let mut left = far.clone();
            possible.retain(rule.class, rule.permissions, id, near_is_source, &mut left);
            reached.unite(&left);
            far.subtract(&left);
        }
    }
}
