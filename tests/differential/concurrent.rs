//! Random programs of green threads whose output does not depend on the schedule.
//!
//! A program consists of pieces. Each is a function that starts threads and returns a text. `main` runs several pieces
//! at the same time and prints the texts in order. No result depends on the schedule:
//!
//! - networks of channels in which every thread reads from one channel at a time (Kahn, IFIP 1974): the values that
//!   pass through each channel are determined. In a graph with several paths from one thread to another, each thread
//!   reads and writes once in a round, in the order of the channels, so that no capacity is too small, not even 0;
//! - sums and sets of values that arrive in any order: joins, scopes, mutexes, `select` over channels that are closed;
//! - counts that follow from the rules of `std.sync` and of cancellation.
//!
//! The module `waits` contains the pieces that wait for something other than channels.

use super::random::Random;
use super::waits;

/// A piece of a program: functions, of which the function `name` takes no arguments and returns a `String`.
pub struct Piece {
    /// The name of the function.
    pub name: String,
    /// The source text of the functions.
    pub text: String,
}

/// The beginning of all programs: types of values with different representations, and work that yields.
const PRELUDE: &str = "\
import std.sync.{Barrier, Once, RwLock, Semaphore, WaitGroup}
import std.mutex.{Condition}
import std.time

struct Wide { a: Int, b: Float, c: String, d: Int, e: Bool, f: [Int] }
enum Shape { Point, Pair(Int, Int), Text(String) }

