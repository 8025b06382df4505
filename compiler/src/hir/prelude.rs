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
    /// `args() -> [String]`
    Args,
    /// `exit(status: Int)`
    Exit,
}

impl Builtin {
    /// Every one of them.
    pub const ALL: [Builtin; 9] = [
        Builtin::Print,
        Builtin::PrintLine,
        Builtin::Eprint,
        Builtin::EprintLine,
        Builtin::Panic,
        Builtin::Assert,
        Builtin::AssertEq,
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
            Builtin::Args => "args",
            Builtin::Exit => "exit",
        }
    }

    /// How many arguments it takes.
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
            Builtin::AssertEq => 2,
        }
    }

    /// The one with that name.
    pub fn named(name: &str) -> Option<Builtin> {
        Builtin::ALL.into_iter().find(|builtin| builtin.name() == name)
    }
}

/// Functions, values and variants of the language's prelude that this compiler does not know yet.
pub const PLANNED_VALUES: &[&str] = &[
    "chan",
    "sleep",
    "min",
    "max",
    "same",
    "read_line",
    "Some",
    "None",
    "Ok",
    "Err",
    "Less",
    "Equal",
    "Greater",
];

/// Types and traits of the language's prelude that this compiler does not know yet.
pub const PLANNED_TYPES: &[&str] = &[
    "Char",
    "Byte",
    "Vec",
    "Map",
    "Set",
    "Option",
    "Result",
    "Range",
    "Chan",
    "Gen",
    "Mutex",
    "Atomic",
    "Cont",
    "Array",
    "StringBuilder",
    "Ordering",
    "Show",
    "Eq",
    "Ord",
    "Hash",
    "Iter",
    "Share",
    "Self",
    "CInt",
    "CLong",
    "CSize",
    "CString",
    "CPtr",
];

/// The types that can be named.
pub const TYPES: &[&str] = &["Int", "Float", "Bool", "String", "Task"];
