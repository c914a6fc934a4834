//! A verdict for people: the permissions, then every reason on a line of its own.

use std::io;

use analysis::context::PartialContext;
use analysis::decide::{
    Applied, AppliedRule, CommandVerdict, Contexts, Operation, Proof, asked_instead_of_ioctl,
};
use avstore::Rule;
use policydb::{HandleUnknown, RuleKind, TypeId};

use super::access::{AccessAnswer, Permission, Verdict, operation_name, permission_set, rule_line};
use super::{Output, Style};

/// Rules that are shown before the others are only counted.
const RULES_SHOWN: usize = 10;

/// Prints the answer.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn access_as_text(answer: &AccessAnswer<'_, '_>, output: &mut Output) -> io::Result<()> {
    let wanted = &answer.request.wanted;
    let Some(proof) = &answer.proof else {
        let named = wanted.undefined.join(" ");
        let asked =
            if named.is_empty() { format!("every permission of {}", wanted.class_name) } else { named };
        headline(output, answer.verdict(), &asked, "")?;
        return reason(
            output,
            "undefined",
            &handle_unknown(answer, &format!("the class {}", wanted.class_name)),
        );
    };
    let permissions = answer.permissions();
    let names = |verdict: Verdict| -> Vec<&str> {
        permissions.iter().filter(|p| p.verdict == verdict).map(|p| p.name.as_str()).collect()
    };
    let mut granted = names(Verdict::Granted);
    let mut shown_any = false;
    for verdict in [Verdict::Denied, Verdict::Depends, Verdict::Granted] {
        let of_verdict: Vec<&Permission> = permissions.iter().filter(|p| p.verdict == verdict).collect();
        if of_verdict.is_empty() || (verdict == Verdict::Granted && shown_any) {
            continue;
        }
        let beside = match granted.as_slice() {
            _ if verdict == Verdict::Granted => String::new(),
            [] => String::new(),
            [one] => format!("({one} is granted)"),
            several => format!("({} are granted)", several.join(" ")),
        };
        granted.clear();
        headline(output, verdict, &names(verdict).join(" "), &beside)?;
        block(answer, proof, verdict, &of_verdict, output)?;
        shown_any = true;
    }
    if permissions.is_empty() {
        headline(output, Verdict::Granted, "(the class has no permissions)", "")?;
    }
    Ok(())
}

/// `denied: read        (open is granted)`
fn headline(output: &mut Output, verdict: Verdict, permissions: &str, beside: &str) -> io::Result<()> {
    let style = match verdict {
        Verdict::Granted => Style::Granted,
        Verdict::Denied => Style::Denied,
        Verdict::Depends => Style::Off,
    };
    output.styled(style, verdict.word().as_bytes())?;
    output.text(format!(": {permissions}").as_bytes())?;
    if !beside.is_empty() {
        output.text(format!("        {beside}").as_bytes())?;
    }
    output.text(b"\n")
}

/// `  rule       …`
fn reason(output: &mut Output, label: &str, text: &str) -> io::Result<()> {
    output.text(b"  ")?;
    output.styled(Style::Remark, format!("{label:<10}").as_bytes())?;
    output.text(format!(" {text}\n").as_bytes())
}

/// What belongs to the reason above.
fn detail(output: &mut Output, text: &str) -> io::Result<()> {
    output.text(format!("               {text}\n").as_bytes())
}

