//! The lowering of patterns: their tests, and the variables that they bind.

use super::body::Lowering;
use super::decision::{Pattern, Step};
use crate::check::Value;
use crate::hir::{self, Literal, PatternId, PatternKind};
use crate::mir::{BinaryOp, BlockId, Operand, Rvalue, TerminatorKind};
use crate::source::Span;
use crate::types::{Type, TypeId};

impl Lowering<'_, '_> {
    /// Binds the variables of a pattern that is known to match.
    pub fn bind_pattern(&mut self, pattern: PatternId, value: Operand, ty: TypeId) {
        if !self.binds(pattern) {
            return;
        }
        let body = self.body;
        let hir::Pattern { kind, span } = &body.patterns[self.types.chosen_pattern(pattern)];
        let span = *span;
        match kind {
            PatternKind::Bind(local) => self.bind_local(*local, value, span),
            PatternKind::As(inner, local) => {
                self.bind_pattern(*inner, value.clone(), ty);
                self.bind_local(*local, value, span);
            }
            PatternKind::Tuple(parts) => {
                let fields: Vec<_> = parts.iter().copied().enumerate().collect();
                self.bind_fields(&fields, value, ty, 0);
            }
            PatternKind::Struct(_, fields) => self.bind_fields(fields, value, ty, 0),
            PatternKind::Variant(_, variant, fields) => {
                let fields: Vec<_> = fields.iter().copied().enumerate().collect();
                self.bind_fields(&fields, value, ty, *variant);
            }
            PatternKind::Array { before, rest, after } => {
                self.bind_elements(ArrayPattern { before, rest: *rest, after, span }, value, ty);
            }
            PatternKind::Or(_) => self.bind_tested(pattern, value, ty),
            PatternKind::Error
            | PatternKind::Shared(_)
            | PatternKind::Misfit(_)
            | PatternKind::Wildcard
            | PatternKind::Unit
            | PatternKind::Literal(_)
            | PatternKind::Constant(_)
            | PatternKind::Range { .. } => {}
        }
    }

    /// Tests the alternatives of a pattern one after the other, and binds the variables of the first that matches.
    fn bind_tested(&mut self, pattern: PatternId, value: Operand, ty: TypeId) {
        let mut elsewhere = None;
        self.test(pattern, value, ty, &mut elsewhere);
        if let Some(elsewhere) = elsewhere {
            let span = self.body.patterns[self.types.chosen_pattern(pattern)].span;
            let here = self.graph.block();
            self.graph.goto(here, span);
            self.graph.enter(elsewhere);
            self.graph.end(TerminatorKind::Unreachable, span);
            self.graph.enter(here);
        }
    }

    fn bind_fields(&mut self, fields: &[(usize, PatternId)], value: Operand, ty: TypeId, variant: usize) {
        let types = self.instances.field_types(ty, variant);
        for &(field, pattern) in fields.iter().filter(|(_, pattern)| self.binds(*pattern)).collect::<Vec<_>>()
        {
            let span = self.body.patterns[self.types.chosen_pattern(pattern)].span;
            let part = self.part_of(&value, Step::Field { variant, field }, types[field], span);
            self.bind_pattern(pattern, part, types[field]);
        }
    }

    fn bind_elements(&mut self, pattern: ArrayPattern<'_>, array: Operand, ty: TypeId) {
        let element = self.elements_of(ty);
        for (step, inner) in pattern.elements() {
            if !self.binds(inner) {
                continue;
            }
            let span = self.body.patterns[self.types.chosen_pattern(inner)].span;
            let part = self.part_of(&array, step, element, span);
            self.bind_pattern(inner, part, element);
        }
        self.bind_rest(&pattern, array, ty);
    }

    /// Computes `length - places`: for a length of 5, the last element is 1 place before the end, at index 4.
    pub fn back_from(&mut self, length: &Operand, places: usize, span: Span) -> Operand {
        let places = Operand::Int(places as i64);
        self.temporary(Type::Int, Rvalue::Binary(BinaryOp::WrappingSubtract, length.clone(), places), span)
    }

