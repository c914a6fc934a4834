//! A command line as Python's argparse reads it: unique prefixes of long options, clusters of short ones,
//! `-s=x`, values that may be left out, options and the positionals in any order, the last value wins; and its
//! messages.
//! Source: `ArgumentParser._parse_known_args` of Python 3.11.

/// An option: its spellings, shortest first as in messages, and what it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opt<Id: 'static> {
    pub(crate) id: Id,
    pub(crate) names: &'static [&'static str],
    pub(crate) value: Value,
}

/// Whether an option takes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// No, it is a flag.
    None,
    /// Yes, and it must be there.
    Required,
    /// Yes, and it must be a number.
    Integer,
    /// Yes, if what follows is no option: so it also takes what was meant as the positional.
    Optional,
}

/// The options of a program. Exact names count first; then unique prefixes of `options`, which are those
/// of the reference version; then unique prefixes of `newer`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parser<Id: 'static> {
    pub(crate) options: &'static [Opt<Id>],
    pub(crate) newer: &'static [Opt<Id>],
    /// The option that must be given.
    pub(crate) must: Option<Id>,
    pub(crate) positionals: Positionals,
}

/// How many words that belong to no option a program takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Positionals {
    /// At most one.
    One,
    /// Any number, if no option stands between them.
    Neighbours,
    /// One for each of these names, wherever they stand.
    Exactly(&'static [&'static str]),
}

/// What was given: options with their values, in order, and the positionals.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Parsed<Id> {
    pub(crate) options: Vec<(Id, Option<String>)>,
    pub(crate) positionals: Vec<String>,
    /// What no option or positional took: an error, unless an option ends the program first.
    pub(crate) unrecognized: Vec<String>,
}

/// How an argument that begins with a dash is understood.
enum Understood<Id: 'static> {
    Positional,
    Option { option: Opt<Id>, spelled: String, explicit: Option<String> },
    Unknown,
}

impl<Id: Copy + PartialEq> Parser<Id> {
    /// Reads the arguments. `stop` says which options end the reading at once (help, version).
    ///
    /// # Errors
    /// argparse's message, without the program's name.
    pub(crate) fn parse(
        &self,
        arguments: &[String],
        stop: impl Fn(Id) -> bool,
    ) -> Result<Parsed<Id>, String> {
        let mut parsed = Parsed { options: Vec::new(), positionals: Vec::new(), unrecognized: Vec::new() };
        // argparse understands all arguments before it takes any, so that an ambiguity anywhere is the
        // error that is shown.
        let separator = arguments.iter().position(|argument| argument == "--").unwrap_or(arguments.len());
        let mut understood = Vec::with_capacity(arguments.len());
        for argument in &arguments[..separator] {
            understood.push(self.understand(argument)?);
        }
        let is_value = |index: usize| matches!(understood.get(index), Some(Understood::Positional));
        let (mut index, mut positional_at) = (0, None);
        while index < separator {
            let argument = &arguments[index];
            match &understood[index] {
                Understood::Positional => {
                    if self.takes_positional(parsed.positionals.len(), positional_at, index) {
                        parsed.positionals.push(argument.clone());
                        positional_at = Some(index);
                    } else {
                        parsed.unrecognized.push(argument.clone());
                    }
                    index += 1;
                }
                Understood::Unknown => {
                    parsed.unrecognized.push(argument.clone());
                    index += 1;
                }
                Understood::Option { option, spelled, explicit } => {
                    let next = arguments.get(index + 1).filter(|_| is_value(index + 1));
                    let n_before = parsed.options.len();
                    let taken = self.take_option(&mut parsed, *option, spelled, explicit.as_deref(), next)?;
                    // A whole cluster is read before any of it counts.
                    let stops = parsed.options[n_before..].iter().position(|(id, _)| stop(*id));
                    if let Some(place) = stops {
                        parsed.options.truncate(n_before + place + 1);
                        return Ok(parsed);
                    }
                    parsed.options[n_before..].iter().try_for_each(|(id, value)| self.check(*id, value))?;
                    index += 1 + usize::from(taken);
                }
            }
        }
        // `--` goes to the positionals where they are still to come or stand right before it.
        let behind = arguments.get(separator..).unwrap_or_default();
        let goes_to_positionals = match self.positionals {
            Positionals::Exactly(names) => parsed.positionals.len() < names.len(),
            Positionals::One | Positionals::Neighbours => positional_at.is_none(),
        } || (separator > 0 && positional_at == Some(separator - 1));
        for (index, argument) in (separator..).zip(behind).skip(usize::from(goes_to_positionals)) {
            let before = if goes_to_positionals && self.positionals == Positionals::Neighbours {
                Some(index.wrapping_sub(1))
            } else {
                positional_at
            };
            if self.takes_positional(parsed.positionals.len(), before, index) {
                parsed.positionals.push(argument.clone());
                positional_at = Some(index);
            } else {
                parsed.unrecognized.push(argument.clone());
            }
        }
        let mut missing: Vec<String> = Vec::new();
        if let Positionals::Exactly(names) = self.positionals {
            missing.extend(names.iter().skip(parsed.positionals.len()).map(|name| (*name).to_owned()));
        }
        let must = self.must.filter(|must| !parsed.options.iter().any(|(id, _)| id == must));
        missing.extend(must.map(|must| self.names(must)));
        if !missing.is_empty() {
            return Err(format!("the following arguments are required: {}", missing.join(", ")));
        }
        Ok(parsed)
    }

