//! Rules as lines of text, in the order of that text (bytes, as `LC_ALL=C sort`).
//!
//! Comparing tens of thousands of long lines that begin alike is slow. Where every name is plain, lines
//! compare like the tuple of their words, so many rules are sorted by the ranks of their words, and by
//! text only among equals.

use analysis::query::most_text;
use avstore::{FileNames, Kind, Rule, StatementWriter, Store, condition_text};
use policydb::{Name, RuleKind, TypeId};

/// From how many lines on the ranks of all names are worth computing.
const MANY: usize = 4096;

/// The rules found make more text than an honest policy of its size gives: names and conditions of a forged
/// one can be long, and stand in every line.
#[derive(Debug, thiserror::Error)]
#[error(
    "the rules found make more than {0} MiB of text, which no policy of this size should\nhelp: ask for a source, a target or a class"
)]
pub(crate) struct TooMuchText(usize);

/// Rules with their text, sorted by it.
pub(crate) struct Lines<'p> {
    rules: Vec<Rule<'p>>,
    text: Vec<u8>,
    /// Sorted by text.
    lines: Vec<Line>,
}

#[derive(Clone, Copy)]
struct Line {
    /// Order of the words of the statement, or 0 for all lines.
    rank: u64,
    /// The line's text: a range of `text`, which is bounded below 4 GiB.
    start: u32,
    end: u32,
    /// Position in `rules`.
    rule: u32,
}

impl Line {
    fn text(self, text: &[u8]) -> &[u8] {
        &text[self.start as usize..self.end as usize]
    }
}

impl<'p> Lines<'p> {
    /// The lines of the native commands: names quoted and escaped, conditions as policy source has them,
    /// no line twice.
    ///
    /// # Errors
    /// There is more text than an honest policy of its size gives.
    pub(crate) fn native(
        store: &Store<'p>,
        rules: Vec<Rule<'p>>,
        policy_size: usize,
    ) -> Result<Self, TooMuchText> {
        let mut conditions = ConditionTexts::new(store, condition_text);
        let mut statements = StatementWriter::new(store, FileNames::Quoted);
        let mut lines = Self::sorted(store, rules, policy_size, |rule, out| {
            statements.write(rule, out);
            conditions.write_suffix(rule, out);
        })?;
        let Lines { text, lines: sorted, .. } = &mut lines;
        sorted.dedup_by(|a, b| a.text(text) == b.text(text));
        Ok(lines)
    }

    /// The lines that `write` gives for the rules of a policy of so many bytes.
    ///
    /// # Errors
    /// There is more text than an honest policy of its size gives.
    pub(crate) fn sorted(
        store: &Store<'_>,
        rules: Vec<Rule<'p>>,
        policy_size: usize,
        mut write: impl FnMut(&Rule<'p>, &mut Vec<u8>),
    ) -> Result<Self, TooMuchText> {
        let most = most_text(policy_size).min(u32::MAX as usize);
        let ranks = if rules.len() < MANY { None } else { Ranks::of(store) };
        // Only statements of the form `keyword source target:class …` between types have ranks.
        let ranks = ranks.filter(|_| rules.iter().all(|rule| rule.source_type().is_some()));
        let mut text = Vec::with_capacity(rules.len().saturating_mul(96).min(most));
        let mut lines = Vec::with_capacity(rules.len());
        for (position, rule) in (0u32..).zip(&rules) {
            let start = offset(&text);
            write(rule, &mut text);
            if text.len() > most {
                return Err(TooMuchText(most >> 20));
            }
            let rank = ranks.as_ref().map_or(0, |ranks| ranks.rank(store, rule));
            lines.push(Line { rank, start, end: offset(&text), rule: position });
        }
        // The position last: lines of equal text stay in the order of the policy.
        lines.sort_unstable_by(|a, b| {
            a.rank
                .cmp(&b.rank)
                .then_with(|| a.text(&text).cmp(b.text(&text)))
                .then_with(|| a.rule.cmp(&b.rule))
        });
        Ok(Lines { rules, text, lines })
    }

    /// The number of lines.
    pub(crate) fn len(&self) -> usize {
        self.lines.len()
    }

    /// The lines in order, each with its rule.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Rule<'p>, &[u8])> {
        self.lines.iter().map(|line| (&self.rules[line.rule as usize], line.text(&self.text)))
    }
}

/// The texts of conditions, each made when it is first needed.
pub(crate) struct ConditionTexts<'s, 'p> {
    store: &'s Store<'p>,
    make: fn(&policydb::Policy<'_>, &policydb::Conditional<'_>) -> String,
    texts: Vec<Option<String>>,
}

impl<'s, 'p> ConditionTexts<'s, 'p> {
    pub(crate) fn new(
        store: &'s Store<'p>,
        make: fn(&policydb::Policy<'_>, &policydb::Conditional<'_>) -> String,
    ) -> Self {
        ConditionTexts { store, make, texts: vec![None; store.policy().conditionals().len()] }
    }

