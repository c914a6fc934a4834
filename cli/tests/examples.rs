//! Every example in the README, in the tutorial and in help does what it shows.

mod common;

use common::{Answer, sepolq, testdata, words};

/// Runs every example of a page and compares; a line `…` in an answer stands for any lines. Returns how many there are.
fn examples_of(page: &str) -> usize {
    let text = std::fs::read_to_string(testdata("..").join(page)).expect("a page");
    let mut examples = 0;
    for block in text.split("```console\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default()) {
        for example in block.split("$ sepolq ").skip(1) {
            let (command, expected) = example.split_once('\n').expect("a command and its answer");
            // Files are those of the repository.
            let answer = common::commands::ask(command, &[]).stdout;
            match expected.split_once("…\n").filter(|(before, _)| before.ends_with('\n')) {
                None => assert_eq!(answer, expected, "{page}: {command}"),
                Some((before, after)) => {
                    assert_eq!(answer.get(..before.len()), Some(before), "{page}: {command}");
                    assert!(
                        answer.len() > before.len() && answer.ends_with(after),
                        "{page}: {command}: {answer}"
                    );
                }
            }
            examples += 1;
        }
    }
    examples
}

#[test]
fn the_examples_of_pages_print_what_they_show() {
    for (page, at_least) in [("README.md", 9), ("docs/tutorial.md", 8)] {
        let examples = examples_of(page);
        assert!(examples >= at_least, "{page}: {examples}");
    }
}

#[test]
fn the_tutorials_denial_is_the_one_in_its_file() {
    let page = std::fs::read_to_string(testdata("../docs/tutorial.md")).expect("the tutorial");
    let log = std::fs::read_to_string(testdata("audit/shop.log")).expect("its log");
    let record = log.lines().next().expect("a record");
    assert!(page.contains(record), "the tutorial shows another record");
}

#[test]
fn examples_in_help_are_answered() {
    let commands = [
        "allow",
        "can",
        "who-can",
        "new-label",
        "context",
        "info",
        "list",
        "show",
        "auditallow",
        "dontaudit",
        "allowxperm",
        "auditallowxperm",
        "dontauditxperm",
        "type_transition",
        "type_change",
        "type_member",
        "role_allow",
        "role_transition",
        "range_transition",
        "search",
    ];
    let mut examples = 0;
    let pages = commands.iter().map(|command| vec![*command, "--help"]).chain([vec!["--help"]]);
    for page in pages {
        let help = Answer::of(&sepolq().args(&page).output().unwrap()).stdout;
        let (_, section) =
            help.split_once("Examples:\n").unwrap_or_else(|| panic!("no examples in {page:?}"));
        for line in section.lines().filter_map(|line| line.strip_prefix("  sepolq ")) {
            // Behind two blanks stands what the example is about.
            let command = line.split("  ").next().unwrap_or_default();
            let mut words = words(command);
            match words.iter().position(|word| word == "policy.33") {
                Some(at) => words[at] = testdata("demo/demo.33").display().to_string(),
                None if words[0] != "--demo" => words.insert(0, "--demo".to_owned()),
                None => {}
            }
            let answer = Answer::of(&sepolq().args(&words).output().unwrap());
            assert_eq!(answer.code, Some(0), "`sepolq {command}` finds nothing or fails: {}", answer.stderr);
            examples += 1;
        }
    }
    assert!(examples > 25, "{examples}");
}
