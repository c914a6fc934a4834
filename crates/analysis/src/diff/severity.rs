//! How serious something is: the table `severity.toml`, which docs/diff.md describes.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde::Deserialize;

/// How serious something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Nothing to worry about.
    Info,
    /// Worth a glance.
    Low,
    /// Worth a look.
    Medium,
    /// To be understood before the policy is used.
    High,
    /// To be stopped unless it is meant.
    Critical,
}

impl Level {
    /// All, the most serious first.
    pub const ALL: [Level; 5] = [Level::Critical, Level::High, Level::Medium, Level::Low, Level::Info];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Level::Info => "info",
            Level::Low => "low",
            Level::Medium => "medium",
            Level::High => "high",
            Level::Critical => "critical",
        }
    }

    /// So many levels less.
    pub(super) fn less(self, steps: usize) -> Level {
        let at = Level::ALL.iter().position(|level| *level == self).unwrap_or(0);
        Level::ALL.get(at + steps).copied().unwrap_or(Level::Info)
    }
}

/// The table.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    pub(super) classes: HashMap<String, Vec<String>>,
    pub(super) secrets: Secrets,
    pub(super) programs: Programs,
    pub(super) access: Vec<Row>,
    pub(super) statements: HashMap<String, Level>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Secrets {
    pub(super) types: Vec<String>,
    pub(super) written: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Programs {
    pub(super) attributes: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) level: Level,
    pub(super) what: String,
    pub(super) classes: Vec<String>,
    #[serde(default)]
    pub(super) permissions: Vec<String>,
    pub(super) targets: Vec<Target>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Target {
    Secret,
    Engine,
    Program,
    Domain,
    Other,
    Any,
}

pub(super) fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    // A test reads it.
    TABLE.get_or_init(|| toml::from_str(include_str!("severity.toml")).unwrap_or_default())
}

/// The types that the table calls sensitive to read.
pub(super) fn secrets() -> impl Iterator<Item = &'static str> {
    let secrets = &table().secrets;
    secrets.types.iter().filter(|name| !secrets.written.contains(name)).map(String::as_str)
}

/// The level of a kind of change that is no access.
pub(super) fn level_of(id: &str) -> Level {
    table().statements.get(id).copied().unwrap_or(Level::Info)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read() {
        let table: Table = toml::from_str(include_str!("severity.toml")).unwrap();
        assert!(table.access.len() > 20);
        let mut ids: Vec<&str> = table.access.iter().map(|row| row.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), table.access.len(), "ids are unique");
        for name in &table.secrets.written {
            assert!(table.secrets.types.contains(name), "{name}");
        }
        assert_eq!(table.statements.get("permissive"), Some(&Level::Critical));
    }

    #[test]
    fn levels_have_an_order() {
        assert!(Level::Critical > Level::High && Level::Low > Level::Info);
        assert_eq!((Level::High.less(1), Level::Low.less(5)), (Level::Medium, Level::Info));
    }
}
