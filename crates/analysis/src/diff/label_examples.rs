//! Paths that an expression of file contexts suggests: the shortest that it takes, and one in which all that may be left out is
//! there. They are questions to ask of two sets of file contexts, so that one that the expression does not take is no fault: it is
//! answered like any other path.

/// Groups within groups.
const DEEPEST: usize = 16;
/// Bytes of a path.
const LONGEST: usize = 1024;

/// The paths that an expression suggests, without any that is no path from the root.
pub(super) fn examples(regex: &str) -> Vec<String> {
    let of = |is_long: bool| {
        let mut rest = regex.chars().peekable();
        let mut path = String::new();
        sequence(&mut rest, is_long, 0, &mut path);
        path
    };
    let (short, long) = (of(false), of(true));
    let mut all = vec![short];
    if !all.contains(&long) {
        all.push(long);
    }
    all.retain(|path| path.starts_with('/') && path.len() <= LONGEST);
    all
}

type Rest<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// One alternative, up to the end of its group; the others are passed over.
fn sequence(rest: &mut Rest<'_>, is_long: bool, depth: usize, path: &mut String) {
    let mut is_first = true;
    while let Some(c) = rest.next() {
        let mut piece = String::new();
        match c {
            ')' => return,
            '|' => {
                is_first = false;
                continue;
            }
            '^' | '$' => continue,
            '\\' => match rest.next() {
                Some('d') => piece.push('0'),
                Some('w') => piece.push('x'),
                Some('s') => piece.push(' '),
                Some(literal) => piece.push(literal),
                None => return,
            },
            '.' => piece.push('x'),
            '[' => piece.extend(member(rest)),
            '(' => {
                if rest.next_if_eq(&'?').is_some() {
                    // What looks around takes nothing.
                    let looks = rest.next_if(|c| matches!(c, '=' | '!' | '<'));
                    rest.next_if_eq(&':');
                    let mut group = String::new();
                    nested(rest, is_long, depth, &mut group);
                    if looks.is_none() {
                        piece = group;
                    }
                } else {
                    nested(rest, is_long, depth, &mut piece);
                }
            }
            literal => piece.push(literal),
        }
        let times = times(rest, is_long);
        if is_first && path.len() < LONGEST {
            path.push_str(&piece.repeat(times.min(LONGEST)));
            path.truncate(path.char_indices().nth(LONGEST).map_or(path.len(), |(at, _)| at));
        }
    }
}

/// A group; of one that is too deep nothing is taken.
fn nested(rest: &mut Rest<'_>, is_long: bool, depth: usize, path: &mut String) {
    if depth < DEEPEST {
        sequence(rest, is_long, depth.saturating_add(1), path);
    } else {
        rest.by_ref().for_each(drop);
    }
}

/// A character of a set in brackets.
fn member(rest: &mut Rest<'_>) -> Option<char> {
    let is_negated = rest.next_if_eq(&'^').is_some();
    let mut members: Vec<char> = Vec::new();
    while let Some(c) = rest.next() {
        match c {
            ']' if !members.is_empty() => break,
            '\\' => members.extend(rest.next()),
            c => members.push(c),
        }
    }
    if is_negated {
        return ['x', 'y', '0', '_'].into_iter().find(|c| !members.contains(c));
    }
    members.first().copied()
}

/// How often what stands before is there.
fn times(rest: &mut Rest<'_>, is_long: bool) -> usize {
    let times = match rest.peek() {
        Some('?' | '*') => {
            rest.next();
            usize::from(is_long)
        }
        Some('+') => {
            rest.next();
            1
        }
        Some('{') => {
            let digits: String = rest.by_ref().take_while(|c| *c != '}').skip(1).collect();
            let least = digits.split(',').next().and_then(|least| least.parse().ok()).unwrap_or(1);
            least.max(usize::from(is_long))
        }
        _ => 1,
    };
    // Lazy and possessive forms take the same.
    rest.next_if(|c| matches!(c, '?' | '+'));
    times
}

#[cfg(test)]
mod tests {
    use super::examples;

    #[test]
    fn expressions_suggest_paths() {
        for (regex, expected) in [
            ("/srv(/.*)?", &["/srv", "/srv/x"][..]),
            ("/etc/shadow.*", &["/etc/shadow", "/etc/shadowx"]),
            ("/usr/(local/)?s?bin/[^/]+\\.sh", &["/usr/bin/x.sh", "/usr/local/sbin/x.sh"]),
            ("/dev/(tty|vcs)[0-9]{2}", &["/dev/tty00"]),
            ("HOME_DIR/x", &[]),
        ] {
            assert_eq!(examples(regex), expected, "{regex}");
        }
        // However deep or broken.
        assert!(examples(&format!("/{}", "(".repeat(100))).len() <= 1);
        assert!(examples("/a{99999999}[").iter().all(|path| path.len() <= 2000));
    }
}
