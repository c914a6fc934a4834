//! Completion in shells: options and commands from the definition of the command line, names out of the
//! policy that the command line being typed is about.
//!
//! `sepolq completions SHELL` prints a script; at each TAB it calls the program with a variable set. Cost: as
//! a cold query.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::PathBuf;

use avstore::{ComponentKind, ComponentWriter, FileNames, Store};
use clap::CommandFactory;
use clap_complete::CompleteEnv;
use clap_complete::engine::CompletionCandidate;
use clap_complete::env::Shells;
use policydb::{BoolId, Policy};

use crate::args::{Cli, ColorWhen, Global, LIST_KINDS};
use crate::policy_source;

/// Set by the scripts, to the name of the shell.
const VARIABLE: &str = "SEPOLQ_COMPLETE";

/// Answers a shell that asks for completions, and ends the program; returns if none asks.
pub(crate) fn answer_shell() {
    CompleteEnv::with_factory(Cli::command).var(VARIABLE).complete();
}

/// Prints the script that makes a shell ask.
///
/// # Errors
/// The script cannot be written.
pub(crate) fn print_script(shell: &str) -> io::Result<()> {
    let shells = Shells::builtins();
    let Some(completer) = shells.completer(shell) else {
        return Err(io::Error::other(format!("no completion for shell `{shell}`")));
    };
    completer.write_registration(VARIABLE, "sepolq", "sepolq", "sepolq", &mut io::stdout())
}

/// Types, attributes (as they are and with `@`) and aliases.
pub(crate) fn types(current: &OsStr) -> Vec<CompletionCandidate> {
    let current = current.to_string_lossy().into_owned();
    with_policy(|store| {
        let (written, prefix) = match current.strip_prefix('@') {
            Some(rest) => ("@", rest),
            None => ("", current.as_str()),
        };
        let names = store.type_ids().map(|id| store.type_name(id).to_string());
        let aliases = store.policy().type_aliases().map(|(alias, _)| alias.to_string());
        let mut names: Vec<String> = names.chain(aliases).filter(|name| name.starts_with(prefix)).collect();
        names.sort_unstable();
        names.into_iter().map(|name| format!("{written}{name}")).collect()
    })
}

/// Object classes, the last of a list.
pub(crate) fn classes(current: &OsStr) -> Vec<CompletionCandidate> {
    with_policy(|store| {
        last_of_list(current, store.class_ids().map(|id| store.class_name(id).to_string()).collect())
    })
}

/// Permissions of any class, the last of a list.
pub(crate) fn permissions(current: &OsStr) -> Vec<CompletionCandidate> {
    with_policy(|store| {
        let of = |id| {
            store.permissions(id).iter().map(|permission| permission.name.to_string()).collect::<Vec<_>>()
        };
        last_of_list(current, store.class_ids().flat_map(of).collect())
    })
}

/// Kinds that `list` takes.
pub(crate) fn kinds(current: &OsStr) -> Vec<CompletionCandidate> {
    let current = current.to_string_lossy();
    let kinds = LIST_KINDS.iter().map(|kind| kind.name).filter(|name| name.starts_with(&*current));
    kinds.map(CompletionCandidate::new).collect()
}

/// Names of the kind that `list` was given.
pub(crate) fn components(current: &OsStr) -> Vec<CompletionCandidate> {
    let current = current.to_string_lossy().into_owned();
    let words: Vec<OsString> = std::env::args_os().collect();
    let kind = LIST_KINDS.iter().find(|kind| words.iter().any(|word| *word == kind.name));
    let kinds = kind.map_or(&[][..], |kind| kind.kinds);
    with_policy(|store| names_of(store, kinds, &current))
}

