//! What the audit of a system is told: where auditd's log is, whether it writes one, and whether denials are logged at all.
//!
//! Source: auditd.conf(5): `log_file`, `write_logs`, and `log_format = NOLOG` of older versions; words are compared in any case.
//! auditctl(8) for rules that exclude; `audit=` in the kernel's `Documentation/admin-guide/kernel-parameters.txt`.

use std::path::{Path, PathBuf};

use crate::regular;

/// Where auditd's log is, if nothing says otherwise.
const LOG: &str = "/var/log/audit/audit.log";

/// What the audit of a system is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditDaemon {
    /// auditd's log, as the system names it.
    pub log: PathBuf,
    /// Whether it writes down what it is told.
    pub writes_log: bool,
    /// Why its configuration cannot be read, if it is there and cannot.
    pub unread: Option<String>,
    /// Why denials are not logged, if they are not, or not all.
    pub unlogged: Option<String>,
    /// Whether the kernel keeps its records for auditd until that is started: `audit=1`.
    pub is_awaited: bool,
}

/// What the audit of the system below `root` is told; what it would be without a configuration, where there is none.
pub fn audit_daemon(root: &Path) -> AuditDaemon {
    let line = regular::text(&root.join("proc/cmdline")).unwrap_or_default();
    let told = line.split_ascii_whitespace().filter_map(|word| word.strip_prefix("audit=")).next_back();
    let is_off = told.is_some_and(|state| ["0", "off"].contains(&state));
    let by_kernel = is_off.then(|| "the kernel is started with `audit=0`, and logs no denials".to_owned());
    let mut found = AuditDaemon {
        log: PathBuf::from(LOG),
        writes_log: true,
        unread: None,
        unlogged: by_kernel.or_else(|| excluded(root)),
        is_awaited: told.is_some_and(|state| ["1", "on"].contains(&state)),
    };
    let text = match regular::kept_text_if_there(&root.join("etc/audit/auditd.conf"), regular::LARGEST) {
        Ok(text) => text.unwrap_or_default(),
        Err(error) => {
            found.unread = Some(format!("/etc/audit/auditd.conf cannot be read: {error}"));
            return found;
        }
    };
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
        let Some((name, value)) = line.split_once('=') else { continue };
        let (value, is) = (value.trim(), |word: &str| value.trim().eq_ignore_ascii_case(word));
        match name.trim().to_ascii_lowercase().as_str() {
            "log_file" if value.starts_with('/') => found.log = PathBuf::from(value),
            "log_file" => found.unread = Some("/etc/audit/auditd.conf names no log".to_owned()),
            "write_logs" => found.writes_log = !is("no"),
            "log_format" if is("nolog") => found.writes_log = false,
            _ => {}
        }
    }
    found
}

/// The rule by which records of denials are left out, if there is one.
fn excluded(root: &Path) -> Option<String> {
    const RULES: &str = "etc/audit/audit.rules";
    let text = regular::kept_text_if_there(&root.join(RULES), regular::LARGEST).ok()??;
    let is_it = |line: &&str| {
        let line = line.trim().to_ascii_lowercase();
        let excludes = line.starts_with("-a")
            && line.split([' ', '\t', ',']).any(|word| word.trim_start_matches("-a") == "exclude");
        // Another comparison than for being the same may hold for denials, too.
        let may_be = |field: &str| match field.split_at_checked(1) {
            Some(("=", of)) => ["avc", "1400"].contains(&of),
            _ => true,
        };
        excludes
            && line
                .split("msgtype")
                .skip(1)
                .any(|field| may_be(field.split_whitespace().next().unwrap_or("")))
    };
    let rule = text.lines().find(is_it)?.trim();
    Some(format!("/{RULES} leaves records of denials out: {rule}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_system::{fifo, system};

    #[test]
    fn the_log_is_where_the_configuration_says() {
        let of = |text: &str| audit_daemon(system(&[("etc/audit/auditd.conf", text)]).path());
        let usual = AuditDaemon {
            log: LOG.into(),
            writes_log: true,
            unread: None,
            unlogged: None,
            is_awaited: false,
        };
        assert_eq!(audit_daemon(system(&[]).path()), usual);
        assert_eq!(
            of("# log_file = /x\nlog_format = ENRICHED\nwrite_logs = no\nwrite_logs = yes\nno\n"),
            usual
        );
        let elsewhere = of("write_logs = yes\nLOG_FILE =  /srv/a.log \n");
        assert_eq!((elsewhere.log, elsewhere.writes_log), ("/srv/a.log".into(), true));
        assert!(!of("write_logs = No\n").writes_log);
        assert!(!of("log_format=NOLOG\n").writes_log);
        let root = system(&[]);
        fifo(&root, "etc/audit/auditd.conf");
        assert!(audit_daemon(root.path()).unread.is_some());
        assert!(of("log_file = x").unread.is_some());
    }

    #[test]
    fn denials_may_not_be_logged_at_all() {
        let of = |path: &str, text: &str| audit_daemon(system(&[(path, text)]).path());
        assert!(of("proc/cmdline", "quiet audit=0\n").unlogged.is_some());
        assert!(of("proc/cmdline", "audit=0 audit=1\n").is_awaited);
        let rules = |text: &str| of("etc/audit/audit.rules", text).unlogged;
        assert!(rules("-D\n-a always,exclude -F msgtype=AVC\n").is_some());
        assert!(rules("-a exclude,always -F msgtype=1400\n").is_some());
        for other in [
            "-A always,exclude -F msgtype=avc",
            "-a always,exclude -Fmsgtype!=USER_LOGIN",
            "-a always,exclude -F msgtype>=1400",
        ] {
            assert!(rules(other).is_some(), "{other}");
        }
        assert_eq!(rules("# -a always,exclude -F msgtype=AVC\n-a always,exclude -F msgtype=CWD\n"), None);
    }
}
