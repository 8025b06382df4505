//! Scopes: they wait for the threads that were spawned in them.

use std::ptr::null_mut;

use weft_abi::{Scope, Task, WaitKind, WaitList, Worker};
use weft_hot::schedule::base_of;
use weft_hot::wait;

use super::list::{lock, make_list, unlock};
use crate::stack::pool::{self, Block};
use crate::wait::cleanups;
use crate::workers::run_queue;

/// Opens a scope of the thread of `task`, of memory that is zero.
///
/// # Safety
/// `memory` is a new object.
pub unsafe fn open_scope(memory: *mut Scope, task: *mut Task) {
    // SAFETY: as the caller promises.
    unsafe {
        make_list(&raw mut (*memory).object, size_of::<Scope>(), WaitKind::Scope);
        (*memory).owner = task;
        (*memory).around = std::mem::replace(&mut (*base_of(task)).scope, memory);
        cleanups::insert(task, memory.cast(), cleanups::innermost(task));
    }
}

/// Closes the innermost scope of the thread of `task`, and returns it.
///
/// # Safety
/// The thread runs or ends, and all members of the scope have ended.
pub unsafe fn close_scope(task: *mut Task) -> *mut Scope {
    // SAFETY: as the caller promises.
    unsafe {
        let scope = (*base_of(task)).scope;
        (*base_of(task)).scope = (*scope).around;
        cleanups::remove(task, scope.cast());
        scope
    }
}

/// `task` is new, and a member of the scope. Whether it is to be cancelled: another member has panicked.
///
/// # Safety
/// `worker` is the running worker.
pub unsafe fn enter_scope(worker: *mut Worker, task: *mut Task, scope: *mut Scope) -> bool {
    // SAFETY: the scope is alive as long as it has an owner.
    unsafe {
        let list = &raw mut (*scope).object.list;
        lock(worker, list);
        (*scope).members += 1;
        // Who panics from now on finds it, or is found.
        (*base_of(task)).member_of = scope;
        let has_failed = !(*scope).failed.is_null();
        unlock(list);
        has_failed
    }
}

/// Takes a thread, which has ended but has its stack still, out of the scope that it is a member of. Returns whether
/// the other members are to be cancelled: it is the first that panicked.
///
/// # Safety
/// `worker` is the running worker.
pub unsafe fn leave_scope(worker: *mut Worker, task: *mut Task, panicked: bool) -> bool {
    // SAFETY: the scope is alive as long as it has members.
    unsafe {
        let scope = (*base_of(task)).member_of;
        let list = &raw mut (*scope).object.list;
        lock(worker, list);
        (*scope).members -= 1;
        let is_first = panicked && (*scope).failed.is_null();
        if is_first {
            (*scope).failed = task;
        }
        let owner = (*list).sides[0].first;
        let wakes = (*scope).members == 0 && !owner.is_null();
        if wakes {
            wait::unlink(owner);
        }
        unlock(list);
        if wakes {
            run_queue::ready(worker, wait::detach(owner.cast(), 1));
        }
        is_first
    }
}

/// The list to wait in for the members of a scope, locked; null when all have ended.
///
/// # Safety
/// `worker` is the running worker, and its thread is the scope's owner.
pub unsafe fn wait_for_scope(worker: *mut Worker, scope: *mut Scope) -> *mut WaitList {
    // SAFETY: the scope is alive as long as it has an owner.
    unsafe {
        let list = &raw mut (*scope).object.list;
        lock(worker, list);
        if (*scope).members > 0 {
            return list;
        }
        unlock(list);
        null_mut()
    }
}

/// The members of a scope that have not ended.
///
/// # Safety
/// The scope is alive.
pub unsafe fn members(scope: *mut Scope) -> Vec<*mut Task> {
    // SAFETY: the words of all blocks are readable. A block may be given back meanwhile, and taken by another thread:
    // the owner is read first, and who has ended by now does not mind.
    let member = |block: Block| unsafe {
        let words = block.words();
        let owner = (&raw const (*words).owner).read_volatile();
        let is_member = (&raw const (*words).member_of).read_volatile() == scope;
        (is_member && !owner.is_null()).then_some(owner)
    };
    pool::lock().in_use().filter_map(member).collect()
}
