//! Why a cell is what it is: a word for the margin, and a line of text.

use analysis::breakout::{
    AskedAnswer, Cell, Lacking, Layer, Missing, NeedAnswer, NeedVerdict, Primitive, Verdict,
};
use avstore::Store;
use policydb::{BoolId, HandleUnknown, TypeId};

use crate::render::access::rule_line;

/// Rules that are not in force and are shown of one need.
const OFF_SHOWN: usize = 3;

/// A line of text, and the word in the margin.
pub(super) type Line = (&'static str, String);

/// Everything that is said about a cell.
pub(super) fn cell(store: &Store<'_>, primitive: &Primitive, cell: &Cell<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    let Some(way) = cell.telling() else { return lines };
    let how = primitive.ways.get(cell.way).and_then(|way| way.how.clone());
    if let Some(how) = how.filter(|_| primitive.ways.len() > 1 && cell.verdict != Verdict::Blocked) {
        lines.push(("by", how));
    }
    for answer in &way.needs {
        match (&answer.verdict, cell.verdict) {
            (NeedVerdict::Granted, Verdict::Open | Verdict::CannotTell) => {
                lines.extend(granted(store, answer))
            }
            (NeedVerdict::Granted, Verdict::Blocked) => {}
            (NeedVerdict::Denied, _) => lines.extend(denied(store, answer)),
            (NeedVerdict::Depends, _) => lines.extend(depends(store, answer)),
            (NeedVerdict::Missing(missing), _) => lines.push(("why", self::missing(store, missing))),
        }
    }
    if cell.verdict == Verdict::Blocked && primitive.ways.len() > 1 {
        lines.push(("", format!("(the nearest of {} ways)", primitive.ways.len())));
    }
    lines.extend(openers(store, cell).map(|text| ("opened", text)));
    lines
}

/// The reason why a cell cannot be told, in one line.
pub(super) fn untold(store: &Store<'_>, cell: &Cell<'_>) -> String {
    let needs = cell.telling().map(|way| way.needs.as_slice()).unwrap_or_default();
    let reason = needs.iter().find_map(|answer| match &answer.verdict {
        NeedVerdict::Missing(missing) => Some(self::missing(store, missing)),
        NeedVerdict::Depends => depends(store, answer).into_iter().next().map(|(_, text)| text),
        _ => None,
    });
    reason.unwrap_or_default()
}

/// `container_manage_cgroup=on`, for each list of booleans that would open a cell.
pub(super) fn openers(store: &Store<'_>, cell: &Cell<'_>) -> Option<String> {
    let setting = |(id, state): &(BoolId, bool)| {
        let name = store.policy().boolean(*id).map(|(name, _)| name.to_string()).unwrap_or_default();
        format!("{name}={}", if *state { "on" } else { "off" })
    };
    let list =
        |settings: &Vec<(BoolId, bool)>| settings.iter().map(setting).collect::<Vec<_>>().join(" with ");
    let lists: Vec<String> = cell.booleans.iter().map(list).collect();
    (!lists.is_empty()).then(|| format!("by {}", lists.join(", or by ")))
}

/// The permissions of a class in braces, where there are several.
fn access(class: &str, permissions: &[String]) -> String {
    match permissions {
        [one] => format!("{class} {one}"),
        several => format!("{class} {{ {} }}", several.join(" ")),
    }
}

fn sides(answer: &NeedAnswer<'_>) -> Option<(TypeId, TypeId)> {
    Some((answer.source.as_ref()?.r#type, answer.target.as_ref()?.r#type))
}

fn granted(store: &Store<'_>, answer: &NeedAnswer<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    let Some((source, target)) = sides(answer) else { return lines };
    if answer.permissive {
        let asked: Vec<String> =
            answer.asked.iter().map(|asked| access(&asked.class, &asked.permissions)).collect();
        let (source, target) = (store.type_name(source), store.type_name(target));
        let text = format!("{source} is permissive: {} on {target} is logged, and done", asked.join(", "));
        lines.push(("rule", text));
        return lines;
    }
    for asked in &answer.asked {
        lines.extend(
            asked
                .rules
                .iter()
                .map(|rule| ("rule", rule_line(store, rule, Some(asked.bits), (source, target)))),
        );
        if !asked.undefined.is_empty() {
            lines.push(("rule", undefined(store, asked, &asked.undefined)));
        }
    }
    lines
}

fn denied(store: &Store<'_>, answer: &NeedAnswer<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    let Some((source, target)) = sides(answer) else { return lines };
    for asked in &answer.asked {
        for lacking in &asked.lacking {
            lines.push(("why", refused(store, answer, asked, lacking)));
        }
        for constraint in &asked.constraints {
            let why: Vec<String> = constraint
                .reasons
                .iter()
                .map(|reason| format!("{}: {}", reason.comparison, reason.why))
                .collect();
            lines.push(("", format!("{} ({})", constraint.expression, why.join("; "))));
        }
        let off = asked.off.iter().take(OFF_SHOWN);
        lines.extend(off.map(|rule| ("off", rule_line(store, rule, Some(asked.bits), (source, target)))));
    }
    lines
}

/// Why permissions are not granted.
fn refused(store: &Store<'_>, answer: &NeedAnswer<'_>, asked: &AskedAnswer<'_>, lacking: &Lacking) -> String {
    let wanted = access(&asked.class, &lacking.permissions);
    let Some((source, target)) = sides(answer) else { return wanted };
    let (source, target_name) = (store.type_name(source), store.type_name(target));
    let others = match answer.n_objects {
        0 | 1 => String::new(),
        2 => "; the other type that would do is no better".to_owned(),
        n => format!("; the {} other types that would do are no better", n.saturating_sub(1)),
    };
    match lacking.layer {
        Layer::Rules => {
            let are_off = asked.off.iter().any(|rule| rule.rule.permissions() & asked.bits != 0);
            let rule = if are_off { "no rule in force grants" } else { "no rule grants" };
            format!("{rule} {source} {wanted} on {target_name}{others}")
        }
        Layer::Constraints => {
            let policy = store.policy();
            let label = answer.target.as_ref().and_then(|target| target.range.as_ref());
            let level = label.map_or_else(String::new, |range| format!(":{}", range.text(policy)));
            let own = answer.source.as_ref().and_then(|source| source.range.as_ref());
            let own = own.map_or_else(String::new, |range| format!(":{}", range.text(policy)));
            format!("a constraint refuses {source}{own} {wanted} on {target_name}{level}{others}")
        }
        Layer::Bounds => {
            format!("the type that bounds {source} is not granted {wanted} on {target_name}{others}")
        }
        Layer::Undefined => undefined(store, asked, &lacking.permissions),
    }
}

fn undefined(store: &Store<'_>, asked: &AskedAnswer<'_>, permissions: &[String]) -> String {
    let effect = match store.policy().header().handle_unknown {
        HandleUnknown::Allow => "allow: it is granted",
        HandleUnknown::Deny => "deny",
        HandleUnknown::Reject => "reject",
    };
    let what = access(&asked.class, permissions);
    format!("the policy does not define {what}, and its handle_unknown is {effect}")
}

fn depends(store: &Store<'_>, answer: &NeedAnswer<'_>) -> Vec<Line> {
    let policy = store.policy();
    let mut lines = Vec::new();
    let Some((_, target)) = sides(answer) else { return lines };
    for asked in answer.asked.iter().filter(|asked| !asked.granted_if.is_empty()) {
        let wanted = access(&asked.class, &asked.permissions);
        let target = store.type_name(target);
        lines.push((
            "depends",
            format!("{wanted} on {target}: granted if {}", asked.granted_if.join(" and ")),
        ));
        for (word, pair) in [("granted", &asked.witnesses.granted), ("denied", &asked.witnesses.denied)] {
            if let Some((source, target)) = pair {
                let text = format!("{word} to {} on {}", source.text(policy), target.text(policy));
                lines.push(("", text));
            }
        }
    }
    lines
}

fn missing(store: &Store<'_>, missing: &Missing) -> String {
    match missing {
        Missing::Objects(names) => format!("the policy has no {}", names.join(", no ")),
        Missing::Subjects(names) => format!("the policy has no {}", names.join(", no ")),
        Missing::Rejected(name) => {
            let version = store.policy().format().version;
            format!(
                "the policy (version {version}) does not define {name}: a kernel that knows it does not load it"
            )
        }
    }
}
