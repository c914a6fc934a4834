//! Random expressions, valid and broken, and names to search.

use testkit::random::Random;

/// As people write them.
const REALISTIC: &[&str] = &[
    "^httpd_.*_t$",
    "(user|staff)_.*",
    "[a-m]+_exec_t",
    "(?!foo)bar",
    "^(?:init|system)_[a-z]*$",
    r"^\w+_(?P<kind>exec|conf|log)_t\Z",
    "(?i)^HTTPD",
    "(?<=user_)home",
    "^(?!unconfined_).*_t$",
    "(?<!_exec)_t$",
    r"\bunconfined\b",
    "_t{1,2}$",
    r"(.)\1",
    r"(?P<a>[a-z]+)_(?P=a)",
    "sys.?admin",
    "(a(b)?)(?(2)c|d)",
    r"(?x) ^ user  # a comment
      _ [ab c]+ $",
    "^a.*(?<=_t)$",
    r"\d+|\D{3}",
    r"[^\W_]+",
    "(?>a+)b",
    "a++b",
    "(?s:.)+$",
    "(?m)^a$",
    "(?i:Foo)_BAR",
];

/// Small parts, whole and broken.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    "a", "b", "c", "_", "t", "1", "A", "é", "ſ", "İ", "K", "\n", " ", "#", "-", "]", "}", "{", "(", ")",
    "[", "|", "*", "+", "?", ".", "^", "$", ",", "=", "!", "<", ">", ":", "&&", "--", "~~", "||", "\\",
    r"\A", r"\b", r"\B", r"\d", r"\D", r"\s", r"\S", r"\w", r"\W", r"\Z", r"\a", r"\f", r"\n", r"\r", r"\t",
    r"\v", r"\\", r"\x41", r"\x4", r"\xg", r"\u0061", r"\u006", r"\U00000061", r"\U0000006", r"\U00110000",
    r"\UFFFFFFFF", r"\ud800", r"\N", r"\N{", r"\N{}", r"\N{nothing}", r"\N{no", r"\0", r"\01", r"\012",
    r"\0123", r"\1", r"\2", r"\10", r"\3", r"\101", r"\377", r"\400", r"\777", r"\8", r"\9", r"\18", r"\pL",
    r"\z", r"\_", r"\.", r"\é", r"\(", r"\)", r"\[", r"\]", r"\-", r"\{", "\\\n", "[ab]", "[^ab]", "[]a]",
    "[^]a]", "[a-c]", "[c-a]", r"[\d-a]", r"[a-\d]", r"[\w-]", "[a-]", "[-a]", "[[a]", "[a&&b]", "[a--b]",
    "[a~~b]", "[[:alpha:]]", r"[\b]", r"[\x61-\x63]", r"[\x63-\x61]", r"[\141]", r"[\8]", r"[\400]",
    r"[\q]", "[]", "[^]", "[^", "[a-", r"[\]]", "[^\n]", "[é-ü]", "[\\W_]", r"[^\d\s]", r"[\ud800-\ue000]",
    r"[\U0001F600-\U0010FFFF]", "(?:", "(?:a)", "(?:)", "()", "(a)", "(b|c)", "(a|)", "(|a)", "(?P<n>",
    "(?P<n>a)", "(?P<m>b)", "(?P=n)", "(?P=m)", "(?P=", "(?P=)", "(?P<", "(?P<>a)", "(?P<1a>b)",
    "(?P<a b>c)", "(?P<é>a)", "(?P<it's>a)", "(?P<n", "(?P", "(?P>n)", "(?Pa", "(?", "(?a", "(?z)", "(?é)",
    "(?<", "(?<n>a)", "(?<=", "(?<=a)", "(?<=ab)", "(?<!a)", "(?<=a|b)", "(?<=a*)", "(?<!a|bc)", "(?<=(a))",
    r"(?<=\1)", "(?<=^)", "(?<=(?=a))", "(?=", "(?=a)", "(?!a)", "(?!", "(?=ab|c)", "(?#", "(?#c)",
    "(?#c\\)", "(?>", "(?>a)", "(?>a*)", "(?>a|ab)", "(?(1)", "(?(1)a)", "(?(1)a|b)", "(?(1)a|b|c)",
    "(?(2)a|b)", "(?(n)a|b)", "(?(n)", "(?(zz)a)", "(?(0)a)", "(?(-1)a)", "(?(+1)a)", "(?( 1 )a)",
    "(?(1_0)a)", "(?(99999999999)a)", "(?(1073741823)a)", "(?(1073741822)a)", "(?()a)", "(?(1", "(?(",
    "(?(1)|)", "(?(1))", "(?i)", "(?i:", "(?i:a)", "(?-i:a)", "(?a)", "(?u)", "(?L)", "(?s)", "(?m)",
    "(?x)", "(?t)", "(?ai)", "(?au)", "(?a:", r"(?a:\w)", "(?u:a)", "(?t:a)", "(?-t:a)", "(?-a:a)",
    "(?i-i:a)", "(?i-s:a)", "(?i-", "(?i-:a)", "(?-", "(?-:a)", "(?-)", "(?i-z:a)", "(?i-s", "(?i-s)",
    "(?i1)", "(?ii)", "(?i\\d)", "(?-s1:a)", "(?x:a b)", "(?-x: a)", "(?R)", "(?U)", "(?1)", "(?", "(?&n)",
    "a*", "a+", "a?", "a*?", "a+?", "a??", "a*+", "a++", "a?+", "a**", "a{2}", "a{2,}", "a{,2}", "a{1,2}",
    "a{2,1}", "a{1,2}?", "a{1,2}+", "a{}", "a{", "a{1", "a{1,", "a{x}", "a{1,x}", "a{,}", "a{ 1}", "a{-1}",
    "a{0}", "a{0,0}", "{1}", "a{4294967295}", "a{4294967294}", "a{0,4294967295}", "^*", r"\b+", "$?",
    "(?:^)*", "(?:$)+", "(?=a)*", "(?=a){2}", "(?:a*)*", "(?:a?){2,3}", "(a|b)*", "(a)?", "(a)*",
    "(?:(a)|b)*", "(a*)", "(a*)+", "(?:a|ab)", ".*", ".+", ".*?", r"\w+", r"\w*_", "_t", "httpd", "x|y",
    "|", "||",
];

