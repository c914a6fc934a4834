//! Random lines of file_contexts, and random paths: most are made from expressions, so that they match or nearly do.
//!
//! Nothing here compiles an expression: [`expand`] writes one text that fits, as far as it understands the
//! expression, and who compares asks both sides what it is.

use crate::random::Random;

/// The letters of kinds, as the judge of file contexts reads them; `0` asks without a kind.
pub const KINDS: &[u8] = b"0-dlcbsp";

/// A question to the judge: the letter of a kind, and a path.
pub fn question(kind: u8, path: &[u8]) -> String {
    let digits: String = path.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{} {digits}", char::from(kind))
}

/// A path made from one of some expressions: one that fits, or that changed a little; sometimes another one.
/// Without NUL, which no path has.
pub fn path(random: &mut Random, regexes: &[&str]) -> Vec<u8> {
    let mut path = if random.chance(4) {
        random.word(ODD).as_bytes().to_vec()
    } else {
        let regex = random.pick(regexes).copied().unwrap_or("/usr/.*");
        expand(regex.as_bytes(), random)
    };
    if random.chance(50) {
        for _ in 0..=random.below(2) {
            change(&mut path, random);
        }
    }
    path.retain(|byte| *byte != 0);
    path
}

/// Paths that nobody has and somebody types.
const ODD: &[&str] = &[
    "",
    "/",
    "//",
    "///",
    ".",
    "..",
    "/..",
    "/.",
    "a",
    "usr",
    "usr/bin",
    " ",
    "\n",
    "/\n",
    "/usr\n",
    "/usr/\n",
    "/usr\n\n",
    "/usr/bin/../lib",
    "/usr/./bin",
    "/usr//bin///ls",
    "/usr/bin/",
    "/home/a b/c",
    "/tmp/\u{e9}",
    "/etc/shadow ",
    "/Usr",
    "/lib64/ld.so",
    "/bin",
    "/bin/sh",
    "/sbin/",
    "/run/lock/x",
    "/var/lib/private/a",
    "/etc/init.d/x\n",
];

/// Changes one thing about a path.
fn change(path: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(path.len() + 1);
    match random.below(12) {
        0 => path.truncate(at),
        1 => path.extend_from_slice(
            random.word(&["/", "/x", "/a/b", "\n", "~", ".bak", "//", "/..", " "]).as_bytes(),
        ),
        2 => {
            let piece = random.word(&["/", "//", "a", ".", "\n", " ", "-", "0", "/../", "\u{fc}"]);
            path.splice(at..at, piece.bytes());
        }
        3 if at < path.len() => {
            path.remove(at);
        }
        4 if at < path.len() => path[at] = 1 + random.below(255) as u8,
        5 => path.push(0x80 + random.below(128) as u8),
        6 => path.iter_mut().for_each(|byte| *byte = byte.to_ascii_uppercase()),
        7 => {
            path.splice(0..0, random.word(&["/", "/usr", "/lib64", "x", "/var/run"]).bytes());
        }
        8 => {
            let end = path.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
            path.truncate(end);
        }
        _ => {
            let doubled = path.iter().position(|byte| *byte == b'/').filter(|_| random.chance(30));
            if let Some(at) = doubled {
                path.insert(at, b'/');
            }
        }
    }
}

/// A text that an expression fits, if it has only what policies use: groups, alternatives, classes, quantifiers.
pub fn expand(regex: &[u8], random: &mut Random) -> Vec<u8> {
    let mut at = 0;
    let mut text = Vec::new();
    // A parenthesis too many ends the outermost alternatives; what follows is taken as well.
    while at < regex.len() {
        text.extend(alternatives(regex, &mut at, random, 0));
        at += 1;
    }
    text
}

fn alternatives(regex: &[u8], at: &mut usize, random: &mut Random, depth: usize) -> Vec<u8> {
    let mut all = vec![Vec::new()];
    while let Some(byte) = regex.get(*at) {
        match byte {
            b')' => break,
            b'|' => {
                *at += 1;
                all.push(Vec::new());
            }
            _ => {
                let piece = repeated(regex, at, random, depth);
                all.last_mut().expect("one at least").extend(piece);
            }
        }
    }
    random.pick(&all).cloned().unwrap_or_default()
}

/// An atom as often as its quantifier says.
fn repeated(regex: &[u8], at: &mut usize, random: &mut Random, depth: usize) -> Vec<u8> {
    let start = *at;
    let mut text = atom(regex, at, random, depth);
    let (least, most) = quantifier(regex, at);
    let behind = *at;
    let times = least + random.below(most.saturating_sub(least) + 1);
    if times == 0 {
        return Vec::new();
    }
    for _ in 1..times.min(70) {
        *at = start;
        text.extend(atom(regex, at, random, depth));
    }
    *at = behind;
    text
}

