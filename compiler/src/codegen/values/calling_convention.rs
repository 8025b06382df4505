//! The calling convention: the registers and memory in which arguments and results are passed.
//!
//! ```text
//!   fn f(a: Int, b: (Float, String)) -> (Int, Int, Int, Int, Float)
//!
//!   arguments   a: rdi   b: xmm0, rsi
//!   result      rax, rdx, rcx, the bits of the fourth Int in xmm0, the Float in xmm1
//! ```
//!
//! A value of the language is a list of scalars, and so are the arguments of a function: the scalars of all parameters,
//! in order. Arguments are passed as in C: at most six integers and references and at most eight floats in registers,
//! all other arguments on the stack. The callee pops the stack arguments.
//!
//! A result of one scalar is returned as in C. A result of several scalars is an LLVM struct. LLVM returns a struct of
//! at most three integers and two floats in registers, and would return a larger struct in memory on the stack. So a
//! float without a free vector register is returned as bits in a free general register, and an integer, conversely, in
//! a free vector register. A scalar without any register is returned in [`Worker::results`](weft_abi::Worker): the
//! callee stores it right before it returns, and the caller loads it right after the call. No other code runs between
//! the store and the load. If `Worker::results` is too small, an object on the heap contains the whole result.
//!
//! The code of a function value takes the closure as its first argument, and takes all arguments in registers:
//! arguments for which no register is left are passed in an object. So the code of a function value never pops stack
//! arguments, and all functions of one function type can be called in the same way.

use std::mem::offset_of;

use inkwell::types::{BasicTypeEnum, FunctionType};
use inkwell::values::{BasicValueEnum, CallSiteValue, PointerValue};
use weft_abi::layout::RESULT_WORDS;
use weft_abi::{ArrayObject, Header, Worker, well_known};

use crate::codegen::cx::builder;
use crate::codegen::cx::module::ModuleCx;
use crate::codegen::cx::tbaa::Content;
use crate::codegen::cx::types::{Types, Values};
use crate::mir::Scalar;

/// The number of integers and references of a call that are passed in registers.
pub(in crate::codegen) const GENERAL_ARGUMENTS: usize = 6;
/// The number of floats of a call that are passed in registers.
pub(in crate::codegen) const VECTOR_ARGUMENTS: usize = 8;

/// The number of integers that LLVM returns in registers: `rax`, `rdx`, `rcx`.
const GENERAL_RESULTS: usize = 3;
/// The number of floats that LLVM returns in registers: `xmm0`, `xmm1`.
const VECTOR_RESULTS: usize = 2;

/// The place where a scalar of a result is returned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::codegen) enum Place {
    /// A register of the scalar's own kind: a vector register for a float, otherwise a general register.
    Own,
    /// A register of the other kind: a general register for a float, otherwise a vector register. It contains the
    /// scalar's bits.
    Other,
    /// A word of `Worker::results`, by its index.
    Worker(usize),
}

/// The place of each scalar of a result; `None` if an object contains the whole result.
pub(in crate::codegen) fn places(result: &[Scalar]) -> Option<Vec<Place>> {
    let is_float = |scalar: &Scalar| *scalar == Scalar::Float;
    let floats = result.iter().filter(|scalar| is_float(scalar)).count();
    let mut own = [GENERAL_RESULTS, VECTOR_RESULTS];
    // The free general registers that floats may take, and the free vector registers that integers and references may
    // take.
    let mut other =
        [GENERAL_RESULTS.saturating_sub(result.len() - floats), VECTOR_RESULTS.saturating_sub(floats)];
    let mut words = 0;
    let place = |scalar: &Scalar| {
        let vector = usize::from(is_float(scalar));
        if take(&mut own[vector]) {
            Place::Own
        } else if take(&mut other[1 - vector]) {
            Place::Other
        } else {
            words += 1;
            Place::Worker(words - 1)
        }
    };
    let places = result.iter().map(place).collect();
    (words <= RESULT_WORDS).then_some(places)
}

/// Takes a register if one is left; returns whether one was left.
fn take(left: &mut usize) -> bool {
    let is_left = *left > 0;
    *left = left.saturating_sub(1);
    is_left
}

/// The number of arguments that a call of a function value passes in registers, besides the closure. If there are more
/// arguments, the next register contains a reference to an object with the other arguments.
pub(in crate::codegen) fn direct_arguments(arguments: &[Scalar]) -> usize {
    let mut left = [GENERAL_ARGUMENTS - 1, VECTOR_ARGUMENTS];
    let fits =
        |limits: &mut [usize; 2], scalar: &Scalar| take(&mut limits[usize::from(*scalar == Scalar::Float)]);
    if arguments.iter().all(|scalar| fits(&mut left, scalar)) {
        return arguments.len();
    }
    // The reference to the object takes a general register, too.
    left = [GENERAL_ARGUMENTS - 2, VECTOR_ARGUMENTS];
    arguments.iter().take_while(|scalar| fits(&mut left, scalar)).count()
}

