//! Copying and clearing of memory, in units of 1, 4 or 8 bytes.
//!
//! LLVM's intrinsics for copying and clearing may become calls of C functions, and C does not run on a green thread's
//! stack. So a few units are moved by a loop, in a function that is generated once per unit size; many units are moved
//! by the runtime on the worker's stack.

use inkwell::IntPredicate;
use inkwell::basic_block::BasicBlock;
use inkwell::module::Linkage;
use inkwell::types::IntType;
use inkwell::values::{BasicValueEnum, FunctionValue, InstructionOpcode, IntValue, PointerValue};
use weft_abi::RuntimeFunction;

use crate::codegen::cx::attributes::TAILCC;
use crate::codegen::cx::builder::Builder;
use crate::codegen::cx::module::ModuleCx;
use weft_abi::layout::PROGRAM_PREFIX;

/// The maximum number of units that a loop moves faster than a call of the runtime does.
const FEW: usize = 16;

impl<'ctx> ModuleCx<'ctx, '_> {
    /// Copies `count` units of `unit` bytes. The two ranges may overlap.
    pub(in crate::codegen) fn copy(
        &mut self,
        to: PointerValue<'ctx>,
        from: PointerValue<'ctx>,
        unit: usize,
        count: IntValue<'ctx>,
    ) {
        let function = self.mover(&format!("copy.{unit}"), 2, |cx, builder, function| {
            Loop { cx, builder, function, unit }.copy();
        });
        self.builder.call(function, &[to.into(), from.into(), count.into()], "");
    }

    /// Fills `count` units of `unit` bytes with zeros.
    pub(in crate::codegen) fn clear(
        &mut self,
        place: PointerValue<'ctx>,
        unit: usize,
        count: IntValue<'ctx>,
    ) {
        let function = self.mover(&format!("clear.{unit}"), 1, |cx, builder, function| {
            Loop { cx, builder, function, unit }.clear();
        });
        self.builder.call(function, &[place.into(), count.into()], "");
    }

    /// The function `name`, which takes addresses and a number of units. The first request for a name defines the
    /// function.
    fn mover(
        &self,
        name: &str,
        addresses: usize,
        define: impl FnOnce(&Self, &Builder<'ctx>, FunctionValue<'ctx>),
    ) -> FunctionValue<'ctx> {
        let name = format!("{PROGRAM_PREFIX}{name}");
        if let Some(known) = self.module.get_function(&name) {
            return known;
        }
        let addresses = std::iter::repeat_n(Some(self.types.pointer.into()), addresses);
        let ty = self.types.function(addresses.chain([Some(self.types.word.into())]), None);
        let function = self.module.add_function(&name, ty, Some(Linkage::Internal));
        function.set_call_conventions(TAILCC);
        self.attributes.of_mover(function);
        define(self, &Builder::new(self.context), function);
        function
    }
}

/// A function that moves memory, while its body is generated.
struct Loop<'m, 'ctx, 'a> {
    cx: &'m ModuleCx<'ctx, 'a>,
    builder: &'m Builder<'ctx>,
    function: FunctionValue<'ctx>,
    /// The number of bytes that are moved at once.
    unit: usize,
}

impl<'ctx> Loop<'_, 'ctx, '_> {
    fn copy(&self) {
        let [to, from, count] = self.function.get_params()[..] else { panic!("BUG: three parameters") };
        let (to, from) = (to.into_pointer_value(), from.into_pointer_value());
        let count = count.into_int_value();
        let [few, forward, backward, many] =
            ["few", "forward", "backward", "many"].map(|name| self.block(name));
        self.branch_on_few(count, few, many);

        // Copies backward if the target begins inside the source: a forward copy would overwrite units before it reads
        // them.
        self.builder.at_end(few);
        let [to_address, from_address] =
            [to, from].map(|place| self.builder.pointer_to_int(place, self.cx.types.word));
        let distance = self.builder.int_operation(InstructionOpcode::Sub, to_address, from_address);
        let is_apart = self.builder.compare(IntPredicate::UGE, distance, self.bytes(count));
        self.builder.branch(is_apart, forward, backward);
        self.builder.at_end(forward);
        let one = |index| self.store(to, index, self.load(from, index));
        self.each(count, one);
        self.builder.at_end(backward);
        let last = self.builder.int_operation(InstructionOpcode::Sub, count, self.cx.types.int(1));
        self.each(count, |index| one(self.builder.int_operation(InstructionOpcode::Sub, last, index)));

        self.leave_to(many, RuntimeFunction::CopyMemory, &[to.into(), from.into()], count);
    }

