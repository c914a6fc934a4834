//! Where policies come from: files, pipes, standard input, and files that change under our feet.

mod common;

use std::fs::{self, File};
use std::io::{Read, Write};
use std::process::{Command, Stdio};

use common::{Answer, sepolq, testdata};

fn demo() -> Vec<u8> {
    fs::read(testdata("demo/demo.33")).unwrap()
}

#[test]
fn standard_input_is_read() {
    for name in ["-", "/dev/stdin"] {
        let mut child = sepolq()
            .args(["-P", name, "allow", "--count"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(&demo()).unwrap();
        let answer = Answer::of(&child.wait_with_output().unwrap());
        assert_eq!(answer.code, Some(0), "{name}: {answer:?}");
    }
}

#[test]
fn a_named_pipe_is_read() {
    let directory = tempfile::tempdir().unwrap();
    let pipe = directory.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let child = sepolq()
        .arg("-P")
        .arg(&pipe)
        .args(["allow", "--count"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Opening for writing waits for the reader.
    File::options().write(true).open(&pipe).unwrap().write_all(&demo()).unwrap();
    assert_eq!(Answer::of(&child.wait_with_output().unwrap()).code, Some(0));
}

#[test]
fn the_environment_names_a_policy() {
    let answer =
        sepolq().env("SEPOLQ_POLICY", testdata("demo/demo.33")).args(["allow", "--count"]).output().unwrap();
    assert_eq!(Answer::of(&answer).code, Some(0));
}

#[test]
fn a_policy_that_is_truncated_does_not_matter() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("policy.33");
    fs::write(&path, demo()).unwrap();
    let mut child = sepolq()
        .arg("-P")
        .arg(&path)
        // JSON is made while it is written, out of names in the policy; and there is far more of it than
        // a pipe holds, so that the program waits for us in the middle of it.
        .args(["allow", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0; 16]).unwrap();
    File::options().write(true).open(&path).unwrap().set_len(0).unwrap();
    let mut rest = Vec::new();
    stdout.read_to_end(&mut rest).unwrap();
    let answer = Answer::of(&child.wait_with_output().unwrap());
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));
    assert!(rest.ends_with(b"]}\n"), "the answer is whole");
}

#[test]
fn a_policy_that_is_replaced_does_not_matter() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("policy.33");
    fs::write(&path, demo()).unwrap();
    let mut child =
        sepolq().arg("-P").arg(&path).args(["allow", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0; 16]).unwrap();
    let other = directory.path().join("other");
    fs::write(&other, b"something else").unwrap();
    fs::rename(&other, &path).unwrap();
    stdout.read_to_end(&mut Vec::new()).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
