//! Function values.
//!
//! ```text
//!   closure  ->  header │ code │ captures, one word each scalar
//!   deferred ->  header │ code │ outer │ captures
//! ```
//!
//! The code of a closure over `f` is `weft.f.value`: it takes the closure, loads the captures and goes on to `f`. One
//! that captures nothing is a constant of the program. Nobody who calls a function value knows what it calls, so each
//! such call may yield, and the code of all closures has the attributes of functions that may.
//!
//! A deferred block is a function value with a link for the thread's chain of cleanups, a `weft_abi::Deferred`. Only
//! the runtime calls it as one; where the block around it ends, compiled code calls the function itself.

use std::collections::HashMap;
use std::mem::offset_of;
use std::ops::Range;

use inkwell::module::Linkage;
use inkwell::values::{CallSiteValue, FunctionValue, PointerValue};
use weft_abi::layout::VALUE_SUFFIX;
use weft_abi::{Deferred, Header, Kind};

use crate::codegen::attributes::TAILCC;
use crate::codegen::convention::direct_arguments;
use crate::codegen::functions::{Body, LINKER_PREFIX};
use crate::codegen::generator::Generator;
use crate::codegen::memory::Content;
use crate::codegen::types::Values;
use crate::mir::{CleanupOp, FunctionId, Operand, Scalar};
use crate::types::Type;

const WORD: usize = size_of::<u64>();
/// Where the code's address lies.
const CODE: usize = size_of::<Header>();
/// Where the captures begin.
const CAPTURES: usize = CODE + WORD;
/// The offset of a deferred block's captures.
const DEFERRED_CAPTURES: usize = size_of::<Deferred>();

/// The code of closures, as far as it was asked for.
#[derive(Default)]
pub(super) struct Stubs<'ctx> {
    by_function: HashMap<FunctionId, FunctionValue<'ctx>>,
    /// With the number of the function's parameters that are captures, and where these lie.
    undefined: Vec<(FunctionId, usize, usize)>,
    /// Closures that capture nothing.
    constants: HashMap<FunctionId, PointerValue<'ctx>>,
}

