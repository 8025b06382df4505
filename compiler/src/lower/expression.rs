//! The lowering of expressions, by kind.

use weft_abi::library::{ERR, NONE, OK, SOME};

use super::body::Lowering;
use super::body_state::{Computed, Place, UNIT};
use super::computed;
use super::instances::Source;
use crate::check::{BodyTypes, Value};
use crate::hir::{ConstantId, ExprId, ExprKind, UnaryOp};
use crate::mir::{self, BinaryOp, Operand, Rvalue, TerminatorKind};
use crate::types::{Type, TypeId};

/// The variants that `?` distinguishes, with the same numbers in `Option` and `Result`.
const SUCCESS: usize = SOME;
const FAILURE: usize = NONE;
const _: () = assert!(SUCCESS == OK && FAILURE == ERR);

impl Lowering<'_, '_> {
    /// Evaluates an expression and stores its value in a place.
    pub fn lower_into(&mut self, expr: ExprId, place: Place) {
        if !self.graph.is_reachable() {
            return;
        }
        let body = self.body;
        match &body.exprs[expr].kind {
            ExprKind::Block(block) => self.block(expr, block, place),
            ExprKind::If { branches, otherwise } => self.if_chain(expr, branches, *otherwise, place),
            ExprKind::Match { scrutinee, arms } => self.lower_match(expr, *scrutinee, arms, place),
            ExprKind::Select(arms) => self.select(expr, arms, place),
            ExprKind::Scope(block) => self.scope(expr, *block, place),
            ExprKind::Loop(id, iteration) => {
                self.in_loop(self.span(expr), |lowering| lowering.lower_loop(expr, *id, *iteration, place));
            }
            ExprKind::Logical(op, _, right) => self.logical(expr, *op, *right, place),
            ExprKind::Call(..)
            | ExprKind::CallMethod { .. }
            | ExprKind::CallAssociated { .. }
            | ExprKind::CallValue(..)
                if place == Place::Return =>
            {
                let computed = self.compute(expr);
                self.call_last(computed, expr);
            }
            _ => {
                let computed = self.compute(expr);
                self.deliver(computed, expr, place);
            }
        }
    }

    /// Evaluates an expression to an operand. The operand of a variable is the variable's own local.
    pub fn value(&mut self, expr: ExprId) -> Operand {
        let computed = self.compute(expr);
        let ty = self.type_of(expr);
        self.settle(computed, ty, self.span(expr))
    }

    /// Evaluates an expression. May return its last operation without computing it.
    pub fn compute(&mut self, expr: ExprId) -> Computed {
        if !self.graph.is_reachable() {
            return UNIT;
        }
        let body = self.body;
        match &body.exprs[expr].kind {
            ExprKind::Error | ExprKind::Misfit(_) | ExprKind::BuiltinFunction(_) => {
                panic!("BUG: an expression with an error is lowered")
            }
            ExprKind::Unit
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Char(_)
            | ExprKind::Byte(_)
            | ExprKind::String(_) => Computed::Operand(self.literal_value(&body.exprs[expr].kind)),
            ExprKind::Interpolation(parts) => self.interpolation(expr, parts),
            ExprKind::Local(local) => self.variable(*local),
            ExprKind::Constant(constant) => self.constant(*constant),
            ExprKind::Function(_) | ExprKind::VariantFunction(..) | ExprKind::Associated { .. } => {
                self.function_value(expr)
            }
            ExprKind::Lambda(lambda) => self.lambda(expr, *lambda),
            ExprKind::Tuple(_)
            | ExprKind::Bytes(_)
            | ExprKind::Array(_)
            | ExprKind::Range { .. }
            | ExprKind::RangeFrom(_)
            | ExprKind::Struct { .. }
            | ExprKind::Variant { .. } => self.built(expr),
            ExprKind::Shared(_) => self.compute(self.types.chosen(expr)),
            ExprKind::Field(base, _) => self.field(*base, |types| types.field(expr)),
            ExprKind::TupleField(base, index, _) => self.field(*base, |_| *index),
            ExprKind::Index(base, index) => self.index(expr, *base, *index),
            ExprKind::Try(inner) => self.lower_try(expr, *inner),
            ExprKind::Unary(op, operand) => self.unary(expr, *op, *operand),
            ExprKind::Binary(..) | ExprKind::Logical(..) => self.chain(expr),
            ExprKind::Call(_, arguments) | ExprKind::CallAssociated { arguments, .. } => {
                self.call(expr, arguments)
            }
            ExprKind::CallMethod { receiver, arguments, .. } => self.call_method(expr, *receiver, arguments),
            ExprKind::CallBuiltin(builtin, arguments) => self.call_builtin(expr, *builtin, arguments),
            ExprKind::CallValue(function, arguments) => self.call_value(*function, arguments),
            ExprKind::Spawn(id) => self.spawn(*id),
            ExprKind::Yield => Computed::Rvalue(Rvalue::Yield),
            ExprKind::YieldValue(value) => self.yield_value(expr, *value),
            ExprKind::YieldFrom(generator) => self.yield_from(expr, *generator),
            ExprKind::Block(_)
            | ExprKind::If { .. }
            | ExprKind::Match { .. }
            | ExprKind::Select(_)
            | ExprKind::Scope(_)
            | ExprKind::Loop(..) => Computed::Operand(self.gathered(expr)),
            ExprKind::For { .. }
            | ExprKind::Break(..)
            | ExprKind::Continue(_)
            | ExprKind::Return(_)
            | ExprKind::Assign { .. } => {
                self.effect(expr);
                UNIT
            }
        }
    }

