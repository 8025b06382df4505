//! One statement.

use std::mem::size_of;

use inkwell::IntPredicate;
use inkwell::values::{BasicValueEnum, IntValue, PointerValue};
use weft_abi::{ArrayObject, RuntimeFunction, StringObject};

use crate::codegen::functions::Body;
use crate::mir::{Operand, Rvalue, Statement};
use crate::types::Type;

// Arrays and strings have their length in the same place, their first word.
const _: () = {
    assert!(
        std::mem::offset_of!(ArrayObject, length) == 0 && std::mem::offset_of!(StringObject, length) == 0
    );
};

impl<'ctx> Body<'_, 'ctx, '_> {
    /// `destination = value`
    pub(super) fn statement(&mut self, statement: &Statement) {
        let value = self.rvalue(&statement.value);
        if let Some(destination) = statement.destination {
            self.assign(destination, value);
        }
    }

    fn rvalue(&mut self, value: &Rvalue) -> Option<BasicValueEnum<'ctx>> {
        match value {
            Rvalue::Use(operand) => self.operand(operand),
            Rvalue::Unary(op, operand) => Some(self.unary(*op, operand)),
            Rvalue::Binary(op, left, right) => Some(self.binary(*op, left, right)),
            Rvalue::Call(function, arguments) => self.call(*function, arguments),
            Rvalue::Runtime(function, arguments) => self.call_runtime(*function, arguments),
            Rvalue::Index(array, index) => self.index(array, index),
            Rvalue::Length(object) => {
                let object = self.value_of(object).into_pointer_value();
                Some(self.length(object).into())
            }
            Rvalue::Spawn(function, arguments) => Some(self.spawn(*function, arguments)),
            Rvalue::Join(task) => self.join(task),
            Rvalue::IsDone(task) => Some(self.is_done(task)),
            Rvalue::TaskId(task) => Some(self.task_id(task)),
            Rvalue::Yield => {
                self.yield_now();
                None
            }
        }
    }

    /// `array[index]`
    fn index(&mut self, array: &Operand, index: &Operand) -> Option<BasicValueEnum<'ctx>> {
        let Operand::Local(local) = array else { panic!("BUG: {array:?} is no array") };
        let Type::Array(element) = *self.g.input.program.types.get(self.function.locals[*local].ty) else {
            panic!("BUG: {local} is no array");
        };
        let array = self.value_of(array).into_pointer_value();
        let index = self.value_of(index).into_int_value();
        let length = self.length(array);
        // Unsigned, so that a negative index is a very large one.
        let inside = self.g.builder.compare(IntPredicate::ULT, index, length);
        let (fine, outside) = (self.block("inside"), self.block("outside"));
        self.g.builder.branch(inside, fine, outside);
        self.g.builder.at_end(outside);
        self.panic_with(RuntimeFunction::PanicIndex, &[index.into(), length.into()]);
        self.g.builder.at_end(fine);

        let ty = self.g.types.value(&self.g.input.program.types, element)?;
        let elements = self.field(array, size_of::<ArrayObject>(), "elements");
        let element = self.g.builder.element(self.g.types.word, elements, index);
        Some(self.g.types.load_word(&self.g.builder, element, ty))
    }

    fn length(&mut self, object: PointerValue<'ctx>) -> IntValue<'ctx> {
        self.g.builder.load(self.g.types.word, object, "length").into_int_value()
    }

    /// The address of what lies `offset` bytes into an object.
    pub(super) fn field(&self, object: PointerValue<'ctx>, offset: usize, name: &str) -> PointerValue<'ctx> {
        let offset = self.g.types.word.const_int(offset as u64, false);
        self.g.builder.offset(object, offset, name)
    }
}
