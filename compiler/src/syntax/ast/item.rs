//! Items: the declarations of a file, and the members of `impl`, `trait` and `extern` blocks.

use std::sync::Arc;

use super::{ExpressionId, ItemId, Name, Path, PatternId, TypeNodeId};
use crate::source::Span;

/// An item with its doc comment and visibility.
#[derive(Clone, Debug)]
pub struct Item {
    /// The kind of item.
    pub kind: ItemKind,
    /// The place of the item from its first keyword, which may be `pub`, to its end.
    pub span: Span,
    /// The text of the `///` lines before the item, without the slashes.
    pub doc: Option<Arc<str>>,
    /// Whether the item is marked `pub`.
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
    /// An erroneous item; an error was reported.
    Error,
}

/// `import shapes.circle`, `import geometry as g`, `import geometry.{area, Point}`
#[derive(Clone, Debug)]
pub struct Import {
    /// The module: `shapes.circle`.
    pub path: Path,
    /// The names that the import brings into scope.
    pub what: Imported,
}

/// The names that an import brings into scope.
#[derive(Clone, Debug)]
pub enum Imported {
    /// The module, under the last name of its path.
    Module,
    /// `as g`: the module, under the name `g`.
    As(Name),
    /// `.{area, Point}`: the listed items of the module.
    Names(Vec<Name>),
}

/// `const LIMIT: Int = 1_000`
#[derive(Clone, Debug)]
pub struct Constant {
    /// The name of the constant.
    pub name: Name,
    /// The type of the constant.
    pub ty: TypeNodeId,
    /// The value of the constant.
    pub value: ExpressionId,
}

/// `gen fn name[T: Ord](self, x: T) -> T { ... }`
#[derive(Clone, Debug)]
pub struct Function {
    /// The name of the function.
    pub name: Name,
    /// Whether the function is a `gen fn`, which returns a generator; `result` is then the type of its elements.
    pub generator: bool,
    /// `[T: Ord]`
    pub generics: Vec<TypeParameter>,
    /// The place of the parameter `self`, if there is one. `self` is the first parameter, and not in `parameters`.
    pub receiver: Option<Span>,
    /// The parameters after `self`.
    pub parameters: Vec<Parameter>,
    /// The result type after the arrow; without an arrow it is unit.
    pub result: Option<TypeNodeId>,
    /// The body, an [`ExpressionKind::Block`](super::ExpressionKind::Block). The parser has reported a missing body,
    /// except for functions in traits and extern blocks.
    pub body: Option<ExpressionId>,
}

/// `x: Int`, or in a lambda `x`
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The pattern, usually a name.
    pub pattern: PatternId,
    /// The type of the parameter; only a lambda's parameter may have none.
    pub ty: Option<TypeNodeId>,
    /// The place of the whole parameter.
    pub span: Span,
}

/// `T: Ord + Show`
#[derive(Clone, Debug)]
pub struct TypeParameter {
    /// The name of the type parameter.
    pub name: Name,
    /// The required traits, each a [`TypeNodeKind::Named`](super::TypeNodeKind::Named).
    pub bounds: Vec<TypeNodeId>,
}

/// `struct Pair[A, B] { first: A, var second: B }`
#[derive(Clone, Debug)]
pub struct Struct {
    /// The name of the struct.
    pub name: Name,
    /// `[A, B]`
    pub generics: Vec<TypeParameter>,
    /// The fields of the struct.
    pub fields: Vec<StructField>,
}

/// `pub var n: Int`
#[derive(Clone, Debug)]
pub struct StructField {
    /// The name of the field.
    pub name: Name,
    /// The type of the field.
    pub ty: TypeNodeId,
    /// Whether the field is marked `pub`.
    pub public: bool,
    /// Whether the field is a `var`, which may be assigned.
    pub mutable: bool,
    /// The text of the `///` lines before the field.
    pub doc: Option<Arc<str>>,
    /// The place of the whole field.
    pub span: Span,
}

