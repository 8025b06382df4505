//! Generators: the object, its resumption, and the slots of its frame.
//!
//! ```text
//!   header │ code │ state │ resumer │ slots, one word for each scalar
//! ```
//!
//! The code that `next` calls is unknown at compile time, so each such call may yield, as for function values.

use std::mem::offset_of;

use inkwell::IntPredicate;
use inkwell::values::{BasicValueEnum, CallSiteValue, InstructionOpcode, IntValue, PointerValue};
use weft_abi::{
    ArrayObject, CoroutineGenerator, Generator, Header, Kind, NestedGenerator, Record, RuntimeFunction,
    well_known,
};

use crate::codegen::cx::function::FunctionCx;
use crate::codegen::cx::tbaa::Content;
use crate::codegen::cx::types::Values;
use crate::mir::{FrameForm, FrameId, FunctionId, GeneratorOp, MachineOp, Operand, Scalar};
use crate::types::TypeId;

const WORD: usize = size_of::<u64>();
/// The offset of the first slot.
const SLOTS: usize = size_of::<Generator>();
/// The number of records for which a new stack of frames has room, and the least number of words of the stack. Larger
/// numbers waste memory in a generator that never recurses; smaller numbers cause more copies of the stack in a
/// generator that does.
const FIRST_RECORDS: usize = 2;
const FIRST_WORDS: usize = 8;

