//! The sections of access rules. A policy can differ from another in a million of them: they are sorted by the ranks of their
//! words, and become text source by source; where they are many, batches of sources at once, printed in their order.

use std::cmp::Ordering;
use std::io::{self, Write};

use analysis::diff::statements::{AccessChange, Bytes, Changes, Comparison, SharedClass};
use policydb::{Name, RuleKind};
use rayon::prelude::*;

use super::options::Wanted;
use super::report::{MODIFIED, Report, SIGNS, Title};
use crate::personality::setools::Failure;
use crate::threads;

/// Prints sections of access rules of two policies.
pub(super) struct AccessSections<'c, 's, 'p> {
    comparison: &'c Comparison<'s, 'p>,
    /// What differs, by kind: added, removed and modified.
    changes: Vec<(RuleKind, [Vec<AccessChange>; 3])>,
    /// What writes it, once there is something to write.
    texts: Option<Texts<'c, 's, 'p>>,
}

impl<'c, 's, 'p> AccessSections<'c, 's, 'p> {
    /// Compares the rules of these kinds, all at once.
    ///
    /// # Errors
    /// The policies differ in too much.
    pub(super) fn new(comparison: &'c Comparison<'s, 'p>, kinds: &[RuleKind]) -> Result<Self, Failure> {
        let Changes { added, removed, modified } =
            comparison.access(kinds).map_err(|error| error.to_string())?;
        let mut changes: Vec<_> =
            kinds.iter().map(|kind| (*kind, <[Vec<AccessChange>; 3]>::default())).collect();
        for (number, mut all) in [added, removed, modified].into_iter().enumerate() {
            // What is left is of the kind that stands first; most rules are.
            for (kind, lists) in changes.iter_mut().skip(1) {
                lists[number] = all.extract_if(.., |change| change.kind == *kind).collect();
            }
            if let Some((_, lists)) = changes.first_mut() {
                lists[number] = all;
            }
        }
        Ok(AccessSections { comparison, changes, texts: None })
    }

    /// Prints the section of one kind of rule.
    pub(super) fn print(
        &mut self,
        kind: RuleKind,
        title: Title,
        wanted: Wanted,
        report: &mut Report<'_>,
    ) -> Result<(), Failure> {
        let of_kind = self.changes.iter_mut().find(|(known, _)| *known == kind);
        let lists = of_kind.map(|(_, lists)| std::mem::take(lists)).unwrap_or_default();
        if !report.head(title, wanted, lists.each_ref().map(Vec::len))? {
            return Ok(());
        }
        for (number, changes) in lists.into_iter().enumerate() {
            if changes.is_empty() || report.counts_only() {
                continue;
            }
            let texts = self.texts.get_or_insert_with(|| Texts::new(self.comparison));
            report.list(title, number, changes.len(), |output| texts.print(number, &changes, output))?;
        }
        Ok(report.end()?)
    }
}

/// Writes access rules.
struct Texts<'c, 's, 'p> {
    comparison: &'c Comparison<'s, 'p>,
    /// The names of types, a colon behind each.
    targets: Words,
    /// The names of classes, a blank behind each.
    classes: Words,
    ranks: Ranks,
    /// What is remembered between sections that are written one after the other.
    recent: Recent,
}

/// The texts of permission sets that were used last, by [`recent_slot`]: a policy has few sets, and uses them again and again.
struct Recent(Vec<Option<RememberedSet>>);

impl Recent {
    fn new() -> Self {
        Recent(vec![None; 1 << SLOT_BITS])
    }
}

/// The rules of one source.
type OfSource<'a> = &'a [AccessChange];

/// Words by number, one behind another.
#[derive(Default)]
struct Words {
    text: Vec<u8>,
    /// Where each word ends.
    ends: Vec<usize>,
}

impl Words {
    fn new<'w>(words: impl Iterator<Item = &'w [u8]>, behind: u8) -> Self {
        let mut of = Words::default();
        for word in words {
            of.text.extend_from_slice(word);
            of.text.push(behind);
            of.ends.push(of.text.len());
        }
        of
    }

    /// The word of a number, with what stands behind it.
    fn get(&self, number: usize) -> &[u8] {
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[number]]
    }
}

/// A permission set of a class, and its text.
type RememberedSet = ((SharedClass, u64), Vec<u8>);

/// The order of names as they stand in a rule, with what follows them there.
struct Ranks {
    sources: Vec<u32>,
    targets: Vec<u32>,
    classes: Vec<u32>,
}

impl<'c, 's, 'p> Texts<'c, 's, 'p> {
    fn new(comparison: &'c Comparison<'s, 'p>) -> Self {
        let types: Vec<Bytes<'p>> = comparison.type_names().collect();
        let classes: Vec<Name<'p>> = comparison.class_names().collect();
        Texts {
            comparison,
            ranks: Ranks::of(&types, &classes),
            targets: Words::new(types.iter().map(|name| &**name), b':'),
            classes: Words::new(classes.iter().map(|name| name.as_bytes()), b' '),
            recent: Recent::new(),
        }
    }