/// `enum Shape { Circle(Float), Empty }`
#[derive(Clone, Debug)]
pub struct Enum {
    /// The name of the enum.
    pub name: Name,
    /// `[T]`
    pub generics: Vec<TypeParameter>,
    /// The variants of the enum.
    pub variants: Vec<Variant>,
}

/// `Rect(w: Float, h: Float)`
#[derive(Clone, Debug)]
pub struct Variant {
    /// The name of the variant.
    pub name: Name,
    /// The fields in the parentheses; empty without parentheses.
    pub fields: Vec<VariantField>,
    /// Whether the variant is marked `pub`.
    pub public: bool,
    /// The text of the `///` lines before the variant.
    pub doc: Option<Arc<str>>,
    /// The place of the whole variant.
    pub span: Span,
}

/// `w: Float`, `Float`
#[derive(Clone, Debug)]
pub struct VariantField {
    /// The label `w`, if any.
    pub label: Option<Name>,
    /// The type of the field.
    pub ty: TypeNodeId,
}

impl Variant {
    /// The labels of the fields; `None` if not all fields have one.
    pub fn labels(&self) -> Option<Vec<&Name>> {
        self.fields.iter().map(|field| field.label.as_ref()).collect()
    }
}

/// `type Grid[T] = [[T]]`
#[derive(Clone, Debug)]
pub struct Alias {
    /// The name of the alias.
    pub name: Name,
    /// `[T]`
    pub generics: Vec<TypeParameter>,
    /// The type that the alias stands for.
    pub ty: TypeNodeId,
}

/// `trait Shape: Show { fn area(self) -> Float }`
#[derive(Clone, Debug)]
pub struct Trait {
    /// The name of the trait.
    pub name: Name,
    /// `[T]`
    pub generics: Vec<TypeParameter>,
    /// The supertraits `Show`, each a [`TypeNodeKind::Named`](super::TypeNodeKind::Named).
    pub supertraits: Vec<TypeNodeId>,
    /// The members, each an [`ItemKind::Function`] or an [`ItemKind::Error`].
    pub members: Vec<ItemId>,
}

/// `impl Show for Stack[T: Show] { ... }`
#[derive(Clone, Debug)]
pub struct Impl {
    /// The names that may be type parameters, which the target declares: `T: Show`. A name without bounds that is a
    /// type in scope, as in `impl Stack[Int]`, is that type.
    pub generics: Vec<TypeParameter>,
    /// The trait `Show`, if any: a [`TypeNodeKind::Named`](super::TypeNodeKind::Named).
    pub implemented: Option<TypeNodeId>,
    /// The target `Stack[T]`, with the type parameters as types.
    pub target: TypeNodeId,
    /// The members, each an [`ItemKind::Function`], an [`ItemKind::Constant`] or an [`ItemKind::Error`]. Only the
    /// standard library may declare constants; the resolver reports such constants in other modules.
    pub members: Vec<ItemId>,
}

/// The ABI in quotes after `extern`: the kind of code that implements the functions of the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Abi {
    /// `"C"`: functions of C libraries.
    C,
    /// `"weft"`: intrinsics, which may be generic. Only the library's module of intrinsics may declare them; the
    /// resolver reports such a block in other modules.
    Weft,
}

/// `extern "C" blocking { ... }`
#[derive(Clone, Debug)]
pub struct Extern {
    /// The ABI in quotes after `extern`.
    pub abi: Abi,
    /// Whether the block is `blocking`: calls of its functions may take long.
    pub blocking: bool,
    /// The members, each an [`ItemKind::Function`] without a body or an [`ItemKind::Error`].
    pub members: Vec<ItemId>,
}

/// `test "name" { ... }`
#[derive(Clone, Debug)]
pub struct Test {
    /// The text between the quotes.
    pub name: Arc<str>,
    /// The place of the name.
    pub name_span: Span,
    /// The body, an [`ExpressionKind::Block`](super::ExpressionKind::Block).
    pub body: ExpressionId,
}
