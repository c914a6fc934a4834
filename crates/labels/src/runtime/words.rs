//! The words of a docker or podman command line: which are options, which of them have values, where the image stands.
//!
//! Both programs read options as Go's `pflag` does: `--name VALUE`, `--name=VALUE`, `-n VALUE`, `-nVALUE`, `-n=VALUE`, and
//! short options without values in one word. Options end at the first word that is none, the image, or at `--`. Only
//! options *without* values are listed here, which are few; every other one takes the next word. Sources: the manual
//! pages podman-run(1), podman(1), docker-run(1), docker(1).

/// Long options of `run` and `create` that have no value.
const FLAGS: [&str; 26] = [
    "detach",
    "disable-content-trust",
    "env-host",
    "help",
    "http-proxy",
    "init",
    "interactive",
    "no-healthcheck",
    "no-hostname",
    "no-hosts",
    "oom-kill-disable",
    "passwd",
    "privileged",
    "publish-all",
    "quiet",
    "read-only",
    "read-only-tmpfs",
    "replace",
    "rm",
    "rmi",
    "rootfs",
    "sig-proxy",
    "tls-verify",
    "tty",
    "unsetenv-all",
    "use-api-socket",
];
/// Short options of `run` and `create` that have no value.
const SHORT_FLAGS: &[u8] = b"ditPq";
/// Long options of the programs themselves that have no value.
const GLOBAL_FLAGS: [&str; 11] = [
    "debug",
    "help",
    "noout",
    "no-out",
    "remote",
    "syslog",
    "tls",
    "tlsverify",
    "trace",
    "transient-store",
    "version",
];
/// Short ones.
const SHORT_GLOBAL_FLAGS: &[u8] = b"Drv";

/// Options in front of a word that is none.
#[derive(Debug, Default)]
pub(super) struct Options<'a> {
    /// Names, without hyphens, and values; of short options the name is the letter.
    pub(super) options: Vec<(&'a str, Option<&'a str>)>,
    /// The words from the first on that is no option.
    pub(super) rest: &'a [String],
    /// An option whose value is missing.
    pub(super) unfinished: Option<&'a str>,
}

/// Options of the program, before the name of the command.
pub(super) fn global_options(words: &[String]) -> Options<'_> {
    options(words, &GLOBAL_FLAGS, SHORT_GLOBAL_FLAGS)
}

/// Options of `run` and `create`, before the image.
pub(super) fn run_options(words: &[String]) -> Options<'_> {
    options(words, &FLAGS, SHORT_FLAGS)
}

fn options<'a>(words: &'a [String], flags: &[&str], short_flags: &[u8]) -> Options<'a> {
    let mut found = Options { rest: words, ..Options::default() };
    while let Some((word, rest)) = found.rest.split_first() {
        if word == "--" {
            found.rest = rest;
            break;
        }
        let Some(name) = word.strip_prefix('-').filter(|name| !name.is_empty()) else { break };
        found.rest = rest;
        match name.strip_prefix('-') {
            Some(long) => match long.split_once('=') {
                Some((name, value)) => found.options.push((name, Some(value))),
                None if flags.contains(&long) => found.options.push((long, None)),
                None => found.take_value(long),
            },
            None => found.short(name, short_flags),
        }
    }
    found
}

impl<'a> Options<'a> {
    fn take_value(&mut self, name: &'a str) {
        match self.rest.split_first() {
            Some((value, rest)) => {
                self.options.push((name, Some(value)));
                self.rest = rest;
            }
            None => self.unfinished = Some(name),
        }
    }

    /// A word of short options, of which only the last may have a value.
    fn short(&mut self, letters: &'a str, flags: &[u8]) {
        for (at, letter) in letters.char_indices() {
            let end = at.saturating_add(letter.len_utf8());
            let (name, value) =
                (letters.get(at..end).unwrap_or_default(), letters.get(end..).unwrap_or_default());
            if u8::try_from(letter).is_ok_and(|letter| flags.contains(&letter)) {
                self.options.push((name, None));
                continue;
            }
            match value.strip_prefix('=').unwrap_or(value) {
                "" => self.take_value(name),
                value => self.options.push((name, Some(value))),
            }
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn values_stand_in_every_place() {
        let words = words("-itv /a:/b --rm --name web -p=80:80 --volume=/c:/d -e X=1 nginx -v /no:/no");
        let found = run_options(&words);
        let named =
            |name| found.options.iter().filter(move |(found, _)| *found == name).map(|(_, value)| *value);
        assert_eq!(named("v").collect::<Vec<_>>(), [Some("/a:/b")]);
        assert_eq!(named("volume").collect::<Vec<_>>(), [Some("/c:/d")]);
        assert_eq!(named("p").collect::<Vec<_>>(), [Some("80:80")]);
        assert_eq!(named("rm").collect::<Vec<_>>(), [None]);
        assert_eq!(found.rest.first().map(String::as_str), Some("nginx"));
    }

    #[test]
    fn two_hyphens_end_options_and_a_missing_value_is_named() {
        assert_eq!(run_options(&words("-d -- -v")).rest, ["-v"]);
        assert_eq!(run_options(&words("-d --name")).unfinished, Some("name"));
        assert_eq!(run_options(&words("-v")).unfinished, Some("v"));
        assert_eq!(global_options(&words("--log-level debug run")).rest, ["run"]);
    }
}
