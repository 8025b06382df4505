//! Programs with code in C: libraries, and C files that `weft` compiles.

#[path = "harness/command_line.rs"]
mod command_line;
#[path = "harness/process.rs"]
mod process;

use std::fs;
use std::process::Command;

use command_line::{finish, weft, with_program};

#[test]
fn libraries_are_linked_by_name() {
    let program = "extern \"C\" {
  fn twice(n: CInt) -> CInt
}
fn main() { println(twice(21)) }
";
    let folder = with_program("libraries", program);
    let missing = weft(&folder, &["run", "p.weft"]);
    assert_eq!((missing.status, missing.stdout.as_str()), (1, ""));
    assert!(
        missing.stderr.contains("E0311") && missing.stderr.contains("no library has `twice`"),
        "{}",
        missing.stderr
    );

    fs::write(folder.join("twice.c"), "int twice(int n) { return 2 * n; }\n")
        .expect("the folder is writable");
    for tool in [["cc", "-c", "twice.c"].as_slice(), &["ar", "rc", "libtwice.a", "twice.o"]] {
        let made = finish(Command::new(tool[0]).args(&tool[1..]).current_dir(&folder));
        assert_eq!((made.status, made.stderr.as_str()), (0, ""), "{tool:?}");
    }
    let mut run = process::weft();
    run.current_dir(&folder).env("LIBRARY_PATH", &folder).args(["run", "-l", "twice", "p.weft"]);
    let linked = finish(&mut run);
    assert_eq!((linked.status, linked.stdout.as_str(), linked.stderr.as_str()), (0, "42\n", ""));
}

#[test]
fn c_files_are_compiled_and_linked() {
    let program = "extern \"C\" {
  fn twice(n: CInt) -> CInt
}
fn main(args: [String]) { println(\"{twice(21)} {args}\") }
";
    let folder = with_program("c-files", program);
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("the folder is writable");
    write("twice.h", "int add(int a, int b);\n");
    write("twice.c", "#include \"twice.h\"\nint twice(int n) { return add(n, n); }\n");
    write("add.c", "int add(int a, int b) { return a + b; }\n");
    let ran = weft(&folder, &["run", "--c", "twice.c", "--c", "add.c", "p.weft", "add.c"]);
    assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.as_str()), (0, "42 [\"add.c\"]\n", ""));
    let built = weft(&folder, &["build", "p.weft", "twice.c", "add.c", "-o", "program"]);
    assert_eq!((built.status, built.stderr.as_str()), (0, ""));
    assert_eq!(finish(&mut Command::new(folder.join("program"))).stdout, "42 []\n");

    write("bad.c", "int twice(int n) { return n n; }\n");
    let refused = weft(&folder, &["build", "p.weft", "bad.c"]);
    assert_eq!(refused.status, 1);
    let parts = ["E0311", "could not compile `bad.c`", "bad.c:1:"];
    assert!(parts.iter().all(|part| refused.stderr.contains(part)), "{}", refused.stderr);
    let missing = weft(&folder, &["build", "p.weft", "none.c"]);
    assert!(missing.status == 1 && missing.stderr.contains("none.c"), "{}", missing.stderr);
    assert_eq!(weft(&folder, &["build", "p.weft", "p.weft"]).status, 2);
    let kept = weft(&folder, &["build", "p.weft", "add.c", "-o", "add.c"]);
    assert!(kept.status == 1 && fs::read_to_string(folder.join("add.c")).unwrap().contains("a + b"));
}
