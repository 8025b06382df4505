use super::*;

fn own(block: Block) {
    // SAFETY: only the test uses the block, and no test reads the task itself.
    unsafe { (*block.words()).owner = block.top().cast() };
}

#[test]
fn every_address_of_a_block_leads_to_it() {
    let mut stacks = Stacks::reserve().unwrap();
    for class in 0..16 {
        for _ in 0..3 {
            let block = stacks.allocate(class).unwrap();
            for address in [block.base, block.limit(), block.top().wrapping_sub(1)] {
                let found = stacks.block_of(address).expect("an address of a block");
                assert_eq!((found.base, found.class), (block.base, class));
            }
        }
    }
    assert!(stacks.block_of(std::ptr::null_mut()).is_none());
    assert!(stacks.block_of(stacks.base.wrapping_sub(8)).is_none());
    assert!(stacks.block_of((&raw const stacks).cast_mut().cast()).is_none());
}

#[test]
fn blocks_do_not_overlap_and_chunks_are_filled() {
    let mut stacks = Stacks::reserve().unwrap();
    let mut blocks: Vec<Block> = (0..20_000).map(|index| stacks.allocate(index % 4).unwrap()).collect();
    blocks.sort_by_key(|block| block.base);
    for pair in blocks.windows(2) {
        assert!(pair[0].top() <= pair[1].base);
    }
    let bytes: usize = blocks.iter().map(|block| block_size(block.class)).sum();
    assert!(
        stacks.chunks.len() * CHUNK < bytes + 5 * CHUNK,
        "{} chunks for {bytes} bytes",
        stacks.chunks.len()
    );
}

#[test]
fn a_freed_block_is_used_again_and_is_nobodys() {
    let mut stacks = Stacks::reserve().unwrap();
    for class in [1, FIRST_DISCARDED, LAST_SHARED, LAST_SHARED + 1] {
        let block = stacks.allocate(class).unwrap();
        own(block);
        assert_eq!(stacks.in_use().count(), 1);
        // SAFETY: nothing uses the block.
        unsafe { stacks.free(block) };
        assert_eq!(stacks.in_use().count(), 0);
        assert_eq!(stacks.allocate(class).unwrap().base, block.base);
    }
}

#[test]
fn contents_keep_their_distance_from_the_end() {
    let mut stacks = Stacks::reserve().unwrap();
    for class in 0..14 {
        let (from, to) = (stacks.allocate(class).unwrap(), stacks.allocate(class + 1).unwrap());
        let used = block_size(class) - RESERVE - 40;
        let contents: Vec<u8> = (0..used).map(|index| (index * 7 % 251) as u8).collect();
        let old = from.top().wrapping_sub(used);
        // SAFETY: only the test uses both blocks, and the larger block has room for the contents of the smaller block.
        let moved = unsafe {
            old.copy_from_nonoverlapping(contents.as_ptr(), used);
            let sp = move_contents(from, to, used);
            assert_eq!(to.top().addr() - sp.addr(), used);
            std::slice::from_raw_parts(sp, used)
        };
        assert!(moved == contents, "class {class}");
    }
}

#[test]
fn ends_of_neighbours_fall_into_different_cache_sets() {
    let mut stacks = Stacks::reserve().unwrap();
    let set = |block: Block| block.top().addr() / 64 % 64;
    let sets: std::collections::HashSet<usize> = (0..64).map(|_| set(stacks.allocate(0).unwrap())).collect();
    assert_eq!(sets.len(), 64);
}
