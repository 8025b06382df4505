use std::collections::HashSet;
use std::time::{SystemTime, UNIX_EPOCH};

use weft_abi::{ArrayObject, Kind, RunQueue, well_known};

use super::*;
use crate::os::allocator;

/// The descriptor of objects `{header, stamp, reference}`. The stamp is the object's number.
const ONE: u32 = well_known::ROWS.len() as u32;
/// The descriptor of objects `{header, reference, stamp, reference}`.
const TWO: u32 = ONE + 1;
/// The descriptor of arrays of pairs `(stamp, reference)`.
const PAIRS: u32 = ONE + 2;
/// The descriptor of objects `{header, stamp}` with 400 more bytes, which are larger than a line.
const WIDE: u32 = ONE + 3;

/// The number of descriptors.
const ROWS: usize = WIDE as usize + 1;

const TABLE: [TypeDescriptor; ROWS] = {
    let mut table = [TypeDescriptor::new(Kind::Fixed, 0, &[]); ROWS];
    let mut row = 0;
    while row < well_known::ROWS.len() {
        let (kind, size, references) = well_known::ROWS[row];
        table[row] = TypeDescriptor::new(kind, size, references);
        row += 1;
    }
    table[ONE as usize] = TypeDescriptor::new(Kind::Fixed, 24, &[16]);
    table[TWO as usize] = TypeDescriptor::new(Kind::Fixed, 32, &[8, 24]);
    table[PAIRS as usize] = TypeDescriptor::new(Kind::Array, 16, &[8]);
    table[WIDE as usize] = TypeDescriptor::new(Kind::Fixed, 416, &[]);
    table
};

static DESCRIPTORS: [TypeDescriptor; ROWS] = TABLE;

/// A heap, and a worker that allocates from it.
struct Arena {
    heap: Heap,
    worker: Box<Worker>,
}

impl Arena {
    fn new(stress: Option<u64>) -> Arena {
        let worker = Worker::empty(RunQueue::EMPTY);
        // SAFETY: the table describes all objects of these tests.
        let heap = unsafe { Heap::new(DESCRIPTORS.as_ptr(), stress).unwrap() };
        Arena { heap, worker: Box::new(worker) }
    }

    fn fixed(&mut self, descriptor: u32) -> *mut u64 {
        let size = DESCRIPTORS[descriptor as usize].size as usize;
        // SAFETY: the descriptor gives the size.
        let object = unsafe {
            self.heap.allocate(Current::of(&mut *self.worker), Header::new(descriptor), size).unwrap()
        };
        assert_zero(object, size);
        object.cast()
    }

    fn array(&mut self, descriptor: u32, length: usize) -> *mut u64 {
        let header = Header::new(descriptor);
        let size = size_of::<ArrayObject>() + length * DESCRIPTORS[descriptor as usize].size as usize;
        // SAFETY: the size is computed from the descriptor, and the length is stored before the next allocation.
        unsafe {
            let object = self.heap.allocate(Current::of(&mut *self.worker), header, size).unwrap();
            assert_zero(object, size);
            object.cast::<ArrayObject>().write(ArrayObject { header, length: length as u64 });
            object.cast()
        }
    }

