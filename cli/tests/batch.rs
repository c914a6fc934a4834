//! `can --batch`: every line is answered or reported, whatever is in it.

mod common;

use std::io::Write;
use std::process::Stdio;

use common::{Answer, sepolq};
use serde_json::Value;

/// The answers to the lines of an input, and the exit code.
fn batch(input: &[u8]) -> (Vec<Value>, Option<i32>) {
    let mut child = sepolq()
        .args(["--demo", "can", "--batch", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let (mut stdin, input) = (child.stdin.take().expect("a pipe"), input.to_vec());
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let answer = Answer::of(&child.wait_with_output().expect("an end"));
    writer.join().expect("a writer").expect("all is read");
    let parse = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    (answer.stdout.lines().map(parse).collect(), answer.code)
}

#[test]
fn answers_come_in_the_order_of_the_lines() {
    let (answers, code) = batch(
        b"# a comment\n\nhttpd_t httpd_sys_content_t file read,open\n  container_t container_file_t file read\r\n\
          httpd_t shadow_t file write\nhttpd_t httpd_t file watch_mountns",
    );
    assert_eq!(code, Some(0));
    let results: Vec<(u64, &str)> = answers
        .iter()
        .map(|answer| {
            (answer["line"].as_u64().expect("a number"), answer["result"].as_str().expect("a result"))
        })
        .collect();
    assert_eq!(results, [(3, "granted"), (4, "depends"), (5, "denied"), (6, "granted")]);
    assert_eq!(answers[0]["granted"], serde_json::json!(["open", "read"]));
    assert!(answers.iter().all(|answer| answer["schema"] == "sepolq.decision/1"));
}

#[test]
fn bad_lines_are_reported_and_the_others_answered() {
    let mut input = b"httpd_t httpd_sys_content_t file read\n".to_vec();
    input.extend(b"nobody_t shadow_t file read\n\xff\xfe\n");
    input.extend(vec![b'x'; 2 << 20]);
    input.extend(b"\nhttpd_t shadow_t\nhttpd_t shadow_t file read extra\n");
    input.extend(
        format!("container_t:s0:{} shadow_t file read\n", vec!["c0.c1023"; 5000].join(",")).as_bytes(),
    );
    input.extend(b"httpd_t shadow_t file re\x1bad\nhttpd_t\0 shadow_t file read\nhttpd_t shadow_t file read");
    let (answers, code) = batch(&input);
    assert_eq!(code, Some(1), "some lines were not answered");
    let lines: Vec<u64> = answers.iter().map(|answer| answer["line"].as_u64().expect("a number")).collect();
    assert_eq!(lines, (1..=10).collect::<Vec<u64>>());
    let failed: Vec<u64> = answers
        .iter()
        .filter(|answer| answer.get("error").is_some())
        .filter_map(|a| a["line"].as_u64())
        .collect();
    assert_eq!(failed, [2, 3, 4, 5, 6, 8, 9]);
    for answer in &answers {
        let error = answer["error"].as_str().unwrap_or_default();
        assert!(error.len() < 1000 && !error.contains(char::is_control), "{error}");
    }
}

#[test]
fn many_lines_are_answered_as_single_ones() {
    let requests =
        ["httpd_t shadow_t file read", "httpd_t httpd_sys_content_t file read", "init_t etc_t dir search"];
    let input: String = (0..20_000).map(|line| format!("{}\n", requests[line % 3])).collect();
    let (answers, code) = batch(input.as_bytes());
    assert_eq!((answers.len(), code), (20_000, Some(0)));
    for (index, answer) in answers.iter().enumerate() {
        let expected = if index % 3 == 0 { "denied" } else { "granted" };
        assert_eq!(
            (answer["line"].as_u64(), answer["result"].as_str()),
            (Some(index as u64 + 1), Some(expected))
        );
    }
}

#[test]
fn standard_input_is_one_thing_only() {
    let answer = common::answer(&["-P", "-", "can", "--batch", "-"]);
    assert_eq!(answer.code, Some(2));
    assert!(answer.stderr.contains("both the policy and the batch"), "{}", answer.stderr);
}

#[test]
fn a_file_that_cannot_be_read_is_an_error() {
    let answer = common::answer(&["--demo", "can", "--batch", "/no/such/file"]);
    assert_eq!(answer.code, Some(2));
    assert!(answer.stderr.contains("/no/such/file"), "{}", answer.stderr);
}
