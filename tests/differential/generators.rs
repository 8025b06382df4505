//! Random programs of generators and continuations.
//!
//! A program has functions and pieces. The functions are bodies of generators and of continuations, which call each
//! other; the module `bodies` writes them. A piece is a function that returns a text: it computes with generators and
//! continuations alone in its thread, keeps many of them suspended at a time, or shares one with other threads through
//! a mutex. `main` runs the pieces and prints their texts.
//!
//! Every piece has a log, which mixes all that happens in the piece into a number. The log also has a limited amount of
//! fuel, because the functions recur at random: without fuel, they return and their loops end. A piece in a thread of
//! its own may have a bomb: an amount of fuel at which the piece panics.
//!
//! Bodies keep values with references while other code allocates, and read the values later. This exposes references
//! that the collector misses.

use super::bodies::{Source, Writer};
use super::random::Random;

/// The beginning of all programs: the log, types of values, and generators that take generators.
const PRELUDE: &str = include_str!("generators.weft");

/// A type of values: its name, and the end of the names of its `make_` and `of_` functions.
pub type Type = (&'static str, &'static str);

/// The types of elements, variables, and values passed in and out of continuations.
pub const TYPES: [Type; 20] = [
    ("Int", "int"),
    ("Float", "float"),
    ("Bool", "bool"),
    ("Char", "char"),
    ("Byte", "byte"),
    ("()", "unit"),
    ("String", "string"),
    ("String", "string"),
    ("Int?", "option"),
    ("String??", "options"),
    ("(Int, String)", "pair"),
    ("(String, Float, Byte, String, Int)", "many"),
    ("Wide", "wide"),
    ("Cell", "cell"),
    ("Shape", "shape"),
    ("Tree", "tree"),
    ("[String]", "array"),
    ("Vec[Int]", "vec"),
    ("fn(Int) -> Int", "function"),
    ("Gen[Int]", "gen"),
];

/// The types of a `Suspender`: the type of the values that are passed in, and the type of the values that are passed
/// out.
pub type Suspends = (Type, Type);

/// The signature of the body of a generator or of a continuation. All bodies also have the parameters `log` and `d`,
/// the greatest depth of further calls.
pub struct Function {
    pub name: String,
    /// Whether the function is the body of a generator; `result` is then the type of its elements.
    pub generates: bool,
    pub result: Type,
    /// The types of the suspenders, which are the parameters `p0`, `p1`, and so on. In the body of a continuation, `p0`
    /// is the continuation's own suspender.
    pub suspends: Vec<Suspends>,
    /// The types of the parameters `a0`, `a1`, and so on.
    pub values: Vec<Type>,
}

/// Generates the program of a seed.
pub fn program(seed: u64) -> String {
    let mut random = Random::new(seed);
    let random = &mut random;
    let functions = signatures(random);
    let mut text = format!("// Seed {seed}.\n{PRELUDE}");
    for function in &functions {
        text += "\n";
        text += &Writer::new(random, &functions).function(function);
    }
    let (mut starts, mut ends) = (String::new(), String::new());
    for number in 0..2 + random.below(3) {
        let own_thread = random.chance(50);
        text += "\n";
        text += &piece(random, &functions, number, own_thread);
        if own_thread {
            starts += &format!("  let t{number} = spawn piece{number}()\n");
            ends += &format!("  println(t{number}.result())\n");
        } else {
            ends += &format!("  println(piece{number}())\n");
        }
    }
    format!("{text}\nfn main() {{\n{starts}{ends}}}\n")
}

/// Chooses the signatures of all functions. There is at least one generator and one continuation that any code can
/// call. Only two pairs of types are passed in and out of continuations, so that functions with a `Suspender` can call
/// each other.
fn signatures(random: &mut Random) -> Vec<Function> {
    let passed = [0; 2].map(|_| (random.of(&TYPES), random.of(&TYPES)));
    let generators = 2 + random.below(4);
    let count = generators + 1 + random.below(3);
    (0..count)
        .map(|number| {
            let generates = number < generators;
            let first_of_kind = number == 0 || number == generators;
            let more = if first_of_kind { 0 } else { random.of(&[0, 0, 1, 2]) };
            let own = usize::from(!generates);
            Function {
                name: if generates { format!("g{number}") } else { format!("k{number}") },
                generates,
                result: random.of(&TYPES),
                suspends: (0..own + more).map(|_| random.of(&passed)).collect(),
                values: (0..random.below(4)).map(|_| random.of(&TYPES)).collect(),
            }
        })
        .collect()
}

