//! What changed, for people: one screen, the most serious first, and what to ask next; or all of the domains that were asked
//! about.

use std::io;

use super::domain::DomainReport;
use super::report::{CauseReport, DomainLine, Report};
use super::sections::Section;
use super::{counted, number};
use crate::render::layout::{filled, paragraph};
use crate::render::{Output, Style};

/// Columns of the names of kinds.
const KIND: usize = 24;

/// Prints the report.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn diff_as_text(report: &Report, output: &mut Output) -> io::Result<()> {
    let [old, new] = &report.policies;
    let versions = if old.1 == new.1 {
        format!("version {}", old.1)
    } else {
        format!("version {} → {}", old.1, new.1)
    };
    output.text(format!("{} → {} ({versions})\n", old.0, new.0).as_bytes())?;
    for note in &report.notes {
        paragraph(note, 2, Some(Style::Remark), output)?;
    }
    if !report.renamed.is_empty() {
        let names: Vec<String> =
            report.renamed.iter().take(4).map(|(old, new)| format!("{old} → {new}")).collect();
        let text = format!("renamed, which changes nothing: {}", super::listed(&names, report.renamed.len()));
        paragraph(&text, 2, Some(Style::Remark), output)?;
    }
    if report.is_same {
        return output.text(b"\nno difference\n");
    }
    if !report.domains.is_empty() {
        for domain in &report.domains {
            one_domain(domain, output)?;
        }
        return reach(report, output);
    }
    declared(report, output)?;
    access(report, output)?;
    findings(report, output)?;
    if !report.taken_away.is_empty() {
        title("taken away from domains that are still there, the most first", output)?;
        report.taken_away.iter().try_for_each(|cause| one_cause(cause, cause.lost, output))?;
    }
    newly_bound(report, output)?;
    causes(&report.causes, report.n_causes, output)?;
    for section in report.sections.iter().filter(|section| !section.lines.is_empty()) {
        lines(section, output)?;
    }
    reach(report, output)?;
    next(report, output)
}

fn title(text: &str, output: &mut Output) -> io::Result<()> {
    output.text(b"\n")?;
    output.styled(Style::Keyword, text.as_bytes())?;
    output.text(b"\n")
}

/// Counts of what is declared, and of statements of other kinds than `allow`.
fn declared(report: &Report, output: &mut Output) -> io::Result<()> {
    let rows = report.components.iter().map(|component| {
        let first = component.added.iter().map(|name| format!("+{name}"));
        let first = first.chain(component.removed.iter().map(|name| format!("-{name}")));
        let first = first.chain(component.changed.iter().map(|changed| format!("~{}", changed.name)));
        let shown = first.take(4).collect::<Vec<String>>().join(" ");
        (component.kind.to_owned(), [component.n_added, component.n_removed, component.n_changed], shown)
    });
    let sections = report.sections.iter().map(|section| {
        let first = section.lines.first().cloned().unwrap_or_default();
        (section.title.clone(), [section.n_added, section.n_removed, section.n_changed], first)
    });
    let rows: Vec<_> = rows.chain(sections).collect();
    if rows.is_empty() {
        return Ok(());
    }
    output.text(b"\n")?;
    output.styled(
        Style::Remark,
        format!("{:KIND$}{:>8}{:>9}{:>9}\n", "", "added", "removed", "changed").as_bytes(),
    )?;
    for (kind, counts, first) in rows {
        let [added, removed, changed] = counts.map(|n| if n == 0 { "-".to_owned() } else { number(n) });
        output.text(format!("{kind:<KIND$}{added:>8}{removed:>9}{changed:>9}   ").as_bytes())?;
        let room = output.width().saturating_sub(KIND + 29).max(20);
        let shown = cut(&first, room);
        output.styled(Style::Remark, shown.as_bytes())?;
        output.text(b"\n")?;
    }
    Ok(())
}

/// As much of a text as fits in a line.
fn cut(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    text.chars().take(room.saturating_sub(1)).chain(std::iter::once('…')).collect()
}

fn access(report: &Report, output: &mut Output) -> io::Result<()> {
    let access = &report.access;
    title("access that rules grant", output)?;
    if access.accesses == 0 && report.truncated {
        return output.text(b"  not all of it was looked at\n");
    }
    if access.accesses == 0 {
        return output.text(b"  no domain gained or lost any\n");
    }
    let mut parts =
        vec![format!("{} gained", number(access.gained)), format!("{} lost", number(access.lost))];
    let others = access.may_gain + access.may_lose + access.conditions;
    if others > 0 {
        parts.push(format!("{} by booleans that are off, or under other conditions", number(others)));
    }
    let text = format!(
        "{} of {}: {}",
        counted(access.accesses, "change", "changes"),
        counted(access.domains, "domain", "domains"),
        parts.join(", ")
    );
    paragraph(&text, 2, None, output)?;
    for (word, domains, count) in [
        ("gained most", &report.gained_most, (|line: &DomainLine| line.gained) as fn(&DomainLine) -> usize),
        ("lost most", &report.lost_most, |line: &DomainLine| line.lost),
    ] {
        if !domains.is_empty() {
            let names: Vec<String> = domains
                .iter()
                .map(|line| {
                    let status =
                        if line.status.is_empty() { String::new() } else { format!(" ({})", line.status) };
                    format!("{}{status} {}", line.name, number(count(line)))
                })
                .collect();
            labelled(word, &names.join(", "), output)?;
        }
    }
    Ok(())
}

