use super::*;

use crate::os;

#[test]
fn strings_are_copied_with_a_zero_and_back() {
    for text in ["", "weft", "Schuß 🧵"] {
        let copy = CString::new(text.as_bytes()).ok().unwrap();
        // SAFETY: the copies end with a zero.
        unsafe {
            let second = CString::copy_of(copy.0.as_ptr()).unwrap();
            assert_eq!(
                (bytes_at(copy.0.as_ptr()), bytes_at(second.0.as_ptr())),
                (text.as_bytes(), text.as_bytes())
            );
            assert_ne!(copy.0, second.0);
        }
    }
    // SAFETY: null is allowed.
    assert!(unsafe { CString::copy_of(std::ptr::null()) }.is_none());
}

#[test]
fn a_zero_inside_is_refused() {
    assert_eq!(CString::new(b"a\0b").err(), Some(Refusal::Zero(1)));
    assert_eq!(CString::new(b"\0").err(), Some(Refusal::Zero(0)));
}

#[test]
fn owned_strings_are_taken_once() {
    let first = own(CString::new(b"first").ok().unwrap());
    own(CString::new(b"second").ok().unwrap());
    let owned = take_owned();
    assert_eq!((owned.len(), owned[0].0.as_ptr().cast_const()), (2, first));
    assert!(take_owned().is_empty());
}
