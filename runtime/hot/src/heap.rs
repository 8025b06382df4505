//! The bump allocator.

use weft_abi::Worker;

unsafe extern "C" {
    fn weft_allocate_slow(header: i64, size: i64) -> *mut u8;
}

/// An object of `size` bytes that begins with `header` and is zero otherwise, 8-byte aligned. If it is an array, its
/// length must be there before anything else is allocated.
///
/// # Safety
/// `worker` is the running worker; `size` is what the header's descriptor says and below 2^47.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn weft_allocate(worker: *mut Worker, header: u64, size: u64) -> *mut u8 {
    let size = (size + 7) & !7;
    // SAFETY: the worker is ours alone, and both ends of its area belong to one allocation.
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