impl<'ctx> Body<'_, 'ctx, '_> {
    /// A closure over `function`, whose first parameters are the captures.
    pub(super) fn closure(&mut self, function: FunctionId, captures: &[Operand]) -> PointerValue<'ctx> {
        if !captures.is_empty() {
            let values = self.operands(captures);
            let closure = self.function_object(function, captures.len(), CAPTURES, &[]);
            self.fill(closure, values, CAPTURES, Content::Capture);
            return closure;
        }
        if let Some(&known) = self.g.stubs.constants.get(&function) {
            return known;
        }
        let code = self.g.stub(function, 0, CAPTURES).as_global_value().as_pointer_value();
        let header = Header::new(self.g.descriptor(Kind::Fixed, CAPTURES as u32, &[]));
        let constant = self.g.object_constant(header, &[code.into()], "closure");
        self.g.stubs.constants.insert(function, constant);
        constant
    }

    /// The function value of a deferred block, without its captures. Its link changes, so it is an object even if there
    /// are none.
    pub(super) fn deferred(&mut self, function: FunctionId) -> PointerValue<'ctx> {
        let link = offset_of!(Deferred, outer) as u32;
        let captures = self.g.input.program.functions[function].parameter_count;
        self.function_object(function, captures, DEFERRED_CAPTURES, &[link])
    }

    /// Registers the function value of a deferred block, with what it captures this time.
    pub(super) fn register(&mut self, deferred: &Operand, captures: &[Operand]) {
        let deferred = self.pointer_of(deferred);
        let values = self.operands(captures);
        self.fill(deferred, values, DEFERRED_CAPTURES, Content::DeferredCapture);
        self.g.builder.call(self.g.hot.cleanup_push, &[deferred.into()], "");
    }

    /// A new function value whose captures begin at `start`, not filled in; `links` are the references before them,
    /// null at first.
    fn function_object(
        &mut self,
        function: FunctionId,
        captures: usize,
        start: usize,
        links: &[u32],
    ) -> PointerValue<'ctx> {
        let code = self.g.stub(function, captures, start).as_global_value().as_pointer_value();
        let scalars = self.g.parameters(function, 0..captures);
        let size = start + scalars.len() * WORD;
        let references = (0..).zip(&scalars).filter(|(_, scalar)| **scalar == Scalar::Reference);
        let references = references.map(|(at, _): (usize, _)| (start + at * WORD) as u32);
        let references: Vec<u32> = links.iter().copied().chain(references).collect();
        let header = Header::new(self.g.descriptor(Kind::Fixed, size as u32, &references));
        let object = self.g.allocate(header, self.g.types.int(size));
        self.g.store_scalar(Content::Code, self.g.offset(object, CODE, "code"), code.into());
        object
    }

    /// Stores captures, from `start` on.
    fn fill(&mut self, object: PointerValue<'ctx>, values: Values<'ctx>, start: usize, content: Content) {
        for (index, value) in values.into_iter().enumerate() {
            let place = self.g.offset(object, start + index * WORD, "");
            self.g.store_scalar(content, place, value);
        }
    }

    /// An operation on the running thread's chain of cleanups, or on its shield.
    pub(super) fn cleanup(&mut self, op: CleanupOp, operands: &[Operand]) {
        let function = match op {
            CleanupOp::Pop => self.g.hot.cleanup_pop,
            CleanupOp::Shield => self.g.hot.shield,
            CleanupOp::Unshield => self.g.hot.unshield,
        };
        let operands = self.operands(operands);
        self.g.builder.call(function, &operands, "");
    }

    /// `function(arguments)` where the function is a value.
    pub(super) fn call_value(&mut self, function: &Operand, arguments: &[Operand]) -> Values<'ctx> {
        let (call, result) = self.call_of_value(function, arguments);
        self.g.results(call, &result)
    }

    /// The call alone, with the kinds of the scalars that it gives.
    pub(super) fn call_of_value(
        &mut self,
        function: &Operand,
        arguments: &[Operand],
    ) -> (CallSiteValue<'ctx>, Vec<Scalar>) {
        let Type::Function { parameters, result, .. } = self.shape_of(function) else {
            panic!("BUG: a call of what is no function");
        };
        let result = self.g.scalars(*result);
        let parameters: Vec<Scalar> = parameters.iter().flat_map(|&ty| self.g.scalars(ty)).collect();
        let ty = self.g.types.value_signature(&parameters, &result);
        let closure = self.pointer_of(function);
        let mut values = self.operands(arguments);
        let direct = direct_arguments(&parameters);
        if direct < values.len() {
            let packed = self.g.pack(&values.split_off(direct));
            values.push(packed.into());
        }
        values.insert(0, closure.into());
        let code = self.g.offset(closure, CODE, "code");
        let code = self.g.load_scalar(Content::Code, Scalar::Reference, code, "code").into_pointer_value();
        let call = self.g.builder.call_address(ty, code, &values);
        self.g.attributes.of_yielding_call(call);
        (call, result)
    }
}

impl<'ctx> Generator<'ctx, '_> {
    /// The kinds of the scalars of some of a function's parameters.
    pub(super) fn parameters(&self, function: FunctionId, range: Range<usize>) -> Vec<Scalar> {
        let function = &self.input.program.functions[function];
        let locals = function.locals.iter().take(range.end).skip(range.start);
        locals.flat_map(|local| self.scalars(local.ty)).collect()
    }

    /// The code of closures over `function` that have so many captures, from `start` on.
    fn stub(&mut self, function: FunctionId, captures: usize, start: usize) -> FunctionValue<'ctx> {
        if let Some(&known) = self.stubs.by_function.get(&function) {
            return known;
        }
        let program = self.input.program;
        let parameters = self.parameters(function, captures..program.functions[function].parameter_count);
        let result = self.scalars(program.functions[function].result);
        let ty = self.types.value_signature(&parameters, &result);
        let name = format!("{LINKER_PREFIX}{}.value", program.functions[function].name);
        let value = self.module.add_function(&name, ty, Some(Linkage::Internal));
        value.set_call_conventions(TAILCC);
        self.attributes.of_stub(value);
        self.stubs.by_function.insert(function, value);
        self.stubs.undefined.push((function, captures, start));
        value
    }

    /// Defines the code of all closures.
    pub(super) fn define_stubs(&mut self) {
        for (function, captures, start) in std::mem::take(&mut self.stubs.undefined) {
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
                // The function need not be one of those that may yield, so its frame is not that of its caller.
                DEFERRED_CAPTURES => self.builder.ret(None),
                _ => self.builder.return_call(call),
            }
        }
    }
}
