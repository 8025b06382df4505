//! Functions by name, as the user writes it and as a symbol.
//!
//! ```text
//! main.worker, worker      the function `worker` of the program's file
//! push                     Vec[Int].push, if the program uses no other `push`
//! map                      map[Int, String], if the program uses no other `map`
//! weft.worker.entry        a symbol of the code around `worker` with which a green thread starts
//! ```

use std::collections::HashMap;

use weft_abi::layout::PROGRAM_PREFIX;

use crate::mir::{FunctionId, Program};
use crate::suggest;

/// The most names in a message.
const SHOWN: usize = 5;

/// The names of a program's functions.
pub struct Names<'a> {
    program: &'a Program,
    by_name: HashMap<&'a str, FunctionId>,
}

impl<'a> Names<'a> {
    /// The names of all functions of a program.
    pub fn new(program: &'a Program) -> Names<'a> {
        let names = program.functions.iter_enumerated().map(|(id, function)| (function.name.as_str(), id));
        Names { program, by_name: names.collect() }
    }

    /// The function with this name, or the only function whose name ends with it.
    pub fn find(&self, asked: &str) -> Result<FunctionId, String> {
        let bare = asked.strip_prefix("main.").unwrap_or(asked);
        if let Some(&id) = self.by_name.get(asked).or_else(|| self.by_name.get(bare)) {
            return Ok(id);
        }
        let ends = |name: &str| {
            let rest = name.strip_suffix(asked);
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.')) && !asked.is_empty()
        };
        let functions = self.program.functions.iter_enumerated();
        let matches = functions.filter(|(_, function)| {
            let name = function.name.as_str();
            ends(name) || ends(without_types(name)) || without_types(name) == bare
        });
        let found: Vec<FunctionId> = matches.map(|(id, _)| id).collect();
        match found[..] {
            [id] => Ok(id),
            [] => Err(self.unknown(asked)),
            [..] => {
                let names: Vec<&str> =
                    found.iter().map(|&id| self.program.functions[id].name.as_str()).collect();
                Err(format!("`{asked}` may be any of several functions; write {}", listed(&names)))
            }
        }
    }

    fn unknown(&self, asked: &str) -> String {
        let functions = || self.program.functions.iter();
        let mut left: Vec<(&str, &str)> = Vec::new();
        for function in functions() {
            let name = function.name.as_str();
            left.push((name, name));
            left.push((without_types(name).rsplit('.').next().unwrap_or(name), name));
        }
        let mut close: Vec<&str> = Vec::new();
        while close.len() < SHOWN {
            let Some(key) = suggest::closest(asked, left.iter().map(|(key, _)| *key)) else { break };
            close.extend(left.iter().filter(|(found, _)| *found == key).map(|(_, name)| *name));
            left.retain(|(_, name)| !close.contains(name));
        }
        close.dedup();
        close.truncate(SHOWN);
        if close.is_empty() {
            close = functions()
                .filter(|function| !function.library)
                .map(|function| function.name.as_str())
                .collect();
        }
        format!("the program calls no function `{asked}`; write {}", listed(&close))
    }

    /// The function that a symbol's code belongs to; `None` for the runtime's functions and the compiler's own.
    pub fn owner(&self, symbol: &str) -> Option<FunctionId> {
        let mut name = symbol.strip_prefix(PROGRAM_PREFIX)?;
        loop {
            if let Some(&id) = self.by_name.get(name) {
                return Some(id);
            }
            name = name.rsplit_once('.')?.0;
        }
    }
}

/// A name without the type arguments at its end: `map` for `map[Int, String]`.
fn without_types(name: &str) -> &str {
    if !name.ends_with(']') {
        return name;
    }
    let mut depth = 0;
    for (at, c) in name.char_indices().rev() {
        match c {
            ']' => depth += 1,
            '[' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &name[..at];
        }
    }
    name
}

/// Names for a message: "`a`, `b` or `c`".
fn listed(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    match &shown[..] {
        [] => "another name".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