    /// `..rest`
    fn bind_rest(&mut self, pattern: &ArrayPattern<'_>, array: Operand, ty: TypeId) {
        let ArrayPattern { before, rest: Some(Some(local)), after, span } = *pattern else { return };
        let length = self.temporary(Type::Int, Rvalue::Length(array.clone()), span);
        let count = self.back_from(&length, before.len() + after.len(), span);
        let start = Operand::Int(before.len() as i64);
        let part = self.array_part(ty, array, [start, count], span);
        self.bind_local(local, part, span);
    }

    pub fn elements_of(&self, array: TypeId) -> TypeId {
        match *self.instances.ty(array) {
            Type::Array(element) => element,
            _ => panic!("BUG: an array pattern of no array"),
        }
    }

    /// Whether a pattern binds a variable.
    pub fn binds(&self, pattern: PatternId) -> bool {
        match &self.body.patterns[self.types.chosen_pattern(pattern)].kind {
            PatternKind::Bind(_) | PatternKind::As(..) => true,
            PatternKind::Tuple(parts) | PatternKind::Variant(_, _, parts) | PatternKind::Or(parts) => {
                parts.iter().any(|&part| self.binds(part))
            }
            PatternKind::Struct(_, fields) => fields.iter().any(|&(_, field)| self.binds(field)),
            PatternKind::Array { before, rest, after } => {
                matches!(rest, Some(Some(_))) || before.iter().chain(after).any(|&part| self.binds(part))
            }
            PatternKind::Error
            | PatternKind::Shared(_)
            | PatternKind::Misfit(_)
            | PatternKind::Wildcard
            | PatternKind::Unit
            | PatternKind::Literal(_)
            | PatternKind::Constant(_)
            | PatternKind::Range { .. } => false,
        }
    }

    /// The tests of a pattern, without the variables that it binds.
    pub fn tested(&self, pattern: PatternId) -> Pattern {
        let all = |patterns: &[PatternId]| patterns.iter().map(|&pattern| self.tested(pattern)).collect();
        let fields = |patterns: &[PatternId]| {
            patterns.iter().map(|&pattern| self.tested(pattern)).enumerate().collect()
        };
        match &self.body.patterns[self.types.chosen_pattern(pattern)].kind {
            PatternKind::Error | PatternKind::Shared(_) | PatternKind::Misfit(_) => {
                panic!("BUG: a pattern with an error is lowered")
            }
            PatternKind::Wildcard | PatternKind::Bind(_) | PatternKind::Unit => Pattern::Any,
            PatternKind::As(inner, _) => self.tested(*inner),
            PatternKind::Literal(literal) => tested_value(&literal.into()),
            PatternKind::Constant(id) => {
                let constant = self.instances.types.constants[*id].value.as_ref();
                tested_value(constant.expect("BUG: a pattern of a constant that is no scalar"))
            }
            PatternKind::Range { start, end, inclusive } => {
                let number = |end| Value::from(end).number().expect("BUG: a range of what are no numbers");
                let [start, end] = [start, end].map(number);
                Pattern::Numbers(start, if *inclusive { end } else { end - 1 })
            }
            PatternKind::Tuple(parts) => Pattern::Variant { number: 0, of: 1, fields: fields(parts) },
            PatternKind::Struct(_, parts) => {
                let fields = parts.iter().map(|&(field, pattern)| (field, self.tested(pattern))).collect();
                Pattern::Variant { number: 0, of: 1, fields }
            }
            PatternKind::Variant(nominal, number, parts) => {
                Pattern::Variant { number: *number, of: self.variant_count(*nominal), fields: fields(parts) }
            }
            PatternKind::Array { before, rest, after } => {
                Pattern::Array { before: all(before), rest: rest.is_some(), after: all(after) }
            }
            PatternKind::Or(alternatives) => Pattern::Or(all(alternatives)),
        }
    }

    /// The number of variants of a type; a tuple or a struct has one.
    pub fn variants_of(&self, ty: TypeId) -> usize {
        match *self.instances.ty(ty) {
            Type::Nominal(id, _) => self.variant_count(id),
            _ => 1,
        }
    }

