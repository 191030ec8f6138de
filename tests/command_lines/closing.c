/* What a C program can do to a licence while a callback of it runs, or another thread uses it.
 *
 *     closing FILE FILE
 *
 * Every part makes its user data with `malloc` and frees it as early as latchkey.h allows, so that
 * a sanitizer sees a callback that comes too late. Exit status: 0, or the number of the part that
 * failed.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "latchkey.h"
#include "latchkey_product.h"

static latchkey_licence *opened(const char *file) {
  latchkey_licence *licence = NULL;
  remove(file);
  latchkey_open_file(&LATCHKEY_PRODUCT, file, &licence, NULL);
  return licence;
}

static uint32_t check(const latchkey_licence *licence) {
  latchkey_verdict *verdict = NULL;
  uint32_t number = latchkey_check(licence, &verdict, NULL);
  latchkey_verdict_message(verdict);
  latchkey_verdict_free(verdict);
  return number;
}

/* The next check finds something else than the one before. */
static void change(const char *file) {
  FILE *old = fopen(file, "rb");
  if (old != NULL) {
    fclose(old);
    remove(file);
    return;
  }
  FILE *made = fopen(file, "wb");
  fputs("no licence", made);
  fclose(made);
}

struct user {
  latchkey_licence *to_close;
  atomic_int times;
  atomic_bool wait;
  atomic_bool inside;
};

static struct user *user_of(latchkey_licence *to_close) {
  struct user *user = calloc(1, sizeof *user);
  user->to_close = to_close;
  return user;
}

static void pause_a_little(void) {
  nanosleep(&(struct timespec){.tv_nsec = 20 * 1000 * 1000}, NULL);
}

static void heard(void *pointer, const latchkey_verdict *verdict) {
  struct user *user = pointer;
  user->inside = true;
  latchkey_verdict_message(verdict);
  while (user->wait) {
    pause_a_little();
  }
  latchkey_close(user->to_close);
  pause_a_little();
  user->times++;
}

static void *checks_once(void *licence) {
  check(licence);
  return NULL;
}

static void *checks_until_closed(void *licence) {
  while (check(licence) == LATCHKEY_OK) {
  }
  return NULL;
}

/* A callback closes its own licence. */
static bool own(const char *file) {
  latchkey_licence *licence = opened(file);
  struct user *user = user_of(licence);
  latchkey_on_change(licence, heard, user, NULL);
  check(licence);
  change(file);
  bool done = check(licence) == LATCHKEY_OK && user->times == 1;
  done = done && check(licence) == LATCHKEY_E_SDK_ARGUMENT;
  latchkey_close(licence);
  free(user);
  return done;
}

/* A is closed while its callback runs on another thread. */
static bool busy(const char *file) {
  latchkey_licence *licence = opened(file);
  struct user *user = user_of(NULL);
  latchkey_on_change(licence, heard, user, NULL);
  check(licence);
  change(file);
  pthread_t other;
  pthread_create(&other, NULL, checks_once, licence);
  pause_a_little();
  latchkey_close(licence);
  free(user);
  pthread_join(other, NULL);
  return true;
}

/* A's callback closes B while B's callback runs on another thread and waits for a moment. */
static bool another(const char *first, const char *second) {
  latchkey_licence *a = opened(first), *b = opened(second);
  struct user *of_a = user_of(b), *of_b = user_of(NULL);
  latchkey_on_change(a, heard, of_a, NULL);
  latchkey_on_change(b, heard, of_b, NULL);
  check(a), check(b);
  change(first), change(second);
  pthread_t other;
  pthread_create(&other, NULL, checks_once, b);
  check(a);
  free(of_b);
  bool done = of_a->times == 1;
  latchkey_close(a);
  free(of_a);
  pthread_join(other, NULL);
  return done;
}

/* A's callback closes B while B's callback closes A: both return. */
static bool each_other(const char *first, const char *second) {
  latchkey_licence *a = opened(first), *b = opened(second);
  struct user *of_a = user_of(b), *of_b = user_of(a);
  of_a->wait = of_b->wait = true;
  latchkey_on_change(a, heard, of_a, NULL);
  latchkey_on_change(b, heard, of_b, NULL);
  check(a), check(b);
  change(first), change(second);
  pthread_t threads[2];
  pthread_create(&threads[0], NULL, checks_once, a);
  pthread_create(&threads[1], NULL, checks_once, b);
  pause_a_little();
  of_a->wait = of_b->wait = false;
  pthread_join(threads[0], NULL);
  pthread_join(threads[1], NULL);
  free(of_a);
  free(of_b);
  return check(a) == LATCHKEY_E_SDK_ARGUMENT && check(b) == LATCHKEY_E_SDK_ARGUMENT;
}

