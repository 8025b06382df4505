//! Calls: of the program's functions, of the prelude's, and of methods; and spawns.

use weft_abi::{PanicKind, RuntimeFunction};

use super::body::{Computed, Lowering};
use super::program::Source;
use crate::check::Method;
use crate::hir::{self, Builtin, ExprId, ExprKind, Spawn, SpawnId};
use crate::mir::{BinaryOp, Operand, Rvalue, TerminatorKind, UnaryOp};
use crate::source::Span;
use crate::types::Type;

const UNREACHABLE: Computed = Computed::Operand(Operand::Unit);

impl Lowering<'_, '_> {
    pub fn call(&mut self, function: hir::FunctionId, arguments: &[ExprId]) -> Computed {
        let arguments = self.values(arguments);
        if !self.graph.is_reachable() {
            return UNREACHABLE;
        }
        Computed::Rvalue(Rvalue::Call(self.programme.function(Source::Function(function)), arguments))
    }

    /// A call whose value is the function's result: a tail call, unless its type is another.
    pub fn call_last(&mut self, expr: ExprId, function: hir::FunctionId, arguments: &[ExprId]) {
        match self.call(function, arguments) {
            Computed::Rvalue(Rvalue::Call(callee, arguments))
                if self.programme.result(function) == self.result =>
            {
                self.graph.end(TerminatorKind::TailCall(callee, arguments), self.span(expr));
            }
            other => self.deliver(other, expr, super::body::Place::Return),
        }
    }

    pub fn call_builtin(&mut self, expr: ExprId, builtin: Builtin, arguments: &[ExprId]) -> Computed {
        let span = self.span(expr);
        let values = self.values(arguments);
        if !self.graph.is_reachable() {
            return UNREACHABLE;
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
            Builtin::AssertEq => return self.assert_equal(arguments[0], values, span),
        };
        let text = self.text(values[0].clone(), arguments[0], span);
        Computed::Rvalue(Rvalue::Runtime(output, vec![text]))
    }

    fn diverge(&mut self, function: RuntimeFunction, arguments: Vec<Operand>, span: Span) -> Computed {
        self.graph.end(TerminatorKind::Diverge(function, arguments), span);
        UNREACHABLE
    }

    fn assert(&mut self, condition: Operand, span: Span) -> Computed {
        let [holds, fails] = [self.graph.block(), self.graph.block()];
        let branch = TerminatorKind::Branch { condition, then_block: holds, else_block: fails };
        self.graph.end(branch, span);
        self.graph.enter(fails);
        self.graph.end(TerminatorKind::Panic(PanicKind::Assert), span);
        self.graph.enter(holds);
        Computed::Operand(Operand::Unit)
    }

    /// `left` tells the type of both.
    fn assert_equal(&mut self, left: ExprId, values: Vec<Operand>, span: Span) -> Computed {
        let equal = match self.ty(left) {
            Type::Unit => return Computed::Operand(Operand::Unit),
            Type::String => Rvalue::Runtime(RuntimeFunction::StringEqual, values.clone()),
            Type::Bool | Type::Int | Type::Float | Type::Task(_) | Type::Array(_) | Type::Never => {
                Rvalue::Binary(BinaryOp::Equal, values[0].clone(), values[1].clone())
            }
        };
        let condition = self.temporary(Type::Bool, equal, span);
        let [holds, fails] = [self.graph.block(), self.graph.block()];
        self.graph.end(TerminatorKind::Branch { condition, then_block: holds, else_block: fails }, span);
        self.graph.enter(fails);
        let texts = values.into_iter().map(|value| self.text(value, left, span)).collect();
        self.graph.end(TerminatorKind::Diverge(RuntimeFunction::PanicNotEqual, texts), span);
        self.graph.enter(holds);
        Computed::Operand(Operand::Unit)
    }

    pub fn call_method(&mut self, expr: ExprId, receiver: ExprId, arguments: &[ExprId]) -> Computed {
        let span = self.span(expr);
        debug_assert!(arguments.is_empty(), "BUG: no method takes arguments yet");
        let value = self.value(receiver);
        if !self.graph.is_reachable() {
            return UNREACHABLE;
        }
        Computed::Rvalue(match self.types.method(expr) {
            Method::IntToFloat => Rvalue::Unary(UnaryOp::IntToFloat, value),
            Method::FloatToInt => Rvalue::Unary(UnaryOp::FloatToInt, value),
            Method::ToString => return Computed::Operand(self.text(value, receiver, span)),
            Method::Length => Rvalue::Length(value),
            Method::IsEmpty => {
                let length = self.temporary(Type::Int, Rvalue::Length(value), span);
                Rvalue::Binary(BinaryOp::Equal, length, Operand::Int(0))
            }
            Method::Join => Rvalue::Join(value),
            Method::IsDone => Rvalue::IsDone(value),
            Method::TaskId => Rvalue::TaskId(value),
        })
    }

    /// The arguments are evaluated here. A thread that only calls a function with them starts in that function.
    pub fn spawn(&mut self, id: SpawnId) -> Computed {
        let spawn = &self.body.spawns[id];
        let values: Vec<_> = spawn.arguments.iter().map(|&(_, value)| value).collect();
        let values = self.values(&values);
        if !self.graph.is_reachable() {
            return UNREACHABLE;
        }
        let source = match self.called_directly(spawn) {
            Some(function) => Source::Function(function),
            None => Source::Thread(self.function, id),
        };
        Computed::Rvalue(Rvalue::Spawn(self.programme.function(source), values))
    }

    /// The function that a thread calls with just what it was given, if that is all it does.
    fn called_directly(&self, spawn: &Spawn) -> Option<hir::FunctionId> {
        let ExprKind::Call(function, arguments) = &self.body.exprs[spawn.body].kind else { return None };
        let passed = |(&argument, &(local, _)): (&ExprId, &(hir::LocalId, ExprId))| {
            self.body.exprs[argument].kind == ExprKind::Local(local)
        };
        let same =
            arguments.len() == spawn.arguments.len() && arguments.iter().zip(&spawn.arguments).all(passed);
        same.then_some(*function)
    }
}
