//! The command line: statuses, usage, unusable files, message formats, and that `weft` needs no further files.

#[path = "harness/command_line.rs"]
mod command_line;
#[path = "harness/process.rs"]
mod process;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use command_line::{finish, folder, weft, with_program};
use weft::driver::{WAYS, Way};

const HELLO: &str = "fn main() { println(\"hello\") }\n";

#[test]
fn wrong_usage_is_status_2() {
    let folder = with_program("usage", HELLO);
    let wrong: [&[&str]; 10] = [
        &[],
        &["fly"],
        &["run"],
        &["check"],
        &["build", "-O1", "p.weft"],
        &["build", "--switch=fly", "p.weft"],
        &["check", "p.weft", "extra"],
        &["emit", "p.weft"],
        &["emit", "soup", "p.weft"],
        &["check", "--message-format", "xml", "p.weft"],
    ];
    for arguments in wrong {
        let finished = weft(&folder, arguments);
        assert_eq!(
            (finished.status, finished.stdout.as_str()),
            (2, ""),
            "{arguments:?}: {}",
            finished.stderr
        );
        assert!(finished.stderr.contains("--help"), "{arguments:?}: {}", finished.stderr);
    }
}

#[test]
fn help_and_version_are_answers() {
    let folder = folder("help");
    for arguments in [["--help"], ["--version"]] {
        let finished = weft(&folder, &arguments);
        assert_eq!((finished.status, finished.stderr.as_str()), (0, ""), "{arguments:?}");
        assert!(finished.stdout.contains("weft"), "{arguments:?}: {}", finished.stdout);
    }
}

/// `--help` describes each way to switch.
#[test]
fn help_lists_the_ways_to_switch() {
    let help = weft(&folder("help-switch"), &["build", "--help"]).stdout;
    for Way { name, about, .. } in &WAYS {
        assert!(help.contains(&format!("- {name}:")), "{name}: {help}");
        assert!(help.contains(about), "{about}: {help}");
    }
}

#[test]
fn run_is_the_program() {
    let program =
        "fn main(args: [String]) -> Int {\n  for i in 0..args.len() { println(args[i]) }\n  args.len()\n}\n";
    let folder = with_program("run", program);
    let plain = weft(&folder, &["run", "p.weft", "one", "two"]);
    assert_eq!((plain.status, plain.stdout.as_str(), plain.stderr.as_str()), (2, "one\ntwo\n", ""));
    let dashed = weft(&folder, &["run", "p.weft", "--", "-O2", "--help", "--", "x"]);
    assert_eq!((dashed.status, dashed.stdout.as_str()), (4, "-O2\n--help\n--\nx\n"));
    let unknown = weft(&folder, &["run", "-O3", "p.weft", "--flag"]);
    assert_eq!((unknown.status, unknown.stdout.as_str()), (1, "--flag\n"));
}

#[test]
fn run_leaves_no_file_behind() {
    let folder = with_program("clean", HELLO);
    let temporary = folder.join("tmp");
    fs::create_dir(&temporary).expect("the folder is writable");
    let home = folder.join("home");
    fs::create_dir(&home).expect("the folder is writable");
    let run = finish(
        process::weft()
            .current_dir(&folder)
            .args(["run", "p.weft"])
            .env("TMPDIR", &temporary)
            .env("HOME", &home)
            .env_remove("XDG_CACHE_HOME"),
    );
    assert_eq!((run.status, run.stdout.as_str()), (0, "hello\n"));
    for place in [&temporary, &home] {
        assert_eq!(fs::read_dir(place).expect("it is there").count(), 0, "{}", place.display());
    }
}

