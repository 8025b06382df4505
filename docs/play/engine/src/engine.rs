//! The program and its run.

use serde::{Deserialize, Serialize};
use weft::explain;
use weft::mir::Program;
use weft::mir::interpret::{End, Options, Progress, State, Stepper, Stride};
use weft::source::SourceMap;

use crate::compile::compile;
use crate::highlight;

/// The greatest number of bytes that a thread's frames may take.
const STACK_MAX: usize = 64 << 20;
/// The greatest number of bytes of output that a report contains: its end, because a page shows no more at once.
const OUTPUT: usize = 64 << 10;

/// A program and its run.
#[derive(Default)]
pub struct Engine {
    program: Option<(&'static Program, &'static SourceMap)>,
    run: Option<Stepper<'static>>,
}

/// The parameters of a run.
#[derive(Deserialize)]
struct Parameters {
    /// The seed of the schedule; without it, the schedule is the runtime's.
    seed: Option<u64>,
    /// The standard input.
    stdin: String,
    /// The result of `args()`.
    arguments: Vec<String>,
}

#[derive(Serialize)]
struct Messages {
    succeeds: bool,
    messages: String,
}

#[derive(Serialize)]
struct Report {
    /// The end of the run; `None` if it has not ended.
    end: Option<Ending>,
    state: State,
    stdout: Output,
    stderr: Output,
}

/// The end of a run.
#[derive(Serialize)]
struct Ending {
    /// The exit status, unless the program needs something that only compiled programs can do.
    status: Option<u8>,
}

/// Output of the program.
#[derive(Serialize)]
struct Output {
    /// The end of the output.
    text: String,
    /// The number of bytes before it.
    hidden: usize,
}

impl Engine {
    /// Compiles a program; returns the messages. The program and its sources stay in memory: the page discards the
    /// memory as a whole before it compiles the next program.
    pub fn compile(&mut self, text: &str) -> String {
        let compiled = compile(text);
        let messages = compiled.messages();
        let program = compiled.program.map(|program| &*Box::leak(Box::new(program)));
        self.run = None;
        self.program = program.map(|program| (program, &*Box::leak(Box::new(compiled.sources))));
        json(&Messages { succeeds: program.is_some(), messages })
    }

    /// Begins a run of the compiled program.
    pub fn begin(&mut self, parameters: &str) {
        let parameters: Parameters =
            serde_json::from_str(parameters).expect("BUG: the page sends parameters");
        let options = Options {
            stdin: parameters.stdin.into_bytes(),
            arguments: parameters.arguments,
            seed: parameters.seed,
            stack_max: STACK_MAX,
            ..Options::default()
        };
        self.run = self.program.map(|(program, sources)| Stepper::new(program, sources, &options));
    }

    /// Runs to the end of the stride.
    pub fn step(&mut self, stride: Stride, fuel: u64) -> Progress {
        self.run.as_mut().map_or(Progress::Ended, |run| run.step(stride, fuel))
    }

    /// Runs to a time.
    pub fn run_to(&mut self, time: u64, fuel: u64) -> Progress {
        self.run.as_mut().map_or(Progress::Ended, |run| run.run_to(time, fuel))
    }

    /// The time of the run: the number of its steps.
    pub fn time(&self) -> u64 {
        self.run.as_ref().map_or(0, Stepper::time)
    }

    /// The state of the run and its output.
    pub fn report(&mut self) -> String {
        let Some(run) = &mut self.run else { return "null".to_owned() };
        let end = run.end().map(|end| match end {
            End::Status(status) => Ending { status: Some(status) },
            End::Unsupported | End::StepLimit => Ending { status: None },
        });
        let state = run.state();
        json(&Report { end, state, stdout: output(run.stdout()), stderr: output(run.stderr()) })
    }
}

/// The classified parts of a program's text.
pub fn parts(text: &str) -> String {
    json(&highlight::parts(text))
}

