//! The function context: a function of the program while its body is generated.

use std::collections::HashMap;

use inkwell::basic_block::BasicBlock;
use inkwell::debug_info::{DILocation, DISubprogram};
use inkwell::values::{BasicValueEnum, FunctionValue, IntValue, PhiValue, PointerValue};
use weft_abi::layout::ENTRY_SUFFIX;

use crate::arena::{Arena, Id};
use crate::codegen::cx::builder;
use crate::codegen::cx::inlining::Place;
use crate::codegen::cx::input::variable_name;
use crate::codegen::cx::module::ModuleCx;
use crate::codegen::cx::types::Values;
use crate::mir::{BlockId, Function, FunctionId, InlinedId, LocalId, Operand, Scalar};
use crate::source::Span;
use crate::types::{Type, TypeId};

/// The name of the program's `main` in its source.
const MAIN: &str = "main";

/// A function while its body is generated.
pub(in crate::codegen) struct FunctionCx<'m, 'ctx, 'a> {
    pub(in crate::codegen) cx: &'m mut ModuleCx<'ctx, 'a>,
    pub(in crate::codegen) function: &'a Function,
    value: FunctionValue<'ctx>,
    scope: DISubprogram<'ctx>,
    /// The stack slots of each local's scalars. `mem2reg` turns the slots into SSA values.
    locals: Arena<LocalId, Vec<(Scalar, PointerValue<'ctx>)>>,
    /// The locals with a single assignment, and their values if these are constants.
    constants: HashMap<LocalId, Option<Values<'ctx>>>,
    /// The scalars of the function's result.
    pub(in crate::codegen) result: Vec<Scalar>,
    /// The function's blocks.
    pub(in crate::codegen) blocks: Arena<BlockId, BasicBlock<'ctx>>,
    /// The statement or terminator that is being generated.
    place: Place,
    span: Span,
    /// The inlined bodies of other functions: for each, the description of the function and the location of the call.
    inlined: Arena<InlinedId, InlinedScope<'ctx>>,
    /// The coroutine, once it has begun; `None` in other functions.
    pub(in crate::codegen) coroutine: Option<Coroutine<'ctx>>,
    /// The block that all returns of several scalars share; `None` before the first.
    pub(in crate::codegen) exit: Option<Exit<'ctx>>,
}

/// The block in which a function returns a result of several scalars, with a phi for each scalar.
pub(in crate::codegen) struct Exit<'ctx> {
    pub(in crate::codegen) block: BasicBlock<'ctx>,
    pub(in crate::codegen) phis: Vec<PhiValue<'ctx>>,
}

/// A coroutine of LLVM, while its body is generated.
#[derive(Clone, Copy)]
pub(in crate::codegen) struct Coroutine<'ctx> {
    /// The block that returns from the function that makes the generator, or from a resumption.
    pub(in crate::codegen) returns: BasicBlock<'ctx>,
    /// The block with the last suspension; `None` until the first `return` adds the block.
    pub(in crate::codegen) last: Option<BasicBlock<'ctx>>,
}

/// An inlined body of another function.
struct InlinedScope<'ctx> {
    function: DISubprogram<'ctx>,
    declared: Span,
    call: DILocation<'ctx>,
}

/// The locals, other than parameters, to which exactly one statement assigns. Every use of such a local reads the value
/// of that statement.
fn assigned_once<'ctx>(function: &Function) -> HashMap<LocalId, Option<Values<'ctx>>> {
    let mut once = HashMap::new();
    let mut often: Vec<LocalId> = function.locals.ids().take(function.parameter_count).collect();
    let statements = function.blocks.iter().flat_map(|block| &block.statements);
    for local in statements.filter_map(|statement| statement.destination) {
        if once.insert(local, None).is_some() {
            often.push(local);
        }
    }
    often.iter().for_each(|local| {
        once.remove(local);
    });
    once
}

