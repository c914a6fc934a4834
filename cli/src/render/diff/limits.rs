//! How much is told: a screen of text, all but endless lists in JSON, and a page that a browser still opens.

/// How much of each thing is told at most.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DiffLimits {
    /// Findings.
    pub(super) findings: usize,
    /// Causes.
    pub(super) causes: usize,
    /// Causes by which something was lost.
    pub(super) taken_away: usize,
    /// Names in a list.
    pub(super) names: usize,
    /// Domains that gained or lost most.
    pub(super) domains: usize,
    /// Lines of a section, and groups of access of a domain.
    pub(super) lines: usize,
    /// Causes of one domain.
    pub(super) domain_causes: usize,
    /// Domains of which all is told without having been asked about.
    pub(super) details: usize,
    /// Whether changes that are no access are listed, and not only counted.
    pub(super) sections: bool,
}

impl DiffLimits {
    /// Of text and Markdown; of causes only the largest, unless they were asked for.
    pub(crate) fn text(limit: Option<usize>, causes: bool) -> Self {
        let or = |short: usize| match limit {
            Some(0) => usize::MAX,
            Some(limit) => limit,
            None => short,
        };
        DiffLimits {
            findings: or(8),
            causes: or(if causes { 60 } else { 5 }),
            taken_away: if causes { 0 } else { or(3) },
            names: 3,
            domains: or(4),
            lines: or(60),
            domain_causes: or(60),
            details: 0,
            sections: causes,
        }
    }

    /// Of JSON.
    pub(crate) fn json(limit: Option<usize>) -> Self {
        let all = limit.filter(|limit| *limit > 0).unwrap_or(usize::MAX);
        let (names, details) = (1000, 0);
        let taken_away = 0;
        DiffLimits {
            findings: all,
            causes: all,
            taken_away,
            names,
            domains: all,
            lines: all,
            domain_causes: all,
            details,
            sections: true,
        }
    }

    /// Of the page.
    pub(crate) fn page(limit: Option<usize>) -> Self {
        let or = |most: usize| limit.filter(|limit| *limit > 0).map_or(most, |limit| limit.max(1));
        DiffLimits {
            findings: or(1000),
            causes: or(1000),
            taken_away: 0,
            names: 60,
            domains: or(1000),
            lines: or(200),
            domain_causes: or(40),
            details: or(150),
            sections: true,
        }
    }
}
