//! The types of values, interned: equal types have equal ids.
//!
//! [`Type`] is one layer: a constructor and its parts. In [`TypeTable`] a part is a [`TypeId`]; during inference a part
//! is a term that may contain type variables.

use std::collections::HashMap;
use std::fmt;

use crate::arena::Arena;
use crate::define_id;

define_id! {
    /// An interned type.
    TypeId "type";
    /// A struct or an enum, regardless of its type arguments.
    NominalId "nominal";
    /// A type parameter of one declaration: `T` of `fn largest[T: Ord]`.
    ParameterId "parameter";
}

/// A single layer of a type: a constructor and its parts, each a `Part`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Type<Part = TypeId> {
    /// `()`
    Unit,
    /// `Bool`
    Bool,
    /// `Int`
    Int,
    /// `Float`
    Float,
    /// `Char`
    Char,
    /// `Byte`
    Byte,
    /// `String`
    String,
    /// `(A, B)`, with at least two parts
    Tuple(Vec<Part>),
    /// `[T]`
    Array(Part),
    /// `Task[T]`
    Task(Part),
    /// `Gen[T]`: a generator of elements of type `T`
    Generator(Part),
    /// `fn(A, B) -> C`
    Function {
        /// `share fn`: the function captures only shareable values.
        share: bool,
        /// The types of the parameters, in order.
        parameters: Vec<Part>,
        /// The type of the result.
        result: Part,
    },
    /// A struct or an enum with its type arguments: `Pair[A, B]`
    Nominal(NominalId, Vec<Part>),
    /// A type parameter, such as `T`, in its declaration
    Parameter(ParameterId),
    /// The cell of a `var` that a lambda captures; no program can name this type.
    Cell(Part),
    /// The type of an expression that never has a value: `return`, `panic(...)`.
    Never,
}

impl<Part: Copy> Type<Part> {
    /// The same constructor with other parts: calls `part` for each part, in order, and uses the results as parts.
    pub fn map<Other>(&self, mut part: impl FnMut(Part) -> Other) -> Type<Other> {
        match self {
            Type::Unit => Type::Unit,
            Type::Bool => Type::Bool,
            Type::Int => Type::Int,
            Type::Float => Type::Float,
            Type::Char => Type::Char,
            Type::Byte => Type::Byte,
            Type::String => Type::String,
            Type::Tuple(parts) => Type::Tuple(parts.iter().map(|&of| part(of)).collect()),
            Type::Array(element) => Type::Array(part(*element)),
            Type::Task(result) => Type::Task(part(*result)),
            Type::Generator(element) => Type::Generator(part(*element)),
            Type::Function { share, parameters, result } => Type::Function {
                share: *share,
                parameters: parameters.iter().map(|&of| part(of)).collect(),
                result: part(*result),
            },
            Type::Nominal(nominal, arguments) => {
                Type::Nominal(*nominal, arguments.iter().map(|&of| part(of)).collect())
            }
            Type::Parameter(parameter) => Type::Parameter(*parameter),
            Type::Cell(value) => Type::Cell(part(*value)),
            Type::Never => Type::Never,
        }
    }

    /// The parts in order.
    pub fn parts(&self) -> Vec<Part> {
        let mut parts = Vec::new();
        self.map(|part| parts.push(part));
        parts
    }

