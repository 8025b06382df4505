//! The evaluation of constants whose values calls compute.
//!
//! The interpreter of MIR runs a program whose `main` returns the value of the constant, with a limit on the number of
//! steps. A value that is large, deeply nested or contains functions is computed, too, so that its errors are reported,
//! but a function computes it anew at each use.

use std::collections::{HashMap, HashSet};

use crate::check::{self, Computed, Types};
use crate::diagnostics::Diagnostic;
use crate::hir::{ConstantId, Hir};
use crate::lower;
use crate::mir::interpret::{self, End, Options};
use crate::source::SourceMap;

/// The maximum number of steps that the evaluation of a constant may take: about a second.
const MOST_STEPS: u64 = 20_000_000;
/// The maximum number of bytes of the stack.
const STACK_MAX: usize = 64 << 20;
/// The maximum number of parts of a value that is stored; a larger value is computed anew at each use.
const MOST_PARTS: usize = 1 << 16;

/// Evaluates the computed constants of the program, and stores their values in `types`. Returns the errors.
pub fn evaluate(hir: &Hir, types: &mut Types, sources: &SourceMap) -> Vec<Diagnostic> {
    let mut evaluation = Evaluation { hir, types, sources, done: HashMap::new(), errors: Vec::new() };
    for id in hir.constants.ids() {
        if evaluation.types.constants[id].is_computed {
            evaluation.with_dependencies(id);
        }
    }
    evaluation.errors.sort_by_key(|error| error.primary.span);
    evaluation.errors
}

struct Evaluation<'a> {
    hir: &'a Hir,
    types: &'a mut Types,
    sources: &'a SourceMap,
    /// The constants that were evaluated, each with whether it has no error.
    done: HashMap<ConstantId, bool>,
    errors: Vec<Diagnostic>,
}

impl Evaluation<'_> {
    /// Evaluates a constant after the constants on which it depends. A loop instead of recursion: a chain of constants
    /// may be as long as the source.
    fn with_dependencies(&mut self, root: ConstantId) {
        let mut path = vec![root];
        let mut on_path = HashSet::from([root]);
        while let Some(&at) = path.last() {
            let lowered = match self.done.contains_key(&at) {
                true => None,
                // An error in the types shows again, and is reported, when the whole program is lowered.
                false => lower::lower_constant(self.hir, self.types, at).ok(),
            };
            let Some((program, needed)) = lowered else {
                self.done.entry(at).or_insert(false);
                on_path.remove(&at);
                path.pop();
                continue;
            };
            let next = needed.iter().copied().find(|of| !self.done.contains_key(of));
            match next {
                Some(next) if on_path.contains(&next) => {
                    let from = path.iter().position(|&of| of == next).unwrap_or(0);
                    let names: Vec<_> = path[from..].iter().map(|&of| &self.hir.constants[of].name).collect();
                    self.errors.push(check::endless_constant(&names));
                    self.done.extend(path[from..].iter().map(|&of| (of, false)));
                }
                Some(next) => {
                    path.push(next);
                    on_path.insert(next);
                }
                None => {
                    let is_sound = needed.iter().all(|of| self.done[of]);
                    let is_sound = is_sound && self.run(at, &program);
                    self.done.insert(at, is_sound);
                }
            }
        }
    }

    /// Runs the program of a constant, and stores the value or reports an error. Returns whether there was none.
    fn run(&mut self, id: ConstantId, program: &crate::mir::Program) -> bool {
        let options = Options { step_limit: Some(MOST_STEPS), stack_max: STACK_MAX, ..Options::default() };
        let (outcome, value) = interpret::evaluate(program, Some(self.sources), &options, MOST_PARTS);
        let constant = &self.hir.constants[id];
        let (name, span) = (&constant.name, constant.value.exprs[constant.value.root].span);
        let report = outcome.stderr.lines().next().unwrap_or_default();
        let report = report.strip_prefix("panic: ").unwrap_or(report);
        let error = match outcome.end {
            End::Status(0) if outcome.stdout.is_empty() && outcome.stderr.is_empty() => None,
            End::Status(0) => Some(check::constant_panics(name, span, "it writes output")),
            End::Status(_) if report.is_empty() => {
                Some(check::constant_panics(name, span, "it ends the program"))
            }
            End::Status(_) => Some(check::constant_panics(name, span, report)),
            End::StepLimit => Some(check::slow_constant(name, span, MOST_STEPS)),
            End::Unsupported => Some(check::constant_panics(name, span, "it needs the running program")),
        };
        let is_sound = error.is_none();
        self.errors.extend(error);
        let types = &mut self.types.constants[id];
        match value {
            Some(Computed::Scalar(value)) => {
                types.computed = Some(Computed::Scalar(value.clone()));
                types.value = Some(value);
            }
            other => types.computed = other,
        }
        is_sound
    }
}
