use super::*;

#[test]
fn strings_are_copied_with_a_zero_and_back() {
    for text in ["", "weft", "Schuß 🧵"] {
        let copy = new_c_string(text.as_bytes()).unwrap();
        // SAFETY: the copies are whole, and freed once.
        unsafe {
            let second = copy_c_string(copy);
            assert_eq!((bytes_at(copy), bytes_at(second)), (text.as_bytes(), text.as_bytes()));
            assert_ne!(copy, second);
            os::free_for_c(copy);
            os::free_for_c(second);
        }
    }
    // SAFETY: null is allowed.
    assert!(unsafe { copy_c_string(std::ptr::null()) }.is_null());
}

#[test]
fn a_zero_inside_is_refused() {
    assert_eq!(new_c_string(b"a\0b"), Err(Refusal::Zero(1)));
    assert_eq!(new_c_string(b"\0"), Err(Refusal::Zero(0)));
}
