//! The shapes of the tree with names: what a program declares. `body` has the shapes of what functions do.

use std::collections::HashMap;

use super::body::Body;
use super::ids::{ConstantId, FunctionId, ImplId, NamedType, TraitId};
use super::intrinsics::Intrinsic;
use super::lang_items::LangItems;
use crate::arena::Arena;
use crate::modules::ModuleId;
use crate::source::{FileId, Span};
use crate::syntax::ast::{Name, Symbol};
use crate::types::{ForeignType, NominalId, ParameterId, TypeId, TypeTable};

/// A program and the part of the library that it was loaded with: all names are resolved.
#[derive(Clone, Debug)]
pub struct Hir {
    /// In the order they were loaded; the first is the program's file.
    pub modules: Arena<ModuleId, Module>,
    /// All functions, each file's in the order of its text.
    pub functions: Arena<FunctionId, Function>,
    /// Structs and enums.
    pub nominals: Arena<NominalId, Nominal>,
    /// Type parameters of all declarations.
    pub parameters: Arena<ParameterId, TypeParameter>,
    /// Traits.
    pub traits: Arena<TraitId, Trait>,
    /// `impl` blocks.
    pub impls: Arena<ImplId, Impl>,
    /// Constants.
    pub constants: Arena<ConstantId, Constant>,
    /// Tests of the program's own modules, in the order of the text.
    pub tests: Vec<Test>,
    /// `fn main` of the program's file, if there is one.
    pub main: Option<FunctionId>,
    /// The types that declarations and annotations name.
    pub types: TypeTable,
    /// The declarations of the library that the compiler uses by name.
    pub lang_items: LangItems,
}

impl Hir {
    /// Whether a file is a module of the library.
    pub fn is_of_library(&self, file: FileId) -> bool {
        self.modules.iter().any(|module| module.library && module.file == file)
    }
}

/// A file.
#[derive(Clone, Debug)]
pub struct Module {
    /// As an import names it: `shapes.circle`, `std.vec`; the program's file by its own name.
    pub name: String,
    /// Its text.
    pub file: FileId,
    /// Whether it is of the library.
    pub library: bool,
}

/// `T: Ord + Show`
#[derive(Clone, Debug)]
pub struct TypeParameter {
    /// Its name; `Self` for a trait's own.
    pub name: Name,
    /// The traits that a type argument must implement.
    pub bounds: Vec<TraitReference>,
}

/// `Iter[Int]`
#[derive(Clone, PartialEq, Debug)]
pub struct TraitReference {
    /// The trait.
    pub id: TraitId,
    /// A type for each parameter of the trait.
    pub arguments: Vec<TypeId>,
    /// Its place.
    pub span: Span,
}

/// A struct or an enum.
#[derive(Clone, Debug)]
pub struct Nominal {
    /// Its name.
    pub name: Name,
    /// The place of its declaration.
    pub module: ModuleId,
    /// Whether other modules may name it.
    pub public: bool,
    /// `[A, B]`
    pub parameters: Vec<ParameterId>,
    /// Its kind.
    pub kind: NominalKind,
}

/// The kinds of nominal types.
#[derive(Clone, Debug)]
pub enum NominalKind {
    /// `struct Counter { name: String, var n: Int }`
    Struct(Vec<StructField>),
    /// `enum Shape { Circle(Float), Empty }`
    Enum(Vec<Variant>),
}

/// `pub var n: Int`
#[derive(Clone, Debug)]
pub struct StructField {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: NamedType,
    /// The place of the type.
    pub ty_span: Span,
    /// Whether other modules may name it.
    pub public: bool,
    /// `var`: it may be assigned.
    pub mutable: bool,
}

/// `Rect(Float, Float)`
#[derive(Clone, Debug)]
pub struct Variant {
    /// Its name.
    pub name: Name,
    /// The types in the parentheses, with their places.
    pub fields: Vec<(NamedType, Span)>,
}

/// `trait Iter[T] { fn next(self) -> T? }`
#[derive(Clone, Debug)]
pub struct Trait {
    /// Its name.
    pub name: Name,
    /// The place of its declaration.
    pub module: ModuleId,
    /// Whether other modules may name it.
    pub public: bool,
    /// `Self`, the implementing type.
    pub self_parameter: ParameterId,
    /// `[T]`
    pub parameters: Vec<ParameterId>,
    /// Its functions; those with a [`FunctionBody::Required`] must be in every `impl`.
    pub functions: Vec<FunctionId>,
}

