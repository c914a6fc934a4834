//! Every example in the README and in help does what it shows.

mod common;

use common::{Answer, sepolq, testdata};

/// The words of a command line as these pages write them: blanks between single quotes are kept.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (i, part) in line.split('\'').enumerate() {
        if i % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

#[test]
fn the_readmes_examples_print_what_it_shows() {
    let readme = std::fs::read_to_string(testdata("../README.md")).unwrap();
    let mut examples = 0;
    for block in readme.split("```console\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default())
    {
        for example in block.split("$ sepolq ").skip(1) {
            let (command, expected) = example.split_once('\n').expect("a command and its answer");
            // Files are those of the repository.
            let folder = testdata("..");
            let answer = Answer::of(&sepolq().current_dir(folder).args(words(command)).output().unwrap());
            assert_eq!(answer.stdout, expected, "{command}");
            examples += 1;
        }
    }
    assert!(examples >= 9, "{examples}");
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
