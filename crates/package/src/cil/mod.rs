//! Which names a text in CIL declares: enough to say which module a type or a boolean comes from.
//!
//! One pass, without recursion. Statements are lists in parentheses that begin with a keyword; comments go from `;` to the end of the
//! line, strings from `"` to `"`. Declarations count at the top and inside of `optional`, `block` and `in`; those of a block
//! have its name before theirs. Not counted is what stands in macros and under `tunableif`: whether that is declared depends on
//! who calls it, and on tunables.
//!
//! Source: libsepol's `cil_lexer.l` and `cil_build_ast.c`, and its "SELinux CIL Reference Guide".

mod tokens;

use std::fmt;
use std::iter::FusedIterator;

use tokens::{Token, Tokens};

/// What a declared name is a name of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A type.
    Type,
    /// An attribute of types.
    TypeAttribute,
    /// Another name of a type.
    TypeAlias,
    /// A boolean.
    Boolean,
    /// A tunable: a boolean that is settled when the policy is built.
    Tunable,
    /// A role.
    Role,
    /// An attribute of roles.
    RoleAttribute,
    /// A user.
    User,
    /// An attribute of users.
    UserAttribute,
    /// A class.
    Class,
    /// Permissions that classes share.
    Common,
    /// A sensitivity.
    Sensitivity,
    /// Another name of a sensitivity.
    SensitivityAlias,
    /// A category.
    Category,
    /// Another name of a category.
    CategoryAlias,
}

/// The keywords that declare.
const KEYWORDS: &[(&str, Kind)] = &[
    ("type", Kind::Type),
    ("typeattribute", Kind::TypeAttribute),
    ("typealias", Kind::TypeAlias),
    ("boolean", Kind::Boolean),
    ("tunable", Kind::Tunable),
    ("role", Kind::Role),
    ("roleattribute", Kind::RoleAttribute),
    ("user", Kind::User),
    ("userattribute", Kind::UserAttribute),
    ("class", Kind::Class),
    ("common", Kind::Common),
    ("sensitivity", Kind::Sensitivity),
    ("sensitivityalias", Kind::SensitivityAlias),
    ("category", Kind::Category),
    ("categoryalias", Kind::CategoryAlias),
];

/// Bytes that the names of the blocks around a declaration may have: else few bytes would give long names many times.
const LONGEST_PREFIX: usize = 4096;

/// A name that is declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// What it is a name of.
    pub kind: Kind,
    /// The name, with those of the blocks around it: `block.name`.
    pub name: String,
    /// The default of a boolean or tunable.
    pub value: Option<bool>,
    /// Whether it stands in an `optional`, and so is declared only if all that needs is there.
    pub optional: bool,
    /// The line that it is on, from 1.
    pub line: usize,
}

/// What keeps a text from being CIL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct CilError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

/// The names that a text declares, in its order. Ends after the first error.
///
/// Linear in the length of the text; memory is that of the names of blocks around a declaration.
pub fn declarations(text: &[u8]) -> Declarations<'_> {
    Declarations {
        tokens: Tokens::new(text),
        lists: Vec::new(),
        passed: 0,
        prefix: String::new(),
        over: false,
    }
}

/// The iterator that [`declarations`] gives.
#[derive(Debug, Clone)]
pub struct Declarations<'a> {
    tokens: Tokens<'a>,
    /// The lists whose statements are read, from the outside in.
    lists: Vec<List>,
    /// How many lists are open inside of those, in which nothing is declared.
    passed: usize,
    /// The names of the blocks that are open, each with a dot.
    prefix: String,
    over: bool,
}

/// A list that is open.
#[derive(Debug, Clone)]
struct List {
    /// How long the prefix was before it.
    prefix: usize,
    /// Whether it is an `optional`, or stands in one.
    optional: bool,
    /// Where it begins.
    line: usize,
}