fn quantifier(regex: &[u8], at: &mut usize) -> (usize, usize) {
    let counts = match regex.get(*at) {
        Some(b'*') => (0, 3),
        Some(b'+') => (1, 3),
        Some(b'?') => (0, 1),
        Some(b'{') => {
            let rest = &regex[*at + 1..];
            let end = rest.iter().position(|byte| *byte == b'}').unwrap_or(0);
            let text = String::from_utf8_lossy(&rest[..end]).into_owned();
            let (least, most) = text.split_once(',').unwrap_or((&text, &text));
            let Ok(least) = least.parse::<usize>() else { return (1, 1) };
            *at += end + 1;
            (least.min(100), most.parse().unwrap_or(least + 2).min(100))
        }
        _ => return (1, 1),
    };
    *at += 1;
    if matches!(regex.get(*at), Some(b'?' | b'+')) {
        *at += 1;
    }
    counts
}

fn atom(regex: &[u8], at: &mut usize, random: &mut Random, depth: usize) -> Vec<u8> {
    let byte = regex[*at];
    *at += 1;
    match byte {
        b'(' if depth < 50 => {
            // What stands behind `(?` up to the text: `:`, `=`, `>`; options are nothing.
            if regex.get(*at) == Some(&b'?') {
                while regex.get(*at).is_some_and(|byte| !b":=!>)".contains(byte)) {
                    *at += 1;
                }
                if regex.get(*at).is_some_and(|byte| *byte != b')') {
                    *at += 1;
                }
            }
            let text = alternatives(regex, at, random, depth + 1);
            *at += 1;
            text
        }
        b'[' => class(regex, at, random),
        b'.' => vec![*random.pick(b"ax/-.0\n ").expect("not empty")],
        b'^' | b'$' => Vec::new(),
        b'\\' => {
            let escaped = regex.get(*at).copied().unwrap_or(b'$');
            *at += 1;
            match escaped {
                b'd' => vec![b'0' + random.below(10) as u8],
                b'w' => vec![*random.pick(b"aZ_0").expect("not empty")],
                b's' => vec![b' '],
                b'1' => b"a".to_vec(),
                escaped if escaped.is_ascii_alphabetic() => Vec::new(),
                escaped => vec![escaped],
            }
        }
        byte => vec![byte],
    }
}

fn class(regex: &[u8], at: &mut usize, random: &mut Random) -> Vec<u8> {
    let rest = &regex[*at..];
    let negated = rest.first() == Some(&b'^');
    let first = usize::from(negated);
    let mut end = first + usize::from(rest.get(first) == Some(&b']'));
    while end < rest.len() && rest[end] != b']' {
        end += if rest[end..].starts_with(b"[:") { 10 } else { 1 };
    }
    let members = rest.get(first..end.min(rest.len())).unwrap_or_default().to_vec();
    *at += end + 1;
    if negated {
        let outside = |byte: &u8| !members.contains(byte);
        return b"kq-.7/".iter().copied().find(outside).into_iter().collect();
    }
    if members.contains(&b'-') && random.chance(60) {
        let range = members.windows(3).find(|range| range[1] == b'-' && range[0] < range[2]);
        if let Some(range) = range {
            return vec![range[0] + random.below(usize::from(range[2] - range[0]) + 1) as u8];
        }
    }
    random.pick(&members).copied().into_iter().collect()
}

