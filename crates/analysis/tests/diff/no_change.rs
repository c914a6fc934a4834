//! What must be no difference: a policy against itself, in another order, optimised, in another version, with renames by alias,
//! with equivalent conditions.

use analysis::diff::Comparison;

use super::{testdata, with_comparison};

fn says(comparison: &Comparison<'_, '_>) -> String {
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        comparison.effective.changes,
        comparison.components,
        comparison.transitions,
        comparison.xperms,
        comparison.roles,
        comparison.constraints,
        comparison.audit
    )
}

#[test]
fn every_small_policy_is_equal_to_itself() {
    let folder = testkit::policies::testdata().join("policies");
    let mut n_policies = 0;
    for entry in std::fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        let is_policy = path.extension().and_then(|ending| ending.to_str()?.parse::<u32>().ok()).is_some();
        // A policy without rules is refused.
        if !is_policy || path.ends_with("rules-none.33") {
            continue;
        }
        let bytes = std::fs::read(&path).expect("a file");
        with_comparison(&bytes, &bytes, |comparison| {
            assert!(comparison.is_same(), "{}: {}", path.display(), says(comparison));
        });
        n_policies += 1;
    }
    assert!(n_policies > 50, "{n_policies}");
}

#[test]
fn an_optimised_build_is_equal() {
    let (plain, optimised) = (testdata("policies/redundant.33"), testdata("policies/redundant-optimized.33"));
    for (old, new) in [(&plain, &optimised), (&optimised, &plain)] {
        with_comparison(old, new, |comparison| assert!(comparison.is_same(), "{}", says(comparison)));
    }
}

#[test]
fn older_versions_are_equal_but_for_what_they_cannot_carry() {
    for (name, versions) in [("rich", 15..33), ("rich-mls", 19..33), ("rich-xperm", 30..33)] {
        let newest = testdata(&format!("policies/{name}.33"));
        for version in versions {
            let older = testdata(&format!("policies/{name}.{version}"));
            for (old, new) in [(&older, &newest), (&newest, &older)] {
                with_comparison(old, new, |comparison| {
                    assert!(comparison.is_same(), "{name}.{version}: {}", says(comparison));
                    assert!(version > 30 || comparison.left_out.is_some(), "{name}.{version}: nothing said");
                });
            }
        }
    }
}

#[test]
fn a_rename_by_alias_is_said_and_is_no_change() {
    with_comparison(&testdata("demo/demo-older.33"), &testdata("demo/demo.33"), |comparison| {
        let renamed = [("container_share_t".to_owned(), "container_ro_file_t".to_owned())];
        assert_eq!(comparison.matching.renamed(), renamed);
        let types =
            comparison.components.iter().flat_map(|change| change.added.iter().chain(&change.removed));
        for name in types {
            assert!(!name.contains("container_share_t"), "{name}");
        }
        let symbol = comparison.matching.named("container_share_t").expect("a type");
        assert_eq!(comparison.matching.named("container_ro_file_t"), Some(symbol));
    });
}
