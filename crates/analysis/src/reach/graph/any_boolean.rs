//! A setting of the booleans under which there is a path, where there is one.
//!
//! A search over every rule, whatever its condition, gives the least length that a path can have. Its conditions may contradict
//! each other; then one of the booleans is held on, and off, and both are searched. Bounded: [`MOST_SEARCHES`] searches, and
//! [`MOST_SETTINGS`] settings for each path that one finds, fewest changes first.

use avstore::{Booleans, Branch, Conditions};
use policydb::BoolId;

use super::edge::WayAccess;
use super::search::{NotFound, Path, PathRequest, shortest_paths};
use super::switches::booleans_of;
use super::{Graph, Hop, Switches};

/// Searches that are made at most.
pub const MOST_SEARCHES: usize = 64;
/// Settings that are tried for one path at most.
pub const MOST_SETTINGS: usize = 512;
/// Ways of a step whose conditions are looked at.
const WAYS: usize = 32;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnyBoolean {
    /// The booleans to change for a path of the least length, and to what; `Err` if there is none.
    pub changes: Result<Vec<(BoolId, bool)>, NotFound>,
    /// Whether the bound of the search was hit, so that there may be a (shorter) path all the same.
    pub bounded: bool,
}

/// A path that some setting may give, and the booleans that were held for it.
struct Candidate<'p> {
    path: Path<'p>,
    fixed: Vec<(BoolId, bool)>,
}

/// The fewest changes to the booleans that give a path of the least length that any setting gives.
pub fn setting_for_path(graph: &Graph<'_, '_, '_>, request: &PathRequest, now: &Booleans) -> AnyBoolean {
    let policy = graph.store().policy();
    let wanted = PathRequest { most: 1, most_ways: WAYS, ..request.clone() };
    let conditions = Conditions::under(policy, now);
    let current = shortest_paths(graph, &wanted, &Switches::in_force(policy, &conditions));
    let current = current.ok().and_then(|found| found.paths.first().map(|path| path.hops.len()));
    let mut not_found = NotFound::None;
    let mut bounded = false;
    let mut searches = 0usize;
    let search = |fixed: Vec<(BoolId, bool)>, not_found: &mut NotFound| {
        let switches = Switches::possible(policy, now, &fixed);
        match shortest_paths(graph, &wanted, &switches) {
            Ok(found) => found.paths.into_iter().next().map(|path| Candidate { path, fixed }),
            Err(error) => {
                *not_found = (*not_found).max(error);
                None
            }
        }
    };
    let mut candidates: Vec<Candidate<'_>> = search(Vec::new(), &mut not_found).into_iter().collect();
    loop {
        // The shortest first; of those the one found first.
        let best =
            candidates.iter().enumerate().min_by_key(|(at, candidate)| (candidate.path.hops.len(), *at));
        let Some((at, _)) = best else { break };
        let candidate = candidates.remove(at);
        if current.is_some_and(|length| length <= candidate.path.hops.len()) {
            return AnyBoolean { changes: Ok(Vec::new()), bounded };
        }
        let (involved, cut) = involved(graph, &candidate);
        bounded |= cut;
        match satisfied(graph, &candidate, &involved, now) {
            Satisfied::By(changes) => return AnyBoolean { changes: Ok(changes), bounded },
            Satisfied::NotTried => bounded = true,
            Satisfied::Not => {}
        }
        let Some(&split) = involved.first() else { continue };
        for state in [true, false] {
            searches = searches.saturating_add(1);
            if searches > MOST_SEARCHES {
                bounded = true;
                continue;
            }
            let mut fixed = candidate.fixed.clone();
            fixed.push((split, state));
            candidates.extend(search(fixed, &mut not_found));
        }
    }
    match current {
        Some(_) => AnyBoolean { changes: Ok(Vec::new()), bounded },
        None => AnyBoolean { changes: Err(not_found), bounded },
    }
}

