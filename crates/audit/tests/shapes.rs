//! Random denials, written in each shape, read back: what a shape can hold comes back equal.

use audit::{Denial, EventTime, Field, Item, Reader};
use testkit::random::Random;

/// What is written and must come back.
#[derive(Debug, Clone, PartialEq)]
struct Question {
    permissions: Vec<String>,
    scontext: String,
    tcontext: String,
    tclass: String,
    permissive: Option<bool>,
    pid: u64,
    comm: Vec<u8>,
    path: Vec<u8>,
    seconds: u64,
    serial: u64,
}

const NAMES: &[&str] =
    &["read", "write", "open", "getattr", "name_connect", "container_t", "var_log_t", "x.process"];

/// Pieces of names that are hard to read back.
const PIECES: &[&[u8]] = &[
    b"a",
    b"cafe",
    b"4142",
    b" ",
    b"\"",
    b"'",
    b"=",
    b"path=",
    b"{ x }",
    b"\n",
    b"\x1b[31m",
    b"\xc3\xa9",
    b"\xff",
    b"\\x2d",
    b"avc: ",
    b"denied",
    b" tclass=x",
    b"(",
    b"audit(1.0:1)",
    b"type=AVC ",
    b"#012",
    b"^]",
    b"\x1d",
    b">",
    b"\\",
    b"/",
    b"\xc2\xa0",
];

fn name(random: &mut Random, most: usize) -> Vec<u8> {
    let mut name = vec![b'/'];
    for _ in 0..random.below(most) {
        name.extend_from_slice(PIECES[random.below(PIECES.len())]);
    }
    name
}

fn question(random: &mut Random) -> Question {
    let mut word = || NAMES[random.below(NAMES.len())].to_owned();
    let (class, source, target) = (word(), word(), word());
    let permissions: Vec<String> = (0..3).map(|_| word()).collect();
    let count = 1 + random.below(3);
    let level = |random: &mut Random| match random.below(4) {
        0 => String::new(),
        1 => ":s0".into(),
        2 => ":s0-s0:c0.c1023".into(),
        _ => format!(":s0:c{},c{}", random.below(500), 500 + random.below(500)),
    };
    Question {
        permissions: permissions[..count].to_vec(),
        scontext: format!("system_u:system_r:{source}{}", level(random)),
        tcontext: format!("user_u:object_r:{target}{}", level(random)),
        tclass: class,
        permissive: [None, Some(true), Some(false)][random.below(3)],
        pid: random.below(100_000) as u64,
        comm: name(random, 5),
        path: name(random, 9),
        seconds: 1_600_000_000 + random.below(100_000_000) as u64,
        serial: random.below(1 << 30) as u64,
    }
}

/// As the kernel writes a string that somebody chose.
fn untrusted(bytes: &[u8]) -> Vec<u8> {
    if bytes.iter().any(|&byte| byte == b'"' || !(0x21..0x7f).contains(&byte)) {
        bytes.iter().flat_map(|byte| format!("{byte:02X}").into_bytes()).collect()
    } else {
        [b"\"", bytes, b"\""].concat()
    }
}

/// The message, with the two names written by `write`.
fn message(question: &Question, write: fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let permissions = question.permissions.join(" ");
    let mut text = format!("avc:  denied  {{ {permissions} }} for  pid={} comm=", question.pid).into_bytes();
    text.extend(write(&question.comm));
    text.extend_from_slice(b" path=");
    text.extend(write(&question.path));
    text.extend_from_slice(
        format!(
            " dev=\"dm-0\" ino=5 scontext={} tcontext={} tclass={}",
            question.scontext, question.tcontext, question.tclass
        )
        .as_bytes(),
    );
    if let Some(permissive) = question.permissive {
        text.extend_from_slice(format!(" permissive={}", u8::from(permissive)).as_bytes());
    }
    text
}

type Shape = fn(&Question) -> Vec<u8>;

fn with_prefix(prefix: &str, text: &[u8]) -> Vec<u8> {
    [prefix.as_bytes(), text, b"\n"].concat()
}

