//! The bump allocator: an allocation is a comparison and an addition.

use weft_abi::Worker;

unsafe extern "C" {
    fn weft_allocate_slow(header: i64, size: i64) -> *mut u8;
}

/// Allocates an object of `size` bytes that begins with `header` and is zero otherwise, 8-byte aligned. If the object
/// is an array, the caller sets its length before the next allocation.
///
/// # Safety
/// `worker` is the running worker; `size` is the object's size according to the header's descriptor, and below 2^47.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_allocate(worker: *mut Worker, header: u64, size: u64) -> *mut u8 {
    let size = (size + 7) & !7;
    // SAFETY: only the running worker's own code touches its run, and both ends of the run belong to one allocation.
    unsafe {
        let start = (*worker).heap_next;
        if size > (*worker).heap_end as u64 - start as u64 {
            return weft_allocate_slow(header as i64, size as i64);
        }
        (*worker).heap_next = start.add(size as usize);
        start.cast::<u64>().write(header);
        start
    }
}
