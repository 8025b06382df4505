use std::collections::VecDeque;

use weft_abi::{RunQueue, Sp, Worker};
use weft_hot::queue;

use super::{for_each, grow, new_ring};
use crate::arch::Current;

fn sp(number: usize) -> Sp {
    std::ptr::without_provenance_mut(number)
}

/// Adds and takes entries at both ends, in runs of all lengths, so that head and tail wrap around the ring's end in
/// every way.
#[test]
fn the_run_queue_is_one_however_it_lies_in_its_ring() {
    let queue = new_ring(RunQueue::SMALLEST.size()).expect("there is memory");
    let mut worker = Worker::empty(queue);
    let mut model: VecDeque<Sp> = VecDeque::new();
    let mut number = 0;
    for step in 0..3_000 {
        for _ in 0..step % 37 {
            if !queue::has_room(&worker.run_queue) {
                // SAFETY: only the test uses the worker.
                grow(unsafe { Current::of(&raw mut worker) });
            }
            number += 1;
            // SAFETY: the queue has room.
            unsafe {
                if number % 3 == 0 {
                    queue::put_first(&mut worker.run_queue, sp(number));
                    model.push_front(sp(number));
                } else {
                    queue::claim(&mut worker.run_queue).write(sp(number));
                    model.push_back(sp(number));
                }
            }
        }
        for _ in 0..(step * 7) % 31 {
            if queue::is_empty(&worker.run_queue) {
                break;
            }
            let queue = &mut worker.run_queue;
            if step % 5 == 0 {
                assert_eq!(Some(queue::take_last(queue)), model.pop_back());
            } else {
                // SAFETY: the queue is not empty, and a slot is readable after it was taken.
                assert_eq!(Some(unsafe { queue::take(queue).read() }), model.pop_front());
            }
        }
        let mut ready = Vec::new();
        // SAFETY: only the test uses the worker.
        unsafe { for_each(&raw const worker.run_queue, |sp| ready.push(sp)) };
        assert_eq!((queue::length(&worker.run_queue), &ready), (model.len(), &Vec::from(model.clone())));
    }
    assert!(worker.run_queue.capacity() > RunQueue::SMALLEST.capacity(), "it has grown");
}
