//! Paths in words, once for text and for JSON: each step, the access it takes, the rules that grant it, and what it depends on.

use analysis::decide::{Access, Decider};
use analysis::reach::{Hop, PathQuestion, SortAnswer, Way, WayAccess};
use avstore::{FileNames, StatementWriter, Store};

use crate::policy_source::PolicySource;
use crate::render::access::{permission_names, rule_line};

/// What `reach DOMAIN TARGET` answers.
pub(crate) struct PathAnswer<'a, 'm, 'p> {
    pub(crate) source: &'a PolicySource,
    pub(crate) store: &'a Store<'p>,
    pub(crate) settings: &'a [(String, bool)],
    pub(crate) question: &'a PathQuestion<'m>,
    pub(crate) answers: Vec<SortAnswer<'p>>,
    /// Whether the ends are those of the command line, changed over.
    pub(crate) reversed: bool,
    /// Whether all of the least length were asked for.
    pub(crate) all: bool,
}

/// A step in words.
pub(super) struct ToldHop {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) ways: Vec<ToldWay>,
    pub(super) n_ways: usize,
}

/// A way of taking a step.
pub(super) struct ToldWay {
    pub(super) kind: &'static str,
    pub(super) verb: &'static str,
    pub(super) weight: Option<u8>,
    pub(super) certain: bool,
    pub(super) accesses: Vec<ToldAccess>,
    pub(super) type_transition: Option<String>,
}

/// An access that a way takes.
pub(super) struct ToldAccess {
    pub(super) source: String,
    pub(super) target: String,
    pub(super) class: String,
    pub(super) permissions: Vec<String>,
    pub(super) certain: bool,
    pub(super) rules: Vec<String>,
    /// What must hold of what was left open.
    pub(super) granted_if: Vec<String>,
}

/// Puts steps into words.
pub(super) struct Teller<'a, 's, 'p> {
    pub(super) decider: &'a Decider<'s, 'p>,
    /// Ways of a step that are told; the others are counted.
    pub(super) most_ways: usize,
}

impl<'p> Teller<'_, '_, 'p> {
    pub(super) fn hop(&self, hop: &Hop<'p>) -> ToldHop {
        let policy = self.decider.store().policy();
        ToldHop {
            from: hop.from.text(policy),
            to: hop.to.text(policy),
            ways: hop.ways.iter().take(self.most_ways).map(|way| self.way(way)).collect(),
            n_ways: hop.n_ways,
        }
    }

    fn way(&self, way: &Way<'p>) -> ToldWay {
        let store = self.decider.store();
        let type_transition = way.type_transition.and_then(|place| place.rule(store)).map(|rule| {
            let mut statement = Vec::new();
            StatementWriter::new(store, FileNames::Quoted).write(&rule, &mut statement);
            String::from_utf8_lossy(&statement).into_owned()
        });
        ToldWay {
            kind: way.kind.id,
            verb: way.kind.verb,
            weight: way.weight,
            certain: way.certain,
            accesses: way.accesses.iter().map(|access| self.access(access)).collect(),
            type_transition,
        }
    }

    fn access(&self, wanted: &WayAccess) -> ToldAccess {
        let store = self.decider.store();
        let access = Access { source: &wanted.source, target: &wanted.target, class: wanted.class };
        let proof = self.decider.prove(&access, wanted.permissions);
        let types = (wanted.source.r#type, wanted.target.r#type);
        let grants = proof
            .grants
            .iter()
            .filter(|applied| applied.in_force && applied.rule.permissions() & wanted.permissions != 0);
        let policy = store.policy();
        ToldAccess {
            source: wanted.source.text(policy),
            target: wanted.target.text(policy),
            class: store.class_name(wanted.class).to_string(),
            permissions: permission_names(store, wanted.class, wanted.permissions),
            certain: wanted.certain,
            rules: grants.map(|applied| rule_line(store, applied, Some(wanted.permissions), types)).collect(),
            granted_if: match wanted.certain {
                true => Vec::new(),
                false => self.decider.open_conditions(&proof, wanted.class, wanted.permissions),
            },
        }
    }
}