/// The executable `weft` contains the runtime and the standard library, so a copy of it alone can compile programs.
#[test]
fn a_copy_of_the_binary_alone_compiles_and_runs() {
    let folder = with_program("alone", HELLO);
    let copy = folder.join("weft");
    fs::copy(env!("CARGO_BIN_EXE_weft"), &copy).expect("the folder is writable");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut run = Command::new(&copy);
    // The environment contains no path that leads to this project.
    let run = finish(run.current_dir(&folder).env_clear().env("PATH", path).args(["run", "p.weft"]));
    fs::remove_file(copy).expect("it was made here");
    assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (0, "hello\n", ""));
}

#[test]
fn build_names_its_output_after_the_program() {
    let folder = with_program("build", HELLO);
    assert_eq!(weft(&folder, &["build", "p.weft"]).status, 0);
    assert_eq!(weft(&folder, &["build", "p.weft", "-o", "named", "-O0"]).status, 0);
    for program in ["p", "named"] {
        let finished = finish(&mut Command::new(folder.join(program)));
        assert_eq!((finished.status, finished.stdout.as_str()), (0, "hello\n"));
    }
}

#[test]
fn an_output_that_cannot_be_written_is_a_diagnostic() {
    let folder = with_program("unwritable", HELLO);
    for (output, reason) in [
        ("missing/program", "no such file or directory"),
        (".", "is a directory"),
        ("/dev/null", "it is a pipe or a device"),
    ] {
        let finished = weft(&folder, &["build", "p.weft", "-o", output, "--message-format", "short"]);
        let expected = format!("p.weft:1:1: error[E0314]: cannot write `{output}`: {reason}\n");
        assert_eq!((finished.status, finished.stderr), (1, expected));
    }
}

#[test]
fn an_executable_never_replaces_its_source() {
    let folder = folder("replace");
    fs::write(folder.join("program"), HELLO).expect("the folder is writable");
    std::os::unix::fs::symlink("program", folder.join("link")).expect("the folder is writable");
    let main = "import lib\nimport deep.part\nfn main() { println(lib.f() + part.f()) }\n";
    let lib = "pub fn f() -> Int { 1 }\n";
    fs::create_dir(folder.join("deep")).expect("the folder is writable");
    let sources = [
        ("program", HELLO),
        ("p.weft", main),
        ("lib.weft", lib),
        ("deep/part.weft", lib),
        ("other.weft", HELLO),
    ];
    for (file, text) in sources {
        fs::write(folder.join(file), text).expect("the folder is writable");
    }
    let links = [("lib.weft", "to-lib"), ("other.weft", "to-other"), ("nothing.weft", "to-nothing")];
    for (file, link) in links {
        std::os::unix::fs::symlink(file, folder.join(link)).expect("the folder is writable");
    }
    fs::hard_link(folder.join("deep/part.weft"), folder.join("hard")).expect("the folder is writable");
    let ways = [
        ("program", ""),
        ("program", "./program"),
        ("program", "link"),
        ("p.weft", "p.weft"),
        ("p.weft", "lib.weft"),
        ("p.weft", "deep/../lib.weft"),
        ("p.weft", "deep/part.weft"),
        ("p.weft", "hard"),
        ("p.weft", "to-lib"),
        ("p.weft", "other.weft"),
        ("p.weft", "to-other"),
        ("p.weft", "to-nothing"),
        ("p.weft", "new.weft"),
    ];
    for (program, output) in ways {
        let arguments = [&["build", program][..], if output.is_empty() { &[] } else { &["-o"] }].concat();
        let output: &[&str] = if output.is_empty() { &[] } else { &[output] };
        let finished = weft(&folder, &[&arguments, output].concat());
        assert_eq!(finished.status, 1, "{output:?}");
        assert!(finished.stderr.contains("error[E0315]"), "{output:?}: {}", finished.stderr);
        for (file, text) in sources {
            assert_eq!(fs::read_to_string(folder.join(file)).expect("it is there"), text, "{output:?}");
        }
        assert!(!folder.join("new.weft").exists());
    }
    // A linked library is an input, too.
    fs::write(folder.join("libtwice.a"), "!<arch>\n").expect("the folder is writable");
    let finished = weft(&folder, &["build", "p.weft", "-l", "twice", "-o", "libtwice.a"]);
    assert!(finished.status == 1 && finished.stderr.contains("error[E0315]"), "{}", finished.stderr);
}

