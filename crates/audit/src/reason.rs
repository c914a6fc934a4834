//! What looks like a denial and cannot be read, and why: shown to the user with its line, so that nothing is lost in
//! silence.

use crate::denial::Lines;
use crate::field::Field;
use crate::text::Text;
use memchr::memmem;

/// How much of a text is kept.
const KEPT: usize = 160;

/// A text that looks like a denial and cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Where it stands.
    pub lines: Lines,
    /// Why.
    pub reason: Reason,
    /// How it begins, at most 160 bytes.
    pub start: Text,
}

impl Unreadable {
    pub(crate) fn new(lines: Lines, reason: Reason, text: &[u8]) -> Self {
        Unreadable { lines, reason, start: Text::new(text.get(..KEPT).unwrap_or(text)) }
    }
}

/// Why a denial cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// Fields without which there is no question.
    #[error("the record has no {}", list(.0))]
    Missing(Vec<Field>),
    /// The same, in a line that ends where a screen ended.
    #[error("the line is cut off, and {} is lost", list(.0))]
    CutOff(Vec<Field>),
    /// No permissions between braces.
    #[error("the record names no permissions in braces, `{{ read }}`")]
    NoPermissions,
    /// A context without any colon.
    #[error("`{}={}` is not a context", .0.name(), .1)]
    NotAContext(Field, Text),
    /// The kernel wrote numbers of contexts: the loaded policy had no text for them.
    #[error("the record has numbers (ssid, tsid) in place of contexts: the kernel could not write them")]
    Numbers,
    /// One of setroubleshoot's sentences, and the identifier of its report, where it names one.
    #[error("a sentence of setroubleshoot, which has no contexts")]
    Sentence(Option<Text>),
    /// A row of aureport's table with something else where a context belongs.
    #[error("the row has no contexts where `aureport --avc` writes them")]
    Row,
    /// A refusal of which too much is missing.
    #[error("a SELINUX_ERR record in a form that is not known")]
    UnknownRefusal,
}

impl Reason {
    /// What to do about it, where something can be done.
    pub fn help(&self) -> Option<String> {
        match self {
            Reason::CutOff(_) => {
                Some("let the log be written without a pager: `--no-pager`, or into a file".to_owned())
            }
            Reason::Sentence(id) => {
                let id = id.as_ref().map_or_else(|| "ID".to_owned(), Text::to_string);
                Some(format!(
                    "`sealert -l {id}` ends with the records; or ask for them: `ausearch -m avc,user_avc -ts recent`"
                ))
            }
            _ => None,
        }
    }

    /// The reason of a sentence such as `SELinux is preventing … run: sealert -l 1d2a4b6c-…`.
    pub(crate) fn of_sentence(text: &[u8]) -> Self {
        let id = memmem::find(text, b"sealert -l ").and_then(|at| {
            let rest = text.get(at.saturating_add(11)..)?;
            let is_digit = |byte: &u8| byte.is_ascii_hexdigit() || *byte == b'-';
            let end = rest.iter().position(|byte| !is_digit(byte)).unwrap_or(rest.len());
            rest.get(..end).filter(|id| id.len() == 36)
        });
        Reason::Sentence(id.map(Text::new))
    }
}

fn list(fields: &[Field]) -> String {
    fields.iter().map(|field| field.name()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::Reason;
    use crate::field::Field;

    #[test]
    fn reasons_say_what_is_missing() {
        let missing = Reason::Missing(vec![Field::Scontext, Field::Tclass]);
        assert_eq!(missing.to_string(), "the record has no scontext, tclass");
        assert_eq!(
            Reason::NoPermissions.to_string(),
            "the record names no permissions in braces, `{ read }`"
        );
        let id = "1d2a4b6c-1111-2222-3333-444455556666";
        let sentence = format!("SELinux is preventing x. For complete SELinux messages run: sealert -l {id}");
        assert_eq!(Reason::of_sentence(sentence.as_bytes()), Reason::Sentence(Some(id.into())));
        assert!(
            Reason::of_sentence(sentence.as_bytes()).help().unwrap().contains(&format!("`sealert -l {id}`"))
        );
        assert_eq!(
            Reason::of_sentence(b"SELinux is preventing x; sealert -l `reboot`"),
            Reason::Sentence(None)
        );
        let hostile = Reason::NotAContext(Field::Tcontext, "a\x1b[m".into());
        assert_eq!(hostile.to_string(), "`tcontext=a\\u{1b}[m` is not a context");
    }
}