    /// Writes the type as in a source text. Calls `part` to write each part; `names` has the names of declared types.
    pub fn write(
        &self,
        f: &mut fmt::Formatter<'_>,
        names: &TypeNames,
        part: impl Fn(&mut fmt::Formatter<'_>, Part) -> fmt::Result,
    ) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, parts: &[Part]| {
            parts.iter().enumerate().try_for_each(|(at, &of)| {
                f.write_str(if at > 0 { ", " } else { "" })?;
                part(f, of)
            })
        };
        let bracketed = |f: &mut fmt::Formatter<'_>, open: &str, parts: &[Part], close: char| {
            f.write_str(open)?;
            list(f, parts)?;
            write!(f, "{close}")
        };
        match self {
            Type::Unit => f.write_str("()"),
            Type::Bool => f.write_str("Bool"),
            Type::Int => f.write_str("Int"),
            Type::Float => f.write_str("Float"),
            Type::Char => f.write_str("Char"),
            Type::Byte => f.write_str("Byte"),
            Type::String => f.write_str("String"),
            Type::Tuple(parts) => bracketed(f, "(", parts, ')'),
            Type::Array(element) => bracketed(f, "[", &[*element], ']'),
            Type::Task(result) => bracketed(f, "Task[", &[*result], ']'),
            Type::Generator(element) => bracketed(f, "Gen[", &[*element], ']'),
            Type::Function { share, parameters, result } => {
                f.write_str(if *share { "share " } else { "" })?;
                bracketed(f, "fn(", parameters, ')')?;
                f.write_str(" -> ")?;
                part(f, *result)
            }
            Type::Nominal(nominal, arguments) => {
                f.write_str(&names.nominals[*nominal])?;
                match arguments.is_empty() {
                    true => Ok(()),
                    false => bracketed(f, "[", arguments, ']'),
                }
            }
            Type::Parameter(parameter) => f.write_str(&names.parameters[*parameter]),
            Type::Cell(value) => bracketed(f, "var[", &[*value], ']'),
            Type::Never => f.write_str("!"),
        }
    }
}

/// A type of C and the corresponding type of Weft, in this order in the comment of each variant.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ForeignType {
    /// `void`, `()`
    Unit,
    /// `bool`, `Bool`
    Bool,
    /// `uint8_t`, `Byte`
    Byte,
    /// `int`, `Int`; the value must fit into an `int`
    CInt,
    /// `int64_t` or `long`, `Int`
    Int,
    /// `size_t`, `Int`; the value must not be negative
    CSize,
    /// `double`, `Float`
    Float,
    /// `const char *`, `String`. An argument is passed as a copy that ends with a zero byte and lives until the call
    /// returns. A result is copied.
    CString,
    /// `void *`, `CPtr`: a struct of the library with one `Int`
    CPtr,
}

/// The names of declared types.
#[derive(Clone, Default, Debug)]
pub struct TypeNames {
    /// Structs and enums.
    pub nominals: Arena<NominalId, String>,
    /// Type parameters.
    pub parameters: Arena<ParameterId, String>,
}

/// All types of a program.
#[derive(Clone, Debug)]
pub struct TypeTable {
    /// The names of the declared types that occur in the table.
    pub names: TypeNames,
    types: Arena<TypeId, Type>,
    ids: HashMap<Type, TypeId>,
}

impl TypeTable {
    /// A table without types.
    pub fn new() -> TypeTable {
        TypeTable { names: TypeNames::default(), types: Arena::new(), ids: HashMap::new() }
    }

    /// The id of a type, which is added if it is new.
    pub fn intern(&mut self, ty: Type) -> TypeId {
        if let Some(&id) = self.ids.get(&ty) {
            return id;
        }
        let id = self.types.push(ty.clone());
        self.ids.insert(ty, id);
        id
    }

    /// The type that `id` stands for.
    pub fn get(&self, id: TypeId) -> &Type {
        &self.types[id]
    }

    /// The type, with each parameter that `arguments` contains replaced by its argument.
    pub fn substitute(&mut self, id: TypeId, arguments: &HashMap<ParameterId, TypeId>) -> TypeId {
        if let Type::Parameter(parameter) = self.types[id] {
            return arguments.get(&parameter).copied().unwrap_or(id);
        }
        let ty = self.types[id].clone();
        let replaced = ty.map(|part| self.substitute(part, arguments));
        if replaced == ty { id } else { self.intern(replaced) }
    }

    /// The type as a source text would show it.
    pub fn display(&self, id: TypeId) -> impl fmt::Display + '_ {
        DisplayType { table: self, id }
    }
}

impl Default for TypeTable {
    fn default() -> Self {
        TypeTable::new()
    }
}

struct DisplayType<'a> {
    table: &'a TypeTable,
    id: TypeId,
}

impl fmt::Display for DisplayType<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table
            .get(self.id)
            .write(f, &self.table.names, |f, part| write!(f, "{}", self.table.display(part)))
    }
}
