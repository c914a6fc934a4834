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

/// Whether a path is there under a setting of the booleans.
type Holds<'q> = dyn Fn(&Booleans, &Path<'_>) -> bool + 'q;

/// What is asked.
#[derive(Clone, Copy)]
pub struct AnyBooleanRequest<'q> {
    /// The path.
    pub path: &'q PathRequest,
    /// The states of the booleans now.
    pub now: &'q Booleans,
    /// The steps of the shortest path under them, if there is one.
    pub current: Option<usize>,
    /// Booleans that stay as they are.
    pub kept: &'q [BoolId],
    /// Whether a path is there under a setting, bounding types asked: for policies that have bounded types.
    pub holds: Option<&'q Holds<'q>>,
}

impl std::fmt::Debug for AnyBooleanRequest<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AnyBooleanRequest")
            .field("path", self.path)
            .field("kept", &self.kept)
            .finish_non_exhaustive()
    }
}

/// The fewest changes to the booleans that give a path of the least length that any setting gives. Without `holds`, `graph` asks
/// what bounding types are granted; with it, it takes them to lack nothing.
pub fn setting_for_path(graph: &Graph<'_, '_, '_>, request: &AnyBooleanRequest<'_>) -> AnyBoolean {
    let policy = graph.store().policy();
    let AnyBooleanRequest { path, now, current, kept, .. } = *request;
    let wanted = PathRequest { most: 1, most_ways: WAYS, ..path.clone() };
    let mut not_found = NotFound::None;
    let mut bounded = false;
    let mut searches = 0usize;
    let search = |fixed: Vec<(BoolId, bool)>, not_found: &mut NotFound| {
        let held: Vec<(BoolId, bool)> =
            kept.iter().map(|id| (*id, now.get(*id))).chain(fixed.iter().copied()).collect();
        match shortest_paths(graph, &wanted, &Switches::possible(policy, now, &held)) {
            Ok(found) => found.paths.into_iter().next().map(|path| Candidate { path, fixed }),
            Err(error) => {
                *not_found = (*not_found).max(error);
                None
            }
        }
    };
    let mut candidates: Vec<Candidate<'_>> = search(Vec::new(), &mut not_found).into_iter().collect();
    // No setting gives a shorter one than all rules together.
    let least = candidates.first().map(|candidate| candidate.path.hops.len());
    loop {
        // The shortest first; of those the one found first.
        let best =
            candidates.iter().enumerate().min_by_key(|(at, candidate)| (candidate.path.hops.len(), *at));
        let Some((at, _)) = best else { break };
        let candidate = candidates.remove(at);
        if current.is_some_and(|length| length <= candidate.path.hops.len()) {
            return AnyBoolean { changes: Ok(Vec::new()), bounded: bounded && current != least };
        }
        let (involved, cut) = involved(graph, &candidate, kept);
        match satisfied(graph, &candidate, &involved, request) {
            Satisfied::By(changes) => {
                let is_least = Some(candidate.path.hops.len()) == least;
                return AnyBoolean { changes: Ok(changes), bounded: bounded && !is_least };
            }
            Satisfied::NotTried => bounded = true,
            Satisfied::Not => bounded |= cut,
        }
        let is_open = |id: &&BoolId| !candidate.fixed.iter().any(|(fixed, _)| fixed == *id);
        let Some(&split) = involved.iter().find(is_open) else { continue };
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
    let changes = if current.is_some() { Ok(Vec::new()) } else { Err(not_found) };
    AnyBoolean { changes, bounded }
}

/// Booleans that decide about the steps of a path and may change, those in most steps first; and whether some were left out.
fn involved(graph: &Graph<'_, '_, '_>, candidate: &Candidate<'_>, kept: &[BoolId]) -> (Vec<BoolId>, bool) {
    const MOST: usize = 16;
    let policy = graph.store().policy();
    let mut counts: Vec<(BoolId, usize)> = Vec::new();
    let mut cut = false;
    for hop in &candidate.path.hops {
        let branches = branches(graph, hop);
        cut |= !branches.is_empty() && hop.n_ways > hop.ways.len();
        let mut of_hop: Vec<BoolId> = branches
            .into_iter()
            .filter_map(|branch| policy.conditionals().get(branch.index()))
            .flat_map(booleans_of)
            .collect();
        of_hop.sort_unstable();
        of_hop.dedup();
        for id in of_hop.into_iter().filter(|id| !kept.contains(id)) {
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

/// The branches whose rules grant an access that no other rule grants, of bounding types too.
fn conditional_only(graph: &Graph<'_, '_, '_>, access: &WayAccess) -> Vec<Branch> {
    /// Bounds are not deeper than that.
    const DEEPEST: usize = 5;
    let mut found = Vec::new();
    let mut types = Some((access.source.r#type, access.target.r#type));
    for _ in 0..DEEPEST {
        let Some((source, target)) = types else { break };
        let rules = graph.facts.all().filter(|rule| {
            rule.class == access.class
                && rule.permissions & access.permissions != 0
                && graph.members.stands_for(rule.source, source)
                && graph.members.stands_for(rule.target, target)
        });
        let branches: Option<Vec<Branch>> = rules.map(|rule| rule.branch).collect();
        found.extend(branches.unwrap_or_default());
        types = graph.decider.bounding_types((source, target));
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
    request: &AnyBooleanRequest<'_>,
) -> Satisfied {
    let policy = graph.store().policy();
    let now = request.now;
    let mut settings: Vec<u32> = (0..1u32 << involved.len().min(16)).collect();
    settings.sort_by_key(|setting| (setting.count_ones(), *setting));
    let all = settings.len();
    for setting in settings.into_iter().take(MOST_SETTINGS) {
        let flipped = involved.iter().enumerate().filter(|(bit, _)| setting >> bit & 1 == 1);
        let mut changes: Vec<(BoolId, bool)> = flipped.map(|(_, id)| (*id, !now.get(*id))).collect();
        let booleans = changes.iter().fold(now.clone(), |booleans, &(id, state)| booleans.with(id, state));
        let switches = Switches::in_force(policy, &Conditions::under(policy, &booleans));
        let holds = |hop: &Hop<'_>| {
            let (from, to) = (graph.anchor(hop.from.r#type), graph.anchor(hop.to.r#type));
            graph.has_edge((&from, &hop.from), (&to, &hop.to), &switches)
        };
        let bounds_allow = || request.holds.is_none_or(|holds| holds(&booleans, &candidate.path));
        if candidate.path.hops.iter().all(holds) && bounds_allow() {
            changes.sort_unstable();
            return Satisfied::By(changes);
        }
    }
    if all > MOST_SETTINGS { Satisfied::NotTried } else { Satisfied::Not }
}