/* A licence is closed, twice, while others check and watch. */
static bool in_use(const char *file) {
  latchkey_licence *licence = opened(file);
  struct user *user = user_of(NULL);
  latchkey_on_change(licence, heard, user, NULL);
  latchkey_watch(licence, 1, NULL);
  pthread_t threads[4];
  for (int at = 0; at < 4; at++) {
    pthread_create(&threads[at], NULL, checks_until_closed, licence);
  }
  change(file);
  pause_a_little();
  latchkey_close(licence);
  free(user);
  latchkey_close(licence);
  for (int at = 0; at < 4; at++) {
    pthread_join(threads[at], NULL);
  }
  return true;
}

struct second {
  latchkey_licence *licence;
  struct user *user;
  bool out;
};

static void *closes_too(void *pointer) {
  struct second *second = pointer;
  latchkey_close(second->licence);
  second->out = second->user->times == 1;
  return NULL;
}

/* Two threads close a licence while its callback runs: neither returns before that has. */
static bool at_once(const char *file) {
  latchkey_licence *licence = opened(file);
  struct user *user = user_of(NULL);
  user->wait = true;
  latchkey_on_change(licence, heard, user, NULL);
  check(licence);
  change(file);
  pthread_t checker, closers[2];
  pthread_create(&checker, NULL, checks_once, licence);
  while (!user->inside) {
    pause_a_little();
  }
  struct second seconds[2] = {{licence, user, false}, {licence, user, false}};
  for (int at = 0; at < 2; at++) {
    pthread_create(&closers[at], NULL, closes_too, &seconds[at]);
  }
  pause_a_little();
  user->wait = false;
  for (int at = 0; at < 2; at++) {
    pthread_join(closers[at], NULL);
  }
  pthread_join(checker, NULL);
  free(user);
  return seconds[0].out && seconds[1].out;
}

struct forked {
  latchkey_licence *licence;
  const char *file;
  bool done;
};

static void forks(void *pointer, const latchkey_verdict *verdict) {
  (void)verdict;
  struct forked *forked = pointer;
  int answer[2];
  if (pipe(answer) != 0) return;
  pid_t child = fork();
  if (child == 0) {
    /* A hang ends the child, and the test with it. */
    alarm(60);
    latchkey_licence *own = NULL;
    bool done = latchkey_open_file(&LATCHKEY_PRODUCT, forked->file, &own, NULL) == LATCHKEY_OK;
    done = done && check(own) == LATCHKEY_OK && latchkey_watch(own, 1, NULL) == LATCHKEY_OK;
    latchkey_close(own);
    latchkey_close(forked->licence);
    /* Not by the exit status: Valgrind takes what belongs to the parent's other threads for a
     * leak. */
    _exit(done && write(answer[1], "y", 1) == 1 ? 0 : 1);
  }
  close(answer[1]);
  char said = 'n';
  forked->done = read(answer[0], &said, 1) == 1 && said == 'y';
  close(answer[0]);
  waitpid(child, NULL, 0);
}

/* A callback forks: the child opens the licence for itself, and nothing waits for what only the
 * parent has. */
static bool forking(const char *file) {
  latchkey_licence *licence = opened(file);
  struct forked *forked = calloc(1, sizeof *forked);
  *forked = (struct forked){licence, file, false};
  latchkey_on_change(licence, forks, forked, NULL);
  latchkey_watch(licence, 60, NULL);
  check(licence);
  change(file);
  check(licence);
  latchkey_close(licence);
  bool done = forked->done;
  free(forked);
  return done;
}

int main(int count, char **words) {
  if (count != 3) {
    return 100;
  }
  for (int round = 0; round < 5; round++) {
    if (!own(words[1])) return 1;
    if (!busy(words[1])) return 2;
    if (!another(words[1], words[2])) return 3;
    if (!each_other(words[1], words[2])) return 4;
    if (!in_use(words[1])) return 5;
    if (!at_once(words[1])) return 6;
    if (!forking(words[1])) return 7;
  }
  return 0;
}
