//! What changed, as Markdown: for release notes and tickets.

use std::io;

use super::domain::DomainReport;
use super::report::Report;
use super::{counted, number};
use crate::render::Output;

/// Prints the report.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn diff_as_markdown(report: &Report, output: &mut Output) -> io::Result<()> {
    output.text(markdown(report).as_bytes())
}

fn markdown(report: &Report) -> String {
    let [old, new] = &report.policies;
    let mut text = format!("# {} → {}\n\n", escaped(&old.0), escaped(&new.0));
    if old.1 != new.1 {
        text.push_str(&format!("Version {} → {}.\n\n", old.1, new.1));
    }
    for note in &report.notes {
        text.push_str(&format!("*{}*\n\n", escaped(note)));
    }
    for (old, new) in &report.renamed {
        text.push_str(&format!("- `{}` is now called `{}`\n", code(old), code(new)));
    }
    if !report.renamed.is_empty() {
        text.push('\n');
    }
    if report.is_same {
        text.push_str("No difference.\n");
        return text;
    }
    if !report.findings.is_empty() {
        text.push_str("## Most serious\n\n");
        for finding in &report.findings {
            text.push_str(&format!("- **{}**: {}", finding.level, escaped(&finding.text)));
            if let Some(cause) = &finding.cause {
                text.push_str(&format!(" — by `{}`", code(cause)));
            }
            text.push('\n');
        }
        let more = report.n_findings.saturating_sub(report.findings.len());
        if more > 0 {
            text.push_str(&format!("- and {}\n", counted(more, "other", "others")));
        }
        text.push('\n');
    }
    declared(report, &mut text);
    let access = &report.access;
    if access.accesses > 0 {
        text.push_str(&format!(
            "## Access\n\n{} of {}: {} gained, {} lost, {} by booleans or under other conditions.\n\n",
            counted(access.accesses, "change", "changes"),
            counted(access.domains, "domain", "domains"),
            number(access.gained),
            number(access.lost),
            number(access.may_gain + access.may_lose + access.conditions)
        ));
        for cause in &report.causes {
            text.push_str(&format!(
                "- `{}`: {} for {} on {}\n",
                code(&cause.text),
                counted(cause.accesses, "change", "changes"),
                counted(cause.n_domains, "domain", "domains"),
                counted(cause.n_targets, "type", "types")
            ));
            for rule in &cause.rules {
                text.push_str(&format!("  - `{}`\n", code(rule)));
            }
        }
        let more = report.n_causes.saturating_sub(report.causes.len());
        if more > 0 {
            text.push_str(&format!("- and {}\n", counted(more, "other cause", "other causes")));
        }
        text.push('\n');
    }
    for section in report.sections.iter().filter(|section| !section.lines.is_empty()) {
        text.push_str(&format!("## {}\n\n", escaped(&section.title)));
        fenced(section.lines.iter(), section.n_lines, &mut text);
    }
    for domain in &report.domains {
        one_domain(domain, &mut text);
    }
    for secret in report.reach.iter().flatten() {
        text.push_str(&format!("## Who newly gets at `{}`\n\n", code(&secret.secret)));
        for path in &secret.first {
            text.push_str(&format!("- `{}`\n", code(&path.path.join(" → "))));
        }
        text.push('\n');
    }
    text
}

fn declared(report: &Report, text: &mut String) {
    if report.components.is_empty() && report.sections.is_empty() {
        return;
    }
    text.push_str("## Declared\n\n| | added | removed | changed |\n|---|--:|--:|--:|\n");
    let components = report
        .components
        .iter()
        .map(|component| (component.kind, component.n_added, component.n_removed, component.n_changed));
    let sections = report
        .sections
        .iter()
        .map(|section| (section.title.as_str(), section.n_added, section.n_removed, section.n_changed));
    for (kind, added, removed, changed) in components.chain(sections) {
        text.push_str(&format!("| {} | {added} | {removed} | {changed} |\n", escaped(kind)));
    }
    text.push('\n');
    for component in &report.components {
        for (word, names) in [("added", &component.added), ("removed", &component.removed)] {
            if !names.is_empty() {
                let names: Vec<String> = names.iter().map(|name| format!("`{}`", code(name))).collect();
                text.push_str(&format!("- {} {word}: {}\n", component.kind, names.join(", ")));
            }
        }
    }
    text.push('\n');
}

fn one_domain(domain: &DomainReport, text: &mut String) {
    text.push_str(&format!("## `{}`\n\n", code(&domain.name)));
    for remark in &domain.remarks {
        text.push_str(&format!("- {}\n", escaped(remark)));
    }
    for cause in &domain.causes {
        text.push_str(&format!("\n{}:\n\n", escaped(&cause.text)));
        let lines: Vec<String> = cause.groups.iter().map(super::domain::AccessGroup::line).collect();
        fenced(lines.iter(), cause.n_groups, text);
    }
    if !domain.statements.is_empty() {
        text.push_str("\nTransitions, ranges, extended permissions:\n\n");
        fenced(domain.statements.iter(), domain.n_statements, text);
    }
    text.push('\n');
}

/// Lines as a block of code, longer than any run of backticks in it.
fn fenced<'a>(lines: impl Iterator<Item = &'a String> + Clone, n_all: usize, text: &mut String) {
    let longest = lines.clone().flat_map(|line| line.split(|c| c != '`')).map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    text.push_str(&format!("{fence}diff\n"));
    let mut n_lines = 0;
    for line in lines {
        text.push_str(line);
        text.push('\n');
        n_lines += 1;
    }
    if n_all > n_lines {
        text.push_str(&format!("… {} more\n", number(n_all - n_lines)));
    }
    text.push_str(&format!("{fence}\n\n"));
}

/// Text between single backticks: names hold none but hostile ones.
fn code(text: &str) -> String {
    text.replace('`', "'")
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if r"\`*_[]<>|#!&~".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{escaped, fenced};

    #[test]
    fn names_cannot_end_a_block() {
        let lines = ["+ a ```` b".to_owned()];
        let mut text = String::new();
        fenced(lines.iter(), 1, &mut text);
        assert!(text.starts_with("`````diff\n"), "{text}");
        assert_eq!(escaped("<b>_x"), r"\<b\>\_x");
    }
}
