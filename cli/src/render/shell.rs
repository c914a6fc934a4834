//! Words for commands that people paste: quoted where a shell would read them otherwise, escaped where file contexts take
//! regular expressions.

/// A word as the shell reads it back: quoted where it has to be.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:,@%=".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    if word.chars().any(is_unseen) {
        let escaped: String =
            word.chars().flat_map(|c| shell_escape(c).chars().collect::<Vec<_>>()).collect();
        return format!("$'{escaped}'");
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Whether a character drives the terminal or turns the text around it, and cannot be seen itself.
fn is_unseen(c: char) -> bool {
    c.is_control() || (!c.is_ascii() && c.escape_debug().nth(1).is_some())
}

/// A character within `$'…'`.
fn shell_escape(c: char) -> String {
    match c {
        '\'' => r"\'".to_owned(),
        '\\' => r"\\".to_owned(),
        c if is_unseen(c) => {
            let mut bytes = [0; 4];
            c.encode_utf8(&mut bytes).bytes().map(|byte| format!("\\x{byte:02x}")).collect()
        }
        c => c.to_string(),
    }
}

/// A path as file contexts write it: they are regular expressions.
pub(crate) fn escaped(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for c in path.chars() {
        if r".^$?*+|[](){}\".contains(c) {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn what_the_shell_would_read_is_quoted() {
        assert_eq!(quoted("/srv/www"), "/srv/www");
        assert_eq!(quoted("/srv/my files"), "'/srv/my files'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted("a\nb\x1b"), r"$'a\x0ab\x1b'");
        assert_eq!(quoted("a\u{202e}b"), r"$'a\xe2\x80\xaeb'", "it would turn the rest of the line around");
        assert_eq!(quoted("Lösung"), "'Lösung'");
        assert_eq!(quoted("$(reboot)"), "'$(reboot)'");
        assert_eq!(quoted(""), "''");
    }
}