/// The text of the function `piece{number}`.
fn piece(random: &mut Random, functions: &[Function], number: usize, own_thread: bool) -> String {
    let fuel = 20 + random.below(150);
    let bomb = if own_thread && random.chance(30) { random.below(fuel).to_string() } else { "-1".into() };
    let log = format!("Log(h: {number}, fuel: {fuel}, bomb: {bomb})");
    let depth = random.of(&[1, 2, 3, 3, 40]);
    let head = format!("fn piece{number}() -> String {{\n");
    let kind = random.below(10);
    let mut writer = Writer::new(random, functions);
    let text = match kind {
        0 | 1 => return head + &shared_generator(&mut writer, number, fuel, depth) + "}\n",
        2 => return head + &shared_continuation(&mut writer, number, fuel, depth) + "}\n",
        3 | 4 => suspended_generators(&mut writer),
        5 => suspended_continuations(&mut writer),
        _ => writer.statements(),
    };
    format!("{head}  let log = {log}\n  let d = {depth}\n{text}  \"{{log.h}} {{log.fuel}}\"\n}}\n")
}

/// A generator that several threads resume. The sum of all elements does not depend on which thread gets which element.
fn shared_generator(writer: &mut Writer, number: usize, fuel: usize, depth: usize) -> String {
    let Source { text: source, element: (_, element), .. } = writer.generator(None);
    let (threads, pause) = (2 + writer.random.below(3), writer.random.of(&["", "yield; ", "garbage(9); "]));
    format!(
        "  let (sum, count) = (Atomic.new(0), Atomic.new(0))
  let m = Mutex.new(|| {{
    let log = Log(h: {number}, fuel: {fuel}, bomb: -1)
    let d = {depth}
    (log, {source})
  }})
  scope {{
    for _ in 0..{threads} {{
      spawn {{
        while m.with(|p| match p.1.next() {{
          Some(v) => {{ sum.add(of_{element}(v)); {pause}true }}
          None => false
        }}) {{ count.add(1); {pause}}}
      }}
    }}
  }}
  \"{{sum.get()}} {{count.get()}} {{m.with(|p| mix(p.0.h, p.0.fuel))}}\"
"
    )
}

/// A continuation that several threads resume.
fn shared_continuation(writer: &mut Writer, number: usize, fuel: usize, depth: usize) -> String {
    let (made, [(_, passed_in), (_, passed_out), (_, result)]) = writer.continuation();
    let (threads, pause) = (2 + writer.random.below(3), writer.random.of(&["", "yield; ", "garbage(9); "]));
    format!(
        "  let m = Mutex.new(|| {{
    let log = Log(h: {number}, fuel: {fuel}, bomb: -1)
    let d = {depth}
    let rest = Vec.new()
    rest.push({made})
    (log, rest)
  }})
  scope {{
    for _ in 0..{threads} {{
      spawn {{
        while m.with(|p| match p.1.pop() {{
          Some(k) => match k.resume(make_{passed_in}(p.0.h)) {{
            Suspended(next, out) => {{ p.0.add(of_{passed_out}(out)); {pause}p.1.push(next); p.0.tick() }}
            Done(r) => {{ p.0.add(of_{result}(r)); false }}
          }}
          None => false
        }}) {{ {pause}() }}
      }}
    }}
  }}
  m.with(|p| \"{{p.0.h}} {{p.0.fuel}} {{p.1.len()}}\")
"
    )
}

/// Several generators that are suspended at the same time. They are resumed in turn, and at the end closed, used up or
/// dropped.
fn suspended_generators(writer: &mut Writer) -> String {
    let Source { text: source, element: (_, element), .. } = writer.generator(None);
    let (count, rounds) = (2 + writer.random.below(12), 1 + writer.random.below(5));
    let ends = writer.random.of(&["g.close()", "log.add(of_option(Some(g.count() % 9)))", "garbage(3)"]);
    format!(
        "  let all = Vec.new()
  for i in 0..{count} {{
    all.push({source})
    log.add(i)
  }}
  for round in 0..{rounds} {{
    for g in all {{
      garbage(5)
      if let Some(v) = g.next() {{ log.add(of_{element}(v)) }}
      if (log.h + round) % 7 == 0 {{ log.fuel += 9 }}
    }}
  }}
  while let Some(g) = all.pop() {{ {ends} }}
"
    )
}

/// Several continuations that are suspended at the same time, and are resumed in turn.
fn suspended_continuations(writer: &mut Writer) -> String {
    let (made, [(_, passed_in), (_, passed_out), (_, result)]) = writer.continuation();
    let (count, rounds) = (2 + writer.random.below(12), 1 + writer.random.below(5));
    format!(
        "  var all = Vec.new()
  for i in 0..{count} {{
    all.push({made})
    log.add(i)
  }}
  for round in 0..{rounds} {{
    let rest = Vec.new()
    for k in all {{
      garbage(5)
      match k.resume(make_{passed_in}(log.h)) {{
        Suspended(next, out) => {{ log.add(of_{passed_out}(out)); if log.h % 9 > 0 {{ rest.push(next) }} }}
        Done(r) => log.add(of_{result}(r))
      }}
      if (log.h + round) % 7 == 0 {{ log.fuel += 9 }}
    }}
    all = rest
  }}
"
    )
}
