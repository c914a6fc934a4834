//! What people say beside a record, and what the record itself says, as facts for commands.

use audit::{Field, Story, Text};
use labels::inspect::{Inspected, InspectedMount, InspectedMountKind, Place};

use crate::render::Facts;

/// The object's path as the process sees it, if the record has one from the root on.
fn path(story: &Story) -> Option<&[u8]> {
    story.first.path().map(|path| path.path).filter(|path| path.starts_with(b"/"))
}

/// What commands need: paths on the host from the user, from `inspect`, or from the record of a process of the host.
pub(super) fn facts(
    story: &Story,
    is_host: bool,
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
    facts.is_host = is_host;
    facts.is_one_file = is_host && host_path.is_none() && story.first.tclass != *"dir";
    if facts.is_host {
        facts.host_path = facts.host_path.or_else(|| in_record.map(str::to_owned));
        return facts;
    }
    if let Some(container) = container_of(story, containers) {
        facts.container = Some(container.name.clone());
        places(story, container, &mut facts);
    }
    facts
}

/// Where on the host the paths of a story lie, if all lie in one mount; else what may be meant.
fn places(story: &Story, container: &Inspected, facts: &mut Facts) {
    let paths = story.examples.iter().find(|example| example.field == Field::Path);
    let is_whole = |path: &&Text| path.as_bytes().starts_with(b"/");
    let known: Vec<&Text> = paths.into_iter().flat_map(|paths| &paths.values).filter(is_whole).collect();
    let mut places: Vec<Place<'_>> = known.iter().map(|path| container.place_of(path.as_bytes())).collect();
    places.dedup_by(|one, other| mount(one) == mount(other));
    match places.as_slice() {
        [Place::Host { mount, .. }] => {
            facts.container_path = Some(mount.destination.clone());
            if facts.host_path.is_none() {
                facts.host_path.clone_from(&mount.source);
                let is_volume = mount.kind == InspectedMountKind::Volume;
                facts.volume = mount.volume.clone().filter(|_| is_volume);
            }
        }
        [Place::Hidden(mount)] => facts.container_path = Some(mount.destination.clone()),
        [Place::Image] => facts.in_image = true,
        several => {
            let found: Vec<&InspectedMount> = match several {
                [] => container.mounts.iter().collect(),
                _ => container
                    .mounts
                    .iter()
                    .filter(|known| several.iter().any(|place| mount(place) == Some(*known)))
                    .collect(),
            };
            let source = |mount: &&InspectedMount| Some((mount.source.clone()?, mount.destination.clone()));
            facts.mounts = found.iter().filter_map(source).collect();
        }
    }
}

/// The mount that a path lies in.
fn mount<'a>(place: &Place<'a>) -> Option<&'a InspectedMount> {
    match place {
        Place::Host { mount, .. } | Place::Hidden(mount) => Some(mount),
        Place::Image => None,
    }
}

/// The container whose processes have the level of the story's source; none for a story of several levels.
fn container_of<'a>(story: &Story, containers: &'a [Inspected]) -> Option<&'a Inspected> {
    fn level(context: &str) -> Option<&str> {
        context.splitn(4, ':').nth(3)
    }
    let sources: Vec<String> = story.contexts.iter().map(|(source, _)| source.to_string()).collect();
    let wanted = level(sources.first()?)?;
    if story.has_more_contexts || sources.iter().any(|source| level(source) != Some(wanted)) {
        return None;
    }
    let has_it = |container: &&Inspected| container.process_label.as_deref().and_then(level) == Some(wanted);
    containers.iter().find(has_it)
}
