/* Stands between a program and liblatchkey.so, and counts the licences and verdicts that are open.
 *
 * It replaces the functions that make and free something. It is linked with the library, where all
 * other functions are found.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <search.h>
#include <stdint.h>
#include <stdlib.h>

typedef int (*function)(void *, void *, void *, void *);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *licences, *verdicts;
static int open_licences, open_verdicts, faults;

static function real(const char *name) {
  void *library = dlopen("liblatchkey.so", RTLD_NOW);
  if (library == NULL) abort();
  return (function)dlsym(library, name);
}

static int by_address(const void *one, const void *other) {
  return (one > other) - (one < other);
}

static void add(void **set, int *count, void *made) {
  if (made == NULL) return;
  pthread_mutex_lock(&lock);
  tsearch(made, set, by_address);
  (*count)++;
  pthread_mutex_unlock(&lock);
}

/* Whether it was there. */
static int take(void **set, int *count, void *freed) {
  pthread_mutex_lock(&lock);
  int found = tdelete(freed, set, by_address) != NULL;
  *count -= found;
  pthread_mutex_unlock(&lock);
  return found;
}

uint32_t latchkey_open_file(void *product, void *file, void **licence, void *error) {
  uint32_t number = (uint32_t)real("latchkey_open_file")(product, file, licence, error);
  if (number == 0) add(&licences, &open_licences, *licence);
  return number;
}

/* Closing again does nothing, so it is no fault. */
void latchkey_close(void *licence) {
  real("latchkey_close")(licence, NULL, NULL, NULL);
  take(&licences, &open_licences, licence);
}

uint32_t latchkey_check(void *licence, void **verdict, void *error) {
  uint32_t number = (uint32_t)real("latchkey_check")(licence, verdict, error, NULL);
  if (number == 0) add(&verdicts, &open_verdicts, *verdict);
  return number;
}

uint32_t latchkey_last_verdict(void *licence, void **verdict, void *age, void *error) {
  uint32_t number = (uint32_t)real("latchkey_last_verdict")(licence, verdict, age, error);
  if (number == 0) add(&verdicts, &open_verdicts, *verdict);
  return number;
}

void latchkey_verdict_free(void *verdict) {
  if (verdict == NULL) return;
  /* Before it is free, because another thread may get the same address then. */
  if (take(&verdicts, &open_verdicts, verdict)) {
    real("latchkey_verdict_free")(verdict, NULL, NULL, NULL);
  } else {
    pthread_mutex_lock(&lock);
    faults++;
    pthread_mutex_unlock(&lock);
  }
}

static int read_count(const int *count) {
  pthread_mutex_lock(&lock);
  int value = *count;
  pthread_mutex_unlock(&lock);
  return value;
}

int counting_open_licences(void) { return read_count(&open_licences); }
int counting_open_verdicts(void) { return read_count(&open_verdicts); }
/* How many verdicts were freed that weren't open. */
int counting_faults(void) { return read_count(&faults); }
