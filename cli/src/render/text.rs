//! Rules for people and scripts: one statement a line; behind a conditional one whether it is in force.

use std::io;

use super::{Output, RuleAnswer, Style, ViaSide};

/// How many types a remark names before it only counts them.
const NAMED: usize = 3;

/// Prints the rules.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn rules_as_text(answer: &RuleAnswer<'_, '_>, output: &mut Output) -> io::Result<()> {
    for (rule, line) in answer.lines.iter().take(answer.limit) {
        let keyword = rule.kind().keyword().as_bytes();
        output.styled(Style::Keyword, keyword)?;
        output.text(&line[keyword.len()..])?;
        let mut separator = "  # ";
        if let Some(branch) = rule.branch() {
            output.text(separator.as_bytes())?;
            if answer.conditions.in_force(branch) {
                output.styled(Style::On, b"on")?;
            } else {
                output.styled(Style::Off, b"off")?;
            }
            separator = "; ";
        }
        if let Some(via) = &answer.via {
            let [source, target] = via.sides(answer.store, rule);
            let remarks =
                [source.map(|side| remark("source", &side)), target.map(|side| remark("target", &side))];
            for remark in remarks.into_iter().flatten() {
                output.text(separator.as_bytes())?;
                output.styled(Style::Remark, remark.as_bytes())?;
                separator = "; ";
            }
        }
        output.text(b"\n")?;
    }
    Ok(())
}

/// `source httpd_t has domain`.
fn remark(side: &str, via: &ViaSide) -> String {
    let (types, more) = via.types.split_at(via.types.len().min(NAMED));
    let have = if via.types.len() == 1 { "has" } else { "have" };
    let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
    format!("{side} {}{more} {have} {}", types.join(", "), via.attribute)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(types: &[&str]) -> ViaSide {
        ViaSide { attribute: "domain".to_owned(), types: types.iter().map(|t| (*t).to_owned()).collect() }
    }

    #[test]
    fn remarks_name_a_few_types_and_count_the_rest() {
        assert_eq!(remark("source", &side(&["a_t"])), "source a_t has domain");
        assert_eq!(remark("target", &side(&["a_t", "b_t"])), "target a_t, b_t have domain");
        let five = remark("source", &side(&["a_t", "b_t", "c_t", "d_t", "e_t"]));
        assert_eq!(five, "source a_t, b_t, c_t and 2 more have domain");
    }
}
