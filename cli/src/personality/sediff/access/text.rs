//! The text of access rules.

use std::ops::Range;

use analysis::diff::statements::{AccessChange, Bytes, Comparison, SharedType};
use policydb::{Name, RuleKind};

/// Writes access rules.
pub(super) struct Texts<'c, 's, 'p> {
    comparison: &'c Comparison<'s, 'p>,
    /// The names of types, a colon behind each.
    targets: Words,
    /// The names of classes, a blank behind each.
    classes: Words,
    /// What is said in rules, in the order of the classes, with the place that it had.
    said: Vec<(u32, AccessChange)>,
    /// What was written of classes and permissions lately, and where in it that of each stands; nothing, if it does not.
    written: Vec<u8>,
    places: Vec<Range<u32>>,
}

/// How much of what was written is kept.
const KEPT: usize = 4 << 20;

impl<'c, 's, 'p> Texts<'c, 's, 'p> {
    pub(super) fn new(comparison: &'c Comparison<'s, 'p>, said: Vec<(u32, AccessChange)>) -> Self {
        let types: Vec<Bytes<'p>> = comparison.type_names().collect();
        let classes: Vec<Name<'p>> = comparison.class_names().collect();
        Texts {
            comparison,
            targets: Words::new(types.iter().map(|name| &**name), b':'),
            classes: Words::new(classes.iter().map(|name| name.as_bytes()), b' '),
            written: Vec::new(),
            places: vec![0..0; said.len()],
            said,
        }
    }

    /// What is said in rules, in the order of the classes, with the place that it had.
    pub(super) fn said(&self) -> &[(u32, AccessChange)] {
        &self.said
    }

    /// Whether two rules are about classes of one name.
    pub(super) fn have_one_class(&self, a: u32, b: u32) -> bool {
        let [a, b] = [a, b].map(|said| self.said[said as usize].1.class.index());
        a == b || self.classes.get(a) == self.classes.get(b)
    }

    /// `KEYWORD SOURCE `
    pub(super) fn write_source(&self, kind: RuleKind, source: SharedType, out: &mut Vec<u8>) {
        out.extend_from_slice(kind.keyword().as_bytes());
        out.push(b' ');
        let name = self.targets.get(source.index());
        out.extend_from_slice(name.strip_suffix(b":").unwrap_or(name));
        out.push(b' ');
    }

    /// The rule as the only policy that has it, or the old one, states it, from its target to the end of the line.
    pub(super) fn write_statement(&mut self, target: usize, said: u32, out: &mut Vec<u8>) {
        out.extend_from_slice(self.targets.get(target));
        if self.places[said as usize].is_empty() {
            self.write_granted(said);
        }
        let Range { start, end } = self.places[said as usize];
        out.extend_from_slice(&self.written[start as usize..end as usize]);
        let change = &self.said[said as usize].1;
        if let Some(condition) = self.comparison.access_condition(change.branch) {
            let when = if condition.when { "True" } else { "False" };
            out.extend([" [ ", &condition.text, " ]:", when].concat().as_bytes());
        }
        out.push(b'\n');
    }

    /// The same, from its class on.
    pub(super) fn end_of(&mut self, said: u32) -> Vec<u8> {
        let mut text = Vec::new();
        // Which target it is does not matter: those that are compared have the same.
        self.write_statement(0, said, &mut text);
        text
    }

    /// Writes `CLASS PERMISSIONS;` where it is kept.
    fn write_granted(&mut self, said: u32) {
        if self.written.len() > KEPT {
            self.written.clear();
            self.places.fill(0..0);
        }
        let change = &self.said[said as usize].1;
        let [left, right] = change.permissions;
        let names = self.comparison.permissions(change.class, if left == 0 { right } else { left });
        let start = self.written.len();
        self.written.extend_from_slice(self.classes.get(change.class.index()));
        write_set(&names, &mut self.written);
        self.written.push(b';');
        // Below the text of one rule and what is kept: a few names of less than 4 GiB of policy.
        self.places[said as usize] = start as u32..self.written.len() as u32;
    }

    /// A rule whose permissions differ, the same part of it. COMPAT(setools): permissions are in the order of a Python set, which is
    /// random; here they are sorted, kept ones first. Of the condition the branch is not told.
    pub(super) fn write_modified(&self, target: usize, said: u32, out: &mut Vec<u8>) {
        let change = &self.said[said as usize].1;
        let [left, right] = change.permissions;
        out.extend_from_slice(self.targets.get(target));
        out.extend_from_slice(self.classes.get(change.class.index()));
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
        out.push(b'\n');
    }
}

/// One permission, or several in braces.
fn write_set(names: &[Name<'_>], out: &mut Vec<u8>) {
    let [one] = names else {
        out.extend(b"{ ");
        for name in names {
            out.extend_from_slice(name.as_bytes());
            out.push(b' ');
        }
        out.push(b'}');
        return;
    };
    out.extend_from_slice(one.as_bytes());
}

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
