//! Expressions and what is written for the engines.

use super::{Engine, check, translate};

fn text(regex: &str) -> String {
    translate(regex.as_bytes()).map(|(_, text)| text).unwrap_or_else(|error| format!("! {error}"))
}

#[test]
fn expressions_as_policies_have_them() {
    assert_eq!(text("/usr(/.*)?"), r"\A/usr(?:/.*)?\n?\z");
    assert_eq!(text(r"/a\.b[^/]+"), r"\A/a\x2Eb[\x00-\x2E\x30-\xFF]+\n?\z");
    assert_eq!(text("/d/[0-9]{2,}.*"), r"\A/d/[\x30-\x39]{2,}.*\n?\z");
}

#[test]
fn the_end_is_part_of_the_expression() {
    assert_eq!(text(r"/a\"), r"\A/a\x24", "the added $ is a letter");
    assert_eq!(text(r"/a\Q.*"), r"\A/a\x2E\x2A\x24");
    assert_eq!(text("/a$"), r"\A/a\n?\z");
    assert_eq!(text("/a|b"), r"\A/a|b\n?\z");
    assert!(check(b"/a|b").is_ok_and(|found| found.splits));
    assert!(check(b"/(a|b)").is_ok_and(|found| !found.splits));
}

#[test]
fn what_is_not_linear_goes_to_the_other_engine() {
    for regex in ["/a++", "/(?=a)b", "/(?<!a)b", "/(a)\\1", "/(?>a)", "/a$|/b", "/\\R", "/a\\Z"] {
        assert!(check(regex.as_bytes()).is_ok_and(|found| found.engine == Engine::Backtracking), "{regex}");
    }
    assert_eq!(text(r"/(a)(?:b)\1"), r"\A/(a)(?:b)(?:\1)\n?\z");
}

#[test]
fn options_end_with_their_group() {
    assert_eq!(text("/(?i)a"), r"\A/[\x41\x61]\n?\z");
    assert_eq!(text("/((?i)a)b(?-s:.)."), r"\A/(?:[\x41\x61])b(?:[\x00-\x09\x0B-\xFF]).\n?\z");
}

#[test]
fn what_pcre_refuses_is_refused() {
    for regex in [
        "*a",
        "/a**",
        "/a{2}{3}",
        "^*",
        "/$*",
        "/\\b*",
        "/(?i)*",
        "/a+++",
        "/(",
        "/)",
        "/[a",
        "/[z-a]",
        "/[\\d-z]",
        "/[[:foo:]]",
        "/[[.a.]]",
        "[:a:]",
        "/\\y",
        "/\\1",
        "/(a)\\2",
        "/a{3,2}",
        "/(?#",
        "/(?<1>a)",
        "/(?<n>a)(?<n>b)",
        "/(?q)",
        "/\\91",
    ] {
        assert!(check(regex.as_bytes()).is_err(), "{regex}");
    }
    for regex in ["/a\\E*", "/\\Qa\\E*", "/[]a]", "/[\\w-]", "/a{,3}", "/\\101", "/(?'n'a)", "/a(?#x)*"] {
        assert!(check(regex.as_bytes()).is_ok(), "{regex}");
    }
    let deep = format!("{}{}", "(".repeat(251), ")".repeat(251));
    assert!(check(deep.as_bytes()).is_err());

    for regex in ["/(?=a)*", "/(?R)", "/(*SKIP)", "/(?|a)", "/\\pL", "/(?m)a", "/(?i)(a)\\1", "/(a)\\g1"] {
        let why = check(regex.as_bytes()).err().map(|why| why.to_string()).unwrap_or_default();
        assert!(why.ends_with("are not understood here"), "{regex}: {why}");
    }
}