/// `impl Show for Stack[T: Show] { ... }`
#[derive(Clone, Debug)]
pub struct Impl {
    /// Its place.
    pub module: ModuleId,
    /// From `impl` to the target.
    pub span: Span,
    /// The parameters that the target names.
    pub parameters: Vec<ParameterId>,
    /// The trait, if it is one's; `None` inside for one that was reported.
    pub implemented: Option<Option<TraitReference>>,
    /// `Stack[T]`
    pub target: NamedType,
    /// The place of the target.
    pub target_span: Span,
    /// Its functions.
    pub functions: Vec<FunctionId>,
    /// Its constants, which only the library has: `Int.MAX`.
    pub constants: Vec<ConstantId>,
}

/// `const LIMIT: Int = 1_000`
#[derive(Clone, Debug)]
pub struct Constant {
    /// Its name.
    pub name: Name,
    /// The place of its declaration.
    pub module: ModuleId,
    /// Whether other modules may name it.
    pub public: bool,
    /// Its type.
    pub ty: NamedType,
    /// The place of the type.
    pub ty_span: Span,
    /// Its value: literals, operators, tuples, arrays and other constants.
    pub value: Body,
}

/// `test "name" { ... }`
#[derive(Clone, Debug)]
pub struct Test {
    /// Between the quotes.
    pub name: std::sync::Arc<str>,
    /// The place of the name.
    pub span: Span,
    /// Its body: a function of nothing that gives `()`.
    pub function: FunctionId,
}

/// A function declaration.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name.
    pub name: Name,
    /// From `fn` to the end of the body.
    pub span: Span,
    /// The place of its declaration.
    pub module: ModuleId,
    /// Whether other modules may name it.
    pub public: bool,
    /// The place that owns it.
    pub owner: Owner,
    /// All type parameters that its types may name: those of its `impl`, or `Self` and those of its trait; then its
    /// own.
    pub generics: Vec<ParameterId>,
    /// Whether the first parameter is `self`.
    pub has_receiver: bool,
    /// With `self`.
    pub parameters: Vec<Parameter>,
    /// The type after the arrow; `()` without an arrow.
    pub result: NamedType,
    /// The place of the result's type.
    pub result_span: Option<Span>,
    /// The body.
    pub body: FunctionBody,
}

/// The owner of a function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Owner {
    /// Its module, or an `extern` block of it.
    Module,
    /// An `impl` block.
    Impl(ImplId),
    /// A trait.
    Trait(TraitId),
}

/// A parameter of a function.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name, for messages; `_` for a pattern without one.
    pub name: Symbol,
    /// Its type.
    pub ty: NamedType,
    /// The place of the type, or of `self`.
    pub ty_span: Span,
}

/// The body of a function.
#[derive(Clone, Debug)]
pub enum FunctionBody {
    /// Written in Weft. `Body::parameters` has its patterns.
    Weft(Body),
    /// A function in C.
    Foreign(Foreign),
    /// An instruction, or a function of the runtime.
    Intrinsic(Intrinsic),
    /// A trait's function without a body.
    Required,
}

impl FunctionBody {
    /// The body, if it is written in Weft.
    pub fn weft(&self) -> Option<&Body> {
        match self {
            FunctionBody::Weft(body) => Some(body),
            FunctionBody::Foreign(_) | FunctionBody::Intrinsic(_) | FunctionBody::Required => None,
        }
    }
}

/// A function in C.
#[derive(Clone, PartialEq, Debug)]
pub struct Foreign {
    /// The C types of its parameters.
    pub parameters: Vec<ForeignType>,
    /// The C type of its result.
    pub result: ForeignType,
    /// Whether it may take long.
    pub blocking: bool,
}

impl Hir {
    /// The struct or enum, and its variants' or its own fields' types.
    pub fn nominal(&self, id: NominalId) -> &Nominal {
        &self.nominals[id]
    }

    /// The functions that a function of a trait stands for, by name: those of an `impl`.
    pub fn functions_of(&self, id: ImplId) -> HashMap<&str, FunctionId> {
        self.impls[id].functions.iter().map(|&f| (self.functions[f].name.as_str(), f)).collect()
    }
}
