//! What really changed: for each domain, target and class the permissions that rules grant in one policy and not in the
//! other, attributes expanded, under which conditions, and which statement made the change.
//!
//! Nothing is enumerated that cannot have changed. A statement that differs names candidates: a rule the types of its two
//! sides, an attribute that a type joined or left each rule through it, a boolean whose default flipped the rules behind it.
//! For these only, what either policy grants is worked out, whatever rules it comes from, and subtracted; so a rule that
//! another one covers (an optimised build) is no change. For a type that one policy does not have there is nothing to
//! subtract.
//!
//! Type bounds are applied where the source has them; constraints and roles are not looked at here
//! (`constraints.rs`). Source of the semantics: `context_struct_compute_av`, `type_attribute_bounds_av` in the kernel's
//! `ss/services.c`. Cost: O(candidates × rules of the source's symbols about the class).

use std::collections::HashMap;

use super::both::{Both, Which};
use super::condition::{Condition, ConditionTable};
use super::matching::{Matching, Symbol};
use super::rules::{JoinedRule, RuleTable};

/// Bounds end above three types (`policydb` refuses more).
const DEEPEST_BOUNDS: usize = 5;

// What no two honest policies come near to, so that forged ones cost a bounded time and memory. Two whole policies that have
// nothing in common have 5 million changes; a domain that may do everything, half a million contributions.
/// Changes, for each byte of the two policies.
const CHANGES_A_BYTE: usize = 8;
/// Changes of small policies.
const FEW_CHANGES: usize = 1 << 18;
/// Contributions to what changed for one source.
const MOST_CONTRIBUTIONS: usize = 1 << 22;
/// Contributions for all.
const ALL_CONTRIBUTIONS: usize = 1 << 27;
/// Rules that are looked at to decide what is granted.
const MOST_STEPS: usize = 1 << 32;

/// A change of what rules grant a type on another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessChange {
    /// Who.
    pub source: Symbol,
    /// To what.
    pub target: Symbol,
    /// Of which class, by its common number.
    pub class: u32,
    /// The permissions, in the common numbering.
    pub permissions: u64,
    /// When they were granted.
    pub before: Condition,
    /// When they are granted now. Equal to `before` where only defaults of booleans make the difference.
    pub after: Condition,
    /// What made the change: a position in [`Effective::causes`].
    pub cause: u32,
}

/// A statement that makes changes. In the order in which a change is attributed, where several would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// A type that the older policy does not have.
    TypeAdded(Symbol),
    /// A type that the newer one does not have.
    TypeRemoved(Symbol),
    /// A type (first) that both have became a member of an attribute (second).
    Joined(Symbol, Symbol),
    /// A type that both have ceased to be one.
    Left(Symbol, Symbol),
    /// The defaults of booleans changed, and with them whether this condition holds.
    Flipped(Condition),
    /// Rules are under another condition: before, after.
    Moved(Condition, Condition),
    /// A rule grants what it did not: its position in the table of rules.
    RuleAdded(u32),
    /// A rule no longer grants what it did.
    RuleRemoved(u32),
    /// Rules of several types about themselves grant the same that they did not: the first of them. The compiler makes one
    /// for each type of a rule about `self`.
    SelfAdded(u32),
    /// They no longer grant it.
    SelfRemoved(u32),
    /// The bounds of a type, or what they are compared with.
    Bounds(Symbol),
}

/// All changes, with their causes.
#[derive(Debug, Default)]
pub struct Effective {
    /// By source, class, target and permissions.
    pub changes: Vec<AccessChange>,
    /// What made them.
    pub causes: Vec<Cause>,
    /// Whether there are more, which no honest policies have.
    pub truncated: bool,
}

/// What a statement says of a class and a target in one policy and not, or not so, in the other.
#[derive(Clone, Copy, Debug)]
struct Contribution {
    class: u32,
    target: Symbol,
    cause: Cause,
    which: Which,
    condition: Condition,
    mask: u64,
}

/// Which types a symbol stands for in one policy only.
#[derive(Debug, Default)]
struct MemberChange {
    lost: Vec<Symbol>,
    gained: Vec<Symbol>,
}

