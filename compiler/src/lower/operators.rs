//! Operators and the built-in traits, for any type. Each operation becomes an instruction, a call of the runtime, or a
//! call of a trait's function: the function in the type's `impl`, or a derived function.

use weft_abi::RuntimeFunction;
use weft_abi::library::{EQUAL, GREATER, LESS};

use super::body::Lowering;
use super::body_state::{Computed, UNIT};
use super::impls::{Derived, Instance, Resolved};
use super::instances::{Instances, Source};
use crate::check::Callee;
use crate::hir::{BinaryOp, TraitId};
use crate::mir::{self, Operand, Rvalue, TerminatorKind, UnaryOp};
use crate::source::Span;
use crate::types::{Type, TypeId};

/// The kinds of types, by the way in which their values are compared and shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `()` and `Never`, whose values need no comparison.
    Nothing,
    /// Types whose values are compared by instructions.
    Scalar,
    /// Strings, which the runtime compares.
    String,
    /// Types whose values are compared by functions of the program.
    Other,
}

impl Instances<'_> {
    pub fn kind(&self, ty: TypeId) -> Kind {
        match self.ty(ty) {
            Type::Unit | Type::Never => Kind::Nothing,
            Type::Bool | Type::Int | Type::Float | Type::Char | Type::Byte => Kind::Scalar,
            Type::String => Kind::String,
            Type::Tuple(_)
            | Type::Array(_)
            | Type::Task(_)
            | Type::Generator(_)
            | Type::Function { .. }
            | Type::Nominal(..)
            | Type::Parameter(_)
            | Type::Cell(_) => Kind::Other,
        }
    }

    /// The function of a built-in trait for a type: the function in an `impl`, or a derived function.
    pub fn trait_function(&mut self, derived: Derived, ty: TypeId) -> mir::FunctionId {
        let items = &self.hir.lang_items;
        let id: TraitId = match derived {
            Derived::Show => items.show,
            Derived::ShowInto => items.shown.show_into,
            Derived::Eq => items.eq,
            Derived::Ord => items.ord,
            Derived::Hash => items.hash,
        };
        let function = self.hir.traits[id].functions[0];
        let instance = Instance { function, arguments: vec![ty] };
        let source = match self.resolve(instance) {
            Resolved::Function(instance) => Source::Function(instance),
            Resolved::Derived(derived, ty) => Source::Derived(derived, ty),
        };
        self.function(source)
    }

    pub fn ordering(&mut self) -> TypeId {
        let ordering = self.hir.lang_items.ordering;
        self.nominal(ordering, Vec::new())
    }
}

/// Two values of one type.
pub(super) type Pair = [Operand; 2];

impl Lowering<'_, '_> {
    /// `left == right`
    pub fn equal(&mut self, ty: TypeId, [left, right]: Pair) -> Computed {
        equal(self.instances, ty, [left, right])
    }

    /// `left op right` for values of any type, as the language defines it.
    pub fn operation(&mut self, op: BinaryOp, ty: TypeId, operands: Pair, span: Span) -> Computed {
        match op {
            BinaryOp::Equal => self.equal(ty, operands),
            BinaryOp::NotEqual if self.instances.kind(ty) != Kind::Scalar => {
                let equal = self.equal(ty, operands);
                let equal = self.settle_bool(equal, span);
                Computed::Rvalue(Rvalue::Unary(UnaryOp::Not, equal))
            }
            BinaryOp::Less | BinaryOp::LessEqual | BinaryOp::Greater | BinaryOp::GreaterEqual => {
                self.ordered(op, ty, operands, span)
            }
            _ => self.arithmetic(op, ty, operands, span),
        }
    }

    fn settle_bool(&mut self, value: Computed, span: Span) -> Operand {
        let bool = self.instances.intern(Type::Bool);
        self.settle(value, bool, span)
    }

    fn ordered(&mut self, op: BinaryOp, ty: TypeId, operands: Pair, span: Span) -> Computed {
        let [left, right] = operands;
        match self.instances.kind(ty) {
            Kind::Scalar => Computed::Rvalue(Rvalue::Binary(operator(op), left, right)),
            Kind::Nothing => {
                let holds = matches!(op, BinaryOp::LessEqual | BinaryOp::GreaterEqual);
                Computed::Operand(Operand::Bool(holds))
            }
            Kind::String => {
                let order = Rvalue::Runtime(RuntimeFunction::StringCompare, vec![left, right]);
                let order = self.temporary(Type::Int, order, span);
                Computed::Rvalue(Rvalue::Binary(operator(op), order, Operand::Int(0)))
            }
            Kind::Other => {
                let function = self.instances.trait_function(Derived::Ord, ty);
                let ordering = self.instances.ordering();
                let call = Computed::Rvalue(Rvalue::Call(function, vec![left, right]));
                let order = self.settle(call, ordering, span);
                // The numbers of the variants of `Ordering` ascend from `Less` to `Greater`.
                const { assert!(LESS < EQUAL && EQUAL < GREATER) };
                let number = self.temporary(Type::Int, Rvalue::Variant(order), span);
                Computed::Rvalue(Rvalue::Binary(operator(op), number, Operand::Int(EQUAL as i64)))
            }
        }
    }