    /// Prints a list of rules in the order of their texts. They come source by source, and are sorted so: first the sources, then
    /// the rules of each.
    fn print(&mut self, number: usize, changes: &[AccessChange], output: &mut dyn Write) -> io::Result<()> {
        let mut sources: Vec<(u32, OfSource<'_>)> = changes
            .chunk_by(|a, b| a.source == b.source)
            .filter_map(|of_source| Some((self.ranks.sources[of_source.first()?.source.index()], of_source)))
            .collect();
        sources.sort_by_key(|(rank, _)| *rank);
        let sources: Vec<OfSource<'_>> = sources.into_iter().map(|(_, of_source)| of_source).collect();
        if changes.len() < MANY {
            let mut recent = std::mem::replace(&mut self.recent, Recent(Vec::new()));
            let mut text = Vec::with_capacity(2 * AT_ONCE);
            for of_source in sources {
                self.write_all_of(number, of_source, &mut recent, &mut text);
                if text.len() > AT_ONCE {
                    output.write_all(&text)?;
                    text.clear();
                }
            }
            self.recent = recent;
            return output.write_all(&text);
        }
        let shared: &Self = self;
        let batches = batches(&sources);
        let pool = threads::pool(None).map_err(io::Error::other)?;
        for wave in batches.chunks(pool.current_num_threads().max(1) * 2) {
            let write = |recent: &mut Recent, batch: &&[OfSource<'_>]| {
                let mut text = Vec::with_capacity(AT_ONCE);
                batch.iter().for_each(|of_source| shared.write_all_of(number, of_source, recent, &mut text));
                text
            };
            let texts: Vec<Vec<u8>> = pool.install(|| wave.par_iter().map_init(Recent::new, write).collect());
            texts.iter().try_for_each(|text| output.write_all(text))?;
        }
        Ok(())
    }

    /// The rules of one source, in the order of their texts.
    fn write_all_of(&self, number: usize, of_source: OfSource<'_>, recent: &mut Recent, out: &mut Vec<u8>) {
        let Some(first) = of_source.first() else { return };
        let ranked = (0u32..).zip(of_source);
        let mut order: Vec<(u64, u32)> =
            ranked.map(|(position, change)| (self.ranks.within_source(change), position)).collect();
        order.sort_unstable();
        self.settle_equal(of_source, &mut order, recent);
        let mut start = SIGNS[number].to_vec();
        self.write_source(first, &mut start);
        for &(_, position) in &order {
            let change = &of_source[position as usize];
            out.extend_from_slice(&start);
            if number == MODIFIED {
                self.write_modified(change, out);
            } else {
                self.write_statement(change, recent, out);
            }
            out.push(b'\n');
        }
    }

    /// Puts rules about the same types and class, which the ranks do not tell apart, in the order of their texts.
    fn settle_equal(&self, changes: &[AccessChange], order: &mut [(u64, u32)], recent: &mut Recent) {
        for same in order.chunk_by_mut(|(a, _), (b, _)| a == b).filter(|same| same.len() > 1) {
            let mut texts: Vec<(Vec<u8>, (u64, u32))> = Vec::with_capacity(same.len());
            for item in same.iter() {
                let mut text = Vec::new();
                self.write_statement(&changes[item.1 as usize], recent, &mut text);
                texts.push((text, *item));
            }
            texts.sort_unstable();
            same.iter_mut().zip(texts).for_each(|(slot, (_, item))| *slot = item);
        }
    }

    /// The rule as the only policy that has it, or the old one, states it, from its target on.
    fn write_statement(&self, change: &AccessChange, recent: &mut Recent, out: &mut Vec<u8>) {
        let [left, right] = change.permissions;
        self.write_target(change, out);
        let set = if left == 0 { right } else { left };
        let key = (change.class, set);
        let slot = &mut recent.0[recent_slot(change.class, set)];
        let text = match slot {
            Some((known, text)) if *known == key => text,
            _ => &slot.insert((key, set_text(&self.comparison.permissions(change.class, set)))).1,
        };
        out.extend_from_slice(text);
        out.push(b';');
        if let Some(condition) = self.comparison.access_condition(change.branch) {
            let when = if condition.when { "True" } else { "False" };
            out.extend([" [ ", &condition.text, " ]:", when].concat().as_bytes());
        }
    }

    /// A rule whose permissions differ, from its target on. COMPAT(setools): they are in the order of a Python set, which is random; here they are
    /// sorted, kept ones first. Of the condition the branch is not told.
    fn write_modified(&self, change: &AccessChange, out: &mut Vec<u8>) {
        let [left, right] = change.permissions;
        self.write_target(change, out);
        out.extend(b"{ ");
        for (sign, set) in [(&b""[..], left & right), (b"+", right & !left), (b"-", left & !right)] {
            for name in self.comparison.permissions(change.class, set) {
                out.extend(sign);
                out.extend(name.as_bytes());
                out.push(b' ');
            }
        }
        out.extend(b"};");
        if let Some(condition) = self.comparison.access_condition(change.branch) {
            out.extend([" [ ", &condition.text, " ]"].concat().as_bytes());
        }
    }

    /// `KEYWORD SOURCE `
    fn write_source(&self, change: &AccessChange, out: &mut Vec<u8>) {
        out.extend_from_slice(change.kind.keyword().as_bytes());
        out.push(b' ');
        let name = self.targets.get(change.source.index());
        out.extend_from_slice(name.strip_suffix(b":").unwrap_or(name));
        out.push(b' ');
    }

    /// `TARGET:CLASS `
    fn write_target(&self, change: &AccessChange, out: &mut Vec<u8>) {
        out.extend_from_slice(self.targets.get(change.target.index()));
        out.extend_from_slice(self.classes.get(change.class.index()));
    }
}

/// How much text is written at once.
const AT_ONCE: usize = 1 << 16;

/// Rules beyond which it pays to write several batches at once.
const MANY: usize = 50_000;

/// Rules of a batch, but for the last source's.
const BATCH: usize = 4096;

/// The rules of sources, in batches of about as many.
fn batches<'a, 'c, T>(sources: &'a [&'c [T]]) -> Vec<&'a [&'c [T]]> {
    let (mut batches, mut start, mut n_rules) = (Vec::new(), 0, 0);
    for (at, of_source) in sources.iter().enumerate() {
        n_rules += of_source.len();
        if n_rules >= BATCH {
            batches.push(&sources[start..=at]);
            (start, n_rules) = (at + 1, 0);
        }
    }
    batches.push(&sources[start..]);
    batches
}

