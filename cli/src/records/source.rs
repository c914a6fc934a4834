//! What to read: the words of the command line, else what is piped in, else the system's own log.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, anyhow};
use flate2::bufread::MultiGzDecoder;
use rustix::fs::FileType;

/// Where auditd keeps its records.
const SYSTEM_LOG: &str = "/var/log/audit/audit.log";
/// What journald has of audit: the kernel's records, and what object managers log themselves.
pub(super) const JOURNAL: [&str; 9] = [
    "--no-pager",
    "--quiet",
    "--boot",
    "--output=json",
    "_TRANSPORT=audit",
    "+",
    "_TRANSPORT=kernel",
    "+",
    "SYSLOG_IDENTIFIER=systemd",
];
/// How compressed files begin that are not decompressed here, and what does that.
const COMPRESSED: [(&[u8], &str); 3] =
    [(b"\xfd7zXZ\0", "xzcat"), (b"\x28\xb5\x2f\xfd", "zstdcat"), (b"BZh", "bzcat")];

/// Rotated logs that are looked at: auditd keeps five, unless it is told otherwise.
const MOST_ROTATED: u32 = 16;
/// Bytes of a log in which its first record stands.
const BEGINNING: u64 = 4096;

/// Something to read records from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Standard input.
    Stdin,
    /// Records that were given as a word.
    Text(String),
    /// A file.
    File(PathBuf),
    /// The journal of this boot.
    Journal,
}

/// What the words name: files, `-` for standard input, records; without any, what is piped in, else the system's log. An
/// error for each word that is neither a file nor a record, and where the system has no log.
pub(super) fn sources(inputs: &[String]) -> Vec<anyhow::Result<Source>> {
    if inputs.is_empty() {
        return vec![if is_piped() { Ok(Source::Stdin) } else { system_log() }];
    }
    let source = |input: &String| {
        let path = Path::new(input);
        let is_record = ["avc:", "denied", "SELINUX_ERR", "op=security_", "invalid context"]
            .iter()
            .any(|mark| input.contains(mark));
        if input == "-" {
            Ok(Source::Stdin)
        } else if path.symlink_metadata().is_err() && (is_record || input.contains('\n')) {
            Ok(Source::Text(input.clone()))
        } else if path.symlink_metadata().is_err() {
            let shown = policydb::Name::new(input.as_bytes());
            Err(anyhow!(
                "`{shown}` is neither a file nor a record\nhelp: give a log, a record in quotes (it contains `avc: denied`), or `-` for standard input"
            ))
        } else {
            Ok(Source::File(path.to_owned()))
        }
    };
    inputs.iter().map(source).collect()
}

/// Whether something is piped in or redirected.
fn is_piped() -> bool {
    // Not by /dev/stdin, which leads nowhere where /proc is not mounted.
    let kind = rustix::fs::fstat(io::stdin()).map(|stat| FileType::from_raw_mode(stat.st_mode));
    kind.is_ok_and(|kind| matches!(kind, FileType::Fifo | FileType::RegularFile | FileType::Socket))
}

fn system_log() -> anyhow::Result<Source> {
    match File::open(SYSTEM_LOG) {
        Ok(_) => Ok(Source::File(SYSTEM_LOG.into())),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err(anyhow!(
            "`{SYSTEM_LOG}` may only be read by root\nhelp: `sudo sepolq explain`, or `sudo ausearch -m avc -ts recent | sepolq explain`"
        )),
        Err(_) => Ok(Source::Journal),
    }
}

/// The logs of the system below `root` that have records since a time, oldest first: its audit log, and rotated ones as long as the
/// next newer one begins later; else the journal, if it is the system that runs.
///
/// # Errors
/// There is none, or only root may read it.
pub(super) fn system_logs(root: &Path, since: i64) -> anyhow::Result<Vec<Source>> {
    let log = root.join(SYSTEM_LOG.trim_start_matches('/'));
    let file = match File::open(&log) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            return Err(anyhow!("only root may read {SYSTEM_LOG}"));
        }
        Err(_) if root == Path::new("/") => return Ok(vec![Source::Journal]),
        Err(_) => return Err(anyhow!("there is no {SYSTEM_LOG}")),
    };
    let mut begins = first_time(file);
    let mut sources = vec![Source::File(log.clone())];
    for n in 1..=MOST_ROTATED {
        let rotated = PathBuf::from(format!("{}.{n}", log.display()));
        let (true, Ok(file)) = (begins.is_none_or(|begins| begins > since), File::open(&rotated)) else {
            break;
        };
        begins = first_time(file).or(begins);
        sources.push(Source::File(rotated));
    }
    sources.reverse();
    Ok(sources)
}

