//! A process in a domain of the policy, which tries every ioctl command on an object with a label of the policy.
//!
//! Labels are asked for through `/proc/self/attr`: `sockcreate` and `fscreate` for the object, then `current` for
//! the process itself. Source: `selinux_setprocattr` and `selinux_file_ioctl` in the kernel's `hooks.c`.

use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::process::Command;

use anyhow::{Context, bail};
use rustix::fs::{CWD, FileType, Mode, makedev, mknodat};
use rustix::mount::{MountFlags, mount};

use crate::command::is_refused;

/// Where files with labels are made: a file system whose files have the label that their maker asked for.
pub(crate) const OBJECTS: &str = "/objects";

/// Runs this program once more, with `SOURCE CLASS TARGET HIGH`, and returns what it prints.
pub(crate) fn spawn(arguments: &[&str]) -> io::Result<String> {
    mount_objects()?;
    let output = Command::new("/proc/self/exe").args(arguments).output()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned());
    }
    Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
}

/// Mounts the file system of objects, once.
pub(crate) fn mount_objects() -> io::Result<()> {
    if !fs::read_to_string("/proc/mounts")?.contains(OBJECTS) {
        mount("tmpfs", OBJECTS, "tmpfs", MountFlags::empty(), None)?;
    }
    Ok(())
}

/// Makes an object, enters the domain, and prints the refused commands as ranges such as `5401-5403,89ff`. `HIGH`
/// is the hexadecimal upper half of all commands.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    let [source, class, target, high] = arguments else { bail!("usage: SOURCE CLASS TARGET HIGH") };
    let high = u32::from_str_radix(high, 16)? << 16;
    let object = object(class, target)?;
    label("current", source)?;
    let refused: Vec<u32> = (0..=0xffff).filter(|low| is_refused(&object, high | low)).collect();
    println!("{}", ranges(&refused));
    Ok(())
}

/// Asks for a label of what is made next, or of this process.
pub(crate) fn label(what: &str, context: &str) -> anyhow::Result<()> {
    fs::write(format!("/proc/self/attr/{what}"), context)
        .with_context(|| format!("cannot set {what} to {context}"))
}

/// An open object of a class, with a label.
fn object(class: &str, context: &str) -> anyhow::Result<OwnedFd> {
    label("sockcreate", context)?;
    label("fscreate", context)?;
    let path = format!("{OBJECTS}/{}", std::process::id());
    let node = |kind, device| mknodat(CWD, &path, kind, Mode::RWXU, device);
    Ok(match class {
        "unix_stream_socket" => UnixStream::pair()?.0.into(),
        "unix_dgram_socket" => UnixDatagram::unbound()?.into(),
        "file" => File::create(&path)?.into(),
        "dir" => {
            fs::create_dir(&path)?;
            File::open(&path)?.into()
        }
        "fifo_file" => {
            node(FileType::Fifo, 0)?;
            File::options().read(true).write(true).open(&path)?.into()
        }
        "chr_file" => {
            // /dev/null
            node(FileType::CharacterDevice, makedev(1, 3))?;
            File::open(&path)?.into()
        }
        _ => bail!("no object of class {class} is made here"),
    })
}

/// Ascending numbers as ranges.
fn ranges(numbers: &[u32]) -> String {
    let runs = numbers.chunk_by(|a, b| a + 1 == *b);
    let text = |run: &[u32]| match run {
        [one] => format!("{one:04x}"),
        [first, .., last] => format!("{first:04x}-{last:04x}"),
        [] => String::new(),
    };
    runs.map(text).collect::<Vec<_>>().join(",")
}
