//! Permission maps: in which direction each permission moves information, and how much of it.
//!
//! The format is that of SETools (`permmap.py` of 4.4.1): blank lines and lines that begin with `#` are skipped; the first line
//! has the number of classes at most, then `class NAME NUMBER`, then so many lines `PERMISSION DIRECTION WEIGHT`, what follows
//! on such a line being ignored. Directions are from the subject's view: `r` from the object, `w` into it, `b` both, `n` none,
//! `u` not mapped. Weights are 1 (a bit, by a detour) to 10 (content, directly).
//!
//! A map that is read holds what stands in it, and what it lacks moves nothing. The map that comes with the program
//! (`own_permission_map`) knows permissions of other classes, too.

use std::collections::HashMap;

/// The heaviest weight.
const MAX_WEIGHT: u8 = 10;

/// In which direction a permission moves information.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flow {
    /// From the object to the subject.
    Read,
    /// From the subject to the object.
    Write,
    /// Both ways.
    Both,
    /// Not at all.
    None,
    /// Nobody said.
    Unmapped,
}

impl Flow {
    /// The direction that a letter of the format stands for.
    pub fn from_letter(letter: &str) -> Option<Self> {
        Some(match letter {
            "r" => Flow::Read,
            "w" => Flow::Write,
            "b" => Flow::Both,
            "n" => Flow::None,
            "u" => Flow::Unmapped,
            _ => return None,
        })
    }
}

/// What a permission moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// In which direction.
    pub flow: Flow,
    /// How much: 1 to 10.
    pub weight: u8,
}

impl Mapping {
    /// What is not mapped.
    const UNMAPPED: Mapping = Mapping { flow: Flow::Unmapped, weight: 1 };

    /// The weight of what is read, 0 for nothing.
    pub fn read(self) -> u8 {
        if matches!(self.flow, Flow::Read | Flow::Both) { self.weight } else { 0 }
    }

    /// The weight of what is written, 0 for nothing.
    pub fn write(self) -> u8 {
        if matches!(self.flow, Flow::Write | Flow::Both) { self.weight } else { 0 }
    }
}

/// What is wrong with a line of a map; the words are the file's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// The first line is no number.
    #[error("the number of classes is expected, found `{0}`")]
    ClassCount(String),
    /// The first line is a number below one.
    #[error("the number of classes must be at least 1, found `{0}`")]
    NoClasses(String),
    /// No `class NAME NUMBER` where one must stand.
    #[error("`class NAME NUMBER` is expected, found `{}`", .0.join(" "))]
    ClassDeclaration(Vec<String>),
    /// The number of a class's permissions is none.
    #[error("the number of permissions is expected, found `{0}`")]
    PermissionCount(String),
    /// The number of a class's permissions is below one.
    #[error("the number of permissions must be at least 1, found `{0}`")]
    NoPermissions(String),
    /// There are more classes than the first line says.
    #[error("class `{0}` is one more than the first line says")]
    ExtraClass(String),
    /// A line of a permission ends too early.
    #[error("`PERMISSION DIRECTION WEIGHT` is expected, found `{0}`")]
    TooShort(String),
    /// No direction.
    #[error("a direction is r, w, b, n or u, found `{0}`")]
    Direction(String),
    /// The weight is no number.
    #[error("a weight of 1 to 10 is expected, found `{0}`")]
    Weight(String),
    /// The weight is out of range.
    #[error("a weight is 1 to 10, found `{0}`")]
    WeightRange(String),
}

/// Why a map cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {wrong}")]
pub struct MapProblem {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub wrong: Wrong,
}

/// Permissions by class.
type Classes = HashMap<String, HashMap<String, Mapping>>;

/// A permission map.
#[derive(Clone, Debug, Default)]
pub struct PermissionMap {
    classes: Classes,
    /// For what `classes` lacks: permissions by name, whatever the class; and what is true of all others.
    elsewhere: HashMap<String, Mapping>,
    otherwise: Option<Mapping>,
}

