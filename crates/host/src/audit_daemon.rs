//! auditd, as it is configured: where its log is, and whether it writes one.
//!
//! Source: auditd.conf(5): `log_file`, `write_logs`, and `log_format = NOLOG` of older versions; words are compared in any case.

use std::path::{Path, PathBuf};

use crate::regular;

/// Where auditd's log is, if nothing says otherwise.
const LOG: &str = "/var/log/audit/audit.log";

/// auditd's configuration, as far as it is about its log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditDaemon {
    /// Its log, as the system names it.
    pub log: PathBuf,
    /// Whether it writes down what it is told.
    pub writes_log: bool,
}

/// auditd's configuration on the system below `root`; what it would be without one, where there is none or it may not be read.
pub fn audit_daemon(root: &Path) -> AuditDaemon {
    let mut found = AuditDaemon { log: PathBuf::from(LOG), writes_log: true };
    let text = regular::text(&root.join("etc/audit/auditd.conf")).unwrap_or_default();
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
        let Some((name, value)) = line.split_once('=') else { continue };
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "log_file" if value.starts_with('/') => found.log = PathBuf::from(value),
            "write_logs" if value.eq_ignore_ascii_case("no") => found.writes_log = false,
            "log_format" if value.eq_ignore_ascii_case("nolog") => found.writes_log = false,
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_system::{fifo, system};

    #[test]
    fn the_log_is_where_the_configuration_says() {
        let of = |text: &str| audit_daemon(system(&[("etc/audit/auditd.conf", text)]).path());
        let usual = AuditDaemon { log: LOG.into(), writes_log: true };
        assert_eq!(audit_daemon(system(&[]).path()), usual);
        assert_eq!(of("# log_file = /x\nlog_format = ENRICHED\nwrite_logs = yes\nlog_file = x\nno\n"), usual);
        let elsewhere = of("write_logs = yes\nLOG_FILE =  /srv/a.log \n");
        assert_eq!((elsewhere.log, elsewhere.writes_log), ("/srv/a.log".into(), true));
        assert!(!of("write_logs = No\n").writes_log);
        assert!(!of("log_format=NOLOG\n").writes_log);
        let root = system(&[]);
        fifo(&root, "etc/audit/auditd.conf");
        assert_eq!(audit_daemon(root.path()), usual);
    }
}
