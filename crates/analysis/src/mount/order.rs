//! Which ways come first, and which are none, where a tree is somebody's.
//!
//! A tree of nobody's is relabelled. One of the host's never is: a directory made for the container, a copy, or a domain that
//! may use it as it is takes its place. One of a service may be, once the service no longer needs it: so the copy comes first.

use labels::runtime::HostTree;

use super::owner::Owner;
use super::{Losing, Way, WayKind};

/// What decides whether a tree can have another in its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Else<'a> {
    /// Whether a tree with the containers' label would do.
    pub(super) labelled: bool,
    /// Whether the container is confined.
    pub(super) confined: bool,
    /// Whether the engine refuses to relabel this one.
    pub(super) refused: bool,
    /// The path on the host.
    pub(super) path: Option<&'a str>,
}

/// Paths of what lives only while services run: a copy is of no use.
const RUNTIME: [&str; 2] = ["/run/", "/var/run/"];

/// The ways that are good for a tree of an owner's, in their order; `found` is what would do if it were nobody's.
pub(super) fn ordered(found: Vec<Way>, owner: Option<&Owner>, other: &Else<'_>) -> Vec<Way> {
    let plain = |kind| Way { kind, losing: Losing::default(), second: true };
    let relabels = |way: &Way| matches!(way.kind, WayKind::Private | WayKind::Shared | WayKind::Label(_));
    let is_live = other.path.is_some_and(|path| RUNTIME.iter().any(|start| path.starts_with(start)));
    let labelled = |kind| other.labelled.then(|| plain(kind));
    let custom = other.confined.then(|| plain(WayKind::CustomType));
    let mut ways: Vec<Way> = Vec::new();
    let Some(owner) = owner else {
        ways.extend(found);
        ways.extend(labelled(WayKind::SubDirectory).filter(|_| other.refused));
        ways.extend(other.confined.then(|| plain(WayKind::WithoutSeparation)));
        return ways;
    };
    let (first, rest): (Vec<Way>, Vec<Way>) = found.into_iter().partition(|way| comes_first(way, owner));
    ways.extend(first);
    let (relabelling, others): (Vec<Way>, Vec<Way>) = rest.into_iter().partition(relabels);
    match owner {
        Owner::Part(HostTree::Top | HostTree::Homes | HostTree::Home) => {
            ways.extend(labelled(WayKind::SubDirectory));
            ways.extend(others);
            ways.extend(custom);
        }
        Owner::Part(HostTree::Keys) => {
            ways.extend(labelled(WayKind::Copy));
            ways.extend(others);
        }
        Owner::Part(HostTree::System | HostTree::Storage) => {
            ways.extend(others);
            ways.extend(labelled(WayKind::Copy));
            ways.extend(custom);
        }
        Owner::Part(HostTree::Host | HostTree::Logs) => {
            ways.extend(others);
            ways.extend(custom);
        }
        Owner::Services(_) if is_live => {
            ways.extend(others);
            ways.extend(custom);
        }
        Owner::Services(_) => {
            ways.extend(labelled(WayKind::Copy));
            ways.extend(relabelling);
            ways.extend(others);
            ways.extend(custom);
        }
    }
    if other.confined {
        ways.push(plain(WayKind::WithoutSeparation));
    }
    ways
}

/// Whether a way changes nothing but the command, or puts right what is wrong. Keys that can be read should not be all the same.
fn comes_first(way: &Way, owner: &Owner) -> bool {
    match way.kind {
        WayKind::WithoutRelabel { read_only } => !read_only || *owner != Owner::Part(HostTree::Keys),
        WayKind::RestoreLabel => true,
        _ => false,
    }
}
