//! libselinux, where the system has it: what plain files do not tell. The only `unsafe` of this crate.
//!
//! Source: selinux_raw_to_trans_context(3), getfilecon(3), is_selinux_enabled(3).

#![allow(unsafe_code, reason = "a library in C cannot be called without")]

use std::ffi::{CStr, CString, c_char};
use std::ptr;

/// A text that libselinux allocated, and takes back.
struct Allocated(*mut c_char);

impl Allocated {
    /// The text; nothing if none was allocated.
    fn text(&self) -> Option<String> {
        if self.0.is_null() {
            return None;
        }
        // SAFETY: libselinux gave a text that ends with a zero byte, which lives until `drop`.
        let text = unsafe { CStr::from_ptr(self.0) };
        Some(text.to_string_lossy().into_owned())
    }
}

impl Drop for Allocated {
    fn drop(&mut self) {
        // SAFETY: the pointer is null, or what libselinux allocated, and nobody has freed it.
        unsafe { selinux_sys::freecon(self.0) }
    }
}

/// A label with the names that the system gives its levels; the label itself where it gives none.
pub(crate) fn translated(label: &str) -> Option<String> {
    let label = CString::new(label).ok()?;
    let mut translated = Allocated(ptr::null_mut());
    // SAFETY: the label ends with a zero byte, and what is written is owned by `translated`.
    let status = unsafe { selinux_sys::selinux_raw_to_trans_context(label.as_ptr(), &raw mut translated.0) };
    if status == 0 { translated.text() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;

    /// The label of a path, as libselinux reads it.
    fn label_of(path: &Path) -> Option<String> {
        let path = CString::new(path.as_os_str().as_bytes()).ok()?;
        let mut label = Allocated(ptr::null_mut());
        // SAFETY: the path ends with a zero byte, and what is written is owned by `label`.
        let length = unsafe { selinux_sys::getfilecon_raw(path.as_ptr(), &raw mut label.0) };
        if length > 0 { label.text() } else { None }
    }

    #[test]
    fn where_no_level_has_a_name_a_label_stays_as_it_is() {
        // The service that gives names runs on few systems, and on none that tests run on.
        let label = "system_u:object_r:etc_t:s0:c1,c2";
        assert_eq!(translated(label).as_deref(), Some(label));
        assert_eq!(translated("with a zero byte\0"), None);
    }

    #[test]
    fn plain_files_tell_what_libselinux_tells() {
        // SAFETY: it takes nothing and asks for nothing.
        let is_enabled = unsafe { selinux_sys::is_selinux_enabled() } == 1;
        assert_eq!(crate::Selinuxfs::find(Path::new("/")).is_some(), is_enabled);
        for path in ["/proc/self/status", "/etc/passwd", "/"] {
            let ours = crate::label_of(Path::new(path)).ok().flatten();
            let ours = ours.map(|label| String::from_utf8_lossy(&label).into_owned());
            assert_eq!(ours, label_of(Path::new(path)), "{path}");
        }
        assert_eq!(label_of(Path::new("/no/such/path")), None);
    }
}
