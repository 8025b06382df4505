//! The saved bytes, compared with a run of the program: it is traced one instruction at a time.
//!
//! At the first instruction of a point's own code, the frame is known. From there to the instruction that stores the
//! stack pointer, the pushed bytes are measured. A byte of the frame that is read before it is written, at any time
//! afterwards, was live; all other bytes were not. Over all visits of a point this must give exactly the live bytes of
//! the report, as the programs below take all paths.

use std::collections::{BTreeSet, HashMap};
use std::fs;

use iced_x86::{Decoder, DecoderOptions, Instruction, InstructionInfoFactory, Mnemonic, OpAccess, Register};
use libc::user_regs_struct;
use object::{Object, ObjectSection, ObjectSymbol};
use serde_json::Value;

use crate::tracing::{Stop, Traced};
use crate::{WAYS, folder, list, number, output, report};

/// More bytes than any switch pushes. If the stack pointer has moved by more, the stack has grown.
const MOVED: u64 = 4096;

/// The most instructions that are traced.
const STEPS: usize = 400_000;

const YIELDS: &str = "fn worker(a: Int, b: Int) -> Int {
  var sum = 0
  for i in 0..3 {
    sum = sum +% a *% i
    yield
    sum = sum +% b
  }
  sum
}

fn main() {
  let t = spawn worker(1, 2)
  let u = spawn worker(3, 4)
  let sum = t.join() +% u.join()
  if sum == 0 { println(\"zero\") }
}
";

const CHANNELS: &str = "fn numbers(c: Chan[Int], n: Int) {
  for i in 0..n {
    if i == 2 {
      yield
      yield
      yield
    }
    c.send(i)
  }
}

fn main() {
  let c: Chan[Int] = chan(0)
  spawn numbers(c, 5)
  var sum = 0
  for _ in 0..5 {
    match c.recv() {
      Some(n) => sum = sum +% n
      None => sum = 0
    }
  }
  if sum == 0 { println(\"zero\") }
}
";

const CALLS: &str = "fn pause(n: Int) -> Int {
  if n > 0 {
    yield
    yield
  }
  n +% 1
}

fn twice(a: Int, b: Int) -> Int {
  let x = pause(a)
  let y = pause(b)
  x *% y +% a
}

fn worker(a: Int) -> Int {
  // In a way that needs much room, the stack grows here, and does not move afterwards.
  yield
  twice(a, a +% 1)
}

fn main() {
  let t = spawn worker(0)
  let u = spawn worker(5)
  let sum = t.join() +% u.join()
  if sum == 0 { println(\"zero\") }
}
";

/// A point of the report in one way, and where it is in the program.
struct Expected {
    line: i64,
    kind: String,
    first: u64,
    leave: Option<u64>,
    pushed: u64,
    frame: u64,
    /// The live bytes of the frame, by their distance from the stack pointer before the switch.
    live: BTreeSet<u64>,
}

/// A visit of a point: the stack pointer, and the bytes of the frame that have been accessed since.
struct Visit {
    point: usize,
    rsp: u64,
    /// Whether the thread has left its stack.
    left: bool,
    seen: BTreeSet<u64>,
}

/// The measurements at a point.
#[derive(Default)]
struct Measured {
    pushed: BTreeSet<u64>,
    live: BTreeSet<u64>,
}

/// The code and the symbols of an executable.
struct Program {
    symbols: HashMap<String, u64>,
    code: Vec<u8>,
    start: u64,
}

impl Program {
    fn read(bytes: &[u8]) -> Program {
        let file = object::File::parse(bytes).expect("it is an executable");
        let text = file.section_by_name(".text").expect("it has code");
        let symbols = file.symbols().filter_map(|one| Some((one.name().ok()?.to_owned(), one.address())));
        Program {
            symbols: symbols.collect(),
            code: text.data().expect("it is readable").to_vec(),
            start: text.address(),
        }
    }

    fn symbol(&self, name: &str) -> u64 {
        *self.symbols.get(name).unwrap_or_else(|| panic!("there is no symbol {name}"))
    }

    fn instruction(&self, address: u64) -> Option<Instruction> {
        let at = address.checked_sub(self.start).filter(|&at| at < self.code.len() as u64)?;
        Some(Decoder::with_ip(64, &self.code[at as usize..], address, DecoderOptions::NONE).decode())
    }
}

/// The points of the program's own code in one way.
fn expected(report: &Value, way: &str, program: &Program) -> Vec<Expected> {
    let mut found = Vec::new();
    for point in list(report, "points").iter().filter(|point| point["library"] == false) {
        for code in list(point, "code").iter().filter(|code| code["way"] == way) {
            let symbol = code["symbol"].as_str().expect("it is a text");
            let place = |instruction: &Value| {
                let symbol = instruction["symbol"].as_str().unwrap_or(symbol);
                program.symbol(symbol) + number(instruction, "address") as u64
            };
            let own = ["save-mailbox", "save-limit", "save-resume-address", "check", "call", "restore-limit"];
            let role = |instruction: &Value| instruction["role"].as_str().expect("it is a text").to_owned();
            let instructions = list(code, "instructions");
            let first = instructions.iter().find(|one| own.contains(&role(one).as_str()));
            let leave = instructions.iter().find(|one| role(one) == "leave");
            let pushed = number(&code["bytes"], "pushed") as u64;
            let kept =
                list(code, "stack").iter().filter(|slot| slot["saved"] == true && slot["pushed"] == false);
            let live = kept.flat_map(|slot| {
                let from = number(slot, "offset") as u64 - pushed;
                from..from + number(slot, "size") as u64
            });
            found.push(Expected {
                line: number(&point["place"], "line"),
                kind: point["kind"].as_str().expect("it is a text").to_owned(),
                first: place(first.expect("each point has instructions of its own")),
                leave: leave.map(place),
                pushed,
                frame: number(code, "frame") as u64,
                live: live.collect(),
            });
        }
    }
    found
}

/// The bytes of the stack that an instruction accesses, and whether it reads them.
fn accesses(
    factory: &mut InstructionInfoFactory,
    instruction: &Instruction,
    registers: &user_regs_struct,
) -> Vec<(u64, u64, bool)> {
    const PRESERVED: [Register; 6] =
        [Register::RBX, Register::RBP, Register::R12, Register::R13, Register::R14, Register::R15];
    // A pop into another register frees a word, and does not read a value.
    if instruction.mnemonic() == Mnemonic::Pop && !PRESERVED.contains(&instruction.op0_register()) {
        return Vec::new();
    }
    let used = factory.info(instruction).used_memory().iter();
    let stack = used.filter(|memory| memory.base() == Register::RSP && memory.segment() != Register::FS);
    let access = |memory: &iced_x86::UsedMemory| {
        let reads = matches!(
            memory.access(),
            OpAccess::Read | OpAccess::CondRead | OpAccess::ReadWrite | OpAccess::ReadCondWrite
        );
        (registers.rsp.wrapping_add(memory.displacement()), memory.memory_size().size() as u64, reads)
    };
    stack.map(access).collect()
}

/// Runs the program, and measures at each point.
fn measure(executable: &std::path::Path, program: &Program, points: &[Expected]) -> Vec<Measured> {
    let mut command = std::process::Command::new(executable);
    command.env("WEFT_WORKERS", "1").env("WEFT_PREEMPT", "0");
    let mut traced = Traced::start(&mut command).expect("the program can be traced");
    let mut stop = traced.run_to(program.symbol("weft.main")).expect("it runs");
    let mut measured: Vec<Measured> = points.iter().map(|_| Measured::default()).collect();
    let mut visits: Vec<Visit> = Vec::new();
    let mut factory = InstructionInfoFactory::new();
    for _ in 0..STEPS {
        let Stop::Step(registers) = stop else { return measured };
        let at = registers.rip;
        if let Some(instruction) = program.instruction(at) {
            for (from, size, reads) in accesses(&mut factory, &instruction, &registers) {
                for visit in &mut visits {
                    let frame = points[visit.point].frame;
                    for byte in
                        (from..from + size).filter(|byte| (visit.rsp..visit.rsp + frame).contains(byte))
                    {
                        if visit.seen.insert(byte) && reads {
                            measured[visit.point].live.insert(byte - visit.rsp);
                        }
                    }
                }
            }
            if let Some(point) = points.iter().position(|point| point.first == at) {
                let (rsp, left) = (registers.rsp, points[point].leave.is_none());
                visits.push(Visit { point, rsp, left, seen: BTreeSet::new() });
                if left {
                    measured[point].pushed.insert(8);
                }
            }
            if let Some(last) = visits.last_mut()
                && !last.left
                && points[last.point].leave == Some(at)
            {
                last.left = true;
                match last.rsp.checked_sub(registers.rsp).filter(|&pushed| pushed < MOVED) {
                    Some(pushed) => drop(measured[last.point].pushed.insert(pushed)),
                    // The stub found too little room, and the stack has grown, so it lies elsewhere.
                    None => drop(visits.pop()),
                }
            }
        }
        stop = traced.step().expect("it runs");
    }
    panic!("the program runs for more than {STEPS} instructions");
}

fn compare(name: &str, text: &str) {
    let folder = folder(name);
    fs::write(folder.join("p.weft"), text).expect("the folder is writable");
    let mut wrong = Vec::new();
    let mut visited = 0;
    for level in ["-O0", "-O2"] {
        let report = report(&folder, &[level, "p.weft"]);
        for way in WAYS {
            output(&folder, &["build", level, "--switch", way, "p.weft", "-o", "p"]);
            let executable = folder.join("p");
            let program = Program::read(&fs::read(&executable).expect("it is built"));
            let points = expected(&report, way, &program);
            let measured = measure(&executable, &program, &points);
            for (point, measured) in points.iter().zip(measured).filter(|(_, found)| !found.pushed.is_empty())
            {
                visited += 1;
                let place = format!("{level} {way} line {} {}", point.line, point.kind);
                if measured.pushed.iter().ne([&point.pushed]) {
                    wrong.push(format!("{place}: pushes {:?}, not {}", measured.pushed, point.pushed));
                }
                if measured.live != point.live {
                    let (live, reported) = (&measured.live, &point.live);
                    wrong.push(format!("{place}: live are {live:?}, not {reported:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    println!("{name}: {visited} points agree");
    assert!(visited >= 8, "only {visited} points are visited");
}

#[test]
fn a_yield_saves_what_is_reported() {
    compare("yields", YIELDS);
}

#[test]
fn a_channel_saves_what_is_reported() {
    compare("channels", CHANNELS);
}

#[test]
fn a_call_saves_what_is_reported() {
    compare("calls", CALLS);
}
