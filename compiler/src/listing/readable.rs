//! Assembly for people: source lines stand between the instructions, and each switch has a heading.
//!
//! ```text
//! ; worker (p.weft:1)
//! weft.worker:
//! ; 12 |     yield
//! ; switch: yield
//!     movq    %fs:112, %rcx
//!     ...
//!     jmpq    *%rax
//! ; resumed
//! .Ltmp13:
//! ```

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use weft_abi::layout::{PROGRAM_PREFIX, SHARED_SUFFIX};

use super::assembly::{Function, Item};
use super::yield_points::{self, Kind, Position};
use super::{Listing, Place};

/// The lines above and below a chosen line that are shown with it.
const CONTEXT: u32 = 2;

/// Prints functions, or the instructions of them that come from the chosen line.
pub fn print(listing: &Listing<'_>, functions: &[&Function]) -> String {
    let sources: HashMap<&str, Vec<&str>> = listing
        .sources
        .files()
        .map(|(_, file)| (file.name.as_str(), file.text.lines().collect::<Vec<&str>>()))
        .collect();
    let own_functions = listing.program.functions.ids().filter(|&id| listing.is_own(id));
    let own =
        own_functions.filter_map(|id| listing.place(listing.program.functions[id].span)).map(|place| place.0);
    let mut printer = Printer {
        main: &listing.sources.file(listing.file).name,
        own: own.collect(),
        line: listing.line,
        kinds: yield_points::kinds(listing.program, listing.sources),
        sources,
        out: String::new(),
        shown: (None, None),
    };
    printer.context();
    for (index, function) in functions.iter().enumerate() {
        if index > 0 || listing.line.is_some() {
            printer.out.push('\n');
        }
        let owner = listing.names.owner(&function.symbol);
        let name = owner.map_or(function.symbol.as_str(), |id| listing.program.functions[id].name.as_str());
        printer.function(name, function);
    }
    printer.out
}

struct Printer<'a> {
    /// The program's file.
    main: &'a str,
    /// The files of the program, without the library's.
    own: HashSet<String>,
    line: Option<u32>,
    kinds: HashMap<Position, Kind>,
    sources: HashMap<&'a str, Vec<&'a str>>,
    out: String,
    /// The last source lines: of the program, and of the library.
    shown: (Option<Place>, Option<Place>),
}

