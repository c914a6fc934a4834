//! The table in the README: one line for each piece of work, out of benches/RESULTS.md, between two marks. A test holds that it is
//! what the chore writes.

use std::collections::BTreeMap;

const BEGIN: &str = "<!-- written by `cargo xtask bench --record` -->\n";
const END: &str = "<!-- until here -->\n";

/// A README with the table of these results in it.
///
/// # Errors
/// The marks are not there.
pub(super) fn with_table(readme: &str, results: &str) -> Result<String, String> {
    let (before, rest) =
        readme.split_once(BEGIN).ok_or("README.md has no place for the table of measurements")?;
    let (_, after) = rest.split_once(END).ok_or("README.md has no end of the table of measurements")?;
    Ok([before, BEGIN, &table(results), END, after].concat())
}

/// The table: the work, beside what, and for each policy the ratio and our time.
fn table(results: &str) -> String {
    let measured = results.lines().find(|line| line.starts_with("Measured on ")).unwrap_or_default();
    let (mut policies, mut order) = (Vec::new(), Vec::new());
    let mut cells: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in results.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            policies.push(heading.split('.').next().unwrap_or(heading));
        }
        let fields: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [work, ratio, ours, theirs] = fields[..] else { continue };
        if !line.starts_with('|') || work == "the work" || work.starts_with("---") {
            continue;
        }
        let beside = theirs.split(':').next().unwrap_or(theirs);
        let work = format!("{} | {beside}", without_particulars(work));
        let time = ours.split(" (").next().unwrap_or(ours);
        let slower = if ratio.contains('×') { ", slower" } else { "" };
        let of_work = cells.entry(work.clone()).or_insert_with(|| {
            order.push(work);
            Vec::new()
        });
        of_work.resize(policies.len().saturating_sub(1), "–".to_owned());
        of_work.push(format!("{ratio}{slower}; {time}"));
    }
    let mut text = format!(
        "\n{measured}\n\n| the work | beside | {} |\n|---|---|{}\n",
        policies.join(" | "),
        "---|".repeat(policies.len())
    );
    for work in order {
        let mut of_work = cells.remove(&work).unwrap_or_default();
        of_work.resize(policies.len(), "–".to_owned());
        text += &format!("| {work} | {} |\n", of_work.join(" | "));
    }
    text + "\n"
}

/// What is done, without how many lines that is and with which file.
fn without_particulars(work: &str) -> &str {
    let work = work.split(" (").next().unwrap_or(work);
    match work.rsplit_once(" from ") {
        Some((what, file)) if file.ends_with(".33") => what,
        _ => work,
    }
}

#[cfg(test)]
mod tests {
    use super::{table, with_table};
    use crate::paths;

    #[test]
    fn each_piece_of_work_has_a_line() {
        let results = "Measured on a day.\n\n## a.33: 1 byte\n\n| the work | ratio | sepolq | beside |\n|---|---|---|---|\n\
                       | diff from b.33 (5 lines) | 1/9.0 | 1 ms (least 1 ms), 2 MB | sediff: 9 ms |\n\n## c.33: 1 byte\n\n\
                       | diff from d.33 (7 lines) | 1/8.0 | 1 ms (least 1 ms) | sediff: 8 ms |\n| read | 2.0 × | 2 ms | `cat`: 1 ms |\n";
        let lines =
            "| diff | sediff | 1/9.0; 1 ms | 1/8.0; 1 ms |\n| read | `cat` | – | 2.0 ×, slower; 2 ms |\n\n";
        let expected =
            format!("\nMeasured on a day.\n\n| the work | beside | a | c |\n|---|---|---|---|\n{lines}");
        assert_eq!(table(results), expected);
    }

    #[test]
    fn the_readme_has_the_recorded_table() {
        let read = |name| std::fs::read_to_string(paths::repository().join(name)).unwrap();
        let readme = read("README.md");
        assert_eq!(with_table(&readme, &read("benches/RESULTS.md")).unwrap(), readme);
    }
}