    /// Whether a word at `index` is a positional, if there are `n_taken`, and the last one stood at `last`.
    fn takes_positional(&self, n_taken: usize, last: Option<usize>, index: usize) -> bool {
        match self.positionals {
            Positionals::One => last.is_none(),
            Positionals::Neighbours => last.is_none_or(|last| last + 1 == index),
            Positionals::Exactly(names) => n_taken < names.len(),
        }
    }

    /// Checks a value that must be a number.
    fn check(&self, id: Id, value: &Option<String>) -> Result<(), String> {
        let option = self.options.iter().find(|option| option.id == id);
        match (option, value) {
            (Some(Opt { value: Value::Integer, .. }), Some(value))
                if super::python_int::integer(value).is_none() =>
            {
                let value = super::python_int::repr(value);
                Err(format!("argument {}: invalid int value: {value}", self.names(id)))
            }
            _ => Ok(()),
        }
    }

    /// The names of an option as messages have them.
    fn names(&self, id: Id) -> String {
        let option = self.options.iter().find(|option| option.id == id);
        option.map(|option| option.names.join("/")).unwrap_or_default()
    }

    /// Takes an option and, for a cluster, those behind the same dash. Returns whether `next` was taken
    /// as its value.
    fn take_option(
        &self,
        parsed: &mut Parsed<Id>,
        first: Opt<Id>,
        spelled: &str,
        explicit: Option<&str>,
        next: Option<&String>,
    ) -> Result<bool, String> {
        let (mut option, mut spelled, mut explicit) =
            (first, spelled.to_owned(), explicit.map(str::to_owned));
        loop {
            match (option.value, explicit) {
                (Value::Required | Value::Integer | Value::Optional, Some(value)) => {
                    parsed.options.push((option.id, Some(value)));
                    return Ok(false);
                }
                (Value::Required | Value::Integer, None) if next.is_none() => {
                    return Err(format!("argument {}: expected one argument", option.names.join("/")));
                }
                (Value::Required | Value::Integer | Value::Optional, None) => {
                    parsed.options.push((option.id, next.cloned()));
                    return Ok(next.is_some());
                }
                (Value::None, None) => {
                    parsed.options.push((option.id, None));
                    return Ok(false);
                }
                (Value::None, Some(rest)) => {
                    let ignored = || {
                        format!(
                            "argument {}: ignored explicit argument {}",
                            option.names.join("/"),
                            super::python_int::repr(&rest)
                        )
                    };
                    let mut letters = rest.chars();
                    let letter = letters.next().filter(|_| !spelled.starts_with("--"));
                    let following = letter.map(|letter| format!("-{letter}"));
                    let next_option = following.as_deref().and_then(|name| self.exactly(name));
                    let (Some(next_option), Some(following)) = (next_option, following) else {
                        return Err(ignored());
                    };
                    parsed.options.push((option.id, None));
                    let left = letters.as_str();
                    explicit = (!left.is_empty()).then(|| left.to_owned());
                    option = next_option;
                    spelled = following;
                }
            }
        }
    }

