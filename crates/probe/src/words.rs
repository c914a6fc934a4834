//! Text that a user might type, asked of a small policy: patterns, ranges, commands, names that nothing has. Errors
//! are answers; a panic is not.

use std::sync::OnceLock;

use analysis::query::{KindSet, Pattern, QueryError, Request, SetMatch, parse_xperm_ranges, search};
use avstore::{Kind, Store};
use policydb::Policy;

/// A policy with every kind of name, and few of each: what nothing has is compared with all names there are.
const SMALL: &[u8] = include_bytes!("../../../testdata/policies/rich-mls.33");

/// Rules that an answer may hold here.
const MOST: usize = 2000;

/// Asks one question. The lines of the text are source, target, classes, permissions, default or range,
/// booleans, commands and settings; the first byte says how they are compared and which kinds are asked for.
pub fn ask_in_words(bytes: &[u8]) {
    static POLICY: OnceLock<Policy<'static>> = OnceLock::new();
    let policy = POLICY.get_or_init(|| Policy::parse(SMALL).expect("a policy of the test data"));
    let store = Store::new(policy);
    let Some((&choices, text)) = bytes.split_first() else { return };
    let text = String::from_utf8_lossy(text);
    match request(choices, &text) {
        Ok(request) => {
            let answer = request.booleans(&store).and_then(|_| search(&store, &request, MOST));
            if let Err(error) = answer {
                shown(&error);
            }
        }
        Err(error) => shown(&error),
    }
}

/// Messages must be made without a panic, too, and none may drive a terminal.
fn shown(error: &dyn std::error::Error) {
    let message = error.to_string();
    let driving = |c: char| c.is_control() && c != '\n' && c != '\t';
    assert!(!message.contains(driving), "{message:?}");
}

fn commands(line: &str) -> Vec<(u16, u16)> {
    parse_xperm_ranges(line).unwrap_or_else(|error| {
        shown(&error);
        Vec::new()
    })
}

fn request(choices: u8, text: &str) -> Result<Request, QueryError> {
    let mut lines = text.split('\n');
    let mut line = || lines.next().unwrap_or_default();
    let pattern = |line: &str| -> Result<Option<Pattern>, QueryError> {
        if line.is_empty() { Ok(None) } else { Ok(Some(line.parse()?)) }
    };
    let words =
        |line: &str| -> Vec<String> { line.split(',').filter(|w| !w.is_empty()).map(String::from).collect() };
    let is_set = |bit: u8| choices >> bit & 1 == 1;
    let kinds =
        Kind::ALL.into_iter().enumerate().filter(|(i, _)| (i % 4 == usize::from(choices >> 6)) | is_set(5));
    Ok(Request {
        kinds: KindSet::of(kinds.map(|(_, kind)| kind)),
        source: pattern(line())?,
        source_direct: is_set(0),
        target: pattern(line())?,
        target_direct: is_set(1),
        classes: words(line()),
        permissions: words(line()),
        permission_match: [SetMatch::Any, SetMatch::Equal, SetMatch::All][usize::from(choices) % 3],
        default: pattern(line())?,
        booleans: words(line()),
        booleans_equal: is_set(2),
        xperms: commands(line()),
        xperms_equal: is_set(3),
        enabled: is_set(4),
        settings: words(line()).into_iter().map(|name| (name, is_set(0))).collect(),
    })
}