/// What the next line must be.
enum Expected {
    ClassCount,
    Class,
    Permission { class: String, left: i128 },
}

impl PermissionMap {
    /// Reads a map. Never panics. O(bytes).
    ///
    /// # Errors
    /// The first line that is wrong.
    pub fn parse(text: &str) -> Result<Self, MapProblem> {
        let mut classes = Classes::new();
        let (mut expected, mut classes_left) = (Expected::ClassCount, 0i128);
        for (line, words) in (1..).zip(lines(text)) {
            let words: Vec<&str> = words.split_whitespace().collect();
            let Some(first) = words.first().filter(|word| !word.starts_with('#')) else { continue };
            let problem = |wrong| MapProblem { line, wrong };
            expected = match expected {
                Expected::ClassCount => {
                    classes_left = count(first, Wrong::ClassCount, Wrong::NoClasses).map_err(problem)?;
                    Expected::Class
                }
                Expected::Class => {
                    let &["class", name, number] = words.as_slice() else {
                        let words = words.iter().map(|&word| word.to_owned()).collect();
                        return Err(problem(Wrong::ClassDeclaration(words)));
                    };
                    let left =
                        count(number, Wrong::PermissionCount, Wrong::NoPermissions).map_err(problem)?;
                    if classes_left == 0 {
                        return Err(problem(Wrong::ExtraClass(name.to_owned())));
                    }
                    classes_left = classes_left.saturating_sub(1);
                    // The last of two declarations counts.
                    classes.insert(name.to_owned(), HashMap::new());
                    Expected::Permission { class: name.to_owned(), left }
                }
                Expected::Permission { class, left } => {
                    let mapping = mapping(words.get(1..).unwrap_or_default()).map_err(|wrong| {
                        problem(wrong.unwrap_or_else(|| Wrong::TooShort(words.join(" "))))
                    })?;
                    classes.entry(class.clone()).or_default().insert((*first).to_owned(), mapping);
                    match left.saturating_sub(1) {
                        0 => Expected::Class,
                        left => Expected::Permission { class, left },
                    }
                }
            };
        }
        Ok(PermissionMap { classes, ..PermissionMap::default() })
    }

    /// The map that comes with the program.
    pub fn own() -> Self {
        super::own_permission_map::read()
    }

    /// A map made of entries; what stands nowhere is what it is elsewhere, or `otherwise`.
    pub(super) fn of(
        entries: impl IntoIterator<Item = (String, String, Mapping)>,
        otherwise: Mapping,
    ) -> Self {
        let mut map = PermissionMap { otherwise: Some(otherwise), ..PermissionMap::default() };
        for (class, permission, mapping) in entries {
            let elsewhere = map.elsewhere.entry(permission.clone()).or_insert(mapping);
            // A permission that classes disagree about may do what it does in any of them.
            *elsewhere = Mapping::heaviest(*elsewhere, mapping);
            map.classes.entry(class).or_default().insert(permission, mapping);
        }
        map
    }

    /// What a permission of a class moves. O(1).
    pub fn weight(&self, class: &str, permission: &str) -> Mapping {
        self.stated(class, permission)
            .or_else(|| self.elsewhere.get(permission).copied())
            .or(self.otherwise)
            .unwrap_or(Mapping::UNMAPPED)
    }

    /// What the map states of a permission of a class.
    pub fn stated(&self, class: &str, permission: &str) -> Option<Mapping> {
        self.classes.get(class)?.get(permission).copied()
    }

    /// Everything that is stated: class, permission, mapping; sorted.
    pub fn entries(&self) -> Vec<(&str, &str, Mapping)> {
        let of_class = |(class, permissions)| {
            let permissions: &HashMap<String, Mapping> = permissions;
            let class: &String = class;
            permissions.iter().map(move |(name, mapping)| (class.as_str(), name.as_str(), *mapping))
        };
        let mut entries: Vec<_> = self.classes.iter().flat_map(of_class).collect();
        entries.sort_unstable_by_key(|&(class, permission, _)| (class, permission));
        entries
    }
}

