use super::*;

/// Memory for objects, filled with one bits, so that the tests fail if a string is created without its length.
#[derive(Default)]
struct Heap(Vec<Box<[u64]>>);

impl Heap {
    fn allocate(&mut self, size: usize) -> *mut u8 {
        assert!(size.is_multiple_of(8));
        self.0.push(vec![u64::MAX; size / 8].into());
        self.0.last_mut().unwrap().as_mut_ptr().cast()
    }

    fn string(&mut self, text: &str) -> *const StringObject {
        // SAFETY: `allocate` returns aligned memory that nothing else uses.
        unsafe { create(text.as_bytes(), |size| self.allocate(size)) }
    }
}

#[test]
fn text_survives() {
    let mut heap = Heap::default();
    for text in ["", "a", "1234567", "12345678", "123456789", "Kett und Schuß 🧵\0"] {
        let object = heap.string(text);
        // SAFETY: `object` is a completely written object in the memory of `heap`.
        assert_eq!(unsafe { as_str(object) }, text);
        assert_eq!(size_of_val(&**heap.0.last().unwrap()), size(text.len()));
    }
    assert_eq!((size(0), size(1), size(8), size(9)), (16, 24, 24, 32));
}

#[test]
fn order_is_by_bytes() {
    let mut heap = Heap::default();
    let sorted = ["", "a", "a\0", "aa", "b", "z", "é", "日", "🧵"];
    for (i, left) in sorted.iter().enumerate() {
        for (j, right) in sorted.iter().enumerate() {
            let (left, right) = (heap.string(left), heap.string(right));
            // SAFETY: the arguments are completely written objects in the memory of `heap`.
            unsafe {
                assert_eq!(compare(left, right), i.cmp(&j));
                assert_eq!(equal(left, right), i == j);
            }
        }
    }
}

#[test]
fn concatenation_allocates_once_or_not_at_all() {
    let mut heap = Heap::default();
    let (warp, weft, empty) = (heap.string("Kette"), heap.string("Schuß"), heap.string(""));
    let before = heap.0.len();
    // SAFETY: the arguments are completely written objects in the memory of `heap`, which also allocates.
    unsafe {
        assert_eq!(as_str(concat(warp, weft, |size| heap.allocate(size))), "KetteSchuß");
        assert_eq!(heap.0.len(), before + 1);
        assert_eq!(concat(warp, empty, |_| unreachable!()), warp);
        assert_eq!(concat(empty, weft, |_| unreachable!()), weft);
        assert_eq!(concat(empty, empty, |_| unreachable!()), empty);
    }
}

#[test]
fn needles_are_found_from_where_the_search_begins() {
    let found = |needle: &str, from| find("Kette und Kette".as_bytes(), needle.as_bytes(), from);
    assert_eq!((found("Kette", 0), found("Kette", 1), found("Kette", 11)), (Some(0), Some(10), None));
    assert_eq!((found("", 0), found("", 15), found("", 16), found("x", 0)), (Some(0), Some(15), None, None));
}

#[test]
fn parts_lie_between_occurrences() {
    let parts = |text: &'static str, needle: &str| {
        let mut parts = Vec::new();
        each_part(text.as_bytes(), needle.as_bytes(), |part| parts.push(str::from_utf8(part).unwrap()));
        assert_eq!(count(text.as_bytes(), needle.as_bytes()) + 1, parts.len());
        assert_eq!(parts, text.split(needle).collect::<Vec<_>>());
        parts.len()
    };
    assert_eq!([parts("", ","), parts("a", ","), parts(",", ","), parts("a,,b", ",")], [1, 1, 2, 3]);
    assert_eq!([parts("aaaaa", "aa"), parts("ßaß", "ß"), parts("a", "ab"), parts("ab", "ab")], [3, 3, 1, 2]);
}

#[test]
fn replacements_allocate_once_or_not_at_all() {
    let mut heap = Heap::default();
    for (text, needle, by) in [
        ("banana", "an", "o"),
        ("a b c", " ", ""),
        ("aaaaa", "aa", "größer"),
        ("ß", "ß", "ss"),
        ("x", "x", "xxxxxxxxxxxxxxxxxxx"),
    ] {
        let [object, part, other] = [text, needle, by].map(|text| heap.string(text));
        let before = heap.0.len();
        // SAFETY: the arguments are completely written objects in the memory of `heap`, which also allocates.
        let replaced = unsafe { as_str(replace(object, [part, other], |size| heap.allocate(size))) };
        assert_eq!((replaced, heap.0.len()), (&*text.replace(needle, by), before + 1));
        // SAFETY: as before.
        let unchanged = unsafe { replace(other, [heap.string("no such text"), part], |_| unreachable!()) };
        assert_eq!(unchanged, other);
    }
}
