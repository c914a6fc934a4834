//! Look-ups over a few lines; what all lines of real policies answer is compared with libselinux in `tests/`.

use super::{FileContexts, FileKind, Generation, Part, Parts, ProblemReason};

fn parts(base: &str) -> Parts<'_> {
    Parts { base: Some(Part { name: "fc", bytes: base.as_bytes() }), ..Parts::default() }
}

fn parse(base: &str) -> FileContexts {
    FileContexts::parse(&parts(base))
}

/// The context, `none`, or nothing.
fn label(contexts: &FileContexts, path: &str, kind: Option<FileKind>) -> Option<String> {
    let found = contexts.lookup(path.as_bytes(), kind)?;
    Some(found.context().unwrap_or("none").to_owned())
}

#[test]
fn the_last_line_that_matches_decides() {
    let contexts = parse("/.* a\n/usr(/.*)? b\n/usr/lib/.* c\n/usr/lib/x -d d\n/usr/lib/[xy] e\n");
    let ask = |path, kind| label(&contexts, path, kind);
    assert_eq!(ask("/etc", None).as_deref(), Some("a"));
    assert_eq!(ask("/usr", None).as_deref(), Some("b"));
    assert_eq!(ask("/usrs", None).as_deref(), Some("a"));
    assert_eq!(ask("/usr/lib/z", None).as_deref(), Some("c"));
    assert_eq!(ask("/usr/lib/x", Some(FileKind::Directory)).as_deref(), Some("d"), "plain paths are last");
    assert_eq!(ask("/usr/lib/x", None).as_deref(), Some("d"), "without a kind all lines count");
    assert_eq!(ask("/usr/lib/x", Some(FileKind::Regular)).as_deref(), Some("e"));
    assert_eq!(ask("usr", None), None);
}

#[test]
fn a_path_without_a_label_is_told_from_one_without_a_line() {
    let contexts = parse("/proc/.* <<none>>\n/proc a\n");
    let found = contexts.lookup(b"/proc/1", None).map(|found| (found.spec.line, found.spec.context));
    assert_eq!(found, Some((Some(1), None)));
    assert_eq!(contexts.lookup(b"/sys", None), None);
    assert_eq!(contexts.lookup(b"", None), None);
    assert_eq!(contexts.lookup(b"/proc/\0", None), None);
}

#[test]
fn slashes_and_substitutions() {
    let subs = Part { name: "subs", bytes: b"/home2 /lib64/x\n" };
    let subs_dist = Part { name: "dist", bytes: b"/lib64 /usr/lib\n" };
    let base = "/usr/lib(/.*)? a\n/home2(/.*)? b\n/a/\\.\\./b c\n";
    let contexts =
        FileContexts::parse(&Parts { subs: Some(subs), subs_dist: Some(subs_dist), ..parts(base) });
    let found = contexts.lookup(b"//home2///y/", None).expect("a line");
    assert_eq!((found.context(), found.substituted.as_deref()), (Some("a"), Some(&b"/usr/lib/x/y"[..])));
    assert_eq!(contexts.lookup(b"/usr/lib/", None).and_then(|found| found.substituted), None);
    assert_eq!(label(&contexts, "/a/../b", None).as_deref(), Some("c"), "two dots are a name");
    assert_eq!(label(&contexts, "/", None), None);
}

#[test]
fn files_come_one_after_the_other() {
    let (homedirs, local) = ("/home/[^/]+ b\n/x/y b\n", "/x/.* c\n/home/a d\n");
    let mut all = parts("/home/.* a\n/x/y a\n/x/z a\n");
    all.homedirs = Some(Part { name: "fc.homedirs", bytes: homedirs.as_bytes() });
    all.local = Some(Part { name: "fc.local", bytes: local.as_bytes() });
    for generation in [Generation::Stems, Generation::Tree] {
        let contexts = FileContexts::parse(&Parts { generation: Some(generation), ..all });
        let ask = |path| label(&contexts, path, None).unwrap_or_default();
        assert_eq!((ask("/home/q"), ask("/home/a"), ask("/home/q/r")), ("b".into(), "d".into(), "a".into()));
        assert_eq!((ask("/x/y"), ask("/x/z"), ask("/x/w")), ("b".into(), "a".into(), "c".into()));
        let line = contexts.lookup(b"/home/a", None).map(|found| (found.spec.file, found.spec.line));
        assert_eq!(line, Some(("fc.local", Some(2))));
    }
}

#[test]
fn generations_differ_in_four_things() {
    let base = "/a\\-b/c x\n/d y\n/d z\n/a-b/.* w\n";
    let ask = |generation, path: &str| {
        let contexts = FileContexts::parse(&Parts { generation: Some(generation), ..parts(base) });
        label(&contexts, path, None)
    };
    assert_eq!(ask(Generation::Stems, "/a-b/c").as_deref(), Some("w"));
    assert_eq!(ask(Generation::Tree, "/a-b/c").as_deref(), Some("x"));
    assert_eq!(ask(Generation::Stems, "/d").as_deref(), Some("z"));
    assert_eq!(ask(Generation::Tree, "/d").as_deref(), Some("y"));
    assert_eq!(ask(Generation::Stems, "/d\n").as_deref(), Some("z"));
    assert_eq!(ask(Generation::Tree, "/d\n"), None);

    let base = "/v/.* a\n/v/w/.*b <<none>>\n/v/[^/]*/.*b c\n";
    let ask = |generation| {
        let contexts = FileContexts::parse(&Parts { generation: Some(generation), ..parts(base) });
        label(&contexts, "/v/w/b", None)
    };
    assert_eq!(ask(Generation::Stems).as_deref(), Some("c"));
    assert_eq!(ask(Generation::Tree).as_deref(), Some("none"), "it has more stems");
}

#[test]
fn bad_lines_are_told_and_the_rest_is_used() {
    let contexts = parse("/a\n/b -x s\n/\u{e9} s\n/c[ s\n/d(?R) s\n/e s\n/f{2}{3} s\n/(g{1,900}){1,900} s\n");
    let told: Vec<Option<u32>> = contexts.problems().iter().map(|problem| problem.line).collect();
    assert_eq!(told, [1, 2, 3, 4, 5, 7].map(Some));
    assert_eq!(contexts.n_problems(), 6);
    assert_eq!(contexts.problems()[0].to_string(), "fc, line 1: the line has an expression and no context");
    assert!(
        matches!(&contexts.problems()[3].reason, ProblemReason::Expression { regex, .. } if regex == "/c[")
    );
    assert_eq!(label(&contexts, "/e", None).as_deref(), Some("s"));
    assert_eq!(contexts.problems_of_lookups(), []);
    assert_eq!(label(&contexts, "/g", None), None);
    let late: Vec<Option<u32>> = contexts.problems_of_lookups().iter().map(|problem| problem.line).collect();
    assert_eq!(late, [Some(8)]);
    assert_eq!(contexts.specs().count(), 2);
}

#[test]
fn a_file_of_nothing_but_problems_is_bounded() {
    let contexts = parse(&"x\n".repeat(5000));
    assert_eq!((contexts.problems().len(), contexts.n_problems()), (100, 5000));
    assert_eq!(contexts.lookup(b"x", None), None);
}
