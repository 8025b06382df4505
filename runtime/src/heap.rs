//! Memory for objects.
//!
//! Each worker bumps a pointer through an area of its own, in compiled code. Here is what happens at the area's end.
//! Nothing is reclaimed before the process ends.

use weft_abi::Worker;

use crate::os;

/// The first area is small so that a short program starts fast; each further one is twice as large.
const FIRST_AREA: usize = 256 << 10;
/// No area grows beyond this.
const LARGEST_AREA: usize = 32 << 20;
/// From this size on an area asks for large pages.
const LARGE_PAGES: usize = 4 << 20;

/// `size` bytes, 8-byte aligned and zeroed; `None` when the system has no more.
///
/// # Safety
/// `worker` is the running worker.
pub unsafe fn allocate(worker: *mut Worker, size: usize) -> Option<*mut u8> {
    let size = size.checked_next_multiple_of(8)?;
    // SAFETY: the worker is ours alone, and both ends of its area belong to one allocation.
    unsafe {
        let left = (*worker).heap_end.addr() - (*worker).heap_next.addr();
        if size <= left {
            let start = (*worker).heap_next;
            (*worker).heap_next = start.add(size);
            return Some(start);
        }
        let area = next_area(worker);
        if size > area / 8 {
            // A large object gets memory of its own, so that the rest of the area is not wasted.
            return Some(os::allocate(size.checked_next_multiple_of(os::PAGE)?).ok()?.as_ptr());
        }
        let start = os::allocate(area).ok()?.as_ptr();
        if area >= LARGE_PAGES {
            os::prefer_large_pages(start, area);
        }
        (*worker).heap_area = area as u64;
        (*worker).heap_end = start.add(area);
        (*worker).heap_next = start.add(size);
        Some(start)
    }
}

/// The size of the area after the present one.
///
/// # Safety
/// `worker` is the running worker.
unsafe fn next_area(worker: *mut Worker) -> usize {
    // SAFETY: the worker is ours alone.
    match unsafe { (*worker).heap_area as usize } {
        0 => FIRST_AREA,
        last => (last * 2).min(LARGEST_AREA),
    }
}
