// A coroutine counts down from COUNT. The code that resumes the coroutine keeps the counter, and answers the
// coroutine's requests to get and set the counter. Usage: effect_countdown COUNT
#include "coroutine.hpp"
#include <cstdio>
#include <cstdlib>

struct Request {
  enum { Get, Set } kind;
  long value;
};

static Dialogue<Request, long> countdown() {
  for (;;) {
    const long i = co_yield Request{Request::Get, 0};
    if (i == 0) co_return i;
    co_yield Request{Request::Set, i - 1};
  }
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  long state = std::strtol(argv[1], nullptr, 10);
  auto body = countdown();
  escape(body);
  while (body.resume()) {
    const Request request = body.question();
    if (request.kind == Request::Get)
      body.answer(state);
    else
      state = request.value;
  }
  std::printf("%ld\n", body.result());
}
