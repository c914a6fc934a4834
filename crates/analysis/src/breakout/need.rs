//! Whether access is granted as a whole on one of some objects: by which rules, or what refuses it.
//!
//! Objects are decided in the order of the catalogue: one that is granted ends the search, else the one that lacks least is told.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use avstore::{AccessVector, Conditions};
use policydb::{ClassId, HandleUnknown, TypeId};

use super::catalogue::{Asked, Need};
use super::objects::Objects;
use crate::context::PartialContext;
use crate::decide::{
    Access, Applied, AppliedRule, Contexts, Decider, Decision, LeafReason, SourceRules, Witnesses,
};
pub use crate::mount::Layer;

/// How a need ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NeedVerdict {
    /// It is granted.
    Granted,
    /// It is not, on any object.
    Denied,
    /// It depends on what was left open.
    Depends,
    /// What it is about is not in the policy.
    Missing(Missing),
}

/// What a policy does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Any of these objects, in words.
    Objects(Vec<String>),
    /// Any of these who need it.
    Subjects(Vec<String>),
    /// A class or permission, where the policy is not to be loaded by kernels that have it.
    Rejected(String),
}

/// The answer about a need.
#[derive(Clone, Debug)]
pub struct NeedAnswer<'p> {
    /// How it ended.
    pub verdict: NeedVerdict,
    /// Whether it is granted only because the domain is permissive.
    pub permissive: bool,
    /// Who: the domain, or another one that the catalogue names.
    pub source: Option<PartialContext>,
    /// The object that is told: one on which it is granted, else the one that lacks least.
    pub target: Option<PartialContext>,
    /// How many objects there are.
    pub n_objects: usize,
    /// What was asked of that object.
    pub asked: Vec<AskedAnswer<'p>>,
}

/// The answer about permissions of a class on one object.
#[derive(Clone, Debug)]
pub struct AskedAnswer<'p> {
    /// The class.
    pub class: String,
    /// Its identity, if the policy has it.
    pub class_id: Option<ClassId>,
    /// All permissions that were asked for.
    pub permissions: Vec<String>,
    /// Those of them that the policy defines, as bits.
    pub bits: u32,
    /// Rules in force that grant them, as few as cover all that is granted.
    pub rules: Vec<Applied<'p>>,
    /// Rules not in force that would grant what no rule does.
    pub off: Vec<Applied<'p>>,
    /// What is not granted.
    pub lacking: Vec<Lacking>,
    /// Permissions that the policy does not define, and grants for that.
    pub undefined: Vec<String>,
    /// Constraints that refuse it.
    pub constraints: Vec<Constrained>,
    /// What must hold, of what was left open, for the rest to be granted.
    pub granted_if: Vec<String>,
    /// Contexts for which that is so, and not.
    pub witnesses: Witnesses,
}

/// Permissions that are not granted, and what refuses them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lacking {
    /// Which.
    pub permissions: Vec<String>,
    /// What refuses them.
    pub layer: Layer,
}

/// A constraint that refuses access.
#[derive(Clone, Debug)]
pub struct Constrained {
    /// Its expression.
    pub expression: String,
    /// Why it is false.
    pub reasons: Vec<LeafReason>,
}

impl NeedAnswer<'_> {
    /// How many permissions are lacking.
    pub(super) fn n_lacking(&self) -> usize {
        match self.verdict {
            NeedVerdict::Granted => 0,
            NeedVerdict::Depends | NeedVerdict::Missing(_) => 1,
            NeedVerdict::Denied => {
                let of = |asked: &AskedAnswer<'_>| {
                    asked.lacking.iter().map(|l| l.permissions.len()).sum::<usize>()
                };
                self.asked.iter().map(of).sum()
            }
        }
    }
}

/// What is asked of each object, in the policy's terms.
pub(super) struct Resolved {
    class: ClassId,
    bits: u32,
}

/// Asks about needs under the circumstances of a decider.
pub(super) struct Asker<'a, 's, 'p> {
    pub(super) decider: &'a Decider<'s, 'p>,
    pub(super) objects: &'a Objects<'a, 's, 'p>,
    rules: RefCell<HashMap<TypeId, Rc<SourceRules>>>,
}

