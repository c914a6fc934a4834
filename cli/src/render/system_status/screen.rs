//! The lines of a status on one screen, however much is the matter: as much of each as there is room for.
//!
//! Lines that are fine become one; then lines lose their examples and all but the first command, then that one, those first that
//! matter least. JSON has everything.

use super::text::TextLine;
use super::{Concern, StatusLine};
use crate::render::Style;
use crate::render::layout::{INDENT, filled};

/// Rows of a screen.
pub(super) const ROWS: usize = 24;

/// How much of a line is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Detail {
    /// Everything.
    Full,
    /// A row of its text, and the first command.
    Short,
    /// A row of its text.
    Least,
}

/// What is on the screen.
pub(super) struct Screen {
    pub(super) rows: Vec<TextLine>,
    /// Whether something was left out.
    pub(super) is_cut: bool,
}

/// Lays out lines, in their order, in `room` rows if that can be. O(lines²).
pub(super) fn laid_out(lines: &[StatusLine], width: usize, room: usize) -> Screen {
    let fine_from = lines.iter().position(|line| line.concern == Concern::Fine).unwrap_or(lines.len());
    let (urgent, fine) = lines.split_at_checked(fine_from).unwrap_or((lines, &[]));
    let mut details = vec![Detail::Full; urgent.len()];
    let mut fine_rows: Vec<TextLine> = fine.iter().flat_map(|line| rows(line, Detail::Full, width)).collect();
    let of_urgent = |details: &[Detail]| -> Vec<TextLine> {
        urgent.iter().zip(details).flat_map(|(line, detail)| rows(line, *detail, width)).collect()
    };
    let mut rows_of_urgent = of_urgent(&details);
    let is_full = |urgent: &[TextLine], fine: &[TextLine]| urgent.len().saturating_add(fine.len()) > room;
    let mut is_cut = false;
    if is_full(&rows_of_urgent, &fine_rows) && fine.len() > 1 {
        fine_rows = rows(&together(fine), Detail::Full, width);
    }
    for (from, to) in [(Detail::Full, Detail::Short), (Detail::Short, Detail::Least)] {
        for at in (0..details.len()).rev() {
            if !is_full(&rows_of_urgent, &fine_rows) {
                break;
            }
            is_cut = true;
            if let Some(detail) = details.get_mut(at).filter(|detail| **detail == from) {
                *detail = to;
            }
            rows_of_urgent = of_urgent(&details);
        }
    }
    rows_of_urgent.extend(fine_rows);
    Screen { rows: rows_of_urgent, is_cut }
}

/// Lines that are fine as one that says what they are about.
fn together(fine: &[StatusLine]) -> StatusLine {
    let mut names: Vec<&str> = Vec::new();
    for line in fine {
        if !names.contains(&line.label) {
            names.push(line.label);
        }
    }
    let remarks = fine.iter().filter_map(|line| line.remark.as_deref());
    let text = std::iter::once(names.join(", ").as_str()).chain(remarks).collect::<Vec<_>>().join("; ");
    StatusLine::new("fine", Concern::Fine, text)
}

