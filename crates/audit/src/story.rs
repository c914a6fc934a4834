//! Denials that are the same question, merged: memory grows with questions, not with the log.
//!
//! The same question is the same manager, user, role and type on both sides, contexts as they are stored where the policy did
//! not know them, class, relation of levels ([`LevelRelation`]), and whether a port was to be bound. Permissions are counted
//! one by one; of commands, paths and the rest a few examples are kept. For
//! ioctl and netlink messages every number asked for is kept up to a bound, because extended permissions decide by it.

use crate::denial::{Denial, Lines, Manager, Refusal, RefusalKind};
use crate::field::Field;
use crate::levels::{LevelRelation, split_context};
use crate::stamp::EventTime;
use crate::text::Text;
use hashbrown::HashTable;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};

/// Stories beyond which new ones are counted and not kept.
const MOST_STORIES: usize = 10_000;

/// Bytes of texts beyond which no new stories and examples are kept: paths may have thousands of bytes.
const MOST_TEXT: usize = 16 << 20;

/// Examples kept of each kind.
const MOST_EXAMPLES: usize = 5;

/// Ioctl commands kept of a story.
const MOST_COMMANDS: usize = 64;

/// Permissions kept of a story: a class has at most 32, and records may name any word.
const MOST_PERMISSIONS: usize = 64;

/// One question and how often it came up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Story {
    /// The first denial, whole: its contexts stand for all.
    pub first: Denial,
    /// How source and target compare in their levels, the same for all.
    pub levels: LevelRelation,
    /// The permissions, in the order in which they first came up.
    pub permissions: Vec<PermissionCount>,
    /// Denials merged.
    pub count: u64,
    /// How many of them were let through all the same.
    pub permissive: u64,
    /// How many were not.
    pub enforced: u64,
    /// The earliest and the latest time, where records have times since the epoch; else the first and the last that
    /// came up.
    pub earliest: Option<EventTime>,
    /// See `earliest`.
    pub latest: Option<EventTime>,
    /// The last denial's lines.
    pub last_lines: Lines,
    /// Different contexts, where levels differ: source and target.
    pub contexts: Vec<(Text, Text)>,
    /// True if there were more than those.
    pub has_more_contexts: bool,
    /// Ioctl commands, in order.
    pub commands: Vec<u32>,
    /// True if there were more than those.
    pub has_more_commands: bool,
    /// Values of fields that differ between the denials, a few of each.
    pub examples: Vec<Example>,
}

/// A permission and how often it was denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermissionCount {
    /// The permission.
    pub name: Text,
    /// Denials that name it.
    pub count: u64,
}

/// What some field said in the denials of a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The field.
    pub field: Field,
    /// Its first few values, in the order in which they came up.
    pub values: Vec<Text>,
    /// True if there were others.
    pub has_more: bool,
}

/// Fields of which examples are kept. The rest stands in the first denial.
const SHOWN: &[Field] = &[
    Field::Comm,
    Field::Exe,
    Field::Path,
    Field::Name,
    Field::Dev,
    Field::Src,
    Field::Dest,
    Field::Netif,
    Field::Capability,
    Field::Kmod,
    Field::NlmsgType,
    Field::Interface,
    Field::Member,
    Field::Service,
    Field::Property,
    Field::Cmdline,
    Field::Proctitle,
];

/// Stories as they accumulate, in the order of their first denial.
///
/// At most 10,000 stories are kept, and 16 MiB of text in them.
#[derive(Debug, Default)]
pub struct Stories {
    stories: Vec<Story>,
    n_text: usize,
    table: HashTable<usize>,
    hasher: RandomState,
    overflow: u64,
}

impl Stories {
    /// No stories yet.
    pub fn new() -> Self {
        Stories::default()
    }

