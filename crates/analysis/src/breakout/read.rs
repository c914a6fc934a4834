//! A catalogue out of TOML, with the line of every mistake. It comes from strangers: what is printed later holds no control
//! characters, and there is a bound on how much can be asked. The `toml` crate bounds how deep values nest.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::catalogue::{Asked, Catalogue, Need, ObjectLevel, Part, Primitive, Sought, Way};
use crate::decide::{is_kernel_class, is_kernel_permission};
use crate::lookup::{nearest, shown};

/// Needs of a catalogue, at most.
const MOST_NEEDS: usize = 2000;
/// Words of a list, at most.
const MOST_WORDS: usize = 64;
/// Characters of a text, at most.
const LONGEST: usize = 400;

/// A mistake in a catalogue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct CatalogueError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileToml {
    #[serde(default)]
    primitive: Vec<PrimitiveToml>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PrimitiveToml {
    id: Spanned<String>,
    title: Spanned<String>,
    reference: Spanned<String>,
    meaning: Spanned<String>,
    way: Spanned<Vec<WayToml>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WayToml {
    how: Option<Spanned<String>>,
    needs: Spanned<Vec<NeedToml>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NeedToml {
    access: Spanned<Vec<Spanned<String>>>,
    on: Spanned<Vec<Spanned<String>>>,
    #[serde(default)]
    otherwise: Vec<Spanned<String>>,
    #[serde(default)]
    by: Vec<Spanned<String>>,
    level: Option<Spanned<String>>,
}

/// Reads a catalogue. O(text).
pub(super) fn read(text: &str, is_builtin: bool) -> Result<Catalogue, CatalogueError> {
    let line_ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect();
    let reader = Reader { line_ends };
    let file: FileToml = toml::from_str(text).map_err(|error| {
        let reason = error.message().lines().collect::<Vec<_>>().join(": ");
        reader.error(error.span().unwrap_or_default(), shown(&reason))
    })?;
    let mut catalogue = Catalogue::default();
    let mut n_needs = 0usize;
    for primitive in file.primitive {
        let id = reader.id(&primitive.id)?;
        if catalogue.primitives.iter().any(|known| known.id == id) {
            return Err(reader.error(primitive.id.span(), format!("there are two primitives `{id}`")));
        }
        let mut ways = Vec::new();
        if primitive.way.get_ref().is_empty() {
            return Err(reader.error(primitive.way.span(), format!("the primitive `{id}` has no way")));
        }
        for way in primitive.way.into_inner() {
            if way.needs.get_ref().is_empty() {
                return Err(reader.error(way.needs.span(), "a way that needs nothing would always be open"));
            }
            n_needs = n_needs.saturating_add(way.needs.get_ref().len());
            if n_needs > MOST_NEEDS {
                return Err(
                    reader.error(way.needs.span(), format!("a catalogue has {MOST_NEEDS} needs at most"))
                );
            }
            let how = way.how.as_ref().map(|how| reader.words(how)).transpose()?;
            let needs =
                way.needs.into_inner().iter().map(|need| reader.need(need)).collect::<Result<_, _>>()?;
            ways.push(Way { how, needs });
        }
        catalogue.primitives.push(Primitive {
            id,
            title: reader.words(&primitive.title)?,
            reference: reader.words(&primitive.reference)?,
            meaning: reader.words(&primitive.meaning)?,
            ways,
            is_builtin,
        });
    }
    Ok(catalogue)
}

struct Reader {
    /// Where lines end, ascending.
    line_ends: Vec<usize>,
}

impl Reader {
    fn line(&self, span: &Range<usize>) -> usize {
        self.line_ends.partition_point(|end| *end < span.start).saturating_add(1)
    }

    fn error(&self, span: Range<usize>, reason: impl Into<String>) -> CatalogueError {
        CatalogueError { line: self.line(&span), reason: reason.into() }
    }

    fn id(&self, id: &Spanned<String>) -> Result<String, CatalogueError> {
        let text = id.get_ref();
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        if text.is_empty() || text.len() > 40 || !text.chars().all(is_plain) {
            let reason =
                format!("`{}` is no id: lower-case letters, digits and hyphens, 40 at most", shown(text));
            return Err(self.error(id.span(), reason));
        }
        Ok(text.clone())
    }

    /// A text that can be printed.
    fn words(&self, text: &Spanned<String>) -> Result<String, CatalogueError> {
        let words = text.get_ref();
        if words.trim().is_empty() {
            return Err(self.error(text.span(), "a text is empty"));
        }
        if words.chars().any(char::is_control) {
            return Err(self.error(text.span(), "a text has a control character or a line break"));
        }
        if words.chars().count() > LONGEST {
            return Err(self.error(text.span(), format!("a text is longer than {LONGEST} characters")));
        }
        Ok(words.clone())
    }

    fn need(&self, need: &NeedToml) -> Result<Need, CatalogueError> {
        for (list, word) in [(&need.access, "access"), (&need.on, "on")] {
            if list.get_ref().is_empty() {
                return Err(self.error(list.span(), format!("`{word}` is empty")));
            }
        }
        let lists = [need.access.get_ref(), need.on.get_ref(), &need.otherwise, &need.by];
        if lists.iter().any(|list| list.len() > MOST_WORDS) {
            return Err(self.error(need.access.span(), format!("a list has {MOST_WORDS} words at most")));
        }
        let all = |list: &[Spanned<String>]| {
            list.iter().map(|word| self.sought(word)).collect::<Result<Vec<Sought>, _>>()
        };
        let level = match &need.level {
            None => ObjectLevel::default(),
            Some(level) => match level.get_ref().as_str() {
                "labelled" => ObjectLevel::Labelled,
                "another" => ObjectLevel::Another,
                "open" => ObjectLevel::Open,
                other => {
                    let reason =
                        format!("`{}` is no level of an object: labelled, another or open", shown(other));
                    return Err(self.error(level.span(), reason));
                }
            },
        };
        Ok(Need {
            access: need.access.get_ref().iter().map(|text| self.asked(text)).collect::<Result<_, _>>()?,
            on: all(need.on.get_ref())?,
            otherwise: all(&need.otherwise)?,
            by: all(&need.by)?,
            level,
        })
    }

    /// `file { open write }`
    fn asked(&self, text: &Spanned<String>) -> Result<Asked, CatalogueError> {
        let mistake = |reason: String| self.error(text.span(), reason);
        let is_word = |word: &&str| word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let (class, rest) = text.get_ref().trim().split_once(' ').unwrap_or((text.get_ref().trim(), ""));
        let rest = rest.trim();
        let list = rest.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let permissions: Vec<&str> = list.unwrap_or(rest).split_ascii_whitespace().collect();
        let is_one = list.is_some() || permissions.len() == 1;
        if class.is_empty()
            || permissions.is_empty()
            || !is_one
            || !permissions.iter().chain([&class]).all(is_word)
        {
            return Err(mistake(format!(
                "`{}` is no access: write it like `file {{ open write }}`",
                shown(text.get_ref())
            )));
        }
        // What the kernel has no class for may be the policy's own, for a service: it alone knows its permissions.
        if is_kernel_class(class.as_bytes()) {
            let unknown =
                permissions.iter().find(|name| !is_kernel_permission(class.as_bytes(), name.as_bytes()));
            if let Some(unknown) = unknown {
                return Err(mistake(format!("the class `{class}` has no permission `{unknown}`")));
            }
        }
        Ok(Asked {
            class: class.to_owned(),
            permissions: permissions.into_iter().map(str::to_owned).collect(),
            line: self.line(&text.span()),
        })
    }

    fn sought(&self, text: &Spanned<String>) -> Result<Sought, CatalogueError> {
        let word = text.get_ref().trim();
        let mistake = |reason: String| self.error(text.span(), reason);
        let is_name = |name: &str| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_graphic() && !"@:*{}".contains(c))
        };
        let name = |name: &str| match is_name(name) {
            true => Ok(name.to_owned()),
            false => Err(mistake(format!(
                "`{}` is no object: self, a type, @attribute, sid:NAME, genfs:FILESYSTEM /PATH, or part:NAME",
                shown(word)
            ))),
        };
        if let Some(sid) = word.strip_prefix("sid:") {
            return Ok(Sought::InitialSid(name(sid)?));
        }
        if let Some(part) = word.strip_prefix("part:") {
            let found = Part::ALL.into_iter().find(|known| known.word() == part);
            return found.map(Sought::Part).ok_or_else(|| {
                let known: Vec<String> = Part::ALL.iter().map(|part| part.word().to_owned()).collect();
                let near = nearest(part, known.clone());
                let names = if near.is_empty() { known } else { near };
                mistake(format!("there is no part `{}`: {}", shown(part), names.join(", ")))
            });
        }
        if let Some(rest) = word.strip_prefix("genfs:") {
            let parts = rest.split_once(' ').map(|(file_system, path)| (file_system, path.trim()));
            let Some((file_system, path)) = parts.filter(|(_, path)| path.starts_with('/')) else {
                return Err(mistake(format!(
                    "`{}` is no path of a file system: write it like `genfs:proc /sys/kernel/core_pattern`",
                    shown(word)
                )));
            };
            return Ok(Sought::GenfsPath { file_system: name(file_system)?, path: name(path)? });
        }
        match word.strip_prefix('@') {
            Some(attribute) => Ok(Sought::Attribute(name(attribute)?)),
            None if word == "self" => Ok(Sought::Itself),
            None => Ok(Sought::Type(name(word)?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A primitive around one need.
    fn with_need(need: &str) -> String {
        format!(
            "[[primitive]]\nid = \"x\"\ntitle = \"t\"\nreference = \"r\"\nmeaning = \"m\"\n[[primitive.way]]\nneeds = [\n{need}\n]\n"
        )
    }

    fn mistake(text: &str) -> (usize, String) {
        let error = Catalogue::parse(text).unwrap_err();
        (error.line, error.reason)
    }

    #[test]
    fn the_catalogue_of_the_program_can_be_read() {
        let catalogue = read(include_str!("catalogue.toml"), true).unwrap();
        assert!(catalogue.primitives.len() >= 25, "{}", catalogue.primitives.len());
        assert!(catalogue.primitives.iter().all(|primitive| primitive.title.chars().count() <= 32));
    }

    #[test]
    fn words_are_read() {
        let need = r#"{ access = ["file { open write }", "dir search"], on = ["self", "x_t", "@x", "sid:kernel", "genfs:proc /sys/kernel", "part:runtimes"], level = "another" }"#;
        let catalogue = Catalogue::parse(&with_need(need)).unwrap();
        let need = &catalogue.primitives[0].ways[0].needs[0];
        assert_eq!(need.access[1].permissions, ["search"]);
        assert_eq!(need.access[0].line, 8);
        let words: Vec<String> = need.on.iter().map(Sought::text).collect();
        assert_eq!(words, ["self", "x_t", "@x", "sid:kernel", "genfs:proc /sys/kernel", "part:runtimes"]);
        assert_eq!(need.level, ObjectLevel::Another);
    }

    #[test]
    fn mistakes_have_a_line_and_a_reason() {
        for (need, line, reason) in [
            (r#"{ access = ["file write open"], on = ["x_t"] }"#, 8, "is no access"),
            (r#"{ access = ["file"], on = ["x_t"] }"#, 8, "is no access"),
            (r#"{ access = ["file { open"], on = ["x_t"] }"#, 8, "is no access"),
            (r#"{ access = ["file { wirte }"], on = ["x_t"] }"#, 8, "no permission `wirte`"),
            (r#"{ access = [], on = ["x_t"] }"#, 8, "`access` is empty"),
            (r#"{ access = ["file open"], on = [] }"#, 8, "`on` is empty"),
            (r#"{ access = ["file open"] }"#, 8, "missing field `on`"),
            (r#"{ access = ["file open"], on = ["part:runtime"] }"#, 8, "runtimes"),
            (r#"{ access = ["file open"], on = ["genfs:proc"] }"#, 8, "is no path"),
            (r#"{ access = ["file open"], on = ["x t"] }"#, 8, "is no object"),
            (r#"{ access = ["file open"], on = ["@"] }"#, 8, "is no object"),
            (r#"{ access = ["file open"], on = ["x_t"], level = "s0" }"#, 8, "is no level"),
            (r#"{ access = ["file open"], on = ["x_t"], colour = 1 }"#, 8, "colour"),
            (r#"{ access = "file open", on = ["x_t"] }"#, 8, "invalid type"),
        ] {
            let (found, text) = mistake(&with_need(need));
            assert_eq!(found, line, "{need}: {text}");
            assert!(text.contains(reason), "{need}: {text}");
        }
        let good = with_need(r#"{ access = ["file open"], on = ["x_t"] }"#);
        for (from, to, line, reason) in [
            ("id = \"x\"", "id = \"X y\"", 2, "is no id"),
            ("title = \"t\"", "title = \" \"", 3, "empty"),
            ("title = \"t\"", "title = \"\\u001b[2J\"", 3, "control character"),
            ("meaning = \"m\"", "meaning = 5", 5, "invalid type"),
            ("[[primitive.way]]", "[[primitive.way]", 6, ""),
        ] {
            let (found, text) = mistake(&good.replace(from, to));
            assert_eq!(found, line, "{to}: {text}");
            assert!(text.contains(reason) && !text.contains('\n'), "{to}: {text}");
        }
        assert_eq!(mistake(&format!("{good}{good}")).0, 11, "two of one id");
        let long = good.replace("\"m\"", &format!("\"{}\"", "m".repeat(500)));
        assert!(mistake(&long).1.contains("longer"));
        let many = r#"{ access = ["file open"], on = ["x_t"] },"#.repeat(2001);
        assert!(mistake(&with_need(&many)).1.contains("2000"));
        let wide = format!(r#"{{ access = ["file open"], on = [{}] }}"#, r#""x_t","#.repeat(65));
        assert!(mistake(&with_need(&wide)).1.contains("64"));
        assert!(
            mistake(
                "[[primitive]]\nid = \"x\"\ntitle = \"t\"\nreference = \"r\"\nmeaning = \"m\"\nway = []\n"
            )
            .1
            .contains("no way")
        );
    }

    #[test]
    fn hostile_text_is_a_mistake_and_no_panic() {
        for text in [
            "\0\u{1}\u{2}".to_owned(),
            format!("x = {}", "[".repeat(100_000)),
            format!("x = {}", "{a=".repeat(100_000)),
            "a.".repeat(200_000),
            "[[primitive]]\n".repeat(50_000),
            "=".repeat(100_000),
        ] {
            assert!(Catalogue::parse(&text).is_err());
        }
        assert!(Catalogue::parse("").unwrap().primitives.is_empty());
    }
}