impl Iterator for Declarations<'_> {
    type Item = Result<Declaration, CilError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let next = self.advance();
        self.over = !matches!(next, Ok(Some(_)));
        next.transpose()
    }
}

impl FusedIterator for Declarations<'_> {}

impl<'a> Declarations<'a> {
    fn advance(&mut self) -> Result<Option<Declaration>, CilError> {
        loop {
            let Some(token) = self.tokens.next()? else {
                return match (self.passed, self.lists.last()) {
                    (0, None) => Ok(None),
                    (0, Some(list)) => Err(CilError { line: list.line, what: "a list that is not closed" }),
                    _ => Err(self.tokens.error("the end of the text in a list that is not closed")),
                };
            };
            match token {
                Token::Open if self.passed > 0 => self.passed = self.passed.saturating_add(1),
                Token::Open => {
                    if let Some(declaration) = self.statement()? {
                        return Ok(Some(declaration));
                    }
                }
                Token::Close => self.close()?,
                Token::Word(_) if self.passed == 0 && self.lists.is_empty() => {
                    return Err(self.tokens.error("a word outside of all lists"));
                }
                Token::Word(_) | Token::Text => {}
            }
        }
    }

    /// Reads a statement from its keyword on, as far as that matters.
    fn statement(&mut self) -> Result<Option<Declaration>, CilError> {
        let line = self.tokens.line();
        let keyword = self.tokens.word()?.unwrap_or_default();
        let optional = self.lists.last().is_some_and(|list| list.optional);
        if matches!(keyword, b"optional" | b"block" | b"in") {
            let list = List { prefix: self.prefix.len(), optional: optional || keyword == b"optional", line };
            let mut name = self.name()?;
            if keyword == b"in" && matches!(name, "before" | "after") {
                // Newer compilers can be told when.
                name = self.tokens.word()?.map_or(Ok(name), |word| self.as_name(word))?;
            }
            if keyword != b"optional" {
                self.prefix.push_str(name.trim_start_matches('.'));
                self.prefix.push('.');
            }
            if self.prefix.len() > LONGEST_PREFIX {
                return Err(self.tokens.error("blocks that are too deep"));
            }
            self.lists.push(list);
            return Ok(None);
        }
        self.passed = 1;
        let Some((_, kind)) = KEYWORDS.iter().find(|(word, _)| word.as_bytes() == keyword) else {
            return Ok(None);
        };
        let name = self.name()?;
        let name = [&self.prefix, name].concat();
        let value = match kind {
            Kind::Boolean | Kind::Tunable => match self.tokens.word()? {
                Some(b"true") => Some(true),
                Some(b"false") => Some(false),
                _ => return Err(self.tokens.error("a boolean that is neither true nor false")),
            },
            _ => None,
        };
        Ok(Some(Declaration { kind: *kind, name, value, optional, line }))
    }

    fn close(&mut self) -> Result<(), CilError> {
        if let Some(passed) = self.passed.checked_sub(1) {
            self.passed = passed;
        } else if let Some(list) = self.lists.pop() {
            self.prefix.truncate(list.prefix);
        } else {
            return Err(self.tokens.error("a parenthesis that closes nothing"));
        }
        Ok(())
    }