/// For the names and for valid expressions.
const LETTERS: &[&str] = &["a", "a", "a", "b", "b", "c", "_", "t"];

#[rustfmt::skip]
const NAMES: &[&str] = &[
    "httpd_t", "httpd_exec_t", "httpd_sys_content_t", "user_home_t", "staff_u", "unconfined_t", "init_t",
    "sysadm_r", "foobar", "bar", "a.b-c", "abc_t", "aab", "b1", "x123", "object_r", "system_u", "HTTPD_T",
    "user_user", "abcd", "acd", "aabb",
];

/// Names that no policy has, or hardly any.
#[rustfmt::skip]
const ODD_NAMES: &[&str] = &[
    "", "\n", "a\n", "\na", "a\nb", "a\nb\n", "é", "É", "ſ", "s", "K", "k", "İ", "ı", "I", "i", "a b", "٣",
    "ß", "ẞ", "ǅ", "ǆ", "a\u{301}", "ͅ", "ι", "[", "]", "a-b", "&", "{", "a{1", "\u{1c}", "\u{a0}", "\t",
    "😀", "Ⅷ", "²", "漢", "_", "}", "A", "#", "\\", "\0", "\u{7f}", "-a",
];

/// One expression.
pub(crate) fn pattern(random: &mut Random) -> String {
    match random.below(10) {
        0..=3 => valid(random),
        4..=6 => soup(random),
        7 => {
            let realistic = random.word(REALISTIC).to_owned();
            mutated(random, realistic)
        }
        _ => {
            let valid = valid(random);
            mutated(random, valid)
        }
    }
}

