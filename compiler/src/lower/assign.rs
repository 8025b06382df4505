//! Assignments. The operands of the target, such as `v` and `i` in `v[i] += x`, are evaluated before the value, and
//! only once.

use super::body::Lowering;
use super::body_state::{Computed, Place};
use crate::check::Indexing;
use crate::hir::{self, BinaryOp, ExprId, ExprKind};
use crate::mir::{Operand, Rvalue};
use crate::source::Span;
use crate::types::TypeId;

impl Lowering<'_, '_> {
    /// `target = value`, `target op= value`
    pub fn assign(&mut self, expr: ExprId, target: ExprId, operator: Option<BinaryOp>, value: ExprId) {
        match self.body.exprs[target].kind {
            ExprKind::Local(local) => self.assign_local(local, target, operator, value),
            ExprKind::Field(base, _) => self.assign_field(base, target, operator, value),
            ExprKind::Index(base, index) => self.assign_element(expr, target, [base, index], operator, value),
            ref other => panic!("BUG: {other:?} is assigned"),
        }
    }

    /// Assigns to a variable. For a plain `=` to a variable that is not in a cell, the value is computed directly into
    /// the variable's local. Each path writes the local last, so the expression can still read the old value.
    fn assign_local(
        &mut self,
        local: hir::LocalId,
        target: ExprId,
        operator: Option<BinaryOp>,
        value: ExprId,
    ) {
        let ty = self.type_of_local(local);
        let span = self.span(target);
        if self.instances.is_nothing(ty) {
            return self.lower_into(value, Place::Discard);
        }
        let place = self.place_of(local);
        let in_cell = self.is_in_cell(local);
        if let (None, false, &Operand::Local(place)) = (operator, in_cell, &place) {
            return self.lower_into(value, Place::Local(place));
        }
        let read = if in_cell { Rvalue::ReadCell(place.clone()) } else { Rvalue::Use(place.clone()) };
        let Some(assigned) = self.assigned(operator, read, ty, value, span) else { return };
        match place {
            _ if in_cell => {
                let assigned = self.settle(assigned, ty, span);
                self.graph.push(None, Rvalue::WriteCell(place, assigned), span);
            }
            Operand::Local(place) => self.deliver(assigned, target, Place::Local(place)),
            other => panic!("BUG: {other:?} is no variable"),
        }
    }

    fn assign_field(&mut self, base: ExprId, target: ExprId, operator: Option<BinaryOp>, value: ExprId) {
        let object = self.stable_value(base);
        if !self.graph.is_reachable() {
            return;
        }
        let (field, ty, span) = (self.types.field(target), self.type_of(target), self.span(target));
        let read = Rvalue::Field(object.clone(), 0, field);
        let Some(assigned) = self.assigned(operator, read, ty, value, span) else { return };
        let assigned = self.settle(assigned, ty, span);
        self.graph.push(None, Rvalue::SetField(object, field, assigned), span);
    }

    /// The value to be assigned: `value`, or the result of the operator on `read` and `value`. `None` if the code that
    /// computes the value never completes.
    fn assigned(
        &mut self,
        operator: Option<BinaryOp>,
        read: Rvalue,
        ty: TypeId,
        value: ExprId,
        span: Span,
    ) -> Option<Computed> {
        if !self.graph.is_reachable() {
            return None;
        }
        let assigned = match operator {
            None => Computed::Operand(self.value(value)),
            Some(operator) => {
                let old = match read {
                    // Evaluating a simple value assigns nothing, so this operand needs no copy.
                    Rvalue::Use(operand) if self.is_simple(value) => operand,
                    read => self.settle(Computed::Rvalue(read), ty, span),
                };
                let right = self.value(value);
                self.operation(operator, ty, [old, right], span)
            }
        };
        self.graph.is_reachable().then_some(assigned)
    }

    /// `v[i] = x`, `m[k] = x`. The bounds are checked after the value is computed, because that computation may change
    /// the length.
    fn assign_element(
        &mut self,
        expr: ExprId,
        target: ExprId,
        [base, index]: [ExprId; 2],
        operator: Option<BinaryOp>,
        value: ExprId,
    ) {
        let (base_type, span) = (self.type_of(base), self.span(target));
        let [base, index] = [self.stable_value(base), self.stable_value(index)];
        if !self.graph.is_reachable() {
            return;
        }
        let pair = vec![base.clone(), index.clone()];
        let (old, insert) = match (self.types.indexing(target).clone(), operator) {
            (Indexing::Array | Indexing::Rest(..), _) => panic!("BUG: this element cannot be assigned"),
            (Indexing::Vec, None) => (None, None),
            (Indexing::Vec, Some(_)) => {
                (Some(self.vec_element(base_type, base.clone(), index.clone(), span)), None)
            }
            (Indexing::Method(insert), _) => (None, Some(insert)),
            (Indexing::Update(at, insert), _) => (Some(self.call_with(&at, pair, span)), Some(insert)),
        };
        let ty = self.type_of(value);
        let old = old.map(|old| self.settle(old, ty, span));
        let right = self.value(value);
        if !self.graph.is_reachable() {
            return;
        }
        let new = match (operator, old) {
            (Some(operator), Some(old)) => {
                let new = self.operation(operator, ty, [old, right], span);
                self.settle(new, ty, span)
            }
            _ => right,
        };
        match insert {
            None => self.set_vec_element(base_type, base, index, new, span),
            Some(insert) => {
                let inserted = self.call_with(&insert, vec![base, index, new], span);
                self.deliver(inserted, expr, Place::Discard);
            }
        }
    }
}
