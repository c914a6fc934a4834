//! What a story's records say, as questions to the policy and as facts for commands.

use analysis::decide::Operation;
use analysis::explain::{Evidence, Explanation, Refused};
use audit::{Field, RefusalKind, Story, Text};
use labels::inspect::{Inspected, Place};

use crate::render::Facts;

/// The question that a story asks.
pub(super) fn evidence(story: &Story) -> Evidence {
    let first = &story.first;
    let stored = |text: Option<&[u8]>| text.map(|text| String::from_utf8_lossy(text).into_owned());
    let commands = story.commands.iter().filter_map(|command| u16::try_from(command & 0xffff).ok());
    let mut commands: Vec<(Operation, u16)> = commands.map(|command| (Operation::Ioctl, command)).collect();
    if story.permissions.iter().any(|permission| permission.name == *"nlmsg") {
        let message = first.fields.number(Field::NlmsgType).and_then(|number| u16::try_from(number).ok());
        commands.extend(message.map(|message| (Operation::Nlmsg, message)));
    }
    Evidence {
        scontext: first.scontext.to_string(),
        tcontext: first.tcontext.to_string(),
        tclass: first.tclass.to_string(),
        permissions: story.permissions.iter().map(|permission| permission.name.to_string()).collect(),
        commands,
        path: path(story).map(<[u8]>::to_vec),
        stored_source: stored(first.source_raw_context()),
        stored_target: stored(first.target_raw_context()),
    }
}

/// The object's path as the process sees it, if the record has one from the root on.
fn path(story: &Story) -> Option<&[u8]> {
    story.first.path().map(|path| path.path).filter(|path| path.starts_with(b"/"))
}

/// What commands need: paths on the host from the user, from `inspect`, or from the record of a process of the host.
pub(super) fn facts(
    story: &Story,
    answer: Option<&Explanation<'_>>,
    host_path: Option<&str>,
    containers: &[Inspected],
) -> Facts {
    let fields = &story.first.fields;
    let mut facts = Facts {
        host_path: host_path.map(str::to_owned),
        port: fields.number(Field::Dest).or_else(|| fields.number(Field::Src)),
        program: story.first.exe().and_then(Text::as_str).map(str::to_owned),
        ..Facts::default()
    };
    let in_record = path(story).and_then(|path| std::str::from_utf8(path).ok());
    facts.is_host = answer.is_some_and(|answer| answer.sees_host_paths);
    if facts.is_host {
        facts.host_path = facts.host_path.or_else(|| in_record.map(str::to_owned));
        return facts;
    }
    if let Some(container) = container_of(story, containers) {
        facts.container = Some(container.name.clone());
        match in_record.map(|path| container.place_of(path.as_bytes())) {
            Some(Place::Host { mount, .. }) => {
                facts.container_path = Some(mount.destination.clone());
                facts.host_path = facts.host_path.or_else(|| mount.source.clone());
            }
            Some(Place::Hidden(mount)) => facts.container_path = Some(mount.destination.clone()),
            Some(Place::Image) => facts.in_image = true,
            None => {
                let mounts = container.mounts.iter();
                let source = |mount: &labels::inspect::InspectedMount| {
                    Some((mount.source.clone()?, mount.destination.clone()))
                };
                facts.mounts = mounts.filter_map(source).collect();
            }
        }
    }
    facts
}

/// The container whose processes have the level of the story's source.
fn container_of<'a>(story: &Story, containers: &'a [Inspected]) -> Option<&'a Inspected> {
    let scontext = story.first.scontext.to_string();
    let level = |context: &str| context.splitn(4, ':').nth(3).map(str::to_owned);
    let wanted = level(&scontext)?;
    let has_it = |container: &&Inspected| {
        container.process_label.as_deref().and_then(level).as_deref() == Some(&wanted)
    };
    containers.iter().find(has_it)
}

/// What a refusal was about.
pub(super) fn refused(kind: &RefusalKind) -> Refused {
    match kind {
        RefusalKind::InvalidContext { newcontext, .. } => Refused::InvalidContext(newcontext.to_string()),
        RefusalKind::UnknownLabel { context, .. } => Refused::InvalidContext(context.to_string()),
        RefusalKind::BoundedTransition { oldcontext, newcontext } => {
            Refused::BoundedTransition { old: oldcontext.to_string(), new: newcontext.to_string() }
        }
        RefusalKind::ValidateTransition { oldcontext, newcontext, taskcontext, tclass } => {
            Refused::ValidateTransition {
                old: oldcontext.to_string(),
                new: newcontext.to_string(),
                process: taskcontext.to_string(),
                tclass: tclass.to_string(),
            }
        }
        RefusalKind::Bounds { scontext, tcontext, tclass, permissions } => Refused::Bounds(Evidence {
            scontext: scontext.to_string(),
            tcontext: tcontext.to_string(),
            tclass: tclass.to_string(),
            permissions: permissions.iter().map(ToString::to_string).collect(),
            ..Evidence::default()
        }),
    }
}
