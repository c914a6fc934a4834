//! What Python 3.11.2 answers, written down: one line for each message and each rule.

use super::PythonRegex;

fn refused(pattern: &str) -> String {
    PythonRegex::compile(pattern).map(|_| ()).expect_err(pattern)
}

fn found(pattern: &str, name: &str) -> bool {
    PythonRegex::compile(pattern).unwrap_or_else(|message| panic!("{pattern}: {message}")).is_match(name)
}

#[test]
fn messages_are_python_s() {
    for (pattern, message) in [
        ("(", "missing ), unterminated subpattern at position 0"),
        ("a\n(b", "missing ), unterminated subpattern at position 2 (line 2, column 1)"),
        ("a)", "unbalanced parenthesis at position 1"),
        ("a\\", "bad escape (end of pattern) at position 1"),
        ("*", "nothing to repeat at position 0"),
        ("a|{2}", "nothing to repeat at position 2"),
        ("^*", "nothing to repeat at position 1"),
        ("a**", "multiple repeat at position 2"),
        ("a{2}{3}", "multiple repeat at position 4"),
        ("a{2,1}", "min repeat greater than max repeat at position 2"),
        ("a{4294967295}", "the repetition number is too large"),
        ("[a", "unterminated character set at position 0"),
        ("[]", "unterminated character set at position 0"),
        ("[a-", "unterminated character set at position 0"),
        ("[z-a]", "bad character range z-a at position 1"),
        (r"[\d-z]", r"bad character range \d-z at position 1"),
        (r"[\8]", r"bad escape \8 at position 1"),
        (r"\p{L}", r"bad escape \p at position 0"),
        (r"\z", r"bad escape \z at position 0"),
        (r"\x4", r"incomplete escape \x4 at position 0"),
        (r"\U00110000", r"bad escape \U00110000 at position 0"),
        (r"\Uffffffff", "Python int too large to convert to C int"),
        (r"\N", "missing { at position 2"),
        (r"\N{x", "missing }, unterminated name at position 3"),
        (r"\N{}", "missing character name at position 3"),
        (r"\N{x}", "undefined character name 'x' at position 0"),
        (r"\400", r"octal escape value \400 outside of range 0-0o377 at position 0"),
        (r"\1", "invalid group reference 1 at position 1"),
        (r"(a\1)", "cannot refer to an open group at position 2"),
        (r"(?<=(a)\1)", "cannot refer to group defined in the same lookbehind subpattern at position 9"),
        (r"(?(1)a)", "invalid group reference 1 at position 3"),
        ("(?(0)a)", "bad group number at position 3"),
        ("(?(1073741823)a)", "invalid group reference 1073741823 at position 3"),
        ("(?(-1)a)", "bad character in group name '-1' at position 3"),
        ("(?(n)a)", "unknown group name 'n' at position 3"),
        ("(a)(?(1)a|b|c)", "conditional backref with more than two branches at position 11"),
        ("(?P<>a)", "missing group name at position 4"),
        ("(?P<n", "missing >, unterminated name at position 4"),
        ("(?P<1>a)", "bad character in group name '1' at position 4"),
        ("(?P=n)", "unknown group name 'n' at position 4"),
        ("(?P<n>a)(?P<n>b)", "redefinition of group name 'n' as group 2; was group 1 at position 12"),
        ("(?Px)", "unknown extension ?Px at position 1"),
        ("(?<n>a)", "unknown extension ?<n at position 1"),
        ("(?R)", "unknown extension ?R at position 1"),
        ("(?", "unexpected end of pattern at position 2"),
        ("(?#", "missing ), unterminated comment at position 0"),
        ("a(?i)", "global flags not at the start of the expression at position 1"),
        ("(?L)", "bad inline flags: cannot use 'L' flag with a str pattern at position 3"),
        ("(?au)", "bad inline flags: flags 'a', 'u' and 'L' are incompatible at position 4"),
        ("(?a)(?u)", "ASCII and UNICODE flags are incompatible"),
        ("(?iz)", "unknown flag at position 3"),
        ("(?iй)", "unknown flag at position 3"),
        ("(?i1)", "missing -, : or ) at position 3"),
        ("(?i", "missing -, : or ) at position 3"),
        ("(?-", "missing flag at position 3"),
        ("(?-)", "missing flag at position 3"),
        ("(?-i", "missing : at position 4"),
        ("(?-a:b)", "bad inline flags: cannot turn off flags 'a', 'u' and 'L' at position 4"),
        ("(?t:b)", "bad inline flags: cannot turn on global flag at position 3"),
        ("(?-t:b)", "bad inline flags: cannot turn off global flag at position 4"),
        ("(?i-i:b)", "bad inline flags: flag turned on and off at position 5"),
        ("(?t)a+?", "internal: unsupported template operator MIN_REPEAT"),
        ("(?t)(?<=a*)", "look-behind requires fixed-width pattern"),
        ("(?<=a|bc)", "look-behind requires fixed-width pattern"),
    ] {
        assert_eq!(refused(pattern), message, "{pattern:?}");
    }
}

