//! libselinux, where the system has it: what plain files do not tell. The only `unsafe` of this crate.
//!
//! The library is loaded when it is first asked, not when the program starts: it looks around on the system as it is loaded, which
//! takes longer than most questions take to answer. selinux-sys says what its functions look like.
//! Source: selinux_raw_to_trans_context(3), freecon(3), dlopen(3).

#![allow(unsafe_code, reason = "a library in C cannot be called without")]

use std::ffi::{CStr, CString, c_char, c_int};
use std::ptr;
use std::sync::LazyLock;

use libloading::Library;

/// The library in its only version, which distributions have carried since 2004.
const NAME: &str = "libselinux.so.1";

/// Gives a label the names of its levels.
type Translate = unsafe extern "C" fn(*const c_char, *mut *mut c_char) -> c_int;
/// Takes a text back.
type Free = unsafe extern "C" fn(*mut c_char);

/// That the header of the library says the same of them; not called, so that the program does not need the library to start.
const _: (Translate, Free) = (selinux_sys::selinux_raw_to_trans_context, selinux_sys::freecon);

/// The functions of the library.
struct Functions {
    translate: Translate,
    free: Free,
    /// It stays loaded as long as they can be called.
    _library: Library,
}

impl Functions {
    fn load() -> Option<Self> {
        // SAFETY: the system's own library; what it does when it is loaded is what it does in every program that is linked with it.
        let library = unsafe { Library::new(NAME) }.ok()?;
        // SAFETY: the types are those of the header, which is checked above.
        let (translate, free) = unsafe {
            (*library.get(b"selinux_raw_to_trans_context\0").ok()?, *library.get(b"freecon\0").ok()?)
        };
        Some(Functions { translate, free, _library: library })
    }
}

/// The library; nothing where the system does not have it.
static LIBRARY: LazyLock<Option<Functions>> = LazyLock::new(Functions::load);

/// A text that libselinux allocated, and takes back.
struct Allocated<'l> {
    text: *mut c_char,
    library: &'l Functions,
}

impl Allocated<'_> {
    /// The text; nothing if none was allocated.
    fn text(&self) -> Option<String> {
        if self.text.is_null() {
            return None;
        }
        // SAFETY: libselinux gave a text that ends with a zero byte, which lives until `drop`.
        let text = unsafe { CStr::from_ptr(self.text) };
        Some(text.to_string_lossy().into_owned())
    }
}

impl Drop for Allocated<'_> {
    fn drop(&mut self) {
        // SAFETY: the pointer is null, or what libselinux allocated, and nobody has freed it.
        unsafe { (self.library.free)(self.text) }
    }
}

/// Whether the system has the library.
pub(crate) fn is_there() -> bool {
    LIBRARY.is_some()
}

/// A label with the names that the system gives its levels; the label itself where it gives none.
pub(crate) fn translated(label: &str) -> Option<String> {
    let library = LIBRARY.as_ref()?;
    let label = CString::new(label).ok()?;
    let mut translated = Allocated { text: ptr::null_mut(), library };
    // SAFETY: the label ends with a zero byte, and what is written is owned by `translated`.
    let status = unsafe { (library.translate)(label.as_ptr(), &raw mut translated.text) };
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
        let mut label = Allocated { text: ptr::null_mut(), library: LIBRARY.as_ref()? };
        // SAFETY: the path ends with a zero byte, and what is written is owned by `label`.
        let length = unsafe { selinux_sys::getfilecon_raw(path.as_ptr(), &raw mut label.text) };
        if length > 0 { label.text() } else { None }
    }

    #[test]
    fn where_no_level_has_a_name_a_label_stays_as_it_is() {
        // The service that gives names runs on few systems, and on none that tests run on.
        let label = "system_u:object_r:etc_t:s0:c1,c2";
        assert!(is_there());
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
