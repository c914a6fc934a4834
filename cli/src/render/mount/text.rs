//! Mounts and labels for people: one screen each.

use std::io;

use super::label::{self, Labels};
use super::tell::{loses, told};
use super::told::{LabelTold, MountTold, ServiceTold, UseTold, UsersTold, WayTold};
use super::{Mounts, tell};
use crate::render::layout::{INDENT, begin, entries, entry, paragraph, wrapped};
use crate::render::{Output, Style};

/// Columns of the names of its rows.
const ROW: usize = 13;
/// Columns of a cell of the table of uses.
const CELL: usize = 10;
/// Uses, as the columns of the table.
const COLUMNS: [&str; 4] = ["read", "write", "create", "execute"];
/// Objects, as its rows.
const ROWS: [&str; 4] = ["files", "directories", "sockets", "devices"];
/// Rules under which a container is not kept apart.
const UNSEPARATED: [&str; 4] = ["disable", "privileged", "host_namespace", "daemon_off"];
/// Domains that are named of those who may use something.
const NAMED: usize = 8;

/// Prints mounts.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn mounts_as_text(mounts: &Mounts<'_, '_>, output: &mut Output) -> io::Result<()> {
    for (i, mounted) in mounts.answers.iter().enumerate() {
        if i > 0 {
            output.text(b"\n")?;
        }
        mount(&told(mounts, mounted), output)?;
    }
    Ok(())
}

fn mount(told: &MountTold, output: &mut Output) -> io::Result<()> {
    output.styled(Style::Keyword, title(told).as_bytes())?;
    output.text(b"\n")?;
    entry("process", &process(told), output)?;
    let mut labels = Vec::new();
    if let Some(before) = &told.before {
        let from = match (before.from, &told.expected) {
            ("file_system", _) => "as the file system has it".to_owned(),
            ("file_system_kind", _) => format!(
                "which the policy gives all files of {}: it keeps no labels",
                told.file_system.as_deref().unwrap_or("the file system")
            ),
            ("file_contexts", Some(expected)) => {
                format!("which file contexts give it: {} ({})", expected.expression, expected.place)
            }
            _ => "as given".to_owned(),
        };
        labels.push(format!("{}, {from}", tell::short(&before.label)));
        let is_kept = !matches!(before.from, "file_contexts" | "file_system_kind");
        if let Some(expected) = told.expected.as_ref().filter(|_| is_kept) {
            let label = expected.label.as_deref().map_or("no label of its own", tell::short);
            if label != tell::short(&before.label) {
                labels.push(format!(
                    "file contexts would give it {label}: {} ({})",
                    expected.expression, expected.place
                ));
            }
        }
    }
    entries("label", &labels, output)?;
    let after = match (told.effect, &told.after) {
        ("refused", _) => told.rule.text.to_owned(),
        ("stays", _) => format!("the same: {}", told.rule.text),
        ("seen_as_private", _) => format!("the same: {}", told.rule.text),
        (_, Some(after)) => format!("{after}: {}", told.rule.text),
        (_, None) => told.rule.text.to_owned(),
    };
    entry("then", &after, output)?;
    if told.effect != "refused" {
        table(told, output)?;
        entries("why", &why(told), output)?;
        entry("second", &second(told), output)?;
    }
    if told.before.is_some() && matches!(told.effect, "shared" | "private") {
        let loses = loses_of(told, &told.losing);
        let loses = loses.unwrap_or_else(|| "none of its domains loses access".to_owned());
        entry("host", &loses, output)?;
    }
    entries("lasts", &told.lasts, output)?;
    entries("note", &told.notes, output)?;
    ways(told, output)
}

fn title(told: &MountTold) -> String {
    let path = told.path.as_deref().or(told.volume.as_deref()).unwrap_or_default();
    let inside = told.destination.as_deref().map_or_else(String::new, |inside| format!(" as {inside}"));
    let read_only = if told.read_only { ", read-only" } else { "" };
    let real = told.real_path.as_deref().map_or_else(String::new, |real| format!(" (which leads to {real})"));
    format!("{path}{real}{inside}{read_only}, by {}", told.engine)
}

fn process(told: &MountTold) -> String {
    let container = &told.container;
    let level = match &container.level {
        Some(level) => format!("level {level}"),
        None => "with a pair of categories of its own".to_owned(),
    };
    let rule = container.rules.first().filter(|rule| !matches!(rule.id, "ordinary" | "type_option"));
    let rule = rule.map_or_else(String::new, |rule| format!(": {}", rule.text));
    format!("{}, {level}{rule}", container.domain)
}

