//! The bump allocator.

use weft_abi::Worker;

unsafe extern "C" {
    fn weft_allocate_slow(size: i64) -> *mut u8;
}

/// `size` bytes, 8-byte aligned and zeroed.
///
/// # Safety
/// `worker` is the running worker; `size` is below 2^47.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_allocate(worker: *mut Worker, size: u64) -> *mut u8 {
    let size = (size + 7) & !7;
    // SAFETY: the worker is ours alone, and both ends of its area belong to one allocation.
    unsafe {
        let start = (*worker).heap_next;
        if size > (*worker).heap_end as u64 - start as u64 {
            return weft_allocate_slow(size as i64);
        }
        (*worker).heap_next = start.add(size as usize);
        start
    }
}