    fn clear(&self) {
        let [place, count] = self.function.get_params()[..] else { panic!("BUG: two parameters") };
        let (place, count) = (place.into_pointer_value(), count.into_int_value());
        let [few, many] = ["few", "many"].map(|name| self.block(name));
        self.branch_on_few(count, few, many);
        self.builder.at_end(few);
        self.each(count, |index| self.store(place, index, self.ty().const_zero().into()));
        self.leave_to(many, RuntimeFunction::ClearMemory, &[place.into()], count);
    }

    fn block(&self, name: &str) -> BasicBlock<'ctx> {
        self.cx.context.append_basic_block(self.function, name)
    }

    fn ty(&self) -> IntType<'ctx> {
        match self.unit {
            1 => self.cx.types.byte,
            4 => self.cx.types.i32,
            8 => self.cx.types.word,
            other => panic!("BUG: units of {other} bytes"),
        }
    }

    fn bytes(&self, count: IntValue<'ctx>) -> IntValue<'ctx> {
        self.builder.int_operation(InstructionOpcode::Mul, count, self.cx.types.int(self.unit))
    }

    fn load(&self, base: PointerValue<'ctx>, index: IntValue<'ctx>) -> BasicValueEnum<'ctx> {
        self.builder.load(self.ty(), self.builder.element(self.ty(), base, index), "")
    }

    fn store(&self, base: PointerValue<'ctx>, index: IntValue<'ctx>, value: BasicValueEnum<'ctx>) {
        self.builder.store(self.builder.element(self.ty(), base, index), value);
    }

    fn branch_on_few(&self, count: IntValue<'ctx>, few: BasicBlock<'ctx>, many: BasicBlock<'ctx>) {
        self.builder.at_end(self.block("entry"));
        let entry = self.builder.current_block();
        entry.move_before(few).expect("BUG: both are blocks of the function");
        let is_few = self.builder.compare(IntPredicate::ULE, count, self.cx.types.int(FEW));
        self.builder.branch(is_few, few, many);
    }

    /// Builds a loop that calls `one` for each number below `count` in ascending order, then returns.
    fn each(&self, count: IntValue<'ctx>, one: impl Fn(IntValue<'ctx>)) {
        let before = self.builder.current_block();
        let [head, body, done] = ["head", "body", "done"].map(|name| self.block(name));
        self.builder.jump(head);
        self.builder.at_end(head);
        let index = self.builder.phi(self.cx.types.word);
        let goes_on = self.builder.compare(IntPredicate::ULT, index.as_basic_value().into_int_value(), count);
        self.builder.branch(goes_on, body, done);
        self.builder.at_end(body);
        let at = index.as_basic_value().into_int_value();
        one(at);
        let next = self.builder.int_operation(InstructionOpcode::Add, at, self.cx.types.int(1));
        self.builder.jump(head);
        index.add_incoming(&[(&self.cx.types.int(0), before), (&next, body)]);
        self.builder.at_end(done);
        self.builder.ret(None);
    }

    /// Builds `block`, which calls the runtime to do the work, then returns.
    fn leave_to(
        &self,
        block: BasicBlock<'ctx>,
        function: RuntimeFunction,
        places: &[BasicValueEnum<'ctx>],
        count: IntValue<'ctx>,
    ) {
        self.builder.at_end(block);
        let arguments = [places, &[self.bytes(count).into()]].concat();
        self.builder.call(self.cx.runtime_function(function), &arguments, "");
        self.builder.ret(None);
    }
}
