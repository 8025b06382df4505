//! Names from other languages, and the names to write in Weft.

/// The Weft type that corresponds to a type name from another language.
pub(in crate::hir) fn type_of(name: &str) -> Option<&'static str> {
    Some(match name {
        "i8" | "i16" | "i32" | "i64" | "i128" | "isize" | "u16" | "u32" | "u64" | "u128" | "usize"
        | "int32" | "int64" | "uint" | "long" | "short" | "Integer" | "integer" | "Int32" | "Int64"
        | "Long" | "number" | "Number" => "Int",
        "f32" | "f64" | "float32" | "float64" | "double" | "Double" | "Float64" | "real" => "Float",
        "str" | "Str" | "Text" | "text" => "String",
        "u8" | "uint8" | "UInt8" => "Byte",
        "boolean" | "Boolean" => "Bool",
        "rune" | "Character" | "character" => "Char",
        "void" | "Void" | "unit" | "Unit" => "()",
        "List" | "list" | "Vector" | "vector" | "ArrayList" => "Vec",
        "HashMap" | "Dict" | "dict" | "Dictionary" | "BTreeMap" | "Hash" => "Map",
        "HashSet" | "BTreeSet" => "Set",
        "Maybe" | "Optional" => "Option",
        "Either" => "Result",
        "Channel" | "channel" => "Chan",
        "Thread" | "thread" | "Future" | "Promise" => "Task",
        _ => return None,
    })
}

/// The Weft value or function that corresponds to a name from another language.
pub(in crate::hir) fn value_of(name: &str) -> Option<&'static str> {
    Some(match name {
        "null" | "nil" | "NULL" | "nullptr" | "undefined" | "Nothing" | "nothing" => "None",
        "True" | "TRUE" => "true",
        "False" | "FALSE" => "false",
        "this" => "self",
        "printf" | "puts" | "echo" | "putStrLn" | "print_line" | "writeln" => "println",
        "Just" => "Some",
        "Left" => "Err",
        "Right" => "Ok",
        "throw" | "raise" | "error" | "fail" => "panic",
        "input" | "readline" | "gets" => "read_line",
        _ => return None,
    })
}

/// The method call to write in Weft for a function from another language.
pub(in crate::hir) fn method_of(name: &str) -> Option<&'static str> {
    Some(match name {
        "len" | "length" | "size" => "x.len()",
        "sqrt" => "x.sqrt()",
        "abs" => "x.abs()",
        "str" | "to_string" | "toString" => "\"{x}\"",
        "int" | "parseInt" => "x.to_int()",
        "float" | "parseFloat" => "x.to_float()",
        "ord" => "c.to_int()",
        "chr" => "Char.from_int(n)",
        "range" => "a..b",
        "sorted" | "sort" => "xs.sort()",
        "map" => "xs.map(f)",
        "filter" => "xs.filter(f)",
        "enumerate" => "xs.enumerate()",
        "zip" => "xs.zip(ys)",
        "sum" => "xs.fold(0, |a, b| a + b)",
        _ => return None,
    })
}
