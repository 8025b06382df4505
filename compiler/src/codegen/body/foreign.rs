//! Calls of C functions, and calls that run on an OS thread of the pool.
//!
//! C runs on a worker's own stack or on an OS thread of the pool, never on a green thread's stack. The code that runs C
//! functions there is assembly in the module, because LLVM would give functions the stack alignment of compiled code:
//!
//! | code | task | caller |
//! |---|---|---|
//! | a thunk | moves to the worker's stack and calls the function there | compiled code, with C's convention |
//! | an unpacker | loads the arguments from a `BlockingCall`, stores the result there | the pool; the runtime |
//!
//! A C function with many arguments expects the last ones on its stack. A thunk would leave these arguments on the
//! green thread's stack, so the runtime calls an unpacker for such functions.
//!
//! A thunk and an unpacker pass each value as a 64-bit integer or a double. This file converts values of C's types:
//!
//! | C type | as an argument | as a result |
//! |---|---|---|
//! | `bool`, `uint8_t` | zero-extended | the low byte |
//! | `int` | must fit, else a panic | sign-extended |
//! | `int64_t`, `long`, `void *` | unchanged | unchanged |
//! | `size_t` | must not be negative, else a panic | unchanged: from 2^63 on it is negative |
//! | `double` | unchanged | unchanged |
//! | `const char *` | a zero-terminated copy; a zero byte in the string panics | copied; null panics |

use std::fmt::Write;
use std::mem::offset_of;

use inkwell::values::{BasicValueEnum, FunctionValue, InstructionOpcode, IntValue, PointerValue};
use inkwell::{GlobalVisibility, IntPredicate};
use weft_abi::{AbiType, BlockingCall, BlockingResult, RuntimeFunction};

use crate::arena::Id;
use crate::codegen::cx::builder;
use crate::codegen::cx::function::FunctionCx;
use crate::codegen::cx::module::ModuleCx;
use crate::codegen::cx::tables::Outlined;
use crate::codegen::cx::types::Values;
use crate::codegen::values::calling_convention::{GENERAL_ARGUMENTS, VECTOR_ARGUMENTS};
use crate::mir::{Foreign, ForeignId, ForeignType, Operand, Scalar, runtime_signature};
use weft_abi::layout::PROGRAM_PREFIX;

/// The kind of register in which a value is passed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Class {
    General,
    Vector,
}

/// A C function as the assembly sees it.
struct Callee {
    symbol: String,
    parameters: Vec<Class>,
    result: Option<Class>,
    /// The kind of a result that is passed through a `BlockingCall`. A string is copied on the OS thread that made the
    /// call, since a later call on this OS thread may change the string.
    kind: BlockingResult,
}

const GENERAL_REGISTERS: [&str; GENERAL_ARGUMENTS] = ["rdi", "rsi", "rdx", "rcx", "r8", "r9"];

impl Callee {
    fn of_foreign(foreign: &Foreign) -> Callee {
        Callee {
            symbol: foreign.symbol.clone(),
            parameters: foreign.parameters.iter().filter_map(|&ty| class(ty)).collect(),
            result: class(foreign.result),
            kind: if foreign.blocking && foreign.result == ForeignType::CString {
                BlockingResult::String
            } else {
                BlockingResult::Plain
            },
        }
    }

    fn of_runtime(function: RuntimeFunction) -> Callee {
        let class = |ty: AbiType| match ty {
            AbiType::Unit | AbiType::Never => None,
            AbiType::Float => Some(Class::Vector),
            AbiType::Bool | AbiType::Int | AbiType::Char | AbiType::Byte | AbiType::Pointer => {
                Some(Class::General)
            }
        };
        Callee {
            symbol: function.symbol().to_owned(),
            parameters: function.parameters().iter().filter_map(|&ty| class(ty)).collect(),
            result: class(function.result()),
            kind: runtime_signature(function)
                .and_then(|signature| signature.blocking)
                .unwrap_or_else(|| panic!("BUG: {function:?} does not block")),
        }
    }

    /// The register of each argument, or `None` for an argument on the stack.
    fn places(&self) -> Vec<Option<String>> {
        let (mut general, mut vector) = (0, 0);
        let place = |class: &Class| match class {
            Class::General => {
                general += 1;
                GENERAL_REGISTERS.get(general - 1).map(|register| (*register).to_owned())
            }
            Class::Vector => {
                vector += 1;
                (vector <= VECTOR_ARGUMENTS).then(|| format!("xmm{}", vector - 1))
            }
        };
        self.parameters.iter().map(place).collect()
    }

