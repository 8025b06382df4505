//! The names that are always in scope.

/// A function of the prelude.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Builtin {
    /// `print(value)`
    Print,
    /// `println(value)`
    PrintLine,
    /// `eprint(value)`
    Eprint,
    /// `eprintln(value)`
    EprintLine,
    /// `panic(message: String)`
    Panic,
    /// `assert(condition: Bool)`
    Assert,
    /// `assert_eq(left, right)`
    AssertEq,
    /// `same(left, right) -> Bool`
    Same,
    /// `args() -> [String]`
    Args,
    /// `exit(status: Int)`
    Exit,
}

impl Builtin {
    /// Every one of them.
    pub const ALL: [Builtin; 10] = [
        Builtin::Print,
        Builtin::PrintLine,
        Builtin::Eprint,
        Builtin::EprintLine,
        Builtin::Panic,
        Builtin::Assert,
        Builtin::AssertEq,
        Builtin::Same,
        Builtin::Args,
        Builtin::Exit,
    ];

    /// Its name in the source.
    pub fn name(self) -> &'static str {
        match self {
            Builtin::Print => "print",
            Builtin::PrintLine => "println",
            Builtin::Eprint => "eprint",
            Builtin::EprintLine => "eprintln",
            Builtin::Panic => "panic",
            Builtin::Assert => "assert",
            Builtin::AssertEq => "assert_eq",
            Builtin::Same => "same",
            Builtin::Args => "args",
            Builtin::Exit => "exit",
        }
    }

    /// The number of arguments.
    pub fn arity(self) -> usize {
        match self {
            Builtin::Args => 0,
            Builtin::Print
            | Builtin::PrintLine
            | Builtin::Eprint
            | Builtin::EprintLine
            | Builtin::Panic
            | Builtin::Assert
            | Builtin::Exit => 1,
            Builtin::AssertEq | Builtin::Same => 2,
        }
    }

    /// The one with that name.
    pub fn named(name: &str) -> Option<Builtin> {
        Builtin::ALL.into_iter().find(|builtin| builtin.name() == name)
    }
}

/// A type that needs no declaration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Primitive {
    /// `Int`
    Int,
    /// `Float`
    Float,
    /// `Bool`
    Bool,
    /// `Char`
    Char,
    /// `Byte`
    Byte,
    /// `String`
    String,
    /// `Array[T]`, another name of `[T]`
    Array,
    /// `Task[T]`
    Task,
    /// `CInt`, to the program an `Int`
    CInt,
    /// `CLong`, to the program an `Int`
    CLong,
    /// `CSize`, to the program an `Int`
    CSize,
    /// `CString`, to the program a `String`
    CString,
}

impl Primitive {
    /// Every one of them.
    pub const ALL: [Primitive; 12] = [
        Primitive::Int,
        Primitive::Float,
        Primitive::Bool,
        Primitive::Char,
        Primitive::Byte,
        Primitive::String,
        Primitive::Array,
        Primitive::Task,
        Primitive::CInt,
        Primitive::CLong,
        Primitive::CSize,
        Primitive::CString,
    ];

    /// Its name in the source.
    pub fn name(self) -> &'static str {
        match self {
            Primitive::Int => "Int",
            Primitive::Float => "Float",
            Primitive::Bool => "Bool",
            Primitive::Char => "Char",
            Primitive::Byte => "Byte",
            Primitive::String => "String",
            Primitive::Array => "Array",
            Primitive::Task => "Task",
            Primitive::CInt => "CInt",
            Primitive::CLong => "CLong",
            Primitive::CSize => "CSize",
            Primitive::CString => "CString",
        }
    }

    /// The one with that name.
    pub fn named(name: &str) -> Option<Primitive> {
        Primitive::ALL.into_iter().find(|primitive| primitive.name() == name)
    }
}

/// Names of the prelude that this compiler does not support yet.
pub const PLANNED: &[&str] = &["Gen", "Cont"];
