/* A server: threads use licences of their own and one that they share, and meanwhile the process
 * forks its workers.
 *
 *     forking FILE
 *
 * Each worker opens the licence for itself, and uses the one that it has from its parent. None may
 * wait for a thread that only the parent has. Exit status: 0, or 1 if a worker hung or found
 * something else than the parent.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "latchkey.h"
#include "latchkey_product.h"

enum { THREADS = 3, WORKERS = 100 };

static const char *file;
static latchkey_licence *shared;
static atomic_bool over;

/* Whether a licence is asked for, and says in words what it found. */
static bool asked(const latchkey_licence *licence) {
  latchkey_verdict *verdict = NULL;
  uint32_t number = latchkey_check(licence, &verdict, NULL);
  const char *message = latchkey_verdict_message(verdict);
  bool done = number == LATCHKEY_OK && message != NULL && strlen(message) > 0;
  latchkey_verdict_free(verdict);
  return done;
}

static bool opened_and_asked(void) {
  latchkey_licence *own = NULL;
  bool done = latchkey_open_file(&LATCHKEY_PRODUCT, file, &own, NULL) == LATCHKEY_OK && asked(own);
  latchkey_close(own);
  return done;
}

static void heard(void *nothing, const latchkey_verdict *verdict) {
  (void)nothing, (void)verdict;
}

static void *uses(void *nothing) {
  while (!over) {
    opened_and_asked();
    asked(shared);
    latchkey_watch(shared, 60, NULL);
  }
  return nothing;
}

static bool worker(void) {
  bool done = opened_and_asked() && asked(shared);
  done = done && latchkey_on_change(shared, heard, NULL, NULL) == LATCHKEY_OK;
  done = done && latchkey_watch(shared, 60, NULL) == LATCHKEY_OK;
  latchkey_close(shared);
  return done;
}

int main(int count, char **words) {
  if (count != 2) return 100;
  file = words[1];
  if (latchkey_open_file(&LATCHKEY_PRODUCT, file, &shared, NULL) != LATCHKEY_OK) return 101;
  pthread_t threads[THREADS];
  for (int at = 0; at < THREADS; at++) {
    pthread_create(&threads[at], NULL, uses, NULL);
  }
  int good = 0;
  for (int at = 0; at < WORKERS; at++) {
    pid_t child = fork();
    if (child == 0) {
      /* A hang ends the worker, and the test with it. */
      alarm(60);
      _exit(worker() ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    if (status != 0) {
      fprintf(stderr, "worker %d: %s\n", at, WIFSIGNALED(status) ? "hung" : "found something else");
      break;
    }
    good++;
  }
  over = true;
  for (int at = 0; at < THREADS; at++) {
    pthread_join(threads[at], NULL);
  }
  latchkey_close(shared);
  return good == WORKERS ? 0 : 1;
}
