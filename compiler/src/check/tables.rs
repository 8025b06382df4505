//! The result of the checker: tables beside the tree.

use std::collections::HashMap;

use crate::arena::Arena;
use crate::hir::{ConstantId, ExprId, FunctionId, LambdaId, Literal, LocalId, LoopId, PatternId, SpawnId};
use crate::types::{TypeId, TypeTable};

/// The types of a program, beside its tree.
#[derive(Clone, Debug)]
pub struct Types {
    /// All types that occur.
    pub table: TypeTable,
    /// The types of each function that is written in Weft and was checked.
    pub functions: Arena<FunctionId, Option<BodyTypes>>,
    /// The types and values of constants.
    pub constants: Arena<ConstantId, ConstantTypes>,
}

/// The types and the value of a constant.
#[derive(Clone, Debug)]
pub struct ConstantTypes {
    /// The types of the expressions in the constant's value.
    pub body: BodyTypes,
    /// The value. `None` for `()`, tuples and arrays, which a function builds anew at each use of the constant, for a
    /// value that is yet to be computed, and for a constant whose error was reported.
    pub value: Option<Value>,
    /// Whether the constant is more than literals, operators, tuples and arrays, so that the stage `constants` computes
    /// its value.
    pub is_computed: bool,
    /// The value that `constants` has computed. If `None`, a function computes it anew at each use of the constant.
    pub computed: Option<Computed>,
}

/// A value without identity that the compiler has computed.
#[derive(Clone, PartialEq, Debug)]
pub enum Computed {
    /// `()`
    Unit,
    /// A number, a character, a `Bool` or a string.
    Scalar(Value),
    /// The fields of a tuple, a struct or the variant of this number.
    Data(usize, Vec<Computed>),
    /// The elements of an array.
    Array(Vec<Computed>),
}

/// A value that the compiler has evaluated.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs, reason = "each is a value of that type")]
pub enum Value {
    Bool(bool),
    Int(i64),
    Float(f64),
    Char(char),
    Byte(u8),
    String(std::sync::Arc<str>),
}

impl Value {
    /// The value as a number, which patterns compare; `None` for floats and strings.
    pub fn number(&self) -> Option<i128> {
        match self {
            Value::Bool(value) => Some(i128::from(*value)),
            Value::Int(value) => Some(i128::from(*value)),
            Value::Char(value) => Some(i128::from(u32::from(*value))),
            Value::Byte(value) => Some(i128::from(*value)),
            Value::Float(_) | Value::String(_) => None,
        }
    }
}

impl From<&Literal> for Value {
    fn from(literal: &Literal) -> Value {
        match literal {
            Literal::Bool(value) => Value::Bool(*value),
            Literal::Int(value) => Value::Int(*value),
            Literal::Float(value) => Value::Float(*value),
            Literal::Char(value) => Value::Char(*value),
            Literal::Byte(value) => Value::Byte(*value),
            Literal::String(text) => Value::String(text.clone()),
        }
    }
}

/// The types in one body, which may contain type parameters of the function. A node that is part of an error has no
/// type.
#[derive(Clone, Debug, Default)]
pub struct BodyTypes {
    pub(super) exprs: Arena<ExprId, Option<TypeId>>,
    pub(super) locals: Arena<LocalId, Option<TypeId>>,
    pub(super) patterns: Arena<PatternId, Option<TypeId>>,
    pub(super) threads: Arena<SpawnId, Option<TypeId>>,
    pub(super) lambdas: Arena<LambdaId, Option<TypeId>>,
    pub(super) calls: HashMap<ExprId, Callee>,
    pub(super) fields: HashMap<ExprId, usize>,
    pub(super) constants: HashMap<ExprId, ConstantId>,
    /// The chosen candidates of the variants whose names several enums have.
    pub(super) chosen: HashMap<ExprId, ExprId>,
    pub(super) chosen_patterns: HashMap<PatternId, PatternId>,
    pub(super) indexing: HashMap<ExprId, Indexing>,
    pub(super) iterations: HashMap<LoopId, Iteration>,
    /// Whether the body has a `select`, which calls functions that no expression names.
    pub(super) selects: bool,
}

