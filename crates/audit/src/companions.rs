//! What the other records of a denial's event say of it: the object's path, and whether the access was let through.
//!
//! The kernel writes a name, an inode and a label for each path that a system call named (`kernel/auditsc.c`,
//! `audit_log_name`), and the call's result. A path is the object's only if the inode says so, or, where the denial has none,
//! the name. Nothing is guessed: where two paths could be meant, or a relative one counts from a descriptor, there is none.
//! O(paths).

use crate::decode;
use crate::denial::Denial;
use crate::field::{Field, Fields};
use crate::text::Text;

/// The other records of an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Companions {
    /// The system call: syscall, success, exit, a0 to a3, exe and more.
    pub syscall: Fields,
    /// The paths that it named: name, nametype, inode, mode, obj.
    pub paths: Vec<Fields>,
    /// The working directory.
    pub cwd: Option<Text>,
    /// The command line, its words parted by blanks.
    pub proctitle: Option<Text>,
}

/// System calls that replace a program: they succeed without the files that the new domain may not inherit. As
/// `ausearch -i` names them, and by their numbers on every architecture where another call of that number names no paths.
const EXECUTING: [&[u8]; 7] = [b"execve", b"execveat", b"59", b"322", b"221", b"281", b"11"];
/// Calls whose paths count from different descriptors (symlinkat, linkat, renameat, renameat2), in the same way.
const TWO_DIRECTORIES: [&[u8]; 12] = [
    b"symlinkat",
    b"linkat",
    b"renameat",
    b"renameat2",
    b"264",
    b"265",
    b"266",
    b"316",
    b"36",
    b"37",
    b"38",
    b"276",
];
/// What is asked of a process without which the call goes on: it tries another way, or does a little less.
const GOES_ON: [&[u8]; 6] =
    [b"use", b"siginh", b"rlimitinh", b"noatsecure", b"dac_override", b"dac_read_search"];
/// A first argument below that is a descriptor, no address.
const FIRST_ADDRESS: u64 = 0x10000;

impl Companions {
    pub(crate) fn add_proctitle(&mut self, text: &Text) {
        self.proctitle = Some(decode::command_line(text));
    }

    /// The path of a denial's object, from the root on, as the process sees it.
    pub(crate) fn path_of(&self, denial: &Denial) -> Option<Text> {
        let old: Vec<&Text> = self.paths.iter().filter_map(|path| path.get(Field::Path)).collect();
        if let [path] = old.as_slice() {
            return Some((*path).clone());
        }
        let name = denial.fields.get(Field::Name);
        let meant: Vec<&Fields> = match denial.fields.number(Field::Ino) {
            Some(inode) => {
                let is_it = |path: &&Fields| {
                    let label = path.get(Field::Obj);
                    path.number(Field::Inode) == Some(inode)
                        && label.is_none_or(|label| *label == denial.tcontext)
                };
                self.paths.iter().filter(is_it).collect()
            }
            None => {
                let name = name?;
                let is_found = |path: &&Fields| {
                    let kind = path.get(Field::Nametype).map(Text::as_bytes);
                    matches!(kind, Some(b"NORMAL" | b"PARENT")) && last_part(path) == Some(name.as_bytes())
                };
                self.paths.iter().filter(is_found).collect()
            }
        };
        let mut paths: Vec<Text> = match meant.as_slice() {
            [one] => vec![self.absolute(one)?],
            // Two names of one file, as in a renaming: the one that the denial names.
            many => {
                let named = many.iter().filter(|path| last_part(path) == name.map(Text::as_bytes));
                named.filter_map(|path| self.absolute(path)).collect()
            }
        };
        paths.dedup();
        paths.pop().filter(|_| paths.is_empty())
    }

    /// A path as it is, or joined with the working directory.
    fn absolute(&self, path: &Fields) -> Option<Text> {
        let name = path.get(Field::Name)?.as_bytes();
        if name.starts_with(b"/") {
            return Some(Text::new(name));
        }
        let cwd = self.cwd.as_ref()?.as_bytes();
        if name.is_empty() || name == b"(null)" || !cwd.starts_with(b"/") || !self.counts_from_cwd() {
            return None;
        }
        let name = name.strip_prefix(b"./").unwrap_or(name);
        let cwd = cwd.strip_suffix(b"/").unwrap_or(cwd);
        Some(Text::new(&if name == b"." { cwd.to_vec() } else { [cwd, b"/", name].concat() }))
    }

