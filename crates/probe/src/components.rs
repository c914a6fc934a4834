//! What a policy that loaded declares, whatever it is: every listing, some portraits, the census.

use analysis::component::{Describer, Selection, census, notices, portrait};
use avstore::{Booleans, ComponentKind, ComponentWriter, FileNames, Store};
use testkit::random::Random;

/// Names that are asked about.
const NAMES: usize = 3;
/// Components of a kind that are written and described.
const SHOWN: usize = 40;

/// Lists everything, and shows some of it.
///
/// # Panics
/// When a listing shows what could drive a terminal, or what is listed is not found by its name.
pub(crate) fn ask_components(store: &Store<'_>, n_bytes: usize, random: &mut Random) {
    let writer = ComponentWriter::new(store, FileNames::Quoted);
    let describer = Describer::new(&writer);
    let booleans = Booleans::of(store.policy());
    census(store);
    for notice in notices(store, n_bytes) {
        assert!(!notice.text.is_empty() && !notice.names.iter().any(|name| name.contains(char::is_control)));
    }
    let mut names = Vec::new();
    for kind in ComponentKind::ALL {
        let kinds = [kind];
        let all = Selection::new(&writer, &kinds, "thing", None).and_then(|all| all.find(&writer));
        let Ok(all) = all else { continue };
        for component in all.iter().take(SHOWN) {
            let mut statement = Vec::new();
            writer.write_statement(component, &mut statement);
            let statement = String::from_utf8(statement).expect("what is shown is text");
            assert!(!statement.is_empty() && !statement.contains(char::is_control), "{statement:?}");
            describer.fields(component);
            names.extend(writer.name(component).and_then(|name| String::from_utf8(name).ok()));
        }
        for word in ["/a/", "80", "10.0.0.1", "0x1", "@a", "tcp/1-5"] {
            let selection = Selection::new(&writer, &kinds, "thing", Some(word));
            let _ = selection.and_then(|selection| selection.find(&writer));
        }
    }
    for _ in 0..NAMES {
        let Some(name) = random.pick(&names) else { return };
        if let Err(error) = portrait(store, &booleans, name) {
            panic!("{name:?} is listed, and is nothing: {error}");
        }
    }
}
