//! The types of statements and terminators.

/// Calls of functions, function values, the runtime and C.
mod calls;
/// Generators.
mod generators;
/// Tuples, structs, enums, cells and arrays.
mod memory;
/// Operators.
mod operators;
/// Operations on wait lists.
mod waiting;
/// Operations on continuations.
mod continuations;

use std::collections::HashSet;

use super::{Faults, Step, steps};
use crate::mir::{Function, FunctionId, Operand, Program, Rvalue, Statement, TerminatorKind};
use crate::types::{Type, TypeId, TypeTable};

/// Checks one function; `types` is a copy of the program's types, to which the types of values are added.
pub(super) fn check(faults: &mut Faults<'_>, types: &mut TypeTable, id: FunctionId) {
    let function = &faults.program.functions[id];
    let mut typing = Typing { program: faults.program, function, types };
    for (block, step) in steps(function) {
        let checked = match step {
            Step::Statement(statement) => typing.statement(statement),
            Step::Terminator(kind) => typing.terminator(kind),
        };
        if let Err(message) = checked {
            faults.at(id, block, step, message);
        }
    }
}

/// A function of the program whose types are being checked. Every id in it is valid.
struct Typing<'a> {
    program: &'a Program,
    function: &'a Function,
    types: &'a mut TypeTable,
}