/// A dozen names.
pub(crate) fn names(random: &mut Random) -> Vec<String> {
    let name = |random: &mut Random| match random.below(10) {
        0..=1 => random.word(NAMES).to_owned(),
        2 => random.word(ODD_NAMES).to_owned(),
        3 => format!("{}{}", random.word(ODD_NAMES), random.word(ODD_NAMES)),
        _ => (0..1 + random.below(7)).map(|_| random.word(LETTERS)).collect(),
    };
    (0..12).map(|_| name(random)).collect()
}

fn soup(random: &mut Random) -> String {
    (0..1 + random.below(6)).map(|_| random.word(PIECES)).collect()
}

/// Characters taken away, doubled, exchanged or put in.
fn mutated(random: &mut Random, text: String) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for _ in 0..1 + random.below(3) {
        if characters.is_empty() {
            break;
        }
        let at = random.below(characters.len());
        match random.below(4) {
            0 => drop(characters.remove(at)),
            1 => characters.insert(at, characters[at]),
            2 => characters.swap(at, 0),
            _ => drop(characters.splice(at..at, random.word(PIECES).chars())),
        }
    }
    characters.into_iter().collect()
}

/// An expression without a mistake, or with few.
fn valid(random: &mut Random) -> String {
    let mut text = String::new();
    if random.chance(15) {
        text.push_str(random.word(&["(?i)", "(?m)", "(?s)", "(?a)", "(?ai)", "(?x)", "(?im)"]));
    }
    let mut writer = Valid { random, text, n_groups: 0, closed: Vec::new() };
    writer.alternatives(3);
    writer.text
}

struct Valid<'r> {
    random: &'r mut Random,
    text: String,
    n_groups: usize,
    closed: Vec<usize>,
}

impl Valid<'_> {
    fn alternatives(&mut self, depth: usize) {
        for index in 0..1 + self.random.below(4) / 2 {
            if index > 0 {
                self.text.push('|');
            }
            for _ in 0..self.random.below(4) {
                self.item(depth);
            }
        }
    }

    fn item(&mut self, depth: usize) {
        match self.random.below(if depth == 0 { 12 } else { 20 }) {
            0..=5 => self.word(LETTERS),
            6 => self.word(&[".", r"\w", r"\W", r"\d", r"[ab]", "[^a]", r"[^\W_]", "[a-c]"]),
            7 => return self.word(&["^", "$", r"\b", r"\B", r"\A", r"\Z"]),
            8 => {
                return self.word(&[
                    "(?<=a)",
                    "(?<!a)",
                    "(?<=[ab])",
                    "(?<!_|b)",
                    "(?=a)",
                    "(?!b)",
                    "(?<=aa)",
                ]);
            }
            9..=10 => match self.random.pick(&self.closed).copied() {
                Some(group) if self.random.chance(50) => self.text.push_str(&format!(r"\{group}")),
                Some(group) => {
                    self.text.push_str(&format!("(?({group})"));
                    self.word(LETTERS);
                    if self.random.chance(60) {
                        self.text.push('|');
                        self.word(LETTERS);
                    }
                    self.text.push(')');
                }
                None => self.word(LETTERS),
            },
            11 => self.word(LETTERS),
            12..=14 => {
                self.n_groups += 1;
                let number = self.n_groups;
                self.text.push('(');
                self.alternatives(depth - 1);
                self.text.push(')');
                self.closed.push(number);
            }
            _ => {
                self.word(&["(?:", "(?:", "(?:", "(?>", "(?=", "(?!", "(?i:", "(?s:", "(?a:"]);
                self.alternatives(depth - 1);
                self.text.push(')');
            }
        }
        if self.random.chance(35) {
            self.word(&[
                "*", "+", "?", "{2}", "{1,2}", "{,2}", "{2,}", "*?", "+?", "??", "{1,2}?", "*+", "++", "?+",
                "{1,2}+",
            ]);
        }
    }

    fn word(&mut self, words: &[&'static str]) {
        let word = self.random.word(words);
        self.text.push_str(word);
    }
}
