//! The engine's answers in the specification's form.

use std::collections::BTreeSet;

use analysis::query::{KindSet, Pattern, QueryError, Request, SetMatch, find, search};
use avstore::{Conditions, FileNames, Kind, Rule, StatementWriter, Store};
use spec::{AskedLevel, Found, Match, Query, RangeQuery, RoleQuery, Side};

/// Rules of type enforcement.
pub(crate) fn rules(store: &Store<'_>, query: &Query) -> BTreeSet<Found> {
    let request = Request {
        kinds: KindSet::of(query.kinds.iter().copied()),
        source: query.source.as_ref().map(pattern),
        target: query.target.as_ref().map(pattern),
        classes: query.classes.clone(),
        permissions: query.permissions.clone(),
        permission_match: match query.permission_match {
            Match::Any => SetMatch::Any,
            Match::Equal => SetMatch::Equal,
            Match::All => SetMatch::All,
        },
        xperms: query.xperms.iter().map(|&command| (command, command)).collect(),
        xperms_equal: query.xperms_equal,
        default: query.default.as_ref().map(pattern),
        booleans: query.booleans.clone(),
        booleans_equal: query.booleans_equal,
        enabled: query.enabled,
        settings: query.settings.clone(),
        ..Request::default()
    };
    let criteria = request.resolve(store).expect("queries name what the policy has");
    let conditions = Conditions::under(store.policy(), &request.booleans(store).expect("known booleans"));
    let found = find(store, &criteria, usize::MAX).expect("no limit");
    let statements = statements(store, &found);
    found
        .iter()
        .zip(statements)
        .map(|(rule, statement)| Found {
            statement,
            branch: rule.branch().map(|branch| (branch.index(), branch.when)),
            in_force: rule.branch().is_none_or(|branch| conditions.in_force(branch)),
        })
        .collect()
}

/// Rules about roles. A question none of whose names means anything there has no answer.
pub(crate) fn role_rules(store: &Store<'_>, query: &RoleQuery) -> BTreeSet<String> {
    let kinds = [(query.allows, Kind::RoleAllow), (query.transitions, Kind::RoleTransition)];
    others(
        store,
        Request {
            kinds: KindSet::of(kinds.into_iter().filter_map(|(asked, kind)| asked.then_some(kind))),
            source: query.source.as_ref().map(pattern),
            target: query.target.as_ref().map(pattern),
            classes: query.classes.clone(),
            default: query.default.as_ref().map(pattern),
            ..Request::default()
        },
    )
}

/// Rules about ranges.
pub(crate) fn range_rules(store: &Store<'_>, query: &RangeQuery) -> BTreeSet<String> {
    others(
        store,
        Request {
            kinds: KindSet::of([Kind::RangeTransition]),
            source: query.source.as_ref().map(pattern),
            target: query.target.as_ref().map(pattern),
            classes: query.classes.clone(),
            default: query.range.as_ref().map(|(low, high)| {
                Pattern::Name(if low == high { text(low) } else { format!("{} - {}", text(low), text(high)) })
            }),
            ..Request::default()
        },
    )
}

fn others(store: &Store<'_>, request: Request) -> BTreeSet<String> {
    match search(store, &request, usize::MAX) {
        Ok(found) => statements(store, &found).into_iter().collect(),
        Err(QueryError::Lookup(_) | QueryError::Range(_)) => BTreeSet::new(),
        Err(error) => panic!("{request:?}: {error}"),
    }
}

/// A level as a user may write it, category by category.
fn text(level: &AskedLevel) -> String {
    let categories: Vec<&str> = level.categories.iter().map(String::as_str).collect();
    if categories.is_empty() {
        level.sensitivity.clone()
    } else {
        format!("{}:{}", level.sensitivity, categories.join(","))
    }
}

fn pattern(side: &Side) -> Pattern {
    match side {
        Side::Named(name) => Pattern::Name(name.clone()),
        Side::Written(name) => Pattern::Written(name.clone()),
        Side::Matching(expression) => format!("/{expression}/").parse().expect("an expression"),
    }
}

/// The rules as statements, up to the semicolon.
pub(crate) fn statements(store: &Store<'_>, rules: &[Rule<'_>]) -> Vec<String> {
    let mut writer = StatementWriter::new(store, FileNames::Quoted);
    let text = |rule| {
        let mut statement = Vec::new();
        writer.write(rule, &mut statement);
        String::from_utf8(statement).expect("names in ASCII")
    };
    rules.iter().map(text).collect()
}
