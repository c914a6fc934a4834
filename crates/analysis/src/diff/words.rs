//! What a comparison found in words: statements with what was added or taken away, and causes.

use std::collections::{HashMap, VecDeque};

use avstore::ComponentKind;
use policydb::HandleUnknown;

use super::Comparison;
use super::both::Which;
use super::effective::Cause;
use super::matching::Symbol;
use super::meaning::Meaning;
use super::rules::JoinedRule;
use super::transitions::TransitionChange;
use super::xperms::XpermChange;
use super::{Condition, ConstrainedChange, ConstraintChange};

/// Names, and how many more there are.
pub(super) fn joined(names: impl ExactSizeIterator<Item = impl AsRef<str>>, most: usize) -> String {
    let n_names = names.len();
    let mut shown: Vec<String> = names.take(most).map(|name| name.as_ref().to_owned()).collect();
    if n_names > most {
        shown.push(format!("… {} more", n_names - most));
    }
    shown.join(", ")
}

/// Constraints that differ: for each expression and change once. Where one went and another one came for the same classes
/// and permissions, it is said that the one became the other.
pub(super) fn constraint_texts(
    comparison: &Comparison<'_, '_>,
    is_wanted: &dyn Fn(&ConstraintChange) -> bool,
) -> Vec<ConstraintText> {
    let mut texts: Vec<ConstraintText> = Vec::new();
    let mut known: HashMap<(&'static str, String), usize> = HashMap::new();
    for change in comparison.constraints.iter().filter(|change| is_wanted(change)) {
        for which in [Which::Old, Which::New] {
            if let Some(what) = class_text(comparison, change, which) {
                let id = if which == Which::Old { REMOVED } else { ADDED };
                let expression = format!("{} ({})", change.kind.keyword(), change.text);
                let class = comparison.matching.class_name(change.class);
                let at = *known.entry((id, expression.clone())).or_insert(texts.len());
                match texts.get_mut(at) {
                    Some(text) => text.of.push((class, what)),
                    None => texts.push(ConstraintText {
                        id,
                        attributes: named_text(comparison, change, which),
                        of: vec![(class, what)],
                        kind: change.kind,
                        before: None,
                        meaning: change.meaning.clone(),
                        expression,
                    }),
                }
            }
        }
    }
    let (removed, mut kept): (Vec<_>, Vec<_>) = texts.into_iter().partition(|text| text.id == REMOVED);
    let place = |text: &ConstraintText| -> Place { (text.kind.keyword(), text.of.clone()) };
    let mut added: HashMap<Place, VecDeque<usize>> = HashMap::new();
    for (at, text) in kept.iter().enumerate() {
        added.entry(place(text)).or_default().push_back(at);
    }
    let mut gone = Vec::new();
    for old in removed {
        let became = added.get_mut(&place(&old)).and_then(VecDeque::pop_front);
        let Some(new) = became.and_then(|at| kept.get_mut(at)) else {
            gone.push(old);
            continue;
        };
        let is_tighter = new.meaning.implies(&old.meaning) == Some(true);
        new.id = if is_tighter { "constraint_tightened" } else { "constraint_changed" };
        new.before = Some(old.expression);
    }
    gone.extend(kept);
    gone
}

/// What a constraint is about: its keyword, and classes with permissions.
type Place = (&'static str, Vec<(String, String)>);

const REMOVED: &str = "constraint_removed";
const ADDED: &str = "constraint_added";

/// A constraint that came or went, for some classes.
pub(super) struct ConstraintText {
    pub(super) id: &'static str,
    kind: ComponentKind,
    expression: String,
    meaning: Meaning,
    /// The expression that was there before.
    before: Option<String>,
    /// The attributes that it names, with the number of their types.
    attributes: String,
    /// Classes by name, and each with its permissions.
    of: Vec<(String, String)>,
}

impl ConstraintText {
    /// The sign before it in a list.
    fn sign(&self) -> char {
        match self.id {
            REMOVED => '-',
            ADDED => '+',
            _ => '~',
        }
    }

    /// Everything.
    fn whole(&self) -> String {
        let of: Vec<&str> = self.of.iter().map(|(_, what)| what.as_str()).collect();
        let was = self.before.as_ref().map_or_else(String::new, |before| format!("; was {before}"));
        format!("{} on {}{was}", self.expression, of.join(", "))
    }

    /// A line or two.
    pub(super) fn short(&self) -> String {
        const FEW: usize = 3;
        let of = if self.of.len() <= FEW {
            joined(self.of.iter().map(|(_, what)| what), FEW)
        } else {
            format!("{} classes: {}", self.of.len(), joined(self.of.iter().map(|(class, _)| class), FEW))
        };
        let attributes = if self.attributes.is_empty() {
            String::new()
        } else {
            format!("; it names {}", self.attributes)
        };
        if let Some(before) = &self.before {
            return format!("a constraint on {of} changed from {before} to {}{attributes}", self.expression);
        }
        let verb = if self.id == REMOVED { "is gone for" } else { "is new for" };
        format!("a constraint {verb} {of}: {}{attributes}", self.expression)
    }
}

/// The attributes that a constraint names, each with how many types have it.
fn named_text(comparison: &Comparison<'_, '_>, change: &ConstraintChange, which: Which) -> String {
    let matching = &comparison.matching;
    let names: Vec<String> = change
        .attributes
        .iter()
        .map(|attribute| {
            let n_types = matching.types_of(which, *attribute).count();
            format!("{} ({n_types} types)", matching.name(*attribute))
        })
        .collect();
    joined(names.iter(), 3)
}

/// A type that joined or left an attribute that constraints name, and what that means.
pub(super) fn constrained_text(comparison: &Comparison<'_, '_>, change: &ConstrainedChange) -> String {
    let matching = &comparison.matching;
    let (name, attribute) = (matching.name(change.r#type), matching.name(change.attribute));
    let verb = if change.joined { "joined" } else { "left" };
    format!("{name} {verb} {attribute}: {}", binding_text(change, "it"))
}

/// What it means that a type joined or left an attribute.
fn binding_text(change: &ConstrainedChange, attribute: &str) -> String {
    let (constraints, name, bind) = match change.n_constraints {
        1 => ("1 constraint".to_owned(), "names", "binds"),
        n => (format!("{n} constraints"), "name", "bind"),
    };
    let means = if change.loosens { format!("no longer {bind}") } else { format!("now {bind}") };
    format!("{constraints} that {name} {attribute} {means} it")
}

/// The class and permissions that a constraint has in one policy only.
fn class_text(comparison: &Comparison<'_, '_>, change: &ConstraintChange, which: Which) -> Option<String> {
    let matching = &comparison.matching;
    let class = matching.class_name(change.class);
    let mask = *change.permissions.get(which);
    let is_only = *change.has.get(which) && !*change.has.get(which.other());
    if mask == 0 {
        // `validatetrans` has no permissions.
        return (is_only && *change.permissions.get(which.other()) == 0).then_some(class);
    }
    Some(format!("{class} {}", braced(&matching.permission_names(change.class, mask))))
}

/// One word as it is, several in braces.
fn braced(words: &[&str]) -> String {
    match words {
        [one] => (*one).to_owned(),
        several => format!("{{ {} }}", several.join(" ")),
    }
}

/// Ranges of commands, in braces if there are several.
fn ranges_text(ranges: &[(u16, u16)]) -> String {
    let texts: Vec<String> = ranges
        .iter()
        .map(
            |(low, high)| if low == high { format!("{low:#06x}") } else { format!("{low:#06x}-{high:#06x}") },
        )
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    braced(&texts)
}

/// An extended rule that differs, with the commands that only one policy lists.
pub(super) fn xperm_text(comparison: &Comparison<'_, '_>, change: &XpermChange) -> String {
    let matching = &comparison.matching;
    let rule = format!(
        "{} {} {}:{} {}",
        change.kind.keyword(),
        matching.name(change.source),
        matching.name(change.target),
        matching.class_name(change.class),
        change.operation
    );
    let condition = condition_suffix(comparison, change.condition);
    let mut parts = Vec::new();
    if !change.only.new.is_empty() {
        parts.push(format!("+ {}", ranges_text(&change.only.new)));
    }
    if !change.only.old.is_empty() {
        parts.push(format!("- {}", ranges_text(&change.only.old)));
    }
    let first = match (change.has_any.old, change.has_any.new) {
        (false, true) => "; commands were not checked by it before",
        (true, false) => "; it checks no commands any more",
        _ => "",
    };
    let more = |n: usize, one: &str, many: &str| match n.saturating_sub(1) {
        0 => None,
        1 => Some(format!("1 more {one}")),
        n => Some(format!("{n} more {many}")),
    };
    let through = change.through.as_ref().map_or_else(String::new, |through| {
        let sources = more(through.sources.len(), "source", "sources");
        let targets = more(through.targets.len(), "target", "targets");
        let others: Vec<String> = sources.into_iter().chain(targets).collect();
        let others =
            if others.is_empty() { String::new() } else { format!(", as for {}", others.join(" and ")) };
        format!("; through an attribute{others}")
    });
    format!("{rule} {}{condition}{first}{through}", parts.join(" "))
}

fn condition_suffix(comparison: &Comparison<'_, '_>, condition: Condition) -> String {
    if condition.depends() {
        format!(" [ {} ]", comparison.conditions.text(condition))
    } else {
        String::new()
    }
}

impl Comparison<'_, '_> {
    /// A rule with some of its permissions, as a statement.
    pub fn rule_text(&self, rule: &JoinedRule, permissions: u64) -> String {
        let matching = &self.matching;
        format!(
            "allow {} {}:{} {};{}",
            matching.name(rule.source),
            matching.name(rule.target),
            matching.class_name(rule.class),
            braced(&matching.permission_names(rule.class, permissions)),
            condition_suffix(self, rule.condition)
        )
    }

    /// How what a policy does not define is handled, in words, where that differs.
    pub fn unknown_text(&self) -> Option<String> {
        let word = |handle: HandleUnknown| match handle {
            HandleUnknown::Allow => "allowed",
            HandleUnknown::Deny => "denied",
            HandleUnknown::Reject => "a reason to refuse the policy",
        };
        let both = self.handle_unknown?;
        Some(format!(
            "classes and permissions that the policy does not define were {}, and are {}",
            word(both.old),
            word(both.new)
        ))
    }

    /// Permissions of a class as a statement has them.
    pub fn permissions_text(&self, class: u32, permissions: u64) -> String {
        braced(&self.matching.permission_names(class, permissions))
    }

    /// An extended rule that differs, in words.
    pub fn xperm_text(&self, change: &XpermChange) -> String {
        xperm_text(self, change)
    }

    /// Whether a difference of extended permissions is about a domain.
    pub fn is_about(&self, change: &XpermChange, domain: Symbol) -> bool {
        change.applies(&self.matching, domain, None)
    }

    /// Extended rules that both policies have and that newly apply to a domain, or no longer do, because it or a target joined
    /// or left an attribute: in words, with a sign before.
    pub fn xperms_by_membership(&self, domain: Symbol) -> Vec<String> {
        self.membership_texts(domain, &|_, _| false)
    }

    /// Those of them of which no difference that is told anyway names the commands.
    pub fn other_xperms_by_membership(&self, domain: Symbol) -> Vec<String> {
        let told: Vec<&XpermChange> = self
            .xperms
            .iter()
            .filter(|change| change.through.is_some() && self.is_about(change, domain))
            .collect();
        self.membership_texts(domain, &|rule, target| {
            told.iter().any(|change| {
                (change.kind, change.class, change.operation) == (rule.kind, rule.class, rule.operation)
                    && change.applies(&self.matching, domain, Some(target))
            })
        })
    }

    fn membership_texts(
        &self,
        domain: Symbol,
        is_told: &dyn Fn(&super::xperms::KeptXperm, Symbol) -> bool,
    ) -> Vec<String> {
        let matching = &self.matching;
        let mut texts = Vec::new();
        for rule in &self.kept_xperms {
            let applies = |which: Which| matching.stands_for(which, rule.source, domain);
            let types = |which: Which| -> Vec<Symbol> { matching.types_of(which, rule.target).collect() };
            let of = |which: Which| if applies(which) { types(which) } else { Vec::new() };
            let (old, new) = (of(Which::Old), of(Which::New));
            for (sign, these, those) in [('+', &new, &old), ('-', &old, &new)] {
                let only = these.iter().copied();
                let only =
                    only.filter(|target| those.binary_search(target).is_err() && !is_told(rule, *target));
                let names = self.names(only);
                if !names.is_empty() {
                    texts.push(format!(
                        "{sign} {} {} {}:{} {} for {}",
                        rule.kind.keyword(),
                        matching.name(rule.source),
                        matching.name(rule.target),
                        matching.class_name(rule.class),
                        rule.operation,
                        joined(names.iter(), 4)
                    ));
                }
            }
        }
        texts
    }

    /// A type rule that differs, in words.
    pub fn transition_text(&self, change: &TransitionChange<'_>) -> String {
        let matching = &self.matching;
        let name = |symbol: Symbol| matching.name(symbol);
        let file_name = change.name.map_or_else(String::new, |name| format!(" \"{name}\""));
        let key = format!(
            "{} {} {}:{}",
            change.kind.keyword(),
            name(change.source),
            name(change.target),
            matching.class_name(change.class)
        );
        let condition = condition_suffix(self, change.condition);
        match (change.default.old, change.default.new) {
            (Some(old), Some(new)) => {
                format!("{key} {}{file_name}; was {}{condition}", name(new), name(old))
            }
            (None, Some(new)) => format!("{key} {}{file_name};{condition}", name(new)),
            (Some(old), None) => format!("{key} {}{file_name};{condition}", name(old)),
            (None, None) => key,
        }
    }

    /// Constraints that differ, each expression once: its sign, which is `~` where one became another, and words.
    pub fn constraint_texts(&self) -> Vec<(char, String)> {
        let texts = constraint_texts(self, &|_| true);
        texts.iter().map(|text| (text.sign(), text.whole())).collect()
    }

    /// What it means for a type that it joined or left an attribute: how many constraints name that one, and whether they bind.
    pub fn binding_text(&self, change: &ConstrainedChange) -> String {
        binding_text(change, &self.matching.name(change.attribute))
    }

    /// A type that joined or left an attribute that constraints name, in words.
    pub fn constrained_text(&self, change: &ConstrainedChange) -> String {
        constrained_text(self, change)
    }

    /// Constraints that came or went and name an attribute of a domain that is granted what they constrain, by rules: in words.
    pub fn constraints_on(&self, domain: Symbol) -> Vec<String> {
        let mut texts = Vec::new();
        for change in &self.constraints {
            let names = |attribute: &Symbol| {
                Which::BOTH.into_iter().any(|which| self.matching.stands_for(which, *attribute, domain))
            };
            if !change.attributes.iter().any(names) {
                continue;
            }
            for (which, verb) in [(Which::New, "now"), (Which::Old, "no longer")] {
                let granted = self.granted_by_rules(domain, change.class);
                let mask = change.permissions.get(which) & granted;
                if mask != 0 {
                    let class = self.matching.class_name(change.class);
                    let permissions = self.permissions_text(change.class, mask);
                    texts.push(format!("{class} {permissions} {verb} constrained by ({})", change.text));
                }
            }
        }
        texts
    }

    /// All permissions of a class that rules of the newer policy grant a domain on any target, whatever the booleans are.
    fn granted_by_rules(&self, domain: Symbol, class: u32) -> u64 {
        let symbols = self.matching.symbols_of(Which::New, domain).iter();
        symbols.flat_map(|symbol| self.allow.about(*symbol, class)).fold(0, |all, rule| all | rule.masks.new)
    }

    /// A cause in words: a sentence without an end.
    pub fn cause_text(&self, cause: Cause) -> String {
        let matching = &self.matching;
        let name = |symbol: Symbol| matching.name(symbol);
        match cause {
            Cause::TypeAdded(symbol) if self.is_domain(symbol) => format!("new domain {}", name(symbol)),
            Cause::TypeAdded(symbol) => format!("new type {}{}", name(symbol), self.attributes_text(symbol)),
            Cause::TypeRemoved(symbol) if self.is_domain(symbol) => {
                format!("domain {} is gone", name(symbol))
            }
            Cause::TypeRemoved(symbol) => format!("type {} is gone", name(symbol)),
            Cause::Joined(symbol, attribute) => {
                format!("{} joined {}", name(symbol), self.attribute_text(attribute))
            }
            Cause::Left(symbol, attribute) => {
                format!("{} left {}", name(symbol), self.attribute_text(attribute))
            }
            Cause::Flipped(condition) => {
                let now =
                    if self.conditions.now(condition, Which::New) { "holds" } else { "no longer holds" };
                format!("default changed: {} {now}", self.conditions.text(condition))
            }
            Cause::Moved(before, after) => self.moved_text(before, after),
            Cause::RuleAdded(at) => self.rule_cause(at, Which::New),
            Cause::RuleRemoved(at) => self.rule_cause(at, Which::Old),
            Cause::SelfAdded(at) => self.self_cause(at, Which::New),
            Cause::SelfRemoved(at) => self.self_cause(at, Which::Old),
            Cause::Bounds(symbol) => format!("the bounds of {}", name(symbol)),
        }
    }

    /// The attributes of a new type, in parentheses.
    fn attributes_text(&self, symbol: Symbol) -> String {
        let attributes = self.matching.symbols_of(Which::New, symbol).iter().copied();
        let named = attributes.filter(|own| *own != symbol && !self.matching.is_made_up(*own));
        let names = self.names(named);
        if names.is_empty() { String::new() } else { format!(" ({})", joined(names.iter(), 4)) }
    }

    /// An attribute; one whose name the compiler made up stands for a set as a rule's source has it.
    fn attribute_text(&self, attribute: Symbol) -> String {
        let name = self.matching.name(attribute);
        if self.matching.is_made_up(attribute) { format!("the set of a rule ({name})") } else { name }
    }

    fn moved_text(&self, before: Condition, after: Condition) -> String {
        let state = |condition, which| if self.conditions.now(condition, which) { "on" } else { "off" };
        let text = |condition| self.conditions.text(condition);
        match (before, after) {
            (Condition::ALWAYS, after) => {
                format!("moved behind {} (default {})", text(after), state(after, Which::New))
            }
            (before, Condition::ALWAYS) => {
                format!("no longer behind {} (default was {})", text(before), state(before, Which::Old))
            }
            (before, after) => format!(
                "moved from behind {} ({}) to behind {} ({})",
                text(before),
                state(before, Which::Old),
                text(after),
                state(after, Which::New)
            ),
        }
    }

    fn self_cause(&self, at: u32, which: Which) -> String {
        let Some(rule) = self.rule(at) else { return String::new() };
        let mask = rule.masks.get(which) & !rule.masks.get(which.other());
        let verb = if which == Which::New { "added" } else { "removed" };
        format!(
            "{verb} allow … self:{} {};{}",
            self.matching.class_name(rule.class),
            braced(&self.matching.permission_names(rule.class, mask)),
            condition_suffix(self, rule.condition)
        )
    }

    fn rule_cause(&self, at: u32, which: Which) -> String {
        let Some(rule) = self.rule(at) else { return String::new() };
        let mask = rule.masks.get(which) & !rule.masks.get(which.other());
        let verb = if which == Which::New { "added" } else { "removed" };
        format!("{verb} {}", self.rule_text(rule, mask))
    }
}