impl Mapping {
    /// What moves all that either moves.
    fn heaviest(self, other: Mapping) -> Mapping {
        let (read, write) = (self.read().max(other.read()), self.write().max(other.write()));
        let flow = match (read, write) {
            (0, 0) => return self,
            (_, 0) => Flow::Read,
            (0, _) => Flow::Write,
            _ => Flow::Both,
        };
        Mapping { flow, weight: read.max(write) }
    }
}

/// Lines as Python reads them: `\r` and `\r\n` end one, too.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(end) = text.find(['\n', '\r']) else {
            rest = None;
            return Some(text);
        };
        let (line, behind) = text.split_at(end);
        rest = Some(behind.strip_prefix("\r\n").or_else(|| behind.get(1..)).unwrap_or_default());
        Some(line)
    })
}

fn count(
    word: &str,
    none: impl FnOnce(String) -> Wrong,
    too_few: impl FnOnce(String) -> Wrong,
) -> Result<i128, Wrong> {
    match word.parse::<i128>() {
        Ok(number) if number >= 1 => Ok(number),
        Ok(_) => Err(too_few(word.to_owned())),
        Err(_) => Err(none(word.to_owned())),
    }
}

/// The words behind a permission's name; `None` if there are too few. The direction is looked at first.
fn mapping(words: &[&str]) -> Result<Mapping, Option<Wrong>> {
    let direction = words.first().ok_or(None)?;
    let flow = Flow::from_letter(direction).ok_or_else(|| Wrong::Direction((*direction).to_owned()))?;
    let word = words.get(1).ok_or(None)?;
    let weight = word.parse::<i128>().map_err(|_| Wrong::Weight((*word).to_owned()))?;
    match u8::try_from(weight) {
        Ok(weight @ 1..=MAX_WEIGHT) => Ok(Mapping { flow, weight }),
        _ => Err(Some(Wrong::WeightRange((*word).to_owned()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_read() {
        let text =
            "# comment\n\n 2\r\nclass file 2\n  read r 10 and why\n  write\tw 9\nclass dir 1\nlink n 1";
        let map = PermissionMap::parse(text).unwrap();
        assert_eq!(map.weight("file", "read"), Mapping { flow: Flow::Read, weight: 10 });
        assert_eq!(map.weight("file", "write").write(), 9);
        assert_eq!((map.weight("dir", "link").read(), map.weight("dir", "link").flow), (0, Flow::None));
        assert_eq!(map.weight("dir", "read"), Mapping::UNMAPPED, "what a map lacks moves nothing");
        assert_eq!(map.entries().len(), 3);
    }

    #[test]
    fn each_mistake_has_its_line_and_reason() {
        let text = |word: &str| word.to_owned();
        for (map, line, wrong) in [
            ("# c\nx", 2, Wrong::ClassCount(text("x"))),
            ("0", 1, Wrong::NoClasses(text("0"))),
            ("1\nclass file", 2, Wrong::ClassDeclaration(vec![text("class"), text("file")])),
            ("1\nclass file x", 2, Wrong::PermissionCount(text("x"))),
            ("1\nclass file -1", 2, Wrong::NoPermissions(text("-1"))),
            ("1\nclass a 1\nread r 1\nclass b 1", 4, Wrong::ExtraClass(text("b"))),
            ("1\nclass a 1\nread", 3, Wrong::TooShort(text("read"))),
            ("1\nclass a 1\nread r", 3, Wrong::TooShort(text("read r"))),
            ("1\nclass a 1\nread x", 3, Wrong::Direction(text("x"))),
            ("1\nclass a 1\nread r ten", 3, Wrong::Weight(text("ten"))),
            ("1\nclass a 1\nread r 11", 3, Wrong::WeightRange(text("11"))),
        ] {
            assert_eq!(PermissionMap::parse(map).err(), Some(MapProblem { line, wrong }), "{map}");
        }
        assert_eq!(
            PermissionMap::parse("1\nclass a 1\nread x 1").unwrap_err().to_string(),
            "line 3: a direction is r, w, b, n or u, found `x`"
        );
    }
}