/// The rows of a line.
fn rows(line: &StatusLine, detail: Detail, width: usize) -> Vec<TextLine> {
    let mut text = filled(&line.text, INDENT, width);
    let next = match detail {
        Detail::Full => line.next.as_slice(),
        Detail::Short => line.next.get(..1).unwrap_or_default(),
        Detail::Least => &[],
    };
    if detail == Detail::Full {
        text.extend(line.more.iter().flat_map(|example| filled(example, INDENT, width)));
    } else if text.len() > 1 {
        text.truncate(1);
        if let Some(row) = text.first_mut() {
            let room = width.saturating_sub(INDENT).saturating_sub(2);
            while row.chars().count() > room {
                // A word that does not fit goes whole.
                let end = row.trim_end().rfind(' ').unwrap_or(0);
                row.truncate(end);
            }
            row.push_str(" …");
        }
    }
    let mut found: Vec<TextLine> = Vec::new();
    for (at, row) in text.into_iter().enumerate() {
        found.push(if at == 0 { TextLine::first(line, row) } else { TextLine::after(row) });
    }
    for command in next {
        let command = format!("→ {command}");
        // The first command is what the line ends with, where there is room for it.
        let row = found.last_mut().filter(|row| {
            let used = row.width().saturating_add(command.chars().count()).saturating_add(2);
            used <= width && !row.has_command()
        });
        match row {
            Some(row) => row.push(Style::Keyword, &format!("  {command}")),
            None => {
                for (at, part) in filled(&command, INDENT, width).into_iter().enumerate() {
                    let blanks = if at == 0 { "" } else { "  " };
                    let mut row = TextLine::after(String::new());
                    row.push(Style::Keyword, &format!("{blanks}{part}"));
                    found.push(row);
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use host::{Configuration, ConfiguredMode, Engine, EngineKind, Mode, Off, Separation};

    use super::super::*;
    use super::*;
    use crate::records::SystemLog;

    /// A system with whom everything is the matter, whose names are as long as names are.
    fn worst() -> SystemStatus {
        let names = |n: usize| (0..n).map(|n| format!("a_name_as_long_as_some_are_{n}_t"));
        let off = |file: &str| Off {
            file: file.into(),
            says: Some("enable_selinux = false"),
            needs: "enable_selinux = true",
            argument: None,
            owner: None,
        };
        let engine = |kind: EngineKind| EngineState {
            engine: Engine {
                kind,
                daemon: Some((7, Some("system_u:system_r:unconfined_service_t:s0".to_owned()))),
                program: None,
                separation: Separation::Off(off("/etc/some/where/an/engine/config.toml")),
                of_people: vec![Separation::Off(off("/home/ada/.config/containers/containers.conf")); 3],
            },
            is_asked: true,
        };
        SystemStatus {
            kernel: Some(Kernel {
                mount_point: "/sys/fs/selinux".to_owned(),
                has_policy: true,
                mode: Some(Mode::Permissive),
                newest_version: Some(33),
                has_levels: Some(true),
                unknown_permissions: None,
            }),
            configuration: Seen::Yes(Some(Configuration {
                mode: Some(ConfiguredMode::Disabled),
                policy_type: None,
            })),
            policy_type: Some("targeted".to_owned()),
            installed_type: None,
            has_defaults: true,
            installed_policy: Some("/etc/selinux/targeted/policy/policy.33".to_owned()),
            is_root: false,
            boot_parameters: vec!["enforcing=0".to_owned()],
            policy: Seen::Yes(AskedPolicy {
                path: "/sys/fs/selinux/policy".to_owned(),
                version: 33,
                sha256: String::new(),
                is_running: true,
                permissive: names(40).collect(),
                unconfined: Vec::new(),
            }),
            loaded: Seen::Yes(Loaded::Different {
                path: "/etc/selinux/targeted/policy/policy.33".to_owned(),
            }),
            own_label: Seen::No("it is no regular file".to_owned()),
            own_label_translated: None,
            logins: Seen::No("it is no regular file".to_owned()),
            has_level_names: Seen::No("/etc/selinux/targeted/setrans.conf: it is no regular file".to_owned()),
            booleans: Seen::Yes(BooleanStates {
                all: names(300)
                    .map(|name| BooleanState {
                        name,
                        default: Some(false),
                        set_for_good: Some(true),
                        current: true,
                        pending: false,
                    })
                    .collect(),
                unread: names(20).map(|name| (name, "it is no regular file".to_owned())).collect(),
            }),
            modules: Seen::Yes(Some(ModulesState {
                in_force: 400,
                disabled: names(9).collect(),
                failing: names(9)
                    .map(|name| (name, vec!["needs type x_t, which none has".to_owned()]))
                    .collect(),
                unread: Vec::new(),
            })),
            engines: Seen::Yes(EnginesState {
                engines: EngineKind::ALL.map(engine).into(),
                containers: 40,
                without_label: 20,
                unconfined: 20,
                unread: Some((4, "it is no regular file".to_owned())),
            }),
            denials: Seen::Yes(Denials {
                since: Some(1),
                log: SystemLog::Journal,
                missing: Some(Missing {
                    why: "only root is shown all of the journal".to_owned(),
                    is_brief: false,
                    is_auditd_gone: true,
                }),
                stories: names(50)
                    .map(|name| (format!("{name} may not write a directory {name}"), 7))
                    .collect(),
                count: 350,
                refusals: 12,
                invalid: names(60).map(|name| format!("system_u:object_r:{name}:s0")).collect(),
                ..Denials::default()
            }),
        }
    }

    #[test]
    fn everything_at_once_is_one_screen() {
        let lines = status_lines(&worst());
        let count = |concern: Concern| lines.iter().filter(|line| line.concern == concern).count();
        assert!(count(Concern::LookAt) >= 12 && count(Concern::Unseen) >= 4, "{lines:?}");
        for width in [80, 120] {
            // With the verdict's.
            let screen = laid_out(&lines, width, ROWS - 1);
            assert!(screen.is_cut);
            assert!(screen.rows.len() < ROWS, "{} rows at {width}", screen.rows.len());
            for row in &screen.rows {
                assert!(row.width() <= width, "{} columns", row.width());
            }
        }
        // What is to be looked at stands first, the mode before all, and has its command.
        let labels: Vec<&str> = lines.iter().map(|line| line.label).collect();
        assert_eq!(labels.get(..4), Some(&["mode", "loaded", "denials", "labels"][..]));
        let first = laid_out(&lines, 80, ROWS - 1).rows.into_iter().take(3);
        assert!(first.into_iter().any(|row| row.has_command()));
    }

    #[test]
    fn what_fits_is_whole() {
        let lines = [
            StatusLine::new("a", Concern::LookAt, "text").next("one").next("two").more("example"),
            StatusLine::new("b", Concern::Fine, "fine"),
            StatusLine { remark: Some("but".to_owned()), ..StatusLine::new("c", Concern::Fine, "fine") },
        ];
        let screen = laid_out(&lines, 80, 23);
        assert_eq!((screen.rows.len(), screen.is_cut), (5, false));
        let screen = laid_out(&lines, 80, 4);
        assert_eq!((screen.rows.len(), screen.is_cut), (4, false), "what is fine is one line");
        assert_eq!(together(&lines[1..]).text, "b, c; but");
        let screen = laid_out(&lines, 80, 2);
        assert_eq!((screen.rows.len(), screen.is_cut), (2, true));
    }
}
