//! `sepolq seinfo` where SETools 4.4.1 crashes, fails by a fault of its own, or answers at random: it answers.
//! All else is compared with SETools, in `seinfo_records.rs` and `seinfo_live.rs`.

mod common;

use common::{Answer, answer, sepolq, testdata};

/// What `sepolq seinfo` answers about a small policy.
fn seinfo(policy: &str, words: &[&str]) -> Answer {
    let policy = testdata("policies").join(policy);
    answer(&[&["seinfo", policy.to_str().expect("a path in UTF-8"), "--flat"], words].concat())
}

fn lines(policy: &str, words: &[&str]) -> Vec<String> {
    let answer = seinfo(policy, words);
    assert_eq!(answer.code, Some(0), "{words:?}: {answer:?}");
    answer.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn ranges_of_ports_lie_within_those_of_statements() {
    assert_eq!(
        lines("declarations.33", &["--portcon", "85-90"]),
        [
            "portcon tcp 1-65535 system_u:object_r:c_t:basic",
            "portcon tcp 80-90 system_u:object_r:b_t:basic",
            "portcon udp 1-1023 system_u:object_r:c_t:basic"
        ]
    );
    let backwards = seinfo("declarations.33", &["--portcon", "90-80"]);
    let message = "The low port must be smaller than the high port: 90-80\n";
    assert_eq!((backwards.code, backwards.stdout.as_str()), (Some(1), message));
}

#[test]
fn ranges_of_keys_are_those_of_statements() {
    let one_to_ten = ["ibpkeycon fe80:: 0x1-0xa system_u:object_r:c_t:basic"];
    assert_eq!(lines("declarations.33", &["--ibpkeycon", "1-a"]), one_to_ten);
    assert_eq!(lines("declarations.33", &["--ibpkeycon", "0x2-0x3"]), [""; 0]);
    for (range, message) in [
        ("0-5", "Pkeys must be positive: 0x0-0x5\n"),
        ("1-10000", "Pkeys maximum is 0xffff: 0x1-0x10000\n"),
        ("5-1", "The low pkey must be smaller than the high pkey: 0x5-0x1\n"),
    ] {
        let wrong = seinfo("declarations.33", &["--ibpkeycon", range]);
        assert_eq!((wrong.code, wrong.stdout.as_str()), (Some(1), message), "{range}");
    }
}

#[test]
fn policies_for_xen_have_sections_of_their_own() {
    for (words, answer) in [
        (
            &["--ioportcon"][..],
            "ioportcon 1016 system_u:object_r:obj_t\nioportcon 60608-60639 system_u:object_r:obj_t\n",
        ),
        (&["--ioportcon", "0xecc1-0xecc5"], "ioportcon 60608-60639 system_u:object_r:obj_t\n"),
        (&["--iomemcon=fec00"], "iomemcon 1043456 system_u:object_r:obj_t\n"),
        (&["--pirqcon", "5"], "pirqcon 5 system_u:object_r:obj_t\n"),
        (&["--pcidevicecon", "0x10"], "pcidevicecon 16 system_u:object_r:obj_t\n"),
        (&["--devicetreecon", "/soc/uart"], "devicetreecon /soc/uart system_u:object_r:obj_t\n"),
        (&["--portcon", "--nodecon", "--netifcon"], ""),
    ] {
        let found = seinfo("declarations-xen.30", words);
        assert_eq!((found.code, found.stdout.as_str()), (Some(0), answer), "{words:?}");
    }
    for policy in ["xen.24", "xen.30", "declarations-xen.30"] {
        let policy = testdata("policies").join(policy);
        let all = answer(&["seinfo", "--all", "-x", "--", policy.to_str().expect("a path in UTF-8")]);
        assert_eq!(all.code, Some(0), "{all:?}");
        assert!(
            all.stdout.contains("\nNetifcon: 0\n") && all.stdout.contains("\nPirqcon: "),
            "{}",
            all.stdout
        );
        assert!(all.stdout.contains("Target Policy:              xen\n"), "{}", all.stdout);
    }
    let wrong = seinfo("declarations-xen.30", &["--pirqcon", "x"]);
    assert_eq!(
        (wrong.code, wrong.stdout.as_str()),
        (Some(1), "invalid literal for int() with base 10: 'x'\n")
    );
    let wrong = seinfo("declarations-xen.30", &["--iomemcon", "1-2-3"]);
    assert_eq!((wrong.code, wrong.stdout.as_str()), (Some(2), ""));
}

#[test]
fn roles_of_a_type() {
    assert_eq!(lines("declarations.33", &["--role_types", "c_t"]), ["lonely_r", "system_r"]);
    // An alias is no name of a type here.
    assert_eq!(lines("declarations.33", &["--role_types", "c_one"]), [""; 0]);
}

#[test]
fn versions_whose_attributes_have_no_names() {
    for version in [20, 21, 22, 23] {
        let found = lines(&format!("rich-mls.{version}"), &["-a", "-x"]);
        assert!(found.iter().any(|line| line.starts_with("attribute <unnamed-")), "{version}: {found:?}");
        assert!(found.iter().any(|line| line.starts_with('\t')), "{version}: {found:?}");
    }
    for version in [15, 19, 23, 33] {
        assert!(lines(&format!("rich.{version}"), &["--all", "-x"]).len() > 10, "{version}");
    }
}

#[test]
fn versions_that_setools_does_not_read() {
    for newer in testkit::newer_versions::policies().expect("policies") {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), &newer.bytes).expect("a policy");
        let path = file.path().to_str().expect("a path in UTF-8");
        let all = answer(&["seinfo", "--all", "-x", path]);
        assert_eq!(all.code, Some(0), "{}: {}", newer.name, all.stdout);
        let version = format!("Policy Version:             {} (MLS ", newer.version);
        assert!(all.stdout.contains(&version), "{}", all.stdout);
    }
}

