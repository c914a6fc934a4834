//! What the kernel logged of enforced denials, put where a log of audit is.
//!
//! Without an audit daemon the kernel writes audit records into its own log, a moment later. `/dev/kmsg` gives one record a read:
//! `priority,number,time,flags;text`.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

/// The longest record that the kernel gives.
const LONGEST: usize = 8192;
/// How often it is looked whether a record has come, and how long is waited between.
const TRIES: usize = 100;
const PAUSE: Duration = Duration::from_millis(20);

/// Has the kernel log every record, however many there are.
pub(crate) fn let_all_pass() -> io::Result<()> {
    fs::write("/proc/sys/kernel/printk_ratelimit", "0")
}

/// The kernel's log, as far as it was read.
#[derive(Default)]
pub(crate) struct KernelLog(Option<File>);

impl KernelLog {
    /// Copies the records of enforced denials that have come since the last time into a file, and returns them. Waits a little for
    /// the first.
    pub(crate) fn copy(&mut self, to: &str) -> io::Result<String> {
        let log = match &mut self.0 {
            Some(log) => log,
            none => none.insert(
                File::options()
                    .read(true)
                    .custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed())
                    .open("/dev/kmsg")?,
            ),
        };
        let mut lines = denials(log)?;
        for _ in 0..TRIES {
            if !lines.is_empty() {
                break;
            }
            std::thread::sleep(PAUSE);
            lines = denials(log)?;
        }
        write(to, &lines)?;
        Ok(lines)
    }
}

fn write(to: &str, lines: &str) -> io::Result<()> {
    if let Some(folder) = Path::new(to).parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(to, lines)
}

fn denials(log: &mut File) -> io::Result<String> {
    let mut record = vec![0; LONGEST];
    let mut lines = String::new();
    loop {
        match log.read(&mut record) {
            Ok(length) => {
                let text = String::from_utf8_lossy(record.get(..length).unwrap_or_default()).into_owned();
                let line =
                    text.split_once(';').map_or("", |(_, line)| line.lines().next().unwrap_or_default());
                if line.contains("avc:") && line.contains("permissive=0") {
                    lines.push_str(line);
                    lines.push('\n');
                }
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(lines),
            // Records were overwritten before they were read.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
            Err(error) => return Err(error),
        }
    }
}
