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
        "modules are parts of a policy: `sepolq show FILE` says what one states; for this, ask the policy it is installed in",
    ),
    (
        b"\x8f\xff\x7c\xf9",
        "a policy module package (.pp)",
        "packages hold a part of a policy: `sepolq show FILE` says what one states; for this, ask the policy it is installed in",
    ),
    (b"BZh", "a bzip2 archive", UNPACK),
    (b"\x1f\x8b", "a gzip archive", UNPACK),
    (b"\xfd7zXZ\0", "an xz archive", UNPACK),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", UNPACK),
    (b"\xed\xab\xee\xdb", "an RPM package", "install or unpack it, then ask the policy.NN that results"),
    (b"!<arch>\ndebian", "a Debian package", "install or unpack it, then ask the policy.NN that results"),
    (b"\x7fELF", "an ELF program or library", WHERE_POLICIES_ARE),
];

/// How texts begin, behind blanks and empty lines, and what they are.
const TEXTS: &[(&[u8], &str, &str)] = &[
    (b"(", "policy text in CIL", COMPILE),
    (b";", "policy text in CIL", COMPILE),
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
    let is_kind = |(prefix, ..): &&(&[u8], _, _)| bytes.starts_with(prefix);
    let is_text = |(prefix, ..): &&(&[u8], _, _)| bytes.trim_ascii_start().starts_with(prefix);
    let (_, what, help) = KINDS.iter().find(is_kind).or_else(|| TEXTS.iter().find(is_text))?;
    Some(ForeignKind { what, help })
}

#[cfg(test)]
mod tests {
    use super::recognise;

    #[test]
    fn names_what_people_pass_by_mistake() {
        for (bytes, is, advises) in [
            (&b""[..], "an empty file", "policies are"),
            (b"\x8d\xff\x7c\xf9\x0c", "a policy module", "installed in"),
            (b"\x8f\xff\x7c\xf9\x01", "a policy module package (.pp)", "installed in"),
            (b"BZh91AY&SY", "a bzip2 archive", "unpack it"),
            (b"\x1f\x8b\x08", "a gzip archive", "unpack it"),
            (b"\xfd7zXZ\0\0", "an xz archive", "unpack it"),
            (b"\x28\xb5\x2f\xfd\x04", "a zstd archive", "unpack it"),
            (b"\xed\xab\xee\xdb\x03", "an RPM package", "unpack it"),
            (b"!<arch>\ndebian-binary", "a Debian package", "unpack it"),
            (b"\x7fELF\x02\x01", "an ELF program or library", "policies are"),
            (b"(block container", "policy text in CIL", "secilc"),
            (b"\n  (typeattribute domain)", "policy text in CIL", "secilc"),
            (b"; the base\n(handleunknown allow)", "policy text in CIL", "secilc"),
            (b"class file\nclass dir\n", "policy source", "checkpolicy"),
            (b"\n\npolicy_module(mine, 1.0)", "module source", "checkpolicy"),
            (b"module mine 1.0;", "module source", "checkpolicy"),
            (b"# comment\n", "a text file, perhaps policy source", "checkpolicy"),
        ] {
            let kind = recognise(bytes).unwrap_or_else(|| panic!("{is} is not recognised"));
            assert_eq!(kind.what, is);
            assert!(kind.help.contains(advises), "{is}: {}", kind.help);
        }
    }

    #[test]
    fn a_policy_is_nothing_else() {
        for bytes in [&b"\x8c\xff\x7c\xf9\x08"[..], b"\0", b"hello", b"classic"] {
            assert!(recognise(bytes).is_none(), "{bytes:?}");
        }
    }
}