/// The table of what can be done.
fn table(told: &MountTold, output: &mut Output) -> io::Result<()> {
    let columns: String = COLUMNS.iter().map(|column| format!("{column:<CELL$}")).collect();
    let heading = format!("   {:<9}{:ROW$}{}", "can", "", columns.trim_end());
    output.styled(Style::Remark, heading.as_bytes())?;
    output.text(b"\n")?;
    for row in ROWS.into_iter().filter(|row| is_shown(told, row)) {
        output.text(format!("{:INDENT$}{row:<ROW$}", "").as_bytes())?;
        let mut pending = String::new();
        for column in COLUMNS {
            let cell = told.can.iter().find(|cell| cell.object == row && cell.r#use == column);
            let Some(cell) = cell else {
                pending.push_str(&" ".repeat(CELL));
                continue;
            };
            output.text(pending.as_bytes())?;
            let (style, text) = match cell.verdict {
                "granted" => (Style::Granted, "yes"),
                "read_only_mount" => (Style::Off, "ro mount"),
                _ => (Style::Denied, "no"),
            };
            output.styled(style, text.as_bytes())?;
            pending = " ".repeat(CELL.saturating_sub(text.len()));
        }
        output.text(b"\n")?;
    }
    Ok(())
}

/// Devices are told of where there are some.
fn is_shown(told: &MountTold, object: &str) -> bool {
    object != "devices" || told.path.as_deref().is_some_and(|path| path.starts_with("/dev"))
}

/// What refuses what, of what is shown.
fn why(told: &MountTold) -> Vec<String> {
    let shown: Vec<UseTold> = told.can.iter().filter(|cell| is_shown(told, cell.object)).cloned().collect();
    why_not(&shown)
}

/// What refuses what, a line for each layer.
fn why_not(can: &[UseTold]) -> Vec<String> {
    let mut lines = Vec::new();
    for (layer, words) in [
        ("no_rule", "no rule in force grants"),
        ("constraint", "categories or another constraint refuse"),
        ("bounds", "a bounding type may not"),
        ("undefined", "the policy does not define, and denies,"),
    ] {
        let mut classes: Vec<(&str, bool, Vec<&str>)> = Vec::new();
        for lacking in can.iter().flat_map(|cell| &cell.lacking).filter(|lacking| lacking.layer == layer) {
            let known = classes
                .iter()
                .position(|(class, beneath, _)| *class == lacking.class && *beneath == lacking.beneath);
            let at = known.unwrap_or_else(|| {
                classes.push((lacking.class, lacking.beneath, Vec::new()));
                classes.len().saturating_sub(1)
            });
            if let Some((_, _, names)) = classes.get_mut(at) {
                names.extend(
                    lacking
                        .permissions
                        .iter()
                        .filter(|name| !names.contains(name))
                        .copied()
                        .collect::<Vec<_>>(),
                );
            }
        }
        let text: Vec<String> = classes
            .into_iter()
            .map(|(class, beneath, mut names)| {
                names.sort_unstable();
                let beneath = if beneath { " of the tree beneath" } else { "" };
                format!("{class}{beneath} {{ {} }}", names.join(" "))
            })
            .collect();
        if !text.is_empty() {
            lines.push(format!("{words} {}", text.join(", ")));
        }
    }
    lines
}

fn second(told: &MountTold) -> String {
    let granted = |can: &[UseTold]| {
        can.iter().filter(|cell| cell.verdict == "granted" && is_shown(told, cell.object)).count()
    };
    let is_unseparated = told.container.rules.iter().any(|rule| UNSEPARATED.contains(&rule.id));
    let who = if is_unseparated { "an ordinary container" } else { "a second container" };
    if told.second_can == told.can {
        return match granted(&told.can) {
            0 => format!("neither can {who}"),
            _ => format!("{who} can do the same"),
        };
    }
    if granted(&told.second_can) == 0 && is_unseparated {
        return "an ordinary container can do nothing with it".to_owned();
    }
    if granted(&told.second_can) == 0 {
        return "a second container can do nothing with it: the categories are this one's".to_owned();
    }
    let less: Vec<String> = told
        .second_can
        .iter()
        .zip(&told.can)
        .filter(|(second, first)| second.verdict != first.verdict && is_shown(told, second.object))
        .map(|(second, _)| format!("{} {}", second.r#use, second.object))
        .collect();
    format!("{who} differs: it cannot {}", less.join(", "))
}

fn ways(told: &MountTold, output: &mut Output) -> io::Result<()> {
    if told.suffices && !told.takes_it_away {
        let wanted = if told.is_socket { "reach the socket" } else { told.need };
        return entry("do", &format!("nothing more: it can {wanted}"), output);
    }
    let mut label = "do";
    if told.ways.is_empty() {
        entry(label, &format!("no option is known that lets it {}", told.need), output)?;
    }
    let mut before: Option<&[ServiceTold]> = None;
    for way in &told.ways {
        way_as_text(told, way, (label, before), output)?;
        label = "";
        before = if way.losing.is_empty() { before } else { Some(&way.losing) };
    }
    entries("do not", &told.do_not, output)
}

/// A way; those who lose access by it are named unless the way before named the same.
fn way_as_text(
    told: &MountTold,
    way: &WayTold,
    (label, before): (&str, Option<&[ServiceTold]>),
    output: &mut Output,
) -> io::Result<()> {
    begin(label, output)?;
    wrapped(&way.title, INDENT, Some(Style::Granted), output)?;
    for command in &way.commands {
        output.text(format!("{:INDENT$}  {command}\n", "").as_bytes())?;
    }
    let loses = match before {
        Some(before) if !way.losing.is_empty() && before == way.losing => Some("the same lose it".to_owned()),
        _ => loses_of(told, &way.losing),
    };
    let parts = [Some(way.cost.clone()), loses].into_iter().flatten().filter(|part| !part.is_empty());
    match parts.collect::<Vec<_>>().join("; ").as_str() {
        "" => Ok(()),
        cost => paragraph(cost, INDENT + 2, Some(Style::Remark), output),
    }
}

/// Who loses a tree; of one that is nobody's, and that many may use, only how many.
fn loses_of(told: &MountTold, losing: &[ServiceTold]) -> Option<String> {
    match &told.general {
        Some(general) if !losing.is_empty() => {
            Some(format!("{} domains of the host that may use {general} in general lose it", losing.len()))
        }
        _ => loses(losing),
    }
}

/// Prints labels.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn labels_as_text(asked: &Labels<'_, '_>, output: &mut Output) -> io::Result<()> {
    for (i, labelled) in asked.answers.iter().enumerate() {
        if i > 0 {
            output.text(b"\n")?;
        }
        one_label(&label::told(asked, labelled), output)?;
    }
    Ok(())
}

fn one_label(told: &LabelTold, output: &mut Output) -> io::Result<()> {
    let real = told.real_path.as_deref().map_or_else(String::new, |real| format!("  (leads to {real})"));
    output.styled(Style::Keyword, format!("{}{real}\n", told.path).as_bytes())?;
    entries("label", &told.text, output)?;
    for (name, users) in [("read", &told.readers), ("write", &told.writers)] {
        if told.label.is_some() {
            let users = users_as_text(users);
            let of = if told.class == "file" { String::new() } else { format!(" (of class {})", told.class) };
            entry(name, &format!("{users}{of}"), output)?;
        }
    }
    if !told.containers.is_empty() {
        let can: Vec<String> = told
            .containers
            .iter()
            .filter(|cell| cell.verdict == "granted")
            .map(|cell| format!("{} {}", cell.r#use, cell.object))
            .collect();
        let text = match can.as_slice() {
            [] => {
                format!(
                    "an ordinary container can do nothing with it: {}",
                    why_not(&told.containers).join("; ")
                )
            }
            some => format!("an ordinary container can {}", some.join(", ")),
        };
        entry("mounted", &text, output)?;
    }
    if let Some(relabelling) = &told.relabelling {
        let text = match (&relabelling.shared, relabelling.possible) {
            (Some(shared), true) => {
                let loses = loses(&relabelling.losing)
                    .unwrap_or_else(|| "nobody on the host loses access".to_owned());
                // Services that own it are named among those who lose it.
                let whose = relabelling.whose.as_ref().filter(|whose| whose.id != "services");
                let do_not = whose.map(|whose| format!("; do not: {}", whose.text));
                let do_not = do_not.unwrap_or_default();
                format!(":z would make it {shared}, :Z the same for one container; {loses}{do_not}")
            }
            _ => relabelling.rule.text.to_owned(),
        };
        entry(":z, :Z", &text, output)?;
    }
    Ok(())
}

/// `httpd_t, init_t and 12 more`.
fn users_as_text(users: &UsersTold) -> String {
    let mut parts = Vec::new();
    for (names, remark) in [(&users.domains, ""), (&users.by_level, "; if their level allows: ")] {
        if names.is_empty() {
            continue;
        }
        let shown = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        let more = names.len().saturating_sub(NAMED);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        parts.push(format!("{remark}{shown}{more}"));
    }
    match parts.concat() {
        text if text.is_empty() => "nobody".to_owned(),
        text => text.trim_start_matches("; ").to_owned(),
    }
}
