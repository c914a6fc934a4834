//! The body of a denial, from `avc:` on (kernel `security/selinux/avc.c`, `avc_audit_pre_callback` and
//! `avc_audit_post_callback`; libselinux `avc.c`, `avc_audit`).
//!
//! Contexts and class come last in a record; before them stand names that the denied program may have chosen. So the
//! last of each counts, and the first of everything else.

use crate::decode::{self, Writing};
use crate::denial::{Denial, Manager, Origin};
use crate::field::{Field, Fields};
use crate::header::Record;
use crate::reason::Reason;
use crate::text::Text;
use crate::tokens::{each_field, is_blank};

/// What a body turned out to be.
pub(crate) enum Avc {
    Denied(Box<Denial>),
    /// `granted`, or a notice such as `received policyload notice`.
    NoDenial,
    Unreadable(Reason),
}

/// What is known of a record besides its body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting<'a> {
    pub(crate) record: Option<Record>,
    pub(crate) writing: Writing,
    /// The program that wrote the line.
    pub(crate) program: Option<&'a [u8]>,
}

/// Reads a body that begins with `avc:`.
pub(crate) fn read(body: &[u8], setting: Setting<'_>) -> Avc {
    let rest = trimmed(body.strip_prefix(b"avc:").unwrap_or(body));
    let Some(rest) = rest.strip_prefix(b"denied") else { return Avc::NoDenial };
    let Some((permissions, rest)) = permissions(rest) else { return Avc::Unreadable(Reason::NoPermissions) };
    let mut contexts = Contexts::default();
    let mut fields = Fields::with_capacity(8);
    each_field(rest, setting.writing, |field, text| match field {
        Field::Scontext | Field::Context => contexts.scontext = Some(text),
        Field::Tcontext => contexts.tcontext = Some(text),
        Field::Tclass => contexts.tclass = Some(text),
        Field::Permissive => contexts.permissive = flag(&text),
        // The kernel hands the bytes on as they are, even where it did not say what is in them.
        Field::Srawcon | Field::Trawcon => {
            let decoded = decode::hexadecimal(text.as_bytes()).map(|bytes| Text::new(&bytes));
            fields.push(field, decoded.unwrap_or(text));
        }
        _ => fields.push(field, text),
    });
    match contexts.complete(&fields, rest) {
        Ok((scontext, tcontext, tclass)) => Avc::Denied(Box::new(Denial {
            manager: manager(setting, &fields),
            permissions,
            scontext,
            tcontext,
            tclass,
            permissive: contexts.permissive,
            fields,
            origin: Origin::default(),
        })),
        Err(reason) => Avc::Unreadable(reason),
    }
}

/// The words between braces, and what follows them.
fn permissions(text: &[u8]) -> Option<(Vec<Text>, &[u8])> {
    let text = trimmed(text).strip_prefix(b"{")?;
    let close = memchr::memchr(b'}', text)?;
    let (inside, rest) = text.split_at_checked(close)?;
    let words = inside.split(|&byte| is_blank(byte)).filter(|word| !word.is_empty());
    let words: Vec<Text> = words.map(Text::new).collect();
    (!words.is_empty()).then_some((words, rest.get(1..).unwrap_or_default()))
}

#[derive(Default)]
struct Contexts {
    scontext: Option<Text>,
    tcontext: Option<Text>,
    tclass: Option<Text>,
    permissive: Option<bool>,
}

impl Contexts {
    fn complete(&mut self, fields: &Fields, rest: &[u8]) -> Result<(Text, Text, Text), Reason> {
        let usable = |text: Option<Text>| text.filter(|text| !text.is_empty());
        let all = (usable(self.scontext.take()), usable(self.tcontext.take()), usable(self.tclass.take()));
        let (Some(scontext), Some(tcontext), Some(tclass)) = all else {
            let missing = [
                (Field::Scontext, all.0.is_none()),
                (Field::Tcontext, all.1.is_none()),
                (Field::Tclass, all.2.is_none()),
            ];
            let missing =
                missing.into_iter().filter(|(_, is_missing)| *is_missing).map(|(field, _)| field).collect();
            let has_numbers = fields.get(Field::Ssid).or(fields.get(Field::Tsid)).is_some();
            return Err(match rest.trim_ascii_end().ends_with(b">") {
                _ if has_numbers => Reason::Numbers,
                true => Reason::CutOff(missing),
                false => Reason::Missing(missing),
            });
        };
        for (field, context) in [(Field::Scontext, &scontext), (Field::Tcontext, &tcontext)] {
            if !context.as_bytes().contains(&b':') {
                return Err(Reason::NotAContext(field, context.clone()));
            }
        }
        Ok((scontext, tcontext, tclass))
    }
}

fn flag(text: &Text) -> Option<bool> {
    match text.as_bytes() {
        b"0" | b"no" => Some(false),
        b"1" | b"yes" => Some(true),
        _ => None,
    }
}