impl<'ctx> Types<'ctx> {
    /// The type of a function with these scalars as parameters and result.
    pub(in crate::codegen) fn signature(
        &self,
        parameters: &[Scalar],
        result: &[Scalar],
    ) -> FunctionType<'ctx> {
        let parameters = parameters.iter().map(|&scalar| Some(self.scalar(scalar)));
        self.function(parameters, self.returned(result))
    }

    /// The type of a function value's code.
    pub(in crate::codegen) fn value_signature(
        &self,
        parameters: &[Scalar],
        result: &[Scalar],
    ) -> FunctionType<'ctx> {
        let direct = direct_arguments(parameters);
        let packed = (direct < parameters.len()).then_some(Scalar::Reference);
        let parameters: Vec<Scalar> = [Scalar::Reference]
            .into_iter()
            .chain(parameters[..direct].iter().copied())
            .chain(packed)
            .collect();
        self.signature(&parameters, result)
    }

    fn returned(&self, result: &[Scalar]) -> Option<BasicTypeEnum<'ctx>> {
        let Some(places) = places(result) else { return Some(self.pointer.into()) };
        let in_registers =
            result.iter().zip(&places).filter_map(|(&scalar, place)| self.register(scalar, *place));
        let in_registers: Vec<BasicTypeEnum<'ctx>> = in_registers.collect();
        match in_registers[..] {
            [] => None,
            [alone] => Some(alone),
            _ => Some(self.structure(&in_registers).into()),
        }
    }

    /// The type of the register in which a scalar is returned.
    fn register(&self, scalar: Scalar, place: Place) -> Option<BasicTypeEnum<'ctx>> {
        match place {
            Place::Own => Some(self.scalar(scalar)),
            Place::Other if scalar == Scalar::Float => Some(self.word.into()),
            Place::Other => Some(self.double.into()),
            Place::Worker(_) => None,
        }
    }
}

