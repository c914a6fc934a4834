//! `show`: what a name is, of whatever kind; of a boolean what it changes for a domain.

use std::path::Path;

use analysis::component::{Portrait, portrait};
use analysis::decide::WhatIf;
use anyhow::bail;
use avstore::ComponentKind;

use super::{boolean_effect, module};
use crate::args::{Global, Show};
use crate::inputs::Input;
use crate::policy_source::{self, BooleanOrigin, PolicySource};
use crate::render::{Output, ShowAnswer, show_as_json, show_as_text};
use crate::status::Status;

/// Answers the question.
pub(crate) fn run(global: &Global, args: &Show) -> anyhow::Result<Status> {
    // A name of a policy is no path of a module.
    if let Some(set) = Input::one_module(Path::new(&args.name))? {
        return module::show(global, &set, args.all, args.json);
    }
    if is_file_name(&args.name) {
        bail!("there is no file `{}`", policydb::Name::new(args.name.as_bytes()));
    }
    if let Some(domain) = &args.domain {
        return boolean_effect::run(global, &args.name, domain, &args.settings, args.json);
    }
    policy_source::with_store(global, |source, store| {
        let what_if = WhatIf { booleans: args.settings.clone(), ..WhatIf::default() };
        let booleans = what_if.resolve(store)?.booleans;
        let mut portraits = portrait(store, &booleans, &args.name)?;
        for portrait in portraits.iter_mut().filter(|portrait| portrait.kind == ComponentKind::Boolean) {
            name_states(source, portrait);
        }
        let answer = ShowAnswer { source, store, asked: &args.name, settings: &args.settings, portraits };
        Output::answer(global.color, Status::Found, |output| {
            if args.json { show_as_json(&answer, output) } else { show_as_text(&answer, args.all, output) }
        })
    })
}

/// Whether a word can only be meant as a file: no name of a policy has a slash, or the ending of a module or a package.
fn is_file_name(word: &str) -> bool {
    let file = word.rsplit_once(':').map_or(word, |(file, _)| file);
    let is_path = |word: &str| word.starts_with(['/', '.', '~']) || word.starts_with("file:");
    let endings = [".pp", ".pp.bz2", ".cil", ".rpm", ".deb"];
    (is_path(word) && word.contains('/'))
        || endings.iter().any(|ending| word.ends_with(ending) || file.ends_with(ending))
}

/// Says what the state of a boolean in the policy is: its default, or, of the running policy, its present state; then
/// the default is that of the installed policy, where there is one.
fn name_states(source: &PolicySource, boolean: &mut Portrait) {
    let is_running = source.booleans == BooleanOrigin::Kernel;
    let default =
        if is_running { policy_source::installed_default(Path::new("/"), &boolean.name) } else { None };
    let Some(at) = boolean.fields.iter().position(|(name, _)| *name == "in_policy") else { return };
    boolean.fields[at].0 = if is_running { "current" } else { "default" };
    if let Some(default) = default {
        let default = if default { "on" } else { "off" };
        boolean.fields.insert(at + 1, ("default", default.into()));
    }
}
