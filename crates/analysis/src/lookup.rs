//! Names that the policy does not have: the error, with the nearest names that it does have.

use std::fmt;

/// How many nearest names an error shows.
const SHOWN: usize = 3;
/// How alike two names must be to be taken for a slip of the pen, from 0 to 1.
const LIKENESS: f64 = 0.84;
/// Longer "names" are not compared: they are no slip, and the cost grows with the product of lengths.
const LONGEST: usize = 128;

/// A name is not in the policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct LookupError {
    /// What was looked for, in the field's words: `type or attribute`, `class`, ….
    pub kind: &'static str,
    /// The name as given.
    pub name: String,
    /// The nearest names of that kind, best first.
    pub nearest: Vec<String>,
    /// What else the user may have meant.
    pub hint: Option<String>,
}

impl fmt::Display for LookupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no {} `{}` in this policy", self.kind, shown(&self.name))?;
        match self.nearest.as_slice() {
            [] => {}
            [one] => write!(f, "\nhelp: did you mean `{one}`?")?,
            [first @ .., last] => {
                let first: Vec<String> = first.iter().map(|name| format!("`{name}`")).collect();
                write!(f, "\nhelp: did you mean {} or `{last}`?", first.join(", "))?;
            }
        }
        match &self.hint {
            Some(hint) => write!(f, "\nhelp: {hint}"),
            None => Ok(()),
        }
    }
}

impl LookupError {
    /// The error for `name`, of which the policy has the `known` ones.
    pub(crate) fn new(kind: &'static str, name: &str, known: impl IntoIterator<Item = String>) -> Self {
        LookupError { kind, name: name.to_owned(), nearest: nearest(name, known), hint: None }
    }

    /// The same without the nearest names, for those who ask of thousands of names and show none.
    pub(crate) fn plain(kind: &'static str, name: &str) -> Self {
        LookupError { kind, name: name.to_owned(), nearest: Vec::new(), hint: None }
    }
}

/// How often each byte stands in a name.
fn letters(name: &str) -> [u8; 256] {
    let mut bag = [0u8; 256];
    for byte in name.bytes() {
        if let Some(count) = bag.get_mut(usize::from(byte)) {
            *count = count.saturating_add(1);
        }
    }
    bag
}

/// Whether two names share enough letters: both measures of likeness ask for more than this.
fn may_be_near(one: &[u8; 256], other: &[u8; 256]) -> bool {
    let (mut shared, mut longest, mut total) = (0u32, 0u32, 0u32);
    for (a, b) in one.iter().zip(other) {
        shared += u32::from(*a.min(b));
        longest += u32::from(*a);
        total += u32::from(*b);
    }
    // Jaro's measure is at most (m/a + m/b + 1) / 3 for m shared letters of names of a and b letters. A common
    // beginning brings it at most 0.4 nearer to 1, so that what is to reach 0.92 has at least 0.866. Names that differ
    // in so few edits that they count have 0.89.
    let (a, b) = (f64::from(longest.max(1)), f64::from(total.max(1)));
    let m = f64::from(shared);
    (m / a + m / b + 1.0) / 3.0 >= 0.86
}

/// The names most like `name`, best first: those that differ in a letter or two, then those that begin
/// like it. O(known × length²).
pub fn nearest(name: &str, known: impl IntoIterator<Item = String>) -> Vec<String> {
    if name.len() > LONGEST {
        return Vec::new();
    }
    let bag = letters(name);
    let mut scored: Vec<(f64, String)> = known
        .into_iter()
        .filter(|candidate| candidate.len() <= LONGEST)
        .filter_map(|candidate| {
            if candidate.eq_ignore_ascii_case(name) {
                return Some((1.0, candidate));
            }
            // Most names are so different that the costly comparisons need not look at them.
            if !may_be_near(&bag, &letters(&candidate)) {
                return None;
            }
            // An edit counts for more in a short name; names that go on after a common start are near too.
            let edits = strsim::normalized_damerau_levenshtein(name, &candidate);
            let score = edits.max(strsim::jaro_winkler(name, &candidate) - 0.08);
            (score >= LIKENESS).then_some((score, candidate))
        })
        .collect();
    scored.sort_by(|(a, x), (b, y)| b.total_cmp(a).then_with(|| x.cmp(y)));
    scored.dedup_by(|(_, x), (_, y)| x == y);
    scored.into_iter().take(SHOWN).map(|(_, candidate)| candidate).collect()
}

/// What a user gave, for a message: escaped, and cut off where no honest name reaches.
pub(crate) fn shown(text: &str) -> String {
    const LONGEST: usize = 200;
    let end = text.char_indices().nth(LONGEST).map_or(text.len(), |(at, _)| at);
    let mut shown = policydb::Name::new(text.get(..end).unwrap_or_default().as_bytes()).to_string();
    if end < text.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(name: &str) -> Vec<String> {
        let known =
            ["httpd_t", "httpd_sys_content_t", "httpd_log_t", "container_t", "container_file_t", "init_t"];
        nearest(name, known.map(String::from))
    }

    #[test]
    fn slips_find_their_name() {
        assert_eq!(near("htpd_t").first().map(String::as_str), Some("httpd_t"));
        assert_eq!(near("contianer_t").first().map(String::as_str), Some("container_t"));
        assert_eq!(near("httpd_sys_contnet_t").first().map(String::as_str), Some("httpd_sys_content_t"));
        assert_eq!(near("zzz"), [""; 0]);
        assert_eq!(near(&"x".repeat(1_000_000)), [""; 0]);
    }

    #[test]
    fn the_error_offers_them() {
        let error = LookupError::new("class", "flie", ["file".to_owned(), "dir".to_owned()]);
        assert_eq!(error.to_string(), "no class `flie` in this policy\nhelp: did you mean `file`?");
    }

    #[test]
    fn what_is_shown_is_escaped_and_short() {
        assert_eq!(shown("a\u{1b}b"), "a\\u{1b}b");
        assert_eq!(shown(&"x".repeat(10_000)).chars().count(), 201);
    }
}