    fn arithmetic(&mut self, op: BinaryOp, ty: TypeId, operands: Pair, span: Span) -> Computed {
        let shape = self.instances.ty(ty).clone();
        if !op.is_built_in(&shape)
            && let Some(of) = self.instances.hir.lang_items.operators.of_binary(op)
        {
            return self.call_operator(of, ty, operands.to_vec(), span);
        }
        match shape {
            Type::String => {
                Computed::Rvalue(Rvalue::Runtime(RuntimeFunction::StringConcat, operands.to_vec()))
            }
            Type::Array(_) => self.joined_arrays(ty, operands, span),
            Type::Float if op == BinaryOp::Remainder => {
                Computed::Rvalue(Rvalue::Runtime(RuntimeFunction::FloatRemainder, operands.to_vec()))
            }
            _ => {
                let [left, right] = operands;
                Computed::Rvalue(Rvalue::Binary(operator(op), left, right))
            }
        }
    }

    /// Calls the function of an operator's trait.
    pub fn call_operator(&mut self, of: TraitId, ty: TypeId, values: Vec<Operand>, span: Span) -> Computed {
        let function = self.instances.hir.traits[of].functions[0];
        self.call_with(&Callee { function, arguments: vec![ty] }, values, span)
    }
}

/// `left == right`
pub(super) fn equal(instances: &mut Instances<'_>, ty: TypeId, [left, right]: Pair) -> Computed {
    match instances.kind(ty) {
        Kind::Nothing => Computed::Operand(Operand::Bool(true)),
        Kind::Scalar => Computed::Rvalue(Rvalue::Binary(mir::BinaryOp::Equal, left, right)),
        Kind::String => Computed::Rvalue(Rvalue::Runtime(RuntimeFunction::StringEqual, vec![left, right])),
        Kind::Other => {
            let function = instances.trait_function(Derived::Eq, ty);
            Computed::Rvalue(Rvalue::Call(function, vec![left, right]))
        }
    }
}

impl Lowering<'_, '_> {
    /// Lowers `a.show()`, `a.eq(b)`, `a.cmp(b)` or `a.hash()` for a type without an `impl` of that trait.
    pub fn derived_call(
        &mut self,
        derived: Derived,
        ty: TypeId,
        values: Vec<Operand>,
        span: Span,
    ) -> Computed {
        if derived == Derived::Show {
            return Computed::Operand(self.text(values[0].clone(), ty, span));
        }
        if derived == Derived::Eq {
            let [left, right] = pair(values);
            return self.equal(ty, [left, right]);
        }
        let function = self.instances.function(Source::Derived(derived, ty));
        Computed::Rvalue(Rvalue::Call(function, values))
    }

    /// `assert_eq(left, right)`
    pub fn assert_equal(&mut self, ty: TypeId, values: Vec<Operand>, span: Span) -> Computed {
        let equal = self.equal(ty, pair(values.clone()));
        let condition = self.settle_bool(equal, span);
        let [holds, fails] = [self.graph.block(), self.graph.block()];
        self.graph.end(TerminatorKind::Branch { condition, then_block: holds, else_block: fails }, span);
        self.graph.enter(fails);
        let texts = values.into_iter().map(|value| self.text(value, ty, span)).collect();
        self.graph.end(TerminatorKind::Diverge(RuntimeFunction::PanicNotEqual, texts), span);
        self.graph.enter(holds);
        UNIT
    }
}

fn pair(values: Vec<Operand>) -> Pair {
    values.try_into().expect("BUG: an operation on two values that has not two")
}

/// The MIR instruction of an operator.
pub(super) fn operator(op: BinaryOp) -> mir::BinaryOp {
    match op {
        BinaryOp::Add => mir::BinaryOp::Add,
        BinaryOp::Subtract => mir::BinaryOp::Subtract,
        BinaryOp::Multiply => mir::BinaryOp::Multiply,
        BinaryOp::Divide => mir::BinaryOp::Divide,
        BinaryOp::Remainder => mir::BinaryOp::Remainder,
        BinaryOp::WrappingAdd => mir::BinaryOp::WrappingAdd,
        BinaryOp::WrappingSubtract => mir::BinaryOp::WrappingSubtract,
        BinaryOp::WrappingMultiply => mir::BinaryOp::WrappingMultiply,
        BinaryOp::And => mir::BinaryOp::And,
        BinaryOp::Or => mir::BinaryOp::Or,
        BinaryOp::Xor => mir::BinaryOp::Xor,
        BinaryOp::ShiftLeft => mir::BinaryOp::ShiftLeft,
        BinaryOp::ShiftRight => mir::BinaryOp::ShiftRight,
        BinaryOp::ShiftRightLogical => mir::BinaryOp::ShiftRightLogical,
        BinaryOp::Equal => mir::BinaryOp::Equal,
        BinaryOp::NotEqual => mir::BinaryOp::NotEqual,
        BinaryOp::Less => mir::BinaryOp::Less,
        BinaryOp::LessEqual => mir::BinaryOp::LessEqual,
        BinaryOp::Greater => mir::BinaryOp::Greater,
        BinaryOp::GreaterEqual => mir::BinaryOp::GreaterEqual,
    }
}