/// The page about the code of a diagnostic; empty if there is none.
pub fn page(code: &str) -> String {
    json(&explain::page(code).unwrap_or_default())
}

fn output(bytes: &[u8]) -> Output {
    let hidden = bytes.len().saturating_sub(OUTPUT);
    Output { text: String::from_utf8_lossy(&bytes[hidden..]).into_owned(), hidden }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("BUG: a report is plain data")
}

#[cfg(test)]
mod tests {
    use weft::mir::interpret::{Lane, Options, Progress, State, Stepper, Stride, interpret};

    use crate::compile::{Compiled, compile};

    /// Two threads: `pass` sends to a channel without a buffer, and `main` receives.
    const PASSING: &str = "fn pass(c: Chan[Int]) {
  for n in [10, 20] { c.send(n) }
  c.close()
}
fn main() {
  let c = chan(0)
  let passing = spawn pass(c)
  for n in c { println(n) }
  passing.join()
}
";

    fn stepped(text: &str, check: impl Fn(&mut Stepper<'_>)) {
        let Compiled { program, sources, .. } = compile(text);
        let program = program.expect("the program has no errors");
        check(&mut Stepper::new(&program, &sources, &Options::default()));
    }

    fn lane(state: &State, thread: u64) -> &Lane {
        state.lanes.iter().find(|lane| lane.thread == thread).expect("there is such a thread")
    }

    fn line(state: &State, thread: u64) -> u32 {
        lane(state, thread).at.as_ref().expect("it is in the program").line
    }

    #[test]
    fn a_run_in_steps_takes_the_same_course() {
        let Compiled { program, sources, .. } = compile(PASSING);
        let program = program.expect("the program has no errors");
        for seed in [None, Some(1), Some(2)] {
            let options = Options { seed, ..Options::default() };
            let whole = interpret(&program, Some(&sources), &options);
            let mut run = Stepper::new(&program, &sources, &options);
            while run.step(Stride::Line, 3) != Progress::Ended {}
            assert_eq!((run.end(), run.stdout()), (Some(whole.end), whole.stdout.as_bytes()));
            let mut again = Stepper::new(&program, &sources, &options);
            while again.run_to(run.time(), 7) == Progress::Unfinished {}
            assert_eq!((again.end(), again.time()), (run.end(), run.time()));
        }
    }

    #[test]
    fn a_step_goes_to_the_next_line_or_iteration_or_thread() {
        let text = "fn twice(n: Int) -> Int {
  n * 2
}
fn main() {
  var sum = 0
  for n in 1..=2 { sum += n }
  println(twice(sum))
}
";
        stepped(text, |run| {
            let mut lines = vec![line(&run.state(), 1)];
            while run.step(Stride::Line, 1000) == Progress::Arrived {
                lines.push(line(&run.state(), 1));
            }
            // The second iteration ends the loop.
            assert_eq!(lines, [5, 6, 6, 7, 2, 7]);
        });
        stepped(PASSING, |run| {
            let mut threads = Vec::new();
            while run.step(Stride::Switch, 1000) == Progress::Arrived {
                let state = run.state();
                threads.extend(state.lanes.iter().find(|lane| lane.state == "runs").map(|lane| lane.thread));
            }
            assert_eq!(threads[..2], [2, 1], "{threads:?}");
        });
    }

    #[test]
    fn a_state_names_values_and_says_who_waits_for_what() {
        stepped(PASSING, |run| {
            assert_eq!(run.step(Stride::Switch, 1000), Progress::Arrived);
            let state = run.state();
            let main = lane(&state, 1);
            assert_eq!(
                (main.state, main.detail.as_str(), main.list),
                ("waits", "to receive from a channel", Some(1))
            );
            let call = main.calls.iter().find(|call| call.function == "main").expect("main runs");
            let names: Vec<_> =
                call.variables.iter().map(|v| (v.name.as_str(), v.text.as_str(), v.live)).collect();
            assert_eq!(names, [("c", "Chan 1", true), ("passing", "thread 2", true)]);
            let [channel] = &state.shared[..] else { panic!("{:?}", state.shared) };
            assert_eq!(
                (channel.kind.as_str(), channel.capacity, channel.variables.as_slice()),
                ("Chan", Some(0), &["c".to_owned()][..])
            );
            assert_eq!((channel.waiting[0].thread, channel.waiting[0].to), (1, "receive"));
        });
    }

    #[test]
    fn an_end_of_main_is_what_it_was() {
        for (body, how) in [
            ("exit(3)", "has ended the program"),
            ("exit(101)", "has ended the program"),
            ("println(1)", "has returned"),
            ("panic(\"no\")", "has panicked"),
            ("defer { println(2) }\n  panic(\"no\")", "has panicked"),
        ] {
            stepped(&format!("import std.process.{{exit}}\nfn main() {{\n  {body}\n}}\n"), |run| {
                while run.step(Stride::Line, 100_000) != Progress::Ended {}
                assert_eq!(lane(&run.state(), 1).detail, how, "{body}");
            });
        }
    }

    #[test]
    fn types_with_the_names_of_the_library_are_the_program_s() {
        let text = "struct Set { x: Int }
struct Map { a: Int, b: [Int], c: [Int], d: [Int] }
fn main() {
  let set = Set(x: 3)
  let map = Map(a: 1, b: [1], c: [], d: [])
  println(\"{set.x} {map.a} {map.b.len()} {map.c.len()} {map.d.len()}\")
}
";
        stepped(text, |run| {
            while run.state().lanes[0].at.as_ref().is_none_or(|at| at.line < 6) {
                assert_eq!(run.step(Stride::Line, 100_000), Progress::Arrived);
            }
            let state = run.state();
            let variables = &state.lanes[0].calls[0].variables;
            let texts: Vec<_> = variables.iter().map(|v| (v.name.as_str(), v.text.as_str())).collect();
            let map = "Map { a: 1, b: [1], c: [], d: [] }";
            assert!(texts.contains(&("set", "Set { x: 3 }")) && texts.contains(&("map", map)), "{texts:?}");
        });
    }

    #[test]
    fn values_are_shown_as_people_write_them() {
        let text = "struct Point { x: Int, y: Float }
fn main() {
  let buffered = chan(3); buffered.send('a'); buffered.send('b'); buffered.recv()
  let point = Point(x: 1, y: 2.5)
  let some = Some([1, 2].to_vec())
  let map = Map.from_array([(\"a\", true)])
  let set = Set.from_array([3, 4])
  let mutex = Mutex.new(|| 5)
  let pair = (\"q\\\"\", (0..20).iter().to_array())
  println(\"{buffered} {point.x} {some} {map} {set} {mutex} {pair}\")
}
";
        stepped(text, |run| {
            while run.state().lanes[0].at.as_ref().is_none_or(|at| at.line < 10) {
                assert_eq!(run.step(Stride::Line, 100_000), Progress::Arrived);
            }
            let state = run.state();
            let text = |name: &str| {
                let variables = &state.lanes[0].calls[0].variables;
                variables
                    .iter()
                    .find(|v| v.name == name)
                    .map(|v| v.text.as_str())
                    .unwrap_or_default()
                    .to_owned()
            };
            assert_eq!(text("point"), "Point { x: 1, y: 2.5 }");
            assert_eq!(text("some"), "Some([1, 2])");
            assert_eq!(text("map"), "{\"a\": true}");
            assert_eq!(text("set"), "{3, 4}");
            assert_eq!(text("mutex"), "Mutex 2 (5)");
            assert_eq!(text("pair"), "(\"q\\\"\", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, … 8 more])");
            let channel = state.shared.iter().find(|place| place.kind == "Chan").expect("it is shown");
            assert_eq!((channel.capacity, channel.contents.as_slice()), (Some(3), &["'b'".to_owned()][..]));
        });
    }
}