/// Text beside a word of a fixed width.
fn labelled(word: &str, text: &str, output: &mut Output) -> io::Result<()> {
    const WORD: usize = 13;
    output.styled(Style::Remark, format!("  {word:<WORD$}").as_bytes())?;
    let lines = filled(text, WORD + 2, output.width());
    for (i, line) in lines.iter().enumerate() {
        if i > 0 {
            output.text(" ".repeat(WORD + 2).as_bytes())?;
        }
        output.text(line.as_bytes())?;
        output.text(b"\n")?;
    }
    Ok(())
}

fn findings(report: &Report, output: &mut Output) -> io::Result<()> {
    let counts: Vec<String> =
        report.levels.iter().map(|(level, count)| format!("{} {level}", number(*count))).collect();
    if counts.is_empty() && report.truncated {
        return title("how serious it is cannot be said: not all of it was looked at", output);
    }
    if counts.is_empty() {
        title("nothing serious", output)?;
        return output.text(b"  no confined domain gained access that the table of docs/diff.md names\n");
    }
    title(&format!("most serious of {}", counts.join(", ")), output)?;
    for finding in &report.findings {
        let style = match finding.level {
            "critical" | "high" => Style::Denied,
            "medium" => Style::Off,
            _ => Style::Remark,
        };
        output.styled(style, format!("  {:<9} ", finding.level).as_bytes())?;
        let by = finding.cause.as_ref().map_or_else(String::new, |cause| format!(", by {}", cut(cause, 160)));
        let lines = filled(&format!("{}{by}", finding.text), 12, output.width());
        for (i, line) in lines.iter().enumerate() {
            if i > 0 {
                output.text(" ".repeat(12).as_bytes())?;
            }
            output.text(line.as_bytes())?;
            output.text(b"\n")?;
        }
    }
    let more = report.n_findings.saturating_sub(report.findings.len());
    if more > 0 {
        let text = format!("  … {} more: `--limit 0`\n", number(more));
        output.styled(Style::Remark, text.as_bytes())?;
    }
    Ok(())
}

/// Domains that lose what constraints do not allow them, though no rule went.
fn newly_bound(report: &Report, output: &mut Output) -> io::Result<()> {
    if report.newly_bound.is_empty() {
        return Ok(());
    }
    title("newly bound by constraints, which may deny what rules grant", output)?;
    report.newly_bound.iter().try_for_each(|text| paragraph(text, 2, None, output))?;
    let more = report.n_newly_bound.saturating_sub(report.newly_bound.len());
    if more > 0 {
        output.styled(Style::Remark, format!("  … {} more: `--causes`\n", number(more)).as_bytes())?;
    }
    Ok(())
}

fn causes(causes: &[CauseReport], n_causes: usize, output: &mut Output) -> io::Result<()> {
    if causes.is_empty() {
        return Ok(());
    }
    title("which statements make the changes of access, the largest first", output)?;
    causes.iter().try_for_each(|cause| one_cause(cause, cause.accesses, output))?;
    let more = n_causes.saturating_sub(causes.len());
    if more > 0 {
        let text = format!("  … {} more: `--causes`, `--causes --limit 0` for all\n", number(more));
        output.styled(Style::Remark, text.as_bytes())?;
    }
    Ok(())
}

/// A cause on a line, with a number before it.
fn one_cause(cause: &CauseReport, count: usize, output: &mut Output) -> io::Result<()> {
    output.text(format!("  {:>9}  ", number(count)).as_bytes())?;
    let whom =
        if cause.n_domains == 1 && cause.text.contains(cause.domains.first().map_or("?", String::as_str)) {
            format!("on {}", counted(cause.n_targets, "type", "types"))
        } else {
            format!(
                "for {} on {}",
                counted(cause.n_domains, "domain", "domains"),
                counted(cause.n_targets, "type", "types")
            )
        };
    // A statement ends by itself.
    let end = if cause.text.ends_with([';', ']']) { "" } else { "," };
    let lines = filled(&format!("{}{end} {whom}", cause.text), 13, output.width());
    for (i, line) in lines.iter().enumerate() {
        if i > 0 {
            output.text(" ".repeat(15).as_bytes())?;
        }
        output.text(line.as_bytes())?;
        output.text(b"\n")?;
    }
    for rule in &cause.rules {
        paragraph(rule, 15, Some(Style::Remark), output)?;
    }
    Ok(())
}

