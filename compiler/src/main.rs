//! The command line of `weft`, declared for clap, and nothing else.

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::builder::{PathBufValueParser, PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use weft::driver::{
    self, Emit, EmitOptions, GeneratorForm, Level, Links, MessageFormat, PASSES, ReportFormat, Request,
    Selection, Task, TraceFiles, WAYS, Way,
};

/// The allocator of the whole process, LLVM included.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The compiler of the Weft language
#[derive(Parser)]
#[command(name = "weft", version, arg_required_else_help = true)]
struct CommandLine {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    messages: Messages,
    /// Print how long each stage took
    #[arg(long, global = true, hide = true)]
    time: bool,
}

#[derive(Subcommand)]
enum Verb {
    /// Compile a program and run it
    Run {
        #[command(flatten)]
        optimisation: Optimisation,
        #[command(flatten)]
        linking: Linking,
        /// The program
        file: PathBuf,
        /// The program's own arguments
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGS")]
        arguments: Vec<OsString>,
    },
    /// Run a program and write its schedule to a file that Perfetto opens
    Trace {
        #[command(flatten)]
        optimisation: Optimisation,
        #[command(flatten)]
        linking: Linking,
        /// The file of the trace [default: the program's name with `.trace.json`, in this folder]
        #[arg(short, value_name = "OUT")]
        output: Option<PathBuf>,
        /// Also write the page OUT, which shows the trace of a small program in a browser
        #[arg(long, value_name = "OUT")]
        html: Option<PathBuf>,
        /// The program
        file: PathBuf,
        /// The program's own arguments
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGS")]
        arguments: Vec<OsString>,
    },
    /// Run tests, each in a green thread of its own
    #[command(override_usage = "weft test [OPTIONS] [FILE] [FILTER]")]
    Test {
        #[command(flatten)]
        optimisation: Optimisation,
        #[command(flatten)]
        linking: Linking,
        /// Run the tests N times, each time with the green threads in another order
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        schedules: Option<u32>,
        /// The seconds that each test may take; longer is a failure
        #[arg(long, value_name = "SECONDS", default_value_t = 60)]
        #[arg(value_parser = clap::value_parser!(u64).range(1..=86_400))]
        timeout: u64,
        /// The program, or a folder whose files are tested together [default: this folder]
        #[arg(value_name = "FILE")]
        first: Option<OsString>,
        /// Run only the tests whose name contains FILTER; FILE may be left out
        #[arg(value_name = "FILTER")]
        second: Option<String>,
    },
    /// Compile a program into an executable
    Build {
        #[command(flatten)]
        optimisation: Optimisation,
        #[command(flatten)]
        linking: Linking,
        /// The program
        file: PathBuf,
        /// C files to compile and to link with the program
        #[arg(value_name = "C_FILES", value_parser = c_file())]
        c_files: Vec<PathBuf>,
        /// The executable [default: the program's name without `.weft`, in this folder]
        #[arg(short, value_name = "OUT")]
        output: Option<PathBuf>,
        /// Check that the machine code holds no stack address outside the stack pointer
        #[arg(long)]
        verify_stacks: bool,
        #[command(flatten)]
        tracing: Tracing,
        /// Insert no polls into loops, to measure the cost of polls
        #[arg(long, hide = true)]
        no_polls: bool,
    },
    /// Report the errors and warnings of a program without compiling it
    Check {
        /// The program
        file: PathBuf,
    },
    /// Print a program's form after a stage of compilation
    Emit {
        #[command(flatten)]
        optimisation: Optimisation,
        /// The form to print
        #[arg(value_parser = forms())]
        form: Emit,
        /// The program; FILE:N prints only what comes from line N
        file: PathBuf,
        #[command(flatten)]
        tracing: Tracing,
        #[command(flatten)]
        parts: Parts,
    },
    /// Explain an error, a warning, or the switches of a program
    #[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
    Explain {
        #[command(subcommand)]
        topic: Option<Topic>,
        /// The code of the error or warning, such as E0102
        #[arg(required = true)]
        code: Option<String>,
    },
}

/// The topics of `weft explain`, besides codes.
#[derive(Subcommand)]
enum Topic {
    /// Show what each yield point of a program saves, from its machine code
    Switch {
        #[command(flatten)]
        optimisation: Optimisation,
        /// The program; FILE:N shows only the yield points of line N
        file: PathBuf,
        /// Format of the report
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: ReportFormatName,
        /// Write a page for a browser to OUT instead
        #[arg(long, value_name = "OUT", conflicts_with = "format")]
        html: Option<PathBuf>,
    },
}

#[derive(Args)]
struct Optimisation {
    /// Level of optimisation: 0, 2 or 3
    #[arg(short = 'O', value_name = "LEVEL", default_value = "2")]
    level: LevelName,
    /// Form of generators: state machines, stacks of their own, or LLVM's coroutines
    #[arg(long, value_name = "FORM", default_value = "stackless")]
    generators: GeneratorsName,
    /// Way to switch between green threads, for comparison
    #[arg(long = "switch", value_name = "WAY", default_value = WAYS[0].name, value_parser = ways())]
    way: &'static Way,
}

impl Optimisation {
    /// The options of a command without options of its own.
    const DEFAULT: Optimisation =
        Optimisation { level: LevelName::O2, generators: GeneratorsName::Stackless, way: &WAYS[0] };
}

/// The parts of a form that `weft emit` prints, and the place.
#[derive(Args)]
struct Parts {
    /// Print only this function; may be given several times. The end of a name is enough, such as `push`
    #[arg(long = "function", value_name = "NAME")]
    functions: Vec<String>,
    /// Print only what comes from line N of the program, also where it is inlined
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    line: Option<u32>,
    /// Print `asm` as an assembler takes it, with all directives and without the source
    #[arg(long)]
    raw: bool,
    /// Write to OUT instead of standard output
    #[arg(short, value_name = "OUT")]
    output: Option<PathBuf>,
}

#[derive(Args)]
struct Tracing {
    /// Compile for tracing: with WEFT_TRACE=OUT the program writes its schedule to OUT
    #[arg(long)]
    trace: bool,
}

#[derive(Args)]
struct Linking {
    /// Link with the library libNAME, for functions in C; may be given several times
    #[arg(short = 'l', value_name = "NAME")]
    libraries: Vec<String>,
    /// Compile the C file FILE and link with it; may be given several times
    #[arg(long = "c", value_name = "FILE")]
    sources: Vec<PathBuf>,
}

impl From<Linking> for Links {
    fn from(linking: Linking) -> Links {
        Links { libraries: linking.libraries, sources: linking.sources }
    }
}

/// A path that ends in `.c`.
fn c_file() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| match path.extension() {
        Some(extension) if extension == "c" => Ok(path),
        _ => Err("the files behind the program are C files, whose names end in `.c`"),
    })
}

