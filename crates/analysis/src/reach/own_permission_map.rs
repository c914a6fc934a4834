//! The permission map that comes with the program: `own_permission_map.txt`, whose first lines say how it is written, and each of
//! whose lines gives its reason.
//!
//! Classes and permissions that it lacks, such as those of policies to come: a permission that stands at other classes moves what
//! it moves there, any other a little both ways, so that nothing is overlooked where every weight counts.

use super::{Flow, Mapping, PermissionMap};

const TEXT: &str = include_str!("own_permission_map.txt");

/// What is known of a permission that stands nowhere.
const UNKNOWN: Mapping = Mapping { flow: Flow::Both, weight: 1 };

/// Reads the table. O(table).
pub(super) fn read() -> PermissionMap {
    PermissionMap::of(entries(), UNKNOWN)
}

/// Class, permission and mapping, in the order of the table.
fn entries() -> Vec<(String, String, Mapping)> {
    let mut sets: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut classes: Vec<&str> = Vec::new();
    let mut entries = Vec::new();
    for line in TEXT.lines().filter(|line| !line.starts_with('#')) {
        if let Some((set, members)) = line.split_once(" = ") {
            sets.push((set, members.split_whitespace().collect()));
        } else if let Some(names) = line.strip_prefix('[') {
            let names = names.trim_end_matches(']').split_whitespace();
            let members =
                |name| sets.iter().find(|(set, _)| *set == name).map(|(_, members)| members.clone());
            classes = names.flat_map(|name| members(name).unwrap_or_else(|| vec![name])).collect();
        } else if let Some((permissions, mapping)) = statement(line) {
            for class in &classes {
                entries.extend(
                    permissions.iter().map(|name| ((*class).to_owned(), (*name).to_owned(), mapping)),
                );
            }
        }
    }
    entries
}

/// The permissions of a line, and what they move. A permission may be called as a direction is not: by one letter.
fn statement(line: &str) -> Option<(Vec<&str>, Mapping)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let at = words.iter().position(|word| Flow::from_letter(word).is_some())?;
    let flow = Flow::from_letter(words.get(at)?)?;
    let weight = words.get(at.checked_add(1)?)?.parse().ok()?;
    Some((words.get(..at)?.to_vec(), Mapping { flow, weight }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_understood_and_gives_a_reason() {
        for line in TEXT.lines().filter(|line| !line.is_empty() && !line.starts_with(['#', '@', '['])) {
            let (permissions, mapping) = statement(line).unwrap_or_else(|| panic!("{line}"));
            assert!((1..=10).contains(&mapping.weight) && !permissions.is_empty(), "{line}");
            assert!(mapping.flow != Flow::Unmapped, "{line}");
            let words = line.split_whitespace().count();
            assert!(words > permissions.len() + 2, "no reason: {line}");
        }
        let is_set = |name: &&str| name.starts_with('@');
        let headings = TEXT.lines().filter(|line| line.starts_with('['));
        let used = headings.flat_map(|line| line.trim_matches(['[', ']']).split_whitespace()).filter(is_set);
        for set in used {
            assert!(TEXT.contains(&format!("\n{set} = ")), "{set}");
        }
    }

    #[test]
    fn what_stands_further_down_counts_and_what_stands_nowhere_is_guessed() {
        let map = PermissionMap::own();
        let weight = |class, permission| {
            let mapping = map.weight(class, permission);
            (mapping.read(), mapping.write())
        };
        assert_eq!(weight("shm", "read"), (10, 0));
        assert_eq!(weight("sem", "read"), (7, 0));
        assert_eq!(weight("file", "open"), (0, 0));
        assert_eq!(weight("brand_new_socket", "sendto"), (0, 10), "as at every class that has it");
        assert_eq!(weight("brand_new_socket", "brand_new"), (1, 1));
        assert_eq!(map.stated("brand_new_socket", "sendto"), None);
    }
}