    fn collect(&mut self, roots: impl FnOnce(&mut Marker<'_>)) -> Collected {
        // SAFETY: no other code uses the heap, and there is one worker.
        let mut marker = unsafe { self.heap.begin(&[&raw mut *self.worker], 1) };
        roots(&mut marker);
        marker.trace();
        self.heap.finish()
    }

    /// Whether `object` has survived the last collection.
    fn survived(&self, object: *const u64) -> bool {
        let offset = self.heap.space.offset(object.addr()).expect("it is in the heap");
        // SAFETY: the granule lies in the heap.
        unsafe { self.heap.space.starts.get(offset / 8) }
    }
}

fn assert_zero(object: *const u8, size: usize) {
    // SAFETY: the object has `size` bytes.
    let bytes = unsafe { std::slice::from_raw_parts(object, size) };
    assert!(bytes[8..].iter().all(|&byte| byte == 0), "memory that is given out must be zero");
}

/// Marsaglia's xorshift.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

/// An object on the heap, with its contents as the test expects them.
struct Known {
    object: *mut u64,
    bytes: usize,
    /// The index of the word with the object's number.
    stamp: Option<usize>,
    /// The indices of the words with references, and the numbers of the objects to which they refer.
    references: Vec<(usize, Option<usize>)>,
}

struct Model {
    arena: Arena,
    random: Random,
    /// All objects that were ever made; `None` for an object that was freed.
    known: Vec<Option<Known>>,
    roots: Vec<usize>,
    /// Whether there may be objects of the kind `Words`, whose words may keep other objects alive by chance.
    has_words: bool,
}

impl Model {
    /// Makes an object of a random kind.
    fn make(&mut self) {
        let length = match self.random.below(40) {
            0 => self.random.below(20_000),
            1..5 => self.random.below(300),
            _ => self.random.below(12),
        };
        let arena = &mut self.arena;
        let (object, bytes, stamp, slots): (_, _, _, Vec<usize>) = match self.random.below(8) {
            0 => (arena.fixed(WIDE), 416, Some(1), vec![]),
            1 => (
                arena.array(well_known::REFERENCES, length),
                16 + length * 8,
                None,
                (2..2 + length).collect(),
            ),
            2 => (arena.array(well_known::BYTES, length), 16 + length, None, vec![]),
            3 => {
                let slots = (0..length).map(|index| 3 + 2 * index).collect();
                (arena.array(PAIRS, length), 16 + length * 16, (length > 0).then_some(2), slots)
            }
            4 if self.has_words => {
                (arena.array(well_known::WORDS, length), 16 + length * 8, None, (2..2 + length).collect())
            }
            5 | 6 => (arena.fixed(ONE), 24, Some(1), vec![2]),
            _ => (arena.fixed(TWO), 32, Some(2), vec![1, 3]),
        };
        let number = self.known.len();
        // SAFETY: the stamp is a word of the object.
        stamp.inspect(|&word| unsafe { object.add(word).write(number as u64) });
        let mut references = Vec::new();
        for slot in slots {
            let to = (!self.roots.is_empty()).then(|| self.roots[self.random.below(self.roots.len())]);
            let to = to.filter(|_| self.random.below(4) > 0);
            references.push((slot, to));
            let address = to.map_or(0, |to| self.known[to].as_ref().unwrap().object.addr());
            // SAFETY: the slot is a word of the object.
            unsafe { object.add(slot).write(address as u64) };
        }
        self.known.push(Some(Known { object, bytes, stamp, references }));
        self.roots.push(number);
    }

    fn reachable(&self) -> HashSet<usize> {
        let mut reached = HashSet::new();
        let mut pending = self.roots.clone();
        while let Some(number) = pending.pop() {
            if reached.insert(number) {
                pending
                    .extend(self.known[number].as_ref().unwrap().references.iter().filter_map(|(_, to)| *to));
            }
        }
        reached
    }

    /// Collects from the roots. If `exact`, each root is passed as a reference, otherwise at random as a reference or
    /// as a word that leads to the object.
    fn collect(&mut self, exact: bool) {
        let (known, random, roots) = (&self.known, &mut self.random, &self.roots);
        self.arena.collect(|marker| {
            for &root in roots {
                let Known { object, bytes, .. } = known[root].as_ref().unwrap();
                // SAFETY: the object is alive.
                let descriptor = unsafe { object.cast::<Header>().read().descriptor };
                // Compiled code never keeps only the end of an object of fixed size.
                let is_fixed = [ONE, TWO, WIDE].contains(&descriptor);
                let end = if is_fixed { bytes - 1 } else { bytes.next_multiple_of(8) };
                match if exact { 0 } else { random.below(4) } {
                    0 => marker.reference(object.addr()),
                    1 => marker.word(object.addr()),
                    2 => marker.word(object.addr() + random.below(*bytes)),
                    _ => marker.word(object.addr() + end),
                }
            }
            // These words are not addresses of objects.
            for word in [0, 1, usize::MAX, &raw const *random as usize] {
                marker.word(word);
                marker.reference(word);
            }
        });
        self.check(exact && !self.has_words);
    }

