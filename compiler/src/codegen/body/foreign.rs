//! Functions in C, and calls that another thread of the system makes.
//!
//! C runs on a worker's own stack or on that of a thread of the pool, never on a green one. What leads there is written
//! as assembly into the module, because LLVM would give functions the stack alignment of compiled code:
//!
//! | code | what it does | who calls it |
//! |---|---|---|
//! | a thunk | like those of the runtime: moves to the worker's stack and calls | compiled code, with C's convention |
//! | an unpacker | takes the arguments out of a `BlockingCall`, leaves the result there | the pool; the runtime |
//!
//! The runtime calls unpackers where arguments travel on the stack: on a green stack C would not find them.
//!
//! To both, a value is an integer of 64 bits or a double. What C has is made of it here:
//!
//! | in C | as an argument | as a result |
//! |---|---|---|
//! | `bool`, `uint8_t` | zero-extended | the low byte |
//! | `int` | must fit, else a panic | sign-extended |
//! | `int64_t`, `long`, `void *` | as it is | as it is |
//! | `size_t` | must not be negative, else a panic | as it is: from 2^63 on it is negative |
//! | `double` | as it is | as it is |
//! | `const char *` | a copy with a zero at its end; a panic if there is one inside | copied; a panic if it is null |

use std::collections::HashSet;
use std::fmt::Write;
use std::mem::offset_of;

use inkwell::values::{BasicValueEnum, FunctionValue, InstructionOpcode, IntValue, PointerValue};
use inkwell::{GlobalVisibility, IntPredicate};
use weft_abi::{AbiType, BlockingCall, BlockingResult, RuntimeFunction};

use crate::arena::Id;
use crate::codegen::builder;
use crate::codegen::convention::{GENERAL_ARGUMENTS, VECTOR_ARGUMENTS};
use crate::codegen::functions::{Body, LINKER_PREFIX};
use crate::codegen::generator::Generator;
use crate::codegen::shared::Operation;
use crate::codegen::types::Values;
use crate::mir::{Foreign, ForeignId, ForeignType, Operand, Scalar, runtime_signature};

/// In which registers a value travels.
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
    /// The kind of a result that is given through a `BlockingCall`. A string is copied on the thread that made the
    /// call, which may change it later.
    kind: BlockingResult,
}

/// The assembly of the module.
#[derive(Default)]
pub(super) struct ForeignCode {
    text: String,
    defined: HashSet<String>,
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

    /// Where each argument travels: the register, or `None` for the stack.
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

    /// Arguments and result stay where they are.
    fn thunk(&self, name: &str) -> String {
        let symbol = &self.symbol;
        format!("{name}:\nmovq {symbol}@GOTPCREL(%rip), %rax\njmp weft_call_on_worker\n")
    }

    /// A C function of one argument, a `BlockingCall`, which stays in `rbx`. Arguments on the stack are pushed, the
    /// last one first, below a word of padding if their number is odd: the stack is aligned to 16 where `call` stands.
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
        // A function that takes any arguments asks here how many vector registers are in use.
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

/// How a value of a type of C travels; `void` does not.
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

impl<'ctx> Generator<'ctx, '_> {
    /// Puts the assembly into the module. To be called once, at the end.
    pub(super) fn define_foreign_code(&mut self) {
        if !self.foreign.text.is_empty() {
            self.module.set_inline_assembly(&format!(".text\n{}", self.foreign.text));
        }
    }