fn mix(h: Int, v: Int) -> Int { (h *% 31 +% v) & 0xfffff }
fn work(n: Int) -> Int {
  var h = n
  for i in 0..n % 40 {
    h = mix(h, i)
    if h % 8 == 3 { yield }
  }
  h
}
fn make_int(n: Int) -> Int { n }
fn of_int(v: Int) -> Int { v }
fn make_float(n: Int) -> Float { n.to_float() / 2.0 }
fn of_float(v: Float) -> Int { (v * 2.0).to_int() }
fn make_string(n: Int) -> String { \"{n}\" }
fn of_string(v: String) -> Int { v.to_int().unwrap() }
fn make_option(n: Int) -> Int? { if n % 3 == 0 { None } else { Some(n) } }
fn of_option(v: Int?) -> Int { v.unwrap_or(7) }
fn make_pair(n: Int) -> (Int, String) { (n, \"v{n}\") }
fn of_pair(v: (Int, String)) -> Int { v.0 + v.1.len() }
fn make_wide(n: Int) -> Wide { Wide(a: n, b: 0.5, c: \"{n}\", d: n * 3, e: n % 2 == 0, f: [1, n, 2]) }
fn of_wide(v: Wide) -> Int { mix(mix(v.a, v.d), v.f[1] + v.c.len() + if v.e { 1 } else { 0 }) }
fn make_shape(n: Int) -> Shape {
  match n % 3 { 0 => Point, 1 => Pair(n, n + 1), _ => Text(\"{n}\") }
}
fn of_shape(v: Shape) -> Int {
  match v { Point => 3, Pair(a, b) => a * 2 + b, Text(s) => s.len() }
}
";

/// The types of values that pass through channels, each with the suffix of its `make_` and `of_` functions.
const TYPES: [(&str, &str); 7] = [
    ("Int", "int"),
    ("Float", "float"),
    ("String", "string"),
    ("Int?", "option"),
    ("(Int, String)", "pair"),
    ("Wide", "wide"),
    ("Shape", "shape"),
];

/// A function that generates a piece; the given number makes the names in the piece unique.
type Maker = fn(&mut Random, usize) -> Piece;

/// The generators of pieces. A generator that is listed twice is chosen twice as often.
const MAKERS: [Maker; 17] = [
    network,
    network,
    pipeline,
    pipeline,
    ring,
    merge,
    distribute,
    joins,
    scopes,
    waits::mutexes,
    waits::permits,
    waits::meetings,
    waits::queue,
    waits::timeouts,
    waits::cancelled,
    waits::panics,
    waits::defers,
];

/// Generates the program of a seed.
pub fn program(seed: u64) -> String {
    let mut random = Random::new(seed);
    let count = 2 + random.below(4);
    let pieces: Vec<Piece> = (0..count)
        .map(|number| {
            let make = random.of(&MAKERS);
            make(&mut random, number)
        })
        .collect();
    let items: String = pieces.iter().map(|piece| format!("\n{}", piece.text)).collect();
    let mut starts = String::new();
    let mut ends = String::new();
    for (number, Piece { name, .. }) in pieces.iter().enumerate() {
        if random.chance(70) {
            starts += &format!("  let t{number} = spawn {name}()\n");
            ends += &format!("  println(t{number}.join())\n");
        } else {
            ends += &format!("  println({name}())\n");
        }
    }
    format!("// Seed {seed}.\n{PRELUDE}{items}\nfn main() {{\n{starts}{ends}}}\n")
}

/// Chooses a type of values. Returns its name, and the names of the functions that convert an `Int` to it and back.
fn token(random: &mut Random) -> (&'static str, String, String) {
    let (ty, end) = random.of(&TYPES);
    (ty, format!("make_{end}"), format!("of_{end}"))
}

fn capacity(random: &mut Random) -> usize {
    random.of(&[0, 0, 0, 1, 1, 2, 5])
}

/// A pause between the statements of a thread: nothing, a yield, or work on the thread's variable `h`.
fn pause(random: &mut Random) -> &'static str {
    random.of(&["", "", "if h % 3 == 1 { yield }; ", "h = mix(h, work(h)); ", "yield; "])
}

/// Generates an acyclic graph: each thread reads from all its channels and writes to all its channels once in a round.
fn network(random: &mut Random, number: usize) -> Piece {
    let name = format!("network{number}");
    let (ty, make, of) = token(random);
    let nodes = 3 + random.below(4);
    let rounds = 1 + random.below(12);
    // Channels are numbered in the order of the threads that write to them, and every thread uses its channels in
    // ascending order.
    let mut channels: Vec<(usize, usize)> = Vec::new();
    for from in 0..nodes - 1 {
        let count = 1 + random.below(3);
        channels.extend((0..count).map(|_| (from, from + 1 + random.below(nodes - 1 - from))));
    }
    let mut text = format!("fn {name}() -> String {{\n");
    for channel in 0..channels.len() {
        text += &format!("  let c{channel}: Chan[{ty}] = chan({})\n", capacity(random));
    }
    for node in 0..nodes {
        let reads = numbers(&channels, |(_, to)| *to == node);
        let writes = numbers(&channels, |(from, _)| *from == node);
        let reads: String = reads
            .iter()
            .map(|c| format!("h = mix(h, {of}(c{c}.recv().unwrap())); {}", pause(random)))
            .collect();
        let sends: String = writes.iter().map(|c| format!("c{c}.send({make}(mix(h, {c}))); ")).collect();
        let pause = pause(random);
        text += &format!(
            "  let t{node} = spawn {{\n    var h = {node}\n    \
             for _ in 0..{rounds} {{ {reads}{pause}{sends}}}\n    h\n  }}\n"
        );
    }
    let joins: Vec<String> = (0..nodes).map(|node| format!("{{t{node}.join()}}")).collect();
    text += &format!("  \"{name} {}\"\n}}\n", joins.join(" "));
    Piece { name, text }
}

fn numbers(channels: &[(usize, usize)], fits: impl Fn(&(usize, usize)) -> bool) -> Vec<usize> {
    channels.iter().enumerate().filter(|(_, channel)| fits(channel)).map(|(number, _)| number).collect()
}

/// Generates two chains of threads. Each thread reads until its channel is closed; some send on more or fewer values
/// than they received. At the end, values from both chains are read in turn, then the rest of the longer chain.
fn pipeline(random: &mut Random, number: usize) -> Piece {
    let name = format!("pipeline{number}");
    let (ty, make, of) = token(random);
    let mut text = format!("fn {name}() -> String {{\n");
    let open = if random.chance(40) { "scope {\n" } else { "" };
    text += "  let total = Atomic.new(0)\n  var h = 0\n";
    text += open;
    let ends = ["a", "b"].map(|chain| {
        let count = random.below(25);
        text += &format!("  let {chain}0: Chan[{ty}] = chan({})\n", capacity(random));
        text += &format!(
            "  spawn {{ for n in 0..{count} {{ {chain}0.send({make}(mix(n, {number}))) }}; {chain}0.close() }}\n"
        );
        let stages = random.below(4);
        for stage in 1..=stages {
            text += &format!("  let {chain}{stage}: Chan[{ty}] = chan({})\n", capacity(random));
            let send = format!("{chain}{stage}.send({make}(mix(h, {stage})))");
            let body = match random.below(4) {
                0 => format!("if h % 3 != 0 {{ {send} }}"),
                1 => format!("{send}; {send}"),
                2 => format!("for i in 0..h % 3 {{ h = mix(h, i); {send} }}"),
                _ => send,
            };
            let before = stage - 1;
            let pause = pause(random);
            text += &format!(
                "  spawn {{\n    var h = {stage}\n    \
                 for v in {chain}{before} {{ h = mix(h, {of}(v)); {pause}{body} }}\n    \
                 total.add(h); {chain}{stage}.close()\n  }}\n"
            );
        }
        format!("{chain}{stages}")
    });
    let [a, b] = &ends;
    text += &format!(
        "  loop {{\n    match {a}.recv() {{ Some(v) => {{ h = mix(h, {of}(v)) }}, None => break }}\n    \
         match {b}.recv() {{ Some(v) => {{ h = mix(h, {of}(v)) }}, None => break }}\n  }}\n  \
         for v in {a} {{ h = mix(h, {of}(v)) }}\n  for v in {b} {{ h = mix(h, {of}(v)) }}\n"
    );
    // The text contains `total` only if there is a scope. Without a scope, some threads may not have added to `total`
    // yet.
    text += if open.is_empty() { "  \"{h}\"\n}\n" } else { "  }\n  \"{h} {total.get()}\"\n}\n" };
    Piece { name, text }
}

/// Generates a ring of threads that pass on a number. The number goes round the ring a fixed number of times, and each
/// thread changes it.
fn ring(random: &mut Random, number: usize) -> Piece {
    let name = format!("ring{number}");
    let (ty, make, of) = token(random);
    let (size, rounds) = (2 + random.below(5), 1 + random.below(20));
    let pause = pause(random);
    let text = format!(
        "fn {name}() -> String {{
  let links: [Chan[{ty}]] = [{links}]
  let tasks = Vec.new()
  for at in 0..{size} {{
    let (from, to) = (links[at], links[(at + 1) % {size}])
    tasks.push(spawn {{
      var h = at
      if at == 0 {{ to.send({make}(1)) }}
      for round in 0..{rounds} {{
        h = mix(h, {of}(from.recv().unwrap()))
        {pause}if at > 0 || round + 1 < {rounds} {{ to.send({make}(h)) }}
      }}
      h
    }})
  }}
  var h = 0
  for t in tasks {{ h = mix(h, t.join()) }}
  \"{{h}}\"
}}
",
        links = (0..size).map(|_| format!("chan({})", capacity(random))).collect::<Vec<_>>().join(", "),
    );
    Piece { name, text }
}

/// Generates several threads that send values, and a `select` that receives all values, in any order.
fn merge(random: &mut Random, number: usize) -> Piece {
    let name = format!("merge{number}");
    let (ty, make, of) = token(random);
    let channels = 1 + random.below(4);
    let mut text = format!("fn {name}() -> String {{\n");
    let mut total = 0;
    for channel in 0..channels {
        text += &format!("  let c{channel}: Chan[{ty}] = chan({})\n", capacity(random));
        for sender in 0..1 + random.below(2) {
            let count = random.below(8);
            total += count;
            text += &format!(
                "  spawn {{ var h = {sender}; \
                 for n in 0..{count} {{ {}c{channel}.send({make}(mix(n, {channel}))) }} }}\n",
                random.of(&["", "h = mix(h, work(n)); ", "yield; "])
            );
        }
    }
    let mut arms: Vec<String> = (0..channels)
        .map(|c| format!("      v = c{c}.recv() => {{ all.push({of}(v.unwrap())) }}\n"))
        .collect();
    match random.below(4) {
        0 => arms.push("      after 1_000_000 => panic(\"too late\")\n".to_owned()),
        1 => arms.push("      else => { yield }\n".to_owned()),
        2 => {
            text += "  let never: Chan[Int] = chan(0)\n";
            arms.insert(0, "      _ = never.recv() => panic(\"never\")\n".to_owned());
        }
        _ => {}
    }
    text += &format!(
        "  let all: Vec[Int] = Vec.new()\n  \
         while all.len() < {total} {{\n    select {{\n{}    }}\n  }}\n  all.sort()\n  \
         \"{{all}}\"\n}}\n",
        arms.concat()
    );
    Piece { name, text }
}

/// Generates several threads, and a `select` that sends values to them. Each thread adds up its values until its
/// channel is closed.
fn distribute(random: &mut Random, number: usize) -> Piece {
    let name = format!("distribute{number}");
    let (ty, make, of) = token(random);
    let (channels, count) = (2 + random.below(2), random.below(20));
    let mut text = format!("fn {name}() -> String {{\n  let total = Atomic.new(0)\n  scope {{\n");
    for channel in 0..channels {
        text += &format!("    let c{channel}: Chan[{ty}] = chan({})\n", capacity(random));
        text += &format!(
            "    spawn {{ for v in c{channel} {{ total.add({of}(v)){} }} }}\n",
            random.of(&["", "; yield"])
        );
    }
    let arms: String = (0..channels).map(|c| format!("        c{c}.send({make}(n)) => {{ }}\n")).collect();
    let closes: String = (0..channels).map(|c| format!("    c{c}.close()\n")).collect();
    text += &format!("    for n in 0..{count} {{\n      select {{\n{arms}      }}\n    }}\n{closes}  }}\n");
    text += "  \"{total.get()}\"\n}\n";
    Piece { name, text }
}

/// Generates a tree of threads, each of which joins its children.
fn joins(random: &mut Random, number: usize) -> Piece {
    let name = format!("joins{number}");
    let (depth, width) = (1 + random.below(4), 1 + random.below(3));
    let order = random.of(&["", "children.reverse(); "]);
    let text = format!(
        "fn {name}_tree(depth: Int, n: Int) -> Int {{
  if depth == 0 {{ return work(n) }}
  let children = Vec.new()
  for i in 0..{width} {{ children.push(spawn {name}_tree(depth - 1, mix(n, i))) }}
  let own = work(n)
  var sum = own
  {order}for child in children {{ sum = (sum + child.join()) & 0xfffff }}
  sum
}}
fn {name}() -> String {{ \"{{{name}_tree({depth}, {number})}}\" }}
"
    );
    Piece { name, text }
}

/// Generates nested scopes whose threads add to one number, and functions that spawn into the scope of their caller.
fn scopes(random: &mut Random, number: usize) -> Piece {
    let name = format!("scopes{number}");
    let depth = 1 + random.below(3);
    let (width, extra) = (1 + random.below(3), random.below(4));
    let leaving = random.of(&["", "if n % 2 == 0 { return }", "if work(n) < 0 { return }"]);
    let text = format!(
        "fn {name}_more(total: Atomic, n: Int) {{ for i in 0..{extra} {{ spawn {{ total.add(work(mix(n, i))) }} }} }}
fn {name}_level(total: Atomic, depth: Int, n: Int) {{
  scope {{
    for i in 0..{width} {{
      spawn {{ total.add(mix(n, i)); if depth > 0 {{ {name}_level(total, depth - 1, mix(n, i)) }} }}
    }}
    {name}_more(total, n)
    {leaving}
    yield
  }}
}}
fn {name}() -> String {{
  let total = Atomic.new(0)
  let seen = scope {{ {name}_level(total, {depth}, {number}); total.get() }}
  \"{{seen == total.get()}} {{total.get()}}\"
}}
"
    );
    Piece { name, text }
}