impl Typing<'_> {
    fn statement(&mut self, statement: &Statement) -> Result<(), String> {
        let destination = statement.destination.map(|local| self.function.locals[local].ty);
        let value = self.value(&statement.value, destination)?;
        destination.map_or(Ok(()), |wanted| self.expect("the destination", wanted, value))
    }

    fn terminator(&mut self, kind: &TerminatorKind) -> Result<(), String> {
        let result = self.function.result;
        match kind {
            TerminatorKind::Branch { condition, .. } => self.demand(condition, Type::Bool),
            TerminatorKind::Switch { value, targets, .. } => {
                let ty = self.operand(value);
                if !matches!(self.types.get(ty), Type::Int | Type::Char | Type::Byte) {
                    return Err(self.refuse("Switch", ty));
                }
                let mut numbers = HashSet::new();
                match targets.iter().find(|(number, _)| !numbers.insert(number)) {
                    Some((number, _)) => Err(format!("{number} stands twice")),
                    None => Ok(()),
                }
            }
            TerminatorKind::Return(value) => {
                let value = self.operand(value);
                self.expect("the function", result, value)
            }
            TerminatorKind::TailCall(callee, arguments) => {
                let called = self.call(*callee, arguments)?;
                self.expect_equal("the function", result, called)
            }
            TerminatorKind::TailCallValue(callee, arguments) => {
                let called = self.call_value(callee, arguments)?;
                self.expect_equal("the function", result, called)
            }
            TerminatorKind::Diverge(function, arguments) => {
                let given = self.runtime_call(*function, arguments)?;
                match *self.types.get(given) == Type::Never {
                    true => Ok(()),
                    false => Err(format!("it returns, with {}", self.types.display(given))),
                }
            }
            TerminatorKind::Goto(_) | TerminatorKind::Panic(_) | TerminatorKind::Unreachable => Ok(()),
        }
    }

    /// The type of a value; `destination` is the type of the statement's destination.
    fn value(&mut self, value: &Rvalue, destination: Option<TypeId>) -> Result<TypeId, String> {
        match value {
            Rvalue::Use(operand) => Ok(self.operand(operand)),
            Rvalue::Unary(op, operand) => self.unary(*op, operand),
            Rvalue::Binary(op, left, right) => self.binary(*op, left, right),
            Rvalue::Call(callee, arguments) => self.call(*callee, arguments),
            Rvalue::CallValue(callee, arguments) => self.call_value(callee, arguments),
            Rvalue::Runtime(function, arguments) => self.returning_runtime_call(*function, arguments, false),
            Rvalue::Blocking(function, arguments) => self.returning_runtime_call(*function, arguments, true),
            Rvalue::Foreign(foreign, arguments) => self.foreign_call(*foreign, arguments, destination),
            Rvalue::Closure(ty, callee, captures) => self.closure(*ty, *callee, captures),
            Rvalue::Deferred(callee) => self.deferred(*callee),
            Rvalue::Register(callee, deferred, captures) => self.register(*callee, deferred, captures),
            Rvalue::Cleanup(op, operands) => self.cleanup(*op, operands),
            Rvalue::Construct(ty, variant, fields) => self.construct(*ty, *variant, fields),
            Rvalue::Field(value, variant, index) => self.field(value, *variant, *index),
            Rvalue::SetField(object, index, value) => self.set_field(object, *index, value),
            Rvalue::Variant(value) => self.variant(value),
            Rvalue::Same(left, right) => self.same(left, right),
            Rvalue::NewCell(value) => Ok(self.new_cell(value)),
            Rvalue::ReadCell(cell) => self.read_cell(cell),
            Rvalue::WriteCell(cell, value) => self.write_cell(cell, value),
            Rvalue::NewArray(ty, elements) => self.new_array(*ty, elements),
            Rvalue::AllocateArray(ty, length) => self.allocate_array(*ty, length),
            Rvalue::Length(operand) => self.length(operand),
            Rvalue::CheckIndex(index, length) => self.check_index(index, length),
            Rvalue::Element(array, index) => self.element(array, index),
            Rvalue::SetElement(array, index, value) => self.set_element(array, index, value),
            Rvalue::CopyElements { to, at, from, start, count } => {
                self.copy_elements([to, from], [at, start, count])
            }
            Rvalue::ClearElements(array, first, count) => self.clear_elements(array, first, count),
            Rvalue::Spawn(callee, arguments) => {
                let result = self.call(*callee, arguments)?;
                Ok(self.types.intern(Type::Task(result)))
            }
            Rvalue::Join(task) => self.task_result("Join", task),
            Rvalue::Wait(task) => self.of_task("Wait", task, Type::Unit),
            Rvalue::HasPanicked(task) => self.of_task("HasPanicked", task, Type::Bool),
            Rvalue::PanicMessage(task) => self.of_task("PanicMessage", task, Type::String),
            Rvalue::IsDone(task) => self.of_task("IsDone", task, Type::Bool),
            Rvalue::TaskId(task) => self.of_task("TaskId", task, Type::Int),
            Rvalue::Waiting(op, ty, operands) => self.waiting(*op, *ty, operands, destination),
            Rvalue::Continuation(op, ty, operands) => self.continuation(*op, *ty, operands),
            Rvalue::Atomic(op, operands) => self.atomic(*op, operands),
            Rvalue::Yield => Ok(self.types.intern(Type::Unit)),
            Rvalue::Generator(op, operands) => self.generator(*op, operands),
            Rvalue::Machine(op, operands) => self.machine(*op, operands),
            Rvalue::Undefined(ty) => Ok(*ty),
        }
    }

    /// Checks that the operand of an operation is a task, of any type; returns the type of the operation's `result`.
    fn of_task(&mut self, what: &str, task: &Operand, result: Type) -> Result<TypeId, String> {
        self.task_result(what, task)?;
        Ok(self.types.intern(result))
    }

    fn task_result(&mut self, what: &str, operand: &Operand) -> Result<TypeId, String> {
        let ty = self.operand(operand);
        let Type::Task(result) = self.types.get(ty) else { return Err(self.refuse(what, ty)) };
        Ok(*result)
    }

    fn operand(&mut self, operand: &Operand) -> TypeId {
        match operand {
            Operand::Local(local) => self.function.locals[*local].ty,
            Operand::Unit => self.types.intern(Type::Unit),
            Operand::Bool(_) => self.types.intern(Type::Bool),
            Operand::Int(_) => self.types.intern(Type::Int),
            Operand::Float(_) => self.types.intern(Type::Float),
            Operand::Char(_) => self.types.intern(Type::Char),
            Operand::Byte(_) => self.types.intern(Type::Byte),
            Operand::String(_) => self.types.intern(Type::String),
            Operand::Bytes(_) => {
                let byte = self.types.intern(Type::Byte);
                self.types.intern(Type::Array(byte))
            }
        }
    }

    fn demand(&mut self, operand: &Operand, wanted: Type) -> Result<(), String> {
        let (given, wanted) = (self.operand(operand), self.types.intern(wanted));
        self.expect("the operand", wanted, given)
    }

    /// Checks that a value of type `given` is valid where `wanted` is expected: the types are equal, or a `share fn` is
    /// given for a `fn` of the same parameters and result.
    fn expect(&self, what: &str, wanted: TypeId, given: TypeId) -> Result<(), String> {
        if let Type::Function { share: false, parameters, result } = self.types.get(wanted) {
            let shared = Type::Function { share: true, parameters: parameters.clone(), result: *result };
            if *self.types.get(given) == shared {
                return Ok(());
            }
        }
        self.expect_equal(what, wanted, given)
    }

    fn expect_equal(&self, what: &str, wanted: TypeId, given: TypeId) -> Result<(), String> {
        if wanted == given {
            return Ok(());
        }
        let (wanted, given) = (self.types.display(wanted), self.types.display(given));
        Err(format!("{what} has to have the type {wanted}, not {given}"))
    }

    fn refuse(&self, what: &str, ty: TypeId) -> String {
        format!("{what} does not take {}", self.types.display(ty))
    }
}
