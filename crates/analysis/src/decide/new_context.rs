//! The label of something new, of something relabelled, of a member of a polyinstantiated object.
//!
//! Source: `security_compute_sid` in the kernel's `ss/services.c` and `mls_compute_sid` in `ss/mls.c`. Each field is
//! decided on its own; for each it is told what decided it. Rules are looked up by exact type: the compiler
//! expanded attributes. O(rules).

use avstore::{Branch, Rule};
use policydb::{ClassId, RoleId, RuleKind, TypeId, UserId};

use super::constraint_value::Contexts;
use super::kernel_classes::is_socket;
use super::proof::Refusal;
use super::{Decider, Side};
use crate::context::{Invalidity, MlsLevel, MlsRange, PartialContext, SecurityContext};

/// Which label is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Labelling {
    /// Of a new object or process: `type_transition`, `role_transition`, `range_transition`.
    Transition,
    /// Of an object that is relabelled for a user's session: `type_change`.
    Change,
    /// Of a member of a polyinstantiated object: `type_member`.
    Member,
}

/// What a field was taken from.
#[derive(Clone, Debug)]
pub enum Origin<'p> {
    /// A rule.
    Rule(Rule<'p>),
    /// The creating context, since the class has no rule and no default that says otherwise.
    Source,
    /// The context of the parent or program.
    Target,
    /// The role of objects.
    ObjectRole,
    /// The low level of the creating context.
    SourceLow,
    /// A `default_user`, `default_role`, `default_type` or `default_range` of the class, as the policy states it.
    Default(&'static str),
}

/// A label, and what decided each field.
#[derive(Clone, Debug)]
pub struct NewContext<'p> {
    /// The label. A field is open if what it is taken from was left open.
    pub context: PartialContext,
    /// What the user was taken from.
    pub user: Origin<'p>,
    /// What the role was taken from.
    pub role: Origin<'p>,
    /// What the type was taken from.
    pub r#type: Origin<'p>,
    /// What the range was taken from; `None` in policies without levels.
    pub range: Option<Origin<'p>>,
    /// Why the label is not valid, if nothing of it is open: in enforcing mode the kernel refuses to make it.
    pub invalid: Vec<Invalidity>,
    /// Whether the ranges of source and target have no sensitivity in common, which the class's default asks for.
    pub no_common_range: bool,
}

/// One question, and what the class says about it.
#[derive(Clone, Copy, Debug)]
struct Question<'a> {
    labelling: Labelling,
    source: &'a PartialContext,
    target: &'a PartialContext,
    class: ClassId,
    name: Option<&'a [u8]>,
    defaults: Defaults,
    /// Whether what the class stands for is like its creator: processes and sockets.
    inherits: bool,
}

/// Defaults of a class. Numbers are those of the file: `DEFAULT_*` in libsepol's `policydb.h`.
#[derive(Clone, Copy, Debug, Default)]
struct Defaults {
    user: u32,
    role: u32,
    r#type: u32,
    range: u32,
}

const DEFAULT_SOURCE: u32 = 1;
const DEFAULT_TARGET: u32 = 2;

