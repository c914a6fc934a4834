//! `list`: the components of a kind.

use analysis::component::Selection;
use avstore::{ComponentKind, ComponentWriter, FileNames, components};

use crate::args::{Global, LIST_KINDS, List, ListKind};
use crate::policy_source;
use crate::render::{
    ListAnswer, Output, kinds_as_json, kinds_as_text, list_as_json, list_as_table, list_as_text,
};
use crate::status::Status;

/// Lists.
pub(crate) fn run(global: &Global, args: &List) -> anyhow::Result<Status> {
    policy_source::with_store(global, |source, store| {
        let Some(list) = args.kind else {
            let n = |kind: &ListKind| kind.kinds.iter().map(|kind| components(store, *kind).count()).sum();
            let kinds: Vec<(&'static str, usize)> =
                LIST_KINDS.iter().map(|kind| (kind.name, n(kind))).collect();
            return Output::answer(global.color, Status::Found, |output| {
                if args.json {
                    kinds_as_json(source, store, &kinds, output)
                } else {
                    kinds_as_text(&kinds, output)
                }
            });
        };
        let writer = ComponentWriter::new(store, FileNames::Quoted);
        let selection = Selection::new(&writer, list.kinds, list.singular, args.name.as_deref())?;
        let components = selection.find(&writer)?;
        // Members of attributes and classes of permissions are looked up for each that is shown.
        let lookups = [ComponentKind::Attribute, ComponentKind::Permission];
        if components.len() > 1 && lookups.iter().any(|kind| list.kinds.contains(kind)) {
            store.prepare();
        }
        let status = if components.is_empty() { Status::NothingFound } else { Status::Found };
        let limit = args.limit.unwrap_or(usize::MAX);
        let answer =
            ListAnswer { source, writer: &writer, kind: list.name, components, limit, expand: args.expand };
        Output::answer(global.color, status, |output| {
            if args.count {
                output.count(answer.components.len())
            } else if args.json {
                list_as_json(&answer, output)
            } else if args.table || (output.is_terminal() && !args.expand) {
                list_as_table(&answer, output)
            } else {
                list_as_text(&answer, output)
            }
        })
    })
}
