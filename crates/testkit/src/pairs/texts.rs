//! Pairs of random small policies, one a changed form of the other, for comparisons of two policies.
//!
//! Both begin as one text of [`generated`](crate::generated); each side then loses some of its lines, changes others, and gets
//! declarations that such a text lacks: commons, defaults, capabilities, permissive types, and labels of every kind.

use std::fmt::Write;

use crate::generated::{ATTRIBUTES, ROLES, TYPES, has_levels, policy_text};
use crate::random::Random;

/// The texts of a random policy and of a changed form of it. Now and then they have little in common.
pub fn pair_texts(random: &mut Random) -> [String; 2] {
    let old = policy_text(random);
    let new = if random.chance(15) { policy_text(random) } else { old.clone() };
    let stable = random.chance(80);
    let mut declarations = random.clone();
    let old = side(random, &old, &mut declarations.clone(), 4);
    // Most of what is declared beside is declared on both sides.
    let declarations = if stable { &mut declarations } else { &mut random.clone() };
    let new = side(random, &new, declarations, 12);
    [old, new]
}

/// A text changed in about `percent` of its lines.
fn side(random: &mut Random, base: &str, declarations: &mut Random, percent: usize) -> String {
    let levels = has_levels(base);
    let (mut head, mut text) = (Vec::new(), String::new());
    let some_more =
        |random: &mut Random, usual: &mut Random, chance: usize| usual.chance(chance) != random.chance(12);
    let mut before_rules = true;
    for line in base.lines() {
        if line.starts_with("class ") && !line.contains('{') {
            head.push(line.to_owned());
            continue;
        }
        if line == "sid kernel" {
            if some_more(random, declarations, 30) {
                head.push("class extra".to_owned());
            }
            let _ = writeln!(text, "{}", head.join("\n"));
            for sid in SIDS {
                let _ = writeln!(text, "sid {sid}");
            }
            if some_more(random, declarations, 50) {
                let more = if random.chance(20) { " and_more" } else { "" };
                let _ = writeln!(text, "common shared {{ lend borrow{more} }}");
            }
            if some_more(random, declarations, 30) {
                text.push_str("common other { one }\n");
            }
            continue;
        }
        if let Some(rest) = line.strip_prefix("class ") {
            let mut rest = rest.to_owned();
            if random.chance(percent) {
                rest = rest.replace(" }", " more }");
            }
            if rest.starts_with("dir ") && text.contains("\ncommon shared ") {
                rest = rest.replace("dir ", "dir inherits shared ");
            }
            let _ = writeln!(text, "class {rest}");
            continue;
        }
        if before_rules && (line.starts_with("sensitivity") || line.starts_with("type kernel_t")) {
            before_rules = false;
            if text.contains("class extra\n") {
                text.push_str("class extra { one two }\n");
            }
            for class in ["file", "dir", "process"] {
                for (keyword, values) in DEFAULTS {
                    if some_more(random, declarations, 25) {
                        let usual = declarations.word(values);
                        let value = if random.chance(25) { random.word(values) } else { usual };
                        let _ = writeln!(text, "{keyword} {class} {value};");
                    }
                }
            }
            // Capabilities stand behind levels.
        }
        if line.starts_with("type kernel_t") {
            for capability in CAPABILITIES {
                if some_more(random, declarations, 40) {
                    let _ = writeln!(text, "policycap {capability};");
                }
            }
        }
        change_line(random, line, percent, &mut text);
        if line.starts_with("type kernel_t") {
            for number in 0..3 {
                if some_more(random, declarations, 50) {
                    let attribute = random.below(ATTRIBUTES);
                    let _ = writeln!(text, "attribute x{number};\ntype n{number}_t;");
                    let _ = writeln!(text, "typeattribute kernel_t x{number};");
                    let _ = writeln!(text, "allow n{number}_t a{attribute}:file read;");
                }
            }
        }
        if line.starts_with("bool b0") {
            if some_more(random, declarations, 40) {
                text.push_str("bool more true;\nif (more) { allow kernel_t kernel_t:dir read; }\n");
            }
            for id in 0..TYPES {
                if some_more(random, declarations, 15) {
                    let _ = writeln!(text, "permissive t{id}_t;");
                }
            }
            if some_more(random, declarations, 40) {
                let _ = writeln!(text, "role more_r;\nrole more_r types t{}_t;", random.below(TYPES));
                let _ = writeln!(text, "allow more_r r{}_r;", random.below(ROLES));
            }
        }
        if line.starts_with("user u0_u") && some_more(random, declarations, 40) {
            let level = if levels { " level s0 range s0" } else { "" };
            let _ = writeln!(text, "user more_u roles system_r{level};");
        }
    }
    labels(random, declarations, levels, &mut text);
    text
}