/// How one object stands, cheaply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Granted,
    Depends,
    /// With how many permissions are lacking.
    Denied(u32),
}

impl<'a, 's, 'p> Asker<'a, 's, 'p> {
    pub(super) fn new(decider: &'a Decider<'s, 'p>, objects: &'a Objects<'a, 's, 'p>) -> Self {
        Asker { decider, objects, rules: RefCell::default() }
    }

    /// The answer about a need of a domain.
    pub(super) fn answer(&self, need: &Need, subject: &PartialContext) -> NeedAnswer<'p> {
        let mut answer = NeedAnswer {
            verdict: NeedVerdict::Denied,
            permissive: false,
            source: None,
            target: None,
            n_objects: 0,
            asked: Vec::new(),
        };
        let missing = |verdict, answer| NeedAnswer { verdict: NeedVerdict::Missing(verdict), ..answer };
        if let Some(rejected) = self.rejected(need) {
            return missing(rejected, answer);
        }
        let sources = self.sources(need, subject);
        if sources.is_empty() {
            return missing(
                Missing::Subjects(need.by.iter().map(|sought| sought.lacking()).collect()),
                answer,
            );
        }
        let objects = self.objects.of_need(need, subject);
        if objects.is_empty() {
            let sought = need.on.iter().chain(&need.otherwise).map(|sought| sought.lacking());
            return missing(Missing::Objects(sought.collect()), answer);
        }
        answer.n_objects = objects.len();
        let resolved = self.resolve(need);
        let unknown = if self.undefined_is_granted() { 0 } else { self.n_undefined(need) };
        let mut best: Option<(Standing, &PartialContext, &PartialContext)> = None;
        'search: for source in &sources {
            for object in &objects {
                let standing = self.standing(&resolved, unknown, source, object, self.decider.conditions());
                if best.is_none_or(|(known, ..)| standing < known) {
                    best = Some((standing, source, object));
                }
                if standing == Standing::Granted {
                    break 'search;
                }
            }
        }
        let Some((standing, source, target)) = best else { return answer };
        answer.verdict = match standing {
            Standing::Granted => NeedVerdict::Granted,
            Standing::Depends => NeedVerdict::Depends,
            Standing::Denied(_) => NeedVerdict::Denied,
        };
        if answer.verdict != NeedVerdict::Granted && self.decider.is_permissive(source.r#type) {
            answer.verdict = NeedVerdict::Granted;
            answer.permissive = true;
        }
        answer.asked = need.access.iter().map(|asked| self.told(asked, source, target)).collect();
        answer.source = Some(source.clone());
        answer.target = Some(target.clone());
        answer
    }

    /// Who has to be granted it.
    pub(super) fn sources(&self, need: &Need, subject: &PartialContext) -> Vec<PartialContext> {
        match need.by.is_empty() {
            true => vec![subject.clone()],
            false => self.objects.subjects(&need.by, subject),
        }
    }

    /// Whether a need is granted under other states of the booleans.
    pub(super) fn is_granted(
        &self,
        need: &Need,
        sources: &[PartialContext],
        objects: &[PartialContext],
        conditions: &Conditions,
    ) -> bool {
        let resolved = self.resolve(need);
        let unknown = if self.undefined_is_granted() { 0 } else { self.n_undefined(need) };
        sources.iter().any(|source| {
            let granted =
                |object| self.standing(&resolved, unknown, source, object, conditions) == Standing::Granted;
            self.decider.is_permissive(source.r#type) || objects.iter().any(granted)
        })
    }

    fn undefined_is_granted(&self) -> bool {
        self.decider.store().policy().header().handle_unknown == HandleUnknown::Allow
    }

    /// The classes and permissions of a need that the policy defines.
    pub(super) fn resolve(&self, need: &Need) -> Vec<Resolved> {
        let store = self.decider.store();
        let of = |asked: &Asked| {
            let class = store.policy().class_named(asked.class.as_bytes())?;
            let bit =
                |name: &String| store.permission_named(class, name.as_bytes()).map(|found| 1u32 << found.bit);
            let bits = asked.permissions.iter().filter_map(bit).fold(0, |all, bit| all | bit);
            Some(Resolved { class, bits })
        };
        need.access.iter().filter_map(of).collect()
    }

    /// The permissions of a need that the policy does not define.
    fn undefined_names<'n>(&self, need: &'n Need) -> impl Iterator<Item = (&'n Asked, &'n String)> {
        let store = self.decider.store();
        need.access.iter().flat_map(move |asked| {
            let class = store.policy().class_named(asked.class.as_bytes());
            let is_undefined = move |name: &&String| {
                class.is_none_or(|class| store.permission_named(class, name.as_bytes()).is_none())
            };
            asked.permissions.iter().filter(is_undefined).map(move |name| (asked, name))
        })
    }

    fn n_undefined(&self, need: &Need) -> u32 {
        u32::try_from(self.undefined_names(need).count()).unwrap_or(u32::MAX)
    }

    /// What of a need nobody can decide. What the policy does not define follows its `handle_unknown` for services of the host, too:
    /// libselinux's `selinux_check_access` asks `security_deny_unknown`.
    fn rejected(&self, need: &Need) -> Option<Missing> {
        let rejects = self.decider.store().policy().header().handle_unknown == HandleUnknown::Reject;
        let (asked, name) = self.undefined_names(need).next().filter(|_| rejects)?;
        Some(Missing::Rejected(format!("{} {name}", asked.class)))
    }

    fn rules_of(&self, source: TypeId) -> Rc<SourceRules> {
        if let Some(known) = self.rules.borrow().get(&source) {
            return Rc::clone(known);
        }
        let rules = Rc::new(SourceRules::of(self.decider, source));
        self.rules.borrow_mut().insert(source, Rc::clone(&rules));
        rules
    }

    fn decide(
        &self,
        source: &PartialContext,
        target: &PartialContext,
        class: ClassId,
        conditions: &Conditions,
    ) -> Decision {
        // Bounding types are asked about, too.
        self.decider.decide_from(&Access { source, target, class }, &|(source, target)| {
            let masks = self.rules_of(source).masks(self.decider, class, target, conditions);
            AccessVector { allowed: masks.on, ..AccessVector::default() }
        })
    }

    fn standing(
        &self,
        resolved: &[Resolved],
        undefined: u32,
        source: &PartialContext,
        target: &PartialContext,
        conditions: &Conditions,
    ) -> Standing {
        let (mut lacking, mut depends) = (undefined, false);
        for asked in resolved {
            let decision = self.decide(source, target, asked.class, conditions);
            lacking = lacking.saturating_add((asked.bits & !decision.possible).count_ones());
            depends |= asked.bits & !decision.allowed != 0;
        }
        match () {
            () if lacking > 0 => Standing::Denied(lacking),
            () if depends => Standing::Depends,
            () => Standing::Granted,
        }
    }

    /// Whether rules would grant a need on an object if all of them were in force, and some are not.
    pub(super) fn could_be_switched_on(
        &self,
        resolved: &[Resolved],
        source: &PartialContext,
        target: &PartialContext,
    ) -> bool {
        let rules = self.rules_of(source.r#type);
        let mut any = false;
        let all = resolved.iter().all(|asked| {
            let masks = rules.masks(self.decider, asked.class, target.r#type, self.decider.conditions());
            any |= asked.bits & !masks.on != 0;
            asked.bits & !(masks.on | masks.off) == 0
        });
        all && any
    }

    /// Rules not in force that would grant some of it.
    pub(super) fn off_rules(
        &self,
        resolved: &[Resolved],
        source: &PartialContext,
        target: &PartialContext,
    ) -> Vec<Applied<'p>> {
        let rules = self.rules_of(source.r#type);
        let of = |asked: &Resolved| {
            let masks = rules.masks(self.decider, asked.class, target.r#type, self.decider.conditions());
            let lacking = asked.bits & !masks.on;
            rules.applied(self.decider, asked.class, target.r#type, lacking)
        };
        resolved.iter().flat_map(of).filter(|rule| !rule.in_force).collect()
    }

    /// Everything that is told about permissions of a class on an object.
    fn told(&self, asked: &Asked, source: &PartialContext, target: &PartialContext) -> AskedAnswer<'p> {
        let store = self.decider.store();
        let mut told = AskedAnswer {
            class: asked.class.clone(),
            class_id: store.policy().class_named(asked.class.as_bytes()),
            permissions: asked.permissions.clone(),
            bits: 0,
            rules: Vec::new(),
            off: Vec::new(),
            lacking: Vec::new(),
            undefined: Vec::new(),
            constraints: Vec::new(),
            granted_if: Vec::new(),
            witnesses: Witnesses::default(),
        };
        let mut lack = |name: &String, layer| match told.lacking.iter_mut().find(|known| known.layer == layer)
        {
            Some(known) => known.permissions.push(name.clone()),
            None => told.lacking.push(Lacking { permissions: vec![name.clone()], layer }),
        };
        let decision = told
            .class_id
            .map(|class| self.decide(source, target, class, self.decider.conditions()))
            .unwrap_or_default();
        for name in &asked.permissions {
            let permission = told.class_id.and_then(|class| store.permission_named(class, name.as_bytes()));
            let Some(permission) = permission else {
                match self.undefined_is_granted() {
                    true => told.undefined.push(name.clone()),
                    false => lack(name, Layer::Undefined),
                }
                continue;
            };
            let bit = 1u32 << permission.bit;
            told.bits |= bit;
            match () {
                () if decision.possible & bit != 0 => {}
                () if decision.by_rules & bit == 0 => lack(name, Layer::Rules),
                () if decision.after_roles & bit != 0 => lack(name, Layer::Bounds),
                () => lack(name, Layer::Constraints),
            }
        }
        if let Some(class) = told.class_id {
            let rules = self.rules_of(source.r#type);
            let all = rules.applied(self.decider, class, target.r#type, told.bits);
            let (on, off): (Vec<_>, Vec<_>) = all.into_iter().partition(|rule| rule.in_force);
            told.rules = as_few_as_cover(on, told.bits);
            let missing = told.bits & !decision.by_rules;
            told.off = off.into_iter().filter(|rule| rule.rule.permissions() & missing != 0).collect();
            let refused = told.bits & decision.by_rules & !decision.allowed;
            if refused != 0 {
                self.refusals(&mut told, class, refused & !decision.possible, refused, source, target);
            }
        }
        told
    }

    /// What constraints say about permissions that rules grant.
    fn refusals(
        &self,
        told: &mut AskedAnswer<'p>,
        class: ClassId,
        denied: u32,
        refused: u32,
        source: &PartialContext,
        target: &PartialContext,
    ) {
        let proof = self.decider.prove(&Access { source, target, class }, refused);
        for refusal in proof.constraints.iter().filter(|refusal| refusal.certain) {
            let Some(constraint) = self.decider.constraints(class).get(refusal.index) else { continue };
            told.constraints.push(Constrained {
                expression: self.decider.expression_text(constraint),
                reasons: self.decider.leaf_reasons(
                    constraint,
                    &refusal.values,
                    Contexts::new(source, target),
                ),
            });
        }
        if denied == 0 {
            told.granted_if = self.decider.open_conditions(&proof, class, refused);
            // Many decisions: worth the index.
            self.decider.prepare();
            told.witnesses = self.decider.witnesses(source, target, class, told.bits);
        }
    }
}

/// Rules that together grant all of `bits` that any do: those that name types and are always in force first.
fn as_few_as_cover(mut rules: Vec<Applied<'_>>, bits: u32) -> Vec<Applied<'_>> {
    let granted = |rule: &Applied<'_>| rule.rule.permissions() & bits;
    rules.sort_by_key(|rule| {
        let is_conditional = matches!(&rule.rule, AppliedRule::Stated(rule) if rule.branch().is_some());
        (std::cmp::Reverse(granted(rule).count_ones()), is_conditional, rule.target_through.is_some())
    });
    let mut left = rules.iter().fold(0, |all, rule| all | granted(rule));
    rules.retain(|rule| {
        let adds = granted(rule) & left != 0;
        left &= !granted(rule);
        adds
    });
    rules
}
