//! Regular expressions as people write them for type names, and some that no engine accepts.

use crate::random::Random;

/// Python refuses each of these.
const INVALID: &[&str] =
    &["(", "*a", "[a", "a**", "a)", "(?P<x", "[z-a]", "\\p", "a{2}{3}", "(?<a>b)", "\\", "+"];

/// A regular expression that finds `name` (which may be empty).
pub(super) fn matching(name: &str, random: &mut Random) -> String {
    let head: String = name.split('_').next().unwrap_or_default().to_owned();
    let tail: String = name.rsplit('_').next().unwrap_or_default().to_owned();
    let cut = random.below(name.len().max(1));
    let part = name.get(..cut).unwrap_or(name);
    let rest = name.get(cut..).unwrap_or_default();
    let initial = name.get(..1).unwrap_or_default();
    let after = name.get(1..).unwrap_or_default();
    match random.below(24) {
        0..4 => format!("^{head}_"),
        4..6 => format!("^{name}$"),
        6 => name.to_owned(),
        7..9 => format!("_{tail}$"),
        9..11 => format!("^({head}|sshd|nosuch)_"),
        11 => format!("^(?:{name}|init_t)$"),
        12 => format!("{part}.*"),
        13 => format!("^{part}[a-z_]"),
        14 => format!("^[{initial}-z]{after}$"),
        15 => format!("{part}.+{tail}$"),
        16 => format!("^{head}(_[a-z]+)*_{tail}$"),
        17 => format!("(?i)^{}", name.to_uppercase()),
        18 => format!("\\b{head}\\w*"),
        19 => format!("^{part}(?={rest})"),
        20 => format!("^(?!nosuch){head}"),
        21 => format!("^{head}.{{1,12}}$"),
        22 => format!("^{part}(?P<rest>{rest})?$"),
        _ => "(.)\\1".to_owned(),
    }
}

/// A regular expression with an error in it.
pub(super) fn invalid(random: &mut Random) -> String {
    random.word(INVALID).to_owned()
}
