//! Runtime functions that MIR may call.

/// Strings.
mod strings;
/// Arguments, input, output and time.
mod process;

use weft_abi::{FormatSpec, RuntimeFunction};

use super::interpreter::Interpreter;
use super::text;
use super::thread::Stop;
use super::value::Value;

impl Interpreter<'_> {
    /// Calls a runtime function with arguments as `runtime_signature` wants them.
    pub(super) fn runtime_call(
        &mut self,
        function: RuntimeFunction,
        arguments: &[Value],
    ) -> Result<Value, Stop> {
        use RuntimeFunction as F;
        match function {
            F::TextString | F::TextInt | F::TextFloat | F::TextBool | F::TextChar | F::TextByte => {
                self.append(arguments, &plain(&arguments[1]));
            }
            F::TextStringQuoted => self.append(arguments, &text::quoted(arguments[1].as_str(), '"')),
            F::TextCharQuoted => self.append(arguments, &text::quoted(&plain(&arguments[1]), '\'')),
            F::TextStringAs | F::TextIntAs | F::TextFloatAs | F::TextCharAs | F::TextByteAs => {
                let spec = FormatSpec::unpack(arguments[2].as_int());
                self.append(arguments, &formatted(&arguments[1], spec));
            }
            F::TextFinish => {
                self.append(arguments, "");
                return Ok(Value::string(std::mem::take(&mut self.text)));
            }
            F::StringConcat
            | F::StringEqual
            | F::StringCompare
            | F::StringSlice
            | F::StringOfBytes
            | F::IsUtf8
            | F::StringCopy
            | F::StringFind
            | F::StringHash
            | F::StringUpper
            | F::StringLower
            | F::IsFloat
            | F::StringFloat
            | F::CharIsWhitespace => return Ok(strings::call(function, arguments)),
            F::FloatRemainder
            | F::FloatPow
            | F::FloatSin
            | F::FloatCos
            | F::FloatTan
            | F::FloatExp
            | F::FloatLn
            | F::FloatFloor
            | F::FloatCeil
            | F::FloatRound => return Ok(float(function, arguments)),
            F::Panic => return Err(Stop::Panics(arguments[0].as_str().to_owned())),
            F::PanicNotEqual => {
                let (left, right) = (arguments[0].as_str(), arguments[1].as_str());
                let message =
                    format!("assertion failed: the values are not equal\n left: {left}\nright: {right}");
                return Err(Stop::Panics(message));
            }
            _ => return self.process_call(function, arguments),
        }
        Ok(Value::Unit)
    }

    /// Appends the string before a value, which is the first of `arguments`, and the value's text.
    fn append(&mut self, arguments: &[Value], value: &str) {
        self.text.push_str(arguments[0].as_str());
        self.text.push_str(value);
    }
}

/// A value as `Show` writes it when it is alone.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => text::shortest(*value),
        Value::Bool(value) => value.to_string(),
        Value::Char(value) => value.to_string(),
        Value::Byte(value) => value.to_string(),
        other => panic!("BUG: {other:?} as text"),
    }
}

fn formatted(value: &Value, spec: FormatSpec) -> String {
    match value {
        Value::Int(value) => text::int(*value, spec),
        Value::Byte(value) => text::int(i64::from(*value), spec),
        Value::Float(value) => text::float(*value, spec),
        other => text::string(&plain(other), spec),
    }
}

fn float(function: RuntimeFunction, arguments: &[Value]) -> Value {
    use RuntimeFunction as F;
    let x = arguments[0].as_float();
    Value::Float(match function {
        F::FloatRemainder => x % arguments[1].as_float(),
        F::FloatPow => x.powf(arguments[1].as_float()),
        F::FloatSin => x.sin(),
        F::FloatCos => x.cos(),
        F::FloatTan => x.tan(),
        F::FloatExp => x.exp(),
        F::FloatLn => x.ln(),
        F::FloatFloor => x.floor(),
        F::FloatCeil => x.ceil(),
        F::FloatRound => x.round(),
        other => panic!("BUG: {other:?} is no function of floats"),
    })
}
