//! Patterns of file names, as Go's `filepath.Match` has them: `*`, `?`, `[a-z]`, `[^a]`, and `\\` before a character that means
//! itself. A pattern that makes no sense matches nothing, where Go gives an error.

/// A part of a pattern.
enum Part {
    /// Any characters, or none.
    Any,
    /// One character of these ranges, or with `true` of none.
    One(bool, Vec<(char, char)>),
}

/// Whether a pattern matches a name. O(pattern × name).
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let Some(parts) = parts(pattern) else { return false };
    let name: Vec<char> = name.chars().collect();
    // For each length of the name, whether what was looked at of the pattern matches that much.
    let mut ends = vec![true];
    ends.resize(name.len().saturating_add(1), false);
    for part in parts {
        let mut next = Vec::with_capacity(ends.len());
        let mut before = false;
        let mut any = false;
        for (at, &end) in ends.iter().enumerate() {
            any |= end;
            next.push(match &part {
                Part::Any => any,
                Part::One(is_negated, ranges) => {
                    let last = at.checked_sub(1).and_then(|at| name.get(at));
                    let is_in = |last: &char| ranges.iter().any(|(from, to)| (from..=to).contains(&last));
                    before && last.is_some_and(|last| is_in(last) != *is_negated)
                }
            });
            before = end;
        }
        ends = next;
    }
    ends.last() == Some(&true)
}

fn parts(pattern: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = pattern.chars();
    while let Some(first) = rest.next() {
        parts.push(match first {
            '*' => Part::Any,
            '?' => Part::One(true, Vec::new()),
            '[' => class(&mut rest)?,
            '\\' => {
                let literal = rest.next()?;
                Part::One(false, vec![(literal, literal)])
            }
            literal => Part::One(false, vec![(literal, literal)]),
        });
    }
    Some(parts)
}

/// What stands between brackets, of which the first was read.
fn class(rest: &mut std::str::Chars<'_>) -> Option<Part> {
    let is_negated = rest.as_str().starts_with('^');
    if is_negated {
        rest.next();
    }
    let mut ranges = Vec::new();
    loop {
        if rest.as_str().starts_with(']') && !ranges.is_empty() {
            rest.next();
            return Some(Part::One(is_negated, ranges));
        }
        let from = of_class(rest)?;
        let mut to = from;
        if rest.as_str().starts_with('-') {
            rest.next();
            to = of_class(rest)?;
        }
        ranges.push((from, to));
    }
}

/// A character between brackets; nothing where none may stand.
fn of_class(rest: &mut std::str::Chars<'_>) -> Option<char> {
    match rest.next()? {
        '-' | ']' => None,
        '\\' => rest.next(),
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_as_gos_do() {
        // Of the table in Go's `path/filepath/match_test.go`, what concerns one name.
        for (pattern, name, expected) in [
            ("abc", "abc", true),
            ("*", "abc", true),
            ("*c", "abc", true),
            ("a*", "a", true),
            ("a*b*c*d*e*", "axbxcxdxe", true),
            ("a*b*c*d*e*", "axbxcxdxexxx", true),
            ("a*b?c*x", "abxbbxdbxebxczzx", true),
            ("a*b?c*x", "abxbbxdbxebxczzy", false),
            ("ab[c]", "abc", true),
            ("ab[b-d]", "abc", true),
            ("ab[e-g]", "abc", false),
            ("ab[^c]", "abc", false),
            ("ab[^e-g]", "abc", true),
            ("a\\*b", "a*b", true),
            ("a\\*b", "ab", false),
            ("a?b", "a☺b", true),
            ("a[^a]b", "a☺b", true),
            ("[a-ζ]*", "α", true),
            ("*[a-ζ]", "A", false),
            ("[\\]a]", "]", true),
            ("[\\-]", "-", true),
            ("[x\\-]", "z", false),
            ("[]a]", "]", false),
            ("[-]", "-", false),
            ("[x-]", "x", false),
            ("[a-b-c]", "a", false),
            ("[", "a", false),
            ("[^bc", "a", false),
            ("a[", "a", false),
            ("a\\", "a", false),
            ("", "", true),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