impl<'p> Decider<'_, 'p> {
    /// The label that a labelling gives; `name` is the last component of the path, for new objects.
    pub fn new_context(
        &self,
        labelling: Labelling,
        source: &PartialContext,
        target: &PartialContext,
        class: ClassId,
        name: Option<&[u8]>,
    ) -> NewContext<'p> {
        let question = self.question(labelling, source, target, class, name);
        let (user, user_origin) = new_user(question);
        let (role, role_origin) = self.new_role(question);
        let (r#type, type_origin) = self.new_type(question);
        let mut no_common_range = false;
        let (range, range_origin) = if self.rules.has_levels() {
            let (range, origin) = self.new_range(question);
            let range = range.and_then(|range| {
                no_common_range = range.is_none();
                range
            });
            (range, Some(origin))
        } else {
            (None, None)
        };
        let context = PartialContext { user, role, r#type, range };
        let complete: Option<SecurityContext> = context.complete(self.store.policy());
        NewContext {
            invalid: complete.map_or_else(Vec::new, |context| self.rules.invalidities(&context)),
            context,
            user: user_origin,
            role: role_origin,
            r#type: type_origin,
            range: range_origin,
            no_common_range,
        }
    }

    /// The constraints that keep an object from changing its label from `old` to `new`: `validatetrans` and
    /// `mlsvalidatetrans`. `process` is who changes it. Indexes of refusals count those constraints.
    pub fn validate_transition<S: Side>(
        &self,
        old: &S,
        new: &S,
        process: &S,
        class: ClassId,
    ) -> Vec<Refusal> {
        let contexts = Contexts::new(old, new).with_process(process);
        let refusal = |(index, constraint): (usize, super::DecodedConstraint<'p>)| {
            let values = constraint.values(&self.rules, contexts);
            match values.last().copied().flatten() {
                Some(true) => None,
                value => Some(Refusal { index, permissions: 0, certain: value.is_some(), values }),
            }
        };
        self.transition_constraints(class).into_iter().enumerate().filter_map(refusal).collect()
    }

    fn question<'a>(
        &self,
        labelling: Labelling,
        source: &'a PartialContext,
        target: &'a PartialContext,
        class: ClassId,
        name: Option<&'a [u8]>,
    ) -> Question<'a> {
        let inherits = Some(class) == self.store.process_class()
            || self.store.policy().class_name(class).is_some_and(|name| is_socket(name.as_bytes()));
        Question { labelling, source, target, class, name, defaults: self.defaults(class), inherits }
    }

    fn defaults(&self, class: ClassId) -> Defaults {
        let (_, classes) = self.store.policy().classes();
        let found = classes.iter().find(|record| record.value == class.value());
        found.map_or_else(Defaults::default, |record| {
            let [user, role, range] = record.defaults.unwrap_or_default();
            Defaults { user, role, range, r#type: record.default_type.unwrap_or_default() }
        })
    }

    fn new_role(&self, question: Question<'_>) -> (Option<RoleId>, Origin<'p>) {
        let Question { labelling, source, target, class, defaults, inherits, .. } = question;
        if labelling == Labelling::Transition
            && let Some(from) = source.role
        {
            let rules = self.store.policy().role_transitions();
            let mut matching = rules.iter().filter(|rule| {
                rule.role == from
                    && rule.r#type == target.r#type
                    && rule.class.or_else(|| self.store.process_class()) == Some(class)
            });
            if let Some(rule) = matching.next() {
                return (Some(rule.new_role), Origin::Rule(Rule::RoleTransition(rule)));
            }
        }
        match defaults.role {
            DEFAULT_SOURCE => (source.role, Origin::Default("default_role source")),
            DEFAULT_TARGET => (target.role, Origin::Default("default_role target")),
            _ if inherits => (source.role, Origin::Source),
            _ => (Some(RoleId::from_index(0)), Origin::ObjectRole),
        }
    }

    fn new_type(&self, question: Question<'_>) -> (TypeId, Origin<'p>) {
        let Question { labelling, source, target, class, name, .. } = question;
        let policy = self.store.policy();
        if let Some(name) = name {
            let mut found = None;
            policy.filename_transitions().for_each(|rule| {
                let key = (rule.source, rule.target, rule.class, rule.name.as_bytes());
                if key == (source.r#type, target.r#type, class, name) && found.is_none() {
                    found = Some(rule);
                }
            });
            if let Some(rule) = found {
                return (rule.default, Origin::Rule(Rule::Filename(rule)));
            }
        }
        let kind = match labelling {
            Labelling::Transition => RuleKind::TypeTransition,
            Labelling::Change => RuleKind::TypeChange,
            Labelling::Member => RuleKind::TypeMember,
        };
        if let Some(rule) = self.type_rule(kind, source.r#type, target.r#type, class)
            && let Some(default) = rule.default_type()
        {
            return (default, Origin::Rule(rule));
        }
        type_without_rule(question)
    }

    /// The type of something new where no rule speaks of it.
    pub(super) fn type_without_rule(&self, source: TypeId, target: TypeId, class: ClassId) -> TypeId {
        let (source, target) = (PartialContext::of_type(source), PartialContext::of_type(target));
        type_without_rule(self.question(Labelling::Transition, &source, &target, class, None)).0
    }

    /// The rule for exactly these types: one that is always in force, else the first in a branch that is.
    fn type_rule(&self, kind: RuleKind, source: TypeId, target: TypeId, class: ClassId) -> Option<Rule<'p>> {
        let policy = self.store.policy();
        let is_it = |rule: policydb::AvRule| {
            rule.kind() == kind && (rule.source(), rule.target(), rule.class()) == (source, target, class)
        };
        let table = policy.rules();
        if let Some((position, _)) = table.rules(0..table.len()).find(|(_, rule)| is_it(*rule)) {
            return Rule::unconditional(self.store, position);
        }
        (0u32..).zip(policy.conditionals()).find_map(|(conditional, node)| {
            [(true, &node.true_rules), (false, &node.false_rules)].into_iter().find_map(|(when, range)| {
                let branch = Branch { conditional, when };
                let mut rules = policy.conditional_rules().rules(range.clone());
                let (position, _) =
                    rules.find(|(_, rule)| is_it(*rule) && self.conditions.in_force(branch))?;
                Rule::conditional(self.store, position, branch)
            })
        })
    }

    /// The range: `None` if what it is taken from was left open, `Some(None)` if there is none.
    fn new_range(&self, question: Question<'_>) -> (Option<Option<MlsRange>>, Origin<'p>) {
        let Question { labelling, source, target, class, defaults, inherits, .. } = question;
        let low = |side: &PartialContext| {
            side.range.as_ref().map(|range| Some(MlsRange::single(range.low.clone())))
        };
        let high = |side: &PartialContext| {
            side.range.as_ref().map(|range| Some(MlsRange::single(range.high.clone())))
        };
        let whole = |side: &PartialContext| side.range.clone().map(Some);
        if labelling == Labelling::Transition {
            let mut rules = self.store.policy().range_transitions().iter().filter(|rule| {
                (rule.source, rule.target) == (source.r#type, target.r#type)
                    && rule.class.or_else(|| self.store.process_class()) == Some(class)
            });
            if let Some(rule) = rules.next() {
                let range = MlsRange::of(rule.range);
                return (Some(Some(range)), Origin::Rule(Rule::RangeTransition(Box::new(rule))));
            }
            let by_default = match defaults.range {
                1 => Some((low(source), "default_range source low")),
                2 => Some((high(source), "default_range source high")),
                3 => Some((whole(source), "default_range source low-high")),
                4 => Some((low(target), "default_range target low")),
                5 => Some((high(target), "default_range target high")),
                6 => Some((whole(target), "default_range target low-high")),
                7 => Some((glblub(source, target), "default_range glblub")),
                _ => None,
            };
            if let Some((range, statement)) = by_default {
                return (range, Origin::Default(statement));
            }
        }
        if inherits && labelling != Labelling::Member {
            (whole(source), Origin::Source)
        } else {
            (low(source), Origin::SourceLow)
        }
    }
}

fn type_without_rule<'p>(question: Question<'_>) -> (TypeId, Origin<'p>) {
    let Question { source, target, defaults, inherits, .. } = question;
    match defaults.r#type {
        DEFAULT_SOURCE => (source.r#type, Origin::Default("default_type source")),
        DEFAULT_TARGET => (target.r#type, Origin::Default("default_type target")),
        _ if inherits => (source.r#type, Origin::Source),
        _ => (target.r#type, Origin::Target),
    }
}

fn new_user<'p>(question: Question<'_>) -> (Option<UserId>, Origin<'p>) {
    let Question { labelling, source, target, defaults, .. } = question;
    match (labelling, defaults.user) {
        (Labelling::Member, _) => (target.user, Origin::Target),
        (_, DEFAULT_TARGET) => (target.user, Origin::Default("default_user target")),
        (_, DEFAULT_SOURCE) => (source.user, Origin::Default("default_user source")),
        _ => (source.user, Origin::Source),
    }
}

/// The greatest lower bound of the low levels and the least upper bound of the high ones, as the kernel has them.
/// Source: `mls_context_glblub`.
fn glblub(source: &PartialContext, target: &PartialContext) -> Option<Option<MlsRange>> {
    let (source, target) = (source.range.as_ref()?, target.range.as_ref()?);
    let disjoint =
        target.high.sensitivity < source.low.sensitivity || source.high.sensitivity < target.low.sensitivity;
    let low = MlsLevel {
        sensitivity: source.low.sensitivity.max(target.low.sensitivity),
        categories: source.low.categories.intersection(&target.low.categories),
    };
    let high = MlsLevel {
        sensitivity: source.high.sensitivity.min(target.high.sensitivity),
        categories: source.high.categories.intersection(&target.high.categories),
    };
    Some((!disjoint).then_some(MlsRange { low, high }))
}
