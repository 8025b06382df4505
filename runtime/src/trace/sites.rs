//! Call sites: the code addresses that a walk meets, each with the step to the caller from the DWARF tables.
//!
//! A deep stack has few distinct call sites, so the tables are read once for each site, and a step costs one lookup.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use gimli::{CfaRule, RegisterRule, UnwindContext, UnwindSection, UnwindTableRow, X86_64};

use super::image::{UnwindTables, image};

/// The step from a frame to its caller's frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// The distance in bytes from the frame's stack pointer up to the caller's stack pointer. The return address lies
    /// right below the caller's stack pointer.
    Caller(u64),
    /// There is no caller: the tables define no return address.
    Bottom,
    /// The tables do not compute the caller's frame from the stack pointer alone. No Weft function has such a frame.
    Opaque,
    /// The tables have no entry for the address.
    Unknown,
}

/// A call site: a code address that frames of the walk share.
pub struct Site {
    /// An address in the call instruction, or in the instruction that was interrupted.
    pub address: u64,
    /// The step to the caller.
    pub step: Step,
    /// The number of omitted frames of the walk at this site.
    pub count: u64,
}

/// The call sites met so far, numbered in the order of their first frames.
pub struct Sites {
    tables: Option<&'static UnwindTables>,
    context: UnwindContext<usize>,
    numbers: HashMap<u64, usize, BuildHasherDefault<AddressHasher>>,
    sites: Vec<Site>,
}

impl Sites {
    /// A table without sites.
    pub fn new() -> Sites {
        let tables = image().unwind.as_ref();
        Sites { tables, context: UnwindContext::new(), numbers: HashMap::default(), sites: Vec::new() }
    }

    /// The number of the site at `address`; a new site is looked up in the tables.
    pub fn at(&mut self, address: u64) -> usize {
        if let Some(&number) = self.numbers.get(&address) {
            return number;
        }
        let number = self.sites.len();
        let step = self.tables.map_or(Step::Unknown, |tables| step(tables, &mut self.context, address));
        self.sites.push(Site { address, step, count: 0 });
        self.numbers.insert(address, number);
        number
    }

    /// All sites, in the order of their numbers.
    pub fn into_sites(self) -> Vec<Site> {
        self.sites
    }
}

impl std::ops::Index<usize> for Sites {
    type Output = Site;

    fn index(&self, number: usize) -> &Site {
        &self.sites[number]
    }
}

impl std::ops::IndexMut<usize> for Sites {
    fn index_mut(&mut self, number: usize) -> &mut Site {
        &mut self.sites[number]
    }
}

/// The step from a frame whose code is at `address` to its caller's frame.
fn step(tables: &UnwindTables, context: &mut UnwindContext<usize>, address: u64) -> Step {
    let row = tables.index.table().ok_or(gimli::Error::NoUnwindInfoForAddress).and_then(|table| {
        table.unwind_info_for_address(
            &tables.frames,
            &tables.bases,
            context,
            address,
            UnwindSection::cie_from_offset,
        )
    });
    row.map_or(Step::Unknown, step_of_row)
}

/// The step according to a row of the tables.
fn step_of_row(row: &UnwindTableRow<usize>) -> Step {
    match (row.register(X86_64::RA), row.cfa()) {
        (Some(RegisterRule::Undefined), _) => Step::Bottom,
        // A frame has at least its return address, so every step goes up.
        (Some(RegisterRule::Offset(-8)), CfaRule::RegisterAndOffset { register: X86_64::RSP, offset })
            if *offset >= 8 =>
        {
            Step::Caller(*offset as u64)
        }
        _ => Step::Opaque,
    }
}

/// A hasher for addresses. One multiplication spreads addresses well enough; the default hasher would take most of a
/// walk's time.
#[derive(Default)]
struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _bytes: &[u8]) {
        unreachable!("BUG: only addresses are hashed");
    }

    fn write_u64(&mut self, address: u64) {
        self.0 = address.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32);
    }
}
