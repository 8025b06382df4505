// Sums the values in a tree of DEPTH levels. A recursive generator gives the values one by one. Usage: effect_generator
// DEPTH
#include "coroutine.hpp"
#include <cstdio>
#include <cstdlib>

struct Node {
  const Node *left;
  long value;
  const Node *right;
};

// Both subtrees of a node are the same object.
static const Node *make(long depth) {
  if (depth == 0) return nullptr;
  const Node *below = make(depth - 1);
  return new Node{below, depth, below};
}

static Chain<long> iterate(const Node *node) {
  if (!node) co_return;
  co_yield iterate(node->left);
  co_yield node->value;
  co_yield iterate(node->right);
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  long sum = 0;
  for (auto g = iterate(make(std::strtol(argv[1], nullptr, 10))); g.next();) sum += g.value();
  std::printf("%ld\n", sum);
}
