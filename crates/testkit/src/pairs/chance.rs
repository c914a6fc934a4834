//! Outputs of sediff without what SETools leaves to chance: the order of names in braces, and constraints that it takes for different
//! because of that order.

use std::fmt::Write;

/// An output of sediff without what SETools leaves to chance: the names in braces of modified access rules and of constraints are
/// sorted, and so are constraints; of those, and of their counts, what stands on both sides is taken away, as SETools
/// takes equal constraints for different ones if their names come in another order. A section that is then empty goes if `everything`
/// was asked for.
pub fn without_chance(output: &[u8], everything: bool) -> Vec<u8> {
    let text = String::from_utf8_lossy(output).into_owned();
    let mut result = String::new();
    // Sections end with an empty line.
    for section in text.split_inclusive("\n\n") {
        match section.lines().next().filter(|head| is_about_constraints(head)) {
            Some(head) => constraints(head, section, everything, &mut result),
            None => section.split_inclusive('\n').for_each(|line| {
                let is_modified = ["allow ", "auditallow ", "dontaudit "]
                    .iter()
                    .any(|kind| line.strip_prefix("      * ").is_some_and(|rule| rule.starts_with(kind)));
                result.push_str(&if is_modified { with_sorted_names(line) } else { line.to_owned() });
            }),
        }
    }
    result.into_bytes()
}

fn is_about_constraints(head: &str) -> bool {
    let heads = ["Constraints (", "MLS Constraints (", "Validatetrans (", "MLS Validatetrans ("];
    heads.iter().any(|start| head.starts_with(start))
}

fn constraints(head: &str, section: &str, everything: bool, result: &mut String) {
    let lines = |sign: &str| {
        let lines = section.lines().filter_map(|line| line.strip_prefix(sign));
        let mut lines: Vec<String> = lines.map(with_sorted_names).collect();
        lines.sort();
        lines.dedup();
        lines
    };
    let (mut added, mut removed) = (lines("      + "), lines("      - "));
    let both: Vec<String> = added.iter().filter(|line| removed.contains(line)).cloned().collect();
    added.retain(|line| !both.contains(line));
    removed.retain(|line| !both.contains(line));
    if everything && added.is_empty() && removed.is_empty() && section.lines().count() > 2 {
        return;
    }
    let title = head.split(" (").next().unwrap_or(head);
    let is_counted_only = section.lines().count() <= 2;
    if is_counted_only {
        result.push_str(section);
        return;
    }
    let _ = writeln!(result, "{title} ({} Added, {} Removed)", added.len(), removed.len());
    for (sign, lines) in [("+", added), ("-", removed)] {
        lines.iter().for_each(|line| {
            let _ = writeln!(result, "      {sign} {line}");
        });
    }
    result.push('\n');
}

/// A line whose lists in braces are sorted.
fn with_sorted_names(line: &str) -> String {
    let mut sorted = String::new();
    let mut rest = line;
    while let Some((before, behind)) = rest.split_once("{ ") {
        let Some((names, behind)) = behind.split_once('}') else { break };
        let mut names: Vec<&str> = names.split(' ').filter(|name| !name.is_empty()).collect();
        names.sort_unstable();
        let _ = write!(sorted, "{before}{{ {} }}", names.join(" "));
        rest = behind;
    }
    sorted + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_is_taken_out() {
        let one = "Allow Rules (0 Added, 0 Removed, 1 Modified)\n      * allow a b:c { x +z -y };\n\n";
        let two = "Allow Rules (0 Added, 0 Removed, 1 Modified)\n      * allow a b:c { -y x +z };\n\n";
        assert_eq!(without_chance(one.as_bytes(), true), without_chance(two.as_bytes(), true));
        let false_ones = "Constraints (1 Added, 1 Removed)\n   Added Constraints: 1\n      + constrain x y (t1 == { a b } ); \n   \
                          Removed Constraints: 1\n      - constrain x y (t1 == { b a } ); \n\n";
        assert_eq!(without_chance(false_ones.as_bytes(), true), b"");
        assert_eq!(without_chance(false_ones.as_bytes(), false), b"Constraints (0 Added, 0 Removed)\n\n");
    }
}