/// The bits of the number of permission sets that are remembered.
const SLOT_BITS: u32 = 10;

/// Where the text of a permission set is remembered; sets that share a slot are written anew.
fn recent_slot(class: SharedClass, set: u64) -> usize {
    let mixed = (set ^ (class.index() as u64).rotate_left(48)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> (64 - SLOT_BITS)) as usize
}

/// One permission, or several in braces.
fn set_text(names: &[Name<'_>]) -> Vec<u8> {
    match names {
        [one] => one.as_bytes().to_vec(),
        several => {
            let names: Vec<&[u8]> = several.iter().map(|name| name.as_bytes()).collect();
            [&b"{ "[..], &names.join(&b' '), b" }"].concat()
        }
    }
}

impl Ranks {
    fn of(types: &[Bytes<'_>], classes: &[Name<'_>]) -> Self {
        let classes: Vec<&[u8]> = classes.iter().map(|name| name.as_bytes()).collect();
        let types: Vec<&[u8]> = types.iter().map(|name| &**name).collect();
        Ranks { sources: ranks(&types, b' '), targets: ranks(&types, b':'), classes: ranks(&classes, b' ') }
    }

    /// The order of the rules of one source.
    fn within_source(&self, change: &AccessChange) -> u64 {
        let (target, class) = (self.targets[change.target.index()], self.classes[change.class.index()]);
        u64::from(target) << 32 | u64::from(class)
    }
}

/// The rank of each name if each is followed by `end`.
fn ranks(names: &[&[u8]], end: u8) -> Vec<u32> {
    let compare = |a: u32, b: u32| {
        let (a, b) = (names[a as usize], names[b as usize]);
        let common = a.len().min(b.len());
        let next = |name: &[u8]| name.get(common).copied().unwrap_or(end);
        a[..common].cmp(&b[..common]).then_with(|| next(a).cmp(&next(b)))
    };
    let mut sorted: Vec<u32> = (0u32..).zip(names).map(|(index, _)| index).collect();
    sorted.sort_unstable_by(|&a, &b| compare(a, b));
    let (mut ranks, mut rank) = (vec![0; names.len()], 0);
    for (place, &index) in sorted.iter().enumerate() {
        let before = place.checked_sub(1).map(|before| sorted[before]);
        // Equal names have one rank: the text decides.
        if before.is_some_and(|before| compare(before, index) != Ordering::Equal) {
            rank += 1;
        }
        ranks[index as usize] = rank;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::{BATCH, batches, ranks};

    #[test]
    fn batches_are_all_sources_in_their_order() {
        let rules = [0u8; BATCH];
        let sources = [&rules[..3000], &rules[..2000], &rules[..], &rules[..1]];
        let found: Vec<Vec<usize>> =
            batches(&sources).iter().map(|batch| batch.iter().map(|rules| rules.len()).collect()).collect();
        assert_eq!(found, [vec![3000, 2000], vec![BATCH], vec![1]]);
        assert_eq!(batches::<u8>(&[]).concat().len(), 0);
    }

    #[test]
    fn names_are_ranked_with_what_follows_them() {
        let names: [&[u8]; 4] = [b"a_t", b"a_t.x", b"a", b"a_t"];
        assert_eq!(ranks(&names, b' '), [1, 2, 0, 1]);
        assert_eq!(ranks(&names, b':'), [2, 1, 0, 2]);
    }
}
