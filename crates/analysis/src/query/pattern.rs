//! How users name types: `httpd_t`, an attribute, `@attribute` as written, `/regular expression/`.

use avstore::{Store, TypeSet};
use policydb::TypeId;
use regex::bytes::Regex;

use crate::LookupError;
use crate::lookup::shown;
use crate::names::type_named;

/// Types or attributes, in the user's words.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// A type, alias or attribute: whatever applies to it, or to one of its members.
    Name(String),
    /// `@name`: this symbol as it stands in the rule, not what it stands for.
    Written(String),
    /// `/expression/`: all names in which it matches.
    Regex(Regex),
}

/// A pattern that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// The expression between slashes is none.
    #[error(
        "`/{pattern}/` is no regular expression: {reason}\nhelp: it is matched anywhere in a name; `^` and `$` anchor it",
        pattern = shown(.pattern)
    )]
    Regex {
        /// The expression.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Nothing was given.
    #[error("an empty name matches nothing\nhelp: leave it out to match everything")]
    Empty,
}

impl std::str::FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        if text.is_empty() || text == "@" {
            return Err(PatternError::Empty);
        }
        if let Some(name) = text.strip_prefix('@') {
            return Ok(Pattern::Written(name.to_owned()));
        }
        match text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) {
            Some(expression) => compile(expression).map(Pattern::Regex),
            None => Ok(Pattern::Name(text.to_owned())),
        }
    }
}

/// Compiles a regular expression for names; it matches anywhere in them.
pub(crate) fn compile(pattern: &str) -> Result<Regex, PatternError> {
    Regex::new(pattern).map_err(|error| {
        // The library draws a picture over several lines; its last line is the reason.
        let reason = error.to_string();
        let reason =
            reason.lines().last().unwrap_or_default().trim().trim_start_matches("error: ").to_owned();
        PatternError::Regex { pattern: pattern.to_owned(), reason }
    })
}

impl Pattern {
    /// The types and attributes that the pattern names, as themselves.
    ///
    /// # Errors
    /// A name that the policy does not have. An expression that matches no name is no error.
    pub(crate) fn named(&self, store: &Store<'_>) -> Result<TypeSet, LookupError> {
        let mut set = store.empty_set();
        match self {
            Pattern::Name(name) | Pattern::Written(name) => set.insert(type_named(store, name)?),
            Pattern::Regex(regex) => {
                let matching = |id: &TypeId| regex.is_match(&store.type_name(*id).bytes());
                store.type_ids().filter(matching).for_each(|id| set.insert(id));
                let aliases = store.policy().type_aliases();
                aliases
                    .filter(|(alias, _)| regex.is_match(alias.as_bytes()))
                    .for_each(|(_, id)| set.insert(id));
            }
        }
        Ok(set)
    }

    /// The types that the pattern stands for, attributes replaced by their members.
    ///
    /// # Errors
    /// A name that the policy does not have.
    pub(crate) fn types(&self, store: &Store<'_>) -> Result<TypeSet, LookupError> {
        if let Pattern::Name(name) | Pattern::Written(name) = self {
            return Ok(store.members(type_named(store, name)?));
        }
        let named = self.named(store)?;
        let mut types = store.empty_set();
        for id in store.type_ids().filter(|id| !store.is_attribute(*id)) {
            if named.contains(id) || named.intersects(store.policy().attributes_of(id)) {
                types.insert(id);
            }
        }
        Ok(types)
    }

    /// The symbols that may stand on a rule's side: what applies to the pattern's types, unless it asks
    /// for symbols as written.
    ///
    /// # Errors
    /// A name that the policy does not have.
    pub(crate) fn rule_side(&self, store: &Store<'_>, direct: bool) -> Result<TypeSet, LookupError> {
        match self {
            _ if direct => self.named(store),
            Pattern::Written(_) => self.named(store),
            Pattern::Name(_) => Ok(store.symbols_for(&self.types(store)?)),
            // An attribute whose name matches is meant as well as the types whose names match, but not
            // all that share a member with it: that would match nearly every rule.
            Pattern::Regex(_) => Ok(store.symbols_for(&self.named(store)?)),
        }
    }
}