const SHAPES: &[(&str, Shape)] = &[
    ("audit.log", |q| {
        with_prefix(&format!("type=AVC msg=audit({}.007:{}): ", q.seconds, q.serial), &message(q, untrusted))
    }),
    ("node", |q| {
        with_prefix(
            &format!("node=h type=AVC msg=audit({}.007:{}): ", q.seconds, q.serial),
            &message(q, untrusted),
        )
    }),
    ("dmesg", |q| {
        with_prefix(
            &format!("[    1.2] audit: type=1400 audit({}.007:{}): ", q.seconds, q.serial),
            &message(q, untrusted),
        )
    }),
    ("journal", |q| {
        let prefix =
            format!("May 01 10:00:00 h kernel: audit: type=1400 audit({}.007:{}): ", q.seconds, q.serial);
        with_prefix(&prefix, &message(q, untrusted))
    }),
    ("json", |q| {
        let text = [&b"AVC "[..], &message(q, untrusted)].concat();
        let text = String::from_utf8(text).unwrap().replace('\\', "\\\\").replace('"', "\\\"");
        let line = format!(
            "{{\"_AUDIT_TYPE_NAME\":\"AVC\",\"_AUDIT_ID\":\"{}\",\"_SOURCE_REALTIME_TIMESTAMP\":\"{}007000\",\"MESSAGE\":\"{text}\"}}\n",
            q.serial, q.seconds
        );
        line.into_bytes()
    }),
    ("wrapped", |q| {
        let line = with_prefix(
            &format!("type=AVC msg=audit({}.007:{}): ", q.seconds, q.serial),
            &message(q, untrusted),
        );
        // A mail program breaks at blanks.
        let mut column = 0;
        line.iter()
            .map(|&byte| {
                column += 1;
                match byte {
                    b' ' if column > 60 => {
                        column = 0;
                        b'\n'
                    }
                    byte => byte,
                }
            })
            .collect()
    }),
];

fn read(text: &[u8]) -> Vec<Item> {
    let mut items = Vec::new();
    let mut reader = Reader::new();
    reader.read(text, &mut |item| items.push(item)).unwrap();
    reader.finish(&mut |item| items.push(item));
    items
}

fn asked(denial: &Denial) -> Question {
    let bytes = |field| denial.fields.get(field).unwrap().as_bytes().to_vec();
    let Some(EventTime::Epoch { seconds, millis: 7 }) = denial.origin.time else { panic!("{denial:?}") };
    Question {
        permissions: denial.permissions.iter().map(ToString::to_string).collect(),
        scontext: denial.scontext.to_string(),
        tcontext: denial.tcontext.to_string(),
        tclass: denial.tclass.to_string(),
        permissive: denial.permissive,
        pid: denial.pid().unwrap().try_into().unwrap(),
        comm: bytes(Field::Comm),
        path: bytes(Field::Path),
        seconds: seconds.try_into().unwrap(),
        serial: denial.origin.serial.unwrap(),
    }
}

#[test]
fn what_was_written_is_read_back() {
    let mut random = Random::new(7);
    for round in 0..3000 {
        let question = question(&mut random);
        for (shape, write) in SHAPES {
            let text = write(&question);
            let shown = String::from_utf8_lossy(&text);
            let items = read(&text);
            let [Item::Denial(denial)] = items.as_slice() else {
                panic!("{round} {shape}: {items:?}\n{shown}")
            };
            assert_eq!(asked(denial), question, "{round} {shape}\n{shown}");
        }
    }
}

#[test]
fn logs_of_all_shapes_may_be_mixed() {
    let mut random = Random::new(8);
    let mut text = Vec::new();
    let mut expected = Vec::new();
    for serial in 0..500 {
        let mut question = question(&mut random);
        question.serial = serial;
        text.extend(SHAPES[random.below(SHAPES.len())].1(&question));
        if random.chance(20) {
            text.extend_from_slice(b"\nSomething else happened.\n");
        }
        expected.push(question);
    }
    let mut found: Vec<Question> = read(&text)
        .iter()
        .map(|item| match item {
            Item::Denial(denial) => asked(denial),
            other => panic!("{other:?}"),
        })
        .collect();
    found.sort_by_key(|question| question.serial);
    assert_eq!(found, expected);
}

/// What is found in a log, and what was counted.
fn found(text: &str) -> (Vec<Item>, audit::Counts) {
    let (mut items, mut reader) = (Vec::new(), Reader::new());
    reader.read(text.as_bytes(), &mut |item| items.push(item)).expect("it reads");
    reader.finish(&mut |item| items.push(item));
    (items, reader.counts())
}

const RECORD: &str = "avc:  denied  { read } for  pid=7 comm=\"cat\" name=\"x\" scontext=u:r:a_t:s0 tcontext=u:r:b_t:s0 tclass=file permissive=0";

#[test]
fn messages_of_the_journal_may_be_numbers() {
    let numbers: Vec<String> = RECORD.bytes().map(|byte| byte.to_string()).collect();
    let (compact, spaced) = (numbers.join(","), numbers.join(", "));
    let lines = numbers.join(",\n\t\t");
    for text in [
        format!("{{\"MESSAGE\":[{compact}],\"_PID\":\"1\"}}\n"),
        format!("{{\"MESSAGE\": [{spaced}], \"_PID\": \"1\"}}\n"),
        format!("[{{\"MESSAGE\": [{spaced}]}}, {{\"MESSAGE\": \"x\"}}]\n"),
        format!("{{\n\t\"_PID\" : \"1\",\n\t\"MESSAGE\" : [\n\t\t{lines}\n\t],\n\t\"X\" : \"1\"\n}}\n"),
        format!("{{\n\t\"MESSAGE\": [ {spaced} ]\n}}\n"),
    ] {
        let (items, counts) = found(&text);
        assert_eq!((counts.denials, counts.unreadable), (1, 0), "{text}");
        assert!(matches!(items.as_slice(), [Item::Denial(denial)] if denial.tclass == "file"), "{items:?}");
    }
    // What is no number ends the message, and is read itself.
    let (_, counts) = found(&format!("\"MESSAGE\" : [\n1,\n2,\n{RECORD}\n"));
    assert_eq!(counts.denials, 1);
}

