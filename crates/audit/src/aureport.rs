//! Rows of `aureport --avc` (auditd `src/aureport-output.c`): number, date, time, comm, subj, syscall, class,
//! permissions, obj, result, event. Nothing is quoted; comm may hold blanks, and permissions are several words.

use crate::denial::{Denial, Lines, Manager, Origin};
use crate::field::{Field, Fields};
use crate::reason::Reason;
use crate::stamp::{EventTime, decimal};
use crate::text::Text;
use crate::tokens::is_blank;

/// Reads a row of something denied; nothing for any other line.
pub(crate) fn read(line: &[u8], lines: Lines) -> Option<Result<Denial, Reason>> {
    let words: Vec<&[u8]> = line.split(|&byte| is_blank(byte)).filter(|word| !word.is_empty()).collect();
    let [number, date, time, middle @ .., result, event] = words.as_slice() else { return None };
    let is_row = number.strip_suffix(b".").and_then(decimal).is_some() && time.contains(&b':');
    let serial = decimal(event)?;
    if !is_row || *result != b"denied" {
        return None;
    }
    Some(columns(middle).ok_or(Reason::Row).map(|columns| {
        let mut fields = Fields::with_capacity(2);
        fields.push(Field::Comm, columns.comm);
        fields.push(Field::Syscall, Text::new(columns.syscall));
        let date = [*date, *time].join(&b' ');
        Denial {
            manager: Manager::Kernel,
            permissions: columns.permissions,
            scontext: Text::new(columns.scontext),
            tcontext: Text::new(columns.tcontext),
            tclass: Text::new(columns.tclass),
            permissive: None,
            fields,
            origin: Origin {
                lines,
                time: Some(EventTime::Date(Text::new(&date))),
                serial: Some(serial),
                ..Origin::default()
            },
        }
    }))
}

struct Columns<'a> {
    comm: Text,
    scontext: &'a [u8],
    syscall: &'a [u8],
    tclass: &'a [u8],
    permissions: Vec<Text>,
    tcontext: &'a [u8],
}

/// What stands between time and result. The contexts are found first: only they have two colons.
fn columns<'a>(words: &[&'a [u8]]) -> Option<Columns<'a>> {
    let (tcontext, words) = words.split_last()?;
    let subject = words.iter().rposition(|word| is_context(word))?;
    let (comm, rest) = words.split_at_checked(subject)?;
    let [scontext, syscall, tclass, permissions @ ..] = rest else { return None };
    let permissions: Vec<Text> = permissions
        .iter()
        .flat_map(|word| word.split(|&byte| byte == b','))
        .filter(|word| !word.is_empty())
        .map(Text::new)
        .collect();
    let is_complete = is_context(tcontext) && !permissions.is_empty();
    let comm = Text::new(&comm.join(&b' '));
    is_complete.then_some(Columns { comm, scontext, syscall, tclass, permissions, tcontext })
}

fn is_context(word: &[u8]) -> bool {
    word.iter().filter(|&&byte| byte == b':').count() >= 2
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::denial::Lines;
    use crate::field::Field;

    #[test]
    fn rows_are_read() {
        let row = b"3. 05/01/2026 10:00:07 my prog u:r:a_t:s0-s0:c0.c1023 openat dir read,search u:object_r:b_t:s0 denied 353";
        let denial = read(row, Lines::default()).unwrap().unwrap();
        assert_eq!(denial.permissions, ["read", "search"]);
        assert_eq!(
            (denial.scontext, denial.tcontext),
            ("u:r:a_t:s0-s0:c0.c1023".into(), "u:object_r:b_t:s0".into())
        );
        assert_eq!(denial.fields.get(Field::Comm), Some(&"my prog".into()));
        assert_eq!(denial.origin.time.unwrap().to_string(), "05/01/2026 10:00:07");
        assert_eq!((denial.tclass, denial.origin.serial), ("dir".into(), Some(353)));
    }

    #[test]
    fn other_lines_are_not() {
        for line in [
            "",
            "# date time comm subj syscall class permission obj result event",
            "1. 05/01/2026 10:00:07 x u:r:a:s0 0 dir read u:object_r:b:s0 granted 3",
            "x 05/01/2026 10:00:07 x u:r:a:s0 0 dir read u:object_r:b:s0 denied 3",
        ] {
            assert!(read(line.as_bytes(), Lines::default()).is_none(), "{line}");
        }
        let gap = "1. 05/01/2026 10:00:07 ? ? 0 (null) (null) (null) denied 3";
        assert!(read(gap.as_bytes(), Lines::default()).unwrap().is_err());
    }
}
