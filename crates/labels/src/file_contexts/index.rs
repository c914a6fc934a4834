//! Which lines a path must be compared with: those whose text begins with one of the folders above it.
//!
//! A line is kept under one path, the *folder*, that everything it matches lies at or below. A look-up asks for each
//! path above its own. Lines of one folder are chained from the last to the first, which is the order in which they
//! are tried. Keys come from strangers, so the hasher is keyed.

use std::hash::{BuildHasher as _, RandomState};

use super::lines::Piece;

/// The end of a chain.
const NONE: u32 = u32::MAX;

/// A table from folders to lines, which are numbered from 0 in the order in which they are added.
#[derive(Debug, Default)]
pub(super) struct Index {
    hasher: RandomState,
    table: hashbrown::HashTable<Chain>,
    /// For each line the one before it in its folder.
    previous: Vec<u32>,
}

#[derive(Debug)]
struct Chain {
    folder: Piece,
    last: u32,
}

impl Index {
    /// Adds the next line, under a folder that is a part of `arena`. O(1).
    pub(super) fn add(&mut self, arena: &[u8], folder: Piece) {
        let line = u32::try_from(self.previous.len()).unwrap_or(NONE);
        let key = folder.of(arena);
        let hash = self.hasher.hash_one(key);
        let hash_of = |chain: &Chain| self.hasher.hash_one(chain.folder.of(arena));
        let entry = self.table.entry(hash, |chain| chain.folder.of(arena) == key, hash_of);
        let mut before = NONE;
        entry
            .and_modify(|chain| before = std::mem::replace(&mut chain.last, line))
            .or_insert_with(|| Chain { folder, last: line });
        self.previous.push(before);
    }

    /// The lines of a folder, the last one first.
    pub(super) fn lines(&self, arena: &[u8], folder: &[u8]) -> impl Iterator<Item = usize> {
        let hash = self.hasher.hash_one(folder);
        let found = self.table.find(hash, |chain| chain.folder.of(arena) == folder);
        let as_index = |line: u32| usize::try_from(line).ok().filter(|_| line != NONE);
        let first = found.and_then(|chain| as_index(chain.last));
        std::iter::successors(first, move |line| self.previous.get(*line).copied().and_then(as_index))
    }
}

/// The paths under which lines for `path` may be kept: itself, and all before its slashes, down to the empty one.
pub(super) fn folders(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    // An expression without its `$` may match all but a line feed at the end.
    let without_feed = path.strip_suffix(b"\n");
    let above = std::iter::successors(Some(path), |folder| {
        let slash = folder.iter().rposition(|byte| *byte == b'/')?;
        folder.get(..slash)
    });
    // A relative path has no slash to stop at.
    let root = (!path.starts_with(b"/")).then_some(&b""[..]);
    above.chain(root).chain(without_feed)
}

#[cfg(test)]
mod tests {
    use super::{Index, Piece, folders};

    fn all(path: &str) -> Vec<&str> {
        folders(path.as_bytes()).filter_map(|folder| std::str::from_utf8(folder).ok()).collect()
    }

    #[test]
    fn folders_of_a_path() {
        assert_eq!(all("/usr/lib"), ["/usr/lib", "/usr", ""]);
        assert_eq!(all("/"), ["/", ""]);
        assert_eq!(all("a"), ["a", ""]);
        assert_eq!(all("a/b"), ["a/b", "a", ""]);
        assert_eq!(all("/a\n"), ["/a\n", "", "/a"]);
        assert_eq!(all("//a"), ["//a", "/", ""]);
    }

    #[test]
    fn lines_come_last_first() {
        let arena = b"/usr/etc";
        let (usr, etc) = (Piece::new(0, 4), Piece::new(4, 8));
        let mut index = Index::default();
        for folder in [usr, etc, usr, usr] {
            index.add(arena, folder);
        }
        assert_eq!(index.lines(arena, b"/usr").collect::<Vec<_>>(), [3, 2, 0]);
        assert_eq!(index.lines(arena, b"/etc").collect::<Vec<_>>(), [1]);
        assert_eq!(index.lines(arena, b"/var").next(), None);
    }
}
