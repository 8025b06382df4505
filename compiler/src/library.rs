//! The sources of the standard library, which are embedded in the compiler.

/// The path and text of each `.weft` file below `stdlib/`, and of `abi.weft`, which the build generates. The files are
/// sorted by path.
pub const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/stdlib.rs"));

/// The text of the module `std.NAME`.
pub fn source(name: &str) -> Option<&'static str> {
    FILES.iter().find(|(path, _)| path.strip_suffix(".weft") == Some(name)).map(|(_, text)| *text)
}

/// The names of the library's modules, without `std.`. They include modules that only the library may import.
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
