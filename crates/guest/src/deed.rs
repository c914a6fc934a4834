//! A process in a domain of the policy that does one thing while denials are enforced, so that the kernel logs why not.
//!
//! Everything that has to be there first is made in permissive mode: a directory that the domain may look into, a file in it, and
//! the domain itself. Then the process turns enforcing on, and what it does next is the deed. Its exit status is the system's
//! number of the error.

use std::fs::{self, File};
use std::io::{self, Write};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use rustix::fs::{Mode, OFlags, open, openat};

use crate::command::is_refused;
use crate::confined::{OBJECTS, label, mount_objects};
use crate::selinuxfs;

/// The word by which this program is started for a deed.
pub(crate) const WORD: &str = "deed";

/// Runs this program once more with `SOURCE DIRECTORY TARGET DEED`; the reply is `done`, or `denied` and the system's number. Mode
/// is permissive before and after.
pub(crate) fn spawn(arguments: &[&str]) -> io::Result<String> {
    mount_objects()?;
    let output = Command::new("/proc/self/exe").arg(WORD).args(arguments).stdin(Stdio::null()).output()?;
    selinuxfs::put("enforce", b"0")?;
    match output.status.code() {
        Some(0) => Ok("done".to_owned()),
        Some(code) if output.stderr.is_empty() => Ok(format!("denied {code}")),
        _ => Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned())),
    }
}

/// Does the deed; the number of the error that it ends with, 0 for none.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<i32> {
    let [source, directory, target, deed] = arguments else { bail!("usage: SOURCE DIRECTORY TARGET DEED") };
    let folder = format!("{OBJECTS}/{}", std::process::id());
    label("fscreate", directory)?;
    fs::create_dir(&folder)?;
    label("fscreate", target)?;
    fs::write(format!("{folder}/object"), "text")?;
    let mut enforce = File::options().write(true).open(selinuxfs::node("enforce"))?;
    // Of a directory that is open like this nothing is asked any more but whether names may be looked up in it.
    let folder = open(&folder, OFlags::PATH | OFlags::DIRECTORY, Mode::empty())?;
    label("current", source)?;
    let opened = |flags| openat(&folder, "object", flags, Mode::empty());
    let enforcing = |file: &mut File| file.write_all(b"1").context("cannot turn enforcing on");
    let result = match deed.split_once(':') {
        Some(("ioctl", command)) => {
            let command = u32::from_str_radix(command, 16)?;
            let file = opened(OFlags::RDONLY)?;
            enforcing(&mut enforce)?;
            return Ok(if is_refused(file, command) { rustix::io::Errno::ACCESS.raw_os_error() } else { 0 });
        }
        None if deed == "read" || deed == "write" => {
            let flags = if deed == "read" { OFlags::RDONLY } else { OFlags::WRONLY };
            enforcing(&mut enforce)?;
            opened(flags)
        }
        _ => bail!("no such deed: {deed}"),
    };
    Ok(result.map_or_else(rustix::io::Errno::raw_os_error, |_| 0))
}
