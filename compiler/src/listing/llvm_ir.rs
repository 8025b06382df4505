//! LLVM IR: its functions, and the lines that they come from.

use std::collections::{BTreeSet, HashMap};

use super::Place;

/// A function's definition.
pub struct Function<'t> {
    /// The symbol, without quotes.
    pub symbol: String,
    /// The text from `define` to the closing brace.
    pub text: &'t str,
}

/// The functions of a module, in order.
pub fn functions(text: &str) -> Vec<Function<'_>> {
    let mut functions = Vec::new();
    let mut from = 0;
    while let Some(start) = find_line(text, from, "define ") {
        let end = find_line(text, start, "}").map_or(text.len(), |line| line + 1);
        let definition = &text[start..end];
        if let Some(symbol) = symbol(definition) {
            functions.push(Function { symbol, text: definition });
        }
        from = end;
    }
    functions
}

/// The offset of the first line from `from` on that starts with `prefix`.
fn find_line(text: &str, from: usize, prefix: &str) -> Option<usize> {
    let found = text[from..].match_indices(prefix).map(|(at, _)| from + at);
    found.into_iter().find(|&at| at == 0 || text.as_bytes()[at - 1] == b'\n')
}

fn symbol(definition: &str) -> Option<String> {
    let name = &definition[definition.find('@')? + 1..];
    match name.strip_prefix('"') {
        Some(quoted) => Some(quoted[..quoted.find('"')?].to_owned()),
        None => Some(name[..name.find('(')?].to_owned()),
    }
}

/// The debug information of a module: its numbered nodes.
pub struct Positions<'t> {
    nodes: HashMap<&'t str, &'t str>,
}

impl<'t> Positions<'t> {
    /// Reads the nodes: `!12 = !DILocation(line: 3, column: 5, scope: !7)`.
    pub fn of(text: &'t str) -> Positions<'t> {
        let nodes = text.lines().filter(|line| line.starts_with('!'));
        Positions { nodes: nodes.filter_map(|line| line.split_once(" = ")).collect() }
    }

    /// The places that a function's instructions come from, also through inlined functions.
    pub fn in_function(&self, definition: &str) -> BTreeSet<Place> {
        let mut places = BTreeSet::new();
        let body = definition.split_once('\n').map_or("", |(_, body)| body);
        for (at, mark) in body.match_indices("!dbg !") {
            let rest = &body[at + mark.len()..];
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let mut next = Some(format!("!{}", &rest[..digits]));
            while let Some(node) = next.and_then(|name| self.nodes.get(name.as_str())) {
                let line = field(node, "line").and_then(|line| line.parse().ok());
                let file = field(node, "scope").and_then(|scope| self.file(scope));
                places.extend(file.zip(line));
                next = field(node, "inlinedAt").map(str::to_owned);
            }
        }
        places
    }

    fn file(&self, scope: &str) -> Option<String> {
        let node = self.nodes.get(scope)?;
        let file = self.nodes.get(field(node, "file")?)?;
        let name = file.split_once("filename: \"")?.1;
        Some(name.split_once('"')?.0.to_owned())
    }
}

/// A field of a node.
fn field<'t>(node: &'t str, name: &str) -> Option<&'t str> {
    let mut fields = node.split(['(', ',', ')']).map(str::trim);
    fields.find_map(|field| field.strip_prefix(name)?.strip_prefix(": "))
}
