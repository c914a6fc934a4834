//! Statements about what is below a folder: whose labels a relabelling of the whole folder takes away.
//!
//! Expressions are read a component at a time, where that can be done: a slash inside of brackets or parentheses does not
//! separate components, so `/var(/.*)?` has one. A statement is about what is below a folder if it has more components than
//! the folder, and each of the folder's matches its own. What is written so that this cannot be seen is not found: the
//! answer is some of the statements, none of them wrong. Linear in the statements.

use super::pattern::Program;
use super::{FileContexts, Spec};

/// Characters that mean something in an expression.
const META: &[u8] = br".^$?*+|[](){}\";

impl FileContexts {
    /// Statements about paths below a folder, in ascending order of precedence.
    #[must_use]
    pub fn below(&self, folder: &[u8]) -> Vec<Spec<'_>> {
        let Some((folder, substituted)) = self.compared(folder) else { return Vec::new() };
        let folder = substituted.as_deref().unwrap_or(&folder);
        let names: Vec<&[u8]> = folder.split(|byte| *byte == b'/').filter(|name| !name.is_empty()).collect();
        self.specs().filter(|spec| is_below(spec.regex.as_bytes(), &names)).collect()
    }
}

fn is_below(regex: &[u8], names: &[&[u8]]) -> bool {
    let Some(components) = components(regex) else { return false };
    components.len() > names.len()
        && components.iter().zip(names).all(|(component, name)| match is_plain(component) {
            true => component == name,
            false => Program::compile(component).is_match(name),
        })
}

fn is_plain(component: &[u8]) -> bool {
    !component.iter().any(|byte| META.contains(byte))
}

/// The components of an expression from the root on; nothing if one of them could match a slash, or groups are cut.
fn components(regex: &[u8]) -> Option<Vec<&[u8]>> {
    let mut rest = regex.strip_prefix(b"/")?;
    let mut components = Vec::new();
    while !rest.is_empty() {
        let end = separator(rest);
        let (component, after) = rest.split_at_checked(end)?;
        // What may match a slash can stand for more components, unless it is the last one.
        let is_last = after.is_empty();
        if !is_last && may_match_slash(component) {
            return None;
        }
        components.push(component);
        rest = after.strip_prefix(b"/").unwrap_or(after);
    }
    Some(components)
}

/// Where the first slash stands that is in no brackets, parentheses or escape.
fn separator(text: &[u8]) -> usize {
    let (mut depth, mut in_brackets, mut escaped) = (0usize, false, false);
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b']' => in_brackets = false,
            _ if in_brackets => {}
            b'[' => in_brackets = true,
            b'(' => depth = depth.saturating_add(1),
            b')' => depth = depth.saturating_sub(1),
            b'/' if depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

/// Whether part of an expression may match a slash: by a dot, a class that does not exclude it, or a slash in a group.
fn may_match_slash(component: &[u8]) -> bool {
    let mut rest = component;
    while let Some((&byte, after)) = rest.split_first() {
        rest = match byte {
            b'\\' => after.get(1..).unwrap_or_default(),
            b'.' | b'/' => return true,
            // The class of file contexts: any character of a name.
            b'[' if after.starts_with(b"^/]") => after.get(3..).unwrap_or_default(),
            b'[' => {
                let end = after.iter().position(|byte| *byte == b']').unwrap_or(after.len());
                let (class, after) = after.split_at_checked(end).unwrap_or((after, b""));
                if class.starts_with(b"^") || class.contains(&b'/') {
                    return true;
                }
                after
            }
            _ => after,
        };
    }
    false
}

#[cfg(test)]
mod tests {
    use super::super::{Part, Parts};
    use super::*;

    fn below(folder: &str) -> Vec<String> {
        let text = b"/.* u:r:default_t:s0\n\
            /home/[^/]+ -d u:r:home_t:s0\n\
            /home/[^/]+/.+ u:r:user_home_t:s0\n\
            /home/[^/]+/\\.ssh(/.*)? u:r:ssh_home_t:s0\n\
            /var(/.*)? u:r:var_t:s0\n\
            /var/lib/pgsql(/.*)? u:r:postgresql_db_t:s0\n\
            /var/.*/x u:r:x_t:s0\n\
            /srv/([^/]*/)?www(/.*)? u:r:www_t:s0\n";
        let part = Part { name: "test", bytes: text };
        let contexts = FileContexts::parse(&Parts { base: Some(part), ..Parts::default() });
        contexts.below(folder.as_bytes()).iter().map(|spec| spec.regex.to_owned()).collect()
    }

    #[test]
    fn what_is_below_a_folder() {
        assert_eq!(below("/home/ada"), [r"/home/[^/]+/.+", r"/home/[^/]+/\.ssh(/.*)?"]);
        assert_eq!(below("/var/lib"), ["/var/lib/pgsql(/.*)?"]);
        assert_eq!(below("/var/lib/pgsql"), [""; 0]);
        assert_eq!(below("/srv"), [r"/srv/([^/]*/)?www(/.*)?"]);
    }

    #[test]
    fn nothing_of_no_path() {
        assert_eq!(below(""), [""; 0]);
    }
}
