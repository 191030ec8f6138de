/* A product that checks its licence again and again while the keyring is locked.
 *
 *     checking_again
 *
 * Exit status: 0 if every check fails because the user doesn't answer the keyring's prompt, or the
 * number of the step that differs.
 */
#include <stdio.h>

#include "latchkey.h"
#include "latchkey_product.h"

int main(void) {
  latchkey_licence *licence = NULL;
  if (latchkey_open(&LATCHKEY_PRODUCT, &licence, NULL) != LATCHKEY_OK) return 1;
  for (int step = 2; step < 6; step++) {
    latchkey_verdict *verdict = NULL;
    if (latchkey_check(licence, &verdict, NULL) != LATCHKEY_OK) return step;
    uint32_t number = latchkey_verdict_number(verdict);
    latchkey_verdict_free(verdict);
    fprintf(stderr, "found %u\n", (unsigned)number);
    if (number != LATCHKEY_E_STORE_DENIED) return step;
  }
  latchkey_close(licence);
  return 0;
}
