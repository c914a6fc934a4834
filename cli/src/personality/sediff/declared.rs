//! The sections of what is declared by name, and of properties of the whole policy.

use analysis::diff::statements::{
    AliasChange, Bytes, Changes, Comparison, NamedChange, PropertyChange, SetChange, Valued,
};
use policydb::HandleUnknown;

use super::report::{Listed, Room};
use crate::personality::setools::Failure;

/// The lines of properties, sorted by their names.
pub(super) fn properties(comparison: &Comparison<'_, '_>) -> Vec<String> {
    let boolean = |value| if value { "True" } else { "False" };
    let unknown = |value| match value {
        HandleUnknown::Deny => "deny",
        HandleUnknown::Reject => "reject",
        HandleUnknown::Allow => "allow",
    };
    let line = |change| match change {
        PropertyChange::Mls([old, new]) => format!("MLS +{} -{}", boolean(new), boolean(old)),
        PropertyChange::HandleUnknown([old, new]) => {
            format!("handle_unknown +{} -{}", unknown(new), unknown(old))
        }
        PropertyChange::Version([old, new]) => format!("version +{new} -{old}"),
    };
    let mut lines: Vec<String> = comparison.properties().into_iter().map(line).collect();
    lines.sort_unstable();
    lines
}

/// Lists of names, and of what has a set of other names: permissions, types.
pub(super) fn with_set(
    changes: Changes<Bytes<'_>, NamedChange<'_>>,
    what: &str,
    room: &Room,
) -> Result<Listed, Failure> {
    listed(changes, room, |change| {
        let mut block = Block::new(&change.name);
        block.counts(&change.set, what);
        let mut block = block.headed();
        write_set(&mut block, &change.set);
        (change.name.to_vec(), block)
    })
}

/// The lists of booleans.
pub(super) fn booleans(comparison: &Comparison<'_, '_>, room: &Room) -> Result<Listed, Failure> {
    let boolean = |value| if value { &b"True"[..] } else { b"False" };
    listed(comparison.booleans(), room, |change| {
        let mut block = Block::new(&change.name);
        block.change("Modified default state".to_owned());
        let [old, new] = change.states;
        let mut block = block.headed();
        write_detail(&mut block, b"+ ", boolean(new));
        write_detail(&mut block, b"- ", boolean(old));
        (change.name.to_vec(), block)
    })
}

/// The lists of types.
pub(super) fn types(comparison: &Comparison<'_, '_>, room: &Room) -> Result<Listed, Failure> {
    listed(comparison.types(), room, |change| {
        let mut block = Block::new(&change.name);
        block.counts(&change.attributes, "attributes");
        block.counts(&change.aliases, "aliases");
        match change.permissive {
            [true, false] => block.change("Removed permissive".to_owned()),
            [false, true] => block.change("Added permissive".to_owned()),
            _ => {}
        }
        let mut block = block.headed();
        for (head, set) in [("Attributes:", &change.attributes), ("Aliases:", &change.aliases)] {
            if !set.is_empty() {
                write_detail(&mut block, b"", head.as_bytes());
                write_set(&mut block, set);
            }
        }
        (change.name.to_vec(), block)
    })
}

/// The lists of users.
pub(super) fn users(comparison: &Comparison<'_, '_>, room: &Room) -> Result<Listed, Failure> {
    listed(comparison.users(), room, |change| {
        let mut block = Block::new(&change.name);
        block.counts(&change.roles, "roles");
        if change.level.is_some() {
            block.change("Modified default level".to_owned());
        }
        if change.range.is_some() {
            block.change("Modified range".to_owned());
        }
        let mut block = block.headed();
        if !change.roles.is_empty() {
            write_detail(&mut block, b"", b"Roles:");
            write_set(&mut block, &change.roles);
        }
        for (head, levels) in [("Default level:", &change.level), ("Range:", &change.range)] {
            if let Some([old, new]) = levels {
                write_detail(&mut block, b"", head.as_bytes());
                for (sign, level) in [(b"+ ", new), (b"- ", old)] {
                    write_detail(&mut block, sign, level.as_deref().unwrap_or(b"None (MLS Disabled)"));
                }
            }
        }
        (change.name.to_vec(), block)
    })
}