    /// Checks that reachable objects are unchanged, and that unreachable objects were freed if the roots were `exact`.
    fn check(&mut self, exact: bool) {
        let reachable = self.reachable();
        for number in 0..self.known.len() {
            let Some(known) = &self.known[number] else { continue };
            let survived = self.arena.survived(known.object);
            if !reachable.contains(&number) {
                assert!(!exact || !survived, "object {number} should be gone");
                self.known[number] = None;
                continue;
            }
            assert!(survived, "object {number} is gone");
            // SAFETY: the object is reachable and has survived.
            unsafe {
                known.stamp.inspect(|&word| assert_eq!(known.object.add(word).read(), number as u64));
                for &(slot, to) in &known.references {
                    let address = to.map_or(0, |to| self.known[to].as_ref().unwrap().object.addr());
                    assert_eq!(known.object.add(slot).read(), address as u64, "object {number}, word {slot}");
                }
            }
        }
    }
}

#[test]
fn random_graphs_survive_as_the_model_says() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    let seed = std::env::var("WEFT_TEST_SEED").map_or(now, |seed| seed.parse().unwrap());
    println!("WEFT_TEST_SEED={seed}");
    for (round, stress) in [(0, None), (1, Some(1)), (2, None)] {
        grow_and_collect(seed + round, stress, round > 0, 300);
    }
    // The marker's lists cannot grow, and there are more roots than they have room for.
    allocator::refusing(|| grow_and_collect(seed + 3, None, false, 3000));
}

/// Makes up to `most` objects and collects; repeats this twenty times.
fn grow_and_collect(seed: u64, stress: Option<u64>, has_words: bool, most: usize) {
    let (known, roots) = (Vec::new(), Vec::new());
    let mut model = Model { arena: Arena::new(stress), random: Random(seed | 1), known, roots, has_words };
    for _ in 0..20 {
        for _ in 0..model.random.below(most) {
            model.make();
        }
        let dropped = model.random.below(10);
        let kept = model.roots.split_off(0).into_iter().filter(|_| model.random.below(10) >= dropped);
        model.roots = kept.collect();
        let exact = model.random.below(2) == 0;
        model.collect(exact);
    }
    model.roots.clear();
    model.collect(true);
    assert_eq!(model.arena.heap.live, 0, "nothing is left");
}

#[test]
fn memory_is_used_again() {
    let mut arena = Arena::new(None);
    for _ in 0..20 {
        for _ in 0..1000 {
            arena.fixed(ONE);
            arena.array(well_known::INTS, 10_000);
        }
        arena.collect(|_| {});
    }
    // Each array of a round takes three blocks.
    assert!(arena.heap.space.blocks() < 3200, "the heap grew");
    assert_eq!(arena.heap.live, 0);
}

#[test]
fn one_survivor_keeps_a_line_and_not_a_block() {
    let mut arena = Arena::new(None);
    let kept: Vec<*mut u64> = (0..100_000).map(|_| arena.fixed(ONE)).step_by(1000).collect();
    let collected = arena.collect(|marker| kept.iter().for_each(|object| marker.reference(object.addr())));
    // Some objects lie in two lines.
    assert!(collected.live >= 100 * LINE && collected.live < 120 * LINE);
    let before = arena.heap.space.blocks();
    for _ in 0..90_000 {
        arena.fixed(ONE);
    }
    assert_eq!(arena.heap.space.blocks(), before, "free lines were there");
    arena.collect(|marker| kept.iter().for_each(|object| marker.reference(object.addr())));
    assert!(kept.iter().all(|&object| arena.survived(object)));
}

#[test]
fn memory_goes_back_after_a_drop() {
    let mut arena = Arena::new(None);
    let kept: Vec<*mut u64> = (0..64).map(|_| arena.array(well_known::INTS, 1 << 17)).collect();
    let collected = arena.collect(|marker| kept.iter().for_each(|object| marker.reference(object.addr())));
    assert!(collected.live >= 64 << 20);
    arena.collect(|_| {});
    let heap = &mut arena.heap;
    let holding = (0..heap.space.blocks()).filter(|&block| !heap.space.block(block).is_zero).count();
    assert!(holding * BLOCK <= LEAST_BUDGET);
    // Blocks whose memory was discarded are zero again, which `array` asserts.
    (0..64).for_each(|_| assert!(!arena.array(well_known::INTS, 1 << 17).is_null()));
}

#[test]
fn a_budget_is_what_survived_and_not_less_than_the_least() {
    let mut arena = Arena::new(None);
    assert!(!arena.heap.is_due(24));
    assert!(arena.heap.is_due(LEAST_BUDGET + 1) && arena.heap.is_due(usize::MAX));
    let large = arena.array(well_known::INTS, 3 * LEAST_BUDGET / 8);
    assert!(arena.heap.is_due(24));
    arena.collect(|marker| marker.reference(large.addr()));
    assert!(arena.heap.budget >= 3 * LEAST_BUDGET && !arena.heap.is_due(2 * LEAST_BUDGET));
}
