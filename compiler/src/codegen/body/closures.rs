//! Function values: closures and deferred blocks.
//!
//! ```text
//!   closure  ->  header │ code │ captures, one word for each scalar
//!   deferred ->  header │ code │ outer │ captures
//! ```
//!
//! The code of a closure over `f` is a stub, `weft.f.value`: it takes the closure, loads the captures and calls `f`. A
//! closure that captures nothing is a constant of the program. The callee of a function value is unknown to the caller,
//! so a call of a function value may yield, and all stubs have the attributes of functions that may yield.
//!
//! A deferred block is a function value with a link for the thread's chain of cleanups, a `weft_abi::Deferred`. It is
//! called through the value when a thread unwinds, and when a continuation is closed; at the end of the enclosing
//! block, compiled code calls the function directly.

use std::mem::offset_of;

use inkwell::module::Linkage;
use inkwell::values::{CallSiteValue, FunctionValue, PointerValue};
use weft_abi::layout::VALUE_SUFFIX;
use weft_abi::{Deferred, Header, Kind};

use crate::codegen::cx::attributes::TAILCC;
use crate::codegen::cx::function::FunctionCx;
use crate::codegen::cx::module::ModuleCx;
use crate::codegen::cx::tables::Stub;
use crate::codegen::cx::tbaa::Content;
use crate::codegen::cx::types::Values;
use crate::codegen::values::calling_convention::direct_arguments;
use crate::mir::{CleanupOp, FunctionId, Operand, Scalar};
use crate::types::Type;
use weft_abi::layout::PROGRAM_PREFIX;

const WORD: usize = size_of::<u64>();
/// The offset of the address of the code in a function value.
const CODE: usize = size_of::<Header>();
/// The offset of a closure's captures.
const CAPTURES: usize = CODE + WORD;
/// The offset of a deferred block's captures.
const DEFERRED_CAPTURES: usize = size_of::<Deferred>();

impl<'ctx> FunctionCx<'_, 'ctx, '_> {
    /// A closure over `function`, whose first parameters are the captures.
    pub(in crate::codegen) fn closure(
        &mut self,
        function: FunctionId,
        captures: &[Operand],
    ) -> PointerValue<'ctx> {
        if !captures.is_empty() {
            let values = self.operands(captures);
            let closure = self.function_object(function, captures.len(), CAPTURES, &[]);
            self.fill(closure, values, CAPTURES, Content::Capture);
            return closure;
        }
        if let Some(&known) = self.cx.stubs.constants.get(&function) {
            return known;
        }
        let code = self.cx.stub(function, 0, CAPTURES).as_global_value().as_pointer_value();
        let header = Header::new(self.cx.descriptors.number_of(Kind::Fixed, CAPTURES as u32, &[]));
        let constant = self.cx.object_constant(header, &[code.into()], "closure");
        self.cx.stubs.constants.insert(function, constant);
        constant
    }

    /// The function value of a deferred block, without its captures. The link in the value changes, so the value is an
    /// object on the heap even if the block captures nothing.
    pub(in crate::codegen) fn deferred(&mut self, function: FunctionId) -> PointerValue<'ctx> {
        let link = offset_of!(Deferred, outer) as u32;
        let captures = self.cx.input.program.functions[function].parameter_count;
        self.function_object(function, captures, DEFERRED_CAPTURES, &[link])
    }

    /// Registers the function value of a deferred block, with the current values of its captures.
    pub(in crate::codegen) fn register(&mut self, deferred: &Operand, captures: &[Operand]) {
        let deferred = self.pointer_of(deferred);
        let values = self.operands(captures);
        self.fill(deferred, values, DEFERRED_CAPTURES, Content::DeferredCapture);
        self.cx.builder.call(self.cx.fast_paths.cleanup_push, &[deferred.into()], "");
    }

    /// A new function value whose captures begin at offset `start` and are not set yet. Before the captures, the object
    /// has references at the offsets `links`; they are null at first.
    fn function_object(
        &mut self,
        function: FunctionId,
        captures: usize,
        start: usize,
        links: &[u32],
    ) -> PointerValue<'ctx> {
        let code = self.cx.stub(function, captures, start).as_global_value().as_pointer_value();
        let scalars = self.cx.parameters(function, 0..captures);
        let size = start + scalars.len() * WORD;
        let references = (0..).zip(&scalars).filter(|(_, scalar)| **scalar == Scalar::Reference);
        let references = references.map(|(at, _): (usize, _)| (start + at * WORD) as u32);
        let references: Vec<u32> = links.iter().copied().chain(references).collect();
        let header = Header::new(self.cx.descriptors.number_of(Kind::Fixed, size as u32, &references));
        let object = self.cx.allocate(header, self.cx.types.int(size));
        self.cx.store_scalar(Content::Code, self.cx.offset(object, CODE, "code"), code.into());
        object
    }

    /// Stores captures, from offset `start` on.
    fn fill(&mut self, object: PointerValue<'ctx>, values: Values<'ctx>, start: usize, content: Content) {
        for (index, value) in values.into_iter().enumerate() {
            let place = self.cx.offset(object, start + index * WORD, "");
            self.cx.store_scalar(content, place, value);
        }
    }

    /// Generates an operation on the running thread's chain of cleanups, or on its shield against cancellation.
    pub(in crate::codegen) fn cleanup(&mut self, op: CleanupOp, operands: &[Operand]) {
        let function = match op {
            CleanupOp::Pop => self.cx.fast_paths.cleanup_pop,
            CleanupOp::Shield => self.cx.fast_paths.shield,
            CleanupOp::Unshield => self.cx.fast_paths.unshield,
        };
        let operands = self.operands(operands);
        self.cx.builder.call(function, &operands, "");
    }

    /// Calls a function value; returns the scalars of the result.
    pub(in crate::codegen) fn call_value(
        &mut self,
        function: &Operand,
        arguments: &[Operand],
    ) -> Values<'ctx> {
        let (call, result) = self.call_of_value(function, arguments);
        self.cx.results(call, &result)
    }

    /// Builds a call of a function value, but no code for its result. Returns the call and the scalars of the result.
    pub(in crate::codegen) fn call_of_value(
        &mut self,
        function: &Operand,
        arguments: &[Operand],
    ) -> (CallSiteValue<'ctx>, Vec<Scalar>) {
        let Type::Function { parameters, result, .. } = self.shape_of(function) else {
            panic!("BUG: a call of what is no function");
        };
        let result = self.cx.scalars(*result);
        let parameters: Vec<Scalar> = parameters.iter().flat_map(|&ty| self.cx.scalars(ty)).collect();
        let closure = self.pointer_of(function);
        let values = self.operands(arguments);
        (self.cx.call_function_value(closure, &parameters, values, &result), result)
    }
}

