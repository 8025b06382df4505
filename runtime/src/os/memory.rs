//! Memory mappings: reserve, commit, move, discard; and memory of the C library.

use std::io;
use std::ptr::{NonNull, null_mut};

/// The smallest unit of memory that can be moved or returned to the system.
pub const PAGE: usize = 4096;

/// The largest reservation of address space, for stacks and for objects each: one TiB of the 128 TiB of a process. One
/// TiB has room for a thousand stacks of one GiB, the default limit of a stack.
pub const LARGEST_RESERVATION: usize = 1 << 40;
/// The smallest size that [`reserve_share`] tries to reserve. If the system refuses 32 MiB, too, the program does not
/// start, since with so little memory it could not do much.
const SMALLEST_RESERVATION: usize = 1 << 25;

/// Reserves `bytes(size)` bytes of address space, where `size` is `largest` if the system grants it. Some systems limit
/// a program's address space. Then only half of the size that was granted is reserved, since other mappings need space,
/// too. For `bytes(size) = size` and a limit of 200 GiB:
///
/// ```text
///   1024 GiB refused, 512 refused, 256 refused, 128 granted: released, and 64 GiB reserved
/// ```
///
/// Returns the start and the size.
pub fn reserve_share(largest: usize, bytes: impl Fn(usize) -> usize) -> io::Result<(NonNull<u8>, usize)> {
    let mut size = largest;
    loop {
        match reserve(bytes(size)) {
            Ok(start) if size == largest => return Ok((start, size)),
            Ok(start) => {
                // SAFETY: the range was just reserved, and nothing uses it.
                unsafe { release(start.as_ptr(), bytes(size)) };
                size /= 2;
                return Ok((reserve(bytes(size))?, size));
            }
            Err(error) if size <= SMALLEST_RESERVATION => return Err(error),
            Err(_) => size /= 2,
        }
    }
}

/// Reserves address space of `size` bytes, which must not be touched before [`commit`].
pub fn reserve(size: usize) -> io::Result<NonNull<u8>> {
    map(size, libc::PROT_NONE)
}

/// Allocates `size` bytes of zeroed memory; `size` is a multiple of [`PAGE`].
pub fn allocate(size: usize) -> io::Result<NonNull<u8>> {
    map(size, libc::PROT_READ | libc::PROT_WRITE)
}

/// Allocates `size` bytes of zeroed memory at a multiple of `alignment`; `size` and `alignment` are multiples of
/// [`PAGE`].
pub fn allocate_aligned(size: usize, alignment: usize) -> io::Result<NonNull<u8>> {
    let start = allocate(size + alignment - PAGE)?.as_ptr();
    let before = start.align_offset(alignment);
    let behind = alignment - PAGE - before;
    // SAFETY: the whole range was just mapped, and the parts that are released are not part of the result.
    unsafe {
        let aligned = start.add(before);
        if before > 0 {
            release(start, before);
        }
        if behind > 0 {
            release(aligned.add(size), behind);
        }
        Ok(NonNull::new_unchecked(aligned))
    }
}

fn map(size: usize, protection: i32) -> io::Result<NonNull<u8>> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: a new anonymous mapping does not affect existing memory.
    let start = unsafe { libc::mmap(null_mut(), size, protection, flags, -1, 0) };
    if start == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    Ok(NonNull::new(start.cast()).expect("BUG: mmap returned null"))
}

/// Releases a mapping.
///
/// # Safety
/// `[start, start + size)` is mapped, and nothing uses it any more.
pub unsafe fn release(start: *mut u8, size: usize) {
    // SAFETY: the caller gives up the mapping. A failure leaves the memory mapped, which does no harm.
    unsafe { libc::munmap(start.cast(), size) };
}

/// Makes reserved memory usable; the memory is zero.
///
/// # Safety
/// The pages belong to one reservation.
pub unsafe fn commit(start: *mut u8, size: usize) -> io::Result<()> {
    // SAFETY: the pages belong to a reservation, so nothing but the caller uses them.
    let status = unsafe { libc::mprotect(start.cast(), size, libc::PROT_READ | libc::PROT_WRITE) };
    if status == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Asks the system for large pages: otherwise a program with a million small stacks misses the TLB at every switch.
///
/// # Safety
/// The pages are mapped.
pub unsafe fn prefer_large_pages(start: *mut u8, size: usize) {
    // SAFETY: advice does not change contents. Kernels without large pages refuse the advice, which costs only speed.
    unsafe { libc::madvise(start.cast(), size, libc::MADV_HUGEPAGE) };
}

/// Returns the memory of pages to the system; the pages read as zero afterwards.
///
/// # Safety
/// The pages are mapped, private and anonymous, and their contents are not needed any more.
pub unsafe fn discard(start: *mut u8, size: usize) {
    // SAFETY: the caller does not need the contents. A failure keeps the memory, which is allowed.
    unsafe { libc::madvise(start.cast(), size, libc::MADV_DONTNEED) };
}

/// Moves pages without copying their contents; the pages at `from` read as zero afterwards.
///
/// # Safety
/// Both ranges are whole pages of private anonymous memory and do not overlap; the contents at `to` are not needed.
pub unsafe fn move_pages(from: *mut u8, to: *mut u8, size: usize) -> io::Result<()> {
    let flags = libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED | libc::MREMAP_DONTUNMAP;
    // SAFETY: the caller gives up the contents at `to`, and DONTUNMAP leaves the source range mapped.
    let moved = unsafe { libc::mremap(from.cast(), size, size, flags, to.cast::<libc::c_void>()) };
    if moved == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Allocates `size` bytes of memory of the C library; null if there is no memory left.
pub fn allocate_for_c(size: usize) -> *mut u8 {
    // SAFETY: `malloc` accepts any size.
    unsafe { libc::malloc(size).cast() }
}

/// Frees memory of the C library.
///
/// # Safety
/// `memory` is from [`allocate_for_c`] or another allocation of the C library, or null, and nothing uses it any more.
pub unsafe fn free_for_c(memory: *mut u8) {
    // SAFETY: the caller gives up memory that the C library has allocated.
    unsafe { libc::free(memory.cast()) }
}