    fn is_all_in_registers(&self) -> bool {
        self.places().iter().all(Option::is_some)
    }

    /// The assembly of a thunk. Arguments and result stay in their registers.
    fn thunk(&self, name: &str) -> String {
        let symbol = &self.symbol;
        format!("{name}:\nmovq {symbol}@GOTPCREL(%rip), %rax\njmp weft_call_on_worker\n")
    }

    /// The assembly of an unpacker: a C function whose only argument is the address of a `BlockingCall`. It keeps that
    /// address in `rbx`:
    ///
    /// ```text
    ///   entered          pushq %rbx       padding, if the      pushq arguments,     callq
    ///                                     number is odd        the last one first
    ///   │ return addr.   │ return addr.   │ return addr.       │ return addr.
    ///   rsp: 16n + 8     │ rbx            │ rbx                │ rbx
    ///                    rsp: 16n         │ (8 bytes)          │ (8 bytes)
    ///                                     rsp: 16n + 8         │ last argument
    ///                                                          │ ...
    ///                                                          │ first on the stack
    ///                                                          rsp: 16n
    /// ```
    ///
    /// C requires `rsp` to be a multiple of 16 at the `call`. At the entry `rsp` is off by 8, because of the return
    /// address.
    fn unpacker(&self, name: &str) -> String {
        let places = self.places();
        let word = |index: usize| format!("{}(%rbx)", size_of::<BlockingCall>() + 8 * index);
        let pushed: Vec<usize> = (0..places.len()).filter(|&index| places[index].is_none()).collect();
        let padding = pushed.len() % 2;
        let mut text = format!("{name}:\npushq %rbx\nmovq %rdi, %rbx\n");
        let mut line = |line: String| writeln!(text, "{line}").expect("BUG: a string takes any text");
        if padding > 0 {
            line("subq $8, %rsp".to_owned());
        }
        for &index in pushed.iter().rev() {
            line(format!("pushq {}", word(index)));
        }
        for (index, register) in places.iter().enumerate() {
            if let Some(register) = register {
                line(format!("movq {}, %{register}", word(index)));
            }
        }
        // A variadic function reads the number of vector registers that contain arguments from `al`.
        let vectors = self.parameters.iter().filter(|&&class| class == Class::Vector).count();
        line(format!("movl ${}, %eax", vectors.min(VECTOR_ARGUMENTS)));
        line(format!("callq *{}@GOTPCREL(%rip)", self.symbol));
        if !pushed.is_empty() {
            line(format!("addq ${}, %rsp", 8 * (pushed.len() + padding)));
        }
        if self.kind == BlockingResult::String {
            line("movq %rax, %rdi".to_owned());
            line(format!("callq *{}@GOTPCREL(%rip)", RuntimeFunction::CStringKeep.symbol()));
        }
        let result = offset_of!(BlockingCall, result);
        match self.result {
            None => {}
            Some(Class::General) => line(format!("movq %rax, {result}(%rbx)")),
            Some(Class::Vector) => line(format!("movq %xmm0, {result}(%rbx)")),
        }
        line("popq %rbx".to_owned());
        line("retq".to_owned());
        text
    }
}

/// The kind of register in which a value of a C type is passed; `None` for `void`.
fn class(ty: ForeignType) -> Option<Class> {
    match ty {
        ForeignType::Unit => None,
        ForeignType::Float => Some(Class::Vector),
        ForeignType::Bool
        | ForeignType::Byte
        | ForeignType::CInt
        | ForeignType::Int
        | ForeignType::CSize
        | ForeignType::CString
        | ForeignType::CPtr => Some(Class::General),
    }
}

