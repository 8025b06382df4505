//! The driver of the compiler: [`Pipeline`] has a method for each stage, which returns the stage's result. Of the
//! modules of the compiler, only the driver accesses files and processes.

use std::fs::{self, File};
use std::path::Path;
use std::process::ExitCode;
use std::thread;

use crate::check::{self, Types};
use crate::codegen::{self, Module, OptimisedModule};
use crate::constants;
use crate::deferred;
use crate::diagnostics::{Diagnostic, Severity};
use crate::explain;
use crate::generators;
use crate::hir::{self, Hir, Test};
use crate::listing::Listing;
use crate::lower::{self, Entry};
use crate::mir::{self, Program};
use crate::modules::{self, Modules};
use crate::source::{FileId, SourceMap, Span};
use crate::stack_verifier;
use crate::syntax::{self, Token};
use crate::traces;
use crate::yields::{self, Yields};

/// A request: the task, its input and its options.
mod request;
/// Reports of faults in the compiler itself.
mod bug;
/// The names of the stages, and the time that each takes.
mod stage;
/// The files that are embedded in the compiler.
mod embedded;
/// Errors about files, the linker and the start of the program.
mod errors;
/// Source files: reading them, finding tests, comparing paths.
mod files;
/// Linking: the result is an executable.
mod link;
/// Messages and other output.
mod output;
/// The test runner: one verdict for each test.
mod testing;
/// Tests under many schedules.
mod schedules;
/// Signals that are ignored for a time.
mod signals;
/// Traced runs of the program.
mod traced;
/// Running the compiled program.
mod run;
/// The report on switches: the program compiled in each way.
mod switches;

#[cfg(test)]
mod tests;

pub use bug::report_panics;
pub use files::{file_and_line, tests};
pub use request::{
    Emit, EmitOptions, GeneratorForm, Level, Links, MessageFormat, PASSES, ReportFormat, Request, Selection,
    Task, TraceFiles, WAYS, Way, default_output, default_trace, is_trace_wanted,
};

use output::Ending;
use stage::{Stage, Stopwatch};

/// The stack size of the pipeline's OS thread, in bytes. The memory is only reserved; most of it is never used. Passes
/// recurse over trees whose depth the parser limits, and LLVM's passes recurse over code of the same depth.
const STACK: usize = 256 << 20;

/// Runs the requested task, and returns the exit status of this process. A program that is run replaces this process.
pub fn execute(request: &Request) -> ExitCode {
    let pipeline = thread::Builder::new().name("weft".into()).stack_size(STACK);
    thread::scope(|scope| {
        let thread = pipeline.spawn_scoped(scope, || Pipeline::new(request).run());
        thread.expect("BUG: the system gives no thread").join().expect("BUG: a panic was not reported")
    })
}

/// Prints the page about a diagnostic's code, and returns the exit status of this process.
pub fn explain(code: &str) -> ExitCode {
    match explain::page(code) {
        Ok(page) => output::print(&page),
        Err(unknown) => {
            eprintln!("weft: {unknown}");
            ExitCode::FAILURE
        }
    }
}

/// A program on its way through the stages. `diagnostics` collects all errors and warnings.
struct Pipeline<'a> {
    request: &'a Request,
    sources: SourceMap,
    diagnostics: Vec<Diagnostic>,
    stopwatch: Stopwatch,
}

/// The reason to stop the pipeline: the program has errors, and the next stage needs a program without errors.
struct Stopped;

