//! Indexing of arrays, vectors and maps. The bounds check is separate from the access, so that code generation may move
//! the check out of loops.

use weft_abi::library::{VEC_ITEMS, VEC_LENGTH};

use super::body::Lowering;
use super::body_state::{Computed, UNIT};
use crate::check::Indexing;
use crate::hir::{ExprId, ExprKind};
use crate::mir::{BinaryOp, Operand, Rvalue};
use crate::source::Span;
use crate::types::{Type, TypeId};

impl Lowering<'_, '_> {
    /// `base[index]`
    pub fn index(&mut self, expr: ExprId, base: ExprId, index: ExprId) -> Computed {
        let (ty, span) = (self.type_of(base), self.span(expr));
        if let ExprKind::RangeFrom(start) = self.body.exprs[index].kind {
            let range = self.type_of(index);
            return self.rest(expr, base, (start, range));
        }
        let [base, index] = self.pair(base, index);
        if !self.graph.is_reachable() {
            return UNIT;
        }
        match self.types.indexing(expr).clone() {
            Indexing::Array => self.checked_element(base, index, span),
            Indexing::Vec => self.vec_element(ty, base, index, span),
            Indexing::Method(callee) => self.call_with(&callee, vec![base, index], span),
            Indexing::Update(..) | Indexing::Rest(..) => panic!("BUG: this index is not a value"),
        }
    }

    /// `base[start..]`: the slice up to the length that the sequence has after `start` was evaluated
    fn rest(&mut self, expr: ExprId, base: ExprId, (start, range): (ExprId, TypeId)) -> Computed {
        let span = self.span(expr);
        let [base, start] = self.pair(base, start);
        if !self.graph.is_reachable() {
            return UNIT;
        }
        let Indexing::Rest(slice, length) = self.types.indexing(expr).clone() else {
            panic!("BUG: a range without an end is no key")
        };
        let int = self.instances.intern(Type::Int);
        let end = self.call_with(&length, vec![base.clone()], span);
        let end = self.settle(end, int, span);
        let bounds = Rvalue::Construct(range, 0, vec![start, end, Operand::Bool(false)]);
        let bounds = self.settle(Computed::Rvalue(bounds), range, span);
        self.call_with(&slice, vec![base, bounds], span)
    }

    /// Reads an element of an array, after a bounds check.
    pub fn checked_element(&mut self, array: Operand, index: Operand, span: Span) -> Computed {
        let length = self.temporary(Type::Int, Rvalue::Length(array.clone()), span);
        self.graph.push(None, Rvalue::CheckIndex(index.clone(), length), span);
        Computed::Rvalue(Rvalue::Element(array, index))
    }

    pub fn vec_element(&mut self, ty: TypeId, vec: Operand, index: Operand, span: Span) -> Computed {
        let items = self.vec_items(ty, vec, index.clone(), span);
        Computed::Rvalue(Rvalue::Element(items, index))
    }

    /// `vec[index] = value`
    pub fn set_vec_element(&mut self, ty: TypeId, vec: Operand, index: Operand, value: Operand, span: Span) {
        let items = self.vec_items(ty, vec, index.clone(), span);
        self.graph.push(None, Rvalue::SetElement(items, index, value), span);
    }

    /// The array of a vector, after a bounds check of the index.
    fn vec_items(&mut self, ty: TypeId, vec: Operand, index: Operand, span: Span) -> Operand {
        // The array and the length are read before the check, so that LLVM can move these reads out of a loop.
        let items = self.vec_array(ty, vec.clone(), span);
        let length = self.vec_length(vec, span);
        self.graph.push(None, Rvalue::CheckIndex(index, length), span);
        items
    }

    pub fn vec_length(&mut self, vec: Operand, span: Span) -> Operand {
        self.temporary(Type::Int, Rvalue::Field(vec, 0, VEC_LENGTH), span)
    }

    pub fn vec_array(&mut self, ty: TypeId, vec: Operand, span: Span) -> Operand {
        let items = self.instances.field_types(ty, 0)[VEC_ITEMS];
        self.settle(Computed::Rvalue(Rvalue::Field(vec, 0, VEC_ITEMS)), items, span)
    }

    /// `left + right` on arrays
    pub fn joined_arrays(&mut self, ty: TypeId, [left, right]: [Operand; 2], span: Span) -> Computed {
        let lengths =
            [&left, &right].map(|array| self.temporary(Type::Int, Rvalue::Length(array.clone()), span));
        let [first, second] = lengths;
        let sum = Rvalue::Binary(BinaryOp::Add, first.clone(), second.clone());
        let length = self.temporary(Type::Int, sum, span);
        let joined = self.settle(Computed::Rvalue(Rvalue::AllocateArray(ty, length)), ty, span);
        let zero = Operand::Int(0);
        for (from, at, count) in [(left, zero.clone(), first.clone()), (right, first, second)] {
            let copy = Rvalue::CopyElements { to: joined.clone(), at, from, start: zero.clone(), count };
            self.graph.push(None, copy, span);
        }
        Computed::Operand(joined)
    }

    /// Copies `count` elements from index `start` on, all in bounds, into a new array.
    pub fn array_part(
        &mut self,
        ty: TypeId,
        from: Operand,
        [start, count]: [Operand; 2],
        span: Span,
    ) -> Operand {
        let part = self.settle(Computed::Rvalue(Rvalue::AllocateArray(ty, count.clone())), ty, span);
        let copy = Rvalue::CopyElements { to: part.clone(), at: Operand::Int(0), from, start, count };
        self.graph.push(None, copy, span);
        part
    }
}