    /// Adds a denial, and gives the position of its story, unless there are too many. Amortised O(size of the denial).
    pub fn add(&mut self, denial: &Denial) -> Option<usize> {
        let key = Key::of(denial);
        let hash = self.hasher.hash_one(&key);
        let stories = &self.stories;
        let found = self.table.find(hash, |&at| stories.get(at).is_some_and(|story| key.is_of(story)));
        if let Some(&at) = found {
            if let Some(story) = self.stories.get_mut(at) {
                story.add(denial, &mut self.n_text);
            }
            return Some(at);
        }
        if self.stories.len() >= MOST_STORIES || self.n_text >= MOST_TEXT {
            self.overflow = self.overflow.saturating_add(1);
            return None;
        }
        let levels = key.levels;
        let hasher = &self.hasher;
        self.table.insert_unique(hash, self.stories.len(), |&at| {
            stories.get(at).map_or(0, |story| hasher.hash_one(Key::of_story(story)))
        });
        let mut story = Story::new(denial, levels);
        self.n_text = self.n_text.saturating_add(text_of(denial));
        story.add(denial, &mut self.n_text);
        self.stories.push(story);
        self.stories.len().checked_sub(1)
    }

    /// The stories, in the order of their first denial.
    pub fn as_slice(&self) -> &[Story] {
        &self.stories
    }

    /// Denials that belong to none of the stories, because there are too many.
    pub fn overflow(&self) -> u64 {
        self.overflow
    }
}

/// What makes denials the same question.
#[derive(PartialEq, Eq)]
struct Key<'a> {
    manager: &'a Manager,
    source: &'a [u8],
    target: &'a [u8],
    tclass: &'a Text,
    levels: LevelRelation,
    /// The levels themselves, where they cannot be compared.
    level_texts: Option<(&'a [u8], &'a [u8])>,
    /// Whether a port was to be bound: that is about another port than one that was to be connected to.
    binds: bool,
    /// The contexts as they are stored, where the loaded policy did not know them.
    stored: (Option<&'a [u8]>, Option<&'a [u8]>),
}

impl Hash for Key<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.source.hash(state);
        self.target.hash(state);
        self.tclass.hash(state);
        // Not the relation of levels, which has few values: comparing tells them apart.
        self.level_texts.hash(state);
        self.stored.hash(state);
    }
}

impl<'a> Key<'a> {
    fn of(denial: &'a Denial) -> Self {
        let levels = {
            let (_, source) = split_context(denial.scontext.as_bytes());
            let (_, target) = split_context(denial.tcontext.as_bytes());
            LevelRelation::of(source, target)
        };
        Key::with_levels(denial, levels)
    }

    fn of_story(story: &'a Story) -> Self {
        Key::with_levels(&story.first, story.levels)
    }

    fn with_levels(denial: &'a Denial, levels: LevelRelation) -> Self {
        let (source, source_level) = split_context(denial.scontext.as_bytes());
        let (target, target_level) = split_context(denial.tcontext.as_bytes());
        let level_texts = (levels == LevelRelation::Text).then_some((source_level, target_level));
        let binds = denial.permissions.iter().any(|name| *name == *"name_bind");
        let stored = (denial.source_raw_context(), denial.target_raw_context());
        Key {
            manager: &denial.manager,
            source,
            target,
            tclass: &denial.tclass,
            levels,
            level_texts,
            stored,
            binds,
        }
    }

    fn is_of(&self, story: &Story) -> bool {
        self.levels == story.levels && *self == Key::of_story(story)
    }
}

impl Story {
    /// A story without a denial, about the one that is to be added first.
    fn new(first: &Denial, levels: LevelRelation) -> Self {
        Story {
            first: first.clone(),
            levels,
            permissions: Vec::new(),
            count: 0,
            permissive: 0,
            enforced: 0,
            earliest: first.origin.time.clone(),
            latest: first.origin.time.clone(),
            last_lines: first.origin.lines,
            contexts: Vec::new(),
            has_more_contexts: false,
            commands: Vec::new(),
            has_more_commands: false,
            examples: Vec::new(),
        }
    }

