//! Files that people give in place of a binary policy: what they are, and what to do instead.

/// Help for a file that is nothing known.
pub(crate) const WHERE_POLICIES_ARE: &str =
    "policies are /sys/fs/selinux/policy (the running one) and /etc/selinux/*/policy/policy.NN";

/// A kind of file that is not a kernel policy.
pub(crate) struct ForeignKind {
    pub(crate) what: &'static str,
    pub(crate) help: &'static str,
}

const UNPACK: &str = "unpack it first; what is inside may be a policy module, not a policy";
const COMPILE: &str = "compile it first: `checkpolicy -o policy.33 FILE` for source, `secilc FILE…` for CIL";

/// Byte prefixes and what they say. The first match counts.
const KINDS: &[(&[u8], &str, &str)] = &[
    (
        b"\x8d\xff\x7c\xf9",
        "a policy module",
        "modules are parts of a policy; ask the policy that they are installed in",
    ),
    (
        b"\x8f\xff\x7c\xf9",
        "a policy module package (.pp)",
        "packages hold a part of a policy; ask the policy that they are installed in",
    ),
    (b"BZh", "a bzip2 archive", UNPACK),
    (b"\x1f\x8b", "a gzip archive", UNPACK),
    (b"\xfd7zXZ\0", "an xz archive", UNPACK),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", UNPACK),
    (b"\xed\xab\xee\xdb", "an RPM package", "install or unpack it, then ask the policy.NN that results"),
    (b"!<arch>\ndebian", "a Debian package", "install or unpack it, then ask the policy.NN that results"),
    (b"\x7fELF", "an ELF program or library", WHERE_POLICIES_ARE),
    (b"(", "policy text in CIL", COMPILE),
    (b"class ", "policy source", COMPILE),
    (b"policy_module(", "module source", COMPILE),
    (b"module ", "module source", COMPILE),
    (b"#", "a text file, perhaps policy source", COMPILE),
];

/// Names a file that is clearly something else than a binary policy.
pub(crate) fn recognise(bytes: &[u8]) -> Option<ForeignKind> {
    if bytes.is_empty() {
        return Some(ForeignKind { what: "an empty file", help: WHERE_POLICIES_ARE });
    }
    let (_, what, help) = KINDS.iter().find(|(prefix, ..)| bytes.starts_with(prefix))?;
    Some(ForeignKind { what, help })
}

#[cfg(test)]
mod tests {
    use super::recognise;

    #[test]
    fn names_what_people_pass_by_mistake() {
        let what = |bytes: &[u8]| recognise(bytes).map(|kind| kind.what);
        assert_eq!(what(b""), Some("an empty file"));
        assert_eq!(what(b"\x8f\xff\x7c\xf9...."), Some("a policy module package (.pp)"));
        assert_eq!(what(b"BZh91AY"), Some("a bzip2 archive"));
        assert_eq!(what(b"(block container"), Some("policy text in CIL"));
        assert_eq!(what(b"\x8c\xff\x7c\xf9"), None);
    }
}
