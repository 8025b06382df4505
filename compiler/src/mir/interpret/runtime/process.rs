//! Standard input and output, and arguments. The interpreter accesses neither files nor the system, so functions that
//! need files or the system are not supported.

use weft_abi::{RuntimeFunction, RuntimeGroup};

use super::plain;
use super::strings::bytes;
use crate::mir::interpret::interpreter::Interpreter;
use crate::mir::interpret::thread::Stop;
use crate::mir::interpret::value::Value;

/// The descriptors of the standard streams for output.
const STDOUT: i64 = 1;
const STDERR: i64 = 2;

impl Interpreter<'_> {
    pub(super) fn process_call(
        &mut self,
        function: RuntimeFunction,
        arguments: &[Value],
    ) -> Result<Value, Stop> {
        use RuntimeFunction as F;
        Ok(match function {
            F::Print | F::PrintLine => push(&mut self.stdout, &arguments[0], function == F::PrintLine),
            F::Eprint | F::EprintLine => push(&mut self.stderr, &arguments[0], function == F::EprintLine),
            F::WriteBytes => {
                let written = bytes(&arguments[1], arguments[2].as_index(), arguments[3].as_index());
                match arguments[0].as_int() {
                    STDOUT => self.stdout.extend(written),
                    STDERR => self.stderr.extend(written),
                    _ => return unsupported("writing to a file"),
                }
                Value::Int(0)
            }
            F::FlushOutput => Value::Int(0),
            // All of the input is available from the beginning, so there is nothing to read.
            F::FillInput => Value::Int(0),
            F::TakeInputLine => {
                let line = self.stdin.iter().position(|byte| *byte == b'\n').map(|newline| newline + 1);
                self.take_input(line.unwrap_or(self.stdin.len()))
            }
            F::TakeInput => self.take_input(arguments[0].as_index().min(self.stdin.len())),
            F::Arguments => Value::array(self.arguments.clone()),
            F::Exit => return Err(Stop::Exits(arguments[0].as_int())),
            // Any seed is valid; a fixed seed makes runs reproducible.
            F::HashSeed => Value::Int(0),
            F::OutcomeError
            | F::OutcomeBytes
            | F::OutcomeStrings
            | F::OutcomeNumbers
            | F::OutcomeFile
            | F::OutcomeFree
            | F::Collect => return unsupported("reading or changing files"),
            _ if function.group() == RuntimeGroup::Blocking => {
                return unsupported("reading or changing files");
            }
            F::WallClock => return unsupported("reading the clock"),
            F::IoListen
            | F::IoBind
            | F::IoConnect
            | F::IoConnected
            | F::IoAccept
            | F::IoRead
            | F::IoFill
            | F::IoTake
            | F::IoWrite
            | F::IoSendTo
            | F::IoReceiveFrom
            | F::IoSender
            | F::IoShutDown
            | F::IoNoDelay
            | F::IoAddress
            | F::IoClose
            | F::IsAddress => return unsupported("a socket"),
            F::IoPipe | F::IoIntoFile => return unsupported("a pipe"),
            F::IoAdopt | F::IoOutcome | F::IoSendSignal | F::ProcessNumber => {
                return unsupported("a process");
            }
            F::IoSubscribe | F::IoUnsubscribe | F::RaiseSignal | F::Detach => return unsupported("a signal"),
            F::Environment | F::HasEnvironment => return unsupported("reading the environment"),
            F::ErrorText => return unsupported("the text of the system's errors"),
            other => panic!("BUG: MIR calls {other:?}"),
        })
    }
}

impl Interpreter<'_> {
    fn take_input(&mut self, count: usize) -> Value {
        Value::array(self.stdin.drain(..count).map(Value::Byte).collect())
    }
}

fn push(out: &mut Vec<u8>, value: &Value, ends_line: bool) -> Value {
    out.extend(plain(value).into_bytes());
    out.extend(ends_line.then_some(b'\n'));
    Value::Unit
}

fn unsupported(what: &str) -> Result<Value, Stop> {
    Err(Stop::Unsupported(what.to_owned()))
}
