//! Commands that the boolean adds or takes: ioctl commands and netlink messages, where extended rules speak of them.
//!
//! Since version 34 such rules can be conditional. The first one about two types and a class has all commands checked
//! (`xperms.rs`), so one that adds a command can take many. And a permission that the boolean adds may be one that
//! extended rules narrow down.

use std::collections::{BTreeMap, HashMap};

use avstore::{Branch, Grouped, Rule, Store};
use policydb::{ClassId, RuleKind, TypeId};

use super::super::Decision;
use super::super::xperms::{Operation, covers};
use super::changes::OfClass;
use super::groups::TypeGroup;
use super::switch::When;
use super::{AccessChange, Switched};

/// Sets of commands that are kept; each has 8 KiB or more.
const MOST_SETS: usize = 1 << 10;

/// Which commands are allowed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Commands {
    /// None: the permission is not granted, or no rule lists one.
    None,
    /// All: no extended rule speaks of them.
    All,
    /// These; both ends included.
    Ranges(Vec<(u16, u16)>),
}

/// Types for which the same commands change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandChange {
    /// The targets.
    pub targets: TypeGroup,
    /// The class.
    pub class: ClassId,
    /// What the commands are.
    pub operation: Operation,
    /// What is allowed with the boolean off.
    pub off: Commands,
    /// What is allowed with the boolean on.
    pub on: Commands,
    /// Whether it depends on what was left open whether the permission is granted.
    pub depends: bool,
}

type Key = (ClassId, bool, Commands, Commands, bool);

/// The extended rules about the domain.
pub(super) struct CommandRules<'p> {
    rules: Vec<(Rule<'p>, When)>,
    /// By the rules that apply, and whether the operation is netlink's.
    sets: HashMap<(Vec<usize>, bool), [Commands; 2]>,
    found: BTreeMap<Key, Vec<TypeId>>,
    pub(super) truncated: bool,
}

impl<'p> CommandRules<'p> {
    /// Of the extended rules with the domain as the source, by position and branch.
    pub(super) fn of(store: &Store<'p>, positions: Vec<(usize, Option<Branch>, When)>) -> Self {
        let rule = |(at, branch, when): (usize, Option<Branch>, When)| {
            let rule = match branch {
                None => Rule::unconditional(store, at),
                Some(branch) => Rule::conditional(store, at, branch),
            };
            rule.map(|rule| (rule, when))
        };
        let rules = positions.into_iter().filter_map(rule).collect();
        CommandRules { rules, sets: HashMap::new(), found: BTreeMap::new(), truncated: false }
    }

    /// The targets of switched extended rules of a class.
    fn switched_targets(&self, class: ClassId) -> impl Iterator<Item = TypeId> + '_ {
        let switched = self.rules.iter().filter(move |(rule, when)| {
            *when != When::Always && matches!(rule, Rule::Av { rule, .. } if rule.class() == class)
        });
        switched.filter_map(|(rule, _)| rule.target_type())
    }

    /// Compares the commands of a class; `changes` are those of its access.
    pub(super) fn compare(
        &mut self,
        of_class: &OfClass<'_, '_, '_, 'p>,
        members: &Grouped<TypeId>,
        changes: &[AccessChange],
    ) {
        let store = of_class.decider.store();
        if !self.rules.iter().any(|(rule, _)| rule.class(store) == Some(of_class.class)) {
            return;
        }
        for operation in [Operation::Ioctl, Operation::Nlmsg] {
            let name: &[u8] = if operation == Operation::Ioctl { b"ioctl" } else { b"nlmsg" };
            let Some(permission) = store.permission_named(of_class.class, name) else { continue };
            let bit = 1 << permission.bit;
            let mut targets = store.empty_set();
            for symbol in self.switched_targets(of_class.class) {
                members.get(symbol.index()).iter().for_each(|id| targets.insert(*id));
            }
            for change in changes {
                let Switched { granted, depends } = change.both();
                if (granted | depends) & bit != 0 {
                    targets.insert(change.other);
                }
            }
            for target in targets.iter() {
                self.compare_one(of_class, operation, bit, target);
            }
        }
    }

    fn compare_one(
        &mut self,
        of_class: &OfClass<'_, '_, '_, 'p>,
        operation: Operation,
        bit: u32,
        target: TypeId,
    ) {
        let decider = of_class.decider;
        let symbols = decider.overlay.symbols_of(decider.store(), target);
        let applies = |(at, (rule, _)): (usize, &(Rule<'p>, When))| {
            let is_about = rule.class(decider.store()) == Some(of_class.class)
                && rule.target_type().is_some_and(|symbol| symbols.contains(symbol));
            is_about.then_some(at)
        };
        let applied: Vec<usize> = self.rules.iter().enumerate().filter_map(applies).collect();
        if applied.is_empty() {
            return;
        }
        let key = (applied, operation == Operation::Nlmsg);
        if !self.sets.contains_key(&key) {
            if self.sets.len() >= MOST_SETS {
                self.truncated = true;
                return;
            }
            let sets = [When::Off, When::On].map(|state| self.commands(&key.0, operation, state));
            self.sets.insert(key.clone(), sets);
        }
        let Some([off, on]) = self.sets.get(&key) else { return };
        let decisions = of_class.decide(target, bit);
        let granted = |decision: &Decision, commands: &Commands| {
            if decision.possible & bit == 0 { Commands::None } else { commands.clone() }
        };
        let (off, on) = (granted(&decisions[0], off), granted(&decisions[1], on));
        if off != on {
            let depends = decisions.iter().any(|found| found.possible & !found.allowed & bit != 0);
            let key = (of_class.class, operation == Operation::Nlmsg, off, on, depends);
            self.found.entry(key).or_default().push(target);
        }
    }

    /// The commands that some rules allow in a state of the boolean.
    fn commands(&self, applied: &[usize], operation: Operation, state: When) -> Commands {
        let rules = applied.iter().filter_map(|at| self.rules.get(*at));
        let in_force: Vec<&Rule<'p>> =
            rules.filter(|(_, when)| *when == When::Always || *when == state).map(|(rule, _)| rule).collect();
        if in_force.is_empty() {
            return Commands::All;
        }
        let allows = |command: u16| {
            in_force.iter().any(|rule| match rule {
                Rule::Av { rule, xperms: Some(xperms), .. } => {
                    rule.kind() == RuleKind::AllowXperm && covers(*xperms, operation, command)
                }
                _ => false,
            })
        };
        let mut ranges: Vec<(u16, u16)> = Vec::new();
        for command in (0..=u16::MAX).filter(|command| allows(*command)) {
            match ranges.last_mut() {
                Some(last) if last.1.checked_add(1) == Some(command) => last.1 = command,
                _ => ranges.push((command, command)),
            }
        }
        match ranges.as_slice() {
            [] => Commands::None,
            [(0, u16::MAX)] => Commands::All,
            _ => Commands::Ranges(ranges),
        }
    }

    /// The changes, in groups.
    pub(super) fn into_changes(self, store: &Store<'_>, members: &Grouped<TypeId>) -> Vec<CommandChange> {
        let change = |((class, is_nlmsg, off, on, depends), types): (Key, Vec<TypeId>)| CommandChange {
            targets: TypeGroup::of(store, members, types),
            class,
            operation: if is_nlmsg { Operation::Nlmsg } else { Operation::Ioctl },
            off,
            on,
            depends,
        };
        self.found.into_iter().map(change).collect()
    }
}
