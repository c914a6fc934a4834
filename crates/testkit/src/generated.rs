//! Random small policies in policy language, for properties that must hold of every policy.
//!
//! Few names and many rules, so that attributes overlap, rules meet, and conditions nest. The text is
//! compiled by checkpolicy, which therefore judges what a policy is.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use crate::Error;
use crate::random::Random;

/// The classes and their permissions.
pub const CLASSES: [(&str, &[&str]); 4] = [
    ("file", &["append", "execute", "getattr", "ioctl", "map", "open", "read", "write"]),
    ("dir", &["add_name", "getattr", "ioctl", "open", "read", "search"]),
    ("process", &["fork", "setexec", "signal", "transition"]),
    ("netlink_route_socket", &["nlmsg_read", "read", "write"]),
];
/// How many types `t0_t`, `t1_t`, … a policy has. Every third has an alias, `t0_alias` and so on.
pub const TYPES: usize = 9;
/// How many attributes `a0`, `a1`, … it has. Some have no types.
pub const ATTRIBUTES: usize = 5;
/// How many booleans `b0`, `b1`, … it has.
pub const BOOLEANS: usize = 4;
/// How many roles `r0_r`, `r1_r`, … it has beside `system_r`.
pub const ROLES: usize = 4;
/// How many users `u0_u`, `u1_u`, … it has beside `system_u`.
pub const USERS: usize = 3;
/// How many categories `c0`, `c1`, … it has, if it has levels. The sensitivity `s0` may have the first half of
/// them, `s1` all.
pub const CATEGORIES: usize = 8;

/// What a policy with levels states about them before all rules; the compiler asks for a constraint.
const LEVELS: &str = "sensitivity s0 alias lowest;
sensitivity s1;
dominance { s0 s1 }
category c0 alias first;
category c1;
category c2;
category c3;
category c4;
category c5 alias sixth;
category c6;
category c7;
level s0:c0.c3;
level s1:c0.c7;
mlsconstrain file write ( l1 dom l2 );";

/// The text of a random policy.
pub fn policy_text(random: &mut Random) -> String {
    let mut text = String::new();
    for (class, _) in CLASSES {
        push(&mut text, &format!("class {class}"));
    }
    push(&mut text, "sid kernel");
    for (class, permissions) in CLASSES {
        push(&mut text, &format!("class {class} {{ {} }}", permissions.join(" ")));
    }
    let has_levels = random.chance(50);
    if has_levels {
        push(&mut text, LEVELS);
        for _ in 0..random.below(8) {
            push(&mut text, &constraint(random, true));
        }
    }
    push(&mut text, "type kernel_t;\nrole system_r;\nrole system_r types kernel_t;");
    for attribute in 0..ATTRIBUTES {
        push(&mut text, &format!("attribute a{attribute};"));
    }
    for id in 0..TYPES {
        let alias = if id % 3 == 0 { format!(" alias t{id}_alias") } else { String::new() };
        push(&mut text, &format!("type t{id}_t{alias};\nrole system_r types t{id}_t;"));
        for attribute in 0..ATTRIBUTES {
            // The last attribute stays empty, the first is crowded.
            if random.chance(70usize.saturating_sub(attribute * 20)) && attribute + 1 < ATTRIBUTES {
                push(&mut text, &format!("typeattribute t{id}_t a{attribute};"));
            }
        }
    }
    for boolean in 0..BOOLEANS {
        push(&mut text, &format!("bool b{boolean} {};", random.chance(50)));
    }
    for role in 0..ROLES {
        push(&mut text, &format!("role r{role}_r;\nrole r{role}_r types t{role}_t;"));
    }
    // A table without rules is refused by the compiler's reader.
    push(&mut text, "allow kernel_t kernel_t:file read;");
    for _ in 0..10 + random.below(30) {
        push(&mut text, &access_rule(random));
    }
    for _ in 0..random.below(12) {
        push(&mut text, &xperm_rule(random));
    }
    type_rules(random, &mut text);
    role_rules(random, &mut text);
    if has_levels {
        range_rules(random, &mut text);
    }
    for _ in 0..random.below(6) {
        let condition = condition(random, 3);
        push(&mut text, &format!("if ({condition}) {{"));
        for _ in 0..1 + random.below(4) {
            push(&mut text, &access_rule(random));
        }
        if random.chance(40) {
            // Two kinds about one thing, next to each other: old versions can hold such in one record.
            let rule = access_rule(random);
            let about = rule.split_once(' ').map_or("", |(_, about)| about);
            let (first, second) =
                if random.chance(50) { ("allow", "auditallow") } else { ("auditallow", "allow") };
            push(&mut text, &format!("{first} {about}\n{second} {about}"));
        }
        if random.chance(50) {
            push(&mut text, "} else {");
            for _ in 0..1 + random.below(3) {
                push(&mut text, &access_rule(random));
            }
        }
        push(&mut text, "}");
    }
    for user in 0..USERS {
        let level = if has_levels { " level s0 range s0 - s0:c0.c3" } else { "" };
        let roles: Vec<String> =
            (0..ROLES).filter(|_| random.chance(60)).map(|role| format!(" r{role}_r")).collect();
        push(&mut text, &format!("user u{user}_u roles {{ system_r{} }}{level};", roles.concat()));
    }
    let (of_user, of_sid) =
        if has_levels { (" level s0 range s0 - s1:c0.c7", ":s0 - s1:c0.c7") } else { ("", "") };
    push(&mut text, &format!("user system_u roles system_r{of_user};"));
    for _ in 0..random.below(6) {
        push(&mut text, &constraint(random, false));
    }
    push(&mut text, &format!("sid kernel system_u:system_r:kernel_t{of_sid}"));
    text
}

