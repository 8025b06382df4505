//! The sources of the standard library, which are built into the compiler.

/// Each file below `stdlib/`, and `abi.weft`, which the build generates: its path and its text, sorted.
pub const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/stdlib.rs"));

/// The text of the module `std.NAME`.
pub fn source(name: &str) -> Option<&'static str> {
    FILES.iter().find(|(path, _)| path.strip_suffix(".weft") == Some(name)).map(|(_, text)| *text)
}

/// The names of its modules, without `std.`; those that only the library may import too.
pub fn names() -> impl Iterator<Item = &'static str> {
    FILES.iter().filter_map(|(path, _)| path.strip_suffix(".weft"))
}

#[cfg(test)]
mod tests {
    use super::{names, source};

    #[test]
    fn each_module_has_its_text() {
        assert!(names().any(|name| name == "prelude"));
        assert!(names().all(|name| source(name).is_some_and(|text| text.ends_with('\n'))));
        assert_eq!(source("no_such_module"), None);
    }
}
