//! The files that are embedded in the compiler and become part of every program. `build.rs` makes them.

/// The runtime library, an archive of objects: every program is linked with it.
#[cfg(feature = "llvm")]
pub const RUNTIME: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/libweft_runtime.a"));

/// The runtime's fast paths as LLVM bitcode, which are inlined into every program.
#[cfg(feature = "llvm")]
pub const HOT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/weft_hot.bc"));

/// The runtime's fast paths for programs that record their schedules.
#[cfg(feature = "llvm")]
pub const TRACED_HOT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/weft_hot_traced.bc"));
