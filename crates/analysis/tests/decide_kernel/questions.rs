//! Random questions that a kernel can be asked, and the answers that it must give if we are right.

use analysis::context::{PartialContext, SecurityContext};
use analysis::decide::{Access, Decider, Labelling};
use testkit::access::AccessQuestions;
use testkit::kernel::{Answer, errno};
use testkit::random::Random;

/// Random questions of every kind.
pub(crate) fn some(maker: &AccessQuestions<'_>, random: &mut Random, count: usize) -> Vec<String> {
    (0..count).map(|_| one(maker, random)).collect()
}

fn one(maker: &AccessQuestions<'_>, random: &mut Random) -> String {
    let triple = |(source, target, class): (String, String, String)| format!("{source} {target} {class}");
    match random.below(100) {
        0..55 => format!("access {}", triple(maker.access(random))),
        55..65 => format!("create {}", triple(maker.labelling(random))),
        65..75 => match maker.naming(random) {
            Some((source, target, class, name)) => {
                let name: String = name.iter().map(|byte| format!("%{byte:02x}")).collect();
                format!("create {source} {target} {class} {name}")
            }
            None => format!("create {}", triple(maker.access(random))),
        },
        75..80 => format!("relabel {}", triple(maker.labelling(random))),
        80..85 => format!("member {}", triple(maker.labelling(random))),
        85..93 => format!("context {}", maker.spelling(random)),
        _ => {
            let (old, new, class) = maker.access(random);
            let (process, _, _) = maker.access(random);
            format!("validatetrans {old} {new} {class} {process}")
        }
    }
}

/// What a permissive kernel must answer, as [`comparable`] gives it.
pub(crate) fn expected(decider: &Decider<'_, '_>, question: &str) -> Answer {
    let words: Vec<&str> = question.split(' ').collect();
    answer(decider, &words).unwrap_or(Answer::Error(errno::EINVAL))
}

/// Our answer; `None` where a context is not valid.
fn answer(decider: &Decider<'_, '_>, words: &[&str]) -> Option<Answer> {
    let store = decider.store();
    let class = |name: &str| store.policy().class_named(name.as_bytes()).expect("a class of the policy");
    Some(match *words {
        ["access", source, target, name] => {
            let (source, target) = (valid(decider, source)?, valid(decider, target)?);
            let decision = decider.decide(&Access { source: &source, target: &target, class: class(name) });
            assert_eq!(decision.allowed, decision.possible, "whole contexts leave nothing open");
            let defined = defined(decider, name);
            let flags = u32::from(decision.permissive) | u32::from(decision.neveraudit) << 1;
            let [allowed, auditallow, auditdeny] =
                [decision.allowed, decision.auditallow, decision.auditdeny].map(|bits| bits & defined);
            Answer::Ok(format!("{allowed:x} {auditallow:x} {auditdeny:x} {flags:x}"))
        }
        [verb, source, target, name, ref rest @ ..] if verb != "validatetrans" => {
            let labelling = match verb {
                "create" => Labelling::Transition,
                "relabel" => Labelling::Change,
                _ => Labelling::Member,
            };
            let name_of_object = rest.first().map(|name| decoded(name));
            let [source, target] =
                [valid(decider, source)?, valid(decider, target)?].map(PartialContext::from);
            let new =
                decider.new_context(labelling, &source, &target, class(name), name_of_object.as_deref());
            if new.no_common_range {
                return None;
            }
            Answer::Ok(new.context.text(store.policy()))
        }
        ["validatetrans", old, new, name, process] => {
            let (old, new, process) = (valid(decider, old)?, valid(decider, new)?, valid(decider, process)?);
            let refusals = decider.validate_transition(&old, &new, &process, class(name));
            if refusals.is_empty() { Answer::Ok(String::new()) } else { Answer::Error(errno::EPERM) }
        }
        ["context", text] => Answer::Ok(valid(decider, text)?.text(store.policy())),
        _ => panic!("no such question: {words:?}"),
    })
}

/// The kernel's answer without what is not compared: permissions that the policy does not define, and the number of
/// the policy's load.
pub(crate) fn comparable(decider: &Decider<'_, '_>, question: &str, answer: &Answer) -> Answer {
    let words: Vec<&str> = question.split(' ').collect();
    let (["access", _, _, class], Answer::Ok(text)) = (words.as_slice(), answer) else {
        return answer.clone();
    };
    let fields: Vec<u32> =
        text.split(' ').map(|field| u32::from_str_radix(field, 16).expect("a hexadecimal number")).collect();
    let [allowed, _, auditallow, auditdeny, _, flags] = fields[..] else {
        panic!("an unknown form of answer: {text}")
    };
    let defined = defined(decider, class);
    let [allowed, auditallow, auditdeny] = [allowed, auditallow, auditdeny].map(|bits| bits & defined);
    Answer::Ok(format!("{allowed:x} {auditallow:x} {auditdeny:x} {flags:x}"))
}

/// A context that the kernel takes.
pub(crate) fn valid(decider: &Decider<'_, '_>, text: &str) -> Option<SecurityContext> {
    let context = SecurityContext::parse(decider.store(), text).ok()?;
    decider.context_rules().is_valid(&context).then_some(context)
}

fn defined(decider: &Decider<'_, '_>, class: &str) -> u32 {
    let class = decider.store().policy().class_named(class.as_bytes()).expect("a class of the policy");
    decider.store().permissions(class).iter().fold(0, |bits, permission| bits | 1 << permission.bit)
}

/// The bytes of a name in the form `%61%62`.
pub(crate) fn decoded(name: &str) -> Vec<u8> {
    let digits = name.split('%').skip(1);
    digits.map(|digits| u8::from_str_radix(digits, 16).expect("two hexadecimal digits")).collect()
}