    fn name(&mut self) -> Result<&'a str, CilError> {
        let word = self.tokens.word()?.ok_or_else(|| self.tokens.error("a statement without a name"))?;
        self.as_name(word)
    }

    fn as_name(&self, word: &'a [u8]) -> Result<&'a str, CilError> {
        std::str::from_utf8(word).map_err(|_| self.tokens.error("a name that is no text"))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keyword = KEYWORDS.iter().find(|(_, kind)| kind == self);
        f.write_str(keyword.map_or("", |(word, _)| word))
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, declarations};

    fn names(text: &str) -> Vec<(Kind, String)> {
        declarations(text.as_bytes())
            .map(|declaration| declaration.expect("CIL"))
            .map(|declaration| (declaration.kind, declaration.name))
            .collect()
    }

    fn error(text: &str) -> String {
        declarations(text.as_bytes()).find_map(Result::err).expect("an error").to_string()
    }

    #[test]
    fn every_keyword_declares() {
        let text = "(type a_t)(typeattribute b)(typealias c_t)(role d_r)(roleattribute e)(user f_u)(userattribute g)\
                    (class h (read write))(common i (open))(sensitivity s0)(sensitivityalias k)(category c0)(categoryalias l)";
        let found: Vec<String> =
            names(text).into_iter().map(|(kind, name)| format!("{kind} {name}")).collect();
        assert_eq!(
            found,
            [
                "type a_t",
                "typeattribute b",
                "typealias c_t",
                "role d_r",
                "roleattribute e",
                "user f_u",
                "userattribute g",
                "class h",
                "common i",
                "sensitivity s0",
                "sensitivityalias k",
                "category c0",
                "categoryalias l"
            ]
        );
    }

    #[test]
    fn booleans_have_values_and_lines() {
        let text = "; (type no_t)\n(boolean\n  one true) ; )\n(tunable two false)\n";
        let found: Vec<_> = declarations(text.as_bytes()).map(|found| found.expect("CIL")).collect();
        let short: Vec<_> =
            found.iter().map(|found| (found.name.as_str(), found.value, found.line)).collect();
        assert_eq!(short, [("one", Some(true), 2), ("two", Some(false), 4)]);
    }

    #[test]
    fn lists_that_declare_are_looked_into_and_others_are_not() {
        let text = "(optional o (type a_t) (optional p (boolean b true)) (allow x y (file (read))))
            (block outer (type a_t) (block inner (blockabstract inner) (type b_t)) (type c_t))
            (in before outer (type d_t)) (in .outer.inner (type e_t))
            (macro m ((type t)) (type f_t)) (tunableif x (true (type g_t))) (booleanif (b) (true (allow a b c)))
            (typeattributeset cil_gen_require h_t) (typealiasactual c d) (filecon \"/x(type i_t)\" any ()) (type z_t)";
        let found: Vec<_> = declarations(text.as_bytes()).map(|found| found.expect("CIL")).collect();
        let short: Vec<_> = found.iter().map(|found| (found.name.as_str(), found.optional)).collect();
        assert_eq!(
            short,
            [
                ("a_t", true),
                ("b", true),
                ("outer.a_t", false),
                ("outer.inner.b_t", false),
                ("outer.c_t", false),
                ("outer.d_t", false),
                ("outer.inner.e_t", false),
                ("z_t", false)
            ]
        );
    }

    #[test]
    fn what_is_no_cil_is_refused_with_its_line() {
        assert_eq!(error("(type a_t)\n(block b\n(type c_t)\n"), "line 2: a list that is not closed");
        assert_eq!(
            error("(allow a b\n(file (read)"),
            "line 2: the end of the text in a list that is not closed"
        );
        assert_eq!(error("(type a_t))\n"), "line 1: a parenthesis that closes nothing");
        assert_eq!(error("\n(filecon \"/x\n any ())"), "line 2: a string that does not end on its line");
        assert_eq!(error("(type)"), "line 1: a statement without a name");
        assert_eq!(error("(boolean b)"), "line 1: a boolean that is neither true nor false");
        assert_eq!(error("(boolean b yes)"), "line 1: a boolean that is neither true nor false");
        assert_eq!(error("type a_t"), "line 1: a word outside of all lists");
        assert_eq!(error(&"(block b".repeat(10_000)), "line 1: blocks that are too deep");
        let name = declarations(b"(type \xff)").next().expect("an error");
        assert_eq!(name.expect_err("an error").what, "a name that is no text");
        assert!(error(&"(".repeat(1_000_000)).contains("not closed"));
    }

    #[test]
    fn an_error_ends_it() {
        let mut found = declarations(b") (type a_t)");
        assert!(found.next().is_some_and(|first| first.is_err()) && found.next().is_none());
    }
}
