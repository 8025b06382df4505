//! The operators in three kinds: unary, binary, and the logical operators, which short-circuit.

use crate::types::Type;

/// An operator with one operand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnaryOp {
    /// `-`
    Negate,
    /// `!`
    Not,
    /// `~`
    Complement,
}

/// An operator with two operands, both of which are always evaluated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "`symbol` says what each is")]
pub enum BinaryOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    WrappingAdd,
    WrappingSubtract,
    WrappingMultiply,
    And,
    Or,
    Xor,
    ShiftLeft,
    ShiftRight,
    ShiftRightLogical,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

/// An operator that evaluates its right operand only if the left operand does not decide the result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogicalOp {
    /// `&&`
    And,
    /// `||`
    Or,
}

impl UnaryOp {
    /// The operator's text in the source.
    pub fn symbol(self) -> &'static str {
        match self {
            UnaryOp::Negate => "-",
            UnaryOp::Not => "!",
            UnaryOp::Complement => "~",
        }
    }

    /// Whether an instruction computes the operator for an operand of this type. For other types the function of the
    /// operator's trait does, if they have it.
    pub fn is_built_in<T>(self, ty: &Type<T>) -> bool {
        match self {
            UnaryOp::Negate => matches!(ty, Type::Int | Type::Float | Type::Never),
            UnaryOp::Not => matches!(ty, Type::Bool | Type::Never),
            UnaryOp::Complement => matches!(ty, Type::Int | Type::Byte | Type::Never),
        }
    }
}

impl BinaryOp {
    /// Whether the compiler computes the operator for operands of this type. For other types the function of the
    /// operator's trait does, if they have it. No comparison counts as built in.
    pub fn is_built_in<T>(self, ty: &Type<T>) -> bool {
        let is_integer = matches!(ty, Type::Int | Type::Byte | Type::Never);
        match self {
            BinaryOp::Add => is_integer || matches!(ty, Type::Float | Type::String | Type::Array(_)),
            BinaryOp::Subtract | BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Remainder => {
                is_integer || matches!(ty, Type::Float)
            }
            BinaryOp::WrappingAdd
            | BinaryOp::WrappingSubtract
            | BinaryOp::WrappingMultiply
            | BinaryOp::And
            | BinaryOp::Or
            | BinaryOp::Xor
            | BinaryOp::ShiftLeft
            | BinaryOp::ShiftRight
            | BinaryOp::ShiftRightLogical => is_integer,
            BinaryOp::Equal
            | BinaryOp::NotEqual
            | BinaryOp::Less
            | BinaryOp::LessEqual
            | BinaryOp::Greater
            | BinaryOp::GreaterEqual => false,
        }
    }

    /// The operator's text in the source.
    pub fn symbol(self) -> &'static str {
        match self {
            BinaryOp::Add => "+",
            BinaryOp::Subtract => "-",
            BinaryOp::Multiply => "*",
            BinaryOp::Divide => "/",
            BinaryOp::Remainder => "%",
            BinaryOp::WrappingAdd => "+%",
            BinaryOp::WrappingSubtract => "-%",
            BinaryOp::WrappingMultiply => "*%",
            BinaryOp::And => "&",
            BinaryOp::Or => "|",
            BinaryOp::Xor => "^",
            BinaryOp::ShiftLeft => "<<",
            BinaryOp::ShiftRight => ">>",
            BinaryOp::ShiftRightLogical => ">>>",
            BinaryOp::Equal => "==",
            BinaryOp::NotEqual => "!=",
            BinaryOp::Less => "<",
            BinaryOp::LessEqual => "<=",
            BinaryOp::Greater => ">",
            BinaryOp::GreaterEqual => ">=",
        }
    }
}

impl LogicalOp {
    /// The operator's text in the source.
    pub fn symbol(self) -> &'static str {
        match self {
            LogicalOp::And => "&&",
            LogicalOp::Or => "||",
        }
    }
}
