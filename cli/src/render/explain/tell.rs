//! Puts a story into words: who wanted what of what, when, how often.

use std::collections::BTreeMap;
use std::fmt::Write;

use analysis::explain::{ContextSide, Evidence, Explanation, Shown, Unresolved};
use audit::{Field, LevelRelation, Manager, Story};
use avstore::Store;
use policydb::{BoolId, RoleId, TypeId};
use sha2::{Digest, Sha256};

use super::advice::shown;
use super::times::machine_time;
use super::title::{level_of, noun, story_title};
use super::told::{AlsoTold, CauseTold, CompareTold, CouldBeTold, Counted, SettingTold, Told};
use super::{Compared, Explained, Facts, Stories};

/// What words of one story need.
pub(super) struct Words<'a, 'p> {
    pub(super) store: &'a Store<'p>,
    pub(super) answer: &'a Explanation<'p>,
    pub(super) facts: &'a Facts,
    pub(super) also: &'a [(Story, Explanation<'p>)],
}

impl Words<'_, '_> {
    pub(super) fn type_name(&self, id: TypeId) -> String {
        avstore::shown_name(&self.store.type_name(id).bytes())
    }

    pub(super) fn source(&self) -> String {
        self.type_name(self.answer.denied.source.r#type)
    }

    pub(super) fn target(&self) -> String {
        self.type_name(self.answer.denied.target.r#type)
    }

    pub(super) fn class(&self) -> String {
        self.store.class_name(self.answer.denied.class).to_string()
    }

    pub(super) fn role_name(&self, id: Option<RoleId>) -> String {
        let name = id.and_then(|id| self.store.policy().role_name(id));
        name.map_or_else(|| "ROLE".to_owned(), |name| name.to_string())
    }

    pub(super) fn boolean_name(&self, id: BoolId) -> String {
        self.store.policy().boolean(id).map_or_else(String::new, |(name, _)| name.to_string())
    }

    pub(super) fn setting(&self, &(id, state): &(BoolId, bool)) -> SettingTold {
        SettingTold { name: self.boolean_name(id), state }
    }

    pub(super) fn permissions(&self, permissions: u32) -> Vec<String> {
        analysis::explain::permission_names(self.store, self.answer.denied.class, permissions)
    }
}

/// A number and what is counted.
pub(super) fn counted(n: u64, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

/// A story in words.
pub(super) fn told<'p>(stories: &Stories<'_, 'p>, explained: &Explained<'p>) -> Told {
    let store = stories.store;
    let story = &explained.story;
    let first = &story.first;
    let (title, how_often) = headline(stories, story);
    // The path is one of the process's own view.
    let in_container = explained.answer.as_ref().is_ok_and(|answer| !answer.sees_host_paths);
    let has_path = story.examples.iter().any(|example| example.field == Field::Path);
    let namespace = if in_container && has_path { " (the path is inside the container)" } else { "" };
    let mut told = Told {
        id: story_id(story),
        title,
        source: first.scontext.to_string(),
        target: first.tcontext.to_string(),
        class: first.tclass.to_string(),
        permissions: permissions(story),
        count: story.count,
        enforced: story.enforced,
        permissive: story.permissive,
        earliest: story.earliest.as_ref().map(machine_time),
        latest: story.latest.as_ref().map(machine_time),
        record: record(story),
        first_line: first.origin.lines.first,
        last_line: story.last_lines.last,
        process: process(story, explained.answer.as_ref().is_ok_and(|answer| answer.is_container)),
        command: command(story),
        object: format!("{}{namespace}", object(story)),
        causes: Vec::new(),
        fixes: Vec::new(),
        could_be: Vec::new(),
        advice: Vec::new(),
        find: Vec::new(),
        compare: explained.compared.as_ref().map(|compared| compare(compared, &explained.changes)),
        also: explained.also.iter().map(|(story, _)| also(story)).collect(),
        how_often,
    };
    match &explained.answer {
        Err(unresolved) => {
            told.causes.push(unresolved_cause(unresolved));
            told.advice = Shown::of(&Evidence::of(story)).iter().map(shown).collect();
        }
        Ok(answer) => {
            let words = Words { store, answer, facts: &explained.facts, also: &explained.also };
            told.causes = words.causes();
            told.fixes = answer.fixes.iter().map(|fix| words.fix(fix)).collect();
            told.advice = answer.advice.iter().map(|advice| words.advice(advice)).collect();
            told.find = words.find(story);
            let could_be = |could: &analysis::explain::CouldBe| CouldBeTold {
                r#type: words.type_name(could.id),
                others: could.others,
            };
            told.could_be = answer.could_be.iter().map(could_be).collect();
        }
    }
    told
}

/// Twelve hexadecimal digits that are the same for the same question.
fn story_id(story: &Story) -> String {
    let first = &story.first;
    let mut digest = Sha256::new();
    for context in [first.scontext.to_string(), first.tcontext.to_string()] {
        let level = level_of(&context).map_or(0, |level| level.len().saturating_add(1));
        digest.update(context.get(..context.len().saturating_sub(level)).unwrap_or_default());
        digest.update([0]);
    }
    digest.update(first.tclass.to_string());
    let manager = matches!(first.manager, Manager::Kernel);
    digest.update(format!("\0{manager}\0{:?}", story.levels));
    for (side, stored) in [("source", first.source_raw_context()), ("target", first.target_raw_context())] {
        if let Some(stored) = stored {
            digest.update(format!("\0{side}\0"));
            digest.update(stored);
        }
    }
    if story.levels == LevelRelation::Text {
        digest.update(format!("{}\0{}", first.scontext, first.tcontext));
    }
    let bytes = digest.finalize();
    bytes.iter().take(6).fold(String::new(), |mut text, byte| {
        // Writing into a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn permissions(story: &Story) -> Vec<Counted> {
    let counted = |permission: &audit::PermissionCount| Counted {
        name: permission.name.to_string(),
        count: permission.count,
    };
    story.permissions.iter().map(counted).collect()
}

fn also(story: &Story) -> AlsoTold {
    AlsoTold {
        id: story_id(story),
        class: story.first.tclass.to_string(),
        permissions: permissions(story),
        count: story.count,
        object: object(story),
    }
}

fn compare(compared: &Compared, changes: &[String]) -> CompareTold {
    let because = |causes: &[&str]| causes.join(", ").replace('_', " ");
    let (result, text) = match compared {
        Compared::Fixed => ("fixed", "fixed: the other policy allows it".to_owned()),
        Compared::NewlyDenied(causes) => {
            ("newly_denied", format!("newly denied: the other policy denies it ({})", because(causes)))
        }
        Compared::StillDenied(causes) => {
            ("still_denied", format!("unchanged: the other policy denies it, too ({})", because(causes)))
        }
        Compared::StillAllowed => ("still_allowed", "unchanged: both policies allow it".to_owned()),
        Compared::UnknownHere(causes) if causes.is_empty() => {
            ("unknown", "cannot be asked of this policy; the other policy allows it".to_owned())
        }
        Compared::UnknownHere(causes) => (
            "unknown",
            format!("cannot be asked of this policy; the other policy denies it ({})", because(causes)),
        ),
        Compared::Unknown(text) => ("unknown", format!("cannot be asked of the other policy: {text}")),
    };
    CompareTold { result, text, changes: changes.to_vec() }
}

fn example(story: &Story, field: Field, quote: &str) -> Option<String> {
    let example = story.examples.iter().find(|example| example.field == field)?;
    let values: Vec<String> = example.values.iter().map(|value| format!("{quote}{value}{quote}")).collect();
    let more = if example.has_more { ", …" } else { "" };
    Some(format!("{}{more}", values.join(", ")))
}

fn process(story: &Story, is_container: bool) -> String {
    let named = [Field::Comm, Field::Exe, Field::Cmdline];
    let name = named.into_iter().find_map(|field| example(story, field, ""));
    let pid = story.first.pid().filter(|_| story.count == 1).map(|pid| format!(" (pid {pid})"));
    let asked = match &story.first.manager {
        Manager::Kernel => String::new(),
        Manager::Program(Some(program)) => format!(", asked by {program}"),
        Manager::Program(None) => ", asked by a program".to_owned(),
    };
    let name = name.unwrap_or_else(|| "the record does not name it".to_owned());
    let scontext = story.first.scontext.to_string();
    let who = match level_of(&scontext).filter(|_| is_container) {
        Some(level) => format!("container level {level}{}", others(story, true)),
        None => format!("{scontext}{}", others(story, true)),
    };
    format!("{name}{}, {who}{asked}", pid.unwrap_or_default())
}

/// The levels of other contexts of a side, where there are some.
fn others(story: &Story, source: bool) -> String {
    let of = |contexts: &(audit::Text, audit::Text)| {
        let context = if source { &contexts.0 } else { &contexts.1 };
        context.to_string()
    };
    let mut levels: Vec<String> = Vec::new();
    for context in story.contexts.iter().map(of) {
        let level = level_of(&context).unwrap_or_default().to_owned();
        if !levels.contains(&level) {
            levels.push(level);
        }
    }
    let more = if story.has_more_contexts { ", …" } else { "" };
    match levels.get(1..) {
        None | Some([]) => String::new(),
        Some(others) => format!(" (also {}{more})", others.join(", ")),
    }
}

fn object(story: &Story) -> String {
    let class = story.first.tclass.to_string();
    let mut text = noun(&class).trim_start_matches("a ").to_owned();
    let name = example(story, Field::Path, "\"").or_else(|| example(story, Field::Name, "\""));
    let port = example(story, Field::Dest, "").or_else(|| example(story, Field::Src, ""));
    // Messages on a bus go to names of that bus.
    let to = if class == "dbus" { "to the bus name " } else { "port " };
    let known = [
        (name, ""),
        (example(story, Field::Dev, ""), "on "),
        (port, to),
        (example(story, Field::Kmod, ""), "module "),
        (example(story, Field::Interface, ""), "interface "),
        (example(story, Field::Member, ""), "member "),
        (example(story, Field::Service, ""), "service "),
    ];
    for (value, before) in known {
        if let Some(value) = value {
            text.push_str(&format!(" {before}{value}"));
        }
    }
    if !story.commands.is_empty() {
        let commands: Vec<String> =
            story.commands.iter().take(8).map(|command| format!("{command:#06x}")).collect();
        let more = if story.commands.len() > 8 || story.has_more_commands { ", …" } else { "" };
        text.push_str(&format!(", commands {}{more}", commands.join(", ")));
    }
    format!("{text}{}", others(story, false))
}

/// `12 times, 2026-11-24 14:02:11 – 14:05:40`.
pub(super) fn how_often(count: u64, when: Option<String>) -> String {
    let times = if count == 1 { "once".to_owned() } else { format!("{count} times") };
    when.map_or_else(|| times.clone(), |when| format!("{times}, {when}"))
}

/// What was denied, and how often, when and in which mode.
pub(super) fn headline(stories: &Stories<'_, '_>, story: &Story) -> (String, String) {
    let mode = match (story.enforced, story.permissive) {
        (0, 0) => "",
        (_, 0) => ", enforcing",
        (0, _) => ", let through (permissive)",
        _ => ", in part let through (permissive)",
    };
    let when = stories.clock.span(story.earliest.as_ref(), story.latest.as_ref());
    (story_title(story), format!("{}{mode}", how_often(story.count, when)))
}

/// What the first record says, and what is said of it in other records of its event.
fn record(story: &Story) -> BTreeMap<&'static str, String> {
    let first = &story.first;
    let mut record: BTreeMap<&'static str, String> = BTreeMap::new();
    if let Some(companions) = &first.origin.companions {
        let call = [Field::Exe, Field::Syscall, Field::Success, Field::Exit];
        let call = call.into_iter().filter_map(|field| Some((field, companions.syscall.get(field)?)));
        let others = [(Field::Cwd, &companions.cwd), (Field::Proctitle, &companions.proctitle)];
        let others = others.into_iter().filter_map(|(field, text)| Some((field, text.as_ref()?)));
        record.extend(call.chain(others).map(|(field, text)| (field.name(), text.to_string())));
    }
    // What the record itself says counts, and of that what comes first.
    let own: Vec<(Field, &audit::Text)> = first.fields.iter().collect();
    record.extend(own.into_iter().rev().map(|(field, text)| (field.name(), text.to_string())));
    record
}

/// Characters of a command line that are shown.
const MOST_OF_COMMAND: usize = 200;

/// The command line and the program's file, where other records of the event have them and the process's name does not say as
/// much.
fn command(story: &Story) -> Option<String> {
    let name = example(story, Field::Comm, "");
    let line = example(story, Field::Proctitle, "").filter(|line| Some(line) != name.as_ref());
    let line = line.map(|line| match line.char_indices().nth(MOST_OF_COMMAND) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    });
    let program = example(story, Field::Exe, "").filter(|_| story.first.manager == Manager::Kernel);
    match (line, program) {
        (Some(line), Some(program)) if !line.starts_with(&program) => Some(format!("{line} ({program})")),
        (Some(line), _) => Some(line),
        (None, program) => program,
    }
}

fn unresolved_cause(unresolved: &Unresolved) -> CauseTold {
    let first = |text: String| text.lines().next().unwrap_or_default().to_owned();
    let elsewhere = "ask the policy of the machine that the record is from: `-P FILE`";
    let unknown = |what: &str, error: String| {
        vec![
            format!("the {what} is none of this policy's: {}", first(error)),
            format!("the module that has it is not in this policy, or {elsewhere}"),
        ]
    };
    let (id, text) = match unresolved {
        Unresolved::Source(error) => ("unknown_source", unknown("source", error.to_string())),
        Unresolved::Target(error) => ("unknown_target", unknown("target", error.to_string())),
        Unresolved::Class(error) => (
            "unknown_class",
            vec![first(error.to_string()), format!("a newer kernel may have it; {elsewhere}")],
        ),
        Unresolved::UndefinedClass { class, allowed } => {
            let verb = if *allowed { "allows" } else { "denies" };
            let text = format!(
                "this policy does not define class {class}, and {verb} what it does not define (handle_unknown)"
            );
            ("undefined", vec![text])
        }
    };
    CauseTold {
        id,
        layer: "unknown",
        permissions: Vec::new(),
        text,
        boolean_sets: Vec::new(),
        expression: None,
        leaves: Vec::new(),
    }
}

/// The words of a side.
pub(super) const fn side(side: ContextSide) -> &'static str {
    match side {
        ContextSide::Source => "source",
        ContextSide::Target => "target",
    }
}