    /// Whether relative paths count from the working directory: the call names no other one.
    fn counts_from_cwd(&self) -> bool {
        let of_cwd = |field| {
            let Some(text) = self.syscall.get(field).and_then(Text::as_str) else { return false };
            let number = u64::from_str_radix(text.strip_prefix("0x").unwrap_or(text), 16);
            text == "AT_FDCWD" || number.is_ok_and(|number| number >= FIRST_ADDRESS)
        };
        of_cwd(Field::A0) && (!self.is_call(&TWO_DIRECTORIES) || (of_cwd(Field::A1) && of_cwd(Field::A2)))
    }

    /// Whether a denial was let through all the same, by what became of the system call; nothing where that does not tell.
    pub(crate) fn let_through(&self, denial: &Denial) -> Option<bool> {
        let goes_on = denial.permissions.iter().any(|name| GOES_ON.contains(&name.as_bytes()))
            || denial.tclass.as_bytes().starts_with(b"cap")
            || self.is_call(&EXECUTING);
        let refused = |text: &Text| {
            matches!(text.as_bytes(), b"-13" | b"-1")
                || [&b"EACCES"[..], b"EPERM"].iter().any(|name| text.as_bytes().starts_with(name))
        };
        match self.syscall.get(Field::Success)?.as_bytes() {
            b"yes" if !goes_on => Some(true),
            b"no" if self.syscall.get(Field::Exit).is_some_and(refused) => Some(false),
            _ => None,
        }
    }

    fn is_call(&self, calls: &[&[u8]]) -> bool {
        self.syscall.get(Field::Syscall).is_some_and(|call| calls.contains(&call.as_bytes()))
    }
}

/// The last part of a path, as the kernel names the object of a denial.
fn last_part(path: &Fields) -> Option<&[u8]> {
    let name = path.get(Field::Name)?.as_bytes();
    let name = name.strip_suffix(b"/").unwrap_or(name);
    name.rsplit(|&byte| byte == b'/').next()
}

#[cfg(test)]
mod tests {
    use crate::denial::{Denial, Item};
    use crate::reader::Reader;

    const AVC: &str = "avc:  denied  { read } for  pid=7 comm=\"cat\" name=\"nginx.conf\" dev=\"vda1\" ino=55 scontext=u:r:c_t:s0 tcontext=u:r:home_t:s0 tclass=file";

    /// The denial of an event of these records.
    fn event(records: &[(&str, &str)]) -> Denial {
        let mut found = Vec::new();
        let mut reader = Reader::new();
        for (kind, body) in records {
            let line = format!("type={kind} msg=audit(1700000000.100:78): {body}");
            reader.push(line.as_bytes(), &mut |item| found.push(item));
        }
        reader.finish(&mut |item| found.push(item));
        match found.pop() {
            Some(Item::Denial(denial)) if found.is_empty() => *denial,
            other => panic!("{other:?}"),
        }
    }

    fn path(avc: &str, call: &str, cwd: &str, paths: &[&str]) -> Option<String> {
        let cwd = format!("cwd=\"{cwd}\"");
        let mut records = vec![("AVC", avc), ("SYSCALL", call), ("CWD", &cwd)];
        records.extend(paths.iter().map(|path| ("PATH", *path)));
        Some(String::from_utf8(event(&records).path()?.path.to_vec()).unwrap())
    }

    const OPENAT: &str = "arch=c000003e syscall=257 success=no exit=-13 a0=ffffff9c a1=7ffe a2=0 a3=0";

