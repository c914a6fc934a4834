//! Records, as `crates/audit` read them, as questions to a policy.

use audit::{Field, RefusalKind, Story};

use super::{Evidence, Refused};
use crate::decide::Operation;

impl Evidence {
    /// What the records of a story say.
    pub fn of(story: &Story) -> Self {
        let first = &story.first;
        let stored = |text: Option<&[u8]>| text.map(|text| String::from_utf8_lossy(text).into_owned());
        let commands = story.commands.iter().filter_map(|command| u16::try_from(command & 0xffff).ok());
        let mut commands: Vec<(Operation, u16)> =
            commands.map(|command| (Operation::Ioctl, command)).collect();
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
            host_path: None,
            expected: None,
            name: first.fields.get(Field::Name).map(|name| name.as_bytes().to_vec()),
            device: first.fields.get(Field::Dev).map(|device| device.to_string()),
            is_deleted: first.path().is_some_and(|path| path.deleted),
            keeps_label: false,
            several_sources: several_sources(story),
            stored_source: stored(first.source_raw_context()),
            stored_target: stored(first.target_raw_context()),
        }
    }
}

impl Refused {
    /// What a refusal was about.
    pub fn of(kind: &RefusalKind) -> Self {
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
}

/// Whether the denials are of processes with different levels.
fn several_sources(story: &Story) -> bool {
    let level = |context: &audit::Text| context.to_string().splitn(4, ':').nth(3).map(str::to_owned);
    let mut levels = story.contexts.iter().map(|(source, _)| level(source));
    let first = levels.next();
    story.has_more_contexts || levels.any(|level| Some(level) != first)
}

/// The object's path as the process sees it, if the record has one from the root on.
fn path(story: &Story) -> Option<&[u8]> {
    story.first.path().map(|path| path.path).filter(|path| path.starts_with(b"/"))
}