/// Everything that has a name.
pub(crate) fn anything(current: &OsStr) -> Vec<CompletionCandidate> {
    const NAMED: [ComponentKind; 8] = [
        ComponentKind::Type,
        ComponentKind::Attribute,
        ComponentKind::Alias,
        ComponentKind::Role,
        ComponentKind::User,
        ComponentKind::Class,
        ComponentKind::Boolean,
        ComponentKind::Permission,
    ];
    let current = current.to_string_lossy().into_owned();
    with_policy(|store| names_of(store, &NAMED, &current))
}

fn names_of(store: &Store<'_>, kinds: &[ComponentKind], prefix: &str) -> Vec<String> {
    let writer = ComponentWriter::new(store, FileNames::Quoted);
    let all = kinds.iter().flat_map(|kind| avstore::components(store, *kind));
    let names = all.filter_map(|component| writer.name(&component)).map(|name| avstore::shown_name(&name));
    let mut names: Vec<String> = names.filter(|name| name.starts_with(prefix)).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Booleans, the last of a list.
pub(crate) fn booleans(current: &OsStr) -> Vec<CompletionCandidate> {
    with_policy(|store| {
        let policy = store.policy();
        let ids = (0..u32::try_from(policy.n_booleans()).unwrap_or(u32::MAX)).map(BoolId::from_index);
        last_of_list(
            current,
            ids.filter_map(|id| policy.boolean(id)).map(|(name, _)| name.to_string()).collect(),
        )
    })
}

/// The names that go on as the last word of a comma list does, behind the words before it.
fn last_of_list(current: &OsStr, mut names: Vec<String>) -> Vec<String> {
    let current = current.to_string_lossy();
    let (before, last) = match current.rfind(',') {
        Some(comma) => current.split_at(comma + 1),
        None => ("", &*current),
    };
    names.retain(|name| name.starts_with(last));
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(|name| format!("{before}{name}")).collect()
}

/// What `names` gives for the policy of the command line, or nothing: a shell that completes shows no errors.
fn with_policy(names: impl FnOnce(&Store<'_>) -> Vec<String>) -> Vec<CompletionCandidate> {
    let arguments: Vec<OsString> = std::env::args_os().skip_while(|word| word != "--").skip(1).collect();
    let Ok(source) = policy_source::open(&global(&arguments)) else { return Vec::new() };
    let Ok(policy) = Policy::parse(&source) else { return Vec::new() };
    names(&Store::new(&policy)).into_iter().map(CompletionCandidate::new).collect()
}

/// The policy that a command line names, as far as it is typed.
fn global(arguments: &[OsString]) -> Global {
    let behind = |names: [&str; 2]| {
        let mut words = arguments.iter();
        words
            .by_ref()
            .find(|word| names.iter().any(|name| *word == name))
            .and_then(|_| words.next())
            .map(PathBuf::from)
    };
    let attached = || {
        let value = arguments.iter().find_map(|word| word.to_str()?.strip_prefix("--policy="));
        value.map(PathBuf::from)
    };
    Global {
        policy: behind(["-P", "--policy"]).or_else(attached),
        demo: arguments.iter().any(|word| word == "--demo"),
        color: ColorWhen::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_of_a_list_goes_on() {
        let names = || vec!["file".to_owned(), "fifo_file".to_owned(), "dir".to_owned(), "file".to_owned()];
        assert_eq!(last_of_list(OsStr::new("fi"), names()), ["fifo_file", "file"]);
        assert_eq!(last_of_list(OsStr::new("dir,fil"), names()), ["dir,file"]);
    }

    #[test]
    fn the_policy_is_the_one_being_typed() {
        let policy = |words: &[&str]| {
            let words: Vec<OsString> = words.iter().map(OsString::from).collect();
            let global = global(&words);
            (global.policy.map(|path| path.display().to_string()), global.demo)
        };
        assert_eq!(policy(&["sepolq", "-P", "p.33", "allow"]).0.as_deref(), Some("p.33"));
        assert_eq!(policy(&["sepolq", "allow", "--policy=p.33"]).0.as_deref(), Some("p.33"));
        assert!(policy(&["sepolq", "--demo", "allow"]).1);
    }
}