#[test]
fn without_a_c_compiler_the_message_says_so() {
    let folder = with_program("no-cc", HELLO);
    let built = finish(process::weft().current_dir(&folder).env("PATH", "").args(["build", "p.weft"]));
    assert_eq!(built.status, 1);
    assert!(built.stderr.contains("E0310") && built.stderr.contains("`cc`"), "{}", built.stderr);
}

/// The test's own `cc` links an extra function into the program. The function copies a stack address to a register.
#[test]
fn verify_stacks_catches_a_function_that_breaks_the_rule() {
    let folder = with_program("breaks-the-rule", HELLO);
    let assembly = ".text\n.globl weft.bad\n.type weft.bad, @function\nweft.bad: movq %rsp, %rax\nret\n\
        .size weft.bad, .-weft.bad\n.section .note.GNU-stack,\"\",@progbits\n";
    fs::write(folder.join("bad.s"), assembly).expect("the folder is writable");
    let path = std::env::var("PATH").expect("there is a path");
    let mut places = std::env::split_paths(&path).map(|place| place.join("cc"));
    let cc = places.find(|place| place.is_file()).expect("there is a C compiler");
    let script = format!("#!/bin/sh\nexec {} \"$@\" -Wl,--undefined=weft.bad bad.s\n", cc.display());
    let wrapper = folder.join("cc");
    fs::write(&wrapper, script).expect("the folder is writable");
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).expect("the script is ours");
    let path = format!("{}:{path}", folder.display());
    let build = |options: &[&str]| {
        finish(
            process::weft().current_dir(&folder).env("PATH", &path).arg("build").args(options).arg("p.weft"),
        )
    };
    let trusting = build(&[]);
    assert_eq!((trusting.status, trusting.stderr.as_str()), (0, ""));
    let checking = build(&["--verify-stacks"]);
    assert_ne!(checking.status, 0);
    assert!(
        checking.stderr.contains("BUG: the machine code breaks the rule of the stacks"),
        "{}",
        checking.stderr
    );
    let fault = "`mov %rsp,%rax` lets a stack address out of rsp";
    assert!(
        checking.stderr.contains("weft.bad at 0x") && checking.stderr.contains(fault),
        "{}",
        checking.stderr
    );
}

