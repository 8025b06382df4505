//! Patterns: what they test, and what they bind on the way.

use super::body::{Computed, Lowering};
use crate::check::Value;
use crate::hir::{self, Literal, PatternId, PatternKind};
use crate::mir::{BinaryOp, BlockId, Operand, Rvalue, TerminatorKind};
use crate::source::Span;
use crate::types::{Type, TypeId};

impl Lowering<'_, '_> {
    /// Binds what an irrefutable pattern names.
    pub fn bind_pattern(&mut self, pattern: PatternId, value: Operand, ty: TypeId) {
        let mut elsewhere = None;
        self.test(pattern, value, ty, &mut elsewhere);
        if let Some(elsewhere) = elsewhere {
            // The checker knows that this is never reached.
            let span = self.body.patterns[pattern].span;
            let here = self.graph.block();
            self.graph.goto(here, span);
            self.graph.enter(elsewhere);
            self.graph.end(TerminatorKind::Unreachable, span);
            self.graph.enter(here);
        }
    }

    /// Tests a value: where it matches the place that follows is reached, with the pattern's variables bound; where it
    /// does not, `otherwise`, which is made when the first test needs it.
    pub fn test(&mut self, pattern: PatternId, value: Operand, ty: TypeId, otherwise: &mut Option<BlockId>) {
        let body = self.body;
        let hir::Pattern { kind, span } = &body.patterns[pattern];
        let span = *span;
        match kind {
            PatternKind::Error => panic!("BUG: a pattern with an error is lowered"),
            PatternKind::Wildcard | PatternKind::Unit => {}
            PatternKind::Bind(local) => self.bind_local(*local, value, span),
            PatternKind::As(inner, local) => {
                self.test(*inner, value.clone(), ty, otherwise);
                self.bind_local(*local, value, span);
            }
            PatternKind::Literal(literal) => {
                let literal = self.literal(literal);
                self.test_equal(value, literal, ty, span, otherwise);
            }
            PatternKind::Constant(id) => {
                let constant = self.programme.types.constants[*id].value.clone();
                let constant = constant.expect("BUG: a pattern of a constant that is no scalar");
                let constant = self.constant_value(&constant);
                self.test_equal(value, constant, ty, span, otherwise);
            }
            PatternKind::Range { start, end, inclusive } => {
                let [start, end] = [self.literal(start), self.literal(end)];
                let above = Rvalue::Binary(BinaryOp::GreaterEqual, value.clone(), start);
                self.test_that(above, span, otherwise);
                let op = if *inclusive { BinaryOp::LessEqual } else { BinaryOp::Less };
                self.test_that(Rvalue::Binary(op, value, end), span, otherwise);
            }
            PatternKind::Tuple(parts) => {
                let fields: Vec<_> = parts.iter().copied().enumerate().collect();
                self.test_fields(&fields, value, ty, 0, otherwise);
            }
            PatternKind::Struct(_, fields) => self.test_fields(fields, value, ty, 0, otherwise),
            PatternKind::Variant(nominal, variant, fields) => {
                if self.variant_count(*nominal) > 1 {
                    let number = self.temporary(Type::Int, Rvalue::Variant(value.clone()), span);
                    let is = Rvalue::Binary(BinaryOp::Equal, number, Operand::Int(*variant as i64));
                    self.test_that(is, span, otherwise);
                }
                let fields: Vec<_> = fields.iter().copied().enumerate().collect();
                self.test_fields(&fields, value, ty, *variant, otherwise);
            }
            PatternKind::Array { before, rest, after } => {
                self.test_array(ArrayPattern { before, rest: *rest, after, span }, value, ty, otherwise);
            }
            PatternKind::Or(alternatives) => self.test_any(alternatives, value, ty, span, otherwise),
        }
    }

    fn variant_count(&self, id: crate::types::NominalId) -> usize {
        match &self.programme.hir.nominals[id].kind {
            hir::NominalKind::Enum(variants) => variants.len(),
            hir::NominalKind::Struct(_) => 1,
        }
    }

    fn literal(&mut self, literal: &Literal) -> Operand {
        let value = match literal {
            Literal::Bool(value) => Value::Bool(*value),
            Literal::Int(value) => Value::Int(*value),
            Literal::Float(value) => Value::Float(*value),
            Literal::Char(value) => Value::Char(*value),
            Literal::Byte(value) => Value::Byte(*value),
            Literal::String(text) => Value::String(text.clone()),
        };
        self.constant_value(&value)
    }

    /// Goes on when it holds, otherwise elsewhere.
    fn test_that(&mut self, condition: Rvalue, span: Span, otherwise: &mut Option<BlockId>) {
        let condition = self.temporary(Type::Bool, condition, span);
        self.test_condition(condition, span, otherwise);
    }

