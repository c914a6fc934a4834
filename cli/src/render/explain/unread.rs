//! What was read beside denials, in words: what cannot be read, what was left out, and how to look further where nothing was
//! found.

use super::Stories;
use super::tell::counted;

/// Something to say that is no story.
pub(super) struct Remark {
    pub(super) text: String,
    /// How the record begins that it is about.
    pub(super) record: Option<String>,
    pub(super) help: Option<String>,
}

/// Commands that look further, and what they show.
const LOOK_FURTHER: [(&str, &str); 6] = [
    ("sudo sepolq explain --boot", "all logs of this boot: auditd's, the journal, the kernel's own"),
    (
        "sudo ausearch -m avc,user_avc,selinux_err -ts recent",
        "the audit log; without auditd: journalctl -b -g avc",
    ),
    (
        "sudo semodule -DB, try again, then sudo semodule -B",
        "denials that dontaudit rules keep out of the log",
    ),
    ("ls -ln FILE; id", "modes and owners: in user namespaces they differ"),
    ("sepolq list permissive", "domains that are logged and not stopped"),
    ("getenforce", "whether anything is stopped at all"),
];

/// Commands that look further than was looked.
pub(super) fn look_further(stories: &Stories<'_, '_>) -> &'static [(&'static str, &'static str)] {
    let looked_at = if stories.unread.is_of_boot { 2 } else { 0 };
    LOOK_FURTHER.get(looked_at..).unwrap_or_default()
}

/// That nothing was found, and of what.
pub(super) fn nothing(stories: &Stories<'_, '_>) -> String {
    let read = counted(stories.unread.counts.lines, "line", "lines");
    let none = match stories.unread.counts.unreadable {
        0 => "no denial found",
        _ => "no denial found that can be read",
    };
    format!("{none}: {read} read of {}", stories.unread.sources.join(", "))
}

/// What cannot be read, and what was left out.
pub(super) fn remarks(stories: &Stories<'_, '_>) -> Vec<Remark> {
    let unread = &stories.unread;
    let mut remarks: Vec<Remark> = Vec::new();
    for unreadable in &unread.unreadable {
        let help = unreadable.reason.help();
        // Said once, below the last that it is about.
        if let Some(before) = remarks.last_mut().filter(|before| before.help == help) {
            before.help = None;
        }
        remarks.push(Remark {
            text: format!(
                "line {}: looks like a denial and cannot be read: {}",
                unreadable.lines.first, unreadable.reason
            ),
            record: Some(unreadable.start.to_string()),
            help,
        });
    }
    let more = unread.counts.unreadable.saturating_sub(unread.unreadable.len() as u64);
    let sentences = if unread.counts.denials > 0 { unread.counts.sentences } else { 0 };
    let counts = [
        (
            more,
            "more looks like a denial and cannot be read",
            "more look like denials and cannot be read",
            None,
        ),
        (
            sentences,
            "sentence of setroubleshoot was passed over, which has no contexts",
            "sentences of setroubleshoot were passed over, which have no contexts",
            Some("`sealert -l ID` ends with the records"),
        ),
        (
            stories.overflow,
            "denial of a further kind was left out",
            "denials of further kinds were left out",
            Some("ask a part of the log"),
        ),
        (
            unread.counts.cut,
            "line was cut, it is longer than 1 MiB",
            "lines were cut, they are longer than 1 MiB",
            None,
        ),
    ];
    for (count, one, many, help) in counts {
        if count > 0 {
            let help = help.map(str::to_owned);
            remarks.push(Remark { text: counted(count, one, many), record: None, help });
        }
    }
    remarks
}
