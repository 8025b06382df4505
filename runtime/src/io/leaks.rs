//! `WEFT_DEBUG=leaks`: a report of each file that the collector closes because the program has lost it.

use std::collections::BTreeMap;
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::os::locks::{Held, Lock, Rank};
use crate::os::{self, sockets};

static IS_ON: AtomicBool = AtomicBool::new(false);

/// For each open file: its place in the source, where the program has opened it.
static PLACES: Lock<BTreeMap<RawFd, String>> = Lock::new(Rank::Leaks, BTreeMap::new());

fn places() -> Held<'static, BTreeMap<RawFd, String>> {
    PLACES.lock()
}

/// Sets whether leaks are reported, from the text of `WEFT_DEBUG`. Call once, before the first file is opened.
///
/// # Errors
/// The message for a text that is not `leaks`.
pub fn set(text: Option<&str>) -> Result<(), String> {
    match text {
        None | Some("") => Ok(()),
        Some("leaks") => {
            IS_ON.store(true, Ordering::Relaxed);
            Ok(())
        }
        Some(text) => Err(format!("WEFT_DEBUG is `{text}`, but it must be `leaks`")),
    }
}

/// Whether leaks are reported.
pub fn is_on() -> bool {
    IS_ON.load(Ordering::Relaxed)
}

/// Notes that a file was opened at a place.
pub fn opened(file: RawFd, place: String) {
    places().insert(file, place);
}

/// Notes that the program has closed a file.
pub fn closed(file: RawFd) {
    if is_on() {
        places().remove(&file);
    }
}

/// Reports a file that the program has lost and that is about to be closed.
pub fn lost(file: RawFd) {
    if is_on() {
        let place = places().remove(&file).unwrap_or_else(|| "a place that is not known".to_owned());
        let name = sockets::described(file).unwrap_or_else(|| os::name_of_file(file));
        eprintln!("leak: {name}, opened at {place}, was not closed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_texts_are_refused() {
        assert_eq!(set(None), Ok(()));
        assert_eq!(set(Some("leak")), Err("WEFT_DEBUG is `leak`, but it must be `leaks`".to_owned()));
        assert!(!is_on());
    }
}
