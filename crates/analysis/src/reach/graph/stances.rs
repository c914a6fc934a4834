//! Which users, roles and levels the contexts of a path have.
//!
//! Where no level was given, all between the ends is left open, and a step says what it depends on. Where one was given, contexts
//! between are tried at the levels of both ends, and at the lowest and the highest of the policy, and keep the level from one step
//! to the next: what constraints refuse at all of these is no step.

use policydb::TypeId;

use crate::context::{MlsRange, PartialContext};
use crate::decide::Decider;

/// The stances of a search, whose types do not matter, and who has which, as positions.
#[derive(Clone, Debug)]
pub struct Stances {
    /// The stances.
    pub all: Vec<PartialContext>,
    /// That of the beginning.
    pub from: usize,
    /// Those that will do at the end.
    pub to: Vec<usize>,
    /// Those between.
    pub between: Vec<usize>,
}

impl Stances {
    /// The stances for paths between two contexts.
    pub fn of(decider: &Decider<'_, '_>, from: &PartialContext, to: &PartialContext) -> Self {
        let open = PartialContext::of_type(TypeId::from_index(0));
        let at = |range: Option<MlsRange>| PartialContext { range, ..open.clone() };
        let mut all: Vec<PartialContext> = Vec::new();
        let mut place = |stance: PartialContext| {
            all.iter().position(|known| *known == stance).unwrap_or_else(|| {
                all.push(stance);
                all.len().saturating_sub(1)
            })
        };
        let untyped = |context: &PartialContext| PartialContext { r#type: open.r#type, ..context.clone() };
        let given: Vec<&MlsRange> = [from, to].into_iter().filter_map(|end| end.range.as_ref()).collect();
        let mut between: Vec<usize> = Vec::new();
        if given.is_empty() || !decider.context_rules().has_levels() {
            between.push(place(open.clone()));
        } else {
            let whole = decider.context_rules().levels_of(None, None);
            let mut ranges = vec![MlsRange::single(whole.low.clone())];
            ranges.extend(given.iter().map(|range| (*range).clone()));
            let ends = given.iter().flat_map(|range| [range.low.clone(), range.high.clone()]);
            ranges.extend(ends.map(MlsRange::single));
            ranges.push(whole.clone());
            for range in ranges {
                let stance = place(at(Some(range)));
                if !between.contains(&stance) {
                    between.push(stance);
                }
            }
        }
        let from = place(untyped(from));
        let is_open = untyped(to) == open;
        let to = if is_open { between.clone() } else { vec![place(untyped(to))] };
        Stances { all, from, to, between }
    }
}
