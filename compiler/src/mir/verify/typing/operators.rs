//! The types of operators.

use super::Typing;
use crate::mir::{BinaryOp, Operand, UnaryOp};
use crate::types::{Type, TypeId};

impl Typing<'_> {
    pub(super) fn unary(&mut self, op: UnaryOp, operand: &Operand) -> Result<TypeId, String> {
        let id = self.operand(operand);
        let ty = self.types.get(id);
        let (fits, result) = match op {
            UnaryOp::Negate => (is_number(ty), ty.clone()),
            UnaryOp::Not => (*ty == Type::Bool, Type::Bool),
            UnaryOp::Complement => (is_integer(ty), ty.clone()),
            UnaryOp::IntToFloat => (*ty == Type::Int, Type::Float),
            UnaryOp::IntToByte => (*ty == Type::Int, Type::Byte),
            UnaryOp::IntToChar => (*ty == Type::Int, Type::Char),
            UnaryOp::CountOnes | UnaryOp::LeadingZeros => (*ty == Type::Int, Type::Int),
            UnaryOp::FloatToInt | UnaryOp::FloatBits => (*ty == Type::Float, Type::Int),
            UnaryOp::Address => (self.has_identity(id), Type::Int),
            UnaryOp::ByteToInt => (*ty == Type::Byte, Type::Int),
            UnaryOp::CharToInt => (*ty == Type::Char, Type::Int),
            UnaryOp::SquareRoot | UnaryOp::Absolute => (*ty == Type::Float, Type::Float),
        };
        if fits { Ok(self.types.intern(result)) } else { Err(self.refuse(&format!("{op:?}"), id)) }
    }

    pub(super) fn binary(&mut self, op: BinaryOp, left: &Operand, right: &Operand) -> Result<TypeId, String> {
        let (left, right) = (self.operand(left), self.operand(right));
        let is_shift = matches!(op, BinaryOp::ShiftLeft | BinaryOp::ShiftRight | BinaryOp::ShiftRightLogical);
        if left != right && !(is_shift && *self.types.get(right) == Type::Int) {
            let (left, right) = (self.types.display(left), self.types.display(right));
            return Err(format!("the operands have the types {left} and {right}"));
        }
        let ty = self.types.get(left);
        let (fits, result) = match op {
            BinaryOp::Add | BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide => {
                (is_number(ty), ty.clone())
            }
            BinaryOp::Remainder
            | BinaryOp::WrappingAdd
            | BinaryOp::WrappingSubtract
            | BinaryOp::WrappingMultiply
            | BinaryOp::ShiftLeft
            | BinaryOp::ShiftRight
            | BinaryOp::ShiftRightLogical => (is_integer(ty), ty.clone()),
            BinaryOp::MultiplyHigh => (*ty == Type::Int, Type::Int),
            BinaryOp::And | BinaryOp::Or | BinaryOp::Xor => (is_integer(ty) || *ty == Type::Bool, ty.clone()),
            BinaryOp::Equal
            | BinaryOp::NotEqual
            | BinaryOp::Less
            | BinaryOp::LessEqual
            | BinaryOp::Greater
            | BinaryOp::GreaterEqual => (is_number(ty) || matches!(ty, Type::Bool | Type::Char), Type::Bool),
        };
        if fits { Ok(self.types.intern(result)) } else { Err(self.refuse(&format!("{op:?}"), left)) }
    }
}

fn is_number(ty: &Type) -> bool {
    is_integer(ty) || *ty == Type::Float
}

fn is_integer(ty: &Type) -> bool {
    matches!(ty, Type::Int | Type::Byte)
}
