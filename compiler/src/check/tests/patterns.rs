//! Exhaustiveness, and arms that are never reached.

use std::fmt::Write;

use super::{check, expect};

#[test]
fn what_is_missing_is_named() {
    let missing = |ty: &str, arms: &str| {
        let declared = "enum E { A(Bool, E), B, C }; struct P { x: Int, y: Bool }; enum None0 { }";
        let source = format!("{declared}; fn f(x: {ty}) -> Int {{ match x {{ {arms} }} }}; fn main() {{ }}");
        let (found, _) = check(&source);
        let found = found.iter().find(|found| found.code.0 == "E0240");
        found.map_or(String::new(), |found| {
            found.message.replace("this `match` does not cover every case: ", "")
        })
    };
    let cases = [
        ("Bool", "true => 1", "`false` is missing"),
        ("Bool", "true => 1, false => 2", ""),
        ("Bool", "true => 1, false if 1 < 2 => 2", "`false` is missing"),
        ("Int", "0 => 1, 1..=9 => 2", "`Int.MIN..=-1` and `10..=Int.MAX` are missing"),
        ("Byte", "b'\\n' => 1", "`b'\\x00'..=b'\\t'` and `b'\\x0b'..=b'\\xff'` are missing"),
        ("String", "\"a\" => 1", "`_` is missing"),
        ("E", "A(true, _) => 1, B => 2", "`A(false, _)` and `C` are missing"),
        ("E", "A(_, A(_, B | C)) => 1, A(_, B | C) => 2, B | C => 3", "`A(_, A(_, A(_, _)))` is missing"),
        (
            "P",
            "P(x: 0, ..) => 1, P(y: true, ..) => 2",
            "`P(x: Int.MIN..=-1, y: false)` and `P(x: 1..=Int.MAX, y: false)` are missing",
        ),
        ("(Bool, Bool)", "(true, _) => 1, (_, true) => 2", "`(false, false)` is missing"),
        ("[Int]", "[] => 1, [_] => 2", "`[_, _, ..]` is missing"),
        (
            "[Bool]",
            "[true, ..] => 1, [.., true] => 2, [] => 3",
            "`[false]` and `[false, .., false]` are missing",
        ),
        ("[Bool]", "[true, ..] => 1, [.., false] => 2, [] => 3", "`[false, .., true]` is missing"),
        ("Int?", "Some(0) => 1, None => 2", "`Some(Int.MIN..=-1)` and `Some(1..=Int.MAX)` are missing"),
    ];
    for (ty, arms, expected) in cases {
        assert_eq!(missing(ty, arms), expected, "{arms}");
    }
}

#[test]
fn thousands_of_patterns_are_checked() {
    let literals: String = (0..20_000).map(|n| format!("{n} => 1\n")).collect();
    let exact = vec!["0"; 3_000].join(", ");
    let numbers =
        format!("fn f(n: Int) -> Int {{ match n {{ {literals} _ => 2 }} }}; fn main() {{ println(f(1)) }}");
    let array = format!(
        "fn f(n: [Int]) -> Int {{ match n {{ [{exact}] => 1, _ => 2 }} }}; fn main() {{ println(f([])) }}"
    );
    // Like the compiler, the check needs a larger stack than a test's thread has.
    let check = move || expect(&[(&numbers, ""), (&array, "")]);
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(check);
    thread.expect("the system gives a thread").join().expect("nothing is found");
}

/// A pattern for a part of a `(Bool, [Bool])`.
enum Pattern {
    Any,
    Bool(bool),
    Array(Vec<Pattern>, bool, Vec<Pattern>),
    Either(Box<[Pattern; 2]>),
}

impl Pattern {
    fn text(&self) -> String {
        let list = |patterns: &[Pattern]| patterns.iter().map(Pattern::text).collect::<Vec<_>>();
        match self {
            Pattern::Any => "_".into(),
            Pattern::Bool(value) => value.to_string(),
            Pattern::Array(before, rest, after) => {
                let rest = if *rest { vec!["..".to_string()] } else { Vec::new() };
                format!("[{}]", [list(before), rest, list(after)].concat().join(", "))
            }
            Pattern::Either(either) => format!("{} | {}", either[0].text(), either[1].text()),
        }
    }