    pub fn test_condition(&mut self, condition: Operand, span: Span, otherwise: &mut Option<BlockId>) {
        let then_block = self.graph.block();
        let else_block = *otherwise.get_or_insert_with(|| self.graph.block());
        self.graph.end(TerminatorKind::Branch { condition, then_block, else_block }, span);
        self.graph.enter(then_block);
    }

    fn test_equal(
        &mut self,
        value: Operand,
        wanted: Operand,
        ty: TypeId,
        span: Span,
        otherwise: &mut Option<BlockId>,
    ) {
        let equal = self.equal(ty, [value, wanted]);
        let bool = self.programme.intern(Type::Bool);
        let condition = self.settle(equal, bool, span);
        self.test_condition(condition, span, otherwise);
    }

    fn test_fields(
        &mut self,
        fields: &[(usize, PatternId)],
        value: Operand,
        ty: TypeId,
        variant: usize,
        otherwise: &mut Option<BlockId>,
    ) {
        if fields.is_empty() {
            return;
        }
        let types = self.programme.field_types(ty, variant);
        for &(field, pattern) in fields {
            if matches!(self.body.patterns[pattern].kind, PatternKind::Wildcard) {
                continue;
            }
            let span = self.body.patterns[pattern].span;
            let part = Computed::Rvalue(Rvalue::Field(value.clone(), variant, field));
            let part = self.settle(part, types[field], span);
            self.test(pattern, part, types[field], otherwise);
        }
    }

    fn test_array(
        &mut self,
        pattern: ArrayPattern<'_>,
        array: Operand,
        ty: TypeId,
        otherwise: &mut Option<BlockId>,
    ) {
        let ArrayPattern { before, rest, after, span } = pattern;
        let Type::Array(element) = *self.programme.ty(ty) else {
            panic!("BUG: an array pattern of no array")
        };
        let named = Operand::Int((before.len() + after.len()) as i64);
        let length = self.temporary(Type::Int, Rvalue::Length(array.clone()), span);
        let op = if rest.is_some() { BinaryOp::GreaterEqual } else { BinaryOp::Equal };
        self.test_that(Rvalue::Binary(op, length.clone(), named.clone()), span, otherwise);
        for (index, &pattern) in before.iter().enumerate() {
            self.test_element(pattern, array.clone(), Operand::Int(index as i64), element, otherwise);
        }
        for (index, &pattern) in after.iter().enumerate() {
            let from_end = Operand::Int((after.len() - index) as i64);
            let at = Rvalue::Binary(BinaryOp::WrappingSubtract, length.clone(), from_end);
            let at = self.temporary(Type::Int, at, span);
            self.test_element(pattern, array.clone(), at, element, otherwise);
        }
        if let Some(Some(local)) = rest {
            let count = Rvalue::Binary(BinaryOp::WrappingSubtract, length, named);
            let count = self.temporary(Type::Int, count, span);
            let start = Operand::Int(before.len() as i64);
            let part = self.array_part(ty, array, [start, count], span);
            self.bind_local(local, part, span);
        }
    }

    fn test_element(
        &mut self,
        pattern: PatternId,
        array: Operand,
        index: Operand,
        ty: TypeId,
        otherwise: &mut Option<BlockId>,
    ) {
        if matches!(self.body.patterns[pattern].kind, PatternKind::Wildcard) {
            return;
        }
        let span = self.body.patterns[pattern].span;
        let element = self.settle(Computed::Rvalue(Rvalue::Element(array, index)), ty, span);
        self.test(pattern, element, ty, otherwise);
    }

    /// `A | B`: each alternative that fails leads to the next.
    fn test_any(
        &mut self,
        alternatives: &[PatternId],
        value: Operand,
        ty: TypeId,
        span: Span,
        otherwise: &mut Option<BlockId>,
    ) {
        let mut meeting = None;
        for (at, &alternative) in alternatives.iter().enumerate() {
            if at + 1 == alternatives.len() {
                self.test(alternative, value.clone(), ty, otherwise);
                self.graph.meet(&mut meeting, span);
                break;
            }
            let mut next = None;
            self.test(alternative, value.clone(), ty, &mut next);
            self.graph.meet(&mut meeting, span);
            match next {
                Some(next) => self.graph.enter(next),
                None => break,
            }
        }
        self.graph.enter_meeting(meeting);
    }
}

/// `[a, ..rest, b]`
struct ArrayPattern<'a> {
    before: &'a [PatternId],
    rest: Option<Option<hir::LocalId>>,
    after: &'a [PatternId],
    span: Span,
}
