//! Optimised IR around a point: the lines of the function's IR near the instruction with the same position.

use std::collections::HashMap;

use weft_abi::layout::SHARED_SUFFIX;

use super::dwarf::Position;
use super::model::IrLine;
use super::names::Names;
use crate::listing::llvm_ir;

/// The lines of IR that are shown before and after a switch.
const BEFORE: usize = 6;
const AFTER: usize = 6;

/// A module of IR as text.
pub(super) struct Ir<'t> {
    functions: HashMap<String, &'t str>,
    /// The nodes of debug information, by name.
    nodes: HashMap<&'t str, &'t str>,
}

impl<'t> Ir<'t> {
    pub(super) fn of(text: &'t str) -> Ir<'t> {
        let functions = llvm_ir::functions(text).into_iter();
        let nodes = text.lines().filter(|line| line.starts_with('!'));
        Ir {
            functions: functions.map(|function| (function.symbol, function.text)).collect(),
            nodes: nodes.filter_map(|line| line.split_once(" = ")).collect(),
        }
    }

    /// The lines around the call at a position in a function.
    pub(super) fn around(&self, symbol: &str, chain: &[Position], names: &Names<'_>) -> Vec<IrLine> {
        let Some(text) = self.functions.get(symbol) else { return Vec::new() };
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("#dbg_")).collect();
        let wanted: Vec<(u32, u32)> = chain.iter().map(|at| (at.line, at.column)).collect();
        let is_point = |line: &&str| line.contains(" call ") && self.chain(line) == wanted;
        // At the same position are the other operations of a yield. A switch stores `rsp`, or calls a stub.
        let marks = ["movq %rsp, ".to_owned(), format!("{SHARED_SUFFIX}\"(")];
        let switches = |line: &&str| is_point(line) && marks.iter().any(|mark| line.contains(mark));
        let calls = |line: &&str| is_point(line) && !line.contains(" asm ");
        let point = lines.iter().position(switches);
        let Some(at) = point.or_else(|| lines.iter().position(calls)) else {
            return Vec::new();
        };
        let shown = lines.iter().enumerate().take(at + AFTER + 1).skip(at.saturating_sub(BEFORE));
        let line_of = |line: &str| {
            let places = self.places(line);
            places.into_iter().find(|(file, _)| names.is_own_file(file)).map(|(_, line)| line)
        };
        let shown =
            shown.map(|(index, line)| IrLine { text: plain(line), switch: index == at, line: line_of(line) });
        shown.filter(|line| !line.text.trim().is_empty()).collect()
    }

    /// The lines and columns that a line of IR comes from, the innermost first.
    fn chain(&self, line: &str) -> Vec<(u32, u32)> {
        let number = |node: &str, name: &str| field(node, name).and_then(|value| value.parse().ok());
        self.locations(line)
            .into_iter()
            .map(|node| (number(node, "line").unwrap_or(0), number(node, "column").unwrap_or(0)))
            .collect()
    }

    fn places(&self, line: &str) -> Vec<(String, u32)> {
        let file = |node: &str| {
            let scope = self.nodes.get(field(node, "scope")?)?;
            let file = self.nodes.get(field(scope, "file")?)?;
            Some(file.split_once("filename: \"")?.1.split_once('"')?.0.to_owned())
        };
        let found = self.locations(line).into_iter();
        found.filter_map(|node| Some((file(node)?, field(node, "line")?.parse().ok()?))).collect()
    }

    fn locations(&self, line: &str) -> Vec<&'t str> {
        let mut found = Vec::new();
        let mut next = line.split_once("!dbg ").map(|(_, rest)| {
            rest.split(|c: char| !(c.is_ascii_digit() || c == '!')).next().unwrap_or_default().to_owned()
        });
        while let Some(node) = next.and_then(|name| self.nodes.get(name.as_str())) {
            found.push(*node);
            next = field(node, "inlinedAt").map(str::to_owned);
        }
        found
    }
}

/// A field of a node.
fn field<'t>(node: &'t str, name: &str) -> Option<&'t str> {
    let mut fields = node.split(['(', ',', ')']).map(str::trim);
    fields.find_map(|field| field.strip_prefix(name)?.strip_prefix(": "))
}

/// A line without its metadata.
fn plain(line: &str) -> String {
    let end = line.find(", !").unwrap_or(line.len());
    line[..end].trim_end().to_owned()
}
