// The types of coroutines that the programs in this folder share, as small as C++20 allows them to be.
#pragma once
#include <coroutine>
#include <exception>
#include <utility>

// The owner of a coroutine's handle.
template <class Promise> struct Owner {
  using Handle = std::coroutine_handle<Promise>;
  Handle handle;
  explicit Owner(Handle handle) : handle(handle) {}
  Owner(Owner &&other) noexcept : handle(std::exchange(other.handle, nullptr)) {}
  Owner &operator=(Owner &&other) noexcept {
    std::swap(handle, other.handle);
    return *this;
  }
  ~Owner() {
    if (handle) handle.destroy();
  }
};

struct Lazy {
  std::suspend_always initial_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { std::terminate(); }
};

// A generator that only its consumer resumes.
template <class T> struct Generator {
  struct promise_type : Lazy {
    T value;
    Generator get_return_object() noexcept { return {Owner(std::coroutine_handle<promise_type>::from_promise(*this))}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(T v) noexcept {
      value = v;
      return {};
    }
    void return_void() noexcept {}
  };
  Owner<promise_type> owner;
  bool next() {
    owner.handle.resume();
    return !owner.handle.done();
  }
  T value() const { return owner.handle.promise().value; }
};

// A generator that can yield all elements of another generator, as `std::generator` does. The outermost generator knows
// the innermost generator, which `next` resumes. When the innermost generator ends, it resumes the generator around it,
// by symmetric transfer.
template <class T> struct Chain {
  struct promise_type;
  using Handle = std::coroutine_handle<promise_type>;
  struct promise_type : Lazy {
    promise_type *outermost = this, *around = nullptr;
    promise_type *innermost = this; // used only in the outermost generator, like `value`
    T value;
    Chain get_return_object() noexcept { return {Owner(Handle::from_promise(*this))}; }
    struct End {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(Handle ended) noexcept {
        promise_type &promise = ended.promise();
        if (!promise.around) return std::noop_coroutine();
        promise.outermost->innermost = promise.around;
        return Handle::from_promise(*promise.around);
      }
      void await_resume() noexcept {}
    };
    End final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(T v) noexcept {
      outermost->value = v;
      return {};
    }
    struct Inner {
      Chain chain;
      bool await_ready() noexcept { return false; }
      Handle await_suspend(Handle outer) noexcept {
        promise_type &in = chain.owner.handle.promise(), &out = outer.promise();
        in.outermost = out.outermost, in.around = &out;
        out.outermost->innermost = &in;
        return chain.owner.handle;
      }
      void await_resume() noexcept {}
    };
    Inner yield_value(Chain &&inner) noexcept { return {std::move(inner)}; }
    void return_void() noexcept {}
  };
  Owner<promise_type> owner;
  bool next() {
    Handle::from_promise(*owner.handle.promise().innermost).resume();
    return !owner.handle.done();
  }
  T value() const { return owner.handle.promise().value; }
};

// A coroutine that asks questions, with `co_yield`, and returns a result.
template <class Question, class Answer, class Result = long> struct Dialogue {
  struct promise_type : Lazy {
    Question question;
    Answer answer;
    Result result;
    Dialogue get_return_object() noexcept { return {Owner(std::coroutine_handle<promise_type>::from_promise(*this))}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    struct Asked : std::suspend_always {
      promise_type &promise;
      explicit Asked(promise_type &promise) : promise(promise) {}
      Answer await_resume() noexcept { return promise.answer; }
    };
    Asked yield_value(Question q) noexcept {
      question = q;
      return Asked(*this);
    }
    void return_value(Result r) noexcept { result = r; }
  };
  Owner<promise_type> owner;
  // Runs the coroutine to its next question; returns false if the coroutine has ended.
  bool resume() {
    owner.handle.resume();
    return !owner.handle.done();
  }
  Question question() const { return owner.handle.promise().question; }
  void answer(Answer a) { owner.handle.promise().answer = a; }
  Result result() const { return owner.handle.promise().result; }
};

// The type of a question or answer without content.
struct Nothing {};

// Hides from the optimiser which coroutine a handle refers to, as if the handle came from another file.
template <class Coroutine> void escape(Coroutine &coroutine) {
  __asm__ volatile("" : "+r"(coroutine.owner.handle) : : "memory");
}

// Keeps the optimiser from replacing a loop by a formula. Adds no instruction.
inline void step(unsigned long &x) { __asm__("" : "+r"(x)); }
