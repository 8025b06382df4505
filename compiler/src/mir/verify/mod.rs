//! The verifier of MIR, whose list of rules is the specification. Code generation and the interpreter rely on every
//! rule. If a program breaks a rule, the stage that built the program has a bug.
//!
//! The program
//! - Function names are unique and not empty.
//! - `main` is one of the functions and has no parameters. It returns `()` or `Int`, or does not return (`!`).
//! - Every id (function, local, block, string, C function, type) is valid.
//! - `nominals` contains every struct and enum that can be reached from the types of locals, results and values through
//!   parts and fields. None of these types is or contains a type parameter.
//! - A struct or enum that is represented by value contains itself only behind a reference.
//!
//! Functions
//! - The first `parameter_count` locals are the parameters, and there are at least that many locals.
//! - There is at least one block; block 0 is the entry. Jumps to the entry and unreachable blocks are allowed.
//! - No local has the type `!`. `!` as a result means that the function does not return.
//! - On every path from the entry, a local is written before it is read; the call writes the parameters.
//!
//! Statements (*takes* introduces the types of the operands, *gives* introduces the type of the result)
//! - A destination has the type of its value. A value of type `!` has no destination: the call does not return.
//! - Where a `fn(A) -> B` is expected, a `share fn(A) -> B` is accepted; all other types must match exactly.
//! - `Use(x)` has the type of `x`.
//! - `Unary` gives the type that it takes: `Int`, `Byte` or `Float` for `Negate`; `Bool` for `Not`; `Int` or `Byte` for
//!   `Complement`; `Int` for `CountOnes` and `LeadingZeros`; `Float` for `SquareRoot` and `Absolute`. But `FloatBits`
//!   takes a `Float` and gives `Int`; `Address` takes the types that `Same` takes and gives `Int`; a conversion takes
//!   the first type in its name and gives the second.
//! - `Binary` takes two operands of one type and gives that type: `Int`, `Byte` or `Float` for `Add Subtract Multiply
//!   Divide`; `Int` or `Byte` for `Remainder` and the wrapping forms; `Int` for `MultiplyHigh`; `Int`, `Byte` or `Bool`
//!   for `And Or Xor`. But a shift takes `Int` or `Byte` on the left, and `Int` or the left operand's type on the
//!   right; it gives the left operand's type. A comparison takes two `Int`, `Byte`, `Float`, `Char` or `Bool` and gives
//!   `Bool` (`false` is less than `true`).
//! - `Call`: as many arguments as the callee has parameters, of the same types; gives the callee's result. `CallValue`
//!   takes a function value; its type determines the arguments and the result.
//! - `Runtime` and `Blocking`: a function that returns and has a [`runtime_signature`], with arguments of that
//!   signature, but without a trailing `Site`. `Blocking` calls the functions that may take long, `Runtime` calls all
//!   other functions.
//! - `Foreign`: as many arguments as the C function has parameters. The C types `Unit Bool Byte Float` take and give
//!   the type of the same name; `CInt Int CSize` take and give `Int`; `CString` takes and gives `String`; `CPtr` takes
//!   and gives a struct of one `Int` that is represented by value.
//! - `Closure` names a function type and gives that type. The callee's first parameters are the captures. Its other
//!   parameters and its result are the parameters and the result of the function type.
//! - `Deferred` names a function that returns `()`, and gives `fn()`. `Register` names a function; it takes a `fn()`
//!   and then the arguments of a `Call` of that function, and gives the function's result. `Cleanup` takes the operands
//!   documented at [`CleanupOp`](crate::mir::CleanupOp), and gives `()`.
//! - `Construct` names a tuple, struct or enum and one of its variants, and takes all fields of the variant; it gives
//!   that type. `Field` takes such a value and gives one of its fields. `SetField` takes a struct that is an object,
//!   and a value for one of its fields, and gives `()`. `Variant` takes a struct or an enum and gives `Int`.
//! - `Same` takes two references of one type: structs and enums that are objects, arrays, tasks or cells. It gives
//!   `Bool`.
//! - `NewCell` takes any type and gives a cell of that type. `ReadCell` takes a cell and gives its content. `WriteCell`
//!   takes a cell and a value of the content's type, and gives `()`.
//! - `NewArray` names an array type and takes elements; `AllocateArray` names an array type and takes an `Int`. Both
//!   give the array type. `Length` takes an array or a `String` and gives `Int`. `CheckIndex` takes two `Int` and gives
//!   `()`. `Element` takes an array and gives an element, or takes a `String` and gives a `Byte`. `SetElement` takes an
//!   array and a value of the element type, `CopyElements` takes two arrays of one type, and `ClearElements` takes an
//!   array; all three give `()`. Indices and counts are `Int`.
//! - `Spawn` takes what `Call` takes and gives a `Task` of the result; `Join` takes a `Task[T]` and gives `T`. For any
//!   task, `Wait` gives `()`, `HasPanicked` and `IsDone` give `Bool`, `PanicMessage` gives `String`, and `TaskId` gives
//!   `Int`. `Yield` gives `()`.
//! - `Waiting` takes and gives the types documented at [`WaitOp`]. `Atomic` takes the types documented at [`AtomicOp`],
//!   and gives `Int`.
//! - `Continuation`, `Generator` and `Machine` take and give the types documented at [`ContinuationOp`],
//!   [`GeneratorOp`] and [`MachineOp`]. Only the body of a `gen fn` yields elements. `Undefined` names a type and gives
//!   that type.
//!
//! Terminators
//! - `Branch` tests a `Bool`. `Switch` takes an `Int`, a `Char` or a `Byte`; the numbers of its targets all differ.
//!   `Return` takes the function's result type.
//! - `TailCall` takes what `Call` takes, and `TailCallValue` takes what `CallValue` takes. The callee's result type is
//!   the function's own result type.
//! - `Diverge` is like `Runtime`, for functions that do not return.