/// A line as it is, or changed, or left out.
fn change_line(random: &mut Random, line: &str, percent: usize, text: &mut String) {
    const MAY_GO: &[&str] = &[
        "allow ",
        "auditallow ",
        "dontaudit ",
        "allowxperm ",
        "auditallowxperm ",
        "dontauditxperm ",
        "type_transition ",
        "type_change ",
        "type_member ",
        "role_transition ",
        "range_transition ",
        "typeattribute ",
        "constrain ",
    ];
    let keep = "allow kernel_t kernel_t:file read;";
    let mut line = line.to_owned();
    if random.chance(percent) && line != keep {
        if MAY_GO.iter().any(|keyword| line.starts_with(keyword)) {
            let fewer = random.chance(50).then(|| fewer_names(random, &line)).flatten();
            match fewer {
                Some(fewer) => line = fewer,
                None => return,
            }
        } else if let Some(name) = line.strip_prefix("bool ").and_then(|rest| rest.split(' ').next()) {
            line = format!("bool {name} {};", random.chance(50));
        }
    }
    let more = random.chance(percent * 2);
    if more {
        for (from, to) in CHANGES {
            if line == *from {
                line = (*to).to_owned();
            }
        }
        if line.starts_with("user u") {
            line = line.replace("s0 - s0:c0.c3", random.word(&["s0", "s0 - s0:c0.c2", "s0 - s1:c0.c7"]));
            line = line.replace(" r1_r", "");
        }
        if let Some(name) = line.strip_suffix("_alias;") {
            line = format!("{} alias {{ {}_alias more_{} }};", before_alias(name), last(name), last(name));
        }
    }
    let _ = writeln!(text, "{line}");
}

fn before_alias(name: &str) -> &str {
    name.split(" alias ").next().unwrap_or(name)
}

fn last(name: &str) -> &str {
    name.rsplit(' ').next().unwrap_or(name)
}

/// A statement with one name less in its last braces.
fn fewer_names(random: &mut Random, line: &str) -> Option<String> {
    let (before, rest) = line.rsplit_once("{ ")?;
    let (names, behind) = rest.split_once(" }")?;
    let mut names: Vec<&str> = names.split(' ').collect();
    if names.len() < 2 {
        return None;
    }
    names.remove(random.below(names.len()));
    Some(format!("{before}{{ {} }}{behind}", names.join(" ")))
}

/// Lines about levels, and what they become.
const CHANGES: &[(&str, &str)] = &[
    ("sensitivity s0 alias lowest;", "sensitivity s0 alias { lowest bottom };"),
    ("category c7;", "category c7 alias { seventh last };"),
    ("category c1;", "category c1 alias second;"),
    ("level s0:c0.c3;", "level s0:c0.c4;"),
    ("mlsconstrain file write ( l1 dom l2 );", "mlsconstrain file write ( l1 dom h2 );"),
];

const SIDS: &[&str] = &["kernel", "security", "unlabeled", "fs"];

const DEFAULTS: &[(&str, &[&str])] = &[
    ("default_user", &["source", "target"]),
    ("default_role", &["source", "target"]),
    ("default_type", &["source", "target"]),
    (
        "default_range",
        &["source low", "source high", "source low-high", "target low", "target high", "glblub"],
    ),
];

const CAPABILITIES: &[&str] =
    &["network_peer_controls", "open_perms", "extended_socket_class", "cgroup_seclabel"];

/// Labelling statements, without their labels; of an interface there are two.
const LABELLED: &[&str] = &[
    "fs_use_xattr ext4",
    "fs_use_xattr xfs",
    "fs_use_trans devpts",
    "fs_use_task pipefs",
    "genfscon proc /",
    "genfscon proc /kmsg",
    "genfscon proc /dir -d",
    "genfscon proc /dir --",
    "genfscon sysfs /",
    "portcon tcp 80",
    "portcon tcp 8080-8090",
    "portcon udp 80",
    "portcon sctp 7",
    "netifcon lo",
    "netifcon eth0",
    "nodecon 10.0.0.0 255.0.0.0",
    "nodecon 127.0.0.1 255.255.255.255",
    "nodecon ff00:: ff00::",
    "nodecon ::1 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "ibpkeycon fe80:: 15",
    "ibpkeycon fe80:: 16-31",
    "ibendportcon mlx4_0 1",
    "ibendportcon mlx4_0 2",
];

fn labels(random: &mut Random, usual: &mut Random, levels: bool, text: &mut String) {
    // The text ends with the label of the first initial SID.
    for sid in SIDS.iter().skip(1) {
        let label = label(random, usual, levels);
        let _ = writeln!(text, "sid {sid} {label}");
    }
    for labelled in LABELLED {
        if usual.chance(60) == random.chance(8) {
            continue;
        }
        let label_here = label(random, usual, levels);
        let second = label(random, usual, levels);
        let labels = match labelled.split(' ').next() {
            Some("netifcon") => format!("{label_here} {second}"),
            Some("fs_use_xattr" | "fs_use_trans" | "fs_use_task") => format!("{label_here};"),
            _ => label_here,
        };
        let _ = writeln!(text, "{labelled} {labels}");
    }
}

fn label(random: &mut Random, usual: &mut Random, levels: bool) -> String {
    let types = ["kernel_t", "t0_t", "t1_t"];
    let ranges = ["s0", "s0:c1", "s0 - s1:c0.c3", "s1"];
    let (of_type, range) = (usual.word(&types), usual.word(&ranges));
    let of_type = if random.chance(15) { random.word(&types) } else { of_type };
    let range = if random.chance(10) { random.word(&ranges) } else { range };
    let range = if levels { format!(":{range}") } else { String::new() };
    format!("system_u:system_r:{of_type}{range}")
}
