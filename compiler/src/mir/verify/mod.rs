//! What MIR is. A program for which all of this holds means something, and code generation and the interpreter take
//! it on trust; where one of them finds it broken, that is a bug of whoever made the program.
//!
//! The program
//! - Function names are unique and not empty.
//! - `main` is one of the functions, has no parameters and gives `()`, `Int` or nothing at all (`!`).
//! - Every id (function, local, block, string) names something that exists.
//!
//! Functions
//! - The first `parameter_count` locals are the parameters, and there are that many.
//! - There is at least one block; block 0 is the entry. Jumps to it are allowed, and so are unreachable blocks.
//! - No local has the type `!`. `!` as a result means that the function does not return.
//! - A local is read only where every path from the entry has written it; parameters are written by the call.
//!
//! Statements
//! - A destination has the type of its value. A value of type `!` has no destination: the call does not return.
//! - `Use(x)` has the type of `x`.
//! - `Unary`: `Negate` takes and gives `Int` or `Float`; `Not` `Bool`; `Complement` `Int`; `IntToFloat` and
//!   `FloatToInt` what they say.
//! - `Binary`: `Add Subtract Multiply Divide` take two `Int` or two `Float` and give the same; `Remainder`, the
//!   wrapping forms, the shifts and `And Or Xor` take two `Int` and give `Int`; `And Or Xor` also two `Bool`;
//!   comparisons take two `Int`, two `Float` or two `Bool` and give `Bool` (`false` is less than `true`).
//! - `Call`: as many arguments as the callee has parameters, of their types; gives the callee's result.
//! - `Runtime`: a function that [`runtime_signature`] knows and that returns, with arguments of its types; a trailing
//!   `Site` is not among them.
//! - `Index` takes an array and an `Int`, gives an element; `Length` takes an array or a `String`, gives `Int`.
//! - `Spawn` takes what `Call` takes and gives a `Task` of the result; `Join` takes a `Task[T]` and gives `T`; `IsDone`
//!   gives `Bool`, `TaskId` gives `Int`. `Yield` gives `()`.
//!
//! Ways out
//! - `Branch` tests a `Bool`. `Return` has the function's result type.
//! - `TailCall` passes arguments like `Call`, and the callee's result type is the function's own.
//! - `Diverge` is like `Runtime`, for functions that do not return.

/// That locals are written before they are read.
mod initialisation;
/// That operands, statements and ways out have the types they should.
mod typing;

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::fmt;

use crate::arena::Id;
#[cfg(doc)]
use crate::mir::runtime_signature;
use crate::mir::{BlockId, Function, FunctionId, Operand, Program, Rvalue, Statement, TerminatorKind};
use crate::types::Type;

/// One broken rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// The function, by name; empty for the program as a whole.
    pub function: String,
    /// The block and the statement or way out, as text; empty for the function as a whole.
    pub place: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in [&self.function, &self.place].into_iter().filter(|part| !part.is_empty()) {
            write!(f, "{part}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// Checks everything above. Ids are checked first: where some name nothing, only those are reported.
///
/// # Errors
/// Every fault found, function by function.
pub fn verify(program: &Program) -> Result<(), Vec<Fault>> {
    let mut faults = Faults { program, found: Vec::new() };
    check_program(&mut faults);
    for id in program.functions.ids() {
        check_ids(&mut faults, id);
    }
    if faults.found.is_empty() {
        let mut types = program.types.clone();
        for id in program.functions.ids() {
            typing::check(&mut faults, &mut types, id);
            initialisation::check(&mut faults, id);
        }
    }
    if faults.found.is_empty() { Ok(()) } else { Err(faults.found) }
}

/// What was found.
struct Faults<'a> {
    program: &'a Program,
    found: Vec<Fault>,
}

impl Faults<'_> {
    fn in_program(&mut self, message: impl Into<String>) {
        self.found.push(Fault { function: String::new(), place: String::new(), message: message.into() });
    }

    fn in_function(&mut self, id: FunctionId, message: impl Into<String>) {
        let function = self.program.functions[id].name.clone();
        self.found.push(Fault { function, place: String::new(), message: message.into() });
    }

    fn at(&mut self, id: FunctionId, block: BlockId, step: Step<'_>, message: impl Into<String>) {
        let function = self.program.functions[id].name.clone();
        let place = match step {
            Step::Statement(statement) => format!("{block}: {}", self.program.display_statement(statement)),
            Step::Terminator(kind) => format!("{block}: {}", self.program.display_terminator(kind)),
        };
        self.found.push(Fault { function, place, message: message.into() });
    }
}

