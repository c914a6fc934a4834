//! Whether a primitive is open to a domain: one of its ways is, and a way is if all that it needs is granted.

use avstore::Booleans;
use policydb::BoolId;

use super::catalogue::Primitive;
use super::need::{Asker, NeedAnswer, NeedVerdict};
use super::opening;
use crate::context::PartialContext;

/// How a primitive stands with a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// SELinux stops it.
    Blocked,
    /// It depends on what was left open, or the policy lacks what was looked for.
    CannotTell,
    /// SELinux would not stop it.
    Open,
}

impl Verdict {
    /// A stable name.
    pub const fn id(self) -> &'static str {
        match self {
            Verdict::Blocked => "blocked",
            Verdict::CannotTell => "cannot_tell",
            Verdict::Open => "open",
        }
    }
}

/// A primitive and a domain.
#[derive(Clone, Debug)]
pub struct Cell<'p> {
    /// How it stands.
    pub verdict: Verdict,
    /// The way that says so, by its position: the open one; of blocked ones the one that lacks least.
    pub way: usize,
    /// All ways, in the order of the catalogue; those behind an open one are not asked.
    pub ways: Vec<WayAnswer<'p>>,
    /// Booleans, with the states that would open what is blocked: each list by itself.
    pub booleans: Vec<Vec<(BoolId, bool)>>,
}

/// One way of using a primitive.
#[derive(Clone, Debug)]
pub struct WayAnswer<'p> {
    /// How it stands.
    pub verdict: Verdict,
    /// One for each need.
    pub needs: Vec<NeedAnswer<'p>>,
}

impl<'p> Cell<'p> {
    /// The way that tells.
    pub fn telling(&self) -> Option<&WayAnswer<'p>> {
        self.ways.get(self.way)
    }
}

/// Whether a primitive is open to a domain.
pub(super) fn cell<'p>(
    asker: &Asker<'_, '_, 'p>,
    booleans: &Booleans,
    primitive: &Primitive,
    subject: &PartialContext,
) -> Cell<'p> {
    let mut ways: Vec<WayAnswer<'p>> = Vec::new();
    for way in &primitive.ways {
        let needs: Vec<NeedAnswer<'p>> = way.needs.iter().map(|need| asker.answer(need, subject)).collect();
        let verdict = verdict(&needs);
        ways.push(WayAnswer { verdict, needs });
        if verdict == Verdict::Open {
            break;
        }
    }
    let verdict = ways.iter().map(|way| way.verdict).max().unwrap_or(Verdict::Blocked);
    let lacking = |way: &WayAnswer<'_>| way.needs.iter().map(NeedAnswer::n_lacking).sum::<usize>();
    let telling = ways.iter().enumerate().filter(|(_, way)| way.verdict == verdict);
    let way = telling.min_by_key(|(_, way)| lacking(way)).map_or(0, |(at, _)| at);
    let booleans = match verdict {
        Verdict::Blocked => opening::openers(asker, booleans, primitive, &ways, subject),
        _ => Vec::new(),
    };
    Cell { verdict, way, ways, booleans }
}

fn verdict(needs: &[NeedAnswer<'_>]) -> Verdict {
    let any = |is_it: fn(&NeedVerdict) -> bool| needs.iter().any(|need| is_it(&need.verdict));
    match () {
        () if any(|verdict| matches!(verdict, NeedVerdict::Denied)) => Verdict::Blocked,
        () if any(|verdict| !matches!(verdict, NeedVerdict::Granted)) => Verdict::CannotTell,
        () => Verdict::Open,
    }
}