    fn understand(&self, argument: &str) -> Result<Understood<Id>, String> {
        if !argument.starts_with('-') || argument == "-" {
            return Ok(Understood::Positional);
        }
        let found = |option, spelled: &str, explicit: Option<&str>| Understood::Option {
            option,
            spelled: spelled.to_owned(),
            explicit: explicit.map(str::to_owned),
        };
        if let Some(option) = self.exactly(argument) {
            return Ok(found(option, argument, None));
        }
        if let Some((name, value)) = argument.split_once('=')
            && let Some(option) = self.exactly(name)
        {
            return Ok(found(option, name, Some(value)));
        }
        // What the reference takes for a cluster of its letters, or for none, stays so.
        let newer = if argument.starts_with("--") { self.newer } else { &[] };
        for options in [self.options, newer] {
            let candidates = candidates(options, argument);
            match candidates.as_slice() {
                [] => {}
                [(option, name, explicit)] => return Ok(found(*option, name, *explicit)),
                several => {
                    let names: Vec<&str> = several.iter().map(|(_, name, _)| *name).collect();
                    return Err(format!("ambiguous option: {argument} could match {}", names.join(", ")));
                }
            }
        }
        if is_negative_number(argument) || argument.contains(' ') {
            return Ok(Understood::Positional);
        }
        Ok(Understood::Unknown)
    }

    fn exactly(&self, name: &str) -> Option<Opt<Id>> {
        self.options.iter().chain(self.newer).find(|option| option.names.contains(&name)).copied()
    }
}

/// The options that an abbreviation may stand for, with the spelling and the value attached to it.
fn candidates<'a, Id: Copy>(
    options: &[Opt<Id>],
    argument: &'a str,
) -> Vec<(Opt<Id>, &'static str, Option<&'a str>)> {
    let names = || options.iter().flat_map(|option| option.names.iter().map(move |name| (*option, *name)));
    if argument.starts_with("--") {
        let (prefix, explicit) = match argument.split_once('=') {
            Some((prefix, value)) => (prefix, Some(value)),
            None => (argument, None),
        };
        return names()
            .filter(|(_, name)| name.starts_with(prefix))
            .map(|(option, name)| (option, name, explicit))
            .collect();
    }
    // Behind one dash stands a short option with its value or more options, or the beginning of a long
    // name, such as `-ds`.
    let short_end = argument.char_indices().nth(2).map_or(argument.len(), |(at, _)| at);
    let (short, rest) = argument.split_at(short_end);
    names()
        .filter_map(|(option, name)| {
            if name == short {
                Some((option, name, Some(rest)))
            } else {
                name.starts_with(argument).then_some((option, name, None))
            }
        })
        .collect()
}

