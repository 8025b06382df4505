//! Items: what stands at the top of a file, and the functions in `impl`, `trait` and `extern` blocks.

use std::sync::Arc;

use super::{ExpressionId, ItemId, Name, Path, PatternId, TypeNodeId};
use crate::source::Span;

/// An item with what may stand before it.
#[derive(Clone, Debug)]
pub struct Item {
    /// The kind of item.
    pub kind: ItemKind,
    /// From its first keyword (`pub` too) to its end.
    pub span: Span,
    /// The text of the `///` lines before it, without the slashes.
    pub doc: Option<Arc<str>>,
    /// `pub`
    pub public: bool,
}

/// The kinds of items.
#[derive(Clone, Debug)]
pub enum ItemKind {
    /// `import geometry.{area, Point}`
    Import(Import),
    /// `const LIMIT: Int = 1_000`
    Constant(Constant),
    /// `fn largest[T: Ord](xs: [T]) -> T? { ... }`
    Function(Function),
    /// `struct Counter { name: String, var n: Int }`
    Struct(Struct),
    /// `enum Shape { Circle(Float), Empty }`
    Enum(Enum),
    /// `type Grid = [[Int]]`
    Alias(Alias),
    /// `trait Named { fn name(self) -> String }`
    Trait(Trait),
    /// `impl Show for Stack[T: Show] { ... }`
    Impl(Impl),
    /// `extern "C" { fn getpid() -> CInt }`
    Extern(Extern),
    /// `test "name" { ... }`
    Test(Test),
    /// Something that is not an item; reported.
    Error,
}

/// `import shapes.circle`, `import geometry as g`, `import geometry.{area, Point}`
#[derive(Clone, Debug)]
pub struct Import {
    /// The module: `shapes.circle`.
    pub path: Path,
    /// The names to bring in, or the module itself.
    pub what: Imported,
}

/// A name that an import brings into scope.
#[derive(Clone, Debug)]
pub enum Imported {
    /// The module under its last name.
    Module,
    /// `as g`: the module under that name.
    As(Name),
    /// `.{area, Point}`: those names of the module.
    Names(Vec<Name>),
}

/// `const LIMIT: Int = 1_000`
#[derive(Clone, Debug)]
pub struct Constant {
    /// The name.
    pub name: Name,
    /// The type.
    pub ty: TypeNodeId,
    /// The value.
    pub value: ExpressionId,
}

/// `gen fn name[T: Ord](self, x: T) -> T { ... }`
#[derive(Clone, Debug)]
pub struct Function {
    /// The name.
    pub name: Name,
    /// `gen`: it makes a generator, and `result` is the element's type.
    pub generator: bool,
    /// `[T: Ord]`
    pub generics: Vec<TypeParameter>,
    /// The place of `self`, if there is one; it is the first parameter and not in `parameters`.
    pub receiver: Option<Span>,
    /// The parameters after `self`.
    pub parameters: Vec<Parameter>,
    /// The type after the arrow; without one it is unit.
    pub result: Option<TypeNodeId>,
    /// An [`ExpressionKind::Block`](super::ExpressionKind::Block). Only functions of traits and extern blocks may
    /// have none; the parser has reported all others.
    pub body: Option<ExpressionId>,
}

/// `x: Int`, and in lambdas `x`
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Most often a name.
    pub pattern: PatternId,
    /// The type; only a lambda's parameter may have none.
    pub ty: Option<TypeNodeId>,
    /// The place of the whole parameter.
    pub span: Span,
}

/// `T: Ord + Show`
#[derive(Clone, Debug)]
pub struct TypeParameter {
    /// The name.
    pub name: Name,
    /// The traits, each a [`TypeNodeKind::Named`](super::TypeNodeKind::Named).
    pub bounds: Vec<TypeNodeId>,
}

/// `struct Pair[A, B] { first: A, var second: B }`
#[derive(Clone, Debug)]
pub struct Struct {
    /// The name.
    pub name: Name,
    /// `[A, B]`
    pub generics: Vec<TypeParameter>,
    /// The fields.
    pub fields: Vec<StructField>,
}

/// `pub var n: Int`
#[derive(Clone, Debug)]
pub struct StructField {
    /// The name.
    pub name: Name,
    /// The type.
    pub ty: TypeNodeId,
    /// `pub`
    pub public: bool,
    /// `var`: it may be assigned.
    pub mutable: bool,
    /// The text of the `///` lines before it.
    pub doc: Option<Arc<str>>,
    /// The place of the whole field.
    pub span: Span,
}

/// `enum Shape { Circle(Float), Empty }`
#[derive(Clone, Debug)]
pub struct Enum {
    /// The name.
    pub name: Name,
    /// `[T]`
    pub generics: Vec<TypeParameter>,
    /// The variants.
    pub variants: Vec<Variant>,
}

/// `Rect(Float, Float)`
#[derive(Clone, Debug)]
pub struct Variant {
    /// The name.
    pub name: Name,
    /// The types in the parentheses; none when there are no parentheses.
    pub fields: Vec<TypeNodeId>,
    /// `pub`
    pub public: bool,
    /// The text of the `///` lines before it.
    pub doc: Option<Arc<str>>,
    /// The place of the whole variant.
    pub span: Span,
}

/// `type Grid[T] = [[T]]`
#[derive(Clone, Debug)]
pub struct Alias {
    /// The name.
    pub name: Name,
    /// `[T]`
    pub generics: Vec<TypeParameter>,
    /// The type that it stands for.
    pub ty: TypeNodeId,
}

/// `trait Iter[T] { fn next(self) -> T? }`
#[derive(Clone, Debug)]
pub struct Trait {
    /// The name.
    pub name: Name,
    /// `[T]`
    pub generics: Vec<TypeParameter>,
    /// Each an [`ItemKind::Function`] or an error.
    pub members: Vec<ItemId>,
}

/// `impl Show for Stack[T: Show] { ... }`
#[derive(Clone, Debug)]
pub struct Impl {
    /// The type parameters that the target's brackets name: `T: Show`.
    pub generics: Vec<TypeParameter>,
    /// `Show`, a [`TypeNodeKind::Named`](super::TypeNodeKind::Named).
    pub implemented: Option<TypeNodeId>,
    /// `Stack[T]`: the parameters appear in it as types.
    pub target: TypeNodeId,
    /// Each an [`ItemKind::Function`], an [`ItemKind::Constant`] or an error. Constants of types are for the standard
    /// library alone, which the resolver checks.
    pub members: Vec<ItemId>,
}

/// Whose functions an `extern` block declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Abi {
    /// `"C"`
    C,
    /// `"weft"`: operations of the compiler and the runtime, which may be generic. They are for the standard library
    /// alone, which the resolver checks.
    Weft,
}

/// `extern "C" blocking { ... }`
#[derive(Clone, Debug)]
pub struct Extern {
    /// Whose functions they are.
    pub abi: Abi,
    /// `blocking`: the calls may take long.
    pub blocking: bool,
    /// Each an [`ItemKind::Function`] without a body, or an error.
    pub members: Vec<ItemId>,
}

/// `test "name" { ... }`
#[derive(Clone, Debug)]
pub struct Test {
    /// The text between the quotes.
    pub name: Arc<str>,
    /// The place of the name.
    pub name_span: Span,
    /// An [`ExpressionKind::Block`](super::ExpressionKind::Block).
    pub body: ExpressionId,
}