impl<'m, 'ctx, 'a> FunctionCx<'m, 'ctx, 'a> {
    /// Begins the body of a declared function: creates all its blocks and the slots of its locals, and stores the
    /// parameters.
    pub(in crate::codegen) fn begin(cx: &'m mut ModuleCx<'ctx, 'a>, id: FunctionId) -> Self {
        let function = &cx.input.program.functions[id];
        let value = cx.functions[id];
        // The compiler may generate a function around the program's `main`. Stack traces omit that function.
        let is_around_main = id == cx.input.program.main && function.name != MAIN;
        let name = format!("{}{}", function.name, if is_around_main { ENTRY_SUFFIX } else { "" });
        let scope = cx.debug.describe(value, &name, function.span, cx.input.sources);
        let entry = cx.context.append_basic_block(value, "entry");
        let named = |block: BlockId| cx.context.append_basic_block(value, &block.to_string());
        let blocks = function.blocks.ids().map(named).collect();
        cx.allocations = 0;
        let span = function.span;
        let result = cx.scalars(function.result);
        let place = Place { function: id, block: BlockId::new(0), index: 0 };
        let (locals, constants) = (Arena::new(), assigned_once(function));
        let mut body = FunctionCx {
            cx,
            function,
            value,
            scope,
            locals,
            constants,
            result,
            blocks,
            place,
            span,
            inlined: Arena::new(),
            coroutine: None,
            exit: None,
        };
        body.describe_inlined();
        body.set_span(span);
        body.cx.builder.at_end(entry);
        body.place_locals();
        body.cx.builder.jump(body.blocks[BlockId::new(0)]);
        body
    }
}

impl<'m, 'ctx, 'a> FunctionCx<'m, 'ctx, 'a> {
    /// The context of a function that the compiler adds. The builder is in the function's first block; the function has
    /// no MIR locals and no MIR blocks.
    pub(in crate::codegen) fn of_added(
        cx: &'m mut ModuleCx<'ctx, 'a>,
        id: FunctionId,
        value: FunctionValue<'ctx>,
    ) -> Self {
        let function = &cx.input.program.functions[id];
        let scope = value.get_subprogram().expect("BUG: a function is not described");
        let place = Place { function: id, block: BlockId::new(0), index: 0 };
        let (locals, constants, result, blocks) = (Arena::new(), HashMap::new(), Vec::new(), Arena::new());
        FunctionCx {
            cx,
            function,
            value,
            scope,
            locals,
            constants,
            result,
            blocks,
            place,
            span: function.span,
            inlined: Arena::new(),
            coroutine: None,
            exit: None,
        }
    }
}

impl<'ctx> FunctionCx<'_, 'ctx, '_> {
    /// Sets the current place: a statement, or the terminator, which is numbered after all statements.
    pub(in crate::codegen) fn at(&mut self, block: BlockId, index: usize, span: Span) {
        self.place = Place { block, index, ..self.place };
        self.set_span(span);
    }

    fn set_span(&mut self, span: Span) {
        self.span = span;
        let inlined = self.function.blocks[self.place.block].inlined;
        let location = self.location(span, inlined);
        self.cx.builder.set_location(Some(location));
    }