/// A policy of version 33 whose capabilities are the bits of a mask.
fn with_capabilities(mask: u64) -> Vec<u8> {
    let mut bytes = std::fs::read(testdata("policies/permissive.33")).expect("a policy");
    // Behind the header (magic, 8 bytes of platform with their length, version, configuration and the two sizes) stands
    // the bitmap: units of 64 bits, the highest, the number of nodes; a node is its first bit and 64 bits.
    let at = 4 + 4 + 8 + 16;
    let n_nodes = u32::from_le_bytes(bytes[at + 8..at + 12].try_into().expect("4 bytes"));
    let end = at + 12 + 12 * n_nodes as usize;
    let mut bitmap: Vec<u8> = [64u32, 64, 1, 0].iter().flat_map(|word| word.to_le_bytes()).collect();
    bitmap.extend(mask.to_le_bytes());
    bytes.splice(at..end, bitmap);
    bytes
}

#[test]
fn capabilities_that_setools_does_not_know() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), with_capabilities(1 << 1 | 1 << 10 | 1 << 40)).expect("a policy");
    let path = file.path().to_str().expect("a path in UTF-8");
    let capabilities = answer(&["seinfo", "--polcap", "-x", "--flat", path]);
    assert_eq!(
        capabilities.stdout,
        "policycap <capability-40>;\npolicycap netif_wildcard;\npolicycap open_perms;\n"
    );
}

#[test]
fn names_that_are_not_ascii() {
    let policy = testdata("policies/transition-file-name-utf8.33");
    let found = answer(&["seinfo", policy.to_str().expect("a path in UTF-8")]);
    assert_eq!(found.code, Some(0));
    assert!(found.stdout.contains("  Type_trans:            2 "), "{}", found.stdout);
}

#[test]
fn sets_of_names_in_constraints_are_sorted() {
    let found = lines("declarations.33", &["--constrain", "file"]);
    assert!(found.is_sorted());
    let sets = "constrain file { append execute } (t1 == { a_t b_t c_t }  or ( t2 != { a_t exempt }  ) or ( t1 == c_t )); ";
    assert!(found.iter().any(|line| line == sets), "{found:?}");
}

#[test]
fn a_query_takes_the_policy_for_its_value() {
    let policy = testdata("policies/declarations.33");
    // Then the machine's policy is asked, which may be there or not.
    let eaten = answer(&["seinfo", "--flat", "-t", policy.to_str().expect("a path in UTF-8")]);
    assert!(!eaten.stdout.contains("a_t\n"), "{eaten:?}");
    let xen = testdata("policies/declarations-xen.30");
    let left = answer(&["seinfo", "--flat", "--pirqcon", xen.to_str().expect("a path in UTF-8")]);
    assert_eq!(left.stdout.lines().count(), 2, "{left:?}");
}

#[test]
fn errors_go_to_standard_output_unless_they_are_debugged() {
    let unknown = seinfo("declarations.33", &["--constrain", "nosuch"]);
    assert_eq!((unknown.code, unknown.stdout.as_str()), (Some(1), "nosuch is not a valid class\n"));
    let debugged = seinfo("declarations.33", &["--constrain", "nosuch", "--debug"]);
    assert_eq!((debugged.code, debugged.stdout.as_str()), (Some(1), ""));
    assert!(debugged.stderr.contains("nosuch is not a valid class"), "{}", debugged.stderr);
    let help = sepolq().args(["seinfo", "-h"]).output().expect("the program runs");
    assert!(help.status.success() && help.stdout.starts_with(b"usage: seinfo "));
    assert_eq!(answer(&["seinfo", "--version"]).stdout, "4.4.1\n");
}
