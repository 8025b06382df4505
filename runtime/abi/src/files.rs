//! Numbers in calls of file operations, which the library shares with the runtime.

/// Opens a file for reading.
pub const OPEN_READ: i64 = 1;
/// Opens a file for writing.
pub const OPEN_WRITE: i64 = 2;
/// Opens a file for writing; each write goes to the end.
pub const OPEN_APPEND: i64 = 4;
/// Removes the contents of the file.
pub const OPEN_TRUNCATE: i64 = 8;
/// Creates the file if it does not exist.
pub const OPEN_CREATE: i64 = 16;
/// Creates the file; fails if it exists.
pub const OPEN_CREATE_NEW: i64 = 32;

/// Writes a file in place, and replaces its contents.
pub const WRITE_REPLACE: i64 = 0;
/// Writes at the end of a file.
pub const WRITE_APPEND: i64 = 1;
/// Writes a new file, and gives it the name of the old file when it is complete.
pub const WRITE_ATOMIC: i64 = 2;

/// Positions that count from the start of a file.
pub const SEEK_START: i64 = 0;
/// Positions that count from the current position.
pub const SEEK_CURRENT: i64 = 1;
/// Positions that count from the end of a file.
pub const SEEK_END: i64 = 2;

/// The kind of a regular file.
pub const KIND_FILE: i64 = 0;
/// The kind of a directory.
pub const KIND_DIRECTORY: i64 = 1;
/// The kind of a symbolic link.
pub const KIND_LINK: i64 = 2;
/// The kind of all other entries of directories: pipes, sockets, devices.
pub const KIND_OTHER: i64 = 3;