#[test]
fn what_came_to_a_log_by_two_ways_is_one_record() {
    let (micros, stamp) = ("1700000001123000", "audit(1700000001.123:45)");
    let by_audit = |id: u32| {
        format!(
            "{{\"SYSLOG_IDENTIFIER\":\"audit\",\"_AUDIT_TYPE_NAME\":\"AVC\",\"_AUDIT_ID\":\"{id}\",\"_SOURCE_REALTIME_TIMESTAMP\":\"{micros}\",\"MESSAGE\":\"AVC {}\"}}\n",
            RECORD.replace('"', "\\\"")
        )
    };
    let by_kernel = format!(
        "{{\"SYSLOG_IDENTIFIER\":\"kernel\",\"MESSAGE\":\"audit: type=1400 {stamp}: {}\"}}\n",
        RECORD.replace('"', "\\\"")
    );
    for text in [by_audit(45) + &by_kernel, by_kernel.clone() + &by_audit(45)] {
        let (items, counts) = found(&text);
        assert_eq!((items.len(), counts.denials), (1, 1), "{text}");
    }
    // An event may have two records that say the same, and another event is another.
    assert_eq!(found(&(by_audit(45) + &by_audit(45) + &by_kernel)).1.denials, 2);
    assert_eq!(found(&(by_audit(46) + &by_kernel)).1.denials, 2);
    // The same in a syslog, which a plugin of auditd writes to.
    let syslog = |program: &str| format!("Nov 14 22:13:21 web {program}: type=1400 {stamp}: {RECORD}\n");
    assert_eq!(found(&(syslog("kernel") + &syslog("audisp-syslog[7]"))).1.denials, 1);
    let refusal = |program: &str| {
        format!(
            "Nov 14 22:13:21 web {program}: type=1401 {stamp}: op=security_bounded_transition seresult=denied oldcontext=u:r:a_t:s0 newcontext=u:r:b_t:s0\n"
        )
    };
    assert_eq!(found(&(refusal("kernel") + &refusal("audispd"))).1.refusals, 1);
}

#[test]
fn sentences_of_setroubleshoot_are_counted() {
    let sentence = |host: &str, id: &str| {
        format!(
            "{host}SELinux is preventing /usr/sbin/nginx from read access on the file x. For complete SELinux messages run: sealert -l {id}\n"
        )
    };
    let (one, other) = ("1d2a4b6c-1111-2222-3333-444455556666", "1d2a4b6c-1111-2222-3333-444455557777");
    let log = "Nov 14 22:13:20 web setroubleshoot[9]: ";
    let text = [sentence(log, one), sentence(log, one), sentence(log, other)].concat();
    let (items, counts) = found(&text);
    assert_eq!((counts.unreadable, items.len()), (3, 2));
    // Those of a log in which there are records as well are counted, and not shown.
    let (items, counts) = found(&format!("{text}{RECORD}\n"));
    assert_eq!((counts.sentences, counts.unreadable, items.len()), (3, 0, 1));
}

#[test]
fn a_report_of_setroubleshoot_has_the_record() {
    let report = format!(
        "SELinux is preventing /usr/sbin/nginx from read access on the file x.\n\n*****  Plugin catchall (100. confidence) suggests   **************************\n\nIf you believe that nginx should be allowed read access on the x file by default.\nThen you should report this as a bug.\n\nAdditional Information:\nSource Context                system_u:system_r:a_t:s0\nTarget Context                system_u:object_r:b_t:s0\nTarget Objects                x [ file ]\n\nRaw Audit Messages\ntype=AVC msg=audit(1700000000.100:78): {RECORD}\n\n\ntype=SYSCALL msg=audit(1700000000.100:78): arch=x86_64 syscall=openat success=no exit=EACCES a0=ffffff9c exe=/usr/sbin/nginx subj=u:r:a_t:s0\n\nHash: nginx,a_t,b_t,file,read\n"
    );
    let (items, counts) = found(&report);
    assert_eq!((counts.denials, counts.sentences, counts.unreadable), (1, 0, 0));
    let [Item::Denial(denial)] = items.as_slice() else { panic!("{items:?}") };
    assert_eq!(denial.exe().map(ToString::to_string).as_deref(), Some("/usr/sbin/nginx"));
}
