//! COMPAT(setools): of the rules on extended permissions that apply to two types, the one that it comes to first, as it prints
//! that one alone where it says that they were added or removed.

use avstore::Store;
use policydb::{ClassId, RuleKind, TypeId, XpermKind};

use analysis::reach::Place;

use crate::personality::avtab_order::TableOrder;

/// The rules of a kind, in SETools' order.
pub(super) struct FirstXperms<'s, 'p> {
    store: &'s Store<'p>,
    rules: Vec<Xperm>,
}

struct Xperm {
    source: TypeId,
    target: TypeId,
    class: ClassId,
    is_nlmsg: bool,
    ranges: Vec<(u16, u16)>,
}

impl<'s, 'p> FirstXperms<'s, 'p> {
    pub(super) fn new(store: &'s Store<'p>, kind: RuleKind) -> Self {
        let table = store.policy().rules();
        let order = TableOrder::of(store.policy());
        let mut rules = Vec::new();
        for (position, rule) in table.rules(0..table.len()).filter(|(_, rule)| rule.kind() == kind) {
            let Some((_, Some(xperms))) = table.get(position) else { continue };
            let (source, target, class) = (rule.source(), rule.target(), rule.class());
            let place = Place::Unconditional(u32::try_from(position).unwrap_or(u32::MAX));
            let is_nlmsg = xperms.kind == XpermKind::Nlmsg;
            let of = Xperm { source, target, class, is_nlmsg, ranges: xperms.ranges() };
            // Among rules about one source, target and class the table has the last of the file in front.
            rules.push((order.key(source, target, class, place), std::cmp::Reverse(position), of));
        }
        rules.sort_by_key(|((part, bucket, ..), position, of)| {
            (*part, *bucket, of.source, of.target, of.class, *position)
        });
        FirstXperms { store, rules: rules.into_iter().map(|(_, _, rule)| rule).collect() }
    }

    /// The commands of the first rule that applies.
    pub(super) fn ranges(
        &self,
        source: TypeId,
        target: TypeId,
        class: ClassId,
        is_nlmsg: bool,
    ) -> Vec<(u16, u16)> {
        let applies = |rule: &&Xperm| {
            (rule.class, rule.is_nlmsg) == (class, is_nlmsg)
                && self.store.applies(rule.source, source)
                && self.store.applies(rule.target, target)
        };
        self.rules.iter().find(applies).map(|rule| rule.ranges.clone()).unwrap_or_default()
    }
}
