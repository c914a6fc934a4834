//! Fields of components as JSON, as lines of text, and as tables.

use std::borrow::Cow;
use std::io;

use analysis::component::{Fields, Value};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::{Output, Style};

/// Fields as a JSON object.
pub(crate) struct FieldsJson<'a>(pub(crate) &'a Fields);

struct ValueJson<'a>(&'a Value);

impl Serialize for FieldsJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0 {
            map.serialize_entry(name, &ValueJson(value))?;
        }
        map.end()
    }
}

impl Serialize for ValueJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Text(text) => serializer.serialize_str(text),
            Value::Number(number) => serializer.serialize_u64(*number),
            Value::Flag(flag) => serializer.serialize_bool(*flag),
            Value::List(list) => list.serialize(serializer),
            Value::Record(fields) => FieldsJson(fields).serialize(serializer),
            Value::Records(records) => {
                let mut seq = serializer.serialize_seq(Some(records.len()))?;
                for record in records {
                    seq.serialize_element(&FieldsJson(record))?;
                }
                seq.end()
            }
        }
    }
}

/// How many words of a list a cell of a table shows.
const WORDS_IN_CELL: usize = 6;
/// The narrowest that a column becomes where a table is too wide.
const NARROWEST: usize = 12;

/// A value in a cell of a table: one line, long lists cut short.
fn cell(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Text(text) => text.into(),
        Value::Number(number) => number.to_string().into(),
        Value::Flag(true) => "yes".into(),
        Value::Flag(false) => "no".into(),
        Value::List(list) => {
            let shown = list.iter().take(WORDS_IN_CELL).map(String::as_str).collect::<Vec<_>>().join(", ");
            match list.len().saturating_sub(WORDS_IN_CELL) {
                0 => shown.into(),
                more => format!("{shown}, … {more} more").into(),
            }
        }
        Value::Record(_) | Value::Records(_) => "".into(),
    }
}

/// A name of a field as a heading.
fn heading(name: &str) -> String {
    name.replace('_', " ")
}

/// Prints records with the same fields as a table with headings, each line at most `width` wide, `indent` blanks
/// before it.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn table(records: &[Fields], indent: usize, width: usize, output: &mut Output) -> io::Result<()> {
    let mut headings: Vec<&'static str> = Vec::new();
    for (name, _) in records.iter().flatten() {
        if !headings.contains(name) {
            headings.push(name);
        }
    }
    // A record may lack a field that others have.
    let find = |record: &'_ Fields, name: &str| {
        record
            .iter()
            .find(|(own, _)| *own == name)
            .map(|(_, value)| cell(value).into_owned())
            .unwrap_or_default()
    };
    let is_number = |name: &str| {
        records
            .iter()
            .flatten()
            .filter(|(own, _)| *own == name)
            .all(|(_, value)| matches!(value, Value::Number(_)))
    };
    let rows: Vec<Vec<String>> =
        records.iter().map(|record| headings.iter().map(|name| find(record, name)).collect()).collect();
    let natural = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([headings[column].len()]).max().unwrap_or(0)
    };
    let widths = fitting((0..headings.len()).map(natural).collect(), width.saturating_sub(indent));
    let line = |cells: &[String]| {
        let mut line = " ".repeat(indent);
        for (column, text) in cells.iter().enumerate() {
            let pad = widths[column].saturating_sub(text.chars().count());
            if is_number(headings[column]) {
                line.push_str(&" ".repeat(pad));
                line.push_str(text);
            } else {
                line.push_str(&shortened(text, widths[column]));
                line.push_str(&" ".repeat(pad));
            }
            line.push_str("  ");
        }
        shortened(line.trim_end(), width)
    };
    if !headings.is_empty() {
        let names: Vec<String> = headings.iter().map(|name| heading(name)).collect();
        output.styled(Style::Remark, line(&names).as_bytes())?;
        output.text(b"\n")?;
    }
    for row in &rows {
        output.text(line(row).as_bytes())?;
        output.text(b"\n")?;
    }
    Ok(())
}