    fn literal_value(&mut self, kind: &ExprKind) -> Operand {
        match kind {
            ExprKind::Bool(value) => Operand::Bool(*value),
            ExprKind::Int(value) => Operand::Int(*value),
            ExprKind::Float(value) => Operand::Float(*value),
            ExprKind::Char(value) => Operand::Char(*value),
            ExprKind::Byte(value) => Operand::Byte(*value),
            ExprKind::String(text) => self.instances.string(text),
            _ => Operand::Unit,
        }
    }

    /// Lowers an expression that builds a value from other values.
    fn built(&mut self, expr: ExprId) -> Computed {
        let body = self.body;
        let ty = self.type_of(expr);
        match &body.exprs[expr].kind {
            ExprKind::Tuple(parts) => self.construct(ty, 0, parts),
            ExprKind::Variant { variant, arguments, .. } => self.construct_variant(ty, *variant, arguments),
            ExprKind::Struct { fields, rest, .. } => self.struct_literal(expr, fields, *rest),
            ExprKind::Array(elements) => {
                let elements = self.values(elements);
                Computed::Rvalue(Rvalue::NewArray(ty, elements))
            }
            ExprKind::Bytes(bytes) => {
                let length = Operand::Int(bytes.len() as i64);
                let array = self.instances.bytes(bytes);
                Computed::Rvalue(Rvalue::Construct(ty, 0, vec![array, Operand::Int(0), length]))
            }
            ExprKind::Range { start, end, inclusive } => {
                let [start, end] = self.pair(*start, *end);
                Computed::Rvalue(Rvalue::Construct(ty, 0, vec![start, end, Operand::Bool(*inclusive)]))
            }
            other => panic!("BUG: {other:?} is not put together"),
        }
    }

    /// Lowers the access to a field of a struct or tuple. `field` returns the field's index. It is not called if the
    /// evaluation of the base never completes, because then the checker may not have recorded an index.
    fn field(&mut self, base: ExprId, field: impl FnOnce(&BodyTypes) -> usize) -> Computed {
        let base = self.value(base);
        match self.graph.is_reachable() {
            true => Computed::Rvalue(Rvalue::Field(base, 0, field(self.types))),
            false => UNIT,
        }
    }

    /// Lowers an expression that has no value, or that never completes.
    fn effect(&mut self, expr: ExprId) {
        let body = self.body;
        match &body.exprs[expr].kind {
            ExprKind::For { id, pattern, iterable, body } => {
                self.in_loop(self.span(expr), |lowering| {
                    lowering.lower_for(expr, *id, *pattern, *iterable, *body)
                });
            }
            ExprKind::Break(id, value) => self.lower_break(expr, *id, *value),
            ExprKind::Continue(id) => self.lower_continue(expr, *id),
            ExprKind::Return(value) => self.lower_return(expr, *value),
            ExprKind::Assign { target, operator, value } => self.assign(expr, *target, *operator, *value),
            other => panic!("BUG: {other:?} has a value"),
        }
    }

    /// The value of an expression with several paths, such as an `if`: each path writes to the same temporary.
    fn gathered(&mut self, expr: ExprId) -> Operand {
        let ty = self.type_of(expr);
        if self.instances.is_nothing(ty) {
            self.lower_into(expr, Place::Discard);
            return Operand::Unit;
        }
        let local = self.graph.local(ty, None);
        self.lower_into(expr, Place::Local(local));
        Operand::Local(local)
    }

    /// Evaluates two expressions, from left to right.
    pub fn pair(&mut self, left: ExprId, right: ExprId) -> [Operand; 2] {
        let left = if self.is_simple(right) { self.value(left) } else { self.stable_value(left) };
        [left, self.value(right)]
    }

    fn unary(&mut self, expr: ExprId, op: UnaryOp, operand: ExprId) -> Computed {
        let ty = self.type_of(operand);
        let operand = self.value(operand);
        if !op.is_built_in(self.instances.ty(ty))
            && let Some(of) = self.instances.hir.lang_items.operators.of_unary(op)
        {
            return self.call_operator(of, ty, vec![operand], self.span(expr));
        }
        let op = match op {
            UnaryOp::Negate => mir::UnaryOp::Negate,
            UnaryOp::Not => mir::UnaryOp::Not,
            UnaryOp::Complement => mir::UnaryOp::Complement,
        };
        Computed::Rvalue(Rvalue::Unary(op, operand))
    }