/// The main thread runs a loop without calls, while another thread waits to print. Without polls, the loop cannot be
/// preempted, so it ends before the other thread prints.
#[test]
fn without_polls_a_loop_runs_to_its_end() {
    let program = "
fn main() {
  let other = spawn {
    sleep(20)
    println(\"meanwhile\")
  }
  yield
  var steps = 0
  for start in 1..1_000_000 {
    var n = start
    while n != 1 {
      n = if n & 1 == 0 { n >> 1 } else { 3 * n + 1 }
      steps += 1
    }
  }
  println(steps)
  other.join()
}
";
    let folder = with_program("polls", program);
    let printed = |arguments: &[&str]| {
        let built = weft(&folder, &[&["build", "p.weft", "--verify-stacks"], arguments].concat());
        assert_eq!((built.status, built.stderr.as_str()), (0, ""));
        finish(Command::new(folder.join("p")).env("WEFT_WORKERS", "1")).stdout
    };
    assert_eq!(printed(&[]), "meanwhile\n131434272\n");
    assert_eq!(printed(&["--no-polls"]), "131434272\nmeanwhile\n");
}

#[test]
fn what_is_not_a_source_file_is_a_diagnostic() {
    let folder = with_program("files", b"fn main() {\n  println(\"\xff\")\n}\n");
    fs::create_dir(folder.join("d.weft")).expect("the folder is writable");
    let fifo = finish(Command::new("mkfifo").arg(folder.join("f.weft")));
    assert_eq!(fifo.status, 0, "{}", fifo.stderr);
    let large = fs::File::create(folder.join("l.weft")).expect("the folder is writable");
    // A sparse file takes no space on the disk.
    large.set_len(5 << 30).expect("the file system has sparse files");
    let cases = [
        (
            "missing.weft",
            "missing.weft:1:1: error[E0300]: cannot read `missing.weft`: no such file or directory",
        ),
        ("d.weft", "d.weft:1:1: error[E0301]: `d.weft` is a directory, not a source file"),
        ("p.weft", "p.weft:2:12: error[E0302]: this file is not UTF-8"),
        ("l.weft", "l.weft:1:1: error[E0303]: `l.weft` is too large for a source file"),
        ("f.weft", "f.weft:1:1: error[E0304]: `f.weft` is a pipe or a device, not a source file"),
        ("/dev/zero", "/dev/zero:1:1: error[E0304]: `/dev/zero` is a pipe or a device, not a source file"),
    ];
    for (file, message) in cases {
        for verb in [&["check"][..], &["run"], &["build"], &["emit", "tokens"]] {
            let finished = weft(&folder, &[verb, &[file, "--message-format", "short"]].concat());
            assert_eq!((finished.status, finished.stdout.as_str()), (1, ""), "{file}");
            assert_eq!(finished.stderr.trim_end(), message);
        }
    }
    fs::remove_file(folder.join("l.weft")).expect("it was made here");
}

/// `weft test` without a file tests each file of the folder once, and the files in subfolders that these files import.
#[test]
fn tests_of_a_folder() {
    let folder = folder("tests-of-a-folder");
    let files = [
        ("a.weft", "import b\nfn main() { b.f() }\ntest \"one in a\" { b.f() }\n"),
        ("b.weft", "import deep.d\npub fn f() { d.f() }\ntest \"one in b\" { assert(true) }\n"),
        ("odd.name.weft", "fn main() { }\ntest \"odd\" { assert(true) }\n"),
        ("deep/d.weft", "pub fn f() { }\ntest \"deep\" { assert(true) }\n"),
        ("deep/alone.weft", "test \"alone\" { assert(false) }\n"),
        ("notes.txt", "no source"),
    ];
    fs::create_dir(folder.join("deep")).expect("the folder is writable");
    for (file, text) in files {
        fs::write(folder.join(file), text).expect("the folder is writable");
    }
    fs::create_dir(folder.join("empty")).expect("the folder is writable");
    let asked: [(&[&str], &[&str]); 9] = [
        (&[], &["deep", "odd", "one in a", "one in b"]),
        (&["one in"], &["one in a", "one in b"]),
        (&[".", "deep"], &["deep"]),
        (&["odd"], &["odd"]),
        (&["b.weft"], &["deep", "one in b"]),
        (&["a.weft", "in a"], &["one in a"]),
        (&["deep/", "dee"], &["deep"]),
        (&["deep", "dee"], &["deep"]),
        (&["./"], &["deep", "odd", "one in a", "one in b"]),
    ];
    for (arguments, names) in asked {
        let finished = weft(&folder, &[&["test", "-O0"], arguments].concat());
        let mut ran: Vec<&str> =
            finished.stdout.lines().filter_map(|line| Some(line.strip_prefix("ok ")?.trim())).collect();
        ran.sort();
        assert_eq!((finished.status, ran.as_slice()), (0, names), "{arguments:?}: {}", finished.stderr);
    }
    let alone = weft(&folder, &["test", "deep/", "alone"]);
    assert_eq!(alone.status, 1, "{}", alone.stderr);
    for (arguments, message) in [
        (&["test", "empty/"][..], "no file that ends in `.weft` in `empty/`"),
        (&["test", "nobody", "filter"], "there is no file or folder `nobody`"),
    ] {
        let finished = weft(&folder, arguments);
        assert_eq!(finished.status, 2, "{}", finished.stderr);
        assert!(finished.stderr.contains(message), "{}", finished.stderr);
    }
}

const WRONG: &str = "fn main() {\n  let total = 1\n  println(totel)\n}\n";

#[test]
fn messages_come_in_three_formats() {
    let folder = with_program("formats", WRONG);
    let human = weft(&folder, &["check", "p.weft"]);
    assert_eq!(human.status, 1);
    assert!(human.stderr.contains("E0102") && human.stderr.contains("println(totel)"), "{}", human.stderr);
    assert!(!human.stderr.contains('\x1b'), "a pipe gets no colours: {}", human.stderr);
    let colored = weft(&folder, &["check", "p.weft", "--color", "always"]);
    assert!(colored.stderr.contains('\x1b'), "{}", colored.stderr);

    let short = weft(&folder, &["check", "p.weft", "--message-format", "short"]);
    assert!(short.stderr.starts_with("p.weft:3:11: error[E0102]: "), "{}", short.stderr);

    let json = weft(&folder, &["check", "--message-format", "json", "p.weft"]);
    assert_eq!(json.status, 1);
    let objects: Vec<serde_json::Value> =
        json.stderr.lines().map(|line| serde_json::from_str(line).expect("each line is an object")).collect();
    assert!(objects.iter().any(|object| object["code"] == "E0102"), "{}", json.stderr);
}

#[test]
fn emit_prints_every_form() {
    let folder = with_program("emit", HELLO);
    let forms = [
        ("tokens", "main"),
        ("ast", "main"),
        ("hir", "main"),
        ("mir", "main"),
        ("llvm-ir", "define"),
        ("llvm-ir-opt", "define"),
        ("after:llvm", "define"),
        ("after:tail_calls", "define"),
        ("asm", "main"),
    ];
    for (form, part) in forms {
        let emitted = weft(&folder, &["emit", form, "p.weft"]);
        assert_eq!((emitted.status, emitted.stderr.as_str()), (0, ""), "{form}");
        assert!(emitted.stdout.contains(part), "{form}: {}", emitted.stdout);
    }
}

#[test]
fn emit_lists_the_passes_when_it_is_asked_for_another() {
    let folder = with_program("no-such-pass", HELLO);
    let emitted = weft(&folder, &["emit", "after:soup", "p.weft"]);
    assert_eq!((emitted.status, emitted.stdout.as_str()), (2, ""));
    for name in ["after:llvm, ", "after:polls, ", "after:tail_calls]"] {
        assert!(emitted.stderr.contains(name), "{name}: {}", emitted.stderr);
    }
}

#[test]
fn emit_into_a_closed_pipe_ends_quietly() {
    let folder = with_program("closed-pipe", HELLO);
    let weft = env!("CARGO_BIN_EXE_weft");
    let emitted =
        finish(Command::new("sh").current_dir(&folder).args(["-c", "\"$0\" emit asm p.weft | true", weft]));
    assert_eq!((emitted.status, emitted.stderr.as_str()), (0, ""));
}

/// A signal that ends the program ends `weft run` the same way, because the program runs in the process of `weft run`.
#[test]
fn a_signal_of_the_program_is_one_of_weft_run() {
    let folder = with_program("signal", "fn main() {\n  println(\"ready\")\n  loop { yield }\n}\n");
    let mut run = process::weft();
    let mut child = run
        .current_dir(&folder)
        .args(["run", "p.weft"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("weft is there");
    let mut line = String::new();
    let stdout = child.stdout.take().expect("it is piped");
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).expect("the program writes");
    assert_eq!(line, "ready\n");
    let killed = finish(Command::new("kill").args(["-TERM", &child.id().to_string()]));
    assert_eq!(killed.status, 0);
    let status = child.wait().expect("it ends");
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(15));
}
