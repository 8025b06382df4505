// A ring of THREADS contexts, of which main is the first. Each context switches to the next with Boost's jump_fcontext.
// There is no scheduler. Each jump passes the suspended context to the resumed context, which stores it in the ring.
// Usage: ring THREADS YIELDS_PER_THREAD
#include <boost/context/detail/fcontext.hpp>
#include <cstdio>
#include <cstdlib>
#include <sys/mman.h>

using namespace boost::context::detail;

// The size of the smallest stack that works. It is an odd number of cache lines, so that neighbouring stacks fall into
// different cache sets.
static constexpr std::size_t stack_bytes = 1024 - 64;

static fcontext_t *ring;
static std::size_t threads;
static long yields, switches;

// Runs in all contexts except main. The function never returns: main ends the process first.
static void worker(transfer_t from) {
  const auto previous = reinterpret_cast<std::size_t>(from.data);
  const std::size_t self = previous + 1;
  const std::size_t next = self + 1 == threads ? 0 : self + 1;
  for (long i = 0; i < yields; i++) {
    ring[previous] = from.fctx;
    switches++;
    from = jump_fcontext(ring[next], reinterpret_cast<void *>(self));
  }
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  threads = std::strtoul(argv[1], nullptr, 10);
  yields = std::strtol(argv[2], nullptr, 10);
  ring = new fcontext_t[threads];
  const std::size_t bytes = threads * stack_bytes;
  void *stacks = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (stacks == MAP_FAILED) return 1;
  madvise(stacks, bytes, MADV_HUGEPAGE);
  for (std::size_t i = 1; i < threads; i++)
    ring[i] = make_fcontext(static_cast<char *>(stacks) + (i + 1) * stack_bytes, stack_bytes, worker);
  for (long i = 0; i < yields; i++) {
    switches++;
    ring[threads - 1] = jump_fcontext(ring[1], nullptr).fctx;
  }
  std::printf("%ld\n", switches);
}