/// The text of a random policy in which information flows and domains follow on each other: few types, many rules between
/// them and their attributes, of which a third are conditional.
pub fn reach_text(random: &mut Random) -> String {
    const CLASSES: [(&str, &[&str]); 4] = [
        (
            "process",
            &["transition", "dyntransition", "setexec", "setcurrent", "fork", "signal", "ptrace", "getattr"],
        ),
        ("file", &["execute", "entrypoint", "read", "write", "append", "getattr", "relabelto", "execmod"]),
        ("fifo_file", &["read", "write", "open", "getattr"]),
        ("unix_stream_socket", &["connectto", "read", "write", "getopt"]),
    ];
    let mut text = String::new();
    for (class, _) in CLASSES {
        push(&mut text, &format!("class {class}"));
    }
    push(&mut text, "sid kernel");
    for (class, permissions) in CLASSES {
        push(&mut text, &format!("class {class} {{ {} }}", permissions.join(" ")));
    }
    push(&mut text, "type kernel_t;\nrole system_r;\nrole system_r types kernel_t;");
    push(&mut text, "attribute domain;\nattribute program;\nattribute any;\nattribute nobody;");
    let mut names = Vec::new();
    for (kind, attribute, count) in [("d", "domain", 6), ("e", "program", 4), ("f", "any", 4)] {
        for id in 0..count {
            let name = format!("{kind}{id}_t");
            let alias = if id == 1 { format!(" alias {kind}1_alias") } else { String::new() };
            let second = if random.chance(40) && attribute != "any" { ", any" } else { "" };
            let attribute = if random.chance(85) { format!(", {attribute}{second}") } else { String::new() };
            push(&mut text, &format!("type {name}{alias}{attribute};\nrole system_r types {name};"));
            names.push(name);
        }
    }
    for boolean in 0..BOOLEANS {
        push(&mut text, &format!("bool b{boolean} {};", random.chance(50)));
    }
    let symbol = |random: &mut Random, kind: &str| {
        if random.chance(22) {
            return random.word(&["domain", "program", "any", "nobody"]).to_owned();
        }
        let fitting: Vec<&String> = names.iter().filter(|name| name.starts_with(kind)).collect();
        random.pick(&fitting).map_or_else(|| "kernel_t".to_owned(), |name| (*name).clone())
    };
    let rule = |random: &mut Random| {
        let d = symbol(random, "d");
        match random.below(12) {
            0..3 => {
                let permissions = random.some(CLASSES[0].1, 4).join(" ");
                format!("allow {d} {}:process {{ transition {permissions} }};", symbol(random, "d"))
            }
            3 => format!(
                "allow {d} {d}:process {};",
                random.word(&["setexec", "setcurrent", "{ setexec setcurrent }"])
            ),
            4 | 5 => format!("allow {d} {}:file {{ entrypoint read }};", symbol(random, "e")),
            6 | 7 => format!("allow {d} {}:file {{ execute getattr }};", symbol(random, "e")),
            8 => format!("dontaudit {d} {}:file read;", symbol(random, "")),
            _ => {
                let (class, permissions) = CLASSES[random.below(CLASSES.len())];
                let permissions = random.some(permissions, 3).join(" ");
                let (source, target) = (symbol(random, ""), symbol(random, ""));
                format!("allow {source} {target}:{class} {{ {permissions} }};")
            }
        }
    };
    push(&mut text, "allow kernel_t kernel_t:file read;");
    for _ in 0..12 + random.below(40) {
        let rule = rule(random);
        push(&mut text, &rule);
    }
    let mut used = std::collections::BTreeSet::new();
    for _ in 0..random.below(16) {
        let (source, target) = (random.below(6), random.below(4));
        let default = random.below(6);
        let name = random.word(&["", "", "", " \"name\""]);
        if used.insert((source, target, name)) {
            push(&mut text, &format!("type_transition d{source}_t e{target}_t:process d{default}_t{name};"));
        }
    }
    for _ in 0..random.below(7) {
        let condition = condition(random, 2);
        push(&mut text, &format!("if ({condition}) {{"));
        for _ in 0..1 + random.below(5) {
            let rule = rule(random);
            push(&mut text, &rule);
        }
        push(&mut text, "} else {");
        for _ in 0..random.below(3) {
            let rule = rule(random);
            push(&mut text, &rule);
        }
        push(&mut text, "}");
    }
    push(&mut text, "user system_u roles system_r;\nsid kernel system_u:system_r:kernel_t");
    text
}

