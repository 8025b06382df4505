//! Calls of functions, methods, function values and the prelude's builtins, and spawns.

use weft_abi::{PanicKind, RuntimeFunction};

use super::body::Lowering;
use super::body_state::{Computed, Place, UNIT};
use super::impls::{Instance, Resolved};
use super::instances::Source;
use crate::check::Callee;
use crate::hir::{self, Builtin, ExprId, ExprKind, FunctionBody, Spawn, SpawnId};
use crate::mir::{GeneratorOp, Operand, Rvalue, TerminatorKind};
use crate::source::Span;
use crate::types::TypeId;

impl Lowering<'_, '_> {
    /// The callee, with its type arguments made concrete.
    pub fn instance_of(&mut self, callee: &Callee) -> Instance {
        let arguments = callee.arguments.iter().map(|&ty| self.concrete(ty)).collect();
        Instance { function: callee.function, arguments }
    }

    /// Lowers a call of the callee that the checker found for this expression.
    pub fn call(&mut self, expr: ExprId, arguments: &[ExprId]) -> Computed {
        let values = self.values(arguments);
        if !self.graph.is_reachable() {
            return UNIT;
        }
        let callee = self.types.callee(expr).expect("BUG: a call without a callee").clone();
        self.call_with(&callee, values, self.span(expr))
    }

    /// Lowers a call with values that are already computed.
    pub fn call_with(&mut self, callee: &Callee, values: Vec<Operand>, span: Span) -> Computed {
        if !self.graph.is_reachable() {
            return UNIT;
        }
        let instance = self.instance_of(callee);
        match self.instances.resolve(instance) {
            Resolved::Derived(derived, ty) => self.derived_call(derived, ty, values, span),
            Resolved::Function(instance) => self.call_instance(instance, values, span),
        }
    }

    pub fn call_instance(&mut self, instance: Instance, values: Vec<Operand>, span: Span) -> Computed {
        match &self.instances.hir.functions[instance.function].body {
            FunctionBody::Weft(_) if self.instances.hir.functions[instance.function].element.is_some() => {
                let body = self.instances.function(Source::Generator(instance));
                Computed::Rvalue(Rvalue::Generator(GeneratorOp::New(body), values))
            }
            FunctionBody::Weft(_) => {
                Computed::Rvalue(Rvalue::Call(self.instances.function(Source::Function(instance)), values))
            }
            FunctionBody::Foreign(_) => {
                Computed::Rvalue(Rvalue::Foreign(self.instances.foreign(instance.function), values))
            }
            FunctionBody::Intrinsic(intrinsic) => self.intrinsic(*intrinsic, &instance, values, span),
            FunctionBody::Required => panic!("BUG: a function without a body is called"),
        }
    }

    /// Delivers the value of a call as the function's result. The call becomes a tail call if its type is the
    /// function's result type.
    pub fn call_last(&mut self, computed: Computed, expr: ExprId) {
        let ty = self.type_of(expr);
        let kind = match computed {
            Computed::Rvalue(Rvalue::Call(callee, arguments)) if ty == self.result => {
                TerminatorKind::TailCall(callee, arguments)
            }
            Computed::Rvalue(Rvalue::CallValue(callee, arguments)) if ty == self.result => {
                TerminatorKind::TailCallValue(callee, arguments)
            }
            other => return self.deliver(other, expr, Place::Return),
        };
        self.graph.end(kind, self.span(expr));
    }

    /// `f(x)` where `f` is a value
    pub fn call_value(&mut self, function: ExprId, arguments: &[ExprId]) -> Computed {
        if let (&ExprKind::Local(local), Some((itself, lambda))) =
            (&self.body.exprs[function].kind, self.itself)
            && local == itself
        {
            return self.call_itself(lambda, arguments);
        }
        let exprs: Vec<ExprId> = std::iter::once(function).chain(arguments.iter().copied()).collect();
        let mut values = self.values(&exprs);
        if !self.graph.is_reachable() {
            return UNIT;
        }
        let function = values.remove(0);
        Computed::Rvalue(Rvalue::CallValue(function, values))
    }

