// Parses LINES lines and adds up their dollar signs: the n-th line has n dollar signs. One generator gives the
// characters, and another generator counts the dollar signs of each line. Usage: effect_parsing_dollars LINES
#include "coroutine.hpp"
#include <cstdio>
#include <cstdlib>

static Generator<char> characters(long lines) {
  for (long line = 1; line <= lines; line++) {
    for (long i = 0; i < line; i++) co_yield '$';
    co_yield '\n';
  }
}

static Generator<long> numbers(Generator<char> characters) {
  long dollars = 0;
  while (characters.next()) {
    const char c = characters.value();
    if (c == '$') {
      dollars++;
    } else if (c == '\n') {
      co_yield dollars;
      dollars = 0;
    } else {
      co_return;
    }
  }
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  long sum = 0;
  for (auto g = numbers(characters(std::strtol(argv[1], nullptr, 10))); g.next();) sum += g.value();
  std::printf("%ld\n", sum);
}