impl<'a> Pipeline<'a> {
    fn new(request: &'a Request) -> Pipeline<'a> {
        let stopwatch = Stopwatch::new(&request.file);
        Pipeline { request, sources: SourceMap::new(), diagnostics: Vec::new(), stopwatch }
    }

    fn run(mut self) -> ExitCode {
        if let Some(why) = output::refusal(self.request) {
            eprintln!("weft: {why}");
            return ExitCode::FAILURE;
        }
        let ending = self.stages().unwrap_or(Ending::Errors);
        output::report(self.request, &self.sources, &self.diagnostics, &self.stopwatch);
        match ending {
            Ending::Success => ExitCode::SUCCESS,
            Ending::Errors => ExitCode::FAILURE,
            Ending::Text(text) => output::emit(self.request, &text),
            Ending::Nothing(why) => {
                eprintln!("weft: {why}");
                ExitCode::FAILURE
            }
            Ending::Program { file, main, tests } => {
                let error = match run::run_program(&file, self.request, &tests) {
                    Ok(status) => return status,
                    Err(error) => error,
                };
                let diagnostic = errors::not_executable(main, &error);
                output::report(
                    self.request,
                    &self.sources,
                    &[diagnostic],
                    &Stopwatch::new(&self.request.file),
                );
                ExitCode::FAILURE
            }
        }
    }

    /// Runs the stages in order, up to the last stage that the request needs.
    fn stages(&mut self) -> Result<Ending, Stopped> {
        let request = self.request;
        let file = self.read()?;
        if request.emits(Emit::Tokens) {
            let tokens = self.tokens(file)?;
            return Ok(Ending::Text(syntax::dump::dump_tokens(&self.sources, file, &tokens)));
        }
        if request.emits(Emit::Ast) {
            let (ast, found) = syntax::parse(&self.sources, file);
            let ast = self.without_errors(ast, found)?;
            return Ok(Ending::Text(syntax::dump::dump_ast(&ast)));
        }
        let others = self.read_others()?;
        let modules = self.load(file, &others)?;
        self.spare_inputs(file, &modules)?;
        let hir = self.resolve(&modules);
        let types = self.check(file, &hir)?;
        let types = self.constants(&hir, types)?;
        if request.emits(Emit::Hir) {
            return Ok(Ending::Text(check::dump(&hir, &types)));
        }
        let tests = request.tests(&hir);
        if request.runs_tests() && tests.is_empty() {
            return Ok(Ending::Nothing(request.no_tests()));
        }
        let mut program = self.lower(&hir, &types, &tests)?;
        if request.task == Task::Check {
            return Ok(Ending::Success);
        }
        if request.emits(Emit::Mir) {
            let listing = Listing::new(&program, &self.sources, file, &request.selection());
            return Ok(Ending::listed(listing.and_then(|listing| listing.mir())));
        }
        let library = hir.functions[hir.lang_items.close_generator].span;
        deferred::remove_registrations(&mut program);
        let has_generators = generators::lower(&mut program, request.generators, library);
        let yields = yields::analyse(&program);
        deferred::remove_shields(&mut program, &yields);
        if has_generators {
            self.verify(&program);
        }
        if let Task::ExplainSwitch { .. } = request.task {
            return Ok(self.explain_switch(&program, &yields, file));
        }
        let session = codegen::Session::new();
        let module = self.generate(&session, &program, &yields);
        if let Task::Emit { form, options } = &request.task {
            return Ok(self.emit(*form, options, module, &program, file));
        }
        let module = self.optimise(module);
        match &request.task {
            Task::Check | Task::Emit { .. } | Task::ExplainSwitch { .. } => Ok(Ending::Success),
            Task::Run { .. } | Task::Trace { .. } | Task::Test { .. } => {
                let object = self.object(module);
                let tests = tests.iter().map(|test| test.name.to_string()).collect();
                Ok(Ending::Program { file: self.link_in_memory(&object, file)?, main: file, tests })
            }
            Task::Build { output, verify_stacks, .. } => {
                let object = self.object(module);
                self.link(&object, output, file)?;
                if *verify_stacks {
                    self.verify_stacks(output, file)?;
                }
                Ok(Ending::Success)
            }
        }
    }

    fn read(&mut self) -> Result<FileId, Stopped> {
        let (path, sources) = (&self.request.file, &mut self.sources);
        let file = self.stopwatch.stage(Stage::Read, || files::read(path, sources));
        self.accept(file)
    }

    /// Reads the other files of a test run; the first file has been read already.
    fn read_others(&mut self) -> Result<Vec<FileId>, Stopped> {
        let Task::Test { others, .. } = &self.request.task else { return Ok(Vec::new()) };
        let read = others.iter().map(|path| files::read(path, &mut self.sources)).collect();
        self.accept(read)
    }

    /// Reports an error if the executable would replace a source file, or a library that the program is linked with.
    fn spare_inputs(&mut self, file: FileId, modules: &Modules) -> Result<(), Stopped> {
        let Task::Build { output, .. } = &self.request.task else { return Ok(()) };
        let Links { libraries, sources } = &self.request.links;
        let own = modules.arena.iter().filter(|module| !module.library);
        let own = own.map(|module| Path::new(&self.sources.file(module.file).name));
        let error = if let Some(source) = own.into_iter().find(|source| files::are_same(output, source)) {
            errors::output_is_source(file, source)
        } else if let Some(source) = files::source_at(output) {
            errors::output_is_source(file, &source)
        } else if let Some(source) = sources.iter().find(|source| files::are_same(output, source)) {
            errors::output_is_source(file, source)
        } else if files::is_library(output, libraries) {
            errors::output_is_library(file, output)
        } else {
            return Ok(());
        };
        self.accept(Err(Box::new(error)))
    }

    fn tokens(&mut self, file: FileId) -> Result<Vec<Token>, Stopped> {
        let (tokens, found) = self.stopwatch.stage(Stage::Parse, || syntax::tokens(&self.sources, file));
        self.without_errors(tokens, found)
    }

    /// Parses the program's files and all modules that they import.
    fn load(&mut self, file: FileId, others: &[FileId]) -> Result<Modules, Stopped> {
        let sources = &mut self.sources;
        let project = files::project_of(Path::new(&sources.file(file).name));
        let (modules, found) = self.stopwatch.stage(Stage::Parse, || {
            modules::load(sources, file, others, project.as_ref(), &mut files::read_module)
        });
        self.without_errors(modules, found)
    }

    /// Resolves the names. Unknown names stop the pipeline only after `check`, so that type errors elsewhere are
    /// reported, too.
    fn resolve(&mut self, modules: &Modules) -> Hir {
        let (hir, found) = self.stopwatch.stage(Stage::Resolve, || hir::resolve(modules));
        self.diagnostics.extend(found);
        hir
    }

    fn check(&mut self, file: FileId, hir: &Hir) -> Result<Types, Stopped> {
        let (types, mut found) = self.stopwatch.stage(Stage::Check, || check::check(hir));
        if hir.main.is_none() && !self.request.runs_tests() {
            let end = self.sources.file(file).text.len();
            found.push(hir::missing_main(Span::new(file, end, end)));
        }
        self.diagnostics.extend(found);
        check::drop_consequences(hir, &mut self.diagnostics);
        self.without_errors(types, Vec::new())
    }

    /// Evaluates the constants whose values calls compute.
    fn constants(&mut self, hir: &Hir, mut types: Types) -> Result<Types, Stopped> {
        let found =
            self.stopwatch.stage(Stage::Constants, || constants::evaluate(hir, &mut types, &self.sources));
        self.without_errors(types, found)
    }

    /// Lowers the reachable program to MIR.
    fn lower(&mut self, hir: &Hir, types: &Types, tests: &[Test]) -> Result<Program, Stopped> {
        let entry = match hir.main {
            Some(main) if !self.request.runs_tests() => Entry::Main(main),
            _ => Entry::Tests(tests),
        };
        let mut program = match self.stopwatch.stage(Stage::Lower, || lower::lower(hir, types, entry)) {
            Ok(program) => program,
            Err(found) => {
                self.diagnostics.extend(found);
                return Err(Stopped);
            }
        };
        if !self.request.traced {
            traces::remove(&mut program);
        }
        self.verify(&program);
        Ok(program)
    }

    /// Checks the program's MIR; a fault in it is a bug of the compiler.
    fn verify(&mut self, program: &Program) {
        self.stopwatch.stage(Stage::VerifyMir, || {
            if let Err(faults) = mir::verify::verify(program) {
                let faults: Vec<String> = faults.iter().map(|fault| fault.to_string()).collect();
                panic!("BUG: malformed MIR:\n{}", faults.join("\n"));
            }
        });
    }

    fn generate<'s>(
        &mut self,
        session: &'s codegen::Session,
        program: &Program,
        yields: &Yields,
    ) -> Module<'s> {
        let folder = std::env::current_dir().unwrap_or_default();
        let input = codegen::Input {
            program,
            yields,
            sources: &self.sources,
            folder: &folder.to_string_lossy(),
            hot_bitcode: if self.request.traced { embedded::TRACED_HOT } else { embedded::HOT },
            way: self.request.way,
            variables: false,
        };
        let level = self.request.level;
        self.stopwatch.stage(Stage::Generate, || session.generate(&input, level))
    }

    /// The text of a form of the generated module, or of its requested parts.
    fn emit(
        &mut self,
        form: Emit,
        options: &EmitOptions,
        module: Module<'_>,
        program: &Program,
        file: FileId,
    ) -> Ending {
        let text = match form {
            Emit::Tokens | Emit::Ast | Emit::Hir | Emit::Mir | Emit::LlvmIr => module.ir(),
            Emit::BeforePass(pass) => module.ir_before(pass),
            Emit::AfterPass(pass) => module.ir_after(pass),
            Emit::LlvmIrOptimised => self.optimise(module).ir(),
            Emit::Assembly => self.optimise(module).assembly(),
        };
        let listing = Listing::new(program, &self.sources, file, &options.selection);
        Ending::listed(listing.and_then(|listing| match (form == Emit::Assembly, options.raw) {
            (true, true) => listing.raw_assembly(text),
            (true, false) => listing.assembly(&text),
            (false, _) => listing.llvm_ir(text),
        }))
    }

    fn optimise<'s>(&mut self, module: Module<'s>) -> OptimisedModule<'s> {
        let module = if self.request.has_polls() { module } else { module.without_polls() };
        self.stopwatch.stage(Stage::Optimise, || module.optimise())
    }

    fn object(&mut self, module: OptimisedModule<'_>) -> Vec<u8> {
        self.stopwatch.stage(Stage::Emit, || module.object())
    }

    fn link(&mut self, object: &[u8], output: &Path, main: FileId) -> Result<(), Stopped> {
        let links = &self.request.links;
        let linked = self.stopwatch.stage(Stage::Link, || link::to_file(object, links, output, main));
        self.accept(linked)
    }

    fn link_in_memory(&mut self, object: &[u8], main: FileId) -> Result<File, Stopped> {
        let links = &self.request.links;
        let linked = self.stopwatch.stage(Stage::Link, || link::to_memory(object, links, main));
        self.accept(linked)
    }

    fn verify_stacks(&mut self, executable: &Path, main: FileId) -> Result<(), Stopped> {
        let code =
            fs::read(executable).map_err(|error| Box::new(errors::unreadable(main, executable, &error)));
        let code = self.accept(code)?;
        self.stopwatch.stage(Stage::VerifyStacks, || {
            if let Err(failure) = stack_verifier::check(&code) {
                panic!("BUG: the machine code breaks the rule of the stacks:\n{failure}");
            }
        });
        Ok(())
    }

    /// Adds `found` to the diagnostics; returns the value unless the diagnostics now contain an error.
    fn without_errors<T>(&mut self, value: T, found: Vec<Diagnostic>) -> Result<T, Stopped> {
        self.diagnostics.extend(found);
        let stops = self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
        if stops { Err(Stopped) } else { Ok(value) }
    }

    fn accept<T>(&mut self, result: Result<T, Box<Diagnostic>>) -> Result<T, Stopped> {
        result.map_err(|diagnostic| {
            self.diagnostics.push(*diagnostic);
            Stopped
        })
    }
}
