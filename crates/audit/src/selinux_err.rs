//! The body of a SELINUX_ERR record (kernel `security/selinux/ss/services.c`; `hooks.c` for setxattr and fscreate).
//!
//! Today's kernels write `op=… field=value`; those before 3.17 wrote `security_compute_sid:  invalid context X for …`.

use crate::decode::Writing;
use crate::denial::RefusalKind;
use crate::field::{Field, Fields};
use crate::reason::Reason;
use crate::text::Text;
use crate::tokens::{each_field, is_blank};
use memchr::memmem;

/// What the body says, or why it cannot be read, or nothing where it is another kind of message, such as one about an
/// unknown netlink message.
pub(crate) fn read(body: &[u8], writing: Writing) -> Option<Result<RefusalKind, Reason>> {
    let mut fields = Fields::with_capacity(6);
    each_field(body, writing, |field, text| fields.push(field, text));
    let operation = fields.get(Field::Op).cloned().unwrap_or_else(|| old_operation(body));
    let get = |field| fields.get(field).filter(|text| !text.is_empty()).cloned();
    let kind = match operation.as_bytes() {
        b"security_bounded_transition" => bounded(&get),
        b"security_validate_transition" => validate(&get),
        b"security_compute_av" => bounds(&get),
        // `security_sid_mls_copy` and others make a context of two as well.
        _ if operation.as_bytes().starts_with(b"security_") => {
            let newcontext = get(Field::InvalidContext).or_else(|| old_context(body));
            invalid(newcontext, operation, &get)
        }
        b"" => return None,
        _ => get(Field::InvalidContext).map(|context| RefusalKind::UnknownLabel { operation, context }),
    };
    Some(kind.ok_or(Reason::UnknownRefusal))
}

fn bounded(get: &impl Fn(Field) -> Option<Text>) -> Option<RefusalKind> {
    let (oldcontext, newcontext) = (get(Field::Oldcontext)?, get(Field::Newcontext)?);
    Some(RefusalKind::BoundedTransition { oldcontext, newcontext })
}

fn validate(get: &impl Fn(Field) -> Option<Text>) -> Option<RefusalKind> {
    Some(RefusalKind::ValidateTransition {
        oldcontext: get(Field::Oldcontext)?,
        newcontext: get(Field::Newcontext)?,
        taskcontext: get(Field::Taskcontext)?,
        tclass: get(Field::Tclass)?,
    })
}

fn bounds(get: &impl Fn(Field) -> Option<Text>) -> Option<RefusalKind> {
    let permissions = get(Field::Perms)?;
    let words = permissions.as_bytes().split(|&byte| byte == b',').filter(|word| !word.is_empty());
    Some(RefusalKind::Bounds {
        scontext: get(Field::Scontext)?,
        tcontext: get(Field::Tcontext)?,
        tclass: get(Field::Tclass)?,
        permissions: words.map(Text::new).collect(),
    })
}

fn invalid(
    newcontext: Option<Text>,
    operation: Text,
    get: &impl Fn(Field) -> Option<Text>,
) -> Option<RefusalKind> {
    let newcontext = newcontext?;
    match (get(Field::Scontext), get(Field::Tcontext), get(Field::Tclass)) {
        (Some(scontext), Some(tcontext), Some(tclass)) => {
            Some(RefusalKind::InvalidContext { newcontext, scontext, tcontext, tclass })
        }
        _ => Some(RefusalKind::UnknownLabel { operation, context: newcontext }),
    }
}

/// `security_compute_sid` of `security_compute_sid:  invalid context …`.
fn old_operation(body: &[u8]) -> Text {
    let at = memmem::find(body, b"security_").unwrap_or(body.len());
    let rest = body.get(at..).unwrap_or_default();
    let end = rest.iter().position(|&byte| byte == b':' || is_blank(byte)).unwrap_or(0);
    Text::new(rest.get(..end).unwrap_or_default())
}

/// The context of `invalid context X for …`.
fn old_context(body: &[u8]) -> Option<Text> {
    let at = memmem::find(body, b"invalid context ")?;
    let rest = body.get(at.checked_add(16)?..)?;
    let end = rest.iter().position(|&byte| is_blank(byte)).unwrap_or(rest.len());
    rest.get(..end).filter(|context| !context.is_empty()).map(Text::new)
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::decode::Writing;
    use crate::denial::RefusalKind;
    use crate::reason::Reason;

    fn parse(body: &str) -> Option<Result<RefusalKind, Reason>> {
        read(body.as_bytes(), Writing::Raw)
    }

    #[test]
    fn every_operation_is_read() {
        let new = parse(
            "op=security_compute_sid invalid_context=a:b:c scontext=d:e:f tcontext=g:h:i tclass=process",
        );
        let old = parse(
            "security_compute_sid:  invalid context a:b:c for scontext=d:e:f tcontext=g:h:i tclass=process",
        );
        let quoted = parse(
            "op=security_compute_sid invalid_context=\"a:b:c\" scontext=d:e:f tcontext=g:h:i tclass=process",
        );
        let expected = RefusalKind::InvalidContext {
            newcontext: "a:b:c".into(),
            scontext: "d:e:f".into(),
            tcontext: "g:h:i".into(),
            tclass: "process".into(),
        };
        assert_eq!(new, Some(Ok(expected)));
        assert_eq!((&old, &quoted), (&new, &new));
        assert!(matches!(
            parse("op=security_bounded_transition seresult=denied oldcontext=a:b:c newcontext=d:e:f"),
            Some(Ok(RefusalKind::BoundedTransition { .. }))
        ));
        assert!(matches!(
            parse(
                "op=security_validate_transition seresult=denied oldcontext=a:b:c newcontext=d:e:f taskcontext=g:h:i tclass=file"
            ),
            Some(Ok(RefusalKind::ValidateTransition { .. }))
        ));
        let Some(Ok(RefusalKind::Bounds { permissions, .. })) = parse(
            "op=security_compute_av reason=bounds scontext=a:b:c tcontext=d:e:f tclass=file perms=read,write",
        ) else {
            panic!("not read");
        };
        assert_eq!(permissions, ["read", "write"]);
        assert!(matches!(
            parse("op=setxattr invalid_context=\"a:b:gone\""),
            Some(Ok(RefusalKind::UnknownLabel { .. }))
        ));
    }

    #[test]
    fn what_is_incomplete_or_something_else() {
        assert_eq!(
            parse("op=security_bounded_transition oldcontext=a:b:c"),
            Some(Err(Reason::UnknownRefusal))
        );
        assert_eq!(parse("SELinux: unrecognized netlink message: protocol=0 nlmsg_type=1000"), None);
        assert_eq!(parse(""), None);
    }
}
