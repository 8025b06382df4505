//! Generates the parser, and builds what the compiler embeds: the runtime library, the runtime's hot paths as bitcode,
//! the standard library's sources and the pages about errors.
//!
//! The runtime is built by a separate cargo process, always in release mode, so that a debug build of the compiler
//! embeds the same runtime as a release build.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    generate_parser();
    let out = PathBuf::from(variable("OUT_DIR"));
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")).join("..");
    let numbers = out.join("abi.weft");
    fs::write(&numbers, library_numbers()).expect("OUT_DIR is writable");
    embed(&root.join("stdlib"), ".weft", &[("abi.weft", numbers)], &out.join("stdlib.rs"));
    embed(&root.join("docs/errors"), ".md", &[], &out.join("explain.rs"));
    if env::var_os("CARGO_FEATURE_LLVM").is_some() {
        prefer_static_libraries(&out);
        embed_runtime(&root, &out);
    }
}

/// Generates `OUT_DIR/syntax/grammar.rs` from the grammar.
fn generate_parser() {
    println!("cargo::rerun-if-changed=src/syntax/grammar.lalrpop");
    lalrpop::Configuration::new()
        .use_cargo_dir_conventions()
        .emit_rerun_directives(false)
        .process()
        .expect("the grammar must be unambiguous");
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|error| panic!("cargo sets {name}: {error}"))
}

/// The text of `std.abi`: the numbers that the library shares with the compiler and the runtime.
fn library_numbers() -> String {
    let mut text =
        String::from("//! Numbers that the runtime has, too: generated from `weft_abi::library`.\n");
    for (name, value, comment) in weft_abi::library::CONSTANTS {
        write!(text, "\n/// {comment}\npub const {name}: Int = {value}\n").expect("writing to a string");
    }
    text
}

/// Writes `list_file`, the Rust source of a sorted slice. The slice has the path and text of each file below `folder`
/// whose name ends with `ending`, and of each file in `others`.
fn embed(folder: &Path, ending: &str, others: &[(&str, PathBuf)], list_file: &Path) {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files = Vec::new();
    files_below(folder, ending, &mut files);
    files.sort();
    let named = files.iter().map(|file| {
        let name = file.strip_prefix(folder).expect("it was found there").to_str().expect("names are UTF-8");
        (name, file.canonicalize().expect("it was found there"))
    });
    let mut named: Vec<(&str, PathBuf)> = named.chain(others.iter().cloned()).collect();
    named.sort();
    let mut list = String::from("&[\n");
    for (name, path) in named {
        writeln!(list, "({name:?}, include_str!({path:?})),").expect("writing to a string");
    }
    list.push(']');
    fs::write(list_file, list).expect("OUT_DIR is writable");
}

fn files_below(folder: &Path, ending: &str, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.expect("the folder is readable").path();
        if path.is_dir() {
            files_below(&path, ending, files);
        } else if path.to_str().is_some_and(|path| path.ends_with(ending)) {
            files.push(path);
        }
    }
}

/// Puts the archives of the libraries that LLVM needs into a folder that the linker searches first.
///
/// `llvm-sys` and `inkwell` link LLVM itself from archives, but do not choose between archives and shared libraries for
/// the libraries that LLVM needs, and a linker takes the shared library if a folder has both. The folder here has only
/// archives, so `weft` runs where none of these libraries is installed. If the archive of a library is missing, the
/// shared library is linked.
fn prefer_static_libraries(out: &Path) {
    const LIBRARIES: [&str; 4] = ["stdc++", "ffi", "z", "zstd"];
    let folder = out.join("archives");
    fs::create_dir_all(&folder).expect("OUT_DIR is writable");
    for library in LIBRARIES {
        let name = format!("lib{library}.a");
        let found = Command::new("cc").arg(format!("-print-file-name={name}")).output();
        let path = found.map(|found| PathBuf::from(String::from_utf8_lossy(&found.stdout).trim_end()));
        // If the C compiler does not find the archive, it prints the name without a folder.
        match path {
            Ok(path) if path.is_absolute() => {
                fs::copy(&path, folder.join(&name)).expect("OUT_DIR is writable");
            }
            _ => println!("cargo::warning=found no {name}: `weft` will need the shared library"),
        }
    }
    println!("cargo::rustc-link-search=native={}", folder.display());
}