/// Booleans that decide about the steps of a path and are not held, those in most steps first; and whether some were left out.
fn involved(graph: &Graph<'_, '_, '_>, candidate: &Candidate<'_>) -> (Vec<BoolId>, bool) {
    const MOST: usize = 16;
    let policy = graph.store().policy();
    let mut counts: Vec<(BoolId, usize)> = Vec::new();
    let mut cut = false;
    for hop in &candidate.path.hops {
        cut |= hop.n_ways > hop.ways.len();
        let mut of_hop: Vec<BoolId> = branches(graph, hop)
            .into_iter()
            .filter_map(|branch| policy.conditionals().get(branch.index()))
            .flat_map(booleans_of)
            .collect();
        of_hop.sort_unstable();
        of_hop.dedup();
        for id in of_hop.into_iter().filter(|id| !candidate.fixed.iter().any(|(fixed, _)| fixed == id)) {
            match counts.iter_mut().find(|(known, _)| *known == id) {
                Some((_, count)) => *count = count.saturating_add(1),
                None => counts.push((id, 1)),
            }
        }
    }
    counts.sort_by_key(|&(id, count)| (std::cmp::Reverse(count), id));
    cut |= counts.len() > MOST;
    counts.truncate(MOST);
    (counts.into_iter().map(|(id, _)| id).collect(), cut)
}

/// The branches that a step hangs on; none if a way of taking it needs none.
fn branches(graph: &Graph<'_, '_, '_>, hop: &Hop<'_>) -> Vec<Branch> {
    let mut all = Vec::new();
    for way in &hop.ways {
        let mut of_way: Vec<Branch> =
            way.type_transition.and_then(|place| place.branch()).into_iter().collect();
        of_way.extend(way.accesses.iter().flat_map(|access| conditional_only(graph, access)));
        if of_way.is_empty() {
            return Vec::new();
        }
        all.extend(of_way);
    }
    all
}

/// The branches whose rules grant an access that no other rule grants.
fn conditional_only(graph: &Graph<'_, '_, '_>, access: &WayAccess) -> Vec<Branch> {
    let (source, target) = (access.source.r#type, access.target.r#type);
    let rules = graph.facts.all().filter(|rule| {
        rule.class == access.class
            && rule.permissions & access.permissions != 0
            && graph.members.stands_for(rule.source, source)
            && graph.members.stands_for(rule.target, target)
    });
    let mut found = Vec::new();
    for rule in rules {
        match rule.branch {
            None => return Vec::new(),
            Some(branch) => found.push(branch),
        }
    }
    found
}

enum Satisfied {
    /// By these changes.
    By(Vec<(BoolId, bool)>),
    /// By no setting of the booleans that are involved.
    Not,
    /// Not all settings were tried.
    NotTried,
}

/// The fewest changes under which every step of a path is there.
fn satisfied(
    graph: &Graph<'_, '_, '_>,
    candidate: &Candidate<'_>,
    involved: &[BoolId],
    now: &Booleans,
) -> Satisfied {
    let policy = graph.store().policy();
    let base = candidate.fixed.iter().fold(now.clone(), |booleans, &(id, state)| booleans.with(id, state));
    let mut settings: Vec<u32> = (0..1u32 << involved.len().min(16)).collect();
    settings.sort_by_key(|setting| (setting.count_ones(), *setting));
    let all = settings.len();
    for setting in settings.into_iter().take(MOST_SETTINGS) {
        let flipped = involved.iter().enumerate().filter(|(bit, _)| setting >> bit & 1 == 1);
        let booleans = flipped.fold(base.clone(), |booleans, (_, id)| {
            let state = !booleans.get(*id);
            booleans.with(*id, state)
        });
        let switches = Switches::in_force(policy, &Conditions::under(policy, &booleans));
        let holds = |hop: &Hop<'_>| {
            let (from, to) = (graph.anchor(hop.from.r#type), graph.anchor(hop.to.r#type));
            graph.has_edge((&from, &hop.from), (&to, &hop.to), &switches)
        };
        if candidate.path.hops.iter().all(holds) {
            let held = candidate.fixed.iter().map(|(id, _)| *id);
            let mut changes: Vec<(BoolId, bool)> = held
                .chain(involved.iter().copied())
                .map(|id| (id, booleans.get(id)))
                .filter(|&(id, state)| now.get(id) != state)
                .collect();
            changes.sort_unstable();
            return Satisfied::By(changes);
        }
    }
    if all > MOST_SETTINGS { Satisfied::NotTried } else { Satisfied::Not }
}
