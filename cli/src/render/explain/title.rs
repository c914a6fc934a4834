//! What was denied, as a sentence that people say: who may not do what to what.

use audit::Story;

/// Classes of objects and what people call them.
const NOUNS: &[(&str, &str)] = &[
    ("file", "a file"),
    ("dir", "a directory"),
    ("lnk_file", "a symbolic link"),
    ("chr_file", "a character device"),
    ("blk_file", "a block device"),
    ("sock_file", "a socket file"),
    ("fifo_file", "a pipe"),
    ("filesystem", "a file system"),
    ("key", "a key"),
    ("shm", "shared memory"),
    ("sem", "a semaphore"),
    ("msgq", "a message queue"),
];

/// Permissions that need other words: of a class (`*`: of any), what is said before the type.
const PHRASES: &[(&str, &str, &str)] = &[
    ("*", "name_connect", "connect to a port labelled"),
    ("*", "name_bind", "bind to a port labelled"),
    ("*", "node_bind", "bind to an address labelled"),
    ("*", "connectto", "connect to a socket of"),
    ("*", "sendto", "send to a socket of"),
    ("process", "transition", "start a program as"),
    ("process", "dyntransition", "turn into"),
    ("process", "ptrace", "trace a process of"),
    ("process", "signal", "send a signal to"),
    ("process", "sigkill", "kill a process of"),
    ("process", "sigstop", "stop a process of"),
    ("process", "noatsecure", "pass its environment on to"),
    ("process2", "nnp_transition", "start, in spite of no_new_privs, a program as"),
    ("process2", "nosuid_transition", "start from a nosuid mount a program as"),
    ("file", "entrypoint", "be entered through a file labelled"),
    ("filesystem", "associate", "be the label of a file on a file system labelled"),
    ("dbus", "send_msg", "send a D-Bus message to"),
    ("dbus", "acquire_svc", "own a D-Bus name of"),
    ("system", "module_request", "make the kernel load a module, of"),
    ("fd", "use", "use a file descriptor of"),
];

/// The type of a context as it was written, else all of it.
pub(super) fn type_of(context: &str) -> &str {
    let mut fields = context.split(':');
    match (fields.next(), fields.next(), fields.next()) {
        // `container_t:s0:c1,c2`, as people shorten it.
        (Some(first), Some(second), Some(_)) if is_level(second) => first,
        (_, _, Some(name)) => name,
        (Some(first), Some(_), None) => first,
        _ => context,
    }
}

/// The level of a context as it was written.
pub(super) fn level_of(context: &str) -> Option<&str> {
    match context.split(':').nth(1).is_some_and(is_level) {
        true => context.split_once(':').map(|(_, level)| level),
        false => context.splitn(4, ':').nth(3),
    }
}

fn is_level(text: &str) -> bool {
    text.strip_prefix('s').is_some_and(|digits| digits.starts_with(|c: char| c.is_ascii_digit()))
}

/// What a class of objects is called.
pub(super) fn noun(class: &str) -> String {
    let known = NOUNS.iter().find(|(name, _)| *name == class);
    known.map_or_else(|| class.to_owned(), |(_, noun)| (*noun).to_owned())
}

/// What was denied: `container_t may not read a file labelled etc_t:s0`.
pub(crate) fn story_title(story: &Story) -> String {
    let (scontext, tcontext) = (story.first.scontext.to_string(), story.first.tcontext.to_string());
    let class = story.first.tclass.to_string();
    let names: Vec<String> = story.permissions.iter().map(|permission| permission.name.to_string()).collect();
    let source = type_of(&scontext);
    let target = type_of(&tcontext);
    let labelled = match level_of(&tcontext) {
        Some(level) => format!("{target}:{level}"),
        None => target.to_owned(),
    };
    format!("{source} may not {}", deed(&class, &names, (source, target, &labelled)))
}

fn deed(class: &str, names: &[String], (source, target, labelled): (&str, &str, &str)) -> String {
    if class.starts_with("cap") && (class.contains("capability") || class.contains("userns")) {
        let in_namespace = if class.contains("userns") { " in a user namespace" } else { "" };
        let plural = if names.len() == 1 { "y" } else { "ies" };
        return format!("use the capabilit{plural} {}{in_namespace}", names.join(", "));
    }
    if let [name] = names {
        let of_class = |entry: &&(&str, &str, &str)| (entry.0 == class || entry.0 == "*") && entry.1 == name;
        if let Some((_, _, phrase)) = PHRASES.iter().find(of_class) {
            let object = if phrase.ends_with("labelled") { labelled } else { target };
            return format!("{phrase} {object}");
        }
    }
    let deeds = names.join(", ");
    match NOUNS.iter().find(|(name, _)| *name == class) {
        Some((_, noun)) => format!("{deeds} {noun} labelled {labelled}"),
        None if source == target => format!("do {deeds} on its own {class}"),
        None => format!("do {deeds} on {class} of {target}"),
    }
}
