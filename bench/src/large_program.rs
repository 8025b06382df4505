//! A large program, for measuring the compiler. The same size always generates the same text.
//!
//! The program consists of chapters. Each chapter is ordinary code of one form: records, shapes, trees, generic
//! containers, words, or green threads. Its names, constants and numbers of fields and variants vary. Each chapter ends
//! in a function that returns a number, and `main` combines these numbers.

use std::fmt::Write;

/// The forms of a chapter; the form of each chapter is chosen at random.
const FORMS: [fn(&mut Writer, usize); 6] = [records, shapes, trees, containers, words, threads];

/// The constants of a linear congruential generator modulo 2 to the power of 64 (Knuth, MMIX).
const MULTIPLIER: u64 = 6_364_136_223_846_793_005;
const INCREMENT: u64 = 1_442_695_040_888_963_407;

/// The text of a program of `lines` lines, or a few percent more.
pub fn text(lines: usize) -> String {
    let mut writer = Writer { text: String::new(), lines: 0, state: 1 };
    let mut chapters = 0;
    while writer.lines + 5 < lines {
        let form = FORMS[writer.number(FORMS.len())];
        form(&mut writer, chapters);
        writer.line("");
        chapters += 1;
    }
    writer.line("fn main() {");
    writer.line("  var sum = 0");
    writer.line("  for n in 0..2 { sum += part_0(n) }");
    writer.line("  println(sum)");
    writer.line("}");
    // Splits the sum into functions that each call the next, because real functions do not contain a thousand calls.
    let parts = chapters.div_ceil(PART);
    for part in 0..parts {
        writer.line(&format!("fn part_{part}(n: Int) -> Int {{"));
        for chapter in part * PART..chapters.min((part + 1) * PART) {
            writer.line(&format!("  let n = (n +% chapter_{chapter}(n & 15)) & 0xffff"));
        }
        let next = if part + 1 < parts { format!("part_{}(n)", part + 1) } else { "n".to_owned() };
        writer.line(&format!("  {next}"));
        writer.line("}");
    }
    writer.text
}

/// The number of chapters that each of the functions `part_0`, `part_1`, ... calls.
const PART: usize = 20;

struct Writer {
    text: String,
    lines: usize,
    state: u64,
}

impl Writer {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
        self.lines += 1;
    }

    fn block(&mut self, lines: &str) {
        lines.trim_matches('\n').lines().for_each(|line| self.line(line));
    }

    /// A number below `end`.
    fn number(&mut self, end: usize) -> usize {
        self.state = self.state.wrapping_mul(MULTIPLIER).wrapping_add(INCREMENT);
        (self.state >> 33) as usize % end
    }
}