impl Printer<'_> {
    /// Prints the chosen line between its neighbours.
    fn context(&mut self) {
        let Some(line) = self.line else { return };
        let last = self.sources.get(self.main).map_or(line, |lines| lines.len() as u32);
        for shown in line.saturating_sub(CONTEXT).max(1)..=(line + CONTEXT).min(last) {
            let mark = if shown == line { '>' } else { ' ' };
            let text = format!("; {mark} {shown:>3} | {}", self.source(&(self.main.to_owned(), shown)));
            self.write(text.trim_end());
        }
    }

    fn write(&mut self, line: &str) {
        writeln!(self.out, "{line}").expect("a string accepts all text");
    }

    fn source(&self, (file, line): &Place) -> &str {
        let lines = self.sources.get(file.as_str());
        lines.and_then(|lines| lines.get(*line as usize - 1)).copied().unwrap_or_default()
    }

    fn function(&mut self, name: &str, function: &Function) {
        let at =
            function.declared.as_ref().map(|(file, line, _)| format!(" ({file}:{line})")).unwrap_or_default();
        let around =
            match function.symbol[PROGRAM_PREFIX.len().min(function.symbol.len())..].strip_prefix(name) {
                Some(".entry") => ", as a green thread starts it",
                Some(".value") => ", as a function value is called",
                _ => "",
            };
        self.write(&format!("; {name}{around}{at}"));
        let is_plain =
            function.symbol.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '$'));
        let quote = if is_plain { "" } else { "\"" };
        self.write(&format!("{quote}{}{quote}:", function.symbol));
        self.shown = (None, None);
        let mut skipped = false;
        for (index, item) in function.items.iter().enumerate() {
            if !self.is_wanted(&function.items, index) {
                skipped = true;
                continue;
            }
            if std::mem::take(&mut skipped) {
                self.write("    ...");
            }
            self.item(&function.items, index, item);
        }
        if skipped {
            self.write("    ...");
        }
    }

    /// Whether an item comes from the chosen line; a label is wanted with the instruction behind it.
    fn is_wanted(&self, items: &[Item], index: usize) -> bool {
        let Some(line) = self.line else { return true };
        let instruction = items[index..].iter().find(|item| !item.is_label);
        let item = match &items[index] {
            label if label.is_label && label.inline.is_none() => instruction,
            item => Some(item),
        };
        item.is_some_and(|item| item.chain.iter().any(|at| at.0 == self.main && at.1 == line))
    }

    fn item(&mut self, items: &[Item], index: usize, item: &Item) {
        let before = index.checked_sub(1).map(|before| &items[before]);
        let is_first = |item: &Item| before.is_none_or(|before| before.inline != item.inline);
        if item.is_label {
            let behind_jump = before.is_some_and(|before| before.text.starts_with("jmpq"));
            if item.inline.is_some() && behind_jump {
                self.write("; resumed");
            }
            self.write(&format!("{}:", item.text));
            return;
        }
        self.move_to(&item.chain);
        if item.inline.is_some() && is_first(item) {
            let piece: Vec<&Item> =
                items[index..].iter().take_while(|other| other.inline == item.inline).collect();
            if let Some(heading) = self.heading(&piece) {
                self.write(&heading);
            }
        }
        let is_shared = item.text.contains(SHARED_SUFFIX) && item.text.contains("switch");
        if is_shared && item.text.starts_with("callq") && item.inline.is_none() {
            self.write(&format!("; switch: {}", self.kind(&item.chain)));
        }
        let code = match item.text.split_once('\t') {
            Some((operation, operands)) => format!("    {operation:<7} {operands}"),
            None => format!("    {}", item.text),
        };
        let note = if item.note.is_empty() { String::new() } else { format!("  ; {}", item.note) };
        let line = if note.is_empty() { code } else { format!("{code:<36}{note}") };
        self.write(&line);
    }

    /// The heading of a piece of inline assembly that switches stacks.
    fn heading(&self, piece: &[&Item]) -> Option<String> {
        let text = |item: &&&Item| item.text.replace('\t', " ");
        let instructions = || piece.iter().filter(|item| !item.is_label);
        let loads = instructions().any(|item| text(&item).ends_with(", %rsp"));
        let jumps = instructions().any(|item| item.text.starts_with("jmpq") && item.text.contains('*'));
        let calls =
            instructions().any(|item| item.text.starts_with("callq") && item.text.contains(SHARED_SUFFIX));
        let stores = instructions().any(|item| text(&item).starts_with("movq %rsp, "));
        match (calls || (loads && jumps), calls || stores) {
            (false, _) => None,
            (true, true) => Some(format!("; switch: {}", self.kind(&piece[0].chain))),
            (true, false) => Some("; switch: the thread ends".to_owned()),
        }
    }

    fn kind(&self, chain: &[Position]) -> &'static str {
        chain.iter().find_map(|at| self.kinds.get(at)).map_or("to another stack", |kind| kind.text())
    }

    /// Prints the source lines of a position, unless they are printed already.
    fn move_to(&mut self, chain: &[Position]) {
        let place = |at: &Position| (at.0.clone(), at.1);
        let own = chain.iter().find(|at| self.own.contains(&at.0)).map(place);
        let library = chain.first().filter(|at| !self.own.contains(&at.0)).map(place);
        if (&own, &library) == (&self.shown.0, &self.shown.1) {
            return;
        }
        if let Some(at) = own.as_ref().filter(|_| own != self.shown.0 || library.is_none()) {
            let file = if at.0 == self.main { String::new() } else { format!("{}:", at.0) };
            let line = format!("; {file}{} | {}", at.1, self.source(at));
            self.write(line.trim_end());
        }
        if let Some(at) = &library {
            let line = format!(";   {}:{} | {}", at.0, at.1, self.source(at).trim_start());
            self.write(line.trim_end());
        }
        self.shown = (own, library);
    }
}