/// Permissions by the condition under which they are granted; no permission stands twice.
type Parts = Vec<(Condition, u64)>;

struct Search<'a, 's, 'p> {
    matching: &'a Matching<'s, 'p>,
    conditions: &'a mut ConditionTable,
    table: &'a RuleTable,
    /// By symbol; `None` where nothing changed.
    member_changes: Vec<Option<MemberChange>>,
    /// By symbol: the positions of its rules that can change something for those for whom it stands in both policies.
    active: Vec<Vec<u32>>,
    /// By symbol: the type that bounds it.
    bounds: Both<Vec<Option<Symbol>>>,
    cause_numbers: HashMap<Cause, u32>,
    /// Rules about the source itself by what they say: class, condition, permissions, and whether they were added.
    self_rules: HashMap<(u32, Condition, u64, bool), u32>,
    found: Effective,
    /// Changes, contributions and steps that are left.
    budget: [usize; 3],
}

/// All changes of what the rules of one kind say of some sources, ascending. Bounds are applied to `allow` alone.
pub(super) fn effective(
    matching: &Matching<'_, '_>,
    conditions: &mut ConditionTable,
    table: &RuleTable,
    sources: &[Symbol],
    are_bounded: bool,
) -> Effective {
    let member_changes: Vec<Option<MemberChange>> =
        matching.symbols().map(|symbol| member_change(matching, symbol)).collect();
    let is_active = |rule: &JoinedRule| {
        !rule.is_equal()
            || conditions.flips(rule.condition)
            || member_changes.get(rule.target.index()).is_some_and(Option::is_some)
    };
    let active = matching.symbols().map(|symbol| {
        let range = table.range_of(symbol);
        let rules = (0u32..).zip(table.all()).skip(range.start).take(range.len());
        rules.filter(|(_, rule)| is_active(rule)).map(|(at, _)| at).collect()
    });
    let active = active.collect();
    let bounds = Both::of(|which| {
        let bound_of = |symbol| {
            if !are_bounded {
                return None;
            }
            let id = matching.id(which, symbol)?;
            let (_, own) = matching.store(which).policy().type_symbol(id)?;
            matching.symbol(which, own.bounds?)
        };
        matching.symbols().map(bound_of).collect()
    });
    let n_bytes: usize = Which::BOTH.into_iter().map(|which| matching.store(which).policy().n_bytes()).sum();
    let n_changes = n_bytes.saturating_mul(CHANGES_A_BYTE).max(FEW_CHANGES);
    let mut search = Search {
        budget: [n_changes, ALL_CONTRIBUTIONS, MOST_STEPS],
        matching,
        conditions,
        table,
        member_changes,
        active,
        bounds,
        cause_numbers: HashMap::new(),
        self_rules: HashMap::new(),
        found: Effective::default(),
    };
    for &source in sources {
        if search.budget.contains(&0) {
            search.found.truncated = true;
            break;
        }
        search.of_source(source);
    }
    search.found
}

fn member_change(matching: &Matching<'_, '_>, symbol: Symbol) -> Option<MemberChange> {
    if !matching.is_attribute(symbol) {
        let of = |which: Which| if matching.has(which, symbol) { vec![] } else { vec![symbol] };
        let change = MemberChange { lost: of(Which::New), gained: of(Which::Old) };
        return Some(change).filter(|change| !change.lost.is_empty() || !change.gained.is_empty());
    }
    let only = |which: Which| -> Vec<Symbol> {
        let there = |member: &Symbol| !matching.stands_for(which.other(), symbol, *member);
        matching.types_of(which, symbol).filter(there).collect()
    };
    let change = MemberChange { lost: only(Which::Old), gained: only(Which::New) };
    Some(change).filter(|change| !change.lost.is_empty() || !change.gained.is_empty())
}

