//! Systems with logs, and what is told of them.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::time::{Duration, UNIX_EPOCH};

use super::merged::LARGEST;
use super::*;

/// A system with logs, which was started at 1000.
struct System(tempfile::TempDir);

impl System {
    fn new() -> Self {
        System(tempfile::tempdir().unwrap())
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Sets when a file was last written to.
    fn age(&self, name: &str, written: u64) {
        let file = File::options().write(true).open(self.0.path().join(name)).unwrap();
        file.set_modified(UNIX_EPOCH + Duration::from_secs(written)).unwrap();
    }

    fn ask(&self) -> anyhow::Result<SystemRecords> {
        collect_system(self.0.path(), Some(1000), &[])
    }

    /// How many denials, of which log first, and why there may be more.
    fn asked(&self) -> (u64, SystemLog, Option<String>) {
        let records = self.ask().unwrap();
        (
            records.collected.stories.as_slice().iter().map(|story| story.count).sum(),
            records.log,
            why(records),
        )
    }

    /// The same with a process of that name, and a first one.
    fn missing_beside(&self, name: &str) -> Option<String> {
        self.put("proc/1/status", "Name:\tinit\n");
        self.put("proc/9/status", format!("Name:\t{name}\n"));
        let processes = host::processes(self.0.path()).unwrap();
        why(collect_system(self.0.path(), Some(1000), &processes).unwrap())
    }
}

/// Why there may be more, but for the minute before auditd.
fn why(records: SystemRecords) -> Option<String> {
    records.missing.filter(|missing| !missing.is_brief).map(|missing| missing.why)
}

const AUDIT: &str = "var/log/audit/audit.log";

fn of_auditd(kind: &str, time: i64) -> String {
    format!("type={kind} msg=audit({time}.000:7): x\n")
}

/// What auditd's log begins with where it was there before, and was started with the system.
fn started() -> String {
    of_auditd("X", 900) + &of_auditd("DAEMON_START", 1010)
}

fn denial(time: i64) -> String {
    format!(
        "type=AVC msg=audit({time}.000:{time}): avc:  denied  {{ read }} for  pid=1 comm=\"c\" scontext=a:b:c tcontext=a:b:d tclass=file permissive=0\n"
    )
}

/// The same as a syslog has it.
fn printed(time: i64) -> String {
    format!(
        "Jan  1 00:00:00 host kernel: [ 1.0] audit: {}",
        denial(time).replace("type=AVC msg=", "type=1400 ")
    )
}

const BANNER: &str = "Jan  1 00:00:00 host kernel: [ 0.0] Linux version 6.1.0\n";

#[test]
fn rotated_logs_are_read_whatever_they_are_called_and_however_compressed() {
    let zstd = |text: &str| {
        // One raw block; its header has the size in its upper bits.
        let size = u32::try_from(text.len()).unwrap();
        let block = (size << 3 | 1).to_le_bytes();
        [&[0x28, 0xb5, 0x2f, 0xfd, 0xa0][..], &size.to_le_bytes(), &block[..3], text.as_bytes()].concat()
    };
    let system = System::new();
    system.put(AUDIT, denial(4000));
    system.put("var/log/audit/audit.log-20251128", denial(3000));
    system.put("var/log/audit/audit.log-20251127.zst", zstd(&denial(2000)));
    system.put("var/log/audit/audit.log-20251126", started());
    let (count, log, missing) = system.asked();
    assert_eq!((count, log, missing), (3, SystemLog::Audit, None));
    assert_eq!(system.ask().unwrap().collected.unread.sources.len(), 4);
    // One that cannot be read is not passed over in silence.
    system.put("var/log/audit/audit.log-20251127.zst", &zstd("x")[..11]);
    let (count, _, missing) = system.asked();
    assert_eq!(count, 2);
    assert!(missing.unwrap().contains("audit.log-20251127.zst"));
}

#[test]
fn of_an_enormous_log_the_end_is_read() {
    let system = System::new();
    system.put(AUDIT, "");
    let path = system.0.path().join(AUDIT);
    let mut log = File::options().write(true).open(path).unwrap();
    // It takes no room: what was never written.
    log.set_len(LARGEST).unwrap();
    log.seek(SeekFrom::End(0)).unwrap();
    log.write_all(format!("\n{}", denial(2000)).as_bytes()).unwrap();
    let (count, _, missing) = system.asked();
    assert_eq!(count, 1);
    assert!(missing.is_some());
}

#[test]
fn a_log_that_does_not_go_back_to_the_boot_has_a_gap() {
    for (text, is_whole) in [
        (started(), true),
        (of_auditd("AVC", 900), false),
        (of_auditd("AVC", 1010), true),
        (of_auditd("AVC", 90_000), false),
        (of_auditd("DAEMON_START", 90_000), false),
        (started() + &of_auditd("DAEMON_END", 2000), false),
        (String::new(), false),
    ] {
        let system = System::new();
        system.put(AUDIT, &text);
        let missing = why(system.ask().unwrap());
        assert_eq!(missing.is_none(), is_whole, "{text}: {missing:?}");
        // An older one that is there tells of the rest.
        system.put("var/log/audit/audit.log.1", started());
        let missing = why(system.ask().unwrap());
        let is_whole = !text.contains("DAEMON") || text == started();
        assert_eq!(missing.is_none(), is_whole, "{text}: {missing:?}");
    }
}

#[test]
fn what_auditd_did_not_take_the_kernel_has_printed() {
    let system = System::new();
    let ended = denial(1500) + &of_auditd("DAEMON_END", 2000);
    system.put(AUDIT, started() + &ended);
    let syslog = BANNER.to_owned() + &printed(1500) + &printed(3000);
    system.put("var/log/messages", &syslog);
    assert_eq!(system.asked(), (2, SystemLog::Audit, None), "one is in both logs");
    // What it had and lost nobody has printed.
    system.put(AUDIT, of_auditd("X", 90_000));
    assert!(system.asked().2.is_some());
    // A plugin of it that writes into a syslog has it.
    system.put(
        "var/log/messages",
        syslog + "Jan  1 00:00:00 host audisp-syslog[5]: type=X msg=audit(1100.0:2): x\n",
    );
    assert_eq!(system.asked(), (2, SystemLog::Audit, None));
}

#[test]
fn who_runs_is_asked_where_the_log_is_silent() {
    let system = System::new();
    system.put(AUDIT, started());
    assert_eq!(system.missing_beside("auditd"), None);
    assert_eq!(system.missing_beside("another").as_deref(), Some("auditd does not run"));
    system.put("var/log/kern.log", BANNER);
    assert!(system.missing_beside("another").unwrap().contains("no daemon writes /var/log/kern.log"));
    assert_eq!(system.missing_beside("rsyslogd"), None);
    assert!(system.missing_beside("auditbeat").unwrap().contains("auditbeat may have taken"));
    // It runs, and keeps its records elsewhere.
    fs::remove_file(system.0.path().join(AUDIT)).unwrap();
    assert!(system.missing_beside("auditd").unwrap().starts_with("there is no /var/log/audit/audit.log"));
    system.put("etc/audit/auditd.conf", "log_file = /srv/a.log\n");
    system.put("srv/a.log", started());
    assert_eq!(system.missing_beside("auditd"), None);
    system.put("etc/audit/auditd.conf", "write_logs = no\n");
    assert!(system.missing_beside("auditd").unwrap().starts_with("auditd writes no log"));
}

#[test]
fn what_was_before_auditd_is_looked_for_and_missed_only_quietly() {
    let system = System::new();
    let early = of_auditd("DAEMON_END", 970) + &of_auditd("DAEMON_START", 1025);
    system.put(AUDIT, started() + &early);
    let missing = system.ask().unwrap().missing.unwrap();
    assert!(missing.is_brief, "{missing:?}");
    // The kernel kept it.
    system.put("proc/cmdline", "quiet audit=1\n");
    system.put(AUDIT, of_auditd("DAEMON_START", 1025));
    assert_eq!(system.ask().unwrap().missing, None);
    // The kernel printed it, also while auditd was started anew.
    system.put("proc/cmdline", "quiet\n");
    let anew = of_auditd("DAEMON_END", 9000) + &of_auditd("DAEMON_START", 9050);
    system.put(AUDIT, started() + &early + &anew);
    system.put("var/log/kern.log", BANNER.to_owned() + &printed(1012) + &printed(9020));
    assert_eq!(system.ask().unwrap().missing, None);
    assert_eq!(system.asked().0, 2);
}

#[test]
fn what_no_log_can_tell_is_not_called_nothing() {
    let system = System::new();
    system.put(AUDIT, started());
    assert_eq!(system.asked().2, None);
    system.put("etc/audit/audit.rules", "-a always,exclude -F msgtype=AVC\n");
    assert!(system.asked().2.unwrap().contains("leaves records of denials out"));
    system.put("etc/audit/audit.rules", "");
    fs::remove_file(system.0.path().join(AUDIT)).unwrap();
    let suppressed = "Jan  1 00:00:00 host kernel: [ 9.0] kauditd_printk_skb: 38 callbacks suppressed\n";
    system.put("var/log/kern.log", suppressed.to_owned() + BANNER + &printed(1500));
    assert_eq!(system.asked(), (1, SystemLog::Syslog, None), "of another boot");
    system.put("var/log/kern.log", BANNER.to_owned() + suppressed);
    assert!(system.asked().2.unwrap().contains("left records out"));
    // Other hosts that log here are other systems.
    system.put("etc/hostname", "web.example.org\n");
    system.put("var/log/kern.log", BANNER);
    assert!(system.asked().2.unwrap().contains("other hosts"));
    system.put("var/log/kern.log", (BANNER.to_owned() + &printed(1500)).replace("host", "web"));
    assert_eq!(system.asked(), (1, SystemLog::Syslog, None));
}

#[test]
fn records_that_cannot_be_read_and_copies_are_counted_as_they_are() {
    let system = System::new();
    let torn = |time: i64| {
        format!("type=AVC msg=audit({time}.000:7): avc:  denied  {{ read }} for  pid=1 comm=\"x\n")
    };
    system.put(AUDIT, started() + &torn(950) + &torn(2000));
    assert_eq!(system.ask().unwrap().collected.unread.counts.unreadable, 1, "the other was before the boot");
    system.put(AUDIT, started() + &denial(2000));
    system.put("var/log/audit/audit.log.1", started() + &denial(2000));
    assert_eq!(system.asked(), (1, SystemLog::Audit, None));
}

#[test]
fn a_syslog_is_only_worth_what_it_reaches_back() {
    let system = System::new();
    system.put("var/log/messages", printed(2000));
    let (count, log, missing) = system.asked();
    assert_eq!((count, log), (1, SystemLog::Syslog));
    assert!(
        missing
            .unwrap()
            .ends_with("/var/log/messages has not what the kernel said when the system was started")
    );
    system.put("var/log/messages-20251127", BANNER.to_owned() + &printed(1500));
    assert_eq!(system.asked(), (2, SystemLog::Syslog, None));
    // What was written before the boot says nothing of what was taken away since.
    system.put("var/log/messages-20251127", printed(1500));
    system.put("var/log/messages-20251126", "");
    system.age("var/log/messages-20251126", 999);
    assert!(system.asked().2.is_some());
    system.put("var/log/messages-20251127", BANNER.to_owned() + &printed(1500));
    // Two syslogs may have the same.
    system.put("var/log/kern.log", printed(2000) + &printed(2500));
    assert_eq!(system.asked(), (3, SystemLog::Syslog, None));
}

#[test]
fn the_log_that_is_written_to_counts() {
    let system = System::new();
    let which = || system.ask().map(|records| records.log);
    let why = which().unwrap_err().to_string();
    assert!(why.contains("there is no /var/log/audit/audit.log"), "{why}");
    system.put("var/log/messages", "Jan  1 00:00:00 host ada: kernel: something\n");
    assert!(which().is_err(), "nothing of the kernel");
    system.put("var/log/kern.log", BANNER);
    assert_eq!(which().unwrap(), SystemLog::Syslog);
    system.put(AUDIT, of_auditd("AVC", 1));
    assert_eq!(which().unwrap(), SystemLog::Audit);
    // auditd has not run since the boot.
    system.age(AUDIT, 1);
    assert_eq!(which().unwrap(), SystemLog::Syslog);
    fs::remove_file(system.0.path().join("var/log/kern.log")).unwrap();
    assert!(which().unwrap_err().to_string().contains("auditd has written nothing since"));
}