#[test]
fn long_counts_and_numbers_are_refused() {
    let digits = "9".repeat(4301);
    assert!(
        refused(&format!("a{{{digits}}}")).starts_with("Exceeds the limit (4300 digits) for integer string")
    );
    assert!(refused(&format!("(?({digits})a)")).starts_with("bad character in group name '999"));
}

#[test]
fn plain_characters_elsewhere_are_operators() {
    for (pattern, name, expected) in [
        ("a{", "a{", true),
        ("a{1", "a{1", true),
        ("a{x}", "a{x}", true),
        ("^a{,2}$", "aa", true),
        ("^a{,2}$", "aaa", false),
        ("[[a]", "[", true),
        ("^[a&&b]$", "&", true),
        ("^[+--b]$", ",", true),
        ("^[+--b]$", "b", true),
        ("^[a~~b]$", "~", true),
        ("[]a]", "]", true),
        ("[^]a]", "]", false),
        (r"\<a", "<a", true),
        (r"[\b]", "\u{8}", true),
        (r"\0a", "\0a", true),
        (r"\101", "A", true),
        ("(?x) a b # c", "ab", true),
        (r"(?x)a\ [ ]b", "a  b", true),
        ("a(?#b)+$", "aaa", true),
        ("(?i)[^a]", "A", false),
        ("(?i:a)b", "AB", false),
        ("(?s:.)", "\n", true),
        (".", "\n", false),
        ("(?m)^b$", "a\nb\nc", true),
    ] {
        assert_eq!(found(pattern, name), expected, "{pattern:?} in {name:?}");
    }
}

#[test]
fn what_a_finite_automaton_cannot_do() {
    for (pattern, name, expected) in [
        ("^(?!unconfined).*_t$", "unconfined_t", false),
        ("^(?!unconfined).*_t$", "httpd_t", true),
        ("(?<!_exec)_t$", "httpd_exec_t", false),
        (r"^([a-z]+)_\1$", "user_user", true),
        (r"^(?P<n>[a-z]+)_(?P=n)$", "user_staff", false),
        (r"(?i)^(a)\1$", "aA", true),
        ("^(a)?(?(1)b|c)$", "ab", true),
        ("^(a)?(?(1)b|c)$", "b", false),
        ("^(a)?(?(1)(?:b|c))$", "ac", true),
        ("(a)?(?(1)|)b", "b", true),
        ("(?>a+)a", "aaa", false),
        ("a++a", "aaa", false),
        // Right since Python 3.11.5.
        ("(c|(?<!b)t)?+$", "a", true),
        ("(ab{1,2}|t){1,2}+t", "abat", false),
        ("(?:(?=a))*b", "b", true),
        // What looks ahead does not come back for other captures, nor a condition for the other branch.
        (r"^(?=(a|ab))\1c", "abc", false),
        (r"^(?:(a)??(?(1)c|a)*+a)", "acd", false),
    ] {
        assert_eq!(found(pattern, name), expected, "{pattern:?} in {name:?}");
    }
}

#[test]
fn names_that_are_not_plain() {
    for (pattern, name, expected) in [
        ("^$", "", true),
        (r"\B", "", false),
        ("a$", "a\n", true),
        (r"a\Z", "a\n", false),
        ("a$\n", "a\n", true),
        (r"^\w$", "é", true),
        (r"(?a)^\w$", "é", false),
        (r"^\w$", "\u{301}", false),
        (r"a\b", "a\u{301}", true),
        (r"^\d$", "٣", true),
        (r"^\s$", "\u{1c}", true),
        (r"(?a)^\s$", "\u{1c}", false),
        ("(?i)^i$", "İ", true),
        ("(?i)^ſ$", "s", true),
        ("(?ai)^ſ$", "s", false),
        ("(?i)é", "É", true),
        (r"[\ud800-\ue000]", "\u{e000}", true),
        (r"\ud800", "é", false),
    ] {
        assert_eq!(found(pattern, name), expected, "{pattern:?} in {name:?}");
    }
}

#[test]
fn time_and_memory_are_bounded() {
    let unsupported = |pattern: &str| {
        assert!(refused(pattern).starts_with("unsupported regular expression: "), "{pattern:.40}")
    };
    unsupported(&"(".repeat(100_000));
    unsupported(&format!("(){}", "(?(1)".repeat(20_000)));
    unsupported(&format!("{}a{}", "(?=".repeat(200), ")".repeat(200)));
    unsupported("(?:a{,1000}b?){,1000}");
    unsupported("(?!x)(?:a{,1000}b?){,1000}");
    unsupported(&r"\w(?=a)".repeat(10_000));
    unsupported("(a(?(1)b))");
    assert!(found(&format!("{}a{}", "(".repeat(250), ")".repeat(250)), "a"));
    assert!(!found("(?:a{4294967294}){4294967294}", "a"));
    assert!(found("^.{,4294967294}$", "a"));
    let gives_up = PythonRegex::compile(r"(a*)*\1b").expect("it is Python's");
    assert_eq!(gives_up.search(&"a".repeat(60)), None);
}