impl<'ctx> ModuleCx<'ctx, '_> {
    /// Calls a function value with the scalars `values`, whose kinds are in `parameters`. The kinds of the result's
    /// scalars are in `result`.
    pub(in crate::codegen) fn call_function_value(
        &mut self,
        closure: PointerValue<'ctx>,
        parameters: &[Scalar],
        mut values: Values<'ctx>,
        result: &[Scalar],
    ) -> CallSiteValue<'ctx> {
        let ty = self.types.value_signature(parameters, result);
        let direct = direct_arguments(parameters);
        if direct < values.len() {
            let packed = self.pack(&values.split_off(direct));
            values.push(packed.into());
        }
        values.insert(0, closure.into());
        let code = self.offset(closure, CODE, "code");
        let code = self.load_scalar(Content::Code, Scalar::Reference, code, "code").into_pointer_value();
        let call = self.builder.call_address(ty, code, &values);
        self.attributes.of_yielding_call(call);
        call
    }

    /// The stub for function values that capture the first `captures` parameters of `function`. The captures begin at
    /// offset `start` of the function value.
    fn stub(&mut self, function: FunctionId, captures: usize, start: usize) -> FunctionValue<'ctx> {
        if let Some(&known) = self.stubs.by_function.get(&function) {
            return known;
        }
        let program = self.input.program;
        let parameters = self.parameters(function, captures..program.functions[function].parameter_count);
        let result = self.scalars(program.functions[function].result);
        let ty = self.types.value_signature(&parameters, &result);
        let name = format!("{PROGRAM_PREFIX}{}.value", program.functions[function].name);
        let value = self.module.add_function(&name, ty, Some(Linkage::Internal));
        value.set_call_conventions(TAILCC);
        self.attributes.of_stub(value);
        self.stubs.by_function.insert(function, value);
        self.stubs.undefined.push(Stub { function, captures, start });
        value
    }

    /// Defines all stubs.
    pub(in crate::codegen) fn define_stubs(&mut self) {
        for Stub { function, captures, start } in std::mem::take(&mut self.stubs.undefined) {
            let value = self.stubs.by_function[&function];
            self.begin(function, value, VALUE_SUFFIX);
            let closure = value.get_nth_param(0).expect("BUG: a closure without itself").into_pointer_value();
            let captured = self.parameters(function, 0..captures);
            let content = if start == CAPTURES { Content::Capture } else { Content::DeferredCapture };
            let mut arguments = Vec::new();
            for (index, scalar) in captured.into_iter().enumerate() {
                let place = self.offset(closure, start + index * WORD, "");
                arguments.push(self.load_scalar(content, scalar, place, ""));
            }
            let count = self.input.program.functions[function].parameter_count;
            let parameters = self.parameters(function, captures..count);
            let direct = direct_arguments(&parameters);
            arguments.extend(value.get_param_iter().skip(1).take(direct));
            if direct < parameters.len() {
                let packed = value.get_last_param().expect("BUG: a closure without itself");
                arguments.extend(self.unpack(packed.into_pointer_value(), &parameters[direct..]));
            }
            let call = self.builder.call(self.functions[function], &arguments, "");
            match start {
                // If the function of a deferred block never yields, it preserves registers for its caller, which the
                // stub does not. So the stub makes an ordinary call, not a tail call.
                DEFERRED_CAPTURES => self.builder.ret(None),
                _ => self.builder.return_call(call),
            }
        }
    }
}
