use std::fs::File;
use std::thread;

use super::*;

/// An object outside of the heap that owns `/dev/null`. Tests share the table, so no test calls `take_lost` for the
/// objects of another test.
fn object() -> (Box<Descriptor>, RawFd) {
    let file = OwnedFd::from(File::open("/dev/null").unwrap());
    let number = file.as_raw_fd();
    // SAFETY: zeros are valid fields.
    let mut object: Box<Descriptor> = Box::new(unsafe { std::mem::zeroed() });
    // SAFETY: the object is new.
    unsafe { Descriptor::adopt((&raw const *object).cast(), &raw mut *object, file) };
    (object, number)
}

fn is_listed(object: &Descriptor) -> bool {
    TABLE.lock().open.iter().any(|owner| std::ptr::eq(owner.descriptor, object))
}

fn is_open(number: RawFd) -> bool {
    std::fs::read_link(format!("/proc/self/fd/{number}")).is_ok_and(|target| target.ends_with("null"))
}

#[test]
fn a_descriptor_is_closed_after_its_last_use() {
    let (object, number) = object();
    // SAFETY: the object owns a descriptor and is alive.
    unsafe {
        let (first, second) =
            (Descriptor::acquire(&*object).unwrap(), Descriptor::acquire(&*object).unwrap());
        assert_eq!((first.as_raw_fd(), second.as_raw_fd()), (number, number));
        assert!(Descriptor::close(&*object, |closed| assert_eq!(closed, number)));
        assert!(!Descriptor::close(&*object, |_| ()));
        assert!(Descriptor::acquire(&*object).is_none());
        drop(first);
        assert!(is_open(number));
        drop(second);
        assert!(!Descriptor::close(&*object, |_| ()));
    }
    assert!(!is_listed(&object));
}

#[test]
fn descriptors_of_unreachable_objects_are_closed() {
    let (kept, kept_number) = object();
    let (lost, _) = object();
    let address = (&raw const *lost).cast::<u8>();
    // SAFETY: only `lost` counts as unreachable, and nothing uses it.
    unsafe { take_lost(|object| object != address) };
    assert_eq!(TABLE.lock().lost.len(), 1);
    close_lost();
    assert!(TABLE.lock().lost.is_empty() && is_open(kept_number));
    // SAFETY: the object owns a descriptor and is alive.
    unsafe { Descriptor::close(&*kept, |_| ()) };
}

#[test]
fn closing_and_using_at_once_closes_once() {
    for _ in 0..200 {
        let (object, number) = object();
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    // SAFETY: the object owns a descriptor and is alive.
                    unsafe {
                        if let Some(used) = Descriptor::acquire(&*object) {
                            assert!(is_open(number));
                            drop(used);
                        }
                        Descriptor::close(&*object, |_| ());
                    }
                });
            }
        });
        assert!(!is_listed(&object));
    }
}