    fn add(&mut self, denial: &Denial, n_text: &mut usize) {
        increase(&mut self.count);
        match denial.permissive {
            Some(true) => increase(&mut self.permissive),
            Some(false) => increase(&mut self.enforced),
            None => {}
        }
        self.last_lines = self.last_lines.max(denial.origin.lines);
        add_time(&mut self.earliest, &mut self.latest, denial.origin.time.as_ref());
        for name in &denial.permissions {
            let has_room = self.permissions.len() < MOST_PERMISSIONS;
            match self.permissions.iter_mut().find(|permission| permission.name == *name) {
                Some(permission) => increase(&mut permission.count),
                None if has_room => self.permissions.push(PermissionCount { name: name.clone(), count: 1 }),
                None => {}
            }
        }
        self.add_contexts(denial, n_text);
        if let Some(command) = denial.ioctlcmd().map(|command| command & 0xffff) {
            match self.commands.binary_search(&command) {
                Err(at) if self.commands.len() < MOST_COMMANDS => self.commands.insert(at, command),
                Err(_) => self.has_more_commands = true,
                Ok(_) => {}
            }
        }
        for (field, text) in denial.fields.iter().filter(|(field, _)| SHOWN.contains(field)) {
            // An object manager's own file says nothing of who was denied.
            if field != Field::Exe {
                self.add_example(field, text, n_text);
            }
        }
        if let Some(exe) = denial.exe() {
            self.add_example(Field::Exe, exe, n_text);
        }
        if let Some(command_line) = denial.command_line() {
            self.add_example(Field::Proctitle, command_line, n_text);
        }
    }

    fn add_contexts(&mut self, denial: &Denial, n_text: &mut usize) {
        let is_known =
            |(source, target): &(Text, Text)| *source == denial.scontext && *target == denial.tcontext;
        if self.has_more_contexts || self.contexts.iter().any(is_known) {
            return;
        }
        if self.contexts.len() >= MOST_EXAMPLES || *n_text >= MOST_TEXT {
            self.has_more_contexts = true;
            return;
        }
        *n_text = n_text.saturating_add(denial.scontext.len()).saturating_add(denial.tcontext.len());
        self.contexts.push((denial.scontext.clone(), denial.tcontext.clone()));
    }

    fn add_example(&mut self, field: Field, text: &Text, n_text: &mut usize) {
        let at = match self.examples.iter().position(|example| example.field == field) {
            Some(at) => at,
            None => {
                self.examples.push(Example { field, values: Vec::new(), has_more: false });
                self.examples.len().saturating_sub(1)
            }
        };
        let Some(example) = self.examples.get_mut(at) else { return };
        if example.has_more || example.values.contains(text) {
            return;
        }
        if example.values.len() >= MOST_EXAMPLES || *n_text >= MOST_TEXT {
            example.has_more = true;
            return;
        }
        *n_text = n_text.saturating_add(text.len());
        example.values.push(text.clone());
    }
}

/// Bytes of text that a denial holds, about.
fn text_of(denial: &Denial) -> usize {
    let fields = denial.fields.iter().map(|(_, text)| text.len());
    let companions = denial.origin.companions.iter().flat_map(|all| {
        let lists = std::iter::once(&all.syscall).chain(&all.paths);
        lists.flat_map(|fields| fields.iter().map(|(_, text)| text.len()))
    });
    let permissions = denial.permissions.iter().chain([&denial.tclass]).map(Text::len);
    fields.chain(companions).chain(permissions).fold(0, usize::saturating_add)
}

/// Moves the earlier or the later of two times. Dates without a zone stay in the order in which they come.
fn add_time(earliest: &mut Option<EventTime>, latest: &mut Option<EventTime>, time: Option<&EventTime>) {
    let Some(time) = time else { return };
    match epoch(Some(time)) {
        None => *latest = Some(time.clone()),
        moment => {
            if moment < epoch(earliest.as_ref()) || epoch(earliest.as_ref()).is_none() {
                *earliest = Some(time.clone());
            }
            if moment > epoch(latest.as_ref()) {
                *latest = Some(time.clone());
            }
        }
    }
}

fn increase(count: &mut u64) {
    *count = count.saturating_add(1);
}

fn epoch(time: Option<&EventTime>) -> Option<(i64, u16)> {
    match time? {
        EventTime::Epoch { seconds, millis } => Some((*seconds, *millis)),
        EventTime::Date(_) => None,
    }
}

