//! The hot paths of the scheduler and the allocator.
#![no_std]
