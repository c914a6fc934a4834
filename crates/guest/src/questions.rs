//! One question, one answer: what the lines mean is told in `testkit::kernel`.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;

use crate::kernel_log::KernelLog;
use crate::{confined, deed, programs, selinuxfs};

/// What lasts from one question to the next.
#[derive(Default)]
pub(crate) struct Session {
    /// Numbers of classes in the loaded policy.
    classes: HashMap<String, String>,
    /// The kernel's policy, while somebody else is asked to open it, too.
    held: Option<File>,
    log: KernelLog,
}

impl Session {
    /// The answer: `ok …`, or `error` and the system's number for it.
    pub(crate) fn answer(&mut self, question: &str) -> String {
        match self.ask(question) {
            Ok(reply) => format!("ok {}", escaped(&reply)),
            Err(error) => match error.raw_os_error() {
                Some(number) => format!("error {number}"),
                None => format!("failed {}", escaped(&error.to_string())),
            },
        }
    }

    fn ask(&mut self, question: &str) -> io::Result<String> {
        let words: Vec<&str> = question.split(' ').collect();
        match words.as_slice() {
            ["load", file] => {
                self.classes.clear();
                selinuxfs::put("load", &fs::read(file)?).map(|()| String::new())
            }
            ["access" | "member" | "relabel", source, target, class] => {
                let class = self.class_number(class)?;
                selinuxfs::transact(words[0], &format!("{source} {target} {class}"))
            }
            ["create", source, target, class, name @ ..] => {
                let class = self.class_number(class)?;
                let name = name.first().map(|name| format!(" {name}")).unwrap_or_default();
                selinuxfs::transact("create", &format!("{source} {target} {class}{name}"))
            }
            ["validatetrans", old, new, class, process] => {
                let class = self.class_number(class)?;
                let question = format!("{old} {new} {class} {process}");
                selinuxfs::put("validatetrans", question.as_bytes()).map(|()| String::new())
            }
            ["context", context] => selinuxfs::transact("context", context),
            ["get", node] => selinuxfs::get(node),
            ["set", node, value] => selinuxfs::put(node, value.as_bytes()).map(|()| String::new()),
            ["hold"] => {
                self.held = Some(File::open(selinuxfs::node("policy"))?);
                Ok(String::new())
            }
            ["release"] => {
                self.held = None;
                Ok(String::new())
            }
            ["commands", arguments @ ..] => confined::spawn(arguments),
            ["deed", arguments @ ..] => deed::spawn(arguments),
            ["log", file] => self.log.copy(file),
            ["run", program, arguments @ ..] => programs::run(program, arguments),
            ["map", program, arguments @ ..] => programs::maps(program, arguments),
            _ => Err(io::Error::other(format!("no such question: {question}"))),
        }
    }

    /// The number that the kernel knows a class of the policy by; a number stands for itself.
    fn class_number(&mut self, name: &str) -> io::Result<String> {
        if name.starts_with(|first: char| first.is_ascii_digit()) {
            return Ok(name.to_owned());
        }
        if let Some(number) = self.classes.get(name) {
            return Ok(number.clone());
        }
        let number = selinuxfs::get(&format!("class/{name}/index"))?;
        self.classes.insert(name.to_owned(), number.clone());
        Ok(number)
    }
}

/// A text in one line.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n")
}