/// A check that every local is written before it is read.
mod initialisation;
/// A check that `nominals` contains all structs and enums, and that each has a layout.
mod nominals;
/// A check that operands, statements and terminators have the right types.
mod typing;

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::fmt;

use crate::arena::Id;
#[cfg(doc)]
use crate::mir::{AtomicOp, ContinuationOp, GeneratorOp, MachineOp, WaitOp, runtime_signature};
use crate::mir::{
    BlockId, ForeignId, Function, FunctionId, Operand, Program, Rvalue, Statement, TerminatorKind,
};
use crate::types::{Type, TypeId};

/// A violation of a rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// The name of the function; empty for a fault of the program as a whole.
    pub function: String,
    /// The block and the statement or terminator, as text; empty for a fault of the function as a whole.
    pub place: String,
    /// The message.
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

/// Checks all rules above: first the program, then `nominals`, then the ids, parameters and blocks of each function.
/// The types of statements and the initialisation of locals are checked only if no fault was found, because these
/// checks rely on valid ids.
///
/// # Errors
/// The faults of the program, then the faults of each function.
pub fn verify(program: &Program) -> Result<(), Vec<Fault>> {
    let mut faults = Faults { program, found: Vec::new() };
    check_program(&mut faults);
    nominals::check(&mut faults);
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

/// The faults found until now.
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

/// A statement or a terminator.
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

    fn foreign(self) -> Option<ForeignId> {
        match self {
            Step::Statement(Statement { value: Rvalue::Foreign(foreign, _), .. }) => Some(*foreign),
            Step::Statement(_) | Step::Terminator(_) => None,
        }
    }

    /// The type that the computation itself names, if any.
    fn ty(self) -> Option<TypeId> {
        let Step::Statement(statement) = self else { return None };
        match &statement.value {
            Rvalue::Closure(ty, ..)
            | Rvalue::Construct(ty, ..)
            | Rvalue::NewArray(ty, _)
            | Rvalue::AllocateArray(ty, _)
            | Rvalue::Undefined(ty) => Some(*ty),
            Rvalue::Use(_)
            | Rvalue::Unary(..)
            | Rvalue::Binary(..)
            | Rvalue::Call(..)
            | Rvalue::Runtime(..)
            | Rvalue::CallValue(..)
            | Rvalue::Foreign(..)
            | Rvalue::Blocking(..)
            | Rvalue::Deferred(_)
            | Rvalue::Register(..)
            | Rvalue::Cleanup(..)
            | Rvalue::Field(..)
            | Rvalue::SetField(..)
            | Rvalue::Variant(_)
            | Rvalue::Same(..)
            | Rvalue::NewCell(_)
            | Rvalue::ReadCell(_)
            | Rvalue::WriteCell(..)
            | Rvalue::Length(_)
            | Rvalue::CheckIndex(..)
            | Rvalue::Element(..)
            | Rvalue::SetElement(..)
            | Rvalue::CopyElements { .. }
            | Rvalue::ClearElements(..)
            | Rvalue::Spawn(..)
            | Rvalue::Join(_)
            | Rvalue::Wait(_)
            | Rvalue::HasPanicked(_)
            | Rvalue::PanicMessage(_)
            | Rvalue::IsDone(_)
            | Rvalue::TaskId(_)
            | Rvalue::Waiting(..)
            | Rvalue::Continuation(..)
            | Rvalue::Atomic(..)
            | Rvalue::Generator(..)
            | Rvalue::Machine(..)
            | Rvalue::Yield => None,
        }
    }
}

/// All statements and terminators of a function, in order.
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
        Type::Bool
        | Type::Float
        | Type::Char
        | Type::Byte
        | Type::String
        | Type::Tuple(_)
        | Type::Array(_)
        | Type::Task(_)
        | Type::Generator(_)
        | Type::Function { .. }
        | Type::Nominal(..)
        | Type::Parameter(_)
        | Type::Cell(_) => {
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
        if let Some(foreign) = step.foreign().filter(|foreign| foreign.raw() >= program.foreigns.len()) {
            faults.at(id, block, step, missing(&foreign));
        }
        let read = step.operands().filter_map(|operand| match operand {
            Operand::Local(local) => Some(*local),
            Operand::String(literal) => {
                if literal.raw() >= program.strings.len() {
                    faults.at(id, block, step, missing(literal));
                }
                None
            }
            Operand::Bytes(literal) => {
                if literal.raw() >= program.bytes.len() {
                    faults.at(id, block, step, missing(literal));
                }
                None
            }
            Operand::Unit
            | Operand::Bool(_)
            | Operand::Int(_)
            | Operand::Float(_)
            | Operand::Char(_)
            | Operand::Byte(_) => None,
        });
        let locals: Vec<_> =
            read.chain(destination).filter(|local| local.raw() >= function.locals.len()).collect();
        for local in locals {
            faults.at(id, block, step, missing(&local));
        }
    }
}
