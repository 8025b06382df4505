//! Numbers in calls about child processes and signals, which the library shares with the runtime.

/// A stream of a child process is that of this process.
pub const STREAM_INHERIT: i64 = 0;
/// A stream of a child process is empty and takes everything: `/dev/null`.
pub const STREAM_NULL: i64 = 1;
/// A stream of a child process is a pipe, whose other end this process gets.
pub const STREAM_PIPE: i64 = 2;
/// A stream of a child process is an open file of this process.
pub const STREAM_FILE: i64 = 3;
/// The number of bits of a stream in the number that describes all three, standard input first.
pub const STREAM_BITS: u32 = 2;
/// Added to that number if the child process inherits no environment variables.
pub const CLEAR_ENVIRONMENT: i64 = 1 << (3 * STREAM_BITS);

/// Added to the number of the signal that has ended a process. Smaller outcomes are exit statuses.
pub const ENDED_BY_SIGNAL: i64 = 256;
