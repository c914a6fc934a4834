//! Look-ups against `selabel_lookup` of the libselinux that is installed: on the file contexts of real policies, on
//! random files, as text and compiled, with substitutions and neighbours.

use std::fs;
use std::path::Path;
use std::process::Command;

use labels::file_contexts::{FileContexts, FileKind, Generation, Part, Parts, ProblemReason};
use testkit::file_contexts as random_contexts;
use testkit::judge::Libselinux;
use testkit::policies;
use testkit::random::Random;

/// Look-ups in the file contexts of each real policy.
const QUESTIONS: usize = 25_000;
/// Random files, and look-ups in each.
const FILES: usize = 400;
const QUESTIONS_OF_A_FILE: usize = 120;

/// The judge, in a folder of its own; nothing on a machine that cannot have it.
fn judge(folder: &Path) -> Option<Libselinux> {
    Libselinux::build(folder).map_err(|why| testkit::leave_out(&why)).ok()
}

fn generation(judge: &Libselinux) -> Generation {
    if judge.has_tree() { Generation::Tree } else { Generation::Stems }
}

/// Our answer in the judge's form.
fn answer(contexts: &FileContexts, kind: u8, path: &[u8]) -> String {
    if path.is_empty() {
        // What libselinux calls an invalid argument.
        return "error".to_owned();
    }
    let kind = FileKind::from_word(&[b'-', kind]);
    match contexts.lookup(path, kind).as_ref().and_then(|found| found.context()) {
        Some(context) => format!("ok {context}"),
        None => "none".to_owned(),
    }
}

/// Random questions about a file's expressions.
fn questions(contexts: &FileContexts, count: usize, random: &mut Random) -> Vec<(u8, Vec<u8>)> {
    let regexes: Vec<&str> = contexts.specs().map(|spec| spec.regex).collect();
    let question = |_| {
        let kind = random.pick(random_contexts::KINDS).copied().unwrap_or(b'0');
        (kind, random_contexts::path(random, &regexes))
    };
    (0..count).map(question).collect()
}

/// Asks both; returns how many answers were labels.
fn compare(contexts: &FileContexts, judge: &Libselinux, file: &Path, questions: &[(u8, Vec<u8>)]) -> usize {
    let texts: Vec<String> =
        questions.iter().map(|(kind, path)| random_contexts::question(*kind, path)).collect();
    let answers = judge.ask(file, &texts).expect("libselinux opens the file");
    for ((kind, path), expected) in questions.iter().zip(&answers) {
        let ours = answer(contexts, *kind, path);
        let found = contexts.lookup(path, FileKind::from_word(&[b'-', *kind]));
        assert_eq!(
            ours,
            *expected,
            "{} as `{}` in {}, decided by {found:?}, there by {:?}",
            path.escape_ascii(),
            char::from(*kind),
            file.display(),
            contexts.specs().find(|spec| spec.context == expected.strip_prefix("ok ")),
        );
    }
    answers.iter().filter(|answer| answer.starts_with("ok")).count()
}

/// The file contexts of a policy with the generation of the installed libselinux.
fn open_as(file: &Path, generation: Generation) -> FileContexts {
    let read = |suffix: &str| fs::read(file.with_file_name(format!("file_contexts{suffix}"))).ok();
    let (base, homedirs, local) = (read(""), read(".homedirs"), read(".local"));
    let (subs_dist, subs) = (read(".subs_dist"), read(".subs"));
    fn part<'a>(name: &'a str, bytes: &'a Option<Vec<u8>>) -> Option<Part<'a>> {
        bytes.as_deref().map(|bytes| Part { name, bytes })
    }
    FileContexts::parse(&Parts {
        base: part("file_contexts", &base),
        homedirs: part("homedirs", &homedirs),
        local: part("local", &local),
        subs_dist: part("subs_dist", &subs_dist),
        subs: part("subs", &subs),
        generation: Some(generation),
    })
}

#[test]
fn real_file_contexts_give_the_same_labels() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(judge) = judge(folder.path()) else { return };
    for (seed, policy) in policies::ALL.iter().take(3).enumerate() {
        let file = policy.contexts().join("file_contexts");
        if !file.is_file() {
            testkit::leave_out(&testkit::Error::NoPolicy { path: file });
            return;
        }
        let contexts = open_as(&file, generation(&judge));
        assert_eq!(contexts.problems(), [], "{}", policy.name);
        let mut random = Random::new(seed as u64);
        let questions = questions(&contexts, QUESTIONS, &mut random);
        let labels = compare(&contexts, &judge, &file, &questions);
        println!("{}: {labels} labels of {QUESTIONS} look-ups", policy.name);
        assert!(labels * 2 > QUESTIONS, "most paths have a label");
        assert_eq!(contexts.problems_of_lookups(), []);
    }
}