/// `^-\d+$|^-\d*\.\d+$`
fn is_negative_number(argument: &str) -> bool {
    let Some(number) = argument.strip_prefix('-') else { return false };
    let digits = |text: &str| text.chars().all(char::is_numeric);
    match number.split_once('.') {
        Some((whole, fraction)) => digits(whole) && !fraction.is_empty() && digits(fraction),
        None => !number.is_empty() && digits(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Id {
        A,
        T,
        S,
        Ds,
        Dt,
        Change,
        Newer,
        Maybe,
        Help,
    }

    const fn opt(id: Id, names: &'static [&'static str], value: Value) -> Opt<Id> {
        Opt { id, names, value }
    }

    const PARSER: Parser<Id> = Parser {
        options: &[
            opt(Id::A, &["-A"], Value::None),
            opt(Id::T, &["-T", "--type_trans"], Value::None),
            opt(Id::Change, &["--type_change"], Value::None),
            opt(Id::S, &["-s", "--source"], Value::Required),
            opt(Id::Ds, &["-ds"], Value::None),
            opt(Id::Dt, &["-dt"], Value::None),
            opt(Id::Maybe, &["-m", "--maybe"], Value::Optional),
            opt(Id::Help, &["-h", "--help"], Value::None),
        ],
        newer: &[opt(Id::Newer, &["--type_transition"], Value::None)],
        must: None,
        positionals: Positionals::One,
    };

    fn parse(line: &str) -> Result<Parsed<Id>, String> {
        let words: Vec<String> = line.split(',').filter(|w| !w.is_empty()).map(str::to_owned).collect();
        PARSER.parse(&words, |id| id == Id::Help)
    }

    fn options(line: &str) -> Vec<(Id, Option<String>)> {
        parse(line).unwrap().options
    }

    fn value(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn values_may_be_attached_in_every_way() {
        for line in ["-s,x", "-sx", "-s=x", "--source,x", "--source=x", "--sou=x"] {
            assert_eq!(options(line), [(Id::S, value("x"))], "{line}");
        }
        assert_eq!(options("-AT"), [(Id::A, None), (Id::T, None)]);
        assert_eq!(options("-As=x"), [(Id::A, None), (Id::S, value("=x"))]);
    }

    #[test]
    fn exact_names_come_first_then_the_older_versions_prefixes() {
        assert_eq!(options("--type_trans"), [(Id::T, None)]);
        assert_eq!(options("--type_transition"), [(Id::Newer, None)]);
        assert_eq!(options("--type_transi"), [(Id::Newer, None)]);
        assert_eq!(options("--type_t"), [(Id::T, None)]);
        assert_eq!(
            parse("--type").unwrap_err(),
            "ambiguous option: --type could match --type_trans, --type_change"
        );
        assert_eq!(parse("-d").unwrap_err(), "ambiguous option: -d could match -ds, -dt");
    }

    #[test]
    fn messages_are_argparses() {
        assert_eq!(parse("-s").unwrap_err(), "argument -s/--source: expected one argument");
        assert_eq!(parse("-s,-A").unwrap_err(), "argument -s/--source: expected one argument");
        assert_eq!(
            parse("-A=3").unwrap_err(),
            "argument -A: ignored explicit argument '=3'".replace("'=3'", "'3'")
        );
        assert_eq!(parse("-Ax").unwrap_err(), "argument -A: ignored explicit argument 'x'");
        assert_eq!(
            parse("--type_change=1").unwrap_err(),
            "argument --type_change: ignored explicit argument '1'"
        );
    }

    #[test]
    fn one_positional_anywhere_and_the_rest_is_left_over() {
        let parsed = parse("policy,-A,more,-Z,-dsA").unwrap();
        assert_eq!(parsed.positionals.first().map(String::as_str), Some("policy"));
        assert_eq!(parsed.unrecognized, ["more", "-Z", "-dsA"]);
        assert_eq!(parse("-A,--,-s").unwrap().positionals.first().map(String::as_str), Some("-s"));
        assert_eq!(parse("-5").unwrap().positionals.first().map(String::as_str), Some("-5"));
    }

    #[test]
    fn two_dashes_belong_to_a_positional_next_to_them() {
        for (line, positional, left) in [
            ("-A,p,--", "p", &[][..]),
            ("p,-A,--", "p", &["--"]),
            ("p,--,x", "p", &["x"]),
            ("p,-A,--,x", "p", &["--", "x"]),
            ("p,x,--", "p", &["x", "--"]),
            ("-A,--,p,--", "p", &["--"]),
        ] {
            let parsed = parse(line).unwrap();
            assert_eq!(
                (parsed.positionals.first().map(String::as_str), parsed.unrecognized),
                (Some(positional), left.iter().map(|w| (*w).to_owned()).collect()),
                "{line}"
            );
        }
        assert_eq!(parse("-A,--").unwrap().positionals, [""; 0]);
    }

    #[test]
    fn a_value_that_may_be_left_out_is_whatever_follows() {
        let given = |line: &str| {
            let parsed = parse(line).unwrap();
            (parsed.options, parsed.positionals.into_iter().next())
        };
        // It eats the positional, unless that stands before it or behind two dashes.
        assert_eq!(given("-m,policy"), (vec![(Id::Maybe, value("policy"))], None));
        assert_eq!(given("policy,-m"), (vec![(Id::Maybe, None)], value("policy")));
        assert_eq!(given("-m,--,policy"), (vec![(Id::Maybe, None)], value("policy")));
        assert_eq!(given("-m,x,policy"), (vec![(Id::Maybe, value("x"))], value("policy")));
        assert_eq!(given("-m,-A,policy"), (vec![(Id::Maybe, None), (Id::A, None)], value("policy")));
        for line in ["-mx", "-m=x", "--maybe=x", "--may,x"] {
            assert_eq!(given(line), (vec![(Id::Maybe, value("x"))], None), "{line}");
        }
        // Also behind a flag in the same word; a letter behind it is its value.
        assert_eq!(options("-Am,x"), [(Id::A, None), (Id::Maybe, value("x"))]);
        assert_eq!(options("-mA"), [(Id::Maybe, value("A"))]);
        assert_eq!(options("-m="), [(Id::Maybe, value(""))]);
        assert_eq!(options("-m,-5"), [(Id::Maybe, value("-5"))]);
    }

    #[test]
    fn help_ends_the_reading() {
        assert_eq!(options("-h,-s").last(), Some(&(Id::Help, None)));
        assert_eq!(options("-hA").last(), Some(&(Id::Help, None)));
        assert_eq!(parse("-hs").unwrap_err(), "argument -s/--source: expected one argument");
    }

    #[test]
    fn many_positionals_are_neighbours() {
        const MANY: Parser<Id> = Parser { positionals: Positionals::Neighbours, ..PARSER };
        for (line, positionals, left) in [
            ("-A", &[][..], &[][..]),
            ("x,y,-A", &["x", "y"], &[]),
            ("-A,x,y", &["x", "y"], &[]),
            ("x,-A,y", &["x"], &["y"]),
            ("x,--,y,-A,--", &["x", "y", "-A", "--"], &[]),
            ("-A,--,y,z", &["y", "z"], &[]),
            ("x,-A,--,y", &["x"], &["--", "y"]),
        ] {
            let words: Vec<String> = line.split(',').map(str::to_owned).collect();
            let parsed = MANY.parse(&words, |id| id == Id::Help).unwrap();
            assert_eq!(
                (parsed.positionals, parsed.unrecognized),
                (owned(positionals), owned(left)),
                "{line}"
            );
        }
    }

    #[test]
    fn a_certain_number_of_positionals_may_be_spread() {
        const TWO: Parser<Id> = Parser { positionals: Positionals::Exactly(&["P1", "P2"]), ..PARSER };
        let parse = |line: &str| {
            let words: Vec<String> = line.split(',').map(str::to_owned).collect();
            let parsed = TWO.parse(&words, |id| id == Id::Help)?;
            Ok((parsed.positionals.join(","), parsed.unrecognized.join(",")))
        };
        for (line, positionals, left) in [
            ("x,y,-A", "x,y", ""),
            ("x,-A,y", "x,y", ""),
            ("x,-A,y,z", "x,y", "z"),
            ("--,x,y,-A", "x,y", "-A"),
            ("x,-A,--,y", "x,y", ""),
            ("x,y,--", "x,y", ""),
            ("x,y,-A,--", "x,y", "--"),
        ] {
            assert_eq!(parse(line), Ok((positionals.to_owned(), left.to_owned())), "{line}");
        }
        for (line, missing) in [("-A", "P1, P2"), ("x,-Z", "P2"), ("x,--", "P2")] {
            let message = format!("the following arguments are required: {missing}");
            assert_eq!(parse(line), Err(message), "{line}");
        }
    }

    fn owned(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn what_must_be_there_is_missed_last_and_numbers_are_checked_at_once() {
        const STRICT: Parser<Id> = Parser {
            options: &[
                opt(Id::S, &["-s", "--source"], Value::Required),
                opt(Id::T, &["-T", "--times"], Value::Integer),
                opt(Id::Help, &["-h", "--help"], Value::None),
            ],
            must: Some(Id::S),
            ..PARSER
        };
        let parse = |words: &[&str]| STRICT.parse(&owned(words), |id| id == Id::Help);
        let missing = "the following arguments are required: -s/--source".to_owned();
        assert_eq!(parse(&["-Z"]), Err(missing.clone()));
        assert_eq!(parse(&["-T", " -1_0 "]), Err(missing));
        assert_eq!(parse(&["-T", "x"]), Err("argument -T/--times: invalid int value: 'x'".to_owned()));
        assert!(parse(&["-h", "-T", "x"]).is_ok());
    }
}
