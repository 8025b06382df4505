//! Scopes: blocks that wait for all threads that were spawned in them.
//!
//! ```text
//!   scope {                 open: members 0
//!     spawn a()             enter: members 1
//!     spawn b()             enter: members 2
//!   }                       waits in the scope's list
//!                           a ends, leave: members 1
//!                           b ends, leave: members 0, the owner is runnable
//!                           close
//! ```
//!
//! The scope records the first member that panics. Then the other members are cancelled, and so is every member that
//! enters later.

use std::mem::replace;

use weft_abi::{Scope, StackBase, Task, TraceKind, WaitKind};
use weft_hot::current::base_of;
use weft_hot::wait;

use super::list::{LockedList, make_list};
use super::{cleanup_chain, continuation};
use crate::arch::Current;
use crate::stack::chain::outwards;
use crate::stack::pool::{self, Block};
use crate::timeline;
use crate::workers::run_queue;

/// Opens a scope of the running thread on its running stack.
///
/// # Safety
/// `memory` is a new object, which is zero except for its header; `base` is the base of the running stack.
pub unsafe fn open(memory: *mut Scope, base: *mut StackBase) {
    // SAFETY: no other code knows the new object, and only the running thread uses its own scopes and cleanups.
    unsafe {
        make_list(&raw mut (*memory).object, size_of::<Scope>(), WaitKind::Scope);
        (*memory).owner = (*base).owner;
        (*memory).around = replace(&mut (*base).scope, memory);
        (*memory).outer = replace(&mut (*base).cleanups, memory.cast());
        (*base).context = continuation::new_context();
    }
}

/// Closes the innermost scope of a thread whose innermost stack has the base `base`, and returns the scope.
///
/// # Safety
/// The thread runs or ends, has an open scope, and all members of its innermost scope have ended.
pub unsafe fn close(base: *mut StackBase) -> *mut Scope {
    // SAFETY: the scope of a thread that has not ended is alive; no member uses it any more. When the thread unwinds,
    // the scope may have been opened on a stack further out; the stacks in between refer to the same scope.
    unsafe {
        let scope = (*base).scope;
        outwards(base).take_while(|&base| (*base).scope == scope).for_each(|base| {
            (*base).scope = (*scope).around;
            (*base).context = continuation::new_context();
        });
        cleanup_chain::remove(base, scope.cast());
        scope
    }
}

/// Makes a new thread, whose task is `task`, a member of a scope. Returns whether the new thread has to be cancelled,
/// because another member has panicked.
///
/// # Safety
/// The scope is open, and the caller holds no lock.
pub unsafe fn enter(current: Current, task: *mut Task, scope: *mut Scope) -> bool {
    // SAFETY: an open scope is alive, and its list's lock guards its words.
    unsafe {
        let _list = LockedList::lock(current, &raw mut (*scope).object.list);
        (*scope).members += 1;
        // Another member may panic at the same time. Then either that member finds this thread among the members, or
        // the result here is true.
        (*base_of(task)).member_of = scope;
        !(*scope).failed.is_null()
    }
}

/// Takes a thread, which has ended but still has its stack, out of its scope. Returns whether the other members have to
/// be cancelled, because the thread is the first member that panicked.
///
/// # Safety
/// The thread is a member of a scope, and the caller holds no lock.
pub unsafe fn leave(current: Current, task: *mut Task, panicked: bool) -> bool {
    // SAFETY: the scope is alive while it has members, and its list's lock guards its words. Only its owner waits in
    // the list; a thread in a list has parked, and only the code that takes its task out of the list wakes it.
    unsafe {
        let scope = (*base_of(task)).member_of;
        let list = LockedList::lock(current, &raw mut (*scope).object.list);
        (*scope).members -= 1;
        let is_first = panicked && (*scope).failed.is_null();
        if is_first {
            (*scope).failed = task;
        }
        let owner = if (*scope).members == 0 { list.take_first() } else { std::ptr::null_mut() };
        drop(list);
        if !owner.is_null() {
            timeline::record(current, TraceKind::Wake, 1, (*owner).number, 0);
            run_queue::ready(current, wait::detach(owner.cast(), 1));
        }
        is_first
    }
}

/// Takes a thread out of its scope, if it is a member of one: from then on nobody waits for its end.
///
/// # Safety
/// The thread was just spawned by the running thread and does not end during the call; the caller holds no lock.
pub unsafe fn detach(current: Current, task: *mut Task) {
    // SAFETY: the scope of the running thread is alive.
    unsafe {
        if !(*base_of(task)).member_of.is_null() {
            leave(current, task, false);
            (&raw mut (*base_of(task)).member_of).write_volatile(std::ptr::null_mut());
        }
    }
}

/// The locked list in which the owner waits for the members of a scope; `None` when all members have ended.
///
/// # Safety
/// The scope is open, and the caller holds no lock.
pub unsafe fn wait_for_members(current: Current, scope: *mut Scope) -> Option<LockedList> {
    // SAFETY: an open scope is alive, and its list's lock guards its words.
    unsafe {
        let list = LockedList::lock(current, &raw mut (*scope).object.list);
        ((*scope).members > 0).then_some(list)
    }
}

/// The members of a scope that have not ended.
pub fn members(scope: *mut Scope) -> Vec<*mut Task> {
    // SAFETY: the base of every block is readable. A block may be freed and given to another thread between the two
    // reads. Then the owner that was read has ended, and cancelling a thread that has ended does nothing.
    let member = |block: Block| unsafe {
        let words = block.words();
        let owner = (&raw const (*words).owner).read_volatile();
        let is_member = (&raw const (*words).member_of).read_volatile() == scope;
        (is_member && !owner.is_null()).then_some(owner)
    };
    pool::lock().of_threads().filter_map(member).collect()
}
