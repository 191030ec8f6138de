/* A server whose licence is in the keyring, and whose workers check it.
 *
 *     forking_with_keyring
 *
 * A worker finds the licence if its parent has not connected to the keyring. Otherwise its check
 * fails at once with the cause, also if it opens the licence again. If the variable WITHOUT_KEYRING
 * is set, the parent has found no keyring, and its workers find what it found. Exit status: 0, or
 * the number of the step that failed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "latchkey.h"
#include "latchkey_product.h"

/* The number of a check; 0 stands for a licence that may run. */
static uint32_t checked(const latchkey_licence *licence) {
  latchkey_verdict *verdict = NULL;
  bool done = latchkey_check(licence, &verdict, NULL) == LATCHKEY_OK;
  bool may_run = done && latchkey_verdict_may_run(verdict);
  uint32_t number = may_run ? 0 : done ? latchkey_verdict_number(verdict) : UINT32_MAX;
  latchkey_verdict_free(verdict);
  return number;
}

static bool finds(const latchkey_licence *licence, uint32_t number) {
  uint32_t found = checked(licence);
  if (found != number) fprintf(stderr, "found %u\n", (unsigned)found);
  return found == number;
}

static bool opens_and_finds(uint32_t number) {
  latchkey_licence *own = NULL;
  bool done = latchkey_open(&LATCHKEY_PRODUCT, &own, NULL) == LATCHKEY_OK && finds(own, number);
  latchkey_close(own);
  return done;
}

static bool worker_finds(const latchkey_licence *licence, uint32_t number) {
  pid_t child = fork();
  if (child == 0) {
    /* Less than a check waits for a keyring that does not answer, and enough for one that does. */
    alarm(9);
    _exit(finds(licence, number) && opens_and_finds(number) ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) fprintf(stderr, "the worker hung\n");
  return status == 0;
}

int main(void) {
  latchkey_licence *licence = NULL;
  if (latchkey_open(&LATCHKEY_PRODUCT, &licence, NULL) != LATCHKEY_OK) return 1;
  if (getenv("WITHOUT_KEYRING")) {
    uint32_t number = checked(licence);
    if (number == UINT32_MAX || number == LATCHKEY_E_STORE_FORKED) return 6;
    fprintf(stderr, "the parent found %u\n", (unsigned)number);
    return worker_finds(licence, number) ? 0 : 7;
  }
  if (!worker_finds(licence, 0)) return 2;
  if (!finds(licence, 0)) return 3;
  if (!worker_finds(licence, LATCHKEY_E_STORE_FORKED)) return 4;
  if (!finds(licence, 0)) return 5;
  latchkey_close(licence);
  return 0;
}
