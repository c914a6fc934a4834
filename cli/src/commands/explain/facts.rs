//! What people say beside a record, and what the record itself says, as facts for commands.

use analysis::explain::Explanation;
use audit::{Field, Story, Text};
use labels::inspect::{Inspected, Place};

use crate::render::Facts;

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