/// The same with constraints on what flows and transitions need, half of the time about levels too.
pub fn constrained_reach_text(random: &mut Random) -> String {
    let text = reach_text(random);
    let levels = random.chance(50);
    let mut constraints = String::new();
    for _ in 0..1 + random.below(4) {
        let class = random.word(&["process", "file", "fifo_file", "unix_stream_socket"]);
        let permission = match class {
            "process" => random.word(&["transition", "ptrace", "{ signal setexec }", "dyntransition"]),
            "file" => random.word(&["read", "{ write append }", "execute", "entrypoint", "relabelto"]),
            "fifo_file" => random.word(&["read", "write"]),
            _ => random.word(&["connectto", "{ read write }"]),
        };
        let leaf = |random: &mut Random| match random.below(if levels { 6 } else { 3 }) {
            0 => format!("t1 == {}", random.word(&["domain", "d0_t", "{ d1_t d2_t }", "any"])),
            1 => format!("t2 != {}", random.word(&["domain", "d0_t", "{ d1_t d2_t }", "any", "program"])),
            2 => "t1 == t2".to_owned(),
            3 => format!("h1 {} h2", random.word(&["dom", "domby", "eq"])),
            4 => format!("l1 {} l2", random.word(&["dom", "domby", "eq"])),
            _ => "l1 dom h2".to_owned(),
        };
        let operator = random.word(&["or", "or", "and"]);
        let expression = format!("( {} {operator} {} )", leaf(random), leaf(random));
        let keyword = if levels { "mlsconstrain" } else { "constrain" };
        push(&mut constraints, &format!("{keyword} {class} {permission} {expression};"));
    }
    let sid = "sid kernel system_u:system_r:kernel_t";
    if !levels {
        return text.replace(sid, &format!("{constraints}{sid}"));
    }
    let categories: String = (0..4).map(|category| format!("category c{category};\n")).collect();
    let declared = format!("sensitivity s0;\ndominance {{ s0 }}\n{categories}level s0:c0.c3;\n{constraints}");
    text.replace("type kernel_t;", &format!("{declared}type kernel_t;"))
        .replace(
            "user system_u roles system_r;",
            "user system_u roles system_r level s0 range s0 - s0:c0.c3;",
        )
        .replace(sid, &format!("{sid}:s0 - s0:c0.c3"))
}

fn push(text: &mut String, line: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(text, "{line}");
}

/// A type, alias or attribute.
pub fn symbol(random: &mut Random) -> String {
    match random.below(10) {
        0..=5 => format!("t{}_t", random.below(TYPES)),
        6 => format!("t{}_alias", random.below(TYPES / 3) * 3),
        _ => format!("a{}", random.below(ATTRIBUTES)),
    }
}

fn access_rule(random: &mut Random) -> String {
    let kind = random.word(&["allow", "allow", "allow", "dontaudit", "auditallow"]);
    let (class, permissions) = CLASSES[random.below(CLASSES.len())];
    let chosen = random.some(permissions, 4);
    format!("{kind} {} {}:{class} {{ {} }};", symbol(random), symbol(random), chosen.join(" "))
}

fn xperm_rule(random: &mut Random) -> String {
    let kind = random.word(&["allowxperm", "auditallowxperm", "dontauditxperm"]);
    let class = random.word(&["file", "dir"]);
    let mut ranges = Vec::new();
    for _ in 0..1 + random.below(3) {
        let low = random.below(4) * 0x100 + random.below(0x100);
        let high = low + [0, 1, 15, 0x100, 0x300][random.below(5)];
        ranges.push(if low == high { format!("{low:#x}") } else { format!("{low:#x}-{high:#x}") });
    }
    format!("{kind} {} {}:{class} ioctl {{ {} }};", symbol(random), symbol(random), ranges.join(" "))
}