#[derive(Args)]
struct Messages {
    /// Format of errors and warnings
    #[arg(long, global = true, value_name = "FORMAT", default_value = "human")]
    message_format: MessageFormatName,
    /// Whether messages have colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: ColorName,
}

#[derive(Clone, Copy, ValueEnum)]
enum LevelName {
    #[value(name = "0")]
    O0,
    #[value(name = "2")]
    O2,
    #[value(name = "3")]
    O3,
}

#[derive(Clone, Copy, ValueEnum)]
enum GeneratorsName {
    Stackless,
    Stack,
    Llvm,
}

#[derive(Clone, Copy, ValueEnum)]
enum MessageFormatName {
    Human,
    Json,
    Short,
}

#[derive(Clone, Copy, ValueEnum)]
enum ReportFormatName {
    Text,
    Json,
}

#[derive(Clone, Copy, ValueEnum)]
enum ColorName {
    Auto,
    Always,
    Never,
}

/// The forms that `weft emit` prints, by name. `before:PASS` and `after:PASS` are the LLVM IR
/// before and after a pass of code generation.
fn forms() -> impl TypedValueParser<Value = Emit> {
    let stages = [
        ("tokens", Emit::Tokens),
        ("ast", Emit::Ast),
        ("hir", Emit::Hir),
        ("mir", Emit::Mir),
        ("llvm-ir", Emit::LlvmIr),
        ("llvm-ir-opt", Emit::LlvmIrOptimised),
        ("asm", Emit::Assembly),
    ];
    let stages = stages.map(|(name, form)| (name.to_owned(), form));
    let passes = PASSES.iter().map(|pass| (format!("after:{}", pass.name), Emit::AfterPass(pass.name)));
    let before = PASSES.iter().map(|pass| (format!("before:{}", pass.name), Emit::BeforePass(pass.name)));
    let forms: Vec<(String, Emit)> = stages.into_iter().chain(before).chain(passes).collect();
    let names: Vec<String> = forms.iter().map(|(name, _)| name.clone()).collect();
    PossibleValuesParser::new(names).map(move |found| {
        let form = forms.iter().find(|(name, _)| *name == found);
        form.expect("BUG: clap accepts a form that is not listed").1
    })
}