/// Widths of columns that fit, with two blanks between them: the widest column gives way.
fn fitting(mut widths: Vec<usize>, room: usize) -> Vec<usize> {
    let room = room.saturating_sub(2 * widths.len().saturating_sub(1));
    loop {
        let total: usize = widths.iter().sum();
        let Some(widest) = widths.iter_mut().max_by_key(|width| **width) else { return widths };
        if total <= room || *widest <= NARROWEST {
            return widths;
        }
        *widest = widest.saturating_sub(total - room).max(NARROWEST).max(*widest / 2);
    }
}

fn shortened(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// How wide the names of fields are.
const LABEL: usize = 16;

/// How much of lists is printed.
#[derive(Clone, Copy)]
pub(crate) struct Extent {
    /// Words of a list, at most.
    pub(crate) words: usize,
    /// Statements of a list, and records, at most.
    pub(crate) lines: usize,
    /// Width of a line.
    pub(crate) width: usize,
}

/// Prints fields one below the other, lists wrapped.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn described(fields: &Fields, extent: Extent, output: &mut Output) -> io::Result<()> {
    for (name, value) in fields {
        let label = heading(name);
        match value {
            Value::List(list) if list.is_empty() => entry(&label, "none", output)?,
            Value::List(list) if list.iter().any(|word| word.contains(' ')) => {
                for (i, statement) in list.iter().take(extent.lines).enumerate() {
                    entry(if i == 0 { &label } else { "" }, statement, output)?;
                }
                more(list.len(), extent.lines, output)?;
            }
            Value::List(list) => words(&label, list, extent, output)?,
            Value::Records(records) => {
                entry(&label, "", output)?;
                let shown = &records[..records.len().min(extent.lines)];
                table(shown, 4, extent.width, output)?;
                more(records.len(), extent.lines, output)?;
            }
            Value::Record(fields) => {
                entry(&label, "", output)?;
                table(std::slice::from_ref(fields), 4, extent.width, output)?;
            }
            value => entry(&label, &cell(value), output)?,
        }
    }
    Ok(())
}

fn entry(label: &str, text: &str, output: &mut Output) -> io::Result<()> {
    output.text(b"  ")?;
    if text.is_empty() {
        output.styled(Style::Remark, label.as_bytes())?;
        return output.text(b"\n");
    }
    output.styled(Style::Remark, format!("{label:<LABEL$}").as_bytes())?;
    output.text(format!(" {text}\n").as_bytes())
}

/// A list of words, wrapped, with their number behind the label if there are many.
fn words(label: &str, list: &[String], extent: Extent, output: &mut Output) -> io::Result<()> {
    let mut line = if list.len() > extent.words { format!("({}) ", list.len()) } else { String::new() };
    let mut label = label;
    let room = extent.width.saturating_sub(LABEL + 4).max(20);
    for (i, word) in list.iter().take(extent.words).enumerate() {
        let last = i + 1 == list.len().min(extent.words);
        let piece = if last { word.clone() } else { format!("{word}, ") };
        if !line.is_empty() && line.chars().count() + piece.trim_end().chars().count() > room {
            entry(label, line.trim_end(), output)?;
            (label, line) = ("", String::new());
        }
        line.push_str(&piece);
    }
    if list.len() > extent.words {
        line.push_str(&format!(", … {} more", list.len() - extent.words));
    }
    entry(label, line.trim_end(), output)
}

fn more(all: usize, shown: usize, output: &mut Output) -> io::Result<()> {
    match all.saturating_sub(shown) {
        0 => Ok(()),
        hidden => entry("", &format!("… {hidden} more (--all)"), output),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_column_gives_way() {
        assert_eq!(fitting(vec![10, 20], 40), [10, 20]);
        assert_eq!(fitting(vec![10, 100], 62), [10, 50]);
        assert_eq!(fitting(vec![100, 100], 10), [NARROWEST, NARROWEST]);
        assert_eq!(fitting(vec![], 10), [0; 0]);
    }

    #[test]
    fn long_cells_are_cut() {
        assert_eq!(shortened("abcdef", 4), "abc…");
        let many: Vec<String> = (0..9).map(|n| n.to_string()).collect();
        assert_eq!(cell(&Value::List(many)), "0, 1, 2, 3, 4, 5, … 3 more");
    }
}
