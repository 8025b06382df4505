//! The declarations of the HIR: modules, functions, types, traits and constants. `body` has the HIR of function bodies.

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

/// The HIR: a program and the modules of the library that it uses, with all names resolved.
#[derive(Clone, Debug)]
pub struct Hir {
    /// All modules, in the order in which they were loaded; the first is the program's file.
    pub modules: Arena<ModuleId, Module>,
    /// All functions; the functions of a file are in source order.
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
    /// The tests of the program's own modules, in source order.
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

/// A module: one source file.
#[derive(Clone, Debug)]
pub struct Module {
    /// The name that imports use: `shapes.circle`, `std.vec`. For the program's file, its name without `.weft`.
    pub name: String,
    /// The source file.
    pub file: FileId,
    /// Whether the module belongs to the library.
    pub library: bool,
}

/// `T: Ord + Show`
#[derive(Clone, Debug)]
pub struct TypeParameter {
    /// The name of the type parameter; `Self` for a trait's implementing type.
    pub name: Name,
    /// The traits that a type argument must implement.
    pub bounds: Vec<TraitReference>,
}

/// `Iter[Int]`
#[derive(Clone, PartialEq, Debug)]
pub struct TraitReference {
    /// The trait.
    pub id: TraitId,
    /// The type arguments, one for each parameter of the trait.
    pub arguments: Vec<TypeId>,
    /// The place of the reference.
    pub span: Span,
}

/// A struct or an enum.
#[derive(Clone, Debug)]
pub struct Nominal {
    /// The name of the struct or enum.
    pub name: Name,
    /// The module of the declaration.
    pub module: ModuleId,
    /// Whether other modules may use the item.
    pub public: bool,
    /// `[A, B]`
    pub parameters: Vec<ParameterId>,
    /// The kind of type.
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

impl NominalKind {
    /// Whether the values have an identity: whether they can change.
    pub fn has_identity(&self) -> bool {
        match self {
            NominalKind::Struct(fields) => fields.iter().any(|field| field.mutable),
            NominalKind::Enum(_) => false,
        }
    }
}

/// `pub var n: Int`
#[derive(Clone, Debug)]
pub struct StructField {
    /// The name of the field.
    pub name: Name,
    /// The type of the field.
    pub ty: NamedType,
    /// The place of the type.
    pub ty_span: Span,
    /// Whether other modules may use the field.
    pub public: bool,
    /// Whether the field is a `var`, which may be assigned.
    pub mutable: bool,
}

/// `Rect(w: Float, h: Float)`
#[derive(Clone, Debug)]
pub struct Variant {
    /// The name of the variant.
    pub name: Name,
    /// The types in the parentheses, with their places.
    pub fields: Vec<(NamedType, Span)>,
    /// The labels of the fields, one for each; empty if the fields have none.
    pub labels: Vec<Name>,
}

/// `trait Shape: Show { fn area(self) -> Float }`
#[derive(Clone, Debug)]
pub struct Trait {
    /// The name of the trait.
    pub name: Name,
    /// The module of the declaration.
    pub module: ModuleId,
    /// Whether other modules may use the item.
    pub public: bool,
    /// `Self`, the implementing type.
    pub self_parameter: ParameterId,
    /// `[T]`
    pub parameters: Vec<ParameterId>,
    /// The supertraits: traits that each implementing type must implement, too. No trait is a supertrait of itself,
    /// not even through other traits.
    pub supertraits: Vec<TraitReference>,
    /// The functions of the trait; every `impl` must define each function that has a [`FunctionBody::Required`].
    pub functions: Vec<FunctionId>,
}

/// `impl Show for Stack[T: Show] { ... }`
#[derive(Clone, Debug)]
pub struct Impl {
    /// The module of the `impl`.
    pub module: ModuleId,
    /// The place from `impl` to the end of the target.
    pub span: Span,
    /// The type parameters, which the target declares.
    pub parameters: Vec<ParameterId>,
    /// The trait that the `impl` implements, if any; `Some(None)` if an error in the trait was reported.
    pub implemented: Option<Option<TraitReference>>,
    /// `Stack[T]`
    pub target: NamedType,
    /// The place of the target.
    pub target_span: Span,
    /// The functions of the `impl`.
    pub functions: Vec<FunctionId>,
    /// The constants, such as `Int.MAX`; only the library may declare constants in an `impl`.
    pub constants: Vec<ConstantId>,
}

/// `const LIMIT: Int = 1_000`
#[derive(Clone, Debug)]
pub struct Constant {
    /// The name of the constant.
    pub name: Name,
    /// The module of the declaration.
    pub module: ModuleId,
    /// Whether other modules may use the item.
    pub public: bool,
    /// The type of the constant.
    pub ty: NamedType,
    /// The place of the type.
    pub ty_span: Span,
    /// The value of the constant. It may consist of literals, operators, tuples, arrays and other constants.
    pub value: Body,
}

/// `test "name" { ... }`
#[derive(Clone, Debug)]
pub struct Test {
    /// The text between the quotes.
    pub name: std::sync::Arc<str>,
    /// The place of the name.
    pub span: Span,
    /// The body, as a function without parameters that returns `()`.
    pub function: FunctionId,
}

/// A function declaration.
#[derive(Clone, Debug)]
pub struct Function {
    /// The name of the function.
    pub name: Name,
    /// The place of the whole declaration.
    pub span: Span,
    /// The module of the declaration.
    pub module: ModuleId,
    /// Whether other modules may use the item.
    pub public: bool,
    /// The owner: a module, an `impl` or a trait.
    pub owner: Owner,
    /// All type parameters in scope: first the parameters of the `impl`, or `Self` and the parameters of the trait;
    /// then the function's own parameters.
    pub generics: Vec<ParameterId>,
    /// Whether the first parameter is `self`.
    pub has_receiver: bool,
    /// The parameters, including `self`.
    pub parameters: Vec<Parameter>,
    /// The type of the function's result: the type after the arrow, `()` without an arrow, and `Gen[T]` if the function
    /// is a `gen fn` with `T` after the arrow.
    pub result: NamedType,
    /// For a `gen fn`, the type of the elements.
    pub element: Option<NamedType>,
    /// The place of the result's type.
    pub result_span: Option<Span>,
    /// The body.
    pub body: FunctionBody,
}

/// The owner of a function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Owner {
    /// A module, or an `extern` block of a module.
    Module,
    /// An `impl` block.
    Impl(ImplId),
    /// A trait.
    Trait(TraitId),
}

/// A parameter of a function.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The name of the parameter, for messages; `_` if its pattern is not a name.
    pub name: Symbol,
    /// The type of the parameter.
    pub ty: NamedType,
    /// The place of the type, or of `self`.
    pub ty_span: Span,
}

