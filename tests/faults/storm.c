// Sends the process a signal at a given interval. The kernel chooses the OS thread that handles it; the handler uses a
// little stack. The handler is installed with `sigaction` or with `signal`; neither selects another stack for it.
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

static volatile int64_t count;

static void on_signal(int number) {
  (void)number;
  char room[2048];
  memset(room, 0x5a, sizeof room);
  __asm__ volatile("" : : "r"(room) : "memory");
  count++;
}

int storm(int how, int microseconds) {
  if (how == 0) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    if (sigaction(SIGUSR1, &action, NULL)) return 1;
  } else if (signal(SIGUSR1, on_signal) != SIG_DFL) {
    return 2;
  }
  struct sigevent event;
  memset(&event, 0, sizeof event);
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGUSR1;
  timer_t timer;
  if (timer_create(CLOCK_MONOTONIC, &event, &timer)) return 3;
  struct timespec period = {0, microseconds * 1000L};
  struct itimerspec times = {period, period};
  return timer_settime(timer, 0, &times, NULL);
}

int64_t signals(void) { return count; }
