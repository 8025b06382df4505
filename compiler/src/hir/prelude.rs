//! The names that are in scope everywhere without a declaration: functions and types that the compiler provides.

/// A function that the compiler provides.
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
    /// All builtins.
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

    /// The name in the source.
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

    /// The builtin with that name.
    pub fn named(name: &str) -> Option<Builtin> {
        Builtin::ALL.into_iter().find(|builtin| builtin.name() == name)
    }
}

/// A type that the compiler provides.
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
    /// `Gen[T]`
    Gen,
    /// `CInt`, which a Weft program uses as an `Int`
    CInt,
    /// `CLong`, which a Weft program uses as an `Int`
    CLong,
    /// `CSize`, which a Weft program uses as an `Int`
    CSize,
    /// `CString`, which a Weft program uses as a `String`
    CString,
}

impl Primitive {
    /// All primitive types.
    pub const ALL: [Primitive; 13] = [
        Primitive::Int,
        Primitive::Float,
        Primitive::Bool,
        Primitive::Char,
        Primitive::Byte,
        Primitive::String,
        Primitive::Array,
        Primitive::Task,
        Primitive::Gen,
        Primitive::CInt,
        Primitive::CLong,
        Primitive::CSize,
        Primitive::CString,
    ];

    /// The name in the source.
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
            Primitive::Gen => "Gen",
            Primitive::CInt => "CInt",
            Primitive::CLong => "CLong",
            Primitive::CSize => "CSize",
            Primitive::CString => "CString",
        }
    }

    /// The primitive type with that name.
    pub fn named(name: &str) -> Option<Primitive> {
        Primitive::ALL.into_iter().find(|primitive| primitive.name() == name)
    }
}