/// The lists of sensitivities or categories, which are in the order of their values.
pub(super) fn with_aliases(
    changes: Changes<Valued<'_>, AliasChange<'_>>,
    room: &Room,
) -> Result<Listed, Failure> {
    let names = |valued: Vec<Valued<'_>>| valued.into_iter().map(|of| of.name.to_vec()).collect();
    let mut modified = changes.modified;
    modified.sort_by_key(|change| change.of.value);
    let block = |change: &AliasChange<'_>| {
        let mut block = Block::new(&change.of.name);
        block.counts(&change.aliases, "Aliases");
        let mut block = block.headed();
        write_detail(&mut block, b"", b"Aliases:");
        write_set(&mut block, &change.aliases);
        block
    };
    Ok(Listed {
        added: names(changes.added),
        removed: names(changes.removed),
        modified: room.kept(modified.iter().map(block), Vec::len)?,
    })
}

/// The lists of level declarations, which are in the order of their values.
pub(super) fn levels(comparison: &Comparison<'_, '_>, room: &Room) -> Result<Listed, Failure> {
    let changes = comparison.levels();
    let mut modified = changes.modified;
    modified.sort_by_key(|change| change.sensitivity.value);
    let names = |valued: &[Valued<'_>]| valued.iter().map(|of| of.name.to_vec()).collect::<Vec<_>>();
    let blocks = modified.iter().map(|change| {
        let mut block = Block::new(&change.sensitivity.name);
        let counts = [("Added", &change.added), ("Removed", &change.removed)];
        for (done, categories) in counts.into_iter().filter(|(_, categories)| !categories.is_empty()) {
            block.change(format!("{} {done} Categories", categories.len()));
        }
        let mut block = block.headed();
        names(&change.added).iter().for_each(|name| write_detail(&mut block, b"+ ", name));
        names(&change.removed).iter().for_each(|name| write_detail(&mut block, b"- ", name));
        block
    });
    Ok(Listed {
        modified: room.kept(blocks, Vec::len)?,
        added: room.kept(changes.added.into_iter().map(|level| level.text), Vec::len)?,
        removed: room.kept(changes.removed.into_iter().map(|level| level.text), Vec::len)?,
    })
}

/// Lists of names, sorted.
pub(super) fn names_only(changes: Changes<Bytes<'_>, ()>, room: &Room) -> Result<Listed, Failure> {
    listed(changes, room, |()| (Vec::new(), Vec::new()))
}

fn listed<M>(
    changes: Changes<Bytes<'_>, M>,
    room: &Room,
    block: impl Fn(&M) -> (Vec<u8>, Vec<u8>),
) -> Result<Listed, Failure> {
    let names = |names: Vec<Bytes<'_>>| room.sorted(names.into_iter().map(|name| name.into_owned()));
    Ok(Listed {
        added: names(changes.added)?,
        removed: names(changes.removed)?,
        modified: room.sorted_by_first(changes.modified.iter().map(block))?,
    })
}

/// What is said of something that was modified: its name and, in parentheses, what changed; then details, a line each.
struct Block {
    text: Vec<u8>,
    changes: Vec<String>,
}

impl Block {
    fn new(name: &[u8]) -> Self {
        Block { text: name.to_vec(), changes: Vec::new() }
    }

    fn change(&mut self, change: String) {
        self.changes.push(change);
    }

    fn counts(&mut self, set: &SetChange<'_>, what: &str) {
        for (done, names) in [("Added", &set.added), ("Removed", &set.removed)] {
            if !names.is_empty() {
                self.change(format!("{} {done} {what}", names.len()));
            }
        }
    }

    fn headed(mut self) -> Vec<u8> {
        self.text.extend(format!(" ({})", self.changes.join(", ")).as_bytes());
        self.text
    }
}

fn write_set(block: &mut Vec<u8>, set: &SetChange<'_>) {
    set.added.iter().for_each(|name| write_detail(block, b"+ ", name));
    set.removed.iter().for_each(|name| write_detail(block, b"- ", name));
}

fn write_detail(block: &mut Vec<u8>, sign: &[u8], detail: &[u8]) {
    block.extend(b"\n          ");
    block.extend(sign);
    block.extend(detail);
}
