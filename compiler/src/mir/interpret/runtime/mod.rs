//! Runtime functions that MIR may call. The functions for threads are in `operations`.

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
    /// Calls a runtime function with arguments of the types in its signature. Each file of this folder handles some
    /// functions; `process` is tried last.
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
            F::Panic => return Err(Stop::Panics(arguments[0].as_str().to_owned())),
            F::PanicNotEqual => {
                let (left, right) = (arguments[0].as_str(), arguments[1].as_str());
                let message =
                    format!("assertion failed: the values are not equal\n left: {left}\nright: {right}");
                return Err(Stop::Panics(message));
            }
            _ => {
                let value = strings::call(function, arguments).or_else(|| float(function, arguments));
                return value.map_or_else(|| self.process_call(function, arguments), Ok);
            }
        }
        Ok(Value::Unit)
    }

    /// Appends the first of `arguments`, the string before a value, and then the value's text.
    fn append(&mut self, arguments: &[Value], value: &str) {
        self.text.push_str(arguments[0].as_str());
        self.text.push_str(value);
    }
}

/// A value as `Show` writes it on its own.
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

/// Calls a function on floats; returns `None` for any other function.
fn float(function: RuntimeFunction, arguments: &[Value]) -> Option<Value> {
    use RuntimeFunction as F;
    let float = |index: usize| arguments[index].as_float();
    Some(Value::Float(match function {
        F::FloatRemainder => float(0) % float(1),
        F::FloatPow => float(0).powf(float(1)),
        F::FloatSin => float(0).sin(),
        F::FloatCos => float(0).cos(),
        F::FloatTan => float(0).tan(),
        F::FloatExp => float(0).exp(),
        F::FloatLn => float(0).ln(),
        F::FloatAsin => float(0).asin(),
        F::FloatAcos => float(0).acos(),
        F::FloatAtan => float(0).atan(),
        F::FloatSinh => float(0).sinh(),
        F::FloatCosh => float(0).cosh(),
        F::FloatTanh => float(0).tanh(),
        F::FloatLog10 => float(0).log10(),
        F::FloatLog2 => float(0).log2(),
        F::FloatCbrt => float(0).cbrt(),
        F::FloatAtan2 => float(0).atan2(float(1)),
        F::FloatHypot => float(0).hypot(float(1)),
        F::FloatOfBits => f64::from_bits(arguments[0].as_int() as u64),
        F::FloatFloor => float(0).floor(),
        F::FloatCeil => float(0).ceil(),
        F::FloatRound => float(0).round(),
        _ => return None,
    }))
}