/// A function with its type arguments, in the order of `Function::generics`. For a trait's function the first argument
/// is `Self`: once the arguments contain no type parameters, the function is replaced by the function of the `impl` for
/// `Self`, or by a derived function.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Callee {
    /// The function.
    pub function: FunctionId,
    /// The type arguments of the function.
    pub arguments: Vec<TypeId>,
}

/// The meaning of `x[i]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Indexing {
    /// An element of a `[T]`
    Array,
    /// An element of a `Vec[T]`
    Vec,
    /// A method whose argument is the index: `slice` of arrays, vectors and strings, `at` of maps. For the target of an
    /// assignment: `insert` of maps.
    Method(Callee),
    /// `xs[a..]`: `slice`, and `len`, which gives the end
    Rest(Callee, Callee),
    /// The target of `m[k] += v`: `at`, then `insert`
    Update(Callee, Callee),
}

/// The kind of value that a `for` iterates over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Iteration {
    /// A `Range`, whether or not it is written in the `for`
    Range,
    /// A `[T]`
    Array,
    /// A `Vec[T]`, whose length is read again in each iteration
    Vec,
    /// A value with `next`, which is called in each iteration
    Next(Callee),
    /// A value with `iter`, and the `next` of the result of `iter`
    Iter(Callee, Callee),
}

const UNTYPED: &str = "BUG: a program with errors went past the type checker";

impl BodyTypes {
    /// An expression's type.
    pub fn expr(&self, expr: ExprId) -> TypeId {
        self.exprs[expr].expect(UNTYPED)
    }

    /// A variable's type.
    pub fn local(&self, local: LocalId) -> TypeId {
        self.locals[local].expect(UNTYPED)
    }

    /// The type of the values that a pattern matches.
    pub fn pattern(&self, pattern: PatternId) -> TypeId {
        self.patterns[pattern].expect(UNTYPED)
    }

    /// The result type of a spawned thread.
    pub fn thread(&self, spawn: SpawnId) -> TypeId {
        self.threads[spawn].expect(UNTYPED)
    }

    /// The result type of a lambda.
    pub fn lambda(&self, lambda: LambdaId) -> TypeId {
        self.lambdas[lambda].expect(UNTYPED)
    }

    /// The function that a `Call`, `CallMethod`, `CallAssociated`, `Function` or `Associated` means. `None` for a
    /// `CallMethod` that calls the value of a field (see [`BodyTypes::field`]) and for an `Associated` constant.
    pub fn callee(&self, expr: ExprId) -> Option<&Callee> {
        self.calls.get(&expr)
    }

    /// The field that a `Field` or `CallMethod` names.
    pub fn field(&self, expr: ExprId) -> usize {
        *self.fields.get(&expr).expect(UNTYPED)
    }

    /// The constant that an `Associated` without a callee names: `Int.MAX`.
    pub fn constant(&self, expr: ExprId) -> ConstantId {
        *self.constants.get(&expr).expect(UNTYPED)
    }

    /// The candidate that a `Shared` means.
    pub fn chosen(&self, expr: ExprId) -> ExprId {
        *self.chosen.get(&expr).expect(UNTYPED)
    }

    /// The pattern itself, or the candidate that a `Shared` means.
    pub fn chosen_pattern(&self, pattern: PatternId) -> PatternId {
        self.chosen_patterns.get(&pattern).copied().unwrap_or(pattern)
    }

    /// The meaning of an `Index`.
    pub fn indexing(&self, expr: ExprId) -> &Indexing {
        self.indexing.get(&expr).expect(UNTYPED)
    }

    /// The kind of value that a `For` iterates over.
    pub fn iteration(&self, id: LoopId) -> &Iteration {
        self.iterations.get(&id).expect(UNTYPED)
    }
}
