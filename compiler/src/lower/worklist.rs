//! The worklist: starts with the entry point and lowers each reached function once.

use super::impls::Instance;
use super::instances::{Instances, Source};
use super::{Entry, adts, body, closure, derive, entry_point, generators};
use crate::arena::Arena;
use crate::check::Types;
use crate::diagnostics::Diagnostic;
use crate::hir::{ConstantId, FunctionBody, Hir};
use crate::mir::{Function, FunctionId, Program};

/// Lowers the program that starts at `entry`.
pub(super) fn lower(hir: &Hir, types: &Types, entry: Entry<'_>) -> Result<Program, Vec<Diagnostic>> {
    let mut instances = Instances::new(hir, types);
    let started = entry_point::entry(&mut instances, entry);
    let mut functions: Arena<FunctionId, Function> = Arena::new();
    while let Some((id, source)) = instances.next() {
        let mut function = lower_source(&mut instances, &source);
        function.library = hir.is_of_library(function.span.file);
        adts::bound_tuples(&mut instances, &function);
        let lowered = functions.push(function);
        debug_assert_eq!(id, lowered);
        if !instances.errors.is_empty() {
            return Err(instances.errors);
        }
    }
    let main = match started {
        entry_point::Started::Directly(main) => main,
        entry_point::Started::Through(function) => functions.push(function),
    };
    let nominals = adts::collect(&mut instances, &functions)?;
    Ok(instances.finish(functions, nominals, main))
}

/// Lowers a program whose `main` returns the value of a constant. Also returns the computed constants without a value
/// on which the value depends.
pub(super) fn lower_constant(
    hir: &Hir,
    types: &Types,
    constant: ConstantId,
) -> Result<(Program, Vec<ConstantId>), Vec<Diagnostic>> {
    let mut instances = Instances::new(hir, types);
    let main = body::lower_constant(&mut instances, constant);
    let mut functions: Arena<FunctionId, Function> = Arena::new();
    let mut needed = Vec::new();
    while let Some((_, source)) = instances.next() {
        if let Source::Constant(other) = source
            && types.constants[other].is_computed
            && types.constants[other].computed.is_none()
        {
            needed.push(other);
        }
        let mut function = lower_source(&mut instances, &source);
        function.library = hir.is_of_library(function.span.file);
        adts::bound_tuples(&mut instances, &function);
        functions.push(function);
        if !instances.errors.is_empty() {
            return Err(instances.errors);
        }
    }
    let main = functions.push(main);
    let nominals = adts::collect(&mut instances, &functions)?;
    Ok((instances.finish(functions, nominals, main), needed))
}

fn lower_source(instances: &mut Instances<'_>, source: &Source) -> Function {
    match source {
        Source::Function(instance) => lower_instance(instances, instance),
        Source::Generator(instance) => body::lower_function(instances, instance),
        Source::Thread(instance, spawn) => body::lower_thread(instances, instance, *spawn),
        Source::Lambda(instance, lambda) => body::lower_lambda(instances, instance, *lambda),
        Source::Derived(derived, ty) => derive::function(instances, *derived, *ty),
        Source::Variant(ty, variant) => closure::constructor(instances, *ty, *variant),
        Source::Constant(constant) => body::lower_constant(instances, *constant),
    }
}

fn lower_instance(instances: &mut Instances<'_>, instance: &Instance) -> Function {
    let function = &instances.hir.functions[instance.function];
    match &function.body {
        FunctionBody::Weft(_) if function.element.is_some() => generators::maker(instances, instance),
        FunctionBody::Weft(_) => body::lower_function(instances, instance),
        FunctionBody::Foreign(_) | FunctionBody::Intrinsic(_) => closure::wrapper(instances, instance),
        FunctionBody::Required => panic!("BUG: a function without a body is called"),
    }
}
