//! Forms of a program for people: chosen functions and lines, and assembly beside its source, as `weft emit` prints
//! them. This module reads LLVM's texts and writes text; it compiles nothing.

#![warn(clippy::wildcard_enum_match_arm)]

use std::collections::BTreeSet;

use crate::mir::{FunctionId, Program};
use crate::source::{FileId, SourceMap, Span};

/// Functions by name.
mod names;
/// The kinds of yield points, by their position in the source.
pub(crate) mod yield_points;
/// LLVM IR: its functions, and the lines that they come from.
pub(crate) mod llvm_ir;
/// Assembly: its functions, instructions and their positions in the source.
mod assembly;
/// Assembly for people.
mod readable;

#[cfg(test)]
mod tests;

use names::Names;

/// The parts of a form to print. Without functions and without a line, that is the whole form.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Selection {
    /// The names of functions, or the ends of names.
    pub functions: Vec<String>,
    /// A line of the program's file, counted from 1.
    pub line: Option<u32>,
}

/// A position in the source: the file's name and the line, counted from 1.
pub type Place = (String, u32);

/// Checks that a file has a line.
///
/// # Errors
///
/// If it has no such line, the text tells the user so.
pub fn check_line(sources: &SourceMap, file: FileId, line: Option<u32>) -> Result<(), String> {
    let source = sources.file(file);
    let count = source.text.lines().count();
    match line.filter(|&line| line == 0 || line as usize > count) {
        Some(wrong) => Err(format!("`{}` has no line {wrong}; write a line from 1 to {count}", source.name)),
        None => Ok(()),
    }
}

/// A program whose forms can be listed, and the parts to list.
pub struct Listing<'a> {
    program: &'a Program,
    sources: &'a SourceMap,
    file: FileId,
    names: Names<'a>,
    /// The chosen functions; `None` for all.
    chosen: Option<BTreeSet<FunctionId>>,
    line: Option<u32>,
}