fn block(
    answer: &AccessAnswer<'_, '_>,
    proof: &Proof<'_>,
    verdict: Verdict,
    permissions: &[&Permission],
    output: &mut Output,
) -> io::Result<()> {
    let bits = permissions.iter().fold(0, |bits, permission| bits | permission.bit);
    let request = answer.request;
    let (source, target) = (request.source.r#type, request.target.r#type);
    rules(answer, proof, bits, (source, target), output)?;
    if verdict != Verdict::Granted {
        constraints(answer, proof, (verdict, bits), (&request.source, &request.target), output)?;
        role(answer, proof, bits, output)?;
        bounds(answer, proof, bits, output)?;
    }
    let undefined: Vec<&str> = permissions.iter().filter(|p| p.bit == 0).map(|p| p.name.as_str()).collect();
    if !undefined.is_empty() {
        reason(output, "undefined", &handle_unknown(answer, &undefined.join(" ")))?;
    }
    if let Some((operation, command)) = &answer.command
        && permissions.iter().any(|permission| {
            permission.name == operation_name(*operation) && permission.bit & proof.decision.by_rules != 0
        })
    {
        command_lines(answer, *operation, command, output)?;
    }
    if answer.command.is_none() && verdict != Verdict::Denied {
        for operation in [Operation::Ioctl, Operation::Nlmsg] {
            let name = operation_name(operation);
            if permissions.iter().any(|p| p.name == name) && answer.commands_are_checked(operation) {
                let text =
                    format!("extended rules have commands checked: ask about one with --{name} NUMBER");
                reason(output, "commands", &text)?;
            }
        }
    }
    if verdict == Verdict::Depends {
        if let Some(class) = request.wanted.class {
            for condition in answer.decider.open_conditions(proof, class, bits & proof.open()) {
                reason(output, "granted if", &condition)?;
            }
        }
        witnesses(answer, output)?;
    }
    audit(answer, proof, bits, verdict, output)?;
    if verdict != Verdict::Granted && proof.decision.permissive {
        let name = answer.store().type_name(source);
        reason(
            output,
            "permissive",
            &format!("{name} is permissive: what is denied is logged, and done all the same"),
        )?;
    }
    Ok(())
}

fn rules(
    answer: &AccessAnswer<'_, '_>,
    proof: &Proof<'_>,
    bits: u32,
    (source, target): (TypeId, TypeId),
    output: &mut Output,
) -> io::Result<()> {
    let about: Vec<&Applied<'_>> =
        proof.grants.iter().filter(|rule| rule.rule.permissions() & bits != 0).collect();
    let shown = (!answer.request.wanted.all).then_some(proof.requested);
    let (on, off): (Vec<_>, Vec<_>) = about.into_iter().partition(|rule| rule.in_force);
    for applied in on.iter().take(RULES_SHOWN) {
        reason(output, "rule", &rule_line(answer.store(), applied, shown, (source, target)))?;
    }
    if on.len() > RULES_SHOWN {
        detail(output, &format!("… and {} more rules", on.len() - RULES_SHOWN))?;
    }
    let missing = bits & proof.without_rule();
    if missing != 0
        && let Some(class) = answer.request.wanted.class
    {
        let set = permission_set(answer.store(), class, missing, u32::MAX);
        let grants = if off.iter().any(|rule| rule.rule.permissions() & missing != 0) {
            "no rule that is in force grants"
        } else {
            "no rule grants"
        };
        reason(output, "no rule", &format!("{grants} {set}"))?;
    }
    for applied in off.iter().filter(|rule| rule.rule.permissions() & missing != 0).take(RULES_SHOWN) {
        reason(output, "off", &rule_line(answer.store(), applied, shown, (source, target)))?;
    }
    Ok(())
}

fn constraints(
    answer: &AccessAnswer<'_, '_>,
    proof: &Proof<'_>,
    (verdict, bits): (Verdict, u32),
    (source, target): (&PartialContext, &PartialContext),
    output: &mut Output,
) -> io::Result<()> {
    let Some(class) = answer.request.wanted.class else { return Ok(()) };
    let contexts = Contexts::new(source, target);
    for refusal in proof.constraints.iter().filter(|refusal| refusal.permissions & bits != 0) {
        let Some(constraint) = answer.decider.constraints(class).get(refusal.index) else { continue };
        let keyword = if avstore::compares_levels(&constraint.steps) { "mlsconstrain" } else { "constrain" };
        let set = permission_set(answer.store(), class, constraint.permissions, bits);
        let expression = answer.decider.expression_text(constraint);
        let name = answer.store().class_name(class);
        // What is denied for another reason may be refused by this one as well.
        let label = if refusal.certain || verdict == Verdict::Depends { "constraint" } else { "may refuse" };
        reason(output, label, &format!("{keyword} {name} {set} ({expression})"))?;
        let reasons = answer.decider.leaf_reasons(constraint, &refusal.values, contexts);
        let width = reasons.iter().map(|leaf| leaf.comparison.chars().count()).max().unwrap_or(0).min(40);
        for leaf in reasons {
            detail(output, &format!("{:<width$}   {}", leaf.comparison, leaf.why))?;
        }
    }
    Ok(())
}

fn role(answer: &AccessAnswer<'_, '_>, proof: &Proof<'_>, bits: u32, output: &mut Output) -> io::Result<()> {
    let Some(role) = proof.role.filter(|role| role.permissions & bits != 0) else { return Ok(()) };
    let policy = answer.store().policy();
    let name = |id: Option<policydb::RoleId>| {
        id.and_then(|id| policy.role_name(id)).map_or_else(|| "(open)".to_owned(), |name| name.to_string())
    };
    let (from, to) = (name(role.from), name(role.to));
    let text = if role.certain {
        format!("a process may not go from {from} to {to}: there is no `allow {from} {to};`")
    } else {
        format!("going from {from} to {to} needs a role allow, unless the roles are equal")
    };
    reason(output, "role", &text)
}

fn bounds(
    answer: &AccessAnswer<'_, '_>,
    proof: &Proof<'_>,
    bits: u32,
    output: &mut Output,
) -> io::Result<()> {
    let name = |id| answer.store().type_name(id).to_string();
    let (mut inner, mut bounded) = (proof.bound.as_deref(), answer.request.source.r#type);
    while let Some(bound) = inner.filter(|bound| bound.permissions & bits != 0) {
        let Some(class) = answer.request.wanted.class else { return Ok(()) };
        let set = permission_set(answer.store(), class, bound.permissions & bits, u32::MAX);
        let towards = if bound.target_is_bound {
            format!("{}, which bounds the target", name(bound.target))
        } else {
            name(bound.target)
        };
        let text = format!(
            "{} is bounded by {}, which does not have {set} towards {towards}",
            name(bounded),
            name(bound.source)
        );
        reason(output, "bounds", &text)?;
        (inner, bounded) = (bound.proof.bound.as_deref(), bound.source);
    }
    Ok(())
}

fn command_lines(
    answer: &AccessAnswer<'_, '_>,
    operation: Operation,
    command: &CommandVerdict<'_>,
    output: &mut Output,
) -> io::Result<()> {
    let number = format!("{:#06x}", command.command);
    let name = operation_name(operation);
    if !command.checked {
        reason(
            output,
            "command",
            &format!("no extended rule applies, so {name} covers every command, {number} too"),
        )?;
    } else {
        let text = if command.allowed {
            format!("{number} is allowed by")
        } else {
            format!("{number} is in no allowxperm, and these rules have commands checked:")
        };
        reason(output, "command", &text)?;
        let sides = (answer.request.source.r#type, answer.request.target.r#type);
        for applied in command.rules.iter().take(RULES_SHOWN) {
            detail(output, &rule_line(answer.store(), applied, None, sides))?;
        }
    }
    if operation == Operation::Ioctl
        && let Some(instead) = asked_instead_of_ioctl(command.command)
    {
        reason(output, "note", instead)?;
    }
    Ok(())
}

fn witnesses(answer: &AccessAnswer<'_, '_>, output: &mut Output) -> io::Result<()> {
    let policy = answer.store().policy();
    let pairs = [("granted to", &answer.witnesses.granted), ("denied to", &answer.witnesses.denied)];
    for (label, pair) in pairs {
        if let Some((source, target)) = pair {
            reason(output, label, &format!("{}  on  {}", source.text(policy), target.text(policy)))?;
        }
    }
    Ok(())
}

/// What is kept out of the log, or put into it, against what one would expect.
fn audit(
    answer: &AccessAnswer<'_, '_>,
    proof: &Proof<'_>,
    bits: u32,
    verdict: Verdict,
    output: &mut Output,
) -> io::Result<()> {
    let sides = (answer.request.source.r#type, answer.request.target.r#type);
    let wanted = match verdict {
        Verdict::Granted => RuleKind::AuditAllow,
        Verdict::Denied => RuleKind::DontAudit,
        Verdict::Depends => return Ok(()),
    };
    let label = if verdict == Verdict::Granted { "logged" } else { "not logged" };
    let is_it = |applied: &&Applied<'_>| {
        matches!(&applied.rule, AppliedRule::Stated(Rule::Av { rule, .. }) if rule.kind() == wanted)
            && applied.rule.permissions() & bits != 0
    };
    let shown = (!answer.request.wanted.all).then_some(bits);
    for applied in proof.audits.iter().filter(is_it).take(RULES_SHOWN) {
        reason(output, label, &rule_line(answer.store(), applied, shown, sides))?;
    }
    Ok(())
}

fn handle_unknown(answer: &AccessAnswer<'_, '_>, what: &str) -> String {
    let effect = match answer.store().policy().header().handle_unknown {
        HandleUnknown::Allow => "allow: it is granted, past rules and constraints",
        HandleUnknown::Deny => "deny",
        HandleUnknown::Reject => "reject: a kernel that knows it does not load this policy",
    };
    format!("the policy does not define {what}, and its handle_unknown is {effect}")
}