#[test]
fn random_file_contexts_give_the_same_labels() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(judge) = judge(folder.path()) else { return };
    let mut random = Random::new(7);
    let (mut labels, mut refused, mut compiled) = (0, 0, 0);
    for number in 0..FILES {
        let here = folder.path().join(number.to_string());
        fs::create_dir(&here).expect("a folder");
        let file = here.join("file_contexts");
        write_files(&file, &judge, &mut random, &mut refused);
        let contexts = open_as(&file, generation(&judge));
        let questions = questions(&contexts, QUESTIONS_OF_A_FILE, &mut random);
        labels += compare(&contexts, &judge, &file, &questions);
        assert_eq!(contexts.problems_of_lookups(), []);
        if Command::new("sefcontext_compile").arg(&file).output().is_ok_and(|run| run.status.success()) {
            compiled += 1;
            let from_compiled = FileContexts::open(&file).expect("a compiled file");
            assert!(
                from_compiled.specs().any(|spec| spec.file.ends_with(".bin")),
                "{:?}",
                from_compiled.problems()
            );
            assert_eq!(from_compiled.generation(), generation(&judge));
            compare(&from_compiled, &judge, &file, &questions);
        }
    }
    println!("{labels} labels, {refused} expressions refused by both, {compiled} files compiled");
    assert!(labels > FILES * QUESTIONS_OF_A_FILE / 4 && refused > 20);
}

/// Writes a random file with random neighbours. Lines whose expressions we refuse are taken out: libselinux refuses
/// them as well, or they are what is not translated.
fn write_files(file: &Path, judge: &Libselinux, random: &mut Random, refused: &mut usize) {
    for suffix in ["", ".homedirs", ".local"] {
        if !suffix.is_empty() && random.chance(60) {
            continue;
        }
        let text = random_contexts::text(random);
        let part = Part { name: "random", bytes: text.as_bytes() };
        let parsed = FileContexts::parse(&Parts { base: Some(part), ..Parts::default() });
        let mut bad = Vec::new();
        for problem in parsed.problems() {
            let ProblemReason::Expression { regex, why } = &problem.reason else {
                panic!("a line that libselinux takes: {problem}");
            };
            *refused += 1;
            bad.extend(problem.line);
            if !why.ends_with("not understood here") {
                assert!(is_refused(file, judge, regex), "`{regex}`: {why}, but libselinux takes it");
            }
        }
        let mut kept = String::new();
        for (line, number) in text.split_inclusive('\n').zip(1..) {
            if !bad.contains(&number) {
                kept.push_str(line);
            }
        }
        // libselinux opens no file without lines that count.
        let kept = if suffix.is_empty() { format!("/a u:object_r:first_t:s0\n{kept}") } else { kept };
        fs::write(file.with_file_name(format!("file_contexts{suffix}")), kept).expect("written");
    }
    for suffix in [".subs", ".subs_dist"] {
        if random.chance(40) {
            let word = |random: &mut Random| random.word(&["/a", "/b", "/a/b", "/x", "/", "/b/a", "/ab"]);
            let lines: String = (0..4).map(|_| format!("{} {}\n", word(random), word(random))).collect();
            fs::write(file.with_file_name(format!("file_contexts{suffix}")), lines).expect("written");
        }
    }
}

/// Does libselinux refuse an expression; in a file of its own, behind a group so that it has no stem.
fn is_refused(file: &Path, judge: &Libselinux, regex: &str) -> bool {
    let alone = file.with_file_name("alone");
    fs::write(&alone, format!("(?s){regex} u:object_r:t:s0\n")).expect("written");
    let answers = judge.ask(&alone, &[random_contexts::question(b'0', b"/a")]).expect("one line");
    answers == ["error"]
}

#[test]
fn the_newer_of_text_and_compiled_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(judge) = judge(folder.path()) else { return };
    let file = folder.path().join("file_contexts");
    let bin = folder.path().join("file_contexts.bin");
    fs::write(&file, "/a u:object_r:compiled_t:s0\n").expect("written");
    let run = Command::new("sefcontext_compile").arg(&file).output();
    if !run.is_ok_and(|run| run.status.success()) {
        testkit::leave_out(&testkit::Error::Reference("there is no sefcontext_compile".into()));
        return;
    }
    fs::write(&file, "/a u:object_r:text_t:s0\n").expect("written");
    let question = [(b'0', b"/a".to_vec())];
    let touch = |path: &Path, time: &str| {
        let run = Command::new("touch").args(["-d", time]).arg(path).status();
        assert!(run.is_ok_and(|status| status.success()));
    };
    for (text_time, bin_time, expected) in [
        ("2020-01-01 00:00:00.9", "2020-01-01 00:00:00.1", "compiled_t"),
        ("2020-01-01 00:00:01", "2020-01-01 00:00:00.9", "text_t"),
        ("2020-01-01 00:00:01", "2020-01-01 00:00:02", "compiled_t"),
    ] {
        touch(&file, text_time);
        touch(&bin, bin_time);
        let contexts = FileContexts::open(&file).expect("opened");
        assert_eq!(answer(&contexts, b'0', b"/a"), format!("ok u:object_r:{expected}:s0"));
        compare(&contexts, &judge, &file, &question);
    }
    fs::write(&bin, b"\x8a\xff\x7c\xf9 broken").expect("written");
    let contexts = FileContexts::open(&file).expect("opened");
    assert_eq!(answer(&contexts, b'0', b"/a"), "ok u:object_r:text_t:s0");
    assert_eq!(contexts.n_problems(), 1);
    compare(&contexts, &judge, &file, &question);
}