    fn matches_bool(&self, value: bool) -> bool {
        match self {
            Pattern::Any => true,
            Pattern::Bool(wanted) => *wanted == value,
            Pattern::Either(either) => either.iter().any(|pattern| pattern.matches_bool(value)),
            Pattern::Array(..) => panic!("an array is no Bool"),
        }
    }

    fn matches_array(&self, values: &[bool]) -> bool {
        let all = |patterns: &[Pattern], values: &[bool]| {
            patterns.iter().zip(values).all(|(pattern, value)| pattern.matches_bool(*value))
        };
        match self {
            Pattern::Any => true,
            Pattern::Array(before, rest, after) => {
                let told = before.len() + after.len();
                (told == values.len() || *rest && told < values.len())
                    && all(before, values)
                    && all(after, &values[values.len() - after.len()..])
            }
            Pattern::Either(either) => either.iter().any(|pattern| pattern.matches_array(values)),
            Pattern::Bool(_) => panic!("a Bool is no array"),
        }
    }
}

/// Pseudo-random numbers: the linear congruential generator of Knuth's MMIX.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn bool(&mut self) -> Pattern {
        match self.below(3) {
            0 => Pattern::Any,
            value => Pattern::Bool(value == 1),
        }
    }

    fn array(&mut self, depth: usize) -> Pattern {
        match self.below(5) {
            0 => Pattern::Any,
            1 if depth > 0 => Pattern::Either(Box::new([self.array(depth - 1), self.array(depth - 1)])),
            _ => {
                let before = (0..self.below(3)).map(|_| self.bool()).collect();
                let rest = self.below(3) > 0;
                let after = if rest { (0..self.below(3)).map(|_| self.bool()).collect() } else { Vec::new() };
                Pattern::Array(before, rest, after)
            }
        }
    }
}

/// All pairs of a `Bool` and an array of at most five elements. The patterns do not distinguish longer arrays from
/// arrays of five.
fn values() -> Vec<(bool, Vec<bool>)> {
    let arrays = (0..=5).flat_map(|length| {
        (0..1 << length).map(move |bits| (0..length).map(|at| bits >> at & 1 == 1).collect::<Vec<bool>>())
    });
    arrays.flat_map(|array| [(false, array.clone()), (true, array)]).collect()
}

/// Checks random `match` expressions: the diagnostics must agree with the result of trying all values.
#[test]
fn what_is_found_is_what_trying_finds() {
    let mut chance = Chance(1);
    let values = values();
    let (mut source, mut expected) = (String::new(), Vec::new());
    for number in 0..400 {
        writeln!(source, "fn f{number}(x: (Bool, [Bool])) -> Int {{ match x {{").expect("a string takes it");
        let line = source.lines().count();
        let mut left = values.clone();
        for arm in 0..2 + chance.below(5) {
            let (bool, array) = (chance.bool(), chance.array(1));
            writeln!(source, "({}, {}) => {arm}", bool.text(), array.text()).expect("a string takes it");
            let before = left.len();
            left.retain(|(one, other)| !(bool.matches_bool(*one) && array.matches_array(other)));
            if left.len() == before {
                expected.push((source.lines().count(), "W0010"));
            }
        }
        source += "} }\n";
        if !left.is_empty() {
            expected.push((line, "E0240"));
        }
    }
    source += "fn main() { }\n";
    let (diagnostics, sources) = check(&source);
    let mut found: Vec<(usize, &str)> = diagnostics
        .iter()
        .map(|found| (sources.position(found.primary.span).line as usize, found.code.0))
        .collect();
    found.sort();
    expected.sort();
    let wrong = found.iter().zip(&expected).find(|(one, other)| one != other);
    assert_eq!((wrong, found.len()), (None, expected.len()));
    assert!(expected.len() > 300);
}