impl<'ctx> ModuleCx<'ctx, '_> {
    /// Adds the collected assembly to the module. Must be called once, at the end.
    pub(in crate::codegen) fn define_foreign_code(&mut self) {
        if !self.foreign.text.is_empty() {
            self.module.set_inline_assembly(&format!(".text\n{}", self.foreign.text));
        }
    }

    /// The declaration of a function that is written in assembly. The first request for a `name` adds the function's
    /// text to the module.
    fn foreign_function(
        &mut self,
        name: &str,
        parameters: &[Class],
        result: Option<Class>,
        text: impl FnOnce() -> String,
    ) -> FunctionValue<'ctx> {
        if self.foreign.defined.insert(name.to_owned()) {
            let types = self.types;
            let ty = |class| match class {
                Class::General => types.word.into(),
                Class::Vector => types.double.into(),
            };
            let ty = types.function(parameters.iter().map(|&class| Some(ty(class))), result.map(ty));
            let declared = self.module.add_function(name, ty, None);
            // The symbol has no type on purpose. If it had the type of a function, linkers would change the prologues
            // of its callers, because the assembly has no stack check.
            declared.as_global_value().set_visibility(GlobalVisibility::Hidden);
            self.attributes.of_runtime(declared);
            self.foreign.text += &text();
        }
        self.module.get_function(name).unwrap_or_else(|| panic!("BUG: {name} is not declared"))
    }

    fn thunk(&mut self, id: ForeignId, callee: &Callee) -> FunctionValue<'ctx> {
        let name = format!("{PROGRAM_PREFIX}foreign{}.{}", id.raw(), callee.symbol);
        self.foreign_function(&name, &callee.parameters, callee.result, || callee.thunk(&name))
    }

    fn unpacker(&mut self, name: &str, callee: &Callee) -> PointerValue<'ctx> {
        let name = format!("{PROGRAM_PREFIX}{name}.{}", callee.symbol);
        let function = self.foreign_function(&name, &[Class::General], None, || callee.unpacker(&name));
        function.as_global_value().as_pointer_value()
    }
}