    /// Builds the tests of a pattern. Enters the block that runs if the pattern matches, and binds the pattern's
    /// variables there. If the pattern does not match, control goes to the block `otherwise`, which the first test
    /// creates.
    pub fn test(&mut self, pattern: PatternId, value: Operand, ty: TypeId, otherwise: &mut Option<BlockId>) {
        let body = self.body;
        let hir::Pattern { kind, span } = &body.patterns[self.types.chosen_pattern(pattern)];
        let span = *span;
        match kind {
            PatternKind::Error | PatternKind::Shared(_) | PatternKind::Misfit(_) => {
                panic!("BUG: a pattern with an error is lowered")
            }
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
                let constant = self.instances.types.constants[*id].value.clone();
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
        match &self.instances.hir.nominals[id].kind {
            hir::NominalKind::Enum(variants) => variants.len(),
            hir::NominalKind::Struct(_) => 1,
        }
    }

    fn literal(&mut self, literal: &Literal) -> Operand {
        self.constant_value(&literal.into())
    }

    /// Branches on a condition, and enters the block that runs if the condition holds. If the condition does not hold,
    /// control goes to `otherwise`.
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

    pub fn test_equal(
        &mut self,
        value: Operand,
        wanted: Operand,
        ty: TypeId,
        span: Span,
        otherwise: &mut Option<BlockId>,
    ) {
        let equal = self.equal(ty, [value, wanted]);
        let bool = self.instances.intern(Type::Bool);
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
        let types = self.instances.field_types(ty, variant);
        for &(field, pattern) in fields {
            if matches!(self.body.patterns[self.types.chosen_pattern(pattern)].kind, PatternKind::Wildcard) {
                continue;
            }
            let span = self.body.patterns[self.types.chosen_pattern(pattern)].span;
            let part = self.part_of(&value, Step::Field { variant, field }, types[field], span);
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
        let element = self.elements_of(ty);
        let named = Operand::Int((before.len() + after.len()) as i64);
        let length = self.temporary(Type::Int, Rvalue::Length(array.clone()), span);
        let op = if rest.is_some() { BinaryOp::GreaterEqual } else { BinaryOp::Equal };
        self.test_that(Rvalue::Binary(op, length, named), span, otherwise);
        for (step, inner) in pattern.elements() {
            if matches!(self.body.patterns[self.types.chosen_pattern(inner)].kind, PatternKind::Wildcard) {
                continue;
            }
            let span = self.body.patterns[self.types.chosen_pattern(inner)].span;
            let part = self.part_of(&array, step, element, span);
            self.test(inner, part, element, otherwise);
        }
        self.bind_rest(&pattern, array, ty);
    }

    /// `A | B`: an alternative that does not match leads to the next.
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

fn tested_value(value: &Value) -> Pattern {
    match (value, value.number()) {
        (_, Some(number)) => Pattern::Numbers(number, number),
        (Value::String(text), _) => Pattern::Text(text.clone()),
        // The two zeros are equal, so both become one pattern.
        (Value::Float(value), _) => Pattern::Float(if *value == 0.0 { 0.0 } else { *value }),
        (Value::Bool(_) | Value::Int(_) | Value::Char(_) | Value::Byte(_), None) => {
            panic!("BUG: {value:?} is no number")
        }
    }
}

/// `[a, ..rest, b]`
pub(super) struct ArrayPattern<'a> {
    pub before: &'a [PatternId],
    pub rest: Option<Option<hir::LocalId>>,
    pub after: &'a [PatternId],
    pub span: Span,
}

impl ArrayPattern<'_> {
    /// The patterns of the first and the last elements, each with the step to its element.
    pub fn elements(&self) -> Vec<(Step, PatternId)> {
        let before = self.before.iter().enumerate().map(|(at, &pattern)| (Step::Element(at), pattern));
        let after = self.after.iter().rev().enumerate().rev();
        before.chain(after.map(|(at, &pattern)| (Step::FromEnd(at + 1), pattern))).collect()
    }
}