    #[test]
    fn the_path_of_the_inode_is_the_objects() {
        let parent = "item=0 name=\"/etc/nginx/\" inode=54 obj=u:r:home_t:s0 nametype=PARENT";
        let whole = "item=1 name=\"/etc/nginx/nginx.conf\" inode=55 obj=u:r:home_t:s0 nametype=NORMAL";
        assert_eq!(path(AVC, OPENAT, "/root", &[parent, whole]).as_deref(), Some("/etc/nginx/nginx.conf"));
        // Another inode, and another file system's of that number.
        assert_eq!(path(AVC, OPENAT, "/root", &[parent]), None);
        assert_eq!(path(AVC, OPENAT, "/root", &[&whole.replace("home_t", "etc_t")]), None);
        // Two names of one file: that of the denial.
        let other = whole.replace("nginx.conf", "old.conf");
        assert_eq!(path(AVC, OPENAT, "/root", &[&other, whole]).as_deref(), Some("/etc/nginx/nginx.conf"));
        assert_eq!(path(AVC, OPENAT, "/root", &[&other, &other.replace("etc", "opt")]), None);
        // The denial's own path counts.
        let own = AVC.replace("name=", "path=\"/a\" name=");
        assert_eq!(path(&own, OPENAT, "/root", &[whole]).as_deref(), Some("/a"));
    }

    #[test]
    fn without_an_inode_the_name_tells() {
        let avc = AVC.replace(" ino=55", "");
        let whole = "item=0 name=\"/etc/nginx.conf\" inode=55 nametype=NORMAL";
        assert_eq!(path(&avc, OPENAT, "/", &[whole]).as_deref(), Some("/etc/nginx.conf"));
        assert_eq!(path(&avc, OPENAT, "/", &[&whole.replace("NORMAL", "UNKNOWN")]), None);
        assert_eq!(path(&avc, OPENAT, "/", &[&whole.replace("nginx.conf", "x")]), None);
        assert_eq!(path(&avc, OPENAT, "/", &[whole, &whole.replace("etc", "opt")]), None);
    }

    #[test]
    fn relative_paths_count_from_the_working_directory_or_are_not_known() {
        let relative = "item=0 name=\"./conf/nginx.conf\" inode=55 nametype=NORMAL";
        let joined = Some("/srv/conf/nginx.conf".to_owned());
        assert_eq!(path(AVC, OPENAT, "/srv", &[relative]), joined);
        assert_eq!(
            path(AVC, &OPENAT.replace("257", "2").replace("ffffff9c", "7ffe1234"), "/srv", &[relative]),
            joined
        );
        // A directory that was opened, or none that is known.
        assert_eq!(path(AVC, &OPENAT.replace("ffffff9c", "3"), "/srv", &[relative]), None);
        assert_eq!(path(AVC, &OPENAT.replace("257", "264"), "/srv", &[relative]), None);
        assert_eq!(path(AVC, "success=no", "/srv", &[relative]), None);
        assert_eq!(path(AVC, OPENAT, "(null)", &[relative]), None);
        let itself = "item=0 name=\".\" inode=55 nametype=NORMAL";
        assert_eq!(path(AVC, OPENAT, "/srv/x", &[itself]).as_deref(), Some("/srv/x"));
    }

    #[test]
    fn what_became_of_the_call_tells_whether_it_was_let_through() {
        let of = |avc: &str, call: &str| event(&[("AVC", avc), ("SYSCALL", call)]).permissive;
        assert_eq!(of(AVC, "syscall=257 success=yes exit=3"), Some(true));
        assert_eq!(of(AVC, OPENAT), Some(false));
        assert_eq!(of(AVC, "syscall=257 success=no exit=EACCES(Permission denied)"), Some(false));
        // Refused for another reason; without what was denied; not known.
        assert_eq!(of(AVC, "syscall=257 success=no exit=-2"), None);
        assert_eq!(of(AVC, "syscall=59 success=yes exit=0"), None);
        assert_eq!(
            of(&AVC.replace("tclass=file", "tclass=capability"), "syscall=2 success=yes exit=3"),
            None
        );
        assert_eq!(of(AVC, "syscall=257"), None);
        // The record itself counts.
        assert_eq!(of(&format!("{AVC} permissive=0"), "syscall=257 success=yes exit=3"), Some(false));
    }

    #[test]
    fn old_kernels_write_the_path_alone() {
        let denial = event(&[("AVC", AVC), ("AVC_PATH", "path=\"/etc/nginx.conf\"")]);
        assert_eq!(denial.path().unwrap().path, b"/etc/nginx.conf");
    }
}
