//! Two ways in which libselinux has chosen among the lines that match a path, and what they make of an expression's text.
//!
//! Up to 3.7 (`label_file.h`, `spec_hasMetaChars` and `get_stem_from_spec`) every line is an expression; those without
//! special signs are moved behind the others, and the last that matches decides. A *stem*, the text up to the second
//! slash, saves comparing with paths elsewhere.
//!
//! Since 3.8 (`regex_has_meta_chars`, `insert_spec`, `lookup_check_node`) lines without special signs are compared as
//! text and come first; of those with the same text that of the last file decides, within a file the first. The others
//! stand in a tree of stems, three deep, and the last that matches decides, except that `<<none>>` wins over later lines
//! with fewer stems.
//!
//! On the file_contexts that policies ship both give the same labels; they differ where a stem has an escape in it,
//! where a plain path has two lines for one kind, in that `<<none>>`, and for paths that end with a line feed.

/// How lines and paths are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Generation {
    /// libselinux up to 3.7: Debian 12, RHEL 9.
    Stems,
    /// libselinux since 3.8: Debian 13, RHEL 10, Fedora 42.
    #[default]
    Tree,
}

/// So deep is the tree of stems (`SPEC_NODE_MAX_DEPTH`).
pub(super) const MAX_STEMS: usize = 3;

impl Generation {
    /// Does the expression have a sign that makes it more than a path.
    pub(super) fn has_meta(self, regex: &[u8]) -> bool {
        let mut bytes = regex.iter();
        while let Some(byte) = bytes.next() {
            match (self, byte) {
                (_, b'.' | b'^' | b'$' | b'?' | b'*' | b'+' | b'|' | b'[' | b'(' | b'{') => return true,
                (Generation::Tree, b']' | b')' | b'}') => return true,
                (Generation::Stems, b'\\') => {
                    bytes.next();
                }
                (Generation::Tree, b'\\') if !bytes.next().is_some_and(is_escapable) => return true,
                _ => {}
            }
        }
        false
    }

    /// Appends what a path must begin with because of the stem, whatever the expression says. Nothing for no stem.
    pub(super) fn write_stem(self, regex: &[u8], out: &mut Vec<u8>) {
        match self {
            Generation::Stems => {
                let stem = stem_of_text(regex);
                if !stem.is_empty() {
                    out.extend_from_slice(stem);
                    out.push(b'/');
                }
            }
            Generation::Tree => write_tree_stems(regex, out),
        }
    }
}

/// The text up to the second slash, as it is written, escapes and all; empty if a special sign is in it.
fn stem_of_text(regex: &[u8]) -> &[u8] {
    let behind_first = regex.get(1..).unwrap_or_default();
    let Some(slash) = behind_first.iter().position(|byte| *byte == b'/') else { return &[] };
    let stem = regex.get(..slash.saturating_add(1)).unwrap_or_default();
    let is_plain = |byte: &u8| !b".^$?*+|[({".contains(byte);
    if stem.iter().all(is_plain) { stem } else { &[] }
}

/// The components before the first special sign, at most three, each with its slashes.
fn write_tree_stems(regex: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    let mut depth: usize = 0;
    // The first byte is taken for a slash, whatever it is.
    let mut rest = regex.get(1..).unwrap_or_default();
    while depth < MAX_STEMS {
        let Some(slash) = rest.iter().position(|byte| *byte == b'/') else { break };
        let (component, behind) = rest.split_at(slash);
        if !component.is_empty() {
            let before = out.len();
            if depth == 0 {
                out.push(b'/');
            }
            if !write_simplified(component, out) {
                out.truncate(before);
                break;
            }
            out.push(b'/');
            depth = depth.saturating_add(1);
        }
        rest = behind.get(1..).unwrap_or_default();
    }
    debug_assert!(out.len() >= start, "only whole components are taken back");
}

/// Appends a component without its escapes; false where that is not simple.
fn write_simplified(component: &[u8], out: &mut Vec<u8>) -> bool {
    let mut bytes = component.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => match bytes.next() {
                Some(escaped) if is_escapable(escaped) => out.push(*escaped),
                _ => return false,
            },
            b'.' | b'^' | b'$' | b'?' | b'*' | b'+' | b'|' | b'[' | b'(' | b'{' | b']' | b')' | b'}' => {
                return false;
            }
            byte => out.push(*byte),
        }
    }
    true
}

/// The signs behind a backslash that since 3.8 are known to stand for themselves.
fn is_escapable(byte: &u8) -> bool {
    b".^$?*+|[({])}-_,".contains(byte)
}

#[cfg(test)]
mod tests {
    use super::Generation::{Stems, Tree};

    fn stem(generation: super::Generation, regex: &str) -> String {
        let mut out = Vec::new();
        generation.write_stem(regex.as_bytes(), &mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    #[test]
    fn signs_that_make_an_expression() {
        for (regex, stems, tree) in [
            ("/usr", false, false),
            ("/usr(/.*)?", true, true),
            (r"/a\.b", false, false),
            (r"/a\db", false, true),
            ("/a]", false, true),
            (r"/a\", false, true),
        ] {
            assert_eq!((Stems.has_meta(regex.as_bytes()), Tree.has_meta(regex.as_bytes())), (stems, tree));
        }
    }

    #[test]
    fn stems_of_both_generations() {
        for (regex, stems, tree) in [
            ("/usr", "", ""),
            ("/usr/lib/a/b/.*", "/usr/", "/usr/lib/a/"),
            ("/usr(/.*)?", "", ""),
            (r"/a\-b/c", r"/a\-b/", "/a-b/"),
            (r"/a\.b/c.*", "", "/a.b/"),
            ("/usr/a|/b/c", "/usr/", "/usr/"),
            ("//a/b", "//", "/a/"),
            ("foo/b", "foo/", "/oo/"),
            ("/usr/.*/b", "/usr/", "/usr/"),
            (r"/a\/b/c", r"/a\/", ""),
        ] {
            assert_eq!((stem(Stems, regex).as_str(), stem(Tree, regex).as_str()), (stems, tree), "{regex}");
        }
    }
}