/// A refusal and how often it came up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusalStory {
    /// The first one.
    pub first: Refusal,
    /// How many there were.
    pub count: u64,
    /// As of a [`Story`].
    pub earliest: Option<EventTime>,
    /// As of a [`Story`].
    pub latest: Option<EventTime>,
    /// The last one's lines.
    pub last_lines: Lines,
}

/// Refusals, equal ones merged, in the order in which they first came up.
#[derive(Debug, Default)]
pub struct Refusals {
    refusals: Vec<RefusalStory>,
    table: HashTable<usize>,
    hasher: RandomState,
    overflow: u64,
}

impl Refusals {
    /// No refusals yet.
    pub fn new() -> Self {
        Refusals::default()
    }

    /// Adds a refusal. Amortised O(size of the refusal).
    pub fn add(&mut self, refusal: &Refusal) {
        let hash = self.hasher.hash_one(&refusal.kind);
        let refusals = &mut self.refusals;
        let kind = |at: &usize| -> Option<&RefusalKind> { refusals.get(*at).map(|known| &known.first.kind) };
        if let Some(&at) = self.table.find(hash, |at| kind(at) == Some(&refusal.kind)) {
            if let Some(known) = refusals.get_mut(at) {
                increase(&mut known.count);
                known.last_lines = known.last_lines.max(refusal.origin.lines);
                add_time(&mut known.earliest, &mut known.latest, refusal.origin.time.as_ref());
            }
            return;
        }
        if refusals.len() >= MOST_STORIES {
            self.overflow = self.overflow.saturating_add(1);
            return;
        }
        let hasher = &self.hasher;
        self.table.insert_unique(hash, refusals.len(), |at| kind(at).map_or(0, |kind| hasher.hash_one(kind)));
        let time = &refusal.origin.time;
        refusals.push(RefusalStory {
            first: refusal.clone(),
            count: 1,
            earliest: time.clone(),
            latest: time.clone(),
            last_lines: refusal.origin.lines,
        });
    }

    /// The first of each kind, how many there were, and when.
    pub fn as_slice(&self) -> &[RefusalStory] {
        &self.refusals
    }

    /// Refusals that were not kept, because there are too many kinds.
    pub fn overflow(&self) -> u64 {
        self.overflow
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_STORIES, Refusals, Stories};
    use crate::denial::{Denial, Item};
    use crate::field::Field;
    use crate::reader::Reader;

    fn items(text: &str) -> Vec<Item> {
        let mut items = Vec::new();
        let mut reader = Reader::new();
        reader.read(text.as_bytes(), &mut |item| items.push(item)).unwrap();
        reader.finish(&mut |item| items.push(item));
        items
    }

