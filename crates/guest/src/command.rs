//! Any ioctl command on any file, to see whether the kernel refuses it.
//!
//! The only `unsafe` of this program: a command is a number that the kernel gives a meaning to, and no library can
//! offer all 65536 of them as safe.

use std::os::fd::AsFd;

use rustix::io::{Errno, Result};
use rustix::ioctl::{Ioctl, IoctlOutput, Opcode, ioctl};

/// A command without anything to read or to write.
struct Bare(Opcode);

// SAFETY: the argument is the null pointer, so the kernel can neither read nor write this process's memory.
#[expect(unsafe_code, reason = "the trait is unsafe to implement")]
unsafe impl Ioctl for Bare {
    type Output = ();
    const IS_MUTATING: bool = false;

    fn opcode(&self) -> Opcode {
        self.0
    }

    fn as_ptr(&mut self) -> *mut std::ffi::c_void {
        std::ptr::null_mut()
    }

    unsafe fn output_from_ptr(_: IoctlOutput, _: *mut std::ffi::c_void) -> Result<()> {
        Ok(())
    }
}

/// Whether the kernel refuses a command. What SELinux lets pass fails in other ways, since the argument is null
/// and few commands fit the file.
#[expect(unsafe_code, reason = "there is no other way to give a command by its number")]
pub(crate) fn is_refused(file: impl AsFd, command: u32) -> bool {
    // SAFETY: the argument is the null pointer (above), and the files are sockets and files of a machine that is
    // there for nothing else: no command can break what this program relies on.
    unsafe { ioctl(file, Bare(command)) == Err(Errno::ACCESS) }
}
