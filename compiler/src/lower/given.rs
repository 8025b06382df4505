//! Arms that are only a constant: a `match` with thousands of such arms becomes a table, not thousands of blocks.

use std::collections::HashMap;
use std::rc::Rc;

use super::body::Lowering;
use super::body_state::{Computed, Given, Giving, Place};
use crate::hir::{Arm, ExprId, ExprKind};
use crate::mir::{BlockId, Operand, Rvalue};
use crate::types::Type;

impl Lowering<'_, '_> {
    /// The constant that is an arm's value, if the arm does nothing else.
    pub fn given_by(&mut self, arm: &Arm) -> Option<Operand> {
        let value = &self.body.exprs[arm.body].kind;
        let is_constant = matches!(
            value,
            ExprKind::Bool(_)
                | ExprKind::Int(_)
                | ExprKind::Float(_)
                | ExprKind::Char(_)
                | ExprKind::Byte(_)
                | ExprKind::String(_)
        );
        (is_constant && arm.guard.is_none() && !self.binds(arm.pattern)).then(|| self.value(arm.body))
    }

    /// Records the blocks of this `match` that do nothing but store a constant, and the place that receives the
    /// constant. Replaces the blocks and the place of the previous `match`.
    pub fn gives(
        &mut self,
        of: HashMap<BlockId, Operand>,
        (expr, place): (ExprId, Place),
        meeting: &mut Option<BlockId>,
    ) {
        self.given = Given(None);
        if !of.is_empty() {
            let meeting = *meeting.get_or_insert_with(|| self.graph.block());
            self.given = Given(Some(Rc::new(Giving { of, expr, place, meeting })));
        }
    }

    /// Stores the element at index `at` of an array of `values` as the value of the `match`, and jumps to its end.
    pub fn give(&mut self, values: Vec<Operand>, at: Operand) {
        let giving = self.given.0.clone().expect("BUG: nothing is given");
        let (ty, span) = (self.type_of(giving.expr), self.span(giving.expr));
        let array = self.instances.intern(Type::Array(ty));
        let table = self.settle(Computed::Rvalue(Rvalue::NewArray(array, values)), array, span);
        self.deliver(Computed::Rvalue(Rvalue::Element(table, at)), giving.expr, giving.place);
        self.graph.goto(giving.meeting, span);
    }
}