/// The body of a function.
#[derive(Clone, Debug)]
pub enum FunctionBody {
    /// A body written in Weft. `Body::parameters` has the patterns of the parameters.
    Weft(Body),
    /// A C function.
    Foreign(Foreign),
    /// An intrinsic: a MIR instruction, or a function of the runtime.
    Intrinsic(Intrinsic),
    /// No body: a function of a trait that every `impl` must define.
    Required,
}

impl FunctionBody {
    /// The body, if the function is written in Weft.
    pub fn weft(&self) -> Option<&Body> {
        match self {
            FunctionBody::Weft(body) => Some(body),
            FunctionBody::Foreign(_) | FunctionBody::Intrinsic(_) | FunctionBody::Required => None,
        }
    }
}

/// A C function.
#[derive(Clone, PartialEq, Debug)]
pub struct Foreign {
    /// The C types of the parameters.
    pub parameters: Vec<ForeignType>,
    /// The C type of the result.
    pub result: ForeignType,
    /// Whether the `extern` block is `blocking`: calls of its functions may take long.
    pub blocking: bool,
}

impl Hir {
    /// The struct or enum `id`.
    pub fn nominal(&self, id: NominalId) -> &Nominal {
        &self.nominals[id]
    }

    /// The functions of an `impl` by name.
    pub fn functions_of(&self, id: ImplId) -> HashMap<&str, FunctionId> {
        self.impls[id].functions.iter().map(|&f| (self.functions[f].name.as_str(), f)).collect()
    }
}
