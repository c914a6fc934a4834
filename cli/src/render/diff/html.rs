//! What changed, as one page that needs nothing else: no network, no other file. Folded by cause and by domain with
//! `<details>`, which keyboards and readers know; a search that hides what does not match; readable on a phone.
//!
//! Everything that comes from a policy is escaped, and the page's own policy forbids it to load anything.

use super::domain::DomainReport;
use super::report::{CauseReport, Report};
use super::sections::{ComponentReport, Section};
use super::{counted, listed, number};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The page.
pub(crate) fn diff_as_html(report: &Report) -> String {
    let [old, new] = &report.policies;
    let title = format!("{} → {}", old.0, new.0);
    let mut page = Page::default();
    page.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n");
    page.raw("<title>").text(&title).raw("</title>\n<style>\n").raw(STYLE).raw("</style>\n</head>\n<body>\n");
    page.raw("<header>\n<h1>").text(&title).raw("</h1>\n");
    page.raw("<p>").text(&format!("SELinux policy, version {} → {}", old.1, new.1)).raw("</p>\n");
    for note in &report.notes {
        page.raw("<p class=\"note\">").text(note).raw("</p>\n");
    }
    for (old, new) in &report.renamed {
        page.raw("<p class=\"note\">").text(&format!("{old} is now called {new}: no change")).raw("</p>\n");
    }
    page.raw("<div role=\"search\"><label for=\"search\">Search</label> <input id=\"search\" type=\"search\" autocomplete=\"off\" placeholder=\"type, class, permission, boolean …\"> <output id=\"found\" for=\"search\"></output> <button type=\"button\" id=\"open\">unfold all</button> <button type=\"button\" id=\"close\">fold all</button></div>\n");
    page.raw("</header>\n<main>\n");
    if report.is_same {
        page.raw("<p>No difference.</p>\n");
    } else {
        summary(report, &mut page);
        findings(report, &mut page);
        causes(report, &mut page);
        domains(report, &mut page);
        declared(report, &mut page);
        reach(report, &mut page);
    }
    page.raw("</main>\n<script>\n").raw(SCRIPT).raw("</script>\n</body>\n</html>\n");
    page.0
}

/// A page that grows.
#[derive(Default)]
struct Page(String);

impl Page {
    /// Markup of this file.
    fn raw(&mut self, markup: &str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Text from anywhere.
    fn text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                c => self.0.push(c),
            }
        }
        self
    }

    /// What the search hides and shows as a whole, folded.
    fn folded(&mut self, summary: &str, count: &str, body: impl FnOnce(&mut Page)) {
        self.raw("<details class=\"item\"><summary>").text(summary);
        if !count.is_empty() {
            self.raw(" <span class=\"count\">").text(count).raw("</span>");
        }
        self.raw("</summary>\n");
        body(self);
        self.raw("</details>\n");
    }

    /// Lines with a sign before each.
    fn lines<'a>(&mut self, lines: impl Iterator<Item = &'a str>, n_all: usize) {
        self.raw("<ul class=\"lines\">\n");
        let mut n_lines = 0;
        for line in lines {
            let class = match line.as_bytes().first() {
                Some(b'+') => "plus",
                Some(b'-') => "minus",
                _ => "other",
            };
            self.raw("<li class=\"").raw(class).raw("\"><code>").text(line).raw("</code></li>\n");
            n_lines += 1;
        }
        if n_all > n_lines {
            self.raw("<li>").text(&format!("… {} more", number(n_all - n_lines))).raw("</li>\n");
        }
        self.raw("</ul>\n");
    }
}

fn summary(report: &Report, page: &mut Page) {
    let access = &report.access;
    page.raw("<section aria-labelledby=\"h-summary\">\n<h2 id=\"h-summary\">Summary</h2>\n<p>");
    page.text(&format!(
        "{} of {}: {} gained, {} lost, {} by booleans or under other conditions.",
        counted(access.accesses, "change of access", "changes of access"),
        counted(access.domains, "domain", "domains"),
        number(access.gained),
        number(access.lost),
        number(access.may_gain + access.may_lose + access.conditions)
    ));
    page.raw("</p>\n<p>");
    for (level, count) in &report.levels {
        page.raw("<span class=\"level ")
            .raw(level)
            .raw("\">")
            .text(&format!("{} {level}", number(*count)))
            .raw("</span> ");
    }
    page.raw("</p>\n</section>\n");
}

fn findings(report: &Report, page: &mut Page) {
    page.raw("<section aria-labelledby=\"h-findings\">\n<h2 id=\"h-findings\">Most serious</h2>\n");
    for finding in &report.findings {
        page.raw("<div class=\"item finding\"><span class=\"level ")
            .raw(finding.level)
            .raw("\">")
            .text(finding.level);
        page.raw("</span> ").text(&finding.text);
        if let Some(cause) = &finding.cause {
            page.raw("<br><span class=\"why\">by ").text(cause).raw("</span>");
        }
        if !finding.permissions.is_empty() {
            page.raw("<br><code>").text(&finding.permissions.join(", ")).raw("</code>");
        }
        page.raw("</div>\n");
    }
    more(report.n_findings, report.findings.len(), page);
    page.raw("</section>\n");
}

fn more(n_all: usize, n_shown: usize, page: &mut Page) {
    if n_all > n_shown {
        page.raw("<p>")
            .text(&format!("… {} more are not on this page", number(n_all - n_shown)))
            .raw("</p>\n");
    }
}

