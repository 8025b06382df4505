//! Statements: one match arm for each kind of computation, and one call in each arm.

use crate::codegen::cx::function::FunctionCx;
use crate::codegen::cx::tables::Outlined;
use crate::codegen::cx::types::Values;
use crate::mir::{Rvalue, Statement};

impl<'ctx> FunctionCx<'_, 'ctx, '_> {
    /// Generates a statement: computes its value and assigns the value to the destination, if there is one.
    pub(in crate::codegen) fn statement(&mut self, statement: &Statement) {
        let values = self.rvalue(&statement.value);
        if let Some(destination) = statement.destination {
            self.assign(destination, &values);
        }
    }

    fn rvalue(&mut self, value: &Rvalue) -> Values<'ctx> {
        let alone = match value {
            Rvalue::Use(operand) => return self.operand(operand),
            Rvalue::Generator(op, operands) => return self.generator(*op, operands),
            Rvalue::Machine(op, operands) => return self.machine(*op, operands),
            Rvalue::Undefined(ty) => return self.undefined(*ty),
            Rvalue::Call(function, arguments) => return self.call(*function, arguments),
            Rvalue::CallValue(function, arguments) => return self.call_value(function, arguments),
            Rvalue::Runtime(function, arguments) => return self.call_runtime(*function, arguments),
            Rvalue::Foreign(function, arguments) => return self.call_foreign(*function, arguments),
            Rvalue::Construct(ty, variant, fields) => return self.construct(*ty, *variant, fields),
            Rvalue::Field(value, variant, index) => return self.field(value, *variant, *index),
            Rvalue::ReadCell(cell) => return self.read_cell(cell),
            Rvalue::Element(object, index) => return self.element(object, index),
            Rvalue::Join(task) => return self.join(task),
            Rvalue::Waiting(op, ty, operands) => return self.waiting(*op, *ty, operands),
            Rvalue::Continuation(op, ty, operands) => return self.continuation(*op, *ty, operands),
            Rvalue::SetField(..)
            | Rvalue::WriteCell(..)
            | Rvalue::CheckIndex(..)
            | Rvalue::SetElement(..)
            | Rvalue::CopyElements { .. }
            | Rvalue::ClearElements(..)
            | Rvalue::Wait(_)
            | Rvalue::Register(..)
            | Rvalue::Cleanup(..)
            | Rvalue::Yield => {
                self.effect(value);
                return Vec::new();
            }
            Rvalue::Unary(op, operand) => self.unary(*op, operand),
            Rvalue::Binary(op, left, right) => self.binary(*op, left, right),
            Rvalue::Atomic(op, operands) => self.atomic(*op, operands),
            Rvalue::Blocking(function, arguments) => self.call_blocking(*function, arguments),
            Rvalue::Closure(_, function, captures) => self.closure(*function, captures).into(),
            Rvalue::Deferred(function) => self.deferred(*function).into(),
            Rvalue::Variant(value) => self.variant(value),
            Rvalue::Same(one, other) => self.same(one, other),
            Rvalue::NewCell(value) => self.new_cell(value),
            Rvalue::NewArray(array, elements) => self.new_array(*array, elements),
            Rvalue::AllocateArray(array, count) => self.allocate_zeros(*array, count),
            Rvalue::Length(object) => self.length(object),
            Rvalue::Spawn(function, arguments) => self.spawn(*function, arguments),
            Rvalue::HasPanicked(task) => self.has_panicked(task),
            Rvalue::PanicMessage(task) => self.panic_message(task),
            Rvalue::IsDone(task) => self.is_done(task),
            Rvalue::TaskId(task) => self.task_id(task),
        };
        vec![alone]
    }

    /// Generates a computation of type `()`.
    #[expect(clippy::wildcard_enum_match_arm, reason = "`rvalue` lists them all")]
    fn effect(&mut self, value: &Rvalue) {
        match value {
            Rvalue::SetField(object, index, value) => self.set_field(object, *index, value),
            Rvalue::WriteCell(cell, value) => self.write_cell(cell, value),
            Rvalue::CheckIndex(index, length) => self.check_index(index, length),
            Rvalue::SetElement(array, index, value) => self.set_element(array, index, value),
            Rvalue::CopyElements { to, at, from, start, count } => {
                self.copy_elements([to, at], [from, start], count);
            }
            Rvalue::ClearElements(array, first, count) => self.clear_elements(array, first, count),
            Rvalue::Wait(task) => self.wait(task),
            Rvalue::Register(_, deferred, captures) => self.register(deferred, captures),
            Rvalue::Cleanup(op, operands) => self.cleanup(*op, operands),
            Rvalue::Yield if self.is_called() => {
                self.cx.call_outlined(Outlined::Yield, &[]);
            }
            Rvalue::Yield => self.yield_now(),
            other => panic!("BUG: {other:?} gives a value"),
        }
    }
}
