// Walks a balanced tree of DEPTH levels in order, TIMES times, by a recursive generator. The nodes lie in memory in the
// order of the walk. Usage: gen_walk DEPTH TIMES
#include "coroutine.hpp"
#include <cstdio>
#include <cstdlib>
#include <vector>

struct Node {
  Node *left;
  long value;
  Node *right;
};

static Node *build(long depth, std::vector<Node> &nodes) {
  if (depth == 0) return nullptr;
  Node *left = build(depth - 1, nodes);
  nodes.push_back({left, static_cast<long>(nodes.size()) + 1, nullptr});
  Node *node = &nodes.back();
  node->right = build(depth - 1, nodes);
  return node;
}

static Chain<long> walk(Node *node) {
  if (!node) co_return;
  co_yield walk(node->left);
  co_yield node->value;
  co_yield walk(node->right);
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  const long depth = std::strtol(argv[1], nullptr, 10), times = std::strtol(argv[2], nullptr, 10);
  std::vector<Node> nodes;
  nodes.reserve(1L << depth); // so that no node moves
  Node *tree = build(depth, nodes);
  unsigned long sum = 0;
  for (long i = 0; i < times; i++)
    for (auto g = walk(tree); g.next();) sum += g.value();
  std::printf("%lu\n", sum);
}
