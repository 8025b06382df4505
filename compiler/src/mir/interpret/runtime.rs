//! Runtime functions that MIR may call.

use weft_abi::{FormatSpec, RuntimeFunction};

use super::schedule::{Interpreter, Stop};
use super::text;
use super::value::Value;

impl Interpreter<'_> {
    /// Calls a runtime function with arguments as `runtime_signature` wants them.
    pub(super) fn runtime_call(
        &mut self,
        function: RuntimeFunction,
        arguments: &[Value],
    ) -> Result<Value, Stop> {
        let spec = || FormatSpec::unpack(arguments[1].as_int());
        match function {
            RuntimeFunction::Print => self.stdout.push_str(arguments[0].as_str()),
            RuntimeFunction::PrintLine => push_line(&mut self.stdout, &arguments[0]),
            RuntimeFunction::Eprint => self.stderr.push_str(arguments[0].as_str()),
            RuntimeFunction::EprintLine => push_line(&mut self.stderr, &arguments[0]),
            RuntimeFunction::TextString => self.text.push_str(arguments[0].as_str()),
            RuntimeFunction::TextInt => self.text.push_str(&arguments[0].as_int().to_string()),
            RuntimeFunction::TextFloat => self.text.push_str(&text::shortest(arguments[0].as_float())),
            RuntimeFunction::TextBool => {
                self.text.push_str(if arguments[0].as_bool() { "true" } else { "false" });
            }
            RuntimeFunction::TextStringAs => self.text.push_str(&text::string(arguments[0].as_str(), spec())),
            RuntimeFunction::TextIntAs => self.text.push_str(&text::int(arguments[0].as_int(), spec())),
            RuntimeFunction::TextFloatAs => self.text.push_str(&text::float(arguments[0].as_float(), spec())),
            RuntimeFunction::TextFinish => return Ok(Value::string(std::mem::take(&mut self.text))),
            RuntimeFunction::StringConcat => {
                return Ok(Value::string(format!("{}{}", arguments[0].as_str(), arguments[1].as_str())));
            }
            RuntimeFunction::StringEqual => {
                return Ok(Value::Bool(arguments[0].as_str() == arguments[1].as_str()));
            }
            RuntimeFunction::StringCompare => {
                return Ok(Value::Int(arguments[0].as_str().cmp(arguments[1].as_str()) as i64));
            }
            RuntimeFunction::FloatRemainder => {
                return Ok(Value::Float(arguments[0].as_float() % arguments[1].as_float()));
            }
            RuntimeFunction::Arguments => return Ok(self.arguments.clone()),
            RuntimeFunction::Exit => return Err(Stop::Exits(arguments[0].as_int())),
            RuntimeFunction::Panic => return Err(Stop::Panics(arguments[0].as_str().to_owned())),
            RuntimeFunction::PanicNotEqual => {
                let (left, right) = (arguments[0].as_str(), arguments[1].as_str());
                let message =
                    format!("assertion failed: the values are not equal\n left: {left}\nright: {right}");
                return Err(Stop::Panics(message));
            }
            RuntimeFunction::PanicKind
            | RuntimeFunction::PanicIndex
            | RuntimeFunction::PanicJoin
            | RuntimeFunction::Idle
            | RuntimeFunction::GrowRunQueue
            | RuntimeFunction::MoreStacks
            | RuntimeFunction::FreeStack
            | RuntimeFunction::WakeJoiners
            | RuntimeFunction::AllocateSlow => panic!("BUG: MIR calls {function:?}"),
        }
        Ok(Value::Unit)
    }
}

fn push_line(out: &mut String, text: &Value) {
    out.push_str(text.as_str());
    out.push('\n');
}
