//! Generators: the check against a second resumption, and growing stacks of frames.

use std::ptr;

use weft_abi::{ArrayObject, Generator, Header, NestedGenerator, PanicKind, StackHome, well_known};

use super::values::{allocate, current_task, panic};
use crate::wait::unwind::is_unwinding;

pub(super) extern "C" fn weft_check_generator(generator: *const u8, site: *const u8) {
    let task = current_task();
    // SAFETY: compiled code passes a generator, which keeps the home of the stack of its body alive; the running thread
    // has a task.
    let runs = unsafe {
        let is_continuation = |home: *mut StackHome| (*home).header.descriptor == well_known::CONTINUATION;
        // A generator with a stack of its own is a continuation.
        let own = generator.cast_mut().cast::<StackHome>();
        let home = if is_continuation(own) { own } else { (*generator.cast::<Generator>()).resumer };
        // The body has no frame any more if the continuation or the thread that has run it has ended. A thread that
        // unwinds never goes on in a body that it has begun.
        let is_there = || home == task.cast() || is_continuation(home);
        !home.is_null() && is_there() && !(*home).stack_limit.is_null() && !is_unwinding(task)
    };
    if runs {
        panic(PanicKind::GeneratorRuns.message(), site)
    }
}

pub(super) extern "C" fn weft_grow_frames(generator: *const u8, bytes: i64) {
    let generator = generator.cast_mut().cast::<NestedGenerator>();
    // SAFETY: compiled code passes a generator with a stack of frames. Compiled code keeps the generator alive, and so
    // the stack of frames, while `allocate` collects.
    unsafe {
        let old = (*generator).frames;
        let size = size_of::<ArrayObject>() + (*old).length as usize * size_of::<u64>();
        let wanted = (bytes as usize).max(2 * size);
        let grown = allocate(Header::new(well_known::WORDS), wanted).cast::<ArrayObject>();
        (*grown).length = ((wanted - size_of::<ArrayObject>()) / size_of::<u64>()) as _;
        let start = size_of::<ArrayObject>();
        ptr::copy_nonoverlapping(old.cast::<u8>().add(start), grown.cast::<u8>().add(start), size - start);
        (*generator).frames = grown;
    }
}