/// The ways to switch between green threads, by name.
fn ways() -> impl TypedValueParser<Value = &'static Way> {
    let values = WAYS.iter().map(|way| PossibleValue::new(way.name).help(way.about));
    PossibleValuesParser::new(values).map(|found| {
        WAYS.iter().find(|way| way.name == found).expect("BUG: clap accepts a way that is not listed")
    })
}

fn main() -> ExitCode {
    let line = CommandLine::parse();
    driver::report_panics();
    let color_of_output = line.messages.color.is_on(io::stdout().is_terminal());
    let mut links = Links::default();
    let mut traced = false;
    let (file, optimisation, task) = match line.verb {
        Verb::Explain { topic: None, code } => return driver::explain(&code.unwrap_or_default()),
        Verb::Explain { topic: Some(Topic::Switch { optimisation, file, format, html }), .. } => {
            let (file, line) = driver::file_and_line(file);
            let format = match format {
                ReportFormatName::Text => ReportFormat::Text { color: color_of_output },
                ReportFormatName::Json => ReportFormat::Json,
            };
            (file, optimisation, Task::ExplainSwitch { line, format, html })
        }
        Verb::Run { optimisation, linking, file, arguments } => {
            links = linking.into();
            traced = driver::is_trace_wanted();
            (file, optimisation, Task::Run { arguments })
        }
        Verb::Trace { optimisation, linking, output, html, file, arguments } => {
            (links, traced) = (linking.into(), true);
            let output = output.unwrap_or_else(|| driver::default_trace(&file));
            let files = TraceFiles { trace: output, page: html };
            (file, optimisation, Task::Trace { arguments, files })
        }
        Verb::Test { optimisation, linking, schedules, timeout, first, second } => {
            links = linking.into();
            let limits = (schedules, Duration::from_secs(timeout));
            let (file, task) = driver::tests(first, second, limits).unwrap_or_else(|wrong| refuse(wrong));
            (file, optimisation, task)
        }
        Verb::Build { optimisation, linking, file, c_files, output, verify_stacks, tracing, no_polls } => {
            (links, traced) = (linking.into(), tracing.trace);
            links.sources.extend(c_files);
            let output = output.unwrap_or_else(|| driver::default_output(&file));
            (file, optimisation, Task::Build { output, verify_stacks, polls: !no_polls })
        }
        Verb::Check { file } => (file, Optimisation::DEFAULT, Task::Check),
        Verb::Emit { optimisation, form, file, tracing, parts } => {
            traced = tracing.trace;
            let (file, line) = driver::file_and_line(file);
            let selection = Selection { functions: parts.functions, line: parts.line.or(line) };
            let options = EmitOptions { selection, raw: parts.raw, output: parts.output };
            options.check(form).unwrap_or_else(|wrong| refuse(wrong));
            (file, optimisation, Task::Emit { form, options })
        }
    };
    let messages = line.messages.message_format.into();
    let color = line.messages.color.is_on(io::stderr().is_terminal());
    let (level, generators, way, time) =
        (optimisation.level.into(), optimisation.generators.into(), optimisation.way, line.time);
    driver::execute(&Request { file, level, generators, way, traced, links, task, messages, color, time })
}

/// Ends the process with a message about the usage.
fn refuse(wrong: String) -> ! {
    CommandLine::command().error(ErrorKind::ValueValidation, wrong).exit()
}

impl ColorName {
    /// Whether output has colours; `is_terminal` tells whether it goes to a terminal. `NO_COLOR` is the convention of
    /// no-color.org.
    fn is_on(self, is_terminal: bool) -> bool {
        match self {
            ColorName::Always => true,
            ColorName::Never => false,
            ColorName::Auto => {
                let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
                is_terminal && !refused
            }
        }
    }
}

impl From<GeneratorsName> for GeneratorForm {
    fn from(name: GeneratorsName) -> GeneratorForm {
        match name {
            GeneratorsName::Stackless => GeneratorForm::Stackless,
            GeneratorsName::Stack => GeneratorForm::Stack,
            GeneratorsName::Llvm => GeneratorForm::Llvm,
        }
    }
}

impl From<LevelName> for Level {
    fn from(name: LevelName) -> Level {
        match name {
            LevelName::O0 => Level::O0,
            LevelName::O2 => Level::O2,
            LevelName::O3 => Level::O3,
        }
    }
}

impl From<MessageFormatName> for MessageFormat {
    fn from(name: MessageFormatName) -> MessageFormat {
        match name {
            MessageFormatName::Human => MessageFormat::Human,
            MessageFormatName::Json => MessageFormat::Json,
            MessageFormatName::Short => MessageFormat::Short,
        }
    }
}