    /// The text of the condition at a position of the policy's conditionals.
    pub(crate) fn get(&mut self, conditional: usize) -> &str {
        let policy = self.store.policy();
        self.texts[conditional]
            .get_or_insert_with(|| (self.make)(policy, &policy.conditionals()[conditional]))
    }

    /// Appends ` [ condition ]:True` or `:False` if the rule is conditional.
    pub(crate) fn write_suffix(&mut self, rule: &Rule<'_>, out: &mut Vec<u8>) {
        if let Some(branch) = rule.branch() {
            out.extend(b" [ ");
            out.extend(self.get(branch.index()).as_bytes());
            out.extend(if branch.when { &b" ]:True"[..] } else { b" ]:False" });
        }
    }
}

/// The order of the words that statements consist of.
struct Ranks {
    sources: Vec<u32>,
    targets: Vec<u32>,
    classes: Vec<u32>,
}

impl Ranks {
    /// The ranks of all names of a policy, unless some name holds a byte that is not above the separators
    /// between words: then words do not compare like text.
    fn of(store: &Store<'_>) -> Option<Self> {
        let n_types = store.policy().n_types();
        let fits = n_types < 1 << 20 && store.policy().n_classes() < 1 << 16;
        let plain = store.type_ids().all(|id| store.type_name(id).is_plain())
            && store.class_ids().all(|id| store.policy().class_name(id).is_none_or(Name::is_plain));
        if !fits || !plain {
            return None;
        }
        let type_ids: Vec<TypeId> = (0..u32::try_from(n_types).ok()?).map(TypeId::from_index).collect();
        let class_ids: Vec<_> = store.class_ids().collect();
        // A blank is below every byte of a plain name, so sources and classes compare as names do; a colon
        // follows a target, and `-` and `.` are below it.
        let with_colon = |id: TypeId| [&*store.type_name(id).bytes(), b":"].concat();
        Some(Ranks {
            sources: ranked(&type_ids, |id| store.type_name(id).bytes().into_owned()),
            targets: ranked(&type_ids, with_colon),
            classes: ranked(&class_ids, |id| store.class_name(id).as_bytes().to_owned()),
        })
    }

    /// The order of the words up to the class as one number: 4, 20, 20 and 16 bits.
    fn rank(&self, store: &Store<'_>, rule: &Rule<'_>) -> u64 {
        let kind = KEYWORDS.iter().position(|&kind| kind == rule.kind()).unwrap_or(KEYWORDS.len());
        let source = rule.source_type().map_or(0, |id| self.sources[id.index()]);
        let target = rule.target_type().map_or(0, |id| self.targets[id.index()]);
        let class = rule.class(store).map_or(0, |id| self.classes[id.index()]);
        (kind as u64) << 56 | u64::from(source) << 36 | u64::from(target) << 16 | u64::from(class)
    }
}

/// The kinds of rules between types, in the order of their keywords.
const KEYWORDS: [Kind; 10] = [
    Kind::Type(RuleKind::Allow),
    Kind::Type(RuleKind::AllowXperm),
    Kind::Type(RuleKind::AuditAllow),
    Kind::Type(RuleKind::AuditAllowXperm),
    Kind::Type(RuleKind::DontAudit),
    Kind::Type(RuleKind::DontAuditXperm),
    Kind::RangeTransition,
    Kind::Type(RuleKind::TypeChange),
    Kind::Type(RuleKind::TypeMember),
    Kind::Type(RuleKind::TypeTransition),
];

/// The length of a text that is known to be below 4 GiB.
fn offset(text: &[u8]) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

/// For each position of `ids`, the rank of its key among the keys.
fn ranked<T: Copy>(ids: &[T], key: impl Fn(T) -> Vec<u8>) -> Vec<u32> {
    let mut order: Vec<(Vec<u8>, usize)> = ids.iter().enumerate().map(|(i, &id)| (key(id), i)).collect();
    order.sort_unstable();
    let mut ranks = vec![0; ids.len()];
    for (rank, (_, i)) in (0..).zip(order) {
        ranks[i] = rank;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_in_the_order_of_their_text() {
        let text: Vec<String> = KEYWORDS.iter().map(|kind| format!("{} ", kind.keyword())).collect();
        assert!(text.is_sorted());
        assert!(RuleKind::ALL.iter().all(|kind| KEYWORDS.contains(&Kind::Type(*kind))));
    }

    #[test]
    fn ranks_follow_the_keys() {
        assert_eq!(ranked(&["b", "a", "c"], |s| s.as_bytes().to_vec()), [1, 0, 2]);
        assert_eq!(ranked(&["foo", "foo.bar", "foo-x"], |s| format!("{s}:").into_bytes()), [2, 1, 0]);
    }
}