/// The time of a log's first record, in seconds since the epoch, if it stands where it should.
fn first_time(file: File) -> Option<i64> {
    let mut beginning = Vec::new();
    file.take(BEGINNING).read_to_end(&mut beginning).ok()?;
    let text = String::from_utf8_lossy(&beginning);
    let (_, rest) = text.split_once("audit(")?;
    rest.split(['.', ':']).next()?.parse().ok()
}

impl Source {
    /// What it is called.
    pub(crate) fn label(&self) -> String {
        match self {
            Source::Stdin => "standard input".to_owned(),
            Source::Text(_) => "the record".to_owned(),
            Source::File(path) => {
                format!("`{}`", policydb::Name::new(path.as_os_str().as_encoded_bytes()))
            }
            Source::Journal => "the journal of this boot".to_owned(),
        }
    }

    /// Opens it; what gzip compressed is decompressed.
    ///
    /// # Errors
    /// It cannot be opened, or is compressed in another way.
    pub(crate) fn open(self) -> anyhow::Result<Box<dyn Read + Send>> {
        let label = self.label();
        match self {
            Source::Stdin => decompressed(Box::new(io::stdin()), &label),
            Source::Text(text) => Ok(Box::new(Cursor::new(text.into_bytes()))),
            Source::File(path) => {
                let file = File::open(&path).with_context(|| format!("cannot open {label}"))?;
                if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
                    return Err(anyhow!(
                        "{label} is a directory\nhelp: name the logs in it: `{}/audit.log`",
                        path.display()
                    ));
                }
                decompressed(Box::new(file), &label)
            }
            Source::Journal => Ok(Box::new(Journal::start(&[])?)),
        }
    }
}

/// The bytes of an input, decompressed if they begin as gzip's do.
fn decompressed(input: Box<dyn Read + Send>, label: &str) -> anyhow::Result<Box<dyn Read + Send>> {
    let mut input = BufReader::with_capacity(super::BUFFER, input);
    let start = loop {
        match input.fill_buf() {
            Ok(start) => break start,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error).with_context(|| format!("cannot read {label}")),
        }
    };
    if start.starts_with(&[0x1f, 0x8b]) {
        return Ok(Box::new(MultiGzDecoder::new(input)));
    }
    match COMPRESSED.iter().find(|(magic, _)| start.starts_with(magic)) {
        Some((_, tool)) => Err(anyhow!("{label} is compressed\nhelp: `{tool} FILE | sepolq explain -`")),
        None => Ok(Box::new(input)),
    }
}

/// `journalctl`, as long as it is read.
#[derive(Debug)]
pub(super) struct Journal(Child);

impl Journal {
    /// Starts it with further options.
    ///
    /// # Errors
    /// There is no `journalctl`.
    pub(super) fn start(options: &[&str]) -> anyhow::Result<Self> {
        let child = Command::new("journalctl")
            .args(JOURNAL)
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|_| {
                anyhow!(
                    "this system has no log of denials: neither `{SYSTEM_LOG}` nor journald\nhelp: give a log or a record: `dmesg | sepolq explain`"
                )
            })?;
        Ok(Journal(child))
    }
}

impl Read for Journal {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.stdout.as_mut().map_or(Ok(0), |stdout| stdout.read(buffer))
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        // It may have ended by itself, and then there is nothing to do.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::{Source, sources, system_logs};

    #[test]
    fn logs_are_read_back_to_the_boot() {
        let root = tempfile::tempdir().unwrap();
        assert!(system_logs(root.path(), 0).is_err());
        let folder = root.path().join("var/log/audit");
        std::fs::create_dir_all(&folder).unwrap();
        for (name, time) in
            [("audit.log", 300), ("audit.log.1", 200), ("audit.log.2", 100), ("audit.log.3", 50)]
        {
            std::fs::write(folder.join(name), format!("type=AVC msg=audit({time}.000:1): x\n")).unwrap();
        }
        let names = |since: i64| -> Vec<String> {
            let sources = system_logs(root.path(), since).unwrap();
            sources.iter().map(|source| source.label().rsplit('/').next().unwrap().to_owned()).collect()
        };
        assert_eq!(names(400), ["audit.log`"]);
        assert_eq!(names(250), ["audit.log.1`", "audit.log`"]);
        assert_eq!(names(0).len(), 4);
    }

    #[test]
    fn words_are_files_records_or_mistakes() {
        let of = |word: &str| sources(&[word.to_owned()]).remove(0);
        assert_eq!(of("-").unwrap(), Source::Stdin);
        let record = "avc:  denied  { read } for scontext=a tcontext=b tclass=file";
        assert_eq!(of(record).unwrap(), Source::Text(record.to_owned()));
        assert_eq!(of("/").unwrap(), Source::File("/".into()));
        assert!(of("/").unwrap().open().is_err());
        let error = of("/no/such.log").unwrap_err().to_string();
        assert!(error.contains("neither a file nor a record") && error.contains("help: "), "{error}");
    }
}
