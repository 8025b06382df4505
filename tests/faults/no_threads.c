// Limits the number of OS threads that a program can start to the value of the environment variable `THREADS`.
// `LD_PRELOAD` loads this library before the C library.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

typedef void *(*start_function)(void *);
typedef int (*create_function)(pthread_t *, const pthread_attr_t *, start_function, void *);

static atomic_int made;

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, start_function start, void *argument) {
  create_function create = (create_function)dlsym(RTLD_NEXT, "pthread_create");
  if (atomic_fetch_add(&made, 1) >= atoi(getenv("THREADS"))) return EAGAIN;
  return create(thread, attributes, start, argument);
}
