//! The cases of `testdata/audit/records.toml`: text, and all that is read from it.
//!
//! `SEPOLQ_PRINT=1 cargo test -p audit --test records` prints what is read, in the form of the file, for whoever adds
//! a case to look at.

use audit::{Companions, Denial, Field, Fields, Item, Lines, Manager, Origin, Reader, RefusalKind, Text};
use std::fmt::Write as _;
use std::path::Path;
use toml::{Table, Value};

fn path() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/audit/records.toml")
}

fn read(text: &str) -> Vec<Item> {
    let mut items = Vec::new();
    let mut reader = Reader::new();
    let text = text.strip_prefix('\n').unwrap_or(text);
    reader.read(text.as_bytes(), &mut |item| items.push(item)).unwrap();
    reader.finish(&mut |item| items.push(item));
    items
}

fn text(text: &Text) -> Value {
    Value::String(text.to_string())
}

fn list(texts: &[Text]) -> Value {
    Value::Array(texts.iter().map(text).collect())
}

fn fields(fields: &Fields) -> Value {
    // Values in braces may not fill pages.
    let kept = |field: &Field| !matches!(field, Field::Hostname | Field::Addr | Field::Terminal);
    Value::Table(
        fields
            .iter()
            .filter(|(field, _)| kept(field))
            .map(|(field, value)| (field.name().to_owned(), text(value)))
            .collect(),
    )
}

fn add_origin(table: &mut Table, origin: &Origin) {
    let mut put = |key: &str, value: Value| table.insert(key.to_owned(), value);
    if let Some(time) = &origin.time {
        put("time", Value::String(time.to_string()));
    }
    if let Some(serial) = origin.serial {
        put("serial", Value::Integer(serial.try_into().unwrap()));
    }
    if let Some(node) = &origin.node {
        put("node", text(node));
    }
    add_lines(table, origin.lines);
    if let Some(companions) = &origin.companions {
        add_companions(table, companions);
    }
}

fn add_lines(table: &mut Table, lines: Lines) {
    if lines != (Lines { first: 1, last: 1 }) {
        let lines = [lines.first, lines.last].map(|line| Value::Integer(line.try_into().unwrap()));
        table.insert("lines".into(), Value::Array(lines.to_vec()));
    }
}

fn add_companions(table: &mut Table, companions: &Companions) {
    let mut put = |key: &str, value: Value| table.insert(key.to_owned(), value);
    if !companions.syscall.is_empty() {
        put("syscall", fields(&companions.syscall));
    }
    if !companions.paths.is_empty() {
        put("paths", Value::Array(companions.paths.iter().map(fields).collect()));
    }
    if let Some(cwd) = &companions.cwd {
        put("cwd", text(cwd));
    }
    if let Some(proctitle) = &companions.proctitle {
        put("proctitle", text(proctitle));
    }
}

fn denial_table(denial: &Denial) -> Table {
    let mut table = Table::new();
    match &denial.manager {
        Manager::Kernel => {}
        Manager::Program(None) => drop(table.insert("manager".into(), Value::String("?".into()))),
        Manager::Program(Some(program)) => drop(table.insert("manager".into(), text(program))),
    }
    table.insert("permissions".into(), list(&denial.permissions));
    table.insert("scontext".into(), text(&denial.scontext));
    table.insert("tcontext".into(), text(&denial.tcontext));
    table.insert("tclass".into(), text(&denial.tclass));
    if let Some(permissive) = denial.permissive {
        table.insert("permissive".into(), Value::Boolean(permissive));
    }
    if let Some(path) = denial.path().filter(|path| path.deleted) {
        table.insert("deleted".into(), Value::String(String::from_utf8_lossy(path.path).into_owned()));
    }
    if !denial.fields.is_empty() {
        table.insert("fields".into(), fields(&denial.fields));
    }
    add_origin(&mut table, &denial.origin);
    table
}

fn table(item: &Item) -> Table {
    let mut table = Table::new();
    match item {
        Item::Denial(denial) => return denial_table(denial),
        Item::Refusal(refusal) => {
            let mut put = |key: &str, value: Value| table.insert(key.to_owned(), value);
            match &refusal.kind {
                RefusalKind::InvalidContext { newcontext, scontext, tcontext, tclass } => {
                    put("invalid", text(newcontext));
                    put("scontext", text(scontext));
                    put("tcontext", text(tcontext));
                    put("tclass", text(tclass));
                }
                RefusalKind::BoundedTransition { oldcontext, newcontext } => {
                    put("bounded", list(&[oldcontext.clone(), newcontext.clone()]));
                }
                RefusalKind::ValidateTransition { oldcontext, newcontext, taskcontext, tclass } => {
                    put("validate", list(&[oldcontext.clone(), newcontext.clone(), taskcontext.clone()]));
                    put("tclass", text(tclass));
                }
                RefusalKind::Bounds { scontext, tcontext, tclass, permissions } => {
                    put("bounds", list(permissions));
                    put("scontext", text(scontext));
                    put("tcontext", text(tcontext));
                    put("tclass", text(tclass));
                }
                RefusalKind::UnknownLabel { operation, context } => {
                    put("unknown_label", text(context));
                    put("operation", text(operation));
                }
            }
            add_origin(&mut table, &refusal.origin);
        }
        Item::Unreadable(unreadable) => {
            table.insert("unreadable".into(), Value::String(unreadable.reason.to_string()));
            add_lines(&mut table, unreadable.lines);
        }
    }
    table
}

/// A table on one line, so that each item is one.
fn inline(value: &Value) -> String {
    match value {
        Value::Table(table) => {
            let inner: Vec<String> =
                table.iter().map(|(key, value)| format!("{key} = {}", inline(value))).collect();
            format!("{{ {} }}", inner.join(", "))
        }
        Value::Array(values) => {
            format!("[{}]", values.iter().map(inline).collect::<Vec<_>>().join(", "))
        }
        Value::String(text) => {
            format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
        }
        Value::Integer(number) => number.to_string(),
        Value::Boolean(flag) => flag.to_string(),
        other => panic!("no case has {other:?}"),
    }
}

#[test]
fn every_case_is_read_as_it_says() {
    let file: Table = std::fs::read_to_string(path()).unwrap().parse().unwrap();
    let cases = file["case"].as_array().unwrap();
    let mut wrong = String::new();
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let found: Vec<Value> =
            read(case["text"].as_str().unwrap()).iter().map(|item| Value::Table(table(item))).collect();
        if std::env::var_os("SEPOLQ_PRINT").is_some() {
            println!("# {name}\nitems = [");
            for item in &found {
                println!("  {},", inline(item));
            }
            println!("]");
        }
        let expected = case.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
        if found != expected {
            let _ = writeln!(wrong, "{name}");
            for (at, item) in found.iter().enumerate().filter(|(at, item)| expected.get(*at) != Some(item)) {
                let other = expected.get(at).map(inline).unwrap_or_default();
                let _ = writeln!(wrong, "  read     {}\n  expected {other}", inline(item));
            }
            let _ = writeln!(wrong, "  {} items, expected {}", found.len(), expected.len());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(cases.len() > 20);
}