    /// The declaration of code in assembly, which is added the first time.
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
            // The symbol gets no type either: linkers change the prologues of those who call functions without a check.
            declared.as_global_value().set_visibility(GlobalVisibility::Hidden);
            self.attributes.of_runtime(declared);
            self.foreign.text += &text();
        }
        self.module.get_function(name).unwrap_or_else(|| panic!("BUG: {name} is not declared"))
    }

    fn thunk(&mut self, id: ForeignId, callee: &Callee) -> FunctionValue<'ctx> {
        let name = format!("{LINKER_PREFIX}foreign{}.{}", id.raw(), callee.symbol);
        self.foreign_function(&name, &callee.parameters, callee.result, || callee.thunk(&name))
    }

    fn unpacker(&mut self, name: &str, callee: &Callee) -> PointerValue<'ctx> {
        let name = format!("{LINKER_PREFIX}{name}.{}", callee.symbol);
        let function = self.foreign_function(&name, &[Class::General], None, || callee.unpacker(&name));
        function.as_global_value().as_pointer_value()
    }
}

impl<'ctx> Body<'_, 'ctx, '_> {
    /// Calls a function in C.
    pub(super) fn call_foreign(&mut self, id: ForeignId, arguments: &[Operand]) -> Values<'ctx> {
        let foreign = &self.g.input.program.foreigns[id];
        let callee = Callee::of_foreign(foreign);
        let mut values = Vec::new();
        let mut has_copies = callee.kind == BlockingResult::String;
        for (&ty, operand) in foreign.parameters.iter().zip(arguments) {
            let Some(value) = self.argument_in_c(ty, operand) else { continue };
            has_copies |= ty == ForeignType::CString;
            values.push(value);
        }
        let result = if callee.is_all_in_registers() && !foreign.blocking {
            let thunk = self.g.thunk(id, &callee);
            let call = self.g.builder.call(thunk, &values, "");
            builder::result(call)
        } else {
            let code = self.g.unpacker(&format!("unpacker{}", id.raw()), &callee);
            self.call_by_record(code, &values, &callee, foreign.blocking)
        };
        // It may be a part of an argument's copy.
        let values = self.of_c(foreign.result, result);
        if has_copies {
            self.g.run(RuntimeFunction::CStringsFree, &[]);
        }
        values
    }

    /// Calls a runtime function that may take long.
    pub(super) fn call_blocking(
        &mut self,
        function: RuntimeFunction,
        arguments: &[Operand],
    ) -> BasicValueEnum<'ctx> {
        let callee = Callee::of_runtime(function);
        let values = self.operands(arguments);
        let words: Values<'ctx> =
            values.iter().map(|&value| self.g.types.word_of(&self.g.builder, value)).collect();
        let code = self.g.unpacker("unpacker", &callee);
        let result = self.call_by_record(code, &words, &callee, true);
        // The other thread reads the objects in place, and the collector does not know it: they lie on this stack.
        let scalars = arguments.iter().flat_map(|argument| self.scalars_of(argument));
        let references = values.iter().zip(scalars).filter(|(_, scalar)| *scalar == Scalar::Reference);
        let references: Values<'ctx> = references.map(|(&value, _)| value).collect();
        self.g.builder.keep(self.g.context, &references);
        result.unwrap_or_else(|| panic!("BUG: {function:?} gives nothing"))
    }

    /// Makes a call through a record of its arguments: where it holds up no other green thread, or on the worker's
    /// stack.
    fn call_by_record(
        &mut self,
        code: PointerValue<'ctx>,
        values: &[BasicValueEnum<'ctx>],
        callee: &Callee,
        blocking: bool,
    ) -> Option<BasicValueEnum<'ctx>> {
        let count = self.g.types.int(values.len()).into();
        let kind = self.g.types.int(callee.kind as usize).into();
        let record = self.g.run(RuntimeFunction::BlockingNew, &[code.into(), count, kind]);
        let record = record.expect("BUG: a new call is nothing").into_pointer_value();
        for (index, &value) in values.iter().enumerate() {
            let place = self.g.offset(record, size_of::<BlockingCall>() + 8 * index, "argument");
            self.g.builder.store(place, value);
        }
        if blocking {
            self.g.run(RuntimeFunction::BlockingSubmit, &[record.into()]);
            if self.is_called() {
                self.g.call_shared(Operation::Pause, &[]);
            } else {
                self.pause();
            }
        } else {
            self.g.run(RuntimeFunction::BlockingRun, &[record.into()]);
        }
        let result = callee.result.map(|class| {
            let place = self.g.offset(record, offset_of!(BlockingCall, result), "result");
            match class {
                Class::General => self.g.builder.load(self.g.types.word, place, ""),
                Class::Vector => self.g.builder.load(self.g.types.double, place, ""),
            }
        });
        self.g.run(RuntimeFunction::BlockingFree, &[record.into()]);
        result
    }

    /// An argument as C wants it, in a whole register; `None` for `()`.
    fn argument_in_c(&mut self, ty: ForeignType, operand: &Operand) -> Option<BasicValueEnum<'ctx>> {
        class(ty)?;
        let value = self.value_of(operand);
        Some(match ty {
            ForeignType::Unit => panic!("BUG: a value of `()`"),
            ForeignType::Bool | ForeignType::Byte => self.g.types.word_of(&self.g.builder, value),
            ForeignType::Int | ForeignType::CPtr | ForeignType::Float => value,
            ForeignType::CInt => {
                let extended = self.sign_extend_int(value.into_int_value());
                self.require_for_c(IntPredicate::EQ, value, extended, RuntimeFunction::PanicCInt);
                value
            }
            ForeignType::CSize => {
                let zero = self.g.types.int(0);
                self.require_for_c(IntPredicate::SGE, value, zero, RuntimeFunction::PanicCSize);
                value
            }
            ForeignType::CString => {
                let site = self.site().into();
                let copy = self.g.run(RuntimeFunction::CStringNew, &[value, site]);
                self.g.types.word_of(&self.g.builder, copy.expect("BUG: a copy is nothing"))
            }
        })
    }

    /// A result of C as a value of the language.
    fn of_c(&mut self, ty: ForeignType, result: Option<BasicValueEnum<'ctx>>) -> Values<'ctx> {
        let Some(value) = result else { return Vec::new() };
        let types = self.g.types;
        let value = match ty {
            ForeignType::Unit => panic!("BUG: `void` has a value"),
            ForeignType::Bool => {
                let byte = self.g.builder.truncate(value.into_int_value(), types.byte);
                let zero = types.byte.const_zero();
                self.g.builder.compare(IntPredicate::NE, byte, zero).into()
            }
            ForeignType::Byte => self.g.builder.truncate(value.into_int_value(), types.byte).into(),
            ForeignType::CInt => self.sign_extend_int(value.into_int_value()).into(),
            ForeignType::Int | ForeignType::CSize | ForeignType::CPtr | ForeignType::Float => value,
            ForeignType::CString => {
                let string = self.g.builder.int_to_pointer(value.into_int_value());
                let site = self.site().into();
                let text = self.g.run(RuntimeFunction::CStringText, &[string.into(), site]);
                text.expect("BUG: a string is nothing")
            }
        };
        vec![value]
    }

    /// The low 32 bits as a signed number.
    fn sign_extend_int(&mut self, value: IntValue<'ctx>) -> IntValue<'ctx> {
        let half = self.g.types.int(32);
        let high = self.g.builder.int_operation(InstructionOpcode::Shl, value, half);
        self.g.builder.int_operation(InstructionOpcode::AShr, high, half)
    }

    /// Panics unless `value` compares so with `other`.
    fn require_for_c(
        &mut self,
        predicate: IntPredicate,
        value: BasicValueEnum<'ctx>,
        other: IntValue<'ctx>,
        panics: RuntimeFunction,
    ) {
        let holds = self.g.builder.compare(predicate, value.into_int_value(), other);
        let (fits, fits_not) = (self.block("fits"), self.block("fits_not"));
        self.g.builder.branch(holds, fits, fits_not);
        self.g.builder.at_end(fits_not);
        self.panic_with(panics, &[value]);
        self.g.builder.at_end(fits);
    }
}