impl<'ctx> FunctionCx<'_, 'ctx, '_> {
    /// Generates an operation on a generator; returns the scalars of its result.
    pub(in crate::codegen) fn generator(&mut self, op: GeneratorOp, operands: &[Operand]) -> Values<'ctx> {
        match op {
            GeneratorOp::New(body) => vec![self.new_generator(body, operands).into()],
            GeneratorOp::Next(option) => {
                let generator = self.pointer_of(&operands[0]);
                let (call, result) = self.resume(generator, option);
                self.cx.results(call, &result)
            }
            GeneratorOp::Close(option) => {
                let generator = self.pointer_of(&operands[0]);
                self.close(generator, option);
                Vec::new()
            }
            GeneratorOp::Yield | GeneratorOp::YieldFrom => panic!("BUG: {op:?} is left in a body"),
        }
    }

    /// Generates an operation that the pass `generators` has introduced; returns the scalars of its result.
    pub(in crate::codegen) fn machine(&mut self, op: MachineOp, operands: &[Operand]) -> Values<'ctx> {
        if op == MachineOp::Begin {
            return vec![self.begin_coroutine().into()];
        }
        let generator = self.pointer_of(&operands[0]);
        match op {
            MachineOp::State => return vec![self.state(generator)],
            MachineOp::IsEntered => return vec![self.is_entered(generator)],
            MachineOp::Get(frame, slot) => return self.load_slot(generator, frame, slot),
            MachineOp::Pop => return vec![self.pop_record(generator)],
            MachineOp::SetState => {
                let state = self.value_of(&operands[1]);
                self.set_state(generator, state);
            }
            MachineOp::Enter => {
                self.cx.builder.call(self.cx.fast_paths.enter_generator, &[generator.into()], "");
            }
            MachineOp::Leave => {
                let null = self.cx.types.pointer.const_null();
                self.set_resumer(generator, null.into());
            }
            MachineOp::Set(frame, slot) => {
                let values = self.operand(&operands[1]);
                self.set_slot(generator, frame, slot, &values);
            }
            MachineOp::Clear(frame, slot) => self.clear_slot(generator, frame, slot),
            MachineOp::CheckEnded => {
                let site = self.site();
                self.cx.run(RuntimeFunction::CheckGenerator, &[generator.into(), site.into()]);
            }
            MachineOp::Push(from, to) => {
                let state = self.value_of(&operands[1]);
                self.push_record(generator, from, to, state);
            }
            MachineOp::Replace(frame) => {
                let record = self.record(generator);
                self.reserve(generator, record, frame);
            }
            MachineOp::Release => self.release(generator),
            MachineOp::Suspend => self.suspend_coroutine(false),
            MachineOp::Resume => self.resume_coroutine(generator),
            MachineOp::Begin => panic!("BUG: a coroutine begins twice"),
            MachineOp::IsSuspended => return vec![self.is_suspended(generator)],
            MachineOp::Switch(option) => {
                let closes = self.value_of(&operands[1]);
                let switch = self.next_switch(option);
                let closes = self.cx.types.word_of(&self.cx.builder, closes);
                return self.resume_stack(&operands[0], option, switch, closes);
            }
            MachineOp::Start(body, option) => {
                let switch = self.start_switch(body, option);
                let closes = self.cx.types.int(0).into();
                return self.resume_stack(&operands[0], option, switch, closes);
            }
            MachineOp::Give => return vec![self.give(&operands[0], &operands[1])],
        }
        Vec::new()
    }

    /// A value that is never read.
    pub(in crate::codegen) fn undefined(&mut self, ty: TypeId) -> Values<'ctx> {
        let types = self.cx.types;
        self.cx.scalars(ty).into_iter().map(|scalar| types.undefined(scalar)).collect()
    }

    fn new_generator(&mut self, body: FunctionId, arguments: &[Operand]) -> PointerValue<'ctx> {
        let id = self.frame_of(body);
        let frame = &self.cx.input.program.frames[id];
        let values = self.operands(arguments);
        let generator = match frame.form {
            FrameForm::Flat => self.new_flat(id),
            FrameForm::Nested => self.new_nested(id),
            FrameForm::Stack => return self.new_generator_stack(body, &values),
            FrameForm::Coroutine => {
                return self.cx.call(self.cx.functions[body], &values).into_pointer_value();
            }
        };
        self.set_code(generator, frame.code);
        let start = self.cx.types.word.const_int(frame.start as u64, true);
        self.set_state(generator, start.into());
        for (index, value) in values.into_iter().enumerate() {
            self.store_slot(generator, id, index, value);
        }
        generator
    }

    /// A generator whose object contains the slots of its frame.
    fn new_flat(&mut self, frame: FrameId) -> PointerValue<'ctx> {
        self.new_with_slots(frame, SLOTS, &[offset_of!(Generator, resumer)])
    }

    /// A generator whose slots begin at `start`; `before` are the offsets of the references before the slots.
    pub(in crate::codegen) fn new_with_slots(
        &mut self,
        frame: FrameId,
        start: usize,
        before: &[usize],
    ) -> PointerValue<'ctx> {
        let scalars = self.cx.frame(frame);
        let references = scalars.iter().enumerate().filter(|(_, scalar)| **scalar == Scalar::Reference);
        let references = references.map(|(index, _)| start + index * WORD);
        let references: Vec<u32> = before.iter().copied().chain(references).map(|at| at as u32).collect();
        self.new_object(start + scalars.len() * WORD, &references)
    }

    /// A generator with a stack of frames of its own; the only record on it is the record of the first body.
    fn new_nested(&mut self, frame: FrameId) -> PointerValue<'ctx> {
        let words = (self.record_size(frame) / WORD * FIRST_RECORDS).max(FIRST_WORDS);
        let (length, size) =
            (self.cx.types.int(words), self.cx.types.int(size_of::<ArrayObject>() + words * WORD));
        let frames = self.cx.allocate_array(Header::new(well_known::WORDS), length, size);
        let [resumer, stack] = [offset_of!(Generator, resumer), offset_of!(NestedGenerator, frames)];
        let generator = self.new_object(size_of::<NestedGenerator>(), &[resumer as u32, stack as u32]);
        let place = self.cx.offset(generator, stack, "frames");
        self.cx.store_scalar(Content::Frames, place, frames.into());
        let first = self.cx.types.int(size_of::<ArrayObject>());
        self.set_record(generator, first);
        generator
    }

    fn new_object(&mut self, size: usize, references: &[u32]) -> PointerValue<'ctx> {
        let header = Header::new(self.cx.descriptors.number_of(Kind::Fixed, size as u32, references));
        self.cx.allocate(header, self.cx.types.int(size))
    }

    fn frame_of(&self, body: FunctionId) -> FrameId {
        self.cx.input.program.functions[body].frame.expect("BUG: a `gen fn` that is no state machine")
    }

    /// Closes a generator: negates its state, and resumes it. A body that is resumed in a negative state ends at the
    /// point at which it would otherwise continue.
    fn close(&mut self, generator: PointerValue<'ctx>, option: TypeId) {
        let state = self.state(generator).into_int_value();
        let zero = self.cx.types.int(0);
        let closes = self.cx.builder.int_operation(InstructionOpcode::Sub, zero, state);
        // The code refuses the close if the generator runs, and then the state must not have changed.
        let runs = self.is_entered(generator).into_int_value();
        let closes = self.cx.builder.select(runs, state, closes);
        self.set_state(generator, closes);
        self.resume(generator, option);
    }

    /// Calls the code of a generator; returns the call and the kinds of the result's scalars.
    fn resume(
        &mut self,
        generator: PointerValue<'ctx>,
        option: TypeId,
    ) -> (CallSiteValue<'ctx>, Vec<Scalar>) {
        let result = self.cx.scalars(option);
        let ty = self.cx.types.signature(&[Scalar::Reference], &result);
        let code = self.cx.offset(generator, offset_of!(Generator, code), "code");
        let code = self.cx.load_scalar(Content::GeneratorCode, Scalar::Reference, code, "code");
        let call = self.cx.builder.call_address(ty, code.into_pointer_value(), &[generator.into()]);
        self.cx.attributes.of_yielding_call(call);
        (call, result)
    }

    fn state(&mut self, generator: PointerValue<'ctx>) -> BasicValueEnum<'ctx> {
        let place = self.cx.offset(generator, offset_of!(Generator, state), "state");
        self.cx.load_scalar(Content::GeneratorState, Scalar::Int, place, "state")
    }

    pub(in crate::codegen) fn set_state(
        &mut self,
        generator: PointerValue<'ctx>,
        state: BasicValueEnum<'ctx>,
    ) {
        let place = self.cx.offset(generator, offset_of!(Generator, state), "state");
        self.cx.store_scalar(Content::GeneratorState, place, state);
    }

    fn set_resumer(&mut self, generator: PointerValue<'ctx>, home: BasicValueEnum<'ctx>) {
        let place = self.cx.offset(generator, offset_of!(Generator, resumer), "resumer");
        self.cx.store_scalar(Content::Resumer, place, home);
    }

    fn is_entered(&mut self, generator: PointerValue<'ctx>) -> BasicValueEnum<'ctx> {
        let place = self.cx.offset(generator, offset_of!(Generator, resumer), "resumer");
        let resumer = self.cx.load_scalar(Content::Resumer, Scalar::Reference, place, "resumer");
        let is_null = self.cx.builder.is_null(resumer.into_pointer_value());
        self.cx.builder.not(is_null).into()
    }

    pub(in crate::codegen) fn set_code(&mut self, generator: PointerValue<'ctx>, code: FunctionId) {
        let code = self.cx.functions[code].as_global_value().as_pointer_value();
        let place = self.cx.offset(generator, offset_of!(Generator, code), "code");
        self.cx.store_scalar(Content::GeneratorCode, place, code.into());
    }

    fn load_slot(&mut self, generator: PointerValue<'ctx>, frame: FrameId, slot: usize) -> Values<'ctx> {
        let (first, scalars) = self.cx.slot(frame, slot);
        let mut values = Vec::new();
        for (index, scalar) in (first..).zip(scalars) {
            let (content, place) = self.place_of(generator, frame, index);
            values.push(self.cx.load_scalar(content, scalar, place, ""));
        }
        values
    }

    fn set_slot(
        &mut self,
        generator: PointerValue<'ctx>,
        frame: FrameId,
        slot: usize,
        values: &[BasicValueEnum<'ctx>],
    ) {
        let (first, _) = self.cx.slot(frame, slot);
        for (index, &value) in (first..).zip(values) {
            self.store_slot(generator, frame, index, value);
        }
    }

    fn clear_slot(&mut self, generator: PointerValue<'ctx>, frame: FrameId, slot: usize) {
        let (first, scalars) = self.cx.slot(frame, slot);
        let null = self.cx.types.pointer.const_null();
        for (index, _) in (first..).zip(scalars).filter(|(_, scalar)| *scalar == Scalar::Reference) {
            self.store_slot(generator, frame, index, null.into());
        }
    }

    fn store_slot(
        &mut self,
        generator: PointerValue<'ctx>,
        frame: FrameId,
        index: usize,
        value: BasicValueEnum<'ctx>,
    ) {
        let (content, place) = self.place_of(generator, frame, index);
        self.cx.store_scalar(content, place, value);
    }

    /// The place of a scalar of a frame: in the generator or, for a nested frame, in the innermost record.
    fn place_of(
        &mut self,
        generator: PointerValue<'ctx>,
        frame: FrameId,
        index: usize,
    ) -> (Content, PointerValue<'ctx>) {
        let slots = match self.cx.input.program.frames[frame].form {
            FrameForm::Nested => None,
            FrameForm::Stack => panic!("BUG: a slot of a generator with a stack"),
            FrameForm::Flat => Some(SLOTS),
            FrameForm::Coroutine => Some(size_of::<CoroutineGenerator>()),
        };
        if let Some(slots) = slots {
            return (Content::Slot(frame, index), self.cx.offset(generator, slots + index * WORD, "slot"));
        }
        let record = self.record(generator);
        let place = self.in_frames(generator, record, size_of::<Record>() + index * WORD);
        (Content::Record, place)
    }

    /// The size of a record for a frame, in bytes.
    fn record_size(&self, frame: FrameId) -> usize {
        size_of::<Record>() + self.cx.frame(frame).len() * WORD
    }

    /// The offset of the innermost record.
    fn record(&mut self, generator: PointerValue<'ctx>) -> IntValue<'ctx> {
        let place = self.cx.offset(generator, offset_of!(NestedGenerator, record), "record");
        self.cx.load_scalar(Content::RecordOffset, Scalar::Int, place, "record").into_int_value()
    }

    fn set_record(&mut self, generator: PointerValue<'ctx>, record: IntValue<'ctx>) {
        let place = self.cx.offset(generator, offset_of!(NestedGenerator, record), "record");
        self.cx.store_scalar(Content::RecordOffset, place, record.into());
    }

    /// The address at `offset` bytes into the record at `record`.
    fn in_frames(
        &mut self,
        generator: PointerValue<'ctx>,
        record: IntValue<'ctx>,
        offset: usize,
    ) -> PointerValue<'ctx> {
        let frames = self.frames(generator);
        let place = self.cx.builder.offset(frames, record, "");
        self.cx.offset(place, offset, "slot")
    }

    fn frames(&mut self, generator: PointerValue<'ctx>) -> PointerValue<'ctx> {
        let frames = self.cx.offset(generator, offset_of!(NestedGenerator, frames), "frames");
        self.cx.load_scalar(Content::Frames, Scalar::Reference, frames, "frames").into_pointer_value()
    }

    fn push_record(
        &mut self,
        generator: PointerValue<'ctx>,
        from: FrameId,
        to: FrameId,
        state: BasicValueEnum<'ctx>,
    ) {
        let below = self.record(generator);
        let size = self.cx.types.int(self.record_size(from));
        let record = self.cx.builder.int_operation(InstructionOpcode::Add, below, size);
        self.reserve(generator, record, to);
        let place = self.in_frames(generator, record, offset_of!(Record, state));
        self.cx.store_scalar(Content::Record, place, state);
        let place = self.in_frames(generator, record, offset_of!(Record, below));
        self.cx.store_scalar(Content::Record, place, below.into());
        self.set_record(generator, record);
    }

    /// Grows the stack of frames if a record at `record` would not fit.
    fn reserve(&mut self, generator: PointerValue<'ctx>, record: IntValue<'ctx>, frame: FrameId) {
        let size = self.cx.types.int(self.record_size(frame));
        let end = self.cx.builder.int_operation(InstructionOpcode::Add, record, size);
        let frames = self.frames(generator);
        let length = self.cx.offset(frames, offset_of!(ArrayObject, length), "length");
        let length = self.cx.load_scalar(Content::Length, Scalar::Int, length, "length").into_int_value();
        let bytes = self.cx.builder.int_operation(InstructionOpcode::Mul, length, self.cx.types.int(WORD));
        let header = self.cx.types.int(size_of::<ArrayObject>());
        let limit = self.cx.builder.int_operation(InstructionOpcode::Add, bytes, header);
        let [grows, fits] = ["grows", "fits"].map(|name| self.block(name));
        let exceeds = self.cx.builder.compare(IntPredicate::UGT, end, limit);
        self.cx.builder.branch_hardly_ever(self.cx.context, exceeds, grows, fits);
        self.cx.builder.at_end(grows);
        self.cx.run(RuntimeFunction::GrowFrames, &[generator.into(), end.into()]);
        self.cx.builder.jump(fits);
        self.cx.builder.at_end(fits);
    }

    /// Drops the stack of frames.
    fn release(&mut self, generator: PointerValue<'ctx>) {
        let place = self.cx.offset(generator, offset_of!(NestedGenerator, frames), "frames");
        let null = self.cx.types.pointer.const_null();
        self.cx.store_scalar(Content::Frames, place, null.into());
    }

    /// Removes the innermost record; returns the state in which the record below continues.
    fn pop_record(&mut self, generator: PointerValue<'ctx>) -> BasicValueEnum<'ctx> {
        let record = self.record(generator);
        let place = self.in_frames(generator, record, offset_of!(Record, state));
        let state = self.cx.load_scalar(Content::Record, Scalar::Int, place, "state");
        let place = self.in_frames(generator, record, offset_of!(Record, below));
        let below = self.cx.load_scalar(Content::Record, Scalar::Int, place, "below").into_int_value();
        self.set_record(generator, below);
        state
    }
}
