//! The catalogue: what is asked, and what each primitive needs.

use std::io::{self, Write};

use analysis::breakout::{Asked, Catalogue, Need, ObjectLevel, Primitive, Sought};
use serde::Serialize;

use crate::render::layout::{entry, paragraph};
use crate::render::{Output, Style};

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    primitives: Vec<PrimitiveJson<'a>>,
}

#[derive(Serialize)]
pub(super) struct PrimitiveJson<'a> {
    id: &'a str,
    title: &'a str,
    reference: &'a str,
    meaning: &'a str,
    builtin: bool,
    ways: Vec<WayJson<'a>>,
}

#[derive(Serialize)]
struct WayJson<'a> {
    how: Option<&'a str>,
    needs: Vec<NeedJson>,
}

#[derive(Serialize)]
struct NeedJson {
    access: Vec<String>,
    on: Vec<String>,
    otherwise: Vec<String>,
    by: Vec<String>,
    level: &'static str,
}

pub(super) fn primitive_json(primitive: &Primitive) -> PrimitiveJson<'_> {
    let ways = primitive.ways.iter().map(|way| WayJson {
        how: way.how.as_deref(),
        needs: way
            .needs
            .iter()
            .map(|need| NeedJson {
                access: need.access.iter().map(access_text).collect(),
                on: texts(&need.on),
                otherwise: texts(&need.otherwise),
                by: texts(&need.by),
                level: level(need),
            })
            .collect(),
    });
    PrimitiveJson {
        id: &primitive.id,
        title: &primitive.title,
        reference: &primitive.reference,
        meaning: &primitive.meaning,
        builtin: primitive.is_builtin,
        ways: ways.collect(),
    }
}

/// Prints the catalogue as one object.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn catalogue_as_json(catalogue: &Catalogue, output: &mut Output) -> io::Result<()> {
    let primitives = catalogue.primitives.iter().map(primitive_json).collect();
    let writer = output.raw();
    serde_json::to_writer(&mut *writer, &Document { schema: "sepolq.breakout-catalogue/1", primitives })?;
    writer.write_all(b"\n")
}

/// Prints the catalogue for people.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn catalogue_as_text(catalogue: &Catalogue, output: &mut Output) -> io::Result<()> {
    for primitive in &catalogue.primitives {
        output.styled(Style::Keyword, primitive.id.as_bytes())?;
        paragraph(&format!("{} ({})", primitive.title, primitive.reference), 2, None, output)?;
        entry("means", &primitive.meaning, output)?;
        for (at, way) in primitive.ways.iter().enumerate() {
            let needs: Vec<String> = way.needs.iter().map(need_text).collect();
            let how = way.how.as_ref().map_or_else(String::new, |how| format!("{how}: "));
            let label = if at == 0 { "needs" } else { "or" };
            entry(label, &format!("{how}{}", needs.join("; ")), output)?;
        }
    }
    Ok(())
}

fn texts(sought: &[Sought]) -> Vec<String> {
    sought.iter().map(Sought::text).collect()
}

fn level(need: &Need) -> &'static str {
    match need.level {
        ObjectLevel::Labelled => "labelled",
        ObjectLevel::Another => "another",
        ObjectLevel::Open => "open",
    }
}

/// `file { open write }`
fn access_text(asked: &Asked) -> String {
    match asked.permissions.as_slice() {
        [one] => format!("{} {one}", asked.class),
        several => format!("{} {{ {} }}", asked.class, several.join(" ")),
    }
}

fn need_text(need: &Need) -> String {
    let access: Vec<String> = need.access.iter().map(access_text).collect();
    let mut text = format!("{} on {}", access.join(" and "), texts(&need.on).join(" or "));
    if !need.otherwise.is_empty() {
        text.push_str(&format!(", else on {}", texts(&need.otherwise).join(" or ")));
    }
    if need.level == ObjectLevel::Another {
        text.push_str(" of another container");
    }
    if !need.by.is_empty() {
        text.push_str(&format!(", by {}", texts(&need.by).join(" or ")));
    }
    text
}