/// A statement or a way out.
#[derive(Clone, Copy)]
enum Step<'a> {
    Statement(&'a Statement),
    Terminator(&'a TerminatorKind),
}

impl<'a> Step<'a> {
    fn operands(self) -> impl Iterator<Item = &'a Operand> {
        let (value, kind) = match self {
            Step::Statement(statement) => (Some(&statement.value), None),
            Step::Terminator(kind) => (None, Some(kind)),
        };
        value
            .into_iter()
            .flat_map(Rvalue::operands)
            .chain(kind.into_iter().flat_map(TerminatorKind::operands))
    }

    fn function(self) -> Option<FunctionId> {
        match self {
            Step::Statement(statement) => statement.value.function(),
            Step::Terminator(kind) => kind.function(),
        }
    }
}

/// All statements and ways out of a function, in order.
fn steps(function: &Function) -> impl Iterator<Item = (BlockId, Step<'_>)> {
    function.blocks.iter_enumerated().flat_map(|(id, block)| {
        let statements = block.statements.iter().map(Step::Statement);
        statements.chain([Step::Terminator(&block.terminator.kind)]).map(move |step| (id, step))
    })
}

fn check_program(faults: &mut Faults<'_>) {
    let program = faults.program;
    let mut names = HashSet::new();
    for (id, function) in program.functions.iter_enumerated() {
        if function.name.is_empty() {
            faults.in_program(format!("{id} has no name"));
        } else if !names.insert(&function.name) {
            faults.in_program(format!("two functions have the name {}", function.name));
        }
    }
    if program.main.raw() >= program.functions.len() {
        return faults.in_program(format!("main is {}, which does not exist", program.main));
    }
    let main = &program.functions[program.main];
    if main.parameter_count > 0 {
        faults.in_program("main has parameters");
    }
    match program.types.get(main.result) {
        Type::Unit | Type::Int | Type::Never => {}
        Type::Bool | Type::Float | Type::String | Type::Task(_) | Type::Array(_) => {
            faults.in_program(format!("main gives {}", program.types.display(main.result)));
        }
    }
}

fn check_ids(faults: &mut Faults<'_>, id: FunctionId) {
    let program = faults.program;
    let function = &program.functions[id];
    if function.parameter_count > function.locals.len() {
        faults.in_function(id, "there are fewer locals than parameters");
    }
    if function.blocks.is_empty() {
        faults.in_function(id, "there is no entry block");
    }
    for (local, declared) in function.locals.iter_enumerated() {
        if *program.types.get(declared.ty) == Type::Never {
            faults.in_function(id, format!("{local} has the type !"));
        }
    }
    for (block, step) in steps(function) {
        let missing = |name: &dyn fmt::Display| format!("there is no {name}");
        if let Some(callee) = step.function().filter(|callee| callee.raw() >= program.functions.len()) {
            faults.at(id, block, step, missing(&callee));
        }
        let (destination, targets) = match step {
            Step::Statement(statement) => (statement.destination, None),
            Step::Terminator(kind) => (None, Some(kind.successors())),
        };
        for target in targets.into_iter().flatten().filter(|target| target.raw() >= function.blocks.len()) {
            faults.at(id, block, step, missing(&target));
        }
        let read = step.operands().filter_map(|operand| match operand {
            Operand::Local(local) => Some(*local),
            Operand::String(literal) => {
                if literal.raw() >= program.strings.len() {
                    faults.at(id, block, step, missing(literal));
                }
                None
            }
            Operand::Unit | Operand::Bool(_) | Operand::Int(_) | Operand::Float(_) => None,
        });
        let locals: Vec<_> =
            read.chain(destination).filter(|local| local.raw() >= function.locals.len()).collect();
        for local in locals {
            faults.at(id, block, step, missing(&local));
        }
    }
}