    /// `x.name(...)`: calls a method, or a function in a field.
    pub fn call_method(&mut self, expr: ExprId, receiver: ExprId, arguments: &[ExprId]) -> Computed {
        let exprs: Vec<ExprId> = std::iter::once(receiver).chain(arguments.iter().copied()).collect();
        let span = self.span(expr);
        let mut values = self.values(&exprs);
        if !self.graph.is_reachable() {
            return UNIT;
        }
        if let Some(callee) = self.types.callee(expr).cloned() {
            return self.call_with(&callee, values, span);
        }
        let (field, ty) = (self.types.field(expr), self.type_of(receiver));
        let function_type = self.instances.field_types(ty, 0)[field];
        let receiver = values.remove(0);
        let function = self.settle(Computed::Rvalue(Rvalue::Field(receiver, 0, field)), function_type, span);
        Computed::Rvalue(Rvalue::CallValue(function, values))
    }

    pub fn call_builtin(&mut self, expr: ExprId, builtin: Builtin, arguments: &[ExprId]) -> Computed {
        let span = self.span(expr);
        let types: Vec<TypeId> = arguments.iter().map(|&argument| self.type_of(argument)).collect();
        let values = self.values(arguments);
        if !self.graph.is_reachable() {
            return UNIT;
        }
        let output = match builtin {
            Builtin::Print => RuntimeFunction::Print,
            Builtin::PrintLine => RuntimeFunction::PrintLine,
            Builtin::Eprint => RuntimeFunction::Eprint,
            Builtin::EprintLine => RuntimeFunction::EprintLine,
            Builtin::Panic => return self.diverge(RuntimeFunction::Panic, values, span),
            Builtin::Exit => return self.diverge(RuntimeFunction::Exit, values, span),
            Builtin::Args => {
                return Computed::Rvalue(Rvalue::Runtime(RuntimeFunction::Arguments, Vec::new()));
            }
            Builtin::Assert => return self.assert(values[0].clone(), span),
            Builtin::AssertEq => return self.assert_equal(types[0], values, span),
            Builtin::Same => {
                let [left, right] = [values[0].clone(), values[1].clone()];
                return Computed::Rvalue(Rvalue::Same(left, right));
            }
        };
        let text = self.text(values[0].clone(), types[0], span);
        Computed::Rvalue(Rvalue::Runtime(output, vec![text]))
    }

    fn diverge(&mut self, function: RuntimeFunction, arguments: Vec<Operand>, span: Span) -> Computed {
        self.graph.end(TerminatorKind::Diverge(function, arguments), span);
        UNIT
    }

    fn assert(&mut self, condition: Operand, span: Span) -> Computed {
        let [holds, fails] = [self.graph.block(), self.graph.block()];
        let branch = TerminatorKind::Branch { condition, then_block: holds, else_block: fails };
        self.graph.end(branch, span);
        self.graph.enter(fails);
        self.graph.end(TerminatorKind::Panic(PanicKind::Assert), span);
        self.graph.enter(holds);
        UNIT
    }

    /// Lowers a `spawn`; its arguments are evaluated before the thread starts. A thread that only calls a function with
    /// these arguments starts in that function.
    pub fn spawn(&mut self, id: SpawnId) -> Computed {
        let spawn = &self.body.spawns[id];
        let values: Vec<_> = spawn.arguments.iter().map(|&(_, value)| value).collect();
        let values = self.values(&values);
        if !self.graph.is_reachable() {
            return UNIT;
        }
        let source = match self.called_directly(spawn) {
            Some(instance) => Source::Function(instance),
            None => Source::Thread(self.instance.clone(), id),
        };
        Computed::Rvalue(Rvalue::Spawn(self.instances.function(source), values))
    }

    /// The function that the thread calls, if the thread does nothing else and passes exactly the arguments of the
    /// `spawn`.
    fn called_directly(&mut self, spawn: &Spawn) -> Option<Instance> {
        let ExprKind::Call(_, arguments) = &self.body.exprs[spawn.body].kind else { return None };
        let passed = |(&argument, &(local, _)): (&ExprId, &(hir::LocalId, ExprId))| {
            self.body.exprs[argument].kind == ExprKind::Local(local)
        };
        let same =
            arguments.len() == spawn.arguments.len() && arguments.iter().zip(&spawn.arguments).all(passed);
        let callee = self.types.callee(spawn.body)?.clone();
        let instance = self.instance_of(&callee);
        let function = &self.instances.hir.functions[instance.function];
        let is_plain = function.owner == hir::Owner::Module && function.body.weft().is_some();
        (same && is_plain).then_some(instance)
    }
}
