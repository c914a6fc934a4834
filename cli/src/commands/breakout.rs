//! `breakout`: which known ways out of a container does the policy leave open?

use std::fs::File;
use std::io::Read;
use std::path::Path;

use analysis::breakout::{Catalogue, CatalogueError, Verdict, breakout};
use analysis::containers::Containers;
use analysis::context::PartialContext;
use analysis::decide::{Decider, WhatIf};
use analysis::nearest;
use anyhow::{Context, bail};
use avstore::Store;
use policydb::{Name, Platform, TypeId};

use super::reach::domains_of;
use crate::args::{BreakoutArgs, Global};
use crate::policy_source;
use crate::render::{
    BreakoutAnswer, Output, breakout_as_json, breakout_as_text, catalogue_as_json, catalogue_as_text,
};
use crate::status::Status;

/// Domains that are asked about together, at most.
const MOST: usize = 64;
/// Bytes of a catalogue, at most.
const LARGEST: u64 = 1 << 20;
/// What is asked about where no domain is named.
const USUAL: [&[u8]; 2] = [b"container_t", b"spc_t"];

/// Answers the question.
pub(crate) fn run(global: &Global, args: &BreakoutArgs) -> anyhow::Result<Status> {
    let catalogue = catalogue(args)?;
    if args.list {
        return Output::answer(global.color, Status::Found, |output| match args.json {
            true => catalogue_as_json(&catalogue, output),
            false => catalogue_as_text(&catalogue, output),
        });
    }
    let what_if = WhatIf { booleans: args.settings.clone(), ..WhatIf::default() };
    policy_source::with_store(global, |source, store| {
        if store.policy().format().platform != Platform::Selinux {
            bail!("`{}` is a policy for Xen, which has no containers", source.label);
        }
        catalogue.check(store).with_context(|| in_file(args.catalogue.as_deref()))?;
        let circumstances = what_if.resolve(store)?;
        let decider = Decider::new(store, circumstances.clone());
        let domains = domains(&decider, store, &args.domains)?;
        let accepted = accepted(store, &catalogue, &args.except)?;
        let answers = breakout(&decider, &circumstances.booleans, &catalogue, &domains);
        let answer = BreakoutAnswer {
            source,
            store,
            settings: &args.settings,
            catalogue: &catalogue,
            accepted,
            answers,
            why: args.why,
        };
        let counts = |verdict| verdict == Verdict::Open || args.strict && verdict == Verdict::CannotTell;
        let any = answer.cells().any(|(.., cell, is_accepted)| counts(cell.verdict) && !is_accepted);
        let status = if any { Status::NothingFound } else { Status::Found };
        Output::answer(global.color, status, |output| match args.json {
            true => breakout_as_json(&answer, output),
            false => breakout_as_text(&answer, output),
        })
    })
}

/// The catalogue of the program and the user's, as far as it is asked.
fn catalogue(args: &BreakoutArgs) -> anyhow::Result<Catalogue> {
    let mut catalogue = Catalogue::builtin();
    if let Some(path) = &args.catalogue {
        let added = read(path).with_context(|| in_file(Some(path)))?;
        catalogue.extend(added);
    }
    if !args.only.is_empty() {
        args.only.iter().try_for_each(|id| known(&catalogue, id))?;
        catalogue.primitives.retain(|primitive| args.only.contains(&primitive.id));
    }
    Ok(catalogue)
}

fn in_file(path: Option<&Path>) -> String {
    let path = path.unwrap_or(Path::new("-")).as_os_str().as_encoded_bytes();
    format!("cannot use the catalogue `{}`", Name::new(path))
}

fn read(path: &Path) -> anyhow::Result<Catalogue> {
    let mut bytes = Vec::new();
    let mut file = File::open(path)?.take(LARGEST + 1);
    file.read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        bail!("it is larger than {} MiB", LARGEST >> 20);
    }
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        CatalogueError { line, reason: "it is not text (UTF-8)".to_owned() }
    })?;
    Ok(Catalogue::parse(text)?)
}

/// An id of the catalogue, or an error that names those like it.
fn known(catalogue: &Catalogue, id: &str) -> anyhow::Result<()> {
    let ids = || catalogue.primitives.iter().map(|primitive| primitive.id.clone());
    if !ids().any(|known| known == id) {
        let near = nearest(id, ids());
        let help = if near.is_empty() { "`sepolq breakout --list`".to_owned() } else { near.join(", ") };
        bail!("there is no primitive `{}`\nhelp: {help}", Name::new(id.as_bytes()));
    }
    Ok(())
}

fn domains(
    decider: &Decider<'_, '_>,
    store: &Store<'_>,
    words: &[String],
) -> anyhow::Result<Vec<PartialContext>> {
    let mut domains: Vec<PartialContext> = Vec::new();
    if words.is_empty() {
        let containers = Containers::of(store);
        let named = USUAL.iter().filter_map(|name| store.policy().type_named(name));
        domains.extend(named.filter(|id| containers.is_container(*id)).map(PartialContext::of_type));
        if domains.is_empty() {
            bail!("the policy has neither container_t nor spc_t\nhelp: name the domains to ask about");
        }
    }
    for word in words {
        for domain in domains_of(decider, store, word)? {
            if !domains.contains(&domain) {
                domains.push(domain);
            }
        }
    }
    if domains.len() > MOST {
        bail!(
            "{} domains are more than can be set side by side\nhelp: name a smaller attribute, or at most {MOST} of its types",
            domains.len()
        );
    }
    Ok(domains)
}

/// What `--except` accepts: a primitive, of one domain or of all.
fn accepted(
    store: &Store<'_>,
    catalogue: &Catalogue,
    words: &[String],
) -> anyhow::Result<Vec<(String, Option<TypeId>)>> {
    let accept = |word: &String| {
        let (id, domain) = word.split_once(':').map_or((word.as_str(), None), |(id, name)| (id, Some(name)));
        known(catalogue, id)?;
        let of_name = |name: &str| PartialContext::parse(store, name).map(|context| context.r#type);
        Ok((id.to_owned(), domain.map(of_name).transpose()?))
    };
    words.iter().map(accept).collect()
}