fn lines(section: &Section, output: &mut Output) -> io::Result<()> {
    title(&section.title, output)?;
    for line in &section.lines {
        change_line(line, 2, output)?;
    }
    let more = section.n_lines.saturating_sub(section.lines.len());
    if more > 0 {
        output.styled(Style::Remark, format!("  … {} more: `--limit 0`\n", number(more)).as_bytes())?;
    }
    Ok(())
}

/// A line that begins with its sign.
fn change_line(line: &str, indent: usize, output: &mut Output) -> io::Result<()> {
    let style = match line.as_bytes().first() {
        Some(b'+') => Style::Granted,
        Some(b'-') => Style::Denied,
        _ => Style::Off,
    };
    output.text(" ".repeat(indent).as_bytes())?;
    let (sign, rest) = line.split_at(line.len().min(1));
    output.styled(style, sign.as_bytes())?;
    let lines = filled(rest.trim_start(), indent + 4, output.width());
    for (i, line) in lines.iter().enumerate() {
        output.text(if i > 0 { " ".repeat(indent + 4) } else { " ".to_owned() }.as_bytes())?;
        output.text(line.as_bytes())?;
        output.text(b"\n")?;
    }
    Ok(())
}

fn one_domain(domain: &DomainReport, output: &mut Output) -> io::Result<()> {
    let status = match domain.status {
        "" => String::new(),
        status => format!(", {status}"),
    };
    let confined = if domain.confined { "" } else { ", unconfined" };
    let was = domain.was.as_ref().map_or_else(String::new, |was| format!(", was {was}"));
    title(&format!("{}{status}{confined}{was}", domain.name), output)?;
    for remark in &domain.remarks {
        paragraph(remark, 2, None, output)?;
    }
    if domain.causes.is_empty() && domain.statements.is_empty() && domain.remarks.is_empty() {
        output.text(b"  nothing changed for it as a domain\n")?;
    }
    for cause in &domain.causes {
        paragraph(&cause.text, 2, Some(Style::Remark), output)?;
        for group in &cause.groups {
            change_line(&group.line(), 4, output)?;
        }
        let more = cause.n_groups.saturating_sub(cause.groups.len());
        if more > 0 {
            output.styled(Style::Remark, format!("    … {} more: `--limit 0`\n", number(more)).as_bytes())?;
        }
    }
    let more = domain.n_causes.saturating_sub(domain.causes.len());
    if more > 0 {
        let text = format!("  … {} more: `--limit 0`\n", counted(more, "cause", "causes"));
        output.styled(Style::Remark, text.as_bytes())?;
    }
    if !domain.statements.is_empty() {
        paragraph("transitions, ranges, extended permissions", 2, Some(Style::Remark), output)?;
    }
    for line in &domain.statements {
        change_line(line, 4, output)?;
    }
    let more = domain.n_statements.saturating_sub(domain.statements.len());
    if more > 0 {
        output.styled(Style::Remark, format!("    … {} more: `--limit 0`\n", number(more)).as_bytes())?;
    }
    let of = &domain.as_target;
    for (what, names, n) in [
        ("gained access to it", &of.gained, of.n_gained),
        ("lost access to it", &of.lost, of.n_lost),
        ("have it under other conditions", &of.conditions, of.n_conditions),
    ] {
        if n > 0 {
            let text = format!("as a target: {} {what}: {}", number(n), super::listed(names, n));
            paragraph(&text, 2, Some(Style::Remark), output)?;
        }
    }
    Ok(())
}

fn reach(report: &Report, output: &mut Output) -> io::Result<()> {
    let Some(reach) = &report.reach else { return Ok(()) };
    title("confined domains that newly get at what is sensitive, by flows of information", output)?;
    if reach.is_empty() {
        return output.text(b"  none\n");
    }
    for secret in reach {
        let text = format!("{}: {}", secret.secret, counted(secret.count, "domain", "domains"));
        paragraph(&text, 2, None, output)?;
        for path in &secret.first {
            let before = path
                .before
                .map_or_else(String::new, |steps| format!("  (was {})", counted(steps, "step", "steps")));
            paragraph(&format!("{}{before}", path.path.join(" → ")), 4, None, output)?;
            for rule in &path.rules {
                paragraph(rule, 8, Some(Style::Remark), output)?;
            }
        }
        let more = secret.count.saturating_sub(secret.first.len());
        if more > 0 {
            output.styled(Style::Remark, format!("    … {} more\n", number(more)).as_bytes())?;
        }
    }
    Ok(())
}

/// What to ask next.
fn next(report: &Report, output: &mut Output) -> io::Result<()> {
    let domain = report.example.as_ref().map_or_else(String::new, |domain| format!("--domain {domain}, "));
    output.text(b"\n")?;
    let text = format!("ask next: {domain}--causes, --reach, --html FILE, --limit 0");
    paragraph(&text, 0, Some(Style::Remark), output)
}
