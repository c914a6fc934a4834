//! Conditions as checkpolicy's grammar reads them, by precedence climbing: from loose to tight `||`, `^`,
//! `&&`, `!`, `==` and `!=`, all to the left.

/// The value of a condition under the values of its booleans.
pub(super) fn evaluate(text: &str, value: &dyn Fn(&str) -> bool) -> bool {
    let spaced = text.replace('(', " ( ").replace(')', " ) ").replace("!", " ! ").replace(" !  = ", " != ");
    let spaced = spaced.replace(" ! =", " !=");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let (result, rest) = binary(&words, 0, value);
    assert!(rest.is_empty(), "left over: {rest:?} of {text}");
    result
}

const LEVELS: [&[&str]; 3] = [&["||"], &["^"], &["&&"]];

fn binary<'w>(words: &'w [&'w str], level: usize, value: &dyn Fn(&str) -> bool) -> (bool, &'w [&'w str]) {
    let next = |words| {
        if level + 1 < LEVELS.len() { binary(words, level + 1, value) } else { not(words, value) }
    };
    let (mut left, mut rest) = next(words);
    while let [operator, after @ ..] = rest
        && LEVELS[level].contains(operator)
    {
        let (right, after) = next(after);
        left = match *operator {
            "||" => left || right,
            "^" => left != right,
            _ => left && right,
        };
        rest = after;
    }
    (left, rest)
}

fn not<'w>(words: &'w [&'w str], value: &dyn Fn(&str) -> bool) -> (bool, &'w [&'w str]) {
    match words {
        ["!", rest @ ..] => {
            let (operand, rest) = not(rest, value);
            (!operand, rest)
        }
        words => comparison(words, value),
    }
}

fn comparison<'w>(words: &'w [&'w str], value: &dyn Fn(&str) -> bool) -> (bool, &'w [&'w str]) {
    let (mut left, mut rest) = atom(words, value);
    while let [operator @ ("==" | "!="), after @ ..] = rest {
        let (right, after) = atom(after, value);
        left = (left == right) == (*operator == "==");
        rest = after;
    }
    (left, rest)
}

fn atom<'w>(words: &'w [&'w str], value: &dyn Fn(&str) -> bool) -> (bool, &'w [&'w str]) {
    match words {
        ["(", inner @ ..] => match binary(inner, 0, value) {
            (result, [")", rest @ ..]) => (result, rest),
            (_, rest) => panic!("no closing parenthesis at {rest:?}"),
        },
        [name, rest @ ..] => (value(name), rest),
        [] => panic!("nothing where a boolean should be"),
    }
}
