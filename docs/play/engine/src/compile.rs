//! The front end: from text to a program in MIR.

use std::path::Path;

use weft::check;
use weft::constants;
use weft::diagnostics::{Diagnostic, Severity};
use weft::hir::{self, Hir};
use weft::lower::{self, Entry};
use weft::mir::{self, Program};
use weft::modules::{self, Unavailable};
use weft::render::{self, MessageFormat};
use weft::source::{SourceMap, Span};
use weft::traces;

/// The name of the program's file in messages.
pub const FILE: &str = "main.weft";

/// The result of a compilation.
pub struct Compiled {
    /// The program, if it has no errors.
    pub program: Option<Program>,
    /// The program's files, and those of the library.
    pub sources: SourceMap,
    /// The errors and warnings.
    pub diagnostics: Vec<Diagnostic>,
}

impl Compiled {
    /// The diagnostics as the terminal shows them, with its escape sequences for colours.
    pub fn messages(&self) -> String {
        render::render(&self.diagnostics, &self.sources, MessageFormat::Human, true)
    }
}

/// Compiles a program, in the order of the compiler's driver.
pub fn compile(text: &str) -> Compiled {
    let mut compiled = Compiled { program: None, sources: SourceMap::new(), diagnostics: Vec::new() };
    compiled.program = stages(text, &mut compiled.sources, &mut compiled.diagnostics);
    compiled
}

/// Returns `None` if there are errors.
fn stages(text: &str, sources: &mut SourceMap, diagnostics: &mut Vec<Diagnostic>) -> Option<Program> {
    let file = sources.add(FILE, text);
    let mut no_files = |_: &Path| Err(Unavailable::Missing(Vec::new()));
    let (modules, found) = modules::load(sources, file, &[], None, &mut no_files);
    diagnostics.extend(found);
    if has_errors(diagnostics) {
        return None;
    }
    let (hir, found) = hir::resolve(&modules);
    diagnostics.extend(found);
    let (mut types, found) = check::check(&hir);
    diagnostics.extend(found);
    if hir.main.is_none() {
        let end = sources.file(file).text.len();
        diagnostics.push(hir::missing_main(Span::new(file, end, end)));
    }
    check::drop_consequences(&hir, diagnostics);
    if has_errors(diagnostics) {
        return None;
    }
    diagnostics.extend(constants::evaluate(&hir, &mut types, sources));
    if has_errors(diagnostics) {
        return None;
    }
    lowered(&hir, &types).map_err(|found| diagnostics.extend(found)).ok()
}

fn lowered(hir: &Hir, types: &check::Types) -> Result<Program, Vec<Diagnostic>> {
    let mut program =
        lower::lower(hir, types, Entry::Main(hir.main.expect("BUG: a missing `main` is an error")))?;
    traces::remove(&mut program);
    if let Err(faults) = mir::verify::verify(&program) {
        panic!("BUG: malformed MIR: {faults:?}");
    }
    Ok(program)
}

fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}

#[cfg(test)]
mod tests {
    use super::compile;

    #[test]
    fn a_program_compiles_or_has_messages() {
        let good = compile("fn main() { println(1) }");
        assert!(good.program.is_some() && good.messages().is_empty());
        let bad = compile("fn main() { println(x) }");
        assert!(bad.program.is_none());
        assert!(bad.messages().contains("main.weft:1:21"), "{}", bad.messages());
        assert!(compile("fn f() {}").messages().contains("main"));
        assert!(compile("import other\nfn main() {}").program.is_none());
    }
}
