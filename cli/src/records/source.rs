//! What to read: the words of the command line, else what is piped in, else the system's own log.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, anyhow};
use rustix::fs::FileType;

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
    // systemd; anybody may call himself that.
    "_PID=1",
];
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

/// Complains where standard input would be read twice: by records, if there are inputs at all, and a policy, or by two policies.
///
/// # Errors
/// It is meant by more than one of them.
pub(crate) fn leave_standard_input_to_policies<'a>(
    inputs: Option<&[String]>,
    policies: impl Iterator<Item = &'a Path>,
) -> anyhow::Result<()> {
    let n_policies = policies.filter(|path| *path == Path::new("-")).count();
    let has_records = inputs.is_some_and(|inputs| {
        if inputs.is_empty() { is_piped() } else { inputs.iter().any(|input| input == "-") }
    });
    let whose = match n_policies {
        0 => return Ok(()),
        1 if has_records => "both the policy and the log are",
        1 => return Ok(()),
        _ => "both policies are",
    };
    Err(anyhow!("{whose} standard input\nhelp: name one of them as a file"))
}

/// Whether something is piped in or redirected.
fn is_piped() -> bool {
    // Not by /dev/stdin, which leads nowhere where /proc is not mounted.
    let kind = rustix::fs::fstat(io::stdin()).map(|stat| FileType::from_raw_mode(stat.st_mode));
    kind.is_ok_and(|kind| matches!(kind, FileType::Fifo | FileType::RegularFile | FileType::Socket))
}

fn system_log() -> anyhow::Result<Source> {
    let log = host::audit_daemon(Path::new("/")).log;
    match host::open_regular(&log) {
        Ok(_) => Ok(Source::File(log)),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err(anyhow!(
            "`{}` may only be read by root\nhelp: `sudo sepolq explain`, or `sudo ausearch -m avc -ts recent | sepolq explain`",
            log.display()
        )),
        Err(_) => Ok(Source::Journal),
    }
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

    /// Opens it; what is compressed is decompressed.
    ///
    /// # Errors
    /// It cannot be opened.
    pub(crate) fn open(self) -> anyhow::Result<Box<dyn Read + Send>> {
        let label = self.label();
        match self {
            Source::Stdin => decompressed(Box::new(io::stdin()), &label),
            Source::Text(text) => Ok(Box::new(Cursor::new(text.into_bytes()))),
            Source::File(path) => {
                let file = File::open(&path).with_context(|| format!("cannot open {label}"))?;
                refuse_directory(&file, &path)?;
                decompressed(Box::new(file), &label)
            }
            Source::Journal => Ok(Box::new(Journal::start(&[])?)),
        }
    }
}

/// Complains of a directory where a log should be.
///
/// # Errors
/// It is one.
pub(super) fn refuse_directory(file: &File, path: &Path) -> anyhow::Result<()> {
    if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        let name = policydb::Name::new(path.as_os_str().as_encoded_bytes());
        return Err(anyhow!("`{name}` is a directory\nhelp: name the logs in it: `{name}/audit.log`"));
    }
    Ok(())
}

/// The bytes of an input, decompressed if they are compressed.
fn decompressed(input: Box<dyn Read + Send>, label: &str) -> anyhow::Result<Box<dyn Read + Send>> {
    let input = BufReader::with_capacity(super::BUFFER, input);
    package::decompressing(input).with_context(|| format!("cannot read {label}"))
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
                    "this system has no log of denials: neither `/var/log/audit/audit.log` nor journald\nhelp: give a log or a record: `dmesg | sepolq explain`"
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
    use super::{Source, sources};

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
