// COUNT times: makes a Boost context on one reused stack, runs a trivial function in it and switches back. There is no
// scheduler. Usage: spawn COUNT
#include <boost/context/detail/fcontext.hpp>
#include <cstdio>
#include <cstdlib>

using namespace boost::context::detail;

alignas(16) static char stack[16384];

static void trivial(transfer_t from) { jump_fcontext(from.fctx, from.data); }

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  const long count = std::strtol(argv[1], nullptr, 10);
  long sum = 0;
  for (long i = 0; i < count; i++) {
    const fcontext_t context = make_fcontext(stack + sizeof stack, sizeof stack, trivial);
    sum += reinterpret_cast<long>(jump_fcontext(context, reinterpret_cast<void *>(1L)).data);
  }
  std::printf("%ld\n", sum);
}
