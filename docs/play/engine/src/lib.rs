//! The engine of the playground, for WebAssembly: compiles a program to MIR, and runs it step by step.
//!
//! The page's worker calls the functions of `exports`. Texts pass through the memory of the module: the page writes an
//! argument to the buffer that `input` returns, and reads JSON from the buffer that `reply_start` and `reply_length`
//! describe. Between two calls, the whole state of a run is in that memory. So the page takes a checkpoint by copying
//! the memory, and steps backwards from such a copy.

/// The front end: from text to a program in MIR.
mod compile;
/// The tokens of a program, for the colours of the editor.
mod highlight;
/// The program and its run.
mod engine;
/// The functions that the page calls.
mod exports;