    fn denial(source: &str, target: &str, rest: &str) -> Denial {
        let line =
            format!("avc:  denied  {rest} scontext={source} tcontext={target} tclass=file permissive=0\n");
        match items(&line).pop() {
            Some(Item::Denial(denial)) => *denial,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn containers_of_one_cause_are_one_story() {
        let mut stories = Stories::new();
        for n in 0..40 {
            let (source, target) = (format!("u:r:c_t:s0:c{n},c500"), format!("u:r:f_t:s0:c{n},c600"));
            stories.add(&denial(&source, &target, "{ read } for comm=\"cat\" ioctlcmd=0x5401"));
            stories.add(&denial(&source, &target, "{ read write } for comm=\"sh\""));
        }
        stories.add(&denial("u:r:c_t:s0:c1,c2", "u:r:f_t:s0:c1,c2", "{ read } for"));
        stories.add(&denial("u:r:c_t:s0:c1,c2", "u:r:f_t:s0", "{ read } for"));
        let [apart, same, plain] = stories.as_slice() else { panic!("{}", stories.as_slice().len()) };
        assert_eq!((apart.count, same.count, plain.count, apart.enforced), (80, 1, 1, 80));
        let counts: Vec<_> = apart.permissions.iter().map(|one| (one.name.to_string(), one.count)).collect();
        assert_eq!(counts, [("read".to_owned(), 80), ("write".to_owned(), 40)]);
        assert_eq!(
            (apart.contexts.len(), apart.has_more_contexts, apart.commands.as_slice()),
            (5, true, &[0x5401][..])
        );
        let comm = apart.examples.iter().find(|example| example.field == Field::Comm).unwrap();
        assert_eq!(comm.values, ["cat", "sh"]);
    }

    #[test]
    fn levels_with_names_of_their_own_are_kept_apart() {
        let mut stories = Stories::new();
        for level in ["SystemLow", "SystemHigh", "SystemLow"] {
            stories.add(&denial(&format!("u:r:c_t:{level}"), "u:r:f_t:s0", "{ read } for"));
        }
        assert_eq!(stories.as_slice().iter().map(|story| story.count).collect::<Vec<_>>(), [2, 1]);
    }

    #[test]
    fn times_are_the_first_and_the_last() {
        let mut stories = Stories::new();
        for seconds in [500, 300, 400] {
            let line = format!(
                "type=AVC msg=audit({seconds}.5:1): avc:  denied  {{ read }} for scontext=u:r:a tcontext=u:r:b tclass=file permissive=0"
            );
            let Some(Item::Denial(denial)) = items(&line).pop() else { panic!("{line}") };
            stories.add(&denial);
        }
        let times = |story: &super::Story| {
            [story.earliest.clone(), story.latest.clone()].map(|time| time.unwrap().to_string())
        };
        assert_eq!(times(&stories.as_slice()[0]), ["300.005", "500.005"]);
    }

    #[test]
    fn labels_that_the_policy_did_not_know_are_told_apart() {
        let mut stories = Stories::new();
        for stored in
            ["", " trawcon=\"u:r:gone_t:s0\"", " trawcon=\"u:r:other_t:s0\"", " trawcon=\"u:r:gone_t:s0\""]
        {
            let line = format!(
                "avc:  denied  {{ read }} for scontext=u:r:a:s0 tcontext=u:r:b:s0 tclass=file permissive=0{stored}\n"
            );
            let Some(Item::Denial(denial)) = items(&line).pop() else { panic!("{line}") };
            stories.add(&denial);
        }
        assert_eq!(stories.as_slice().iter().map(|story| story.count).collect::<Vec<_>>(), [1, 2, 1]);
    }

    #[test]
    fn stories_are_bounded() {
        let mut stories = Stories::new();
        let mut one = denial("u:r:c_t:s0", "u:r:f_t:s0", "{ read } for");
        for n in 0..MOST_STORIES + 3 {
            one.tclass = n.to_string().as_str().into();
            stories.add(&one);
        }
        assert_eq!((stories.as_slice().len(), stories.overflow()), (MOST_STORIES, 3));
        let mut long = Stories::new();
        one.fields =
            denial("u:r:c_t:s0", "u:r:f_t:s0", &format!("{{ read }} for path=\"{}\"", "x".repeat(900_000)))
                .fields;
        for n in 0..100 {
            one.tclass = n.to_string().as_str().into();
            long.add(&one);
        }
        assert!(long.overflow() > 70, "{}", long.overflow());
    }

    #[test]
    fn equal_refusals_are_counted() {
        let mut refusals = Refusals::new();
        let line = "type=SELINUX_ERR msg=audit(1.0:1): op=security_bounded_transition seresult=denied oldcontext=a:b:c newcontext=d:e:f\n";
        let later = line.replace("(1.0:1)", "(9.0:2)");
        for item in items(&[later.as_str(), line, line].concat()) {
            let Item::Refusal(refusal) = item else { panic!("{item:?}") };
            refusals.add(&refusal);
        }
        let [one] = refusals.as_slice() else { panic!("{refusals:?}") };
        let times = [&one.earliest, &one.latest].map(|time| time.as_ref().unwrap().to_string());
        assert_eq!(
            (one.count, one.last_lines.last, times.each_ref()),
            (3, 3, [&"1.000".to_owned(), &"9.000".to_owned()])
        );
        assert_eq!(refusals.overflow(), 0);
    }
}
