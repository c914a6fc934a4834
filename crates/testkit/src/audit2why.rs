//! audit2why's own module, asked by the thousand through `driver/audit2why_driver.py`.

use crate::Error;
use crate::policies::{Policy, repository};
use crate::reference::in_fixed_environment;
use std::io::Write;
use std::process::{Command, Stdio};
use std::thread;

/// A question: source and target context, class, permissions.
pub type Question = (String, String, String, Vec<String>);

/// What audit2why answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// The name of its code: `ALLOW`, `TERULE`, `BOOLEAN`, `CONSTRAINT`, …
    pub code: String,
    /// Of `BOOLEAN`: booleans that would do, each alone, and their states.
    pub booleans: Vec<(String, bool)>,
}

/// Asks questions about a policy.
///
/// # Errors
/// When Python or the module is missing, or not every question is answered.
pub fn ask(policy: &Policy, questions: &[Question]) -> Result<Vec<Why>, Error> {
    let driver = repository().join("crates/testkit/driver/audit2why_driver.py");
    let mut command = Command::new("/usr/bin/python3");
    let mut child = in_fixed_environment(command.arg(driver).arg(policy.path()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(Error::file("/usr/bin/python3"))?;
    let mut stdin = child.stdin.take().ok_or_else(|| broken("it has no input"))?;
    let lines = questions.iter().map(|(source, target, class, permissions)| {
        serde_json::json!([source, target, class, permissions]).to_string() + "\n"
    });
    let text: String = lines.collect();
    let writer = thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().map_err(|error| broken(&error.to_string()))?;
    // Where it ended early, its own words say why.
    let _ = writer.join();
    let answers = String::from_utf8_lossy(&output.stdout);
    let answers: Vec<Why> = answers.lines().map(read).collect::<Result<_, _>>()?;
    if answers.len() == questions.len() {
        return Ok(answers);
    }
    let words = String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().to_owned();
    Err(broken(&format!("{words}\nhelp: `cargo xtask test` installs it")))
}

fn read(line: &str) -> Result<Why, Error> {
    let value: serde_json::Value = serde_json::from_str(line).map_err(|error| broken(&error.to_string()))?;
    let code = value.get(0).and_then(|code| code.as_str()).ok_or_else(|| broken(line))?;
    let list = value.pointer("/1/0").and_then(|list| list.as_array()).filter(|_| code == "BOOLEAN");
    let setting =
        |pair: &serde_json::Value| Some((pair.get(0)?.as_str()?.to_owned(), pair.get(1)?.as_i64()? != 0));
    let booleans = list.into_iter().flatten().filter_map(setting);
    Ok(Why { code: code.to_owned(), booleans: booleans.collect() })
}

fn broken(why: &str) -> Error {
    Error::Reference(format!("audit2why's module failed: {why}"))
}