/// Builds `libweft_runtime.a`, `weft_hot.bc`, and `weft_hot_traced.bc` for programs that record their schedules.
fn embed_runtime(root: &Path, out: &Path) {
    for source in ["runtime", "Cargo.lock", "Cargo.toml", "rust-toolchain.toml"] {
        println!("cargo::rerun-if-changed={}", root.join(source).display());
    }
    let target = variable("TARGET");
    nested_cargo(root, out, &["build", "--package", "weft-runtime"], &[]);
    let library = out.join("runtime").join(&target).join("release/libweft_runtime.a");
    strip_debug_information(&library, &out.join("libweft_runtime.a"));

    // The bitcode is one module and already optimised: so even a program at -O0 switches stacks fast, and LLVM has less
    // to read.
    for (name, features) in [("weft_hot.bc", ""), ("weft_hot_traced.bc", "trace")] {
        let emit = format!("--emit=llvm-bc={}", out.join(name).display());
        nested_cargo(
            root,
            out,
            &["rustc", "--package", "weft-hot", "--lib", "--features", features],
            &["--", &emit, "-Ccodegen-units=1", "-Copt-level=3", "-Cpanic=abort"],
        );
    }
}

/// Runs cargo for the workspace at `root`, in a separate target folder: in the target folder of the outer cargo, the
/// inner cargo would wait forever for the lock that the outer cargo holds.
fn nested_cargo(root: &Path, out: &Path, arguments: &[&str], rustc_arguments: &[&str]) {
    let mut cargo = Command::new(variable("CARGO"));
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(is_of_outer_build) {
            cargo.env_remove(name);
        }
    }
    // The compiler inlines the runtime's hot paths. An incremental build would cut them into many units, not inline the
    // functions of `weft-abi` into them, and leave stack slots in them that LLVM cannot remove.
    cargo.env("CARGO_INCREMENTAL", "0");
    cargo.args(arguments).args(["--release", "--locked", "--target", &variable("TARGET")]);
    cargo.arg("--manifest-path").arg(root.join("Cargo.toml"));
    cargo.arg("--target-dir").arg(out.join("runtime"));
    cargo.args(rustc_arguments);
    let status = cargo.status().unwrap_or_else(|error| panic!("cannot run {cargo:?}: {error}"));
    assert!(status.success(), "the runtime does not build: {cargo:?} ended with {status}");
}

/// Whether an environment variable describes the outer build: its flags, wrappers (clippy is one) and job server. These
/// must not influence the build of the runtime. Variables that say where packages come from are kept.
fn is_of_outer_build(name: &str) -> bool {
    const KEPT: [&str; 4] = ["CARGO_HOME", "CARGO_HTTP_", "CARGO_NET_", "CARGO_REGISTR"];
    const NAMES: [&str; 12] = [
        "RUSTFLAGS",
        "RUSTDOCFLAGS",
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "MAKEFLAGS",
        "MFLAGS",
        "TARGET",
        "HOST",
        "PROFILE",
        "OPT_LEVEL",
        "DEBUG",
        "OUT_DIR",
    ];
    let of_cargo = name.starts_with("CARGO_") && !KEPT.iter().any(|kept| name.starts_with(kept));
    of_cargo || NAMES.contains(&name)
}

/// Strips the archive: half of it is line tables of Rust's standard library, which no Weft program needs.
fn strip_debug_information(library: &Path, stripped: &Path) {
    let rustc =
        Command::new(variable("RUSTC")).args(["--print", "sysroot"]).output().expect("cargo set RUSTC");
    let sysroot = PathBuf::from(String::from_utf8_lossy(&rustc.stdout).trim_end());
    let of_rustc = sysroot.join("lib/rustlib").join(variable("HOST")).join("bin/rust-objcopy");
    for objcopy in [of_rustc.as_path(), Path::new("llvm-objcopy-22"), Path::new("objcopy")] {
        let status = Command::new(objcopy).arg("--strip-debug").arg(library).arg(stripped).status();
        if status.is_ok_and(|status| status.success()) {
            return;
        }
    }
    println!("cargo::warning=found no objcopy: the runtime keeps its debug information");
    fs::copy(library, stripped).expect("OUT_DIR is writable");
}