/// Pieces of expressions: what policies use, and what else PCRE has.
const COMMON: &[&str] = &[
    "/a",
    "/b",
    "/ab",
    "/a",
    "a",
    "b",
    "/",
    "-",
    "_",
    "x",
    "(/.*)?",
    ".*",
    "[^/]*",
    "[^/]+",
    "\\.",
    "[ab]",
    "(a|b)",
    "a?",
    "b+",
    "(/a)?",
    "(/[^/]+)?",
    "a{2}",
    "[a-z0-9]+",
    "/.*",
    "(a|/b)",
    "/(.*/)?a",
    "\\-",
    "0",
    "[0-9]+",
    "\\+",
];
const RARE: &[&str] = &[
    "//",
    "|",
    "|/b",
    "^",
    "$",
    "\\d",
    "\\w+",
    "\\/",
    "(a(b)?)+",
    "[[:alpha:]]",
    "(?i)A",
    "(?=a)",
    "(?!b)",
    "a++",
    "(?>ab?)",
    "(a)\\1",
    "\\x61",
    "[]a]",
    "[^]a]",
    "[a-]",
    "\\Qa.\\E",
    ".",
    ".+",
    "a*?",
    "{",
    "}",
    "]",
    "a{,3}",
    "a{1,}",
    "(?:a|ab)",
    "(?<=a)b",
    "(?<!a)b",
    "\\bb",
    "\\B",
    "\\A",
    "\\z",
    "\\Z",
    "[\\w-]",
    "[^[:digit:]b]",
    "(?-s).",
    "(?s:.)",
    "\\N",
    "\\R",
    "\\h",
    "\\S",
    "\\_",
    "\\,",
    "\\101",
    "[\\101-c]",
    "(?#x)",
    "\\K",
    "\\G",
    "(|a)",
    "()",
    "a{0}",
    "(a|ab)(b|)",
    "\\E",
    "(?<n>a)",
    "\\\\",
    "%",
    "~",
    ":",
    "=",
    "@",
    ",",
    "[.]",
    "[a\\]b]",
    "(a|b){2}",
    "(a+)*",
    "\\n",
    "\\t",
];
const WRONG: &[&str] = &[
    "*",
    "a**",
    "[",
    "(",
    ")",
    "\\y",
    "(?q)",
    "[z-a]",
    "[[:foo:]]",
    "a{3,2}",
    "\\9",
    "^*",
    "a{2}{3}",
    "(?",
    "\\",
];

/// A random expression; mostly one that PCRE takes.
pub fn expression(random: &mut Random) -> String {
    let mut regex = String::new();
    if random.chance(85) {
        regex.push_str(random.word(&["/a", "/b", "/ab", "/a/b", "/a/b/a", "/a-b", "/x"]));
    }
    for _ in 0..random.below(5) {
        let choice = random.below(100);
        regex.push_str(random.word(match choice {
            0..70 => COMMON,
            70..98 => RARE,
            _ => WRONG,
        }));
    }
    if regex.is_empty() || regex.starts_with('#') { "/".to_owned() } else { regex }
}

/// A random file of lines that libselinux takes, if it takes their expressions: comments, odd spacing, all kinds.
pub fn text(random: &mut Random) -> String {
    let mut text = String::new();
    for number in 0..1 + random.below(30) {
        if random.chance(10) {
            text.push_str(random.word(&["\n", "# comment\n", "  \t\n", "\t# /a b\n", "#\n"]));
        }
        let space = random.word(&[" ", "\t", "  ", " \t "]);
        let mut line = format!("{}{}{space}", random.word(&["", "", " ", "\t"]), expression(random));
        if random.chance(30) {
            line += &format!("{}{space}", random.word(&["--", "-d", "-l", "-c", "-b", "-s", "-p"]));
            line += &context(number, random);
            line += random.word(&["", "", " behind", " - s0:c1", "\t#", " ", "\r"]);
        } else {
            line += &context(number, random);
            line += random.word(&["", "", " ", "\t", "\r"]);
        }
        text += &line;
        text.push('\n');
    }
    if random.chance(20) {
        text.pop();
    }
    text
}

fn context(number: usize, random: &mut Random) -> String {
    if random.chance(10) { "<<none>>".to_owned() } else { format!("u:object_r:t{number}_t:s0") }
}

#[cfg(test)]
mod tests {
    use super::{expand, expression, path, question, text};
    use crate::random::Random;

    #[test]
    fn expressions_of_policies_are_expanded() {
        let mut random = Random::new(1);
        assert_eq!(expand(b"/a\\.b", &mut random), b"/a.b");
        assert_eq!(expand(b"/a{3}[c][^kq]", &mut random), b"/aaac-");
        let both: Vec<Vec<u8>> = (0..50).map(|_| expand(b"/usr(/(x|yy)z)?", &mut random)).collect();
        for expected in [&b"/usr"[..], b"/usr/xz", b"/usr/yyz"] {
            assert!(both.iter().any(|text| text == expected));
        }
    }

    #[test]
    fn whatever_the_expression_expanding_ends() {
        let mut random = Random::new(2);
        for _ in 0..20_000 {
            let regex = expression(&mut random);
            let path = path(&mut random, &[&regex]);
            assert!(!path.contains(&0) && path.len() < 10_000, "{regex}");
        }
        assert!(text(&mut random).contains("object_r") || text(&mut random).contains("none"));
    }

    #[test]
    fn questions_are_hexadecimal() {
        assert_eq!(question(b'd', b"/a\n"), "d 2f610a");
    }
}
