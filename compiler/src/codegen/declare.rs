//! Declarations: the signature and the attributes of each function of the program.

use inkwell::module::Linkage;
use inkwell::values::FunctionValue;

use crate::codegen::cx::attributes::TAILCC;
use crate::codegen::cx::inlining::is_wrapper;
use crate::codegen::cx::module::ModuleCx;
use crate::mir::{FrameForm, FunctionId, Inlining, Scalar};
use weft_abi::layout::PROGRAM_PREFIX;

/// Declares a function of the program with its LLVM type, calling convention and attributes.
pub(in crate::codegen) fn declare<'ctx>(cx: &ModuleCx<'ctx, '_>, id: FunctionId) -> FunctionValue<'ctx> {
    let function = &cx.input.program.functions[id];
    let parameters = function.locals.iter().take(function.parameter_count).map(|parameter| parameter.ty);
    let scalars: Vec<Scalar> = parameters.clone().flat_map(|ty| cx.scalars(ty)).collect();
    let ty = cx.types.signature(&scalars, &cx.scalars(function.result));
    let name = format!("{PROGRAM_PREFIX}{}", function.name);
    let value = cx.module.add_function(&name, ty, Some(Linkage::Internal));
    value.set_call_conventions(TAILCC);
    cx.attributes.of_compiled(value);
    cx.describe_references(value, parameters);
    let frame = function.frame.map(|frame| &cx.input.program.frames[frame]);
    if frame.is_some_and(|frame| frame.form == FrameForm::Coroutine) {
        // LLVM splits a coroutine into functions and calls them by ordinary calls, so these functions save registers.
        cx.attributes.of_coroutine(value);
    } else if cx.input.yields.may_yield(id) {
        cx.attributes.of_yielding(value);
    }
    let is_inlined = cx.is_optimised() && function.inlining == Inlining::Always;
    if function.inlining == Inlining::Never {
        cx.attributes.of_outer(value);
    } else if is_wrapper(function) || is_inlined {
        cx.attributes.of_wrapper(value);
    }
    value
}