impl Search<'_, '_, '_> {
    fn of_source(&mut self, source: Symbol) {
        let mut contributions = Vec::new();
        let symbols = Both::of(|which| self.matching.symbols_of(which, source));
        for symbol in merged(symbols.old, symbols.new) {
            let is_in = Both::of(|which| symbols.get(which).binary_search(&symbol).is_ok());
            match (is_in.old, is_in.new) {
                (true, true) => self.stable(symbol, &mut contributions),
                (true, false) => self.one_sided(source, symbol, Which::Old, &mut contributions),
                (false, true) => self.one_sided(source, symbol, Which::New, &mut contributions),
                (false, false) => {}
            }
        }
        let is_bounded = Which::BOTH.into_iter().any(|which| self.bound_of(which, source).is_some());
        if is_bounded {
            self.everything(source, &mut contributions);
        }
        let [changes, all, _] = &mut self.budget;
        *all = all.saturating_sub(contributions.len());
        // A source of which too much would have to be said is not spoken of by halves.
        if contributions.len() >= MOST_CONTRIBUTIONS || *changes == 0 {
            self.found.truncated = true;
            return;
        }
        contributions.sort_unstable_by_key(|one| (one.class, one.target, one.cause, one.which));
        for run in contributions.chunk_by(|a, b| (a.class, a.target) == (b.class, b.target)) {
            if self.budget.contains(&0) {
                self.found.truncated = true;
                return;
            }
            self.decide(source, run, is_bounded);
        }
    }

    /// What rules contribute whose source symbol stands for the source in both policies.
    fn stable(&self, symbol: Symbol, out: &mut Vec<Contribution>) {
        let rules = self.active.get(symbol.index()).map(Vec::as_slice).unwrap_or_default();
        for &at in rules {
            let Some(rule) = self.table.all().get(at as usize) else { continue };
            if out.len() >= MOST_CONTRIBUTIONS {
                return;
            }
            let (class, condition) = (rule.class, rule.condition);
            if let Some(Some(change)) = self.member_changes.get(rule.target.index()) {
                for (which, types) in [(Which::Old, &change.lost), (Which::New, &change.gained)] {
                    let mask = *rule.masks.get(which);
                    for &target in types.iter().filter(|_| mask != 0) {
                        let cause = self.of_target(which, target, rule.target);
                        out.push(Contribution { class, target, cause, which, condition, mask });
                    }
                }
            }
            let masks = Both { old: rule.masks.old & !rule.masks.new, new: rule.masks.new & !rule.masks.old };
            let flipping = if self.conditions.flips(condition) { rule.masks.old & rule.masks.new } else { 0 };
            if masks.old | masks.new | flipping == 0 {
                continue;
            }
            let kept = self.matching.types_of(Which::Old, rule.target);
            for target in kept.filter(|target| self.matching.stands_for(Which::New, rule.target, *target)) {
                for (which, mask, cause) in [
                    (Which::Old, masks.old, Cause::RuleRemoved(at)),
                    (Which::New, masks.new, Cause::RuleAdded(at)),
                    (Which::Old, flipping, Cause::Flipped(condition)),
                    (Which::New, flipping, Cause::Flipped(condition)),
                ] {
                    if mask != 0 {
                        out.push(Contribution { class, target, cause, which, condition, mask });
                    }
                }
            }
        }
    }

    /// What rules contribute whose source symbol stands for the source in one policy only.
    fn one_sided(&self, source: Symbol, symbol: Symbol, which: Which, out: &mut Vec<Contribution>) {
        let of_source = self.of_target(which, source, symbol);
        for rule in self.table.of(symbol) {
            let mask = *rule.masks.get(which);
            if mask == 0 {
                continue;
            }
            if out.len() >= MOST_CONTRIBUTIONS {
                return;
            }
            for target in self.matching.types_of(which, rule.target) {
                // That the source is new explains all it is granted; else that the target is.
                let cause = match of_source {
                    Cause::TypeAdded(_) | Cause::TypeRemoved(_) => of_source,
                    _ if !self.matching.has(which.other(), target) => {
                        self.of_target(which, target, rule.target)
                    }
                    _ => of_source,
                };
                let (class, condition) = (rule.class, rule.condition);
                out.push(Contribution { class, target, cause, which, condition, mask });
            }
        }
    }

    /// All that rules say of a source, so that every class and target of which they do is decided.
    fn everything(&self, source: Symbol, out: &mut Vec<Contribution>) {
        for which in Which::BOTH {
            for symbol in self.matching.symbols_of(which, source) {
                for rule in self.table.of(*symbol) {
                    if out.len() >= MOST_CONTRIBUTIONS {
                        return;
                    }
                    let mask = *rule.masks.get(which);
                    let targets = self.matching.types_of(which, rule.target).filter(|_| mask != 0);
                    let (class, condition, cause) = (rule.class, rule.condition, Cause::Bounds(source));
                    out.extend(targets.map(|target| Contribution {
                        class,
                        target,
                        cause,
                        which,
                        condition,
                        mask,
                    }));
                }
            }
        }
    }

    /// Why a symbol stands for a type in one policy only.
    fn of_target(&self, which: Which, target: Symbol, symbol: Symbol) -> Cause {
        match (which, self.matching.has(which.other(), target)) {
            (Which::Old, false) => Cause::TypeRemoved(target),
            (Which::New, false) => Cause::TypeAdded(target),
            (Which::Old, true) => Cause::Left(target, symbol),
            (Which::New, true) => Cause::Joined(target, symbol),
        }
    }

    /// Works out what changed of one class and target, and attributes it.
    fn decide(&mut self, source: Symbol, run: &[Contribution], is_bounded: bool) {
        let Some(&Contribution { class, target, .. }) = run.first() else { return };
        let wanted = run.iter().fold(0, |all, one| all | one.mask);
        let parts = Both::of(|which| {
            let knows = |symbol| self.matching.has(which, symbol);
            if !knows(source) || !knows(target) {
                return Parts::new();
            }
            let is_whole = !self.matching.in_both(source) || !self.matching.in_both(target);
            if is_whole && !is_bounded {
                // All that this policy says of the two is among the contributions.
                let mut parts = Parts::new();
                for one in run.iter().filter(|one| one.which == which) {
                    add(self.conditions, &mut parts, one.condition, one.mask);
                }
                return parts;
            }
            self.granted(which, (source, target), class, wanted, 0)
        });
        let parts = Both::of(|which| {
            let mut parts = parts.get(which).clone();
            let rest = parts.iter().fold(wanted, |rest, (_, mask)| rest & !mask);
            if rest != 0 {
                parts.push((Condition::NEVER, rest));
            }
            parts
        });
        for &(before, old) in &parts.old {
            for &(after, new) in &parts.new {
                let mask = old & new;
                if mask != 0 && (before != after || self.conditions.flips(before)) {
                    self.attribute((source, target), class, mask, (before, after), run);
                }
            }
        }
    }

    /// Says which statements made a change.
    fn attribute(
        &mut self,
        (source, target): (Symbol, Symbol),
        class: u32,
        mask: u64,
        (before, after): (Condition, Condition),
        run: &[Contribution],
    ) {
        let fits = |one: &&Contribution| match (before, after) {
            (Condition::NEVER, _) => one.which == Which::New,
            (_, Condition::NEVER) => one.which == Which::Old,
            _ => true,
        };
        let mut left = mask;
        for one in run.iter().filter(fits) {
            let permissions = one.mask & left;
            if permissions == 0 {
                continue;
            }
            left &= !permissions;
            let is_rule = matches!(one.cause, Cause::RuleAdded(_) | Cause::RuleRemoved(_));
            let is_move = before != after && before != Condition::NEVER && after != Condition::NEVER;
            let cause = match one.cause {
                _ if is_rule && is_move => Cause::Moved(before, after),
                Cause::RuleAdded(at) => self.of_self(at, Which::New).map_or(one.cause, Cause::SelfAdded),
                Cause::RuleRemoved(at) => self.of_self(at, Which::Old).map_or(one.cause, Cause::SelfRemoved),
                cause => cause,
            };
            self.push(AccessChange { source, target, class, permissions, before, after, cause: 0 }, cause);
        }
        if left != 0 {
            let change = AccessChange { source, target, class, permissions: left, before, after, cause: 0 };
            self.push(change, Cause::Bounds(source));
        }
    }

    /// For a rule of a type about itself, the first one that says the same.
    fn of_self(&mut self, at: u32, which: Which) -> Option<u32> {
        let rule = self.table.all().get(at as usize).filter(|rule| rule.source == rule.target)?;
        if self.matching.is_attribute(rule.source) {
            return None;
        }
        let mask = rule.masks.get(which) & !rule.masks.get(which.other());
        let key = (rule.class, rule.condition, mask, which == Which::New);
        Some(*self.self_rules.entry(key).or_insert(at))
    }

    fn push(&mut self, change: AccessChange, cause: Cause) {
        let next = u32::try_from(self.found.causes.len()).unwrap_or(u32::MAX);
        let number = *self.cause_numbers.entry(cause).or_insert(next);
        if number == next {
            self.found.causes.push(cause);
        }
        self.found.changes.push(AccessChange { cause: number, ..change });
        let [changes, ..] = &mut self.budget;
        *changes = changes.saturating_sub(1);
    }

    /// When a policy grants which of the wanted permissions, bounds applied.
    fn granted(
        &mut self,
        which: Which,
        (source, target): (Symbol, Symbol),
        class: u32,
        wanted: u64,
        depth: usize,
    ) -> Parts {
        let mut parts = self.by_rules(which, (source, target), class, wanted);
        let Some(bound) = self.bound_of(which, source).filter(|_| depth < DEEPEST_BOUNDS) else {
            return parts;
        };
        let target = self.bound_of(which, target).unwrap_or(target);
        let bounding = self.granted(which, (bound, target), class, wanted, depth + 1);
        let mut bounded = Parts::new();
        for (condition, mask) in parts.drain(..) {
            for (other, theirs) in &bounding {
                if mask & theirs != 0 {
                    let both = self.conditions.intersection(condition, *other);
                    if both != Condition::NEVER {
                        bounded.push((both, mask & theirs));
                    }
                }
            }
        }
        bounded
    }

    /// When the rules of a policy grant which of the wanted permissions.
    fn by_rules(
        &mut self,
        which: Which,
        (source, target): (Symbol, Symbol),
        class: u32,
        wanted: u64,
    ) -> Parts {
        let matching = self.matching;
        let (mut always, mut depending) = (0u64, Parts::new());
        for symbol in matching.symbols_of(which, source) {
            let rules = self.table.about(*symbol, class);
            let [.., steps] = &mut self.budget;
            *steps = steps.saturating_sub(rules.len());
            for rule in rules {
                let mask = rule.masks.get(which) & wanted & !always;
                if mask == 0 || !matching.stands_for(which, rule.target, target) {
                    continue;
                }
                match rule.condition {
                    Condition::ALWAYS => always |= mask,
                    condition => depending.push((condition, mask)),
                }
            }
            if always == wanted {
                break;
            }
        }
        let mut parts = Parts::new();
        if always != 0 {
            parts.push((Condition::ALWAYS, always));
        }
        for (condition, mask) in depending {
            add(self.conditions, &mut parts, condition, mask & !always);
        }
        parts
    }

    fn bound_of(&self, which: Which, symbol: Symbol) -> Option<Symbol> {
        self.bounds.get(which).get(symbol.index()).copied().flatten()
    }
}

/// Adds permissions that are granted under a condition.
fn add(conditions: &mut ConditionTable, parts: &mut Parts, condition: Condition, mask: u64) {
    let mut left = mask;
    for at in 0..parts.len() {
        let Some((known, theirs)) = parts.get_mut(at) else { break };
        let shared = *theirs & left;
        if shared == 0 {
            continue;
        }
        left &= !shared;
        let union = conditions.union(*known, condition);
        if union != *known {
            *theirs &= !shared;
            push_part(parts, union, shared);
        }
    }
    if left != 0 {
        push_part(parts, condition, left);
    }
    parts.retain(|(_, mask)| *mask != 0);
}

fn push_part(parts: &mut Parts, condition: Condition, mask: u64) {
    match parts.iter_mut().find(|(known, _)| *known == condition) {
        Some((_, theirs)) => *theirs |= mask,
        None => parts.push((condition, mask)),
    }
}

/// Two ascending lists as one.
fn merged(old: &[Symbol], new: &[Symbol]) -> Vec<Symbol> {
    let mut all: Vec<Symbol> = old.iter().chain(new).copied().collect();
    all.sort_unstable();
    all.dedup();
    all
}
