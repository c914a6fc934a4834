//! Every module of Debian's policies, read and written again: the same bytes. So nothing is lost, and nothing is read as another thing.

mod writer;

use std::path::PathBuf;

use module::{Package, SectionKind};
use testkit::policies;

/// The modules of a policy package, unpacked.
fn modules(name: &str) -> Option<Vec<PathBuf>> {
    let folder = policies::modules(name);
    let Ok(entries) = std::fs::read_dir(&folder) else {
        testkit::leave_out(&testkit::Error::NoPolicy { path: folder });
        return None;
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    Some(paths)
}

#[test]
fn debians_modules_are_written_as_they_were_read() {
    for (name, at_least) in [("default", 300), ("mls", 300)] {
        let Some(paths) = modules(name) else { continue };
        assert!(paths.len() >= at_least, "only {} modules of {name}", paths.len());
        let (mut n_rules, mut n_contexts) = (0, 0);
        for path in &paths {
            let bytes = std::fs::read(path).expect("a module");
            let package =
                Package::parse(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let written = writer::package(&package);
            assert!(written == bytes, "{}: {} bytes, not {}", path.display(), written.len(), bytes.len());
            let branches = package.module.blocks.iter().flat_map(|block| &block.branches);
            n_rules += branches.map(|branch| branch.av_rules.len()).sum::<usize>();
            n_contexts += usize::from(package.section(SectionKind::FileContexts).is_some());
        }
        assert!(n_rules > 10_000 && n_contexts > 200, "{n_rules} rules, {n_contexts} file contexts");
    }
}

#[test]
fn a_module_that_ends_early_is_refused_everywhere() {
    let Some(paths) = modules("default") else { return };
    let small =
        paths.iter().filter_map(|path| std::fs::read(path).ok()).min_by_key(Vec::len).expect("a module");
    for length in 0..small.len() {
        let cut = &small[..length];
        // What is cut off of a text at the end is not missed.
        if let Ok(package) = Package::parse(cut) {
            assert!(package.sections.len() > 1, "cut at {length}");
        }
    }
}
