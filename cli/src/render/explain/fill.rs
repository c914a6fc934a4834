//! Prose, broken into lines that fit the terminal. Commands are not broken: what stands in backticks is one word.

/// Columns that text has at least, however narrow the terminal.
const LEAST: usize = 20;

/// The lines of a text of which each begins at column `indent`. Its own leading blanks stay. O(n).
pub(super) fn filled(text: &str, indent: usize, width: usize) -> Vec<String> {
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

/// The words of a text, and what stands between backticks whole.
fn words(text: &str) -> Vec<&str> {
    let (mut words, mut start, mut quoted) = (Vec::new(), None, false);
    for (at, c) in text.char_indices() {
        quoted ^= c == '`';
        match start {
            None if !c.is_whitespace() => start = Some(at),
            Some(from) if c.is_whitespace() && !quoted => {
                words.extend(text.get(from..at));
                start = None;
            }
            _ => {}
        }
    }
    words.extend(start.and_then(|from| text.get(from..)));
    words
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
        assert_eq!(filled("  h1 dom h2: no", 0, 80), ["  h1 dom h2: no"]);
        assert_eq!(filled("", 4, 60), [""]);
        // However narrow it is, and a quotation that does not end.
        assert_eq!(filled("aaaa bbbb cccc dddd eeee", 60, 60), ["aaaa bbbb cccc dddd", "eeee"]);
        assert_eq!(filled("a `b c", 0, 60), ["a `b c"]);
    }
}
