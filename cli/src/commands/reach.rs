//! `reach`: what a domain can do, by groups, alone or beside others.

use analysis::context::PartialContext;
use analysis::decide::{Decider, WhatIf, possible_context};
use analysis::nearest;
use analysis::reach::{DirectReach, GROUPS, direct};
use anyhow::bail;
use avstore::Store;

use crate::args::{Global, ReachArgs};
use crate::policy_source;
use crate::render::{Output, ReachAnswer, reach_as_json, reach_as_text};
use crate::status::Status;

/// Domains that are set side by side at most: each is a column.
const MOST: usize = 32;

/// Answers the question.
pub(crate) fn run(global: &Global, args: &ReachArgs) -> anyhow::Result<Status> {
    let listed = listed(&args.list)?;
    let what_if = WhatIf { booleans: args.settings.clone(), ..WhatIf::default() };
    policy_source::with_store(global, |source, store| {
        let decider = Decider::new(store, what_if.resolve(store)?);
        let mut domains = Vec::new();
        for word in std::iter::once(&args.domain).chain(&args.vs) {
            domains.extend(domains_of(&decider, store, word)?);
        }
        if domains.len() > MOST {
            bail!(
                "{} domains are more than can be set side by side\nhelp: name a smaller attribute, or at most {MOST} of its types",
                domains.len()
            );
        }
        let reaches: Vec<DirectReach> = domains.iter().map(|domain| direct(&decider, domain)).collect();
        let any = reaches.iter().flat_map(|reach| &reach.groups).any(|group| group.count().0 > 0);
        let answer = ReachAnswer { source, store, settings: &args.settings, reaches, listed };
        let status = if any { Status::Found } else { Status::NothingFound };
        Output::answer(global.color, status, |output| {
            if args.json { reach_as_json(&answer, output) } else { reach_as_text(&answer, output) }
        })
    })
}

/// The groups that are listed, as positions in [`GROUPS`].
fn listed(words: &[String]) -> anyhow::Result<Vec<usize>> {
    let mut listed = Vec::new();
    for word in words {
        if word == "all" {
            return Ok((0..GROUPS.len()).collect());
        }
        let before = listed.len();
        let is_meant = |group: &analysis::reach::Group| group.id == word || group.heading.name() == word;
        listed.extend(GROUPS.iter().enumerate().filter(|(_, group)| is_meant(group)).map(|(at, _)| at));
        if listed.len() == before {
            let near = nearest(word, GROUPS.iter().map(|group| group.id.to_owned()));
            let names: Vec<&str> = GROUPS.iter().map(|group| group.id).collect();
            let help = if near.is_empty() { names.join(", ") } else { near.join(", ") };
            bail!("there is no group `{}`\nhelp: {help}", policydb::Name::new(word.as_bytes()));
        }
    }
    Ok(listed)
}

/// The domain that a word names, or the types of an attribute.
pub(super) fn domains_of(
    decider: &Decider<'_, '_>,
    store: &Store<'_>,
    word: &str,
) -> anyhow::Result<Vec<PartialContext>> {
    let Some(name) = word.strip_prefix('@') else {
        return Ok(vec![possible_context(decider.context_rules(), store, word)?]);
    };
    let Some(id) = store.policy().type_named(name.as_bytes()).filter(|id| store.is_attribute(*id)) else {
        bail!(
            "`{}` is no attribute of this policy\nhelp: `sepolq list attributes`",
            policydb::Name::new(word.as_bytes())
        );
    };
    let members: Vec<PartialContext> = store.members(id).iter().map(PartialContext::of_type).collect();
    if members.is_empty() {
        bail!("the attribute `{}` has no types", policydb::Name::new(word.as_bytes()));
    }
    Ok(members)
}