/// Type rules. The compiler refuses two defaults for one source, target and class, so each such triple of
/// types is used once.
fn type_rules(random: &mut Random, text: &mut String) {
    let mut used = std::collections::BTreeSet::new();
    for _ in 0..random.below(14) {
        let (source, target, default) = (random.below(TYPES), random.below(TYPES), random.below(TYPES));
        let kind = random.word(&["type_transition", "type_change", "type_member"]);
        let class = random.word(&["file", "dir"]);
        let name = match kind {
            "type_transition" => random.word(&["", "", " \"resolv.conf\"", " \".ssh\"", " \"a-b_c\""]),
            _ => "",
        };
        if used.insert((kind, source, target, class, name)) {
            push(text, &format!("{kind} t{source}_t t{target}_t:{class} t{default}_t{name};"));
        }
    }
}

/// Role allows and role transitions. Here, too, the compiler refuses two defaults.
fn role_rules(random: &mut Random, text: &mut String) {
    for _ in 0..random.below(6) {
        push(text, &format!("allow r{}_r r{}_r;", random.below(ROLES), random.below(ROLES)));
    }
    let mut used = std::collections::BTreeSet::new();
    for _ in 0..random.below(8) {
        let (role, target, default) = (random.below(ROLES), random.below(TYPES), random.below(ROLES));
        let class = random.word(&["", ":process", ":file", ":dir"]);
        // Without a class it is about processes.
        if used.insert((role, target, if class.is_empty() { ":process" } else { class })) {
            push(text, &format!("role_transition r{role}_r t{target}_t{class} r{default}_r;"));
        }
    }
}

/// A constraint with every operator, on users, roles, types and, where there are some, levels.
fn constraint(random: &mut Random, has_levels: bool) -> String {
    let (class, permissions) = CLASSES[random.below(CLASSES.len())];
    let chosen = random.some(permissions, 3).join(" ");
    let expression = constraint_expression(random, has_levels, 3);
    let keyword = if has_levels { "mlsconstrain" } else { "constrain" };
    format!("{keyword} {class} {{ {chosen} }} ( {expression} );")
}

fn constraint_expression(random: &mut Random, has_levels: bool, depth: usize) -> String {
    if depth > 0 && random.chance(55) {
        let part = |random: &mut Random| constraint_expression(random, has_levels, depth - 1);
        return match random.word(&["not", "and", "or"]) {
            "not" => format!("not ({})", part(random)),
            operator => format!("({}) {operator} ({})", part(random), part(random)),
        };
    }
    let equality = random.word(&["==", "!="]);
    let order = random.word(&["==", "!=", "dom", "domby", "incomp"]);
    let side = 1 + random.below(2);
    let set = |names: Vec<String>| format!("{{ {} }}", names.join(" "));
    let some = |random: &mut Random, n: usize, name: fn(usize) -> String| {
        set((0..1 + random.below(3)).map(|_| name(random.below(n))).collect())
    };
    match random.below(if has_levels { 9 } else { 6 }) {
        0 => format!("u1 {equality} u2"),
        1 => format!("r1 {order} r2"),
        2 => format!("t1 {equality} t2"),
        // Constraints on levels stand before users are known.
        3 if has_levels => format!("u1 {equality} u2"),
        3 => format!("u{side} {equality} {}", some(random, USERS, |user| format!("u{user}_u"))),
        4 => format!("r{side} {equality} {}", some(random, ROLES, |role| format!("r{role}_r"))),
        5 => {
            format!("t{side} {equality} {}", set((0..1 + random.below(3)).map(|_| symbol(random)).collect()))
        }
        _ => {
            let pairs = [("l1", "l2"), ("l1", "h2"), ("h1", "l2"), ("h1", "h2"), ("l1", "h1"), ("l2", "h2")];
            let (left, right) = pairs[random.below(pairs.len())];
            format!("{left} {order} {right}")
        }
    }
}

