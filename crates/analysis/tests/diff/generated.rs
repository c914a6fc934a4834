//! Pairs of generated policies: unrelated ones, which differ in nearly everything, some with bounds; and one against itself with
//! a line more, of which the cause is known.

use analysis::diff::{Cause, Comparison, Symbol};
use testkit::generated;
use testkit::random::Random;

use super::brute_force::{check_all, check_causes};
use super::with_comparison;

const PAIRS: u64 = 40;

fn for_texts(first_seed: u64, n_texts: u64, mut check: impl FnMut(u64, &str, &dyn Fn(&str) -> Vec<u8>)) {
    if generated::compiler_is_missing() {
        return testkit::leave_out(&testkit::Error::Reference("checkpolicy is not installed".to_owned()));
    }
    let directory = tempfile::tempdir().expect("a temporary directory");
    for seed in first_seed..first_seed + n_texts {
        let text = generated::policy_text(&mut Random::new(seed));
        let compile = |text: &str| {
            generated::compile(text, directory.path()).unwrap_or_else(|e| panic!("seed {seed}: {e}\n{text}"))
        };
        check(seed, &text, &compile);
    }
}

#[test]
fn unrelated_policies_differ_as_decisions_do() {
    let mut before: Option<Vec<u8>> = None;
    let mut n_changes = 0;
    for_texts(7_000, PAIRS, |seed, text, compile| {
        let mut random = Random::new(seed);
        let bytes = compile(text);
        let bytes = if seed % 3 == 0 { generated::with_bounds(&bytes, &mut random) } else { bytes };
        if let Some(before) = &before {
            with_comparison(before, &bytes, |comparison| {
                check_all(comparison);
                check_causes(comparison);
                n_changes += comparison.effective.changes.len();
            });
        }
        before = Some(bytes);
    });
    assert!(n_changes > 1000 || generated::compiler_is_missing(), "{n_changes}");
}

/// The text with a line before the users, where rules end.
fn with_line(text: &str, line: &str) -> String {
    let at = text.find("\nuser ").expect("users");
    format!("{}\n{line}{}", &text[..at], &text[at..])
}

#[test]
fn a_line_more_is_the_only_cause() {
    let mut seen = [0usize; 4];
    for_texts(8_000, PAIRS, |seed, text, compile| {
        let old = compile(text);
        let mut random = Random::new(seed);
        let (source, target) = (generated::symbol(&mut random), generated::symbol(&mut random));
        let lines = [
            format!("allow {source} {target}:file {{ append map }};"),
            "typeattribute t4_t a1;".to_owned(),
            format!("if (b1 && !b2) {{ allow {source} {target}:dir search; }}"),
            "type extra_t, a0;\nrole system_r types extra_t;".to_owned(),
        ];
        for (kind, line) in lines.iter().enumerate() {
            let new = compile(&with_line(text, line));
            with_comparison(&old, &new, |comparison| {
                check_all(comparison);
                check_causes(comparison);
                for cause in &comparison.effective.causes {
                    assert!(fits(comparison, kind, *cause), "seed {seed}, `{line}`: {cause:?}");
                }
                seen[kind] += comparison.effective.causes.len();
            });
            with_comparison(&new, &old, |comparison| {
                check_all(comparison);
                let gained = comparison.totals().gained;
                // A condition may have been lost and another be left, which is no loss; but nothing is gained.
                assert_eq!(gained, 0, "seed {seed}: taking away `{line}` grants something");
            });
        }
    });
    assert!(seen.iter().all(|n| *n > 0) || generated::compiler_is_missing(), "{seen:?}");
}

/// Whether a line of a kind can be said to make a change for this cause.
fn fits(comparison: &Comparison<'_, '_>, kind: usize, cause: Cause) -> bool {
    let is = |symbol: Symbol, name: &str| comparison.matching.name(symbol) == name;
    match (kind, cause) {
        (0 | 2, Cause::RuleAdded(_) | Cause::SelfAdded(_) | Cause::Moved(..)) => true,
        (1, Cause::Joined(symbol, attribute)) => is(symbol, "t4_t") && is(attribute, "a1"),
        (3, Cause::TypeAdded(symbol)) => is(symbol, "extra_t"),
        _ => false,
    }
}

#[test]
fn a_default_that_flips_is_the_only_cause() {
    let mut seen = 0;
    for_texts(9_000, PAIRS, |seed, text, compile| {
        let (on, off) = ("bool b1 true;", "bool b1 false;");
        let flipped = if text.contains(on) { text.replace(on, off) } else { text.replace(off, on) };
        with_comparison(&compile(text), &compile(&flipped), |comparison| {
            check_all(comparison);
            for cause in &comparison.effective.causes {
                assert!(matches!(cause, Cause::Flipped(_)), "seed {seed}: {cause:?}");
            }
            seen += comparison.effective.causes.len();
        });
    });
    assert!(seen > 0 || generated::compiler_is_missing());
}
