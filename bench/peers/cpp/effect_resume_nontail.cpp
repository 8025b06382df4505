// Runs a coroutine with a loop 1,000 times. Each run is suspended COUNT times. For each suspension, a recursive call
// resumes the loop, and its caller then computes with the result. Usage: effect_resume_nontail COUNT
#include "coroutine.hpp"
#include <cstdio>
#include <cstdlib>

static Dialogue<long, Nothing> descend(long count, long result) {
  for (long i = count; i > 0; i--) co_yield i;
  co_return result;
}

static long handle(Dialogue<long, Nothing> &body) {
  if (!body.resume()) return body.result();
  const long x = body.question();
  const long y = handle(body);
  return std::labs(x - 503 * y + 37) % 1009;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  const long count = std::strtol(argv[1], nullptr, 10);
  long result = 0;
  for (int i = 0; i < 1000; i++) {
    auto body = descend(count, result);
    result = handle(body);
  }
  std::printf("%ld\n", result);
}