fn causes(report: &Report, page: &mut Page) {
    page.raw("<section aria-labelledby=\"h-causes\">\n<h2 id=\"h-causes\">By cause</h2>\n");
    for cause in &report.causes {
        page.folded(&cause.text, &counted(cause.accesses, "change", "changes"), |page| {
            one_cause(cause, page)
        });
    }
    more(report.n_causes, report.causes.len(), page);
    page.raw("</section>\n");
}

fn one_cause(cause: &CauseReport, page: &mut Page) {
    page.raw("<p>")
        .text(&format!("{} gained, {} lost", number(cause.gained), number(cause.lost)))
        .raw("</p>\n");
    page.raw("<p>domains: ").text(&listed(&cause.domains, cause.n_domains)).raw("</p>\n");
    page.raw("<p>types: ").text(&listed(&cause.targets, cause.n_targets)).raw("</p>\n");
    if !cause.rules.is_empty() {
        page.lines(cause.rules.iter().map(String::as_str), cause.rules.len());
    }
}

fn domains(report: &Report, page: &mut Page) {
    page.raw("<section aria-labelledby=\"h-domains\">\n<h2 id=\"h-domains\">By domain</h2>\n");
    for domain in &report.domains {
        let n_changes: usize = domain.causes.iter().map(|cause| cause.accesses).sum();
        let mut title = domain.name.clone();
        for word in [domain.status, if domain.confined { "" } else { "unconfined" }] {
            if !word.is_empty() {
                title = format!("{title}, {word}");
            }
        }
        page.folded(&title, &counted(n_changes, "change", "changes"), |page| one_domain(domain, page));
    }
    more(report.n_domains, report.domains.len(), page);
    page.raw("</section>\n");
}

fn one_domain(domain: &DomainReport, page: &mut Page) {
    for remark in &domain.remarks {
        page.raw("<p>").text(remark).raw("</p>\n");
    }
    for cause in &domain.causes {
        page.raw("<h3>").text(&cause.text).raw("</h3>\n");
        let lines: Vec<String> = cause.groups.iter().map(super::domain::AccessGroup::line).collect();
        page.lines(lines.iter().map(String::as_str), cause.n_groups);
    }
    let more = domain.n_causes.saturating_sub(domain.causes.len());
    if more > 0 {
        let text = format!(
            "… {}: sepolq diff … --domain {}",
            counted(more, "more cause", "more causes"),
            domain.name
        );
        page.raw("<p>").text(&text).raw("</p>\n");
    }
    if !domain.statements.is_empty() {
        page.raw("<h3>Transitions, ranges, extended permissions</h3>\n");
        page.lines(domain.statements.iter().map(String::as_str), domain.n_statements);
    }
}

fn declared(report: &Report, page: &mut Page) {
    page.raw("<section aria-labelledby=\"h-declared\">\n<h2 id=\"h-declared\">Declared</h2>\n");
    for component in &report.components {
        let counts = counts(component.n_added, component.n_removed, component.n_changed);
        page.folded(component.kind, &counts, |page| one_component(component, page));
    }
    for section in &report.sections {
        let counts = counts(section.n_added, section.n_removed, section.n_changed);
        page.folded(&section.title, &counts, |page| one_section(section, page));
    }
    page.raw("</section>\n");
}

fn counts(added: usize, removed: usize, changed: usize) -> String {
    let parts = [(added, "added"), (removed, "removed"), (changed, "changed")];
    let parts: Vec<String> =
        parts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{} {word}", number(*n))).collect();
    parts.join(", ")
}

fn one_component(component: &ComponentReport, page: &mut Page) {
    let added = component.added.iter().map(|name| format!("+ {name}"));
    let removed = component.removed.iter().map(|name| format!("- {name}"));
    let changed = component.changed.iter().map(|changed| {
        let words = |sign: &str, words: &[String]| -> String {
            words.iter().map(|word| format!(" {sign}{word}")).collect()
        };
        format!("~ {}:{}{}", changed.name, words("+", &changed.added), words("-", &changed.removed))
    });
    let lines: Vec<String> = added.chain(removed).chain(changed).collect();
    page.lines(
        lines.iter().map(String::as_str),
        component.n_added + component.n_removed + component.n_changed,
    );
}

fn one_section(section: &Section, page: &mut Page) {
    page.lines(section.lines.iter().map(String::as_str), section.n_lines);
}

fn reach(report: &Report, page: &mut Page) {
    let Some(reach) = &report.reach else { return };
    page.raw("<section aria-labelledby=\"h-reach\">\n<h2 id=\"h-reach\">Who newly gets at what is sensitive</h2>\n");
    for secret in reach {
        page.folded(&secret.secret, &counted(secret.count, "domain", "domains"), |page| {
            for path in &secret.first {
                page.raw("<p>").text(&path.path.join(" → ")).raw("</p>\n");
                page.lines(path.rules.iter().map(String::as_str), path.rules.len());
            }
        });
    }
    page.raw("</section>\n");
}

#[cfg(test)]
mod tests {
    use super::Page;

    #[test]
    fn names_are_text() {
        let mut page = Page::default();
        page.folded("<script>alert(1)</script>", "\"&'", |page| page.lines(["+ <b>"].into_iter(), 1));
        assert!(!page.0.contains("<script>") && !page.0.contains("<b>"), "{}", page.0);
        assert!(page.0.contains("&lt;script&gt;") && page.0.contains("&quot;&amp;&#39;"));
    }
}