/// Fields that only object managers write.
const OF_MANAGERS: &[Field] =
    &[Field::Sauid, Field::Function, Field::Msgtype, Field::Spid, Field::Service, Field::Property];

fn manager(setting: Setting<'_>, fields: &Fields) -> Manager {
    let by_program = !matches!(
        setting.program,
        None | Some(b"kernel" | b"audit" | b"auditd" | b"audispd" | b"audisp-syslog" | b"auditctl")
    );
    let program = setting.program.filter(|_| by_program);
    let is_kernel = match setting.record {
        Some(Record::UserAvc) => false,
        Some(_) => true,
        None => !(fields.iter().any(|(field, _)| OF_MANAGERS.contains(&field))),
    };
    match is_kernel {
        true => Manager::Kernel,
        false => Manager::Program(fields.get(Field::Exe).cloned().or(program.map(Text::new))),
    }
}

pub(crate) fn trimmed(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|&byte| !is_blank(byte)).unwrap_or(text.len());
    text.get(start..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Avc, Setting, read};
    use crate::decode::Writing;
    use crate::denial::{Denial, Manager};
    use crate::field::Field;
    use crate::reason::Reason;

    fn parse(body: &str) -> Avc {
        read(body.as_bytes(), Setting { record: None, writing: Writing::Raw, program: None })
    }

    fn denial(body: &str) -> Denial {
        match parse(body) {
            Avc::Denied(denial) => *denial,
            Avc::NoDenial => panic!("no denial: {body}"),
            Avc::Unreadable(reason) => panic!("{reason}: {body}"),
        }
    }

    fn reason(body: &str) -> Reason {
        match parse(body) {
            Avc::Unreadable(reason) => reason,
            _ => panic!("readable: {body}"),
        }
    }

    #[test]
    fn a_denial_is_read() {
        let read = denial(
            "avc:  denied  { read write } for  pid=7 comm=\"cat\" path=2F612062202864656C6574656429 ioctlcmd=0x5401 scontext=u:r:a_t:s0 tcontext=u:r:b_t:s0 tclass=file permissive=1",
        );
        assert_eq!(read.permissions, ["read", "write"]);
        assert_eq!(
            (read.manager.clone(), read.permissive, read.pid()),
            (Manager::Kernel, Some(true), Some(7))
        );
        let path = read.path().unwrap();
        assert_eq!((path.path, path.deleted, read.ioctlcmd()), (&b"/a b"[..], true, Some(0x5401)));
    }

    #[test]
    fn the_last_contexts_count() {
        let read = denial(
            "avc: denied { read } for comm=x scontext=u:r:spoof:s0 pid=1 pid=2 context=u:r:a_t:s0 tcontext=u:r:b_t:s0 tclass=file",
        );
        assert_eq!(
            (read.scontext.to_string().as_str(), read.pid(), read.permissive),
            ("u:r:a_t:s0", Some(1), None)
        );
    }

    #[test]
    fn raw_contexts_end_at_their_nul() {
        let tail = "scontext=u:r:a:s0 tcontext=u:r:b:s0 tclass=file";
        let read =
            denial(&format!("avc: denied {{ x }} for {tail} trawcon=755F7500AB srawcon=\"u:r:gone:s0\""));
        assert_eq!(read.target_raw_context(), Some(&b"u_u"[..]));
        assert_eq!(read.source_raw_context(), Some(&b"u:r:gone:s0"[..]));
    }

    #[test]
    fn what_is_missing_is_said() {
        let all = vec![Field::Scontext, Field::Tcontext, Field::Tclass];
        assert_eq!(reason("avc: denied { watch }"), Reason::Missing(all));
        let two = vec![Field::Tcontext, Field::Tclass];
        assert_eq!(reason("avc: denied { read } for scontext=u:r:a>"), Reason::CutOff(two));
        assert_eq!(reason("avc: denied"), Reason::NoPermissions);
        assert_eq!(reason("avc: denied {  } for"), Reason::NoPermissions);
        assert_eq!(reason("avc: denied { read } for ssid=1 tsid=2 tclass=file"), Reason::Numbers);
        let broken = "avc: denied { read } for scontext=sy tem_u tcontext=u:r:b tclass=file";
        assert_eq!(reason(broken), Reason::NotAContext(Field::Scontext, "sy".into()));
    }

    #[test]
    fn what_is_no_denial_is_none() {
        for body in
            ["avc:  granted  { load_policy } for pid=1", "avc:  received policyload notice (seqno=2)", "avc:"]
        {
            assert!(matches!(parse(body), Avc::NoDenial), "{body}");
        }
    }

    #[test]
    fn object_managers_are_told_by_their_fields() {
        let read = denial(
            "avc: denied { send_msg } for msgtype=method_call spid=4 scontext=u:r:a:s0 tcontext=u:r:b:s0 tclass=dbus exe=\"/usr/bin/dbus-daemon\" sauid=81",
        );
        assert_eq!(
            (read.manager.clone(), read.pid()),
            (Manager::Program(Some("/usr/bin/dbus-daemon".into())), Some(4))
        );
    }
}
