//! Most expressions of file_contexts are a path, a path with all below it, or a path with anything behind: these are
//! compared as text. Of the others the plain text that they begin with is known, so that few are ever compiled.

/// What an expression is, apart from the text it begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// The text and nothing else.
    Exact,
    /// The text with `(/.*)?` behind it.
    Tree,
    /// The text with `.*` behind it.
    Beginning,
    /// Anything else.
    Expression,
}

/// Appends the text that every matching path begins with, and says what stands behind it. Linear in the expression.
///
/// That holds if no `|` stands outside of the expression's groups, which is the caller's to find out.
pub(super) fn read(regex: &[u8], prefix: &mut Vec<u8>) -> Shape {
    let start = prefix.len();
    let mut rest = regex;
    loop {
        match rest {
            [b'.' | b'^' | b'$' | b'?' | b'*' | b'+' | b'|' | b'[' | b'(' | b')' | b'{', ..] => break,
            // A letter or a digit behind a backslash is more than itself; a backslash at the end escapes the `$`.
            [b'\\', escaped, behind @ ..] if !escaped.is_ascii_alphanumeric() => {
                prefix.push(*escaped);
                rest = behind;
            }
            [b'\\', ..] => break,
            [byte, behind @ ..] => {
                prefix.push(*byte);
                rest = behind;
            }
            [] => return Shape::Exact,
        }
    }
    match rest {
        b"(/.*)?" => Shape::Tree,
        b".*" => Shape::Beginning,
        _ => {
            // The last byte may be missing from the path. Comments and empty quotes may stand before what says so.
            let may_repeat = matches!(rest, [b'?' | b'*' | b'{' | b'\\', ..] | [b'(', b'?', b'#', ..]);
            if may_repeat && prefix.len() > start {
                prefix.pop();
            }
            Shape::Expression
        }
    }
}

/// The path at or below which everything lies that begins with `prefix`: the text before its last slash.
pub(super) fn folder(prefix: &[u8]) -> &[u8] {
    let slash = prefix.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
    prefix.get(..slash).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Shape, folder, read};

    #[test]
    fn shapes() {
        for (regex, prefix, shape) in [
            ("/usr", "/usr", Shape::Exact),
            (r"/a\.b\-c", "/a.b-c", Shape::Exact),
            ("/usr(/.*)?", "/usr", Shape::Tree),
            ("/usr/.*", "/usr/", Shape::Beginning),
            ("/usr/lib.*", "/usr/lib", Shape::Beginning),
            ("/usr/.*/a", "/usr/", Shape::Expression),
            ("/usrs?", "/usr", Shape::Expression),
            ("/usrs+", "/usrs", Shape::Expression),
            (r"/a\d", "/", Shape::Expression),
            (r"/a\", "/", Shape::Expression),
            (r"/a\E*", "/", Shape::Expression),
            (r"/a(?#)*", "/", Shape::Expression),
            (r"/a\.*", "/a", Shape::Expression),
            ("(/.*)?", "", Shape::Tree),
            ("a|b", "a", Shape::Expression),
        ] {
            let mut text = b"before".to_vec();
            assert_eq!(read(regex.as_bytes(), &mut text), shape, "{regex}");
            assert_eq!(text, format!("before{prefix}").as_bytes(), "{regex}");
        }
    }

    #[test]
    fn folders() {
        assert_eq!(folder(b"/usr/lib/a"), b"/usr/lib");
        assert_eq!(folder(b"/usr/lib/"), b"/usr/lib");
        assert_eq!(folder(b"/usr"), b"");
        assert_eq!(folder(b"usr"), b"");
    }
}
