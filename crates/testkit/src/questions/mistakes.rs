//! Making one criterion wrong: unknown names, malformed values, things that do not go together.

use super::criteria::Criterion;
use super::patterns;
use crate::random::Random;
use crate::vocabulary::Vocabulary;

/// Names that no policy has.
const UNKNOWN: &[&str] =
    &["nosuch_t", "domian", "HTTPD_T", "self", "httpd_t ", "no such", "\u{fc}nknown_t", "0", "*"];

/// Values of `-x` with something odd about them.
const ODD_EXTENDED: &[&str] = &[
    "zz",
    "0x10000",
    "1-2-3",
    "1-",
    "-1",
    "0x",
    "1,,2",
    " 1",
    "1 - 3",
    "ffff",
    "0-ffff",
    "1_0",
    "0x8900-0x10000",
    "10000-1",
    "+5",
    "1,",
    "0b1",
];

/// Ranges with something odd about them, for policies with the one sensitivity s0 and others.
const ODD_RANGES: &[&str] = &[
    "s0",
    "s0:c0",
    "s0:c1 - s0",
    "s0-s0:c0.c1023",
    "s0:c5.c1",
    "s0:c1,c1",
    "s0:c0.c1.c2",
    "s0:nosuch",
    "s0:c1.nosuch",
    "s9",
    "s0:",
    "s0 - s9",
    "s0-s0-s0",
    "s0:c0:c1",
    "system_r",
    "",
];

/// Replaces one criterion, or adds one, so that it is wrong or unrelated.
pub(super) fn make_one(criteria: &mut Vec<Criterion>, vocabulary: &Vocabulary, random: &mut Random) {
    let wrong = wrong(vocabulary, random);
    criteria.retain(|criterion| {
        let shares_a_flag = criterion.flags.iter().any(|flag| wrong.flags.contains(flag));
        // Several permissions with a class that may lack them: more than one would be unknown.
        let could_lack_some = wrong.option == "-p" && wrong.value.contains(',') && criterion.option == "-c";
        criterion.option != wrong.option && !shares_a_flag && !could_lack_some
    });
    if wrong.option == "-c" {
        criteria.iter_mut().for_each(Criterion::keep_one_permission);
    }
    criteria.push(wrong);
    random.shuffle(criteria);
}

fn wrong(vocabulary: &Vocabulary, random: &mut Random) -> Criterion {
    let types: Vec<&String> = vocabulary.types.keys().chain(vocabulary.attributes.keys()).collect();
    let any_type = |random: &mut Random| random.pick(&types).map(|name| (*name).clone()).unwrap_or_default();
    let classes: Vec<&String> = vocabulary.classes.keys().collect();
    let any_class =
        |random: &mut Random| random.pick(&classes).map(|name| (*name).clone()).unwrap_or_default();
    let (side, regex, direct) = match random.below(3) {
        0 => ("-s", "-rs", "-ds"),
        1 => ("-t", "-rt", "-dt"),
        _ => ("-D", "-rd", "-rd"),
    };
    let (option, value, flags): (&'static str, String, Vec<&'static str>) = match random.below(32) {
        0..4 => (side, random.word(UNKNOWN).to_owned(), vec![]),
        4..6 => (side, any_type(random), vec![]),
        6 => {
            let empty = vocabulary.empty_attributes();
            (side, random.pick(&empty).map_or_else(|| any_type(random), |name| (*name).to_owned()), vec![])
        }
        7 => {
            let empty = vocabulary.empty_attributes();
            (
                side,
                random.pick(&empty).map_or_else(|| any_type(random), |name| (*name).to_owned()),
                vec![direct],
            )
        }
        8..10 => (side, patterns::invalid(random), vec![regex]),
        10 => (side, String::new(), vec![]),
        11 => ("-c", format!("{},nosuch", any_class(random)), vec![]),
        12 => {
            ("-c", random.word(&["file,", ",", "", "file, dir", "File", "nosuch,neither"]).to_owned(), vec![])
        }
        13 => ("-c", any_class(random), vec![]),
        14 => ("-c", patterns::invalid(random), vec!["-rc"]),
        15..19 => {
            // Permissions of another class: an error if only one of them is wrong, so only one is given.
            let class = any_class(random);
            let permissions = vocabulary.classes.get(&class).and_then(|all| random.pick(all)).cloned();
            let flags = random.pick(&[vec!["-ep"], vec!["-Sp"], vec![]]).cloned().unwrap_or_default();
            ("-p", permissions.unwrap_or_default(), flags)
        }
        19 => (
            "-p",
            random.word(&["nosuch", "read,", "read,nosuch", ",", "", "Read", " read"]).to_owned(),
            vec![],
        ),
        20 => ("-p", random.word(&["ioctl", "ioctl,read", "read,ioctl,write", "nlmsg"]).to_owned(), vec![]),
        21 => ("-p", random.word(&["ioctl", "ioctl,read", "read,ioctl"]).to_owned(), vec!["-ep"]),
        22..24 => ("-x", random.word(ODD_EXTENDED).to_owned(), vec![]),
        24 => ("-x", random.word(ODD_EXTENDED).to_owned(), vec!["-ex"]),
        25 => ("-x", format!("{:#06x}", random.below(0x10000)), vec![]),
        26 => ("-b", random.word(&["nosuch", "nosuch,neither", "", ",", "true"]).to_owned(), vec![]),
        27 => ("-b", random.some(&vocabulary.booleans, 3).join(","), vec!["-eb"]),
        28 => ("-b", patterns::invalid(random), vec!["-rb"]),
        29..31 => ("-D", random.word(ODD_RANGES).to_owned(), vec![]),
        // A flag without its criterion, which changes nothing.
        _ => ("-s", any_type(random), vec![random.word(&["-ep", "-Sp", "-ex", "-eb", "-dt", "-rt"])]),
    };
    Criterion { option, value, flags }
}