    fn constant(&mut self, id: ConstantId) -> Computed {
        match &self.instances.types.constants[id].value {
            Some(value) => Computed::Operand(self.constant_value(&value.clone())),
            None => {
                let function = self.instances.function(Source::Constant(id));
                Computed::Rvalue(Rvalue::Call(function, Vec::new()))
            }
        }
    }

    /// Lowers a constant that is named like a member of a type: `Int.MAX`.
    pub fn associated_constant(&mut self, expr: ExprId) -> Computed {
        self.constant(self.types.constant(expr))
    }

    pub fn constant_value(&mut self, value: &Value) -> Operand {
        computed::scalar(self.instances, value)
    }

    /// Builds a tuple, struct or variant from its fields, in order.
    fn construct(&mut self, ty: TypeId, variant: usize, fields: &[ExprId]) -> Computed {
        let fields = self.values(fields);
        Computed::Rvalue(Rvalue::Construct(ty, variant, fields))
    }

    /// `Rect(h: 1.0, w: 2.0)`: evaluates the values in the order in which they are written.
    fn construct_variant(&mut self, ty: TypeId, variant: usize, arguments: &[(usize, ExprId)]) -> Computed {
        let exprs: Vec<ExprId> = arguments.iter().map(|&(_, value)| value).collect();
        let values = self.values(&exprs);
        let mut fields: Vec<_> = arguments.iter().map(|&(field, _)| field).zip(values).collect();
        fields.sort_by_key(|&(field, _)| field);
        let fields = fields.into_iter().map(|(_, value)| value).collect();
        Computed::Rvalue(Rvalue::Construct(ty, variant, fields))
    }

    /// `Point(x: 1.0, ..p)`: evaluates the values in the order in which they are written.
    fn struct_literal(&mut self, expr: ExprId, fields: &[(usize, ExprId)], rest: Option<ExprId>) -> Computed {
        let (ty, span) = (self.type_of(expr), self.span(expr));
        let exprs: Vec<ExprId> = fields.iter().map(|&(_, value)| value).chain(rest).collect();
        let mut values = self.values(&exprs);
        if !self.graph.is_reachable() {
            return UNIT;
        }
        let rest = rest.and_then(|_| values.pop());
        let types = self.instances.field_types(ty, 0);
        let mut given: Vec<Option<Operand>> = types.iter().map(|_| None).collect();
        for (&(field, _), value) in fields.iter().zip(values) {
            given[field] = Some(value);
        }
        let mut all = Vec::with_capacity(types.len());
        for (field, (given, ty)) in given.into_iter().zip(types).enumerate() {
            all.push(match given {
                Some(value) => value,
                None => {
                    let rest = rest.clone().expect("BUG: a struct without one of its fields");
                    self.settle(Computed::Rvalue(Rvalue::Field(rest, 0, field)), ty, span)
                }
            });
        }
        Computed::Rvalue(Rvalue::Construct(ty, 0, all))
    }

    /// `inner?`: the value inside a `Some` or `Ok`. For a `None` or `Err`, the function around the `?` returns.
    fn lower_try(&mut self, expr: ExprId, inner: ExprId) -> Computed {
        let (ty, span) = (self.type_of(inner), self.span(expr));
        let value = self.value(inner);
        if !self.graph.is_reachable() {
            return UNIT;
        }
        let (good, bad) = self.is_variant(value.clone(), SUCCESS, span);
        self.graph.enter(bad);
        let failure = match self.instances.ty(ty) {
            Type::Nominal(id, _) if *id == self.instances.hir.lang_items.option => Vec::new(),
            _ => {
                let types = self.instances.field_types(ty, FAILURE);
                let error = Computed::Rvalue(Rvalue::Field(value.clone(), FAILURE, 0));
                let error = self.settle(error, types[0], span);
                vec![self.converted(expr, error, span)]
            }
        };
        self.leave_with(Rvalue::Construct(self.result, FAILURE, failure), span);
        self.graph.enter(good);
        Computed::Rvalue(Rvalue::Field(value, SUCCESS, 0))
    }

    /// The error of a `?` as the type of error that the function around it returns.
    fn converted(&mut self, expr: ExprId, error: Operand, span: crate::source::Span) -> Operand {
        let Some(from) = self.types.callee(expr).cloned() else { return error };
        let converted = self.call_with(&from, vec![error], span);
        let ty = self.instances.field_types(self.result, FAILURE)[0];
        self.settle(converted, ty, span)
    }

    /// Branches on whether a value is of a variant. Returns the block for yes and the block for no.
    pub fn is_variant(
        &mut self,
        value: Operand,
        variant: usize,
        span: crate::source::Span,
    ) -> (mir::BlockId, mir::BlockId) {
        let number = self.temporary(Type::Int, Rvalue::Variant(value), span);
        let is = Rvalue::Binary(BinaryOp::Equal, number, Operand::Int(variant as i64));
        let condition = self.temporary(Type::Bool, is, span);
        let [then_block, else_block] = [self.graph.block(), self.graph.block()];
        self.graph.end(TerminatorKind::Branch { condition, then_block, else_block }, span);
        (then_block, else_block)
    }
}