/// A struct with `var` fields, its methods, and a loop over many values of it.
fn records(writer: &mut Writer, n: usize) {
    let fields = 2 + writer.number(6);
    let (step, size) = (1 + writer.number(50), 4 + writer.number(20));
    writer.line(&format!("/// What there is in store {n}."));
    writer.line(&format!("struct Store{n} {{"));
    writer.line("  name: String,");
    for field in 0..fields {
        writer.line(&format!("  var amount_{field}: Int,"));
    }
    writer.line("}");
    writer.line("");
    writer.line(&format!("impl Store{n} {{"));
    let mut given = String::new();
    for field in 0..fields {
        write!(given, ", amount_{field}: start + {field}").expect("BUG: a string takes text");
    }
    writer.line(&format!("  fn new(name: String, start: Int) -> Store{n} {{ Store{n}(name: name{given}) }}"));
    for field in 0..fields {
        writer.block(&format!(
            "  fn move_{field}(self, amount: Int) -> Bool {{
    if amount < 0 || self.amount_{field} + amount > {limit} {{ return false }}
    self.amount_{field} += amount
    true
  }}",
            limit = 1_000 + step * 10
        ));
    }
    let total: Vec<_> = (0..fields).map(|field| format!("self.amount_{field}")).collect();
    writer.line(&format!("  fn total(self) -> Int {{ {} }}", total.join(" + ")));
    writer.line("}");
    writer.block(&format!(
        "
fn chapter_{n}(start: Int) -> Int {{
  let stores = Vec.new()
  for i in 0..{size} {{ stores.push(Store{n}.new(\"store {{i}}\", start + i)) }}
  var refused = 0
  for store in stores {{
    if !store.move_0({step}) {{ refused += 1 }}
    if !store.move_1(store.total() % {size}) {{ refused += 1 }}
  }}
  let names = stores.filter(|store| store.total() > {step}).map(|store| store.name.len())
  stores.fold(refused, |sum, store| sum + store.total()) + names.fold(0, |sum, n| sum + n)
}}"
    ));
}

/// An enum whose values are not heap objects, matches on it, and floats.
fn shapes(writer: &mut Writer, n: usize) {
    let variants = 3 + writer.number(5);
    writer.line(&format!("enum Shape{n} {{"));
    for variant in 0..variants {
        let fields = ["Float", "Float, Float", "Float, Int, Bool"][variant % 3];
        writer.line(&format!("  Shape{n}Kind{variant}({fields}),"));
    }
    writer.line(&format!("  Nothing{n},"));
    writer.line("}");
    writer.line("");
    for (function, plus) in [("area", 0.5), ("border", 2.25)] {
        writer.line(&format!("fn {function}_{n}(shape: Shape{n}) -> Float {{"));
        writer.line("  match shape {");
        for variant in 0..variants {
            let factor = writer.number(90) as f64 + plus;
            writer.block(&match variant % 3 {
                0 => format!("    Shape{n}Kind{variant}(r) => {factor:?} * r * r"),
                1 => format!(
                    "    Shape{n}Kind{variant}(a, b) if a > b => a * {factor:?} - b\n    \
                     Shape{n}Kind{variant}(a, b) => b - a"
                ),
                _ => format!(
                    "    Shape{n}Kind{variant}(a, k, true) => a * k.to_float()\n    \
                     Shape{n}Kind{variant}(a, _, false) => a"
                ),
            });
        }
        writer.line(&format!("    Nothing{n} => 0.0"));
        writer.line("  }");
        writer.line("}");
        writer.line("");
    }
    let arguments = |variant: usize| match variant % 3 {
        0 => "x".to_owned(),
        1 => format!("x, {variant}.5"),
        _ => "x, start, start % 2 == 0".to_owned(),
    };
    let all: Vec<_> = (0..variants).map(|v| format!("Shape{n}Kind{v}({})", arguments(v))).collect();
    writer.block(&format!(
        "
fn chapter_{n}(start: Int) -> Int {{
  let x = start.to_float() + 0.5
  let shapes = [
    {},
    Nothing{n},
  ]
  var sum = 0.0
  for shape in shapes {{ sum += area_{n}(shape) * 0.125 + border_{n}(shape).abs().sqrt() }}
  if sum > 1e9 || sum < -1e9 {{ 0 }} else {{ sum.to_int() }}
}}",
        all.join(",\n    ")
    ));
}

/// A recursive enum, and functions that recurse over it.
fn trees(writer: &mut Writer, n: usize) {
    let (operators, depth) = (2 + writer.number(4), 2 + writer.number(3));
    let operator = |k: usize| ["+%", "-%", "*%", "&", "|", "^"][k % 6];
    writer.line(&format!("enum Term{n} {{"));
    writer.line(&format!("  Number{n}(Int),"));
    for k in 0..operators {
        writer.line(&format!("  Op{n}Kind{k}(Term{n}, Term{n}),"));
    }
    writer.line("}");
    writer.line("");
    writer.line(&format!("fn value_{n}(term: Term{n}) -> Int {{"));
    writer.line("  match term {");
    writer.line(&format!("    Number{n}(value) => value"));
    for k in 0..operators {
        writer
            .line(&format!("    Op{n}Kind{k}(a, b) => (value_{n}(a) {} value_{n}(b)) & 0xffff", operator(k)));
    }
    writer.line("  }");
    writer.line("}");
    writer.block(&format!(
        "
fn size_{n}(term: Term{n}) -> Int {{
  match term {{
    Number{n}(_) => 1"
    ));
    for k in 0..operators {
        writer.line(&format!("    Op{n}Kind{k}(a, b) => size_{n}(a) + size_{n}(b) + 1"));
    }
    writer.block(&format!(
        "  }}
}}

fn term_{n}(depth: Int, seed: Int) -> Term{n} {{
  if depth == 0 {{ return Number{n}(seed) }}
  let (a, b) = (term_{n}(depth - 1, seed + 1), term_{n}(depth - 1, seed * 2))
  match seed % {operators} {{"
    ));
    for k in 0..operators - 1 {
        writer.line(&format!("    {k} => Op{n}Kind{k}(a, b)"));
    }
    writer.block(&format!(
        "    _ => Op{n}Kind{last}(a, b)
  }}
}}

fn chapter_{n}(start: Int) -> Int {{
  let term = term_{n}({depth}, start)
  value_{n}(term) + size_{n}(term)
}}",
        last = operators - 1
    ));
}

/// A generic container with a trait, used with two types.
fn containers(writer: &mut Writer, n: usize) {
    let (capacity, count) = (2 + writer.number(8), 3 + writer.number(12));
    writer.block(&format!(
        "
struct Ring{n}[T] {{ items: Vec[T], capacity: Int }}

trait Weight{n} {{
  fn weight(self) -> Int
  fn is_heavy(self) -> Bool {{ self.weight() > {capacity} }}
}}

impl Weight{n} for Int {{ fn weight(self) -> Int {{ self % {count} }} }}
impl Weight{n} for String {{ fn weight(self) -> Int {{ self.len() }} }}

impl Ring{n}[T] {{
  fn new(capacity: Int) -> Ring{n}[T] {{ Ring{n}(items: Vec.new(), capacity: capacity) }}

  fn push(self, item: T) -> T? {{
    self.items.push(item)
    if self.items.len() > self.capacity {{ Some(self.items.remove(0)) }} else {{ None }}
  }}

  fn last(self) -> T? {{ if self.items.is_empty() {{ None }} else {{ Some(self.items[self.items.len() - 1]) }} }}
}}

fn heaviest_{n}[T: Weight{n}](items: Vec[T]) -> Int {{
  var most = 0
  var heavy = 0
  for item in items {{
    most = max(most, item.weight())
    if item.is_heavy() {{ heavy += 1 }}
  }}
  most + heavy
}}

fn chapter_{n}(start: Int) -> Int {{
  let numbers = Ring{n}.new({capacity})
  let words: Ring{n}[String] = Ring{n}.new({capacity})
  var dropped = 0
  for i in start..start + {count} {{
    if let Some(number) = numbers.push(i * {count}) {{ dropped += number }}
    match words.push(\"word {{i}}\") {{
      Some(word) => dropped += word.len()
      None => ()
    }}
  }}
  let last = match (numbers.last(), words.last()) {{
    (Some(number), Some(word)) => number + word.len()
    (Some(number), None) => number
    (None, Some(word)) => word.len()
    (None, None) => -1
  }}
  dropped + last + heaviest_{n}(numbers.items) + heaviest_{n}(words.items)
}}"
    ));
}

/// Strings, maps, options and results.
fn words(writer: &mut Writer, n: usize) {
    let (count, radix) = (5 + writer.number(20), 3 + writer.number(10));
    writer.block(&format!(
        "
struct Entry{n} {{ word: String, count: Int }}

fn parse_{n}(line: String) -> Result[Entry{n}, String] {{
  let parts = line.split(\"=\")
  if parts.len() != 2 {{ return Err(\"`{{line}}` has {{parts.len()}} parts\") }}
  match parts[1].to_int() {{
    Some(count) if count >= 0 => Ok(Entry{n}(word: parts[0].trim(), count: count))
    Some(count) => Err(\"{{count}} is too little\")
    None => Err(\"`{{parts[1]}}` is no number\")
  }}
}}

fn sum_{n}(lines: [String]) -> Result[Int, String] {{
  let counts: Map[String, Int] = Map.new()
  for line in lines {{
    let entry = parse_{n}(line)?
    counts.update(entry.word, 0, |count| count + entry.count)
  }}
  var sum = 0
  for (word, count) in counts {{ sum += word.len() * count }}
  Ok(sum)
}}

fn digits_{n}(number: Int) -> String {{
  var rest = number
  let out = StringBuilder.new()
  while rest > 0 {{
    out.push_char(match rest % {radix} {{
      0 => 'a'
      1 => 'b'
      2 | 3 => 'c'
      _ => 'd'
    }})
    rest /= {radix}
  }}
  out.finish()
}}

fn chapter_{n}(start: Int) -> Int {{
  let lines = Array.build({count}, |i| \"{{digits_{n}(start * i)}} = {{i}}\".replace(\" \", \"\"))
  let wrong = sum_{n}([\"a=1\", \"b={{-start - 1}}\"])
  match (sum_{n}(lines), wrong) {{
    (Ok(sum), Err(message)) => sum + message.len()
    (Err(message), _) => message.len()
    (Ok(sum), Ok(_)) => sum
  }}
}}"
    ));
}

/// Green threads, closures, and a loop with a label.
fn threads(writer: &mut Writer, n: usize) {
    let (threads, items) = (1 + writer.number(4), 2 + writer.number(6));
    writer.block(&format!(
        "
fn produce_{n}(first: Int, count: Int) -> [(Int, Int)] {{
  Array.build(count, |i| (first, i))
}}

fn compose_{n}[A, B, C](f: fn(A) -> B, g: fn(B) -> C) -> fn(A) -> C {{ |x| g(f(x)) }}

fn chapter_{n}(start: Int) -> Int {{
  let producers = Vec.new()
  for k in 0..{threads} {{ producers.push(spawn produce_{n}(start + k, {items})) }}
  let weigh = compose_{n}(|pair: (Int, Int)| pair.0 * {items} + pair.1, |n| n % 1_000 + 1)
  var sum = 0
  outer: for producer in producers {{
    for pair in producer.join() {{
      if pair.1 > {items} {{ break outer }}
      if pair.0 == pair.1 {{ continue outer }}
      sum += weigh(pair)
    }}
  }}
  while sum > 10_000 {{ sum -= 9_999 }}
  sum
}}"
    ));
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn a_program_has_the_lines_that_are_asked_for_and_is_always_the_same() {
        let program = text(1_000);
        let lines = program.lines().count();
        assert!((1_000..1_200).contains(&lines), "{lines}");
        assert_eq!(program, text(1_000));
    }
}