impl<'ctx> FunctionCx<'_, 'ctx, '_> {
    /// Calls a C function.
    pub(in crate::codegen) fn call_foreign(&mut self, id: ForeignId, arguments: &[Operand]) -> Values<'ctx> {
        let foreign = &self.cx.input.program.foreigns[id];
        let callee = Callee::of_foreign(foreign);
        let mut values = Vec::new();
        let mut has_copies = callee.kind == BlockingResult::String;
        for (&ty, operand) in foreign.parameters.iter().zip(arguments) {
            let Some(value) = self.argument_in_c(ty, operand) else { continue };
            has_copies |= ty == ForeignType::CString;
            values.push(value);
        }
        let result = if callee.is_all_in_registers() && !foreign.blocking {
            let thunk = self.cx.thunk(id, &callee);
            let call = self.cx.builder.call(thunk, &values, "");
            builder::result(call)
        } else {
            let code = self.cx.unpacker(&format!("unpacker{}", id.raw()), &callee);
            self.call_by_record(code, &values, &callee, foreign.blocking)
        };
        // The result may point into the copy of an argument, so the copies are freed only after the result is
        // converted.
        let values = self.of_c(foreign.result, result);
        if has_copies {
            self.cx.run(RuntimeFunction::CStringsFree, &[]);
        }
        values
    }

    /// Calls a runtime function that may take long.
    pub(in crate::codegen) fn call_blocking(
        &mut self,
        function: RuntimeFunction,
        arguments: &[Operand],
    ) -> BasicValueEnum<'ctx> {
        let callee = Callee::of_runtime(function);
        let values = self.operands(arguments);
        let words: Values<'ctx> =
            values.iter().map(|&value| self.cx.types.word_of(&self.cx.builder, value)).collect();
        let code = self.cx.unpacker("unpacker", &callee);
        let result = self.call_by_record(code, &words, &callee, true);
        // The pool thread reads the objects in place, and the collector does not scan that thread's stack. So this
        // green thread keeps the objects alive.
        let scalars = arguments.iter().flat_map(|argument| self.scalars_of(argument));
        let references = values.iter().zip(scalars).filter(|(_, scalar)| *scalar == Scalar::Reference);
        let references: Values<'ctx> = references.map(|(&value, _)| value).collect();
        self.cx.builder.keep(self.cx.context, &references);
        result.unwrap_or_else(|| panic!("BUG: {function:?} gives nothing"))
    }

    /// Calls `callee`, a C function or a runtime function, through a `BlockingCall` with the arguments. The call runs
    /// on a pool thread if `blocking` is true, so that it blocks no other green thread; otherwise on the worker's
    /// stack.
    fn call_by_record(
        &mut self,
        code: PointerValue<'ctx>,
        values: &[BasicValueEnum<'ctx>],
        callee: &Callee,
        blocking: bool,
    ) -> Option<BasicValueEnum<'ctx>> {
        let count = self.cx.types.int(values.len()).into();
        let kind = self.cx.types.int(callee.kind as usize).into();
        let record = self.cx.run(RuntimeFunction::BlockingNew, &[code.into(), count, kind]);
        let record = record.expect("BUG: a new call is nothing").into_pointer_value();
        for (index, &value) in values.iter().enumerate() {
            let place = self.cx.offset(record, size_of::<BlockingCall>() + 8 * index, "argument");
            self.cx.builder.store(place, value);
        }
        if blocking {
            self.cx.run(RuntimeFunction::BlockingSubmit, &[record.into()]);
            if self.is_called() {
                self.cx.call_outlined(Outlined::Pause, &[]);
            } else {
                self.pause();
            }
        } else {
            self.cx.run(RuntimeFunction::BlockingRun, &[record.into()]);
        }
        let result = callee.result.map(|class| {
            let place = self.cx.offset(record, offset_of!(BlockingCall, result), "result");
            match class {
                Class::General => self.cx.builder.load(self.cx.types.word, place, ""),
                Class::Vector => self.cx.builder.load(self.cx.types.double, place, ""),
            }
        });
        self.cx.run(RuntimeFunction::BlockingFree, &[record.into()]);
        result
    }

    /// Converts an argument to C's form, in a whole register; `None` for `()`.
    fn argument_in_c(&mut self, ty: ForeignType, operand: &Operand) -> Option<BasicValueEnum<'ctx>> {
        class(ty)?;
        let value = self.value_of(operand);
        Some(match ty {
            ForeignType::Unit => panic!("BUG: a value of `()`"),
            ForeignType::Bool | ForeignType::Byte => self.cx.types.word_of(&self.cx.builder, value),
            ForeignType::Int | ForeignType::CPtr | ForeignType::Float => value,
            ForeignType::CInt => {
                let extended = self.sign_extend_int(value.into_int_value());
                self.require_for_c(IntPredicate::EQ, value, extended, RuntimeFunction::PanicCInt);
                value
            }
            ForeignType::CSize => {
                let zero = self.cx.types.int(0);
                self.require_for_c(IntPredicate::SGE, value, zero, RuntimeFunction::PanicCSize);
                value
            }
            ForeignType::CString => {
                let site = self.site().into();
                let copy = self.cx.run(RuntimeFunction::CStringNew, &[value, site]);
                self.cx.types.word_of(&self.cx.builder, copy.expect("BUG: a copy is nothing"))
            }
        })
    }

    /// Converts a result of C to a value of the language.
    fn of_c(&mut self, ty: ForeignType, result: Option<BasicValueEnum<'ctx>>) -> Values<'ctx> {
        let Some(value) = result else { return Vec::new() };
        let types = self.cx.types;
        let value = match ty {
            ForeignType::Unit => panic!("BUG: `void` has a value"),
            ForeignType::Bool => {
                let byte = self.cx.builder.truncate(value.into_int_value(), types.byte);
                let zero = types.byte.const_zero();
                self.cx.builder.compare(IntPredicate::NE, byte, zero).into()
            }
            ForeignType::Byte => self.cx.builder.truncate(value.into_int_value(), types.byte).into(),
            ForeignType::CInt => self.sign_extend_int(value.into_int_value()).into(),
            ForeignType::Int | ForeignType::CSize | ForeignType::CPtr | ForeignType::Float => value,
            ForeignType::CString => {
                let string = self.cx.builder.int_to_pointer(value.into_int_value());
                let site = self.site().into();
                let text = self.cx.run(RuntimeFunction::CStringText, &[string.into(), site]);
                text.expect("BUG: a string is nothing")
            }
        };
        vec![value]
    }

    /// Sign-extends the low 32 bits.
    fn sign_extend_int(&mut self, value: IntValue<'ctx>) -> IntValue<'ctx> {
        let half = self.cx.types.int(32);
        let high = self.cx.builder.int_operation(InstructionOpcode::Shl, value, half);
        self.cx.builder.int_operation(InstructionOpcode::AShr, high, half)
    }

    /// Generates a check that calls `panics` unless `predicate` holds between `value` and `other`.
    fn require_for_c(
        &mut self,
        predicate: IntPredicate,
        value: BasicValueEnum<'ctx>,
        other: IntValue<'ctx>,
        panics: RuntimeFunction,
    ) {
        let holds = self.cx.builder.compare(predicate, value.into_int_value(), other);
        let (fits, fits_not) = (self.block("fits"), self.block("fits_not"));
        self.cx.builder.branch(holds, fits, fits_not);
        self.cx.builder.at_end(fits_not);
        self.panic_with(panics, &[value]);
        self.cx.builder.at_end(fits);
    }
}