impl<'ctx> ModuleCx<'ctx, '_> {
    /// Builds a return of `values`, which are scalars of the types in `result`. Ends the block.
    pub(in crate::codegen) fn return_values(&mut self, values: &[BasicValueEnum<'ctx>], result: &[Scalar]) {
        let Some(places) = places(result) else {
            let object = self.pack(values);
            return self.builder.ret(Some(object.into()));
        };
        let mut in_registers = Vec::new();
        let mut worker = None;
        for ((&value, &scalar), &place) in values.iter().zip(result).zip(&places) {
            match place {
                Place::Own => in_registers.push(value),
                Place::Other => in_registers.push(self.other_kind(value, scalar)),
                Place::Worker(word) => {
                    let worker = *worker.get_or_insert_with(|| self.current_worker());
                    let value = self.types.word_of(&self.builder, value);
                    self.builder.store(self.result_word(worker, word), value);
                }
            }
        }
        match in_registers[..] {
            [] => self.builder.ret(None),
            [alone] => self.builder.ret(Some(alone)),
            _ => self.builder.ret_all(&in_registers),
        }
    }

    /// Builds code that reads the result of a call, and returns its scalars, whose types are in `result`. Must be
    /// called right after the call is built.
    pub(in crate::codegen) fn results(
        &mut self,
        call: CallSiteValue<'ctx>,
        result: &[Scalar],
    ) -> Values<'ctx> {
        let returned = builder::result(call);
        let Some(places) = places(result) else {
            let object = returned.expect("BUG: a call gives no object").into_pointer_value();
            return self.unpack(object, result);
        };
        let returned_count = places.iter().filter(|place| !matches!(place, Place::Worker(_))).count();
        let mut next = 0;
        let mut worker = None;
        let scalar = |(&scalar, &place): (&Scalar, &Place)| {
            if let Place::Worker(word) = place {
                let worker = *worker.get_or_insert_with(|| self.current_worker());
                let word = self.builder.load(self.types.word, self.result_word(worker, word), "");
                return self.types.value_in(&self.builder, word, self.types.scalar(scalar));
            }
            let returned = returned.expect("BUG: a call gives nothing");
            let value = if returned_count == 1 { returned } else { self.builder.extract(returned, next, "") };
            next += 1;
            if place == Place::Own { value } else { self.of_other_kind(value, scalar) }
        };
        result.iter().zip(&places).map(scalar).collect()
    }

    /// A scalar's bits as a value of the other kind of register: an integer for a float, otherwise a `double`.
    fn other_kind(&self, value: BasicValueEnum<'ctx>, scalar: Scalar) -> BasicValueEnum<'ctx> {
        let word = self.types.word_of(&self.builder, value);
        if scalar == Scalar::Float { word } else { self.builder.bit_cast(word, self.types.double) }
    }

    /// The inverse of [`ModuleCx::other_kind`].
    ///
    /// LLVM's fast instruction selection assumes that the operand of `inttoptr` or `bitcast` is in a general register,
    /// even if the operand is itself a cast from a vector register. It would use the vector register as the base of an
    /// address. A `freeze` between the two casts avoids this fault. The `freeze` emits no instruction, and all other
    /// passes ignore it.
    fn of_other_kind(&self, register: BasicValueEnum<'ctx>, scalar: Scalar) -> BasicValueEnum<'ctx> {
        let word = self.builder.freeze(self.builder.bit_cast(register, self.types.word));
        self.types.value_in(&self.builder, word, self.types.scalar(scalar))
    }

    fn result_word(&self, worker: PointerValue<'ctx>, word: usize) -> PointerValue<'ctx> {
        self.offset(worker, offset_of!(Worker, results) + word * size_of::<u64>(), "")
    }

    /// Builds a new object that contains these scalars as words.
    pub(in crate::codegen) fn pack(&mut self, values: &[BasicValueEnum<'ctx>]) -> PointerValue<'ctx> {
        let object = self.allocate_array(
            Header::new(well_known::WORDS),
            self.types.int(values.len()),
            self.types.int(packed_offset(values.len())),
        );
        for (index, &value) in values.iter().enumerate() {
            let word = self.types.word_of(&self.builder, value);
            self.store_scalar(Content::Packed, self.offset(object, packed_offset(index), ""), word);
        }
        object
    }

    /// Loads scalars of the types `scalars` from an object that [`ModuleCx::pack`] built.
    pub(in crate::codegen) fn unpack(
        &mut self,
        object: PointerValue<'ctx>,
        scalars: &[Scalar],
    ) -> Values<'ctx> {
        let scalar = |(index, &scalar): (usize, &Scalar)| {
            let place = self.offset(object, packed_offset(index), "");
            let word = self.load_scalar(Content::Packed, Scalar::Int, place, "");
            self.types.value_in(&self.builder, word, self.types.scalar(scalar))
        };
        scalars.iter().enumerate().map(scalar).collect()
    }

    /// A value as words: its scalars or, if there are more than `most`, an object that contains them.
    pub(in crate::codegen) fn in_words(
        &mut self,
        values: &[BasicValueEnum<'ctx>],
        most: usize,
    ) -> Values<'ctx> {
        if values.len() > most {
            let object = self.pack(values).into();
            return vec![self.types.word_of(&self.builder, object)];
        }
        values.iter().map(|&value| self.types.word_of(&self.builder, value)).collect()
    }

    /// The inverse of [`ModuleCx::in_words`].
    pub(in crate::codegen) fn of_words(
        &mut self,
        words: &[BasicValueEnum<'ctx>],
        scalars: &[Scalar],
    ) -> Values<'ctx> {
        if words.len() < scalars.len() {
            let object = self.builder.int_to_pointer(words[0].into_int_value());
            return self.unpack(object, scalars);
        }
        let value = |(&word, &scalar): (&BasicValueEnum<'ctx>, &Scalar)| {
            self.types.value_in(&self.builder, word, self.types.scalar(scalar))
        };
        words.iter().zip(scalars).map(value).collect()
    }
}

/// The number of words that [`ModuleCx::in_words`] returns for this number of scalars.
pub(in crate::codegen) fn words_of(scalars: usize, most: usize) -> usize {
    if scalars > most { 1 } else { scalars }
}

/// The offset of a word in an object of words.
const fn packed_offset(index: usize) -> usize {
    size_of::<ArrayObject>() + index * size_of::<u64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_fill_the_registers_of_both_kinds_first() {
        use Place::{Other, Own, Worker};
        let (int, float) = (Scalar::Int, Scalar::Float);
        let cases = [
            (vec![], vec![]),
            (vec![int; 3], vec![Own; 3]),
            (vec![int; 6], vec![Own, Own, Own, Other, Other, Worker(0)]),
            (vec![float; 6], vec![Own, Own, Other, Other, Other, Worker(0)]),
            (vec![float, float, float, int, int], vec![Own, Own, Other, Own, Own]),
            (vec![int, int, int, int, float, float], vec![Own, Own, Own, Worker(0), Own, Own]),
        ];
        for (result, expected) in cases {
            assert_eq!(places(&result), Some(expected), "{result:?}");
        }
        assert!(places(&[int; 5 + RESULT_WORDS]).is_some());
        assert_eq!(places(&[int; 6 + RESULT_WORDS]), None);
    }

    #[test]
    fn arguments_of_function_values_never_come_on_the_stack() {
        let (int, float) = (Scalar::Int, Scalar::Float);
        assert_eq!(direct_arguments(&[int; 5]), 5);
        assert_eq!(direct_arguments(&[int; 6]), 4);
        assert_eq!(direct_arguments(&[float; 8]), 8);
        assert_eq!(direct_arguments(&[float; 9]), 8);
        assert_eq!(direct_arguments(&[[int; 5], [float; 5]].concat()), 10);
    }
}
