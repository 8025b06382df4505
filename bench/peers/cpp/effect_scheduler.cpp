// A scheduler that is part of the program runs COUNT jobs. Each job yields to the other jobs COUNT times. Usage:
// effect_scheduler COUNT
#include "coroutine.hpp"
#include <cstdio>
#include <cstdlib>
#include <deque>

struct Request;
using Task = Dialogue<Request, Nothing>;

// A request to start `job`, or only to yield if `job` is null.
struct Request {
  Task (*job)(long, long &);
};

static Task job(long n, long &switches) {
  for (long i = 0; i < n; i++) {
    co_yield Request{nullptr};
    switches++;
  }
  co_return 0;
}

static Task jobs(long n, long &) {
  for (long i = 0; i < n; i++) co_yield Request{job};
  co_return 0;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  const long n = std::strtol(argv[1], nullptr, 10);
  long switches = 0;
  std::deque<Task> ready;
  ready.push_back(jobs(n, switches));
  while (!ready.empty()) {
    Task task = std::move(ready.front());
    ready.pop_front();
    if (!task.resume()) continue;
    const Request request = task.question();
    ready.push_back(std::move(task));
    if (request.job) ready.push_back(request.job(n, switches));
  }
  std::printf("%ld\n", switches);
}
