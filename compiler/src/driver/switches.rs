//! The report on switches: compiles the program in each way, at the same time, and passes the object files on.

use std::thread;

use super::output::Ending;
use super::stage::Stage;
use super::{GeneratorForm, Level, Pipeline, ReportFormat, STACK, Task, WAYS, Way, bug, embedded};
use crate::codegen::{self, Input};
use crate::listing;
use crate::mir::Program;
use crate::pages;
use crate::source::FileId;
use crate::switches::{self, Compiled, Settings};
use crate::yields::Yields;

impl Pipeline<'_> {
    /// The report on the switches of a program, or of one line.
    pub(super) fn explain_switch(&mut self, program: &Program, yields: &Yields, file: FileId) -> Ending {
        let &Task::ExplainSwitch { line, format, ref html } = &self.request.task else {
            panic!("BUG: the task is another one");
        };
        let source = self.sources.file(file);
        if let Err(why) = listing::check_line(&self.sources, file, line) {
            return Ending::Nothing(why);
        }
        let folder = std::env::current_dir().unwrap_or_default();
        let folder = folder.to_string_lossy();
        let input = |way| Input {
            program,
            yields,
            sources: &self.sources,
            folder: &folder,
            hot_bitcode: embedded::HOT,
            way,
            variables: true,
        };
        let level = self.request.level;
        let with_ir = format == ReportFormat::Json || html.is_some();
        let compiled: Vec<Compiled> = self.stopwatch.stage(Stage::Generate, || {
            thread::scope(|scope| {
                let name = source.name.as_str();
                let start = |way| {
                    let input = input(way);
                    let thread = thread::Builder::new().stack_size(STACK);
                    let thread = thread.spawn_scoped(scope, move || {
                        bug::enter(&Stage::Generate.to_string(), name);
                        compile(&input, level, with_ir)
                    });
                    thread.expect("BUG: the system gives no thread")
                };
                let threads: Vec<_> = WAYS.iter().map(start).collect();
                let finish = |thread: thread::ScopedJoinHandle<'_, Compiled>| {
                    thread.join().expect("BUG: a panic was not reported")
                };
                threads.into_iter().map(finish).collect()
            })
        });
        let settings = Settings {
            program: source.name.clone(),
            line,
            level: number(level),
            generators: name(self.request.generators).to_owned(),
            chosen: self.request.way.name.to_owned(),
        };
        let sources = &self.sources;
        let report = self
            .stopwatch
            .stage(Stage::Explain, || switches::report(program, sources, &compiled, &settings))
            .unwrap_or_else(|fault| panic!("BUG: the machine code is unreadable: {fault}"));
        if let (Some(line), true) = (line, report.points.is_empty()) {
            return Ending::Nothing(format!(
                "no code of line {line} of `{}` can switch; without the line, all yield points are shown",
                report.program
            ));
        }
        if html.is_some() {
            return Ending::Text(pages::switch_page(&report));
        }
        match format {
            ReportFormat::Text { color } => Ending::Text(switches::text(&report, color)),
            ReportFormat::Json => {
                let text = serde_json::to_string(&report).expect("BUG: the report is no tree of strings");
                Ending::Text(text + "\n")
            }
        }
    }
}

/// Compiles the program in one way. At `-O0` LLVM chooses some instructions differently if variables are described, so
/// the object that is examined has no variables, and another one has their places.
fn compile(input: &Input<'_>, level: Level, with_ir: bool) -> Compiled {
    let compiled = |input: &Input<'_>, with_ir: bool| {
        let session = codegen::Session::new();
        let module = session.generate(input, level).optimise();
        (module.object(), with_ir.then(|| module.ir()))
    };
    let Way { name, about, .. } = *input.way;
    let (described, ir) = compiled(input, with_ir);
    let (object, described) = match level {
        Level::O0 => (compiled(&Input { variables: false, ..*input }, false).0, Some(described)),
        Level::O2 | Level::O3 => (described, None),
    };
    Compiled { name: name.to_owned(), about: about.to_owned(), object, described, ir }
}

fn number(level: Level) -> u32 {
    match level {
        Level::O0 => 0,
        Level::O2 => 2,
        Level::O3 => 3,
    }
}

fn name(form: GeneratorForm) -> &'static str {
    match form {
        GeneratorForm::Stackless => "stackless",
        GeneratorForm::Stack => "stack",
        GeneratorForm::Llvm => "llvm",
    }
}
