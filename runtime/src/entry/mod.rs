//! The symbols that compiled code calls, and the start of the process. Only this folder exports any.
//!
//! The functions are one line each: the modules above do the work. Each makes the token of the running worker, see
//! [`Current`](crate::arch::Current), which is all that they may assume of their callers.

/// Values at the boundary: the running worker, strings, arrays, new objects, panics.
mod values;
/// Standard output and standard error.
mod output;
/// String interpolation.
mod interpolation;
/// Functions of strings.
mod string_functions;
/// Functions of floats that no instruction computes.
mod numbers;
/// Arguments, variables, files, the clock, the exit.
mod process;
/// Blocking calls, and strings for C.
mod foreign_calls;
/// Green threads that wait, are cancelled and open scopes.
mod threads;
/// Panics that compiled code begins.
mod panics;
/// Slow paths of the hot code, and safepoints.
mod slow_paths;
/// Signal handlers that C installs.
mod signals;
/// The symbols: after this every row of the table of runtime functions has its thunk.
mod thunks;
/// The C entry point.
mod start;
