//! Assembly as LLVM writes it: its functions, instructions and their positions in the source.
//!
//! ```text
//! weft.worker:                            # @weft.worker         a function begins
//!     .loc    2 13 5                      # std/task.weft:13:5 @[ p.weft:16:29 ]
//!     movl    80(%r12), %eax              from line 13 of std/task.weft, inlined into line 16 of p.weft
//!     #APP                                inline assembly
//!     jmpq    *%rax
//!     #NO_APP
//! .Lfunc_end0:                            it ends
//! ```

use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;

use super::Place;
use super::yield_points::Position;

/// A function's code.
pub struct Function {
    /// The symbol, without quotes.
    pub symbol: String,
    /// The position of the declaration, if it is known.
    pub declared: Option<Position>,
    /// The instructions and labels.
    pub items: Vec<Item>,
}

/// An instruction or a label.
pub struct Item {
    /// The text without indentation and comments; a label's name without its colon.
    pub text: String,
    /// The comment that says that the instruction spills or reloads a value.
    pub note: String,
    /// Whether this is a label.
    pub is_label: bool,
    /// The number of the piece of inline assembly that contains the instruction.
    pub inline: Option<usize>,
    /// The position that the instruction comes from, then the positions into which that is inlined.
    pub chain: Rc<[Position]>,
}

impl Function {
    /// The places that the instructions come from.
    pub fn places(&self) -> BTreeSet<Place> {
        let instructions = self.items.iter().filter(|item| !item.is_label);
        instructions.flat_map(|item| item.chain.iter()).map(|at| (at.0.clone(), at.1)).collect()
    }
}

/// The functions of a text, each as it stands there.
pub fn texts(text: &str) -> Vec<(String, &str)> {
    let mut functions = Vec::new();
    let mut open: Option<(String, usize)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some(symbol) = begins(line) {
            open = Some((symbol, at));
        }
        at += line.len();
        if line.trim() == "# -- End function"
            && let Some((symbol, start)) = open.take()
        {
            functions.push((symbol, &text[start..at]));
        }
    }
    functions
}

/// The functions of a text, without directives.
pub fn parse(text: &str) -> Vec<Function> {
    let tables = jump_tables(text);
    let mut functions = Vec::new();
    for (symbol, text) in texts(text) {
        let mut function = Function { symbol, declared: None, items: Vec::new() };
        let mut reader = Reader { chain: Rc::new([]), inline: None, pieces: 0 };
        for line in text.lines().skip(1) {
            reader.line(line, &mut function);
        }
        drop_labels(&mut function, &tables);
        functions.push(function);
    }
    functions
}

/// The symbol of the function that begins on a line.
fn begins(line: &str) -> Option<String> {
    let (label, symbol) = line.split_once("# @")?;
    let label = label.trim_end().strip_suffix(':')?;
    let is_symbol = !label.starts_with(char::is_whitespace) && label == symbol.trim_end();
    is_symbol.then(|| label.trim_matches('"').to_owned())
}

struct Reader {
    chain: Rc<[Position]>,
    /// The number of the current piece of inline assembly.
    inline: Option<usize>,
    pieces: usize,
}

impl Reader {
    fn line(&mut self, line: &str, function: &mut Function) {
        let (code, comment) = line.split_once('#').unwrap_or((line, ""));
        let (code, comment) = (code.trim(), comment.trim());
        match (code, comment) {
            ("", "APP") => {
                self.pieces += 1;
                self.inline = Some(self.pieces);
            }
            ("", "NO_APP") => self.inline = None,
            ("", _) => {}
            _ if code.starts_with(".loc\t") || code.starts_with(".loc ") => self.move_to(comment, function),
            _ if code.ends_with(':') => self.push(code.trim_end_matches(':'), "", true, function),
            _ if code.starts_with('.') => {}
            _ => {
                let moves = comment.contains("Spill") || comment.contains("Reload");
                self.push(code, if moves { comment } else { "" }, false, function);
            }
        }
    }

    fn push(&self, text: &str, note: &str, is_label: bool, function: &mut Function) {
        let (text, note, chain) = (text.to_owned(), note.to_owned(), Rc::clone(&self.chain));
        function.items.push(Item { text, note, is_label, inline: self.inline, chain });
    }

    /// Line 0 stands for code without a position; such code is listed with the code before it.
    fn move_to(&mut self, comment: &str, function: &mut Function) {
        let parts = comment.split(" @[ ").map(|part| part.trim_end_matches([' ', ']']));
        let chain: Option<Vec<Position>> = parts.map(position).collect();
        let Some(chain) = chain.filter(|chain| chain[0].1 > 0) else { return };
        if function.declared.is_none() {
            function.declared = chain.last().cloned();
        }
        self.chain = chain.into();
    }
}

/// Reads `p.weft:16:29`, or `p.weft:0` for no line.
fn position(text: &str) -> Option<Position> {
    let (rest, last) = text.rsplit_once(':')?;
    match rest.rsplit_once(':').and_then(|(file, line)| Some((file, line.parse().ok()?))) {
        Some((file, line)) => Some((file.to_owned(), line, last.parse().ok()?)),
        None => Some((rest.to_owned(), last.parse().ok()?, 0)),
    }
}

/// The labels of blocks that tables of jumps contain.
fn jump_tables(text: &str) -> HashSet<&str> {
    let entries = text
        .lines()
        .map(str::trim_start)
        .filter(|line| line.starts_with(".long") || line.starts_with(".quad"));
    entries.flat_map(names).filter(|name| name.starts_with(".LBB")).collect()
}

/// The names in the text of an instruction.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '$')))
}

/// Removes the labels that no instruction mentions.
fn drop_labels(function: &mut Function, tables: &HashSet<&str>) {
    let instructions = function.items.iter().filter(|item| !item.is_label);
    let used: HashSet<String> = instructions.flat_map(|item| names(&item.text)).map(str::to_owned).collect();
    function.items.retain(|item| {
        !item.is_label
            || used.contains(&item.text)
            || tables.contains(item.text.as_str())
            || is_number(&item.text)
    });
}

fn is_number(label: &str) -> bool {
    label.chars().all(|c| c.is_ascii_digit())
}
