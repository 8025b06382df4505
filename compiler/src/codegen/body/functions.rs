//! Functions: statements in order, calls, and terminators.

use inkwell::values::CallSiteValue;

use crate::codegen::cx::function::{Exit, FunctionCx};
use crate::codegen::cx::inlining::is_operation;
use crate::codegen::cx::module::ModuleCx;
use crate::codegen::cx::types::Values;
use crate::mir::{BlockId, FunctionId, Operand, Terminator, TerminatorKind};

/// Generates the body of a declared function.
pub(in crate::codegen) fn define(cx: &mut ModuleCx<'_, '_>, id: FunctionId) {
    let function = &cx.input.program.functions[id];
    let mut body = FunctionCx::begin(cx, id);
    for (id, block) in function.blocks.iter_enumerated() {
        body.cx.builder.at_end(body.blocks[id]);
        for (index, statement) in block.statements.iter().enumerate() {
            body.at(id, index, statement.span);
            body.statement(statement);
        }
        body.at(id, block.statements.len(), block.terminator.span);
        body.terminator(&block.terminator);
    }
}

impl<'ctx> FunctionCx<'_, 'ctx, '_> {
    fn direct_call(&mut self, function: FunctionId, arguments: &[Operand]) -> CallSiteValue<'ctx> {
        let arguments = self.operands(arguments);
        let call = self.cx.builder.call(self.cx.functions[function], &arguments, "");
        if self.is_called() {
            self.cx.attributes.of_outer_call(call);
        }
        call
    }

    /// Calls a function of the program; returns the scalars of the result.
    pub(in crate::codegen) fn call(&mut self, function: FunctionId, arguments: &[Operand]) -> Values<'ctx> {
        let call = self.direct_call(function, arguments);
        let result = self.cx.scalars(self.cx.input.program.functions[function].result);
        self.cx.results(call, &result)
    }

    fn terminator(&mut self, terminator: &Terminator) {
        match &terminator.kind {
            TerminatorKind::Goto(target) => self.cx.builder.jump(self.blocks[*target]),
            TerminatorKind::Branch { condition, then_block, else_block } => {
                let condition = self.int_of(condition);
                self.cx.builder.branch(condition, self.blocks[*then_block], self.blocks[*else_block]);
            }
            TerminatorKind::Switch { value, targets, otherwise } => {
                let value = self.int_of(value);
                let case = |&(number, target): &(i64, BlockId)| {
                    (value.get_type().const_int(number as u64, true), self.blocks[target])
                };
                let cases: Vec<_> = targets.iter().map(case).collect();
                self.cx.builder.switch(value, self.blocks[*otherwise], &cases);
            }
            TerminatorKind::Return(_) if self.coroutine.is_some() => self.finish_coroutine(),
            TerminatorKind::Return(value) => {
                let values = self.operand(value);
                self.return_together(&values);
            }
            TerminatorKind::TailCall(function, arguments)
                if self.is_called() && is_operation(&self.cx.input.program.functions[*function]) =>
            {
                // The callee is a library function that calls no function of the program, so the stack stays bounded
                // even without a tail call. With an ordinary call, a panic in the callee is reported at this function.
                let values = self.call(*function, arguments);
                self.return_together(&values);
            }
            TerminatorKind::TailCall(function, arguments) => {
                let call = self.direct_call(*function, arguments);
                self.cx.builder.return_call(call);
            }
            TerminatorKind::TailCallValue(function, arguments) => {
                let (call, _) = self.call_of_value(function, arguments);
                self.cx.builder.return_call(call);
            }
            TerminatorKind::Panic(kind) => self.panic_kind(*kind),
            TerminatorKind::Diverge(function, arguments) => {
                self.call_runtime(*function, arguments);
                self.cx.builder.unreachable();
            }
            TerminatorKind::Unreachable => self.cx.builder.unreachable(),
        }
    }

    /// Returns the scalars `values`. If there are several, all returns of the function share one block, with a phi for
    /// each scalar: at two returns of an option, LLVM would make a phi of two structures, and would not notice in a
    /// caller that inlines the function that `Some` is known at one of them, and `None` at the other.
    fn return_together(&mut self, values: &Values<'ctx>) {
        if values.len() < 2 || !self.cx.is_optimised() {
            return self.cx.return_values(values, &self.result);
        }
        let from = self.cx.builder.current_block();
        if self.exit.is_none() {
            let block = self.block("exit");
            self.cx.builder.at_end(block);
            let phis: Vec<_> = values.iter().map(|value| self.cx.builder.phi(value.get_type())).collect();
            let merged: Vec<_> = phis.iter().map(|phi| phi.as_basic_value()).collect();
            self.cx.return_values(&merged, &self.result);
            self.exit = Some(Exit { block, phis });
            self.cx.builder.at_end(from);
        }
        let exit = self.exit.as_ref().expect("BUG: the exit was not made");
        for (phi, value) in exit.phis.iter().zip(values) {
            phi.add_incoming(&[(value, from)]);
        }
        self.cx.builder.jump(exit.block);
    }
}
