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
    /// Attributes of such types.
    pub(super) attributes: Vec<String>,
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
    /// Why it has this level.
    pub(super) why: String,
    pub(super) classes: Vec<String>,
    #[serde(default)]
    pub(super) permissions: Vec<String>,
    pub(super) targets: Vec<Target>,
    /// Types, and attributes as `@name`, of the target `named`.
    #[serde(default)]
    pub(super) types: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Target {
    Secret,
    Engine,
    Program,
    Named,
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
        for row in &table.access {
            assert!(!row.why.is_empty(), "{}", row.id);
            assert_eq!(row.targets.contains(&Target::Named), !row.types.is_empty(), "{}", row.id);
        }
        for name in &table.secrets.written {
            assert!(table.secrets.types.contains(name), "{name}");
        }
        assert_eq!(table.statements.get("permissive"), Some(&Level::Critical));
    }

    /// The level of a permission on what a catalogue of ways out calls `on`, as far as names alone tell.
    fn level_by_names(table: &Table, class: &str, permission: &str, on: &str) -> Level {
        let on = match on {
            "genfs:cgroup /release_agent" => "cgroup_t",
            "genfs:binfmt_misc /register" => "binfmt_misc_fs_t",
            proc if proc.starts_with("genfs:proc ") => "proc_t",
            other => other,
        };
        let of_class = |row: &&Row| {
            row.classes.iter().any(|one| {
                one == "*"
                    || one == class
                    || table.classes.get(one).is_some_and(|all| all.iter().any(|c| c == class))
            })
        };
        let fits = |target: &Target, row: &Row| match target {
            Target::Any => true,
            Target::Other => on != "self" && on != "part:container-files",
            Target::Domain => {
                matches!(on, "part:host-domains" | "part:runtimes" | "init_t" | "system_dbusd_t")
            }
            Target::Engine => on == "part:runtimes",
            Target::Program => matches!(on, "part:runtime-programs" | "@exec_type" | "bin_t" | "lib_t"),
            Target::Named => row.types.iter().any(|name| name == on),
            Target::Secret => {
                let is_written = table.secrets.written.iter().any(|name| name == on);
                table.secrets.types.iter().any(|name| name == on)
                    && !(row.id.starts_with("read") && is_written)
            }
        };
        let mut rows = table.access.iter().filter(of_class);
        let row = rows.find(|row| {
            (row.permissions.is_empty() || row.permissions.iter().any(|one| one == permission))
                && row.targets.iter().any(|target| fits(target, row))
        });
        row.map_or(Level::Info, |row| row.level)
    }

    #[test]
    fn what_is_a_way_out_of_a_container_is_at_least_medium() {
        let catalogue: toml::Value = toml::from_str(include_str!("../breakout/catalogue.toml")).unwrap();
        let list = |of: &toml::Value, key: &str| {
            of.get(key).and_then(|list| list.as_array()).cloned().unwrap_or_default()
        };
        let mut n_ways = 0;
        for primitive in list(&catalogue, "primitive") {
            for way in list(&primitive, "way") {
                let mut worst = Level::Info;
                let mut needs = list(&way, "needs").into_iter().peekable();
                // Files of another container are kept apart by levels, and signals are low: a service can be started again.
                let is_other = needs.peek().is_some_and(|need| need.get("level").is_some());
                let id = primitive.get("id").unwrap().as_str().unwrap();
                if is_other || id == "signal" {
                    continue;
                }
                for need in needs.filter(|need| need.get("by").is_none()) {
                    for access in list(&need, "access") {
                        let words: Vec<&str> = access.as_str().unwrap().split([' ', '{', '}']).collect();
                        let (class, permissions) = words.split_first().unwrap();
                        let levels = list(&need, "on").into_iter().flat_map(|on| {
                            let on = on.as_str().unwrap().to_owned();
                            let level = |permission: &&str| level_by_names(table(), class, permission, &on);
                            permissions.iter().filter(|word| !word.is_empty()).map(level).collect::<Vec<_>>()
                        });
                        worst = worst.max(levels.max().unwrap_or(Level::Info));
                    }
                }
                n_ways += 1;
                let is_own_library = id == "runtime-library";
                assert!(worst >= Level::Medium || is_own_library, "{id}: {way:?}");
            }
        }
        assert!(n_ways > 30, "{n_ways}");
    }

    #[test]
    fn levels_have_an_order() {
        assert!(Level::Critical > Level::High && Level::Low > Level::Info);
        assert_eq!((Level::High.less(1), Level::Low.less(5)), (Level::Medium, Level::Info));
    }
}