/// The same policy with some types bounded by others, chains of three among them, and a permissive type.
///
/// The compiler refuses a type that has more than the type that bounds it; such a policy is made by writing the bound
/// where the type's record has none.
pub fn with_bounds(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let value_of = |bytes: &[u8], id: usize| {
        policydb::Policy::parse(bytes)
            .ok()?
            .type_named(format!("t{id}_t").as_bytes())
            .map(policydb::TypeId::value)
    };
    for id in 0..TYPES - 1 {
        if !random.chance(40) {
            continue;
        }
        // A higher number bounds a lower one, so that there are no loops, and both are of one group of four: the kernel
        // takes three bounds above a type.
        let last = (id / 4 * 4 + 3).min(TYPES - 1);
        if id == last {
            continue;
        }
        let bounding = id + 1 + random.below((last - id).min(2));
        let (Some(value), Some(bound)) = (value_of(&bytes, id), value_of(&bytes, bounding)) else { continue };
        // A type's record: length of the name, value, properties (1: no alias), bound, name.
        let name = format!("t{id}_t");
        let length = u32::try_from(name.len()).unwrap_or_default();
        let words = [length, value, 1, 0].map(u32::to_le_bytes).concat();
        let record = [words.as_slice(), name.as_bytes()].concat();
        if let Some(at) = bytes.windows(record.len()).position(|window| window == record)
            && let Some(slot) = bytes.get_mut(at + 12..at + 16)
        {
            slot.copy_from_slice(&bound.to_le_bytes());
        }
    }
    bytes
}

fn range_rules(random: &mut Random, text: &mut String) {
    let mut used = std::collections::BTreeSet::new();
    for _ in 0..random.below(10) {
        let (source, target) = (random.below(TYPES), random.below(TYPES));
        let class = random.word(&["process", "file", "dir"]);
        if used.insert((source, target, class)) {
            let range = range(random);
            push(text, &format!("range_transition t{source}_t t{target}_t:{class} {range};"));
        }
    }
}

/// A level, or a low and a high one that dominates it.
fn range(random: &mut Random) -> String {
    let level = |sensitivity: &str, categories: &[usize]| {
        let names: Vec<String> = categories.iter().map(|category| format!("c{category}")).collect();
        if names.is_empty() { sensitivity.to_owned() } else { format!("{sensitivity}:{}", names.join(",")) }
    };
    let below_half: Vec<usize> = (0..CATEGORIES / 2).collect();
    let low = if random.chance(50) { random.some(&below_half, 3) } else { Vec::new() };
    match random.below(3) {
        0 => level(random.word(&["s0", "s1", "lowest"]), &low),
        1 => format!("{} - {}", level("s0", &low), level(random.word(&["s0", "s1"]), &below_half)),
        _ => format!("{} - {}", level("lowest", &low), level("s1", &[&below_half[..], &[5, 7]].concat())),
    }
}

/// A condition of at most `depth` operators on a path, fully in parentheses.
pub fn condition(random: &mut Random, depth: usize) -> String {
    if depth == 0 || random.chance(30) {
        return format!("b{}", random.below(BOOLEANS));
    }
    match random.word(&["!", "&&", "||", "^", "==", "!="]) {
        "!" => format!("(! {})", condition(random, depth - 1)),
        operator => format!("({} {operator} {})", condition(random, depth - 1), condition(random, depth - 1)),
    }
}

/// The binary that checkpolicy makes of a text, in a file in `directory`.
///
/// # Errors
/// checkpolicy is missing, or refuses the text.
pub fn compile(text: &str, directory: &Path) -> Result<Vec<u8>, Error> {
    compile_at(33, text, directory)
}

/// As [`compile`], in a version of the format. What that cannot state is left out of the text: extended permissions,
/// which the compiler refuses. Levels, which there are since version 19, are not.
///
/// # Errors
/// checkpolicy is missing, or refuses the text.
pub fn compile_at(version: u32, text: &str, directory: &Path) -> Result<Vec<u8>, Error> {
    let can_state = |line: &&str| version >= 30 || !line.contains("xperm ");
    let text: String = text.lines().filter(can_state).flat_map(|line| [line, "\n"]).collect();
    let (source, binary) = (directory.join("generated.conf"), directory.join("generated.33"));
    std::fs::write(&source, &text).map_err(Error::file(&source))?;
    let mut checkpolicy = Command::new("checkpolicy");
    if has_levels(&text) {
        checkpolicy.arg("-M");
    }
    let output = checkpolicy.args(["-c", &version.to_string(), "-o"]).arg(&binary).arg(&source).output();
    let output = output.map_err(|error| Error::Reference(format!("checkpolicy does not run: {error}")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Error::Reference(format!("checkpolicy refuses a generated policy: {said}")));
    }
    std::fs::read(&binary).map_err(Error::file(&binary))
}

/// Whether a text speaks of levels.
pub fn has_levels(text: &str) -> bool {
    text.contains("\nsensitivity ")
}

/// Whether checkpolicy is there.
pub fn compiler_is_missing() -> bool {
    Command::new("checkpolicy").arg("-V").output().is_err()
}
