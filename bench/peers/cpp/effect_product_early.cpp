// Multiplies the numbers 1,000 to 0 by a recursion of coroutines, TIMES times. At the 0, a suspension leaves all calls
// of the recursion at once. Usage: effect_product_early TIMES
#include "coroutine.hpp"
#include <cstdio>
#include <cstdlib>

struct Cell {
  long value;
  const Cell *rest;
};

// A call of one coroutine by another: the caller is suspended until the called coroutine returns.
struct Call {
  struct promise_type : Lazy {
    std::coroutine_handle<> caller = std::noop_coroutine();
    long result;
    Call get_return_object() noexcept { return {Owner(std::coroutine_handle<promise_type>::from_promise(*this))}; }
    struct Return {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> ended) noexcept {
        return ended.promise().caller;
      }
      void await_resume() noexcept {}
    };
    Return final_suspend() noexcept { return {}; }
    void return_value(long value) noexcept { result = value; }
  };
  Owner<promise_type> owner;
  bool await_ready() noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) noexcept {
    owner.handle.promise().caller = caller;
    return owner.handle;
  }
  long await_resume() noexcept { return owner.handle.promise().result; }
};

// At a 0, stores the result in `left` and suspends, which leaves all calls at once: control returns to `early`.
static Call product(const Cell *list, long &left) {
  if (!list) co_return 1;
  if (list->value == 0) {
    left = 0;
    co_await std::suspend_always();
  }
  const long below = co_await product(list->rest, left);
  co_return list->value * below;
}

static long early(const Cell *list) {
  long left = 0;
  auto call = product(list, left);
  call.owner.handle.resume();
  return call.owner.handle.done() ? call.await_resume() : left;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  const Cell *list = nullptr;
  for (long i = 0; i <= 1000; i++) list = new Cell{i, list};
  long sum = 0;
  for (long i = std::strtol(argv[1], nullptr, 10); i > 0; i--) sum += early(list);
  std::printf("%ld\n", sum);
}