impl<'a> Listing<'a> {
    /// Finds the functions and the line of `selection`; the line is one of `file`.
    ///
    /// # Errors
    ///
    /// If there is no such function or line, the text tells the user so.
    pub fn new(
        program: &'a Program,
        sources: &'a SourceMap,
        file: FileId,
        selection: &Selection,
    ) -> Result<Listing<'a>, String> {
        let names = Names::new(program);
        let found: Result<BTreeSet<FunctionId>, String> =
            selection.functions.iter().map(|name| names.find(name)).collect();
        let chosen = found?;
        let line = selection.line;
        check_line(sources, file, line)?;
        let chosen = Some(chosen).filter(|chosen| !chosen.is_empty());
        Ok(Listing { program, sources, file, names, chosen, line })
    }

    /// MIR, with the live set of each yield point.
    ///
    /// # Errors
    ///
    /// If nothing comes from the line, the text tells the user so.
    pub fn mir(&self) -> Result<String, String> {
        let chosen = self.program.functions.ids().filter(|&id| self.is_chosen(Some(id)));
        let with_lines = chosen.map(|id| (id, self.mir_places(id))).collect();
        let wanted = self.on_line(with_lines)?;
        let texts = wanted.into_iter().map(|id| self.program.display_function_with_live_sets(id).to_string());
        Ok(texts.collect::<Vec<String>>().join("\n"))
    }

    fn mir_places(&self, id: FunctionId) -> BTreeSet<Place> {
        let function = &self.program.functions[id];
        let spans = function.blocks.iter().flat_map(|block| {
            let statements = block.statements.iter().map(|statement| statement.span);
            statements.chain([block.terminator.span])
        });
        spans.chain([function.span]).filter_map(|span| self.place(span)).collect()
    }

    /// LLVM IR: the whole text, or the chosen functions.
    ///
    /// # Errors
    ///
    /// If a chosen function has no code, or nothing comes from the line, the text tells the user so.
    pub fn llvm_ir(&self, text: String) -> Result<String, String> {
        if self.chosen.is_none() && self.line.is_none() {
            return Ok(text);
        }
        let positions = llvm_ir::Positions::of(&text);
        let functions = llvm_ir::functions(&text);
        let chosen: Vec<llvm_ir::Function<'_>> = functions
            .into_iter()
            .filter(|function| self.is_chosen(self.names.owner(&function.symbol)))
            .collect();
        self.must_have_code(chosen.iter().map(|function| function.symbol.as_str()))?;
        let with_lines = chosen.iter().map(|function| (function.text, positions.in_function(function.text)));
        Ok(self.on_line(with_lines.collect())?.join("\n\n") + "\n")
    }

    /// Assembly as LLVM wrote it: the whole text, or the chosen functions.
    ///
    /// # Errors
    ///
    /// If a chosen function has no code, the text tells the user so.
    pub fn raw_assembly(&self, text: String) -> Result<String, String> {
        if self.chosen.is_none() {
            return Ok(text);
        }
        let functions = assembly::texts(&text);
        let is_chosen = |(symbol, _): &&(String, &str)| self.is_chosen(self.names.owner(symbol));
        let chosen: Vec<&(String, &str)> = functions.iter().filter(is_chosen).collect();
        self.must_have_code(chosen.iter().map(|(symbol, _)| symbol.as_str()))?;
        Ok(chosen.iter().map(|(_, text)| *text).collect::<Vec<&str>>().join("\n"))
    }

    /// Assembly for people: the program's own functions, or the chosen functions, beside their source.
    ///
    /// # Errors
    ///
    /// If a chosen function has no code, or nothing comes from the line, the text tells the user so.
    pub fn assembly(&self, text: &str) -> Result<String, String> {
        let mut functions = assembly::parse(text);
        functions.retain(|function| {
            let owner = self.names.owner(&function.symbol);
            self.is_chosen(owner) && (self.chosen.is_some() || owner.is_some_and(|id| self.is_own(id)))
        });
        self.must_have_code(functions.iter().map(|function| function.symbol.as_str()))?;
        let with_lines = functions.iter().map(|function| (function, function.places())).collect();
        let wanted = self.on_line(with_lines)?;
        Ok(readable::print(self, &wanted))
    }

    fn is_chosen(&self, function: Option<FunctionId>) -> bool {
        let Some(chosen) = &self.chosen else { return true };
        function.is_some_and(|function| chosen.contains(&function))
    }

    /// Whether the function is declared in a file of the program, not in the library.
    fn is_own(&self, id: FunctionId) -> bool {
        let function = &self.program.functions[id];
        !function.library && self.sources.contains(function.span.file)
    }

    /// The file and the line of a span; `None` if it is nowhere in the source.
    fn place(&self, span: Span) -> Option<Place> {
        let is_known = self.sources.contains(span.file);
        is_known.then(|| (self.sources.file(span.file).name.clone(), self.sources.position(span).line))
    }

    /// Checks that each chosen function has a symbol with code.
    fn must_have_code<'s>(&self, symbols: impl Iterator<Item = &'s str>) -> Result<(), String> {
        let with_code: BTreeSet<FunctionId> = symbols.filter_map(|symbol| self.names.owner(symbol)).collect();
        let missing = self.chosen.iter().flatten().find(|id| !with_code.contains(id));
        let Some(&missing) = missing else { return Ok(()) };
        let function = &self.program.functions[missing];
        let callers = match self.place(function.span) {
            Some((name, line)) if name == self.sources.file(self.file).name => {
                format!(", or `--line {line}` for its code in its callers")
            }
            _ => String::new(),
        };
        Err(format!(
            "`{}` has no code of its own here, because it is inlined into its callers; write `-O0`{callers}",
            function.name
        ))
    }

    /// Of items with the places that they come from, the items that come from the chosen line; all without a line.
    fn on_line<T>(&self, items: Vec<(T, BTreeSet<Place>)>) -> Result<Vec<T>, String> {
        let Some(line) = self.line else { return Ok(items.into_iter().map(|(item, _)| item).collect()) };
        let name = &self.sources.file(self.file).name;
        let wanted = (name.clone(), line);
        let lines: BTreeSet<u32> = items
            .iter()
            .flat_map(|(_, places)| places)
            .filter(|place| place.0 == *name)
            .map(|place| place.1)
            .collect();
        if lines.contains(&line) {
            return Ok(items
                .into_iter()
                .filter(|(_, at)| at.contains(&wanted))
                .map(|(item, _)| item)
                .collect());
        }
        let near = [lines.range(..line).next_back(), lines.range(line..).next()];
        let near: Vec<String> = near.into_iter().flatten().map(|line| line.to_string()).collect();
        Err(match near.is_empty() {
            true => format!("nothing here comes from line {line} of `{name}`; choose another function"),
            false => format!("no code comes from line {line} of `{name}`; try line {}", near.join(" or ")),
        })
    }
}
