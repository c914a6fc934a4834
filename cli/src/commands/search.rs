//! `allow`, `type_transition`, … and `search`: rules as the policy states them.

use analysis::query::{KindSet, Pattern, Request, SetMatch, SideMatcher, most_rules, search as find_rules};
use anyhow::Context;
use avstore::{Conditions, Kind, Store};
use policydb::{Policy, RuleKind};

use crate::args::{Global, Search};
use crate::policy_source;
use crate::render::{self, Lines, RuleAnswer, Setting, Via};
use crate::status::{self, Status};

/// Answers a search.
pub(crate) fn run(global: &Global, kinds: KindSet, search: &Search) -> anyhow::Result<Status> {
    let source = policy_source::open(global)?;
    let policy = Policy::parse(&source).with_context(|| format!("cannot use policy `{}`", source.label))?;
    let store = Store::new(&policy);
    let request = request(kinds, search);
    let rules = find_rules(&store, &request, most_rules(source.len()))?;
    let booleans = request.booleans(&store)?;
    let conditions = Conditions::under(&policy, &booleans);
    note_impossible(&request);
    note_empty_attributes(&store, [&request.source, &request.target, &request.default]);

    let via = search.via.then(|| via(&store, &request));
    let answer = RuleAnswer {
        lines: Lines::native(&store, rules, source.len())?,
        store: &store,
        source: &source,
        settings: request.settings.iter().map(|(name, state)| Setting { name, state: *state }).collect(),
        conditions,
        via,
        limit: search.limit.unwrap_or(usize::MAX),
    };
    let mut output = render::Output::open(global.color);
    if search.count {
        output.count(answer.lines.len())?;
    } else if search.json {
        render::rules_as_json(&answer, &mut output)?;
    } else {
        render::rules_as_text(&answer, &mut output)?;
    }
    output.finish()?;
    Ok(if answer.lines.len() == 0 { Status::NothingFound } else { Status::Found })
}

fn request(kinds: KindSet, search: &Search) -> Request {
    Request {
        kinds,
        source: search.source.clone(),
        source_direct: search.direct_source,
        target: search.target.clone(),
        target_direct: search.direct_target,
        classes: list(&search.classes),
        permissions: search.permissions.clone(),
        permission_match: match (search.perms_equal, search.perms_subset) {
            (true, _) => SetMatch::Equal,
            (_, true) => SetMatch::All,
            _ => SetMatch::Any,
        },
        xperms: search.xperms.as_ref().map(|xperms| xperms.0.clone()).unwrap_or_default(),
        xperms_equal: search.xperms_equal,
        default: search.default.clone(),
        booleans: list(&search.booleans),
        booleans_equal: search.boolean_equal,
        enabled: search.enabled,
        settings: search.settings.clone(),
    }
}

/// The words of a list; an expression between slashes is one word, whatever commas it holds.
fn list(words: &[String]) -> Vec<String> {
    match words {
        [first, .., last] if first.starts_with('/') && last.ends_with('/') => vec![words.join(",")],
        words => words.to_vec(),
    }
}

/// What tells through which attributes rules matched. A name that is none of a type is one of a role, which
/// no attribute stands for.
fn via(store: &Store<'_>, request: &Request) -> Via {
    let matcher = |pattern: &Option<Pattern>| {
        pattern.as_ref().and_then(|pattern| SideMatcher::new(store, pattern).ok())
    };
    Via::new(matcher(&request.source), matcher(&request.target))
}

/// A criterion that no rule of the kinds asked for can meet finds nothing, and the reason is easily missed.
fn note_impossible(request: &Request) {
    let any = |has: fn(RuleKind) -> bool| {
        RuleKind::ALL.into_iter().any(|kind| has(kind) && request.kinds.contains(kind))
    };
    let with_permissions = |kind: RuleKind| kind.has_permissions() || kind.has_xperms();
    let others =
        request.kinds.contains(Kind::RoleTransition) || request.kinds.contains(Kind::RangeTransition);
    for (given, possible, note) in [
        (
            !request.xperms.is_empty(),
            any(RuleKind::has_xperms),
            "only allowxperm, auditallowxperm and dontauditxperm rules have extended permissions",
        ),
        (!request.permissions.is_empty(), any(with_permissions), "rules of this kind have no permissions"),
        (
            request.default.is_some(),
            any(RuleKind::has_default) || others,
            "rules of this kind have no default type",
        ),
    ] {
        // Of no kind at all the caller has said why it finds nothing.
        if given && !possible && !request.kinds.is_empty() {
            status::note(note);
        }
    }
}

/// An attribute without members matches nothing, which looks like an answer about access and is none.
fn note_empty_attributes(store: &Store<'_>, patterns: [&Option<Pattern>; 3]) {
    for pattern in patterns.into_iter().flatten() {
        let Pattern::Name(name) = pattern else { continue };
        let id = store.policy().type_named(name.as_bytes());
        if id.is_some_and(|id| store.is_attribute(id) && store.members(id).is_empty()) {
            status::note(&format!(
                "attribute `{name}` has no types, so it matches nothing; `@{name}` finds the rules written on it"
            ));
        }
    }
}
