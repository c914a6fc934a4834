//! Answers on one screen: a word in the margin, and beside it text that is filled to the width of the terminal.

use std::io;

use super::{Output, Style};

/// Columns before the text of an entry.
pub(crate) const INDENT: usize = 12;

/// The word in the margin.
pub(crate) fn begin(label: &str, output: &mut Output) -> io::Result<()> {
    output.text(b"   ")?;
    output.styled(Style::Remark, format!("{label:<8}").as_bytes())?;
    output.text(b" ")
}

/// Text beside a word in the margin.
pub(crate) fn entry(label: &str, text: &str, output: &mut Output) -> io::Result<()> {
    begin(label, output)?;
    wrapped(text, INDENT, None, output)
}

/// Texts under one word.
pub(crate) fn entries(label: &str, texts: &[String], output: &mut Output) -> io::Result<()> {
    let mut label = label;
    for text in texts {
        entry(label, text, output)?;
        label = "";
    }
    Ok(())
}

/// Text that stands alone, indented.
pub(crate) fn paragraph(
    text: &str,
    indent: usize,
    style: Option<Style>,
    output: &mut Output,
) -> io::Result<()> {
    output.text(" ".repeat(indent).as_bytes())?;
    wrapped(text, indent, style, output)
}

/// Text that goes on in the next line, indented, where the terminal is too narrow. A line that is part of the one before
/// keeps its own indent.
pub(crate) fn wrapped(
    text: &str,
    indent: usize,
    style: Option<Style>,
    output: &mut Output,
) -> io::Result<()> {
    let own = text.len().saturating_sub(text.trim_start().len());
    output.text(" ".repeat(own).as_bytes())?;
    let indent = indent.saturating_add(own);
    for (i, line) in filled(text.trim_start(), indent, output.width()).iter().enumerate() {
        if i > 0 {
            output.text(" ".repeat(indent).as_bytes())?;
        }
        match style {
            Some(style) => output.styled(style, line.as_bytes())?,
            None => output.text(line.as_bytes())?,
        }
        output.text(b"\n")?;
    }
    Ok(())
}

/// Columns that text has at least, however narrow the terminal.
const LEAST: usize = 20;

/// The lines of a text of which each begins at column `indent`. Its own leading blanks stay. O(n).
pub(crate) fn filled(text: &str, indent: usize, width: usize) -> Vec<String> {
    let room = width.saturating_sub(indent).max(LEAST);
    let blanks = text.len().saturating_sub(text.trim_start().len());
    let mut line = text.get(..blanks).unwrap_or_default().to_owned();
    let mut lines = Vec::new();
    let (mut column, mut is_empty) = (blanks, true);
    for word in words(text) {
        let length = word.chars().count();
        if !is_empty && column.saturating_add(1).saturating_add(length) > room {
            lines.push(std::mem::take(&mut line));
            (column, is_empty) = (0, true);
        }
        if !is_empty {
            line.push(' ');
            column = column.saturating_add(1);
        }
        line.push_str(word);
        column = column.saturating_add(length);
        is_empty = false;
    }
    lines.push(line);
    lines
}

/// The words of a text, and what stands between backticks or double quotes whole: commands, and names with blanks.
fn words(text: &str) -> Vec<&str> {
    let (mut words, mut start, mut quoted, mut before) = (Vec::new(), None, None, ' ');
    for (at, c) in text.char_indices() {
        match quoted {
            Some(quote) if c == quote && before != '\\' => quoted = None,
            None if c == '`' => quoted = Some(c),
            None if c == '"' && !before.is_alphanumeric() && closes(text, at) => quoted = Some(c),
            _ => {}
        }
        match start {
            None if !c.is_whitespace() => start = Some(at),
            Some(from) if c.is_whitespace() && quoted.is_none() => {
                words.extend(text.get(from..at));
                start = None;
            }
            _ => {}
        }
        before = c;
    }
    words.extend(start.and_then(|from| text.get(from..)));
    words
}

/// Whether a double quote is followed by another one.
fn closes(text: &str, at: usize) -> bool {
    text.get(at.saturating_add(1)..).is_some_and(|rest| rest.contains('"'))
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn prose_is_broken_and_commands_are_not() {
        assert_eq!(filled("one two three four five", 0, 20), ["one two three four", "five"]);
        assert_eq!(
            filled("see `sepolq show x --for y` there", 10, 30),
            ["see", "`sepolq show x --for y`", "there"]
        );
        assert_eq!(
            filled("a file \"with a name of blanks\" there", 0, 20),
            ["a file", "\"with a name of blanks\"", "there"]
        );
        assert_eq!(filled("one \"two three four five six", 0, 20), ["one \"two three four", "five six"]);
        assert_eq!(filled("  h1 dom h2: no", 0, 80), ["  h1 dom h2: no"]);
        assert_eq!(filled("", 4, 60), [""]);
        // However narrow it is, and a quotation that does not end.
        assert_eq!(filled("aaaa bbbb cccc dddd eeee", 60, 60), ["aaaa bbbb cccc dddd", "eeee"]);
        assert_eq!(filled("a `b c", 0, 60), ["a `b c"]);
    }
}
