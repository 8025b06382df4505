//! The running executable in memory: its unwind tables, and the difference between addresses in memory and addresses in
//! the file.
//!
//! The unwind tables are loaded with the code, so a stripped executable has them, too, and reading them opens no file.
//! The tables need the attribute `uwtable` on every function of the program, and an index that the linker makes
//! (`--eh-frame-hdr`, which C compilers pass to the linker unless they link with `-static`). Shared libraries are
//! ignored: green threads run only code of the executable.

use core::ffi::c_void;
use core::slice;
use std::sync::OnceLock;

use gimli::{BaseAddresses, EhFrame, EhFrameHdr, EndianSlice, LittleEndian, ParsedEhFrameHdr, Pointer};

/// Bytes of the executable.
pub type Bytes = EndianSlice<'static, LittleEndian>;

/// The executable in memory.
pub struct Image {
    /// The difference between an address in memory and the same address in the file.
    pub bias: u64,
    /// The unwind tables; `None` if the executable has no index of the tables.
    pub unwind: Option<UnwindTables>,
}

/// The section `.eh_frame` and its sorted index.
pub struct UnwindTables {
    /// `.eh_frame_hdr`
    pub index: ParsedEhFrameHdr<Bytes>,
    /// `.eh_frame` and the rest of its segment. The rest does no harm, since entries are found through the index.
    pub frames: EhFrame<Bytes>,
    /// The addresses of the index and of `.eh_frame`.
    pub bases: BaseAddresses,
}

/// The executable, found at the first call.
pub fn image() -> &'static Image {
    static IMAGE: OnceLock<Image> = OnceLock::new();
    IMAGE.get_or_init(|| {
        let mut found = None;
        // SAFETY: `first_object` keeps the callback's contract, and `found` outlives the call.
        unsafe { libc::dl_iterate_phdr(Some(first_object), (&raw mut found).cast()) };
        found.unwrap_or(Image { bias: 0, unwind: None })
    })
}

/// Takes the first object of the list, which is the executable, and ends the iteration.
unsafe extern "C" fn first_object(
    info: *mut libc::dl_phdr_info,
    _size: usize,
    found: *mut c_void,
) -> libc::c_int {
    // SAFETY: the loader passes a valid description, whose headers stay in memory as long as the executable does;
    // `found` is the pointer that `image` passed.
    unsafe {
        let info = &*info;
        let headers = slice::from_raw_parts(info.dlpi_phdr, usize::from(info.dlpi_phnum));
        let segments = Segments { bias: info.dlpi_addr, headers };
        *found.cast::<Option<Image>>() =
            Some(Image { bias: info.dlpi_addr, unwind: segments.unwind_tables() });
    }
    1
}

/// The segments of the executable.
struct Segments {
    bias: u64,
    headers: &'static [libc::Elf64_Phdr],
}

impl Segments {
    /// The unwind tables; `None` if the executable has no index of the tables.
    fn unwind_tables(&self) -> Option<UnwindTables> {
        let header = self.headers.iter().find(|header| header.p_type == libc::PT_GNU_EH_FRAME)?;
        let index_address = self.bias + header.p_vaddr;
        let bases = BaseAddresses::default().set_eh_frame_hdr(index_address);
        let index = EhFrameHdr::from(self.rest_of_segment(index_address)?).parse(&bases, 8).ok()?;
        let Pointer::Direct(frames_address) = index.eh_frame_ptr() else { return None };
        let frames = EhFrame::from(self.rest_of_segment(frames_address)?);
        Some(UnwindTables { index, frames, bases: bases.set_eh_frame(frames_address) })
    }

    /// The loaded bytes from `address` to the end of the segment that contains it.
    fn rest_of_segment(&self, address: u64) -> Option<Bytes> {
        let end = self.headers.iter().find_map(|header| {
            let start = self.bias + header.p_vaddr;
            let end = start + header.p_filesz;
            (header.p_type == libc::PT_LOAD && (start..end).contains(&address)).then_some(end)
        })?;
        // SAFETY: this part of a segment was loaded from the file. The segment of the unwind tables is read-only, at
        // least after relocation.
        let bytes = unsafe { slice::from_raw_parts(address as *const u8, (end - address) as usize) };
        Some(EndianSlice::new(bytes, LittleEndian))
    }
}