    /// The location of `span` in the function, or in a body that is inlined in it. A location must be in the file of
    /// its function.
    fn location(&self, span: Span, inlined: Option<InlinedId>) -> DILocation<'ctx> {
        let (function, declared, call) = match inlined.map(|id| &self.inlined[id]) {
            Some(scope) => (scope.function, scope.declared, Some(scope.call)),
            None => (self.scope, self.function.span, None),
        };
        let span = if span.file == declared.file { span } else { declared };
        self.cx.debug.location(function, span, call, self.cx.input.sources)
    }

    /// Describes the bodies of other functions that are inlined in this function.
    fn describe_inlined(&mut self) {
        for inlined in self.function.inlined.iter() {
            let (name, declared) = (&inlined.name, inlined.declared);
            let function = self.cx.debug.declared(name, declared, self.cx.input.sources);
            let call = self.location(inlined.call, inlined.caller);
            self.inlined.push(InlinedScope { function, declared, call });
        }
    }

    /// The `Site` of the current place.
    pub(in crate::codegen) fn site(&mut self) -> PointerValue<'ctx> {
        self.cx.site(self.span)
    }

    /// A new block at the end of this function.
    pub(in crate::codegen) fn block(&self, name: &str) -> BasicBlock<'ctx> {
        self.cx.context.append_basic_block(self.value, name)
    }

    /// Creates the slots of every local and stores the parameters.
    fn place_locals(&mut self) {
        let (cx, function) = (&*self.cx, self.function);
        let mut parameters = self.value.get_param_iter();
        let mut locals = Arena::new();
        for (id, local) in function.locals.iter_enumerated() {
            let name = local.name.clone().unwrap_or_else(|| id.to_string());
            let place = |scalar| (scalar, cx.builder.alloca(cx.types.scalar(scalar), &name));
            let places: Vec<_> = cx.scalars(local.ty).into_iter().map(place).collect();
            if id.raw() < function.parameter_count {
                for (_, place) in &places {
                    let parameter = parameters.next().expect("BUG: fewer parameters than declared");
                    parameter.set_name(&name);
                    cx.builder.store(*place, parameter);
                }
            }
            locals.push(places);
        }
        self.locals = locals;
        if self.cx.input.variables {
            self.describe_locals();
        }
    }

    /// Describes the locals in the debug information.
    fn describe_locals(&self) {
        let (location, block) = (self.location(self.function.span, None), self.cx.builder.current_block());
        for (id, places) in self.locals.iter_enumerated() {
            for (scalar, (_, slot)) in places.iter().enumerate() {
                let name = variable_name(self.place.function, id, scalar);
                self.cx.debug.variable(&name, *slot, self.scope, location, block);
            }
        }
    }

    /// Assigns scalars to a local.
    pub(in crate::codegen) fn assign(&mut self, local: LocalId, values: &[BasicValueEnum<'ctx>]) {
        let places = &self.locals[local];
        assert_eq!(places.len(), values.len(), "BUG: {local} and its value differ in type");
        if let Some(constant) = self.constants.get_mut(&local)
            && values.iter().all(builder::is_constant)
        {
            *constant = Some(values.to_vec());
        }
        for (&(_, place), &value) in places.iter().zip(values) {
            self.cx.builder.store(place, value);
        }
    }

    /// The scalars of an operand.
    pub(in crate::codegen) fn operand(&mut self, operand: &Operand) -> Values<'ctx> {
        let types = self.cx.types;
        let constant = match operand {
            Operand::Local(local) => {
                if let Some(Some(constant)) = self.constants.get(local) {
                    return constant.clone();
                }
                let load = |&(scalar, place)| self.cx.builder.load(types.scalar(scalar), place, "");
                return self.locals[*local].iter().map(load).collect();
            }
            Operand::Unit => return Vec::new(),
            Operand::Bool(value) => types.bool.const_int((*value).into(), false).into(),
            Operand::Int(value) => types.word.const_int(*value as u64, true).into(),
            Operand::Float(value) => types.double.const_float(*value).into(),
            Operand::Char(value) => types.i32.const_int((*value).into(), false).into(),
            Operand::Byte(value) => types.byte.const_int((*value).into(), false).into(),
            Operand::String(id) => self.cx.string(&self.cx.input.program.strings[*id]).into(),
            Operand::Bytes(id) => self.cx.byte_array(*id).into(),
        };
        vec![constant]
    }

    /// The value of an operand that has exactly one scalar.
    pub(in crate::codegen) fn value_of(&mut self, operand: &Operand) -> BasicValueEnum<'ctx> {
        match self.operand(operand)[..] {
            [value] => value,
            ref values => panic!("BUG: {operand:?} has {} scalars", values.len()),
        }
    }

    pub(in crate::codegen) fn int_of(&mut self, operand: &Operand) -> IntValue<'ctx> {
        self.value_of(operand).into_int_value()
    }

    pub(in crate::codegen) fn pointer_of(&mut self, operand: &Operand) -> PointerValue<'ctx> {
        self.value_of(operand).into_pointer_value()
    }

    /// The scalars of all operands, one after the other.
    pub(in crate::codegen) fn operands(&mut self, operands: &[Operand]) -> Values<'ctx> {
        operands.iter().flat_map(|operand| self.operand(operand)).collect()
    }

    /// The type of an operand, which must be a local.
    pub(in crate::codegen) fn type_of(&self, operand: &Operand) -> TypeId {
        let Operand::Local(local) = operand else { panic!("BUG: {operand:?} is no local") };
        self.function.locals[*local].ty
    }

    /// The structure of an operand's type.
    pub(in crate::codegen) fn shape_of(&self, operand: &Operand) -> &Type {
        self.cx.input.program.types.get(self.type_of(operand))
    }

    /// The scalars that an operand consists of.
    pub(in crate::codegen) fn scalars_of(&self, operand: &Operand) -> Vec<Scalar> {
        let constant = match operand {
            Operand::Local(local) => return self.cx.scalars(self.function.locals[*local].ty),
            Operand::Unit => return Vec::new(),
            Operand::Bool(_) => Scalar::Bool,
            Operand::Int(_) => Scalar::Int,
            Operand::Float(_) => Scalar::Float,
            Operand::Char(_) => Scalar::Char,
            Operand::Byte(_) => Scalar::Byte,
            Operand::String(_) | Operand::Bytes(_) => Scalar::Reference,
        };
        vec![constant]
    }

    /// Whether the current place calls the outlined copy of its fast path.
    pub(in crate::codegen) fn is_called(&self) -> bool {
        self.cx.inlining.is_called(self.place)
    }
}
